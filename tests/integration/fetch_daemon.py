#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""pdp-fetch as a daemon: signals, requests, storms of them, outages.

Each function named case_... is one case; a number in its name is that of a
known failure (tests/named/numbers.tsv).  Nothing is asserted about how long
something takes: a case waits for a condition, and the limits are generous.

Variables: PDP_FETCH, PDP_CHECK (the programs).
Arguments: parts of the names of the cases to run; none: all.
"""

import http.server
import resource
import signal
import socket
import sys
import threading
import time

sys.dont_write_bytecode = True

import fetch_world  # noqa: E402
from fetch_world import (LIMIT_SEC, Server, World, equal, hang, raw, send,
                         status, wait_for)  # noqa: E402
from pdpd_watch import Memory, calm  # noqa: E402


def case_one_at_a_time(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = send(world.sets[0])
    world.trust(server.url("/keys"))
    world.start()
    wait_for("the file", world.file.exists)
    equal("in use by another" in world.once(2), True, "told")


def case_sigterm_ends_it_also_while_it_waits(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = send(world.sets[0])
    world.trust(server.url("/keys"))
    daemon = world.start()
    wait_for("the file", world.file.exists)
    daemon.send_signal(signal.SIGTERM)
    equal(daemon.wait(LIMIT_SEC), 0, "exit status")
    world.file.unlink()
    world.state_file.unlink()
    server.answers["/keys"] = hang
    before = len(server.seen)
    daemon = world.start()
    wait_for("the download", lambda: len(server.seen) > before)
    daemon.send_signal(signal.SIGINT)
    equal(daemon.wait(LIMIT_SEC), 0, "exit status")
    equal(world.leftovers(), [], "leftovers")


def case_sighup_reads_the_trust_document_again(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = send(world.sets[0])
    server.answers["/more"] = send(world.sets[1])
    world.trust(server.url("/keys"))
    daemon = world.start()
    wait_for("the file", world.file.exists)
    world.write_trust("{")
    daemon.send_signal(signal.SIGHUP)
    wait_for("the refusal", lambda: "not reloaded" in world.log())
    more = {"issuer": "https://more.example.com",
            "keys": {"file": "more.json", "url": server.url("/more")},
            "algorithms": ["RS256"], "audiences": "none", "typ": "none"}
    world.trust(server.url("/keys"), more)
    daemon.send_signal(signal.SIGHUP)
    wait_for("the new set", (world.folder / "more.json").exists)
    for _ in range(20):
        daemon.send_signal(signal.SIGHUP)
    wait_for("two rows", lambda: len(world.rows()) == 2)
    equal(daemon.poll(), None, "still runs")
    equal(server.hits("/keys"), 1, "fetches of the set that stays")


def case_a_request_is_served(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = send(world.sets[0], Cache_Control="max-age=3600")
    world.trust(server.url("/keys"))
    world.start("--cooldown", "1")
    wait_for("the file", world.file.exists)
    server.answers["/keys"] = send(world.sets[1], Cache_Control="max-age=3600")
    world.ask()
    wait_for("the new set", lambda: world.file.read_bytes() == world.sets[1])
    equal(list(world.run_dir.iterdir()), [], "requests")
    equal(server.hits("/keys"), 2, "fetches")


def case_a_request_that_came_first_is_served(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = send(world.sets[0], Cache_Control="max-age=3600")
    world.trust(server.url("/keys"))
    world.once(0)
    server.answers["/keys"] = send(world.sets[1], Cache_Control="max-age=3600")
    world.ask()
    world.start("--cooldown", "1")
    wait_for("the new set", lambda: world.file.read_bytes() == world.sets[1])


def storm(world: World, server: Server, cooldown: int) -> None:
    """10,000 requests; the fetches must fit into the time that went by."""
    daemon = world.start("--cooldown", str(cooldown))
    began = time.monotonic()
    wait_for("the first fetch", lambda: server.connections >= 1)
    for _ in range(100):
        world.ask(100)
        time.sleep(0.01)
    wait_for("the last request",
             lambda: not any(world.run_dir.iterdir()))
    elapsed = time.monotonic() - began
    fetches = server.connections
    if fetches > 1 + elapsed / cooldown:
        raise AssertionError(f"{fetches} fetches in {elapsed:.1f} s")
    equal(daemon.poll(), None, "still runs")


def case_j28_t53_storm_of_requests(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = send(world.sets[0])
    world.trust(server.url("/keys"))
    storm(world, server, 30)


def case_j28_t53_storm_with_an_empty_set(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = send(b'{"keys":[]}')
    world.trust(server.url("/keys"))
    storm(world, server, 30)


def case_j28_t53_storm_on_a_dead_server(world: World) -> None:
    server = world.server("self")
    world.trust(server.url("/keys"))
    storm(world, server, 30)


def case_j29_storm_with_a_short_cooldown(world: World) -> None:
    """Requests all the time do not keep the door shut."""
    server = world.server()
    server.answers["/keys"] = send(world.sets[0], Cache_Control="max-age=3600")
    world.trust(server.url("/keys"))
    daemon = world.start("--cooldown", "2")
    began = time.monotonic()
    wait_for("the file", world.file.exists)
    server.answers["/keys"] = send(world.sets[1], Cache_Control="max-age=3600")

    def found() -> bool:
        world.ask(10)
        return world.file.read_bytes() == world.sets[1]

    wait_for("the new set", found)
    elapsed = time.monotonic() - began
    equal(server.hits("/keys") <= 1 + elapsed / 2, True, "few fetches")
    equal(daemon.poll(), None, "still runs")


def case_j28_restarts_do_not_fetch(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = status(500)
    world.trust(server.url("/keys"))
    began = time.monotonic()
    for _ in range(10):
        daemon = world.start()
        wait_for("the state", world.state_file.exists)
        wait_for("a fetch that is over", lambda: world.row()["error"])
        daemon.kill()
        daemon.wait()
    elapsed = time.monotonic() - began
    equal(server.hits("/keys") <= 1 + elapsed / 30, True, "few fetches")


def case_t54_outage_and_recovery_without_restart(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = send(world.sets[0])
    world.trust(server.url("/keys"))
    daemon = world.start("--cooldown", "1")
    wait_for("the file", world.file.exists)
    wait_for("its state", lambda: world.row()["fetched_at"])
    confirmed = world.row()["fetched_at"]
    server.answers["/keys"] = status(503)

    def failed(times: int) -> bool:
        world.ask()
        return int(str(world.row()["failures"])) >= times

    wait_for("failures", lambda: failed(3))
    equal(world.file.read_bytes(), world.sets[0], "last-known-good")
    equal(world.row()["error"], "http_status", "error")
    equal(world.row()["fetched_at"], confirmed, "age counts on")
    equal(world.log().count("not fetched"), 1, "told once")
    server.answers["/keys"] = send(world.sets[1])
    world.ask()
    wait_for("recovery", lambda: world.file.read_bytes() == world.sets[1])
    wait_for("state", lambda: world.row()["error"] is None)
    equal("fetched again" in world.log(), True, "told")
    equal(daemon.poll(), None, "still runs")


def case_foreign_files_in_the_run_directory(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = send(world.sets[0], Cache_Control="max-age=3600")
    world.trust(server.url("/keys"))
    daemon = world.start("--cooldown", "1")
    wait_for("the file", world.file.exists)
    for i in range(3000):
        (world.run_dir / f"refetch-{i:016x}").touch()
    (world.run_dir / "folder").mkdir()
    world.ask()
    wait_for("the fetch", lambda: server.hits("/keys") == 2)
    equal(len(list(world.run_dir.iterdir())), 3001, "foreign files")
    equal(daemon.poll(), None, "still runs")


def lame(speak: bytes) -> tuple[socket.socket, int]:
    """A server that never gets to TLS: it says nothing, or a byte now and
    then to whoever has connected."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        talks = []
        while True:
            try:
                talks.append(listener.accept()[0])
                while speak:
                    talks[-1].sendall(speak)
                    time.sleep(0.1)
            except ConnectionError:
                continue
            except OSError:
                break  # the listener is closed: the case is over
        for talk in talks:
            talk.close()

    threading.Thread(target=serve, daemon=True).start()
    return listener, listener.getsockname()[1]


