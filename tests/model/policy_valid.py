# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Which policies the loader must refuse: a model of pdp-policies(5).

mutated() changes one thing in one policy of a valid document; accepted()
says, from the manual, whether the loader takes a policy.  Many changes are
harmless, or are in a policy that is skipped, so both answers occur.
"""

import copy
import re

import policy_valid_rule
from policy import PLATFORM_ROLES
from policy_conditions import condition, names_of
from policy_documents import IBM_ISSUER, region_fits, single_values

INFORMATIONAL = {
    "description", "href", "created_at", "created_by_id", "last_modified_at",
    "last_modified_by_id", "last_permit_at", "last_permit_frequency",
    "template", "account_id", "version"}
POLICY = INFORMATIONAL | {"type", "id", "state", "subject", "resource",
                          "control", "rule", "pattern"}
ROLE = {"role_id", "display_name", "description", "actions"}
SERVICES = {"serviceName", "serviceType", "service_group_id",
            "resourceGroupId"}
PLAIN = {"stringEquals", "stringMatch"}
SEVERAL = {"stringEqualsAnyOf", "stringMatchAnyOf"}
RESOURCE_OPERATORS = PLAIN | SEVERAL | {"stringExists"}
TAG = re.compile(r"[A-Za-z0-9 _.-]+")
BRACES = re.compile(r"(?:[^{]|\{(?!\{)|\{\{[*?]\}\})*", re.DOTALL)


# --- what must hold --------------------------------------------------------


def text_fits(operator, text):
    return isinstance(text, str) and 1 <= len(text.encode()) <= 1000 and \
        ("Match" not in operator or BRACES.fullmatch(text) is not None)


def attribute_fits(attribute, operators):
    if not isinstance(attribute, dict) or \
            set(attribute) != {"key", "operator", "value"}:
        return False
    operator, value = attribute["operator"], attribute["value"]
    if not isinstance(attribute["key"], str) or operator not in operators:
        return False
    if operator == "stringExists":
        return isinstance(value, bool)
    if operator in SEVERAL:
        return isinstance(value, list) and 1 <= len(value) <= 10 and \
            all(text_fits(operator, text) for text in value)
    if operator == "stringEquals" and isinstance(value, bool):
        return True               # stands for its name
    return text_fits(operator, value)


def attributes_fit(part, operators, keys=None):
    return isinstance(part, dict) and set(part) == {"attributes"} and \
        isinstance(part["attributes"], list) and \
        len(part["attributes"]) in range(1, 33) and \
        all(attribute_fits(a, operators) and (keys is None or a["key"] in keys)
            for a in part["attributes"])


def tags_fit(tags):
    """A pattern that no tag fits is an error, too."""
    if not isinstance(tags, list) or not all(isinstance(t, dict)
                                             for t in tags):
        return False
    if any(t.get("operator") == "stringMatch" and
           isinstance(t.get("value"), str) and t["value"] != "" and
           not TAG.fullmatch(re.sub(r"[*?]", "a", t["value"]))
           for t in tags):
        return False
    return isinstance(tags, list) and len(tags) <= 32 and all(
        isinstance(t, dict) and set(t) == {"key", "operator", "value"} and
        t["operator"] in PLAIN and isinstance(t["key"], str) and
        isinstance(t["value"], str) and TAG.fullmatch(t["key"]) and
        TAG.fullmatch(t["value"].replace("*", "a").replace("?", "a")
                      if t["operator"] == "stringMatch" else t["value"])
        for t in tags)


def account_of(attributes):
    """The account of a policy; None: it names none, or contradicts itself."""
    about = [a for a in attributes if a["key"] == "accountId"]
    for a in about:
        if a["operator"] == "stringEquals":
            name = str(a["value"]).lower() if isinstance(a["value"], bool) \
                else a["value"]
            fits = all(condition(b, [name]) for b in about)
            return name if fits else None
    return None


def control_fits(model, control, attributes):
    """One of grant and deny, or both."""
    return isinstance(control, dict) and control != {} and \
        set(control) <= {"grant", "deny"} and \
        all(effect_fits(model, effect, part, attributes)
            for effect, part in control.items())


def effect_fits(model, effect, part, attributes):
    if not isinstance(part, dict) or set(part) != {"roles"} or \
            not isinstance(part["roles"], list) or not part["roles"]:
        return False
    account = account_of(attributes)
    meant = services_meant(model, attributes)
    for role in part["roles"]:
        if not isinstance(role, dict) or not set(role) <= ROLE or \
                not isinstance(role.get("role_id"), str):
            return False
        if not role_fits(model, role["role_id"], account, meant,
                         effect == "grant", named(model, attributes)):
            return False
    if effect == "grant":
        return True
    return all(region_can_match(a, meant)
               for a in attributes if a["key"] == "region") and any(
        region_fits(attributes, service) and any(
            model.role_actions(role["role_id"], service, account)
            for role in part["roles"])
        for service in meant)


def region_can_match(attribute, meant):
    """Whether each of the values matches a region of a service that the
    policy is for."""
    return all(any(condition(one, names_of(region))
                   for service in meant for region in service["regions"])
               for one in single_values(attribute))


def services_meant(model, attributes):
    return [s for s in model.services
            if all(a["key"] != "serviceName" or
                   condition(a, [s["service"]]) for a in attributes)]


def named(model, attributes):
    """Whether every service the policy is for is one of ours, by name."""
    ours = {s["service"] for s in model.services}
    return any(a["key"] == "serviceName" and
               (a["operator"] == "stringEquals" and a["value"] in ours or
                a["operator"] == "stringEqualsAnyOf" and
                set(a["value"]) <= ours) for a in attributes)


def role_fits(model, role, account, meant, grant, strict):
    if role in model.custom_roles and f":a/{account}::" not in role:
        return False
    if any(model.role_actions(role, s, account) for s in meant):
        return True
    if not grant or not role.startswith("crn:v1:"):
        return False
    return not strict or role.rpartition(":")[2] in PLATFORM_ROLES \
        and ":iam::::role:" in role


def readable(attribute):
    """Far enough to tell whether it can hold."""
    if not isinstance(attribute, dict) or "key" not in attribute:
        return False
    value, operator = attribute.get("value"), attribute.get("operator")
    if "Match" in str(operator) and not BRACES.fullmatch(
            "".join(map(str, value if isinstance(value, list) else [value]))):
        return False
    return operator == "stringExists" and isinstance(value, bool) or \
        operator in PLAIN and isinstance(value, str) or \
        operator == "stringEquals" and isinstance(value, bool) or \
        operator in SEVERAL and isinstance(value, list) and \
        value != [] and all(isinstance(text, str) for text in value)


def elsewhere(model, resource):
    """Whether some attribute tells that it is for other services, or for
    resource groups themselves."""
    attributes = resource.get("attributes") \
        if isinstance(resource, dict) else None
    telling = [a for a in attributes if readable(a)
               ] if isinstance(attributes, list) else []
    fixed = {"serviceType": ["service"], "service_group_id": ["IAM"]}
    return not services_meant(model, telling) or any(
        a["key"] in fixed and not condition(a, fixed[a["key"]])
        for a in telling)


def skipped(model, item):
    """Whether it cannot apply here, so that nothing else in it matters."""
    return isinstance(item, dict) and (
        item.get("type") == "authorization" or
        item.get("state") == "deleted" or
        elsewhere(model, item.get("resource")))


def accepted(model, item):
    """Whether the loader takes this policy; None: no opinion."""
    if skipped(model, item):
        return True
    if not isinstance(item, dict):
        return False
    resource = item.get("resource")
    if not set(item) <= POLICY or item.get("type") != "access" or \
            item.get("state", "active") != "active":
        return False
    name = item.get("id", "x")
    if not isinstance(name, str) or not 1 <= len(name) <= 512:
        return False
    if "subject" in item and not attributes_fit(
            item["subject"], {"stringEquals", "stringExists"},
            {"iam_id", "access_group_id"}):
        return False
    if isinstance(resource, dict) and "tags" in resource:
        if not tags_fit(resource["tags"]):
            return False
        resource = {n: v for n, v in resource.items() if n != "tags"}
    if not attributes_fit(resource, RESOURCE_OPERATORS):
        return False
    if account_of(resource["attributes"]) is None or \
            not SERVICES & {a["key"] for a in resource["attributes"]} or \
            not control_fits(model, item.get("control"),
                             resource["attributes"]):
        return False
    if "rule" not in item and "pattern" not in item:
        return True
    if "rule" not in item or not isinstance(item.get("pattern"), str) or \
            not policy_valid_rule.rule_fits(item["rule"], attribute_fits,
                                            RESOURCE_OPERATORS):
        return False
    if "deny" in item["control"] and \
            not policy_valid_rule.surely_holds(item["rule"]):
        return None
    return True


# --- one change ------------------------------------------------------------

MEMBERS = sorted(POLICY) + ["name", "subjects"]
ATTRIBUTE_CHANGES = [
    ("operator", "stringNotEquals"), ("operator", "stringequals"),
    ("operator", "stringExists"), ("operator", "stringMatch"),
    ("operator", "stringEqualsAnyOf"), ("operator", None), ("value", None),
    ("value", ""), ("value", True),
    ("value", False), ("value", 1), ("value", []),
    ("value", ["x"] * 10), ("value", ["x"] * 11), ("value", "x" * 1000),
    ("value", "x" * 1001), ("value", "{{x"), ("value", "{{*}}"),
    ("value", [""]), ("value", {}), ("key", None), ("key", "accountId"),
    ("key", "prefix"), ("key", 1), ("name", "x")]
TAG_CHANGES = [
    ("key", ""), ("key", "a:b"), ("key", None), ("key", 1), ("key", "a*"),
    ("key", "a b"), ("key", "\u00e9"), ("value", ""), ("value", "a:b"),
    ("value", "*"), ("value", "a?"), ("value", None), ("value", True),
    ("value", "\u00e9"), ("operator", "stringEquals"),
    ("operator", "stringMatch"), ("operator", "stringExists"),
    ("operator", "stringEqualsAnyOf"), ("operator", None), ("name", "env")]
ADDITIONS = [                 # to what the resource says already
    ("accountId", "stringEquals", "b" * 32),
    ("accountId", "stringEquals", "a" * 32),
    ("accountId", "stringEquals", True),
    ("accountId", "stringMatch", "*a"), ("accountId", "stringExists", False),
    ("accountId", "stringExists", True),
    ("accountId", "stringEqualsAnyOf", ["a" * 32, "b" * 32]),
    ("accountId", "stringMatchAnyOf", ["b*", "c*"]),
    ("region", "stringExists", False), ("region", "stringExists", True),
    ("region", "stringMatch", "e*"), ("region", "stringEquals", "worldwide"),
    ("region", "stringEquals", "eu-central"),
    ("region", "stringEqualsAnyOf", ["eu-de", "mars"]),
    ("region", "stringMatchAnyOf", ["world*", "us-*"])]
MEMBER_VALUES = [None, "x", 1, {}, [], True, "access", "active", "deleted",
                 "authorization", "y" * 512, "y" * 513]
ROLE_CHANGES = [
    None, "", "Reader", 1, IBM_ISSUER,
    "crn:v1:bluemix:public:iam::::serviceRole:Nobody",
    "crn:v1:bluemix:public:iam::::role:Viewer",
    "crn:v1:bluemix:public:iam::::role:Nobody",
    "crn:v1:bluemix:public:elsewhere::::serviceRole:Reader",
    "crn:v1:bluemix:public:iam::::serviceRole:Manager"]


def put(part, name, value):
    if value is None:
        part.pop(name, None)
    else:
        part[name] = value


def mutated(rng, item):
    """A copy of a policy with one change."""
    item = copy.deepcopy(item)
    if item["resource"].get("tags") and rng.random() < 0.4:
        tags = item["resource"]["tags"]
        put(rng.choice(tags), *rng.choice(TAG_CHANGES))
        tags += [tags[0]] * rng.choice([0, 0, 31, 32])
        return item
    if "rule" in item and rng.random() < 0.6:
        item["rule"] = policy_valid_rule.mutated(rng, item["rule"])
        return item
    kind = rng.randrange(7)
    lists = [item["resource"]["attributes"]]
    if "subject" in item:
        lists.append(item["subject"]["attributes"])
    attributes = rng.choice(lists)
    part = rng.choice(list(item["control"].values()))
    if kind == 0:
        put(item, rng.choice(MEMBERS), rng.choice(MEMBER_VALUES))
    elif kind == 1:
        put(rng.choice(attributes), *rng.choice(ATTRIBUTE_CHANGES))
    elif kind == 2:
        attributes.remove(rng.choice(attributes))
    elif kind == 3:
        put(rng.choice(part["roles"]), "role_id", rng.choice(ROLE_CHANGES))
    elif kind == 4:
        put(rng.choice([item["control"], part, part["roles"][0],
                        item["resource"]]),
            rng.choice(["roles", "grant", "deny", "actions", "tags", "when",
                        "display_name"]),
            rng.choice([None, [], {}, "x", copy.deepcopy(part)]))
    elif kind == 5:
        item["resource"]["attributes"].append(dict(zip(
            ("key", "operator", "value"), rng.choice(ADDITIONS))))
        for a in item["resource"]["attributes"]:
            if a["key"] == "serviceName" and rng.random() < 0.5:
                a.update(key="serviceType", operator="stringEquals",
                         value="service")    # for all of them
    elif rng.random() < 0.5:
        attributes.append(rng.choice([1, None, {}, copy.deepcopy(
            attributes[0])]))
    else:
        attributes += [copy.deepcopy(attributes[0])] * rng.choice([20, 40])
    return item
