# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Reference model of policies: documents + claims + request -> answer.

Written from pdp-policies(5), pdp-service(5), pdp-trust(5) and pdp-reasons(7),
not from the library: lists, dictionaries and regular expressions, no index,
no early exit.  It is to be read beside the manual.

It judges what comes after a well-formed request with acceptable claims:
route, parameters, account, resources, policies.  Malformed targets, tokens
and times are the matter of the other models; the generator of this one makes
none of them.

Three states of an attribute: a list of the names its value has (known; a
region has its older names, too), the empty list (absent), None (unknown).
Three answers of a condition: True, False and None (it cannot be told).
"""

import copy
import re
from collections import Counter, namedtuple
from urllib.parse import parse_qsl, unquote

import policy_age
import policy_context
import policy_rule
import policy_tags
from policy_conditions import applies, condition, names_of
from policy_documents import MISSING, pointer, skipped

PUBLIC_GROUP = "AccessGroupId-PublicAccess"
POINTERS = {
    "principal": "/iam_id", "account": "/account/bss", "groups": "/groups",
    "scope": "/scope", "roles": "/roles", "actions": "/actions",
    "policies": "/policies",
}
PLATFORM_ROLES = ("Viewer", "Operator", "Editor", "Administrator")
NARROW = ("resource", "resourceType", "resourceGroupId")
BY_MAX = 8

# Grammar of parameters, pdp-service(5).
PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
TAIL = (r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
        r"|@(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))?")
SPACE = r"([a-z0-9][a-z0-9._-]{0,253})"
NEW_SPACE = re.compile(r"[a-z0-9][a-z0-9_-]{2,28}[a-z0-9]")
IMAGE = re.compile(rf"([^/]+)/{SPACE}/{PART}(?:/{PART})*({TAIL})")
RESOURCE = re.compile(rf"{SPACE}(?:/{PART}(?:/{PART})*({TAIL}))?")
NAMESPACE = re.compile(SPACE)
TEXT = re.compile(r".{1,255}", re.DOTALL)


class Refused(Exception):
    """The request is denied for a reason that comes before the policies."""


# --- the request -----------------------------------------------------------


def template_rank(template, segments):
    """How a template fits: a tuple, lower is better; None: it does not."""
    parts = template.split("/")[1:]
    if len(parts) != len(segments):
        return None
    rank = []
    for part, segment in zip(parts, segments):
        if part.startswith("{"):
            rank.append(1)
        elif part == segment:
            rank.append(0)
        else:
            return None
    return tuple(rank)


def best_route(service, method, segments):
    fits = [(template_rank(r["path"], segments), n, r)
            for n, r in enumerate(service["routes"]) if r["method"] == method]
    fits = sorted(f for f in fits if f[0] is not None)
    return fits[0][2] if fits else None


def region_of_host(service, host):
    return next((r for r in service["regions"] if host in r["hosts"]), None)


Space = namedtuple("Space", "name new")    # new: about to be made
Text = namedtuple("Text", "name")


def check_value(service, name, value, called, new=False):
    """-> (region | None, Space | Text) of a parameter's value."""
    param = service["params"][name]
    kind = param["kind"]
    if kind == "text":
        if not TEXT.fullmatch(value):
            raise Refused("bad_param")
        return called, Text(value)
    if kind == "namespace":
        if not (NEW_SPACE if new else NAMESPACE).fullmatch(value):
            raise Refused("bad_param")
        return called, Space(value, new)
    found = (IMAGE if kind == "image" else RESOURCE).fullmatch(value)
    if not found or (found[found.re.groups] and param.get("tag") is False):
        raise Refused("bad_param")
    if kind == "resource":
        return called, Space(found[1], False)
    region = region_of_host(service, found[1])
    if region is None or (called is not None and called is not region):
        raise Refused("bad_param")
    return region, Space(found[2], False)


class Item:
    """One required action on one resource, as it must come out.

    The manual does not say in which order grants are listed, which of more
    than eight are, and which of several denials is named.
    """

    def __init__(self, action, place=None):
        self.action = action
        self.place = place       # (region, namespace) until it has a view
        self.view = {}           # attribute -> state
        self.tags = []           # their state
        self.by = []             # of (source, id)
        self.denied_by = []

    @property
    def granted(self):
        return bool(self.by) and not self.denied_by

    def __eq__(self, item):
        state = "d" if self.denied_by else "g" if self.by else "m"
        by = [] if self.denied_by else list(dict.fromkeys(self.by))
        listed = item["by"]
        return (item["action"] == self.action and item["state"] == state and
                item["denied_by"] in (self.denied_by or [None]) and
                len(listed) == min(len(by), BY_MAX) and
                not Counter(listed) - Counter(by) and
                item["attributes"] == self.attributes())

    def attributes(self):
        return {name: state and state[0]
                for name, state in self.view.items() if state != []}

    def __repr__(self):
        return repr((self.action, self.by, self.denied_by,
                     self.attributes()))


