#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Variables: PDP_FETCH, PDP_CHECK (the programs).
"""What the tests of pdp-fetch share: servers, certificates, the program.

fetch.py and fetch_daemon.py import this; it tests nothing.
"""

import contextlib
import http.server
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator

FETCH = os.environ["PDP_FETCH"]
CHECK = os.environ["PDP_CHECK"]
ISSUER = "https://iam.cloud.ibm.com/identity"
# XXH3 of 64 bits of ISSUER, which Python lacks.
REQUEST = "refetch-f91350fe5df0f10e"
LIMIT_SEC = 120.0

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


def wait_for(what: str, condition: Callable[[], object]) -> None:
    end = time.monotonic() + LIMIT_SEC
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for: {what}")
        time.sleep(0.02)


def equal(got: object, want: object, what: str = "") -> None:
    if got != want:
        raise AssertionError(f"{what}: {got!r}, not {want!r}")


class Server:
    """A server whose answers are set by the case."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        outer = self
        self.answers: dict[str, Answer] = {}
        self.seen: list[tuple[str, str | None]] = []  # path, If-None-Match
        self.connections = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def setup(self) -> None:
                outer.connections += 1
                self.timeout = 30
                if context:
                    self.request = context.wrap_socket(self.request,
                                                       server_side=True)
                super().setup()

            def do_GET(self) -> None:
                outer.seen.append((self.path, self.headers["If-None-Match"]))
                self.close_connection = True
                answer = outer.answers.get(self.path, status(404))
                with contextlib.suppress(OSError):
                    answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # a client that gives up, as many here must

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        self.thread = threading.Thread(target=self.http.serve_forever,
                                       kwargs={"poll_interval": 0.02})
        self.thread.start()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"https://{host}:{self.port}{path}"

    def hits(self, path: str) -> int:
        return sum(1 for seen, _ in self.seen if seen == path)

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


def send(body: bytes, code: int = 200, **headers: str) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    return answer


def status(code: int, **headers: str) -> Answer:
    return send(b"", code, **headers)


def tagged(body: bytes, etag: str) -> Answer:
    """200 with an etag, or 304 for who has it."""
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        if handler.headers["If-None-Match"] == etag:
            status(304, ETag=etag)(handler)
        else:
            send(body, ETag=etag)(handler)
    return answer


def raw(text: bytes, *rest: bytes, pause: float = 0.0) -> Answer:
    """Bytes as they are, in pieces; then the connection is cut."""
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        for piece in (text, *rest):
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(pause)
    return answer


def hang(handler: http.server.BaseHTTPRequestHandler) -> None:
    """Says nothing until the client goes."""
    handler.connection.recv(1)


class Pki:
    """An authority, and certificates of it and of nobody."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.issue("ca", "/CN=test authority", None,
                   "basicConstraints=critical,CA:TRUE")
        self.issue("good", "/CN=keys", "ca",
                   "subjectAltName=IP:127.0.0.1,DNS:localhost")
        self.issue("other", "/CN=other", "ca",
                   "subjectAltName=DNS:other.example")
        # The name where it counted once, and counts no more (RFC 9110 4.3.4).
        self.issue("named", "/CN=127.0.0.1", "ca",
                   "subjectAltName=DNS:other.example")
        self.issue("expired", "/CN=keys", "ca",
                   "subjectAltName=IP:127.0.0.1", days=-1)
        self.issue("self", "/CN=keys", None, "subjectAltName=IP:127.0.0.1")
        self.ca = str(folder / "ca.pem")

    def issue(self, name: str, subject: str, ca: str | None, extension: str,
              days: int = 2) -> None:
        def openssl(*arguments: str) -> None:
            subprocess.run(["openssl", *arguments], cwd=self.folder,
                           check=True, capture_output=True)
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
               "-nodes", "-keyout", f"{name}.key", "-subj", subject]
        if ca is None:
            openssl("req", "-x509", *key, "-out", f"{name}.pem", "-days",
                    str(days), "-addext", extension)
            return
        (self.folder / f"{name}.ext").write_text(extension + "\n",
                                                 encoding="ascii")
        openssl("req", *key, "-out", f"{name}.csr")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem",
                "-CAkey", f"{ca}.key", "-CAcreateserial", "-out",
                f"{name}.pem", "-days", str(days), "-extfile", f"{name}.ext")

    def context(self, name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.pem",
                                self.folder / f"{name}.key")
        return context


