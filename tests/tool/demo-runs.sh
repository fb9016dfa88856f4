#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# The demonstration runs: each caption is printed with its number, each one
# is followed by a decision, and the last line counts them.  (That a decision
# is what its caption says is checked by demo.sh itself.)

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

got=0
sh "$here/demo.sh" "$PDP_CHECK" >.stdout 2>.stderr </dev/null || got=$?
[ "$got" -eq 0 ] || {
    cat .stdout .stderr
    fail demo-status "$got, not 0"
}
ok demo-status
[ ! -s .stderr ] || fail demo-quiet "$(cat .stderr)"
ok demo-quiet

sed -n 's/^show "\(.*\)" \\$/\1/p' "$here/demo.sh" |
    awk '{ print NR ". " $0 }' >captions
total=$(awk 'END { print NR }' captions)
[ "$total" -ge 8 ] || fail demo-captions "$total: has their form changed?"
grep -E '^[0-9]+\. ' .stdout >shown || true
same demo-captions captions shown

decisions=$(grep -cE '^(ALLOW|DENY) [a-z_]+$' .stdout)
[ "$decisions" -eq "$total" ] ||
    fail demo-decisions "$decisions, for $total captions"
ok demo-decisions

printf 'It works: all %d decisions are what their captions say.\n' "$total" \
    >want
tail -n 1 .stdout >last
same demo-last-line want last

# Without a program there is nothing to show.
got=0
sh "$here/demo.sh" ./none >.stdout 2>.stderr || got=$?
[ "$got" -eq 2 ] || fail demo-no-program "status $got, not 2"
ok demo-no-program
