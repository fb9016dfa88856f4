#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""All methods of the registry through the real gateways and the real daemon.

An allow: the upstream gets the method, the path that was judged, the client's
query and body, and the account that was judged.  A denial: nothing.  Both:
the gateway's audit trail says who, what and why.  See front.py;
`front_routes.py nginx test_...` runs a part.
"""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from front import (  # noqa: E402
    HOST, Result, World, needs, only, request, run)
from gateways import Caddy, Nginx  # noqa: E402
from pdpd import ACCOUNT, routes, samples, same  # noqa: E402
from pdpd_daemon import until  # noqa: E402
from peers import header  # noqa: E402

QUERY = "odd=%2F..%2f&odd&x=a;b&=%7e"
PATH = "/api/v1/images/us.icr.io%2fdemo%2fapp:1/json"


def canonical(path: str) -> str:
    return re.sub("%[0-9a-f]{2}", lambda found: found.group().upper(), path)


def own_region(target: str) -> str:
    """Images of the region whose endpoint is called; others are denied."""
    return re.sub(r"/(?:[a-z]+[.])?icr[.]io%2F", f"/{HOST}%2F", target)


def check_trail(world: World, result: Result,
                wanted: dict[str, object]) -> None:
    """The gateway's line about a request; what is None is empty there."""
    if not world.gateway.audit:
        return
    for name, value in wanted.items():
        same(result.trail[name], "" if value is None else value,
             f"{name} of {result.trail}")
    same({"id", "client"} - set(result.trail), set())


def check_forwarded(world: World, result: Result, method: str,
                    target: str, account: object) -> None:
    same(len(result.heads), 1, target)
    path, mark, query = target.partition("?")
    # Caddy sends on the client's own spelling of hex digits.
    wanted = path if isinstance(world.gateway, Caddy) else canonical(path)
    same(result.line(), [method, wanted + mark + query, "HTTP/1.1"], target)
    head = result.heads[0]
    same(header(head, "Account") or None, account, target)
    assert b"spoofed" not in head, head
    assert b"x-pdp" not in head.lower(), head


def test_all_routes_allowed(world: World) -> None:
    """Each of the 46 methods, with its own actions only."""
    table, requests = routes(), samples()
    same((len(table), len(requests)), (46, 46))
    for index, (method, target) in sorted(requests.items()):
        row = table[index - min(requests)]
        public = row[2] == "-"
        target = own_region(target).replace("%2F", "%2f")
        target += ("&" if "?" in target else "?") + QUERY
        token = world.token(*[word for action in row[2].split(",")
                              if not public
                              for word in ("--action", action)])
        body = None if method in ("GET", "DELETE") else \
            f'{{"index": {index}, "\u00e9": "{{}}"}}\r\n'.encode("latin-1")
        result = world.ask(method, target, None if public else token,
                           [("X-PDP-Account", "spoofed"),
                            ("X-PDP-AT-Action", "spoofed"),
                            ("x-pdp-uri", "/spoofed"),
                            ("X-Pdp-Principal", "spoofed")], body)
        same(result.status, 200, f"{method} {target}")
        same(result.answer.body, b"up", target)
        check_forwarded(world, result, method, target,
                        None if public else ACCOUNT)
        same(result.bodies, [body or b""], target)
        check_trail(world, result, {
            "decision": "allow",
            "reason": "public" if public else "permitted",
            "at_action": None if row[3] == "-" else row[3],
            "principal": None if public else "IBMid-0000000DEV",
            "account": None if public else ACCOUNT, "method": method,
            "target": target.partition("?")[0], "path": canonical(target.split("?")[0]),
            "missing": None, "status": "200"})


def check_told(result: Result, reason: str) -> None:
    """A client learns why it is denied, and neither what it would have
    taken nor who it is."""
    same([(name.lower(), value) for name, value in result.answer.headers
          if name.lower().startswith("x-pdp")], [("x-pdp-reason", reason)])
    same(result.answer.body.find(b"container-registry"), -1)


