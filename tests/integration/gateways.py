#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""The examples for HAProxy and Caddy, with Debian's own, do what they say.

A denial, a daemon that is down, talks nonsense or does not say what it
judged: the upstream gets nothing.  An allow: it gets the path that was
judged, and no header that somebody could take for another one (T10, T25).

Unix sockets in a new directory; what is started here is ended by its process.
A program that is not there is skipped; if neither is, so is the test.

  srcdir      the source tree
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import Callable

sys.dont_write_bytecode = True

from peers import LIMIT, Peer, connect, exchange, header, judge  # noqa: E402

SKIP = 77

GET = b"GET %s HTTP/1.1\r\nHost: r\r\nConnection: close\r\n" \
    b"Authorization: Bearer %s\r\n%s\r\n"
SPOOFED = ("X-Original-Method", "X-Original-URI", "X-Original-URL",
           "X-Rewrite-URL", "X-Forwarded-Method", "X-Forwarded-Uri",
           "X-Forwarded-Prefix", "Forwarded", "X-HTTP-Method",
           "X-HTTP-Method-Override", "X-Method-Override", "X-PDP-Account",
           "X-PDP-URI", "X-PDP-Principal")
NONSENSE = (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
            b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
            b"garbage\r\n\r\n", b"")


def read(*path: str) -> str:
    with open(os.path.join(os.environ.get("srcdir", "."), "docs/examples",
                           *path), encoding="ascii") as file:
        return file.read()


def write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def haproxy(folder: str) -> list[str]:
    write(folder + "/pdp.lua", read("haproxy", "pdp.lua").replace(
        "/run/pdp/authz.sock", folder + "/daemon"))
    text = read("haproxy", "haproxy.cfg")
    for old, new in (
            ("/etc/haproxy/pdp.lua", folder + "/pdp.lua"),
            (":443 ssl crt /etc/haproxy/registry.pem alpn h2,http/1.1",
             f"unix@{folder}/front"),
            ("127.0.0.1:5000", f"unix@{folder}/upstream"),
            ("    log /dev/log local0\n", "")):
        if old not in text:
            raise AssertionError(f"haproxy.cfg: no {old!r}")
        text = text.replace(old, new)
    write(folder + "/haproxy.cfg", text)
    command = ["haproxy", "-f", folder + "/haproxy.cfg"]
    subprocess.run([*command, "-c", "-q"], check=True)
    return command


def caddy(folder: str) -> list[str]:
    text = read("caddy", "Caddyfile")
    for old, new in (("us.icr.io {", f"http:// {{\n\tbind unix/{folder}/front"),
                     ("/run/pdp/forwarded.sock", folder + "/daemon"),
                     ("127.0.0.1:5000", f"unix/{folder}/upstream")):
        if old not in text:
            raise AssertionError(f"Caddyfile: no {old!r}")
        text = text.replace(old, new)
    write(folder + "/Caddyfile", "{\n\tadmin off\n\tauto_https off\n"
          "}\n" + text)
    return ["caddy", "run", "--adapter", "caddyfile", "--config",
            folder + "/Caddyfile"]


def forwarded(head: bytes) -> bytes:
    """The stub for the contract `forwarded`."""
    for name in ("Method", "Uri"):
        if header(head, f"X-Forwarded-{name}") is None:
            return b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"
    lines = [line for line in head.split(b"\r\n")
             if not line.lower().startswith(b"x-original")]
    return judge(b"\r\n".join(lines)
                 .replace(b"X-Forwarded-Method", b"X-Original-Method")
                 .replace(b"X-Forwarded-Uri", b"X-Original-URI"))


def check(name: str, front: str, upstream: Peer, daemon: Peer) -> None:
    def ask(request: bytes) -> bytes:
        upstream.heads.clear()
        daemon.heads.clear()
        return exchange(front, request)

    answer = ask(GET % (b"/a", b"bad", b""))
    if upstream.heads or not answer.startswith(b"HTTP/1.1 403 "):
        raise AssertionError(f"denied: {answer!r} {upstream.heads}")
    spoofed = "".join(f"{name}: /spoofed\r\n" for name in SPOOFED).encode()
    answer = ask(GET % (b"/a%2fb?q=%2f", b"good", b"Account: client\r\n" +
                        spoofed))
    if len(upstream.heads) != 1 or not answer.startswith(b"HTTP/1.1 200 "):
        raise AssertionError(f"allowed: {answer!r} {daemon.heads}")
    head = upstream.heads[0]
    # Caddy sends on the client's own spelling.
    path = "/a%2Fb" if name == "haproxy" else "/a%2fb"
    if not head.startswith(f"GET {path}?q=%2f HTTP/1.".encode()):
        raise AssertionError(f"{head!r}")
    if b"spoofed" in head or header(head, "Account") != "judged":
        raise AssertionError(f"{head!r}")
    if header(daemon.heads[0], "X-HTTP-Method-Override") != "/spoofed" or \
            header(daemon.heads[0], "Account") != "client":
        raise AssertionError(f"{daemon.heads}")
    keep = daemon.answer
    silent = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    wrong = (*NONSENSE, silent) if name == "haproxy" else NONSENSE
    for nonsense in wrong:
        daemon.answer = lambda head, nonsense=nonsense: nonsense
        answer = ask(GET % (b"/a", b"good", b""))
        if upstream.heads or answer.startswith(b"HTTP/1.1 2"):
            raise AssertionError(f"{nonsense!r}: {answer!r}")
    daemon.answer = keep
    if name == "haproxy":
        # HAProxy would send on the authority of an absolute target.
        answer = ask(GET % (b"http://r/a", b"good", b""))
        if upstream.heads:
            raise AssertionError(f"absolute form: {upstream.heads}")
    daemon.leave()
    answer = ask(GET % (b"/a", b"good", b""))
    if upstream.heads or not answer.startswith(b"HTTP/1.1 50"):
        raise AssertionError(f"daemon down: {answer!r} {upstream.heads}")


def run(name: str, command_of: Callable[[str], list[str]],
        answer: Callable[[bytes], bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        upstream = Peer(folder + "/upstream", lambda head:
                        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup")
        daemon = Peer(folder + "/daemon", answer)
        environment = dict(os.environ, HOME=folder, XDG_DATA_HOME=folder,
                           XDG_CONFIG_HOME=folder)
        with open(folder + "/log", "w+", encoding="utf-8") as log:
            process = subprocess.Popen(command_of(folder), stdout=log,
                                       stderr=log, env=environment)
            try:
                limit = time.monotonic() + LIMIT
                while True:
                    try:
                        connect(folder + "/front").close()
                        break
                    except OSError:
                        if process.poll() is not None or \
                                time.monotonic() > limit:
                            log.seek(0)
                            raise AssertionError(log.read()) from None
                        time.sleep(0.05)
                check(name, folder + "/front", upstream, daemon)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait()


def main() -> int:
    status = SKIP
    for name, command_of, answer in (("haproxy", haproxy, judge),
                                     ("caddy", caddy, forwarded)):
        if shutil.which(name) is None:
            print(f"# {name} is not there; install {name}")
            continue
        status = 0 if status == SKIP else status
        try:
            run(name, command_of, answer)
            print(f"ok {name}")
        except AssertionError as error:
            print(f"not ok {name}: {error}")
            status = 1
    return status


sys.exit(main())