def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n"
                        b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        handler.wfile.write(b"10000\r\n" + b" " * 65536 + b"\r\n")


def loop(handler: http.server.BaseHTTPRequestHandler) -> None:
    status(302, Location=handler.path)(handler)


def case_t54_all_ways_to_be_dead(world: World) -> None:
    """Nobody listens; nobody speaks; nonsense in drips; an answer that drips,
    loops, never ends.  All keep their files; one daemon lives through it all,
    at rest, in little memory, and fetches what comes back."""
    mute, mute_port = lame(b"")
    drip, drip_port = lame(b"\x16")
    dead = socket.socket()  # bound, and nobody listens
    dead.bind(("127.0.0.1", 0))
    server = world.server()
    head = b"HTTP/1.1 200 OK\r\n"
    server.answers.update({
        "/drip": raw(head, *[b"X: a\r\n"] * 600, pause=0.1),
        "/endless": endless, "/loop": loop, "/keys": hang})
    ways = {
        f"https://127.0.0.1:{dead.getsockname()[1]}/keys": {"connect"},
        f"https://127.0.0.1:{mute_port}/keys": {"timeout"},
        f"https://127.0.0.1:{drip_port}/keys": {"tls", "timeout"},
        server.url("/drip"): {"timeout"},
        server.url("/endless"): {"too_large"},
        server.url("/loop"): {"redirect"}}
    more = [{"issuer": f"https://{i}.example.com",
             "keys": {"file": f"{i}.json", "url": url},
             "algorithms": ["RS256"], "audiences": "none", "typ": "none"}
            for i, url in enumerate(ways)]
    world.trust(server.url("/keys"), *more)
    files = [world.file] + [world.folder / f"{i}.json"
                            for i in range(len(ways))]
    for file in files:
        file.write_bytes(world.sets[0])
    daemon = world.start("--cooldown", "1")
    try:
        wait_for("the state", world.state_file.exists)
        memory = Memory(daemon.pid)
        wait_for("all failures", lambda: all(
            row["error"] for row in world.rows()))
        for row, wanted in zip(world.rows(), [{"timeout"}, *ways.values()]):
            equal(row["error"] in wanted, True,
                  f"{row['url']}: {row['error']} ({row['detail']})")
        for file in files:
            equal(file.read_bytes(), world.sets[0], file.name)
        equal(world.leftovers(), [], "leftovers")
        equal(server.hits("/loop"), 1, "redirects that were followed")
        calm(daemon.pid, "after all failures")
        memory.within(16384, "seven dead servers")
        server.answers["/keys"] = send(world.sets[1])
        world.ask()
        wait_for("recovery",
                 lambda: world.file.read_bytes() == world.sets[1])
        equal(daemon.poll(), None, "still runs")
    finally:
        for one in (mute, drip, dead):
            one.close()


