#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# keygen: the files, their modes, what is replaced and what is not.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

check keygen-help 0 keygen --help

mode() { # file
    stat -c %a "$1"
}

check keygen-kid 0 keygen --private a.pem --jwks a.json --kid birds
[ "$(mode a.pem)" = 600 ] || fail keygen-mode "$(mode a.pem)"
[ "$(mode a.json)" = 644 ] || fail keygen-mode-jwks "$(mode a.json)"
grep -q 'BEGIN PRIVATE KEY' a.pem || fail keygen-pem "no PEM"
json keygen-public-only a.json 'list(value) == ["keys"]
  and set(value["keys"][0]) == {"kty", "n", "e", "use", "alg", "kid"}
  and value["keys"][0]["kid"] == "birds" and value["keys"][0]["alg"] == "RS256"
  and len(value["keys"][0]["n"]) == 342'

# nothing is replaced unless asked
cp a.pem a.pem.old
cp a.json a.json.old
check keygen-exists 2 keygen --private b.pem --jwks a.json
[ ! -e b.pem ] || fail keygen-exists-nothing "a key was left behind"
check keygen-private-exists 2 keygen --private a.pem --jwks b.json
[ ! -e b.json ] || fail keygen-private-exists-nothing "a key set was left behind"
cmp a.pem a.pem.old || fail keygen-untouched "the key changed"
ln -s nowhere link.pem
status keygen-link 2 keygen --private link.pem --jwks b.json
[ ! -e nowhere ] || fail keygen-link-followed "it wrote through a link"
status keygen-no-directory 2 keygen --private none/b.pem --jwks b.json
status keygen-no-directory-jwks 2 keygen --private b.pem --jwks none/b.json
[ ! -e b.pem ] || fail keygen-half "a key without its key set was left behind"

# --append, --force
check keygen-append-twice 2 keygen --private b.pem --jwks a.json --append --kid birds
check keygen-append 0 keygen --private b.pem --jwks a.json --append --kid nests
json keygen-appended a.json '[key["kid"] for key in value["keys"]]
  == ["birds", "nests"]'
check keygen-append-new 0 keygen --private c.pem --jwks c.json --append --kid c
echo '{"keys": 1}' >broken.json
check keygen-append-broken 2 keygen --private d.pem --jwks broken.json --append
printf '{"keys": [\n' >broken.json
check keygen-append-syntax 2 keygen --private d.pem --jwks broken.json --append
chmod 644 a.pem
check keygen-force 0 keygen --private a.pem --jwks a.json --force --kid new
[ "$(mode a.pem)" = 600 ] || fail keygen-force-mode "$(mode a.pem)"
if cmp -s a.pem a.pem.old; then fail keygen-force "the key is the old one"; fi
json keygen-forced a.json '[key["kid"] for key in value["keys"]] == ["new"]'
[ "$(find . -name '*.new')" = "" ] || fail keygen-left "temporary files"

# algorithms and sizes
run keygen --private 3072.pem --jwks 3072.json --bits 3072 --alg PS512
json keygen-bits 3072.json 'len(value["keys"][0]["n"]) == 512
  and value["keys"][0]["alg"] == "PS512"'
for row in ES256:P-256:43 ES384:P-384:64 ES512:P-521:88; do
    alg=${row%%:*}
    run keygen --private "$alg.pem" --jwks "$alg.json" --alg "$alg"
    json "keygen-$alg" "$alg.json" "'$row'.split(':') == [
      value['keys'][0]['alg'], value['keys'][0]['crv'],
      str(len(value['keys'][0]['x']))]
      and len(value['keys'][0]['y']) == len(value['keys'][0]['x'])"
done
run keygen --private ed.pem --jwks ed.json --alg EdDSA
json keygen-EdDSA ed.json 'value["keys"][0]["crv"] == "Ed25519"
  and len(value["keys"][0]["x"]) == 43 and len(value["keys"][0]["kid"]) == 43'

# the default name is the thumbprint: it is printed, and token finds it
run keygen --private t.pem --jwks t.json
json keygen-thumbprint t.json "value['keys'][0]['kid'] == '$(cat .stdout)'"

python3 - t.json ES256.json ES512.json ed.json <<'END' || fail keygen-rfc7638 'see above'
import base64
import hashlib
import json
import sys

NAMES = {"RSA": ["e", "kty", "n"], "EC": ["crv", "kty", "x", "y"],
         "OKP": ["crv", "kty", "x"]}
for name in sys.argv[1:]:
    with open(name, encoding="ascii") as stream:
        key = json.load(stream)["keys"][0]
    # RFC 7638 3
    text = json.dumps({member: key[member] for member in NAMES[key["kty"]]},
                      separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).digest()
    thumbprint = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if thumbprint != key["kid"]:
        sys.exit(f"{name}: {key['kid']} is not {thumbprint}")
END
ok keygen-rfc7638

check keygen-bits-small 2 keygen --private x --jwks y --bits 1024
check keygen-bits-word 2 keygen --private x --jwks y --bits many
check keygen-bits-ec 2 keygen --private x --jwks y --alg ES256 --bits 2048
check keygen-alg 2 keygen --private x --jwks y --alg HS256
check keygen-missing 2 keygen --private x
check keygen-same 2 keygen --private x --jwks x
check keygen-empty-kid 2 keygen --private x --jwks y --kid ''
status keygen-kid-utf8 2 keygen --private x --jwks y --kid "$(printf '\377')"
check keygen-operand 2 keygen --private x --jwks y z
