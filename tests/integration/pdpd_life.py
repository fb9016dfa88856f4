#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Variables: PDPD and PDP_CHECK, the programs; srcdir, the source folder.
# (LISTEN_PID and LISTEN_FDS, NOTIFY_SOCKET, WATCHDOG_USEC are set here, as
# systemd would.)
"""The life of the daemon: start, reload, drain.

Each function test_* is one case with a daemon of its own; `pdpd_life.py
NAME...` runs only those.
"""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from pdpd_daemon import (  # noqa: E402
    Daemon, Keys, nginx, run_cases, until)

ACCOUNT = "8d5f3a1c7b9e4d2fa06c1e4b7d90f325"
TRUST = """\
{"format": "pdp-trust/1", "issuers": [
  {"issuer": "https://iam.cloud.ibm.com/identity",
   "keys": {"file": "keys.json"}}]}
"""
CONFIG = """\
format: pdpd/1
listeners:
  - {name: nginx, contract: nginx, socket: nginx.sock, peers: [UID]}
trust: trust.json
policies: [policies]
metrics: {socket: metrics.sock, peers: [UID]}
log: {format: json, level: info}
""".replace("UID", str(os.getuid()))
POLICY = """\
[{"id": "p1", "type": "access",
  "subject": {"attributes": [{"key": "iam_id", "operator": "stringEquals",
                              "value": "IBMid-0000000DEV"}]},
  "resource": {"attributes": [
    {"key": "serviceName", "operator": "stringEquals",
     "value": "container-registry"},
    {"key": "accountId", "operator": "stringEquals", "value": "ACCOUNT"}]},
  "control": {"grant": {"roles": [{"role_id":
     "crn:v1:bluemix:public:iam::::serviceRole:ROLE"}]}}}]
""".replace("ACCOUNT", ACCOUNT)
READER = POLICY.replace("ROLE", "Reader")
MANAGER = POLICY.replace("ROLE", "Manager")
PUT = ("PUT", "/api/v1/namespaces/demo")


def same(got: object, wanted: object, what: str = "") -> None:
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


class World:
    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp()
        self.keys = Keys(self.folder)
        self.other_keys = Keys(self.folder, "other")
        self.token = self.keys.token("--account", ACCOUNT)
        self.cnt = 0

    def make(self, config: str = CONFIG, **more: dict[str, str]) -> Daemon:
        self.cnt += 1
        folder = os.path.join(self.folder, str(self.cnt))
        os.makedirs(os.path.join(folder, "policies"))
        daemon = Daemon(folder, config, more.get("environment"))
        daemon.write("trust.json", TRUST)
        daemon.write("keys.json", self.keys.jwks())
        daemon.write("policies/one.json", READER)
        return daemon

    def reason(self, daemon: Daemon) -> str:
        return daemon.ask("nginx.sock", *PUT, self.token).reason or ""


def test_reload_by_rename(world: World) -> None:
    with world.make() as daemon:
        same(world.reason(daemon), "no_grant")
        daemon.write("policies/one.json", MANAGER)
        until("the new policies",
              lambda: world.reason(daemon) == "permitted")
        same(daemon.metric("pdpd_generation"), 2)
        daemon.write("policies/two.json", READER.replace("p1", "p2"))
        until("the new file", lambda: daemon.metric("pdpd_generation") == 3)


def test_reload_in_place(world: World) -> None:
    with world.make() as daemon:
        with open(daemon.path("policies/one.json"), "r+") as out:
            out.write(MANAGER)
            out.truncate()
        until("the new policies",
              lambda: world.reason(daemon) == "permitted")


def test_reload_by_signal(world: World) -> None:
    with world.make() as daemon:
        for number in (2, 3):
            daemon.signal(signal.SIGHUP)
            until("the reload",
                  lambda: daemon.metric("pdpd_generation") == number)
        same(daemon.count('"event":"reloaded"'), 2)


def test_touch_is_no_reload(world: World) -> None:
    with world.make() as daemon:
        daemon.write("policies/one.json", READER)
        os.utime(daemon.path("keys.json"))
        daemon.write("policies/two.json", READER.replace("p1", "p2"))
        until("a real change", lambda: daemon.metric("pdpd_generation") == 2)
        same(daemon.metric("pdpd_reloads_total"), 1)


def test_t31_key_rotation(world: World) -> None:
    """A key that is gone serves no token, cached or not."""
    with world.make() as daemon:
        for _ in range(3):
            same(world.reason(daemon), "no_grant")
        daemon.write("keys.json", world.other_keys.jwks())
        until("the new keys", lambda: world.reason(daemon) == "key_unknown")
        daemon.write("keys.json", world.keys.jwks())
        until("the old keys", lambda: world.reason(daemon) == "no_grant")