def case_t56_full_disk_while_it_runs(world: World) -> None:
    """The set cannot be written: the old file stays, no piece of the new one
    does, and the state says why; with room again, it is fetched."""
    server = world.server()
    server.answers["/keys"] = send(world.sets[0])
    world.trust(server.url("/keys"))
    daemon = world.start("--cooldown", "1")
    wait_for("the file", world.file.exists)
    wait_for("its state", lambda: world.row()["fetched_at"])
    _, hard = resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (65536, hard))
    large = world.sets[1] + b" " * 100000
    server.answers["/keys"] = send(large)
    world.ask()
    wait_for("the failure", lambda: world.row()["error"] == "write")
    equal(world.file.read_bytes(), world.sets[0], "the file")
    equal(world.log().count("[write]"), 1, "told")
    equal(world.leftovers(), [], "leftovers")
    equal(daemon.poll(), None, "still runs")
    calm(daemon.pid, "with a full disk")
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (hard, hard))

    def recovered() -> bool:
        world.ask()
        return world.file.read_bytes() == large

    wait_for("recovery", recovered)
    wait_for("its state", lambda: world.row()["error"] is None)


if __name__ == "__main__":
    sys.exit(fetch_world.main([
        value for name, value in list(globals().items())
        if name.startswith("case_")]))