def test_all_routes_denied(world: World) -> None:
    """Each of the 46 methods, with a token that grants nothing; those that
    need none, with a wish for another method.  Then without a token."""
    table, requests = routes(), samples()
    for index, (method, target) in sorted(requests.items()):
        row = table[index - min(requests)]
        public = row[2] == "-"
        more = [("X-HTTP-Method-Override", "GET")] if public else []
        target = own_region(target)
        result = world.ask(method, target, world.nobody, more)
        same((result.status, result.heads), (403, []), f"{method} {target}")
        reason = "method_override" if public else "no_grant"
        check_told(result, reason)
        # A request that is refused at once has no route yet.
        check_trail(world, result, {
            "decision": "deny", "reason": reason,
            "at_action": None if public or row[3] == "-" else row[3],
            "principal": None if public else "IBMid-0000000DEV",
            "account": None if public else ACCOUNT, "method": method,
            "target": target.partition("?")[0], "status": "403",
            "missing": None if public else row[2].replace(",", ", ")})
        if public:
            continue
        result = world.ask(method, target)
        same((result.status, result.heads), (401, []), f"{method} {target}")
        challenge = result.answer.get("WWW-Authenticate") or ""
        assert challenge.startswith("Bearer"), challenge
        check_told(result, "token_missing")
        check_trail(world, result, {"reason": "token_missing", "status": "401",
                            "principal": None, "decision": "deny"})


def test_t01_no_route(world: World) -> None:
    """T01 what is in no route table reaches nobody, and is written down."""
    for target in ("/", "/nowhere", "/api/v1/image", "/api/v2/images",
                   "/api/v1/images/us.icr.io%2Fdemo%2Fapp:1/jso",
                   "/_pdp", "/_pdp/x", "/api/v1/messages/"):
        result = world.ask("GET", target, world.manager)
        # A gateway may know the name of its own location, and then says 404.
        assert result.status == 403 or \
            target == "/_pdp" and result.status == 404, (target, result)
        same(result.heads, [], target)
        if world.gateway.audit and result.status == 403:
            assert result.trail["reason"] in (
                "no_route", "empty_segment"), result.trail


def test_t02_dot_segments(world: World) -> None:
    """T02 an image path that leads to a namespace."""
    token = world.token("--action", "container-registry.image.delete")
    for path in ("/api/v1/images/x%2F..%2F..%2Fnamespaces%2Ffoo",
                 "/api/v1/images/x/../../namespaces/foo",
                 "/api/v1/images/x/%2e%2e/%2E%2E/namespaces/foo",
                 "/api/v1/images/us.icr.io%2Fa%2Fb/../../namespaces/foo",
                 "/api/v1/images/us.icr.io%2Fa%2F..%2F..%2Fnamespaces%2Ffoo",
                 "/api/v1/images/x\\..\\..\\namespaces\\foo",
                 "/api/v1/images/x%5c..%5c..%5cnamespaces%5cfoo",
                 "/api/v1/images/..%252f..%252fnamespaces%252ffoo"):
        result = world.ask("DELETE", path, token)
        same(result.heads, [], path)
        assert result.status in (400, 403), (path, result.status)
    path = "/api/v1/images/us.icr.io%2Fdemo%2Fapp"
    same(world.ask("DELETE", path, token).line()[:2], ["DELETE", path])


def test_t46_other_methods(world: World) -> None:
    """T46 a method that the path does not have, in any spelling."""
    for method in ("HEAD", "OPTIONS", "get", "Get", "FOO", "TRACE", "PURGE",
                   "PUT", "G_T", "GET\0", "PROPFIND", "CONNECT", "PRI"):
        result = world.ask(method, "/api/v1/messages", world.manager)
        same(result.heads, [], method)
        assert result.status is None or 400 <= result.status < 500, \
            (method, result.status)
        if world.gateway.audit:
            assert result.trail["reason"] in (
                "", "method_not_allowed", "bad_method"), result.trail


