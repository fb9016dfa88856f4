# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Reference model of policies: access tags, and policies of version 1.

Tags, pdp-policies(5) and pdp-directory(5): a state is a set of tags (known),
the empty list (absent) or None (unknown).

Version 1, pdp-policies(5): as_version_2() writes such a policy as policies
of version 2, one for each subject and resource.
"""

from policy_conditions import glob, names_of


def small(text):
    return text.lower()


def one_tag(wanted, tag):
    """True, False, or None where only the case of letters differs."""
    def same(change):
        key, _, value = change(tag).partition(":")
        mine = change(wanted["value"])
        return key == change(wanted["key"]) and (
            glob(mine, value) if wanted["operator"] == "stringMatch" else
            value == mine)

    if same(str):
        return True
    return None if same(small) else False


def answers(wanted, state):
    """One for each tag that is wanted."""
    for one in wanted:
        found = [one_tag(one, tag) for tag in state or ()]
        if state is None:
            yield None
        elif True in found:
            yield True
        else:
            yield None if None in found else False


class Tags:
    """What all directories say of tags."""

    def __init__(self, services):
        self.services = services
        self.places = {}         # (region, namespace) -> set of tags
        self.accounts = {}       # (region, namespace) -> that of its CRN
        self.given = False

    def read(self, directory):
        self.given = self.given or "tags" in directory
        for name, tags in directory.get("tags", {}).items():
            account = None
            if name.startswith("crn:"):
                parts = name.split(":")
                if parts[8:9] != ["namespace"] or parts[4] not in [
                        s["service"] for s in self.services]:
                    continue
                name = parts[5] + "/" + parts[9]
                account = parts[6][2:]
            region, _, namespace = name.partition("/")
            for service in self.services:
                for one in service["regions"]:
                    if region in names_of(one):
                        key = (one["region"], namespace)
                        self.places.setdefault(key, set()).update(tags)
                        if account:
                            self.accounts[key] = account

    def known(self, region, namespace, account, listed):
        """The state for one region.  listed: the directory is complete and
        lists the namespace there."""
        key = (region, namespace)
        if key in self.places:
            if self.accounts.get(key, account) != account:
                return None
            return self.places[key]
        return set() if self.given and listed else None


# --- version 1 -------------------------------------------------------------


def as_attribute(one):
    return {"key": one["name"], "value": one["value"],
            "operator": one.get("operator", "stringEquals")}


def as_part(part):
    return {name: [as_attribute(one) for one in ones]
            for name, ones in part.items()}


def is_version_1(policy):
    return "resources" in policy


def as_version_2(policy):
    """Any of the subjects may act on any of the resources."""
    if not is_version_1(policy):
        return [policy]
    rest = {name: value for name, value in policy.items()
            if name not in ("subjects", "resources", "roles")}
    return [dict(rest, subject=as_part(subject), resource=as_part(resource),
                 control={"grant": {"roles": policy["roles"]}})
            for subject in policy["subjects"]
            for resource in policy["resources"]]
