# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""A real gateway, a real pdpd, a server that records, and a client that
sends bytes as they are; no test by itself.

    client --TLS--> gateway (the shipped example) --> upstream (records)
                       |
                       +--> daemon -> pdpd, or the tap, or a stub

`daemon` is a symbolic link, so that a test can say who answers there.  The
tap hands on to pdpd and keeps both what was asked and what was answered: that
is what was judged, whatever the gateway says about it.

Unix sockets in a new folder only; what is started here is ended by its
process.  Without a gateway, its part is skipped.

  PDPD, PDP_CHECK   the programs
  srcdir            the source tree
"""

import os
import shutil
import signal
import ssl
import sys
import tempfile
from typing import Any, Callable, NamedTuple, Optional, Sequence

from gateways import ALL, Gateway, Nginx
from pdpd import ACCOUNT, TRUST
from pdpd_daemon import Answer, Client, Daemon, Keys, run_cases, until
from peers import Peer, header

SKIP = 77
HOST = "us.icr.io"
CONFIG = """\
format: pdpd/1
listeners:
  - {name: nginx, contract: nginx, socket: authz.sock, peers: [PEERS]GROUP}
  - name: forwarded
    contract: forwarded
    socket: forwarded.sock
    peers: [PEERS]
  - {name: strange, contract: nginx, socket: strange.sock, peers: [4242]GROUP}
  - name: strange2
    contract: forwarded
    socket: strange2.sock
    peers: [4242]
