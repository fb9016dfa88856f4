#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Access tags, context-based restrictions and revoked tokens: decide and lint.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

zone='{"id": "office", "account_id": "'$account'", "addresses": [
    {"type": "subnet", "value": "192.0.2.0/24"},
    {"type": "vpc", "value": "crn:v1:bluemix:public:is:us-south:a/1::vpc:x"}],
  "excluded": [{"type": "ipAddress", "value": "192.0.2.66"}]}'
reach='"resources": [{"attributes": [
    {"name": "accountId", "value": "'$account'"},
    {"name": "serviceName", "value": "container-registry"}]}]'
from='"contexts": [{"attributes": [
    {"name": "networkZoneId", "value": "office"},
    {"name": "endpointType", "value": "private"}]}]'
printf '{"zones": [%s]}\n' "$zone" >zones.json
cat >rules.json <<END
{"count": 2, "rules": [
  {"id": "from-office", "crn": "crn:v1:x", $from, $reach},
  {"id": "trial", $from, $reach, "enforcement_mode": "report"}]}
END
printf '[%s]\n' "$zone" >zone-list.json
printf '{"id": "r", %s, %s}\n' "$from" "$reach" >one-rule.json
cat >report.json <<END
{"rules": [{"id": "trial", $from, $reach, "enforcement_mode": "report"}]}
END

# who is let through
make_key
token token.txt --role Manager --account "$account" \
    --claim 'jti="one"'
judge() { # name, status, options
    name=$1
    want=$2
    shift 2
    check "$name" "$want" decide --token @token.txt --jwks jwks.json \
        --at "$at" "$@" "$image/json"
}
judged() { # name, status, options
    name=$1
    want=$2
    shift 2
    judge "$name" "$want" --restrictions zones.json \
        --restrictions rules.json "$@"
}
judged context-allow-text 0 --address 192.0.2.7 --endpoint-type private
judged context-allow-json 0 -f json --address 192.0.2.7 --endpoint-type private
judged context-deny-text 1 --address 192.0.2.66 --endpoint-type private
judged context-deny-json 1 -f json --address 192.0.2.66 --endpoint-type private
judged context-deny-tsv 1 -f tsv --address 192.0.2.7 --endpoint-type public
judged context-unknown 1 -f tsv
judged context-no-address 1 -f tsv --address nowhere --endpoint-type private
judge context-report-text 0 --restrictions zones.json --restrictions report.json
judge context-bad-type 2 --endpoint-type secret
judge context-misplaced 2 --policies zones.json

# revoked
revoked() { # file, entry
    printf '{"format": "pdp-revocations/1", "revocations": [{"issuer": %s, %s}]}\n' \
        '"https://iam.cloud.ibm.com/identity"' "$2" >"$1"
}
revoked jti.json '"jti": "one"'
revoked other.json '"jti": "two"'
revoked kid.json '"kid": "test"'
judge revoked-jti 1 -f tsv --revocations jti.json
judge revoked-other 0 -f tsv --revocations other.json
judge revoked-both 1 -f tsv --revocations other.json --revocations jti.json
judge revoked-kid 1 -f tsv --revocations kid.json

# what is what, and what is wrong with it
check context-lint 0 lint zones.json rules.json jti.json
check context-lint-list 0 lint zone-list.json one-rule.json
sed 's/192.0.2.0/192.0.2/; s/excluded/exclude/' zones.json >bad-zones.json
sed 's/networkZoneId/networkZone/; s/report/reports/' rules.json >bad-rules.json
check context-lint-bad 1 lint bad-zones.json bad-rules.json
printf '{"format": "pdp-revocations/1", "revocations": [%s, %s]}\n' \
    '{"issuer": "https://iam.cloud.ibm.com", "jti": "x", "kid": "y"}' \
    '{"subject": "s", "issued_before": "yesterday"}' >bad-revocations.json
check revoked-lint-bad 1 lint bad-revocations.json
