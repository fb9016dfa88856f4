#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Whatever somebody can write or meet is documented and tested.

  what                          documented in              tested in
  options of pdp-check          pdp-check(1), --help       tests/tool
  exit statuses                 the same                   tests/tool
  codes of the tools            pdp-check(1)               tests
  statuses of the library       a page of section 3        tests, if lib/
                                                           ever gives them
  kinds of sources              the same                   tests
  variables that tools read     pdp-check(1)               tests/tool
  variables of scripts, tests   docs, or a script's head
  members of documents          the page of the format     tests of its reader

What --help prints is compared with tests/tool/golden by tests/tool/usage.sh
and others; tests/tool/options.sh also looks at each command by itself.
tests.sh has the reasons and the diagnostic codes of the library.
"""

import os
import re
import sys

sys.dont_write_bytecode = True

import common  # noqa: E402
import declarations  # noqa: E402

TOOL_PAGE = "docs/man/pdp-check.1"

# A row of a table of struct pdp__option.
OPTION = re.compile(
    r"\{\s*\w+\s*,\s*('.'|0)\s*,\s*(?:true|false)\s*,\s*\"([a-z-]+)\"\s*,")
# A row of a table of struct pdp__member.
MEMBER = re.compile(r"\{\"(\w+)\",\s*(?:true|false),")

# Which files read which format, where it is described, and which tests have
# cases of it.  The further patterns find members outside of tables.
FORMATS = (
    ("lib/load/service_*.c", "docs/man/pdp-service.5",
     ("tests/unit/*service*",), ()),
    ("lib/load/trust_*.c", "docs/man/pdp-trust.5", ("tests/unit/*trust*",),
     (r'^    \{"(\w+)", "/[\w/]+"\},',)),
    ("lib/load/policies_*.c", "docs/man/pdp-policies.5",
     ("tests/unit/*polic*", "tests/unit/grant_text.h"), ()),
    ("lib/load/directory_*.c", "docs/man/pdp-directory.5",
     ("tests/unit/*directory*",), ()),
    # Parameters of a key are those of RFC 7518, 6: the page names the RFC.
    ("lib/[cl]*/jwk*.c", "docs/man/pdp-trust.5", ("tests/unit/*jwk*",),
     (r'json_member\([^;]*PDP__LIT\("(\w+)"\)',)),
)


def tests_of(*patterns: str) -> str:
    return "\n".join(common.read(path) for path in common.files(*patterns))


def page_words(page: str) -> str:
    """A manual page without its comments, escapes undone."""
    text = re.sub(r"^\.\\\".*", "", common.read(page), flags=re.MULTILINE)
    return text.replace("\\-", "-").replace("\\&", "")


def commands_of(path: str) -> list[str]:
    """The expected --help of the commands whose options a file lists."""
    base = os.path.basename(path)
    if base == "main.c":
        return ["usage"]
    found = re.match(r"cmd_(\w+)\.c", base)
    if found:
        return [found.group(1)]
    return ["decide", "catalog-routes", "lint", "keygen", "token"]


def check_options() -> None:
    page = page_words(TOOL_PAGE)
    # Lines that run the tool, not what looks at its output: grep has a -q.
    scripts = "\n".join(
        line for line in re.sub(r"\\\n", " ",
                                tests_of("tests/tool/*.sh")).split("\n")
        if not re.search(r"\b(?:grep|sed|cut|cp|rm)\b", line))
    cnt = 0
    for path in common.files("tools/pdp-check/*.[ch]"):
        source = common.code(path, strings=True).replace("\\\n", "\n")
        for letter, name in OPTION.findall(source):
            cnt += 1
            letter = "" if letter == "0" else letter.strip("'")
            helps = [f"tests/tool/golden/{command}-help.txt"
                     for command in commands_of(path)]
            helps = [path for path in helps if os.path.isfile(path)] or \
                [f"tests/tool/golden/catalog-{c}-help.txt"
                 for c in commands_of(path)]
            shown = tests_of(*helps)
            for dashed, manual in [("--" + name, f"Fl Fl {name}")] + \
                    ([("-" + letter, f"Fl {letter}")] if letter else []):
                if not re.search(re.escape(manual) + r"(?![\w-])", page):
                    common.bad(path, f"{dashed} is not in {TOOL_PAGE}",
                               f"add a paragraph .It {manual}")
                if not re.search(r"(?<![\w-])" + re.escape(dashed) +
                                 r"(?![\w-])", shown):
                    common.bad(path, f"{dashed} is in no expected --help",
                               "update tests/tool/golden/*-help.txt")
            used = "--" + name + (f"|-{letter}" if letter else "")
            if not re.search(rf"(?<![\w-])(?:{used})(?![\w-])", scripts):
                common.bad(path, f"no test uses --{name}",
                           "add a case to a script in tests/tool")
    if cnt < 10:
        common.bad("tools/pdp-check/", "no table of options found",
                   "keep the form {ID, 'X', false, \"name\", ...}")


def check_exit_statuses() -> None:
    text = common.code("tools/pdp-check/cli.h")
    body = re.search(r"enum pdp__exit \{([^}]*)\}", text)
    rows = re.findall(r"(PDP__EXIT_\w+) = (\d+)", body.group(1) if body else
                      "")
    page = page_words(TOOL_PAGE)
    section = page.partition(".Sh EXIT STATUS")[2].partition(".Sh ")[0]
    help_text = " ".join(
        common.read("tests/tool/golden/usage-help.txt").split())
    help_text = help_text.partition("exit status:")[2]
    scripts = tests_of("tests/tool/*.sh")
    for name, value in rows:
        if not re.search(rf"^\.It {value}$", section, re.MULTILINE):
            common.bad(TOOL_PAGE, f"exit status {value} is not described",
                       "add it to the section EXIT STATUS")
        if not re.search(rf"\b{value} \w", help_text):
            common.bad("tools/pdp-check/main.c",
                       f"--help does not name exit status {value}",
                       "add it to the last lines of help()")
        if not re.search(
                rf"\b(?:check|status) \S+ {value} |\"?\$got\"? -(?:eq|ne) "
                rf"{value}\b|\"?\$got\"? = {value}\b", scripts):
            common.bad(name, f"no script expects exit status {value}",
                       "add a case to a script in tests/tool")
    if len(rows) < 4:
        common.bad("tools/pdp-check/cli.h", "no exit statuses found",
                   "keep the form enum pdp__exit { NAME = N, ... }")


def check_tool_codes() -> None:
    page = page_words(TOOL_PAGE)
    tests = tests_of("tests/unit/*.c", "tests/tool/golden/*")
    for path in common.files("tools/*/*.c"):
        source = common.code(path, strings=True)
        for name in sorted(set(re.findall(
                r"\b(?:fail_at|pdp__docs_refuse)\([^;\"]*\"([a-z]+_[a-z_]+)\"",
                source))):
            if not common.word(name).search(page):
                common.bad(path, f"code {name} is not in {TOOL_PAGE}",
                           "say what it means where lint is described")
            if not common.word(name).search(tests):
                common.bad(path, f"no test provokes code {name}",
                           "add a case with its line and column")


def check_enumerators() -> None:
    pages = "\n".join(page_words(p) for p in common.files("docs/man/*.3"))
    tests = "\n".join(common.code(p) for p in common.files("tests/**/*.c",
                                                           "tests/**/*.h"))
    for header, prefix, own in (
            ("include/pdp/status.h", "PDP_", "tests/unit/test_status.c"),
            ("include/pdp/loader.h", "PDP_SOURCE_", "")):
        names = [n for n in declarations.read_header(header).enumerators
                 if n.startswith(prefix)]
        others = tests.replace(common.code(own), "") if own else tests
        inside = "\n".join(common.code(p) for p in common.files("lib/*/*.c")
                           if p != "lib/base/status.c")
        for name in names:
            if pages and not common.word(name).search(pages):
                common.bad(header, f"{name} is in no page of section 3",
                           "say what it means, with .Dv")
            if common.word(name).search(inside) and \
                    not common.word(name).search(others):
                common.bad(header, f"no test provokes {name}",
                           "add a case that asserts what it does")
        if not names:
            common.bad(header, "no enumerators found",
                       "keep the form typedef enum ... { NAME = N, ... }")


def check_variables() -> None:
    page = page_words(TOOL_PAGE)
    scripts = tests_of("tests/tool/*.sh", "tests/unit/test_tool_*.c")
    get = re.compile(r'\bgetenv\(\s*"(\w+)"')
    for path in common.files("tools/*/*.c"):
        for name in get.findall(common.code(path, strings=True)):
            if f".It Ev {name}\n" not in page:
                common.bad(path, f"variable {name} is not in {TOOL_PAGE}",
                           "add it to the section ENVIRONMENT")
            if not common.word(name).search(scripts):
                common.bad(path, f"no test sets variable {name}",
                           "add a case to a script in tests/tool")

    paths = common.files("bootstrap.sh", ".ci/run", "tests/**/*.sh",
                         "tests/**/*.py", "tests/**/*.[ch]")
    heads = "\n".join(re.match(r"(?:#.*\n|\s)*", common.read(path)).group()
                      for path in paths if not path.endswith((".c", ".h")))
    usage = re.search(r"^usage\(\).*?^}", common.read("bootstrap.sh"),
                      re.MULTILINE | re.DOTALL)
    comments = [comment for path in paths if path.endswith((".c", ".h"))
                for comment in re.findall(r"/\*.*?\*/", common.read(path),
                                          re.DOTALL)]
    documents = "\n".join([heads, *comments, tests_of("docs/*.md", "*.md"),
                           usage.group() if usage else ""])
    given = re.compile(
        r"\$\{([A-Z][A-Z0-9_]+)(?::?[-=?+])|"
        r"\benviron(?:\.get\(|\[)[\"'](\w+)|\bgetenv\(\s*\"(\w+)\"|"
        r"\$\{?(PDP_[A-Z_]+)")
    for path in paths:
        if path.startswith("tests/lint/selftest"):
            continue
        names = {next(filter(None, groups))
                 for groups in given.findall(common.read(path))}
        # What a script sets itself is none of its inputs.
        names -= set(re.findall(r"^[ \t]*(?:export )?(\w+)=(?!\$\{\1)",
                                common.read(path), re.MULTILINE))
        for name in sorted(names - {"TMPDIR", "PATH", "HOME"}):
            if not common.word(name).search(documents):
                common.bad(path, f"variable {name} is described nowhere",
                           "name it at the head of the script, or in "
                           "docs/TESTING.md")


def check_members() -> None:
    shared = tests_of("tests/unit/*_util.h", "tests/unit/*_text.h",
                      "tests/unit/fixture.h", "tests/unit/*_cases.h",
                      "tests/tool/*.sh", "tests/named/*.c")
    for sources, page, tests, more in FORMATS:
        names: dict[str, str] = {}
        for path in common.files(sources):
            text = common.code(path, strings=True)
            for pattern in [MEMBER, *(re.compile(p, re.MULTILINE)
                                      for p in more)]:
                for name in pattern.findall(text):
                    names.setdefault(name, path)
        if len(names) < 5:
            common.bad(sources, "no members found",
                       "keep the form {\"name\", true, TYPE, &node}")
        described = page_words(page)
        cases = tests_of(*tests) + shared
        for name, path in sorted(names.items()):
            if not common.word(name).search(described):
                common.bad(path, f"member \"{name}\" is not in {page}",
                           "say what it means, what it may hold, its default")
            if not re.search(rf"[\"'/]{name}\\?[\"'/]", cases):
                common.bad(path, f"no test has member \"{name}\"",
                           f"add a case to {tests[0]}")


def main() -> None:
    check_options()
    check_exit_statuses()
    check_tool_codes()
    check_enumerators()
    check_variables()
    check_members()
    common.done()


main()
