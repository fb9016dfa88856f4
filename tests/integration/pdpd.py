#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Variables: PDPD and PDP_CHECK, the programs; srcdir, the source folder.
# (LISTEN_PID and LISTEN_FDS, NOTIFY_SOCKET, WATCHDOG_USEC are set here, as
# systemd would.)
"""The daemon from outside: a real process, real sockets, bytes on the wire.

Each function test_* is one case; `pdpd.py NAME...` runs only those.
"""

import os
import shutil
import sys
import tempfile
from typing import Any

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from pdpd_daemon import (  # noqa: E402
    Daemon, Keys, nginx, request, run_cases, until)

SOURCE = os.path.abspath(os.environ.get("srcdir", "."))
ACCOUNT = "8d5f3a1c7b9e4d2fa06c1e4b7d90f325"
TRUST = """\
format: pdp-trust/1
issuers:
  - issuer: https://iam.cloud.ibm.com/identity
    keys: {file: keys.json}
"""
CONFIG = """\
format: pdpd/1
listeners:
  - {name: nginx, contract: nginx, socket: nginx.sock, peers: [UID]}
  - name: ingress
    contract: ingress-nginx
    socket: ingress.sock
    peers: [UID]
  - {name: forwarded, contract: forwarded, socket: forwarded.sock, peers: [UID]}
  - name: envoy
    contract: ext-authz
    socket: envoy.sock
    prefix: /authz
    peers: [UID]
  - name: cached
    contract: nginx
    socket: cached.sock
    peers: [UID]
    allow_caching: true
  - {name: other, contract: nginx, socket: other.sock, peers: [4242]}
trust: trust.yaml
policies: [policies]
workers: 2
limits: {connections: 64, header_timeout: 1, idle_timeout: 60}
metrics: {socket: metrics.sock, peers: [UID]}
log: {format: json, level: info}
"""
POLICY = """\
{"policies": [{"id": "p1", "type": "access",
  "subject": {"attributes": [{"key": "iam_id", "operator": "stringEquals",
                              "value": "IBMid-POLICY"}]},
  "resource": {"attributes": [
    {"key": "serviceName", "operator": "stringEquals",
     "value": "container-registry"},
    {"key": "accountId", "operator": "stringEquals", "value": "ACCOUNT"}]},
  "control": {"grant": {"roles": [{"role_id":
     "crn:v1:bluemix:public:iam::::serviceRole:Reader"}]}}}]}
""".replace("ACCOUNT", ACCOUNT)


