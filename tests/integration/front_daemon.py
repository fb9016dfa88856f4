#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""The daemon is dead, stopped, absent, somebody else, or talks nonsense: the
client gets an error and the upstream nothing; once it is back, requests pass
again, and nobody has touched the gateway.  See front.py.
"""

import contextlib
import os
import re
import resource
import signal
import sys
import threading
from typing import Iterator, Optional

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from front import World, run  # noqa: E402
from gateways import Caddy  # noqa: E402
from pdpd import TRUST, same  # noqa: E402
from pdpd_daemon import until  # noqa: E402
from peers import Peer, header  # noqa: E402

PATH = "/api/v1/images"
DIGESTS = "/api/v1/images/digests"
# An allow must be a 200, and say which path was judged.
NONSENSE = (
    b"", b"garbage\r\n\r\n", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nX: y",
    b"200 OK\r\n\r\n", b"allow", b"\0" * 100, b"\x16\x03\x01\0\0",
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX-PDP-URI: x\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX-PDP-URI:\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX-PDP-Decision: allow\r\nX-PDP-Account: a\r\n"
    b"Content-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX-PDP-Decision: deny\r\nX-PDP-URI: /api/v1/images\r\n"
    b"X-PDP-Account: a\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX-PDP-URI: /api/v1/images\r\nX-PDP-Account: a\r\n"
    b"Content-Length: 0\r\n\r\n",
    b"HTTP/1.1 204 No\r\n\r\n",
    b"HTTP/1.1 299 No\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 000 OK\r\n\r\n",
    b"HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    b"HTTP/1.1 2000 OK\r\n\r\n", b"HTTP/1.1 -200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX-PDP-URI: /a\r\n" + b"X: " + b"a" * 70000,
    *(b"HTTP/1.1 %d X\r\nX-PDP-URI: /api/v1/images\r\nLocation: /\r\n"
      b"X-PDP-Decision: allow\r\nContent-Length: 0\r\n\r\n" % status
      for status in (199, 300, 302, 400, 401, 403, 404, 418, 429, 500, 502,
                     503, 504, 599)))


def good(world: World) -> bool:
    return world.ask("GET", PATH, world.manager).status == 200


def check_back(world: World) -> None:
    """It works again, in both directions."""
    until("requests that pass again", lambda: good(world))
    same(len(world.upstream.heads), 1)
    result = world.ask("GET", PATH, world.nobody)
    same((result.status, result.heads), (403, []))


def check_down(world: World, what: str) -> None:
    for method, path, token, body in (
            ("GET", PATH, world.manager, None),
            ("GET", PATH, world.nobody, None),
            ("POST", DIGESTS, world.manager, b"[]"),
            ("GET", "/api/v1/messages", None, None)):
        result = world.ask(method, path, token, (), body)
        same(result.heads, [], what)
        assert result.status in world.gateway.down, (what, method, result)


def check_same_gateway(world: World, process: Optional[int]) -> None:
    assert world.gateway.process is not None
    same(world.gateway.process.poll(), None, "the gateway")
    same(world.gateway.process.pid, process)


def test_t10_killed(world: World) -> None:
    """T10 kill -9, with connections open: the socket is there, and dead."""
    world.ask_at(world.pdpd)
    process = world.gateway.process.pid
    check_back(world)
    for _ in range(3):
        world.kill()
        check_down(world, "killed")
        world.daemon.start()
        check_back(world)
    check_same_gateway(world, process)


def test_t10_absent(world: World) -> None:
    """T10 no socket at all."""
    process = world.gateway.process.pid
    world.kill()
    for target in ("nowhere", "pdpd", "trust.yaml"):
        world.link(target)
        check_down(world, target)
    world.link(world.pdpd)
    world.daemon.start()
    check_back(world)
    check_same_gateway(world, process)


def test_t10_stopped(world: World) -> None:
    """T10 SIGSTOP: it accepts, and never answers."""
    process = world.gateway.process.pid
    check_back(world)
    world.daemon.freeze()
    statuses: list[Optional[int]] = []

    def ask(token: str) -> None:
        with world.connect() as client:
            client.send(f"GET {PATH} HTTP/1.1\r\nHost: us.icr.io\r\n"
                        f"Authorization: Bearer {token}\r\n"
                        "Connection: close\r\n\r\n".encode())
            answer = client.read()
            statuses.append(answer.status if answer else None)
    world.forget()
    threads = [threading.Thread(target=ask, args=(token,)) for token in
               (world.manager, world.nobody) * 5]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.daemon.signal(signal.SIGCONT)
    same(len(statuses), 10)
    same(set(statuses) - world.gateway.down, set())
    same(world.upstream.heads, [], "stopped")
    check_back(world)
    check_same_gateway(world, process)


@contextlib.contextmanager
def stub_of(world: World) -> Iterator[Peer]:
    """Somebody else in the place of the daemon, for a time."""
    stub = Peer(world.folder + "/stub", lambda head: b"")
    world.kill()
    world.link("stub")
    try:
        yield stub
    finally:
        stub.leave()
        stub.cut()
        os.unlink(world.folder + "/stub")
        world.link(world.pdpd)
        world.daemon.start()


def test_t10_nonsense(world: World) -> None:
    """T10 whoever answers there says nothing that makes sense."""
    process = world.gateway.process.pid
    with stub_of(world) as stub:
        for answer in NONSENSE:
            def reply(head: bytes, answer: bytes = answer) -> bytes:
                if not answer.endswith(b"\r\n\r\n"):
                    # Nothing more comes: the end, not a timeout.
                    threading.Timer(0.01, stub.cut).start()
                return answer
            stub.answer = reply
            asked = len(stub.heads)
            result = world.ask("GET", PATH, world.manager)
            what = repr(answer[:80])
            same(result.heads, [], what)
            assert len(stub.heads) > asked, what
            denied = answer[9:12] in (b"401", b"403")
            same(result.status in (world.gateway.down | {500}), not denied,
                 f"{what} {result.status}")
            if denied:
                same(result.status, int(answer[9:12]), what)
    check_back(world)
    check_same_gateway(world, process)


def test_t10_no_account(world: World) -> None:
    """T10 an allow that names no account: the client's own is not sent on."""
    with stub_of(world) as stub:
        for reason in ("permitted", "public"):
            stub.answer = lambda head, reason=reason: (
                "HTTP/1.1 200 OK\r\nX-PDP-Decision: allow\r\n"
                f"X-PDP-Reason: {reason}\r\nX-PDP-URI: {PATH}\r\n"
                "Content-Length: 0\r\n\r\n").encode()
            result = world.ask("GET", PATH, world.manager,
                               [("Account", "client")])
            if reason == "permitted" and isinstance(world.gateway, Caddy):
                same((result.status, result.heads), (500, []))
            else:
                same((result.status, len(result.heads)), (200, 1))
                same(header(result.heads[0], "Account") or None, None)
    check_back(world)


