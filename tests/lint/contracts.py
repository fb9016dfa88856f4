#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""What the comment of each public function must say, and with which words.

  its name         so that a reader of a group knows which line is whose
  Ownership:       where it takes or hands out anything but its object and
                   numbers: copied, borrowed, given (pdp/base.h)
  NULL:            where it takes a pointer: what NULL means
  Returns:         where it returns a status, each PDP_OK and PDP_E_...; where
                   it returns bool, when that is false; for text without a
                   length, that it is static
  Thread safety:   who may call it
  Allocates:       what, or nothing
  Since:           MAJOR.MINOR or with a PATCH; not above PDP_VERSION

The comment stands directly above a function, or above the first one of a
group without blank lines.  What holds for all functions of a header may
stand in the essay above its includes, under the same words.
"""

import re
import sys

sys.dont_write_bytecode = True

import common  # noqa: E402
import declarations  # noqa: E402

SINCE = r"\bSince:? (\d+\.\d+(?:\.\d+)?)\b"


def has_objects(function: declarations.Function) -> bool:
    """Whether anything but the object itself and numbers goes in or out."""
    first, *rest = function.params or ["void"]
    outputs = [function.returns, *rest]
    if "* *" in first or function.name.endswith(("_free", "_release")):
        return True
    return any("*" in part or "pdp_str_t" in part for part in outputs
               if part != "const char *")


def short(function: declarations.Function) -> list[str]:
    """The name, and its abbreviations in a group: _param for
    pdp_decision_param."""
    parts = function.name.split("_")
    return [function.name] + ["_" + "_".join(parts[i:])
                              for i in range(2, len(parts))]


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def check(function: declarations.Function, essay: str, now: str) -> None:
    own = function.comment
    both = own + " " + essay
    pointers = any("*" in part for part in function.params)

    def lacks(what: str, mend: str) -> None:
        common.bad(function.place, f"{function.name}(): {what}", mend)

    if not own:
        lacks("no comment directly above it",
              "say what it does, or put it into the group of one that does")
    elif not any(common.word(name).search(own) for name in short(function)):
        lacks("the comment above it does not name it",
              f"begin with {function.name}: and what it does")
    for needed, label, mend in (
            (has_objects(function), "Ownership:",
             "say copied, borrowed until, given or static"),
            (pointers, "NULL:", "say whether NULL is allowed, and what for"),
            (True, "Returns", "say what, and each status"),
            (True, "Thread safety:", "say who may call it"),
            (True, "Allocates:", "say what, or: Allocates: nothing."),
            (True, "Since:", f"such as Since: {now}.")):
        if needed and label not in both:
            lacks(f"no \"{label}\"", mend)
    if function.returns == "pdp_status_t" and \
            not re.search(r"\bPDP_E_\w+", both):
        lacks("no status is named", "name each PDP_E_... that it returns")
    if function.returns == "bool" and \
            not re.search(r"\b(false|whether|true)\b", both):
        lacks("it is not said when it returns false", "say so in Returns:")
    if function.returns == "const char *" and \
            not re.search(r"\b(static|borrowed)\b", both):
        lacks("it is not said whose the text is", "say static, or borrowed")
    since = re.findall(SINCE, own) or re.findall(SINCE, essay)
    for version in since:
        if now and number(version) > number(now):
            lacks(f"since {version}, but this is {now}",
                  "name a version that is not above that of configure.ac")
    if not since and "Since:" in both:
        lacks("\"Since:\" names no version", f"write Since: {now}.")


def main() -> None:
    headers = declarations.read_headers()
    now = declarations.version()
    known = {name for h in headers for name in h.enumerators}
    for header in headers:
        for function in header.functions:
            check(function, header.essay, now)
            for name in re.findall(r"\bPDP_(?:OK|E_[A-Z]+)\b",
                                   function.comment):
                if name not in known:
                    common.bad(function.place, f"there is no {name}",
                               "name a status of pdp/status.h")
    if not any(header.functions for header in headers):
        common.bad("include/pdp/", "no function found",
                   "keep the form PDP_API TYPE NAME(PARAMETERS);")
    common.done()


main()
