#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""The way in, as README.md tells it: its commands are run, on the files that
are shipped, below a folder in the place of the machine's own; then the daemon
and nginx run with these files.  And the trial run works as its head says.
Only paths, users and the URL of the keys are replaced.  See front.py.

What a machine has one of is not touched: for users, packages, services and
the like there are stubs, which note how they were called.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from typing import Any, Iterator

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from fetch_world import Server, send  # noqa: E402
from front import World, only, run_worlds  # noqa: E402
from gateways import EXAMPLES, Nginx, replaced  # noqa: E402
from pdpd import ACCOUNT, same  # noqa: E402
from pdpd_daemon import Daemon  # noqa: E402

README = os.path.join(EXAMPLES, "../../README.md")
INSTALLED = "/usr/local/share/doc/libpdp/examples"
STUBS = ("adduser", "apt-get", "curl", "journalctl", "ldconfig", "make",
         "nginx", "systemctl", "tail")
# Who reads images of the namespace birds, by the policy that is shipped.
READER = ("--iam-id", "IBMid-270004WA3B")
IMAGE = "/api/v1/images/us.icr.io%2Fbirds%2Fwoodpecker:green"


def commands() -> Iterator[str]:
    """What an operator types, in the order of README.md."""
    with open(README, encoding="utf-8") as file:
        part = file.read().split("### Behind nginx, step by step\n")[1]
    for found in re.finditer(r"(?m)^ {4,7}# ((?:.*\\\n)*.*)$",
                             part.split("\n## ")[0]):
        yield found.group(1)


def block() -> str:
    """The pdpd.yaml of README.md."""
    with open(README, encoding="utf-8") as file:
        return re.search(r"(?m)^    # /etc/pdp/pdpd\.yaml\n((?:    .*\n)+)",
                         file.read()).group(1).replace("\n    ", "\n")[4:]


