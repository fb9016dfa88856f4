# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Variables: PDPD and PDP_CHECK, the programs; srcdir, the source folder.
# (LISTEN_PID and LISTEN_FDS, NOTIFY_SOCKET, WATCHDOG_USEC are set here, as
# systemd would.)
"""A real pdpd in a scratch folder, and a client that sends bytes as they are.

    with Daemon(folder, config) as daemon:
        answer = daemon.ask("nginx.sock", "GET", "/api/v1/images", token)

The client is a plain socket: no library repairs, reorders or refuses what a
test wants to send.  Waiting is for a condition, never for a time.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any, Callable, Optional

LIMIT_SEC = 60.0


def until(what: str, condition: Callable[[], bool],
          pause_sec: float = 0.01) -> None:
    end = time.monotonic() + LIMIT_SEC
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {LIMIT_SEC} s for {what}")
        time.sleep(pause_sec)


def run_cases(functions: dict[str, Any], world: Any,
              tell: Callable[[], None]) -> int:
    """Runs the test_ functions, or those named on the command line, on the
    world; how many failed.  tell() prints what helps after each failure."""
    names = sys.argv[1:]
    cases = {name: case for name, case in functions.items()
             if name.startswith("test_") and (not names or name in names)}
    assert cases, "no such case"
    failed = []
    for name, case in cases.items():
        try:
            case(world)
            print(f"ok {name}", flush=True)
        except Exception as error:  # one case must not hide the others
            failed.append(f"FAILED {name}: {type(error).__name__}: {error}")
            print(failed[-1])
            tell()
    # Again: the end of a long log is what people see first.
    print("".join(line + "\n" for line in failed), end="", flush=True)
    return len(failed)


class Answer:
    def __init__(self, status: int, headers: list[tuple[str, str]],
                 body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def all(self, name: str) -> list[str]:
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def get(self, name: str) -> Optional[str]:
        values = self.all(name)
        assert len(values) <= 1, f"{name} is there {len(values)} times"
        return values[0] if values else None

    @property
    def reason(self) -> Optional[str]:
        return self.get("X-PDP-Reason")


class Client:
    """One connection; with a wrap, such as TLS, around its socket."""

    def __init__(self, where: str, wrap: Callable[
            [socket.socket], socket.socket] = lambda plain: plain) -> None:
        if where.startswith("127."):
            host, port = where.split(":")
            self.sock = socket.create_connection((host, int(port)))
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(where)
        self.sock.settimeout(LIMIT_SEC)
        self.sock = wrap(self.sock)
        self.rest = b""

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def more(self) -> bool:
        try:
            data = self.sock.recv(65536)
        except ConnectionError:
            return False
        self.rest += data
        return bool(data)

    def read(self) -> Optional[Answer]:
        """The next answer; None: the connection was closed without one."""
        while b"\r\n\r\n" not in self.rest:
            if not self.more():
                assert self.rest == b"", self.rest
                return None
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("ascii").split("\r\n")
        version, status, _ = lines[0].split(" ", 2)
        assert version.startswith("HTTP/1."), lines[0]
        headers = []
        for line in lines[1:]:
            name, value = line.split(":", 1)
            headers.append((name, value.strip()))
        answer = Answer(int(status), headers, b"")
        length = int(answer.get("Content-Length") or 0)
        while len(self.rest) < length and self.more():
            pass
        answer.body, self.rest = self.rest[:length], self.rest[length:]
        return answer

    def closed(self) -> bool:
        """Waits for the other side to close; nothing more must come."""
        more = self.more()
        assert self.rest == b"", self.rest
        return not more

    def close(self) -> None:
        self.sock.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def request(headers: list[tuple[str, str]], line: str = "GET /_pdp HTTP/1.1",
            host: Optional[str] = "us.icr.io") -> bytes:
    lines = [line]
    if host is not None:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def nginx(method: str, target: str, token: Optional[str] = None,
          more: Optional[list[tuple[str, str]]] = None,
          host: str = "us.icr.io") -> bytes:
    """What nginx sends with the reference configuration."""
    headers = [("X-Original-Method", method), ("X-Original-URI", target),
               ("X-Real-IP", "192.0.2.7"), ("X-Request-ID", "0badc0de")]
    if token is not None:
        headers.append(("Authorization", f"Bearer {token}"))
    return request(headers + (more or []), host=host)


class Daemon:
    def __init__(self, folder: str, config: str,
                 environment: Optional[dict[str, str]] = None) -> None:
        self.folder = folder
        self.config = os.path.join(folder, "pdpd.yaml")
        self.log = os.path.join(folder, "log")
        self.write("pdpd.yaml", config)
        self.environment = dict(os.environ, **(environment or {}))
        self.process: Optional[subprocess.Popen[bytes]] = None

    def path(self, name: str) -> str:
        return name if name.startswith("127.") else os.path.join(
            self.folder, name)

    def write(self, name: str, text: str) -> None:
        """Replaces a file in one step, as an operator should."""
        path = os.path.join(self.folder, name)
        with open(path + ".new", "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(path + ".new", 0o600)
        os.rename(path + ".new", path)

    def start(self) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [os.environ["PDPD"], "--config", self.config], stderr=log,
                stdin=subprocess.DEVNULL, env=self.environment)
        until("the daemon to be ready", self._ready)

    def _ready(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError("pdpd ended:\n" + self.logged())
        return '"event":"ready"' in self.logged()

    def logged(self) -> str:
        with open(self.log, encoding="ascii") as log:
            return log.read()

    def count(self, text: str) -> int:
        return self.logged().count(text)

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def freeze(self) -> None:
        """SIGSTOP; returns when no thread of it runs any more, as kill()
        alone does not."""
        assert self.process is not None
        self.signal(signal.SIGSTOP)
        _, status = os.waitpid(self.process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), f"ended instead: {status:#x}"

    def wait(self) -> int:
        assert self.process is not None
        status = self.process.wait(LIMIT_SEC)
        self.process = None
        return status

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        return self.wait()

    def __enter__(self) -> "Daemon":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def connect(self, name: str) -> Client:
        return Client(self.path(name))

    def raw(self, name: str, data: bytes) -> Optional[Answer]:
        with self.connect(name) as client:
            client.send(data)
            return client.read()

    def ask(self, name: str, method: str, target: str,
            token: Optional[str] = None,
            more: Optional[list[tuple[str, str]]] = None) -> Answer:
        answer = self.raw(name, nginx(method, target, token, more))
        assert answer is not None, "closed without an answer"
        return answer

    def metric(self, name: str) -> float:
        answer = self.raw("metrics.sock",
                          request([], "GET /metrics HTTP/1.1", "metrics"))
        assert answer is not None and answer.status == 200
        for line in answer.body.decode("ascii").splitlines():
            if line.startswith(name + " "):
                return float(line.rsplit(" ", 1)[1])
        raise AssertionError(f"no metric {name}")


class Keys:
    """Development keys, and tokens of them."""

    def __init__(self, folder: str, name: str = "dev") -> None:
        self.folder = folder
        self.name = name
        subprocess.run(
            [os.environ["PDP_CHECK"], "keygen", "--kid", name, "--alg",
             "RS256", "--private", self._file("pem"), "--jwks",
             self._file("json")], check=True, stdout=subprocess.DEVNULL)
        os.chmod(self._file("json"), 0o600)

    def _file(self, suffix: str) -> str:
        return os.path.join(self.folder, f"{self.name}.{suffix}")

    def jwks(self) -> str:
        with open(self._file("json"), encoding="ascii") as text:
            return text.read()

    def token(self, *options: str) -> str:
        done = subprocess.run(
            [os.environ["PDP_CHECK"], "token", "--key", self._file("pem"),
             "--kid", self.name, *options], check=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return done.stdout.decode("ascii").strip()
