#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Variables: PDPD and PDP_CHECK, the programs; PDP_EXTRA_CFLAGS, the
# sanitizers that they are built with.
"""What hostile clients get from the daemon: bounded memory, no busy loop, no
allow; and it recovers without a restart.

Each function test_* is one case with a daemon of its own; `pdpd_abuse.py
NAME...` runs only those.
"""

import os
import random
import shutil
import signal
import socket
import sys
from typing import Any, Iterator, Optional

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from pdpd_daemon import (  # noqa: E402
    Client, Daemon, nginx, run_cases, until)
from pdpd_life import CONFIG, World, same  # noqa: E402
from pdpd_watch import Memory, calm  # noqa: E402

PUBLIC = "/api/v1/messages"
GUARDED = "/api/v1/images"
KIB_PER_CONNECTION = 64
SLACK_KIB = 4096


def config(limits: str, more: str = "") -> str:
    return CONFIG + f"limits: {{{limits}}}\n" + more


def pid(daemon: Daemon) -> int:
    assert daemon.process is not None
    return daemon.process.pid


def well(world: World, daemon: Daemon) -> None:
    """The daemon that was abused serves on: it allows what is to be allowed,
    denies what is not, and ends as asked."""
    same(daemon.ask("nginx.sock", "GET", GUARDED, world.token).reason,
         "permitted")
    same(world.reason(daemon), "no_grant")
    same(daemon.ask("nginx.sock", "GET", GUARDED).reason, "token_missing")
    calm(pid(daemon), "at the end")
    same(daemon.stop(), 0, "exit status")


def connect(daemon: Daemon) -> Optional[socket.socket]:
    """A connection, or None: the queue of the listener is full."""
    one = socket.socket(socket.AF_UNIX)
    one.setblocking(False)
    try:
        one.connect(daemon.path("nginx.sock"))
        return one
    except BlockingIOError:
        one.close()
        return None


def connect_many(daemon: Daemon, cnt: int) -> list[socket.socket]:
    """As many as wanted, waiting for the queue where it must."""
    out: list[socket.socket] = []

    def more() -> bool:
        while len(out) < cnt:
            one = connect(daemon)
            if one is None:
                return False
            out.append(one)
        return True

    until(f"{cnt} connections", more)
    return out


def heard(one: socket.socket) -> Optional[bytes]:
    """What there is to read: b"" at the end, None if nothing came yet."""
    try:
        return one.recv(65536)
    except BlockingIOError:
        return None
    except ConnectionError:
        return b""


def all_closed(clients: list[socket.socket], drip: bytes = b"") -> None:
    """Waits until the daemon has closed them all, without an allow.  Each
    gets the same bytes now and then, if there are any."""
    left = set(clients)

    def done() -> bool:
        for one in list(left):
            data = heard(one)
            assert b" 200 " not in (data or b""), data
            if data == b"":
                left.remove(one)
                continue
            if drip:
                try:
                    one.send(drip)
                except OSError:
                    pass
        return not left

    until("the end of all connections", done)
    for one in clients:
        one.close()


def close_all(clients: list[socket.socket]) -> None:
    for one in clients:
        one.close()


STAGES = {
    "nothing": b"",
    "an empty line": b"\r\n",
    "a method": b"GE",
    "a target": b"GET /" + b"a" * 3000,
    "the request line": b"GET /_pdp HTTP/1.1\r\n",
    "a name": b"GET /_pdp HTTP/1.1\r\nX-Original-M",
    "a value": b"GET /_pdp HTTP/1.1\r\nX-Original-URI: " + b"/a" * 4000,
    "all but a byte": nginx("GET", PUBLIC)[:-1],
    "many lines": b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100,
}


def test_t55_half_requests(world: World) -> None:
    """Stopped at each stage, a hundred times: others are served meanwhile,
    and all are sent away."""
    with world.make(config("header_timeout: 2, connections: 1000")) as daemon:
        memory = Memory(pid(daemon))
        clients = []
        for data in STAGES.values():
            for one in connect_many(daemon, 100):
                one.send(data)
                clients.append(one)
        same(daemon.ask("nginx.sock", "GET", PUBLIC).status, 200)
        all_closed(clients)
        memory.within(len(clients) * KIB_PER_CONNECTION + SLACK_KIB,
                      f"{len(clients)} half requests")
        until("the count", lambda: daemon.metric(
            "pdpd_slow_connections_total") == len(clients))
        well(world, daemon)