class World:
    """What a case has: a folder of its own, servers, sets, the program."""

    def __init__(self, folder: pathlib.Path, pki: Pki,
                 sets: list[bytes]) -> None:
        self.folder = folder
        self.pki = pki
        self.sets = sets
        self.servers: list[Server] = []
        self.daemons: list[subprocess.Popen[str]] = []
        self.file = folder / "ibm.jwks.json"
        self.state_file = folder / "pdp-fetch.state.json"
        self.run_dir = folder / "run"
        self.run_dir.mkdir()

    def server(self, certificate: str = "good",
               context: ssl.SSLContext | None = None) -> Server:
        server = Server(context or self.pki.context(certificate))
        self.servers.append(server)
        return server

    def trust(self, url: str, *more: dict[str, object]) -> None:
        issuers = [{"issuer": ISSUER,
                    "keys": {"file": self.file.name, "url": url}}, *more]
        self.write_trust(json.dumps({"format": "pdp-trust/1",
                                     "issuers": issuers}))

    def write_trust(self, text: str) -> None:
        (self.folder / "trust.json").write_text(text, encoding="ascii")

    def command(self, *options: str) -> list[str]:
        return [FETCH, "--trust", str(self.folder / "trust.json"),
                "--ca-file", self.pki.ca, *options]

    def once(self, want: int, *options: str, **more: object) -> str:
        done = subprocess.run(self.command("--once", *options), check=False,
                              capture_output=True, text=True,
                              timeout=LIMIT_SEC, **more)  # type: ignore
        equal(done.returncode, want, f"exit status ({done.stderr})")
        return done.stderr

    def start(self, *options: str) -> "subprocess.Popen[str]":
        with open(self.folder / "log", "a", encoding="ascii") as log:
            daemon = subprocess.Popen(
                self.command("--run-dir", str(self.run_dir), *options),
                stdin=subprocess.DEVNULL, stderr=log, text=True)
        self.daemons.append(daemon)
        return daemon

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="ascii")

    def rows(self) -> list[dict[str, object]]:
        document = json.loads(self.state_file.read_text(encoding="ascii"))
        equal(document["format"], "pdp-keystate/1")
        return document["sets"]

    def row(self) -> dict[str, object]:
        return self.rows()[0]

    def ask(self, times: int = 1) -> None:
        """What a reader does that met an unknown key."""
        for _ in range(times):
            os.close(os.open(self.run_dir / REQUEST,
                             os.O_WRONLY | os.O_CREAT, 0o660))

    def leftovers(self) -> list[str]:
        return [path.name for path in self.folder.iterdir()
                if path.name.endswith(".new")]

    def close(self) -> None:
        for daemon in self.daemons:
            if daemon.poll() is None:
                daemon.kill()
            daemon.wait()
        for server in self.servers:
            server.close()


def make_sets(folder: pathlib.Path) -> list[bytes]:
    sets = []
    for name in ("a", "b"):
        subprocess.run([CHECK, "keygen", "--kid", name, "--private",
                        f"{name}.pem", "--jwks", f"{name}.json"], cwd=folder,
                       check=True, capture_output=True)
        sets.append((folder / f"{name}.json").read_bytes())
    return sets


@contextlib.contextmanager
def scratch() -> Iterator[pathlib.Path]:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pdp-fetch."))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def run(case: Callable[[World], None], folder: pathlib.Path, pki: Pki,
        sets: list[bytes]) -> bool:
    folder.mkdir()
    world = World(folder, pki, sets)
    try:
        case(world)
        print(f"ok {case.__name__}", flush=True)
        return True
    except Exception as error:  # pylint: disable=broad-except
        print(f"not ok {case.__name__}: {type(error).__name__}: {error}",
              flush=True)
        return False
    finally:
        world.close()


def main(cases: list[Callable[[World], None]]) -> int:
    if not shutil.which("openssl"):
        print("openssl is not there; install openssl")
        return 77
    wanted = sys.argv[1:] or [""]
    cases = [case for case in cases
             if any(part in case.__name__ for part in wanted)]
    # Whoever ends this early shall not leave servers and daemons behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with scratch() as folder:
        (folder / "pki").mkdir()
        pki = Pki(folder / "pki")
        sets = make_sets(folder)
        results = [run(case, folder / case.__name__, pki, sets)
                   for case in cases]
    print(f"{results.count(True)} of {len(results)} cases")
    return 0 if results and all(results) else 1
