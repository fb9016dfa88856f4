#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Headers and heads that try to say something else to the gateway, to the
daemon and to the upstream.  All of it goes through the tap, which knows what
was judged: whatever the bytes, each request that the upstream gets is one
that was judged and allowed, in its method, path and account.  See front.py.
"""

import os
import re
import sys
from typing import Iterator

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from front import HOST, UPSTREAM, World, request, run  # noqa: E402
from pdpd import ACCOUNT, same  # noqa: E402
from peers import LIMIT, header  # noqa: E402

PATH = "/api/v1/images/us.icr.io%2Fdemo%2Fapp:1/json"
DELETE = "/api/v1/namespaces/demo"
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
LOOKALIKES = (
    "X-Original-Method", "X-Original-URI", "X-Original-URL",
    "X-Original-Host", "X-Rewrite-URL", "X-Forwarded-Method",
    "X-Forwarded-Uri", "X-Forwarded-Path", "X-Forwarded-Prefix",
    "X-Forwarded-Server", "X-Forwarded-Host", "X-Forwarded-Proto",
    "X-Forwarded-Port", "X-Forwarded-For", "Forwarded", "X-Real-IP",
    "X-Request-ID", "X-PDP-Decision", "X-PDP-Reason", "X-PDP-Account",
    "X-PDP-AT-Action", "X-PDP-Principal", "X-PDP-Missing", "X-PDP-URI")
SILENCE_SEC = 0.1  # ends the reading of a connection; nothing is concluded


def spellings(name: str) -> Iterator[str]:
    yield name
    yield name.lower()
    yield name.upper()
    if "-" in name:
        yield name.replace("-", "_")
        yield name[::-1].replace("-", "_", 1)[::-1]


def check_upstream(world: World, what: str) -> int:
    """Each request there was judged and allowed, and cannot be read in two
    ways; how many there were."""
    allowed = []
    for asked in world.judged:
        names = world.gateway.contract
        if asked.allowed:
            allowed.append((header(asked.head, names[1]),
                            (asked.path or "").lower(),
                            header(asked.reply, "X-PDP-Account")))
    heads = list(world.upstream.heads)
    for head in heads:
        line = head.split(b"\r\n")[0].decode("latin-1").split(" ")
        got = (line[0], line[1].partition("?")[0].lower(),
               header(head, "Account") or None)
        assert got in allowed, f"{what}: {got} was not judged: {allowed}"
        allowed.remove(got)
        odd = re.search(rb"(?<!\r)\n|\r(?!\n)|\n[ \t]|\0", head)
        assert odd is None, f"{what}: {head!r}"
        lengths = re.findall(rb"(?im)^content-length[^\r]*", head)
        codings = re.findall(rb"(?im)^transfer-encoding[^\r]*", head)
        assert len(lengths) + len(codings) <= 1, f"{what}: {head!r}"
        for field in lengths:
            assert re.fullmatch(rb"(?i)content-length: \d+", field), field
        for field in codings:
            assert field.lower() == b"transfer-encoding: chunked", field
        same(len(re.findall(rb"(?im)^host:", head)), 1, what)
    return len(heads)


def test_tapped(world: World) -> None:
    """The others see what the daemon is asked."""
    world.ask_at("tap")
    same(world.ask("GET", PATH, world.manager).status, 200)
    same(len(world.judged), 1)
    same(check_upstream(world, PATH), 1)


def test_t25_lookalikes_of_a_denied(world: World) -> None:
    """T25 what a client says of path, method or caller decides nothing."""
    for name in LOOKALIKES:
        for spelling in spellings(name):
            for value in ("/api/v1/messages", "GET", "allow, public"):
                more = [(spelling, value)] * (2 if value == "GET" else 1)
                result = world.ask("DELETE", DELETE, world.nobody, more)
                same((result.status, result.heads), (403, []), spelling)
                asked = world.judged[0]
                same([header(asked.head, one) for one in
                      world.gateway.contract], [DELETE, "DELETE"], spelling)
                same(header(asked.reply, "X-PDP-Reason"), "no_grant",
                     spelling)


def test_t25_lookalikes_of_an_allowed(world: World) -> None:
    """T25 nothing that could be taken for the gateway's word goes on."""
    for name in LOOKALIKES:
        for spelling in spellings(name):
            for more in ([(spelling, "/spoofed")],
                         [(spelling, "/spoofed"), (name, "spoofed, x")],
                         [(spelling, "spoofed.example, 203.0.113.9")]):
                result = world.ask("GET", PATH, world.manager, more)
                same(result.status, 200, spelling)
                same(check_upstream(world, spelling), 1, spelling)
                assert b"spoofed" not in result.heads[0], result.heads


