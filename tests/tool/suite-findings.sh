#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# test: everything that can be wrong with a suite, each at its line and column,
# and all of it in one run.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

tree=$(cd "$here/../.." && pwd)
cp "$tree"/policies/examples/*.json .
cp "$tree"/tests/vectors/suites/some.tests.yaml .

# everything that can be wrong, in one run
cat >bad.tests.yaml <<END
format: pdp-tests/2
descripton: x
policies: [none.json, directory.json, trial.yaml, {id: x, type: access}, 5]
directory: 5
service: []
principals:
  robin: 7
  kim: {iam_id: k}
  anonymous: {}
  "": anonymous
  "a\\tb": anonymous
  "a\\x9bb": anonymous
requests:
  a: GET/api
  b: {method: 3, headers: {"a b": x, c: [1], d: 2}}
  "x /y": GET /a
cases:
  - principal: robn
    request: c
    expect: {reason: no_grand, missin: []}
  - name: two
    principal: robin
    request: GET /api
    expect: {decision: deny, reason: permitted, required: [{acton: x}, 1], missing: [1], token: 1}
  - name: two
    principal: {}
    request: {}
    at: yesterday
    expect: {decision: alow, principal: {ids: x}}
  - name: nothing expected
    principal: kim
    request: a
    expect: {}
  - name: more
    principal: kim
    request: a
    expects: {decision: deny}
  - allow
tables:
  - name: t
    requests: [a, z, 4]
    principals: [kim, robin]
    expect:
      kim: allow
      ken: [alow, 4, deny]
  - {name: no columns, expect: {kim: allow}}
  - {name: empty, requests: [], expect: {}}
  - {name: row, requests: [a], expect: {kim: 5}}
  - {}
END
printf 'policies: []\n' >trial.yaml
check suite-bad 2 test bad.tests.yaml
check suite-bad-and-good 2 test bad.tests.yaml some.tests.yaml

# one fault, one line
bad() { # name; the suite is on stdin
    cat >"$1.tests.yaml"
    check "suite-$1" 2 test "$1.tests.yaml"
}
bad no-cases <<'END'
format: pdp-tests/1
cases: []
tables: []
END
bad only-fixtures <<'END'
format: pdp-tests/1
principals: {kim: anonymous}
END
bad twice <<'END'
format: pdp-tests/1
requests: {a: GET /x}
requests: {a: GET /y}
END
bad case-twice <<'END'
format: pdp-tests/1
at: 2026-11-21T09:30:00Z
requests: {a: GET /x}
tables:
  - {name: t, requests: [a], expect: {anonymous: deny}}
  - {name: t, requests: [a], expect: {anonymous: deny}}
END
bad yaml <<'END'
format: pdp-tests/1
cases: [}
END
bad alias <<'END'
format: pdp-tests/1
cases: &c []
END
# A blank too many would be another request, and its denial would pass.
bad blank-request <<'END'
format: pdp-tests/1
at: 2026-11-21T09:30:00Z
requests:
  a: "GET  /api/v1/plans"
  b: "DELETE now! /api/v1/plans"
cases:
  - {name: c, principal: anonymous, request: GET /api/v1/plans HTTP/1.1, expect: {decision: deny}}
  - {name: d, principal: anonymous, request: "GET /api/v1/plans\n", expect: {decision: deny}}
  - {name: e, principal: anonymous, request: " /api/v1/plans", expect: {decision: deny}}
tables:
  - {name: t, requests: [a, b, "GET /api/v1/pl ans"], expect: {anonymous: deny}}
END
bad times <<'END'
format: pdp-tests/1
at: 0000-01-01T00:00:00Z
cases:
  - {name: early, at: "1969-12-31T23:59:59Z", principal: anonymous, request: GET /x, expect: {decision: deny}}
  - {name: first, at: "1970-01-01T00:00:00Z", principal: anonymous, request: GET /x, expect: {decision: deny}}
  - {name: last, at: "9999-12-31T22:59:59Z", principal: anonymous, request: GET /x, expect: {decision: deny}}
  - {name: late, at: "9999-12-31T23:00:00Z", principal: anonymous, request: GET /x, expect: {decision: deny}}
END
# What is wrong with the others is told beside what is missing, but not what
# it may be to blame for: here a role.
printf '{"zones": [],\n "count": 3}\n' >count.json
bad missing-and-others <<'END'
format: pdp-tests/1
at: 2026-11-21T09:30:00Z
directory: nowhere.json
policies:
  - nope.json
  - {id: x, type: acess}
  - {type: access, subject: {attributes: [{key: iam_id, operator: stringEquals, value: k}]},
     resource: {attributes: [{key: accountId, operator: stringEquals, value: a},
                             {key: serviceName, operator: stringEquals, value: container-registry}]},
     control: {grant: {roles: [{role_id: "crn:v1:bluemix:public:iam-access-management::a/a::customRole:Other"}]}}}
restrictions: count.json
cases:
  - {name: x, principal: anonymous, request: GET /x, expect: {decision: deny}}
END
bad list <<'END'
- format: pdp-tests/1
END
bad policies <<'END'
format: pdp-tests/1
at: 2026-11-21T09:30:00Z
directory: {format: pdp-directory/1, gruops: {}}
policies:
  - manager.json
  - {id: 'a"]}{,', type: acess}
  - id: b
    type: access
    state: actve
    resource: {attributes: []}
    control: {}
cases:
  - {name: x, principal: anonymous, request: GET /api/v1/messages, expect: {decision: allow}}
END
python3 - <<'END'
import json

text = {"format": "pdp-tests/1", "at": "2026-11-21T09:30:00Z",
        "policies": ["manager.json", {"id": "b", "type": "acess"}],
        "cases": [{"name": "x", "principal": "anonymous",
                   "request": "GET /api/v1/messages",
                   "expect": {"decision": "allow"}}]}
with open("json.tests.json", "w", encoding="ascii") as stream:
    json.dump(text, stream, indent=1)
END
check suite-json-suite 2 test json.tests.json
check suite-kind 2 test manager.json
check suite-lint 1 lint some.tests.yaml
printf 'cases: []\n' >no-format.yaml
check suite-no-format 2 test no-format.yaml

# a fixture that nobody uses is told, and stops nothing
cat >unused.tests.yaml <<'END'
format: pdp-tests/1
at: 2026-11-21T09:30:00Z
principals: {kim: anonymous}
requests: {a: GET /x}
cases:
  - {name: x, principal: anonymous, request: GET /api/v1/messages, expect: {decision: allow}}
END
check suite-unused 0 test unused.tests.yaml

# ten thousand names, and as many that do not exist
awk 'BEGIN {
    print "format: pdp-tests/1\nat: 2026-11-21T09:30:00Z\nrequests:"
    for (i = 0; i < 10000; i++) print "  request " i ": GET /api/v1/messages"
    print "cases:"
    for (i = 0; i < 10000; i++) {
        print "- name: case " i "\n  principal: anonymous"
        print "  request: reqest " i "\n  expect: {decision: allow}"
    }
}' >unknown.tests.yaml
status suite-unknown 2 test unknown.tests.yaml
[ "$(grep -c 'unknown_name' .stderr)" -gt 9000 ] ||
    fail suite-unknown "not all are told"
