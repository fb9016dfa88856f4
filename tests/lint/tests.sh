#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# What must have a test, and what must be in the manual:
#   every lib/*/NAME.c       a program tests/unit/test_NAME.c
#   every reason             pdp-reasons(7); and, if lib/ ever gives it, a test
#                            other than that of the table itself
#   every diagnostic code    a manual page; and, likewise, a test

set -u
cd "${srcdir:-.}" || exit 99
status=0

bad() { # what is wrong, how to mend it
    printf '%s\n    mend: %s\n' "$1" "$2"
    status=1
}

for source in lib/*/*.c; do
    # Generated, where the tree was configured in place.
    [ "$source" != lib/load/builtin.c ] || continue
    test=tests/unit/test_$(basename "$source")
    [ -f "$test" ] || bad "$source: there is no $test" \
        "write it; negative cases assert the exact reason or code"
done

# A program that no list names is never built, and a test that is never run
# cannot fail.
for program in tests/*/test_*.c tests/fuzz/fuzz_*.c; do
    grep -qw -- "${program%.c}" tests/Makemodule.am tests/*/Makemodule.am ||
        bad "$program: in no tests/**/Makemodule.am" "add it to the lists there"
done
for script in tests/*/*.sh tests/*/*.py; do
    grep -qw -- "$script" tests/Makemodule.am tests/*/Makemodule.am ||
        bad "$script: in no tests/**/Makemodule.am" "add it to the lists there"
done
for source in lib/*/*.[ch] tools/*/*.[ch]; do
    [ "$source" != lib/load/builtin.c ] || continue
    grep -qw -- "$source" lib/Makemodule.am tools/Makemodule.am ||
        bad "$source: in no Makemodule.am" "add it to the lists there"
done

used() { # enumerator, file of the table without its suffix
    grep -rqw --include='*.[ch]' "$1" lib --exclude="$2"
}

# An enumerator in C, or the quoted or bare name in a script or vector.
tested() { # enumerator, name, test of the table
    grep -rqwE "$1" tests --include='*.[ch]' --exclude="$3" ||
        grep -rqF "\"$2\"" tests --include='*.[ch]' --exclude="$3" ||
        grep -rqw "$2" tests --include='*.sh' --include='*.py' \
            --include='*.tsv' --include='*.json' --include='*.jsonl' \
            --include='*.yaml' --include='*.txt' --include='*.out' \
            --exclude-dir=lint
}

# "ID name" for each line X(ID, "name" of a table.
table() {
    sed -nE 's/^    X\(([A-Z0-9_]+), "([a-z0-9_]+)".*/\1 \2/p' "$1"
}

reasons=$(table include/pdp/reason.h)
while read -r id name; do
    grep -qE "^\\.(It|Em|Cm|Sy|Ss|Dv) .*\\b$name\\b" docs/man/pdp-reasons.7 ||
        bad "reason $name: not in docs/man/pdp-reasons.7" \
            "say what it means and what the caller should do"
    if used "PDP_REASON_$id" 'reason.[ch]' &&
        ! tested "PDP_REASON_$id" "$name" test_reason.c; then
        bad "reason $name: no test provokes it" \
            "add a case that asserts PDP_REASON_$id"
    fi
done <<END
$reasons
END

codes=$(table lib/base/report.h)
while read -r id name; do
    grep -rqw "$name" docs/man || bad "code $name: in no manual page" \
        "add it to the table in docs/man/pdp-service.5"
    if { used "PDP__CODE_$id" 'report.[ch]' ||
        grep -rqE "PDP__DOC_ADD\\([^,]*, *$id\\b" lib; } &&
        ! tested "PDP__CODE_$id" "$name" test_report.c &&
        ! grep -rq "\"$name\"" tests/unit --include='*.c' \
            --exclude=test_report.c; then
        bad "code $name: no test provokes it" \
            "add a case with its line and column"
    fi
done <<END
$codes
END

# An empty table would pass everything.
[ -n "$reasons" ] || bad "include/pdp/reason.h: no table found" \
    "keep the form X(ID, \"name\", ...)"
[ -n "$codes" ] || bad "lib/base/report.h: no table found" \
    "keep the form X(ID, \"name\", ...)"

exit "$status"
