#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Variables: PDPD and PDP_CHECK, the programs; PDP_CLOCK_SHIM, a library that
# sets the clock, without which those cases are skipped; PDP_EXTRA_CFLAGS,
# the sanitizers that the programs are built with; ASAN_OPTIONS is handed on with
# one option more.
"""The daemon on a machine that lacks something: places for connections,
descriptors, a disk or a reader for the log, a clock that can be trusted.

Bounded memory, no busy loop, no allow; and it recovers without a restart.
Each function test_* is one case with a daemon of its own;
`pdpd_starved.py NAME...` runs only those.
"""

import os
import resource
import signal
import struct
import subprocess
import sys
import time
from typing import Optional

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from pdpd_abuse import (  # noqa: E402
    GUARDED, KIB_PER_CONNECTION, PUBLIC, SLACK_KIB, all_closed, close_all,
    config, connect, connect_many, pid, run_all, well)
from pdpd_daemon import (  # noqa: E402
    Client, Daemon, nginx, request, until)
from pdpd_life import (  # noqa: E402
    ACCOUNT, MANAGER, PUT, READER, TRUST, World, same)
from pdpd_watch import SANITIZED, Memory, calm, rss_kib  # noqa: E402

KIB_AFTER_AN_ANSWER = 40  # twice header_bytes, and a bit
IDLE = 10000
DAY = 86400


def test_t56_more_idle_connections_than_places(world: World) -> None:
    """The limit holds; who comes later waits in the queue of the kernel, and
    gets the place of one that said nothing."""
    with world.make(config("connections: 500, header_timeout: 8")) as daemon:
        memory = Memory(pid(daemon))
        clients = []
        while len(clients) < IDLE:
            one = connect(daemon)
            if one is None:
                break
            clients.append(one)
        print(f"# {len(clients)} until the queue was full")
        assert len(clients) > 500
        # It may still be taking them from the queue.
        until("the last place to be taken",
              lambda: '"event":"connections_full"' in daemon.logged())
        calm(pid(daemon), "all places are taken")

        def served() -> bool:
            one = connect(daemon)
            if one is None:
                return False
            one.settimeout(60)
            with one:
                one.send(nginx("GET", PUBLIC))
                same(one.recv(65536)[:15], b"HTTP/1.1 200 OK")
            return True

        until("a place", served)
        all_closed(clients)
        memory.within(500 * KIB_PER_CONNECTION + SLACK_KIB, "500 places")
        well(world, daemon)


def test_t56_all_places_are_taken(world: World) -> None:
    """It is told and counted once, and what watches the daemon still reaches
    it; when clients are gone, that is told, too."""
    with world.make(config("connections: 50, header_timeout: 60, "
                           "idle_timeout: 3600")) as daemon:
        kept = [served(daemon, "nginx.sock") for _ in range(50)]
        same(daemon.count('"event":"connections_full"'), 0)
        waiting = connect_many(daemon, 20)
        until("the news",
              lambda: daemon.count('"event":"connections_full"') == 1)
        for _ in range(30):
            same(daemon.metric("pdpd_connections_full_total"), 1)
        answer = daemon.raw("metrics.sock", request(
            [], "GET /healthz HTTP/1.1", "m"))
        assert answer is not None
        same(answer.status, 200)
        # Those places are few, and no gateway gets one of them.
        probes = [served(daemon, "metrics.sock") for _ in range(16)]
        late = daemon.connect("metrics.sock")
        late.send(request([], "GET /metrics HTTP/1.1", "m"))
        calm(pid(daemon), "all places are taken")
        probes.pop().close()
        answer = late.read()
        assert answer is not None
        assert b"pdpd_connections 66\n" in answer.body, answer.body
        for one in [*probes, late, *kept]:
            one.close()
        close_all(waiting)
        until("the end of it",
              lambda: daemon.count('"event":"connections_free"') == 1)
        same(daemon.count('"event":"connections_full"'), 1)
        well(world, daemon)


