#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Variables: PDPD and PDP_CHECK, the programs; srcdir, the source folder.
"""Restrictions, revocations and conditions behind a gateway: the daemon takes
the client's address from its contract and the type of endpoint from its
configuration, and a list of revoked tokens is in force as soon as it changes.
"""

import json
import os
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from pdpd import ACCOUNT, TRUST, same  # noqa: E402
from pdpd_daemon import Daemon, Keys, request, run_cases, until  # noqa: E402

ISSUER = "https://iam.cloud.ibm.com/identity"
CONFIG = """\
format: pdpd/1
listeners:
  - name: public
    contract: nginx
    socket: public.sock
    peers: [UID]
    endpoint_type: public
    allow_caching: true
  - name: private
    contract: forwarded
    socket: private.sock
    peers: [UID]
    endpoint_type: private
  - {name: plain, contract: nginx, socket: plain.sock, peers: [UID]}
trust: trust.yaml
policies: [policies.json]
restrictions: [restrictions]
revocations: [revoked.json]
metrics: {socket: metrics.sock, peers: [UID]}
log: {format: json, level: info}
""".replace("UID", str(os.getuid()))


def attributes(**values: str) -> list[dict[str, str]]:
    return [{"key": key, "operator": "stringEquals", "value": value}
            for key, value in values.items()]


def policy(who: str, **more: object) -> dict[str, object]:
    return {"type": "access", "subject": {"attributes": attributes(iam_id=who)},
            "resource": {"attributes": attributes(
                serviceName="container-registry", accountId=ACCOUNT)},
            "control": {"grant": {"roles": [{
                "role_id": "crn:v1:bluemix:public:iam::::serviceRole:Reader"}]}},
            **more}


POLICIES = [
    policy("IBMid-PLAIN"),
    policy("IBMid-OFFICE",
           pattern="attribute-based-condition:environment:literal-and-wildcard",
           rule={"key": "{{environment.attributes.ip_address}}",
                 "operator": "stringMatch", "value": "198.51.100.*"}),
]


def rules(mode: str) -> str:
    zone = {"id": "office", "name": "office", "account_id": ACCOUNT,
            "addresses": [{"type": "subnet", "value": "192.0.2.0/24"},
                          {"type": "subnet", "value": "198.51.100.0/24"}],
            "excluded": [{"type": "ipAddress", "value": "192.0.2.66"}]}
    rule = {"id": "r1", "enforcement_mode": mode,
            "contexts": [{"attributes": [
                {"name": "networkZoneId", "value": "office"},
                {"name": "endpointType", "value": "public"}]}],
            "resources": [{"attributes": [
                {"name": "accountId", "value": ACCOUNT},
                {"name": "serviceName", "value": "container-registry"}]}]}
    return json.dumps({"zones": [zone], "rules": [rule]})


def revoked(*entries: dict[str, str]) -> str:
    return json.dumps({"format": "pdp-revocations/1", "revocations": list(
        entries) or [{"issuer": ISSUER, "jti": "nobody's"}]})


class World:
    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp()
        self.keys = Keys(self.folder)
        self.cnt = 0

    def make(self, mode: str = "enabled") -> Daemon:
        self.cnt += 1
        folder = os.path.join(self.folder, str(self.cnt))
        os.makedirs(os.path.join(folder, "restrictions"))
        daemon = Daemon(folder, CONFIG)
        daemon.write("trust.yaml", TRUST)
        daemon.write("keys.json", self.keys.jwks())
        daemon.write("policies.json", json.dumps(POLICIES))
        daemon.write("restrictions/one.json", rules(mode))
        daemon.write("revoked.json", revoked())
        return daemon

    def token(self, who: str) -> str:
        return self.keys.token("--account", ACCOUNT, "--iam-id", who)

    def close(self) -> None:
        shutil.rmtree(self.folder)


def ask(daemon: Daemon, token: str, address: str,
        name: str = "public.sock") -> str:
    if name == "private.sock":
        headers = [("X-Forwarded-Method", "GET"),
                   ("X-Forwarded-Uri", "/api/v1/images"),
                   ("X-Forwarded-Host", "us.icr.io"),
                   # Only the last one is the gateway's own.
                   ("X-Forwarded-For", "192.0.2.7, " + address)]
    else:
        headers = [("X-Original-Method", "GET"),
                   ("X-Original-URI", "/api/v1/images"),
                   ("X-Real-IP", address), ("X-Request-ID", "1")]
    answer = daemon.raw(name, request(
        headers + [("Authorization", f"Bearer {token}")]))
    assert answer is not None
    return f"{answer.status} {answer.reason} {answer.get('Cache-Control')}"


def test_restrictions(world: World) -> None:
    token = world.token("IBMid-PLAIN")
    allowed = "200 permitted no-store"  # an address is in no cache's key
    denied = "403 context_denied no-store"
    with world.make() as daemon:
        for address, answer in (("192.0.2.7", allowed),
                                ("::ffff:192.0.2.7", allowed),
                                ("192.0.2.66", denied),
                                ("203.0.113.9", denied),
                                ("unknown", denied),
                                ("192.0.2.7:80", denied)):
            same(ask(daemon, token, address), answer, address)
        same(ask(daemon, token, "192.0.2.7", "private.sock"), denied)
        same(ask(daemon, token, "192.0.2.7", "plain.sock"), denied,
             "endpoint type not known")
        daemon.write("restrictions/one.json", rules("report"))
        until("the report mode", lambda: ask(
            daemon, token, "203.0.113.9").startswith("200 permitted"))


def test_conditions(world: World) -> None:
    token = world.token("IBMid-OFFICE")
    with world.make("disabled") as daemon:
        same(ask(daemon, token, "198.51.100.7"), "200 permitted no-store")
        same(ask(daemon, token, "192.0.2.7"), "403 no_grant no-store")
        same(ask(daemon, token, "nowhere"), "403 condition_error no-store")


def test_revocations(world: World) -> None:
    """T31: also of a token that the daemon has in its cache."""
    token = world.token("IBMid-PLAIN")
    with world.make() as daemon:
        for _ in range(4):  # every worker knows it
            same(ask(daemon, token, "192.0.2.7"), "200 permitted no-store")
        daemon.write("revoked.json", revoked({
            "issuer": ISSUER, "subject": "IBMid-PLAIN",
            "issued_before": time.strftime("%Y-%m-%dT%H:%M:%SZ",
                                           time.gmtime(time.time() + 60))}))
        until("the revocation", lambda: ask(daemon, token, "192.0.2.7") ==
              "401 token_revoked no-store")
        for _ in range(4):
            same(ask(daemon, token, "192.0.2.7"), "401 token_revoked no-store")
        generation = daemon.metric("pdpd_generation")
        daemon.write("revoked.json", '{"format": "pdp-revocations/2"}')
        until("a failed reload",
              lambda: daemon.metric("pdpd_reload_failed") == 1)
        same(daemon.metric("pdpd_generation"), generation)
        same(ask(daemon, token, "192.0.2.7"), "401 token_revoked no-store")
        daemon.write("revoked.json", revoked())
        until("the end of it", lambda: ask(daemon, token, "192.0.2.7") ==
              "200 permitted no-store")


def main() -> int:
    world = World()
    try:
        return 1 if run_cases(globals(), world, lambda: None) else 0
    finally:
        world.close()


if __name__ == "__main__":
    sys.exit(main())
