#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# explain: what it prints for each outcome, each kind of obstacle and each
# format; how long groups are cut; hostile bytes; and that a suggested policy
# permits the request, for every route of the registry.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

make_key
token reader --role Reader
me=IBMid-0000000DEV

attribute() { # key, value, operator
    printf '{"key":"%s","operator":"%s","value":"%s"}' "$1" \
        "${3:-stringEquals}" "$2"
}

# id, subject, more attributes, control, more members
policy() {
    printf '{"type":"access","id":"%s","subject":{"attributes":[%s]},' "$1" "$2"
    printf '"resource":{"attributes":[%s,%s%s]},' \
        "$(attribute accountId "$account")" \
        "$(attribute serviceName container-registry)" "$3"
    printf '"control":{"%s":{"roles":[{"role_id":"%s%s"}]}}%s}\n' "${4%:*}" \
        crn:v1:bluemix:public:iam::::serviceRole: "${4#*:}" "${5:-}"
}

mine=$(attribute iam_id "$me")
theirs=$(attribute iam_id IBMid-another)
time_key='{{environment.attributes.current_time}}'
address_key='{{environment.attributes.ip_address}}'

# One policy for each kind of obstacle.
mkdir kinds
policy action "$mine" '' grant:Reader >kinds/1.json
policy subject "$theirs" '' grant:Manager >kinds/2.json
policy group "$(attribute access_group_id AccessGroupId-none)" '' \
    grant:Manager >kinds/3.json
policy resource "$mine" ",$(attribute resource fish)" grant:Manager \
    >kinds/4.json
policy unknown "$mine" ",$(attribute resourceGroupId rg)" grant:Manager \
    >kinds/5.json
policy absent "$mine" ",$(attribute serviceInstance x)" grant:Manager \
    >kinds/6.json
policy hours "$mine" '' grant:Manager ",\"pattern\":\"x\",\"rule\":$(
    attribute "$time_key" 09:00:00Z timeLessThan)" >kinds/7.json
policy address "$mine" '' grant:Manager ",\"pattern\":\"x\",\"rule\":$(
    attribute "$address_key" 192.0.2.1)" >kinds/8.json
policy no-denial "$mine" ",$(attribute resource fish)" deny:Manager \
    >kinds/9.json
policy tag "$mine" '' grant:Manager |
    sed 's/\]},"control/],"tags":[{"key":"env","value":"prod","operator":"stringEquals"}]},"control/' \
        >kinds/a.json
policy nobody x '' grant:Manager | sed 's/"subject":{[^}]*},//' >kinds/b.json
cat >tags.json <<END
{ "format": "pdp-directory/1",
  "tags": { "us-south/birds": [ "env:dev", "team:a" ] } }
END

outcome() { # name, status, arguments; in all formats
    outcome_name=$1
    outcome_status=$2
    shift 2
    for format in text json tsv; do
        check "explain-$outcome_name-$format" "$outcome_status" explain \
            --at "$at" --jwks jwks.json --format "$format" "$@"
    done
}

outcome allow 0 --token @reader "$image/json"
outcome kinds 1 --token @reader --policies kinds --directory tags.json \
    -X DELETE "$image"
outcome public 0 /api/v1/messages
outcome no-token 1 /api/v1/plans
outcome no-route 1 --token @reader /api/v2/images
outcome account 1 --token @reader --policies kinds -X DELETE \
    /api/v1/namespaces/birds
outcome body 1 --token @reader -X POST /api/v1/images/bulkdelete
tag='/api/v1/images/tags?fromimage=us.icr.io/birds/a&toimage=us.icr.io/fish/b'
token nobody --role Nobody --action container-registry.image.list
outcome two 1 --token @nobody -X POST "$tag"

policy denial "$mine" '' deny:Reader >deny.json
outcome denied 1 --token @reader --policies deny.json "$image/json"

cat >rules.json <<END
{ "zones": [ { "id": "home", "account_id": "$account", "addresses":
    [ { "type": "ipAddress", "value": "192.0.2.1" } ] } ],
  "rules": [ { "id": "at-home", "contexts": [ { "attributes":
      [ { "name": "networkZoneId", "value": "home" } ] } ],
    "resources": [ { "attributes": [
      { "name": "accountId", "value": "$account" },
      { "name": "serviceName", "value": "container-registry" } ] } ] } ] }
END
outcome context 1 --token @reader --restrictions rules.json \
    --address 192.0.2.9 "$image/json"

sed 's/"contexts": .*/"contexts": [],/; /networkZoneId/d' rules.json >shut.json
outcome shut 1 --token @reader --restrictions shut.json "$image/json"

# The members of the object are a contract, and so is their order.
run explain --at "$at" --jwks jwks.json --token @reader --policies kinds \
    --directory tags.json -f json -X DELETE "$image"
json explain-members .stdout 'list(value)[-4:] == ["voices", "advice",
  "policies", "note"]
  and list(value["voices"][0]) == ["kind", "id", "addressed", "grants",
    "denies", "verdicts"]
  and list(value["voices"][0]["verdicts"][0]) == ["required", "grants",
    "denies", "obstacle", "denial", "account_scope", "key", "operator",
    "wanted", "state", "seen"]
  and list(value["advice"][0]) == ["action", "roles"]
  and list(value["advice"][0]["roles"][0]) == ["name", "crn", "custom",
    "actions"]
  and sorted({v["verdicts"][0]["obstacle"] for v in value["voices"]})
    == ["action", "resource", "rule", "subject", "tag"]'