def read_bytes(daemon: Daemon) -> int:
    """What it has read so far, of files and sockets."""
    assert daemon.process is not None
    with open(f"/proc/{daemon.process.pid}/io", encoding="ascii") as text:
        return int(text.readline().split()[1])


def test_broken_files_are_not_read_again(world: World) -> None:
    """As long as nobody changes them: there may be many of them, and large
    ones.  What is wrong elsewhere, on the way to them, is looked for again."""
    with world.make() as daemon:
        size = 8 << 20
        daemon.write("policies/two.json", "[" + " " * size + "7]")
        until("the failure",
              lambda: daemon.metric("pdpd_reload_failed") == 1)
        if os.getuid() == 0:  # nobody else may see what it reads
            clock, before = daemon.metric("pdpd_generation_age_seconds"), \
                read_bytes(daemon)
            until("three looks", lambda: daemon.metric(
                "pdpd_generation_age_seconds") >= clock + 16, 0.5)
            assert read_bytes(daemon) - before < size, "it was read again"
        os.unlink(daemon.path("policies/two.json"))
        until("its end", lambda: daemon.metric("pdpd_reload_failed") == 0)
        os.chmod(world.folder, 0o777)
        try:
            daemon.write("policies/one.json", MANAGER)
            until("the refusal",
                  lambda: daemon.metric("pdpd_reload_failed") == 1)
            same(world.reason(daemon), "no_grant")
        finally:
            os.chmod(world.folder, 0o700)
        until("the new policies, which nobody touched again",
              lambda: world.reason(daemon) == "permitted")


def test_no_request_fails_in_reloads(world: World) -> None:
    """Requests and reloads at the same time: each answer is one of the two
    that the two versions give, and every connection lives on."""
    with world.make() as daemon:
        stop = threading.Event()
        errors: list[str] = []

        def client() -> None:
            with daemon.connect("nginx.sock") as one:
                while not stop.is_set():
                    one.send(nginx(*PUT, world.token))
                    answer = one.read()
                    outcome = (answer.status, answer.reason) if answer else None
                    if outcome not in ((200, "permitted"), (403, "no_grant")):
                        errors.append(str(outcome))
                        return

        threads = [threading.Thread(target=client) for _ in range(4)]
        for thread in threads:
            thread.start()
        for i in range(20):
            daemon.write("policies/one.json", READER if i % 2 else MANAGER)
            until("the reload", lambda: daemon.metric(
                "pdpd_generation") == i + 2)
        stop.set()
        for thread in threads:
            thread.join()
        same(errors, [])


def state_text(ago: int) -> str:
    """The state file: keys were confirmed so many seconds ago."""
    return ('{"format": "pdp-keystate/1", "sets": [{"issuer": '
            '"https://iam.cloud.ibm.com/identity", "fetched_at": %d}]}'
            % (int(time.time()) - ago))


def test_t53_t54_fetched_keys(world: World) -> None:
    """Keys nobody confirmed for max_stale serve no token, until somebody
    does; and one request for keys, however many ask."""
    config = CONFIG + ("keys: {state: state.json, max_stale: 1h, "
                       "refetch: ask}\n")
    daemon = world.make(config)
    os.mkdir(daemon.path("ask"))
    daemon.write("trust.json", TRUST.replace(
        '"keys.json"', '"keys.json", "url": "https://127.0.0.1:1/keys"'))

    with daemon:
        same(daemon.metric("pdpd_stale_issuers"), 1)
        same(world.reason(daemon), "key_stale")
        same(daemon.ask("nginx.sock", "GET", "/api/v1/messages").status, 200)
        for _ in range(100):
            same(world.reason(daemon), "key_stale")
        until("the request", lambda: len(os.listdir(daemon.path("ask"))) == 1)
        same(daemon.metric("pdpd_refetch_requests_total"), 1)
        daemon.write("state.json", state_text(60))
        until("fresh keys", lambda: world.reason(daemon) == "no_grant")
        until("the figure", lambda: daemon.metric("pdpd_stale_issuers") == 0)
        assert daemon.metric("pdpd_keys_age_seconds") >= 60
        same(daemon.metric("pdpd_keys_max_stale_seconds"), 3600)
        daemon.write("state.json", state_text(7200))
        until("old keys", lambda: world.reason(daemon) == "key_stale")
        until("their age",
              lambda: daemon.metric("pdpd_keys_age_seconds") >= 7200)
        answer = daemon.ask("nginx.sock", *PUT, world.token)
        same((answer.status, answer.get("X-PDP-Decision")), (401, "deny"))
        until("the figure", lambda: daemon.metric("pdpd_stale_issuers") == 1)
        daemon.write("state.json", state_text(0))
        until("recovery", lambda: world.reason(daemon) == "no_grant")
        daemon.write("state.json", state_text(-7200))
        daemon.signal(signal.SIGHUP)
        until("the reload", lambda: daemon.metric("pdpd_generation") == 2)
        same(world.reason(daemon), "key_stale")


