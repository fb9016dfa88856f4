#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Variables: PDPD, PDP_FETCH and PDP_CHECK, the programs; MINUTES, how long
# (3); SEED, of all that is random (made up, and printed); CLIENTS, how many
# processes ask (4).  Run by `make check-soak`.
"""Some minutes of everything at once, and each single answer is judged.

nginx with the shipped configuration, pdpd, pdp-fetch and an issuer whose keys
rotate.  Clients send a mix of requests with known answers, half of them
through nginx, half straight to the daemon.  Meanwhile policies are reloaded
every second (new ones, the same by SIGHUP, broken ones), keys come and go,
and both programs are killed at random.

First half: one life of the daemon, which must not grow.  Second half: kills.
Exit status 1: an answer was wrong, or memory, threads or descriptors grew.
Without nginx, all clients go straight to the daemon.
"""

import json
import multiprocessing
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time
from typing import Any, Callable, Optional

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[0:0] = [HERE, os.path.join(HERE, "..", "integration")]

import pdpd_watch  # noqa: E402
from fetch_world import Pki, Server, send  # noqa: E402
from pdpd_daemon import Daemon, Keys  # noqa: E402
from pdpd_life import ACCOUNT, MANAGER, READER  # noqa: E402
from supervisor import Supervised, until  # noqa: E402
from traffic import (  # noqa: E402
    EITHER, KEYS, KINDS, NO_KEY, NONE, PAGE, THERE, VERSION_EITHER, Client,
    Page, run)

SOURCE = os.path.abspath(os.environ.get("srcdir", os.path.join(HERE, "../..")))
ISSUER = "https://iam.cloud.ibm.com/identity"
POLICIES = (READER, MANAGER)
PROBE = next(kind for kind in KINDS if kind.name == "by version")
CONFIG = """\
format: pdpd/1
listeners:
  - {name: nginx, contract: nginx, socket: nginx.sock, peers: [PEERS]}
trust: trust.json
policies: [policies]
keys: {state: pdp-fetch.state.json, refetch: run}
metrics: {socket: metrics.sock, peers: [PEERS]}
log: {format: json, level: info}
"""
NGINX = """\
error_log FOLDER/nginx.log;
pid FOLDER/nginx.pid;
daemon off;
worker_processes 1;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path FOLDER/t1; proxy_temp_path FOLDER/t2;
    fastcgi_temp_path FOLDER/t3; uwsgi_temp_path FOLDER/t4;
    scgi_temp_path FOLDER/t5;
    include FOLDER/pdp.conf;
    upstream registry { server unix:FOLDER/upstream.sock; keepalive 32; }
    server {
        listen unix:FOLDER/upstream.sock;
        location / { return 200 "served"; }
    }
    server {
        listen unix:FOLDER/front.sock;
        include EXAMPLES/pdp-server.conf;
        add_header X-PDP-Reason $pdp_reason always;
        location / {
            include EXAMPLES/pdp-forward.conf;
            proxy_pass $pdp_scheme://registry$pdp_uri$is_args$args;
        }
    }
}
"""


class Issuer:
    """Keys that come and go.  At any time the set has one or two of them."""

    def __init__(self, folder: pathlib.Path, pki: Pki) -> None:
        made = folder / "keys"
        made.mkdir()
        self.keys = [Keys(str(made), f"k{i}") for i in range(KEYS)]
        self.members = [json.loads(key.jwks())["keys"][0] for key in self.keys]
        self.server = Server(pki.context("good"))
        self.published: set[bytes] = set()
        self.newest = 0

    def publish(self, *numbers: int) -> None:
        body = json.dumps({"keys": [self.members[n] for n in numbers]})
        self.published.add(body.encode("ascii"))
        self.server.answers["/keys"] = send(
            body.encode("ascii"), Cache_Control="max-age=30")

    def tokens(self, number: int) -> dict[str, str]:
        def token(*options: str) -> str:
            return self.keys[number].token("--account", ACCOUNT, *options)

        good = token("--expires-in", "86400")
        head, claims, signature = good.split(".")
        middle = len(signature) // 2
        flipped = "A" if signature[middle] != "A" else "B"
        return {"good": good, "expired": token("--expires-in", "-60"),
                "other": token("--iam-id", "IBMid-NOBODY",
                               "--expires-in", "86400"),
                "forged": ".".join((head, claims, signature[:middle] +
                                    flipped + signature[middle + 1:]))}


