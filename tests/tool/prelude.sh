#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# What the tests of pdp-check share; they source it, it tests nothing.
#
# $PDP_CHECK is the program, $srcdir the source tree.  The work is done in a
# new directory that is removed at the end; the clock is fixed by --at.
#
#   check NAME STATUS ARGUMENT...   runs the program; stdout, stderr and
#                                   status must be those of golden/NAME.txt
#   same NAME WANT GOT              compares two files
#   status NAME STATUS ARGUMENT...  looks at the status only
#
# The first mismatch prints a diff and ends the test.  UPDATE_GOLDEN=1 writes
# the expected files instead: read them before you commit them.

set -eu
LC_ALL=C
export LC_ALL
umask 022
unset NO_COLOR

: "${PDP_CHECK:?the program to test}"
here=$(cd "${srcdir:-.}/tests/tool" && pwd)
golden=$here/golden
case $PDP_CHECK in
/*) ;;
*) PDP_CHECK=$(pwd)/$PDP_CHECK ;;
esac
export PDP_CHECK

work=$(mktemp -d)
trap 'cd / && rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

# 2026-11-21T09:30:00Z is 1795253400
at=2026-11-21T09:30:00Z
account=0123456789abcdef0123456789abcdef
image=/api/v1/images/us.icr.io%2Fbirds%2Fwren:1
export at account image

ok() { # name
    printf 'ok %s\n' "$1"
}

fail() { # name, what
    printf 'not ok %s: %s\n' "$1" "$2"
    exit 1
}

same() { # name, wanted file, file
    if [ "${UPDATE_GOLDEN:-0}" = 1 ] && [ "${2#"$golden"/}" != "$2" ]; then
        cp "$3" "$2"
    fi
    if ! diff -u "$2" "$3"; then
        fail "$1" "differs from $2"
    fi
    ok "$1"
}

run() { # arguments; sets got
    got=0
    "$PDP_CHECK" "$@" >.stdout 2>.stderr || got=$?
}

status() { # name, status, arguments
    name=$1
    want=$2
    shift 2
    run "$@"
    if [ "$got" -ne "$want" ]; then
        cat .stdout .stderr
        fail "$name" "status $got, not $want"
    fi
    ok "$name"
}

check() { # name, status, arguments
    name=$1
    want=$2
    shift 2
    run "$@"
    {
        cat .stdout
        if [ -s .stderr ]; then
            echo "--- stderr"
            cat .stderr
        fi
    } >.got
    if [ "$got" -ne "$want" ]; then
        cat .got
        fail "$name" "status $got, not $want"
    fi
    same "$name" "$golden/$name.txt" .got
}

# A key of the default issuer, and a token for it, once per test.
make_key() {
    "$PDP_CHECK" keygen --private key.pem --jwks jwks.json --kid test \
        >/dev/null
}

token() { # file, options of the command token
    file=$1
    shift
    "$PDP_CHECK" token --key key.pem --kid test --at "$at" "$@" \
        >"$file" 2>/dev/null
}

# Whether a file is valid JSON with these values; needs python3.
json() { # name, file, Python expression over `value`
    python3 - "$2" "$3" <<'END' || fail "$1" "$3 is not so"
import json
import sys

with open(sys.argv[1], encoding="ascii") as stream:
    value = json.load(stream)
sys.exit(0 if eval("(" + sys.argv[2] + ")") else 1)
END
    ok "$1"
}

# Whether JUnit, TAP or a page of coverage is well-formed, and so; see
# suite_read.py.
reads() { # name, file, what it is, Python expression
    if ! python3 "$here/suite_read.py" "$3" "$2" "$4" >.reader 2>&1; then
        cat .reader
        fail "$1" "$2 is not so"
    fi
    ok "$1"
}