def test_t27_other_user(world: World) -> None:
    """T27 a gateway that the listener does not know: closed, and counted."""
    strange = "strange" + ("2" if "forwarded" in world.pdpd else "") + ".sock"
    world.ask_at("pdpd/" + strange)
    before = world.daemon.metric("pdpd_refused_peers_total")
    if world.gateway.user() != os.getuid():
        os.chown(f"{world.folder}/pdpd/{strange}", world.gateway.user(), -1)
    check_down(world, strange)
    assert world.daemon.metric("pdpd_refused_peers_total") >= before + 4
    world.ask_at(world.pdpd)
    check_back(world)


def test_t17_broken_reload(world: World) -> None:
    """T17 a broken document at reload: the generation before decides on."""
    check_back(world)
    world.daemon.write("trust.yaml", "format: pdp-trust/1\nissuers: [\n")
    until("the failed reload", lambda: world.daemon.metric(
        "pdpd_reload_failed") == 1)
    check_back(world)
    # Started with it, it does not start; so nobody passes.
    world.kill()
    try:
        world.daemon.start()
    except AssertionError:
        world.daemon.process = None
    else:
        raise AssertionError("it starts with a broken document")
    check_down(world, "not started")
    world.daemon.write("trust.yaml", TRUST)
    world.daemon.start()
    check_back(world)


