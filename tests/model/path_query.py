# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Reference model of the query: `_method`, and the parameters that a route
names as query:NAME.  Part of the model of routes.

Which spellings of a name a lenient server might take for it is an open set;
HIDDEN lists those that the cases use, and lenient() knows only these forms:
escapes, case, an index behind the name, padding before it, and a pair that
begins behind a raw or encoded `;`, `&` or `?`.
"""

import re

from path_route import Denied

# Spellings of a name %s that only a lenient reader takes for it.
HIDDEN = ("%s[]", "%s[0]", "%%20%s", "x=1;%s", "x;%s", "x=1%%26%s", "[%s",
          "+%s", "x=1%%3B%s", "%s+")


def decode(text):
    """Strict, once; None where it cannot be."""
    if re.search(rb";|%(?![0-9A-Fa-f]{2})", text):
        return None
    text = re.sub(rb"%(..)", lambda hit: bytes([int(hit[1], 16)]),
                  text.replace(b"+", b" "))
    if re.search(rb"[\x00-\x1f\x7f]", text):
        return None
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text


def lenient(pair, name):
    """Could somebody read this pair as one of this name?"""
    text = pair.replace(b"+", b" ")
    before = None
    while text != before:                      # decoded until nothing is left
        before = text
        text = re.sub(rb"%([0-9A-Fa-f]{2})",
                      lambda hit: bytes([int(hit[1], 16)]), text)
    for part in re.split(rb"[;&?]", text.lower()):
        # What stands before it may be padding; `=` ends it.
        if re.match(rb"[\x00-\x20\[\]]*" + re.escape(name) +
                    rb" *(?:[=\[\]\x00-\x1f]|\Z)", part):
            return True
    return False


def pairs_of(query):
    """[(offset in the query, raw pair)] of what is not empty."""
    found, at = [], 0
    for pair in (query or b"").split(b"&"):
        if pair:
            found.append((at, pair))
        at += len(pair) + 1
    return found


def check_override(target, query):
    """No server may find `_method` in it."""
    for at, pair in pairs_of(query):
        if lenient(pair, b"_method"):
            raise Denied("method_override", target.index(b"?") + 1 + at)


def check(service, row, target, query, host):
    """The values of the route's query parameters are read."""
    names = [source[6:].encode() for need in row.get("requires", ())
             for source in need.get("on", ()) if source.startswith("query:")]
    seen = set()
    for at, pair in pairs_of(query):
        offset = target.index(b"?") + 1 + at
        raw_name, equals, raw_value = pair.partition(b"=")
        name = decode(raw_name)
        if any(lenient(pair, other) for other in names if other != name):
            raise Denied("bad_param", offset)
        if name is None or name not in names:
            continue
        rules = service.params[name.decode()]
        if name in seen and not rules.get("repeat", False):
            raise Denied("ambiguous_query", offset)
        seen.add(name)
        value = decode(raw_value)
        if not equals or value is None or not service.fits(
                name.decode(), value, "GET", host):
            raise Denied("bad_param", offset)