class Machine(World):
    """What README.md makes, below the folder `root`."""

    def _daemon(self) -> Daemon:
        self.root = self.folder + "/root"
        self.server = Server(None)
        self.server.answers["/identity/keys"] = send(
            self.keys.jwks().encode("ascii"))
        for name in ("bin", "etc/nginx", "run/pdp", "run/pdp-fetch",
                     "var/lib/pdp-fetch", "usr/local/share/doc/libpdp"):
            os.makedirs(f"{self.root}/{name}")
        # As make install puts them: policies beside the folders.
        shutil.copytree(EXAMPLES, self.root + INSTALLED)
        for base, _, _ in os.walk(self.root):
            os.chmod(base, 0o755)
        shutil.copy(os.path.join(EXAMPLES, "../../policies/examples",
                                 "reader-one-namespace.json"),
                    self.root + INSTALLED)
        for name in STUBS:
            self._stub(name, "exit 0")
        self._stub("pdp-check", f"exec {os.environ['PDP_CHECK']} \"$@\"")
        self._stub("pdpd", f"exec {os.environ['PDPD']} \"$@\"")
        # The group pdp is there only after adduser.
        self._stub("install", 'for word; do shift; [ "$last" = -g ] || '
                   '[ "$word" = -g ] || set -- "$@" "$word"; last=$word; '
                   'done; exec /usr/bin/install "$@"')
        try:
            self._type()
        except BaseException:  # its thread would keep this process
            self.server.close()
            raise
        return Daemon(self.root + "/etc/pdp", self._config())

    def _stub(self, name: str, text: str) -> None:
        path = f"{self.root}/bin/{name}"
        with open(path, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\necho {name} \"$@\" >>{self.root}/calls\n"
                       f"last=\n{text}\n")
        os.chmod(path, 0o755)

    def _type(self) -> None:
        """All commands, in one shell; where the keys would come from, they
        do."""
        lines = []
        for command in commands():
            lines.append(re.sub(r"(?<![\w./])/(etc|run|usr|var)/",
                                self.root + r"/\1/", command))
            if "enable --now pdp-fetch" in command:
                lines.append(self.fetch())
        done = subprocess.run(
            ["sh", "-eux"], input="\n".join(lines).encode("ascii"), check=False,
            env=dict(os.environ, PATH=f"{self.root}/bin:/usr/bin:/bin"),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout.decode()

    def fetch(self) -> str:
        """Shell: what the unit of pdp-fetch does, once, with a server of
        this machine; and the files as they are, but for this machine."""
        with open(os.path.join(EXAMPLES, "../../tools/pdp-fetch",
                               "pdp-fetch.service.in"),
                  encoding="ascii") as file:
            unit = file.read().replace("\\\n", "")
        start = re.search(r"(?m)^ExecStart=@bindir@/pdp-fetch (.*)$", unit)
        edits = " ".join(f"-e 's|{old}|{new}|'" for old, new in self._edits())
        options = re.sub(r"(?<= )/", self.root + "/", start.group(1))
        return f"sed -i {edits} {self.root}/etc/pdp/*.yaml\n" \
            f"{os.environ['PDP_FETCH']} {options} --once"

    def _edits(self) -> list[tuple[str, str]]:
        uid, account = os.getuid(), self.gateway.account()
        peers = f"{self.gateway.user()}, {uid}" if account else str(uid)
        url = self.server.url("/identity/keys").replace("https:", "http:")
        return [(" /run/", f" {self.root}/run/"),
                (" /var/lib/", f" {self.root}/var/lib/"),
                ("owner: pdp-fetch", f"owner: {uid}"),
                (r"peers: \[www-data\]", f"peers: [{peers}]"),
                (r"peers: \[root\]", f"peers: [{uid}]"),
                ("url: https://.*", f"url: {url}"),
                *([] if account else [("group: www-data", "mode: \"0600\"")])]

    def _config(self) -> str:
        with open(self.root + "/etc/pdp/pdpd.yaml", encoding="ascii") as file:
            return file.read()

    @property
    def pdpd(self) -> str:
        return "root/run/pdp/authz.sock"

    def close(self) -> None:
        self.server.close()
        super().close()


class Trial(Nginx):
    """nginx.conf with trial.conf in the place of the two includes."""

    def write(self, name: str, text: str) -> str:
        if name == "nginx.conf":
            both = re.compile(r"include pdp\.conf;\s*include registry\.conf;")
            text, cnt = both.subn("include trial.conf;", text)
            same(cnt, 1, "the includes of nginx.conf")
        if name == "registry.conf":
            super().write("trial.conf", replaced(
                "nginx/trial.conf",
                ("/run/pdp/authz.sock", self.folder + "/daemon"),
                ("listen 443", f"listen unix:{self.folder}/front"),
                ("127.0.0.1:5000", f"unix:{self.folder}/upstream"),
                ("/var/log/nginx/", self.folder + "/")))
        return super().write(name, text)

    def decisions(self) -> list[dict[str, Any]]:
        name = self.folder + "/trial.json"
        if not os.path.exists(name):
            return []
        with open(name, "rb") as file:
            file.seek(self.seen)
            text = file.read()
        text = text[:text.rfind(b"\n") + 1]
        self.seen += len(text)
        return [json.loads(line) for line in text.splitlines()]


def check_nginx(world: World) -> None:
    """nginx -t, on the files that it runs with."""
    done = subprocess.run(
        ["nginx", "-t", "-p", world.folder, "-e", "stderr", "-c",
         world.folder + "/nginx.conf"], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False)
    same(done.returncode, 0, done.stdout.decode())


@only(Machine)
def test_step_by_step(world: Machine) -> None:
    """README.md: its commands, the first requests, the audit log."""
    with open(world.root + "/calls", encoding="ascii") as file:
        calls = [line.split() for line in file]
    for name in ("adduser", "apt-get", "systemctl", "nginx", "pdpd",
                 "pdp-check", "curl", "tail", "make"):
        assert [name] in [call[:1] for call in calls], f"no {name}: {calls}"
    same(sorted(os.listdir(world.root + "/etc/nginx")),
         sorted([*os.listdir(EXAMPLES + "/nginx"), "registry.crt",
                 "registry.key"]))
    check_nginx(world)
    same(world.ask("GET", IMAGE + "/json").status, 401)
    token = world.token(*READER)
    result = world.ask("GET", IMAGE + "/json?access_token=secret", token)
    same((result.status, len(result.heads)), (200, 1))
    same({name: result.trail[name] for name in (
        "decision", "reason", "at_action", "principal", "account", "path",
        "target")}, {
            "decision": "allow", "reason": "permitted",
            "at_action": "container-registry.image.inspect",
            "principal": READER[1], "account": ACCOUNT,
            "path": IMAGE + "/json", "target": IMAGE + "/json"})
    result = world.ask("DELETE", IMAGE, token)
    same((result.status, result.heads), (403, []))
    same((result.trail["reason"], result.trail["missing"]),
         ("no_grant", "container-registry.image.delete"))


@only(Machine)
def test_block_of_readme(world: Machine) -> None:
    """The short pdpd.yaml in README.md is one that pdpd takes."""
    folder = world.root + "/etc/pdp"
    text = block().replace("group: www-data, peers: [www-data]",
                           f"peers: [{os.getuid()}]")
    with open(folder + "/short.yaml", "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(folder + "/short.yaml", 0o600)
    done = subprocess.run(
        [os.environ["PDPD"], "--check", "--config", folder + "/short.yaml"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    same(done.returncode, 0, done.stdout.decode())


@only(Trial)
def test_trial(world: World) -> None:
    """The trial run: nginx takes it, everything passes, decisions are told."""
    check_nginx(world)
    for token, decision, reason in (
            (world.manager, "allow", "permitted"),
            (world.nobody, "deny", "no_grant"),
            (None, "deny", "token_missing")):
        result = world.ask("GET", "/api/v1/images?access_token=secret", token,
                           [("X-PDP-Norm-URI", "/spoofed")])
        same((result.status, len(result.heads)), (200, 1), reason)
        same(result.line()[1], "/api/v1/images?access_token=secret")
        same({name: result.trail[name] for name in (
            "decision", "reason", "target", "method")}, {
                "decision": decision, "reason": reason,
                "target": "/api/v1/images", "method": "GET"})


if __name__ == "__main__":
    sys.exit(run_worlds(globals(), [(Machine, Nginx), (World, Trial)]))
