# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Reference model of bearer, token, claims and principal: is this token
good, whose is it, and if not, why not?

Written from pdp-trust(5), pdp-reasons(7), RFC 7515 to 7519 and RFC 8725.
Where the contract leaves the order of two faults open, the order here is:
three parts; header; forbidden members; kid and typ; alg; empty signature;
payload; iss; alg for the issuer; key; alg for the key; signature; typ;
times; aud; principal; account; scope; groups; policy claims; revocations;
Account; service in scope.
"""

import base64
import binascii
import decimal
import json
import re

ALPHABET = re.compile(rb"[A-Za-z0-9_-]*\Z")
ALGS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
        "ES384", "ES512", "EdDSA"}
FORBIDDEN = {"crit", "b64", "zip", "jwk", "jku", "x5u", "x5c"}
TIME_MAX = 253402300799                        # 9999-12-31T23:59:59Z
IBM = "https://iam.cloud.ibm.com/identity"
DEFAULT_CLAIMS = {
    "principal": "/iam_id", "account": "/account/bss", "groups": "/groups",
    "scope": "/scope", "roles": "/roles", "actions": "/actions",
    "policies": "/policies"}


class Denied(Exception):
    """The reason of a refusal."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


def need(condition, reason):
    """Denied unless."""
    if not condition:
        raise Denied(reason)


# JSON

class Duplicate(ValueError):
    """A member that is there twice."""


class NumberRange(Exception):
    """A number no reader can hold."""


def members(pairs):
    """An object; two members of one name are no object."""
    if len(dict(pairs)) != len(pairs):
        raise Duplicate()
    return dict(pairs)


def integer(text):
    """Within 64 bits."""
    if not -2**63 <= int(text) < 2**63:
        raise NumberRange()
    return decimal.Decimal(text)


def real(text):
    """What every reader takes for finite and not zero: the first digit that
    counts is within 10^-307 and 10^307.  Kept exactly."""
    value = decimal.Decimal(text)
    if value != 0 and abs(value.adjusted()) > 307:
        raise NumberRange()
    return value


def constant(_):
    """NaN and Infinity are no JSON."""
    raise ValueError()


def check_strings(value, depth):
    """No NUL, no lone surrogate, no more than 32 open brackets."""
    if isinstance(value, str):
        if "\0" in value or re.search("[\ud800-\udfff]", value):
            raise ValueError()
    elif isinstance(value, (dict, list)):
        if depth == 32:
            raise ValueError()
        for item in value:
            check_strings(item, depth + 1)
            if isinstance(value, dict):
                check_strings(value[item], depth + 1)


def read_json(data):
    """Strict JSON text -> object; ValueError, or NumberRange."""
    value = json.loads(
        data.decode("utf-8"), object_pairs_hook=members, parse_int=integer,
        parse_float=real, parse_constant=constant)
    check_strings(value, 0)
    if not isinstance(value, dict):
        raise ValueError()
    return value


def unbase64(part):
    """base64url with one spelling only; ValueError."""
    if not ALPHABET.match(part) or len(part) % 4 == 1:
        raise ValueError()
    data = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=") != part:
        raise ValueError()
    return data


# Trust

class Key:
    """A key of a set: signer of token_crypto, kid and alg or None."""

    def __init__(self, signer, kid=None, alg=None):
        self.signer, self.kid = signer, kid
        self.algs = {alg} if alg else set(signer.algs)


class Issuer:
    """An entry of the trust document, with its defaults, and its keys."""

    def __init__(self, entry, keys):
        ibm = {"algorithms": ["RS256"], "audiences": "none", "typ": "none"}
        entry = {**(ibm if entry["issuer"] == IBM else {}), **entry}
        self.name, self.keys = entry["issuer"], keys
        self.algs = set(entry["algorithms"])
        self.audiences, self.typ = entry["audiences"], entry["typ"]
        self.leeway = {"exp": 0, "nbf": 60, "iat": 60,
                       **entry.get("leeway", {})}
        self.claims = {**DEFAULT_CLAIMS, **entry.get("claims", {})}
        self.account = entry.get("account")
        self.grants = entry.get("policy_claims", "accept") == "accept"


