# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Reference model of policies: where may a request come from, and is its
token revoked?  Written from pdp-restrictions(5) and pdp-revocations(5).

A zone is not made into stretches here: an address is held against each entry
of it, one after the other, by Python's own reading of networks.
"""

import datetime
import ipaddress
import re

import policy_tags
from policy_conditions import applies, condition, read_address

ALL_KINDS = "crn:v1:bluemix:public:context-based-restrictions::::api-type:"
PLATFORM = ("crn:v1:bluemix:public:context-based-restrictions::::"
            "platform-api-type:")
LISTED = 16                      # restrictions that a decision tells


# --- addresses -------------------------------------------------------------


def entry_has(entry, address):
    if entry["type"] == "ipAddress":
        return read_address(entry["value"]) == address
    if entry["type"] == "ipRange":
        first, last = map(read_address, entry["value"].split("-"))
        return first.version == address.version and first <= address <= last
    if entry["type"] == "subnet":
        return address in ipaddress.ip_network(entry["value"], strict=False)
    return False                 # a network that no request tells


def zone_has(zone, address):
    return any(entry_has(e, address) for e in zone["addresses"]) and \
        not any(entry_has(e, address) for e in zone.get("excluded", []))


# --- restrictions ----------------------------------------------------------


def lists(document):
    """(zones, rules) of a document, each rule with its place in its list."""
    if isinstance(document, list):
        items = document
    elif "zones" in document or "rules" in document:
        return document.get("zones", []), list(enumerate(
            document.get("rules", []), 1))
    else:
        items = [document]
    return [i for i in items if "addresses" in i], list(enumerate(
        [i for i in items if "addresses" not in i], 1))


class Restrictions:
    """All documents of this kind."""

    def __init__(self, documents):
        self.zones = {}
        self.rules = []          # of (id, rule)
        for name, document in documents:
            zones, rules = lists(document)
            self.zones.update({z["id"]: z for z in zones})
            self.rules += [(r.get("id", f"{name}#{n}"), r) for n, r in rules
                           if r.get("enforcement_mode") != "disabled" and
                           self.kinds(r)]

    def kinds(self, rule):
        """Whether it is for the service's own API."""
        types = rule.get("operations", {}).get(
            "api_types", [{"api_type_id": ALL_KINDS}])
        return ALL_KINDS in [t["api_type_id"] for t in types]

    def is_for(self, rule, places):
        """places: (view, tags) of each resource of the request."""
        for part in rule["resources"]:
            part = policy_tags.as_part(part)
            for view, tags in places:
                answers = [condition(a, view.get(a["key"]))
                           for a in part["attributes"]]
                answers += policy_tags.answers(part.get("tags", []), tags)
                if applies(answers, True):
                    return True
        return False

    def met(self, context, origin):
        """Whether all of a context is known to hold."""
        address, endpoint = read_address(origin[0]), origin[1]
        for a in context["attributes"]:
            values = a["value"].split(",")
            if a["name"] == "networkZoneId":
                if address is None or not any(
                        zone_has(self.zones[z], address) for z in values):
                    return False
            elif endpoint not in values:
                return False
        return True

    def told(self, places, origin):
        """(id, flags) of all that have something to tell, the flags as
        batch.Answer gives them."""
        found = []
        for name, rule in self.rules:
            if not self.is_for(rule, places):
                continue
            passes = any(self.met(c, origin) for c in rule["contexts"])
            if rule.get("enforcement_mode", "enabled") == "report":
                found.append((name, "rp" if passes else "rd"))
            elif not passes:
                found.append((name, "ed"))
        return found


# --- revocations -----------------------------------------------------------


STAMP = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)",
    re.ASCII | re.IGNORECASE)


def moment(text):
    """Seconds since 1970, rounded up: a doubt revokes."""
    found = STAMP.fullmatch(text)
    zone = "+00:00" if found[3] in "Zz" else found[3]
    seconds = datetime.datetime.fromisoformat(
        found[1].upper() + zone).timestamp()
    return int(seconds) + bool(found[2] and found[2].strip(".0"))


class Revocations:
    """All documents of this kind."""

    def __init__(self, documents, issuers):
        entries = [e for _, d in documents for e in d["revocations"]
                   if e["issuer"] in issuers]
        self.tokens = {(e["issuer"], e["jti"]) for e in entries
                       if "jti" in e}
        self.keys = {(e["issuer"], e["kid"]) for e in entries if "kid" in e}
        self.subjects = {}
        for e in entries:
            if "subject" in e:
                key = (e["issuer"], e["subject"])
                self.subjects[key] = max(moment(e["issued_before"]),
                                         self.subjects.get(key, -1))

    def judge(self, issuer, principal, claims, kid=None):
        """The reason to refuse a token that is good otherwise, or None.
        kid: that of the key that verified it."""
        jti = claims.get("jti")
        if "jti" in claims and self.tokens and not isinstance(jti, str):
            return "claim_invalid"
        issued = claims.get("iat")
        before = self.subjects.get((issuer, principal))
        named = isinstance(jti, str) and (issuer, jti) in self.tokens
        if named or (issuer, kid) in self.keys or (
                before is not None and (issued is None or
                                        issued // 1 < before)):
            return "token_revoked"
        return None
