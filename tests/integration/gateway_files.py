#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""The examples that no gateway runs here, and what all of them rest on.

Traefik, Envoy and ingress-nginx: their files are YAML, and what must be in
them is there.  All gateways: the listener that the head of an example names
is one that pdpd takes, of the contract that the gateway speaks, where the
example asks, and where a unit of systemd opens it.

The program yaml_json, which is built for this, reads YAML; PDPD and PDP_CHECK
are the daemon and the tool; srcdir is the source folder.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from typing import Any

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from gateways import EXAMPLES, replaced  # noqa: E402
from pdpd import TRUST, same  # noqa: E402
from pdpd_daemon import Daemon, Keys, run_cases  # noqa: E402

YAML_JSON = os.path.abspath("tests/integration/yaml_json")
# What the daemon answers, and what nobody may say in its place.
OURS = {"x-pdp-" + name for name in (
    "account", "at-action", "decision", "missing", "norm-uri", "principal",
    "reason", "uri")}
LOOKALIKES = {
    "forwarded", "x-forwarded-method", "x-forwarded-path",
    "x-forwarded-prefix", "x-forwarded-uri", "x-http-method",
    "x-http-method-override", "x-method-override", "x-original-host",
    "x-original-method", "x-original-uri", "x-original-url", "x-rewrite-url"}
# For the log of the gateway; a client that is denied sees none of them.
INNER = OURS - {"x-pdp-reason", "x-pdp-norm-uri"}
FILES = {
    "caddy/Caddyfile": ("forwarded", "/run/pdp/forwarded.sock", "caddy.conf"),
    "envoy/envoy.yaml": ("ext-authz", "/run/pdp/ext-authz.sock",
                         "envoy.conf"),
    "haproxy/haproxy.cfg": ("nginx", "/run/pdp/authz.sock", "haproxy.conf"),
    "ingress-nginx/ingress.yaml": ("ingress-nginx", "127.0.0.1:8182", None),
    "nginx/nginx.conf": ("nginx", "/run/pdp/authz.sock", None),
    "traefik/dynamic.yaml": ("forwarded", "127.0.0.1:8182", "tcp.conf")}
# Where an example asks, if not in the same file.
ASKS = {"haproxy/haproxy.cfg": "haproxy/pdp.lua",
        "nginx/nginx.conf": "nginx/pdp.conf"}
SOCKETS = "systemd/pdpd.socket.d/"


