#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Shows what pdp-check answers, with a key and tokens made on the spot.
#
# usage: demo.sh PDP_CHECK      (default: $PDP_CHECK)
#
# Each decision is compared with its caption; the demonstration ends with
# status 1 if one of them is not what it says.

set -eu

pdp_check=${1:-${PDP_CHECK:?usage: demo.sh PDP_CHECK}}
case $pdp_check in
/*) ;;
*) pdp_check=$(pwd)/$pdp_check ;;
esac
[ -x "$pdp_check" ] || {
    echo "demo: there is no program $pdp_check" >&2
    exit 2
}

work=$(mktemp -d)
trap 'cd / && rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

now=2026-11-21T09:30:00Z
image=/api/v1/images/us.icr.io%2Fbirds%2Fwren:1
number=0

token() { # file, options
    file=$1
    shift
    "$pdp_check" token --key "${key:-key.pem}" --kid demo --at "$now" "$@" \
        >"$file" 2>token.log || {
        cat token.log >&2
        exit 1
    }
}

show() { # caption, expected: decision and reason, missing or -, AT action or -
    caption=$1
    decision=$2
    missing=$3
    event=$4
    shift 4
    number=$((number + 1))
    printf '\n%d. %s\n' "$number" "$caption"
    status=0
    "$pdp_check" decide --at "$now" --jwks keys.json "$@" || status=$?
    line=$("$pdp_check" decide --at "$now" --jwks keys.json --format tsv "$@") || :
    want=$(printf '%s\t%s\t%s' "$decision" "$event" "$missing")
    got=$(printf '%s\n' "$line" | awk -F '\t' '{
        printf "%s %s\t%s\t%s", $1, $2, $5, $6 }')
    case $decision in
    allow*) want_status=0 ;;
    *) want_status=1 ;;
    esac
    if [ "$got" != "$want" ] || [ "$status" -ne "$want_status" ]; then
        printf 'demo: this is not what the caption says\n' >&2
        printf '  wanted: %s, status %d\n  got:    %s, status %d\n' \
            "$want" "$want_status" "$got" "$status" >&2
        exit 1
    fi
}

echo "IBM Cloud Container Registry: 46 API methods, decided without a server."
"$pdp_check" keygen --private key.pem --jwks keys.json --kid demo >/dev/null
token reader --role Reader
token puller --action container-registry.image.pull
token expired --role Reader --expires-in -1
"$pdp_check" keygen --private other.pem --jwks other.json --kid demo >/dev/null
key=other.pem
token forged --role Manager
registry=container-registry

show "A Reader inspects an image: allowed." \
    "allow permitted" - $registry.image.inspect \
    --token @reader "$image/json"

show "The same Reader deletes it: denied, the missing action is named, and so is the event." \
    "deny no_grant" $registry.image.delete $registry.image.delete \
    --token @reader -X DELETE "$image"

show "Tagging needs pull on the source and push on the target; only pull is granted: denied." \
    "deny no_grant" $registry.image.push $registry.image.tag \
    --token @puller -X POST \
    '/api/v1/images/tags?fromimage=us.icr.io/birds/wren:1&toimage=us.icr.io/nests/wren:1'

show "A public route needs no token: allowed." \
    "allow public" - - \
    /api/v1/messages

show "An expired token: denied." \
    "deny token_expired" $registry.image.inspect $registry.image.inspect \
    --token @expired "$image/json"

show "A token that somebody else signed, under the same key name: denied." \
    "deny signature_invalid" $registry.image.delete $registry.image.delete \
    --token @forged -X DELETE "$image"

show "A path that is no route: denied, whoever asks." \
    "deny no_route" - - \
    --token @reader /api/v1/nothing

show "A path that climbs out of its segment (%2F..%2F): denied, at the byte where it does." \
    "deny dot_segment" - - \
    --token @reader "/api/v1/images/us.icr.io%2Fbirds%2F..%2Fnests%2Fwren"

printf '\nIt works: all %d decisions are what their captions say.\n' "$number"
