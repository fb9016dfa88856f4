#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Variables: PDPD and PDP_CHECK, the programs; srcdir, the source folder.
"""What a client, a gateway or another process may try on a running daemon.

Each function test_* is one case, named after the threat; `pdpd_threats.py
NAME...` runs only those.
"""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from pdpd import World, main, same  # noqa: E402
from pdpd_daemon import nginx, request, until  # noqa: E402


def denied(world: World, cases: tuple[tuple[str, str, str], ...]) -> None:
    """Who may do everything is denied these all the same: method, target,
    reason."""
    for method, target, reason in cases:
        answer = world.daemon.ask("nginx.sock", method, target, world.manager)
        what = f"{method} {target[:60]}"
        same((answer.status, answer.reason), (403, reason), what)
        same(answer.get("X-PDP-Decision"), "deny", what)


def test_t01_what_is_in_no_table(world: World) -> None:
    denied(world, tuple(("GET", target, "no_route") for target in (
        "/nowhere", "/api/v1", "/api/v2/images", "/api/v1/images/a/b/c/d",
        "/API/v1/images", "/api/v1/Images", "/metrics", "/healthz", "/_pdp")))


def test_t02_t43_path_faults(world: World) -> None:
    """Always 403, with the reason of the rule."""
    denied(world, (
        ("DELETE", "/api/v1/images/x%2F..%2F..%2Fnamespaces%2Ffoo",
         "dot_segment"),
        ("GET", "//api/v1/images", "target_form"),
        ("GET", "/api/v1/images/", "empty_segment"),
        ("GET", "/api/v1//images", "empty_segment"),
        ("GET", "/api/v1/./images", "dot_segment"),
        ("GET", "/api/v1/x/../images", "dot_segment"),
        ("GET", "/api/v1/%69mages", "overencoded"),
        ("GET", "http://us.icr.io/api/v1/images", "target_form"),
        ("GET", "*", "target_form"),
        ("GET", "?x", "target_form"),
        ("GET", "/api/v1/images;x", "delimiter"),
        ("GET", "/api/v1/images%5Cx", "delimiter"),
        ("GET", "/api/v1/images%00", "control"),
        ("GET", "/api/v1/images%0A", "control"),
        ("GET", "/api/v1/images\\x", "bad_byte"),
        ("GET", "/api/v1/images#x", "bad_byte"),
        ("GET", "/api/v1/images\xe9", "bad_byte"),
        ("GET", "/" + "a" * 5000, "too_long")))


def test_t46_methods_that_no_row_lists(world: World) -> None:
    denied(world, tuple(
        (method, "/api/v1/images", "method_not_allowed")
        for method in ("HEAD", "OPTIONS", "TRACE", "CONNECT", "FOO", "DELETE",
                       "GETX", "GE")) + tuple(
        (method, "/api/v1/images", "bad_method")
        for method in ("get", "Get", "GET GET", "G\xc9T", "G/T")))
    answer = world.daemon.raw("nginx.sock", nginx(
        "GET", "/api/v1/images", world.manager).replace(
            b"Original-Method: GET", b"Original-Method: GET\0"))
    assert answer is not None
    same((answer.status, answer.reason), (403, "ambiguous_header"), "NUL")


def test_t25_headers_of_no_contract_change_nothing(world: World) -> None:
    """What may pass still passes, and what may not still does not."""
    both = (("DELETE", "/api/v1/namespaces/demo", world.nobody,
             (403, "no_grant")),
            ("GET", "/api/v1/images", world.manager, (200, "permitted")))
    for name in ("X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri",
                 "X-Forwarded-Method", "X-Forwarded-Host", "X-Forwarded-For",
                 "Forwarded", "X_Forwarded_Uri", "X_Rewrite_URL",
                 "X_Original_URL", "X-Envoy-Original-Path", "X-PDP-Decision",
                 "X-PDP-Account", "X-PDP-URI", "X-PDP-Principal"):
        for method, target, token, outcome in both:
            for value in ("/api/v1/messages", "/nowhere", "GET", "DELETE"):
                answer = world.daemon.ask("nginx.sock", method, target, token,
                                          [(name, value)])
                same((answer.status, answer.reason), outcome,
                     f"{method} {name}: {value}")
                same(answer.get("X-PDP-URI"), target, name)


