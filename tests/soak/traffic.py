# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Clients of the soak test: requests whose right answer is known at any time.

What is right depends on the policies and keys that are in force, which change
all the time.  The controller says so on a page that all processes share: it
marks a thing as open before it changes it, and as settled once it has seen
the change.  A client reads the page before a request and after the answer; if
nothing was open and nothing changed, there is exactly one right answer.
"""

import contextlib
import mmap
import os
import random
import signal
import socket
import time
from typing import NamedTuple, Optional

LIMIT_SEC = 60.0
NONE, EITHER, THERE = 0, 1, 2  # a key; also whether the daemon is
VERSION_A, VERSION_B, VERSION_EITHER = 0, 1, 2  # the policies
KEYS = 16


class Page:
    """Shared by forked processes; one writes."""

    VERSION, ALIVE, COMMAND, FIRST_KEY = 8, 9, 10, 16
    GO, PAUSE, STOP = 0, 1, 2

    def __init__(self) -> None:
        self.bytes = mmap.mmap(-1, mmap.PAGESIZE)

    def set(self, place: int, value: int) -> None:
        """Odd numbers while it is written."""
        number = int.from_bytes(self.bytes[0:8], "little")
        self.bytes[0:8] = (number + 1).to_bytes(8, "little")
        self.bytes[place] = value
        self.bytes[0:8] = (number + 2).to_bytes(8, "little")

    def get(self, place: int) -> int:
        return self.bytes[place]

    def read(self) -> bytes:
        while True:
            first = self.bytes[0:8]
            copy = self.bytes[0:32]
            if first[0] % 2 == 0 and self.bytes[0:8] == first:
                return copy


PAGE = Page()  # of a process and of those that it forks

Outcome = tuple[int, Optional[str]]  # status, reason


class Kind(NamedTuple):
    """A kind of request.  With a key, its token must be good first."""

    name: str
    method: str
    target: str
    token: Optional[str]  # which of the tokens of a key; or none
    headers: str
    answers: tuple[Outcome, Outcome]  # with the policies A, with B


def always(status: int, reason: str) -> tuple[Outcome, Outcome]:
    return ((status, reason), (status, reason))


PUBLIC = "/api/v1/messages"
IMAGES = "/api/v1/images"
DEMO = "/api/v1/namespaces/demo"
NO_KEY: Outcome = (401, "key_unknown")
KINDS = [
    Kind("allowed", "GET", IMAGES, "good", "", always(200, "permitted")),
    Kind("by version", "PUT", DEMO, "good", "",
         ((403, "no_grant"), (200, "permitted"))),
    Kind("public", "GET", PUBLIC, None, "", always(200, "public")),
    Kind("no token", "GET", IMAGES, None, "", always(401, "token_missing")),
    Kind("somebody else", "PUT", DEMO, "other", "", always(403, "no_grant")),
    Kind("expired", "GET", IMAGES, "expired", "",
         always(401, "token_expired")),
    Kind("forged", "GET", IMAGES, "forged", "",
         always(401, "signature_invalid")),
    Kind("no JWT", "GET", IMAGES, None, "Authorization: Bearer x.y\r\n",
         always(401, "token_malformed")),
    Kind("dots", "DELETE", "/api/v1/images/x%2F..%2F..%2Fnamespaces%2Fy",
         "good", "", always(403, "dot_segment")),
    Kind("no route", "GET", "/nowhere", "good", "", always(403, "no_route")),
    Kind("override", "GET", PUBLIC, None,
         "X-HTTP-Method-Override: DELETE\r\n", always(403, "method_override")),
    Kind("other account", "GET", IMAGES, "good", "Account: other\r\n",
         always(403, "account_mismatch")),
]
# Denied before anybody looks at the token.
EARLY = {"dot_segment", "no_route", "method_override"}
GARBAGE = (b"GET /api", b"\0" * 200, b"\r\n\r\n\r\n", b"\x16\x03\x01\x02\0\x01",
           b"GET / HTTP/1.1\r\nHost: a\r\nX", b"A" * 40000,
           b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")


def right(kind: Kind, key: int, before: bytes, after: bytes) -> set[Outcome]:
    """All answers that are right between two looks at the page."""
    open_ = before[0:8] != after[0:8]
    version = before[Page.VERSION]
    out = set(kind.answers) if open_ or version == VERSION_EITHER else \
        {kind.answers[version]}
    if kind.token is None or next(iter(out))[1] in EARLY:
        return out
    states = {before[Page.FIRST_KEY + key], after[Page.FIRST_KEY + key]}
    if states == {THERE}:
        return out
    if states == {NONE}:
        return {NO_KEY}
    return out | {NO_KEY}


class Client:
    """One connection, straight to the daemon or to the gateway; opened again
    whenever it is gone."""

    def __init__(self, path: str, gateway: bool) -> None:
        self.path = path
        self.gateway = gateway
        self.sock: Optional[socket.socket] = None
        self.rest = b""

    def close(self) -> None:
        if self.sock is not None:
            self.sock.close()
        self.sock = None
        self.rest = b""

    def render(self, kind: Kind, token: Optional[str]) -> bytes:
        auth = f"Authorization: Bearer {token}\r\n" if token else ""
        if self.gateway:
            text = f"{kind.method} {kind.target} HTTP/1.1\r\nHost: us.icr.io" \
                f"\r\n{auth}{kind.headers}\r\n"
        else:
            text = "GET /_pdp HTTP/1.1\r\nHost: us.icr.io\r\n" \
                f"X-Original-Method: {kind.method}\r\n" \
                f"X-Original-URI: {kind.target}\r\n" \
                "X-Real-IP: 192.0.2.7\r\nX-Request-ID: r\r\n" \
                f"{auth}{kind.headers}\r\n"
        return text.encode("ascii")

    def exchange(self, data: bytes) -> Optional[Outcome]:
        """None: there was nobody, or he left without an answer."""
        try:
            if self.sock is None:
                self.sock = socket.socket(socket.AF_UNIX)
                self.sock.settimeout(LIMIT_SEC)
                self.sock.connect(self.path)
            self.sock.sendall(data)
            while b"\r\n\r\n" not in self.rest:
                more = self.sock.recv(65536)
                if not more:
                    self.close()
                    return None
                self.rest += more
            return self._answer()
        except (ConnectionError, FileNotFoundError, BlockingIOError):
            self.close()
            return None

    def _answer(self) -> Outcome:
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("ascii").split("\r\n")
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        length = int(fields.get("content-length", "0"))
        assert self.sock is not None
        while len(self.rest) < length:
            more = self.sock.recv(65536)
            if not more:
                raise ConnectionResetError
            self.rest += more
        self.rest = self.rest[length:]
        if fields.get("connection") == "close":
            self.close()
        return int(lines[0].split(" ")[1]), fields.get("x-pdp-reason")


class Tally:
    """What one process saw."""

    def __init__(self) -> None:
        self.outcomes: dict[str, int] = {}
        self.wrong: list[str] = []
        self.wrong_cnt = 0
        self.unanswered = 0  # while the daemon was being killed
        self.garbage = 0
        self.exact = 0  # requests with one right answer only
        self.micros: list[int] = []  # every 16th latency

    def report(self) -> dict[str, object]:
        return dict(vars(self))


def throw_garbage(path: str, chance: random.Random) -> Optional[bytes]:
    """Something that is no request; what came back, if it was an allow."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as one:
        one.settimeout(0.02)
        one.connect(path)
        one.sendall(chance.choice(GARBAGE))
        text = one.recv(65536)
        return text if b" 200 " in text else None
    return None


