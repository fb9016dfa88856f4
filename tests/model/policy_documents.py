# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Reference model of policies: what all documents of one snapshot say
together.  policy.py judges requests by it; its head has the rest.
"""

import re

import policy_context
import policy_tags
from policy_conditions import SERVICE_KEYS, condition, names_of

IBM_ISSUER = "https://iam.cloud.ibm.com/identity"
MISSING = object()


def pointer(document, path):
    """RFC 6901 in an object; MISSING if there is no such member."""
    for name in path.split("/")[1:]:
        name = name.replace("~1", "/").replace("~0", "~")
        if not isinstance(document, dict) or name not in document:
            return MISSING
        document = document[name]
    return document


def policy_list(document):
    if isinstance(document, dict) and "policies" in document:
        return document["policies"]
    return document if isinstance(document, list) else [document]


def same_role(written, name):
    return written.replace("%20", " ") == name or \
        written == name.replace(" ", "")


class Model:
    """All documents of one snapshot."""

    def __init__(self, services, trust=None, policies=(), directories=(),
                 restrictions=(), revocations=()):
        self.services = unite(services)
        self.issuers = {i["issuer"]: i for i in (trust or {
            "issuers": [{"issuer": IBM_ISSUER}]})["issuers"]}
        self.policies = [(p.get("id", f"{name}#{n}"), p)
                         for name, d in policies
                         for n, one in enumerate(policy_list(d), 1)
                         for p in policy_tags.as_version_2(one)]
        self.restrictions = policy_context.Restrictions(restrictions)
        self.revocations = policy_context.Revocations(
            revocations, self.issuers)
        self.tags = policy_tags.Tags(self.services)
        self.held = {}       # what role_actions() found out
        self.members = {}    # group -> set of principals
        self.namespaces = {}  # (region, namespace) -> entry
        self.complete = False
        self.custom_roles = {}  # CRN -> role
        for d in directories:
            self.read_directory(d)

    def inline_accepted(self, policy, account):
        """Whether an inline policy leaves its token valid: it is for the
        token's account, and a denial can deny something: each of its roles
        in one service that it may be for, its regions in each of them."""
        if skipped(policy):
            return True
        if "rule" in policy or "pattern" in policy or \
                policy["resource"].get("tags"):
            return False
        attributes = policy["resource"]["attributes"]
        if [a["value"] for a in attributes if a["key"] == "accountId"] != \
                [account]:
            return False
        if "deny" not in policy["control"]:
            return True
        meant = [service for service in self.services
                 if all(condition(a, [{"serviceName": service["service"],
                                       "serviceType": "service",
                                       "service_group_id": "IAM"}[a["key"]]])
                        for a in attributes if a["key"] in SERVICE_KEYS)]
        for service in meant:
            if not region_fits(attributes, service):
                return False
            for a in attributes:
                if a["key"] == "region" and not all(
                        any(condition(one, names_of(region))
                            for region in service["regions"])
                        for one in single_values(a)):
                    return False
        return not meant or all(
            any(set(self.role_actions(role["role_id"], service, account)) &
                set(service["actions"]) for service in meant)
            for role in policy["control"]["deny"]["roles"])

    def read_directory(self, directory):
        self.tags.read(directory)
        for group, members in directory.get("groups", {}).items():
            if isinstance(members, dict):
                members = [m["iam_id"] for m in members["members"]]
            self.members.setdefault(group, set()).update(members)
        for entry in directory.get("namespaces", []):
            for service in self.services:
                for region in service["regions"]:
                    if entry["region"] in names_of(region):
                        key = (region["region"], entry["namespace"])
                        self.namespaces[key] = entry
        self.complete = self.complete or directory.get("complete", False)
        roles = directory.get("roles", [])
        for answer in roles if isinstance(roles, list) else [roles]:
            for role in answer.get("custom_roles", []):
                self.custom_roles[role["crn"]] = role

    def role_actions(self, role, service, account, by_name=False):
        """The actions of a role id (or, in a claim, name) in an account."""
        key = (role, service["service"], account, by_name)
        if key not in self.held:
            self.held[key] = self.find_actions(role, service, account,
                                               by_name)
        return self.held[key]

    def find_actions(self, role, service, account, by_name):
        if role in self.custom_roles:
            custom = self.custom_roles[role]
            owner = role.split(":")[6]
            return custom["actions"] if owner == "a/" + account else []
        names = service["roles"]
        if by_name:
            return names.get(role, {"actions": []})["actions"]
        found = re.fullmatch(r"crn:v1:bluemix:public:(iam|[^:]*)::::"
                             r"(serviceRole|role):(.+)", role)
        if not found or found[1] not in ("iam", service["service"]):
            return []
        return next((r["actions"] for n, r in names.items()
                     if same_role(found[3], n)), [])


def skipped(policy):
    """Those for other services need no mention: they do not match."""
    return policy["type"] == "authorization" or \
        policy.get("state") == "deleted"


def single_values(attribute):
    """A condition for each value of an operator that has several."""
    values = attribute["value"]
    if not isinstance(values, list):
        return [attribute]
    return [dict(attribute, value=[value]) for value in values]


def region_fits(attributes, service):
    """Whether one region of the service is all that is said of regions."""
    return not service["regions"] or any(
        all(condition(a, names_of(region))
            for a in attributes if a["key"] == "region")
        for region in service["regions"])


def unite(services):
    """A region has the older names that any service gives it."""
    older = {}
    for service in services:
        for region in service["regions"]:
            older.setdefault(region["region"], set()).update(
                region.get("aliases", []))
    return [dict(service, regions=[
        dict(region, aliases=sorted(older[region["region"]]))
        for region in service["regions"]]) for service in services]
