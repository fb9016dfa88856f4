#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# T45 from outside: `pdp-check lint` names both rows of a table that has two
# for the same requests, and of those that only decoding makes the same; and
# what does not load cannot be used to decide.  The function t45_... of
# test_threats_routes.c holds the loader to the same.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

table() { # path of the first row, of the second
    printf '%s\n' \
        '{ "format": "pdp-service/1", "service": "s", "actions": {},' \
        '  "roles": {}, "events": {},' \
        '  "params": { "a": { "kind": "resource" }, "b": { "kind": "text" } },' \
        '  "routes": [' \
        "  { \"method\": \"GET\", \"path\": \"$1\"," \
        '    "access": "public", "event": null },' \
        "  { \"method\": \"GET\", \"path\": \"$2\"," \
        '    "access": "public", "event": null } ] }' >table.json
}

says() { # name, words of one line of the output
    grep -qE -- "$2" .stdout || {
        cat .stdout
        fail "$1" "no line says $2"
    }
    ok "$1"
}

table /x /x
status equal 1 lint table.json
says equal-rows '^table\.json:7:.*error: .*"/x" of line 5 .*same_route'
table '/x/{a}/y' '/x/{b}/y'
status shape 1 lint table.json
says shape-rows '^table\.json:7:.*error: .*"/x/\{a\}/y" of line 5 '
status shape-decides 2 decide --service table.json --at "$at" /x/1/y

table '/x/{a}' '/x/issue/{b}'
status decoded 0 lint table.json
says decoded-rows '^table\.json:5:.*note: .*"/x/issue/\{b\}" of line 7'
status decoded-denied 1 decide --service table.json --at "$at" \
    /x/issue%2F1
says decoded-reason 'ambiguous_path'
status decoded-other 0 decide --service table.json --at "$at" /x/issue/1
