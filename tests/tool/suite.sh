#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# test: what it prints in each format, every status, what may be expected, and
# names that a stranger chose.  suite_read.py reads what programs read.  What is
# wrong with suites is in suite-findings.sh, coverage in suite-coverage.sh.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

tree=$(cd "$here/../.." && pwd)
cp "$tree"/policies/examples/*.json .
ids='iam_id: IBMid-270004WA3B, account: {bss: 8d5f3a1c7b9e4d2fa06c1e4b7d90f325, valid: true}'

# what the project ships: every outcome of every route, every policy
cp -R "$tree"/policies shipped
chmod -R u+w shipped
check suite-shipped 0 test --coverage --fail-under 100 \
    shipped/container-registry.tests.yaml

# usage
check test-help 0 test --help
check suite-none 2 test
check suite-format 2 test -f xml some.tests.yaml
check suite-percent 2 test --fail-under 101 some.tests.yaml
check suite-pattern 2 test --filter '{{a*' some.tests.yaml
check suite-unreadable 2 test none.tests.yaml

# a suite with everything: two cases fail
cp "$tree"/tests/vectors/suites/some.tests.yaml .
for format in text tap junit json tsv; do
    check "suite-some-$format" 1 test --format "$format" some.tests.yaml
done
for format in text tap junit json tsv; do
    check "suite-coverage-$format" 0 test --format "$format" --coverage \
        --filter 'rows of r*inspect' some.tests.yaml
done
check suite-filter-text 0 test -f tsv --filter 'both lists' some.tests.yaml
check suite-filter-none 2 test --filter 'kim, DELETE' some.tests.yaml
check suite-two 1 test some.tests.yaml shipped/container-registry.tests.yaml
check suite-dash 2 test -- --coverage
run test -f junit some.tests.yaml
reads suite-junit .stdout junit 'tests == 19 and failed == ["wrong in every way",
  "rows of principals: anonymous, delete"]'
run test -f tap --coverage some.tests.yaml
reads suite-tap .stdout tap 'tests == 19 and failed ==
  ["some.tests.yaml: wrong in every way",
   "some.tests.yaml: rows of principals: anonymous, delete"]'
run test -f json --coverage some.tests.yaml
json suite-json .stdout 'list(value) == ["tests", "failed", "suites", "coverage"]
  and list(value["suites"][0]) == ["file", "tests", "failed", "cases"]
  and list(value["suites"][0]["cases"][0]) == ["name", "line", "passed",
    "expect", "seen", "failures", "reproduce"]
  and [f["member"] for f in value["suites"][0]["cases"][1]["failures"]] ==
    ["decision", "status", "params.image", "required", "missing", "at_action",
     "token"]
  and list(value["coverage"]) == ["outcomes", "covered", "percent", "routes",
    "policies"]
  and value["coverage"]["outcomes"] == 90
  and len(value["coverage"]["routes"]) == 46
  and [(p["granted"] > 0, p["denied"] > 0)
       for p in value["coverage"]["policies"]]
    == [(True, False), (True, False), (False, False)]'

# the command that a failed case shows gives the very decision that it shows
run test -f json some.tests.yaml
python3 - .stdout >again.sh 2>seen.json <<'END'
import json
import sys

with open(sys.argv[1], encoding="ascii") as stream:
    case = json.load(stream)["suites"][0]["cases"][1]
print(case["reproduce"].replace("pdp-check", '"$PDP_CHECK"', 1), "-f json")
json.dump(case["seen"], sys.stderr)
END
sh again.sh >again.json || [ $? -eq 1 ] || fail suite-reproduce "$(cat again.sh)"
json suite-reproduce again.json \
    "value == json.load(open('seen.json', encoding='ascii'))"
check suite-decide 0 decide --suite some.tests.yaml \
    --case 'rows of requests: kim, delete'
check suite-decide-none 2 decide --suite some.tests.yaml --case 'no such case'
check suite-decide-half 2 decide --suite some.tests.yaml
check suite-decide-both 2 decide --suite some.tests.yaml --case x -X GET
check suite-decide-target 2 decide --suite some.tests.yaml --case x /api/v1/quotas
check suite-decide-unreadable 2 decide --suite none.yaml --case x

# where the request comes from, and tokens that are revoked
cat >context.tests.yaml <<'END'
format: pdp-tests/1
at: 2026-11-21T09:30:00Z
policies: manager.json
restrictions:
  zones:
    - id: office
      name: office
      account_id: 8d5f3a1c7b9e4d2fa06c1e4b7d90f325
      addresses: [{type: subnet, value: 192.0.2.0/24}]
  rules:
    - id: only-office
      enforcement_mode: enabled
      contexts: [{attributes: [{name: networkZoneId, value: office}]}]
      resources:
        - attributes:
            - {name: accountId, value: 8d5f3a1c7b9e4d2fa06c1e4b7d90f325}
            - {name: serviceName, value: container-registry}
revocations:
  - format: pdp-revocations/1
    revocations: [{issuer: "https://iam.cloud.ibm.com/identity", jti: stolen}]
principals:
  kim: {iam_id: IBMid-550008KIM7, jti: fine, account: {bss: 8d5f3a1c7b9e4d2fa06c1e4b7d90f325, valid: true}}
  thief: {iam_id: IBMid-550008KIM7, jti: stolen, account: {bss: 8d5f3a1c7b9e4d2fa06c1e4b7d90f325, valid: true}}
requests:
  office: {target: /api/v1/quotas, client_address: 192.0.2.7}
  cafe: {target: /api/v1/quotas, client_address: 198.51.100.7}
tables:
  - name: where
    requests: [office, cafe]
    expect:
      kim:   allow         context_denied
      thief: token_revoked token_revoked
END
check suite-context 0 test context.tests.yaml
sed 's/enabled/enbled/; s/jti: stolen}\]/jit: stolen}]/' context.tests.yaml >context-bad.tests.yaml
check suite-context-bad 2 test context-bad.tests.yaml

# lists are sets: none missing, none more, none instead of another; a member
# that is right does not make up for one that is wrong
cat >sets.tests.yaml <<END
format: pdp-tests/1
at: 2026-11-21T09:30:00Z
principals: {robin: {$ids}, old: {$ids, iat: , nbf: 1795253400}}
requests:
  tag: POST /api/v1/images/tags?fromimage=us.icr.io/birds/wren:1&toimage=us.icr.io/birds/wren:2
  quota: GET /api/v1/quotas
cases:
  - name: good, another order
    principal: robin
    request: tag
    expect: {decision: deny, missing: [container-registry.image.push, container-registry.image.pull]}
  - name: good, no restriction had a say
    principal: robin
    request: quota
    expect: {decision: deny, restrictions: []}
  - name: good, iat is taken away
    principal: old
    request: quota
    expect: {decision: deny, reason: no_grant}
  - name: bad, one twice
    principal: robin
    request: quota
    expect: {decision: deny, missing: [container-registry.quota.get, container-registry.quota.get]}
  - name: bad, one less
    principal: robin
    request: tag
    expect: {decision: deny, missing: [container-registry.image.push]}
  - name: bad, one instead of the other
    principal: robin
    request: tag
    expect: {decision: deny, missing: [container-registry.image.push, container-registry.image.push]}
  - name: bad, the action only
    principal: robin
    request: quota
    expect: {decision: deny, required: [{action: container-registry.quota.set, granted: false}]}
END
run test -f tsv sets.tests.yaml
[ "$got" -eq 1 ] || fail suite-sets "status $got, not 1"
[ "$(awk -F '\t' '($3 ~ /^good/) != ($4 == "passed")' .stdout | wc -l)" -eq 0 ] ||
    fail suite-sets "$(cat .stdout)"
[ "$(wc -l <.stdout)" -eq 7 ] || fail suite-sets "$(cat .stdout .stderr)"
ok suite-sets

# whatever decide tells can be expected: each decision, with every member it
# has, is the expectation of a suite that passes
cat >whole.py <<'END'
import json
import sys

ACCOUNT = {"bss": "8d5f3a1c7b9e4d2fa06c1e4b7d90f325", "valid": True}
suite = {
    "format": "pdp-tests/1", "at": "2026-11-21T09:30:00Z",
    "policies": ["manager.json", "reader-one-namespace.json", "deny.json"],
    "directory": "directory.json", "restrictions": "context.json",
    "principals": {
        name: {"iam_id": iam_id, "account": ACCOUNT} for name, iam_id in (
            ("kim", "IBMid-550008KIM7"), ("robin", "IBMid-270004WA3B"),
            ("contractor", "IBMid-120009CON1"))},
    "cases": []}
suite["principals"]["expired"] = {"iam_id": "x", "exp": 1, "account": ACCOUNT}
seen = []
if len(sys.argv) > 1:
    with open(sys.argv[1], encoding="ascii") as stream:
        seen = [case["seen"] for case in json.load(stream)["suites"][0]["cases"]]
for who in [*suite["principals"], "anonymous"]:
    for target in ("/api/v1/messages", "/api/v1/quotas", "/api/v1/%zz",
                   "/api/v1/images/us.icr.io%2Fbirds%2Fwren/json",
                   "/api/v1/images/us.icr.io%2Fproduction%2Fshop/json"):
        for address in ("192.0.2.7", "198.51.100.7"):
            number = len(suite["cases"])
            suite["cases"].append({
                "name": f"case {number}", "principal": who,
                "request": {"target": target, "client_address": address},
                "expect": seen[number] if seen else {"decision": "deny"}})
json.dump(suite, sys.stdout)
END
python3 - >context.json <<'END'
import json
import sys

ACCOUNT = "8d5f3a1c7b9e4d2fa06c1e4b7d90f325"
rule = {"contexts": [{"attributes": [
            {"name": "networkZoneId", "value": "office"}]}],
        "resources": [{"attributes": [
            {"name": "accountId", "value": ACCOUNT},
            {"name": "serviceName", "value": "container-registry"}]}]}
json.dump({
    "zones": [{"id": "office", "name": "office", "account_id": ACCOUNT,
               "addresses": [{"type": "subnet", "value": "192.0.2.0/24"}]}],
    "rules": [{"id": "only-office", "enforcement_mode": "enabled", **rule},
              {"id": "trial", "enforcement_mode": "report", **rule}],
}, sys.stdout)
END
python3 whole.py >whole.tests.json
run test -f json whole.tests.json
cp .stdout first.json
python3 whole.py first.json >whole.tests.json
status suite-whole 0 test whole.tests.json
run test -f json whole.tests.json
json suite-whole-kinds .stdout 'len(value["suites"][0]["cases"]) == 50 and
  {case["seen"]["reason"] for case in value["suites"][0]["cases"]} == {
    "permitted", "public", "no_grant", "explicit_deny", "context_denied",
    "bad_percent", "token_missing", "token_expired"}'

# names that a stranger chose
cat >hostile.tests.json <<'END'
{ "format": "pdp-tests/1", "at": "2026-11-21T09:30:00Z",
  "principals": {"<b>&\"'": "anonymous"},
  "requests": {"a\\b # SKIP": "GET /api/v1/quotas"},
  "policies": [
    {"id": "<script>alert(1)</script>&\u202e\ufffe\ud83f\udffe",
     "type": "access", "state": "active",
     "subject": {"attributes": [{"key": "iam_id", "operator": "stringEquals", "value": "x"}]},
     "resource": {"attributes": [
       {"key": "accountId", "operator": "stringEquals", "value": "y"},
       {"key": "serviceName", "operator": "stringEquals", "value": "container-registry"}]},
     "control": {"grant": {"roles": [{"role_id": "crn:v1:bluemix:public:iam::::serviceRole:Reader"}]}}}],
  "cases": [
    {"name": "x # SKIP not really \\# \\\\", "principal": "anonymous",
     "request": "a\\b # SKIP", "expect": {"decision": "allow"}},
    {"name": "]]> <testcase/> \u00fc \u202e \ufffe \ud83d\ude00 'quoted' $(id) %s",
     "principal": "<b>&\"'", "request": {"target": "/api/v1/\u0001<&>"},
     "expect": {"decision": "allow", "principal": {"id": "<&\u0001\""}}},
    {"name": "it's 3 - fine", "principal": "<b>&\"'", "request": "a\\b # SKIP",
     "expect": {"decision": "deny", "at_action": "\ud83d\ude00"}}] }
END
for format in text tap junit json tsv; do
    check "suite-hostile-$format" 1 test --format "$format" --coverage \
        --coverage-html hostile.html hostile.tests.json
    if LC_ALL=C grep -n '[^ -~	]' .stdout; then
        fail "suite-hostile-$format" "holds bytes that are not printable"
    fi
done
reads suite-hostile-page hostile.html html 'covered == 0 and unused == [
  "<script>alert(1)</script>&" + r"\xe2\x80\xae\xef\xbf\xbe\xf0\x9f\xbf\xbe"]'
run test -f junit hostile.tests.json
# shellcheck disable=SC2016 # $(id) is part of a name
reads suite-hostile-junit-read .stdout junit 'failed == [
  r"x # SKIP not really \\# " + "\\" * 4,
  "]]> <testcase/> \u00fc " + r"\xe2\x80\xae \xef\xbf\xbe"
    + " \U0001f600 '"'quoted' "'$(id) %s", "it" + chr(39) + "s 3 - fine"]'
run test -f tap hostile.tests.json
reads suite-hostile-tap-read .stdout tap 'tests == 3 and len(failed) == 3 and
  failed[0] == r"hostile.tests.json: x # SKIP not really \\# " + "\\" * 4'
run test -f json hostile.tests.json
python3 - .stdout >again.sh <<'END'
import json
import sys

with open(sys.argv[1], encoding="ascii") as stream:
    value = json.load(stream)
for case in value["suites"][0]["cases"]:
    print(case["reproduce"].replace("pdp-check", '"$PDP_CHECK"', 1), "-f tsv")
END
sh again.sh >again.txt || [ $? -eq 1 ] || fail suite-hostile-reproduce "$(cat again.txt)"
[ "$(cut -f 1,2 again.txt | tr '\n\t' '  ')" = \
    "deny token_missing deny bad_byte deny token_missing " ] ||
    fail suite-hostile-reproduce "$(cat again.txt)"
ok suite-hostile-reproduce

# output that nobody gets is no success
if [ -c /dev/full ]; then
    for format in text tap junit json tsv; do
        got=0
        "$PDP_CHECK" test -f "$format" shipped/container-registry.tests.yaml >/dev/full \
            2>.stderr || got=$?
        [ "$got" -eq 3 ] || fail "suite-full-$format" "status $got"
        ok "suite-full-$format"
    done
fi

# colour and progress: on a terminal only
awk 'BEGIN {
    print "format: pdp-tests/1\nat: 2026-11-21T09:30:00Z\ncases:"
    for (i = 0; i < 10000; i++) {
        print "- name: case " i "\n  principal: anonymous"
        print "  request: GET /api/v1/messages\n  expect: {decision: allow}"
    }
}' >many.tests.yaml
check suite-many 0 test many.tests.yaml
if command -v script >/dev/null 2>&1; then
    TERM=xterm script -qec "\"$PDP_CHECK\" test many.tests.yaml" /dev/null \
        </dev/null >tty.out
    grep -q '5000 of 10000 cases, 0 failed' tty.out ||
        fail suite-progress "no progress line"
    grep -q '\[1;32m10000 of 10000' tty.out || fail suite-colour "no colour"
    TERM=xterm script -qec "\"$PDP_CHECK\" test shipped/container-registry.tests.yaml" /dev/null \
        </dev/null >tty.out
    if grep -q '\[K' tty.out; then
        fail suite-progress "a short run shows how far it is"
    fi
    TERM=dumb script -qec "\"$PDP_CHECK\" test many.tests.yaml" /dev/null \
        </dev/null >tty.out
    if grep -q '5000 of\|\[1' tty.out; then
        fail suite-dumb "a dumb terminal gets escapes"
    fi
    ok suite-terminal
else
    echo "skip suite-terminal: script is not there (apt-get install bsdutils)"
fi
for format in tap junit json tsv; do
    status "suite-many-$format" 0 test -f "$format" many.tests.yaml
done
