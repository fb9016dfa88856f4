#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Two SPDX lines at the head of every file that can hold a comment.  A #!
# line may come first.

set -u
cd "${srcdir:-.}" || exit 99
status=0

files=$(find include lib tools tests docs policies .ci bootstrap.sh \
    configure.ac Makefile.am -type f ! -name builtin.c \( -name '*.[chly]' -o -name '*.sh' \
    -o -name '*.py' -o -name '*.am' -o -name '*.ac' -o -name '*.map' \
    -o -name '*.[1-8]' -o -name '*.pc.in' -o -path .ci/run \) 2>/dev/null |
    LC_ALL=C sort)

# shellcheck disable=SC2086 # a list of names
awk '
    FNR == 1 { check(); name = FILENAME; license = author = 0 }
    FNR > 3 { next }
    /SPDX-License-Identifier: Apache-2\.0/ { license = 1 }
    /SPDX-FileCopyrightText: The libpdp authors/ { author = 1 }
    function check() {
        if (name != "" && !(license && author)) {
            printf "%s: no SPDX lines at its head\n", name
            print "    mend: begin as bootstrap.sh or include/pdp.h does"
            bad = 1
        }
    }
    END { check(); exit bad }
' $files || status=1

# awk sees no lines in an empty file.
for file in $files; do
    [ -s "$file" ] && continue
    printf '%s: empty\n    mend: write it, or take it away\n' "$file"
    status=1
done

exit "$status"
