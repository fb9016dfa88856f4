#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# routes, events, actions, roles, regions: every format, of the built-in
# service and of one given by --service and --directory.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

for command in routes events actions roles regions; do
    for format in text json tsv; do
        check "catalog-$command-$format" 0 "$command" --format "$format"
    done
    run "$command" -f json
    json "catalog-$command-is-json" .stdout \
        'isinstance(value, list) and len(value) > 3'
    check "catalog-$command-help" 0 "$command" --help
    check "catalog-$command-operand" 2 "$command" x
done

# The tables of the service, as data nobody here wrote.
if [ -n "${PDP_SHARED:-}" ] && [ -f "$PDP_SHARED/facts/registry-routes.tsv" ]; then
    run routes --format=tsv
    same catalog-routes-facts "$PDP_SHARED/facts/registry-routes.tsv" .stdout
else
    echo "catalog-routes-facts: skipped, there is no PDP_SHARED"
fi

cat >service.json <<'END'
{ "format": "pdp-service/1",
  "service": "nest-box",
  "title": "Nest boxes",
  "actions": {
    "nest-box.box.read": { "title": "Look into a box", "scope": "namespace" },
    "nest-box.box.clean": { "title": "Clean a box", "scope": "account" } },
  "roles": {
    "Reader": { "actions": ["nest-box.box.read"] },
    "Manager": { "actions": ["nest-box.box.clean", "nest-box.box.read"] } },
  "events": {
    "nest-box.box.read": { "title": "A box was looked into", "data": true },
    "nest-box.box.paint": { "title": "A box was painted", "data": false,
      "deprecated": true } },
  "params": { "box": { "kind": "namespace" } },
  "regions": [
    { "region": "us-south", "hosts": ["boxes.example.com"], "events": "us-east" } ],
  "routes": [
    { "method": "GET", "path": "/boxes/{box}", "title": "Look.",
      "requires": [{ "action": "nest-box.box.read", "on": ["path:box"] }],
      "event": "nest-box.box.read" },
    { "method": "POST", "path": "/clean", "title": "Clean.",
      "requires": [{ "action": "nest-box.box.clean" }], "event": null },
    { "method": "GET", "path": "/me", "title": "Who am I?",
      "access": "authenticated", "event": null },
    { "method": "GET", "path": "/news", "title": "News.",
      "access": "public", "event": null } ] }
END
cat >directory.json <<END
{ "format": "pdp-directory/1",
  "roles": { "custom_roles": [
    { "name": "Painter", "display_name": "Painter",
      "crn": "crn:v1:bluemix:public:iam-access-management::a/$account::customRole:Painter",
      "account_id": "$account", "service_name": "nest-box",
      "actions": ["nest-box.box.clean"] } ] } }
END
for command in routes events actions roles regions; do
    check "catalog-own-$command" 0 "$command" --service service.json \
        --directory directory.json
done
check catalog-own-roles-tsv 0 roles -f tsv --service=service.json \
    --directory=directory.json

check catalog-no-such-file 2 routes --service none.json
check catalog-format 2 routes --format xml
printf '{"format": "pdp-service/1",\n "servce": "x"}\n' >bad.json
check catalog-invalid 2 events --service bad.json
