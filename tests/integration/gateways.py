# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""The gateways of docs/examples as processes; no test by itself.

What runs is Debian's program with the files that are shipped: only paths and
addresses are replaced, and a replacement that finds nothing is an error.
Everything is below one folder, where `front` is the gateway's own socket
(TLS, as shipped), `daemon` the socket that it asks, and `upstream` the server
behind it.  Caddy alone listens on a loopback port: it knows no address of a
client of a unix socket, and then says nothing of it to the daemon, which
denies.

  srcdir      the source tree
"""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
from typing import Any, Optional

from pdpd_daemon import Client, until

EXAMPLES = os.path.join(os.environ.get("srcdir", "."), "docs/examples")


def replaced(name: str, *pairs: tuple[str, str]) -> str:
    """An example, with paths and addresses of a test."""
    with open(os.path.join(EXAMPLES, name), encoding="ascii") as file:
        text = file.read()
    for old, new in pairs:
        if old not in text:
            raise AssertionError(f"{name}: there is no {old!r}")
        text = text.replace(old, new)
    return text


class Gateway:
    program = ""
    listener = "authz.sock"  # of the daemon
    contract = ("X-Original-URI", "X-Original-Method")
    down = {500}             # what clients get when the daemon is no help
    audit = False            # whether it logs decisions

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.process: Optional[subprocess.Popen[bytes]] = None
        self.log = folder + "/gateway.log"
        self.front = folder + "/front"

    @classmethod
    def found(cls) -> bool:
        return shutil.which(cls.program) is not None

    @classmethod
    def account(cls) -> Optional[str]:
        """The user that it becomes, if it is started by root."""
        return None

    @classmethod
    def user(cls) -> int:
        """Who connects to the daemon."""
        name = cls.account()
        return pwd.getpwnam(name).pw_uid if name else os.getuid()

    def write(self, name: str, text: str) -> str:
        path = f"{self.folder}/{name}"
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def certificate(self) -> None:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
             "/CN=us.icr.io", "-keyout", self.folder + "/registry.key",
             "-out", self.folder + "/registry.crt"], check=True,
            stderr=subprocess.DEVNULL)

    def command(self) -> list[str]:
        """Writes the files; what starts the program."""
        raise NotImplementedError

    def start(self) -> None:
        self.certificate()
        command = self.command()
        environment = dict(os.environ, HOME=self.folder,
                           XDG_DATA_HOME=self.folder,
                           XDG_CONFIG_HOME=self.folder)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment)
        until(f"{self.program} to listen", self._listens)

    def _listens(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"{self.program} ended:\n{self.logged()}")
        try:
            Client(self.front).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
            self.process = None

    def logged(self) -> str:
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def decisions(self) -> list[dict[str, Any]]:
        """The lines of the audit trail since the last call, each JSON."""
        return []


class Nginx(Gateway):
    program = "nginx"
    audit = True

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.seen = 0

    @classmethod
    def account(cls) -> Optional[str]:
        return "www-data" if os.getuid() == 0 else None

    def command(self) -> list[str]:
        folder = self.folder
        # Where nginx keeps what it buffers is compiled in.
        paths = "".join(f"{name}_temp_path {folder}/{name};" for name in (
            "client_body", "proxy", "fastcgi", "scgi", "uwsgi"))
        main = self.write("nginx.conf", replaced(
            "nginx/nginx.conf", ("/run/nginx.pid", folder + "/pid"),
            ("/var/log/nginx/", folder + "/"),
            ("    server_tokens off;", "    server_tokens off;" + paths)))
        self.write("pdp.conf", replaced(
            "nginx/pdp.conf", ("/run/pdp/authz.sock", folder + "/daemon")))
        for name in ("pdp-server.conf", "pdp-forward.conf"):
            self.write(name, replaced("nginx/" + name))
        self.write("registry.conf", replaced(
            "nginx/registry.conf",
            ("listen 443", f"listen unix:{folder}/front"),
            ("127.0.0.1:5000", f"unix:{folder}/upstream"),
            ("/var/log/nginx/", folder + "/")))
        return ["nginx", "-p", folder, "-e", folder + "/error.log", "-c", main,
                "-g", "daemon off;"]

    def logged(self) -> str:
        text = super().logged()
        for name in ("error.log", "registry.json"):
            try:
                with open(f"{self.folder}/{name}", encoding="latin-1") as file:
                    text += file.read()
            except FileNotFoundError:
                continue
        return text

    def decisions(self) -> list[dict[str, Any]]:
        with open(self.folder + "/registry.json", "rb") as file:
            file.seek(self.seen)
            text = file.read()
        text = text[:text.rfind(b"\n") + 1]
        self.seen += len(text)
        # Bytes from 0x80 on are logged as they came.
        return [json.loads(line.decode("latin-1"))
                for line in text.splitlines()]


class Haproxy(Gateway):
    program = "haproxy"
    audit = True

    @classmethod
    def account(cls) -> Optional[str]:
        return "haproxy" if os.getuid() == 0 else None

    def command(self) -> list[str]:
        folder = self.folder
        self.syslog = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.syslog.bind(folder + "/syslog")
        os.chmod(folder + "/syslog", 0o666)  # HAProxy is another user
        self.syslog.setblocking(False)
        self.lines: list[str] = []
        for name in ("key", "crt"):
            with open(f"{folder}/registry.{name}", encoding="ascii") as part, \
                    open(folder + "/registry.pem", "a",
                         encoding="ascii") as whole:
                whole.write(part.read())
        self.write("pdp.lua", replaced(
            "haproxy/pdp.lua", ("/run/pdp/authz.sock", folder + "/daemon")))
        mine = [] if self.account() else [("    user haproxy\n", ""),
                                          ("    group haproxy\n", "")]
        main = self.write("haproxy.cfg", replaced(
            "haproxy/haproxy.cfg", *mine,
            ("/etc/haproxy/", folder + "/"),
            ("bind :443", f"bind unix@{folder}/front"),
            ("127.0.0.1:5000", f"unix@{folder}/upstream"),
            ("/dev/log", folder + "/syslog")))
        command = ["haproxy", "-f", main]
        subprocess.run([*command, "-c", "-q"], check=True)
        return command

    def stop(self) -> None:
        super().stop()
        self.syslog.close()

    def logged(self) -> str:
        return super().logged() + "\n".join(self.lines)

    def decisions(self) -> list[dict[str, Any]]:
        out = []
        while True:
            try:
                text = self.syslog.recv(65536).decode("latin-1")
            except BlockingIOError:
                return out
            self.lines.append(text)
            _, mark, entry = text.partition('{"id":')
            if mark:
                out.append({name: "" if value == "-" else value for name, value
                            in json.loads(mark + entry).items()})


class Caddy(Gateway):
    program = "caddy"
    listener = "forwarded.sock"
    contract = ("X-Forwarded-Uri", "X-Forwarded-Method")
    down = {502, 503, 504}

    def command(self) -> list[str]:
        folder = self.folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.front = f"127.0.0.1:{port}"
        # Certificates are not to be fetched, nor is anything to be managed.
        main = self.write(
            "Caddyfile", "{\n\tadmin off\n\tauto_https off\n\thttps_port "
            f"{port}\n}}\n" + replaced(
                "caddy/Caddyfile",
                ("us.icr.io {", "us.icr.io {\n\tbind 127.0.0.1\n"
                 f"\ttls {folder}/registry.crt {folder}/registry.key"),
                ("/run/pdp/forwarded.sock", folder + "/daemon"),
                ("127.0.0.1:5000", f"unix/{folder}/upstream")))
        return ["caddy", "run", "--adapter", "caddyfile", "--config", main]


ALL = (Nginx, Haproxy, Caddy)
