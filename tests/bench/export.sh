#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# The export of an account of 1,000 policies loads unchanged, in both forms,
# and what was skipped is said and counted exactly.  How long it takes is
# `make bench`.  The export is made by make-export.py beside this file, which
# knows what it put in.
#
# A count that differs: either a policy was skipped that applies (then the
# library grants or denies less than the account does), or the other way.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

make=$(cd "$here/../bench" && pwd)/make-export.py
command -v python3 >.null || {
    echo "export.sh: SKIP, there is no python3"
    exit 77
}
python3 "$make" roles >roles.json

for form in v2 v1; do
    python3 "$make" --form "$form" export >"$form.json"
    python3 "$make" --form "$form" counts >counted
    run lint -f tsv "$form.json" roles.json
    # what was skipped, and no finding but these
    grep ' polic' counted | grep -v 'in use' | sort >wanted
    grep policy_skipped .stdout | cut -f 6 | sort >got
    same "export-$form-skipped" wanted got
    grep -c foreign_role .stdout >got || :
    sed -n 's/ roles that are not ours//p' counted >wanted
    same "export-$form-foreign" wanted got
    grep -v -e policy_skipped -e foreign_role .stdout | cut -f 1,4,5 >got || :
    printf 'roles.json\tnote\tunused\n' >wanted
    same "export-$form-nothing-else" wanted got
    # what is left
    cat >suite.json <<END
{ "format": "pdp-tests/1", "policies": ["$form.json"],
  "directory": ["roles.json"], "at": "$at",
  "principals": {"nobody": {"iam_id": "nobody",
    "account": {"bss": "8d5f3a1c7b9e4d2fa06c1e4b7d90f325"}}},
  "cases": [{"name": "nothing", "principal": "nobody",
    "request": "GET /api/v1/plans", 
    "expect": {"decision": "deny", "reason": "no_grant"}}] }
END
    run test --coverage -f json suite.json
    [ "$got" -eq 0 ] || fail "export-$form-suite" "$(cat .stdout .stderr)"
    python3 - >got <<'END'
import json
with open(".stdout", encoding="utf-8") as file:
    print(len(json.load(file)["coverage"]["policies"]))
END
    sed -n 's/ policies in use//p' counted >wanted
    same "export-$form-in-use" wanted got
done

# and it decides: a policy of the registry, in its hours and after them
cat >claims.json <<'END'
{ "iss": "https://iam.cloud.ibm.com/identity", "exp": 1900000000,
  "iam_id": "IBMid-270000212",
  "account": { "bss": "8d5f3a1c7b9e4d2fa06c1e4b7d90f325" } }
END
for second in 00 01; do
    run decide --claims claims.json --policies v2.json \
        --directory roles.json -f tsv --at "2026-11-20T17:00:$second-05:00" \
        "$image/json"
    cut -f 1,2 .stdout
done >got
printf 'allow\tpermitted\ndeny\tno_grant\n' >wanted
same export-decides wanted got
