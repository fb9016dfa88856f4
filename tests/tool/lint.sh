#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# lint: what each file is, every finding in every format, and the statuses.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

examples=$(cd "$here/../.." && pwd)/policies
cp "$examples"/examples/*.json .
cp "$examples/container-registry.json" service.json

check lint-help 0 lint --help
check lint-no-file 2 lint

# what the project ships is clean
status lint-service 0 lint service.json
status lint-trust 0 lint trust.json
status lint-trust-and-keys 0 lint trust.json example.jwks.json
status lint-policies 0 lint deny.json manager.json reader-one-namespace.json
status lint-all 0 lint service.json trust.json directory.json access-group.json
status lint-keys 0 lint example.jwks.json
run lint -f tsv service.json
grep -q '	note	route_overlap	' .stdout || fail lint-overlap "$(cat .stdout)"
ok lint-overlap

# each kind, each with something wrong
cat >bad-policy.json <<'END'
{ "id": "x", "type": "access", "state": "active",
  "subject": { "attributes": [
    { "key": "iam_id", "operator": "stringEquals", "value": "IBMid-1" } ] },
  "resource": { "attributes": [
    { "key": "serviceName", "operator": "stringEquls",
      "value": "container-registry" } ] },
  "control": { "grant": { "roles": [
    { "role_id": "crn:v1:bluemix:public:iam::::serviceRole:Reader" } ] } } }
END
cat >bad-directory.json <<'END'
{ "format": "pdp-directory/1",
  "gruops": {} }
END
printf '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}\n' >bad-keys.json
cat >bad-trust.yaml <<'END'
format: pdp-trust/1
issuers:
  - issuer: https://login.example.com
    keys: {file: example.jwks.json}
    algorithms: [HS256]
    audiences: none
    typ: none
END
printf '{"format": "pdp-service/9"}\n' >bad-service.json
for kind in policy directory keys service; do
    check "lint-bad-$kind" 1 lint "bad-$kind.json"
done
check lint-bad-trust 1 lint bad-trust.yaml
for format in text json tsv; do
    check "lint-together-$format" 1 lint -f "$format" bad-policy.json \
        bad-directory.json bad-trust.yaml
done
run lint --format json bad-policy.json bad-directory.json
json lint-json .stdout 'len(value) == 3 and list(value[0]) == ["file", "line",
  "column", "severity", "code", "message", "hint"]
  and {finding["code"] for finding in value}
    == {"missing_member", "unknown_operator", "unknown_member"}'
check lint-clean-json 0 lint -f json trust.json
check lint-clean-tsv 0 lint -f tsv trust.json

# warnings are findings, too
sed 's/"resourceType"/"serviceInstance"/' manager.json |
    sed 's/"container-registry" }/"container-registry" },\
      { "key": "componentId", "operator": "stringEquals", "value": "x" }/' \
        >warning.json
check lint-warning 1 lint warning.json

# claims are no document; the others are looked at all the same
cp "$examples/examples/robin.claims.json" .
check lint-claims 1 lint robin.claims.json
check lint-claims-and-more 1 lint -f tsv robin.claims.json bad-policy.json \
    trust.json

# more errors than are listed: the last line counts all of them
awk 'BEGIN {
    print "{ \"format\": \"pdp-directory/1\","
    for (i = 0; i < 12000; i++) printf "\"unknown%d\": 1,\n", i
    print "\"groups\": {} }"
}' >many.json
run lint many.json
[ "$got" -eq 1 ] || fail lint-many "status $got, not 1"
listed=$(grep -c '\[unknown_member\]$' .stdout)
# Notes on the built-in service are counted with them and not shown.
if [ "$listed" -gt 10000 ] || [ "$listed" -lt 9900 ]; then
    fail lint-many "$listed are listed"
fi
[ "$(grep -c '\[more_findings\]$' .stdout)" -eq 1 ] || fail lint-many "nothing says that there are more"
[ "$(tail -n 1 .stdout)" = "12000 errors, 1 warning, 0 notes" ] ||
    fail lint-many "$(tail -n 1 .stdout)"
ok lint-many

# text that is no document of any kind
printf 'hello\n' >text.txt
check lint-text 1 lint text.txt
: >empty
check lint-empty 1 lint empty
# the usual slips in JSON written by hand have a hint
slip() { # name, text
    printf '%b' "$2" >"$1.json"
    check "lint-slip-$1" 1 lint "$1.json"
    grep -q '^  hint: ' .stdout || fail "lint-slip-$1-hint" "there is none"
}
slip comma '{"id": "x", "type": "access",}\n'
slip no-comma '{"id": "x"\n "type": "access"}\n'
slip quotes "{'id': 'x'}\n"
slip comment '{\n  // why\n  "id": "x" }\n'
slip bom '\0357\0273\0277{"id": "x"}\n'
slip words '{"format": "pdp-directory/1", "complete": True}\n'
slip cut '{"id": "x"\n'
printf '{"a": 1,\n "a": 2}\n' >twice.json
check lint-twice 1 lint twice.json
printf 'a: 1\n---\nb: 2\n' >two.yaml
check lint-yaml-two 1 lint two.yaml
printf 'a: &x 1\nb: *x\n' >alias.yml
check lint-yaml-alias 1 lint alias.yml
printf '{"x\033[2J": 1}\n' >hostile.json
check lint-hostile 1 lint hostile.json

# a file that cannot be read does not hide the others
check lint-unreadable 2 lint none.json bad-policy.json
mkdir conf
sed 's/example.jwks.json/none.jwks.json/' trust.json >conf/trust.json
check lint-missing-keys 2 lint conf/trust.json
# keys that nothing names
cp example.jwks.json spare.json
check lint-unused-keys 1 lint trust.json spare.json
# keys in another folder that have the name a trust document gives its own:
# they are somebody else's
mkdir other
sed 's/example.jwks.json/spare.json/' trust.json >other/trust.json
cp spare.json other/spare.json
check lint-other-keys 1 lint other/trust.json spare.json
status lint-own-keys 0 lint other/trust.json other/spare.json
# a name that begins with a dash
cp bad-policy.json ./-x.json
check lint-dash 1 lint -- -x.json