def test_t25_twins_of_contract_headers_deny(world: World) -> None:
    """A second one could only be the client's: none of them is believed."""
    for name in ("X-Original-URI", "X_Original_URI", "x-original-uri",
                 "X-Original-Method", "X_Original_Method"):
        answer = world.daemon.ask("nginx.sock", "DELETE",
                                  "/api/v1/namespaces/demo", world.manager,
                                  [(name, "/api/v1/messages")])
        same((answer.status, answer.reason), (403, "ambiguous_header"), name)


def test_t26_another_method_than_the_one_judged(world: World) -> None:
    """Both what is public and what the token may do is denied."""
    for method, target, token in (
            ("GET", "/api/v1/messages", None),
            ("GET", "/api/v1/images", world.manager),
            ("POST", "/api/v1/images/digests", world.manager)):
        same(world.daemon.ask("nginx.sock", method, target, token).status, 200)
        for name in ("X-HTTP-Method-Override", "x_http_method_override",
                     "X-HTTP-Method", "X_HTTP_Method", "X-Method-Override",
                     "X_Method_Override"):
            answer = world.daemon.ask("nginx.sock", method, target, token,
                                      [(name, "DELETE")])
            same((answer.status, answer.reason), (403, "method_override"),
                 f"{method} {name}")
        for query in ("?_method=DELETE", "?a=b&_method=DELETE", "?_method",
                      "?%5Fmethod=DELETE"):
            answer = world.daemon.ask("nginx.sock", method, target + query,
                                      token)
            same((answer.status, answer.reason), (403, "method_override"),
                 f"{method} {query}")


def test_t27_strangers_at_the_socket(world: World) -> None:
    """Closed without an answer, counted and told."""
    before = world.daemon.metric("pdpd_refused_peers_total")
    with world.daemon.connect("other.sock") as client:
        try:
            client.send(nginx("GET", "/api/v1/messages"))
        except ConnectionError:
            pass
        assert client.read() is None
    until("the count", lambda: world.daemon.metric(
        "pdpd_refused_peers_total") == before + 1)
    until("the log", lambda: f"user {os.getuid()} may not connect" in
          world.daemon.logged())
    assert world.daemon.count('"event":"peer_refused"') > 0


def test_t27_another_user_at_our_socket(world: World) -> None:
    """A real one, whom the file mode alone would let in."""
    if os.getuid() != 0:
        print("only root can become another user")
        return
    path = world.daemon.path("nginx.sock")
    for folder in (world.folder, world.daemon.folder):
        os.chmod(folder, 0o755)
    before = world.daemon.metric("pdpd_refused_peers_total")
    script = ("import os, socket, sys; os.setuid(4242); "
              "s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); "
              "s.settimeout(60); print(s.recv(9))")
    mode = os.stat(path).st_mode
    os.chmod(path, 0o666)
    try:
        done = subprocess.run([sys.executable, "-c", script, path],
                              capture_output=True, timeout=90, text=True)
    finally:
        os.chmod(path, mode)
    same((done.returncode, done.stdout), (0, "b''\n"), done.stderr)
    same(world.daemon.metric("pdpd_refused_peers_total"), before + 1)


def test_t49_nobody_keeps_an_answer(world: World) -> None:
    """But where the operator wants it: then what a good token decides, for a
    while, and not for others."""
    for target, token, status in (("/api/v1/images", world.manager, 200),
                                  ("/api/v1/images", world.nobody, 403),
                                  ("/api/v1/messages", None, 200),
                                  ("/api/v1/images", None, 401),
                                  ("/nowhere", world.manager, 403)):
        for name in ("nginx.sock", "cached.sock"):
            answer = world.daemon.ask(name, "GET", target, token)
            same(answer.status, status, target)
            keeps = name == "cached.sock" and \
                answer.reason in ("permitted", "no_grant")
            same(answer.get("Cache-Control"), "private, max-age=60"
                 if keeps else "no-store", f"{name} {target} {status}")


