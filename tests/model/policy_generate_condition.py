# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Conditions on texts for the generator of policy_generate.py."""

import re


def attribute(key, operator, value):
    return {"key": key, "operator": operator, "value": value}


def spoil(rng, text):
    """Nearly the same text."""
    if "{{" in text:
        return "x" + text
    at = rng.randrange(len(text) + 1)
    return rng.choice([text + "x", text[:-1] or "x", text.upper() + "X",
                       text[:at] + "-" + text[at:], "x" + text])


def pattern(rng, text):
    """A pattern that matches text."""
    text = text.replace("*", "{{*}}").replace("g?", "g{{?}}")
    if "{" in text:
        return text
    a, b = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    return rng.choice([text[:a] + "*" + text[b:], text[:a] + "*",
                       "*" + text[a:], text, "*", text[:a] + "**" + text[a:],
                       text[:-1] + "?", "?" * len(text)])


def one_condition(rng, key, value):
    """A condition that holds for the value (None: absent)."""
    if value is None:
        return attribute(key, "stringExists", False)
    kind = rng.choice(["stringEquals"] * 4 + ["stringMatch"] * 2 +
                      ["stringEqualsAnyOf", "stringMatchAnyOf"] +
                      ["stringExists"])
    if kind == "stringEquals":
        return attribute(key, kind, value)
    if kind == "stringExists":
        return attribute(key, kind, True)
    if kind == "stringMatch":
        return attribute(key, kind, pattern(rng, value))
    several = [spoil(rng, value) for _ in range(rng.randint(0, 3))]
    several.append(value if kind == "stringEqualsAnyOf" else
                   pattern(rng, value))
    rng.shuffle(several)
    return attribute(key, kind, several)


def spoil_condition(rng, condition):
    value = condition["value"]
    if isinstance(value, bool):
        condition["value"] = not value
    elif isinstance(value, list):
        condition["value"] = [spoil(rng, v) for v in value]
    else:
        condition["value"] = spoil(rng, value)


def living_condition(rng, condition):
    """Types and names of resources that there can be, since the loader refuses
    others in a denial."""
    key, operator = condition["key"], condition["operator"]
    if operator == "stringExists":
        return condition
    if key == "resourceType":
        return one_condition(rng, key, "namespace")
    if key == "resource":
        def name(text):
            text = re.sub("[^a-z0-9._*?{}-]", "", text.lower())
            return text if "Match" in operator or re.fullmatch(
                "[a-z0-9][a-z0-9._-]*", text) else "x"
        value = condition["value"]
        condition["value"] = [name(v) for v in value] if isinstance(
            value, list) else name(value)
    return condition
