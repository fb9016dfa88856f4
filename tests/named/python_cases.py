# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""The cases of a test written in Python, and their numbers; see table.py.

A case is a function test_t25_what_holds() (or case_...), or a row of a
table whose name, a literal that stands first in it, begins with the numbers:

    ("T25 T26 what holds", ...)    Case("T25 what holds", ...)
    {"T25 what holds": ...}

It counts only if something runs it.  So the script is parsed, not searched,
and a definition counts once code that runs from the top of the script names
it; a call of globals() names every function that is called test_ or case_.
"""

import ast
import re
from typing import Iterator

FUNCTION = re.compile(r"^(?:test|case)_")
Function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def targets(node: ast.stmt) -> list[str]:
    """The names that a statement at the top defines; none: it just runs."""
    if isinstance(node, Function):
        return [node.name]
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        found = node.targets if isinstance(node, ast.Assign) else [node.target]
        if all(isinstance(one, ast.Name) for one in found):
            return [one.id for one in found]
    return []


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Like ast.walk(), without what `if False` switches off."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Constant) and \
            not node.test.value:
        for child in node.orelse:
            yield from walk(child)
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from walk(child)


def running(tree: ast.Module) -> list[ast.stmt]:
    """The statements at the top of a script that take part when it runs."""
    waiting = list(tree.body)
    used: set[str] = set()
    live: list[ast.stmt] = []
    while True:
        more = [node for node in waiting
                if not targets(node) or used.intersection(targets(node)) or
                getattr(node, "decorator_list", None) or
                "globals" in used and isinstance(node, Function) and
                FUNCTION.match(node.name)]
        if not more:
            return live
        for node in more:
            waiting.remove(node)
            live.append(node)
            used.update(name.id for name in walk(node)
                        if isinstance(name, ast.Name) and
                        isinstance(name.ctx, ast.Load))


def first(node: ast.AST) -> list[ast.expr]:
    """What could be the name of a case, if node is a row or a table."""
    if isinstance(node, (ast.Tuple, ast.List)):
        return [item.args[0] for item in node.elts
                if isinstance(item, ast.Call) and item.args] + node.elts[:1]
    if isinstance(node, ast.Dict):
        return [key for key in node.keys if key is not None]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and \
            ast.unparse(node.value.func) != "print":
        return node.value.args[:1]
    if isinstance(node, Function):
        return [call.args[0] for call in node.decorator_list
                if isinstance(call, ast.Call) and call.args]
    return []


def cases(text: str, letters: str) -> list[tuple[str, list[str]]]:
    """Each case that runs and has numbers (of these letters), with them; in
    the order of the script, each once.  Raises SyntaxError."""
    function = re.compile(rf"^(?:test|case)_((?:[{letters}]\d+_)+)")
    row = re.compile(rf"^((?:[{letters.upper()}]\d+ )+)\S")
    found: dict[str, tuple[int, list[str]]] = {}
    for top in running(ast.parse(text)):
        if isinstance(top, Function) and (match := function.match(top.name)):
            found[top.name] = (top.lineno,
                               match.group(1).upper().strip("_").split("_"))
        for node in walk(top):
            for name in first(node):
                if isinstance(name, ast.Constant) and \
                        isinstance(name.value, str) and \
                        (match := row.match(name.value)):
                    found.setdefault(name.value, (name.lineno,
                                                  match.group(1).split()))
    return [(name, numbers) for name, (_, numbers)
            in sorted(found.items(), key=lambda item: item[1][0])]