def ask(client: Client, page: Page, tokens: list[dict[str, str]],
        chance: random.Random, tally: Tally) -> None:
    kind = chance.choice(KINDS)
    before = page.read()
    # Mostly keys that were published at some time.
    key = chance.randrange(len(tokens))
    if before[Page.FIRST_KEY + key] == NONE and chance.random() < 0.8:
        key = max(range(len(tokens)),
                  key=lambda i: (before[Page.FIRST_KEY + i], chance.random()))
    data = client.render(kind, tokens[key][kind.token] if kind.token else None)
    fresh = client.sock is None
    begin = time.perf_counter()
    outcome = client.exchange(data)
    took = time.perf_counter() - begin
    after = page.read()
    if outcome is None and not fresh:
        # A connection that had been idle, or whose daemon was killed: the
        # request was not answered; nothing was decided.
        outcome = client.exchange(data)
        after = page.read()
    wanted = right(kind, key, before, after)
    gone = before[0:8] != after[0:8] or before[Page.ALIVE] != THERE
    if gone and (outcome is None or
                 client.gateway and outcome in ((500, None), (500, ""))):
        tally.unanswered += 1
        time.sleep(0.001)  # as a client should who is turned away
        return
    tally.exact += len(wanted) == 1
    name = f"{outcome[0]} {outcome[1]}" if outcome else "none"
    tally.outcomes[name] = tally.outcomes.get(name, 0) + 1
    if outcome not in wanted:
        tally.wrong_cnt += 1
        if len(tally.wrong) < 5:
            tally.wrong.append(
                f"{'gateway' if client.gateway else 'straight'}: "
                f"{kind.name}, key {key}: {outcome}, not {wanted}; "
                f"page {before.hex()} {after.hex()}")
    if sum(tally.outcomes.values()) % 16 == 0:
        tally.micros.append(int(took * 1e6))


def run(path: str, gateway: bool, tokens: list[dict[str, str]],
        seed: int) -> dict[str, object]:
    """One client process, until the page says stop."""
    page = PAGE
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    chance = random.Random(seed)
    client = Client(path, gateway)
    tally = Tally()
    parent = os.getppid()
    while page.get(Page.COMMAND) != Page.STOP and os.getppid() == parent:
        if page.get(Page.COMMAND) == Page.PAUSE:
            client.close()
            time.sleep(0.02)
            continue
        if chance.random() < 0.005:
            tally.garbage += 1
            allowed = throw_garbage(path, chance)
            if allowed:
                tally.wrong_cnt += 1
                tally.wrong.append(f"garbage: {allowed!r}")
            continue
        try:
            ask(client, page, tokens, chance, tally)
        except TimeoutError:
            tally.wrong_cnt += 1
            tally.wrong.append("no answer within the limit")
            client.close()
        if chance.random() < 0.002:
            client.close()
    return tally.report()