class World:
    """One folder, one daemon, for all cases that leave it as it was."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp()
        self.keys = Keys(self.folder)
        self.daemon = self.make("main", CONFIG)
        self.manager = self.token("--role", "Manager")
        self.nobody = self.token()

    def token(self, *options: str) -> str:
        return self.keys.token("--account", ACCOUNT, *options)

    def make(self, name: str, config: str) -> Daemon:
        folder = os.path.join(self.folder, name)
        os.makedirs(os.path.join(folder, "policies"))
        daemon = Daemon(folder, config.replace("UID", str(os.getuid())))
        daemon.write("trust.yaml", TRUST)
        daemon.write("keys.json", self.keys.jwks())
        daemon.write("policies/one.json", POLICY)
        return daemon

    def close(self) -> None:
        self.daemon.__exit__()
        shutil.rmtree(self.folder)


def same(got: object, wanted: object, what: str = "") -> None:
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


def routes() -> list[tuple[str, str, str, str]]:
    with open(f"{SOURCE}/tests/vectors/registry-routes.tsv",
              encoding="ascii") as text:
        rows = [line.rstrip("\n").split("\t") for line in text]
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def samples() -> dict[int, tuple[str, str]]:
    """A request for each route, by its index."""
    out: dict[int, tuple[str, str]] = {}
    with open(f"{SOURCE}/tests/vectors/requests_ibm_registry.tsv",
              encoding="ascii") as text:
        for line in text:
            method, target, index = line.rstrip("\n").split("\t")
            out.setdefault(int(index), (method, target))
    return out


def test_all_routes(world: World) -> None:
    """Each of the 46 methods: allowed with its actions, denied without."""
    table, requests = routes(), samples()
    same(len(table), 46)
    same(len(requests), 46)
    first = min(requests)
    with world.daemon.connect("nginx.sock") as client:
        for index, (method, target) in sorted(requests.items()):
            row = table[index - first]
            same(method, row[0], target)
            granted = world.token(*[option for action in row[2].split(",")
                                    if action != "-"
                                    for option in ("--action", action)])
            for token, allowed in ((granted, True), (world.nobody, False)):
                client.send(nginx(method, target, token, host="gateway"))
                answer = client.read()
                assert answer is not None, target
                public = row[2] == "-"
                good = allowed or public
                same(answer.status, 200 if good else 403, target)
                same(answer.reason, "public" if public else
                     "permitted" if allowed else "no_grant", target)
                same(answer.get("X-PDP-Decision"),
                     "allow" if good else "deny", target)
                same(answer.get("X-PDP-AT-Action"),
                     None if row[3] == "-" else row[3], target)
                same(answer.get("X-PDP-URI"), target.split("?")[0])
                same(answer.get("X-PDP-Account"),
                     None if public else ACCOUNT, target)
                same(answer.get("X-PDP-Principal"),
                     None if public else "IBMid-0000000DEV", target)
                same(answer.get("X-PDP-Missing"), None if good else
                     row[2].replace(",", ", "), target)
                same(answer.get("Content-Length"), "0", target)
                same(answer.get("Cache-Control"), "no-store", target)
                same(answer.body, b"", target)


def test_no_token(world: World) -> None:
    answer = world.daemon.ask("nginx.sock", "GET", "/api/v1/images")
    same(answer.status, 401)
    same(answer.reason, "token_missing")
    same(answer.get("WWW-Authenticate"), 'Bearer realm="pdp"')
    same(answer.get("X-PDP-Missing"), None)
    same(answer.get("X-PDP-AT-Action"), "container-registry.image.list")
    answer = world.daemon.ask("nginx.sock", "GET", "/api/v1/images", "x")
    same(answer.status, 401)
    same(answer.reason, "token_malformed")
    same(answer.get("X-PDP-Missing"), None)
    same(answer.get("WWW-Authenticate"), 'Bearer realm="pdp", '
         'error="invalid_token", error_description="token_malformed"')


def test_policies_grant(world: World) -> None:
    token = world.token("--iam-id", "IBMid-POLICY")
    answer = world.daemon.ask("nginx.sock", "GET", "/api/v1/images", token)
    same(answer.reason, "permitted")
    same(answer.get("X-PDP-Principal"), "IBMid-POLICY")


def test_t23_contract_headers(world: World) -> None:
    """Missing, empty, twice, or with underscores: denied."""
    full = {
        "nginx.sock": [("X-Original-Method", "GET"),
                       ("X-Original-URI", "/api/v1/messages"),
                       ("X-Real-IP", "192.0.2.7"), ("X-Request-ID", "r")],
        "ingress.sock": [("X-Original-Method", "GET"),
                         ("X-Original-URL",
                          "https://us.icr.io/api/v1/messages"),
                         ("X-Real-IP", "192.0.2.7"), ("X-Request-ID", "r")],
        "forwarded.sock": [("X-Forwarded-Method", "GET"),
                           ("X-Forwarded-Uri", "/api/v1/messages"),
                           ("X-Forwarded-Host", "us.icr.io"),
                           ("X-Forwarded-For", "192.0.2.7")],
        "envoy.sock": [("X-Forwarded-For", "192.0.2.7"),
                       ("X-Request-ID", "r")],
    }
    for name, headers in full.items():
        line = "GET /authz/api/v1/messages HTTP/1.1"
        answer = world.daemon.raw(name, request(headers, line, "pdp"))
        assert answer is not None
        same((answer.status, answer.reason), (200, "public"), name)
        for i, (header, value) in enumerate(headers):
            others = headers[:i] + headers[i + 1:]
            for what, sent in (
                    ("missing", others),
                    ("empty", others + [(header, "")]),
                    ("blank", others + [(header, " \t")]),
                    ("twice", headers + [(header, value)]),
                    ("twin", headers + [(header.replace("-", "_"), value)]),
                    ("only twin", others + [(header.replace("-", "_"),
                                             value)])):
                answer = world.daemon.raw(name, request(sent, line, "pdp"))
                assert answer is not None
                same((answer.status, answer.reason),
                     (403, "ambiguous_header"), f"{name} {header} {what}")


def test_common_headers(world: World) -> None:
    for name in ("Authorization", "Account", "Host"):
        more = [(name, "x"), (name, "x")]
        answer = world.daemon.ask("nginx.sock", "GET", "/api/v1/messages",
                                  None, more)
        same((answer.status, answer.reason), (403, "ambiguous_header"), name)
    answer = world.daemon.ask("nginx.sock", "GET", "/api/v1/images",
                              world.manager, [("Account", "other")])
    same((answer.status, answer.reason), (403, "account_mismatch"))


def test_other_contracts(world: World) -> None:
    """Each judges the path and the host that its own headers name."""
    auth = ("Authorization", f"Bearer {world.manager}")
    line = "POST /authz/api/v1/messages HTTP/1.1"
    target = "/api/v1/images/us.icr.io%2Fdemo%2Fapp:1/json?x=%2F..%2F"
    cases = (
        ("ingress.sock", [("X-Original-Method", "GET"),
                          ("X-Original-URL", "https://HOST" + target),
                          ("X-Real-IP", "192.0.2.7"),
                          ("X-Request-ID", "r"), auth], line),
        ("forwarded.sock", [("X-Forwarded-Method", "GET"),
                            ("X-Forwarded-Uri", target),
                            ("X-Forwarded-Host", "HOST"),
                            ("X-Forwarded-For", "10.0.0.1, 192.0.2.7"),
                            auth], line),
        ("envoy.sock", [("X-Forwarded-For", "192.0.2.7"),
                        ("X-Request-ID", "r"), auth],
         f"GET /authz{target} HTTP/1.1"),
    )
    for name, headers, line in cases:
        for host, outcome in (("us.icr.io", (200, "permitted")),
                              ("de.icr.io", (403, "bad_param"))):
            sent = [(n, v.replace("HOST", host)) for n, v in headers]
            answer = world.daemon.raw(name, request(
                sent, line, host if name == "envoy.sock" else "pdp"))
            assert answer is not None
            same((answer.status, answer.reason), outcome, f"{name} {host}")
            same(answer.get("X-PDP-URI"), target.split("?")[0], name)


def test_t56_queries_of_many_arguments(world: World) -> None:
    """A query is text: how many arguments it has, and how much memory somebody
    else would need for them, is nothing to us."""
    headers = [("X-Forwarded-For", "192.0.2.7"), ("X-Request-ID", "r")]
    for text in ("a&", "a=b&", "&", "=&", "%26=%00&"):
        for cnt in (1, 100, 500, 1200):
            if len(text) * cnt > 4000:
                continue
            answer = world.daemon.raw("envoy.sock", request(
                headers, "GET /authz/api/v1/messages?" + text * cnt +
                " HTTP/1.1"))
            assert answer is not None, f"{cnt} times {text}"
            same((answer.status, answer.reason), (200, "public"), text)
            answer = world.daemon.raw("nginx.sock", request(
                headers, "GET /_pdp?" + text * cnt + " HTTP/1.1"))
            assert answer is not None, f"{cnt} times {text}"
            same(answer.status, 403, text)  # no header says what is asked
    with world.daemon.connect("envoy.sock") as client:
        for _ in range(3):
            client.send(request(headers, "GET /authz/api/v1/messages?" +
                                "a&" * 1000 + " HTTP/1.1"))
            answer = client.read()
            assert answer is not None, "it is kept"
            same(answer.reason, "public")


def test_ext_authz_prefix(world: World) -> None:
    headers = [("X-Forwarded-For", "192.0.2.7"), ("X-Request-ID", "r")]
    for target in ("/api/v1/messages", "/authz", "/authzapi/v1/messages",
                   "/AUTHZ/api/v1/messages", "//authz/api/v1/messages",
                   "/authz//api/v1/messages", "/%61uthz/api/v1/messages",
                   "http://pdp/authz/api/v1/messages"):
        answer = world.daemon.raw("envoy.sock", request(
            headers, f"GET {target} HTTP/1.1"))
        assert answer is not None
        same((answer.status, answer.reason), (403, "target_form"), target)


def test_odd_heads(world: World) -> None:
    """A NUL, a folded line, a bare LF: denied or closed, never allowed."""
    good = nginx("GET", "/api/v1/messages")
    assert world.daemon.raw("nginx.sock", good).status == 200
    uri = b"X-Original-URI: /api/v1/messages"
    for what, data, status in (
            ("NUL in a value", good.replace(uri, uri + b"\0/x"), 403),
            ("NUL at an end", good.replace(b"0badc0de", b"0badc0de\0"), 403),
            ("NULs at an end",
             good.replace(b"0badc0de", b"0badc0de\0\0\0\0x"), 403),
            ("NUL in the target", good.replace(b"/_pdp", b"/_pdp\0x"), 403),
            ("NUL in a name", good.replace(b"X-Real", b"X\0Real"), 400),
            ("folded", good.replace(uri, uri + b"\r\n /x"), 403),
            ("folded name",
             good.replace(uri, b"X-Original-URI:\r\n /x"), 403),
            ("bare LF", good.replace(uri + b"\r\n", uri + b"\n"), 403),
            ("no colon", good.replace(b"\r\n\r\n", b"\r\nX\r\n\r\n"), 400),
            ("no Host", good.replace(b"Host: us.icr.io\r\n", b""), 400),
            ("no version", b"GET /api/v1/messages\r\n\r\n", 400),
            ("space before the colon",
             good.replace(b"X-Original-URI:", b"X-Original-URI :"), 403),
            ("space after another name",
             good.replace(uri, uri + b"\r\nX-HTTP-Method-Override : PUT"),
             403),
            ("no token for a name",
             good.replace(uri, uri + b"\r\nX(y): z"), 403)):
        assert data != good, what
        with world.daemon.connect("nginx.sock") as client:
            client.send(data)
            answer = client.read()
            same(answer.status if answer else None, status, what)
            same(answer.reason if answer else None,
                 "ambiguous_header" if status == 403 else None, what)
    same(world.daemon.ask("nginx.sock", "GET", "/api/v1/messages").status, 200)


def test_bare_cr(world: World) -> None:
    """It is part of the value, where no URI may have it."""
    answer = world.daemon.ask("nginx.sock", "GET", "/api/v1/messages\rX: y")
    same((answer.status, answer.reason), (403, "bad_byte"))


def test_t55_header_limits(world: World) -> None:
    """Closed or denied; the daemon serves on."""
    for more in ([("X-Big", "a" * 1000000)],
                 [(f"X-{i}", "a") for i in range(10000)],
                 [(f"X-{i}", "a") for i in range(140)]):
        with world.daemon.connect("nginx.sock") as client:
            try:
                client.send(nginx("GET", "/api/v1/messages", None, more))
                answer = client.read()
            except (ConnectionError, AssertionError):
                continue
            assert answer is None or 400 <= answer.status < 500, len(more)
    answer = world.daemon.ask("nginx.sock", "GET", "/api/v1/messages", None,
                              [("X-Pad", "a" * 12000)])
    same(answer.status, 200, "12,000 bytes are within the limit")


def test_bodies(world: World) -> None:
    """A body is not waited for: answered, and closed."""
    for more in ([("Content-Length", "5")], [("Content-Length", "99999999")],
                 [("Transfer-Encoding", "chunked")],
                 [("Expect", "100-continue")]):
        with world.daemon.connect("nginx.sock") as client:
            client.send(nginx("GET", "/api/v1/messages", None, more))
            answer = client.read()
            assert answer is not None, more
            same((answer.status, answer.reason), (200, "public"), str(more))
            assert client.closed()


def test_cookies(world: World) -> None:
    """libmicrohttpd reads them as well; whatever they are, they mean nothing
    here, and every byte of the head is still accounted for."""
    for value in ("a=b", "a=b; c=d", 'a="x y"; c', "; ;", "=", "a=b;;c",
                  'a="open', "\xff=\xfe", "a" * 8000, ""):
        answer = world.daemon.ask("nginx.sock", "GET", "/api/v1/messages",
                                  None, [("Cookie", value), ("X-Last", "")])
        same((answer.status, answer.reason), (200, "public"), value[:20])


def test_keep_alive(world: World) -> None:
    with world.daemon.connect("nginx.sock") as client:
        for i in range(200):
            client.send(nginx("GET", "/api/v1/images",
                              world.manager if i % 2 else world.nobody))
            answer = client.read()
            assert answer is not None
            same(answer.status, 200 if i % 2 else 403)
        client.send(nginx("GET", "/api/v1/messages") * 3)  # pipelined
        for _ in range(3):
            answer = client.read()
            assert answer is not None
            same(answer.status, 200)
        client.send(nginx("GET", "/api/v1/messages").replace(b"1.1", b"1.0"))
        assert client.read() is not None
        assert client.closed()


def test_t55_slow_clients(world: World) -> None:
    """Half requests are cut off; others are served meanwhile (D15)."""
    before = world.daemon.metric("pdpd_slow_connections_total")
    clients = [world.daemon.connect("nginx.sock") for _ in range(200)]
    for client in clients:
        client.send(b"GET / HT")
    same(world.daemon.ask("nginx.sock", "GET", "/api/v1/messages").status, 200)
    for client in clients:
        assert client.read() is None
        client.close()
    assert world.daemon.metric("pdpd_slow_connections_total") >= before + 200


def test_t55_half_of_the_second(world: World) -> None:
    """A connection that had an answer gets no more time for a head: it is
    closed while one that waits for its next request is not."""
    idle, half = [world.daemon.connect("nginx.sock") for _ in range(2)]
    with idle, half:
        for client in (idle, half):
            client.send(nginx("GET", "/api/v1/messages"))
            same(client.read().status, 200)
        half.send(nginx("GET", "/api/v1/messages")[:-2])
        assert half.closed()
        idle.send(nginx("GET", "/api/v1/messages"))
        same(idle.read().status, 200)


def test_t55_drip(world: World) -> None:
    """One byte now and then does not keep a request alive."""
    with world.daemon.connect("nginx.sock") as client:
        client.sock.settimeout(0.1)
        data = b"GET / HTTP/1.1\r\nX: " + b"a" * 10000
        for i in range(len(data)):
            try:
                client.send(data[i:i + 1])
                if client.sock.recv(1) == b"":
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
    raise AssertionError("it was never closed")


def test_health(world: World) -> None:
    for path, status in (("/healthz", 200), ("/readyz", 200),
                         ("/metrics", 200), ("/", 404),
                         ("/api/v1/messages", 404)):
        answer = world.daemon.raw("metrics.sock", request(
            [], f"GET {path} HTTP/1.1", "m"))
        assert answer is not None
        same(answer.status, status, path)
        same(answer.reason, None)
    name = 'pdpd_decisions_total{decision="allow",reason="public"}'
    before = world.daemon.metric(name)
    world.daemon.ask("nginx.sock", "GET", "/api/v1/messages")
    same(world.daemon.metric(name), before + 1)


METRICS = {
    "pdpd_accept_errors_total": "counter",
    "pdpd_clock_behind_seconds": "gauge",
    "pdpd_connections": "gauge",
    "pdpd_connections_full_total": "counter",
    "pdpd_connections_total": "counter",
    "pdpd_decision_seconds": "histogram",
    "pdpd_decisions_total": "counter",
    "pdpd_fetched_issuers": "gauge",
    "pdpd_generation": "gauge",
    "pdpd_generation_age_seconds": "gauge",
    "pdpd_keys_age_seconds": "gauge",
    "pdpd_keys_max_stale_seconds": "gauge",
    "pdpd_log_dropped_total": "counter",
    "pdpd_refetch_failures_total": "counter",
    "pdpd_refetch_requests_total": "counter",
    "pdpd_refused_peers_total": "counter",
    "pdpd_reload_failed": "gauge",
    "pdpd_reload_failures_total": "counter",
    "pdpd_reloads_total": "counter",
    "pdpd_slow_connections_total": "counter",
    "pdpd_stale_issuers": "gauge",
    "pdpd_token_cache_hits_total": "counter",
    "pdpd_token_cache_misses_total": "counter",
    "pdpd_unanswered_total": "counter",
}


def test_text_of_metrics(world: World) -> None:
    """As Prometheus reads it: each has a type and a help, before its values,
    once; buckets grow and end with the count."""
    for _ in range(3):
        world.daemon.ask("nginx.sock", "GET", "/api/v1/images", world.manager)
    answer = world.daemon.raw("metrics.sock", request(
        [], "GET /metrics HTTP/1.1", "m"))
    assert answer is not None
    types: dict[str, str] = {}
    values: dict[str, float] = {}
    helped = ""
    for line in answer.body.decode("ascii").splitlines():
        words = line.split(" ", 3)
        if words[:2] == ["#", "HELP"]:
            helped = words[2]
            assert words[3].endswith("."), line
        elif words[:2] == ["#", "TYPE"]:
            same(words[2], helped, line)
            assert helped not in types, line
            types[helped] = words[3]
        else:
            series, value = line.rsplit(" ", 1)
            assert series not in values, line
            assert series.startswith(helped), line
            values[series] = float(value)
    same(types, METRICS)
    buckets = [value for series, value in values.items()
               if series.startswith("pdpd_decision_seconds_bucket{")]
    same(buckets, sorted(buckets), "buckets")
    same(buckets[-1], values["pdpd_decision_seconds_count"])
    same(buckets[-1], sum(value for series, value in values.items()
                          if series.startswith("pdpd_decisions_total{")))
    assert values["pdpd_decision_seconds_sum"] > 0
    assert values["pdpd_connections_total"] >= 3
    assert values["pdpd_token_cache_hits_total"] >= 1, "the same token"
    assert values["pdpd_token_cache_misses_total"] >= 1
    same(values["pdpd_generation"], 1)
    same(values["pdpd_fetched_issuers"], 0)


def main(functions: dict[str, Any]) -> int:
    world = World()
    try:
        world.daemon.start()
        failed = run_cases(
            functions, world, lambda: print(world.daemon.logged()[-4000:]))
        same(world.daemon.stop(), 0, "exit status")
    finally:
        world.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(globals()))
