# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Reads the variables of automake's input; it checks nothing itself."""

import pathlib
import re


def makefiles(root: pathlib.Path) -> list[pathlib.Path]:
    return [path for path in (root / "Makefile.am",
                              *sorted(root.glob("*/Makemodule.am")),
                              *sorted(root.glob("*/*/Makemodule.am")))
            if path.is_file()]


def variables(root: pathlib.Path) -> dict[str, list[str]]:
    """Variables of all makefiles below root and the words they hold,
    expanded; what a comment holds is none."""
    raw: dict[str, str] = {}
    for path in makefiles(root):
        text = re.sub(r"\\\n", " ", path.read_text(encoding="utf-8"))
        for name, kind, value in re.findall(
                r"^([A-Za-z_]\w*)[ \t]*(\+?=)[ \t]*([^#\n]*)", text,
                re.MULTILINE):
            raw[name] = (raw.get(name, "") + " " if kind == "+=" else "") + \
                value

    def expand(value: str, depth: int = 0) -> str:
        if depth > 8:
            return value
        return re.sub(r"\$\((\w+)\)",
                      lambda m: expand(raw.get(m.group(1), ""), depth + 1),
                      value)

    return {name: expand(value).split() for name, value in raw.items()}