def stranger(token: str, kid: str) -> str:
    """A token with a key id nobody knows; nobody will look at the rest."""
    header = json.dumps({"alg": "RS256", "typ": "JWT", "kid": kid})
    return base64.urlsafe_b64encode(header.encode("ascii")).decode(
        "ascii").rstrip("=") + token[token.index("."):]


def test_t53_storm_of_unknown_keys(world: World) -> None:
    """Thousands of key ids: keys are asked for once in 30 seconds, also when
    each request is served at once; good tokens do not suffer."""
    daemon = world.make(CONFIG + "keys: {state: state.json, refetch: ask}\n")
    ask = daemon.path("ask")
    os.mkdir(ask)
    daemon.write("trust.json", TRUST.replace(
        '"keys.json"', '"keys.json", "url": "https://127.0.0.1:1/keys"'))
    daemon.write("state.json", state_text(60))
    with daemon, daemon.connect("nginx.sock") as client:
        began = time.monotonic()
        for i in range(3000):
            token = stranger(world.token, f"unknown-{i}")
            for one, outcome in ((token, (401, "key_unknown")),
                                 (world.token, (403, "no_grant"))):
                client.send(nginx(*PUT, one))
                answer = client.read()
                assert answer is not None
                same((answer.status, answer.reason), outcome, str(i))
            for name in os.listdir(ask):
                os.unlink(os.path.join(ask, name))
        until("the request",
              lambda: daemon.metric("pdpd_refetch_requests_total") >= 1)
        asked = daemon.metric("pdpd_refetch_requests_total")
        elapsed = time.monotonic() - began
        assert asked <= 1 + elapsed / 30, f"{asked} in {elapsed} s"
        same(daemon.count('"event":"refetch"'), int(asked))


def test_nobody_to_ask_for_keys(world: World) -> None:
    """A run directory that is not there: told and counted, no more."""
    daemon = world.make(CONFIG + "keys: {refetch: ask}\n")
    daemon.write("trust.json", TRUST.replace(
        '"keys.json"', '"keys.json", "url": "https://127.0.0.1:1/keys"'))
    with daemon:
        answer = daemon.ask("nginx.sock", *PUT, stranger(world.token, "x"))
        same((answer.status, answer.reason), (401, "key_unknown"))
        until("the failure", lambda: daemon.metric(
            "pdpd_refetch_failures_total") == 1)
        until("the log", lambda: daemon.count(
            '"event":"refetch_failed"') == 1)
        same(daemon.metric("pdpd_refetch_requests_total"), 0)
        same(world.reason(daemon), "no_grant")


def test_restart_needed(world: World) -> None:
    with world.make() as daemon:
        daemon.write("pdpd.yaml", CONFIG + "workers: 5\n")
        until("the warning",
              lambda: daemon.count('"event":"restart_needed"') == 1)
        daemon.write("pdpd.yaml", CONFIG + "wrokers: 5\n")
        until("the finding", lambda: "did you mean" in daemon.logged())
        same(world.reason(daemon), "no_grant")


def test_t13_what_was_sent_is_answered(world: World) -> None:
    """And idle connections do not hold up the end."""
    with world.make() as daemon:
        idle = daemon.connect("nginx.sock")
        busy = [daemon.connect("nginx.sock") for _ in range(20)]
        for client in busy:
            client.send(nginx("GET", "/api/v1/messages"))
            assert client.read() is not None
        for client in busy:
            client.send(nginx("GET", "/api/v1/messages"))
        daemon.signal(signal.SIGTERM)
        for client in busy:
            answer = client.read()
            assert answer is not None
            same(answer.status, 200)
            assert client.closed()
        assert idle.closed()
        same(daemon.wait(), 0)
        assert not os.path.exists(daemon.path("nginx.sock"))


