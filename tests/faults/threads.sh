#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# The thread test with ThreadSanitizer, longer than in `make check`: `make
# check-threads`.  Builds in threads/ below the build folder.
#
# libcrypto is not instrumented.  Its locks are seen all the same (they are
# pthread locks), its atomic counters are not; no suppression is needed,
# because snapshots have a counter of ours, which orders the last use of a key
# before its end.
set -eu

: "${srcdir:=.}"
: "${MAKE:=make}"
: "${PDP_FAULT_ROUNDS:=10}"
export PDP_FAULT_ROUNDS

source=$(cd "$srcdir" && pwd)
if [ -f "$source/config.status" ]; then
    echo "FAIL: the source folder is configured; run make distclean there and"
    echo "  build in another folder"
    exit 1
fi
mkdir -p threads
cd threads
if [ ! -f Makefile ]; then
    "$source/configure" --quiet --enable-sanitizers=thread ${CC:+"CC=$CC"}
fi
"$MAKE" -s tests/faults/test_threads tests/unit/test_verify
TSAN_OPTIONS="halt_on_error=1 ${TSAN_OPTIONS:-}"
export TSAN_OPTIONS
./tests/faults/test_threads
./tests/unit/test_verify
echo "PASS: no race found"
