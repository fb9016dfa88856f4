# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Both sides of a gateway, for the tests of gateways; no test by itself.

A recording upstream and a stub of the daemon, on unix sockets.  The stub
judges by a rule that needs no keys: what is tested is what gateways send on,
and what they do with an answer.
"""

import os
import re
import socket
import socketserver
import threading
import time
from typing import Callable, Optional

LIMIT = 20.0  # seconds until a condition is given up

Answer = Callable[[bytes], bytes]


class Peer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """An HTTP server that keeps each request that it got, head and body."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: str, answer: Answer) -> None:
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.answer = answer
        self.connections = 0
        self.gone = False
        self.open: set[socket.socket] = set()
        super().__init__(path, PeerConnection)
        os.chmod(path, 0o666)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def cut(self) -> None:
        """Ends all connections; new ones are welcome."""
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def leave(self) -> None:
        """As if the process had ended: nobody listens, nobody answers."""
        self.gone = True
        self.shutdown()
        self.server_close()


class PeerConnection(socketserver.StreamRequestHandler):
    server: Peer

    def body(self, head: bytes) -> bytes:
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if length:
            return self.rfile.read(int(length.group(1)))
        body = b""
        if re.search(rb"(?i)\r\ntransfer-encoding: *chunked", head):
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline() not in (b"\r\n", b""):
                pass
        return body

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.request)

    def finish(self) -> None:
        self.server.open.discard(self.request)
        super().finish()

    def handle(self) -> None:
        try:
            self.serve()
        except ConnectionError:
            pass  # the other side has gone

    def serve(self) -> None:
        self.server.connections += 1
        while True:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                line = self.rfile.readline()
                if not line:
                    return
                head += line
            if self.server.gone:
                return
            self.server.heads.append(head)
            try:
                self.server.bodies.append(self.body(head))
            except ValueError:  # it ended in the midst of a chunk
                return
            self.wfile.write(self.server.answer(head))
            if b"HTTP/1.1\r\n" not in head or \
                    re.search(rb"(?i)\r\nconnection: close", head):
                return


def header(head: bytes, name: str) -> Optional[str]:
    found = re.findall(rb"(?im)^" + re.escape(name.encode()) +
                       rb":[ \t]*(.*?)[ \t]*\r$", head)
    if len(found) > 1:
        raise AssertionError(f"{name} twice in {head!r}")
    return found[0].decode("latin-1") if found else None


def judge(head: bytes) -> bytes:
    """A stub: who has the token `good` may; hex digits become upper case."""
    target = header(head, "X-Original-URI") or ""
    method = header(head, "X-Original-Method")
    allowed = header(head, "Authorization") == "Bearer good" and \
        method != "DELETE" and ".." not in target.partition("?")[0] and \
        target.startswith("/")
    path = re.sub("%[0-9a-f]{2}", lambda m: m.group().upper(),
                  target.partition("?")[0])
    status = "200 OK" if allowed else "403 Forbidden"
    lines = [f"HTTP/1.1 {status}", "Content-Length: 0",
             f"X-PDP-Decision: {'allow' if allowed else 'deny'}",
             f"X-PDP-Reason: {'permitted' if allowed else 'no_grant'}"]
    if allowed:
        lines += [f"X-PDP-URI: {path}", "X-PDP-Account: judged",
                  "X-PDP-Principal: IBMid-ROBIN",
                  "X-PDP-AT-Action: container-registry.image.read"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def connect(path: str) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(LIMIT)
    try:
        client.connect(path)
    except OSError:
        client.close()
        raise
    return client


def exchange(path: str, request: bytes, first: bool = False) -> bytes:
    """The answer, to the end of the connection; or its first piece."""
    answer = b""
    with connect(path) as client:
        try:
            client.sendall(request)
            while piece := client.recv(65536):
                answer += piece
                if first:
                    break
        except ConnectionError:
            pass
    return answer


def wait_for(what: Callable[[], bool]) -> bool:
    limit = time.monotonic() + LIMIT
    while not what():
        if time.monotonic() > limit:
            return False
        time.sleep(0.01)
    return True
