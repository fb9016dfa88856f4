# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Which policies of version 1 the loader must refuse: pdp-policies(5).

A good policy of version 2 is written in the older form, and then one thing in
it may be changed.  Each change says whether the policy stays good.
"""

import policy_generate_context as context
import policy_tags


def first_attribute(policy):
    """That of the account: other ones may tell that it is for elsewhere."""
    return next(a for a in policy["resources"][0]["attributes"]
                if a["name"] == "accountId")


def set_to(name, value):
    def change(policy):
        policy[name] = value
    return change


def set_attribute(name, value):
    def change(policy):
        first_attribute(policy)[name] = value
    return change


def without(name):
    def change(policy):
        del policy[name]
    return change


def rename(policy):
    one = first_attribute(policy)
    one["key"] = one.pop("name")


def other_subject(operator):
    def change(policy):
        policy["subjects"][0]["attributes"][0]["operator"] = operator
    return change


def append(name, value):
    def change(policy):
        policy[name].append(value)
    return change


def placeholder(policy):
    policy["roles"].append({
        "role_id": "crn:v1:bluemix:public:iam::::role:UnsupportedVersion"})


def repeat(name, times):
    def change(policy):
        policy[name] = policy[name][:1] * times
    return change


CHANGES = [                      # (change, whether it stays good)
    (lambda policy: None, True), (lambda policy: None, True),
    (set_to("subjects", []), False), (set_to("resources", []), False),
    (set_to("roles", []), False), (set_to("subjects", {}), False),
    (set_to("rule", {}), False), (set_to("pattern", "x"), False),
    (set_to("control", {}), False), (set_to("subject", {}), False),
    (set_to("description", "x"), True), (set_to("href", "x"), True),
    (without("subjects"), False), (without("roles"), False),
    (without("type"), False), (set_to("state", "new"), False),
    (set_attribute("operator", "stringExists"), False),
    (set_attribute("operator", "stringEqualsAnyOf"), False),
    (set_attribute("operator", "stringequals"), False),
    (set_attribute("operator", None), False),
    (set_attribute("value", ""), False), (set_attribute("value", 1), False),
    (set_attribute("value", ["x"]), False),
    (set_attribute("extra", "x"), False), (rename, False),
    (other_subject("stringEquals"), True),
    (other_subject("stringMatch"), False), (placeholder, False),
    (append("subjects", {}), False), (append("subjects", None), False),
    (append("resources", {"attributes": []}), False),
    (append("roles", {}), False), (repeat("subjects", 64), True),
    (repeat("subjects", 65), False), (repeat("resources", 64), True),
    (repeat("resources", 65), False)]


def sound(policy):
    """Whether it has the parts that are about to be written otherwise."""
    try:
        parts = [policy["subject"], policy["resource"]]
        return set(policy["control"]) == {"grant"} and \
            "pattern" not in policy and all(
                set(a) == {"key", "operator", "value"}
                for part in parts for a in part["attributes"]) and \
            context.can_be_version_1(policy)
    except (KeyError, TypeError, AttributeError):
        return False


def trial(rng, policy):
    """(policy of version 1, whether it is good), of a good one."""
    made = context.as_version_1(rng, policy, [], False)
    change, good = rng.choice(CHANGES)
    change(made)
    assert not good or policy_tags.as_version_2(made)
    return made, good
