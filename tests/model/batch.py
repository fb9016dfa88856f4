# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Speaks the protocol of batch.c: documents and requests in, answers out.

    driver = Batch("tests/model/batch")
    lines = document_lines([("jwks", "keys.json", text)], slot=0, cache=0)
    lines.append(decide_line(0, now, "GET", "/api/v1/auth", headers))
    answers = driver.ask(lines)        # one line of answer for each line
    answer = Answer(answers[-1])
    answer.get("reason"), answer.get("missing"), ...

Strings may be bytes or str; in answers they are str.  A str stands for its
UTF-8 bytes, and bytes that are no UTF-8 are kept (surrogateescape), so any
value survives the way there and back.
"""

import dataclasses
import re
import subprocess
import threading
import urllib.parse

FIELDS = ("effect", "reason", "offset", "route_index", "route", "params",
          "principal", "principal_type", "token_account", "account", "kid",
          "expires", "missing", "required", "at_action", "data_event",
          "cache_max_age", "path", "token", "restrictions")
INTEGERS = {"offset", "route_index", "expires", "data_event",
            "cache_max_age"}
LISTS = {"params", "missing", "required", "restrictions"}
POSITION = {name: index for index, name in enumerate(FIELDS)}

SPECIAL = re.compile(rb"[^!-$&-,.-~]")        # all but printable, "%", "-"
SPECIAL_OUT = re.compile(rb"[^A-Za-z0-9._~/{}+@]")


def _escape(match):
    return b"%%%02X" % match.group()[0]


def to_bytes(text):
    """The bytes that a str stands for; bytes stay as they are."""
    if isinstance(text, bytes):
        return text
    return text.encode("utf-8", "surrogateescape")


def field(text):
    """One field of a line to the driver, as bytes; None: absent."""
    return b"-" if text is None else SPECIAL.sub(_escape, to_bytes(text))


def quoted(text):
    """A value as the driver writes it in its answers, as str."""
    return SPECIAL_OUT.sub(_escape, to_bytes(text)).decode("ascii")


def plain(text):
    """The other way: a value of an answer; None: absent."""
    if text == "-":
        return None
    if "%" not in text:
        return text
    return urllib.parse.unquote_to_bytes(text).decode(
        "utf-8", "surrogateescape")


def document_lines(documents, slot=0, cache=0):
    """Documents [(kind, name, text)] and the line that builds them."""
    lines = [b"doc %s %s %s" % (field(kind), field(name), field(text))
             for kind, name, text in documents]
    lines.append(b"build %d %d" % (slot, cache))
    return lines


def _with_headers(line, headers):
    for name, value in headers:
        line += b" " + field(name) + b" " + field(value)
    return line


def decide_line(slot, now, method, target, headers=()):
    """A request with headers [(name, value)]."""
    return _with_headers(b"decide %d %d %s %s" % (
        slot, now, field(method), field(target)), headers)


def unverified_line(slot, now, method, target, claims, headers=()):
    """A request with claims (JSON text) that nobody signed."""
    return _with_headers(b"unverified %d %d %s %s %s" % (
        slot, now, field(method), field(target), field(claims)), headers)


def origin_line(slot, now, method, target, claims, origin, headers=()):
    """Likewise, from an address by a type of endpoint; claims may be None."""
    return _with_headers(b"from %d %d %s %s %s %s %s" % (
        slot, now, field(method), field(target), field(claims),
        field(origin[0]), field(origin[1])), headers)


def many_line(slot, now, methods, target, headers=()):
    """One target with several methods; the answer is not an Answer."""
    return _with_headers(b"many %d %d %s %s" % (
        slot, now, field(",".join(methods)), field(target)), headers)


@dataclasses.dataclass
class Case:
    """One request; facts: whatever its model wants to remember."""

    method: str = "GET"
    target: str = "/"
    headers: tuple = ()                        # of (name, value)
    now: int = 0
    claims: str = None                         # given: decided unverified
    origin: tuple = None                       # address, type of endpoint
    facts: object = None

    def line(self, slot):
        """The request as a line for the driver."""
        if self.origin is not None:
            return origin_line(slot, self.now, self.method, self.target,
                               self.claims, self.origin, self.headers)
        if self.claims is None:
            return decide_line(slot, self.now, self.method, self.target,
                               self.headers)
        return unverified_line(slot, self.now, self.method, self.target,
                               self.claims, self.headers)


@dataclasses.dataclass
class Load:
    """Documents of one snapshot and the cases to be decided with it."""

    documents: list                            # of (kind, name, text)
    cases: list                                # of Case
    cache: int = 0                             # tokens the worker keeps
    status: int = 0                            # what the build must give
    facts: object = None


class Answer:
    """One decision; fields are taken apart when they are asked for."""

    def __init__(self, line):
        self.fields = line.split(" ")
        if len(self.fields) != len(FIELDS):
            raise ValueError("not a decision: " + line)

    def get(self, name):
        """int for INTEGERS; params: [(name, value)]; missing: [action];
        restrictions: [(id, "e" or "r" and "d" or "p")];
        required: [dict of action, state, denied_by, by, attributes];
        anything else str, or None where there is none."""
        text = self.fields[POSITION[name]]
        if name in INTEGERS:
            return int(text)
        if name == "required":
            return [_item(item) for item in text.split(";") if item]
        if name in ("params", "restrictions"):
            return _pairs(text)
        if name == "missing":
            return [plain(item) for item in text.split(",") if item]
        return plain(text)


def _pairs(text):
    return [tuple(plain(part) for part in pair.split("=", 1))
            for pair in text.split(",") if pair]


def _item(text):
    """by: [(source, id)]; attributes: {name: value}, None for unknown; an
    absent attribute is not in it."""
    action, state, denied_by, by, attributes = text.split(":")
    found = {}
    for attribute in attributes.split(","):
        if attribute.endswith("?"):
            found[plain(attribute[:-1])] = None
        elif attribute:
            name, value = attribute.split("=", 1)
            found[plain(name)] = plain(value)
    return {"action": plain(action), "state": state,
            "denied_by": plain(denied_by), "by": _pairs(by),
            "attributes": found}


class Batch:
    """A driver that runs until close()."""

    def __init__(self, path):
        self.process = subprocess.Popen(
            [path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, lines):
        """Answers, one for each line, in their order.  A thread writes, so
        that neither side waits for the other's full pipe."""
        writer = threading.Thread(target=self._write, args=(lines,))
        writer.start()
        answers = [self.process.stdout.readline() for _ in lines]
        if self.process.stdout.readline() != b"flushed\n":
            self.process.kill()
            raise RuntimeError("the driver ended before the last answer")
        writer.join()
        return [answer[:-1].decode("ascii") for answer in answers]

    def _write(self, lines):
        try:
            self.process.stdin.write(b"\n".join(lines + [b"flush\n"]))
            self.process.stdin.flush()
        except BrokenPipeError:
            pass                               # the reader reports it

    def close(self):
        """Ends the driver; its status other than 0 is an error."""
        self.process.stdin.close()
        self.process.stdout.close()
        if self.process.wait() != 0:
            raise RuntimeError("the driver failed")
