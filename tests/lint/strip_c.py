#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Prints C sources as code only, one "file:line:code" per line.

Comments and the insides of string and character literals become blanks, so
that a lint can look for words with grep and never finds one in a comment.
The two slashes of a // comment stay, since a lint looks for them.  The text
of an #include is kept.

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


def blank(match):
    text = match.group()
    if match.lastgroup == "include":
        return text
    if match.lastgroup == "block":
        return re.sub(r"[^\n]", " ", text)
    if match.lastgroup == "line":
        return "//" + " " * (len(text) - 2)
    return text[0] + " " * (len(text) - 2) + text[-1]


for name in sys.argv[1:]:
    with open(name, encoding="utf-8", errors="surrogateescape") as source:
        code = TOKEN.sub(blank, source.read())
    for number, line in enumerate(code.split("\n"), 1):
        if line.strip():
            print(f"{name}:{number}:{line.rstrip()}")
