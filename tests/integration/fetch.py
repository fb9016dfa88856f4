#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""pdp-fetch --once and real servers, with TLS, on this machine only.

Each function named case_... is one case; a number in its name is that of a
known failure (tests/named/numbers.tsv).  Nothing is asserted about how long
something takes: a case waits for a condition, and the limits are generous.

Variables: PDP_FETCH, PDP_CHECK (the programs).
Arguments: parts of the names of the cases to run; none: all.
"""

import base64
import http.server
import json
import random
import resource
import ssl
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

sys.dont_write_bytecode = True

import fetch_world  # noqa: E402
from fetch_world import (FETCH, ISSUER, LIMIT_SEC, Answer, Server, World, equal,
                         hang, raw, send, status, tagged)  # noqa: E402


def refused(world: World, answer: Answer, error: str) -> None:
    """A good set is there; then an answer that must not replace it."""
    server = world.server()
    server.answers["/keys"] = send(world.sets[0])
    world.trust(server.url("/keys"))
    world.once(0)
    before = world.row()
    server.answers["/keys"] = answer
    world.once(1)
    equal(world.file.read_bytes(), world.sets[0], "the file")
    after = world.row()
    equal(after["error"], error, f"error ({after['detail']})")
    equal(after["failures"], 1, "failures")
    equal(after["fetches"], 2, "fetches")
    equal(after["failed"], 1, "failed")
    for member in ("fetched_at", "changed_at", "expires_at", "sum", "etag"):
        equal(after[member], before[member], member)
    equal(world.leftovers(), [], "leftovers")
    server.answers["/keys"] = send(world.sets[1])
    world.once(0)
    equal(world.file.read_bytes(), world.sets[1], "the file")
    equal((world.row()["error"], world.row()["failures"]), (None, 0), "state")


def case_good_set(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = send(world.sets[0], ETag='"a"',
                                   Cache_Control="max-age=1000")
    world.trust(server.url("/keys"))
    began = int(time.time())
    equal("replaced" in world.once(0), True, "told")
    ended = int(time.time())
    equal(world.file.read_bytes(), world.sets[0], "the file")
    equal(world.file.stat().st_mode & 0o7777, 0o644, "its mode")
    equal(world.state_file.stat().st_mode & 0o7777, 0o644, "its mode")
    row = world.row()
    for member in ("fetched_at", "changed_at", "tried_at"):
        equal(began <= row[member] <= ended, True, member)
    equal(row["expires_at"], row["fetched_at"] + 1000, "expires_at")
    equal({name: row[name] for name in (
        "issuer", "file", "url", "fetches", "failed", "failures", "etag",
        "error", "detail")}, {
            "issuer": ISSUER, "file": world.file.name,
            "url": server.url("/keys"), "fetches": 1, "failed": 0,
            "failures": 0, "etag": '"a"', "error": None, "detail": None})
    equal(world.leftovers(), [], "leftovers")


def case_same_bytes_are_not_written_again(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = send(world.sets[0])
    world.trust(server.url("/keys"))
    world.once(0)
    inode = world.file.stat().st_ino
    changed = world.row()["changed_at"]
    world.once(0)
    equal(world.file.stat().st_ino, inode, "inode")
    equal(world.row()["changed_at"], changed, "changed_at")
    equal(world.row()["fetches"], 2, "fetches")


def case_etags(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = tagged(world.sets[0], '"a"')
    world.trust(server.url("/keys"))
    world.once(0)
    world.once(0)
    equal(server.seen[-1], ("/keys", '"a"'), "conditional")
    equal(world.row()["failures"], 0, "304 is good")
    server.answers["/keys"] = tagged(world.sets[1], '"b"')
    world.once(0)
    equal(world.file.read_bytes(), world.sets[1], "the file")
    equal(world.row()["etag"], '"b"', "etag")
    # A file that is gone, or was changed by hand, is fetched as a whole.
    world.file.unlink()
    world.once(0)
    equal(server.seen[-1], ("/keys", None), "file gone")
    equal(world.file.read_bytes(), world.sets[1], "the file")
    world.file.write_bytes(world.sets[0])
    world.once(0)
    equal(server.seen[-1], ("/keys", None), "file changed")
    equal(world.file.read_bytes(), world.sets[1], "the file")


def case_304_that_nobody_asked_for(world: World) -> None:
    refused(world, status(304), "http_status")


def case_404(world: World) -> None:
    refused(world, send(world.sets[1], 404), "http_status")


def case_500(world: World) -> None:
    refused(world, send(world.sets[1], 500), "http_status")


def case_206(world: World) -> None:
    refused(world, send(world.sets[1], 206), "http_status")


def case_redirect_is_not_followed(world: World) -> None:
    server = world.server()
    server.answers["/else"] = send(world.sets[1])
    refused(world, status(302, Location=server.url("/else")), "redirect")
    equal(server.hits("/else"), 0, "hits")


def case_too_large_by_its_header(world: World) -> None:
    refused(world, send(world.sets[1] + b" " * 262144), "too_large")


def case_too_large_without_a_length(world: World) -> None:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + world.sets[1]
    refused(world, raw(head, *[b" " * 65536] * 5), "too_large")


def case_as_large_as_may_be(world: World) -> None:
    server = world.server()
    body = world.sets[0] + b" " * (262144 - len(world.sets[0]))
    server.answers["/keys"] = send(body)
    world.trust(server.url("/keys"))
    world.once(0)
    equal(world.file.read_bytes(), body, "the file")


def case_compressed_is_not_unpacked(world: World) -> None:
    refused(world, send(b"\x1f\x8b\x08\x00" + bytes(64),
                        Content_Encoding="gzip"), "json_syntax")


def case_slow(world: World) -> None:
    head = (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
            % len(world.sets[1]))
    pieces = [world.sets[1][i:i + 1] for i in range(len(world.sets[1]))]
    refused(world, raw(head, *pieces, pause=0.5), "timeout")


def case_silent(world: World) -> None:
    refused(world, hang, "timeout")


def case_truncated(world: World) -> None:
    head = (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
            % len(world.sets[1]))
    refused(world, raw(head + world.sets[1][:-3]), "transfer")


def case_truncated_chunks(world: World) -> None:
    head = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n"
            % len(world.sets[1]))
    refused(world, raw(head + world.sets[1]), "transfer")


def case_endless_headers(world: World) -> None:
    head = b"HTTP/1.1 200 OK\r\n"
    refused(world, raw(head, *[b"X-A: " + b"a" * 1000 + b"\r\n"] * 20000),
            "transfer")


def case_endless_header(world: World) -> None:
    head = b"HTTP/1.1 200 OK\r\nX-A: "
    refused(world, raw(head, *[b"a" * 65536] * 200), "transfer")


def case_no_http(world: World) -> None:
    refused(world, raw(b"SSH-2.0-OpenSSH\r\n" + world.sets[1]), "transfer")


def case_no_key_set(world: World) -> None:
    refused(world, send(b"<html>sign in</html>"), "json_syntax")


def case_t53_empty_set(world: World) -> None:
    refused(world, send(b'{"keys":[]}'), "empty")


def edit(body: bytes, change: Callable[[dict[str, str]], object]) -> bytes:
    document = json.loads(body)
    change(document["keys"][0])
    return json.dumps(document).encode("ascii")


def case_weak_key(world: World) -> None:
    weak = base64.urlsafe_b64encode(b"\xc5" * 128).decode("ascii").strip("=")
    refused(world, send(edit(world.sets[1], lambda key: key.update(n=weak))),
            "weak_key")


def case_private_key(world: World) -> None:
    refused(world, send(edit(world.sets[1], lambda key: key.update(d="AQAB"))),
            "private_key")


def case_keys_of_no_use(world: World) -> None:
    refused(world, send(edit(world.sets[1],
                             lambda key: key.update(alg="PS512"))),
            "unfit_keys")


def case_too_many_keys(world: World) -> None:
    document = json.loads(world.sets[1])
    document["keys"] = [{**document["keys"][0], "kid": str(i)}
                        for i in range(65)]
    refused(world, send(json.dumps(document).encode("ascii")),
            "too_many_keys")


def tls_refused(world: World, server: Server, host: str = "127.0.0.1") -> None:
    server.answers["/keys"] = send(world.sets[0])
    world.trust(server.url("/keys", host))
    world.once(1)
    equal(world.row()["error"], "tls", f"error ({world.row()['detail']})")
    equal(server.seen, [], "what the server got to see")
    equal(world.file.exists(), False, "the file exists")
    equal(world.row()["fetched_at"], 0, "fetched_at")


def case_j30_certificate_of_another_host(world: World) -> None:
    tls_refused(world, world.server("other"))


def case_j30_host_only_in_the_common_name(world: World) -> None:
    tls_refused(world, world.server("named"))


def case_j30_self_signed(world: World) -> None:
    tls_refused(world, world.server("self"))


def case_j30_expired(world: World) -> None:
    tls_refused(world, world.server("expired"))


def case_j30_old_tls(world: World) -> None:
    context = world.pki.context("good")
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are deprecated, indeed
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    tls_refused(world, world.server(context=context))


def case_j30_authority_of_the_system_is_not_ours(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = send(world.sets[0])
    world.trust(server.url("/keys"))
    command = [word for word in world.command("--once")
               if word not in ("--ca-file", world.pki.ca)]
    done = subprocess.run(command, check=False, capture_output=True,
                          timeout=LIMIT_SEC)
    equal(done.returncode, 1, "exit status")
    equal((world.row()["error"], server.seen), ("tls", []), "refused")


def case_j30_http_is_refused_without_a_connection(world: World) -> None:
    server = world.server()
    for host in ("keys.example.com", "localhost.example.com",
                 f"127.0.0.1@localhost:{server.port}"):
        world.trust(f"http://{host}/keys")
        world.once(2)
    equal(server.connections, 0, "connections")
    equal(world.file.exists(), False, "the file exists")
    equal(world.state_file.exists(), False, "the state file exists")


def case_the_environment_has_no_say(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = send(world.sets[0])
    world.trust(server.url("/keys"))
    proxy = "http://127.0.0.1:1"
    world.once(0, env={"HTTPS_PROXY": proxy, "https_proxy": proxy,
                       "ALL_PROXY": proxy, "all_proxy": proxy,
                       "http_proxy": proxy, "HOME": str(world.folder)})
    equal(world.file.read_bytes(), world.sets[0], "the file")


def case_t58_no_password_is_told(world: World) -> None:
    world.trust("https://me:canary@127.0.0.1/keys")
    equal("canary" in world.once(2), False, "in the messages")


def case_full_disk(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = send(world.sets[0])
    world.trust(server.url("/keys"))
    world.once(0)
    large = world.sets[1] + b" " * 100000
    server.answers["/keys"] = send(large)

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))

    world.once(1, preexec_fn=small_disk)
    equal(world.file.read_bytes(), world.sets[0], "the file")
    equal(world.row()["error"], "write", "error")
    equal(world.leftovers(), [], "leftovers")
    world.once(0)
    equal(world.file.read_bytes(), large, "the file")


def case_full_disk_for_the_state(world: World) -> None:
    """Without a state file, the keys are still fetched."""
    server = world.server()
    server.answers["/keys"] = send(world.sets[0])
    world.trust(server.url("/keys"))
    world.state_file.mkdir()
    told = world.once(0)
    equal("cannot write the state file" in told, True, "told")
    equal(world.file.read_bytes(), world.sets[0], "the file")


def case_state_that_is_no_state(world: World) -> None:
    server = world.server()
    server.answers["/keys"] = send(world.sets[0])
    world.trust(server.url("/keys"))
    for text in (b"", b"{", b"\xff", b'{"format":"pdp-keystate/9"}'):
        world.state_file.write_bytes(text)
        world.once(0)
        equal(world.row()["error"], None, "state")


def case_kill_at_any_moment(world: World) -> None:
    server = world.server()
    bodies = [body + b" " * 200000 for body in world.sets[:2]]
    turn = [0]

    def alternate(handler: http.server.BaseHTTPRequestHandler) -> None:
        turn[0] += 1
        send(bodies[turn[0] % 2])(handler)

    server.answers["/keys"] = alternate
    world.trust(server.url("/keys"))
    world.once(0)
    chance = random.Random(1)
    began = time.monotonic()
    world.once(0)
    usual = time.monotonic() - began
    for _ in range(80):
        daemon = subprocess.Popen(world.command("--once"),
                                  stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0, usual * 1.2))
        daemon.kill()
        daemon.wait()
        equal(world.file.read_bytes() in bodies, True, "a whole file")
        world.rows()
    world.once(0)
    equal(world.leftovers(), [], "leftovers")


def case_several_issuers(world: World) -> None:
    """Also more than run at once; one that hangs holds up nobody."""
    server = world.server()
    more = []
    for i in range(20):
        path = f"/{i}"
        server.answers[path] = send(world.sets[i % 2])
        more.append({"issuer": f"https://{i}.example.com",
                     "keys": {"file": f"{i}.json", "url": server.url(path)},
                     "algorithms": ["RS256"], "audiences": "none",
                     "typ": "none"})
    server.answers["/keys"] = hang
    world.trust(server.url("/keys"), *more)
    world.once(1)
    for i in range(20):
        equal((world.folder / f"{i}.json").read_bytes(), world.sets[i % 2],
              f"{i}.json")
    equal(world.file.exists(), False, "the file exists")
    equal([row["error"] for row in world.rows()], ["timeout"] + [None] * 20,
          "errors")


def case_a_host_that_nobody_knows(world: World) -> None:
    """A label of more than 63 bytes: nobody has to be asked to know that."""
    world.trust("https://" + "a" * 64 + ".invalid/keys")
    world.once(1)
    equal(world.row()["error"], "resolve", "error")
    equal(world.file.exists(), False, "the file exists")


def case_usage(world: World) -> None:
    world.trust("https://127.0.0.1:1/keys")
    trust = str(world.folder / "trust.json")
    for options, want in (
            (["--help"], 0), (["-h"], 0), (["--version"], 0), (["-V"], 0),
            ([], 2), (["--once"], 2), (["--trust"], 2), (["--nothing"], 2),
            (["--trust", trust, "operand"], 2),
            (["--trust", trust, "--cooldown", "0"], 2),
            (["--trust", trust, "--cooldown", "3601"], 2),
            (["--trust", trust, "--cooldown", "-1"], 2),
            (["--trust", trust, "--cooldown", "1x"], 2),
            (["--trust", trust, "--cooldown", ""], 2),
            (["--trust", trust, "--cooldown", "9" * 40], 2),
            (["--trust", trust, "--once", "--cooldown", "3600"], 1),
            (["--trust", trust, "--once", "--cooldown", "01"], 1),
            (["--trust", trust, "--once", "--ca-file", "none"], 2),
            (["--trust", trust, "--once", "--ca-file", trust], 1),
            (["--trust", trust, "--once", "--state", "none/state"], 2),
            (["--trust", trust, "--run-dir", "none"], 2),
            (["--trust", "none.json", "--once"], 2)):
        done = subprocess.run([FETCH, *options], check=False, text=True,
                              capture_output=True, cwd=world.folder,
                              timeout=LIMIT_SEC)
        equal(done.returncode, want, f"{options} ({done.stderr})")
        equal(bool(done.stdout), want == 0, f"{options}: output")
        equal(bool(done.stderr), want != 0, f"{options}: messages")
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([FETCH, "--help"], check=False, stdout=full,
                              stderr=subprocess.PIPE, timeout=LIMIT_SEC)
    equal(done.returncode, 3, "no room for the help")


if __name__ == "__main__":
    sys.exit(fetch_world.main([
        value for name, value in list(globals().items())
        if name.startswith("case_")]))