def test_t50_the_gateway_sees_another_path(world: World) -> None:
    """What nginx sees must be what was judged, or it is denied, counted, and
    told as a warning, however often, in one line now and then."""
    target = "/api/v1/images/us.icr.io%2Fdemo%2Fapp/json"
    name = 'pdpd_decisions_total{decision="deny",reason="proxy_mismatch"}'
    before = world.daemon.metric(name)
    right = "/api/v1/images/us.icr.io/demo/app/json"
    wrong = ("/api/v1/images/us.icr.io/demo/json", "/_pdp", target, right + "/",
             right[:-1], "/" + right, right + "?x", right.upper())
    for view in (right, *wrong):
        answer = world.daemon.ask("nginx.sock", "GET", target, world.manager,
                                  [("X-PDP-Norm-URI", view)])
        same((answer.status, answer.reason), (200, "permitted")
             if view == right else (403, "proxy_mismatch"), view)
    same(world.daemon.metric(name), before + len(wrong))
    told = [line for line in world.daemon.logged().splitlines()
            if '"event":"proxy_mismatch"' in line]
    assert told, "it is not told"
    for line in told:
        assert '"level":"warning"' in line and "demo" not in line, line
    assert len(told) < len(wrong), told


def test_t58_no_secret_in_any_output(world: World) -> None:
    """Tokens where they belong, and where they do not: none comes back."""
    token = world.manager
    canary = "c4n4ry" * 4
    places = [
        nginx("GET", "/api/v1/images", token),
        nginx("GET", "/api/v1/images", world.nobody),
        nginx("GET", "/api/v1/images", token[:-9]),
        nginx("GET", "/api/v1/images", canary),
        nginx("GET", "/api/v1/images", f"{canary}.{canary}.{canary}"),
        nginx("GET", "/api/v1/images", None,
              [("Authorization", f"Basic {canary}")]),
        nginx("GET", "/api/v1/images", None, [("Cookie", canary)]),
        nginx("GET", "/api/v1/images", token, [("Account", canary)]),
        nginx("GET", "/api/v1/images", token, [("X-Request-ID", canary)]),
        nginx("GET", "/api/v1/images?token=" + canary, token),
        nginx(canary, "/api/v1/images", token),
        nginx("GET", "/nowhere?" + canary, token, host=canary),
        b"GET /" + canary.encode() + b" HTTP/9.9\r\n\r\n",
        canary.encode() + b"\r\n\r\n",
    ]
    said = []
    for data in places:
        with world.daemon.connect("nginx.sock") as client:
            client.send(data)
            answer = client.read()
            said.append(repr(answer and (answer.headers, answer.body)))
    metrics = world.daemon.raw("metrics.sock", request(
        [], "GET /metrics HTTP/1.1", "m"))
    assert metrics is not None
    said += [world.daemon.logged(), metrics.body.decode("ascii")]
    process = world.daemon.process
    assert process is not None
    for name in ("cmdline", "comm", "environ"):
        with open(f"/proc/{process.pid}/{name}", "rb") as title:
            said.append(title.read().decode("latin-1"))
    secrets = [canary, canary.upper()] + [
        part for one in (token, world.nobody) for part in one.split(".")]
    for text in said:
        for secret in secrets:
            assert secret not in text, text[:400]
    with open(f"/proc/{process.pid}/limits", encoding="ascii") as limits:
        core = [line.split()[4:6] for line in limits
                if line.startswith("Max core file size")]
    same(core, [["0", "0"]], "soft and hard limit of a core file")


if __name__ == "__main__":
    sys.exit(main(globals()))