class Soak:
    def __init__(self, folder: pathlib.Path, seed: int, seconds: float) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        self.seconds = seconds
        self.page = PAGE
        (folder / "pki").mkdir()
        self.pki = Pki(folder / "pki")
        self.issuer = Issuer(folder, self.pki)
        self.tokens = [self.issuer.tokens(i) for i in range(KEYS)]
        os.makedirs(folder / "policies")
        os.makedirs(folder / "run")
        # Only to write files and to read metrics; it is started elsewhere.
        peers = str(os.getuid())
        self.daemon = Daemon(str(folder), CONFIG.replace("PEERS", peers))
        self.daemon.write("trust.json", json.dumps({
            "format": "pdp-trust/1", "issuers": [{
                "issuer": ISSUER, "keys": {
                    "file": "ibm.jwks.json",
                    "url": self.issuer.server.url("/keys")}}]}))
        self.pdpd = Supervised("pdpd", [
            os.environ["PDPD"], "--config", str(folder / "pdpd.yaml")],
            str(folder / "pdpd.log"))
        self.fetch = Supervised("pdp-fetch", [
            os.environ["PDP_FETCH"], "--trust", str(folder / "trust.json"),
            "--ca-file", self.pki.ca, "--run-dir", str(folder / "run"),
            "--cooldown", "1"], str(folder / "fetch.log"))
        self.nginx: Optional[Supervised] = None
        self.cnt = {"replaced": 0, "hangups": 0, "broken": 0, "published": 0,
                    "withdrawn": 0}
        self.waits: dict[str, list[float]] = {"published": [], "withdrawn": []}
        self.faults: list[str] = []
        self.long = ""

    # What the daemon does now, by its own word.
    def outcome(self, kind: Any, key: int) -> Any:
        client = Client(str(self.folder / "nginx.sock"), False)
        data = client.render(kind, self.tokens[key][kind.token])
        outcome = client.exchange(data)
        client.close()
        return outcome

    def metric(self, name: str) -> float:
        return self.daemon.metric(name)

    def policies(self, version: int) -> None:
        """New ones, by replacing the file."""
        page = self.page
        page.set(Page.VERSION, VERSION_EITHER)
        self.daemon.write("policies/one.json", POLICIES[version])
        until(f"version {version}", lambda: self.outcome(
            PROBE, self.steady_key) == PROBE.answers[version])
        page.set(Page.VERSION, version)

    def step(self) -> None:
        """One reload; the answers are right before, meanwhile and after."""
        version = self.page.get(Page.VERSION)
        way = self.chance.choice(("replace", "hangup", "replace", "hangup",
                                  "broken"))
        if way == "replace":
            self.policies(1 - version)
            self.cnt["replaced"] += 1
        elif way == "hangup":
            before = self.metric("pdpd_generation")
            os.kill(self.pdpd.pid, signal.SIGHUP)
            until("the reload",
                  lambda: self.metric("pdpd_generation") > before)
            self.cnt["hangups"] += 1
        else:
            before = self.metric("pdpd_reload_failures_total")
            text = POLICIES[1 - version]
            self.daemon.write("policies/one.json",
                              text[:self.chance.randrange(1, len(text) - 5)])
            until("the failure", lambda: self.metric(
                "pdpd_reload_failures_total") > before)
            time.sleep(0.3)
            self.policies(1 - version)
            self.cnt["broken"] += 1

    def key(self, number: int, state: int) -> None:
        self.page.set(Page.FIRST_KEY + number, state)

    def rotate(self) -> Callable[[], bool]:
        """A key is published, or the older of two is withdrawn.  What comes
        back tells whether the daemon has noticed."""
        issuer = self.issuer
        begin = time.monotonic()
        if len(self.live) == 1:
            number = (issuer.newest + 1) % KEYS
            issuer.newest = number
            self.live.append(number)
            what, state, wanted = "published", THERE, KINDS[0].answers[0]
        else:
            number = self.live.pop(0)
            what, state, wanted = "withdrawn", NONE, NO_KEY
        self.key(number, EITHER)
        issuer.publish(*self.live)
        self.steady_key = self.live[0]

        def done() -> bool:
            waited = time.monotonic() - begin
            if waited > 90.0:
                raise AssertionError(f"key {number} is not {what} after 90 s")
            if self.outcome(KINDS[0], number) != wanted:
                return False
            self.key(number, state)
            self.cnt[what] += 1
            self.waits[what].append(waited)
            return True

        return done

    def kill_daemon(self) -> None:
        self.page.set(Page.ALIVE, NONE)
        self.pdpd.kill()
        time.sleep(self.chance.uniform(0.0, 0.5))
        self.start_daemon()
        self.page.set(Page.ALIVE, THERE)

    def start_daemon(self) -> None:
        self.pdpd.start()
        version = self.page.get(Page.VERSION)

        def serves() -> bool:
            self.pdpd.check()
            return bool(self.outcome(PROBE, self.steady_key) ==
                        PROBE.answers[version])

        until("the daemon", serves)

    def kill_fetch(self) -> None:
        self.fetch.kill()
        text = (self.folder / "ibm.jwks.json").read_bytes()
        if text not in self.issuer.published:
            self.faults.append(f"a key file that nobody published: {text!r}")
        json.loads((self.folder / "pdp-fetch.state.json").read_bytes())
        self.fetch.start()

    def start(self) -> None:
        self.live = [0]
        self.steady_key = 0
        self.issuer.publish(0)
        self.fetch.start()
        until("keys", (self.folder / "ibm.jwks.json").exists)
        until("their state", lambda: json.loads(
            (self.folder / "pdp-fetch.state.json").read_bytes())
            ["sets"][0]["fetched_at"])
        self.daemon.write("policies/one.json", POLICIES[0])
        self.start_daemon()
        self.key(0, THERE)
        self.page.set(Page.ALIVE, THERE)
        if shutil.which("nginx"):
            self.start_nginx()

    def start_nginx(self) -> None:
        examples = os.path.join(SOURCE, "docs/examples/nginx")
        with open(os.path.join(examples, "pdp.conf"), encoding="ascii") as text:
            conf = text.read()
        assert "/run/pdp/authz.sock" in conf
        folder = str(self.folder)
        (self.folder / "pdp.conf").write_text(
            conf.replace("/run/pdp/authz.sock", f"{folder}/nginx.sock"),
            encoding="ascii")
        user = "user root;\n" if os.getuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            user + NGINX.replace("FOLDER", folder)
            .replace("EXAMPLES", examples), encoding="ascii")
        self.nginx = Supervised("nginx", [
            "nginx", "-p", folder, "-e", f"{folder}/nginx.log", "-c",
            f"{folder}/nginx.conf"], f"{folder}/nginx.log")
        self.nginx.start()
        until("nginx", (self.folder / "front.sock").exists)

    def used(self) -> tuple[Optional[int], float]:
        """Descriptors beside those of connections, with all clients quiet."""
        self.page.set(Page.COMMAND, Page.PAUSE)
        if self.nginx:  # its new worker has no connections open
            os.kill(self.nginx.pid, signal.SIGHUP)
        until("quiet", lambda: self.metric("pdpd_connections") <= 1)
        fewest = pdpd_watch.descriptors(self.pdpd.pid)
        for _ in range(20):  # a file that is just being read is no leak
            time.sleep(0.01)
            fewest = min((fewest, pdpd_watch.descriptors(self.pdpd.pid)),
                         key=lambda cnt: cnt or 0)
        self.page.set(Page.COMMAND, Page.GO)
        return fewest, self.metric("pdpd_generation")

    def work(self) -> None:
        begin = time.monotonic()
        half = begin + self.seconds / 2
        end = begin + self.seconds
        rotation: Optional[Callable[[], bool]] = None
        next_rotation = begin + 3.0
        kill_daemon = half
        kill_fetch = begin + self.chance.uniform(3.0, 10.0)
        used: Optional[tuple[Optional[int], float]] = self.used()
        while time.monotonic() < end:
            tick = time.monotonic()
            self.step()
            if rotation and rotation():
                rotation = None
                next_rotation = time.monotonic() + 2.0
            elif rotation is None and tick > next_rotation:
                rotation = self.rotate()
            if tick > kill_fetch:
                self.kill_fetch()
                kill_fetch = tick + self.chance.uniform(3.0, 15.0)
            if tick > kill_daemon:
                if used is not None:
                    self.compare(used)
                    used = None
                self.kill_daemon()
                kill_daemon = tick + self.chance.uniform(2.0, 10.0)
            self.watch(tick - begin)
            time.sleep(max(0.0, tick + 1.0 - time.monotonic()))
        self.page.set(Page.COMMAND, Page.STOP)

    def compare(self, before: tuple[Optional[int], float]) -> None:
        after = self.used()
        if before[0] is None or after[0] is None:
            print("# descriptors cannot be counted: run it as root for that")
        elif before[0] != after[0]:
            self.faults.append(f"descriptors: {before[0]}, then {after[0]}")
        self.long = f"{after[1] - before[1]:.0f} generations in one life, " \
            f"descriptors {before[0]}, then {after[0]}"

    def watch(self, at: float) -> None:
        for one in (self.pdpd, self.fetch, self.nginx):
            if one:
                one.check()
                one.sample()
        if sys.stdout.isatty():
            cnt = sum(self.cnt[name] for name in
                      ("replaced", "hangups", "broken"))
            print(f"\r{at:4.0f} s of {self.seconds:.0f}: {cnt} reloads, "
                  f"{self.cnt['published']} keys, {self.pdpd.kills} and "
                  f"{self.fetch.kills} kills, "
                  f"{pdpd_watch.rss_kib(self.pdpd.pid)} KiB ",
                  end="", flush=True)

    def stop(self) -> None:
        for one in (self.pdpd, self.fetch, self.nginx):
            if one:
                one.stop()
        self.faults += self.pdpd.faults() + self.fetch.faults()

    def end(self) -> None:
        for one in (self.pdpd, self.fetch, self.nginx):
            if one:
                one.end()
        self.issuer.server.close()


