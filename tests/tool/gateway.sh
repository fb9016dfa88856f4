#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# gateway-lint: every finding about the configurations of
# tests/vectors/gateway (T48, T49), those that are shipped are clean, and a
# configuration that is not complete is not judged.  tests/integration shows
# with a real nginx that what is found is so.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

tree=$(cd "$here/../.." && pwd)
cp "$tree"/tests/vectors/gateway/* "$tree"/docs/examples/nginx/*.conf .

check gateway_lint-help 0 gateway-lint --help
check gateway-no-file 2 gateway-lint
check gateway-two-files 2 gateway-lint nginx.conf nginx.conf
check gateway-unreadable 2 gateway-lint none.conf

# what the project ships is clean; a trial run guards nothing
check gateway-shipped 0 gateway-lint nginx.conf
printf 'include trial.conf;\n' >main.conf
check gateway-trial 1 gateway-lint main.conf

# each topic, with everything that is wrong about it
for topic in guard satisfy pages before forward ask around sets judged asked \
    ways; do
    check "gateway-$topic" 1 gateway-lint "$topic.conf"
done
check gateway-words 0 gateway-lint words.conf

# formats
check gateway-json 1 gateway-lint --format json satisfy.conf
json gateway-json-members .stdout 'len(value) == 4 and list(value[0]) ==
  ["file", "line", "column", "severity", "code", "message", "hint"]'
check gateway-tsv 1 gateway-lint -f tsv satisfy.conf
check gateway-clean-json 0 gateway-lint -f json nginx.conf
check gateway-clean-tsv 0 gateway-lint -f tsv nginx.conf

# files: relative to the main one, or to --prefix; patterns; further ones
mkdir -p conf/sites main
mv pdp*.conf registry.conf conf
printf 'include pdp.conf;\ninclude registry.conf;\n' >conf/shop.conf
printf 'include sites/*.conf;\ninclude shop.conf;\n' >main/nginx.conf
check gateway-prefix-missing 2 gateway-lint main/nginx.conf
status gateway-prefix 0 gateway-lint --prefix conf main/nginx.conf
printf 'server { location / { proxy_pass http://127.0.0.1:5000; } }\n' \
    >conf/sites/b.conf
printf 'server { location / { proxy_pass http://[::1]:5000; } }\n' \
    >conf/sites/a.conf
check gateway-pattern 1 gateway-lint -p conf main/nginx.conf

# no judgement on what is not complete
broken() { # name, text
    printf '%b' "$2" >"$1.conf"
    check "gateway-broken-$1" 2 gateway-lint "$1.conf"
}
broken brace 'http {\n    server {\n        auth_request off;\n    }\n'
broken close 'http { }\n}\n'
broken semicolon 'http {\n    server { listen 80 }\n}\n'
broken empty-directive 'http { ; }\n'
broken end 'http { }\nevents'
broken quote 'add_header X "a;\n'
broken after-quote 'add_header "X"y;\n'
broken backslash 'a b\0134'
broken no-name '{ }\n'
broken include 'include;\n'
broken include-none 'include none.conf;\n'
broken include-empty 'include "";\n'
broken cycle 'include cycle.conf;\n'
broken lua 'http { server { content_by_lua_block { if } -- }\n[[ } ]] "}"'
broken hostile 'a "\033[2J\n;'
printf 'include dir*;\n' >folder.conf
mkdir dir1
check gateway-broken-folder 2 gateway-lint folder.conf
awk 'BEGIN { for (i = 0; i < 70; i++) printf "a {\n" }' >deep.conf
check gateway-broken-deep 2 gateway-lint deep.conf
for i in $(seq 20); do
    printf 'include chain%d.conf;\n' $((i + 1)) >"chain$i.conf"
done
check gateway-broken-chain 2 gateway-lint chain1.conf
: >empty.conf
check gateway-empty 1 gateway-lint empty.conf

# every code is provoked above, and explained in the manual
codes=$(sed -n 's/^ *X([A-Z_]*, "\([a-z_]*\)".*/\1/p' \
    "$tree/tools/gateway/codes.h")
[ "$(printf '%s\n' "$codes" | wc -l)" -gt 40 ] ||
    fail gateway-codes "keep the form X(ID, \"name\", of tools/gateway/codes.h"
for code in $codes; do
    grep -qsF "[$code]" "$golden"/gateway-*.txt ||
        fail "gateway-code-$code" "no configuration provokes it; add one to tests/vectors/gateway"
    grep -q "^\.It Cm $code , " "$tree/docs/man/pdp-gateway-lint.7" ||
        fail "gateway-code-$code" "it is not in pdp-gateway-lint(7)"
done
ok gateway-codes