def parsed(text: str, what: str) -> Any:
    done = subprocess.run([YAML_JSON], input=text.encode("utf-8"),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    same((done.returncode, done.stderr.decode()), (0, ""), what)
    return json.loads(done.stdout)


def documents(name: str) -> list[Any]:
    """The documents of a file; our reader takes one at a time."""
    return [parsed(text, name)
            for text in re.split(r"(?m)^---$", replaced(name))]


def lower(names: Any) -> set[str]:
    return {name.lower() for name in names}


def exact(patterns: dict[str, Any]) -> set[str]:
    """The header names of a matcher of Envoy; nothing but whole names."""
    out = set()
    for pattern in patterns["patterns"]:
        same(list(pattern), ["exact"], str(pattern))
        out.add(pattern["exact"])
    return out


def stanza(name: str) -> str:
    """The listener, or the metrics, that the head of a file names."""
    head = re.match(r"(?:#.*\n|\n)*", replaced(name)).group()
    lines = re.findall(r"(?m)^#(     - \{[^}]*\}|     metrics: \{[^}]*\})",
                       head)
    same(len(lines), 1, f"listeners in the head of {name}")
    return re.sub(r"\n#", "\n", lines[0])


def check_traefik(whole: dict[str, Any]) -> None:
    parts = whole["http"]["middlewares"]
    same(set(parts), {"registry-strip", "registry-pdp", "registry-after",
                      "registry-nobody"})
    strip, after = (parts[f"registry-{name}"]["headers"]
                    for name in ("strip", "after"))
    ask = parts["registry-pdp"]["forwardAuth"]
    same(ask["address"], "http://127.0.0.1:8182/")
    # Unset is not false: some of the client's X-Forwarded- would pass.
    assert ask["trustForwardHeader"] is False, ask
    same(set(ask) - {"address", "trustForwardHeader", "authResponseHeaders"},
         set(), "what else is set may let something pass")
    same(lower(ask["authResponseHeaders"]) - OURS, set())
    # In the order of a request: what nobody may say, the question, the rest.
    for name, more in (("registry", []),
                       ("registry-public", ["registry-nobody"])):
        same(whole["http"]["routers"][name]["middlewares"],
             ["registry-strip", "registry-pdp", "registry-after"] + more)
    before = lower(strip["customRequestHeaders"])
    behind = lower(after["customRequestHeaders"])
    for table in (strip["customRequestHeaders"], strip["customResponseHeaders"],
                  after["customRequestHeaders"]):
        same(set(table.values()), {""}, "an empty value takes a header away")
    same((OURS | LOOKALIKES | {"connection", "upgrade", "http2-settings"}) -
         before - behind, set())
    same({name.replace("-", "_") for name in OURS | {
        one for one in before if "original" in one or "rewrite" in one}} -
         before, set(), "spelt with '_'")
    # What the contract reads must come to the daemon.
    same(behind & before, set())
    same(before & {"authorization", "account", "x-forwarded-method",
                   "x-forwarded-uri", "x-forwarded-host", "x-forwarded-for",
                   "x-http-method", "x-http-method-override",
                   "x-method-override"}, set(), "taken away too early")
    same(lower(strip["customResponseHeaders"]), INNER)
    same(parts["registry-nobody"]["headers"]["customRequestHeaders"],
         {"Account": ""})
    public = subprocess.run(
        [os.environ["PDP_CHECK"], "routes", "--format", "tsv"], check=True,
        stdout=subprocess.PIPE).stdout.decode().splitlines()
    same(set(re.findall(r"Path\(`([^`]*)`\)", whole["http"]["routers"][
        "registry-public"]["rule"])), {row.split("\t")[1] for row in public
                                       if row.split("\t")[2] == "-"})


def test_t25_traefik(_: None) -> None:
    """T25 T49 Traefik: headers, order, and what a client gets."""
    whole, = documents("traefik/dynamic.yaml")
    check_traefik(whole)
    # The check can fail.
    for change in (
            lambda parts: parts["registry-pdp"]["forwardAuth"].pop(
                "trustForwardHeader"),
            lambda parts: parts["registry-strip"]["headers"][
                "customRequestHeaders"].pop("X-Pdp-Account"),
            lambda parts: parts["registry-strip"]["headers"][
                "customResponseHeaders"].pop("X-Pdp-Missing")):
        broken, = documents("traefik/dynamic.yaml")
        change(broken["http"]["middlewares"])
        try:
            check_traefik(broken)
        except (AssertionError, KeyError):
            continue
        raise AssertionError("a broken file passes")


def test_t25_envoy(_: None) -> None:
    """T10 T25 T49 Envoy: closed when the daemon is down; raw paths; headers."""
    whole, = documents("envoy/envoy.yaml")
    manager = whole["static_resources"]["listeners"][0]["filter_chains"][0][
        "filters"][0]["typed_config"]
    same((manager["normalize_path"], manager["merge_slashes"],
          manager["path_with_escaped_slashes_action"]),
         (False, False, "KEEP_UNCHANGED"))
    same((manager["use_remote_address"], manager["xff_num_trusted_hops"]),
         (True, 0))
    same(manager["common_http_protocol_options"][
        "headers_with_underscores_action"], "REJECT_REQUEST")
    assert "upgrade" not in json.dumps(whole), "upgrades are not refused"
    same([one["name"] for one in manager["http_filters"]],
         ["envoy.filters.http.ext_authz", "envoy.filters.http.router"])
    ask = manager["http_filters"][0]["typed_config"]
    assert ask["failure_mode_allow"] is False, ask
    same(ask["status_on_error"], {"code": "InternalServerError"})
    service = ask["http_service"]
    same((service["server_uri"]["timeout"], service["path_prefix"]),
         ("0.2s", "/_pdp"))
    same(exact(service["authorization_request"]["allowed_headers"]), {
        "authorization", "account", "x-forwarded-for", "x-request-id",
        "x-http-method-override", "x-http-method", "x-method-override"})
    answer = service["authorization_response"]
    same(exact(answer["allowed_client_headers"]),
         {"www-authenticate", "x-pdp-reason"})
    same(set(answer), {"allowed_client_headers",
                       "dynamic_metadata_from_headers"})
    host, = manager["route_config"]["virtual_hosts"]
    same(host["domains"], ["us.icr.io"], "no host that is not known")
    removed = set(host["request_headers_to_remove"])
    same((OURS | LOOKALIKES | {"account"}) - removed, set())
    same(removed & {"authorization", "x-request-id"}, set())
    added, = host["request_headers_to_add"]
    same((added["header"]["key"], added["keep_empty_value"],
          added["append_action"]),
         ("account", False, "OVERWRITE_IF_EXISTS_OR_ADD"))
    # Both from the answer of the daemon, which no client can write.
    used = set(re.findall(r"ext_authz:([a-z-]*)", json.dumps(whole)))
    assert "x-pdp-account" in used, used
    same(used - exact(answer["dynamic_metadata_from_headers"]), set())
    same({name: one["load_assignment"]["endpoints"][0]["lb_endpoints"][0][
        "endpoint"]["address"] for one in whole["static_resources"]["clusters"]
          if (name := one["name"]) == "pdpd"},
         {"pdpd": {"pipe": {"path": "/run/pdp/ext-authz.sock"}}})
    same(whole["static_resources"]["clusters"][0]["connect_timeout"], "0.2s")


def test_t25_ingress(_: None) -> None:
    """T25 T48 ingress-nginx: settings, headers, and no way round."""
    settings, ingress = documents("ingress-nginx/ingress.yaml")
    data = settings["data"]
    same({name: data[name] for name in (
        "enable-underscores-in-headers", "ignore-invalid-headers",
        "use-forwarded-headers", "compute-full-forwarded-for",
        "allow-snippet-annotations", "annotations-risk-level")}, {
            "enable-underscores-in-headers": "false",
            "ignore-invalid-headers": "true",
            "use-forwarded-headers": "false",
            "compute-full-forwarded-for": "false",
            "allow-snippet-annotations": "true",
            "annotations-risk-level": "Critical"})
    same(data["http-snippet"].strip(), "merge_slashes off;")
    names = {name.rsplit("/")[-1]: value for name, value in
             ingress["metadata"]["annotations"].items()}
    # Nothing else: satisfy, auth-cache-key, custom-http-errors, rewrites.
    same(set(names), {"auth-url", "auth-response-headers",
                      "configuration-snippet"})
    same(names["auth-url"], "http://127.0.0.1:8182/")
    copied = lower(names["auth-response-headers"].split(","))
    same(copied - OURS, set())
    snippet = names["configuration-snippet"]
    cleared = lower(re.findall(r'proxy_set_header (\S+) "";', snippet))
    same((OURS | LOOKALIKES) - cleared - copied, set())
    assert "proxy_set_header Account $pdp_account;" in snippet, snippet
    assert "if ($http_upgrade) { return 400; }" in snippet, snippet
    same([rule["host"] for rule in ingress["spec"]["rules"]], ["us.icr.io"])


def test_listeners(_: None) -> None:
    """The listener of each example: right for the daemon, the gateway, and
    the unit that opens it."""
    with tempfile.TemporaryDirectory() as folder:
        keys = Keys(folder).jwks()
        for name, (contract, place, unit) in FILES.items():
            text = stanza(name)
            listener, = parsed(text, name)
            same(listener["contract"], contract, name)
            where = listener.get("socket") or listener["address"]
            same(where, place, name)
            asked = replaced(ASKS.get(name, name))
            assert place in asked.replace("unix/" + place, place), name
            if "socket" in listener:
                # One user, and its group, may ask.
                same(listener["peers"], [listener["group"]], name)
            if unit is not None:
                same(stanza(SOCKETS + unit), text, f"{name} and {unit}")
                drop = replaced(SOCKETS + unit)
                assert f"\nListenStream={place}\n" in drop, unit
                if "socket" in listener:
                    assert "\nListenStream=\n" in drop, unit
                    same(re.findall(r"(?m)^SocketGroup=(.*)$", drop),
                         [listener["group"]], unit)
            check_taken(folder, keys, "listeners:\n" + text, name)
        text = stanza(SOCKETS + "metrics.conf")
        place = parsed(text, "metrics")["metrics"]["address"]
        assert f"\nListenStream={place}\n" in replaced(
            SOCKETS + "metrics.conf")
        assert f'metrics: {{address: "{place}"}}' in replaced(
            "pdpd/pdpd.yaml")
        check_taken(folder, keys, re.sub("(?m)^ +", "", text) + "\nlisteners:\n" +
                    stanza("traefik/dynamic.yaml"), "metrics.conf")
    listener = parsed(stanza("nginx/nginx.conf"), "nginx")
    same(parsed(replaced("pdpd/pdpd.yaml"), "pdpd.yaml")["listeners"],
         listener, "pdpd.yaml and nginx.conf")
    with open(os.path.join(os.path.dirname(EXAMPLES), "../tools/pdpd",
                           "pdpd.socket"), encoding="ascii") as file:
        unit = file.read()
    assert f"\nListenStream={listener[0]['socket']}\n" in unit, unit
    assert f"\nSocketGroup={listener[0]['group']}\n" in unit, unit


def check_taken(folder: str, keys: str, text: str, name: str) -> None:
    """pdpd takes it, with users that this machine has."""
    text = re.sub(r"group: [a-z-]*", f"group: {os.getgid()}", text)
    text = re.sub(r"peers: \[[a-z-]*\]", f"peers: [{os.getuid()}]", text)
    daemon = Daemon(folder, f"format: pdpd/1\n{text}\ntrust: trust.yaml\n")
    daemon.write("trust.yaml", TRUST)
    daemon.write("keys.json", keys)
    done = subprocess.run(
        [os.environ["PDPD"], "--check", "--config", daemon.config],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    same((done.returncode, done.stdout.decode()), (0, ""), name)


if __name__ == "__main__":
    sys.exit(1 if run_cases(globals(), None, lambda: None) else 0)
