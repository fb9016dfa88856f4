#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Variables: PDPD and PDP_CHECK, the programs; srcdir, the source folder.
"""Files that the daemon must not load: at start it does not start, in a reload
the generation before stays.

Each function test_* is one case with daemons of its own; `pdpd_files.py
NAME...` runs only those.
"""

import functools
import json
import os
import subprocess
import sys
from typing import Any, Callable

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from pdpd_daemon import Daemon, until  # noqa: E402
from pdpd_life import (  # noqa: E402
    CONFIG, MANAGER, READER, TRUST, World, main, same)
from pdpd_watch import SANITIZED  # noqa: E402

SOURCE = os.path.abspath(os.environ.get("srcdir", "."))
FILES = ("policies/one.json", "service.json", "keys.json", "trust.json",
         "pdpd.yaml")


def fails(daemon: Daemon, *words: str) -> str:
    """The daemon does not start: 2, findings, and no socket."""
    done = subprocess.run([os.environ["PDPD"], "--config", daemon.config],
                          stderr=subprocess.PIPE, timeout=60)
    text = done.stderr.decode("ascii")
    same(done.returncode, 2, text)
    for word in words:
        assert word in text, f"{word!r} is not in:\n{text}"
    for name in os.listdir(daemon.folder):
        assert not name.endswith(".sock"), name
    return text


