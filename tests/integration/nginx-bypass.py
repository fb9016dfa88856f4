#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""What gateway-lint calls a bypass is one, in the real nginx (T25, T48, T49).

Each row of CASES is a configuration: what the lint must find in it, and a
request that the authorizer denies, or is not asked about, or judges under
another path, and that reaches the upstream all the same.  For each there is
the shipped configuration as the counter-proof: the same request reaches
nobody, or the upstream gets exactly what was judged.

nginx, the upstream and the authorizer use unix sockets in a new directory
and end with the test.  Without nginx the test is skipped.

  PDP_CHECK   the program pdp-check
  srcdir      the source tree
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import Callable, Optional

sys.dont_write_bytecode = True

from bypasses import FURTHER, Case  # noqa: E402
from peers import (LIMIT, Peer, connect, exchange, header, judge,  # noqa: E402
                   wait_for)

SKIP = 77


DENIED = b"GET /api/v1/x HTTP/1.0\r\nHost: r\r\n\r\n"
GOOD = b"GET %s HTTP/1.0\r\nHost: r\r\nAuthorization: Bearer good\r\n%s\r\n"
TRACE = b"TRACE /api/v1/x HTTP/1.0\r\nHost: r\r\n\r\n"
TWO_HOSTS = b"GET /api/v1/x HTTP/1.1\r\nHost: r\r\nHost: s\r\n\r\n"
LONG_BODY = b"POST /api/v1/x HTTP/1.0\r\nHost: r\r\nContent-Length: 3000000" \
    b"\r\n\r\n"
LONG_HEADER = b"GET /api/v1/x HTTP/1.0\r\nHost: r\r\nX: " + b"x" * 40000 + \
    b"\r\n\r\n"
THROUGH = "GET /api/v1/x"

FORWARD = "include pdp-forward.conf; " \
    "proxy_pass $pdp_scheme://registry$pdp_uri$is_args$args;"
# Without the guard of $pdp_scheme, which would stop some of these as well.
RAW = "proxy_pass http://registry;"
OPEN = "location @open { auth_request off; proxy_pass http://registry; }"


def server(body: str) -> str:
    return "server { listen unix:@/front; include pdp-server.conf; " + body + \
        " }"


def page(what: str) -> str:
    return server(what + " location / { " + FORWARD + " } " + OPEN)


SETS = "".join(
    f"auth_request_set $pdp_{name} $upstream_http_x_pdp_{name}; "
    for name in ("decision", "reason", "at_action", "principal", "account",
                 "missing", "uri"))


def own_auth(inside: str, before: str = "", forward: str = FORWARD) -> str:
    """A server with an auth location of its own."""
    return "server { listen unix:@/front; auth_request /_pdp; " + \
        SETS + before + " location = /_pdp { internal; " + inside + " } " \
        "location / { " + forward + " } }"


ASK = "proxy_pass http://pdpd; proxy_pass_request_body off; " \
    "proxy_set_header Content-Length \"\"; " \
    "proxy_set_header X-Original-Method $request_method; "
ASK_ALL = ASK + "proxy_set_header X-Original-URI $request_uri; "

