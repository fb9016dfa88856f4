#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""What the lints written in Python share; it checks nothing itself.

A lint imports this first, which takes it to the top of the source tree (the
variable srcdir, or the current folder); reports with bad() and ends with
done().  It says nothing when all is well.
"""

import functools
import glob
import os
import pathlib
import re
import sys

# A lint leaves nothing behind in the source tree.
sys.dont_write_bytecode = True

import automake  # noqa: E402
from strip_c import strip  # noqa: E402

os.chdir(os.environ.get("srcdir") or ".")

_status = 0


def bad(place: str, what: str, mend: str) -> None:
    """One violation: where, what is wrong, how to mend it."""
    global _status
    _status = 1
    print(f"{place}: {what}\n    mend: {mend}")


def done() -> None:
    sys.exit(_status)


@functools.cache
def read(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape") as stream:
        return stream.read()


@functools.cache
def code(path: str, strings: bool = False) -> str:
    """A C source without its comments; see strip_c.py."""
    return strip(read(path), strings)


def files(*patterns: str) -> list[str]:
    """Files that match; what the build generates is none."""
    found = {name for pattern in patterns
             for name in glob.glob(pattern, recursive=True)}
    return sorted(found - {"lib/load/builtin.c"})


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def word(name: str) -> re.Pattern:
    """Finds a name that may hold dots or dashes, as a whole word."""
    return re.compile(r"(?<![\w-])" + re.escape(name) + r"(?![\w-])")


def makefiles() -> list[str]:
    return [str(path) for path in automake.makefiles(pathlib.Path())]


def make_variables() -> dict[str, list[str]]:
    """Variables of automake's input and the words they hold, expanded."""
    return automake.variables(pathlib.Path())
