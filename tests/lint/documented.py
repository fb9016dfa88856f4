#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Whatever somebody can write or meet is documented and tested.

  what                          documented in              tested in
  options of each tool          its page, its --help       its scripts
  exit statuses of each         the same                   the same
  codes of pdp-check            pdp-check(1)               tests
  statuses of the library       a page of section 3        tests, if lib/
                                                           ever gives them
  kinds of sources              the same                   tests
  variables that tools read     the tool's page            its scripts
  variables of scripts, tests   docs, or a script's head
  variables of examples         a comment of the example
  members of documents          the page of the format     tests of its reader
  members of pdpd.yaml          pdpd.yaml(5)               tests of its reader
  metrics, events of pdpd       pdpd(8)                    its tests
  errors of pdp-fetch           pdp-fetch(8)               its tests

What --help of pdp-check prints is compared with tests/tool/golden by
tests/tool/usage.sh and others; tests/tool/options.sh also looks at each
command by itself.  tests/tool/gateway.sh has the codes of gateway-lint, and
tests.sh the reasons and the diagnostic codes of the library.
"""

import os
import re
import sys
from typing import NamedTuple

sys.dont_write_bytecode = True

import common  # noqa: E402
import declarations  # noqa: E402



class Tool(NamedTuple):
    """A program, and where what somebody can write or meet of it stands."""

    name: str
    sources: tuple[str, ...]    # where tables of options are
    page: str
    exits: str                  # the header with enum ...exit
    tests: tuple[str, ...]      # what runs it


TOOLS = (
    Tool("pdp-check", ("tools/pdp-check/*.[ch]",), "docs/man/pdp-check.1",
         "tools/pdp-check/cli.h", ("tests/tool/*.sh",)),
    Tool("pdpd", ("tools/pdpd/*.[ch]",), "docs/man/pdpd.8",
         "tools/pdpd/daemon.h", ("tests/integration/pdpd*.py",)),
    Tool("pdp-fetch", ("tools/pdp-fetch/*.[ch]",), "docs/man/pdp-fetch.8",
         "tools/pdp-fetch/run.h", ("tests/integration/fetch*.py",)),
)
TOOL_PAGE = TOOLS[0].page

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


def runs_of(tool: Tool) -> str:
    """The lines of its tests that run it, not what looks at its output: grep
    has a -q."""
    return "\n".join(
        line for line in re.sub(r"\\\n", " ",
                                tests_of(*tool.tests)).split("\n")
        if not re.search(r"\b(?:grep|sed|cut|cp|rm)\b", line))


def help_of(tool: Tool, path: str) -> tuple[str, str]:
    """What --help prints about the options of a file, and where that is.
    pdpd and pdp-fetch print their table itself."""
    if tool.name != "pdp-check":
        return " ".join(re.findall(r'"([^"]*)"', common.code(
            path, strings=True))), f"{path}, help()"
    commands = commands_of(path)
    helps = [f"tests/tool/golden/{command}-help.txt" for command in commands]
    helps = [path for path in helps if os.path.isfile(path)] or \
        [f"tests/tool/golden/catalog-{c}-help.txt" for c in commands]
    return tests_of(*helps), "tests/tool/golden/*-help.txt"


def check_option(tool: Tool, path: str, letter: str, name: str) -> None:
    page = page_words(tool.page)
    shown, where = help_of(tool, path)
    for dashed, manual in [("--" + name, f"Fl Fl {name}")] + \
            ([("-" + letter, f"Fl {letter}")] if letter else []):
        if not re.search(re.escape(manual) + r"(?![\w-])", page):
            common.bad(path, f"{dashed} is not in {tool.page}",
                       f"add a paragraph .It {manual}")
        if tool.name == "pdp-check" and \
                not re.search(r"(?<![\w-])" + re.escape(dashed) +
                              r"(?![\w-])", shown):
            common.bad(path, f"{dashed} is in no expected --help",
                       f"update {where}")
    used = "--" + name + (f"|-{letter}" if letter else "")
    if not re.search(rf"(?<![\w-])(?:{used})(?![\w-])", runs_of(tool)):
        common.bad(path, f"no test uses --{name}",
                   f"add a case to {tool.tests[0]}")


def check_options() -> None:
    for tool in TOOLS:
        cnt = 0
        for path in common.files(*tool.sources):
            source = common.code(path, strings=True).replace("\\\n", "\n")
            for letter, name in OPTION.findall(source):
                cnt += 1
                check_option(tool, path,
                             "" if letter == "0" else letter.strip("'"), name)
        if cnt < 4:
            common.bad(f"tools/{tool.name}/", "no table of options found",
                       "keep the form {ID, 'X', false, \"name\", ...}")


def check_exit_statuses() -> None:
    for tool in TOOLS:
        text = common.code(tool.exits)
        body = re.search(r"enum (?:pdp\w*exit )?\{([^}]*EXIT[^}]*)\}", text)
        rows = re.findall(r"(PDP\w*_EXIT_\w+) = (\d+)",
                          body.group(1) if body else "")
        section = page_words(tool.page).partition(
            ".Sh EXIT STATUS")[2].partition(".Sh ")[0]
        main = f"tools/{tool.name}/main.c"
        help_text = common.read("tests/tool/golden/usage-help.txt") \
            if tool.name == "pdp-check" else help_of(tool, main)[0]
        help_text = " ".join(help_text.replace("\\n", " ").split())
        help_text = help_text.partition("exit status:")[2]
        tests = tests_of(*tool.tests)
        for name, value in rows:
            if not re.search(rf"^\.It {value}$", section, re.MULTILINE):
                common.bad(tool.page, f"exit status {value} is not described",
                           "add it to the section EXIT STATUS")
            if not re.search(rf"\b{value} \w", help_text):
                common.bad(main, f"--help does not name exit status {value}",
                           "add it to the last lines of help()")
            # Shell: check and status of prelude.sh; Python: what a process
            # returned, and lists of command lines with what they return.
            if not re.search(
                    rf"\b(?:check|status) \S+ {value} |"
                    rf"\"?\$got\"? -(?:eq|ne) {value}\b|"
                    rf"\"?\$got\"? = {value}\b|"
                    rf"(?:returncode|wait\(\w*\)|stop\(\)), {value}\b|"
                    rf"\bonce\({value}\b|\], {value}\)", tests):
                common.bad(name, f"no script expects exit status {value}",
                           f"add a case to {tool.tests[0]}")
        if len(rows) < 3:
            common.bad(tool.exits, "no exit statuses found",
                       "keep the form enum ...exit { NAME = N, ... }")


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


def check_tool_variables() -> None:
    """Names given to getenv(), also by way of a constant or a function: all
    that look like one in a file which calls it."""
    literal = re.compile(r'"([A-Z]{2,}(?:_[A-Z]+)*)"')
    for tool in TOOLS:
        folders = [f"tools/{tool.name}/*.c"]
        if tool is TOOLS[0]:
            folders.append("tools/common/*.c")
        page = page_words(tool.page)
        listed = re.findall(r"^\.It Ev (.*)$", page, re.MULTILINE)
        tests = tests_of(*tool.tests, "tests/unit/test_tool_*.c",
                         f"tests/unit/test_{tool.name}_*.c")
        for path in common.files(*folders):
            source = common.code(path, strings=True)
            if "getenv(" not in source:
                continue
            for name in sorted(set(literal.findall(source))):
                if not any(common.word(name).search(row) for row in listed):
                    common.bad(path, f"variable {name} is not in {tool.page}",
                               "add it to the section ENVIRONMENT")
                if not common.word(name).search(tests):
                    common.bad(path, f"no test sets variable {name}",
                               f"add a case to {tool.tests[0]}")


def check_example_variables() -> None:
    """{$NAME} of Caddy, ${NAME} and "$NAME" of others, getenv() and kin."""
    given = re.compile(r"\{\$([A-Z]\w+)|\$\{?([A-Z][A-Z0-9_]{2,})\b|"
                       r"getenv\(\s*[\"'](\w+)")
    for path in common.files("docs/examples/**/*"):
        if not os.path.isfile(path):
            continue
        text = common.read(path)
        comments = "\n".join(re.findall(r"/\*.*?\*/|^\s*(?:#|--).*", text,
                                        re.MULTILINE | re.DOTALL)
                             if path.endswith((".c", ".h")) else
                             re.findall(r"^\s*(?:#|--).*", text,
                                        re.MULTILINE))
        code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL) \
            if path.endswith((".c", ".h")) else \
            re.sub(r"^\s*(?:#|--).*", "", text, flags=re.MULTILINE)
        for name in sorted({next(filter(None, groups))
                            for groups in given.findall(code)}):
            if not common.word(name).search(comments):
                common.bad(path, f"variable {name} is not described",
                           "say in a comment there what it is for")


def check_variables() -> None:
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


def check_config() -> None:
    """Members of pdpd.yaml, which has a page and tests of its own."""
    page = "docs/man/pdpd.yaml.5"
    rows = re.findall(r"^\.(?:It )?Cm (.*)$", page_words(page),
                      re.MULTILINE)
    described = {word for row in rows for word in re.findall(r"\w+", row)}
    tests = tests_of("tests/unit/*pdpd_config*", "tests/integration/pdpd*.py")
    names: dict[str, str] = {}
    for path in common.files("tools/pdpd/config*.c"):
        for name in MEMBER.findall(common.code(path, strings=True)):
            names.setdefault(name, path)
    for name, path in sorted(names.items()):
        if name not in described:
            common.bad(path, f"member \"{name}\" is not in {page}",
                       f"add a paragraph .It Cm {name}")
        if not re.search(rf"(?<!\w){name}:(?:[ \\]|$)", tests,
                         re.MULTILINE):
            common.bad(path, f"no test has member \"{name}\"",
                       "add a case to tests/unit/test_pdpd_config.c")
    if len(names) < 20:
        common.bad("tools/pdpd/config*.c", "no members found",
                   "keep the form {\"name\", true, TYPE, &node}")


# Events of the log, and errors of pdp-fetch, that no test brings about, and
# why.
UNTESTED_EVENTS: dict[str, str] = {}
UNTESTED_ERRORS: dict[str, str] = {}


def check_words(what: str, words: dict[str, str], page: str, manual: str,
                tests: str, quoted: str, untested: dict[str, str]) -> None:
    """Each word is an item of the page, and quoted in a test."""
    items = re.findall(rf"^\.It {manual} (.*)$", page_words(page),
                       re.MULTILINE)
    described = {word for row in items for word in re.findall(r"\w+", row)}
    for word, path in sorted(words.items()):
        if word not in described:
            common.bad(path, f"{what} {word} is not in {page}",
                       f"add a paragraph .It {manual} {word}")
        tested = re.search(quoted.replace("WORD", word), tests)
        if not tested and word not in untested:
            common.bad(path, f"no test has {what} {word}",
                       "add a case that asserts it")
        if tested and word in untested:
            common.bad(path, f"there is a test of {what} {word} now",
                       "take its reason out of tests/lint/documented.py")
    for word in untested.keys() - words.keys():
        common.bad("tests/lint/documented.py", f"there is no {what} {word}",
                   "take its reason out")
    if len(words) < 8:
        common.bad(page, f"no {what} found in the sources",
                   "see in tests/lint/documented.py how they are written")


def check_daemons() -> None:
    daemon = tests_of("tests/integration/pdpd*.py", "tests/unit/test_pdpd_*.c")
    metrics = {}
    events = {}
    for path in common.files("tools/pdpd/*.c"):
        source = common.code(path, strings=True)
        for name in re.findall(r'\b(?:one|head)\(out, "(\w+)"', source):
            metrics["pdpd_" + name] = path
        for name in re.findall(r'\bpdpd__log(?:_often)?\(\s*\w+,\s*"(\w+)"',
                               source) + \
                re.findall(r'\bbegin\(&\w+, \w+, "(\w+)"', source) + \
                re.findall(r'"event\\":\\"(\w+)', source):
            events[name] = path
    check_words("metric", metrics, "docs/man/pdpd.8", "Li", daemon,
                r"\bWORD(?!\w)", {})
    check_words("event", events, "docs/man/pdpd.8", "Cm", daemon,
                r'event\\?":\\?"WORD\\?"|"WORD"', UNTESTED_EVENTS)
    errors = {}
    for path in common.files("tools/pdp-fetch/*.c"):
        for name in re.findall(
                r'(?:\breturn|\bfail\(\w+,|heap_copy\(PDP__LIT\()\s*'
                r'"([a-z]+(?:_[a-z]+)*)"', common.code(path, strings=True)):
            errors[name] = path
    check_words("error", errors, "docs/man/pdp-fetch.8", "Cm", tests_of(
        "tests/integration/fetch*.py", "tests/unit/test_fetch_*.c"),
        r'"WORD"', UNTESTED_ERRORS)


def main() -> None:
    check_options()
    check_exit_statuses()
    check_tool_codes()
    check_enumerators()
    check_tool_variables()
    check_example_variables()
    check_variables()
    check_members()
    check_config()
    check_daemons()
    common.done()


main()
