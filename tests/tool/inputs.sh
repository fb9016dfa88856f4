#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# The documents decide works with: --jwks, --issuer, --trust, --policies,
# --directory, --service, and what is wrong with them.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

make_key
token nobody
reader='"role_id": "crn:v1:bluemix:public:iam::::serviceRole:Reader"'

policy() { # id, attribute of the subject, its value
    cat <<END
{ "id": "$1", "type": "access", "state": "active",
  "subject": { "attributes": [
    { "key": "$2", "operator": "stringEquals", "value": "$3" } ] },
  "resource": { "attributes": [
    { "key": "accountId", "operator": "stringEquals", "value": "$account" },
    { "key": "serviceName", "operator": "stringEquals",
      "value": "container-registry" } ] },
  "control": { "grant": { "roles": [ { $reader } ] } } }
END
}

judge() { # name, status, more arguments; the reason is the second field
    judge_name=$1
    judge_status=$2
    shift 2
    check "$judge_name" "$judge_status" decide --at "$at" --format tsv "$@" \
        "$image/json"
}

# keys
judge inputs-no-keys 1 --token @nobody
judge inputs-jwks 1 --token @nobody --jwks jwks.json
printf '{"keys":[{"kty":"RSA","kid":"test","n":"AQAB","e":"AQAB"}]}\n' >weak.json
judge inputs-jwks-weak 2 --jwks weak.json
printf '{"keys":[' >broken.json
judge inputs-jwks-broken 2 --jwks broken.json
judge inputs-jwks-missing 2 --jwks none.json

# other issuers: every algorithm
for alg in RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA; do
    "$PDP_CHECK" keygen --alg "$alg" --private "$alg.pem" --jwks "$alg.json" \
        >/dev/null
    "$PDP_CHECK" token --key "$alg.pem" --alg "$alg" --at "$at" --role Reader \
        --issuer https://login.example.com >"$alg.token" 2>/dev/null
    status "inputs-issuer-$alg" 0 decide --at "$at" --jwks "$alg.json" \
        --issuer https://login.example.com --token "@$alg.token" "$image/json"
done
# the default trust is for another issuer, and for RS256 only
judge inputs-default-issuer 1 --jwks RS256.json --token @RS256.token
judge inputs-default-algorithm 1 --jwks ES256.json --token @ES256.token
judge inputs-issuer-ibm 1 --token @nobody --jwks jwks.json \
    --issuer https://iam.cloud.ibm.com/identity
judge inputs-issuer-quote 1 --token @nobody --jwks jwks.json --issuer 'a"b\c'
judge inputs-issuer-without-jwks 2 --issuer https://login.example.com
judge inputs-trust-and-jwks 2 --trust x --jwks y

# trust documents, with their keys beside them
mkdir conf
cp ES256.json conf/keys.json
cat >conf/trust.json <<'END'
{ "format": "pdp-trust/1", "issuers": [
  { "issuer": "https://login.example.com", "keys": { "file": "keys.json" },
    "algorithms": ["ES256"], "audiences": "none", "typ": "none" } ] }
END
cat >conf/trust.yaml <<'END'
# The same, as people write it.
format: pdp-trust/1
issuers:
  - issuer: https://login.example.com
    keys: {file: keys.json}
    algorithms: [ES256]
    audiences: none
    typ: none
END
cp conf/trust.yaml conf/trust.yml
for name in trust.json trust.yaml trust.yml; do
    judge "inputs-$name" 0 --trust "conf/$name" --token @ES256.token
done
sed 's/algorithms/algoritms/' conf/trust.yaml >conf/typo.yaml
judge inputs-trust-typo 2 --trust conf/typo.yaml
sed 's/keys.json/none.json/' conf/trust.yaml >conf/nokeys.yaml
judge inputs-trust-nokeys 2 --trust conf/nokeys.yaml
sed 's/\[ES256\]/\&a [ES256]/' conf/trust.yaml >conf/anchor.yaml
judge inputs-trust-anchor 2 --trust conf/anchor.yaml
printf 'a: [1\n' >conf/syntax.yaml
judge inputs-trust-syntax 2 --trust conf/syntax.yaml

