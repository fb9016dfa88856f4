# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Further ways past the decision, for nginx-bypass.py; no test by itself.

Those of nginx-bypass.py are open doors; these only look shut.  What is
forwarded contains what was judged, and is not it; the one that asks is right,
but for some requests; the address is the guarded one in another spelling.
"""

import os
from typing import NamedTuple, Optional

EXAMPLES = os.path.join(os.environ.get("srcdir", "."), "docs/examples/nginx")


class Case(NamedTuple):
    name: str
    codes: list[str]       # what the lint must find
    text: str              # the http block
    request: bytes         # never permitted by the authorizer
    reaches: Optional[str]  # method, path at the upstream; None: nobody
    has: bytes = b""       # in the head that the upstream gets
    front: str = "front"   # the socket of nginx
    before: bytes = b""    # a request that goes before


def example(name: str) -> str:
    with open(os.path.join(EXAMPLES, name), encoding="ascii") as file:
        return "".join(line for line in file
                       if not line.lstrip().startswith("#"))


DENIED = b"GET /api/v1/x HTTP/1.0\r\nHost: r\r\n\r\n"
FLAGGED = b"GET /api/v1/x HTTP/1.0\r\nHost: r\r\nX-Health: 1\r\n\r\n"
GOOD = b"GET %s HTTP/1.0\r\nHost: r\r\nAuthorization: Bearer good\r\n%s\r\n"
THROUGH = "GET /api/v1/x"

SERVER = example("pdp-server.conf")
HEAD, _, TAIL = SERVER.partition("location = /_pdp {")
HEADERS = example("pdp-forward.conf")
URL = "$pdp_scheme://registry$pdp_uri$is_args$args"
# Without the scheme that stops requests which were not judged.
RAW = "include pdp-forward.conf; proxy_pass http://registry$pdp_uri" \
    "$is_args$args;"
FORWARD = "include pdp-forward.conf; proxy_pass " + URL + ";"
OPEN = " server { listen unix:@/front2; location / { proxy_pass %s; } }"


def guarded(location: str, before: str = "") -> str:
    """The shipped server; what its location does is given."""
    return "server { listen unix:@/front; include pdp-server.conf; " + \
        before + " location / { " + location + " } }"


def to(url: str) -> str:
    return guarded("include pdp-forward.conf; proxy_pass " + url + ";")


def asking(inside: str, before: str = "", after: str = "",
           forward: str = RAW, old: str = "", new: str = "") -> str:
    """The shipped server with an auth location that is a little different."""
    tail = TAIL.replace(old, new) if old else TAIL
    assert not old or tail != TAIL
    location, _, rest = tail.partition("\n}\n")
    return "server { listen unix:@/front; " + HEAD + before + \
        "location = /_pdp { " + inside + location + after + " } " + rest + \
        " location / { " + forward + " } }"


def headers(old: str, new: str) -> str:
    """The shipped location with another header."""
    assert old in HEADERS
    return guarded(HEADERS.replace(old, new) + " proxy_pass " + URL + ";")


OK = "location = /_ok { internal; return 200; } "

ASKING = [
    Case("if with a return where the daemon is asked", ["auth_answers"],
         asking("if ($http_x_health) { return 200; }"), FLAGGED, THROUGH),
    Case("if with a leading zero in its status", ["auth_answers"],
         asking("if ($http_x_health) { return 0204; }"), FLAGGED, THROUGH),
    Case("rewrite where the daemon is asked", ["auth_answers"],
         asking("rewrite ^ /_ok last;", OK), DENIED, THROUGH),
    Case("try_files where the daemon is asked", ["auth_answers"],
         asking("try_files /none /_ok;", OK), DENIED, THROUGH),
    Case("if with another upstream where the daemon is asked",
         ["auth_answers"],
         asking("if ($http_x_health) { proxy_pass http://unix:@/yes; }") +
         " server { listen unix:@/yes; return 200; }", FLAGGED, THROUGH),
    Case("another handler where the daemon is asked", ["auth_answers"],
         asking("", after="empty_gif;"), DENIED, THROUGH),
    Case("an error page with =0200", ["auth_error_page"],
         asking("error_page 502 =0200 /_ok;", OK, old="//pdpd",
                new="//unix:@/none"), DENIED, THROUGH),
    Case("an error page with =0", ["auth_error_page"],
         asking("error_page 502 =0 /_ok;", OK, old="//pdpd",
                new="//unix:@/none"), DENIED, THROUGH),
    Case("an error page of 0502", ["auth_error_page"],
         asking("error_page 0502 = /_ok;", OK, old="//pdpd",
                new="//unix:@/none"), DENIED, THROUGH),
    Case("an error page of a limit", ["auth_error_page"],
         "limit_req_zone $request_method zone=l:1m rate=1r/m; " +
         asking("limit_req zone=l; limit_req_status 429; "
                "error_page 429 = /_ok;", OK), DENIED, THROUGH,
         before=DENIED),
    Case("an inner location before one with a regular expression",
         ["auth_location_shadow"],
         "server { listen unix:@/front; " + HEAD + "location /_ { "
         "location ^~ /_pdp {" + TAIL.partition("\n}\n")[0] + " } } "
         "location ~ _pdp { internal; auth_request off; return 200; } "
         "location / { " + RAW + " } }", DENIED, THROUGH),
    Case("a spare server for the daemon", ["auth_servers"],
         "upstream two { server unix:@/none; server unix:@/yes backup; } "
         "server { listen unix:@/yes; return 200; } " +
         asking("", old="//pdpd", new="//two"), DENIED, THROUGH),
    Case("another Host than the one that is judged", ["host_not_judged"],
         asking("", old="Host $http_host", new="Host $server_name")
         .replace("front;", "front; server_name us.icr.io de.icr.io;", 1),
         GOOD.replace(b"Host: r", b"Host: de.icr.io") % (b"/a", b""),
         "GET /a", b"\r\nHost: de.icr.io\r\n"),
    Case("Host of the request line", ["host_not_judged"],
         asking("", old="Host $http_host", new="Host $host"),
         GOOD % (b"http://us.icr.io/a", b""), "GET /a",
         b"\r\nHost: r\r\n"),
    Case("a URL with something before it", ["contract_value"],
         asking("", old="X-Original-URI $request_uri",
                new="X-Original-URI $arg_ok$request_uri"),
         GOOD % (b"/api/../x?ok=/y", b""), None),
    Case("a token from elsewhere", ["credential_cleared"],
         asking("proxy_set_header Authorization "
                "\"$cookie_t$http_authorization\";"),
         b"GET /a HTTP/1.0\r\nHost: r\r\nCookie: t=Bearer good\r\n\r\n",
         "GET /a"),
    Case("an override that the daemon does not see", ["override_hidden"],
         asking("proxy_pass_request_headers off; proxy_set_header "
                "Authorization $http_authorization; proxy_set_header Account "
                "$http_account;", forward=HEADERS.replace(
                    "proxy_set_header X-HTTP-Method \"\";", "") +
                "proxy_pass http://registry$pdp_uri$is_args$args;"),
         GOOD % (b"/a", b"X-HTTP-Method: DELETE\r\n"), "GET /a",
         b"\r\nX-HTTP-Method: DELETE\r\n"),
]

VARIABLES = [
    Case("a later auth_request_set", ["variable_redefined"],
         guarded(FORWARD, "auth_request_set $pdp_uri $uri;"),
         GOOD % (b"/a%2fb", b""), "GET /_pdp"),
    Case("set $args", ["variable_redefined"],
         guarded("set $args fromimage=evil; " + FORWARD),
         GOOD % (b"/a?fromimage=good", b""), "GET /a?fromimage=evil"),
    Case("set $args of the server", ["variable_redefined"],
         guarded(FORWARD, "set $args $args&x=$http_x;"),
         GOOD % (b"/a?q", b"X: y\r\n"), "GET /a?q&x=y"),
    Case("auth_request_set $args", ["variable_redefined"],
         guarded(FORWARD, "auth_request_set $args x=$http_x;"),
         GOOD % (b"/a?q", b"X: y\r\n"), "GET /a?x=y"),
    Case("a part of a match named args", ["variable_redefined"],
         guarded("if ($http_x ~ (?<args>.*)) { set $y 1; } " + FORWARD),
         GOOD % (b"/a?q", b"X: y\r\n"), "GET /a?y"),
    Case("a rewrite that adds to the query", ["rewrite_before_auth"],
         guarded("rewrite ^ /a?x=y break; " + FORWARD),
         GOOD % (b"/a?q", b""), "GET /a?x=y&q"),
    Case("set the answer's header", ["variable_redefined"],
         guarded(FORWARD, "set $upstream_http_x_pdp_uri /evil;"),
         GOOD % (b"/a", b""), "GET /evil"),
    Case("a map of the answer's header", ["variable_redefined"],
         "map $http_x $upstream_http_x_pdp_uri { default $http_x; } " +
         guarded(FORWARD), GOOD % (b"/a", b"X: /evil\r\n"), "GET /evil"),
    Case("a part of a match named as the answer", ["variable_redefined"],
         "map $http_x $my_scheme { \"~(?<pdp_uri>.+)\" http; } " +
         guarded("include pdp-forward.conf; proxy_pass "
                 "$my_scheme://registry$pdp_uri$is_args$args;"),
         GOOD % (b"/a", b"X: /evil\r\n"), "GET /evil"),
    Case("set what the client wrote", ["variable_redefined"],
         asking("proxy_set_header Authorization $http_authorization;",
                "set $http_authorization \"Bearer $cookie_t\"; "),
         b"GET /a HTTP/1.0\r\nHost: r\r\nCookie: t=good\r\n\r\n", "GET /a"),
    Case("a scheme that the client chooses", ["variable_upstream"],
         to("$http_x://registry$pdp_uri$is_args$args"),
         GOOD % (b"/a", b"X: http://registry/evil?\r\n"), "GET /evil?://registry/a"),
]

FORWARDING = [
    Case("the judged path as a parameter", ["uri_part"],
         to("$pdp_scheme://registry$uri?u=$pdp_uri&$args"),
         GOOD % (b"/a%2fb", b""), "GET /a/b?u=/a%2Fb&"),
    Case("something before the judged path", ["uri_part"],
         to("$pdp_scheme://registry/admin$pdp_uri$is_args$args"),
         GOOD % (b"/a", b""), "GET /admin/a"),
    Case("something behind the judged query", ["uri_part"],
         to("$pdp_scheme://registry$pdp_uri?$args&x=$http_x"),
         GOOD % (b"/a?q", b"X: y\r\n"), "GET /a?q&x=y"),
    Case("Account twice", ["account_not_judged"],
         headers("proxy_set_header Account $pdp_account;",
                 "proxy_set_header Account $pdp_account; "
                 "proxy_set_header Account $http_account;"),
         GOOD % (b"/a", b"Account: evil\r\n"), "GET /a",
         b"\r\nAccount: evil\r\n"),
    Case("something before the account", ["account_not_judged"],
         headers("$pdp_account", "$arg_a$pdp_account"),
         GOOD % (b"/a?a=evil", b""), "GET /a?a=evil",
         b"\r\nAccount: eviljudged\r\n"),
    Case("Account with an underscore", ["lookalike_passed"],
         headers("proxy_set_header Forwarded \"\";",
                 "proxy_set_header Forwarded \"\"; "
                 "proxy_set_header X_PDP_Account $http_account;"),
         GOOD % (b"/a", b"Account: evil\r\n"), "GET /a",
         b"\r\nX_PDP_Account: evil\r\n"),
    Case("another token than the one that is judged", ["credential_changed"],
         headers("proxy_set_header Forwarded \"\";",
                 "proxy_set_header Forwarded \"\"; "
                 "proxy_set_header Authorization $http_x_token;"),
         GOOD % (b"/a", b"X-Token: evil\r\n"), "GET /a",
         b"\r\nAuthorization: evil\r\n"),
    Case("a method from a parameter", ["lookalike_passed"],
         headers("X-HTTP-Method-Override \"\"",
                 "X-HTTP-Method-Override $arg__m"),
         GOOD % (b"/a?_m=DELETE", b""), "GET /a?_m=DELETE",
         b"\r\nX-HTTP-Method-Override: DELETE\r\n"),
    Case("Upgrade", ["upgrade_passed"],
         headers("Connection \"\"", "Connection upgrade; proxy_set_header "
                 "Upgrade $http_upgrade"),
         GOOD % (b"/a", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"),
         "GET /a", b"\r\nUpgrade: h2c\r\n"),
    Case("Upgrade and a map", ["upgrade_passed"],
         "map $http_upgrade $mine { default upgrade; '' ''; } " +
         headers("Connection \"\"", "Connection $mine; proxy_set_header "
                 "Upgrade $http_upgrade"),
         GOOD % (b"/a", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"),
         "GET /a", b"\r\nUpgrade: h2c\r\n"),
    Case("a client's Transfer-Encoding", ["framing_set"],
         headers("proxy_set_header Forwarded \"\";",
                 "proxy_set_header Forwarded \"\"; proxy_set_header "
                 "Transfer-Encoding $http_x_te;"),
         b"POST /a HTTP/1.0\r\nHost: r\r\nAuthorization: Bearer good\r\n"
         b"X-TE: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", "POST /a",
         b"\r\nTransfer-Encoding: chunked\r\n"),
    Case("an account's answers for others", ["response_cached"],
         "proxy_cache_path @/cache2 keys_zone=answers:1m; " +
         guarded("proxy_cache answers; " + FORWARD),
         GOOD % (b"/a", b""), "GET /a"),
    Case("an error page in an if", ["error_page_escape"],
         guarded("if ($http_x_health) { error_page 403 = @o; } " + FORWARD,
                 "location @o { auth_request off; "
                 "proxy_pass http://registry; }"), FLAGGED, THROUGH),
    Case("an error page that the client chooses", ["error_page_escape"],
         guarded("error_page 403 = $http_x_health; " + FORWARD,
                 "location /o { internal; auth_request off; "
                 "proxy_pass http://registry; }"),
         DENIED.replace(b"Host", b"X-Health: /o\r\nHost"), "GET /o"),
    Case("an error page at a regular expression", ["error_page_escape"],
         guarded("error_page 403 = /x.php; " + FORWARD,
                 "location ~ php { internal; auth_request off; "
                 "proxy_pass http://registry; }"), DENIED, "GET /x.php"),
    Case("post_action", ["unjudged_subrequest"],
         guarded("post_action @p; " + FORWARD,
                 "location @p { auth_request off; "
                 "proxy_pass http://registry; }"), DENIED, THROUGH),
    Case("a copy of a request that nobody judged", ["mirror_leak"],
         guarded(FORWARD, "location /o { auth_request off; mirror /m; "
                 "root @/; } location = /m { internal; "
                 "proxy_pass http://registry$request_uri; }"),
         DENIED.replace(b"/api", b"/o/api"), "GET /o/api/v1/x"),
    Case("a part of an answer that nobody judged", ["unjudged_subrequest"],
         guarded(FORWARD, "location = /o { auth_request off; default_type "
                 "text/html; add_after_body /m; "
                 "return 200 ok; } location = /m { "
                 "proxy_pass http://registry/secret; }"),
         DENIED.replace(b"/api/v1/x", b"/o"), "GET /secret"),
    Case("files under another reading of the path", ["other_handler"],
         guarded("root @/;"), GOOD % (b"/nginx.conf", b""), None),
    Case("a handler that is not a proxy", ["other_handler"],
         guarded("proxy_pass http://registry; stub_status;"),
         GOOD % (b"/a", b""), None),
]

SPELLINGS = [
    Case("satisfy ANY", ["satisfy_any"],
         guarded("satisfy ANY; allow all; " + RAW), DENIED, THROUGH),
    Case("a variable names the guarded upstream",
         ["unprotected_upstream"],
         to("$pdp_scheme://$up$pdp_uri$is_args$args").replace(
             "include", "set $up registry; include", 1) +
         OPEN % "http://registry", DENIED, THROUGH, front="front2"),
    Case("a map names the guarded upstream", ["variable_upstream"],
         "map $http_none $up { default registry; } " +
         to("$pdp_scheme://$up$pdp_uri$is_args$args") +
         OPEN % "http://registry", DENIED, THROUGH, front="front2"),
    Case("the client names the upstream", ["variable_upstream"],
         to("$pdp_scheme://$http_x$pdp_uri$is_args$args"),
         GOOD % (b"/a", b"X: registry\r\n"), "GET /a"),
    Case("two slashes in a path", ["unprotected_upstream"],
         guarded(FORWARD) + OPEN % "http://unix:@//upstream", DENIED,
         THROUGH, front="front2"),
    Case("a path with dots", ["unprotected_upstream"],
         guarded(FORWARD) + OPEN % "http://unix:@/./upstream", DENIED,
         THROUGH, front="front2"),
    Case("UNIX in capitals", ["unprotected_upstream"],
         guarded(FORWARD) + OPEN % "http://UNIX:@/upstream:", DENIED,
         THROUGH, front="front2"),
    Case("behind a second server", ["unprotected_upstream"],
         to("$pdp_scheme://unix:@/inner:$pdp_uri$is_args$args") +
         " server { listen unix:@/inner; location / { "
         "proxy_pass http://registry; } }" + OPEN % "http://registry",
         DENIED, THROUGH, front="front2"),
    Case("underscores of the default server", ["underscores"],
         "server { listen unix:@/front default_server; "
         "underscores_in_headers on; return 444; } " +
         guarded("include pdp-forward.conf; proxy_pass " + URL + ";",
                 "server_name r;"),
         b"GET /a HTTP/1.0\r\nX_Rewrite_URL: /evil\r\nHost: r\r\n"
         b"Authorization: Bearer good\r\n\r\n", "GET /a",
         b"\r\nX_Rewrite_URL: /evil\r\n"),
]

FURTHER = ASKING + VARIABLES + FORWARDING + SPELLINGS