def pointer(document, path):
    """RFC 6901; None: nothing there."""
    for token in path.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list):
            if not re.match(r"(?:0|[1-9][0-9]*)\Z", token) or (
                    int(token) >= len(document)):
                return None
            document = document[int(token)]
        elif isinstance(document, dict) and token in document:
            document = document[token]
        else:
            return None
        if document is None:
            return NULL
    return document


NULL = object()                                # a claim that is null


# The stages

def bearer(headers):
    """Token bytes of the Authorization header."""
    found = [value for name, value in headers
             if name.lower() == "authorization"]
    need(found, "token_missing")
    scheme, _, token = found[0].partition(b" ")
    need(scheme.lower() == b"bearer", "token_missing")
    token = token.lstrip(b" ")
    need(1 <= len(token) <= 8192, "token_malformed")
    return token


def read_part(part, cap=None):
    """One part of a token as an object."""
    try:
        data = unbase64(part)
        need(cap is None or len(data) <= cap, "token_malformed")
        return read_json(data)
    except (ValueError, RecursionError, binascii.Error):
        raise Denied("token_malformed") from None


def read_header(part):
    """alg, kid and typ; kid and typ may be None."""
    try:
        header = read_part(part, 1024)
    except NumberRange:
        raise Denied("token_malformed") from None
    need(not FORBIDDEN & set(header), "token_malformed")
    for name in ("kid", "typ"):
        need(name not in header or isinstance(header[name], str),
             "token_malformed")
    kid = header.get("kid")
    need(kid is None or len(kid.encode()) <= 256, "token_malformed")
    alg = header.get("alg")
    need(isinstance(alg, str) and alg in ALGS, "alg_refused")
    return alg, kid, header.get("typ")


def find_key(issuer, alg, kid):
    """The one key that may have signed it."""
    need(alg in issuer.algs, "alg_refused")
    if kid is None:
        fit = [key for key in issuer.keys if alg in key.algs]
        need(len(fit) == 1, "key_unknown")
        return fit[0]
    fit = [key for key in issuer.keys if key.kid == kid]
    need(fit, "key_unknown")
    need(alg in fit[0].algs, "alg_refused")
    return fit[0]


def read_claims(reader):
    """The payload, by a reader that may raise."""
    try:
        return reader()
    except NumberRange:
        raise Denied("claim_invalid") from None
    except (ValueError, RecursionError):
        raise Denied("token_malformed") from None


def find_issuer(issuers, claims):
    """The issuer that iss names."""
    need("iss" in claims, "issuer_untrusted")
    need(isinstance(claims["iss"], str), "claim_invalid")
    for issuer in issuers:
        if issuer.name == claims["iss"]:
            return issuer
    raise Denied("issuer_untrusted")


def verify(token, issuers, verified):
    """(issuer, kid, typ, claims, key) of a token whose signature is good;
    verified remembers what was found out about signatures."""
    parts = token.split(b".")
    need(len(parts) == 3, "token_malformed")
    alg, kid, typ = read_header(parts[0])
    need(parts[2] != b"", "alg_refused")
    claims = read_claims(lambda: read_part(parts[1]))
    issuer = find_issuer(issuers, claims)
    key = find_key(issuer, alg, kid)
    try:
        signature = unbase64(parts[2])
    except (ValueError, binascii.Error):
        raise Denied("token_malformed") from None
    asked = (token, issuer.name)
    if asked not in verified:
        verified[asked] = key.signer.verify(
            alg, parts[0] + b"." + parts[1], signature)
    need(verified[asked], "signature_invalid")
    return issuer, kid, typ, claims, key


