#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Section 3 of the manual against the public headers.

  every public function    in .Nm and in the SYNOPSIS of one page, with the
                           prototype of the header: types, const, the names
                           and the order of parameters
  every function there     is public
  every enumerator, macro  is named in a page
  every public structure   is named in a page together with all its members;
                           one that is shown in full is that of the header
  every PDP_ word there    exists

Pages write mdoc: .Ft, then .Fn NAME "TYPE NAME"... or .Fo, .Fa and .Fc.
"""

import re
import shlex
import sys

sys.dont_write_bytecode = True

import common  # noqa: E402
import declarations  # noqa: E402

# How headers are written; callers have no use for them.
NOT_FOR_CALLERS = {"PDP_API", "PDP_WUR"}


def arguments(line: str) -> list[str]:
    """The arguments of a macro line."""
    try:
        return shlex.split(line.replace("\\&", ""), posix=True)[1:]
    except ValueError:
        return line.split()[1:]


def section(text: str, name: str) -> str:
    found = re.search(rf"^\.Sh {name}\n(.*?)(?=^\.Sh |\Z)", text,
                      re.MULTILINE | re.DOTALL)
    return found.group(1) if found else ""


def names(text: str) -> set[str]:
    return {part for line in section(text, "NAME").split("\n")
            if line.startswith(".Nm ")
            for part in line.split()[1:] if part not in {",", "."}}


def synopsis(page: str, text: str) -> list[declarations.Function]:
    """The functions of a page's SYNOPSIS."""
    found, returns, open_fo = [], "", None
    for line in section(text, "SYNOPSIS").split("\n"):
        macro = line.split(" ", 1)[0]
        if macro == ".Ft":
            returns = " ".join(arguments(line))
        elif macro in (".Fn", ".Fo"):
            parts = arguments(line) or ["(without a name)"]
            open_fo = declarations.Function(
                parts[0], page, declarations.tokens(returns),
                [declarations.tokens(part) for part in parts[1:]
                 if part != ";"], "")
            found.append(open_fo)
            returns = ""
        elif macro == ".Fa" and open_fo is not None:
            open_fo.params += [declarations.tokens(part)
                               for part in arguments(line) if part != ","]
        elif macro == ".Fc":
            open_fo = None
    return found


def check_functions(headers: list[declarations.Header],
                    pages: dict[str, str]) -> None:
    public = {f.name: f for h in headers for f in h.functions}
    shown: dict[str, str] = {}
    named: dict[str, str] = {}
    for page, text in pages.items():
        for name in names(text):
            named.setdefault(name, page)
        for function in synopsis(page, text):
            if function.name in shown:
                common.bad(page, f"{function.name}() is in the SYNOPSIS of "
                           f"{shown[function.name]}, too",
                           "one page has it, others refer to it with .Xr")
            shown[function.name] = page
            if function.name not in public:
                common.bad(page, f"{function.name}() is not public",
                           "take it out, or declare it in include/pdp/")
                continue
            want = public[function.name]
            if function.prototype() != want.prototype():
                common.bad(
                    page, f"the prototype of {function.name}() differs:\n"
                    f"    page:   {function.prototype()}\n"
                    f"    header: {want.prototype()}",
                    "write .Ft, .Fn and .Fa as the header has it")
    for name, function in public.items():
        if name not in shown:
            common.bad(function.place, f"{name}() has no page",
                       "show it in the SYNOPSIS of a page in docs/man/*.3, "
                       "with .Ft and .Fn")
        elif named.get(name) != shown[name]:
            common.bad(shown[name], f"{name}() is not in the section NAME",
                       f"add \".Nm {name}\" there, so that man finds it")


def check_words(headers: list[declarations.Header],
                pages: dict[str, str], others: str) -> None:
    known = {name for h in headers for name in h.enumerators + h.macros}
    everything = "\n".join(pages.values())
    words = set(re.findall(r"\bPDP_\w+", everything))
    lower = set(re.findall(r"\b[a-z]\w+", others))
    for header in headers:
        for name in header.enumerators + header.macros:
            # pdp-reasons(7) lists reasons by their names.
            by_name = name.startswith("PDP_REASON_") and \
                name[len("PDP_REASON_"):].lower() in lower
            if name not in words | NOT_FOR_CALLERS and not by_name:
                common.bad(header.path, f"{name} is in no page of section 3",
                           "say what it means where it is used, with .Dv")
    for page, text in pages.items():
        body = re.sub(r"^\.(?:\\\"|Dt ).*", "", text, flags=re.MULTILINE)
        for name in sorted(set(re.findall(r"\bPDP_[A-Z0-9_]*[A-Z0-9]\b",
                                          body)) - known):
            if not name.endswith("_H") and \
                    not any(other.startswith(name + "_") for other in known):
                common.bad(page, f"there is no {name} in include/",
                           "name what is there; the header may have changed")


def check_structs(headers: list[declarations.Header],
                  pages: dict[str, str]) -> None:
    for header in headers:
        for name, members in header.structs.items():
            mention = common.word(name)
            best: list[str] | None = None
            for text in pages.values():
                if mention.search(text):
                    missing = [m for m, _ in members
                               if not common.word(m).search(text)]
                    if best is None or len(missing) < len(best):
                        best = missing
            if best is None:
                common.bad(header.path, f"{name} is in no page of section 3",
                           "describe it in the page of a function that "
                           "takes it, with .Vt")
            elif best:
                common.bad(header.path,
                           f"no page has all members of {name}: "
                           f"{', '.join(best)}",
                           "list each member where the type is described")
    structs = {n: m for h in headers for n, m in h.structs.items()}
    for page, text in pages.items():
        for body, name in re.findall(
                r"\bstruct\s+\w*\s*\{([^}]*)\}\s*(\w+)\s*;", text):
            body = re.sub(r"/\*.*?\*/", " ", body, flags=re.DOTALL)
            shown = [item for text in body.split(";") if text.strip()
                     for item in declarations.member(text)]
            if name in structs and shown != structs[name]:
                common.bad(page, f"{name} is not as the header has it",
                           "copy its members, in their order")


def main() -> None:
    headers = declarations.read_headers()
    pages = {page: common.read(page) for page in common.files("docs/man/*.3")}
    if not any(header.functions for header in headers):
        common.bad("include/pdp/", "no function found",
                   "keep the form PDP_API TYPE NAME(PARAMETERS);")
    if not pages:
        common.bad("docs/man/", "no page of section 3", "write them")
        common.done()
    others = "\n".join(common.read(page)
                       for page in common.files("docs/man/*.7"))
    check_functions(headers, pages)
    check_words(headers, pages, others)
    check_structs(headers, pages)
    common.done()


main()
