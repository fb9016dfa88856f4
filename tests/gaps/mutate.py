#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Which check could be removed without a test noticing?

usage: mutate.py [--work FOLDER] [--jobs N] [--only TEXT] [--again] SOURCE_FOLDER

Copies the tree, makes every check of lib/decide/ and lib/text/path.c
removable (mutants.py), builds the tests once, and runs them for each mutant
until one fails.  A mutant that no test notices is a survivor: a missing
test, or a check without effect, which equivalent.tsv must name with a reason:

    FILE <tab> KIND <tab> TEXT OF THE CHECK <tab> REASON

Variables, set here for the programs that are run: PDP_MUTANT, the number of
the mutant in force (0: none); PDP_MUTANT_TRACE, the file that gets the
numbers of those that were reached.

Exit status: 0 no survivor, 1 survivors or stale rows, 2 it could not run.
"""

import argparse
import concurrent.futures
import glob
import json
import os
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # the source folder stays as it is

from mutants import HEADER, RUNTIME, File  # noqa: E402

SOURCES = ["lib/decide/*.c", "lib/decide/*.h", "lib/text/path.c"]
PROGRAMS = ["tests/unit/test_*", "tests/named/test_*", "tests/faults/test_*"]
SKIPPED = 77


def fail(text):
    sys.exit(f"mutate: {text}")


def run(command, log, **options):
    with open(log, "wb") as out:
        done = subprocess.run(command, stdout=out, stderr=out, check=False, **options)
    if done.returncode != 0:
        with open(log, encoding="utf-8", errors="replace") as text:
            sys.stderr.write("".join(text.readlines()[-40:]))
        print(f"mutate: failed: {' '.join(command)}; the log is {log}", file=sys.stderr)
        sys.exit(2)


def copy_tree(source, tree):
    """A copy of the sources; files that did not change keep their time."""

    def ignored(_, names):
        return [n for n in names
                if n in (".git", "autom4te.cache", "__pycache__", "build")
                or (n.startswith("build-") and n != "build-aux")]

    shutil.copytree(source, tree, ignore=ignored, dirs_exist_ok=True, symlinks=True)


def instrument(tree):
    mutants = []
    for pattern in SOURCES:
        for path in sorted(glob.glob(os.path.join(tree, pattern))):
            with open(path, encoding="utf-8") as file:
                source = file.read()
            text = File(os.path.relpath(path, tree), source, mutants).instrument()
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
    with open(os.path.join(tree, "lib/mutant.h"), "w", encoding="utf-8") as file:
        file.write(HEADER)
    with open(os.path.join(tree, "lib/base/status.c"), "a", encoding="utf-8") as file:
        file.write(RUNTIME % (len(mutants) + 1))
    return mutants


def build(tree, folder, jobs):
    os.makedirs(folder, exist_ok=True)
    flags = f"-O1 -w -include {tree}/lib/mutant.h"
    # A check that keeps a read inside its slice is noticed by a sanitizer only.
    run([f"{tree}/configure", "--quiet", "--enable-sanitizers", f"CFLAGS={flags}"],
        f"{folder}.configure.log", cwd=folder)
    run(["make", "-s", f"-j{jobs}", "check", "TESTS="], f"{folder}.make.log", cwd=folder)


def find_programs(tree, folder):
    """Command lines of all test programs, and of the corpora."""
    commands = []
    for pattern in PROGRAMS:
        for path in sorted(glob.glob(os.path.join(folder, pattern))):
            if os.path.isfile(path) and os.access(path, os.X_OK):
                commands.append([path])
    for path in sorted(glob.glob(os.path.join(folder, "tests/fuzz/fuzz_*"))):
        corpus = os.path.join(
            tree, "tests/fuzz/corpus", os.path.basename(path).removeprefix("fuzz_"))
        if os.access(path, os.X_OK) and os.path.isdir(corpus):
            commands.append([path, corpus])
    return commands


class Runner:
    def __init__(self, folder, tree):
        self.folder = folder
        self.env = dict(os.environ, srcdir=tree,
                        ASAN_OPTIONS="detect_leaks=0", UBSAN_OPTIONS="halt_on_error=1")

    def passes(self, command, mutant, limit, trace=None):
        env = dict(self.env, PDP_MUTANT=str(mutant))
        if trace:
            env["PDP_MUTANT_TRACE"] = trace
        try:
            done = subprocess.run(
                command, cwd=self.folder, env=env, timeout=limit, check=False,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode in (0, SKIPPED)

    def trace(self, command):
        """The time a program takes, and the mutants it reaches."""
        name = os.path.join(self.folder, "trace")
        if os.path.exists(name):
            os.remove(name)
        began = time.monotonic()
        if not self.passes(command, 0, 600, name):
            fail(f"{command[0]} fails without a mutant")
        took = time.monotonic() - began
        reached = set()
        if os.path.exists(name):
            with open(name, encoding="ascii") as lines:
                reached = {int(line) for line in lines}
        return took, reached


def killer(runner, ix, mutant, programs):
    """The first program that notices a mutant, or None."""
    stem = os.path.splitext(os.path.basename(mutant["file"]))[0]
    reach = [p for p in programs if ix in p["reached"]]
    reach.sort(key=lambda p: (p["name"] != f"test_{stem}", p["took"]))
    for program in reach:
        if not runner.passes(program["command"], ix, 5 + 10 * program["took"]):
            return program["name"]
    return None


def equivalents(path):
    """(file, kind, text) -> reason."""
    rows = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                fields = line.rstrip("\n").split("\t")
                if len(fields) != 4 or not fields[3]:
                    fail(f"{path}: four fields are wanted: {line!r}")
                rows[tuple(fields[:3])] = fields[3]
    return rows


def key_of(mutant):
    """What a mutant is called: lines move."""
    return mutant["file"], mutant["kind"], mutant["text"]


def report(mutants, killers, known, partial):
    survivors, used = 0, set()
    for ix, mutant in sorted(mutants.items()):
        if killers[ix] is not None:
            continue
        key = key_of(mutant)
        if key in known:
            used.add(key)
            continue
        survivors += 1
        print("{file}:{line}: {kind}: {text}".format(**mutant))
    stale = [] if partial else sorted(set(known) - used)
    for key in stale:
        print(f"equivalent.tsv: a test notices it, or it is gone: {' | '.join(key)}")
    killed = sum(1 for name in killers.values() if name is not None)
    print(f"mutate: {len(mutants)} mutants, {killed} noticed, "
          f"{len(mutants) - killed - survivors} without effect, {survivors} survivors")
    if survivors:
        print("    mend: write the test that fails when the check is changed")
    return 1 if survivors or stale else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--work", default="mutants", help="folder to work in")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="", help="mutants of files with this in their name")
    parser.add_argument("--again", action="store_true",
                        help="only those that survived the last run")
    parser.add_argument("source", help="the root of the project")
    options = parser.parse_args()

    source = os.path.abspath(options.source)
    work = os.path.abspath(options.work)
    tree, folder = os.path.join(work, "tree"), os.path.join(work, "build")
    copy_tree(source, tree)
    everything = dict(enumerate(instrument(tree), 1))
    print(f"mutate: building {len(everything)} mutants in {work}", flush=True)
    build(tree, folder, options.jobs)

    runner = Runner(folder, tree)
    programs = []
    for command in find_programs(tree, folder):
        took, reached = runner.trace(command)
        if reached:
            programs.append({"name": os.path.basename(command[0]), "command": command,
                             "took": took, "reached": reached})
    mutants = {ix: m for ix, m in everything.items() if options.only in m["file"]}
    results = os.path.join(work, "mutants.json")
    if options.again:
        with open(results, encoding="utf-8") as file:
            last = {key_of(m) for m in json.load(file) if m["killer"] is None}
        mutants = {ix: m for ix, m in mutants.items() if key_of(m) in last}
    print(f"mutate: {len(programs)} programs reach them", flush=True)

    killers = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = {pool.submit(killer, runner, ix, m, programs): ix
                   for ix, m in mutants.items()}
        for done in concurrent.futures.as_completed(waiting):
            killers[waiting[done]] = done.result()
            if sys.stderr.isatty():
                sys.stderr.write(f"\rmutate: {len(killers)} of {len(mutants)}")
    with open(results, "w", encoding="utf-8") as out:
        json.dump([dict(m, id=ix, killer=killers[ix]) for ix, m in mutants.items()], out, indent=1)
    here = os.path.dirname(os.path.abspath(__file__))
    sys.exit(report(mutants, killers, equivalents(os.path.join(here, "equivalent.tsv")),
                    bool(options.only or options.again)))


if __name__ == "__main__":
    main()