CASES = [
    Case("T48 satisfy any", ["satisfy_any"],
         server("location / { satisfy any; allow all; "
                "proxy_pass http://registry; }"), DENIED, THROUGH),
    Case("T48 satisfy any alone", ["satisfy_any"],
         server("location / { satisfy any; " + FORWARD + " }"), DENIED, None),
    Case("T48 auth_request off", ["auth_off", "unprotected_upstream"],
         server("location / { " + FORWARD + " } location /api/v1/ { "
                "auth_request off; proxy_pass http://registry; }"),
         DENIED, THROUGH),
    Case("T48 nested location", ["auth_off", "unprotected_upstream"],
         server("location / { " + FORWARD + " location /api/ { "
                "auth_request off; proxy_pass http://registry; } }"),
         DENIED, THROUGH),
    Case("T48 second location", ["unprotected_upstream", "auth_not_at_server"],
         own_auth(ASK_ALL).replace("auth_request /_pdp;", "", 1)
         .replace("location / {", "location ~ /x$ { proxy_pass "
                  "http://registry; } location / { auth_request /_pdp;"),
         DENIED, THROUGH),
    Case("T48 second server", ["unprotected_upstream"],
         "server { listen unix:@/front; location / { proxy_pass "
         "http://unix:@/upstream; } } " +
         server("server_name guarded; location / { " + FORWARD + " }"),
         DENIED, THROUGH),
    Case("T48 error_page 403", ["error_page_escape"],
         page("error_page 403 = @open;"), DENIED, THROUGH),
    Case("T48 error_page 500", ["error_page_escape"],
         own_auth(ASK_ALL.replace("//pdpd", "//unix:@/none"),
                  "error_page 500 = @open; " + OPEN),
         DENIED, THROUGH),
    Case("T48 error_page 405", ["error_page_escape"],
         page("error_page 405 = @open;"), TRACE,
         "TRACE /api/v1/x"),
    Case("T48 error_page 400", ["error_page_escape"],
         page("error_page 400 = @open;"), TWO_HOSTS, THROUGH),
    Case("T48 error_page 400 of the server", ["error_page_escape"],
         page("error_page 400 = @open;").replace(
             "location / {", "location / { error_page 404 /x;"),
         TWO_HOSTS, THROUGH),
    Case("T48 error_page 413", ["error_page_escape"],
         page("error_page 413 = @open;").replace(
             "@open {", "@open { client_max_body_size 0; "
             "proxy_request_buffering off;"),
         LONG_BODY, "POST /api/v1/x"),
    Case("T48 error_page 494", ["error_page_escape"],
         page("error_page 494 = @open;"), LONG_HEADER, THROUGH),
    Case("T48 error_page 418", ["error_page_escape"],
         server("location / { error_page 418 = @open; return 418; } " + OPEN +
                " location /x/ { " + FORWARD + " }"), DENIED, THROUGH),
    Case("T48 error page of the daemon", ["auth_error_page"],
         own_auth(ASK_ALL.replace("//pdpd", "//unix:@/none"),
                  "error_page 502 =200 /up; location = /up { return 200; }",
                  RAW),
         DENIED, THROUGH),
    Case("T48 error page of a denial", ["auth_error_page"],
         own_auth(ASK_ALL + "proxy_intercept_errors on; "
                  "error_page 403 = /up;", "location = /up { return 204; }",
                  RAW),
         DENIED, THROUGH),
    Case("T48 no auth location", ["auth_location"],
         "server { listen unix:@/front; " + SETS +
         "location / { auth_request /_pdp; "
         "proxy_pass http://registry; } }", DENIED, THROUGH),
    Case("T48 auth location that answers", ["auth_answers"],
         own_auth("return 200;", "", RAW), DENIED, THROUGH),
    Case("T48 rewrite", ["rewrite_before_auth", "not_pdp_uri"],
         server("location / { include pdp-forward.conf; rewrite ^ /admin "
                "break; proxy_pass http://registry; }"),
         GOOD % (b"/api/v1/x", b""), "GET /admin"),
    Case("T48 rewrite, judged path", ["rewrite_before_auth"],
         server("location / { rewrite ^ /admin break; " + FORWARD + " }"),
         GOOD % (b"/api/v1/x", b""), "GET /api/v1/x"),
    Case("T48 uri part", ["uri_part"],
         server("location / { include pdp-forward.conf; "
                "proxy_pass http://registry/; }"),
         GOOD % (b"/a%2f%2e%2e%2Fb", b""), "GET /b"),
    Case("T48 uri part, decoded slash", ["uri_part"],
         server("location / { include pdp-forward.conf; "
                "proxy_pass http://registry/; }"),
         GOOD % (b"/a%2Fb", b""), "GET /a/b"),
    Case("T48 $uri", ["uri_part"],
         server("location / { include pdp-forward.conf; "
                "proxy_pass http://registry$uri; }"),
         GOOD % (b"/a%2Fb", b""), "GET /a/b"),
    Case("T48 lost auth_request_set", ["auth_set_lost"],
         server("location / { include pdp-forward.conf; auth_request_set "
                "$x $upstream_http_x_x; "
                "proxy_pass http://registry$pdp_uri$is_args$args; }"),
         GOOD % (b"/a%2fb?q", b""), "GET /?q"),
    Case("T48 lost query", ["query_lost"],
         server("location / { include pdp-forward.conf; "
                "proxy_pass $pdp_scheme://registry$pdp_uri; }"),
         GOOD % (b"/a?q=1", b""), "GET /a"),
    Case("T48 other method", ["method_changed"],
         server("location / { proxy_method DELETE; " + FORWARD + " }"),
         GOOD % (b"/a", b""), "DELETE /a"),
    Case("T25 T48 contract header of the client", ["contract_missing"],
         own_auth(ASK), GOOD % (b"/a/../b", b"X-Original-URI: /ok\r\n"),
         "GET /ok"),
    Case("T48 contract header $uri", ["contract_value"],
         own_auth(ASK + "proxy_set_header X-Original-URI $uri;"),
         GOOD % (b"/a/../b", b""), "GET /_pdp"),
    Case("T48 subrequest", ["unjudged_subrequest"],
         server("location / { add_after_body /secret; " + FORWARD + " } "
                "location = /secret { proxy_pass http://registry; }"),
         GOOD % (b"/a", b""), "GET /secret"),
    Case("T48 mirror without internal", ["mirror_leak"],
         server("location / { mirror /api/v1/x; " + FORWARD + " } "
                "location = /api/v1/x { auth_request off; "
                "proxy_pass http://registry; }"), DENIED, THROUGH),
    Case("T48 T49 cached decision", ["auth_cache_key"],
         "proxy_cache_path @/cache keys_zone=decisions:1m; " +
         own_auth(ASK_ALL + "proxy_cache decisions; proxy_cache_key "
                  "$request_uri; proxy_cache_valid 200 1m;"),
         DENIED, "GET /api/v1/x"),
    Case("T25 T48 underscores", ["underscores"],
         server("location / { " + FORWARD + " }"),
         GOOD % (b"/a", b"X_Original_URI: /b\r\n"), "GET /a"),
] + FURTHER


