# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Cases for the model of tokens (token_jws.py): random trust documents, tokens
that the model signs itself, tokens that were damaged after they were signed,
and signatures that only a careless verifier takes.
"""

import functools
import json
import random

import batch
import policy_context
import token_crypto as crypto
from token_crypto import b64
from token_jws import Denied, Issuer, Key, judge

REASONS = {
    "permitted", "public", "authenticated", "no_grant", "token_missing",
    "token_malformed", "alg_refused", "key_unknown", "signature_invalid",
    "token_expired", "token_not_yet_valid", "issuer_untrusted",
    "audience_mismatch", "type_mismatch", "claim_invalid",
    "account_mismatch", "scope_mismatch", "token_revoked"}

NOW = 1795253400
IBM = "https://iam.cloud.ibm.com/identity"
ACCOUNT = "4f8e2b1c9d3a4b5c8e7f6a5b4c3d2e1f"
PRINCIPALS = ["IBMid-270000TEST", "iam-ServiceId-1", "iam-Profile-x", "crn-y",
              "CertificateId-z", "x", "\u00e9\u4e2d", "a b"]
SERVICE = json.dumps({
    "format": "pdp-service/1", "service": "svc", "title": "S",
    "actions": {"svc.do": {"title": "Do", "scope": "account"}},
    "roles": {"Manager": {"actions": ["svc.do"]}, "Idle": {"actions": []}},
    "events": {}, "params": {},
    "regions": [{"region": "r", "aliases": [], "hosts": ["h"], "events": "r"}],
    "routes": [
        {"method": "GET", "path": "/do", "title": "T", "event": None,
         "requires": [{"action": "svc.do"}]},
        {"method": "GET", "path": "/me", "title": "T", "event": None,
         "access": "authenticated"},
        {"method": "GET", "path": "/open", "title": "T", "event": None,
         "access": "public"}]})
GRANTING = {"Manager", "crn:v1:bluemix:public:iam::::serviceRole:Manager",
            "crn:v1:bluemix:public:svc::::serviceRole:Manager"}


@functools.lru_cache(None)
def pool():
    """Keys of this process: costly, and the same everywhere."""
    return ([crypto.RsaKey(seed) for seed in range(4)] +
            [crypto.EcKey(seed, curve) for seed, curve in enumerate(
                ("P-256", "P-256", "P-384", "P-521"))] +
            [crypto.EdKey(seed) for seed in range(2)])


def pick(rng, *weighted):
    """One of (weight, value)."""
    return rng.choices([value for _, value in weighted],
                       [weight for weight, _ in weighted])[0]


def random_keys(rng, algs):
    """A key set of 1 to 5 keys, the first of which can be used with one of
    these algorithms; kids may also be those of other issuers."""
    keys = []
    for number in range(rng.randint(1, 5)):
        signer = rng.choice([one for one in pool() + pool()[:4]
                             if number > 0 or set(one.algs) & set(algs)])
        keys.append(Key(
            signer, pick(rng, (6, "k%d" % number), (1, None),
                         (1, "\u00e9/../%d\"" % number)),
            rng.choice(signer.algs) if rng.random() < 0.3 else None))
    return keys


def jwks(keys):
    """The set as text."""
    found = []
    for key in keys:
        jwk = key.signer.jwk()
        if key.kid is not None:
            jwk["kid"] = key.kid
        if len(key.algs) == 1:
            jwk["alg"] = min(key.algs)
        found.append(jwk)
    return json.dumps({"keys": found})


def random_issuer(rng, number):
    """An entry of the trust document, without its keys."""
    entry = {"issuer": IBM if number == 0 else "https://i%d.example" % number}
    every = sorted({alg for signer in pool() for alg in signer.algs})
    if number > 0:
        entry["algorithms"] = rng.sample(every, rng.randint(5, len(every)))
        entry["audiences"] = pick(rng, (2, "none"), (1, ["me"]),
                                  (1, ["you", "me"]))
        entry["typ"] = pick(rng, (2, "none"), (1, "at+jwt"), (1, "JWT"))
    if rng.random() < 0.5:
        entry["leeway"] = {name: rng.choice((0, 1, 60, 300))
                           for name in ("exp", "nbf", "iat")
                           if rng.random() < 0.6}
    claims = {}
    if rng.random() < 0.3:
        claims["principal"] = rng.choice(["/sub", "/who/0", "/a~1b/c~0d"])
    if rng.random() < 0.3:
        entry["account"] = "fixed"
    elif rng.random() < 0.3:
        claims["account"] = rng.choice(["/acct", "/x/acct"])
    if rng.random() < 0.2:
        claims["scope"] = "/scp"
    if claims:
        entry["claims"] = claims
    if rng.random() < 0.2:
        entry["policy_claims"] = rng.choice(["ignore", "accept"])
    return entry


def put(claims, path, value):
    """Sets what a pointer names."""
    names = [name.replace("~1", "/").replace("~0", "~")
             for name in path.split("/")[1:]]
    for name, after in zip(names, names[1:]):
        claims = claims.setdefault(name, [] if after == "0" else {})
    if isinstance(claims, list):
        claims.append(value)
    elif isinstance(claims, dict):
        claims[names[-1]] = value


WRONG = ["", 7, None, True, [], {}, "x", ["x"], -1, 1.5]
TIMES = [0, 1, -1, 0.5, -0.5, NOW, NOW + 0.25, 253402300799, 253402300800,
         253402300799.5, 1e18, 9223372036854775807, "17952534000", 1e30, None]
RAW_TIMES = ["1e309", "-1e309", "9.9e307", "1e-307", "1e308", "9223372036854775808", "1.79525340005e9",
             "1e-9", "-0", "-0.0", "2e10", "253402300799.0000000001",
             "1795253400.9999999999", "-9223372036854775809", "1e-400",
             "25340230079.9e1", "0.0000000001795253401e19", "12345e-2000"]


def time_near(rng):
    """About now, often just at a border."""
    return NOW + rng.choice((-3600, -300, -60, -1, 0, 1, 60, 300, 3600)) + \
        rng.choice((-1, 0, 0, 1, 0.5))


def random_claims(rng, issuer):
    """Claims that are good, then perhaps a few that are not."""
    claims = {"iss": issuer.name, "exp": NOW + 3600, "iat": NOW - 20}
    put(claims, issuer.claims["principal"], rng.choice(PRINCIPALS))
    if issuer.account is None or rng.random() < 0.3:
        put(claims, issuer.claims["account"], ACCOUNT)
        if rng.random() < 0.3 and "account" in claims:
            claims["account"].update(valid=rng.choice((True, True, False, 1)),
                                     frozen=True)
    if issuer.audiences != "none":
        claims["aud"] = rng.choice(["me", ["me"], ["x", "me"]] * 3 + [
            "you", [], ["x"], "mex", ["m", "e"], "ME"])
    if rng.random() < 0.6:
        claims["roles"] = rng.sample(sorted(GRANTING) + ["Idle", "manager"],
                                     rng.randint(0, 3))
    if rng.random() < 0.2:
        claims["actions"] = rng.choice([["svc.do"], ["svc.d"], [], ["*"]])
    if rng.random() < 0.5:
        put(claims, issuer.claims["scope"], rng.choice(
            ["ibm openid", "svc", "ibm svc", "other", "other svc", "",
             "  ibm  ", "SVC", "svc\tother", "svcx"]))
    for name in ("exp", "nbf", "iat"):
        if rng.random() < 0.12:
            claims[name] = time_near(rng)
        if rng.random() < 0.03:
            claims[name] = rng.choice(TIMES)
    if rng.random() < 0.15:
        name = rng.choice(["iss", "exp", "aud", "account", "iam_id", "sub",
                           "acct", "x", "scope", "scp", "groups", "roles",
                           "actions", "policies", "valid", "who", "a/b"])
        claims[name] = rng.choice(WRONG + [["me", 1], ["you"], [["me"]]])
    if rng.random() < 0.05:
        claims.pop(rng.choice(sorted(claims)))
    if rng.random() < 0.03:
        claims["iss"] = issuer.name + rng.choice(["/", "x", "\u0001"])
    if rng.random() < 0.4:
        claims["jti"] = rng.choice(["a", "b", "c", "A"] * 6 + WRONG)
    if rng.random() < 0.1:
        claims["groups"] = rng.choice([["g1", "g2"], [], ["g"]])
    return claims


def text_of(rng, claims):
    """JSON, with what json.dumps() would never write."""
    text = json.dumps(claims, ensure_ascii=rng.random() < 0.5)
    if rng.random() < 0.9:
        return text
    more = rng.choice([
        '"x":1,"x":2', '"a":{"b":1,"\\u0062":2}', '"x":"\\u0000"',
        '"x\\u0000":1', '"x":"\\ud800"', '"x":"\\ud83d\\ude00"', '"x":01',
        '"x":NaN', '"x":-Infinity', '"x":1.', '"x":.5', '"x":+1', '"x":1E5',
        '"x":"\t"', '"x":\'y\'', '"x":tru', '"x":1e308', '"x":-1e-999',
        '"x":' + "[" * 31 + "]" * 31, '"x":' + "[" * 32 + "]" * 32, '"x":1e309',
        '"x":18446744073709551616', '"x":[1,]', '"x":"\\x"', '"x":"\\/"',
        '"nbf":' + rng.choice(RAW_TIMES), '"":{}', '"x":nul', '"x":"\x7f"',
        '"iat" : ' + rng.choice(RAW_TIMES), '"exp":' + rng.choice(RAW_TIMES)])
    if '"exp":' in more:
        text = json.dumps({key: value for key, value in claims.items()
                           if key != "exp"})
    return pick(rng, (20, text[:-1] + "," + more + "}"), (1, text + "}"),
                (1, " \r\n\t" + text + "\n"), (1, "\ufeff" + text),
                (1, "[" + text + "]"), (1, ""), (1, text + "\0"))


def random_header(rng, alg, kid, typ):
    """The header of a token, now and then an odd one."""
    header = {"alg": alg}
    if typ != "none":
        header["typ"] = rng.choice([typ, typ.upper(), "application/" + typ])
    if kid is not None and rng.random() < 0.95:
        header["kid"] = kid
    if rng.random() < 0.1:
        header["typ"] = rng.choice(
            ["JWT", "at+jwt", "AT+JWT", "application/at+jwt", "jwt", "",
             "Application/JWT", "at+jwtx", "application/", "at"])
    if rng.random() < 0.08:
        header["alg"] = rng.choice(["none", "None", "", "HS256", "RS256",
                                    "PS256", "ES256", "EdDSA", "rs256", None,
                                    7, ["RS256"], "ES256K", "RS256 ", "ES384"])
    if rng.random() < 0.05:
        header["kid"] = rng.choice(["k0", "k1", "", 7, None, "K0", "k0 ", "k",
                                    "x" * 256, "x" * 257, "\u00e9" * 128])
    if rng.random() < 0.05:
        header[rng.choice(["crit", "b64", "zip", "jwk", "jku", "x5u", "x5c",
                           "x5t", "cty", "Crit", "x"])] = rng.choice(WRONG)
    if rng.random() < 0.02:
        header["x"] = "y" * rng.randint(900, 1050)
    if rng.random() < 0.02:
        header["typ"] = rng.choice(WRONG)
    return header


def forge(rng, signer, alg, data):
    """A signature: mostly a good one, else one that is wrong on purpose."""
    good = signer.sign(alg, data)
    if rng.random() < 0.85:
        return good
    if alg.startswith("PS") and rng.random() < 0.6:
        return signer.sign(alg, data, salt=b"s" * rng.choice(
            (0, 1, 20, 31, 33, 47, 49, 63, 65)))
    if signer.kty == "RSA":
        value = crypto.number(good) + signer.n
        return rng.choice([
            signer.sign(rng.choice(signer.algs), data),
            good[1:], b"\0" + good, good + b"\0", bytes(256), b"\0" * 255 + b"\1",
            value.to_bytes(257, "big"), value.to_bytes(257, "big")[-256:],
            pool()[3].sign(alg, data)])
    half = len(good) // 2
    if signer.kty == "EC":
        r, s = crypto.number(good[:half]), crypto.number(good[half:])
        pairs = [(r, signer.n - s), (0, 0), (r, 0), (0, s), (r, s ^ 1),
                 (signer.n, s), (r, signer.n), (1, 1), (s, r)]
        raw = [b"".join(part.to_bytes(half, "big") for part in pair)
               for pair in pairs]
        return rng.choice(raw + [good[:-1], good + b"\0",
                                 good[:half] + b"\0" + good[half:],
                                 b"\x30\x44\x02\x20" + good[:half] +
                                 b"\x02\x20" + good[half:]])
    over = crypto.little(good[32:]) + crypto.L
    return rng.choice([
        good[:32] + over.to_bytes(32, "little"), bytes(64), good[:-1],
        b"\1" + bytes(63), good[32:] + good[:32], good + b"\0"])


def mint(rng, issuers):
    """A token as text, and its claims."""
    issuer = rng.choice(issuers)
    key = rng.choice([one for one in issuer.keys if one.algs & issuer.algs] or
                     issuer.keys)
    if rng.random() < 0.06:
        key = rng.choice(rng.choice(issuers).keys)
    alg = rng.choice(sorted(key.algs & issuer.algs) or sorted(key.algs))
    signer = key.signer if rng.random() < 0.95 else rng.choice(
        [one for one in pool() if one.kty == key.signer.kty])
    header = random_header(rng, alg, key.kid, issuer.typ)
    text = json.dumps(header)
    if rng.random() < 0.02:
        text = rng.choice([text[:-1] + ',"alg":"%s"}' % alg, text + " x", "[]",
                           text[:-1] + ',"x":1e999}', '{"\\u0061lg":"%s"}' % alg])
    claims = text_of(rng, random_claims(rng, issuer))
    data = b64(text.encode()) + "." + b64(claims.encode("utf-8"))
    alg = alg if alg in signer.algs else signer.algs[0]
    signature = forge(rng, signer, alg, data.encode())
    return data + "." + b64(signature), claims.encode("utf-8")


def damage(rng, token, other):
    """One change of a token after it was signed."""
    at = rng.randrange(len(token) + 1)
    parts, others = token.split("."), other.split(".")
    part = rng.randrange(3)
    change = rng.randrange(9)
    if change == 0:
        new = rng.choice("ABab09-_")
        return token[:at] + new + token[at + 1:]
    if change == 1:
        return token[:at] + rng.choice("+/=. \n\0\x7f~,") + token[at + 1:]
    if change == 2:
        return token[:at]
    if change == 3:
        return token[:at] + rng.choice(["", "A", ".", "=", "\xff"]) + token[at:]
    if change == 4:
        parts[part] = others[part]
    elif change == 5:
        parts[part] = rng.choice(["", "e30", "W10", "bnVsbA", "A" * 8000, "A"])
    elif change == 6:
        parts[part] += rng.choice(["=", "==", "A", "AA", "AAAA", " "])
    elif change == 7:
        last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        if parts[part] and parts[part][-1] in last:      # a spare bit, maybe
            parts[part] = parts[part][:-1] + last[
                last.index(parts[part][-1]) ^ 1]
    else:
        return rng.choice([token + ".", "." + token, "..", "", "...", "a.b.c",
                           token + ".A.A", token[::-1], ".".join(parts[:2]),
                           ".".join(parts[:2]) + ".", token * 9])
    return ".".join(parts)


def authorization(rng, token):
    """The header that carries it."""
    scheme = "Bearer "
    if rng.random() < 0.04:
        scheme = rng.choice(["bearer ", "BEARER   ", "Bearer", "Basic ", "", " ",
                             "Bearer\t", "Bearerx ", "Bearer: ", " Bearer "])
    return (scheme + token).encode("latin-1")


def one_case(rng, tokens):
    """A request with one of the tokens."""
    token, claims = rng.choice(tokens)
    if rng.random() < 0.3:
        token = damage(rng, token, rng.choice(tokens)[0])
    headers = []
    if rng.random() > 0.01:
        headers.append(("Authorization", authorization(rng, token)))
    if rng.random() < 0.15:
        headers.append(("Account", rng.choice(
            [ACCOUNT, ACCOUNT, "fixed", ACCOUNT + "x", ACCOUNT[:-1],
             ACCOUNT.upper()]).encode()))
    now = NOW + pick(rng, (8, 0), (1, rng.choice((-61, -1, 1, 61))),
                     (1, rng.randint(-4000, 8000)))
    return batch.Case("GET", pick(rng, (7, "/do"), (3, "/me"), (0.3, "/open")),
                      tuple(headers), now,
                      claims if rng.random() < 0.1 else None)


def random_revocations(rng, entries, keys):
    """A list of tokens, principals and keys, of any issuer."""
    found = []
    for _ in range(rng.randint(1, 4)):
        number = rng.randrange(3)
        one = {"issuer": entries[number]["issuer"]}
        kids = [key.kid for key in keys[number] if key.kid is not None]
        kind = rng.random()
        if kind < 0.4:
            one["jti"] = rng.choice(["a", "b", "A", "x"])
        elif kind < 0.75 or not kids:
            one.update(subject=rng.choice(PRINCIPALS), issued_before=rng.choice(
                ["2026-11-21T09:29:40Z", "2026-11-21T09:29:41Z",
                 "2026-11-21T09:29:40.5Z", "2026-11-21T10:29:41+01:00",
                 "2026-11-21T09:30:00Z", "1970-01-01T00:00:00Z"]))
        else:
            one["kid"] = rng.choice(kids)
        found.append(one)
    return {"format": "pdp-revocations/1", "revocations": found}


def generate(rng, cases):
    """Loads of 250 cases with 25 tokens; half of the workers have a cache."""
    for _ in range(0, cases, 250):
        entries = [random_issuer(rng, number) for number in range(3)]
        keys = [random_keys(rng, entry.get("algorithms", ["RS256"]))
                for entry in entries]
        for number, entry in enumerate(entries):
            entry["keys"] = {"file": "%d.json" % number}
        entries[0].pop("typ", None)
        issuers = [Issuer(entry, one) for entry, one in zip(entries, keys)]
        documents = [("service", "s.json", SERVICE), ("trust", "t.json",
                     json.dumps({"format": "pdp-trust/1", "issuers": entries}))]
        documents += [("jwks", "%d.json" % number, jwks(one))
                      for number, one in enumerate(keys)]
        revoked = []
        if rng.random() < 0.3:
            revoked.append(("revoked.json", random_revocations(
                rng, entries, keys)))
        documents += [("revocations", name, json.dumps(one))
                      for name, one in revoked]
        tokens = [mint(rng, issuers) for _ in range(25)]
        yield batch.Load(documents, [one_case(rng, tokens)
                                     for _ in range(250)],
                         rng.choice((0, 0, 4, 64)), facts=(
                             issuers, {}, policy_context.Revocations(
                                 revoked, {one.name for one in issuers})))


def expect(load, case):
    """What the model says."""
    issuers, verified, revocations = load.facts
    wanted = {"principal": None, "token_account": None, "account": None}
    if case.target == "/open":
        return dict(wanted, reason="public")
    try:
        roles, actions = judge(case.headers, case.claims, issuers, case.now,
                               "svc", verified, wanted, revocations)
        wanted["reason"] = "authenticated"
        if case.target == "/do":
            granted = GRANTING & set(roles) or "svc.do" in actions
            wanted["reason"] = "permitted" if granted else "no_grant"
            wanted["missing"] = [] if granted else ["svc.do"]
    except Denied as denied:
        wanted["reason"] = denied.reason
    return wanted
