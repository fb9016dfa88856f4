# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Services for the generator of policy_generate.py: the registry, and small
random ones."""

import json
import os

SOURCES = os.environ.get("srcdir", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", ".."))
with open(os.path.join(SOURCES, "policies", "container-registry.json"),
          encoding="utf-8") as file:
    REGISTRY = json.load(file)
with open(os.path.join(SOURCES, "policies", "examples", "example.jwks.json"),
          encoding="utf-8") as file:
    KEYS = json.load(file)


def chance(rng, percent):
    return rng.random() * 100 < percent


def small_service(rng):
    """A service of a few routes, in the form of the registry's."""
    name = "aviary"
    actions = {f"{name}.thing{n}.do": {
        "scope": rng.choice(["account", "namespace"])}
        for n in range(rng.randint(2, 5))}
    roles = {role: {"actions": sorted(rng.sample(
        sorted(actions), rng.randint(1, len(actions))))}
        for role in ["Reader", "Manager", "Bird Keeper"][:rng.randint(1, 3)]}
    regions = [
        {"region": "eu-de", "aliases": ["eu-central"],
         "hosts": ["eu.aviary.example"], "events": "eu-de"},
        {"region": "worldwide", "geography": "global", "aliases": [],
         "hosts": ["aviary.example"], "events": "eu-de"}][:rng.randint(1, 2)]
    params = {"place": {"kind": "namespace"}, "other": {"kind": "namespace"},
              "picture": {"kind": "image"}, "thing": {"kind": "resource"},
              "word": {"kind": "text"},
              "many": {"kind": "namespace", "repeat": True}}
    routes = []
    for n in range(rng.randint(3, 7)):
        name = rng.choice(["place", "picture", "thing", "word"])
        path = f"/r{n}" + rng.choice(["", "/{" + name + "}"])
        sources = ["query:" + p for p in ("other", "picture", "many",
                                          "word")]
        sources += ["body"]
        if path.endswith("}"):
            sources = 3 * ["path:" + name] + sources
        route = {"method": rng.choice(["GET", "PUT", "POST"]), "path": path,
                 "event": None}
        if chance(rng, 10):
            route["access"] = rng.choice(["authenticated", "public"])
        else:
            route["requires"] = []
            for action in rng.sample(sorted(actions), min(
                    len(actions), rng.choice([1, 1, 2, 3]))):
                need = {"action": action}
                if chance(rng, 70):
                    need["on"] = sorted(set(rng.sample(
                        sources, rng.randint(1, 2))))
                route["requires"].append(need)
        routes.append(route)
    return {"format": "pdp-service/1", "service": "aviary", "title": "Aviary",
            "actions": actions, "roles": roles, "events": {},
            "params": params, "regions": regions, "routes": routes}