def test_t56_10000_idle_connections(world: World) -> None:
    """All held at once, each after one answer: a bit more than twice the
    limit of a head for each, no work; and a second time costs no more."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # With sanitizers each takes so long that the first are slow clients.
    cnt = min(IDLE // 5 if SANITIZED else IDLE, hard - 200)
    print(f"# {cnt} connections; as many as the limit of descriptors allows"
          if cnt == hard - 200 else f"# {cnt} connections")
    with world.make(config(f"connections: {cnt + 50}, header_timeout: 60, "
                           "idle_timeout: 3600")) as daemon:
        memory = Memory(pid(daemon))
        sizes = []
        for _ in range(2):
            clients = connect_many(daemon, cnt)
            for one in clients:
                one.send(nginx("GET", GUARDED))
            for one in clients:
                one.settimeout(60)
                same(one.recv(65536)[:12], b"HTTP/1.1 401")
            same(daemon.metric("pdpd_connections"), cnt + 1)
            calm(pid(daemon), f"{cnt} idle connections")
            same(daemon.ask("nginx.sock", "GET", PUBLIC).status, 200)
            close_all(clients)
            until("their end", lambda: daemon.metric("pdpd_connections") == 1)
            sizes.append(rss_kib(pid(daemon)))
            memory.within(cnt * KIB_AFTER_AN_ANSWER + SLACK_KIB,
                          f"{cnt} idle connections")
        print(f"# resident afterwards: {sizes} KiB")
        well(world, daemon)


def served(daemon: Daemon, name: str) -> Client:
    """A connection that was not only made, which the kernel does alone, but
    accepted: it had an answer."""
    client = daemon.connect(name)
    client.send(nginx("GET", PUBLIC) if name == "nginx.sock" else
                request([], "GET /healthz HTTP/1.1", "m"))
    answer = client.read()
    assert answer is not None
    same(answer.status, 200)
    return client


def reloads_are_told(daemon: Daemon, begin: float) -> None:
    """However often connections cannot be accepted meanwhile, which is told
    now and then, with a count."""
    for _ in range(5):
        told = daemon.count('"event":"reload_failed"')
        daemon.signal(signal.SIGHUP)
        until("the failure, in the log",
              lambda: daemon.count('"event":"reload_failed"') > told)
    until("a count", lambda: daemon.logged().count('"repeated":') > 0)
    lines = daemon.count('"event":"accept_failed"')
    took = time.monotonic() - begin
    assert lines <= 3 + took / 10, f"{lines} times in {took} seconds"
    same(daemon.count('"dropped":'), 0)


def test_t56_no_descriptors(world: World) -> None:
    """None at all: nothing spins, connections that are open are served, a
    reload keeps what is in use; and then everything is made up for."""
    with world.make() as daemon:
        hard = resource.prlimit(pid(daemon), resource.RLIMIT_NOFILE)[1]
        kept, probe = served(daemon, "nginx.sock"), served(daemon,
                                                           "metrics.sock")
        begin = time.monotonic()
        resource.prlimit(pid(daemon), resource.RLIMIT_NOFILE, (3, hard))
        waiting = connect_many(daemon, 100)
        for one in waiting:
            one.send(nginx("GET", PUBLIC))
        until("the lack", lambda: '"event":"accept_failed"' in daemon.logged())
        daemon.write("policies/one.json", MANAGER)
        until("the reload",
              lambda: '"event":"reload_failed"' in daemon.logged())
        calm(pid(daemon), "without descriptors")
        reloads_are_told(daemon, begin)
        kept.send(nginx(*PUT, world.token))
        same(kept.read().reason, "no_grant", "the old generation")
        probe.send(request([], "GET /metrics HTTP/1.1", "m"))
        assert b"pdpd_reload_failed 1\n" in probe.read().body
        resource.prlimit(pid(daemon), resource.RLIMIT_NOFILE, (hard, hard))
        for one in waiting:
            one.setblocking(True)
            same(one.recv(65536)[:15], b"HTTP/1.1 200 OK")
        until("the new policies, which nobody touched again",
              lambda: world.reason(daemon) == "permitted")
        same(daemon.metric("pdpd_reload_failed"), 0)
        daemon.write("policies/one.json", READER)
        until("the next ones", lambda: world.reason(daemon) == "no_grant")
        close_all(waiting)
        well(world, daemon)


def start_to(daemon: Daemon, log: int) -> None:
    """Starts it with another log than its file."""
    daemon.process = subprocess.Popen(
        [os.environ["PDPD"], "--config", daemon.config], stderr=log,
        stdin=subprocess.DEVNULL)

    def serves() -> bool:
        try:
            return daemon.metric("pdpd_generation") == 1
        except OSError:
            assert daemon.process and daemon.process.poll() is None, "ended"
            return False

    until("the daemon", serves)


def goes_on(world: World, daemon: Daemon) -> None:
    """Lines are lost, and counted; nothing else is: not decisions, reloads,
    metrics, new connections, or the end."""
    lost = daemon.metric("pdpd_log_dropped_total")
    for i in range(5):
        failures = daemon.metric("pdpd_reload_failures_total")
        daemon.write("policies/one.json", "{" * (i + 1))
        until("the failure", lambda: daemon.metric(
            "pdpd_reload_failures_total") > failures)
        same(world.reason(daemon), "no_grant")
    assert daemon.metric("pdpd_log_dropped_total") >= lost + 10, "not counted"
    daemon.write("policies/one.json", MANAGER)
    until("new policies", lambda: world.reason(daemon) == "permitted")
    daemon.write("policies/one.json", READER)
    until("the old ones", lambda: world.reason(daemon) == "no_grant")
    well(world, daemon)


def test_t56_full_disk(world: World) -> None:
    daemon = world.make()
    with open("/dev/full", "wb") as log:
        start_to(daemon, log.fileno())
    try:
        goes_on(world, daemon)
    finally:
        daemon.__exit__()


def test_t56_log_as_large_as_may_be(world: World) -> None:
    with world.make() as daemon:
        size = os.stat(daemon.log).st_size
        resource.prlimit(pid(daemon), resource.RLIMIT_FSIZE, (size, size))
        goes_on(world, daemon)
        same(os.stat(daemon.log).st_size, size)


def test_t56_log_that_nobody_reads(world: World) -> None:
    """A pipe that is full, and one whose reader is gone."""
    for gone in (False, True):
        daemon = world.make()
        reader, log = os.pipe()
        start_to(daemon, log)
        os.set_blocking(log, False)
        try:
            while True:
                os.write(log, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(log, True)
        if gone:
            os.close(reader)
        try:
            goes_on(world, daemon)
        finally:
            daemon.__exit__()
            os.close(log)
            if not gone:
                os.close(reader)


class Clock:
    """The wall clock of a daemon."""

    def __init__(self, world: World, keys: str = "") -> None:
        path = os.path.join(world.folder, "offset")
        with open(path, "wb") as out:
            out.write(bytes(8))
        self.file = open(path, "r+b", buffering=0)
        sanitizers = os.environ.get("ASAN_OPTIONS", "")
        self.daemon = world.make(
            config("header_timeout: 5, idle_timeout: 3600", keys),
            environment={
                "LD_PRELOAD": os.environ["PDP_CLOCK_SHIM"],
                "PDP_CLOCK_OFFSET": path,
                "ASAN_OPTIONS": f"{sanitizers}:verify_asan_link_order=0"})
        self.client: Optional[Client] = None

    def set(self, seconds: int) -> None:
        self.file.seek(0)
        self.file.write(struct.pack("=q", seconds))

    def reason(self, token: str) -> Optional[str]:
        """On one connection, which lives through all of it."""
        if self.client is None:
            self.client = self.daemon.connect("nginx.sock")
        self.client.send(nginx("GET", GUARDED, token))
        answer = self.client.read()
        assert answer is not None, "the connection did not outlive the clock"
        return answer.reason


def shim_is_there() -> bool:
    if os.path.exists(os.environ.get("PDP_CLOCK_SHIM", "")):
        return True
    print("# skipped: PDP_CLOCK_SHIM names no library; run it by make check")
    return False


def others_go_on(daemon: Daemon) -> None:
    """A half request is cut off after the usual time, and the log, which
    counts lines in a second, goes on, also right after a step back."""
    slow = daemon.metric("pdpd_slow_connections_total")
    with daemon.connect("nginx.sock") as half:
        half.send(b"GET / HTTP/1.1\r\n")
        assert half.read() is None
    same(daemon.metric("pdpd_slow_connections_total"), slow + 1)
    told = daemon.count('"event":"reload_failed"')
    daemon.write("policies/one.json", "{" + " " * told)
    until("a line of the log", lambda: daemon.count(
        '"event":"reload_failed"') > told)
    daemon.write("policies/one.json", READER)
    until("good policies",
          lambda: daemon.metric("pdpd_reload_failed") == 0)
    calm(pid(daemon), "after a step of the clock")


def test_t59_clock_jumps(world: World) -> None:
    """A day forward: what has expired by then is denied at once, though it
    was accepted, and is in a cache.  Set back, by little or by much: nothing
    is revived that had expired, since as much time has passed as has passed;
    SIGHUP takes the clock as it is.  Connections and their deadlines take no
    notice."""
    if not shim_is_there():
        return
    old = world.keys.token("--account", ACCOUNT, "--expires-in", "-60")
    token = world.keys.token("--account", ACCOUNT)  # for an hour
    clock = Clock(world)
    with clock.daemon as daemon:
        until("the clock", lambda: "ready" in daemon.logged())
        for seconds, reason in ((0, "permitted"), (DAY, "token_expired"),
                                (0, "permitted"), (3300, "permitted"),
                                (3661, "token_expired"), (0, "permitted"),
                                (-300, "permitted"), (-DAY, "permitted"),
                                (0, "permitted")):
            clock.set(seconds)
            for _ in range(20):
                same(clock.reason(token), reason, f"{seconds} s")
            same(clock.reason(old), "token_expired", f"{seconds} s")
            if abs(seconds) == DAY:
                others_go_on(daemon)
        clock.set(-DAY)
        until("a warning", lambda: daemon.count(
            '"event":"clock_set_back"') == 1)
        assert daemon.metric("pdpd_clock_behind_seconds") > DAY - 60
        generation = daemon.metric("pdpd_generation")
        daemon.signal(signal.SIGHUP)
        until("the reload",
              lambda: daemon.metric("pdpd_generation") > generation)
        same(clock.reason(token), "token_not_yet_valid")
        until("the metric",
              lambda: daemon.metric("pdpd_clock_behind_seconds") == 0)
        clock.set(0)
        same(clock.reason(token), "permitted")
        same(clock.reason(old), "token_expired")
        well(world, daemon)


def test_t59_clock_and_fetched_keys(world: World) -> None:
    """Keys count as old when the clock says so, and by the time that has
    passed when it is set back; back in order, they are good again."""
    if not shim_is_there():
        return
    clock = Clock(world, "keys: {state: state.json, max_stale: 1h}\n")
    daemon = clock.daemon
    daemon.write("trust.json", TRUST.replace(
        '"keys.json"', '"keys.json", "url": "https://127.0.0.1:1/keys"'))
    daemon.write("state.json", '{"format": "pdp-keystate/1", "sets": '
                 '[{"issuer": "https://iam.cloud.ibm.com/identity", '
                 '"fetched_at": %d}]}' % int(time.time()))
    token = world.keys.token("--account", ACCOUNT, "--expires-in", "172800")
    with daemon:
        for seconds, reason in ((0, "permitted"), (DAY, "key_stale"),
                                (0, "permitted"), (-DAY, "permitted"),
                                (DAY, "key_stale"), (0, "permitted")):
            clock.set(seconds)
            until(f"{reason} at {seconds} s",
                  lambda: clock.reason(token) == reason)
        well(world, daemon)


if __name__ == "__main__":
    sys.exit(run_all(globals()))
