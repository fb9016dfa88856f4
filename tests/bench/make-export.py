#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Writes the export of an account: policies as the API returns them.

    make-export.py [--policies N] [--form v2|v1] export|roles|counts

export is a listing of policies over many services, most of which have nothing
to do with the one that is loaded: members of format=display, policies between
services, deleted ones, of platform services, of other service groups, for
resource groups as such, made from templates; conditions and tags of all
kinds, also such as only other services understand.  roles is the answer of
GET /v2/roles for the same account, as a directory.  counts says, one a line,
how many policies the loader must skip and why, and how many are left.

There is no chance in it: the same arguments give the same bytes.  The form of
version 1 leaves out what that form cannot show.
"""

import argparse
import json
import sys

ACCOUNT = "8d5f3a1c7b9e4d2fa06c1e4b7d90f325"
ROLE = "crn:v1:bluemix:public:iam::::"
CUSTOM = "crn:v1:bluemix:public:iam-access-management::a/%s::customRole:" % \
    ACCOUNT
OTHERS = ["cloud-object-storage", "kms", "containers-kubernetes", "is",
          "databases-for-postgresql", "secrets-manager", "logs", "codeengine",
          "messagehub", "cloudantnosqldb", "sysdig-monitor", "dns-svcs",
          "transit", "toolchain", "schematics", "hs-crypto", "appid"]
PLATFORM = ["user-management", "billing", "iam-identity", "catalog"]
REGISTRY = "container-registry"
TIME = "{{environment.attributes.current_time}}"
DAY = "{{environment.attributes.day_of_week}}"
INSTANT = "{{environment.attributes.current_date_time}}"
STAMP = "2025-0%d-%02dT08:15:%02d.000Z"

USED = ("registry", "every", "tags")

# Of a hundred policies, how many are of a kind.
KINDS = {"other": 58, "authorization": 7, "deleted": 5, "platform": 6,
         "group": 2, "resource-group": 3, "registry": 13, "every": 4,
         "tags": 2}


def equals(key, value):
    return {"key": key, "operator": "stringEquals", "value": value}


def condition(key, operator, value):
    return {"key": key, "operator": operator, "value": value}


def uuid(n):
    return "%08x-5e1f-4a7b-8c2d-%012x" % (n * 2654435761 % 2**32, n)


class Policy:
    """The n-th policy of the account, of a kind."""

    def __init__(self, n, kind):
        self.n, self.kind = n, kind
        self.rule = self.pattern = None
        self.tags = []
        self.attributes = [equals("accountId", ACCOUNT)]
        self.roles = ["serviceRole:Reader"]
        getattr(self, "make_" + kind.replace("-", "_"))()

    # -- kinds

    def make_other(self):
        n = self.n
        self.attributes.append(equals("serviceName", OTHERS[n % len(OTHERS)]))
        if n % 2:
            self.attributes.append(equals("serviceInstance", uuid(n + 5000)))
        if n % 3 == 0:
            self.attributes += [equals("resourceType", "bucket"),
                                condition("resource", "stringMatch", "b?-*")]
        if n % 5 == 0:
            self.roles = ["role:Viewer", "serviceRole:ObjectWriter"]
        if n % 7 == 0:           # as the documentation of the storage has it
            self.pattern = "attribute-based-condition:resource:" \
                "literal-and-wildcard"
            self.rule = {"operator": "or", "conditions": [
                {"operator": "and", "conditions": [
                    condition("{{resource.attributes.prefix}}",
                              "stringEqualsAnyOf", ["", "home/"]),
                    condition("{{resource.attributes.delimiter}}",
                              "stringEqualsAnyOf", ["", "/"])]},
                condition("{{resource.attributes.path}}", "stringMatch",
                          "home/David/*")]}

    def make_authorization(self):
        self.attributes.append(equals("serviceName", OTHERS[1]
                                      if self.n % 3 else REGISTRY))

    def make_deleted(self):
        self.make_registry()

    def make_platform(self):
        if self.n % 3:
            self.attributes.append(equals("serviceType", "platform_service"))
        else:
            self.attributes.append(equals(
                "serviceName", PLATFORM[self.n % len(PLATFORM)]))
        self.roles = ["role:Administrator"]

    def make_group(self):
        self.attributes.append(equals("service_group_id", "ACCOUNT"))
        self.roles = ["role:Editor"]

    def make_resource_group(self):
        self.attributes += [equals("resourceType", "resource-group"),
                            equals("resource", uuid(self.n).replace("-", ""))]
        self.roles = ["role:Viewer"]

    def make_registry(self):
        n = self.n
        self.attributes.append(equals("serviceName", REGISTRY))
        if n % 2:
            self.attributes += [equals("resourceType", "namespace"), condition(
                "resource", *[("stringEquals", "birds"),
                              ("stringMatch", "dev-*"),
                              ("stringEqualsAnyOf", ["birds", "nests"])][
                                  n % 3])]
        if n % 3 == 0:
            self.attributes.append(equals("region", ["us-south", "eu-de"][
                n % 2]))
        self.roles = [["serviceRole:Manager"], ["serviceRole:Writer",
                                                "role:Viewer"],
                      ["serviceRole:Reader"]][n % 3]
        if n % 5 == 0:
            self.roles = [CUSTOM + "ImageRemover"]
        if n % 4 == 0:
            self.working_hours()
        elif n % 4 == 1:
            self.once()

    def make_every(self):
        """For all services: names roles that the registry does not have."""
        self.attributes.append(equals("serviceType", "service"))
        if self.n % 2:
            self.attributes.append(equals("resourceGroupId",
                                          uuid(self.n).replace("-", "")))
        self.roles = ["serviceRole:Manager", "role:Administrator"]
        if self.n % 4 == 0:
            self.roles.append("serviceRole:ObjectWriter")

    def make_tags(self):
        self.attributes.append(equals("serviceType", "service"))
        self.tags = [condition("env", "stringEquals", "prod"),
                     condition("team", "stringMatch", "bird*")]

    def working_hours(self):
        zone = ["-05:00", "+01:00"][self.n % 2]
        self.pattern = "time-based-conditions:weekly:custom-hours"
        self.rule = {"operator": "and", "conditions": [
            condition(DAY, "dayOfWeekAnyOf", [f"{d}{zone}"
                                              for d in range(1, 6)]),
            condition(TIME, "timeGreaterThanOrEquals", "09:00:00" + zone),
            condition(TIME, "timeLessThanOrEquals", "17:00:00" + zone)]}

    def once(self):
        self.pattern = "time-based-conditions:once"
        self.rule = {"operator": "and", "conditions": [
            condition(INSTANT, "dateTimeGreaterThanOrEquals",
                      "2026-01-01T09:00:00-05:00"),
            condition(INSTANT, "dateTimeLessThanOrEquals",
                      "2027-12-26T09:00:00-05:00")]}

    # -- what must be said of it

    def names_service(self):
        return any(a["key"] == "serviceName" for a in self.attributes)

    def foreign_roles(self):
        return (self.kind in USED) * sum("Object" in r for r in self.roles)

    # -- as JSON

    def common(self):
        n = self.n
        base = "https://iam.cloud.ibm.com/v2/policies/"
        stamp = STAMP % (n % 9 + 1, n % 28 + 1, n % 60)
        return {
            "id": uuid(n), "href": base + uuid(n),
            "type": "authorization" if self.kind == "authorization"
            else "access",
            "state": "deleted" if self.kind == "deleted" else "active",
            "description": f"Policy {n} \u2013 \"{self.kind}\"",
            "created_at": stamp, "created_by_id": "IBMid-270004ADMN",
            "last_modified_at": stamp,
            "last_modified_by_id": "iam-ServiceId-%s" % uuid(n % 7),
        }

    def subject(self):
        n = self.n
        if self.kind == "authorization":
            return [equals("accountId", ACCOUNT),
                    equals("serviceName", OTHERS[0])]
        return [equals(*[("iam_id", "IBMid-27000%04d" % (n % 300)),
                         ("access_group_id", "AccessGroupId-" + uuid(n % 40)),
                         ("iam_id", "iam-ServiceId-" + uuid(n % 25)),
                         ("iam_id", "iam-Profile-" + uuid(n % 9))][n % 4])]

    def role(self, name):
        crn = name if name.startswith("crn:") else ROLE + name
        action = f"{REGISTRY}.image.read"
        return {"role_id": crn, "display_name": name.rpartition(":")[2],
                "description": "As the console shows it.",
                "actions": [{"id": action, "display_name": action,
                             "description": "Reads an image."}] * 6}

    def v2(self):
        resource = {"attributes": self.attributes}
        if self.tags:
            resource["tags"] = self.tags
        policy = dict(self.common(), subject={"attributes": self.subject()},
                      resource=resource, control={"grant": {"roles": [
                          self.role(r) for r in self.roles]}})
        if self.rule:
            policy.update(pattern=self.pattern, rule=self.rule)
        if self.n % 6 == 0:
            policy.update(last_permit_at=policy["created_at"],
                          last_permit_frequency=self.n)
        if self.n % 50 == 0:
            policy["template"] = {"id": "policyTemplate-" + uuid(self.n),
                                  "version": "1", "assignment_id": "x"}
        return policy

    def fits_v1(self):
        return self.rule is None and all(
            a["operator"] in ("stringEquals", "stringMatch")
            for a in self.attributes)

    def v1(self):
        def old(ones):
            return [dict({"name": a["key"], "value": a["value"]}, **(
                {"operator": a["operator"]} if a["operator"] != "stringEquals"
                or self.n % 2 else {})) for a in ones]

        resource = {"attributes": old(self.attributes)}
        if self.tags:
            resource["tags"] = old(self.tags)
        policy = dict(self.common(), subjects=[{"attributes": [
            {"name": a["key"], "value": a["value"]}
            for a in self.subject()]}], resources=[resource],
            roles=[{k: v for k, v in self.role(r).items() if k != "actions"}
                   for r in self.roles])
        policy["href"] = policy["href"].replace("/v2/", "/v1/")
        return policy


def policies(cnt):
    """The kinds in turn, evenly."""
    made, share = [], dict.fromkeys(KINDS, 0)
    for n in range(cnt):
        kind = max(KINDS, key=lambda k: KINDS[k] * (n + 1) / 100 - share[k])
        share[kind] += 1
        made.append(Policy(n, kind))
    return made


def roles():
    """GET /v2/roles, of the registry and of another service."""
    custom = [
        {"id": uuid(n), "name": name, "display_name": display,
         "description": "", "account_id": ACCOUNT, "service_name": service,
         "actions": actions, "crn": CUSTOM + name,
         "created_at": STAMP % (1, 2, 3), "created_by_id": "IBMid-1",
         "last_modified_at": STAMP % (1, 2, 3), "last_modified_by_id": "x",
         "href": "https://iam.cloud.ibm.com/v2/roles/" + uuid(n)}
        for n, (name, display, service, actions) in enumerate([
            ("ImageRemover", "Image Remover", REGISTRY,
             [f"{REGISTRY}.image.delete", f"{REGISTRY}.image.list"]),
            ("BucketLister", "Bucket Lister", "cloud-object-storage",
             ["cloud-object-storage.account.get_account_buckets"])])]
    return {"format": "pdp-directory/1", "roles": {
        "custom_roles": custom, "service_roles": [], "system_roles": []},
        "namespaces": [{"region": "us-south", "namespace": "birds",
                        "account": ACCOUNT}],
        "tags": {"us-south/birds": ["env:prod", "team:birdhouse"]}}


def main() -> int:
    parser = argparse.ArgumentParser(description="The export of an account.")
    parser.add_argument("--policies", type=int, default=1000)
    parser.add_argument("--form", choices=("v2", "v1"), default="v2")
    parser.add_argument("what", choices=("export", "roles", "counts"))
    args = parser.parse_args()
    made = policies(args.policies)
    if args.form == "v1":
        made = [p for p in made if p.fits_v1()]
    if args.what == "export":
        listing = {"policies": [getattr(p, args.form)() for p in made]}
        if args.form == "v2":
            listing.update(limit=args.policies, next=None,
                           first={"href": "https://iam.cloud.ibm.com/v2/"
                                          "policies?limit=1000"})
        json.dump(listing, sys.stdout, indent=1, ensure_ascii=False)
    elif args.what == "roles":
        json.dump(roles(), sys.stdout, indent=1)
    else:
        for line in counts(made):
            print(line)
    return 0


def counts(made):
    """What the loader must say, and what is left."""
    def cnt(kind, **having):
        return sum(p.kind == kind and all(
            getattr(p, name)() == value for name, value in having.items())
            for p in made)

    by_name = cnt("platform", names_service=True)
    return [
        f"{cnt('authorization')} authorization policies",
        f"{cnt('deleted')} deleted policies",
        f"{cnt('platform') - by_name} policies of platform services",
        f"{cnt('group')} policies of other service groups",
        f"{cnt('resource-group')} policies of resource groups as such",
        f"{cnt('other') + by_name} policies of other services",
        f"{sum(cnt(kind) for kind in USED)} policies in use",
        f"{sum(p.foreign_roles() for p in made)} roles that are not ours",
    ]


if __name__ == "__main__":
    sys.exit(main())