def seconds(claims, name):
    """(floor, ceiling) of a NumericDate, or None."""
    if name not in claims:
        return None
    value = claims[name]
    need(isinstance(value, decimal.Decimal), "claim_invalid")
    low = int(value.to_integral_value(decimal.ROUND_FLOOR))
    high = int(value.to_integral_value(decimal.ROUND_CEILING))
    need(low >= 0 and high <= TIME_MAX, "claim_invalid")
    return low, high


def check_times(issuer, claims, now):
    """The expiry."""
    exp, nbf, iat = (seconds(claims, name) for name in ("exp", "nbf", "iat"))
    need(exp is not None, "claim_invalid")
    need(now < exp[0] + issuer.leeway["exp"], "token_expired")
    for time, name in ((nbf, "nbf"), (iat, "iat")):
        need(time is None or now >= time[1] - issuer.leeway[name],
             "token_not_yet_valid")
    return exp[0]


def check_audience(issuer, claims):
    """One of ours must be there."""
    if issuer.audiences == "none":
        return
    need("aud" in claims, "audience_mismatch")
    aud = claims["aud"]
    aud = [aud] if isinstance(aud, str) else aud
    need(isinstance(aud, list) and all(isinstance(one, str) for one in aud),
         "claim_invalid")
    need(set(aud) & set(issuer.audiences), "audience_mismatch")


def names_in(claims, path):
    """An array of strings, or nothing."""
    value = pointer(claims, path)
    if value is None:
        return []
    need(isinstance(value, list) and all(
        isinstance(one, str) for one in value), "claim_invalid")
    return value


def identity(issuer, claims):
    """(principal, account, scope)."""
    principal = pointer(claims, issuer.claims["principal"])
    need(isinstance(principal, str) and principal, "claim_invalid")
    account = issuer.account
    if account is None:
        account = pointer(claims, issuer.claims["account"])
        need(isinstance(account, str) and account, "claim_invalid")
        parent = issuer.claims["account"].rpartition("/")[0]
        holder = pointer(claims, parent) if parent else None
        need(not isinstance(holder, dict) or holder.get("valid", True) is True,
             "claim_invalid")                  # the payload itself does not count
    scope = pointer(claims, issuer.claims["scope"])
    need(scope is None or isinstance(scope, str), "claim_invalid")
    return principal, account, scope or ""


def judge(headers, unsigned, issuers, now, service, verified, wanted,
          revocations):
    """Fills wanted with principal and account as soon as they are known;
    returns (roles, actions) that the token claims.  unsigned: claims in the
    place of a token, or None."""
    kid = typ = key = None
    if unsigned is None:
        issuer, kid, typ, claims, key = verify(bearer(headers), issuers,
                                               verified)
    else:
        need(len(unsigned) <= 8192, "token_malformed")
        claims = read_claims(lambda: read_json(unsigned))
        issuer = find_issuer(issuers, claims)
    if issuer.typ != "none" and unsigned is None:
        need(typ is not None and re.sub(
            r"\Aapplication/", "", typ, flags=re.I).lower() ==
            issuer.typ.lower(), "type_mismatch")
    expires = check_times(issuer, claims, now)
    check_audience(issuer, claims)
    principal, account, scope = identity(issuer, claims)
    names_in(claims, issuer.claims["groups"])
    roles = actions = ()
    if issuer.grants:
        roles = names_in(claims, issuer.claims["roles"])
        actions = names_in(claims, issuer.claims["actions"])
        names_in(claims, issuer.claims["policies"])
    revoked = revocations.judge(issuer.name, principal, claims,
                                key.kid if key else None)
    need(revoked is None, revoked)
    wanted.update(principal=principal, token_account=account, kid=kid,
                  expires=expires)
    for name, value in headers:
        if name.lower() == "account":
            need(value == account.encode(), "account_mismatch")
    wanted["account"] = account
    words = {word for word in scope.split(" ")} - {"", "ibm", "openid"}
    need(not words or service in words, "scope_mismatch")
    return roles, actions