def test_t26_method_override(world: World) -> None:
    """T26 a wish for another method is denied, or goes no further."""
    for method, path, body in (("GET", PATH, None),
                               ("POST", "/api/v1/images/digests", b"[]")):
        for name in OVERRIDES:
            for spelling in spellings(name):
                for value in ("DELETE", "", method, "x, DELETE"):
                    result = world.ask(method, path, world.manager,
                                       [(spelling, value)], body)
                    if "_" not in spelling:
                        same((result.status, result.heads), (403, []),
                             spelling)
                        same(header(world.judged[0].reply, "X-PDP-Reason"),
                             "method_override", spelling)
                    elif result.status == 200:
                        same(check_upstream(world, spelling), 1, spelling)
                        assert b"override" not in result.heads[0].lower() and \
                            b"method:" not in result.heads[0].lower(), \
                            result.heads
                    else:
                        same((result.status, result.heads), (403, []),
                             spelling)
        for query in ("_method=DELETE", "a&_method=x", "%5fmethod=DELETE",
                      "a=b&_method"):
            result = world.ask(method, f"{path}?{query}", world.manager, (),
                               body)
            same((result.status, result.heads), (403, []), query)


def test_t23_twice(world: World) -> None:
    """T23 T25 two values of what decides are none."""
    good = ("Authorization", f"Bearer {world.manager}")
    bad = ("Authorization", f"Bearer {world.nobody}")
    account = ("Account", ACCOUNT)
    for more in ([good, bad], [bad, good], [good, good],
                 [good, ("authorization", "x")], [good, account, account],
                 [good, account, ("ACCOUNT", "other")],
                 [good, ("Account", "other"), account],
                 [good, ("Account", "")],
                 [good, ("Account", f"{ACCOUNT}, other")],
                 [good, ("Host", "de.icr.io")],
                 [("Authorization", f"{good[1]}, {bad[1]}")],
                 [("Authorization", "")]):
        result = world.ask("GET", PATH, None, more)
        same(result.heads, [], str(more))
        assert result.status in (400, 401, 403), (more, result.status)
    # HAProxy makes one of two that are equal.
    world.ask("GET", PATH, None, [good, ("Host", HOST)])
    check_upstream(world, "two equal hosts")
    for more in ([good, ("X_Account", "x"), account], [good, account],
                 [good, ("ACCOUNT", ACCOUNT)], [good]):
        result = world.ask("GET", PATH, None, more)
        same(result.status, 200, str(more))
        same(header(result.heads[0], "Account"), ACCOUNT)


def test_t25_account_of_the_public(world: World) -> None:
    """T25 what is public is judged for no account; the client's stays here."""
    for spelling in spellings("Account"):
        result = world.ask("GET", "/api/v1/messages", world.nobody,
                           [(spelling, "client"), ("X-PDP-Account", "client")])
        same((result.status, len(result.heads)), (200, 1), spelling)
        assert b"client" not in result.heads[0], result.heads


def test_hosts(world: World) -> None:
    """The host that is judged is the one that the upstream gets."""
    plain = request("GET", PATH, world.manager)
    for host, reached in (("us.icr.io:443", True), ("US.icr.io", True),
                          ("de.icr.io", False), ("us.icr.io@x", False),
                          ("us.icr.io/x", False), ("us.icr.io, x", False),
                          ("", False), ("us.icr.io#x", False)):
        result = world.raw(plain.replace(b"Host: us.icr.io",
                                         b"Host: " + host.encode()))
        same(check_upstream(world, host), reached, host)
        if reached:
            got = header(result.heads[0], "Host") or ""
            same(got.lower(), host.lower())


def test_t25_hop_by_hop(world: World) -> None:
    """T25 Connection names a header, so that one side does not see it."""
    path = "/api/v1/images"
    for name in ("Authorization", "Account", "Host", "X-Original-URI",
                 "X-Original-Method", "X-Forwarded-Uri", "X-Forwarded-For",
                 "X-Forwarded-Method", "X-Forwarded-Host", "X-Real-IP",
                 "X-Request-ID", "X-PDP-Account", "Content-Length",
                 "close, Account", "keep-alive, Authorization",
                 "Account, Upgrade"):
        for token, reached in ((world.manager, True), (world.nobody, False)):
            result = world.raw(request("GET", path, token, [
                ("Account", ACCOUNT), ("Keep-Alive", "1")],
                connection=name + ", close"))
            same(check_upstream(world, name), reached, name)
            if reached:
                head = result.heads[0]
                same(header(head, "Account"), ACCOUNT, name)
                same(header(head, "Authorization"), f"Bearer {token}", name)
                same(header(head, "Host"), HOST, name)
    for name in OVERRIDES:
        result = world.raw(request("GET", path, world.manager,
                                   [(name, "DELETE")],
                                   connection=name + ", close"))
        same((result.status, result.heads), (403, []), name)


