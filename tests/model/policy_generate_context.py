# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Tags, restrictions, revocations and policies of version 1 for the
generator of policy_generate.py."""

import datetime

import policy_context
import policy_generate_rule as rules
from policy_generate_service import chance

TAGS = ["env:prod", "env:test", "Env:prod", "env:Prod", "team:owls",
        "team a:x.y", "env:pro"]
WANTED = [("env", "stringEquals", "prod"), ("env", "stringMatch", "pr*"),
          ("env", "stringMatch", "*"), ("env", "stringMatch", "P*"),
          ("ENV", "stringEquals", "prod"), ("env", "stringEquals", "PROD"),
          ("team", "stringEquals", "owls"), ("env", "stringMatch", "pro?"),
          ("team a", "stringEquals", "x.y"), ("env", "stringEquals", "test")]
PREFIX = "crn:v1:bluemix:public:"

# Each zone is held against these, which lie at its borders.
CLIENTS = ["192.0.2.0", "192.0.2.1", "192.0.2.9", "192.0.2.10", "192.0.2.66",
           "192.0.2.127", "192.0.2.128", "192.0.2.255", "192.0.3.0",
           "192.0.1.255", "0.0.0.0", "255.255.255.255", "::", "::1",
           "2001:db8::", "2001:db8::1", "2001:db8::ff", "2001:db8::100",
           "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
           "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::",
           "::ffff:192.0.2.1", "::ffff:c000:0209", "2001:DB8:0:0::1",
           "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]
SINGLE = [c for c in CLIENTS if c == c.lower()]
RANGES = ["192.0.2.1-192.0.2.9", "192.0.2.9-192.0.2.9", "192.0.2.2-192.0.2.66",
          "0.0.0.0-255.255.255.255", "192.0.2.10-192.0.2.10",
          "192.0.1.255-192.0.2.0", "2001:db8::1-2001:db8::ff",
          "2001:db8::100-2001:db9::", "::-::1",
          "::ffff:192.0.2.1-::ffff:192.0.2.9",
          "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]
SUBNETS = ["192.0.2.0/24", "192.0.2.0/25", "192.0.2.77/24", "192.0.2.1/32",
           "0.0.0.0/0", "128.0.0.0/1", "192.0.2.8/31", "2001:db8::/32",
           "2001:db8::/127", "2001:db8::1/128", "::/0", "::/127",
           "8000::/1", "2001:db8::f0/121"]
OTHERS = [{"type": "vpc", "value": "crn:v1:x"},
          {"type": "instance", "value": "crn:v1:y"},
          {"type": "serviceRef", "ref": {"account_id": "a" * 32,
                                         "service_name": "z"}}]


# --- tags ------------------------------------------------------------------


def wanted_tags(rng):
    return [dict(zip(("key", "operator", "value"), one))
            for one in rng.sample(WANTED, rng.choice([1, 1, 1, 2]))]


def directory_tags(rng, services, namespaces, spaces, accounts):
    """Names of namespaces, mostly those that there are, and their tags."""
    found = {}
    for _ in range(rng.randint(0, 8)):
        service = rng.choice(services)
        region = rng.choice(service["regions"][:8])
        name, space = region["region"], rng.choice(spaces)
        if namespaces and chance(rng, 80):
            entry = rng.choice(namespaces)
            name, space = entry["region"], entry["namespace"]
            service = next(s for s in services for r in s["regions"]
                           if name in [r["region"]] + r.get("aliases", []))
        key = f"{name}/{space}"
        if chance(rng, 50):      # one account only: two would be an error
            account = accounts["nests" in space]
            key = (f"{PREFIX}{service['service']}:{name}:a/{account}::"
                   f"namespace:{space}")
        elif chance(rng, 3):
            key = f"{PREFIX}elsewhere:{name}:a/{accounts[0]}::thing:{space}"
        found[key] = rng.sample(TAGS, rng.choice([0, 1, 1, 2, 3]))
    return found


# --- version 1 -------------------------------------------------------------


def can_be_version_1(policy):
    plain = {"stringEquals", "stringMatch"}
    return "rule" not in policy and "deny" not in policy["control"] and \
        "subject" in policy and all(
            a["operator"] == "stringEquals" and isinstance(a["value"], str)
            for a in policy["subject"]["attributes"]) and all(
            a["operator"] in plain and isinstance(a["value"], str)
            for a in policy["resource"]["attributes"])


def old_attribute(rng, one):
    found = {"name": one["key"], "value": one["value"],
             "operator": one["operator"]}
    if one["operator"] == "stringEquals" and chance(rng, 60):
        del found["operator"]
    return found


def old_part(rng, part):
    return {name: [old_attribute(rng, one) for one in ones]
            for name, ones in part.items()}


def as_version_1(rng, policy, others, more=True):
    """The policy; more: with other resources beside its own, and with
    subjects of others."""
    account = [a for a in policy["resource"]["attributes"]
               if a["key"] == "accountId"]
    rest = {name: value for name, value in policy.items()
            if name not in ("subject", "resource", "control")}
    subjects, resources = [policy["subject"]], [policy["resource"]]
    for other in others:
        if can_be_version_1(other) and chance(rng, 30):
            subjects.append(other["subject"])
    if more and chance(rng, 30):   # elsewhere, or the whole service
        resources.append({"attributes": account + [
            {"key": "serviceName", "operator": "stringEquals",
             "value": "elsewhere"}]})
    if more and chance(rng, 20):   # narrower
        resources.append({"attributes": policy["resource"]["attributes"] + [
            {"key": "resource", "operator": "stringMatch", "value": "b*"}]})
    rng.shuffle(subjects)
    rng.shuffle(resources)
    return dict(rest, subjects=[old_part(rng, s) for s in subjects],
                roles=policy["control"]["grant"]["roles"],
                resources=[old_part(rng, r) for r in resources])


# --- restrictions ----------------------------------------------------------


def entry(rng, excluded):
    kind = rng.choice(["ipAddress", "ipRange", "subnet"])
    if not excluded and chance(rng, 8):
        return rng.choice(OTHERS)
    return {"type": kind, "value": rng.choice(
        {"ipAddress": SINGLE, "ipRange": RANGES, "subnet": SUBNETS}[kind])}


def zone(rng, number, account):
    made = {"id": f"zone-{number}", "account_id": account, "name": "n",
            "addresses": [entry(rng, False) for _ in range(
                rng.choice([1, 1, 2, 3, 6]))]}
    if chance(rng, 60):
        made["excluded"] = [entry(rng, True) for _ in range(
            rng.choice([0, 1, 1, 2, 4]))]
    if chance(rng, 20):
        made["address_count"] = len(made["addresses"])
        made["excluded_count"] = len(made.get("excluded", []))
    return made


def context(rng, zones):
    attributes = []
    if zones and chance(rng, 75):
        attributes.append({"name": "networkZoneId", "value": ",".join(
            z["id"] for z in rng.sample(zones, min(len(zones), rng.choice(
                [1, 1, 2]))))})
    if not attributes or chance(rng, 40):
        attributes.append({"name": "endpointType", "value": ",".join(
            rng.sample(rules.ENDPOINTS, rng.choice([1, 1, 2, 3])))})
    if chance(rng, 5):
        attributes.append(dict(rng.choice(attributes)))
    return {"attributes": attributes}


def restriction(rng, number, zones, resources):
    """resources: a function that makes a resource of version 2."""
    made = {"contexts": [context(rng, zones)
                         for _ in range(rng.choice([0, 1, 1, 1, 2, 3]))],
            "resources": [old_part(rng, resources())
                          for _ in range(rng.choice([1, 1, 2]))]}
    if chance(rng, 90):
        made["id"] = f"rule-{number}"
    if chance(rng, 40):
        made["enforcement_mode"] = rng.choice(
            ["enabled", "report", "report", "disabled"])
    if chance(rng, 20):
        kinds = [policy_context.ALL_KINDS, policy_context.PLATFORM]
        made["operations"] = {"api_types": [
            {"api_type_id": kind}
            for kind in rng.choice([kinds[:1], kinds[1:], kinds])]}
    return made


def restrictions(rng, account, resources):
    """Documents of zones and rules."""
    zones = [zone(rng, n, account) for n in range(rng.randint(0, 3))]
    made = [restriction(rng, n, zones, resources)
            for n in range(rng.choice([1, 1, 2, 3, 5]))]
    if chance(rng, 3):           # more than a decision lists
        made = [dict(made[0], id=f"many-{n}", enforcement_mode=rng.choice(
            ["enabled", "report"])) for n in range(20)]
    shape = rng.random()
    if shape < 0.4:
        return [{"zones": zones, "rules": made,
                 "count": len(zones) + len(made)}]
    if shape < 0.6:
        return [d for d in (zones, made) if d]
    if shape < 0.8:
        return [{"rules": made}] + zones
    mixed = zones + made
    rng.shuffle(mixed)
    return [mixed]


# --- revocations -----------------------------------------------------------


def stamp(rng, at):
    """A moment as RFC 3339, sometimes in another offset or a fraction
    earlier than it counts."""
    east, zone_ = rng.choice([(0, "Z"), (0, "+00:00"), (3600, "+01:00"),
                              (-19800, "-05:30")])
    fraction = ""
    if chance(rng, 25):
        at, fraction = at - 1, rng.choice([".5", ".000000001", ".9"])
    text = (datetime.datetime(1970, 1, 1) + datetime.timedelta(
        seconds=at + east)).isoformat()
    return text + fraction + zone_


def revocations(rng, issuer, people, moment):
    entries = []
    for _ in range(rng.randint(1, 4)):
        one = {"issuer": issuer if chance(rng, 90) else issuer + "/plain"}
        if chance(rng, 45):
            one["jti"] = rng.choice(["t1", "t2", "T1", "t1 ", "t\u00e9"])
        elif chance(rng, 85):
            about = max(moment + rng.choice([-3600, -60, 0, 1, -1]), 86400)
            one.update(subject=rng.choice(people), issued_before=stamp(
                rng, min(about, rules.LAST - 86400)))
        else:
            one["kid"] = "k"
        if chance(rng, 10):
            one["note"] = "why"
        entries.append(one)
    return {"format": "pdp-revocations/1", "revocations": entries}


def issued(rng, now, documents):
    """Claims jti and iat, near what is revoked."""
    claims = {}
    if chance(rng, 60):
        claims["jti"] = rng.choice(["t1", "t2", "t3", "t\u00e9"])
    if chance(rng, 1):
        claims["jti"] = rng.choice([1, None, ["t1"]])
    moments = [policy_context.moment(e["issued_before"])
               for d in documents for e in d["revocations"] if "subject" in e]
    if chance(rng, 80):
        at = rng.choice(moments or [now]) + rng.choice([0, 0, -1, 1, -0.5, 60])
        claims["iat"] = max(0, min(at, now))
    return claims
