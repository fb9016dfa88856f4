# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Compares the library with reference models: same decisions, same reasons?

    check.py [--driver FILE] [--model path|token|policy|all] [--cases N]
             [--seed N] [--jobs N] [--exhaustive DEPTH] [--keep FOLDER]

With `all`, --cases is how many the model of policies gets; the others get a
third as many.  Cases are random, the seed is fixed: the same arguments give
the same cases, whatever --jobs is.  --exhaustive adds all paths of up to DEPTH
segments.
Exit status: 0 no difference, 1 differences, 2 it could not run.

A model is a module beside this file that knows the contract and nothing of
lib/.  It has

    REASONS           the set of reasons that its cases must bring about; one
                      that never occurs in 10,000 cases or more is an error
    generate(rng, n)  an iterator of batch.Load, with about n batch.Case in
                      all; all chance comes from rng (random.Random)
    expect(load, case)
                      dict from field of batch.FIELDS to the value that
                      batch.Answer.get() must give; "reason" must be in it,
                      other fields only where the model has an opinion

generate() is called once for each piece of PIECE cases, in any process; so
what is costly (keys) is made once per process and without rng.  A Load whose
status is not 0 must be refused by the loader, and its cases are not asked.
expect() runs in the same process, after the load was answered.

The first differences are printed, and each is written to FOLDER as a file
that shows it again:   tests/model/batch < FILE   (last line but one).
"""

import argparse
import collections
import importlib
import multiprocessing
import os
import random
import sys
import time

import batch

MODELS = {"path": "path_cases", "token": "token_cases",
          "policy": "policy_cases"}
LARGEST = "policy"    # with --model all, the others get a third of --cases
PIECE = 4000          # cases made by one call of generate()
SHOWN = 5             # differences printed in full
KEPT = 20             # differences written to files
NEED = 6000           # from so many cases on, each reason must occur

driver = None         # of this process
options = None


def difference(load, lines, case, wanted, answer):
    """Text for people, and lines that show the difference again."""
    told = ["%s %s" % (case.method, case.target)]
    told += ["    %s: %s" % header for header in case.headers]
    told += ["    now %d" % case.now]
    if case.claims is not None:
        told.append("    claims %s" % case.claims)
    if case.facts is not None:
        told.append("    facts %.400r" % (case.facts,))
    for name, value in wanted.items():
        got = answer.get(name)
        if got != value:
            told.append("  %s: model %r, library %r" % (name, value, got))
    return ("\n".join(told).encode("utf-8", "backslashreplace").decode(),
            b"\n".join(lines + [case.line(0), b"flush", b""]))


def compare(module, load, result):
    """Builds one load, asks its cases, compares."""
    documents = batch.document_lines(load.documents, 0, load.cache)
    built = driver.ask(documents)[-1].split(" ")
    result["loads"] += 1
    if int(built[1]) != load.status:
        result["found"].append((
            "build: status %s, not %d: %s" % (
                built[1], load.status, " ".join(built[3:13])),
            b"\n".join(documents + [b"flush", b""])))
        return
    if load.status != 0:
        result["reasons"]["(refused by the loader)"] += 1
        result["cases"] += 1
        return
    lines = driver.ask([case.line(0) for case in load.cases])
    for case, line in zip(load.cases, lines):
        answer = batch.Answer(line)
        wanted = module.expect(load, case)
        result["cases"] += 1
        result["reasons"][wanted["reason"]] += 1
        if any(answer.get(name) != value for name, value in wanted.items()):
            result["found"].append(
                difference(load, documents, case, wanted, answer))
        allow = answer.get("effect") == "allow"
        if allow != (answer.get("reason") in ALLOWING):
            result["found"].append(difference(load, documents, case, {
                "effect": "that of the reason"}, answer))


ALLOWING = {"permitted", "public", "authenticated"}


def start(arguments):
    """In each process: the driver."""
    global driver, options
    options = arguments
    driver = batch.Batch(options.driver)


def piece(task):
    """One piece of work: (model, number of the piece, cases)."""
    name, number, cases = task
    result = {"model": name, "cases": 0, "loads": 0, "found": [],
              "reasons": collections.Counter()}
    module = importlib.import_module(MODELS[name.split(" ")[0]])
    if name.endswith(" exhaustive"):
        module.exhaustive(driver, options.exhaustive, number, result)
        return result
    rng = random.Random("%d/%s/%d" % (options.seed, name, number))
    for load in module.generate(rng, cases):
        compare(module, load, result)
    return result


def tasks_of(arguments):
    """All pieces, the exhaustive run first."""
    tasks = []
    names = list(MODELS) if arguments.model == "all" else [arguments.model]
    if "path" in names and arguments.exhaustive > 0:
        module = importlib.import_module(MODELS["path"])
        tasks += [("path exhaustive", number, 0)
                  for number in range(module.EXHAUSTIVE_PIECES)]
    for name in names:
        left = arguments.cases
        if len(names) > 1 and name != LARGEST:
            left = -(-left // 3)
        number = 0
        while left > 0:
            tasks.append((name, number, min(left, PIECE)))
            left -= PIECE
            number += 1
    return tasks


def progress(done, tasks, cases, found):
    """One line on a terminal, nothing elsewhere."""
    if sys.stderr.isatty():
        end = "\n" if done == tasks else ""
        sys.stderr.write("\r%d of %d pieces, %d cases, %d differences%s" % (
            done, tasks, cases, found, end))
        sys.stderr.flush()


def keep(found, folder, number):
    """Prints and writes one difference."""
    text, lines = found
    if number <= SHOWN:
        print("difference %d: %s" % (number, text))
    if number <= KEPT:
        name = os.path.join(folder, "difference-%d.batch" % number)
        with open(name, "wb") as file:
            file.write(lines)
        if number <= SHOWN:
            print("  again: tests/model/batch < " + name)


def never(name, seen, cases):
    """Reasons that should have occurred and did not."""
    if name.endswith(" exhaustive") or cases < NEED:
        return set()
    return importlib.import_module(MODELS[name]).REASONS - set(seen)


def summary(totals, seconds, found):
    """The distribution by reason, then the line that counts."""
    status = 0
    for name, (cases, reasons) in totals.items():
        print("%s: %d cases" % (name, cases))
        for reason, count in reasons.most_common():
            print("    %9d  %s" % (count, reason))
        for reason in sorted(never(name, reasons, cases)):
            print("    %9s  %s: mend generate() of this model" % (
                "never", reason))
            status = 1
    cases = sum(total for total, _ in totals.values())
    print("%d cases, %d differences (%.0f s)" % (cases, found, seconds))
    return 1 if found > 0 else status


def parse(words):
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver", default="tests/model/batch")
    parser.add_argument("--model", default="all",
                        choices=list(MODELS) + ["all"])
    parser.add_argument("--cases", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--exhaustive", type=int, default=0)
    parser.add_argument("--keep", default=".")
    arguments = parser.parse_args(words)
    arguments.driver = os.path.abspath(arguments.driver)   # not in PATH
    return arguments


def main():
    """Runs all pieces in --jobs processes."""
    arguments = parse(sys.argv[1:])
    if not os.access(arguments.driver, os.X_OK):
        print("check.py: no driver %s: make tests/model/batch" %
              arguments.driver, file=sys.stderr)
        return 2
    began = time.monotonic()
    tasks = tasks_of(arguments)
    totals = {}
    cases = found = 0
    with multiprocessing.Pool(arguments.jobs, start, (arguments,)) as pool:
        for done, result in enumerate(pool.imap_unordered(piece, tasks), 1):
            total, reasons = totals.get(
                result["model"], (0, collections.Counter()))
            totals[result["model"]] = (total + result["cases"],
                                       reasons + result["reasons"])
            cases += result["cases"]
            for item in result["found"]:
                found += 1
                keep(item, arguments.keep, found)
            progress(done, len(tasks), cases, found)
    return summary(totals, time.monotonic() - began, found)


if __name__ == "__main__":
    sys.exit(main())
