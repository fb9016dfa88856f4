#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# decide: what it prints for each kind of outcome, in each format.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

make_key
token reader --role Reader
token writer --role Writer
token puller --action container-registry.image.pull
token expired --role Reader --expires-in -60
"$PDP_CHECK" keygen --private rogue.pem --jwks rogue.json --kid test >/dev/null
"$PDP_CHECK" token --key rogue.pem --kid test --at "$at" --role Manager \
    >forged 2>/dev/null

outcome() { # name, status, arguments; in all formats
    outcome_name=$1
    outcome_status=$2
    shift 2
    for format in text json tsv; do
        check "decide-$outcome_name-$format" "$outcome_status" decide \
            --at "$at" --jwks jwks.json --format "$format" "$@"
    done
}

tag='/api/v1/images/tags?fromimage=us.icr.io/birds/wren:1&toimage=us.icr.io/nests/wren:1'
outcome allow 0 --token @reader "$image/json"
outcome delete 1 -X DELETE --token @reader "$image"
outcome tag 1 --method POST --token @puller "$tag"
outcome tag-writer 0 -XPOST --token @writer "$tag"
outcome public 0 /api/v1/messages
outcome no-token 1 /api/v1/plans
outcome account 1 --token @reader --method=PATCH /api/v1/quotas
outcome expired 1 --token @expired "$image/json"
outcome forged 1 --token @forged "$image/json"
outcome no-route 1 --token @reader /api/v2/images
outcome method 1 -X PUT --token @reader /api/v1/images
outcome encoded-dots 1 --token @reader \
    '/api/v1/images/us.icr.io%2Fbirds%2F..%2Fnests%2Fwren'
outcome bad-param 1 -X DELETE --token @reader '/api/v1/images/elsewhere.example%2Fa%2Fb'
outcome account-header 1 --token @reader -H 'Account: somebody-else' "$image/json"

# A policy denies what a role grants: who denies it is told, in text, and
# nobody is said to have granted it.
cat >deny.json <<END
{ "id": "p-deny", "type": "access", "state": "active",
  "subject": { "attributes": [ { "key": "iam_id",
    "operator": "stringEquals", "value": "IBMid-0000000DEV" } ] },
  "resource": { "attributes": [
    { "key": "accountId", "operator": "stringEquals", "value": "$account" },
    { "key": "serviceName", "operator": "stringEquals",
      "value": "container-registry" } ] },
  "control": { "deny": { "roles": [
    { "role_id": "crn:v1:bluemix:public:iam::::serviceRole:Reader" } ] } } }
END
outcome denied 1 --token @reader --policies deny.json "$image/json"
outcome denied-in-part 1 -XPOST --token @writer --policies deny.json "$tag"
run decide --at "$at" --jwks jwks.json --token @reader --policies deny.json \
    -f json "$image/json"
json decide-denied-members .stdout 'value["reason"] == "explicit_deny"
  and value["required"][0]["granted"] is False
  and value["required"][0]["by"] == []'

# The members of the object are a contract, and so is their order.
run decide --at "$at" --jwks jwks.json --token @reader -f json "$image/json"
json decide-members .stdout 'list(value) == ["decision", "reason", "status",
  "method", "target", "route", "params", "required", "missing", "at_action",
  "data_event", "principal", "token", "offset", "cache_max_age"]
  and list(value["required"][0]) == ["action", "resource", "granted", "by"]
  and list(value["required"][0]["by"][0]) == ["source", "id"]
  and list(value["principal"]) == ["id", "type", "account"]
  and list(value["token"]) == ["verified", "issuer", "kid", "alg", "expires"]
  and value["token"]["expires"] == 1795253400 + 3600
  and value["cache_max_age"] == 3600'

check decide-help 0 decide --help