class Told:
    """Restrictions as they must come out, in an order that the manual does
    not say; of more than 16, those that deny."""

    def __init__(self, told):
        self.told = told

    def __eq__(self, listed):
        if len(listed) != min(len(self.told), policy_context.LISTED) or \
                Counter(listed) - Counter(self.told):
            return False
        denying = [t for t in self.told if t[1] == "ed"]
        return sum(t[1] == "ed" for t in listed) == min(
            len(denying), policy_context.LISTED)

    def __repr__(self):
        return repr(self.told)


class Decision:
    """One request, judged in the order of pdp-reasons(7).  origin: address
    of the client and type of endpoint, as texts or None."""

    def __init__(self, model, method, target, headers, claims, now=0,
                 origin=(None, None)):
        self.model, self.now, self.origin = model, now, origin
        self.expires = 0
        self.told = []           # (restriction, what it tells)
        self.judged = False      # by what may change while a token is good
        self.required = []   # of Item, one for each action and resource
        self.reason = None
        self.row = None
        self.principal, self.token_account, self.account = None, None, None
        self.headers = {n.lower(): v for n, v in headers}
        try:
            if len(self.headers) != len(headers):
                raise Refused("ambiguous_header")
            self.route(method, target)
            self.reason = self.judge(claims)
        except Refused as refusal:
            self.reason = str(refusal)
        self.missing = []
        if self.reason not in ("permitted", "public", "authenticated"):
            for item in self.required:
                if not item.granted and item.action not in self.missing:
                    self.missing.append(item.action)

    def judge(self, claims):
        if self.row.get("access") == "public":
            return "public"
        self.read_claims(claims)
        self.read_account()
        if "access" not in self.row:
            self.resources()
        self.judged = True
        return self.outcome()

    def outcome(self):
        """What depends on the moment and on the origin."""
        reason = "authenticated" if "access" in self.row else self.evaluate()
        self.told = []
        if reason in ("authenticated", "permitted"):
            places = [(i.view, i.tags) for i in self.required] or [
                (self.view(self.called, []), [])]
            self.told = self.model.restrictions.told(places, self.origin)
            if ("ed") in [flags for _, flags in self.told]:
                return "context_denied"
        return reason

    def fields(self):
        """What batch.Answer.get() must give."""
        allow = self.reason in ("permitted", "public", "authenticated")
        index = -1 if self.row is None else \
            self.service["routes"].index(self.row)
        return {"effect": "allow" if allow else "deny", "reason": self.reason,
                "route_index": index, "principal": self.principal,
                "token_account": self.token_account, "account": self.account,
                "missing": self.missing, "required": self.required,
                "restrictions": Told(self.told),
                "cache_max_age": policy_age.Age(self)}

    # -- route

    def route(self, method, target):
        services = self.model.services
        if self.headers.get("account") == "":
            raise Refused("ambiguous_header")
        host = self.headers.get("host", "").partition(":")[0].lower()
        self.service, self.called = None, None
        for service in services:
            region = region_of_host(service, host)
            if region is not None:
                self.service, self.called = service, region
        if self.service is None:
            if len(services) != 1:
                raise Refused("no_route")
            self.service = services[0]
        path, _, self.query = target.partition("?")
        segments = path.split("/")[1:]
        self.row = best_route(self.service, method, segments)
        if self.row is None:
            others = any(template_rank(r["path"], segments) is not None
                         for r in self.service["routes"])
            raise Refused("method_not_allowed" if others else "no_route")
        self.required = [Item(needed["action"])
                         for needed in self.row.get("requires", [])]
        self.params = {}
        for part, segment in zip(self.row["path"].split("/")[1:], segments):
            if part.startswith("{"):
                value = unquote(segment)
                kind = self.service["params"][part[1:-1]]["kind"]
                if "/" in value and kind not in ("image", "resource"):
                    raise Refused("bad_param")
                place = check_value(self.service, part[1:-1], value,
                                    self.called, method == "PUT")
                self.params[part[1:-1]] = place
        if "%" in path:
            decoded = unquote(path).split("/")[1:]
            if best_route(self.service, method, decoded) is not None and \
                    len(decoded) != len(segments):
                raise Refused("ambiguous_path")

    # -- principal

    def read_claims(self, claims):
        issuer = self.model.issuers.get(claims.get("iss"))
        if issuer is None:
            raise Refused("issuer_untrusted")
        paths = dict(POINTERS, **issuer.get("claims", {}))
        found = {k: pointer(claims, p) for k, p in paths.items()}
        if "account" in issuer:
            found["account"] = issuer["account"]
        else:
            parent = pointer(claims, paths["account"].rpartition("/")[0])
            if parent.get("valid", True) is not True:
                raise Refused("claim_invalid")
        for name in ("principal", "account"):
            if not isinstance(found[name], str) or not found[name]:
                raise Refused("claim_invalid")
        for name in ("roles", "actions", "policies"):
            if issuer.get("policy_claims") == "ignore":
                found[name] = MISSING
        for name, kinds in (("groups", str), ("roles", str), ("actions", str),
                            ("policies", (str, dict))):
            found[name] = [] if found[name] is MISSING else found[name]
            if not isinstance(found[name], list) or \
                    not all(isinstance(v, kinds) for v in found[name]):
                raise Refused("claim_invalid")
        self.roles, self.actions = found["roles"], found["actions"]
        self.groups = set(found["groups"]) | {
            g for g, m in self.model.members.items()
            if found["principal"] in m}
        self.ids = [p for p in found["policies"] if isinstance(p, str)]
        self.inline = [p for p in found["policies"] if isinstance(p, dict)]
        if not all(self.model.inline_accepted(item, found["account"])
                   for item in self.inline):
            raise Refused("claim_invalid")
        self.scope = "" if found["scope"] is MISSING else found["scope"]
        if not isinstance(self.scope, str):
            raise Refused("claim_invalid")
        refused = self.model.revocations.judge(
            claims["iss"], found["principal"], claims)
        if refused:
            raise Refused(refused)
        self.principal = found["principal"]
        self.token_account = found["account"]
        self.expires = claims["exp"] + issuer.get("leeway", {}).get("exp", 0)

    def read_account(self):
        self.account = self.token_account
        if self.headers.get("account", self.account) != self.account:
            self.account = None
            raise Refused("account_mismatch")
        words = set(self.scope.split(" ")) - {"", "ibm", "openid"}
        if words and self.service["service"] not in words:
            raise Refused("scope_mismatch")

    # -- resources

    def query_values(self):
        """name -> places of the query parameters that the route uses,
        checked from the left."""
        used = {source.partition(":")[2] for needed in self.row["requires"]
                for source in needed.get("on", [])
                if source.startswith("query:")}
        found = {name: [] for name in used}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            if name not in used:
                continue
            if found[name] and not \
                    self.service["params"][name].get("repeat"):
                raise Refused("ambiguous_query")
            found[name].append(check_value(self.service, name, value,
                                           self.called))
        return found

    def resources(self):
        query = self.query_values()
        items = []
        for needed in self.row["requires"]:
            action = needed["action"]
            narrow = self.service["actions"][action]["scope"] == "namespace"
            places = []
            for source in needed.get("on", []):
                kind, _, name = source.partition(":")
                if kind == "path":
                    places.append(self.params[name])
                elif kind == "query":
                    places += query[name]
                else:
                    places.append((self.called, None))
            if not places:
                unknown = "on" in needed or narrow
                places.append((self.called, None if unknown else []))
            items += [Item(action, place) for place in places]
        for item in items:
            self.check_owner(*item.place)
        for item in items:
            item.view = self.view(*item.place)
            item.tags = self.tags(*item.place)
        self.required = items

    def listed(self, region, name):
        """What the directory says of a namespace, wherever it may be."""
        return [e for (r, n), e in self.model.namespaces.items()
                if n == name and (region is None or region["region"] == r)]

    def check_owner(self, region, thing):
        if not isinstance(thing, Space):
            return
        entries = self.listed(region, thing.name)
        if any(e["account"] != self.account for e in entries):
            raise Refused("account_mismatch")
        if not entries and self.model.complete and not thing.new:
            raise Refused("unknown_namespace")

    def view(self, region, thing):
        """The attributes given to policies.  thing: a Space, a Text, None
        (something that is not visible) or [] (nothing)."""
        kind = name = group = thing
        if isinstance(thing, Text):
            kind, name, group = None, [thing.name], None
        elif isinstance(thing, Space):
            kind, name, group = ["namespace"], [thing.name], None
            entries = self.listed(region, thing.name)
            # Without a region, one that is not listed may be meant.
            whole = region is not None or (
                self.model.complete and not thing.new)
            if len(entries) == 1 and whole:
                group = [entries[0]["resource_group"]] \
                    if "resource_group" in entries[0] else []
        return {
            "serviceType": ["service"], "service_group_id": ["IAM"],
            "serviceName": [self.service["service"]],
            "accountId": [self.account], "serviceInstance": [],
            "region": None if region is None else names_of(region),
            "geography": None if region is None else
            [region["geography"]] if "geography" in region else [],
            "resourceType": kind, "resource": name, "resourceGroupId": group,
        }

    def tags(self, region, thing):
        if thing == []:
            return []
        if not isinstance(thing, Space):
            return None
        entries = self.listed(region, thing.name)
        sure = self.model.complete and len(entries) == 1
        if region is None:       # of the one place there is
            if not sure or thing.new:
                return None
            region = next(r for s in self.model.services for r in s["regions"]
                          if (r["region"], thing.name) in
                          self.model.namespaces)
        return self.model.tags.known(region["region"], thing.name,
                                     self.account, sure)

    # -- policies

    def subject(self, policy):
        """Answers of the subject's attributes."""
        known = self.groups - {PUBLIC_GROUP}
        for a in policy["subject"]["attributes"]:
            if a["key"] == "iam_id":
                yield condition(a, [self.principal])
            elif a["operator"] == "stringExists":
                yield a["value"] if known else None
            else:
                yield a["value"] in self.groups | {PUBLIC_GROUP}

    def concerning(self):
        """Those whose subject may be the principal."""
        return [(name, policy) for name, policy in self.candidates()
                if not skipped(policy) and ("subject" not in policy or
                applies(self.subject(policy), True))]

    def asks_for_origin(self, rules):
        """Whether something that may be looked at does."""
        return self.model.restrictions.rules != [] or \
            any(policy_rule.asks_for_origin(rule) for rule in rules)

    def answer(self, now, origin):
        """What the answer is then and from there, to be compared."""
        other = copy.copy(self)
        other.required = [copy.copy(item) for item in self.required]
        other.now, other.origin = now, origin
        return (other.outcome(), [(set(i.by), set(i.denied_by))
                                  for i in other.required],
                sorted(other.told))

    def candidates(self):
        """Name and policy, of all that concern the principal if their
        subject agrees."""
        for name, policy in self.model.policies:
            if "subject" in policy or policy.get("id") in self.ids:
                yield name, policy
        for policy in self.inline:
            yield policy.get("id", "token"), policy

    def judge_policy(self, policy, item, effect):
        """Whether it applies, and whether it would if what is not given of
        the origin were as wanted."""
        if effect not in policy["control"]:
            return False, False
        deny = effect == "deny"
        view, tags = item.view, item.tags
        if self.service["actions"][item.action]["scope"] == "account" and \
                not deny:
            view, tags = dict(view, **dict.fromkeys(NARROW, [])), []
        if not any(item.action in self.model.role_actions(
                r["role_id"], self.service, self.account)
                for r in policy["control"][effect]["roles"]):
            return False, False
        answers = list(self.subject(policy)) if "subject" in policy else []
        answers += [condition(a, view.get(a["key"]))
                    for a in policy["resource"]["attributes"]]
        answers += policy_tags.answers(policy["resource"].get("tags", []),
                                       tags)
        found = applies(answers, deny)
        if "rule" not in policy or not found:
            return found, found
        found = policy_rule.answer(policy["rule"], policy_rule.Setting(
            self.now, view, self.origin))
        if deny or found is not None:
            return applies([found], deny), found
        return False, policy_rule.answer(policy["rule"], policy_rule.Setting(
            self.now, view, self.origin, True))

    def judge_item(self, item):
        """by, denied_by and whether the origin could grant it."""
        by, denied_by, wished = [], [], False
        for role in self.roles:
            if item.action in self.model.role_actions(
                    role, self.service, self.account,
                    not role.startswith("crn:")):
                by.append(("role", role))
        by += [("action", a) for a in self.actions if a == item.action]
        for name, policy in self.candidates():
            if skipped(policy):
                continue
            grants, would = self.judge_policy(policy, item, "grant")
            if grants:
                by.append(("policy", name))
            wished = wished or would
            if self.judge_policy(policy, item, "deny")[0]:
                denied_by.append(name)
        return by, denied_by, wished or bool(by)

    def evaluate(self):
        could = True
        for item in self.required:
            item.by, item.denied_by, wished = self.judge_item(item)
            could = could and wished
        if any(item.denied_by for item in self.required):
            return "explicit_deny"
        if all(item.granted for item in self.required):
            return "permitted"
        return "condition_error" if could else "no_grant"
