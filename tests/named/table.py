#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Which test proves which numbered requirement?

A test function that proves a number begins with it: t44_report_and_..., or
t24_p11_... for two; in Python test_t44_..., or a row of a table whose name
begins with "T44 " (see python_cases.py).  This script reads numbers.tsv
beside it, the test programs of tests/*/ and the Python scripts of
tests/integration/, and prints

    number  title  program: functions

for every number.  A function in C counts if its program registers it with
cmocka_unit_test() or one of its kin; one that is only defined, or commented
out, proves nothing.  Nor does a case in Python that nothing calls, or a
script that is not in TESTS.  A number that is `wanted` needs a test in
tests/named/ or tests/integration/; functions elsewhere are listed, too.

Exit status: 0; 1 if a wanted number has no function, or a name holds a
number that numbers.tsv does not know; 2 for a misuse.
"""

import argparse
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "lint")]

import automake  # noqa: E402
import python_cases  # noqa: E402

PROVING = ("tests/named/", "tests/integration/")
STATES = ("wanted", "later")
COMMENT = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                     re.DOTALL)
SWITCHED_OFF = re.compile(r"^[ \t]*#[ \t]*if[ \t]+0\b.*?^[ \t]*#[ \t]*"
                          r"(?:endif|else|elif)\b[^\n]*$",
                          re.DOTALL | re.MULTILINE)
REGISTERED = re.compile(r"\bcmocka_unit_test\w*\s*\(\s*([A-Za-z_]\w*)")
FORM = re.compile(r"^[A-Z]\d\d$")


class Number:
    """A row of numbers.tsv, and what proves it."""

    def __init__(self, title: str, state: str) -> None:
        self.title = title
        self.state = state
        self.proofs: dict[str, list[str]] = {}  # program -> functions

    def is_proved(self) -> bool:
        return any(program.startswith(PROVING) for program in self.proofs)

    def add(self, program: str, function: str) -> None:
        functions = self.proofs.setdefault(program, [])
        if function not in functions:
            functions.append(function)


def read_numbers(path: pathlib.Path) -> dict[str, Number]:
    numbers: dict[str, Number] = {}
    for line_no, line in enumerate(
            path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        fields = line.split("\t")
        if (len(fields) != 4 or not FORM.match(fields[0])
                or fields[3] not in STATES or fields[0] in numbers):
            sys.exit(f"{path.name}:{line_no}: not \"number, title, row, "
                     f"state\" with tabs, or listed twice: {line}")
        numbers[fields[0]] = Number(fields[1], fields[3])
    if not numbers:
        sys.exit(f"{path.name}: no numbers")
    return numbers


def registered(text: str) -> list[str]:
    """The functions a program runs, in order, each once."""
    text = COMMENT.sub(lambda m: " " if m.group().startswith("/*") else '""',
                       text)
    text = SWITCHED_OFF.sub("", text)
    return list(dict.fromkeys(REGISTERED.findall(text)))


def letters_of(numbers: dict[str, Number]) -> str:
    """Only letters of the list: "b64_..." is a word and no number."""
    return "".join(sorted({key[0].lower() for key in numbers}))


def enter(numbers: dict[str, Number], program: str, name: str,
          proves: list[str]) -> list[str]:
    """Files one case under its numbers; returns what is wrong."""
    for number in proves:
        if number in numbers:
            numbers[number].add(program, name)
    return [f"{program}: {name}: there is no number {number}"
            for number in proves if number not in numbers]


def collect(root: pathlib.Path, numbers: dict[str, Number]) -> list[str]:
    """Files the functions in C under their numbers; what is wrong."""
    # In tests/named/ also what was meant to be a number: t5_, t105_.
    letters = letters_of(numbers)
    exact = re.compile(rf"^(?:[{letters}]\d\d_)+")
    meant = re.compile(rf"^(?:[{letters}]\d+_)+")
    faults = []
    for path in sorted(root.glob("tests/*/test_*.c")):
        program = path.relative_to(root).with_suffix("").as_posix()
        named = program.startswith("tests/named/")
        for name in registered(path.read_text(encoding="utf-8")):
            match = (meant if named else exact).match(name)
            if match is None:
                if named:
                    faults.append(f"{program}: {name} begins with no number")
                continue
            faults += enter(numbers, program, name,
                            match.group().upper().strip("_").split("_"))
    return faults


def collect_python(root: pathlib.Path, numbers: dict[str, Number]
                   ) -> list[str]:
    """The same for the scripts of tests/integration/ that are in TESTS."""
    tests = automake.variables(root).get("TESTS", [])
    faults = []
    for path in sorted(root.glob("tests/integration/*.py")):
        program = path.relative_to(root).as_posix()
        if program not in tests:
            continue
        try:
            cases = python_cases.cases(path.read_text(encoding="utf-8"),
                                       letters_of(numbers))
        except SyntaxError as error:
            faults.append(f"{program}:{error.lineno}: it does not compile")
            continue
        for name, proves in cases:
            faults += enter(numbers, program, name, proves)
    return faults


def print_text(numbers: dict[str, Number]) -> None:
    for key, number in numbers.items():
        mark = "" if number.proofs else f"  ({number.state}, no test)"
        print(f"{key}  {number.title}{mark}")
        for program, functions in number.proofs.items():
            print(f"     {program}: {', '.join(functions)}")


def print_tsv(numbers: dict[str, Number]) -> None:
    for key, number in numbers.items():
        rows = [(program, function)
                for program, functions in number.proofs.items()
                for function in functions]
        for program, function in rows or [("-", "-")]:
            print(key, number.title, number.state, program, function,
                  sep="\t")


def print_md(numbers: dict[str, Number]) -> None:
    print("| number | what | tests |\n|---|---|---|")
    for key, number in numbers.items():
        tests = "<br>".join(
            f"`{program}`: " + ", ".join(f"`{name}`" for name in functions)
            for program, functions in number.proofs.items())
        print(f"| {key} | {number.title} | {tests or number.state} |")


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Which test proves which numbered requirement?")
    parser.add_argument("--format", choices=("text", "tsv", "md", "none"),
                        default="text", help="none: only what is wrong")
    parser.add_argument("--root", type=pathlib.Path, default=HERE.parents[1],
                        help="the source tree")
    parser.add_argument("--numbers", type=pathlib.Path,
                        default=HERE / "numbers.tsv")
    args = parser.parse_args()
    numbers = read_numbers(args.numbers)
    faults = collect(args.root, numbers) + collect_python(args.root, numbers)
    printers = {"text": print_text, "tsv": print_tsv, "md": print_md}
    if args.format in printers:
        printers[args.format](numbers)
    faults += [f"{key}: no test in tests/named/ or tests/integration/ "
               f"({number.title})"
               for key, number in numbers.items()
               if number.state == "wanted" and not number.is_proved()]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