def test_t03_upgrade(world: World) -> None:
    """T03 no tunnel, through which nobody would be judged."""
    tunnel = request("DELETE", DELETE, None, connection="")
    try:
        for protocol in ("websocket", "h2c", "TLS/1.3", "HTTP/2.0"):
            world.upstream.answer = lambda head: b"HTTP/1.1 101 Go\r\n" \
                b"Connection: Upgrade\r\nUpgrade: x\r\n\r\n" \
                if re.search(rb"(?im)^upgrade", head) else UPSTREAM
            data = request("GET", PATH, world.manager, [
                ("Upgrade", protocol), ("HTTP2-Settings", "AAMAAABkAARAAAAA"),
                ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ("Sec-WebSocket-Version", "13")],
                connection="Upgrade, HTTP2-Settings")
            world.forget()
            answer = send_all(world, data + tunnel, LIMIT)
            same(check_upstream(world, protocol), 1, protocol)
            assert b" 101 " not in answer, answer
            assert b"upgrade" not in world.upstream.heads[0].lower(), \
                world.upstream.heads
    finally:
        world.upstream.answer = lambda head: UPSTREAM


def send_all(world: World, data: bytes,
             first_sec: float = SILENCE_SEC) -> bytes:
    """What comes back until the end, or until nothing comes."""
    answer = b""
    with world.connect() as client:
        try:
            client.send(data)
            client.sock.settimeout(first_sec)
            while piece := client.sock.recv(65536):
                answer += piece
                client.sock.settimeout(SILENCE_SEC)
        except OSError:
            pass
    return answer


def framings(token: str) -> Iterator[tuple[str, bytes]]:
    """Requests whose body one reader takes for a request.  That one has no
    token: it must never arrive."""
    hidden = request("DELETE", DELETE, None, connection="")
    end = b"0\r\n\r\n" + hidden
    auth = f"Host: {HOST}\r\nAuthorization: Bearer {token}\r\n".encode()
    post = b"POST /api/v1/images/digests HTTP/1.1\r\n" + auth
    length = b"Content-Length: %d\r\n" % len(end)
    chunked = b"Transfer-Encoding: chunked\r\n"
    yield "length and chunked", post + length + chunked + b"\r\n" + end
    yield "chunked and length", post + chunked + b"Content-Length: 4\r\n\r\n" \
        + b"%x\r\n%s\r\n0\r\n\r\n" % (len(hidden), hidden)
    for value in (b"xchunked", b"chunked, identity", b"identity, chunked",
                  b"\tchunked", b"\x0bchunked", b"chunked\x0b", b"CHUNKED",
                  b"chunked;x", b'"chunked"', b"gzip, chunked", b"identity",
                  b"chunked, chunked", b""):
        yield f"coding {value!r}", post + length + b"Transfer-Encoding: " + \
            value + b"\r\n\r\n" + end
        yield f"coding alone {value!r}", post + b"Transfer-Encoding: " + \
            value + b"\r\n\r\n" + end
    for name in (b"Transfer-Encoding :", b" Transfer-Encoding:",
                 b"Transfer_Encoding:", b"Transfer-Encoding\t:",
                 b"X: x\nTransfer-Encoding:", b"X: x\rTransfer-Encoding:",
                 b"X: x\r\n Transfer-Encoding:", b"Transfer-Encoding\0:",
                 b"\x00Transfer-Encoding:", b"Transfer-Encoding\n:"):
        yield f"name {name!r}", post + length + name + b" chunked\r\n\r\n" + \
            end
    yield "two codings", post + chunked + b"Transfer-Encoding: x\r\n\r\n" + end
    for lengths in ((b"0", b"%d" % len(end)), (b"%d" % len(end), b"0"),
                    (b"5", b"5")):
        yield f"lengths {lengths}", post + b"".join(
            b"Content-Length: %s\r\n" % one for one in lengths) + b"\r\n" + end
    for value in (b"+5", b"-1", b"0x5", b"5, 5", b"5 5", b"5e0", b"05",
                  b"18446744073709551621", b"9" * 40, b"", b"5;", b"\x0b5"):
        yield f"length {value!r}", post + b"Content-Length: " + value + \
            b"\r\n\r\n" + end
    for name in (b"Content-Length :", b"Content_Length:",
                 b" Content-Length:", b"X: x\nContent-Length:"):
        yield f"name {name!r}", post + name + b" %d\r\n\r\n" % len(end) + end
    for chunk in (b"0x5\r\nhello\r\n", b"+5\r\nhello\r\n", b"-5\r\nhello\r\n",
                  b"5 \r\nhello\r\n", b"5\nhello\n", b"5\rhello\r\n",
                  b"10000000000000005\r\nhello\r\n", b"5;a\nb\r\nhello\r\n",
                  b"5;a=\"\r\n\"\r\nhello\r\n", b"5\r\nhello", b"g\r\n",
                  b"5\r\nhelloXX\r\n", b"\r\n5\r\nhello\r\n",
                  b"ffffffffffffffff\r\nhello\r\n"):
        yield f"chunk {chunk!r}", post + chunked + b"\r\n" + chunk + end
    yield "trailer", post + chunked + b"\r\n5\r\nhello\r\n0\r\n" \
        b"X-PDP-Account: x\r\nAccount: x\r\nContent-Length: 9\r\n\r\n" + hidden
    get = b"GET /api/v1/images HTTP/1.1\r\n" + auth
    yield "body of a GET", get + length + b"\r\n" + end
    yield "no body, more", get + b"\r\n" + hidden
    yield "empty lines", b"\r\n\r\n" + get + b"\r\n" + hidden
    for line in (b"GET  PATH HTTP/1.1", b"GET PATH", b"GET PATH HTTP/0.9",
                 b"GET PATH HTTP/1.1 HTTP/1.1", b"GET\tPATH\tHTTP/1.1",
                 b"GET PATH HTTP/1.2", b"GET PATH HTTP/1.",
                 b"GET PATH HTTP/2.0",
                 b"GET PATH http/1.1", b" GET PATH HTTP/1.1",
                 b"GET PATH HTTP/1.0", b"GET PATH?\r HTTP/1.1",
                 b"GET PATH HTTP/1.1\r", b"GET PATH HTTP/11.1",
                 b"GET PATH /api/v1/plans HTTP/1.1"):
        line = line.replace(b"PATH", b"/api/v1/images")
        yield f"line {line!r}", line + b"\r\n" + auth + length + b"\r\n" + end
    yield "preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden


def test_t50_own_view(world: World) -> None:
    """T50 a view of the path that a client invents goes nowhere."""
    world.ask_at("tap")
    for view in ("/api/v1/messages", "/_pdp", ""):
        for spelling in spellings("X-PDP-Norm-URI"):
            result = world.ask("DELETE", DELETE, world.nobody,
                               [(spelling, view)])
            same((result.status, result.heads), (403, []), spelling)
            result = world.ask("GET", PATH, world.manager, [(spelling, view)])
            same(result.status, 200, spelling)
            assert b"norm" not in result.heads[0].lower(), result.heads
            assert b"norm" not in world.judged[0].head.lower(), world.judged


def test_t55_large_heads(world: World) -> None:
    """T55 refused, or denied, and the next one is served."""
    cookies = "; ".join(f"a{i}=b" for i in range(500))
    result = world.ask("GET", PATH, world.manager, [("Cookie", cookies)])
    same(result.status, 200, "cookies")
    same(header(result.heads[0], "Cookie"), cookies)
    same(header(world.judged[0].head, "Cookie"), None,
         "cookies for the daemon")
    for more in ([("Authorization", "Bearer " + "." * 8192)],
                 [("Authorization", "Bearer " + "." * 7000)],
                 [("X-Big", "a" * 1000000)], [("X-Pad", "a" * 7000)] * 4,
                 [(f"X-{i}", "a") for i in range(10000)],
                 [(f"X-{i}", "a") for i in range(400)],
                 [("Account", "a" * 5000)], [("Host", "a" * 5000)]):
        data = request("GET", PATH, None if more[0][0] == "Authorization" else
                       world.nobody, more)
        same(world.raw(data).heads, [], more[0][0])
        same(world.ask("GET", PATH, world.manager).status, 200, more[0][0])
    half = [world.connect() for _ in range(100)]
    for client in half:
        client.send(b"GET /api/v1/images HT")
    same(world.ask("GET", PATH, world.manager).status, 200, "half requests")
    for client in half:
        client.close()


def test_t03_smuggling(world: World) -> None:
    """T03 no bytes make the upstream see a request that was not judged.  The
    last one: what a gateway sends late would disturb another."""
    # A gateway may send on a head long after it came: all are told apart by
    # their query, and judged at the end.
    world.forget()
    cases = list(framings(world.manager))
    for number, (_, data) in enumerate(cases):
        send_all(world, re.sub(rb"(/api/v1/images(?:/digests)?)(?=[ \t\r?])",
                               rb"\1?case-%d" % number, data))
    check_upstream(world, "odd heads")
    reached = {int(found) for head in world.upstream.heads
               for found in re.findall(rb"^[^\r]*case-(\d+)", head)}
    for head in world.upstream.heads:
        assert not head.startswith(b"DELETE"), head
        assert re.match(rb"[^\r]*case-", head), head
    assert 0 < len(reached) < len(cases), reached
    print(f"# {world.gateway.program}: {len(reached)} of {len(cases)} odd "
          "heads reach the upstream, as they were judged")


if __name__ == "__main__":
    sys.exit(run(globals()))