def spread(numbers: list[int]) -> str:
    numbers = sorted(numbers)
    return f"{numbers[0]} / {numbers[len(numbers) // 2]} / {numbers[-1]}"


def table(soak: Soak, tallies: list[dict[str, Any]]) -> int:
    """Prints it; how many answers were wrong."""
    outcomes: dict[str, int] = {}
    for tally in tallies:
        for name, cnt in tally["outcomes"].items():
            outcomes[name] = outcomes.get(name, 0) + cnt
    micros = sorted(one for tally in tallies for one in tally["micros"])

    def total(name: str) -> int:
        return sum(tally[name] for tally in tallies)

    wrong = total("wrong_cnt")
    cnt = soak.cnt
    rows: list[tuple[str, object]] = [
        ("requests", sum(outcomes.values())),
        ("  with one right answer", total("exact")),
        ("  unanswered while killed", total("unanswered")),
        ("  garbage", total("garbage")),
        *[(f"  {name}", outcomes[name]) for name in sorted(outcomes)],
        ("reloads: new, SIGHUP, broken",
         f"{cnt['replaced']}, {cnt['hangups']}, {cnt['broken']}"),
        ("keys published, withdrawn",
         f"{cnt['published']}, {cnt['withdrawn']}"),
        ("  seconds until noticed, at most", ", ".join(
            f"{max(waits):.1f}" for waits in soak.waits.values() if waits)),
        ("kills of pdpd, of pdp-fetch",
         f"{soak.pdpd.kills}, {soak.fetch.kills}"),
        ("pdpd RSS KiB, min / median / max", spread(soak.pdpd.sizes())),
        ("pdp-fetch RSS KiB", spread(soak.fetch.sizes())),
        ("its long life", soak.long),
        ("latency of a client, us: p50, p99", ", ".join(
            str(micros[int(len(micros) * share)]) for share in (0.5, 0.99))),
        ("faults", len(soak.faults)),
        ("wrong answers", wrong)]
    for name, value in rows:
        print(f"{name:36} {value}")
    for fault in soak.faults:
        print(f"FAULT {fault}")
    for tally in tallies:
        for text in tally["wrong"]:
            print(f"WRONG {text}")
    return wrong


