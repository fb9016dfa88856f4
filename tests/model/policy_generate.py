# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Cases for the model of policy evaluation: documents and requests.

Both are drawn from one small world of accounts, principals, groups, regions
and namespaces, so that they meet.  A policy is made to fit some target, and
every third one is then spoilt in one attribute; a request is made to fit
some policy, and every second one is spoilt in one respect.  So most cases lie
on one side or the other of a border, a single difference away from it.
"""

import json

import batch
import policy_generate_context as context
import policy_generate_rule as rules
from policy_generate_condition import attribute, living_condition, \
    one_condition, spoil_condition
from policy_generate_service import KEYS, REGISTRY, chance, small_service

ACCOUNTS = ["a" * 32, "b" * 32]
PEOPLE = ["IBMid-1", "IBMid-2", "iam-ServiceId-1", "iam-Profile-1", "crn-1"]
GROUPS = ["AccessGroupId-1", "AccessGroupId-2", "AccessGroupId-3"]
PUBLIC = "AccessGroupId-PublicAccess"
SPACES = ["birds", "nests", "dev-nests", "dev-eggs", "bird", "prod"]
RESOURCE_GROUPS = ["rg1", "rg2", "rg*1", "rg?1", "rgé1"]
ISSUER = "https://iam.cloud.ibm.com/identity"
LOGIN = "https://login.example.com"
GENERIC = "crn:v1:bluemix:public:iam::::"
CUSTOM = "crn:v1:bluemix:public:iam-access-management::a/"
TRUST = {"format": "pdp-trust/1", "issuers": [
    {"issuer": ISSUER, "keys": {"file": "keys.json"}},
    {"issuer": LOGIN, "keys": {"file": "keys.json"}, "algorithms": ["RS256"],
     "audiences": "none", "typ": "none", "account": ACCOUNTS[0],
     "claims": {"principal": "/sub", "groups": "/realm/groups"}},
    {"issuer": LOGIN + "/plain", "keys": {"file": "keys.json"},
     "algorithms": ["RS256"], "audiences": "none", "typ": "none",
     "policy_claims": "ignore"}]}


# --- policies --------------------------------------------------------------


def region_condition(rng, service, condition, inline):
    """Regions that the service has, where the condition is about them; none
    in a token only, since the loader would refuse it."""
    if condition["key"] == "region":
        names = [n for r in service["regions"][:8]
                 for n in [r["region"]] + r.get("aliases", [])]
        condition["value"] = rng.choice(names)
        if condition["operator"] == "stringExists":
            condition["value"] = not inline or chance(rng, 50)
        elif condition["operator"] == "stringMatch":
            condition["value"] = condition["value"][:3] + "*"
        elif "Any" in condition["operator"]:
            condition["value"] = rng.sample(names, min(2, len(names)))
    return condition


def spelling(rng, name):
    return rng.choice([name, name.replace(" ", "%20"), name.replace(" ", "")])


class World:
    """What one snapshot is made of, and requests to it."""

    def __init__(self, rng):
        self.rng = rng
        self.model = None        # made by policy.expect()
        self.parts = []          # documents of kind policies
        self.versions = True     # some of them of version 1
        kind = rng.random()
        self.builtin = kind < 0.6
        self.services = [REGISTRY] if kind < 0.75 else []
        if kind >= 0.6:
            self.services.append(small_service(rng))
        self.trust = TRUST if chance(rng, 30) else None
        self.moment = rules.moment(rng)
        self.custom_roles = []
        self.directory = self.make_directory() if chance(rng, 75) else None
        self.targets = []        # service and actions of each policy
        self.policies = [self.policy(f"p{n}")
                         for n in range(rng.randint(2, 12))]
        self.plain = chance(rng, 45)
        if self.plain:
            self.make_plain()
        elif chance(rng, 3):
            self.crowd()
        self.restrictions = self.revocations = ()
        if chance(rng, 10 if self.plain else 40):
            self.restrictions = [(f"r{n}.json", d) for n, d in enumerate(
                context.restrictions(rng, ACCOUNTS[0], self.restricted))]
        if chance(rng, 15):
            self.revocations = [("v.json", context.revocations(
                rng, ISSUER, PEOPLE, self.moment))]

    def crowd(self):
        """More policies for one request than a decision lists."""
        for n in range(11):
            policy = self.policy(f"crowd{n}")
            policy["subject"] = {"attributes": [
                attribute("access_group_id", "stringEquals", PUBLIC)]}
            policy["resource"]["attributes"] = [
                a for a in policy["resource"]["attributes"]
                if a["key"] in ("accountId", "serviceName")] + [
                    attribute("serviceType", "stringExists", True)]
            self.policies.append(policy)

    def make_plain(self):
        """Everything hangs on the rules and tags: a policy for each of the
        people, now and then a denial beside a grant, or a grant without a
        rule of something else."""
        rng = self.rng
        self.policies, self.targets = [], []
        for number, who in enumerate(PEOPLE):
            service = rng.choice(self.services)
            role = self.role(service, ACCOUNTS[0], "deny")
            deny = chance(rng, 25)
            other = self.role(service, ACCOUNTS[0])
            for effect in ["deny", "grant"] if deny else ["grant"]:
                policy = {
                    "id": f"{effect}{number}", "type": "access",
                    "subject": {"attributes": [
                        attribute("iam_id", "stringEquals", who)]},
                    "resource": {"attributes": [
                        attribute("accountId", "stringEquals", ACCOUNTS[0]),
                        attribute("serviceName", "stringEquals",
                                  service["service"])]},
                    "control": {effect: {"roles": [{"role_id": role[0]}]}}}
                if effect == "deny" or not deny:
                    if chance(rng, 40):
                        policy["resource"]["tags"] = context.wanted_tags(rng)
                    if "tags" not in policy["resource"] or chance(rng, 30):
                        self.add_rule(policy, service)
                self.policies.append(policy)
                self.targets.append((service, set(role[1] + other[1])
                                     if not deny else set(role[1])))
            if not deny and chance(rng, 50):
                self.policies.append(dict(
                    {k: v for k, v in policy.items()
                     if k not in ("rule", "pattern")}, id=f"other{number}",
                    resource={"attributes": policy["resource"]["attributes"]},
                    control={"grant": {"roles": [{"role_id": other[0]}]}}))
                self.targets.append(self.targets[-1])

    # -- directory

    def make_directory(self):
        rng = self.rng
        document = {"format": "pdp-directory/1"}
        regions = [n for s in self.services for r in s["regions"][:8]
                   for n in [r["region"]] + r.get("aliases", [])]
        if chance(rng, 80):
            document["groups"] = {}
            for group in rng.sample(GROUPS + [PUBLIC], rng.randint(0, 3)):
                members = rng.sample(PEOPLE, rng.randint(0, 3))
                document["groups"][group] = members if chance(rng, 50) else {
                    "members": [{"iam_id": m} for m in members]}
        if chance(rng, 80):
            document["namespaces"] = []
            seen = set()
            for _ in range(rng.randint(0, 14)):
                region, space = rng.choice(regions), rng.choice(SPACES)
                if (self.main_name(region), space) in seen:
                    continue
                seen.add((self.main_name(region), space))
                entry = {"region": region, "namespace": space,
                         "account": ACCOUNTS[chance(rng, 12)]}
                if chance(rng, 70):
                    entry["resource_group"] = rng.choice(RESOURCE_GROUPS)
                document["namespaces"].append(entry)
        if chance(rng, 60):
            document["tags"] = context.directory_tags(
                rng, self.services, document.get("namespaces"), SPACES,
                ACCOUNTS)
        if "namespaces" in document and chance(rng, 30):
            document["complete"] = True
        if chance(rng, 50):
            document["roles"] = self.make_roles()
        return document

    def main_name(self, name):
        return next(r["region"] for s in self.services for r in s["regions"]
                    if name in [r["region"]] + r.get("aliases", []))

    def make_roles(self):
        rng = self.rng
        for account in ACCOUNTS:
            for name in ("Sweeper", "Looker"):
                service = rng.choice(self.services)
                actions = sorted(service["actions"])
                self.custom_roles.append({
                    "name": name, "display_name": name + " Role",
                    "account_id": account, "service_name": service["service"],
                    "crn": f"{CUSTOM}{account}::customRole:{name}",
                    "actions": rng.sample(actions, min(3, len(actions)))})
        answer = {"custom_roles": self.custom_roles, "service_roles": [],
                  "system_roles": []}
        return [answer] if chance(rng, 30) else answer

    # -- policies

    def role(self, service, account, effect="grant"):
        """A role that a policy of the account may name: id, actions."""
        rng = self.rng
        if chance(rng, 25):
            fitting = [r for r in self.custom_roles
                       if r["account_id"] == account and
                       r["service_name"] == service["service"]]
            if fitting:
                role = rng.choice(fitting)
                return role["crn"], role["actions"]
        if effect == "grant" and chance(rng, 5):
            return GENERIC + "role:" + rng.choice(
                ["Viewer", "Administrator"]), []
        names = [n for n, r in service["roles"].items()
                 if not r.get("platform")]
        name = rng.choice(names + [n for n in names if n == "Manager"] * 3)
        where = rng.choice(["iam", service["service"]])
        return (f"crn:v1:bluemix:public:{where}::::serviceRole:" +
                spelling(rng, name), service["roles"][name]["actions"])

    def subject(self):
        rng = self.rng
        if chance(rng, 8):
            return None
        one = attribute("iam_id", "stringEquals", rng.choice(PEOPLE))
        group = attribute("access_group_id", "stringEquals",
                          rng.choice(GROUPS + [PUBLIC]))
        if chance(rng, 10):
            group = attribute("access_group_id", "stringExists",
                              chance(rng, 75))
        if chance(rng, 6):
            one = attribute("iam_id", "stringExists", chance(rng, 75))
        return rng.choice([[one], [one], [group], [group], [one, group]])

    def resource(self, service, account, effect, inline):
        """Conditions that fit one place of the service, then one spoilt."""
        rng = self.rng
        region = rng.choice(service["regions"][:8])
        place = {"resourceType": "namespace", "resource": rng.choice(SPACES),
                 "region": rng.choice([region["region"]] +
                                      region.get("aliases", [])),
                 "resourceGroupId": rng.choice(RESOURCE_GROUPS + [None]),
                 "geography": region.get("geography"),
                 "serviceType": "service", "service_group_id": "IAM",
                 "serviceInstance": None, "path": "x"}
        shares = {"resourceType": 30, "resource": 40, "region": 25,
                  "resourceGroupId": 12, "geography": 4, "serviceType": 5,
                  "service_group_id": 3, "serviceInstance": 4, "path": 2}
        conditions = [one_condition(rng, key, place[key])
                      for key, share in shares.items() if chance(rng, share)]
        if conditions and chance(rng, 30):
            spoilt = rng.choice(conditions)
            spoil_condition(rng, spoilt)
            if spoilt["key"] == "serviceType" and \
                    spoilt["operator"] != "stringExists":
                spoilt.update(attribute("serviceType", "stringEquals",
                                        "platform_service"))
        if conditions and chance(rng, 4):
            conditions.append(one_condition(rng, conditions[0]["key"],
                                            place[conditions[0]["key"]]))
        if effect == "deny":     # of what there is: see the manual
            conditions = [living_condition(
                rng, region_condition(rng, service, c, inline))
                for c in conditions]
            while sum(c["key"] == "region" for c in conditions) > 1:
                conditions.pop()
        keys = {c["key"] for c in conditions}
        if chance(rng, 5):
            conditions.append(attribute("serviceName", "stringEquals",
                                        "elsewhere"))
        elif not keys & {"serviceType", "service_group_id",
                         "resourceGroupId"} or chance(rng, 80):
            conditions.append(attribute("serviceName", "stringEquals",
                                        service["service"])
                              if chance(rng, 90) else
                              one_condition(rng, "serviceName",
                                            service["service"]))
        conditions.append(attribute("accountId", "stringEquals", account))
        rng.shuffle(conditions)
        found = {"attributes": conditions}
        if chance(rng, 15 if not inline else 2):
            found["tags"] = context.wanted_tags(rng)
        return found

    def restricted(self):
        """A resource of a restriction, made like that of a denial, since it
        is refused for the same reasons."""
        while True:
            made = self.resource(self.rng.choice(self.services), ACCOUNTS[0],
                                 "deny", False)
            if all(a["operator"] in ("stringEquals", "stringMatch") and
                   isinstance(a["value"], str) and a["key"] != "path"
                   for a in made["attributes"]):
                return made

    def policy(self, name, inline=False, account=None):
        rng = self.rng
        service = rng.choice(self.services)
        account = account or ACCOUNTS[chance(rng, 8)]
        effect = "deny" if chance(rng, 18) else "grant"
        roles = [self.role(service, account, effect)
                 for _ in range(rng.choice([1, 1, 2]))]
        if not inline:
            self.targets.append((service, {a for r in roles for a in r[1]}))
        policy = {
            "id": name, "type": "access", "state": "active",
            "resource": self.resource(service, account, effect, inline),
            "control": {effect: {"roles": [{"role_id": r[0]}
                                           for r in roles]}}}
        if effect == "deny" and chance(rng, 20):
            policy["control"]["grant"] = {"roles": [
                {"role_id": self.role(service, account)[0]}]}
        if chance(rng, 2 if inline else 45):
            self.add_rule(policy, service)
        if inline:
            if chance(rng, 20):
                del policy["id"]
            return policy
        subject = self.subject()
        if subject is not None:
            policy["subject"] = {"attributes": subject}
        if chance(rng, 4 if subject else 30):
            del policy["id"]
        if chance(rng, 3):
            policy["state"] = "deleted"
        if chance(rng, 2):
            policy["type"] = "authorization"
        if chance(rng, 15):
            policy.update({"description": "d", "href": "h", "created_at": "",
                           "last_permit_frequency": 1})
        return policy

    def add_rule(self, policy, service):
        rng = self.rng

        def resource():
            key, value = rng.choice([
                ("resource", rng.choice(SPACES)), ("path", "x"),
                ("resourceType", "namespace"), ("geography", "global"),
                ("resourceGroupId", rng.choice(RESOURCE_GROUPS)),
                ("serviceInstance", None),
                ("region", rng.choice(service["regions"])["region"])])
            return one_condition(rng, key, value)

        maker = rules.Maker(rng, self.moment, one_condition, resource)
        rule = maker.denial() if "deny" in policy["control"] else maker.rule()
        if rule is not None:
            policy["rule"] = rule
            policy["pattern"] = rng.choice(rules.PATTERNS)

    def load(self, cases):
        """The documents of this world."""
        rng = self.rng
        parts = []
        if not self.builtin:
            parts += [("service", s) for s in self.services]
        if self.trust:
            parts += [("trust", self.trust), ("jwks", KEYS)]
        if self.directory:
            cut = rng.randrange(2, 5)
            halves = list(self.directory.items())
            for half in (halves[1:cut], halves[cut:]):
                parts.append(("directory", dict(halves[:1] + half)))
        written = [context.as_version_1(rng, p, self.policies[:3])
                   if self.versions and context.can_be_version_1(p) and
                   chance(rng, 25) else p
                   for p in self.policies]
        cut = rng.randrange(len(written) + 1)
        for part in (written[:cut], written[cut:]):
            if len(part) == 1 and chance(rng, 50):
                part = part[0]
            elif chance(rng, 50):
                part = {"policies": part}
            if part:
                self.parts.append((f"{len(parts)}.json", part))
                parts.append(("policies", part))
        documents = [(kind, "keys.json" if kind == "jwks" else f"{n}.json",
                      json.dumps(part, ensure_ascii=chance(rng, 50)))
                     for n, (kind, part) in enumerate(parts)]
        documents += [(kind, name, json.dumps(part))
                      for kind, list_ in (("restrictions", self.restrictions),
                                          ("revocations", self.revocations))
                      for name, part in list_]
        return batch.Load(documents, cases, facts=self)

    # -- requests

    def value(self, service, name, space, region):
        """A value of a parameter for a namespace in a region."""
        rng = self.rng
        kind = service["params"][name]["kind"]
        if chance(rng, 3):
            return rng.choice(["-x", "A", "a/b/c", "", "x" * 255, "ab"])
        tail = "" if service["params"][name].get("tag") is False else \
            rng.choice(["", ":1", "@sha256:" + "0" * 64])
        host = rng.choice(region["hosts"])
        if kind == "image":
            return f"{host}/{space}/a{tail}"
        if kind == "resource":
            return rng.choice([space, f"{space}/a_b{tail}"])
        return space if kind == "namespace" else "word"

    def target(self, service, route, space, region):
        rng = self.rng
        path = route["path"]
        for name in service["params"]:
            value = self.value(service, name, space, region)
            if "{" + name + "}" in path and value == "":
                value = "-"
            path = path.replace("{" + name + "}", value.replace("/", "%2F"))
        pairs = []
        for need in route.get("requires", []):
            for source in need.get("on", []):
                kind, _, name = source.partition(":")
                if kind != "query" or chance(rng, 20) or \
                        name in [n for n, _ in pairs]:
                    continue
                pairs.append((name, self.value(service, name, space, region)))
                if chance(rng, 20):
                    space = rng.choice(SPACES)
                    if chance(rng, 30):
                        pairs.append((name, self.value(service, name, space,
                                                       region)))
        if chance(rng, 5):
            pairs.append(("unused", "1"))
        return path + "?" * bool(pairs) + "&".join(
            f"{n}={v}".replace("/", rng.choice(["/", "%2F"]))
            for n, v in pairs)

    def fitting(self):
        """Service, route, principal, namespace, region of some policy."""
        rng = self.rng
        number = rng.randrange(len(self.policies))
        policy = self.policies[number]
        service, actions = self.targets[number]
        routes = [r for r in service["routes"] if actions.issuperset(
            need["action"] for need in r.get("requires", [{"action": ""}]))]
        narrow = any(a["key"].startswith("resource")
                     for a in policy["resource"]["attributes"])
        near = [r for r in routes if not narrow or "on" in r["requires"][0]]
        route = rng.choice(near or routes or service["routes"])
        if chance(rng, 10):
            route = rng.choice(service["routes"])
        who, space = rng.choice(PEOPLE), rng.choice(SPACES)
        region = rng.choice(service["regions"][:8])
        for a in policy.get("subject", {}).get("attributes", []):
            if a["key"] == "iam_id" and isinstance(a["value"], str):
                who = a["value"]
        for a in policy["resource"]["attributes"]:
            if a["key"] == "resource" and a["value"] in SPACES:
                space = a["value"]
            if a["key"] == "region":
                region = next((r for r in service["regions"] if a["value"] in
                               [r["region"]] + r.get("aliases", [])), region)
        return service, route, who, space, region, policy

    def claims(self, who, policy, now):
        rng = self.rng
        claims = {"iss": ISSUER, "iam_id": who,
                  "exp": min(now + rng.choice([1, 600, 86400, 10**6, 10**8]),
                             rules.LAST),
                  "account": {"bss": ACCOUNTS[chance(rng, 4)], "valid": True}}
        if self.revocations:
            claims.update(context.issued(rng, now,
                                         [d for _, d in self.revocations]))
        for a in policy.get("subject", {}).get("attributes", []):
            if a["key"] == "access_group_id" and chance(rng, 60):
                claims["groups"] = [a["value"] if isinstance(a["value"], str)
                                    else GROUPS[0]]
        if chance(rng, 10):
            claims["groups"] = rng.sample(GROUPS + [PUBLIC], rng.randint(0, 3))
        if self.trust and chance(rng, 40):
            claims["iss"] = rng.choice(2 * [LOGIN, LOGIN + "/plain"] +
                                       [LOGIN + "x"])
            if claims["iss"] == LOGIN:
                claims["sub"] = claims.pop("iam_id")
                claims["realm"] = {"groups": claims.pop("groups", [])}
                del claims["account"]
        account = claims.get("account", {"bss": ACCOUNTS[0]})["bss"]
        if "subject" not in policy and chance(rng, 70) or chance(rng, 10):
            claims["policies"] = [rng.choice(
                [policy.get("id", "none")] * 3 + ["p0", "p1"])]
        if "id" not in policy:   # the names that decisions give them
            claims["policies"] = [f"{n}.json#{m}" for n in range(6)
                                  for m in range(1, 6)]
        while chance(rng, 10 * len(self.services)):
            claims.setdefault("policies", []).append(self.policy(
                rng.choice(["inline", "p0"]), True,
                account if chance(rng, 85) else None))
        if chance(rng, 10):
            service = rng.choice(self.services)
            claims["roles"] = rng.sample(
                [spelling(rng, r) for r in sorted(service["roles"])] +
                ["None", "Sweeper", "Sweeper Role",
                 self.role(service, rng.choice(ACCOUNTS))[0],
                 self.role(service, rng.choice(ACCOUNTS))[0]], 2)
        if chance(rng, 8):
            claims["actions"] = rng.sample(
                sorted(rng.choice(self.services)["actions"]) + ["none"], 2)
        if chance(rng, 15):
            claims["scope"] = rng.choice(
                ["", "ibm openid", "openid", "ibm openid aviary", "elsewhere",
                 "container-registry ibm", "aviary container-registry"])
        return claims

    def spoil_claims(self, claims):
        rng = self.rng
        claims.update(rng.choice([
            {"iam_id": ""}, {"iam_id": None}, {"groups": "x"},
            {"groups": [1]}, {"roles": {}}, {"roles": [[]]},
            {rng.choice(["groups", "roles", "actions", "policies",
                         "scope"]): None},
            {"actions": "x"}, {"policies": [1]}, {"policies": {}},
            {"scope": ["ibm"]}, {"account": {"bss": ACCOUNTS[0],
                                             "valid": False}},
            {"account": {"valid": True}}, {"account": {"bss": ACCOUNTS[0],
                                                       "frozen": True}},
            {"iss": "https://elsewhere.example.com"}]))

    def case(self):
        rng = self.rng
        service, route, who, space, region, policy = self.fitting()
        if not self.plain and chance(rng, 40):
            other = self.fitting()
            spoilt = rng.randrange(5)
            service = other[0] if spoilt == 0 else service
            if spoilt < 2:
                route = rng.choice(service["routes"])
            who = other[2] if spoilt == 2 else who
            space = other[3] if spoilt == 3 else space
            if spoilt in (0, 4):
                region = rng.choice(service["regions"][:8])
        headers = []
        if len(self.services) > 1 or chance(rng, 60):
            called = rng.choice(service["regions"][:8]) if chance(rng, 4) \
                else region
            host = rng.choice(called["hosts"])
            headers.append(("Host", rng.choice(
                18 * [host] + [host.upper(), host + ":443", "nowhere.example"]
            )))
        now = rules.ask_at(rng, policy.get("rule"), self.moment)
        claims = self.claims(who, policy, now)
        if chance(rng, 2):
            self.spoil_claims(claims)
        if chance(rng, 20):
            account = claims.get("account") or {}
            headers.append(("Account", account.get("bss", ACCOUNTS[0])
                            if chance(rng, 85) else rng.choice(ACCOUNTS)))
            if chance(rng, 5):
                headers.append(("ACCOUNT", headers[-1][1]))
        return batch.Case(
            route["method"], self.target(service, route, space, region),
            tuple(headers), now, json.dumps(claims), self.origin(policy))

    def origin(self, policy):
        """Half of them as if made for the rule."""
        rng = self.rng
        client = rng.choice(rules.ADDRESSES + 7 * [None]) \
            if chance(rng, 70) else rng.choice(rules.CLIENTS)
        endpoint = rng.choice(rules.ENDPOINTS + 3 * [None]) \
            if chance(rng, 90) else rng.choice(["", "PUBLIC", "vpe"])
        if self.restrictions and chance(rng, 70):
            client = rng.choice(context.CLIENTS)
        for _, conditions in rules.policy_rule.lists(
                policy.get("rule", {"conditions": [], "operator": "and"})):
            for c in conditions:
                value = c["value"][-1:] if isinstance(c["value"], list) \
                    else [c["value"]]
                if "ip_address" in c["key"] and value[0] in rules.ADDRESSES \
                        and chance(rng, 50):
                    client = value[0]
                if "endpoint_type" in c["key"] and value[0] in \
                        rules.ENDPOINTS and chance(rng, 50):
                    endpoint = value[0]
        return client, endpoint
