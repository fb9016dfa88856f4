#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Reads what `pdp-check test` writes for other programs, for suite.sh.

usage: suite_read.py junit|tap|html FILE EXPRESSION

The expression is about `tests` and `failed` (junit, tap), or `covered`,
`uncovered` and `unused` (html).  Status 1 if it is not so, or if FILE is not
what it should be.
"""

import html.parser
import re
import sys
import xml.etree.ElementTree


def junit(text: str) -> dict[str, object]:
    root = xml.etree.ElementTree.fromstring(text)
    assert root.tag == "testsuites", root.tag
    cases = list(root.iter("testcase"))
    failed = [case for case in cases if case.find("failure") is not None]
    assert int(root.get("tests", "")) == len(cases)
    assert int(root.get("failures", "")) == len(failed)
    for suite in root:
        assert int(suite.get("tests", "")) == len(suite)
    for case in cases:
        assert case.get("classname") and int(case.get("line", "")) > 0
    for case in failed:
        failure = case.find("failure")
        assert failure is not None and failure.get("message")
        assert "pdp-check decide --suite" in (failure.text or "")
    return {"tests": len(cases), "failed": [c.get("name") for c in failed]}


def tap(text: str) -> dict[str, object]:
    """A reader of TAP 14 as strict as this needs."""
    lines = text.splitlines()
    assert lines[0] == "TAP version 14", lines[0]
    plan = re.fullmatch(r"1\.\.(\d+)", lines[1])
    assert plan, lines[1]
    number = 0
    failed = []
    inside = False
    for line in lines[2:]:
        if inside:
            inside = line != "  ..."
            assert line.startswith("  "), line
            continue
        if line == "  ---":
            inside = True
            continue
        if line.startswith("#"):
            continue
        point = re.fullmatch(r"(not )?ok (\d+) - ((?:[^\\#]|\\.)*)", line)
        assert point, f"neither a point nor a directive: {line}"
        number += 1
        assert int(point.group(2)) == number, line
        if point.group(1):
            failed.append(re.sub(r"\\(.)", r"\1", point.group(3)))
    assert not inside
    assert number == int(plan.group(1))
    return {"tests": number, "failed": failed}


class Page(html.parser.HTMLParser):
    """Counts cells and looks for what a self-contained page must not have."""

    VOID = {"meta", "input", "br", "link", "img"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.cells = {"covered": 0, "uncovered": 0, "none": 0}
        self.unused: list[str] = []
        self.rows = 0

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        assert tag not in ("script", "link", "img", "iframe"), tag
        assert "src" not in values and "href" not in values, values
        if tag == "td" and values.get("class") in self.cells:
            self.cells[values["class"]] += 1
        if tag == "tr" and values.get("class") in ("open", "full"):
            self.rows += 1
        if tag == "li":
            self.unused.append("")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        if "li" in self.open:
            self.unused[-1] += data


def page(text: str) -> dict[str, object]:
    assert text.lower().startswith("<!doctype html>"), text[:20]
    assert "://" not in text and "@import" not in text
    reader = Page()
    reader.feed(text)
    reader.close()
    assert not reader.open, reader.open
    cells = reader.cells
    assert sum(cells.values()) == 2 * reader.rows
    return {"covered": cells["covered"], "uncovered": cells["uncovered"],
            "unused": reader.unused}


def main() -> int:
    kind, path, expression = sys.argv[1:]
    with open(path, encoding="utf-8") as stream:
        text = stream.read()
    seen = {"junit": junit, "tap": tap, "html": page}[kind](text)
    if eval("(" + expression + ")", {}, seen):
        return 0
    print(seen)
    return 1


if __name__ == "__main__":
    sys.exit(main())