trust: trust.yaml
workers: 2
metrics: {socket: metrics.sock, peers: [UID]}
log: {format: json, level: info}
"""
UPSTREAM = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup"
Headers = Sequence[tuple[str, str]]


class Judged(NamedTuple):
    """What the daemon was asked through the tap, and what it answered."""
    head: bytes
    reply: bytes

    @property
    def allowed(self) -> bool:
        return self.reply.startswith(b"HTTP/1.1 200 ")

    @property
    def path(self) -> Optional[str]:
        return header(self.reply, "X-PDP-URI")


class Result(NamedTuple):
    answer: Optional[Answer]
    heads: list[bytes]    # of the requests that the upstream got
    bodies: list[bytes]
    trail: dict[str, Any]  # the gateway's line about it, if it writes one

    @property
    def status(self) -> Optional[int]:
        return self.answer.status if self.answer else None

    def line(self) -> list[str]:
        return self.heads[0].split(b"\r\n")[0].decode("latin-1").split(" ")


class World:
    """One gateway and what belongs to it."""

    def __init__(self, gateway: type[Gateway]) -> None:
        self.folder = tempfile.mkdtemp()
        os.chmod(self.folder, 0o755)  # a worker of nginx is another user
        self.gateway = gateway(self.folder)
        self.keys = Keys(self.folder)
        self.daemon = self._daemon()
        self.upstream = Peer(self.folder + "/upstream", lambda head: UPSTREAM)
        self.judged: list[Judged] = []
        self.kept: Optional[Client] = None
        self.tap = Peer(self.folder + "/tap", self._relay)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.tls.check_hostname = False
        self.tls.verify_mode = ssl.CERT_NONE  # of the test's own server
        self.manager = self.token("--role", "Manager", "--action",
                                  "container-registry.config.read")
        self.nobody = self.token()

    def _daemon(self) -> Daemon:
        folder = self.folder + "/pdpd"
        os.mkdir(folder, 0o755)
        user = self.gateway.user()
        account = self.gateway.account()
        group = f", group: {account}" if account else ""
        own = str(os.getuid())
        daemon = Daemon(folder, CONFIG.replace(
            "PEERS", f"{user}, {own}" if group else own).replace(
                "UID", own).replace("GROUP", group))
        daemon.write("trust.yaml", TRUST)
        daemon.write("keys.json", self.keys.jwks())
        return daemon

    def token(self, *options: str) -> str:
        return self.keys.token("--account", ACCOUNT, *options)

    def start(self) -> None:
        self.daemon.start()
        # nginx writes down what was judged; others are listened to.
        self.link(self.pdpd if isinstance(self.gateway, Nginx) else "tap")
        self.gateway.start()

    def close(self) -> None:
        try:
            self.gateway.stop()
            self.daemon.__exit__()
        finally:
            shutil.rmtree(self.folder)

    # Who answers where the gateway asks.

    @property
    def pdpd(self) -> str:
        return "pdpd/" + self.gateway.listener

    def link(self, target: str) -> None:
        os.symlink(target, self.folder + "/daemon.new")
        os.rename(self.folder + "/daemon.new", self.folder + "/daemon")

    def ask_at(self, target: str) -> None:
        """As link(); connections that the gateway kept are gone, too."""
        self.link(target)
        self.tap.cut()
        self.restart()

    def restart(self) -> None:
        self.kill()
        self.daemon.start()

    def kill(self) -> None:
        if self.daemon.process is not None:
            self.daemon.signal(signal.SIGKILL)
            self.daemon.wait()
            # The next "ready" in it is that of the next one.
            os.rename(self.daemon.log, self.daemon.log + ".old")

    def _relay(self, head: bytes) -> bytes:
        with self.daemon.connect(self.gateway.listener) as client:
            client.send(head)
            while b"\r\n\r\n" not in client.rest and client.more():
                pass
            self.judged.append(Judged(head, client.rest))
            return client.rest

    # The client.

    def connect(self) -> Client:
        return Client(self.gateway.front, lambda plain:
                      self.tls.wrap_socket(plain, server_hostname=HOST))

    def raw(self, data: bytes, keep: bool = False) -> Result:
        """Sends it on a new connection, or on one that is kept for this;
        waits for one answer, and for its line in the audit trail."""
        self.forget()
        client = keep and self.kept or self.connect()
        self.kept = None
        answer = None
        try:
            client.send(data)
            answer = client.read()
            while answer and answer.status in range(100, 200):
                answer = client.read()
        except OSError:  # also of TLS: closed while it was sent
            pass
        if keep and answer and answer.get("Connection") != "close":
            self.kept = client
        else:
            client.close()
        return Result(answer, list(self.upstream.heads),
                      list(self.upstream.bodies), self._trail())

    def _trail(self) -> dict[str, Any]:
        if not self.gateway.audit:
            return {}
        lines: list[dict[str, Any]] = []

        def complete() -> bool:
            lines.extend(self.gateway.decisions())
            return bool(lines)
        # It follows the answer at once.
        until("a line in the audit trail", complete, 0.0002)
        return lines[-1]  # before it: of others, if a test has some

    def ask(self, method: str, target: str, token: Optional[str] = None,
            more: Headers = (), body: Optional[bytes] = None) -> Result:
        return self.raw(request(method, target, token, more, body))

    def forget(self) -> None:
        self.upstream.heads.clear()
        self.upstream.bodies.clear()
        self.judged.clear()
        self.gateway.decisions()

    def logs(self) -> str:
        text = self.gateway.logged() + self.daemon.logged()
        if os.path.exists(self.daemon.log + ".old"):
            with open(self.daemon.log + ".old", encoding="ascii") as old:
                text += old.read()
        return text


def request(method: str, target: str, token: Optional[str] = None,
            more: Headers = (), body: Optional[bytes] = None,
            connection: str = "close") -> bytes:
    lines = [f"{method} {target} HTTP/1.1", f"Host: {HOST}"]
    if connection:
        lines.append(f"Connection: {connection}")
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    lines += [f"{name}: {value}" for name, value in more]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body or b"")


Case = Callable[[World], None]


def needs(program: str) -> Callable[[Case], Case]:
    """Marks a case that is skipped where a program is missing."""
    def mark(case: Case) -> Case:
        case.needs = program  # type: ignore[attr-defined]
        return case
    return mark


def only(kind: type) -> Callable[[Case], Case]:
    """Marks a case that is about one gateway, or one kind of world."""
    def mark(case: Case) -> Case:
        case.only = kind  # type: ignore[attr-defined]
        return case
    return mark


def run(cases: dict[str, Any], ready: Callable[[], Optional[str]] =
        lambda: None) -> int:
    """The cases of a script, with each gateway; the exit status.  ready()
    says what is missing."""
    missing = ready()
    if missing is not None:
        print(missing)
        return SKIP
    skipped = 0
    for name, case in list(cases.items()):
        program = getattr(case, "needs", None)
        if program is not None and shutil.which(program) is None:
            print(f"{program} is not there, so {name} is left out: "
                  f"sh bootstrap.sh packages {program}")
            skipped += 1
            del cases[name]
    programs = {gateway.program for gateway in ALL}
    chosen = programs.intersection(sys.argv) or programs
    sys.argv = [word for word in sys.argv if word not in programs]
    status = run_worlds(cases, [(World, gateway) for gateway in ALL
                                if gateway.program in chosen])
    return SKIP if status == 0 and skipped else status


def run_worlds(cases: dict[str, Any],
               worlds: Sequence[tuple[type[World], type[Gateway]]]) -> int:
    failed = skipped = 0
    for kind, gateway in worlds:
        mine = {name: case for name, case in cases.items() if issubclass(
            kind, getattr(case, "only", object)) or issubclass(
                gateway, getattr(case, "only", object))}
        if sys.argv[1:] and not mine.keys() & set(sys.argv):
            continue
        if not gateway.found():
            print(f"{gateway.program} is not there: sh bootstrap.sh packages "
                  f"{gateway.program}")
            skipped += 1
            continue
        print(f"# {gateway.program}")
        world = kind(gateway)
        try:
            world.start()
            failed += run_cases(mine, world, lambda world=world: print(
                world.logs()[-3000:]))
        finally:
            world.close()
    return 1 if failed else SKIP if skipped else 0