# policies: a file, several, a directory; by iam_id and by group
policy p-one iam_id IBMid-0000000DEV >one.json
judge inputs-policies-file 0 --token @nobody --jwks jwks.json --policies one.json
mkdir many empty
policy p-other iam_id IBMid-somebody >many/1.json
policy p-mine iam_id IBMid-0000000DEV >many/2.json
echo 'not a policy' >many/readme.txt
judge inputs-policies-directory 0 --token @nobody --jwks jwks.json --policies many
judge inputs-policies-empty 2 --policies empty
mkdir pipes
mkfifo pipes/1.json
ln -s ../many/2.json pipes/2.json
ln -s nowhere pipes/3.json
mkdir pipes/4.json
judge inputs-policies-pipes 2 --token @nobody --jwks jwks.json --policies pipes
judge inputs-policies-missing 2 --policies none
printf '[{"type": "acess"}]\n' >acess.json
judge inputs-several-missing 2 --policies none --directory nowhere \
    --policies acess.json --revocations never
judge inputs-service-missing 2 --service none --policies none
policy p-other iam_id IBMid-somebody >other.json
judge inputs-policies-two 0 --token @nobody --jwks jwks.json \
    --policies other.json --policies=one.json
sed 's/serviceRole:Reader/serviceRole:Reeder/' one.json >role.json
judge inputs-policies-role 2 --policies role.json
check inputs-policies-by 0 decide --at "$at" --token @nobody --jwks jwks.json \
    --policies many "$image/json"

policy p-group access_group_id AccessGroupId-birds >group.json
cat >directory.json <<'END'
{ "format": "pdp-directory/1",
  "groups": { "AccessGroupId-birds": ["IBMid-0000000DEV"] } }
END
judge inputs-group 0 --token @nobody --jwks jwks.json --policies group.json \
    --directory directory.json
judge inputs-group-without-directory 1 --token @nobody --jwks jwks.json \
    --policies group.json
token grouped --group AccessGroupId-birds
judge inputs-group-claimed 0 --token @grouped --jwks jwks.json \
    --policies group.json
judge inputs-directory-invalid 2 --directory one.json

# a wrong kind of document is named for what it is, once, and with the
# option that takes it; nothing else is said
examples=$(cd "$here/../../policies" && pwd)
cp "$examples/container-registry.json" service.json
cp "$examples/examples/robin.claims.json" claims.json
cp conf/trust.json conf/trust.yaml .
judge inputs-service 0 --service service.json --token @nobody \
    --jwks jwks.json --policies one.json
misplaced() { # option, file, what it is, option that takes it
    status "inputs-$1-is-$4" 2 decide "--$1" "$2" /
    printf 'pdp-check: %s: %s with --%s\n' "$2" "$3" "$4" >want
    same "inputs-$1-is-$4-told" want .stderr
}
for option in service trust jwks policies directory claims; do
    while read -r takes file what; do
        [ "$takes" = "$option" ] ||
            misplaced "$option" "$file" "$what" "$takes"
    done <<'END'
service service.json this is a service definition (pdp-service/1): give it
trust trust.json this is a trust document (pdp-trust/1): give it
jwks jwks.json this is a key set (JWKS): give it
policies one.json this is an access policy: give it
directory directory.json this is a directory (pdp-directory/1): give it
claims claims.json these are the claims of a token: give them
END
done
misplaced policies trust.yaml \
    "this is a trust document (pdp-trust/1): give it" trust
printf 'format: pdp-directory/1\n' >directory.yaml
check inputs-yaml 2 decide --directory directory.yaml /
check inputs-kind-not-taken 2 routes --service trust.json
# with some of a folder right, those that are not are told
mkdir mixed
cp one.json directory.json jwks.json mixed
check inputs-mixed 2 decide --policies mixed /
# a key file that a trust document names
sed 's/keys.json/one.json/' trust.json >named.json
check inputs-named 2 decide --trust named.json /
# a document that is right is not blamed for one that is not
check inputs-not-blamed 2 decide --policies one.json \
    --directory trust.json /
# claims are claims by any of their names; what is nothing known is judged
for claim in '"iss": "x"' '"iam_id": "x"' '"sub": "x", "policies": ["p"]' \
    '"other": 1'; do
    printf '{ %s }\n' "$claim" >some.json
    status "inputs-claims-$claim" 1 decide --claims some.json "$image/json"
done
check inputs-token-claims 2 token --key key.pem --claims trust.json
check inputs-token-jwks 2 token --key key.pem --jwks trust.json
printf '\357\273\277{}' >bom.json
judge inputs-bom 2 --policies bom.json
printf '\357\273\277format: pdp-trust/1\n' >bom.yaml
judge inputs-yaml-bom 2 --trust bom.yaml
