#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Finds the checks of C sources and makes each of them removable.

A mutant is one small change of one check.  All mutants of a file are built
into one program: where the source says `if (a && b)`, the copy says

    if (pdp__mut_cond(1, (pdp__mut_off(3) ? true : (a)) &&
                         (pdp__mut_off(4) ? true : (b))))

and the variable PDP_MUTANT of a run says which of them is in force, so that
the tests are built once and not a thousand times.  The file that
PDP_MUTANT_TRACE names gets the numbers of those that the run came to.

    invert     if (c)          ->  if (!c)
    remove     if (c)          ->  if (c, false); also the loops
    drop       a && b          ->  b, and a; the same with ||
    boundary   a < b           ->  a <= b, and so on; not in loops
    ignore     PDP_TRY(call)   ->  the status is not looked at

What is read here is the house style (a function's braces stand in column 1),
not the language C: it is a tool for these sources, not for any.
"""

import re

BLANKED = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
      | ^[ \t]*\#(?:[^\n]*\\\n)*[^\n]*""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
RELATION = re.compile(r"(?<![-<>=!])([<>]=?)(?![<>=])")
BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
OPEN, CLOSE = "([{", ")]}"


def blank(source):
    """The source with comments and directives as spaces, literals as _."""
    return BLANKED.sub(
        lambda m: re.sub(r"[^\n]", "_" if m.group()[0] in "\"'" else " ", m.group()),
        source,
    )


def closing(code, start):
    """The index of the bracket that closes the one at `start`."""
    depth = 0
    for i in range(start, len(code)):
        if code[i] in OPEN:
            depth += 1
        elif code[i] in CLOSE:
            depth -= 1
            if depth == 0:
                return i
    raise ValueError("unbalanced brackets")


def top_level(code, start, end, operator):
    """The parts of code[start:end] between an operator, as pairs."""
    parts, depth, begin = [], 0, start
    i = start
    while i < end:
        if code[i] in OPEN:
            depth += 1
        elif code[i] in CLOSE:
            depth -= 1
        elif depth == 0 and code.startswith(operator, i):
            parts.append((begin, i))
            i += len(operator)
            begin = i
            continue
        i += 1
    parts.append((begin, end))
    return parts


def strip(code, start, end):
    while start < end and code[start].isspace():
        start += 1
    while end > start and code[end - 1].isspace():
        end -= 1
    return start, end


class File:
    """One source that is being instrumented; `mutants` is shared."""

    def __init__(self, name, source, mutants):
        self.name = name
        self.source = source
        self.code = blank(source)
        self.mutants = mutants
        self.loop = False  # a loop's bound: one more would be read, no check

    def new(self, kind, start, end):
        line = self.source.count("\n", 0, start) + 1
        text = " ".join(self.source[start:end].split())
        self.mutants.append(
            {"file": self.name, "line": line, "kind": kind, "text": text}
        )
        return len(self.mutants)

    def never(self, start, end):
        """PDP_NEVER(x): nothing can reach it, so no test can miss it."""
        return self.code.startswith("PDP_NEVER(", start) and (
            closing(self.code, start + len("PDP_NEVER")) == end - 1
        )

    def operands(self, start, end):
        """A condition whose parts can be dropped."""
        start, end = strip(self.code, start, end)
        if self.never(start, end):
            return self.source[start:end]
        for operator, neutral in (("||", "false"), ("&&", "true")):
            parts = top_level(self.code, start, end, operator)
            if len(parts) > 1:
                out = []
                for part in parts:
                    a, b = strip(self.code, *part)
                    if self.never(a, b):
                        out.append(self.source[a:b])
                        continue
                    ix = self.new("drop", a, b)
                    out.append(
                        f"(pdp__mut_off({ix}) ? {neutral} : "
                        f"({self.operands(a, b)}))"
                    )
                return f" {operator} ".join(out)
        return self.leaf(start, end)

    def leaf(self, start, end):
        code = self.code
        bracket = start + 1 if code[start] == "!" else start
        if code[bracket] == "(" and closing(code, bracket) == end - 1:
            inside = self.operands(bracket + 1, end - 1)
            return f"{self.source[start:bracket]}({inside})"
        found = []
        for m in RELATION.finditer(code, start, end):
            before = code[start:m.start()]
            if all(before.count(o) == before.count(c) for o, c in zip(OPEN, CLOSE)):
                found.append(m)
        if self.loop or len(found) != 1 or "?" in code[start:end]:
            return self.source[start:end]
        left = self.source[start:found[0].start()].rstrip()
        right = self.source[found[0].end():end].strip()
        ix = self.new("boundary", start, end)
        other = BOUNDARY[found[0].group()]
        return (
            f"(pdp__mut_off({ix}) ? ({left} {other} {right}) : "
            f"({left} {found[0].group()} {right}))"
        )

    def condition(self, start, end, kinds):
        """A whole condition: inverted, or never true."""
        start, end = strip(self.code, start, end)
        if self.never(start, end):
            return self.source[start:end]
        invert = self.new("invert", start, end) if "invert" in kinds else 0
        remove = self.new("remove", start, end) if "remove" in kinds else 0
        return f"pdp__mut_cond({invert}, {remove}, ({self.operands(start, end)}))"

    def bodies(self):
        """The functions' bodies: from a { to a } in column 1."""
        start = None
        for m in re.finditer(r"^[{}]", self.code, re.MULTILINE):
            if m.group() == "{":
                start = m.start()
            elif start is not None:
                yield start, m.end()
                start = None

    def edits(self):
        """(start, end, kind of edit) of all checks, outermost first."""
        for start, end in self.bodies():
            code = self.code
            for m in re.compile(r"\b(if|while) \(").finditer(code, start, end):
                close = closing(code, m.end() - 1)
                kinds = ("invert", "remove") if m[1] == "if" else ("remove",)
                yield m.end(), close, kinds
            for m in re.compile(r"\bfor \(").finditer(code, start, end):
                close = closing(code, m.end() - 1)
                parts = top_level(code, m.end(), close, ";")
                if len(parts) == 3 and code[slice(*parts[1])].strip():
                    yield parts[1][0], parts[1][1], ("remove",)
            for m in re.compile(r"\bPDP_ENSURE\(").finditer(code, start, end):
                close = closing(code, m.end() - 1)
                yield (*top_level(code, m.end(), close, ",")[0], ("invert", "ensure"))
            for m in re.compile(r"\bPDP_TRY\(").finditer(code, start, end):
                yield m.end(), closing(code, m.end() - 1), ("ignore",)
            for m in re.compile(r"\breturn\b([^;]*);").finditer(code, start, end):
                if "?" not in m[1] and re.search(r"&&|\|\||[=!<>]=|^\s*!|[^-]>|<", m[1]):
                    yield m.start(1), m.end(1), ("invert",)
            for m in re.compile(r"\?").finditer(code, start, end):
                yield (*self.question(m.start()), ("invert",))

    def question(self, mark):
        """The condition before a `?`."""
        code, depth, i = self.code, 0, mark - 1
        while True:
            c = code[i]
            if c in CLOSE:
                depth += 1
            elif c in OPEN:
                if depth == 0:
                    break
                depth -= 1
            elif depth == 0 and c in ",;?:":
                break
            elif depth == 0 and c == "=" and code[i - 1] not in "=!<>" and code[i + 1] != "=":
                break
            elif depth == 0 and code[i - 5 : i + 1] == "return":
                break
            i -= 1
        return i + 1, mark

    def instrument(self):
        """The source with all its mutants in it."""
        out, at = [], 0
        for start, end, kinds in sorted(set(self.edits())):
            if start < at:
                continue  # inside another one
            out.append(self.source[at:start])
            if kinds == ("ignore",):
                ix = self.new("ignore", start, end)
                out.append(f"pdp__mut_status({ix}, ({self.source[start:end]}))")
            elif "ensure" in kinds:
                ix = self.new("remove", *strip(self.code, start, end))
                text = self.condition(start, end, ("invert",))
                out.append(f"(pdp__mut_off({ix}) ? true : {text})")
            else:
                lead = " " if self.source[start].isspace() else ""
                self.loop = kinds == ("remove",)
                out.append(lead + self.condition(start, end, kinds))
                if self.source[end - 1].isspace():
                    out.append(" ")
            at = end
        out.append(self.source[at:])
        return "".join(out)


HEADER = """\
#ifndef PDP_MUTANT_H
#define PDP_MUTANT_H
#include <stdbool.h>
extern int pdp__mutant;
extern unsigned char pdp__mut_reached[];
static inline bool
pdp__mut_off(int ix)
{
    pdp__mut_reached[ix] = 1;
    return pdp__mutant == ix;
}
#define pdp__mut_cond(invert, remove, c)                                       \\
    pdp__mut_judge((invert), (remove), (c) ? true : false)
static inline bool
pdp__mut_judge(int invert, int remove, bool holds)
{
    pdp__mut_reached[invert] = 1;
    pdp__mut_reached[remove] = 1;
    if (pdp__mutant != 0 && pdp__mutant == invert) {
        return !holds;
    }
    return pdp__mutant != 0 && pdp__mutant == remove ? false : holds;
}
#define pdp__mut_status(ix, call)                                              \\
    (pdp__mut_off(ix) ? ((void)(call), PDP_OK) : (call))
#endif
"""

RUNTIME = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int pdp__mutant;
unsigned char pdp__mut_reached[%d];
static void
pdp__mut_trace(void)
{
    const char *name = getenv("PDP_MUTANT_TRACE");
    FILE *out = name == NULL ? NULL : fopen(name, "a");

    for (size_t i = 1; out != NULL && i < sizeof(pdp__mut_reached); i++) {
        if (pdp__mut_reached[i] != 0) {
            fprintf(out, "%%zu\\n", i);
        }
    }
    if (out != NULL) {
        fclose(out);
    }
}
__attribute__((constructor)) static void
pdp__mut_begin(void)
{
    const char *text = getenv("PDP_MUTANT");

    pdp__mutant = text == NULL ? 0 : (int)strtol(text, NULL, 10);
    atexit(pdp__mut_trace);
}
"""
