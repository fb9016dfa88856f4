#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Variables: PDPD and PDP_CHECK, the programs; srcdir, the source folder.
"""The daemon with `seccomp: true`: it lives through all of pdpd_life.py, and
the filter is on in every thread.  What the filter kills is shown by
tests/unit/test_pdpd_seccomp.c.

`pdpd_seccomp.py NAME...` runs only those cases, of here or of pdpd_life.py.
"""

import os
import shutil
import signal
import subprocess
import sys
from typing import Any

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import pdpd_life  # noqa: E402
from pdpd_daemon import Daemon, nginx, run_cases, until  # noqa: E402
from pdpd_files import fails  # noqa: E402
from pdpd_life import CONFIG, MANAGER, READER, same  # noqa: E402

ON = '"event":"seccomp","message":"the filter of system calls is on"'
TEST_BUILD = '"event":"seccomp","message":"this is a build for tests'
FILTER = 2  # SECCOMP_MODE_FILTER of linux/seccomp.h
OTHER_CONTRACTS = """\
  - {name: i, contract: ingress-nginx, socket: i.sock, peers: [UID]}
  - {name: f, contract: forwarded, socket: f.sock, peers: [UID]}
  - {name: e, contract: ext-authz, socket: e.sock, peers: [UID]}
trust:""".replace("UID", str(os.getuid()))
REQUESTS = {
    "i.sock": "X-Original-Method: GET\r\nX-Original-URL: https://us.icr.io"
              "/api/v1/messages\r\nX-Real-IP: 192.0.2.7\r\nX-Request-ID: r",
    "f.sock": "X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /api/v1/messages"
              "\r\nX-Forwarded-Host: us.icr.io\r\nX-Forwarded-For: 192.0.2.7",
    "e.sock": "X-Forwarded-For: 192.0.2.7\r\nX-Request-ID: r",
}


class World(pdpd_life.World):
    """Every daemon of it asks for the filter."""

    def __init__(self) -> None:
        super().__init__()
        self.daemons: list[Daemon] = []

    def make(self, config: str = CONFIG, **more: dict[str, str]) -> Daemon:
        daemon = super().make(config + "seccomp: true\n", **more)
        write = daemon.write

        def keep(name: str, text: str) -> None:
            """A new configuration asks for the filter, too."""
            write(name, text + "seccomp: true\n"
                  if name == "pdpd.yaml" and "seccomp" not in text else text)

        daemon.write = keep  # type: ignore[method-assign]
        self.daemons.append(daemon)
        return daemon


def statuses(daemon: Daemon) -> list[int]:
    """Of the filter, for each thread."""
    assert daemon.process is not None
    folder = f"/proc/{daemon.process.pid}/task"
    found = []
    for task in os.listdir(folder):
        with open(f"{folder}/{task}/status", encoding="ascii") as text:
            found += [int(line.split()[1]) for line in text
                      if line.startswith("Seccomp:")]
    return found


def test_every_thread_is_in_it(world: World) -> None:
    """The main thread, the one that accepts, and each worker."""
    with world.make(CONFIG + "workers: 7\n") as daemon:
        same(world.reason(daemon), "no_grant")
        if TEST_BUILD in daemon.logged():
            same(statuses(daemon), [0] * 9)
            return
        same(daemon.count(ON), 1)
        same(statuses(daemon), [FILTER] * 9)
        assert daemon.logged().index(ON) < daemon.logged().index('"ready"')
        same(daemon.stop(), 0)


def test_only_if_asked_for(world: World) -> None:
    for more in ("", "seccomp: false\n"):
        with pdpd_life.World.make(world, CONFIG + more) as daemon:
            same(daemon.count('"event":"seccomp"'), 0)
            same(set(statuses(daemon)), {0})
            same(daemon.stop(), 0)


