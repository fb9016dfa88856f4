# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""The model of policies as check.py calls it: cases and what is expected.

Two kinds of snapshots: whole worlds of many policies, and trials: one policy
with one change, which the loader refuses or takes as policy_valid.py says;
what it takes is decided, too.
"""

import json

import policy
import policy_documents
import policy_generate
import policy_valid
import policy_valid_old

WORLD_CASES = 80
TRIALS = 5           # after each world
INVALID = 3           # PDP_E_INVALID

REASONS = {
    "permitted", "public", "authenticated", "no_grant", "explicit_deny",
    "condition_error", "context_denied", "token_revoked",
    "account_mismatch", "unknown_namespace", "scope_mismatch",
    "claim_invalid", "bad_param", "ambiguous_query", "ambiguous_header",
    "issuer_untrusted", "no_route", "(refused by the loader)"}


def model_of(world):
    return policy_documents.Model(
        world.services, world.trust, world.parts,
        [world.directory] if world.directory else [],
        world.restrictions, world.revocations)


def trial(rng):
    """A load of one changed policy; None: the model has no opinion."""
    world = policy_generate.World(rng)
    number = rng.randrange(len(world.policies))
    changed = policy_valid.mutated(rng, world.policies[number])
    world.policies, world.versions = [changed], False
    world.targets = [world.targets[number]]
    model = model_of(world)
    good = policy_valid.accepted(model, changed)
    if good is None:
        return None
    skipped = policy_valid.skipped(model, changed)
    if good and not skipped and policy_valid_old.sound(changed):
        changed, good = policy_valid_old.trial(rng, changed)
        world.policies = [changed]
        load = world.load([])
        load.status = 0 if good else INVALID
        return load
    load = world.load([world.case() for _ in range(8)]
                      if good and not skipped else [])
    load.status = 0 if good else INVALID
    return load


def generate(rng, count):
    while count > 0:
        world = policy_generate.World(rng)
        cases = [world.case() for _ in range(min(count, WORLD_CASES))]
        count -= len(cases)
        yield world.load(cases)
        for _ in range(min(count, TRIALS)):
            load = trial(rng)
            if load is None:
                continue
            count -= 1 if load.status else len(load.cases)
            yield load


def expect(load, case):
    world = load.facts
    if world.model is None:
        world.model = model_of(world)
    return policy.Decision(world.model, case.method, case.target,
                           case.headers, json.loads(case.claims), case.now,
                           case.origin).fields()
