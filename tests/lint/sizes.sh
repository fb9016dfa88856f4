#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# A file is read in one sitting and a function on one or two screens:
#   C files, scripts                 at most 600 lines
#   configure.ac                     at most 200 lines
#   files of lib/                    median at most 200 lines
#   functions                        at most 100 lines, from { to }

set -u
cd "${srcdir:-.}" || exit 99
status=0

files=$(find lib tools tests -name '*.[ch]' ! -path 'tools/nginx/*' \
    ! -name builtin.c |
    LC_ALL=C sort)

# Function bodies begin and end with a brace in the first column: the house
# style puts them there.
# shellcheck disable=SC2086 # a list of names
awk '
    FNR == 1 { check_file(); name = FILENAME; open = 0 }
    { lines = FNR }
    /^\{/ { open = FNR; head = previous }
    /^\}/ && open {
        if (FNR - open + 1 > 100) {
            printf "%s:%d: a function of %d lines: %s\n", FILENAME, open,
                FNR - open + 1, head
            print "    mend: split it where its comment says \"and\""
            bad = 1
        }
        open = 0
    }
    { if ($0 !~ /^[ {]/) previous = $0 }
    function check_file() {
        if (name != "" && lines > 600) {
            printf "%s: %d lines\n", name, lines
            print "    mend: split it by subject, one file each"
            bad = 1
        }
    }
    END { check_file(); exit bad }
' $files || status=1

cap() { # lines, how to mend, files
    cap=$1
    mend=$2
    shift 2
    awk -v cap="$cap" -v mend="$mend" '
        FNR == cap + 1 {
            printf "%s: more than %d lines\n    mend: %s\n", FILENAME, cap,
                mend
            bad = 1
        }
        END { exit bad }
    ' "$@" || status=1
}
scripts=$(find bootstrap.sh .ci/run lib tools tests docs -type f \
    \( -name '*.sh' -o -name '*.py' -o -path .ci/run \) 2>/dev/null)
# shellcheck disable=SC2086 # a list of names
cap 600 "split it by subject, one file each" /dev/null $scripts
cap 200 "keep to pkg-config and probes of flags; others belong elsewhere" \
    configure.ac

lib_cnt=$(find lib -name '*.c' | wc -l)
median=$(find lib -name '*.c' -exec wc -l {} \; | sort -n |
    awk -v middle=$(((lib_cnt + 1) / 2)) 'NR == middle { print $1 }')
if [ "${median:-0}" -gt 200 ]; then
    printf 'lib/: the median file has %d lines\n' "$median"
    printf '    mend: keep it at or below 200; split the largest files\n'
    status=1
fi

exit "$status"
