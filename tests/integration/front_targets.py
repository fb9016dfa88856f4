#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Hostile targets, each byte as it is, through the real gateways.

For each target of nginx-oracle.jsonl that the upstream gets, the path there,
decoded once, is the path that was judged; all others reach nobody.  Which
ones that must be is computed from what the gateway said it was asked for, by
the reference model of paths in tests/model, which shares nothing with the
daemon; and for nginx from the file as well, which says what nginx refuses and
what it takes for the target.  See front.py.

  PDP_VECTORS   the folder of nginx-oracle.jsonl
"""

import json
import os
import sys
from typing import Any, Iterator, Optional

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "model")]

import path_cases  # noqa: E402
import path_query  # noqa: E402
import path_route  # noqa: E402
from front import HOST, Result, World, request, run  # noqa: E402
from gateways import Nginx  # noqa: E402
from pdpd import same  # noqa: E402
from peers import header  # noqa: E402

SERVICE = path_route.Service(json.loads(path_cases.registry()))
FILE = os.path.join(os.environ.get("PDP_VECTORS", ""), "nginx-oracle.jsonl")
CASES = 2105


def rows() -> Iterator[dict[str, Any]]:
    with open(FILE, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def judged(method: str, target: str) -> tuple[str, bytes]:
    """Reason and path, by the model; for a caller who may do everything."""
    raw = target.encode("latin-1")
    path = b""
    try:
        path_route.admit(method.encode("latin-1"), [("Host", HOST)])
        parsed = path_route.canonical(raw)
        path = path_route.decode(parsed[0])
        path_query.check_override(raw, parsed[2])
        match, _ = path_route.route(SERVICE, method.encode(), parsed,
                                    HOST.encode())
        reason = match[2].get("access", "permitted")
        if reason != "public":
            path_query.check(SERVICE, match[2], raw, parsed[2],
                             HOST.encode())
        return reason, path
    except path_route.Denied as denied:
        return denied.reason, path


def once(line: str) -> bytes:
    """The path of a request line, decoded once."""
    return path_route.decode(
        line.split(" ")[1].partition("?")[0].encode("latin-1"))


class Count:
    def __init__(self) -> None:
        self.through = self.denied = self.refused = self.other = 0

    def __str__(self) -> str:
        return f"{self.through} through, {self.denied} denied by the " \
            f"daemon, {self.refused} refused by the gateway" + (
                f", {self.other} changed by it" if self.other else "")


def check_reached(result: Result, method: str, path: bytes,
                  query: str, what: str) -> None:
    same(len(result.heads), 1, what)
    line = result.line()
    same(line[0], method, what)
    same(once(" ".join(line)), path, what)
    same(line[1].partition("?")[2], query, what)
    same(header(result.heads[0], "Host"), HOST, what)


def nginx_case(world: World, method: str, row: dict[str, Any],
               count: Count) -> None:
    target, seen = row["target"], row["mergeoff"]
    result = world.raw(request(method, target, world.manager,
                               connection=""), keep=True)
    what = f"{method} {target!r}"
    entry = result.trail
    same(str(result.status), entry["status"], what)
    if seen["status"] != 200:
        same((result.status, result.heads), (seen["status"], []), what)
        same((entry["decision"], entry["reason"]), ("", ""), what)
        count.refused += 1
        return
    same(entry["target"], seen["request_uri"].partition("?")[0], what)
    if seen["uri"] == "/_pdp":
        # Its own location answers nobody from outside.
        same((result.status, result.heads), (404, []), what)
        count.refused += 1
        return
    reason, path = judged(method, seen["request_uri"])
    same(entry["reason"], reason, what)
    if reason not in ("permitted", "public"):
        same((result.status, result.heads), (403, []), what)
        same(entry["decision"], "deny", what)
        count.denied += 1
        return
    same((result.status, entry["decision"]), (200, "allow"), what)
    same(path_route.decode(entry["path"].encode()), path, what)
    same([head.split(b" ")[1].decode().partition("?")[0]
          for head in result.heads], [entry["path"]], what)
    check_reached(result, method, path,
                  seen["request_uri"].partition("?")[2], what)
    count.through += 1


def other_case(world: World, method: str, row: dict[str, Any],
               count: Count) -> None:
    """The tap says what the gateway took for method and target."""
    target = row["target"]
    result = world.raw(request(method, target, world.manager,
                               connection=""), keep=True)
    what = f"{method} {target!r}"
    if not world.judged:
        # Caddy says 200, and no more, for a host that it does not know.
        same(result.heads, [], what)
        assert result.answer is None or result.answer.body != b"up", what
        count.refused += 1
        return
    # HAProxy asks again, with another id, where an answer is slow.
    entry = world.judged[-1]
    questions = {tuple(header(one.head, name) or ""
                       for name in world.gateway.contract)
                 for one in world.judged}
    same(len(questions), 1, what)
    asked, asked_method = questions.pop()
    same(asked_method, method, what)
    count.other += asked != target
    reason, path = judged(method, asked)
    same(header(entry.reply, "X-PDP-Reason"), reason, what)
    if reason not in ("permitted", "public"):
        same((entry.allowed, result.status, result.heads), (False, 403, []),
             what)
        count.denied += 1
        return
    same((entry.allowed, result.status), (True, 200), what)
    same(path_route.decode((entry.path or "").encode()), path, what)
    check_reached(result, method, path, asked.partition("?")[2], what)
    count.through += 1


def run_all(world: World, method: str) -> None:
    count = Count()
    case = nginx_case if isinstance(world.gateway, Nginx) else other_case
    faults = []
    for row in rows():
        try:
            case(world, method, row, count)
        except AssertionError as error:
            faults.append(str(error))
    if faults:
        raise AssertionError(f"{len(faults)} targets:\n" +
                             "\n".join(faults[:5]))
    total = count.through + count.denied + count.refused
    same(total, CASES, "targets")
    assert count.through and count.denied and count.refused, str(count)
    # What it sends on as it is passes exactly if it is acceptable.
    plain = [row["target"] for row in rows()
             if judged(method, row["target"])[0] in ("permitted", "public")]
    if not count.other and not isinstance(world.gateway, Nginx):
        same(count.through, len(plain), "targets that are acceptable")
    print(f"# {world.gateway.program} {method}: {count}")


def test_t03_targets_get(world: World) -> None:
    """T03 what is allowed is what the upstream runs: GET."""
    run_all(world, "GET")


def test_t03_targets_delete(world: World) -> None:
    """T03 what is allowed is what the upstream runs: DELETE."""
    run_all(world, "DELETE")


def ready() -> Optional[str]:
    if os.path.exists(FILE):
        return None
    return "nginx-oracle.jsonl is not there; PDP_VECTORS names its folder"


if __name__ == "__main__":
    sys.exit(run(globals(), ready))