def test_t03_what_is_sent_on(world: World) -> None:
    """T03 queries are the client's, byte for byte; paths are what was judged;
    an absolute target names no other path or host."""
    for target in (PATH + "?" + QUERY, PATH + "?", PATH + "??x=/../y",
                   PATH + "?a=?b?", "/api/v1/messages?//x/..%2f", PATH):
        result = world.ask("GET", target, world.manager)
        same(result.status, 200, target)
        path, _, query = target.partition("?")
        got = result.line()[1]
        same(canonical(got.partition("?")[0]), canonical(path), target)
        same(got.partition("?")[2], query, target)
    for target in (f"http://us.icr.io{PATH}", f"https://us.icr.io{PATH}",
                   f"http://de.icr.io{PATH}", f"http://x@y{PATH}",
                   "http://us.icr.io", f"HTTP://us.icr.io{PATH}",
                   f"x:{PATH}", f"ftp://us.icr.io{PATH}", f"x://y{PATH}",
                   "*", PATH[1:], "?" + PATH):
        result = world.ask("GET", target, world.manager)
        for line in [head.split(b"\r\n")[0] for head in result.heads]:
            same(canonical(line.decode()), f"GET {canonical(PATH)} HTTP/1.1",
                 target)
            same(header(result.heads[0], "Host"), "us.icr.io", target)


def test_t57_long_and_hostile_lines(world: World) -> None:
    """T57 one line for each request, JSON whatever was sent, and not cut."""
    for target in ("/" + "a" * 4095, "/" + "a/" * 2500,
                   PATH + "?" + "x" * 3900,
                   '/"},{"reason":"permitted', "/\\\"\xe9\xff\x80",
                   "/\x1b[2J", "/%0a%0d{}", "/<script>", "/\u00a0\u00ad"):
        result = world.ask("GET", target, world.manager, [
            ("User-Agent", 'a"\\},{"reason":"permitted"\x1b[2J\xff')])
        if world.gateway.audit and result.trail["target"]:
            same(result.trail["target"], target.partition("?")[0])
            assert result.trail["status"] == str(result.status)
            same(result.trail["reason"] == "permitted", result.status == 200)


def test_bodies(world: World) -> None:
    """A body passes as it is, also in chunks and before the decision; the
    daemon sees none of it."""
    world.ask_at("tap")
    path = "/api/v1/images/digests"
    body = bytes(range(256)) * 2000
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in
                      (body[:1], body[1:70000], body[70000:])) + b"0\r\n\r\n"
    for token, status in ((world.manager, 200), (world.nobody, 403)):
        for framing in ("length", "chunks", "expect"):
            more = [("Content-Type", "application/json")]
            if framing == "expect":
                more.append(("Expect", "100-continue"))
            if framing == "chunks":
                more.append(("Transfer-Encoding", "chunked"))
                data = request("POST", path, token, more) + chunks
            else:
                data = request("POST", path, token, more, body)
            answer = world.raw(data).answer
            # A denial may come, and close, while the body is still sent.
            assert answer is None and status == 403 or \
                answer.status == status, (framing, status, answer)
            same(list(world.upstream.bodies),
                 [body] if status == 200 else [], framing)
            # HAProxy asks again where an answer is slow.
            assert world.judged, framing
            for judged in world.judged:
                asked = judged.head.lower()
                assert b"chunked" not in asked and (
                    b"content-length" not in asked or
                    b"content-length: 0" in asked), asked
            same(world.tap.bodies[-1], b"", "what the daemon got")
    world.ask_at(world.pdpd if isinstance(world.gateway, Nginx) else "tap")