class Nginx:
    """One nginx with its own prefix; the configuration is started anew."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.process: Optional[subprocess.Popen[bytes]] = None
        self.front = folder + "/front"

    def conf(self, http: str) -> str:
        paths = "".join(
            f"    {name}_temp_path @/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "scgi", "uwsgi"))
        # Requests are told apart by what the upstream got, not by the log.
        return (
            "daemon off;\nmaster_process off;\npid @/pid;\n"
            "error_log @/error.log;\nevents { }\nhttp {\n    access_log off;\n"
            + paths + "    include pdp.conf;\n"
            "    upstream registry { server unix:@/upstream; }\n    " + http +
            "\n}\n").replace("@/", self.folder + "/")

    def start(self, text: str) -> None:
        self.stop()
        with open(self.folder + "/nginx.conf", "w", encoding="ascii") as file:
            file.write(text)
        self.process = subprocess.Popen(
            ["nginx", "-p", self.folder, "-c", self.folder + "/nginx.conf"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        limit = time.monotonic() + LIMIT
        while True:
            try:
                connect(self.front).close()
                return
            except OSError:
                if self.process.poll() is not None or \
                        time.monotonic() > limit:
                    raise AssertionError(
                        f"nginx does not start: {self.stop()!r}") from None
                time.sleep(0.02)

    def _listens(self, front: str) -> bool:
        try:
            connect(f"{self.folder}/{front}").close()
        except OSError:
            return False
        return True

    def ask(self, request: bytes, front: str = "front") -> bytes:
        # Of several sockets, one listens before the others do.
        if front != "front" and not wait_for(lambda: self._listens(front)):
            raise AssertionError(f"nobody listens at {front}")
        # A body that is announced and not sent is waited for.
        return exchange(f"{self.folder}/{front}", request,
                        b"3000000" in request or b"HTTP/1.1" in request)

    def stop(self) -> bytes:
        told = b""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            told = self.process.communicate()[1]
            self.process = None
        for name in ("front", "front2", "inner", "yes"):
            if os.path.exists(f"{self.folder}/{name}"):
                os.unlink(f"{self.folder}/{name}")
        return told


def lint(check: str, folder: str) -> set[str]:
    done = subprocess.run([check, "gateway-lint", "-f", "tsv",
                           folder + "/nginx.conf"], stdout=subprocess.PIPE,
                          check=False)
    if done.returncode not in (0, 1):
        raise AssertionError(f"gateway-lint: {done.stdout!r}")
    lines = done.stdout.decode("ascii").splitlines()
    return {line.split("\t")[4] for line in lines
            if line.split("\t")[3] != "note"}


def run_case(case: Case, nginx: Nginx, upstream: Peer, check: str) -> None:
    text = nginx.conf(case.text)
    own_headers = b"X_Original_URI" in case.request
    if own_headers:
        text = text.replace("access_log off;",
                            "access_log off; underscores_in_headers on;")
        path = nginx.folder + "/pdp-server.conf"
        with open(path, encoding="ascii") as file:
            kept = file.read()
        with open(path, "w", encoding="ascii") as file:
            file.write(kept.replace("underscores_in_headers off;", ""))
    nginx.start(text)
    found = lint(check, nginx.folder)
    if not found.issuperset(case.codes):
        raise AssertionError(f"the lint finds {sorted(found)}")
    upstream.heads.clear()
    if "auth_cache_key" in case.codes:
        nginx.ask(GOOD % (b"/api/v1/x", b""))
    if case.before:
        nginx.ask(case.before)
    upstream.heads.clear()
    answer = nginx.ask(case.request, case.front)
    if case.reaches is not None:
        wanted = case.reaches.encode()
        if not wait_for(lambda: any(head.startswith(wanted + b" HTTP/")
                                    for head in list(upstream.heads))):
            raise AssertionError(f"the upstream got {upstream.heads}, the "
                                 f"client {answer[:40]!r}")
        if not any(case.has in head for head in list(upstream.heads)):
            raise AssertionError(f"the upstream got {upstream.heads}")
    elif upstream.heads:
        raise AssertionError(f"the upstream got {upstream.heads}")
    if own_headers:
        if b"X_Original_URI: /b" not in upstream.heads[0]:
            raise AssertionError("the header did not pass")
        with open(path, "w", encoding="ascii") as file:
            file.write(kept)


LOOKALIKES = (
    "X-Original-Method", "X-Original-URI", "X-Original-URL", "X-Rewrite-URL",
    "X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Prefix",
    "Forwarded", "X-HTTP-Method", "X-HTTP-Method-Override",
    "X-Method-Override", "X-PDP-Decision", "X-PDP-Reason", "X-PDP-AT-Action",
    "X-PDP-Principal", "X-PDP-Account", "X-PDP-Missing", "X-PDP-URI",
    "X_Original_URI", "X_Forwarded_Uri")


def shipped(nginx: Nginx, upstream: Peer, daemon: Peer, check: str) -> None:
    """The counter-proof: the shipped configuration, with sockets of ours."""
    text = nginx.conf(server("location / { " + FORWARD + " }"))
    nginx.start(text)
    if found := lint(check, nginx.folder):
        raise AssertionError(f"the lint finds {sorted(found)}")
    # None of the requests above reaches anybody.
    for case in CASES:
        if b"Bearer good" in case.request:
            continue
        upstream.heads.clear()
        nginx.ask(case.request)
        if upstream.heads:
            raise AssertionError(f"{case.name}: {upstream.heads}")
    # What was judged is what is forwarded, with the query.
    for target in ("/api/v1/images/us.icr.io%2fbirds%2Fwren:1/json?a=%2f&a;b",
                   "/a?", "/a??x=/../y", "/a;b", "/a//b", "/%61", "/a%20b"):
        upstream.heads.clear()
        daemon.heads.clear()
        spoofed = "".join(f"{name}: /spoofed\r\n" for name in LOOKALIKES)
        nginx.ask(GOOD % (target.encode(),
                          b"Account: client\r\n" + spoofed.encode()))
        if not upstream.heads:
            raise AssertionError(f"{target}: nobody, {daemon.heads}")
        head = upstream.heads[0]
        path, mark, query = target.partition("?")
        judged = re.sub("%[0-9a-f]{2}", lambda m: m.group().upper(), path)
        want = judged + (mark + query if query else "")
        line = head.split(b"\r\n")[0].decode("latin-1")
        if line != f"GET {want} HTTP/1.1":
            raise AssertionError(f"{target}: {line}")
        if header(head, "Account") != "judged" or b"spoofed" in head:
            raise AssertionError(f"{target}: {head!r}")
        asked = daemon.heads[0]
        for name, value in (("X-Original-URI", target), ("Host", "r"),
                            ("X-Original-Method", "GET"),
                            ("Account", "client"),
                            ("X-HTTP-Method-Override", "/spoofed"),
                            ("Authorization", "Bearer good")):
            if header(asked, name) != value:
                raise AssertionError(f"{name}: {asked!r}")
        if header(asked, "Content-Length") is not None or \
                not re.fullmatch("[0-9a-f]{32}",
                                 header(asked, "X-Request-ID") or ""):
            raise AssertionError(f"{asked!r}")
    # One connection for many questions.
    before = daemon.connections
    for _ in range(20):
        nginx.ask(GOOD % (b"/a", b""))
    if daemon.connections - before > 2:
        raise AssertionError(f"{daemon.connections - before} connections")


def silent(nginx: Nginx, upstream: Peer, daemon: Peer) -> None:
    """An allow without the path that was judged is none; nor is silence."""
    nginx.start(nginx.conf(server("location / { " + FORWARD + " }")))
    keep = daemon.answer
    for answer in (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                   b"HTTP/1.1 200 OK\r\nX-PDP-URI: x\r\nContent-Length: 0"
                   b"\r\n\r\n",
                   b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
                   b"HTTP/1.1 302 No\r\nContent-Length: 0\r\n\r\n",
                   b"garbage\r\n\r\n", b""):
        daemon.answer = lambda head, answer=answer: answer
        upstream.heads.clear()
        got = nginx.ask(GOOD % (b"/api/v1/x?q=1", b""))
        if upstream.heads or not got.startswith(b"HTTP/1.1 500 "):
            raise AssertionError(f"{answer!r}: {got[:40]!r} {upstream.heads}")
    daemon.answer = keep


def own_paths(text: str, folder: str) -> str:
    """Paths and addresses of an example, made those of the test."""
    for old, new in (("/run/pdp/authz.sock", folder + "/daemon"),
                     ("/var/log/nginx/", folder + "/"),
                     ("/run/nginx.pid", folder + "/pid"),
                     ("127.0.0.1:5000", f"unix:{folder}/upstream"),
                     ("listen 443", f"listen unix:{folder}/front")):
        text = text.replace(old, new)
    return re.sub(r"(?m)^user .*$", "daemon off; master_process off;", text)


def files(nginx: Nginx, examples: str, upstream: Peer) -> None:
    """The files as they are shipped: nginx -t, a log that is JSON, a trial."""
    folder = nginx.folder + "/files"
    os.mkdir(folder)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                    "-subj", "/CN=us.icr.io", "-keyout",
                    folder + "/registry.key", "-out", folder +
                    "/registry.crt"], check=True, stderr=subprocess.DEVNULL)
    shared = "".join(f"{name}_temp_path {folder}/{name}; " for name in
                     ("client_body", "proxy", "fastcgi", "scgi", "uwsgi"))
    for main_file, log in (("registry", "registry"), ("trial", "trial")):
        for plain in (False, True):
            for name in os.listdir(examples):
                with open(os.path.join(examples, name),
                          encoding="ascii") as file:
                    text = own_paths(file.read(), nginx.folder)
                if plain:
                    text = re.sub(r"(?m)^ *ssl_.*$", "", text).replace(
                        " ssl http2;", ";")
                text = text.replace("server_tokens off;", shared)
                if main_file == "trial":
                    text = re.sub(r"include pdp.conf;\s*include registry.conf",
                                  "include trial.conf", text)
                with open(f"{folder}/{name}", "w", encoding="ascii") as file:
                    file.write(text)
            if not plain:
                told = subprocess.run(
                    ["nginx", "-t", "-p", folder, "-c", folder +
                     "/nginx.conf"], stderr=subprocess.PIPE, check=False)
                if told.returncode != 0 or b"[warn]" in told.stderr:
                    raise AssertionError(told.stderr.decode())
        if os.path.exists(nginx.front):
            os.unlink(nginx.front)
        with open(folder + "/nginx.conf", encoding="ascii") as file:
            text = file.read()
        kept = nginx.folder
        nginx.folder = folder
        try:
            nginx.start(text)
        finally:
            nginx.folder = kept
        upstream.heads.clear()
        for request in (DENIED, GOOD % (b"/a%2fb?q", b'User-Agent: "\\\x1f'
                                        b'\r\n')):
            nginx.ask(request)
        path = f"{nginx.folder}/{log}.json"

        def lines(path: str = path) -> list[str]:
            with open(path, encoding="utf-8") as file:
                return file.read().splitlines()

        if not wait_for(lambda: len(lines()) == 2):
            raise AssertionError(f"{path}: {lines()}")
        told = {entry["decision"]: entry for entry in map(json.loads, lines())}
        want = {"reason": "permitted", "at_action":
                "container-registry.image.read", "principal": "IBMid-ROBIN",
                "method": "GET",
                "target": "/a%2fb"}
        if told["deny"]["reason"] != "no_grant" or \
                any(told["allow"][name] != want[name] for name in want):
            raise AssertionError(f"{told}")
        if len(upstream.heads) != (1 if main_file == "registry" else 2):
            raise AssertionError(f"{main_file}: {upstream.heads}")


def main() -> int:
    check = os.environ["PDP_CHECK"]
    if shutil.which("nginx") is None:
        print("nginx is not there; install nginx-light")
        return SKIP
    examples = os.path.join(os.environ.get("srcdir", "."),
                            "docs/examples/nginx")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in ("pdp.conf", "pdp-server.conf", "pdp-forward.conf"):
            with open(os.path.join(examples, name), encoding="ascii") as file:
                text = file.read()
            with open(os.path.join(folder, name), "w",
                      encoding="ascii") as file:
                file.write(own_paths(text, folder))
        upstream = Peer(folder + "/upstream", lambda head:
                        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                        b"Content-Length: 2\r\n\r\nup")
        daemon = Peer(folder + "/daemon", judge)
        nginx = Nginx(folder)
        steps: list[tuple[str, Callable[[], None]]] = [
            (case.name, lambda case=case: run_case(case, nginx, upstream,
                                                   check))
            for case in CASES]
        steps += [("the shipped configuration",
                   lambda: shipped(nginx, upstream, daemon, check)),
                  ("answers that are no allow",
                   lambda: silent(nginx, upstream, daemon)),
                  ("the files as they are shipped",
                   lambda: files(nginx, examples, upstream))]
        for name, step in steps:
            try:
                step()
                print(f"ok {name}")
            except AssertionError as error:
                print(f"not ok {name}: {error}")
                failed = 1
            finally:
                nginx.stop()
    return failed


sys.exit(main())