def test_t55_half_requests_at_the_end(world: World) -> None:
    """Nor does one hold up the end."""
    with world.make(config("header_timeout: 60")) as daemon:
        clients = connect_many(daemon, 100)
        for one, data in zip(clients, list(STAGES.values()) * 20):
            one.send(data)
        same(daemon.ask("nginx.sock", "GET", PUBLIC).status, 200)
        same(daemon.stop(), 0, "exit status")
        all_closed(clients)


def test_t55_dripping_clients(world: World) -> None:
    """A byte now and then from each of 300 moves no deadline, also with an
    answer before."""
    with world.make(config("header_timeout: 1, idle_timeout: 2")) as daemon:
        memory = Memory(pid(daemon))
        clients = connect_many(daemon, 300)
        for one in clients[:100]:
            one.send(nginx("GET", GUARDED))
        for one in clients[100:]:
            one.send(b"GET / HTTP/1.1\r\nX: ")
        all_closed(clients, b"a")
        memory.within(300 * KIB_PER_CONNECTION + SLACK_KIB, "300 drips")
        well(world, daemon)


def sized(length: int, lines: int = 1) -> bytes:
    """A request whose head has that many bytes, in more or fewer lines."""
    names = [(f"X-Pad-{i:03}", "") for i in range(lines)]
    missing = length - len(nginx("GET", PUBLIC, None, names))
    names[-1] = (names[-1][0], "a" * missing)
    return nginx("GET", PUBLIC, None, names)


def status_of(daemon: Daemon, data: bytes) -> Optional[int]:
    with daemon.connect("nginx.sock") as client:
        try:
            client.send(data)
            answer = client.read()
        except ConnectionError:
            return None
        if answer is None or answer.status != 200:
            assert client.closed(), "it was not closed"
        return answer.status if answer else None


