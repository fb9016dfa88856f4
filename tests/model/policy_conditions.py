# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Reference model of policies: what one condition answers.

Three states of an attribute and three answers: see the head of policy.py.
"""

import functools
import ipaddress
import re


def glob(pattern, text):
    """stringMatch: * any run, ? one character, {{*}} and {{?}} themselves."""
    return expression(pattern).fullmatch(text) is not None


@functools.lru_cache(4096)
def expression(pattern):
    rule = ""
    for word in re.findall(r"\{\{[*?]\}\}|.", pattern, re.DOTALL):
        if word == "*":
            rule += ".*"
        elif word == "?":
            rule += "."
        else:
            rule += re.escape(word[2] if len(word) == 5 else word)
    return re.compile(rule, re.DOTALL)


def compare(operator, value, text):
    if operator == "stringEquals":
        return text == {True: "true", False: "false"}.get(value, value)
    if operator == "stringEqualsAnyOf":
        return text in value
    if operator == "stringMatch":
        return glob(value, text)
    assert operator == "stringMatchAnyOf", operator
    return any(glob(pattern, text) for pattern in value)


SERVICE_KEYS = ("serviceName", "serviceType", "service_group_id")


def condition(attribute, state):
    """The table "known, unknown, absent" of pdp-policies(5), first half."""
    if state is None:
        return None
    if attribute["operator"] == "stringExists":
        return attribute["value"] is bool(state)
    return any(compare(attribute["operator"], attribute["value"], name)
               for name in state)


def applies(answers, deny):
    """The second half: a doubt never grants, and always denies."""
    if deny:
        return all(answer is not False for answer in answers)
    return all(answer is True for answer in answers)


def names_of(region):
    return [region["region"]] + region.get("aliases", [])


def read_address(text):
    """An address, an IPv4-mapped one as IPv4; None: it is none."""
    return parse_address(text) if isinstance(text, str) else None


@functools.lru_cache(4096)
def parse_address(text):
    if "%" in text or "/" in text:
        return None
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