def test_all_contracts(world: World) -> None:
    with world.make(CONFIG.replace("trust:", OTHER_CONTRACTS)) as daemon:
        same(daemon.raw("nginx.sock", nginx("GET", "/api/v1/messages")).reason,
             "public")
        for name, headers in REQUESTS.items():
            answer = daemon.raw(
                name, (f"GET /api/v1/messages HTTP/1.1\r\nHost: us.icr.io\r\n"
                       f"{headers}\r\n\r\n").encode("ascii"))
            assert answer is not None
            same((answer.status, answer.reason), (200, "public"), name)
        same(daemon.raw("nginx.sock", b"GET / HTTP/1.1\r\nX\r\n\r\n").status,
             400)
        same(daemon.stop(), 0)


def test_many_files_and_findings(world: World) -> None:
    """Lists that are long: sorting them takes other ways in the C library."""
    with world.make() as daemon:
        for i in range(300):
            daemon.write(f"policies/{i}.json", READER.replace("p1", f"q{i}"))
        daemon.write("policies/one.json", MANAGER)
        until("the policies", lambda: world.reason(daemon) == "permitted")
        for i in range(300):
            daemon.write(f"policies/{i}.json", '[{"id": 7}]')
        daemon.signal(signal.SIGHUP)
        until("the failure",
              lambda: daemon.metric("pdpd_reload_failed") == 1)
        same(world.reason(daemon), "permitted")
        same(daemon.stop(), 0)


def test_names_in_a_reload(world: World) -> None:
    """They are looked up without a socket: in files.  One that is not there
    is a finding, and no reason to die."""
    with world.make() as daemon:
        for i, (owner, failed) in enumerate(
                (("nobody", 0), ("no-such-user", 1), ("daemon", 0)) * 60):
            daemon.write("pdpd.yaml", CONFIG +
                         f"keys: {{owner: {owner}}}\n# {i}\nseccomp: true\n")
            if i > 5:
                daemon.signal(signal.SIGHUP)
                continue
            until("the reload", lambda: daemon.metric(
                "pdpd_reload_failed") == failed)
        until("the last", lambda: daemon.metric("pdpd_reload_failed") == 0)
        same(world.reason(daemon), "no_grant")
        same(daemon.stop(), 0)


def test_it_cannot_be_left(world: World) -> None:
    """Switching it off in a reload takes a new start, and is told."""
    with world.make() as daemon:
        before = statuses(daemon)
        daemon.write("pdpd.yaml", CONFIG + "seccomp: false\n")
        until("the warning",
              lambda: daemon.count('"event":"restart_needed"') == 1)
        same(statuses(daemon), before)
        same(daemon.stop(), 0)


def lived(daemon: Daemon) -> bool:
    """Also after a case that did not look: it served only with the filter,
    and did not end by SIGSYS, which is what the filter does."""
    status = daemon.process.returncode if daemon.process is not None else 0
    log = daemon.logged() if os.path.exists(daemon.log) else ""
    good = status != -signal.SIGSYS and log.count('"event":"ready"') == \
        log.count(ON) + log.count(TEST_BUILD)
    if not good:
        print(f"FAILED it was without the filter, or killed: {status}\n{log}")
    return good


def main() -> int:
    version = subprocess.run([os.environ["PDPD"], "--version"], check=True,
                             stdout=subprocess.PIPE, timeout=60).stdout
    world = World()

    def tell() -> None:
        if world.daemons and os.path.exists(world.daemons[-1].log):
            print(world.daemons[-1].logged()[-3000:])

    try:
        if b"seccomp: built in" not in version:
            fails(world.make(), '"line":8,"column":10,"code":"bad_value"',
                  "this pdpd was built without libseccomp")
            print("skipped: pdpd is built without libseccomp; it refuses to "
                  "start, as it must")
            return 77
        cases: dict[str, Any] = dict(vars(pdpd_life), **globals())
        failed = run_cases(cases, world, tell)
        failed += sum(not lived(daemon) for daemon in world.daemons)
    finally:
        shutil.rmtree(world.folder)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
