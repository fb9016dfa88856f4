#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Requests of HTTP/2 as no library sends them, and queries that are large: what
the upstream gets is what was judged, in origin form, or nothing.  See front.py.

The client writes frames (RFC 9113) with header fields that are neither
compressed nor indexed (RFC 7541 6.2.2), and reads no more of an answer than
that the stream is over.
"""

import os
import ssl
import struct
import sys
from typing import Sequence

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from front import HOST, World, run  # noqa: E402
from pdpd import same  # noqa: E402
from pdpd_daemon import Client  # noqa: E402
from peers import header  # noqa: E402

PATH = "/api/v1/images"
DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY = 0, 1, 3, 4, 7
END_STREAM, END_HEADERS = 1, 4
Fields = Sequence[tuple[str, str]]


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(
        ">BBI", kind, flags, stream) + payload


def text(value: str) -> bytes:
    """A string literal: its length (RFC 7541 5.1, 7 bits), and its bytes."""
    raw = value.encode("latin-1")
    if len(raw) < 127:
        return bytes([len(raw)]) + raw
    rest = len(raw) - 127
    length = bytearray([127])
    while rest >= 128:
        length.append(rest % 128 + 128)
        rest //= 128
    length.append(rest)
    return bytes(length) + raw


def block(fields: Fields) -> bytes:
    return b"".join(b"\0" + text(name) + text(value)
                    for name, value in fields)


def connect(world: World) -> Client:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE  # of the test's own server
    tls.set_alpn_protocols(["h2"])
    client = Client(world.gateway.front, lambda plain:
                    tls.wrap_socket(plain, server_hostname=HOST))
    assert isinstance(client.sock, ssl.SSLSocket)
    same(client.sock.selected_alpn_protocol(), "h2")
    return client


def is_over(client: Client) -> bool:
    """Takes one frame; whether it ends the stream, or the connection."""
    while len(client.rest) < 9:
        if not client.more():
            return True
    length = int.from_bytes(client.rest[:3], "big")
    kind, flags, stream = struct.unpack(">BBI", client.rest[3:9])
    while len(client.rest) < 9 + length:
        if not client.more():
            return True
    client.rest = client.rest[9 + length:]
    return kind in (RST_STREAM, GOAWAY) or (
        kind in (DATA, HEADERS) and stream == 1 and bool(flags & END_STREAM))


def ask(world: World, fields: Fields) -> list[bytes]:
    """The heads of the requests that the upstream got."""
    world.forget()
    with connect(world) as client:
        client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" +
                    frame(SETTINGS, 0, 0) +
                    frame(HEADERS, END_STREAM | END_HEADERS, 1, block(fields)))
        while not is_over(client):
            pass
    return list(world.upstream.heads)


def fields_of(world: World, scheme: str, method: str = "GET",
              authority: str = HOST, path: str = PATH) -> Fields:
    return [(":method", method), (":scheme", scheme),
            (":authority", authority), (":path", path),
            ("authorization", f"Bearer {world.manager}")]


def test_t01_schemes(world: World) -> None:
    """T01 no scheme makes another target of the one that was judged."""
    for scheme in ("https", "http", "HTTPS"):
        heads = ask(world, fields_of(world, scheme))
        if scheme == "https":
            same(len(heads), 1, scheme)
        for head in heads:
            same(head.split(b"\r\n")[0].partition(b"?")[0],
                 b"GET /api/v1/images HTTP/1.1", scheme)
            same(header(head, "Host"), HOST)
    for scheme in ("x", "a+b.c-1", "ftp", "httpx", "file", "x?y", "x/y", "x ",
                   "", "http:", "https://us.icr.io/", "javascript"):
        for method in ("GET", "DELETE"):
            for head in ask(world, fields_of(world, scheme, method)):
                assert head.startswith(
                    f"{method} {PATH} HTTP/1.1\r\n".encode()), head


def test_t01_authorities(world: World) -> None:
    """T01 the host that was judged is the one that the upstream is told."""
    for authority in ("us.icr.io", "us.icr.io:443", "de.icr.io", "",
                      "us.icr.io?x", "us.icr.io/x", "u@us.icr.io", "us.icr.io#"):
        for more in ([], [("host", "us.icr.io")], [("host", "de.icr.io")]):
            for head in ask(world, [
                    *fields_of(world, "https", authority=authority), *more]):
                assert head.startswith(b"GET /api/v1/images HTTP/1.1\r\n"), \
                    head
                assert header(head, "Host") in (
                    "us.icr.io", "us.icr.io:443", "de.icr.io"), head


def test_t56_queries_of_many_arguments(world: World) -> None:
    """T56 a query of many arguments is sent on as it is, by HTTP/1 and 2."""
    for cnt in (1, 200, 480, 600, 1500):
        target = f"{PATH}?" + "a&" * cnt
        result = world.ask("GET", target, world.manager)
        same((result.status, len(result.heads)), (200, 1), f"{cnt} arguments")
        same(result.line()[1], target)
        same(world.ask("GET", target, world.nobody).status, 403)
        heads = ask(world, fields_of(world, "https", path=target))
        same([head.split(b" ")[1] for head in heads], [target.encode()])


if __name__ == "__main__":
    sys.exit(run(globals()))
