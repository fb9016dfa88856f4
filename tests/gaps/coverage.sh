#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Which lines and branches of lib/text, lib/decide and lib/load does no test
# run?  Called by `make coverage`: builds everything again with counters in
# coverage/ of the build folder, runs the unit tests, the named tests, the
# injected faults and the fuzz corpora, and writes coverage/html/index.html.
#
# Branches of lib/decide and lib/text that no test takes are findings, exit
# status 1: each needs a test, or PDP_NEVER() where nothing can reach it.
#
# Variables:
#   srcdir        the source folder (.)
#   MAKE, JOBS    make; how many at once (2)

set -u
srcdir=$(cd "${srcdir:-.}" && pwd) || exit 99
: "${MAKE:=make}" "${JOBS:=2}"
folder=$PWD/coverage

command -v gcovr >/dev/null 2>&1 || {
    echo "coverage: gcovr is missing"
    echo "    mend: sh bootstrap.sh packages gcovr"
    exit 77
}

mkdir -p "$folder" && cd "$folder" || exit 99
if [ ! -f Makefile ]; then
    # Threads of a test share the counters.
    "$srcdir/configure" --quiet --enable-coverage \
        CFLAGS="-O0 -g -fprofile-update=atomic" || exit 99
fi
# Counters of a run before this one would hide what is no longer tested.
find . -name '*.gcda' -exec rm -f {} +
"$MAKE" -s -j "$JOBS" check TESTS= >make.log 2>&1 || {
    tail -n 30 make.log
    exit 99
}
# shellcheck disable=SC2016 # a variable of make
"$MAKE" -s -j "$JOBS" check TESTS='$(covering_tests)' >check.log 2>&1 || {
    grep -E '^(FAIL|ERROR): ' check.log
    echo "coverage: tests fail; the log is $folder/check.log"
    exit 1
}

# report FILTER OPTION...: branches that the compiler made up do not count,
# nor those inside the macros of uthash.
report() {
    filter=$1
    shift
    gcovr --root "$srcdir" --object-directory . --filter "$srcdir/lib/$filter/" \
        --exclude-unreachable-branches --exclude-throw-branches \
        --exclude-branches-by-pattern '^ *HASH_(ADD|FIND)_' \
        --gcov-ignore-parse-errors "$@" 2>>gcovr.log
}

: >gcovr.log
mkdir -p html
report '(text|decide|load)' --html-details html/index.html \
    --html-title 'libpdp: what the tests run' || {
    cat gcovr.log
    exit 99
}
status=0
for layer in text decide load; do
    printf 'lib/%-7s' "$layer"
    # Never a device: gcovr removes what -o names before it writes it.
    report "$layer" --print-summary -o total.txt |
        awk '/^(lines|branches):/ {
            printf "  %s", $0
        } END { print "" }'
done
for layer in text decide; do
    report "$layer" --branches | awk '$1 ~ /^lib/ && $4 != "100%" && $4 != "--%"' \
        >missing.txt
    if [ -s missing.txt ]; then
        status=1
        echo "lib/$layer: branches that no test takes (file, all, taken, share, lines):"
        cat missing.txt
    fi
done
[ "$status" -eq 0 ] ||
    echo "    mend: write the test, or mark what nothing can reach: PDP_NEVER()"
echo "coverage: the pages begin at $folder/html/index.html"
exit "$status"