def test_t13_who_was_just_accepted_is_answered(world: World) -> None:
    """A gateway that has connected, and sends a moment after the end has
    begun."""
    with world.make() as daemon:
        clients = [daemon.connect("nginx.sock") for _ in range(5)]
        # Those before it are being served.
        same(world.reason(daemon), "no_grant")
        until("all of them to be served",
              lambda: daemon.metric("pdpd_connections") == 6)
        daemon.signal(signal.SIGTERM)
        until("the end to begin",
              lambda: not os.path.exists(daemon.path("nginx.sock")))
        for client in clients:
            client.send(nginx("GET", "/api/v1/messages"))
        for client in clients:
            answer = client.read()
            assert answer is not None
            same((answer.status, answer.get("Connection")), (200, "close"))
        same(daemon.wait(), 0)


def test_t13_the_end_under_load(world: World) -> None:
    """Whoever got an answer got a whole and right one; whoever sent half a
    request, or reads nothing, does not hold up the end, which is there long
    before their own time is over."""
    config = CONFIG + "limits: {header_timeout: 60, idle_timeout: 1h}\n"
    for number in (signal.SIGTERM, signal.SIGINT):
        with world.make(config) as daemon:
            half, deaf = [daemon.connect("nginx.sock") for _ in range(2)]
            half.send(nginx("GET", "/api/v1/messages")[:-2])
            deaf.send(nginx("GET", "/api/v1/messages") * 9)
            answered = [0] * 4
            errors: list[str] = []

            def client(ix: int) -> None:
                try:
                    with daemon.connect("nginx.sock") as one:
                        while True:
                            one.send(nginx(*PUT, world.token))
                            answer = one.read()
                            if answer is None:
                                return
                            same((answer.status, answer.reason),
                                 (403, "no_grant"))
                            answered[ix] += 1
                except ConnectionError:
                    return
                except Exception as error:  # told by the main thread
                    errors.append(repr(error))

            threads = [threading.Thread(target=client, args=(ix,))
                       for ix in range(len(answered))]
            for thread in threads:
                thread.start()
            until("load", lambda: min(answered) > 20 or bool(errors))
            daemon.signal(number)
            same(daemon.wait(), 0, "exit status")
            for thread in threads:
                thread.join()
            same(errors, [])
            same(daemon.count('"event":"stopping"'), 1)
            same(daemon.count('"event":"stopped"'), 1)
            half.close()
            deaf.close()


def test_stale_socket(world: World) -> None:
    """After kill -9 the socket is taken over; a live one is not, nor is a
    file."""
    daemon = world.make()
    with daemon:
        daemon.signal(signal.SIGKILL)
        daemon.wait()
        assert os.path.exists(daemon.path("nginx.sock"))
        os.unlink(daemon.log)
        daemon.start()
        second = subprocess.run(
            [os.environ["PDPD"], "--config", daemon.config],
            stderr=subprocess.PIPE, timeout=60)
        same(second.returncode, 3)
        assert b"another process answers" in second.stderr
        assert daemon.path("nginx.sock").encode() in second.stderr
        assert b'"event":"listen_failed"' in second.stderr
        same(world.reason(daemon), "no_grant")
        same(daemon.stop(), 0)
    daemon.write("nginx.sock", "a file")
    third = subprocess.run([os.environ["PDPD"], "--config", daemon.config],
                           stderr=subprocess.PIPE, timeout=60)
    same(third.returncode, 3)
    assert b"in the place of its socket" in third.stderr
    same(open(daemon.path("nginx.sock"), encoding="ascii").read(), "a file")


def test_socket_mode(world: World) -> None:
    config = CONFIG.replace("nginx.sock,", "nginx.sock, mode: 0600,")
    with world.make(config) as daemon:
        same(os.stat(daemon.path("nginx.sock")).st_mode & 0o777, 0o600)
        same(os.stat(daemon.path("metrics.sock")).st_mode & 0o777, 0o660)


def test_loopback(world: World) -> None:
    probe = socket.socket()
    probe.bind(("127.0.0.1", 0))
    where = f"127.0.0.1:{probe.getsockname()[1]}"
    probe.close()
    config = CONFIG.replace(
        f"socket: nginx.sock, peers: [{os.getuid()}]", f'address: "{where}"')
    with world.make(config) as daemon:
        same(daemon.ask(where, "GET", "/api/v1/messages").status, 200)


