#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Replays the corpus of every fuzz target with the ordinary compiler's build,
# so that what a fuzzer once found stays found.  A target without a corpus,
# or one that was fed nothing, is a failure.

set -eu
failed=0
for program in $PDP_FUZZ; do
    what=${program##*/fuzz_}
    corpus=${srcdir:?}/tests/fuzz/corpus/$what
    if [ ! -d "$corpus" ]; then
        echo "fuzz_$what: no corpus: add files to tests/fuzz/corpus/$what/"
        failed=1
    elif ! "./$program" "$corpus"; then
        echo "fuzz_$what: failed; run ./$program $corpus"
        failed=1
    fi
done
exit "$failed"
