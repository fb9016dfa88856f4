#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Python scripts of the project.

  they compile, with no warning          a script that is only run at a
                                         release must not rot until then
  a text at their head                   what it is, and how to call it
  the standard library only              nothing to install beside python3
  no bytecode in the source tree         what is run and imports a neighbour
                                         sets sys.dont_write_bytecode, or its
                                         folder has a script that runs it so
"""

import ast
import os
import re
import sys
import warnings

sys.dont_write_bytecode = True

import common  # noqa: E402


def leaves_bytecode(path: str) -> bool:
    """Whether running a script that imports a neighbour leaves a folder
    __pycache__."""
    folder, base = os.path.split(path)
    if "dont_write_bytecode = True" in common.read(path):
        return False
    imported = re.compile(rf"^\s*(?:import|from) {base[:-len('.py')]}\b",
                          re.MULTILINE)
    if any(imported.search(common.read(other))
           for other in common.files(f"{folder}/*.py") if other != path):
        return False
    return not any(
        re.search(r"PYTHONDONTWRITEBYTECODE|python3 -B", common.read(script))
        for script in common.files(f"{folder}/*.sh"))


def is_ours(path: str, module: str) -> bool:
    """A neighbour, or from a folder of tests/ that the script puts into
    sys.path by name."""
    folders = [os.path.dirname(path)]
    for line in common.read(path).splitlines():
        if "sys.path" in line:
            folders += [f"tests/{name}"
                        for name in re.findall(r'"([a-z]+)"', line)]
    return any(os.path.isfile(f"{folder}/{module}.py") for folder in folders)


def check(path: str) -> None:
    text = common.read(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            tree = ast.parse(text, path)
            compile(text, path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            common.bad(path, f"does not compile: {error}",
                       "python3 -m py_compile shows where")
            return
    if not ast.get_docstring(tree):
        common.bad(path, "no text at its head",
                   "say what it is in a docstring below the license")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "."]
        else:
            continue
        for name in names:
            first = name.split(".")[0]
            ours = is_ours(path, first)
            if ours and leaves_bytecode(path):
                common.bad(f"{path}:{node.lineno}",
                           f"importing {first} leaves __pycache__ behind",
                           "set sys.dont_write_bytecode = True before it, or "
                           "run it with python3 -B")
            if not ours and first not in sys.stdlib_module_names:
                common.bad(f"{path}:{node.lineno}",
                           f"{first} is not in the standard library",
                           "do without, or use what Python has")


def main() -> None:
    paths = common.files("tests/**/*.py", "tools/**/*.py", "lib/**/*.py",
                         "docs/**/*.py", "policies/**/*.py")
    for path in paths:
        check(path)
    if not paths:
        common.bad("tests/", "no Python scripts found",
                   "set srcdir to the source tree")
    common.done()


main()