def test_t55_header_limit_to_the_byte(world: World) -> None:
    for limit in (4096, 16384, 24576):
        with world.make(config(f"header_bytes: {limit}")) as daemon:
            for lines in (1, 20):
                same(len(sized(limit, lines)), limit)
                same(status_of(daemon, sized(limit, lines)), 200, f"{limit}")
                for more in (1, 2, limit // 2, limit, limit * 4):
                    assert status_of(daemon, sized(limit + more, lines)) in (
                        431, None), f"{limit} and {more} bytes"
            well(world, daemon)


def test_t55_count_of_headers(world: World) -> None:
    """128 of them, with Host and those of the contract; not 129."""
    with world.make() as daemon:
        for cnt, outcome in ((123, (200, "public")),
                             (124, (403, "ambiguous_header"))):
            answer = daemon.ask("nginx.sock", "GET", PUBLIC, None,
                                [(f"X{i}", "b") for i in range(cnt)])
            same((answer.status, answer.reason), outcome, f"{cnt} more")
        well(world, daemon)


def flood(daemon: Daemon, begin: bytes, piece: bytes) -> None:
    """Without an end, until the daemon closes."""
    with daemon.connect("nginx.sock") as client:
        sent = 0
        try:
            client.send(begin)
            while sent < 64 << 20:
                client.send(piece)
                sent += len(piece)
        except ConnectionError:
            pass
        assert sent < 64 << 20, "it takes everything"
        try:
            answer = client.read()
        except AssertionError:
            answer = None  # the answer was cut off
        assert answer is None or 400 <= answer.status < 500, answer.status


def test_t55_endless_heads(world: World) -> None:
    with world.make() as daemon:
        memory = Memory(pid(daemon))
        head = b"GET /_pdp HTTP/1.1\r\n"
        for begin, piece in (
                (b"GET /", b"a" * 65536), (b"", b"A" * 65536),
                (head + b"X: ", b"a" * 65536), (head + b"X", b"a" * 65536),
                (head, b"X: a\r\n" * 10000), (head + b"X: a", b"\r\n a" * 9999),
                (head, b"X: " + b" " * 65536), (b"", b"\r\n" * 30000),
                (b"", b"\0" * 65536)):
            for _ in range(3):
                flood(daemon, begin, piece)
        memory.within(SLACK_KIB, "27 endless heads, one after another")
        well(world, daemon)


def test_t55_answers_that_nobody_reads(world: World) -> None:
    """Requests by the thousand, and not one answer is taken."""
    with world.make(config("idle_timeout: 1, connections: 100")) as daemon:
        memory = Memory(pid(daemon))
        clients = connect_many(daemon, 50)
        data = nginx("GET", GUARDED) * 200
        for _ in range(20):
            for one in clients:
                try:
                    one.send(data)
                except OSError:
                    pass  # full, which is the point; or sent away
        same(daemon.ask("nginx.sock", "GET", PUBLIC).status, 200)
        until("their end", lambda: daemon.metric("pdpd_connections") == 1)
        close_all(clients)
        memory.within(50 * KIB_PER_CONNECTION + SLACK_KIB, "50 deaf clients")
        well(world, daemon)


TLS = bytes.fromhex("160301006a01000066030300") + bytes(range(95))
GARBAGE = {
    # What it is: bytes, status of the answer (None: closed without one).
    "TLS": (TLS, None),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "HTTP/0.9": (b"GET /api/v1/messages\r\n", 400),
    "HTTP/2.0": (nginx("GET", PUBLIC).replace(b"/1.1", b"/2.0"), 505),
    "small http": (nginx("GET", PUBLIC).replace(b"HTTP", b"http"), 400),
    "more words": (nginx("GET", PUBLIC).replace(b"/1.1", b"/1.1 x"), 400),
    "NULs": (b"\0" * 3000, None),
    "bytes": (b"\xff" * 3000, None),
    "SSH": (b"SSH-2.0-OpenSSH_9.2\r\n", None),
    # The request to the daemon is never judged, whatever its form.
    "absolute": (nginx("GET", GUARDED).replace(
        b"/_pdp", b"http://us.icr.io" + PUBLIC.encode()), 401),
    "asterisk": (nginx("GET", GUARDED).replace(
        b"GET /_pdp", b"OPTIONS *"), 401),
    "authority": (nginx("GET", GUARDED).replace(
        b"GET /_pdp", b"CONNECT us.icr.io:443"), 401),
    "upgrade": (nginx("GET", GUARDED, None, [
        ("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"),
        ("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA")]), 401),
}


def test_t46_what_is_no_request(world: World) -> None:
    with world.make(config("header_timeout: 1")) as daemon:
        memory = Memory(pid(daemon))
        for what, (data, status) in GARBAGE.items():
            with daemon.connect("nginx.sock") as client:
                client.send(data)
                answer = client.read()
                same(answer.status if answer else None, status, what)
                same(answer.reason if answer else None,
                     "token_missing" if status == 401 else None, what)
                if status != 401:
                    assert client.closed(), what
        memory.within(SLACK_KIB, "garbage")
        well(world, daemon)


def mutants(seed: int, cnt: int) -> Iterator[bytes]:
    chance = random.Random(seed)
    for _ in range(cnt):
        data = bytearray(nginx("DELETE", "/api/v1/namespaces/demo", "a.b.c",
                               [("Content-Length", "0")] * chance.randrange(2)))
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(data))
            edit = chance.randrange(4)
            if edit == 0:
                data[at] = chance.randrange(256)
            elif edit == 1:
                data[at:at] = chance.choice(
                    (b"\r\n", b"\n", b"\0", b" ", b":", b"\r\n\r\n", b"\t"))
            elif edit == 2:
                del data[at:at + chance.randrange(1, 30)]
            else:
                data[at:at] = data[at:at + chance.randrange(1, 60)]
        yield bytes(data)


def test_t56_mutants_are_never_allowed(world: World) -> None:
    """A request without rights, broken at random; then half-closed."""
    with world.make(config("header_timeout: 1, idle_timeout: 1")) as daemon:
        memory = Memory(pid(daemon))
        for seed in range(4):
            clients = connect_many(daemon, 700)
            for one, data in zip(clients, mutants(seed, len(clients))):
                one.send(data)
                if seed % 2:
                    one.shutdown(socket.SHUT_WR)
            all_closed(clients)
        memory.within(700 * KIB_PER_CONNECTION + SLACK_KIB, "mutants")
        well(world, daemon)


