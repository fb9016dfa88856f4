#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Prints C sources as code only, one "file:line:code" per line.

Comments and the insides of string and character literals become blanks, so
that a lint can look for words with grep and never finds one in a comment.
The two slashes of a // comment stay, since a lint looks for them.  The text
of an #include is kept.  Nothing moves: a place in the result is the same
place in the source.

usage: strip_c.py [FILE...]
"""

import re
import sys

TOKEN = re.compile(
    r"""(?P<include>^[ \t]*\#[ \t]*include[^\n]*)
      | (?P<block>/\*.*?\*/)
      | (?P<line>//[^\n]*)
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<char>'(?:\\.|[^'\\\n])*')""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def strip(text: str, strings: bool = False) -> str:
    """The code of a source; strings: leave literals as they are."""

    def blank(match: re.Match) -> str:
        found = match.group()
        if match.lastgroup == "include":
            return found
        if match.lastgroup == "block":
            return re.sub(r"[^\n]", " ", found)
        if match.lastgroup == "line":
            return "//" + " " * (len(found) - 2)
        if strings:
            return found
        return found[0] + " " * (len(found) - 2) + found[-1]

    return TOKEN.sub(blank, text)


def main() -> None:
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8", errors="surrogateescape") as source:
            code = strip(source.read())
        for number, line in enumerate(code.split("\n"), 1):
            if line.strip():
                print(f"{name}:{number}:{line.rstrip()}")


if __name__ == "__main__":
    main()
