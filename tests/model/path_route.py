# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Reference model of admit, target and route: which route is this request
for, or at which byte and why is it refused?  Slow and obvious, on bytes.

Written from pdp-service(5), pdp-reasons(7) and the order of the path checks;
knows neither trie nor hash: every template is tried.  path_query.py goes on
with the query; path_cases.py makes the cases.
"""

import re

UNRESERVED = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                 b"0123456789-._~")
PATH_BYTES = UNRESERVED | set(b"!$&'()*+,;=:@/%")
HEX = set(b"0123456789abcdefABCDEF")
DELIMITERS = set(b"%\\;?#")

METHOD = re.compile(rb"[A-Z0-9!#$%&'*+.^_`|~-]{1,64}\Z")
NAMESPACE = re.compile(rb"[a-z0-9][a-z0-9._-]{0,253}\Z")
NEW_NAMESPACE = re.compile(rb"[a-z0-9][a-z0-9_-]{2,28}[a-z0-9]\Z")
COMPONENT = rb"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
REPOSITORY = re.compile(rb"(" + COMPONENT + rb"(?:/" + COMPONENT + rb")*)"
                        rb"(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
                        rb"|@sha256:[0-9a-f]{64}|@sha512:[0-9a-f]{128})?\Z")

LITERAL, PARAM, PLUS = 0, 1, 2                 # the order of precedence


class Denied(Exception):
    """Reason and offset (-1: none) of a refusal; match and values: the route
    and its parameters, as far as they are known by then."""

    def __init__(self, reason, offset=-1):
        super().__init__(reason)
        self.reason, self.offset = reason, offset
        self.match = self.values = None


def check_escape(segment, at, offset):
    """One "%" of a segment: C4 to C8."""
    digits = segment[at + 1:at + 3]
    if len(digits) < 2 or not set(digits) <= HEX:
        raise Denied("bad_percent", offset)
    byte = int(digits, 16)
    if byte in UNRESERVED:
        raise Denied("overencoded", offset)
    if byte < 0x20 or byte == 0x7F:
        raise Denied("control", offset)
    if byte >= 0x80:
        raise Denied("non_ascii", offset)
    if byte in DELIMITERS:
        raise Denied("delimiter", offset)


def decode(text):
    """Percent-decoding, once."""
    return re.sub(rb"%(..)", lambda hit: bytes([int(hit[1], 16)]), text,
                  flags=re.S)


def canonical(target):
    """Raw target -> (path, raw segments, query or None)."""
    if len(target) > 4096:
        raise Denied("too_long", 4096)
    if not target.startswith(b"/"):
        raise Denied("target_form", 0)
    if target.startswith(b"//"):
        raise Denied("target_form", 1)
    path, mark, query = target.partition(b"?")
    for at, byte in enumerate(target):
        if byte not in PATH_BYTES if at < len(path) else (
                byte < 0x21 or byte > 0x7E or byte == 0x23):
            raise Denied("bad_byte", at)
    segments = path[1:].split(b"/")
    if len(segments) > 32:
        raise Denied("too_long",
                     sum(len(part) + 1 for part in segments[:32]))
    begin = 1
    for segment in segments:
        if segment == b"":
            raise Denied("empty_segment", begin)
        at = 0
        while at < len(segment):
            if segment[at] == 0x3B:
                raise Denied("delimiter", begin + at)
            if segment[at] == 0x25:
                check_escape(segment, at, begin + at)
                at += 2
            at += 1
        at = begin
        for part in re.split(rb"%2[Ff]", segment):
            if part in (b"", b".", b".."):     # no dot is left encoded
                raise Denied("dot_segment", at)
            at += len(part) + 3
        begin += len(segment) + 1
    return path, segments, query if mark else None


class Service:
    """What of a service definition (the parsed JSON) routing needs."""

    def __init__(self, document):
        self.params = document.get("params", {})
        self.region_of = {host.encode(): region["region"]
                          for region in document["regions"]
                          for host in region["hosts"]}
        self.last = (None, None)
        self.routes = []
        for index, row in enumerate(document["routes"]):
            template = [self.piece(part) for part in row["path"][1:].split("/")]
            self.routes.append((index, row, template))
        # For the cases: the routes that read the query.
        self.asking = [route for route in self.routes
                       if "query:" in str(route[1])]
        self.has_plus = any(kind == PLUS for _, _, template in self.routes
                            for kind, _ in template)

    @staticmethod
    def piece(text):
        """One segment of a template."""
        if text.startswith("{+"):
            return (PLUS, text[2:-1])
        if text.startswith("{"):
            return (PARAM, text[1:-1])
        return (LITERAL, text.encode())

    def matching(self, segments):
        """All routes with this path: [(rank, index, row, values)], values
        [(name, kind of piece, raw text, index of segment)]."""
        if segments == self.last[0]:           # the same path, other method
            return self.last[1]
        found = []
        for index, row, template in self.routes:
            spare = len(segments) - len(template)
            if spare < 0 or (spare > 0 and
                             all(kind != PLUS for kind, _ in template)):
                continue
            rank, values, at = [], [], 0
            for kind, text in template:
                width = 1 + spare if kind == PLUS else 1
                raw = b"/".join(segments[at:at + width])
                if kind == LITERAL and raw != text:
                    break
                if kind != LITERAL:
                    values.append((text, kind, raw, at))
                rank += [kind] * width
                at += width
            else:
                found.append((rank, index, row, values))
        self.last = (segments, found)
        return found

    def best(self, method, segments):
        """The route that is meant, or None; whether the method may use it;
        and whether any method has a route here."""
        found = self.matching(segments)
        # Servers answer HEAD with what they have for GET, so these compete;
        # with the same shape, a row of HEAD itself comes first.
        allowed = ("HEAD", "GET") if method == "HEAD" else (method,)
        mine = [match for match in found if match[2]["method"] in allowed]
        best = min(mine, default=None, key=lambda match: (
            match[0], match[2]["method"] != method))
        usable = best is not None and (
            best[2]["method"] == method or best[2].get("head", False))
        return best, usable, bool(found)

    def fits(self, name, value, method, host, piece=PARAM):
        """Is this a value of the parameter?"""
        rules = self.params[name]
        kind = rules["kind"]
        if kind == "text":
            return 1 <= len(value) <= 255 and (
                piece == PLUS or b"/" not in value)
        if kind == "namespace":
            grammar = NEW_NAMESPACE if method == "PUT" else NAMESPACE
            return grammar.match(value) is not None
        if kind == "image":
            region = self.region_of.get(value.partition(b"/")[0])
            called = self.region_of.get(host)
            if region is None or called not in (None, region):
                return False
            value = value.partition(b"/")[2]
        namespace, slash, repository = value.partition(b"/")
        if not NAMESPACE.match(namespace):
            return False
        if not slash:
            return kind == "resource"
        match = REPOSITORY.match(repository)
        return match is not None and (
            rules.get("tag", True) or match[2] is None)

    def ambiguous(self, method, path, match, values):
        """Decoded before it is split, is the path another request?"""
        segments = decode(path)[1:].split(b"/")
        if b"%" not in path:
            return False
        if len(segments) > 32:
            return self.has_plus
        other, _, _ = self.best(method, segments)
        if other is None:
            return False
        return other[1] != match[1] or (
            [(name, raw) for name, _, raw, _ in other[3]] != values)


def host_of(headers):
    """Host in lower case without port and last dot, None if unknown."""
    found = [value for name, value in headers if name.lower() == "host"]
    if not found or found[0] == "":
        return None
    return re.sub(r"\.?(:[0-9]*)?\Z", "", found[0].lower()).encode()


OVERRIDES = {"x-http-method-override", "x-http-method", "x-method-override"}
HOST = re.compile(r"(?:(?:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?"
                  r"|\[[0-9A-Fa-f:]*\])(?::[0-9]*)?)?\Z")


def admit(method, headers):
    """Method and the headers that decide."""
    if not METHOD.match(method):
        raise Denied("bad_method")
    names = [name.lower() for name, _ in headers]
    if OVERRIDES & set(name.replace("_", "-") for name in names):
        raise Denied("method_override")
    for name in ("authorization", "account", "host"):
        if names.count(name) > 1:
            raise Denied("ambiguous_header")
    for name, value in headers:
        if name.lower() == "account" and value == "":
            raise Denied("ambiguous_header")
        if name.lower() == "host" and not HOST.match(value):
            raise Denied("ambiguous_header")


def choose(services, host):
    """The service of a host; where there is one only, any host will do."""
    for service in services:
        if host in service.region_of or len(services) == 1:
            return service
    raise Denied("no_route")


def route(service, method, parsed, host):
    """(match, values) of a canonical path."""
    path, segments, _ = parsed
    match, usable, any_method = service.best(method.decode(), segments)
    if not usable:
        raise Denied("method_not_allowed" if any_method else "no_route")
    values = [(name, decode(raw)) for name, _, raw, _ in match[3]]
    for (name, kind, raw, at), (_, value) in zip(match[3], values):
        if kind == PLUS and b"%" in raw or not service.fits(
                name, value, method.decode(), host, kind):
            denied = Denied("bad_param", 1 + sum(
                len(segment) + 1 for segment in segments[:at]))
            denied.match = match
            raise denied
    if service.ambiguous(method.decode(), path, match, values):
        denied = Denied("ambiguous_path", path.rfind(
            b"/", 0, path.index(b"%")) + 1)
        denied.match = match
        denied.values = values
        raise denied
    return match, values
