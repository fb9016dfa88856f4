/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__GATEWAY_CODES_H
#define PDP__GATEWAY_CODES_H

/*
 * Every finding about a configuration: enumerator, code, usual severity, and
 * how to mend it.  pdp-gateway-lint(7) explains each; tests/tool/gateway.sh
 * sees to it that none is missing there, and that each is provoked.
 *
 *   ERROR    a request gets past the decision, or none is ever allowed
 *   WARNING  weaker than it looks, or broken
 *   NOTE     worth knowing
 */
#define PDP__GATEWAY_CODES(X)                                                  \
    X(CONF_SYNTAX, "conf_syntax", ERROR,                                       \
        "mend it at this place or just before")                                \
    X(INCLUDE_MISSING, "include_missing", ERROR,                               \
        "names are relative to the main file's directory; --prefix names "     \
        "another")                                                             \
    X(INCLUDE_LIMIT, "include_limit", ERROR,                                   \
        "split the configuration, or take the cycle out")                      \
    X(NO_AUTH_REQUEST, "no_auth_request", ERROR,                               \
        "write auth_request into each server that is to be guarded")           \
    X(AUTH_OFF, "auth_off", ERROR,                                             \
        "take it out, or serve this location in a server of its own")          \
    X(UNPROTECTED_UPSTREAM, "unprotected_upstream", ERROR,                     \
        "write auth_request into the server, so that all locations have it")   \
    X(VARIABLE_UPSTREAM, "variable_upstream", WARNING, "name the upstream")    \
    X(UNPROTECTED_CHAIN, "unprotected_chain", ERROR,                           \
        "listen on a unix socket or the loopback, or guard this server, too")  \
    X(AUTH_NOT_AT_SERVER, "auth_not_at_server", WARNING,                       \
        "move auth_request up into the server")                                \
    X(UNPROTECTED_PROXY, "unprotected_proxy", NOTE,                            \
        "guard it, too, or serve it in a server of its own")                   \
    X(UNPROTECTED_FILES, "unprotected_files", NOTE,                            \
        "guard it, too, unless everybody may read these files")                \
    X(SATISFY_ANY, "satisfy_any", ERROR, "take it out, or write satisfy all")  \
    X(ERROR_PAGE_ESCAPE, "error_page_escape", ERROR,                           \
        "let the error page be a text or a file, or a guarded location")       \
    X(ERROR_PAGE_STATUS, "error_page_status", WARNING,                         \
        "take the '=' out, so that the client gets the status it has earned")  \
    X(ANSWER_BEFORE_AUTH, "answer_before_auth", WARNING,                       \
        "write auth_request off beside it if everybody may have this answer")  \
    X(REWRITE_BEFORE_AUTH, "rewrite_before_auth", ERROR,                       \
        "take it out, or forward the path that was judged: $pdp_uri")          \
    X(IF_BEFORE_AUTH, "if_before_auth", NOTE,                                  \
        "use a map and a header, or a location, if that is possible")          \
    X(TRY_FILES, "try_files", WARNING, "proxy from this very location")        \
    X(URI_PART, "uri_part", ERROR,                                             \
        "write proxy_pass $pdp_scheme://UPSTREAM$pdp_uri$is_args$args")        \
    X(VARIABLE_REDEFINED, "variable_redefined", ERROR,                         \
        "take it out, or give it another name")                                \
    X(NOT_PDP_URI, "not_pdp_uri", WARNING,                                     \
        "write proxy_pass $pdp_scheme://UPSTREAM$pdp_uri$is_args$args")        \
    X(QUERY_LOST, "query_lost", WARNING,                                       \
        "end it with $is_args$args: the query was judged, too")                \
    X(EMPTY_URI, "empty_uri", NOTE,                                            \
        "map $pdp_uri $pdp_scheme { \"~^/\" http; } and use $pdp_scheme:// "   \
        "here")                                                                \
    X(AUTH_SET_LOST, "auth_set_lost", ERROR,                                   \
        "repeat each auth_request_set here, or take all out here")             \
    X(AUTH_SET_MISSING, "auth_set_missing", WARNING,                           \
        "auth_request_set $pdp_... $upstream_http_x_pdp_...")                  \
    X(AUTH_LOCATION, "auth_location", ERROR,                                   \
        "write a location = URI that asks the daemon and nobody else")         \
    X(AUTH_LOCATION_SHADOW, "auth_location_shadow", WARNING,                   \
        "write location = URI, with '='")                                      \
    X(AUTH_ANSWERS, "auth_answers", ERROR,                                     \
        "let this location do nothing but proxy_pass to the daemon")           \
    X(AUTH_SERVERS, "auth_servers", WARNING,                                   \
        "let the upstream have one server: the daemon")                        \
    X(AUTH_ERROR_PAGE, "auth_error_page", ERROR,                               \
        "take the '=' out, or the error_page to where no auth location sees "  \
        "it")                                                                  \
    X(NOT_INTERNAL, "not_internal", WARNING, "write internal; into it")        \
    X(BODY_PASSED, "body_passed", WARNING,                                     \
        "write proxy_pass_request_body off; into it")                          \
    X(CONTENT_LENGTH, "content_length", WARNING,                               \
        "write proxy_set_header Content-Length \"\"; into it")                 \
    X(BODY_LIMIT, "body_limit", WARNING,                                       \
        "write client_max_body_size 0; into the auth location")                \
    X(CONTRACT_MISSING, "contract_missing", ERROR,                             \
        "set it with proxy_set_header in this location")                       \
    X(CONTRACT_VALUE, "contract_value", ERROR,                                 \
        "X-Original-Method $request_method; X-Original-URI $request_uri; "     \
        "X-Real-IP $remote_addr; X-Request-ID $request_id; Host $http_host")   \
    X(CONTRACT_TWICE, "contract_twice", WARNING,                               \
        "take one of them out: the daemon denies a request with both")         \
    X(CREDENTIAL_CLEARED, "credential_cleared", WARNING,                       \
        "let the daemon have the client's own header")                         \
    X(OVERRIDE_HIDDEN, "override_hidden", ERROR,                               \
        "clear it towards the upstream, too, or towards nobody")               \
    X(AUTH_CACHE_KEY, "auth_cache_key", ERROR, "take proxy_cache out of it")   \
    X(AUTH_CACHED, "auth_cached", WARNING,                                     \
        "take proxy_cache out of it; the daemon answers faster than a cache")  \
    X(AUTH_TIMEOUT, "auth_timeout", WARNING,                                   \
        "write proxy_read_timeout 2s; into it")                                \
    X(AUTH_REMOTE, "auth_remote", WARNING,                                     \
        "ask over a unix socket, or TCP on the loopback")                      \
    X(KEEPALIVE, "keepalive", WARNING,                                         \
        "upstream with keepalive, proxy_http_version 1.1, proxy_set_header "   \
        "Connection \"\"")                                                     \
    X(LOOKALIKE_PASSED, "lookalike_passed", WARNING,                           \
        "clear each with proxy_set_header NAME \"\"")                          \
    X(ACCOUNT_NOT_JUDGED, "account_not_judged", WARNING,                       \
        "write proxy_set_header Account $pdp_account")                         \
    X(HOST_NOT_JUDGED, "host_not_judged", ERROR,                               \
        "write proxy_set_header Host $http_host into both locations")          \
    X(CREDENTIAL_CHANGED, "credential_changed", WARNING,                       \
        "take it out, clear it, or write $http_authorization")                 \
    X(UPGRADE_PASSED, "upgrade_passed", WARNING,                               \
        "write proxy_set_header Connection \"\", and no Upgrade")              \
    X(FRAMING_SET, "framing_set", WARNING,                                     \
        "leave both headers to nginx; clear Content-Length where no body is "  \
        "passed")                                                              \
    X(BODY_REPLACED, "body_replaced", WARNING, "forward the client's body")    \
    X(UNDERSCORES, "underscores", WARNING, "take it out: the default is off")  \
    X(INVALID_HEADERS, "invalid_headers", WARNING,                             \
        "take it out: the default is on")                                      \
    X(MERGE_SLASHES, "merge_slashes", NOTE,                                    \
        "write merge_slashes off; into the server")                            \
    X(METHOD_CHANGED, "method_changed", ERROR, "take proxy_method out")        \
    X(OTHER_PROTOCOL, "other_protocol", WARNING,                               \
        "make sure that the path it sends on is that of $pdp_uri")             \
    X(OTHER_HANDLER, "other_handler", WARNING,                                 \
        "serve this in a server of its own")                                   \
    X(DIRECTIVE_UNKNOWN, "directive_unknown", WARNING,                         \
        "look at it by hand: it can answer, forward, or change the request")   \
    X(UNJUDGED_SUBREQUEST, "unjudged_subrequest", WARNING,                     \
        "take it out of guarded locations")                                    \
    X(MIRROR_LEAK, "mirror_leak", WARNING,                                     \
        "internal; a unix socket; or proxy_set_header Authorization \"\"")     \
    X(CODE_NOT_READ, "code_not_read", WARNING,                                 \
        "look at it by hand: it can answer, forward, or change the request")   \
    X(REAL_IP_ANYONE, "real_ip_anyone", WARNING,                               \
        "name the proxies in front of this server")                            \
    X(TOKEN_LOGGED, "token_logged", WARNING,                                   \
        "log $pdp_principal: a token in a log is a key under the mat")         \
    X(LOG_ESCAPE, "log_escape", WARNING, "write log_format NAME escape=json")  \
    X(RESPONSE_CACHED, "response_cached", WARNING,                             \
        "take it out, or proxy_cache_key "                                     \
        "$pdp_account$http_host$request_uri")

enum pdp__gateway_code {
#define X(id, name, severity, hint) PDP__GATEWAY_##id,
    PDP__GATEWAY_CODES(X)
#undef X
        PDP__GATEWAY_CODE_CNT
};

#endif