def test_socket_activation(world: World) -> None:
    """A socket that systemd made is used, and left there."""
    daemon = world.make()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(daemon.path("nginx.sock"))
    listener.listen(8)
    script = ('import os, sys; os.environ["LISTEN_PID"] = str(os.getpid()); '
              'os.dup2(int(sys.argv[1]), 3); os.execv(sys.argv[2], '
              'sys.argv[2:])')
    with open(daemon.log, "ab") as log:
        daemon.process = subprocess.Popen(
            [sys.executable, "-c", script, str(listener.fileno()),
             os.environ["PDPD"], "--config", daemon.config],
            stderr=log, pass_fds=[listener.fileno()],
            env=dict(os.environ, LISTEN_FDS="1"))
    try:
        until("the daemon", lambda: '"event":"ready"' in daemon.logged())
        listener.close()
        same(world.reason(daemon), "no_grant")
        same(daemon.stop(), 0)
        assert os.path.exists(daemon.path("nginx.sock"))
    finally:
        daemon.__exit__()


def test_socket_of_another_type(world: World) -> None:
    """Records are no stream: a socket of them is no listener of ours."""
    daemon = world.make()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(daemon.path("nginx.sock"))
        listener.listen(8)
        script = ('import os, sys; os.environ["LISTEN_PID"] = '
                  'str(os.getpid()); os.dup2(int(sys.argv[1]), 3); '
                  'os.execv(sys.argv[2], sys.argv[2:])')
        done = subprocess.run(
            [sys.executable, "-c", script, str(listener.fileno()),
             os.environ["PDPD"], "--config", daemon.config],
            stderr=subprocess.PIPE, pass_fds=[listener.fileno()],
            env=dict(os.environ, LISTEN_FDS="1"))
    same(done.returncode, 3)
    assert b'"event":"listen_failed"' in done.stderr, done.stderr


def test_notify(world: World) -> None:
    path = os.path.join(world.folder, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(60)
        with world.make(environment={"NOTIFY_SOCKET": path,
                                     "WATCHDOG_USEC": "200000"}) as daemon:
            same(manager.recv(100), b"READY=1")
            same(manager.recv(100), b"WATCHDOG=1")
            same(daemon.stop(), 0)
            seen = set()
            while b"STOPPING=1" not in seen:
                seen.add(manager.recv(100))
        # A watchdog for another process is none for this one.
        with world.make(environment={"NOTIFY_SOCKET": path,
                                     "WATCHDOG_USEC": "1000",
                                     "WATCHDOG_PID": "1"}) as daemon:
            same(manager.recv(100), b"READY=1")
            same(world.reason(daemon), "no_grant")
            same(daemon.stop(), 0)
            same(manager.recv(100), b"STOPPING=1")


def test_log_lines(world: World) -> None:
    """D8: each line is one JSON object, whatever is in a file or its name."""
    daemon = world.make()
    name = 'policies/a"\\\n\x1b\u2028.json'
    with daemon:
        daemon.write(name, READER.replace("p1", "p2").replace(
            "stringEquals", 'x\\u001b\\n\\"\u202e'))
        until("the failure",
              lambda: daemon.metric("pdpd_reload_failed") == 1)
        os.unlink(daemon.path(name))
        same(daemon.stop(), 0)
    events = [json.loads(line) for line in daemon.logged().splitlines()]
    files = [event["file"] for event in events if event["event"] == "finding"]
    assert files
    same([event["level"] for event in events
          if event["event"] == "runs_as_root"],
         ["warning"] if os.getuid() == 0 else [])
    for file in files:  # its bytes can be had back
        assert file.encode("latin-1").decode("utf-8").endswith(name), file
    for event in events:
        assert event["level"] in ("error", "warning", "info"), event
        assert isinstance(event["time"], float)


def test_t56_few_descriptors(world: World) -> None:
    """D14: without descriptors nothing spins, and it recovers."""
    daemon = world.make()
    with open(daemon.log, "ab") as log:
        daemon.process = subprocess.Popen(
            ["sh", "-c", "ulimit -n 40; exec \"$@\"", "sh",
             os.environ["PDPD"], "--config", daemon.config], stderr=log)
    try:
        until("the daemon", lambda: '"event":"ready"' in daemon.logged())
        clients = [daemon.connect("nginx.sock") for _ in range(60)]
        until("the lack", lambda: '"event":"accept_failed"' in daemon.logged())
        same(daemon.count('"event":"few_descriptors"'), 1)
        for client in clients:
            client.close()
        same(world.reason(daemon), "no_grant")
        assert daemon.count("\n") < 400, "the log is not limited"
        same(daemon.stop(), 0)
    finally:
        daemon.__exit__()


def main(functions: dict[str, Any]) -> int:
    world = World()

    def tell() -> None:
        log = os.path.join(world.folder, str(world.cnt), "log")
        if os.path.exists(log):
            with open(log, encoding="ascii") as text:
                print(text.read()[-3000:])

    try:
        failed = run_cases(functions, world, tell)
    finally:
        shutil.rmtree(world.folder)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(globals()))
