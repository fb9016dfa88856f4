#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# decide: whatever the target, the method, a header or the token hold, there
# is a decision; what could not be a request is a usage error.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

make_key
token reader --role Reader

judged() { # name, status, reason, arguments
    judged_name=$1
    judged_status=$2
    reason=$3
    shift 3
    status "$judged_name" "$judged_status" decide --at "$at" --jwks jwks.json \
        --format tsv "$@"
    found=$(cut -f 2 .stdout)
    [ "$found" = "$reason" ] || fail "$judged_name" "$found, not $reason"
    [ ! -s .stderr ] || fail "$judged_name" "$(cat .stderr)"
    run decide --at "$at" --jwks jwks.json --format json "$@"
    json "$judged_name-json" .stdout 'value["reason"] != "" and "\n" not in
        json.dumps(value["target"])'
    run decide --at "$at" --jwks jwks.json --format text "$@"
    if LC_ALL=C grep -q '[^ -~]' .stdout; then
        fail "$judged_name-text" "bytes that are not printable"
    fi
}

# targets
judged target-empty 1 target_form ''
judged target-dash 1 target_form -- -x
judged target-dashes 1 target_form -- --help
judged target-dashdash 1 target_form -- --
judged target-single-dash 1 target_form -
judged target-space 1 bad_byte '/a b'
judged target-newline 1 bad_byte "$(printf '/a\nb')"
judged target-escape 1 bad_byte "$(printf '/\033]0;owned\007')"
judged target-high 1 bad_byte "$(printf '/\303\251\377')"
judged target-bidi 1 bad_byte "$(printf '/\342\200\256')"
judged target-query 1 bad_byte "$(printf '/api/v1/images?x=\233')"
judged target-backslash 1 bad_byte '/a\b'
judged target-url 1 target_form 'http://us.icr.io/api/v1/images'
long=$(printf '%05000d' 0)
judged target-long 1 too_long "/$long"
judged target-percent 1 bad_percent '/a%'
judged target-nul 1 control '/a%00'
check decide-target-high-json 1 decide --at "$at" -f json \
    "$(printf '/\303\251\377"\134')"
check decide-target-long-text 1 decide --at "$at" \
    "/$(printf '%0100d' 0)%zz$(printf '%0100d' 0)"

# methods and headers
judged method-lower 1 bad_method -X get /api/v1/messages
judged method-empty 1 bad_method -X '' /api/v1/messages
judged method-high 1 bad_method -X "$(printf 'G\377T')" /api/v1/messages
judged header-twice 1 ambiguous_header --token @reader -H 'Account: a' \
    --header 'Account: a' "$image/json"
judged header-empty 1 ambiguous_header --token @reader -H 'Account:' "$image/json"
judged header-space 0 permitted --token @reader \
    -H "Account: 	 $account	 " "$image/json"
judged header-authorization 1 ambiguous_header --token @reader \
    -H 'authorization: Bearer x' "$image/json"
judged header-override 1 method_override -H 'X-HTTP-Method-Override: DELETE' \
    /api/v1/messages
judged header-other 0 public -H 'X-Other: anything: at all' /api/v1/messages
judged header-host 1 bad_param --token @reader -H 'Host: de.icr.io' "$image/json"

# tokens
judged token-none 1 token_missing "$image/json"
judged token-empty 1 token_malformed --token '' "$image/json"
judged token-empty-equals 1 token_malformed --token= "$image/json"
judged token-dots 1 token_malformed --token ... "$image/json"
judged token-bytes 1 token_malformed --token "$(printf 'a\377.b\n.c')" "$image/json"
judged token-text 0 permitted --token "$(cat reader)" "$image/json"
judged token-file 0 permitted --token @reader "$image/json"
printf '%s\r\n' "$(cat reader)" >crlf
judged token-crlf 0 permitted --token @crlf "$image/json"
printf '%s\n\n' "$(cat reader)" >two
judged token-two-line-ends 1 token_malformed --token @two "$image/json"
: >empty
judged token-empty-file 1 token_malformed --token @empty "$image/json"
printf 'a\000b' >nul
judged token-nul 1 token_malformed --token @nul "$image/json"
head -c 300000 /dev/zero | tr '\000' a >huge
judged token-huge 1 token_malformed --token @huge "$image/json"

"$PDP_CHECK" decide --at "$at" --jwks jwks.json --token - "$image/json" \
    --format=tsv <reader >.stdout || fail token-stdin "status $?"
grep -q '^allow	permitted	200' .stdout || fail token-stdin "$(cat .stdout)"
ok token-stdin

# A token that does not say when it expires is verified, and then refused.
token endless --claim 'exp='
for format in text json; do
    check "decide-no-exp-$format" 1 decide --at "$at" --jwks jwks.json \
        --token @endless -f "$format" "$image/json"
done

# A token is a secret: it shows neither in the output nor in a message.
for format in text json tsv; do
    run decide --at "$at" --jwks jwks.json --token "x.$(cat reader)" -f "$format" \
        "$image/json"
    if grep -q eyJ .stdout .stderr; then
        fail token-not-shown "$format"
    fi
done
ok token-not-shown

# claims that nobody signed
cat >claims.json <<END
{ "iss": "https://iam.cloud.ibm.com/identity", "iam_id": "IBMid-1",
  "account": { "valid": true, "bss": "$account" },
  "iat": 1795253400, "exp": 1795257000, "roles": ["Reader"] }
END
check decide-claims-text 0 decide --at "$at" --claims claims.json "$image/json"
check decide-claims-json 0 decide --at "$at" --claims claims.json "$image/json" \
    --format json
check decide-claims-expired 1 decide --at 2026-11-22T09:30:00Z -f tsv \
    --claims claims.json "$image/json"
echo '[]' >array.json
check decide-claims-array 1 decide --at "$at" --claims array.json -f tsv \
    "$image/json"
check decide-claims-and-token 2 decide --claims claims.json --token x /
check decide-claims-missing 2 decide --claims none.json /

# what is no request
check decide-no-target 2 decide
check decide-two-targets 2 decide / /
check decide-header-name 2 decide -H 'no colon' /
check decide-header-noname 2 decide -H ': x' /
check decide-token-file-missing 2 decide --token @none /
check decide-dash-target 2 decide -x
check decide-at 2 decide --at yesterday /
check decide-directory-as-token 2 decide --token @. /