# decide and explain say the same, and end with the same status.
run decide --at "$at" --jwks jwks.json --token @reader -f json "$image"
mv .stdout decided
run explain --at "$at" --jwks jwks.json --token @reader -f json "$image"
python3 - decided .stdout <<'END' || fail explain-decide "they differ"
import json
import sys
a, b = (json.load(open(name, encoding="ascii")) for name in sys.argv[1:])
sys.exit(0 if a == {key: b[key] for key in a} else 1)
END
ok explain-decide

# Long groups are cut in text, and nowhere else.
mkdir many
for i in 10 11 12 13 14 15 16 17 18 19 20 21; do
    policy "own-$i" "$mine" '' grant:Reader >"many/a$i.json"
    policy "other-$i" "$theirs" '' grant:Writer >"many/b$i.json"
done
many() {
    run explain --at "$at" --jwks jwks.json --token @reader --policies many \
        "$@" -X DELETE "$image"
}
many
[ "$(grep -c 'policy own' .stdout)" -eq 9 ] || fail explain-cut "not 9 own"
[ "$(grep -c 'policy other' .stdout)" -eq 10 ] || fail explain-cut "not 10"
[ "$(grep -c -- '--all shows them' .stdout)" -eq 2 ] || fail explain-cut "cuts"
grep -q '\.\.\. and 3 more; --all shows them' .stdout || fail explain-cut "3"
ok explain-cut
many --all
[ "$(grep -c 'policy o' .stdout)" -eq 24 ] || fail explain-all "not 24"
ok explain-all
many -f json
json explain-json-all .stdout 'len(value["voices"]) == 25'
check explain-all-twice 2 explain --all --all /
check decide-all 2 decide --all /

# Bytes of strangers.
hostile=$(printf 'p\033]0;x\007\n\342\200\256')
python3 - "$hostile" "$me" "$account" >hostile.json <<'END'
import json
import sys
name, me, account = sys.argv[1:]
print(json.dumps({
    "type": "access", "id": name, "subject": {"attributes": [
        {"key": "iam_id", "operator": "stringEquals", "value": me}]},
    "resource": {"attributes": [
        {"key": "accountId", "operator": "stringEquals", "value": account},
        {"key": "serviceName", "operator": "stringEquals",
         "value": "container-registry"},
        {"key": "resource", "operator": "stringEquals", "value": name}]},
    "control": {"grant": {"roles": [{"role_id":
        "crn:v1:bluemix:public:iam::::serviceRole:Writer"}]}}}))
END
outcome hostile 1 --token @reader --policies hostile.json -X DELETE "$image"
for format in text json tsv; do
    run explain --at "$at" --jwks jwks.json --token @reader --policies \
        hostile.json --format "$format" -X DELETE "$image"
    if LC_ALL=C grep -q '[^	 -~]' .stdout; then
        fail "explain-hostile-$format" "bytes that are not printable"
    fi
done
ok explain-hostile

# A case of a suite.
cat >some.tests.yaml <<END
format: pdp-tests/1
at: 2026-11-21T09:30:00Z
principals:
  robin: {iam_id: IBMid-1, account: {bss: $account, valid: true}}
cases:
  - {name: no, principal: robin, request: "GET /api/v1/plans", expect: {decision: deny}}
END
check explain-suite 1 explain --suite some.tests.yaml --case no
check explain-help 0 explain --help

# What is suggested permits the request: for each route that needs a grant.
{
    printf '{ "iss": "https://iam.cloud.ibm.com/identity", "iam_id": "%s",' \
        IBMid-1
    printf '"account": {"bss": "%s"}, "exp": 1795257000 }\n' "$account"
} >claims.json
asked=0
free=0
"$PDP_CHECK" routes --format tsv >all.tsv
while IFS='	' read -r method path _; do
    target=$(printf '%s' "$path" | sed \
        -e 's,/api/v1/retentions/{namespace},/api/v1/retentions/birds,' \
        -e 's,{namespace},birds,' -e 's,{resource},birds%2Fwren,' \
        -e 's,{issueType},cve,' -e 's,{issueID},CVE-2026-1,' \
        -e 's,{[a-z]*},us.icr.io%2Fbirds%2Fwren,')
    case $target in
    /api/v1/images/tags)
        target="$target?fromimage=us.icr.io/birds/a&toimage=us.icr.io/fish/b"
        ;;
    esac
    got=0
    "$PDP_CHECK" explain --claims claims.json --at "$at" -f json \
        -X "$method" "$target" >explained 2>/dev/null || got=$?
    if [ "$got" -eq 0 ]; then
        free=$((free + 1))
        continue
    fi
    python3 - explained >suggested.json <<'END' || fail suggestion "no policy"
import json
import sys
value = json.load(open(sys.argv[1], encoding="ascii"))
assert value["reason"] == "no_grant", value["reason"]
assert value["policies"]
print(json.dumps(value["policies"]))
END
    "$PDP_CHECK" lint suggested.json >linted ||
        fail suggestion "$method $path: $(cat linted)"
    run decide --claims claims.json --at "$at" -f tsv --policies \
        suggested.json -X "$method" "$target"
    [ "$(cut -f 2 .stdout)" = permitted ] ||
        fail suggestion "$method $path: $(cat .stdout)"
    asked=$((asked + 1))
done <all.tsv
[ "$asked" -eq 44 ] || fail suggestion "$asked routes, not 44"
[ "$free" -eq 2 ] || fail suggestion "$free routes are free, not 2"
ok suggestion