@needs("curl")
def test_t03_http2(world: World) -> None:
    """T03 T25 the same through HTTP/2, where a path is a header."""
    place = ["--unix-socket", world.gateway.front] \
        if world.gateway.front.startswith("/") else \
        ["--connect-to", f"::{world.gateway.front}"]
    for method, target, token, status in (
            ("GET", PATH + "?a=%2f..", world.manager, 200),
            ("GET", PATH, world.nobody, 403), ("GET", PATH, "x", 401),
            ("GET", "/api/v1/messages", "x", 200),
            ("HEAD", "/api/v1/messages", "x", 403),
            ("DELETE", "/api/v1/namespaces/demo", world.manager, 200),
            ("DELETE", "/api/v1/images/../namespaces/demo", world.manager,
             403),
            ("DELETE", "/api/v1/images/x%2F..%2F..%2Fnamespaces%2Ffoo",
             world.manager, 403)):
        world.forget()
        done = subprocess.run(
            ["curl", "--silent", "--insecure", "--http2", "--path-as-is",
             "--max-time", "60", *place, "--request", method,
             *(["--head"] if method == "HEAD" else []),
             "--header", f"Authorization: Bearer {token}",
             "--header", f"Account: {ACCOUNT}",
             "--header", "X-PDP-URI: /spoofed",
             "--header", "X-Original-URI: /spoofed",
             "--header", "X-Forwarded-Uri: /spoofed",
             "--output", "/dev/null", "--write-out",
             "%{http_version} %{http_code}", f"https://{HOST}{target}"],
            stdout=subprocess.PIPE, check=True)
        same(done.stdout.decode(), f"2 {status}", target)
        if status == 200:
            result = Result(None, list(world.upstream.heads), [], {})
            check_forwarded(world, result, method, target, None if "messages"
                            in target else ACCOUNT)
        else:
            same(world.upstream.heads, [], target)


def test_t49_nothing_is_reused(world: World) -> None:
    """T49 one caller's allow is nobody else's."""
    for token, status in ((world.manager, 200), (world.nobody, 403),
                          (None, 401), (world.manager, 200),
                          ("x", 401)) * 2:
        same(world.ask("GET", "/api/v1/images", token).status, status)


@only(Nginx)
def test_t48_shipped_is_clean(world: World) -> None:
    """T48 what nginx runs here is what the lint approves."""
    done = subprocess.run(
        [os.environ["PDP_CHECK"], "gateway-lint", world.folder +
         "/nginx.conf"], stdout=subprocess.PIPE, check=False)
    same((done.returncode, done.stdout.decode()),
         (0, "0 errors, 0 warnings, 0 notes\n"))


@only(Nginx)
def test_keep_alive(world: World) -> None:
    """nginx asks many questions on few connections: one of each worker."""
    world.ask_at("tap")
    before = world.tap.connections
    for number in range(100):
        good = number % 2
        same(world.ask("GET", "/api/v1/images", world.manager if good else
                       world.nobody).status, 200 if good else 403)
    used = world.tap.connections - before
    assert 1 <= used <= max(2, os.cpu_count() or 2), f"{used} connections"
    # And the daemon's own sockets, which count what is open.
    world.ask_at(world.pdpd)
    for _ in range(50):
        same(world.ask("GET", "/api/v1/messages").status, 200)
    until("connections that stay open", lambda: 1 <= world.daemon.metric(
        "pdpd_connections") <= max(2, os.cpu_count() or 2) + 1)


def test_t58_no_secrets(world: World) -> None:
    """T58 no token in any log, whatever was asked, and no query."""
    world.ask("GET", PATH, world.manager, [("Cookie", "c=canary-of-cookie")])
    world.ask("DELETE", PATH, world.manager, [("Account", "other")])
    for token in (world.manager, world.nobody, None):
        world.ask("GET", PATH + "?access_token=canary-of-query", token)
    text = world.logs()
    for secret in (*world.manager.split("."), *world.nobody.split("."),
                   "canary-of-cookie", "canary-of-query"):
        assert secret not in text, "it is in a log"


if __name__ == "__main__":
    sys.exit(run(globals()))