def test_t31_other_keys(world: World) -> None:
    """T31 keys are replaced: the gateway keeps no decision of the old ones."""
    check_back(world)
    first = world.daemon.metric("pdpd_generation")
    keys = world.keys.jwks()
    world.daemon.write("keys.json", keys.replace('"dev"', '"other"'))
    until("the reload", lambda: world.daemon.metric(
        "pdpd_generation") == first + 1)
    result = world.ask("GET", PATH, world.manager)
    same((result.status, result.heads), (401, []))
    world.daemon.write("keys.json", keys)
    until("the reload", lambda: world.daemon.metric(
        "pdpd_generation") == first + 2)
    check_back(world)


def test_t56_no_descriptors(world: World) -> None:
    """T56 the daemon can open nothing more: no allow, and it recovers."""
    if os.getuid() != 0:
        print("# test_t56_no_descriptors: only root can limit the daemon, "
              "which cannot be dumped")
        return
    world.restart()
    process = world.daemon.process.pid
    limits = resource.prlimit(process, resource.RLIMIT_NOFILE)
    used = max(map(int, os.listdir(f"/proc/{process}/fd"))) + 1
    resource.prlimit(process, resource.RLIMIT_NOFILE, (used, limits[1]))
    try:
        result = world.ask("GET", PATH, world.manager)
        same(result.heads, [], "no descriptors")
        assert result.status in world.gateway.down, result
    finally:
        resource.prlimit(process, resource.RLIMIT_NOFILE, limits)
    check_back(world)


def test_t10_killed_under_load(world: World) -> None:
    """T10 kill -9 at any moment, while others ask."""
    process = world.gateway.process.pid
    world.forget()
    statuses: dict[str, set[Optional[int]]] = {"good": set(), "bad": set()}
    done = threading.Event()

    def ask(kind: str, token: str) -> None:
        while not done.is_set():
            with world.connect() as client:
                client.send(f"GET {PATH}?{kind} HTTP/1.1\r\nHost: us.icr.io"
                            f"\r\nAuthorization: Bearer {token}\r\n"
                            "Connection: close\r\n\r\n".encode())
                answer = client.read()
            statuses[kind].add(answer.status if answer else None)
    threads = [threading.Thread(target=ask, args=pair) for pair in
               (("good", world.manager), ("bad", world.nobody)) * 2]
    for thread in threads:
        thread.start()
    try:
        for number in range(6):
            before = len(world.upstream.heads)
            until("requests that pass", lambda before=before:
                  len(world.upstream.heads) > before + 5 * number)
            world.kill()
            world.daemon.start()
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert 200 in statuses["good"] and 403 in statuses["bad"], statuses
    same(statuses["good"] - {200} - world.gateway.down, set(), "allowed")
    same(statuses["bad"] - {403} - world.gateway.down, set(), "denied")
    for head in world.upstream.heads:
        assert head.startswith(b"GET /api/v1/images?good HTTP/1.1"), head
        same(header(head, "Authorization"), f"Bearer {world.manager}")
    check_back(world)
    check_same_gateway(world, process)


def test_t58_no_secrets(world: World) -> None:
    """T58 nor does a failure write a token down."""
    text = world.logs()
    assert re.search("upstream|error|502|500", text), "nothing is logged"
    for secret in (*world.manager.split("."), *world.nobody.split(".")):
        assert secret not in text, "it is in a log"


if __name__ == "__main__":
    sys.exit(run(globals()))
