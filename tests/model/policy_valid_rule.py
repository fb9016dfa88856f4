# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Which rules the loader must refuse: pdp-policies(5), "Conditions".

rule_fits() says whether a rule is written as it must be, mutated() changes
one thing in one.  A rule of a denial must hold at some time, too: that it
does is shown by a moment, and where none is found there is no opinion.
"""

import copy

import policy_generate_rule as rules
import policy_rule
from policy_rule import ENVIRONMENT, FORMS, RESOURCE

CLOCK_OPERATORS = {
    name: {family + end for end in rules.COMPARISONS}
    for name, family in policy_rule.FAMILIES.items()}
CLOCK_OPERATORS["day_of_week"] = {"dayOfWeekEquals", "dayOfWeekAnyOf"}


def condition_fits(one, attribute_fits, operators):
    if not isinstance(one, dict) or set(one) != {"key", "operator", "value"} \
            or not isinstance(one["key"], str):
        return False
    key = policy_rule.split_key(one["key"])
    if key is None:
        return False
    name, value = key[1], one["value"]
    if key[0] == RESOURCE or name not in FORMS:
        return attribute_fits(one, operators) and (
            name != "ip_address" or key[0] == RESOURCE or
            addresses_fit(one["operator"], value))
    if one["operator"] not in CLOCK_OPERATORS[name]:
        return False
    if one["operator"] != "dayOfWeekAnyOf":
        return hashable(value) and \
            policy_rule.read_value(name, value) is not None
    return isinstance(value, list) and 1 <= len(value) <= 10 and all(
        hashable(v) and policy_rule.read_value(name, v) is not None
        for v in value)


def hashable(value):
    """A list, an object, a fraction, true or null are no time."""
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def addresses_fit(operator, value):
    """A pattern is one only with a wildcard; whether any address can fit it
    is not asked here."""
    values = value if isinstance(value, list) else [value]
    return operator == "stringExists" or all(
        "Match" in operator and set(v) & set("*?") or
        policy_rule.address(v) == v for v in values)


def list_fits(part, one_fits):
    return set(part) == {"operator", "conditions"} and \
        part["operator"] in ("and", "or") and \
        isinstance(part["conditions"], list) and part["conditions"] != [] \
        and all(one_fits(one) for one in part["conditions"])


def rule_fits(rule, attribute_fits, operators):
    def single(one):
        return condition_fits(one, attribute_fits, operators)

    def item(one):
        if isinstance(one, dict) and "conditions" in one:
            return list_fits(one, single)
        return single(one)

    if not isinstance(rule, dict):
        return False
    if "conditions" not in rule:
        return single(rule)
    return list_fits(rule, item) and sum(
        len(conditions) for _, conditions in policy_rule.lists(rule)) <= 10


class Pessimist(policy_rule.Setting):
    """As if no condition on a text ever held."""

    def one(self, condition_):
        whose, name = policy_rule.split_key(condition_["key"])
        if whose == ENVIRONMENT and name in FORMS:
            return policy_rule.in_time(name, condition_, self.now)
        return False


def surely_holds(rule):
    """Whether there is a moment that it holds at, whatever texts say."""
    return any(policy_rule.answer(rule, Pessimist(now, {}, (None, None)))
               for about in rules.MOMENTS[:3] + [t for _, moments in
                                                 policy_rule.sources(rule)
                                                 for t in moments(0)]
               for now in rules.edges(rule, about) + [about])


VALUES = [
    "24:00:00Z", "23:59:60Z", "09:00:00", "9:00:00Z", "09:00:00.5Z",
    "09:00:00z", "09:00:00Z", "09:00:00-00:00", "23:59:59+23:59",
    "00:00:00-24:00", "00:00:00+00:60", "09:00Z", "09:00:00+0100",
    "09:00:00 +01:00", "2023-02-29Z", "2024-02-29Z", "2100-02-29Z",
    "0000-02-29+01:00", "0000-01-01Z", "9999-12-31-23:59", "10000-01-01Z",
    "2024-13-01Z", "2024-00-10Z", "2024-04-31Z", "2024-1-01Z", "2024-02-29",
    "-001-01-01Z", "2024-02-29T00:00:00Z", "2024-02-29t00:00:00Z",
    "2024-02-29 00:00:00Z", "2024-02-29T24:00:00Z", "2024-02-29T23:59:60Z",
    "2016-12-31T23:59:60Z", "9999-12-31T23:59:59+00:00",
    "0000-01-01T00:00:00+23:59", "2024-02-29T00:00:00", "2023-02-29T00:00:00Z",
    "0Z", "1Z", "7-12:00", "8Z", "1", "01Z", "1+00:00 ", "1+24:00", 0, 1, 7, 8,
    -1, True, None, "", [], ["1Z"], ["1Z"] * 10, ["1Z"] * 11, [1, "2Z"], [8],
    [None], {}, "192.0.2.1", "192.0.2.01", "2001:DB8::1", "2001:db8::1",
    ["192.0.2.1", "::1"], ["192.0.2.1", "x"], "public", "x" * 1000, "x" * 1001,
    "{{x", "a*"]
OPERATORS = sorted(set().union(*CLOCK_OPERATORS.values())) + [
    "stringEquals", "stringEqualsAnyOf", "stringExists", "stringMatch",
    "stringMatchAnyOf", "dateLessthan", "timeEquals", "dayOfWeekAnyof", "and",
    None, 1]
KEYS = [whose + name + "}}" for whose in (ENVIRONMENT, RESOURCE)
        for name in sorted(FORMS) + ["ip_address", "endpoint_type", "resource",
                                     "path", ""]]
KEYS += ["current_time", "{{environment.attributes.current_time}",
         "{{environment.current_time}}", "{{subject.attributes.x}}", None, 1]


def random_list(rng, rule):
    """Some list of the rule, and the object it is in."""
    parts = [rule] + [c for c in rule["conditions"]
                      if isinstance(c, dict) and "conditions" in c]
    return rng.choice(parts)


def mutated(rng, rule):
    """One change."""
    rule = copy.deepcopy(rule)
    if "conditions" not in rule and rng.random() < 0.4:
        rule = {"operator": "and", "conditions": [rule]}
    part = rule
    if "conditions" in rule:
        part = random_list(rng, rule)
        at = rng.randrange(len(part["conditions"]))
        one = part["conditions"][at]
        kind = rng.randrange(9)
        if kind == 0:
            part["operator"] = rng.choice(["and", "or", "not", "AND", None])
        elif kind == 1:
            part["conditions"] = rng.choice([[], {}, None, one])
        elif kind == 2:          # one level more
            part["conditions"][at] = {"operator": "and", "conditions": [one]}
        elif kind == 3:
            part["conditions"] += [one] * rng.randint(1, 10)
        elif kind == 4:
            part[rng.choice(["key", "value", "x", "operator"])] = "x"
        elif kind == 5:
            part["conditions"][at] = rng.choice([None, {}, [], "x", 1])
        if kind < 6:
            return rule
        part = one if "conditions" not in one else one["conditions"][0]
    name, values = rng.choice([("value", VALUES)] * 4 + [
        ("operator", OPERATORS), ("key", KEYS), ("x", ["y"])])
    part[name] = rng.choice(values)
    if part[name] is None and rng.random() < 0.5:
        del part[name]
    return rule
