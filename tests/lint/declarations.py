#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""What the public headers declare, for the lints; it checks nothing itself.

It reads the house style only, not C: a function begins with PDP_API, an
enumeration or structure is a typedef with a body, and members are plain
declarations or pointers to functions.
"""

import re
import sys
from dataclasses import dataclass, field

sys.dont_write_bytecode = True

import common  # noqa: E402


def tokens(text: str) -> str:
    """C text with one space between any two tokens."""
    return " ".join(re.findall(r"\w+|[^\w\s]", text))


def split_list(text: str) -> list[str]:
    """What stands between the commas of a parameter list."""
    parts, depth, current = [], 0, ""
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += char
    return [tokens(part) for part in [*parts, current] if part.strip()]


def prose(comment: str) -> str:
    """The words of a block comment on one line."""
    text = re.sub(r"^\s*/?\*+/?|\*/$", " ", comment, flags=re.MULTILINE)
    return " ".join(text.replace("*/", " ").split())


@dataclass
class Function:
    name: str
    place: str
    returns: str
    params: list[str]
    comment: str  # of the group of declarations it is in; "" if none

    def prototype(self) -> str:
        return f"{self.returns} {self.name} ( {' , '.join(self.params)} )"


@dataclass
class Header:
    path: str
    essay: str = ""  # the comment above the includes: holds for all functions
    functions: list[Function] = field(default_factory=list)
    enumerators: list[str] = field(default_factory=list)
    macros: list[str] = field(default_factory=list)
    # name of the type -> its members, (name, tokens of the declaration)
    structs: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    types: list[str] = field(default_factory=list)


def member(declaration: str) -> list[tuple[str, str]]:
    """A member, or several of one type."""
    text = tokens(declaration)
    pointer = re.search(r"\( \* (\w+) \)", text)
    if pointer:
        return [(pointer.group(1), text)]
    first, *more = text.split(" , ")
    kind, name = first.rsplit(" ", 1)
    return [(name, first)] + [(other, f"{kind} {other}") for other in more]


def read_functions(header: Header, text: str, plain: str) -> None:
    comment, end = "", -1
    for found in re.finditer(r"\bPDP_API\b([^;]*);", plain):
        gap = text[end:found.start()] if end >= 0 else ""
        if end < 0 or gap != "\n":
            before = text[:found.start()].rstrip()
            near = before.endswith("*/") and \
                text[len(before):found.start()] == "\n"
            comment = prose(before[before.rfind("/*"):]) if near else ""
        end = found.end()
        body = found.group(1).replace("PDP_WUR", " ")
        parts = re.match(r"(.*?)\b(\w+)\s*\((.*)\)\s*$", body, re.DOTALL)
        place = f"{header.path}:{common.line_of(text, found.start())}"
        if not parts:
            common.bad(place, "a declaration that cannot be read",
                       "write PDP_API [PDP_WUR] TYPE NAME(PARAMETERS);")
            continue
        header.functions.append(
            Function(parts.group(2), place, tokens(parts.group(1)),
                     split_list(parts.group(3)), comment))


def read_header(path: str) -> Header:
    header = Header(path)
    text = common.read(path)
    plain = common.code(path, strings=True)
    guard = re.search(r"^#define\s+(\w+_H)$", plain, re.MULTILINE)
    after = guard.end() if guard else 0
    include = re.search(r"^#\s*include", plain, re.MULTILINE)
    opening = text[after:include.start()] if include else ""
    essay = re.search(r"/\*.*?\*/", opening, re.DOTALL)
    header.essay = prose(essay.group()) if essay else ""

    for name, rest in re.findall(
            r"^[ \t]*#[ \t]*define[ \t]+(\w+)((?:\\\n|[^\n])*)", plain,
            re.MULTILINE):
        if not name.endswith("_H") and name != "X" and \
                name not in header.macros:
            header.macros.append(name)
        # A table of X(NAME, ...) makes enumerators PREFIX_NAME.
        if name.endswith("_MAP"):
            prefix = name[:-len("MAP")]
            header.enumerators += [
                prefix + row for row in re.findall(r"\bX\((\w+),", rest)]

    plain = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*",
                   lambda m: re.sub(r"[^\n]", " ", m.group()), plain,
                   flags=re.MULTILINE)
    read_functions(header, text, plain)
    for body in re.findall(r"\benum\b\s*\w*\s*\{([^}]*)\}", plain):
        body = re.sub(r"\w+\(X\)", " ", body)
        header.enumerators += re.findall(r"(?:^|,)\s*(PDP_\w+)", body)
    for body, name in re.findall(
            r"\btypedef\s+struct\s+\w+\s*\{([^}]*)\}\s*(\w+)\s*;", plain):
        header.structs[name] = [
            item for declaration in body.split(";") if declaration.strip()
            for item in member(declaration)]
    header.types = sorted(set(re.findall(r"\b(pdp_\w+_t)\b", plain)))
    return header


def read_headers() -> list[Header]:
    return [read_header(path)
            for path in common.files("include/*.h", "include/pdp/*.h")]


def version() -> str:
    """PDP_VERSION of the headers; "" if it is not there."""
    found = re.search(r'^#define\s+PDP_VERSION\s+"([^"]*)"',
                      common.read("include/pdp/base.h"), re.MULTILINE)
    return found.group(1) if found else ""