def go(soak: Soak, clients: int, seed: int) -> int:
    soak.start()
    pool = multiprocessing.get_context("fork").Pool(clients)
    try:
        gates = [(str(soak.folder / "front.sock"), True)
                 if soak.nginx and i % 2 else
                 (str(soak.folder / "nginx.sock"), False)
                 for i in range(clients)]
        results = [pool.apply_async(run, (*gate, soak.tokens, seed + 1 + i))
                   for i, gate in enumerate(gates)]
        soak.work()
        tallies = [result.get(120) for result in results]
        soak.stop()
    finally:
        soak.page.set(Page.COMMAND, Page.STOP)
        pool.terminate()
        pool.join()
    print()
    return 1 if table(soak, tallies) or soak.faults else 0


def main() -> int:
    minutes = float(os.environ.get("MINUTES") or 3)
    seed = int(os.environ.get("SEED") or random.randrange(1 << 30))
    clients = int(os.environ.get("CLIENTS") or 4)
    print(f"{minutes} minutes, {clients} clients; SEED={seed}", flush=True)
    if not shutil.which("openssl"):
        print("openssl is not there; install openssl")
        return 77
    if not shutil.which("nginx"):
        print("# nginx is not there: all clients go straight to the daemon")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pdp-soak."))
    soak: Optional[Soak] = None
    try:
        soak = Soak(folder, seed, minutes * 60)
        return go(soak, clients, seed)
    except BaseException:
        for name in ("pdpd.log", "fetch.log", "nginx.log"):
            if (folder / name).exists():
                print(f"-- {name}\n"
                      f"{(folder / name).read_text('latin-1')[-2000:]}")
        raise
    finally:
        if soak is not None:
            soak.end()
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
