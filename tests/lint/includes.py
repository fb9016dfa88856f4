#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Includes and include guards.

  no cycles      headers that need each other have no order to be read in;
                 a guard hides that until somebody includes the wrong one
                 first
  guards         are named after the path, so that no two are the same:
                 PDP_BASE_H, PDP__TEXT_PATH_H, PDP_TESTS_FIXTURE_H
  own first      NAME.c begins with NAME.h of its folder, if there is one:
                 so the header is seen to include what it needs
"""

import os
import re
import sys

sys.dont_write_bytecode = True

import common  # noqa: E402

ROOTS = ("include", "lib", "tools", "tests", "")


def headers() -> list[str]:
    return common.files("include/*.h", "include/pdp/*.h", "lib/*/*.h",
                        "tools/*/*.h", "tests/*/*.h")


def includes(path: str) -> list[tuple[int, str]]:
    """Line and name of each include in quotes."""
    text = common.code(path)
    return [(common.line_of(text, m.start()), m.group(1)) for m in re.finditer(
        r'^[ \t]*#[ \t]*include[ \t]*"([^"]*)"', text, re.MULTILINE)]


def resolve(path: str, name: str) -> str:
    """The file an include means; "" if it is none of ours."""
    for place in [os.path.dirname(path), *ROOTS]:
        found = os.path.normpath(os.path.join(place, name))
        if os.path.isfile(found):
            return found
    return ""


def check_cycles(graph: dict[str, list[str]]) -> None:
    done: set[str] = set()

    def visit(path: str, chain: list[str]) -> None:
        if path in chain:
            cycle = chain[chain.index(path):] + [path]
            common.bad(path, "includes itself: " + " -> ".join(cycle),
                       "move what both need to a header below them")
            done.update(cycle)
        elif path not in done:
            for other in graph.get(path, []):
                visit(other, chain + [path])
            done.add(path)

    for path in graph:
        visit(path, [])


def guards(path: str) -> list[str]:
    """The names that a header's guard may have."""
    stem = re.sub(r"[^A-Za-z0-9]", "_", path[:-len(".h")]).upper()
    root, _, rest = stem.partition("_")
    if root == "INCLUDE":
        return [rest + "_H"]
    if root == "LIB":
        return [f"PDP__{rest}_H"]
    if root == "TOOLS":
        return [f"PDP__{rest.removeprefix('PDP_')}_H"]
    folder, _, name = rest.partition("_")
    return [f"PDP_TESTS_{name}_H", f"PDP_TESTS_{folder}_{name}_H"]


def check_guards() -> None:
    seen: dict[str, str] = {}
    for path in headers():
        if path.startswith("tools/nginx/"):
            continue
        found = re.match(r"\s*#ifndef (\w+)\n#define (\w+)\n",
                         common.code(path))
        wanted = guards(path)
        if not found or found.group(1) != found.group(2) or \
                found.group(1) not in wanted:
            common.bad(path, "the include guard is missing or has another "
                       "name", f"begin with #ifndef {wanted[0]} and #define")
            continue
        if found.group(1) in seen:
            common.bad(path, f"has the guard of {seen[found.group(1)]}",
                       f"call it {wanted[-1]}")
        seen[found.group(1)] = path


def check_own() -> None:
    for path in common.files("lib/*/*.c", "tools/*/*.c"):
        own = path[:-len(".c")] + ".h"
        if not os.path.isfile(own) or path.startswith("tools/nginx/"):
            continue
        first = re.search(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">]*)',
                          common.code(path), re.MULTILINE)
        if not first or resolve(path, first.group(1)) != own:
            common.bad(path, f"does not begin with its own header, {own}",
                       "include that first, so that it compiles by itself")


def main() -> None:
    check_cycles({path: [other for _, name in includes(path)
                         if (other := resolve(path, name))]
                  for path in headers()})
    check_guards()
    check_own()
    if not headers():
        common.bad(".", "no headers found", "set srcdir to the source tree")
    common.done()


main()
