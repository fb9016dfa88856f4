# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Cases for the model of routes (path_route.py, path_query.py): requests for
the registry's definition and for random ones, and all short paths of a dense
definition.

Half of the requests of a load carry unsigned claims that may do everything,
so that those which pass the route reach the query; the others have no token.
"""

import itertools
import json
import os

import batch
import path_query
import path_route
from path_route import Denied, Service

REASONS = {
    "permitted", "public", "authenticated", "token_missing", "bad_method",
    "too_long", "target_form", "bad_byte", "bad_percent", "overencoded",
    "control", "non_ascii", "delimiter", "empty_segment", "dot_segment",
    "bad_param", "ambiguous_path", "ambiguous_query", "ambiguous_header",
    "method_override", "no_route", "method_not_allowed"}

NOW = 1795253400
ACCOUNT = "4f8e2b1c9d3a4b5c8e7f6a5b4c3d2e1f"
CLAIMS = json.dumps({
    "iss": "https://iam.cloud.ibm.com/identity", "iam_id": "IBMid-1",
    "account": {"bss": ACCOUNT}, "iat": NOW - 20, "exp": NOW + 3600,
    "roles": ["Manager"]})

KINDS = {"t": "text", "n": "namespace", "i": "image", "r": "resource",
         "s": "image"}
LITERALS = ["a", "b", "c", "tags", "ns01", "x:1", "a.b", "us.icr.io", "~"]
GOOD = {
    "text": ["x", "a", "A%20b", "x:1", "b%3Ac", "tags", "'(1)'", "%22",
             "t" * 255, "$&+,=@!*"],
    "namespace": ["ns01", "a-b", "abcd", "tags", "a", "a.b", "n" * 254, "9"],
    "image": ["us.icr.io%2Fns%2Frepo", "us.icr.io%2Fns01%2Fa%2Fb:tag",
              "de.icr.io%2Fns%2Fr@sha256:" + "a" * 64,
              "private.us.icr.io%2Fns%2Ftags", "us.icr.io%2fns%2fa%3A1",
              "icr.io%2Fa%2Fb", "de.icr.io%2Fa%2Fb__c.d-e---f:" + "T" * 128,
              "us.icr.io%2Fa%2Fb%40sha512:" + "0" * 128],
    "resource": ["ns01", "ns01%2Frepo", "a%2Fb", "a%2Fb%2Fc", "ns%2Fr:t",
                 "a%2Ftags", "c%2Ftags%2Fns01", "ns%2Fr@sha256:" + "f" * 64,
                 "ns" + "%2Fa" * 29, "ns" + "%2Fa" * 30, "ns" + "%2Fa" * 31,
                 "ns" + "%2Fa" * 32],
}
BAD = ["NS", "ns%2F", "us.icr.io%2Fns", "us.icr.io%2Fns%2F-a", "a%20b",
       "us.icr.io%2Fns%2Fa..b", "us.icr.io%2Fns%2Fa___b", "ns%2FA", "n.",
       "us.icr.io%2Fns%2Fr:", "us.icr.io%2Fns%2Fr:t@sha256:" + "a" * 64,
       "us.icr.io%2Fns%2Fr@sha256:" + "a" * 63, "xx.icr.io%2Fa%2Fb", "t" * 256,
       "n" * 255, "a%2F%2Fb", "us.icr.io:443%2Fns%2Fa", "US.icr.io%2Fa%2Fb",
       "ns:tag", "ns%2Fr:" + "t" * 129, "us.icr.io%2F-%2Fa", "de.icr.io%2Fa"]
METHODS = ["GET", "PUT", "POST", "PATCH", "DELETE"]
ODD_METHODS = ["HEAD", "OPTIONS", "FOO", "get", "GeT", "", "G T", "GET\0",
               "M" * 64, "M" * 65, "!#$%&'*+-.^_`|~09", "G(T", "\xe9"]
ODD_PARTS = [".", "..", "", ";", "a;b", "%2e", "%61", "%zz", "%2", "%", "%00",
             "%0A", "%7f", "%80", "%C3%A9", "%25", "%5C", "%3B", "%3f", "%23",
             "a%2F..", "%2F", "%2Fa", "a%2F.%2Fb", "%1F", "%FF", "...", "%2E%2E",
             "%2F;", "%zz%00", "..%2Fa", "%41;", "a%2F%2F;"]
HOSTS = ["us.icr.io", "de.icr.io", "US.ICR.IO", "us.icr.io:443", "us.icr.io.",
         "us.icr.io.:80", "us.icr.io:", "other.example.com", "[::1]:80", "",
         "private.de.icr.io", "localhost", "icr.io", "xus.icr.io", "s.icr.io"]
BAD_HOSTS = ["us.icr.io:x", "us..icr.io", ":80", "us.icr.io/", "a b", ".",
             "us.icr.io:80:80", "us.icr.io,de.icr.io", "[::1", "a@us.icr.io",
             "us.icr.io..", "us.icr.io\t", "\xe9.icr.io", ".us.icr.io"]
QUERIES = ["namespace=ns01", "namespace=NS", "namespace", "namespace=",
           "repository=us.icr.io/ns/r", "repository=de.icr.io/ns/r",
           "repository=us.icr.io%2Fns%2Fr", "repository=us.icr.io/ns/r:tag",
           "fromimage=us.icr.io/ns/r:t", "toimage=us.icr.io/ns/r:u",
           "fromimage=us.icr.io/ns/r;x", "toimage=us.icr.io/ns/%zz",
           "toimage=us.icr.io/ns/%C3", "n%61mespace=ns01", "x=1", "x=%zz",
           "x", "", "%zz=1", "_metho=1", "x_method=1", "Namespace=ns01"]
NAMES = ["namespace", "repository", "fromimage", "toimage"]
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def registry():
    """The definition that is built in, as text."""
    path = os.path.join(TOP, "policies", "container-registry.json")
    with open(path, encoding="utf-8") as file:
        return file.read()


def definition(rows):
    """A service with these routes: [(method, path, extra members)]."""
    return json.dumps({
        "format": "pdp-service/1", "service": "svc", "title": "S",
        "actions": {"svc.do": {"title": "Do", "scope": "account"}},
        "roles": {"Manager": {"actions": ["svc.do"]}},
        "events": {"svc.do": {"title": "Do", "data": False}},
        "params": {name: dict({"kind": KINDS[name[0]]}, **(
            {"tag": False} if name[0] == "s" else {}))
                   for name in sorted(names_of(rows))},
        "regions": [
            {"region": "global", "hosts": ["icr.io"], "aliases": [],
             "events": "x"},
            {"region": "us-south", "aliases": [], "events": "x",
             "hosts": ["us.icr.io", "private.us.icr.io"]},
            {"region": "eu-de", "aliases": [], "events": "x",
             "hosts": ["de.icr.io", "private.de.icr.io"]}],
        "routes": [dict({"method": method, "path": path, "title": "T",
                         "event": "svc.do"}, **more)
                   for method, path, more in rows]})


def names_of(rows):
    """Parameters of the templates."""
    return {part.strip("{+}") for _, path, _ in rows
            for part in path.split("/") if part.startswith("{")}


NEEDS = {"requires": [{"action": "svc.do"}]}


def random_rows(rng):
    """Routes of a random definition; two of one method and shape are left
    out, the loader refuses them."""
    rows, shapes = [], set()
    for _ in range(rng.randint(2, 16)):
        parts = [rng.choice(LITERALS[:rng.choice((2, 4, 9))])
                 if rng.random() < 0.55 else
                 "{%s%d}" % (rng.choice("tnirs"), rng.randint(1, 2))
                 for _ in range(rng.randint(1, 5))]
        if rng.random() < 0.3:
            parts[rng.randrange(len(parts))] = "{+%sp}" % rng.choice("rt")
        method = rng.choice(METHODS + ["GET", "GET", "HEAD"])
        more = dict(rng.choice((NEEDS, NEEDS, NEEDS, {"access": "public"},
                                {"access": "authenticated"})))
        if method == "GET" and rng.random() < 0.3:
            more["head"] = True
        shape = tuple("{+" if part.startswith("{+") else
                      "{" if part.startswith("{") else part for part in parts)
        served = {method} | ({"HEAD"} if "head" in more else set())
        if all((one, shape) not in shapes for one in served):
            shapes |= {(one, shape) for one in served}
            rows.append((method, "/" + "/".join(parts), more))
    return rows


def value(rng, name, service):
    """A value of a parameter, mostly one that fits."""
    if rng.random() < 0.12:
        return rng.choice(BAD)
    if rng.random() < 0.06:
        return rng.choice(ODD_PARTS)
    return rng.choice(GOOD[service.params[name]["kind"]])


def fill(rng, template, service):
    """A path for a template."""
    parts = []
    for kind, text in template:
        if kind == path_route.LITERAL:
            parts.append(text.decode())
        elif kind == path_route.PARAM:
            parts.append(value(rng, text, service))
        else:
            raw = value(rng, text, service)
            if rng.random() < 0.9:
                raw = raw.replace("%2F", "/").replace("%3A", ":")
            parts.append(raw)
            if rng.random() < 0.3:
                parts.append(rng.choice(LITERALS))
    return "/" + "/".join(parts)


def mutate(rng, path):
    """One small change, or a large one."""
    at = rng.randrange(len(path) + 1)
    change = rng.randrange(12)
    if change == 0:
        return path[:at] + chr(rng.randrange(256)) + path[at:]
    if change == 1:
        return path[:at] + path[at + 1:]
    if change == 2 and at < len(path):         # any byte, encoded
        return path[:at] + "%%%02X" % ord(path[at]) + path[at + 1:]
    if change == 3:                            # a slash, encoded
        at = path.find("/", at + 1)
        return path if at < 0 else path[:at] + "%2F" + path[at + 1:]
    if change == 4:                            # an encoded slash, decoded
        return path.replace("%2F", "/", 1)
    parts = path.split("/")
    at = rng.randrange(1, len(parts) + 1)
    if change == 5:
        return "/".join(parts[:at] + [rng.choice(ODD_PARTS)] + parts[at:])
    if change == 6:
        return "/".join(parts[:at] + parts[at + 1:])
    if change == 7:
        return "/".join(parts[:at] + [rng.choice(LITERALS)] + parts[at + 1:])
    if change == 8:
        return path + "/" + "/".join(
            [rng.choice(LITERALS + ["a%2Fb"])] * rng.randint(1, 36))
    if change == 9 and rng.random() < 0.2:
        return path + "x" * rng.randint(3900, 4100)
    if change == 10:
        return rng.choice(["", "*", "/", "//", "/?", "?", path[1:], "/" + path,
                           "http://us.icr.io" + path, path + "/", path + "#"])
    return path.replace("%2F", "%2f").replace("%3A", "%3a")


def query(rng, row):
    """A query, or nothing."""
    names = [source[6:] for need in row.get("requires", ())
             for source in need.get("on", ()) if source.startswith("query:")]
    if rng.random() < (0.1 if names else 0.5):
        return ""
    pairs = [rng.choice(QUERIES) for _ in range(rng.randint(0, 3))]
    for name in names:                         # one that fits, twice, not
        pairs += [name + "=" + ("ns01" if name == "namespace" else
                                "us.icr.io/ns/r")] * rng.choice((0, 1, 1, 2))
    if rng.random() < 0.1:
        form = rng.choice(path_query.HIDDEN + ("%s", "%s=1"))
        name = rng.choice(NAMES + ["_method", "_METHOD", "%5Fmethod"])
        pairs.insert(rng.randint(0, len(pairs)), form % name)
    return "?" + "&".join(pairs)


def headers(rng):
    """Headers that decide, mostly none."""
    found = []
    if rng.random() < 0.4:
        found.append((rng.choice(["Host", "host"]),
                      rng.choice(HOSTS if rng.random() < 0.9 else BAD_HOSTS)))
    if rng.random() < 0.03:
        found.append(rng.choice([
            ("X-HTTP-Method-Override", "DELETE"), ("x-http-method", ""),
            ("X-METHOD-OVERRIDE", "GET"), ("x_http_method_override", "GET"),
            ("Account", ""), ("Account", ACCOUNT), ("HOST", "us.icr.io"),
            ("X-HTTP-Method-Overrid", "DELETE"), ("account", ACCOUNT)]))
    rng.shuffle(found)
    return tuple(found)


def elsewhere(text):
    """The same with other hosts and regions, for a second service."""
    for name in ("icr.io", "us-south", "eu-de", "global"):
        text = text.replace(name, name.replace("-", "x").replace("l", "y")
                            .replace("icr", "svc"))
    return text


def one_case(rng, services):
    """A request, near one of the routes of one of the services."""
    service = rng.choice(services)
    fields = one_request(rng, service)
    if service is not services[0]:
        hosts = [(name, elsewhere(text) if rng.random() < 0.8 else text)
                 for name, text in fields[2]]
        fields = (fields[0], elsewhere(fields[1]), hosts)
    method, target, fields = fields
    return batch.Case(method.encode("latin-1"), target.encode("latin-1"),
                      tuple(fields), NOW,
                      CLAIMS if rng.random() < 0.5 else None)


def one_request(rng, service):
    """Method, target and headers."""
    _, row, template = rng.choice(
        service.asking if service.asking and rng.random() < 0.2 else
        service.routes)
    target = fill(rng, template, service)
    while rng.random() < 0.4:
        target = mutate(rng, target)
    method = row["method"]
    if rng.random() < 0.15:
        method = rng.choice(METHODS + ["HEAD"])
    if rng.random() < 0.04:
        method = rng.choice(ODD_METHODS)
    target += query(rng, row)
    return method, target, headers(rng)


def generate(rng, cases):
    """Loads of 100 cases: the registry, a random service, or both."""
    for number in range(0, cases, 100):
        texts = [registry(), definition(random_rows(rng))]
        texts = [texts[:1], texts[1:], [texts[0], elsewhere(texts[1])]][
            number // 100 % 3]
        services = [Service(json.loads(text)) for text in texts]
        yield batch.Load([("service", "s.json", text) for text in texts],
                         [one_case(rng, services) for _ in range(100)],
                         facts=services)


def expect(load, case):
    """The stages in their order; what comes after the query is granted."""
    wanted = {"reason": "permitted", "offset": -1, "route_index": -1,
              "route": None}
    match = values = None
    try:
        path_route.admit(case.method, case.headers)
        parsed = path_route.canonical(case.target)
        path_query.check_override(case.target, parsed[2])
        host = path_route.host_of(case.headers)
        service = path_route.choose(load.facts, host)
        match, values = path_route.route(service, case.method, parsed, host)
        row = match[2]
        wanted["reason"] = row.get("access", "permitted")
        if wanted["reason"] != "public":
            if case.claims is None:
                raise Denied("token_missing")
            path_query.check(service, row, case.target, parsed[2], host)
    except Denied as denied:
        wanted["reason"], wanted["offset"] = denied.reason, denied.offset
        match, values = match or denied.match, values or denied.values
    if match is not None:
        wanted["route_index"], wanted["route"] = match[1], match[2]["path"]
    if values is not None:
        wanted["params"] = [
            (name, text.decode("utf-8", "surrogateescape"))
            for name, text in values]
    return wanted


# All short paths of one definition.

TOKENS = ["a", "b", "c", "tags", "ns01", "X", "us.icr.io%2Fns%2Frepo",
          "ns%2Frepo", "a%2Fb", "a%20b", "..", ""]
DENSE = definition(
    [("GET", path, dict(NEEDS, head=True) if index % 3 == 0 else NEEDS)
     for index, path in enumerate((
         "/a", "/a/{n1}", "/a/b", "/{t1}", "/{t1}/b", "/a/{r1}/c", "/{i1}/tags",
         "/a/b/{t1}", "/a/{+rp}/tags", "/a/{+rp}/b/{t1}", "/b/{+tp}",
         "/c/{r1}/a/{t1}/b/{n1}", "/{t1}/{r1}/{n1}/tags/{t2}/c",
         "/a/b/c/a/b/c", "/tags/{r1}", "/tags/ns01", "/b/{t1}/{t2}/{t1}",
         "/tags/{t1}/{t2}", "/c/{r1}/{t1}/{r1}", "/a/{t1}/{t2}/b/{r1}"))] +
    [("PUT", path, NEEDS) for path in (
        "/a/{n1}", "/b/{n1}/c", "/a/b/{n1}/c/tags")] +
    [("POST", path, NEEDS) for path in (
        "/{i1}", "/a/{i1}/b", "/c/{t1}", "/c/ns01/{+rp}", "/{s1}/ns01")] +
    [("DELETE", path, {"access": "public"}) for path in (
        "/a/{r1}", "/a/{r1}/b", "/{t1}/a/b", "/{r1}/b/{t1}", "/{r2}",
        "/b/a/b/tags/{n1}/{r1}")])
SWEPT = ("GET", "HEAD", "PUT", "POST", "DELETE")
EXHAUSTIVE_PIECES = len(TOKENS) ** 2 + 1


def sweep(service, path):
    """What `many` answers; None in place of parameters: not compared."""
    try:
        parsed = path_route.canonical(path)
    except Denied as denied:
        return [(denied.reason, denied.offset, -1, "")] * len(SWEPT)
    found = []
    for method in SWEPT:
        try:
            match, values = path_route.route(
                service, method.encode(), parsed, None)
            found.append((match[2].get("access", "token_missing"), -1,
                          match[1], values))
        except Denied as denied:
            found.append((denied.reason, denied.offset,
                          denied.match[1] if denied.match else -1,
                          denied.values if denied.match else ""))
    return found


def line_of(found):
    """The same as text of the driver, "*" for what is not compared."""
    return " ".join("%s:%d:%d:%s" % (
        reason, offset, index, "*" if values is None else ",".join(
            "%s=%s" % (batch.quoted(name), batch.quoted(text))
            for name, text in values))
                    for reason, offset, index, values in found)


def same(wanted, line):
    """Is this the answer that the model wants?"""
    if wanted == line:
        return True
    pairs = list(zip(wanted.split(" "), line.split(" ")))
    return len(pairs) == len(SWEPT) and all(
        one == other or one.endswith(":*") and
        one.split(":")[:3] == other.split(":")[:3] for one, other in pairs)


def exhaustive(driver, depth, number, result):
    """Piece number of all paths of up to depth tokens: those that begin with
    two given tokens; the last piece has those of one token."""
    driver.ask(batch.document_lines([("service", "dense.json", DENSE)]))
    service = Service(json.loads(DENSE))
    begin, lengths = (), [1]
    if number < EXHAUSTIVE_PIECES - 1:
        begin = (TOKENS[number // len(TOKENS)], TOKENS[number % len(TOKENS)])
        lengths = range(depth - 1)
    for length in lengths:
        paths = [("/" + "/".join(begin + rest)).encode()
                 for rest in itertools.product(TOKENS, repeat=length)]
        lines = driver.ask([batch.many_line(0, NOW, SWEPT, path)
                            for path in paths])
        for path, line in zip(paths, lines):
            found = sweep(service, path)
            result["cases"] += len(SWEPT)
            for reason, _, _, _ in found:
                result["reasons"][reason] += 1
            wanted = line_of(found)
            if not same(wanted, line):
                case = batch.many_line(0, NOW, SWEPT, path)
                result["found"].append((
                    "%s\n  model   %s\n  library %s" % (
                        path.decode(), wanted, line),
                    b"\n".join(batch.document_lines(
                        [("service", "dense.json", DENSE)]) +
                        [case, b"flush", b""])))
