#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""One version, wherever it stands.

configure.ac (AC_INIT) says which it is.  The same must be said by the macros
of include/pdp/base.h, the newest entry of NEWS, whatever pdp-check --version
is expected to print, and by each page and document that names the version of
libpdp.  lib/libpdp.pc.in must take it from configure.  A version that is
not released yet has at most one entry, the first, in NEWS.
"""

import re
import sys

sys.dont_write_bytecode = True

import common  # noqa: E402

NUMBER = r"\d+\.\d+\.\d+"


def named(path: str, pattern: str) -> list[tuple[str, str]]:
    """Place and version of each match."""
    text = common.read(path)
    return [(f"{path}:{common.line_of(text, m.start())}", m.group(1))
            for m in re.finditer(pattern, text, re.MULTILINE)]


def main() -> None:
    found = named("configure.ac", rf"^AC_INIT\(\[libpdp\],\[({NUMBER})\]")
    if not found:
        common.bad("configure.ac", "no version in AC_INIT",
                   "write AC_INIT([libpdp],[MAJOR.MINOR.PATCH],...)")
        common.done()
    now = found[0][1]
    claims = []

    def must(path: str, pattern: str, form: str) -> None:
        matches = named(path, pattern)
        if not matches:
            common.bad(path, "names no version", f"write {form}")
        claims.extend(matches)

    must("include/pdp/base.h", rf'^#define PDP_VERSION "({NUMBER})"',
         f'#define PDP_VERSION "{now}"')
    for part, name in zip(now.split("."), ("MAJOR", "MINOR", "PATCH")):
        for place, value in named("include/pdp/base.h",
                                  rf"^#define PDP_VERSION_{name} (\d+)") or \
                [("include/pdp/base.h", "nothing")]:
            if value != part:
                common.bad(place, f"PDP_VERSION_{name} is {value}, not {part}",
                           f"configure.ac says {now}")
    entries = named("NEWS", rf"^\* Version ({NUMBER})\b")
    if not entries:
        common.bad("NEWS", "names no version",
                   f"begin with * Version {now} (unreleased)")
    claims.extend(entries[:1])
    order = [tuple(map(int, v.split("."))) for _, v in entries]
    if order != sorted(set(order), reverse=True):
        common.bad("NEWS", "versions are not in order",
                   "newest first, each once")
    unreleased = named("NEWS", rf"^\* Version ({NUMBER}) \(unreleased\)")
    if [place for place, _ in unreleased] not in ([], [entries[0][0]]
                                                  if entries else []):
        common.bad("NEWS", "an old version is called unreleased",
                   "write the date of its release")
    if "Version: @PACKAGE_VERSION@" not in common.read("lib/libpdp.pc.in"):
        common.bad("lib/libpdp.pc.in", "does not take its version from "
                   "configure", "write Version: @PACKAGE_VERSION@")

    texts = common.files("docs/man/*.[1-8]", "docs/*.md", "*.md",
                         "tests/tool/golden/usage-version.txt")
    for path in texts:
        claims.extend(named(
            path, rf"\b(?:libpdp|pdp-check|pdpd|PDP_VERSION)[ \t\"]+"
            rf"(?:version[ \t]+)?({NUMBER})"))
    for place, value in claims:
        if value != now:
            common.bad(place, f"says version {value}",
                       f"configure.ac says {now}: make them agree")
    common.done()


main()