def text_faults(daemon: Daemon, name: str) -> dict[str, Callable[[], None]]:
    """What can be wrong with the content of a file; each spoils it."""
    with open(daemon.path(name), encoding="utf-8") as file:
        text = file.read()
    return {what: functools.partial(daemon.write, name, broken)
            for what, broken in {
                "no syntax": "{]", "empty": "", "blank": "\n",
                "cut in half": text[:len(text) // 2],
                "cut at the end": text.rstrip()[:-1]
                if name != "pdpd.yaml" else text[:text.index("policies")] +
                "polic",
                "wrong type": "7", "empty object": "{}", "null": "null",
                "NUL": text + "\0", "twice": text + text}.items()}


def owner_faults(daemon: Daemon, name: str) -> dict[str, Callable[[], None]]:
    """Who else could have written a file; each makes it so."""
    path = daemon.path(name)
    mode = functools.partial(os.chmod, path)
    faults: dict[str, Callable[[], None]] = {
        "world-writable": functools.partial(mode, 0o602),
        "group-writable": functools.partial(mode, 0o660)}
    if os.getuid() == 0:
        faults["other owner"] = functools.partial(os.chown, path, 4242, -1)
    return faults


def own_service(world: World) -> Daemon:
    """A daemon whose routes come from a file, too."""
    daemon = world.make(CONFIG + "services: [{definition: service.json}]\n")
    with open(f"{SOURCE}/policies/container-registry.json",
              encoding="utf-8") as file:
        daemon.write("service.json", file.read())
    return daemon


def test_t17_no_broken_file_at_start(world: World) -> None:
    """Policies, routes, keys and the rest: nothing is started."""
    for name in FILES:
        daemon = own_service(world)
        with open(daemon.path(name), encoding="utf-8") as file:
            good = file.read()
        for faults in (text_faults(daemon, name), owner_faults(daemon, name)):
            for what, spoil in faults.items():
                spoil()
                text = fails(daemon)
                assert name in text, f"{name} {what} is not told:\n{text}"
                os.unlink(daemon.path(name))
                daemon.write(name, good)
        daemon.start()
        same(world.reason(daemon), "no_grant", name)
        same(daemon.stop(), 0)


def spoiled_reload(world: World, daemon: Daemon, name: str, what: str,
                   spoil: Callable[[], None]) -> None:
    with open(daemon.path(name), encoding="utf-8") as file:
        good = file.read()
    what = f"{name} {what}"
    generation = daemon.metric("pdpd_generation")
    told = daemon.count('"event":"reload_failed"')
    spoil()
    until(f"the failure: {what}",
          lambda: daemon.metric("pdpd_reload_failed") == 1)
    same(world.reason(daemon), "no_grant", what)
    same(daemon.metric("pdpd_generation"), generation, what)
    daemon.write(name, good)
    until(f"the end of it: {what}",
          lambda: daemon.metric("pdpd_reload_failed") == 0)
    same(daemon.count('"event":"reload_failed"'), told + 1, what)
    same(world.reason(daemon), "no_grant", what)


def test_t17_no_broken_file_in_reloads(world: World) -> None:
    """The generation before stays, told once; a good file ends it.  A daemon
    for each file, since the log is limited."""
    for name in FILES:
        with own_service(world) as daemon:
            for faults in (text_faults(daemon, name),
                           owner_faults(daemon, name)):
                for what, spoil in faults.items():
                    spoiled_reload(world, daemon, name, what, spoil)


def test_t17_broken_policies_in_reloads(world: World) -> None:
    """D11, D12: the old generation stays; told once, with its place."""
    with world.make() as daemon:
        for broken, place in (
                ('{"policies": [\n  {"id": 7}]}', '"line":2'),
                (READER[:200], '"line":'), ("", "it is empty"),
                ("{}", '"line":'),
                (READER.replace("serviceRole:Reader", "serviceRole:Nobody"),
                 '"code":"unknown_role"')):
            failures = daemon.metric("pdpd_reload_failures_total")
            told = daemon.count('"event":"reload_failed"')
            daemon.write("policies/one.json", broken)
            until("the failure", lambda: daemon.metric(
                "pdpd_reload_failures_total") > failures)
            same(daemon.count('"event":"reload_failed"'), told + 1)
            assert place in daemon.logged(), place
            assert "policies/one.json" in daemon.logged()
            same(world.reason(daemon), "no_grant")
            same(daemon.metric("pdpd_generation"), 1)
            same(daemon.metric("pdpd_reload_failed"), 1)
        findings = daemon.count('"event":"finding"')
        for _ in range(3):
            os.utime(daemon.path("policies/one.json"))
        daemon.write("policies/one.json", MANAGER)
        until("the mended file", lambda: world.reason(daemon) == "permitted")
        same(daemon.metric("pdpd_reload_failed"), 0)
        same(daemon.count('"event":"finding"'), findings)


def test_missing_folder_is_told(world: World) -> None:
    """What is in no folder cannot be waited for."""
    with world.make() as daemon:
        daemon.write("trust.json", TRUST.replace("keys.json", "gone/k.json"))
        until("the failure",
              lambda: daemon.metric("pdpd_reload_failed") == 1)
        until("the warning",
              lambda: daemon.count('"event":"watch_failed"') > 0)
        same(world.reason(daemon), "no_grant")
        daemon.write("trust.json", TRUST)
        until("the end of it",
              lambda: daemon.metric("pdpd_reload_failed") == 0)


def test_missing_file_comes_back(world: World) -> None:
    with world.make() as daemon:
        os.unlink(daemon.path("trust.json"))
        until("the failure",
              lambda: daemon.metric("pdpd_reload_failed") == 1)
        same(world.reason(daemon), "no_grant")
        daemon.write("trust.json", TRUST)
        until("the end of it",
              lambda: daemon.metric("pdpd_reload_failed") == 0)


def test_t17_all_findings_at_start(world: World) -> None:
    """All findings in one run, and nothing is started."""
    daemon = world.make(CONFIG.replace("contract: nginx", "contract: ngnix")
                        + "workers: 0\nlimits: {conections: 7}\n")
    text = fails(daemon, '"line":3,"column":29,"code":"bad_value"',
                 '"line":8,"column":10,"code":"bad_value"',
                 '"line":9,"column":10,"code":"unknown_member"')
    same(text.count('"event":"finding"'), 3)
    daemon = world.make()
    os.unlink(daemon.path("keys.json"))
    daemon.write("policies/one.json", "[")
    text = fails(daemon, "keys.json", "one.json", "No such file")
    same(text.count("start_failed"), 1)


def test_t17_unsafe_files_at_start(world: World) -> None:
    """Of others, writable by others, linked, empty, no file."""
    cases: list[tuple[str, Callable[[str], None], str]] = [
        ("group", lambda p: os.chmod(p, 0o660), "its group or everybody"),
        ("world", lambda p: os.chmod(p, 0o602), "its group or everybody"),
        ("link", lambda p: (os.rename(p, p + ".x"),
                            os.symlink(p + ".x", p))[0], "a symbolic link"),
        ("empty", lambda p: open(p, "w").close(), "it is empty"),
        ("pipe", lambda p: (os.unlink(p), os.mkfifo(p, 0o600))[0],
         "no regular file"),
        ("folder", lambda p: os.chmod(os.path.dirname(p), 0o770),
         "others may write to its folder"),
    ]
    if os.getuid() == 0:
        cases.append(("owner", lambda p: os.chown(p, 4242, -1),
                      "it belongs to user 4242"))
        cases.append(("folder's owner",
                      lambda p: os.chown(os.path.dirname(p), 4242, -1),
                      "belongs to user 4242"))
    for name in ("pdpd.yaml", "trust.json", "keys.json", "policies/one.json"):
        for what, spoil, words in cases:
            daemon = world.make()
            spoil(daemon.path(name))
            assert words in fails(daemon), f"{name} {what}"


def test_t58_no_secret_of_a_document_is_told(world: World) -> None:
    """Keys and passwords in documents that are refused, with the place."""
    canary = "c4n4ry" * 4
    jwk = json.loads(world.keys.jwks())["keys"][0]
    for name, text in (
            ("keys.json", json.dumps({"keys": [{**jwk, "d": canary}]})),
            ("keys.json", json.dumps({"keys": [
                {"kty": "oct", "kid": "a", "k": canary}]})),
            ("trust.json", TRUST.replace(
                '"keys.json"', f'"keys.json", "url": '
                f'"http://me:{canary}@127.0.0.1/keys"'))):
        daemon = world.make(CONFIG.replace("level: info", "level: debug"))
        daemon.write(name, text)
        told = fails(daemon, name)
        assert canary not in told, told
        daemon.write(name, world.keys.jwks() if name == "keys.json" else TRUST)
        with daemon:
            daemon.write(name, text)
            until("the failure",
                  lambda: daemon.metric("pdpd_reload_failed") == 1)
            assert canary not in daemon.logged()


def pdpd(*words: str, **more: Any) -> "subprocess.CompletedProcess[str]":
    more = {"capture_output": True, **more}
    return subprocess.run([os.environ["PDPD"], *words], timeout=60, text=True,
                          check=False, **more)


def test_check(world: World) -> None:
    daemon = world.make()
    for option in ("--config", "-c"):
        done = pdpd("--check", option, daemon.config)
        same(done.returncode, 0, done.stderr)
        same(done.stderr, "")
    daemon.write("policies/one.json", "[{}]")
    done = pdpd("--check", "--config", daemon.config)
    same(done.returncode, 2)
    assert "policies/one.json:1:2: error:" in done.stderr, done.stderr
    same(os.listdir(daemon.folder).count("nginx.sock"), 0)


def test_check_without_memory(world: World) -> None:
    """That says nothing about the documents, and is not told as if it did."""
    if SANITIZED:
        print("# skipped: the address sanitizer needs more than any limit")
        return
    daemon = world.make()
    big = READER.strip()[1:-1]
    daemon.write("policies/many.json", "[" + ",".join(
        big.replace("p1", f"q{i}") for i in range(20000)) + "]")
    for kib in range(10000, 60000, 5000):
        done = subprocess.run(
            ["sh", "-c", f"ulimit -v {kib}; exec \"$@\"", "sh",
             os.environ["PDPD"], "--check", "--config", daemon.config],
            stderr=subprocess.PIPE, timeout=60, text=True, check=False)
        if done.returncode == 127:
            continue  # not even its libraries can be loaded
        same(done.returncode, 3, done.stderr)
        assert "memory" in done.stderr, done.stderr
    same(pdpd("--check", "--config", daemon.config).returncode, 0)


def test_warnings_are_no_errors(world: World) -> None:
    """0 with what is told as a warning; words that are none are explained."""
    daemon = world.make()
    daemon.write("trust.json", TRUST.replace(
        '"keys.json"', '"keys.json", "url": "https://127.0.0.1:1/keys"'))
    done = pdpd("--check", "--config", daemon.config)
    same(done.returncode, 0, done.stderr)
    assert "warning:" in done.stderr, done.stderr
    daemon.write("pdpd.yaml", CONFIG.replace("contract: nginx",
                                             "contract: apache"))
    done = pdpd("--check", "--config", daemon.config)
    same(done.returncode, 2, done.stderr)
    assert "ingress-nginx, forwarded, ext-authz" in done.stderr, done.stderr


def test_command_line(world: World) -> None:
    for words in (["--nonsense"], ["operand"], ["--config"], ["-x"],
                  ["--check=yes"]):
        done = pdpd(*words)
        same(done.returncode, 2, str(words))
        assert "try 'pdpd --help'" in done.stderr, words
        same(done.stdout, "", str(words))
    for option in ("--version", "-V"):
        done = pdpd(option)
        assert done.stdout.startswith("pdpd 0.1"), done.stdout
        same((done.returncode, done.stderr), (0, ""), option)
    for option in ("--help", "-h"):
        done = pdpd(option)
        same((done.returncode, done.stderr), (0, ""), option)
        for name in ("--config", "--check", "--version", "--help",
                     "signals: SIGHUP"):
            assert name in done.stdout, done.stdout
    with open("/dev/full", "w", encoding="ascii") as full:
        done = pdpd("--help", stdout=full, stderr=subprocess.PIPE,
                    capture_output=False)
    same(done.returncode, 3, done.stderr)


def test_long_lines(world: World) -> None:
    """A finding whose line would be too long for one write is told as that."""
    name = "/".join(["\xe9" * 120] * 3)
    daemon = world.make(CONFIG.replace("[policies]", f"[{name}/one.json]"))
    os.makedirs(daemon.path(name))
    daemon.write(name + "/one.json", "[")
    fails(daemon, '"event":"line_too_long"}')


if __name__ == "__main__":
    sys.exit(main(globals()))
