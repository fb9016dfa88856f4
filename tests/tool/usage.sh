#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# The tool as a whole: help, version, misspelt names, and output that cannot
# be written.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

check usage-help 0 --help
status usage-help-short 0 -h
check usage-version 0 --version
status usage-version-short 0 -V
check usage-nothing 2
check usage-command 2 decid /
check usage-command-far 2 frobnicate
check usage-command-hostile 2 "$(printf '\033[31mred')"
check usage-option-before 2 --format json routes
check usage-option 2 routes --fromat json
check usage-option-far 2 routes --frobnicate
check usage-option-short 2 routes -Z
check usage-option-value 2 routes --format
check usage-option-no-value 2 routes --help=yes
check usage-option-twice 2 routes --format tsv --format json
check usage-option-of-another 2 routes --token x

full() { # name, arguments
    name=$1
    shift
    got=0
    "$PDP_CHECK" "$@" >/dev/full 2>.stderr || got=$?
    [ "$got" -eq 3 ] || fail "$name" "status $got, not 3"
    grep -q 'cannot write the output: No space left on device' .stderr ||
        fail "$name" "$(cat .stderr)"
    ok "$name"
}
if [ -c /dev/full ]; then
    full output-full-routes routes
    full output-full-json actions -f json
    full output-full-decide decide --format tsv /api/v1/messages
    full output-full-help --help
else
    echo "output-full: skipped, there is no /dev/full"
fi

got=0
"$PDP_CHECK" routes >&- 2>.stderr || got=$?
[ "$got" -eq 3 ] || fail output-closed "status $got, not 3"
grep -q 'cannot write the output' .stderr || fail output-closed "$(cat .stderr)"
ok output-closed

# With stdout closed, a file that is written must not become stdout.
got=0
"$PDP_CHECK" keygen --private key.pem --jwks jwks.json >&- 2>.stderr || got=$?
[ "$got" -eq 3 ] || fail output-closed-key "status $got, not 3"
[ "$(tail -n 1 key.pem)" = "-----END PRIVATE KEY-----" ] ||
    fail output-closed-key "$(tail -n 1 key.pem)"
ok output-closed-key

# A reader that goes away: the first write fails, the tool says so.
mkfifo pipe
got=0
(exec 3<pipe) &
{
    sleep 1
    status=0
    "$PDP_CHECK" routes 2>.stderr || status=$?
    echo "$status" >.status
} >pipe
wait
[ "$(cat .status)" = 3 ] || fail output-pipe "status $(cat .status), not 3"
grep -q 'cannot write the output: Broken pipe' .stderr ||
    fail output-pipe "$(cat .stderr)"
ok output-pipe

# Colours: on a terminal only, and not with NO_COLOR.
coloured() { # name, yes or no, environment
    name=$1
    want=$2
    shift 2
    env "$@" script -qec "'$PDP_CHECK' decide /api/v1/messages" /dev/null \
        >.stdout </dev/null
    found=no
    grep -q "$(printf '\033')" .stdout && found=yes
    [ "$found" = "$want" ] || fail "$name" "coloured: $found"
    grep -q 'ALLOW' .stdout || fail "$name" "$(cat .stdout)"
    ok "$name"
}
# A system that was just made may have no script(1), or no pseudoterminals.
if ! command -v script >/dev/null 2>&1; then
    echo "colour-terminal: skipped, there is no script(1)"
elif ! script -qec 'test -t 1' /dev/null >/dev/null 2>&1 </dev/null; then
    echo "colour-terminal: skipped, script(1) cannot get a terminal"
else
    coloured colour-terminal yes TERM=xterm
    coloured colour-no-color no TERM=xterm NO_COLOR=1
    coloured colour-no-color-empty yes TERM=xterm NO_COLOR=
    coloured colour-dumb no TERM=dumb
fi
TERM=xterm run decide /api/v1/messages
if grep -q "$(printf '\033')" .stdout; then fail colour-file "escapes"; fi
ok colour-file
