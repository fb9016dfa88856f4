#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""A test that nothing runs cannot fail.

  cases      each `static void NAME(void **state)` of a test program is in a
             list of cmocka tests, or given to another function there as its
             set-up; each list is run, and the result of the run is used
  programs   each C file below tests/ is built: a program of check_PROGRAMS
             that is in TESTS, one of EXTRA_PROGRAMS, or part of one
  scripts    each is in TESTS, or packed and named by another script, a rule
             of make, or docs/TESTING.md if it is run by hand
  the rest   headers and data are packed: make distcheck must find them
"""

import os
import re
import sys

sys.dont_write_bytecode = True

import common  # noqa: E402

CASE = re.compile(r"^static\s+void\s+(\w+)\(void\s*\*\*\s*\w+\)\s*\{",
                  re.MULTILINE)
LIST = re.compile(r"\bstruct\s+CMUnitTest\s+(\w+)\s*\[[^]]*\]\s*=\s*\{"
                  r"(.*?)\n?\s*\};", re.DOTALL)
RUN = re.compile(r"\bcmocka_run_group_tests(?:_name)?\s*\(([^;]*)\)\s*;")


def check_cases(path: str) -> None:
    text = common.code(path)
    lists = LIST.findall(text)
    listed = " ".join(body for _, body in lists)
    runs = list(RUN.finditer(text))
    for found in CASE.finditer(text):
        name = found.group(1)
        if not re.search(rf"\b{name}\b", listed):
            common.bad(f"{path}:{common.line_of(text, found.start())}",
                       f"{name}() is in no list of cases",
                       "add cmocka_unit_test() for it")
    for name, _ in lists:
        if not any(re.search(rf"\b{name}\b", run.group(1)) for run in runs):
            common.bad(path, f"the list {name}[] is not run",
                       "give it to cmocka_run_group_tests()")
    for run in runs:
        if text[:run.start()].rstrip().endswith((";", "{", "}")):
            common.bad(path, "the result of cmocka_run_group_tests() is lost",
                       "return it from main()")


def check_programs(variables: dict[str, list[str]]) -> None:
    checked = set(variables.get("check_PROGRAMS", []))
    extra = set(variables.get("EXTRA_PROGRAMS", []))
    tests = set(variables.get("TESTS", []))
    # replay.sh runs these, each with its corpus.
    replayed = set(variables.get("fuzz_programs", [])) \
        if "tests/fuzz/replay.sh" in tests else set()
    parts = {word for name, words in variables.items()
             if name.endswith("_SOURCES") for word in words}
    for path in common.files("tests/**/*.c"):
        program = path[:-len(".c")]
        if program in checked | extra:
            if program in checked - tests - replayed and \
                    re.search(r"\bcmocka_run_group_tests", common.code(path)):
                common.bad(path, "is built, but make check does not run it",
                           "add it to TESTS in its Makemodule.am")
        elif path not in parts:
            common.bad(path, "is in no Makemodule.am",
                       "add it to check_PROGRAMS and TESTS")


def check_scripts(variables: dict[str, list[str]]) -> None:
    tests = set(variables.get("TESTS", []))
    packed = set(variables.get("EXTRA_DIST", [])) | tests
    rules = "\n".join(common.read(path) for path in common.makefiles())
    by_hand = common.read("docs/TESTING.md") + common.read("bootstrap.sh")
    scripts = common.files("tests/**/*.sh", "tests/**/*.py")
    texts = {path: common.read(path) for path in scripts}
    for path in scripts:
        if path in tests:
            continue
        base = os.path.basename(path)
        stem = base.removesuffix(".py")
        # selftest.sh plants scripts; it runs none of them.
        users = [other for other, text in texts.items()
                 if other not in (path, "tests/lint/selftest.sh") and
                 (base in text or
                  re.search(rf"\b(?:import|from) {stem}\b", text) or
                  "import_module" in text and f'"{stem}"' in text)]
        ruled = re.search(r"\$\((?:srcdir|top_srcdir)\)/" + re.escape(path),
                          rules)
        if not users and not ruled and path not in by_hand:
            common.bad(path, "nothing runs it",
                       "add it to TESTS in a Makemodule.am, or tell in "
                       "docs/TESTING.md how to run it")
        if path not in packed and not any(
                path.startswith(folder + "/") for folder in packed):
            common.bad(path, "is not packed",
                       "add it to EXTRA_DIST in a Makemodule.am")


def check_packed(variables: dict[str, list[str]]) -> None:
    headers = set(variables.get("noinst_HEADERS", []))
    sources = {word for name, words in variables.items()
               if name.endswith(("_SOURCES", "_HEADERS")) for word in words}
    packed = set(variables.get("EXTRA_DIST", [])) | \
        set(variables.get("TESTS", []))
    for path in common.files("tests/**/*.h"):
        if path not in headers | sources:
            common.bad(path, "is not packed",
                       "add it to noinst_HEADERS in a Makemodule.am")
    for path in common.files("tests/*", "tests/[!f]*/**/*", "tests/f[!u]*/**/*",
                             "tests/fuzz/*", "tests/fuzz/corpus"):
        if not os.path.isfile(path) or \
                path.endswith((".c", ".h", ".sh", ".py", ".am")):
            continue
        # What a build in the source tree leaves behind is not ours.
        if re.search(r"\.(o|lo|la|log|trs|Po|Plo|dirstamp)$", path) or \
                os.access(path, os.X_OK):
            continue
        folders = [path]
        while "/" in folders[-1]:
            folders.append(os.path.dirname(folders[-1]))
        if not packed.intersection(folders):
            common.bad(path, "is not packed",
                       "add it, or its folder, to EXTRA_DIST")


def main() -> None:
    variables = common.make_variables()
    programs = common.files("tests/**/*.c")
    cases = 0
    for path in programs:
        check_cases(path)
        cases += len(CASE.findall(common.code(path)))
    if cases == 0:
        common.bad("tests/", "no test cases found",
                   "keep the form static void NAME(void **state)")
    check_programs(variables)
    check_scripts(variables)
    check_packed(variables)
    common.done()


main()