def test_t56_many_requests_at_once(world: World) -> None:
    """As many as the daemon fetches events at a time, and one more or less: on
    connections that are kept, while nothing else happens."""
    with world.make(CONFIG + "workers: 1\n") as daemon:
        for cnt in (127, 128, 129, 256):
            clients = connect_many(daemon, cnt)
            for _ in range(2):
                daemon.freeze()
                for one in clients:
                    one.send(nginx("GET", PUBLIC))
                daemon.signal(signal.SIGCONT)
                for one in clients:
                    one.settimeout(60)
                    same(one.recv(65536)[:15], b"HTTP/1.1 200 OK", f"{cnt}")
            close_all(clients)
        well(world, daemon)


def everything(client: Client) -> bytes:
    """All that comes until the daemon closes."""
    text = b""
    while True:
        try:
            more = client.sock.recv(65536)
        except ConnectionError:
            return text
        if not more:
            return text
        text += more


def test_bodies_are_no_requests(world: World) -> None:
    """Whatever is said about a body, what follows is not read as another
    request on a connection that a gateway shares among its clients."""
    hidden = nginx("GET", PUBLIC)
    chunks = b"1\r\na\r\n0\r\nX-Original-URI: /api/v1/messages\r\n\r\n"
    with world.make(config("idle_timeout: 2")) as daemon:
        for more in (
                [("Content-Length", "0"), ("Content-Length", "500")],
                [("Content-Length", "500"), ("Content-Length", "0")],
                [("content-length", "0"), ("CONTENT-LENGTH", "500")],
                [("Content-Length", "500")], [("Content-Length", "00")],
                [("Content-Length", "+0")], [("Content-Length", "-1")],
                [("Content-Length", "0, 500")], [("Content-Length", "0x0")],
                [("Content-Length", "")],
                [("Content-Length", "9" * 30)],
                [("Transfer-Encoding", "chunked"), ("Trailer", "X")],
                [("Transfer-Encoding", "chunked"), ("Content-Length", "0")],
                [("Content-Length", "0"), ("Transfer-Encoding", "chunked")],
                [("Transfer-Encoding", "gzip, chunked")],
                [("Transfer-Encoding", "identity")],
                [("Transfer-Encoding", "")],
                [("Expect", "100-continue")]):
            for tail in (hidden, chunks + hidden):
                with daemon.connect("nginx.sock") as client:
                    client.send(nginx("GET", GUARDED, None, more) + tail)
                    text = everything(client)
                # One of libmicrohttpd's own may come twice, and closes.
                assert text[:13] in (b"HTTP/1.1 400 ", b"HTTP/1.1 401 ",
                                     b"HTTP/1.1 403 ", b"HTTP/1.1 413 "), \
                    f"{more}: {text!r}"
                assert b" 200 OK" not in text, f"{more}: {text!r}"
        well(world, daemon)


def test_pipelined_garbage(world: World) -> None:
    """Good requests are answered; garbage behind them ends it."""
    with world.make(config("idle_timeout: 1")) as daemon:
        for garbage in (b"\0\0\0\r\n\r\n", b"X\r\n\r\n", TLS + b"\r\n\r\n",
                        b"GET / HTTP/9\r\n\r\n", b" " + nginx("GET", PUBLIC)):
            with daemon.connect("nginx.sock") as client:
                client.send(nginx("GET", PUBLIC) * 2 + garbage)
                same(everything(client).count(b" 200 OK"), 2, str(garbage))
        well(world, daemon)


def test_t58_no_secret_is_told(world: World) -> None:
    """In no log of all the cases before."""
    parts = world.token.encode("ascii").split(b".")
    for number in range(1, world.cnt + 1):
        path = os.path.join(world.folder, str(number), "log")
        if os.path.exists(path):
            with open(path, "rb") as log:
                text = log.read()
            assert not any(part in text for part in parts), path


def run_all(functions: dict[str, Any]) -> int:
    """The cases of a script; 1 if one failed."""
    world = World()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

    def tell() -> None:
        log = os.path.join(world.folder, str(world.cnt), "log")
        if os.path.exists(log):
            with open(log, encoding="ascii") as text:
                print(text.read()[-2000:])

    try:
        failed = run_cases(functions, world, tell)
    finally:
        shutil.rmtree(world.folder)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run_all(globals()))
