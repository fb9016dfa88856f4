#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# token: claims by default, from options and from a file; header and key.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

make_key
check token-help 0 token --help

# The part of the token in .token as JSON: 1 header, 2 claims.
take_part() { # number
    python3 - "$1" <<'END' >.part
import base64
import sys

with open(".token", encoding="ascii") as stream:
    part = stream.read().strip().split(".")[int(sys.argv[1]) - 1]
print(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode())
END
}

part() { # number, options
    number=$1
    shift
    "$PDP_CHECK" token --key key.pem --at "$at" "$@" 2>.stderr >.token ||
        fail token "status $? for $*"
    take_part "$number"
}

claims() { # name, options; compared with the expected file
    claims_name=$1
    shift
    part 2 "$@"
    same "$claims_name" "$golden/$claims_name.txt" .part
}

claims token-default
grep -q 'for development only' .stderr || fail token-warning "no warning"
ok token-warning
claims token-service-id --iam-id iam-ServiceId-123
claims token-profile --iam-id iam-Profile-123
claims token-crn --iam-id crn-crn:v1:bluemix:public:codeengine:us-south:a/1:2::
claims token-other --iam-id CertificateId-1
claims token-options --issuer https://login.example.com --iam-id IBMid-1 \
    --account acc --group g1 --group g2 --role Reader --role Writer \
    --action container-registry.image.pull --policy-id p1 --scope 'ibm openid x' \
    --audience aud --expires-in 60
claims token-claim --claim 'nbf=1' --claim 'aud=["a","b"]' --claim 'scope=' \
    --claim 'x="\u00e9"' --claim 'sub=' --claim 'sub="again"'
claims token-expired --expires-in=-60

cat >base.json <<'END'
{ "iss": "https://base.example.com", "iat": 1, "exp": 2,
  "account": { "valid": true, "bss": "file", "ims": "7" }, "extra": [1.5, null] }
END
claims token-file --claims base.json
claims token-file-options --claims base.json --account option --expires-in 10

# without --at: now, for who signs and for who decides
before=$(date +%s)
"$PDP_CHECK" token --key key.pem --kid test --role Reader 2>/dev/null >.token
after=$(date +%s)
take_part 2
json token-now .part "$before <= value['iat'] <= $after
  and value['exp'] == value['iat'] + 3600"
status token-now-decide 0 decide --jwks jwks.json --token @.token "$image/json"
"$PDP_CHECK" token --key key.pem --kid test --role Reader \
    --at "$(date -u -d @$((before - 3700)) +%Y-%m-%dT%H:%M:%SZ)" \
    2>/dev/null >.token
status token-past 1 decide --format json --jwks jwks.json --token @.token \
    "$image/json"
json token-past-reason .stdout 'value["reason"] == "token_expired"'

# header: names of keys
thumbprint=$("$PDP_CHECK" keygen --private t.pem --jwks t.json)
"$PDP_CHECK" keygen --private named.pem --jwks t.json --append --kid named >/dev/null
part 1
json token-header .part 'list(value) == ["alg", "kid", "typ"]
  and value["alg"] == "RS256" and value["typ"] == "JWT"
  and len(value["kid"]) == 43'
"$PDP_CHECK" token --key t.pem --at "$at" --role Reader >out.token 2>/dev/null
status token-thumbprint 0 decide --at "$at" --jwks t.json --token @out.token "$image/json"
"$PDP_CHECK" token --key named.pem --jwks t.json --at "$at" --role Reader \
    >out.token 2>/dev/null
status token-from-jwks 0 decide --at "$at" --jwks t.json --token @out.token "$image/json"
part 1 --kid other --typ at+jwt
json token-kid .part 'value["kid"] == "other" and value["typ"] == "at+jwt"'
part 1 --alg PS256 --kid ''
json token-no-kid .part 'value == {"alg": "PS256", "typ": "JWT"}'
: "$thumbprint"

# another type than JWT is signed without libjwt; it verifies all the same
cat >trust.json <<'END'
{ "format": "pdp-trust/1", "issuers": [
  { "issuer": "https://login.example.com", "keys": { "file": "all.json" },
    "algorithms": ["RS256", "PS384", "ES256", "ES512", "EdDSA"],
    "audiences": ["registry"], "typ": "at+jwt" } ] }
END
for alg in RS256 PS384 ES256 ES512 EdDSA; do
    "$PDP_CHECK" keygen --alg "$alg" --private "$alg.pem" --jwks all.json \
        --append >/dev/null
done
for alg in RS256 PS384 ES256 ES512 EdDSA; do
    "$PDP_CHECK" token --key "$alg.pem" --alg "$alg" --at "$at" --typ at+jwt \
        --issuer https://login.example.com --audience registry --role Reader \
        >out.token 2>/dev/null
    status "token-typ-$alg" 0 decide --at "$at" --trust trust.json \
        --token @out.token "$image/json"
done

# the same options give the same token
for alg in RS256 RS512; do
    "$PDP_CHECK" token --key key.pem --at "$at" --alg "$alg" >one 2>/dev/null
    "$PDP_CHECK" token --key key.pem --at "$at" --alg "$alg" >two 2>/dev/null
    same "token-same-$alg" one two
done

check token-no-key 2 token
check token-key-missing 2 token --key none.pem
echo hello >text.pem
check token-key-text 2 token --key text.pem
openssl pkey -in key.pem -aes128 -passout pass:x -out locked.pem
check token-key-locked 2 token --key locked.pem
openssl genpkey -algorithm X25519 -out x25519.pem
check token-key-x25519 2 token --key x25519.pem
check token-alg-misfit 2 token --key key.pem --alg ES256
check token-alg-unknown 2 token --key key.pem --alg none
check token-kid-and-jwks 2 token --key key.pem --kid a --jwks t.json
check token-not-in-jwks 2 token --key key.pem --jwks t.json
check token-claim-form 2 token --key key.pem --claim nothing
check token-claim-json 2 token --key key.pem --claim 'a=b'
check token-claims-array 2 token --key key.pem --claims text.pem
echo '[1]' >array.json
check token-claims-array-json 2 token --key key.pem --claims array.json
check token-expires 2 token --key key.pem --expires-in soon
check token-role-utf8 2 token --key key.pem --role "$(printf '\377')"
check token-operand 2 token --key key.pem x
