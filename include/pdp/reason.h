/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_REASON_H
#define PDP_REASON_H

#include "pdp/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Why a decision is what it is.  One table: enumerator, name, HTTP status,
 * sentence.  The first one is zero, so that cleared memory reads as
 * "denied, internal".  Only PERMITTED, PUBLIC and AUTHENTICATED allow.
 *
 * This version never gives PROXY_MISMATCH and KEY_STALE: the first is for
 * gateways that compare, the second for whoever fetches keys and knows their
 * age, as pdpd(8) does.
 */
#define PDP_REASON_MAP(X)                                                      \
    X(INTERNAL, "internal", 500, "the decision point failed; denied")          \
    X(PERMITTED, "permitted", 200, "every required action is granted")         \
    X(PUBLIC, "public", 200, "the route is open to everybody")                 \
    X(AUTHENTICATED, "authenticated", 200,                                     \
        "the route is open to every verified principal")                       \
    X(BAD_METHOD, "bad_method", 400,                                           \
        "the method is not a token of upper-case characters")                  \
    X(TOO_LONG, "too_long", 400,                                               \
        "the target exceeds 4096 bytes or 32 segments")                        \
    X(TARGET_FORM, "target_form", 400,                                         \
        "the target does not begin with exactly one slash")                    \
    X(BAD_BYTE, "bad_byte", 400, "a byte that no URI may hold")                \
    X(BAD_PERCENT, "bad_percent", 400,                                         \
        "a percent sign without two hexadecimal digits")                       \
    X(OVERENCODED, "overencoded", 400,                                         \
        "a character is percent-encoded that never needs to be")               \
    X(CONTROL, "control", 400, "an encoded control character")                 \
    X(NON_ASCII, "non_ascii", 400, "an encoded byte above 7F")                 \
    X(DELIMITER, "delimiter", 400,                                             \
        "a delimiter that servers read in different ways")                     \
    X(EMPTY_SEGMENT, "empty_segment", 400, "an empty path segment")            \
    X(DOT_SEGMENT, "dot_segment", 400, "a dot segment")                        \
    X(BAD_PARAM, "bad_param", 400,                                             \
        "a parameter does not follow the grammar of its kind")                 \
    X(AMBIGUOUS_PATH, "ambiguous_path", 400,                                   \
        "decoded once more, the path would be another route")                  \
    X(AMBIGUOUS_QUERY, "ambiguous_query", 400,                                 \
        "a query parameter that the route uses is given twice")                \
    X(AMBIGUOUS_HEADER, "ambiguous_header", 400,                               \
        "a header that decides is given twice, or is empty")                   \
    X(METHOD_OVERRIDE, "method_override", 400,                                 \
        "the request asks to be run with another method")                      \
    X(PROXY_MISMATCH, "proxy_mismatch", 400,                                   \
        "the proxy sees another path than the one judged")                     \
    X(TOKEN_MISSING, "token_missing", 401, "no bearer token")                  \
    X(TOKEN_MALFORMED, "token_malformed", 401,                                 \
        "the token is not a compact JWS with a JSON header and payload")       \
    X(ALG_REFUSED, "alg_refused", 401,                                         \
        "the algorithm is not allowed for this issuer and key")                \
    X(KEY_UNKNOWN, "key_unknown", 401, "no key of the issuer fits the token")  \
    X(KEY_STALE, "key_stale", 401,                                             \
        "nobody has confirmed the issuer's keys for too long")                 \
    X(SIGNATURE_INVALID, "signature_invalid", 401,                             \
        "the signature does not verify")                                       \
    X(TOKEN_EXPIRED, "token_expired", 401, "the token has expired")            \
    X(TOKEN_NOT_YET_VALID, "token_not_yet_valid", 401,                         \
        "the token is not valid yet")                                          \
    X(ISSUER_UNTRUSTED, "issuer_untrusted", 401, "the issuer is not trusted")  \
    X(AUDIENCE_MISMATCH, "audience_mismatch", 401,                             \
        "the token is meant for another audience")                             \
    X(TYPE_MISMATCH, "type_mismatch", 401, "the token is of another type")     \
    X(CLAIM_INVALID, "claim_invalid", 401,                                     \
        "a claim is missing or has a wrong form")                              \
    X(TOKEN_REVOKED, "token_revoked", 401, "the token has been revoked")       \
    X(ACCOUNT_MISMATCH, "account_mismatch", 403,                               \
        "the request acts in another account than the token's")                \
    X(UNKNOWN_NAMESPACE, "unknown_namespace", 403,                             \
        "the directory does not know this namespace")                          \
    X(SCOPE_MISMATCH, "scope_mismatch", 403,                                   \
        "the scope of the token names other services only")                    \
    X(NO_GRANT, "no_grant", 403, "a required action is not granted")           \
    X(EXPLICIT_DENY, "explicit_deny", 403,                                     \
        "a policy denies a required action")                                   \
    X(CONDITION_ERROR, "condition_error", 403,                                 \
        "a condition could not be evaluated")                                  \
    X(CONTEXT_DENIED, "context_denied", 403,                                   \
        "a context-based restriction denies the request")                      \
    X(NO_ROUTE, "no_route", 404, "no route has this path")                     \
    X(METHOD_NOT_ALLOWED, "method_not_allowed", 405,                           \
        "the path has a route, but not for this method")

typedef enum pdp_reason {
#define X(id, name, status, text) PDP_REASON_##id,
    PDP_REASON_MAP(X)
#undef X
} pdp_reason_t;

#define X(id, name, status, text) +1
/* How many reasons there are: valid values are 0 .. PDP_REASON_COUNT - 1. */
enum { PDP_REASON_COUNT = 0 PDP_REASON_MAP(X) };
#undef X

/*
 * pdp_reason_name: the stable name of a reason, such as "token_expired", for
 * logs, headers and programs.  pdp-reasons(7) lists all of them.
 *
 * Returns: a name, NUL-terminated, static; never NULL.  A value that is no
 *     reason reads as "internal".
 * Thread safety: any thread, at any time.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API const char *pdp_reason_name(pdp_reason_t reason);

/*
 * pdp_reason_text: one English phrase for people; it may change between
 * versions.
 *
 * Returns: a text, NUL-terminated, static; never NULL.  A value that is no
 *     reason reads as PDP_REASON_INTERNAL.
 * Thread safety: any thread, at any time.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API const char *pdp_reason_text(pdp_reason_t reason);

/*
 * pdp_reason_status: the HTTP status that fits a reason.
 *
 * Returns: 200 for the three that allow; 400, 401, 403, 404, 405 or 500.  A
 *     value that is no reason gives 500.  It is no permission: ask
 *     pdp_decision_effect().
 * Thread safety: any thread, at any time.
 * Allocates: nothing.
 * Source: RFC 9110 15; for 401 also RFC 6750 3 (WWW-Authenticate).
 * Since: 0.1.
 */
PDP_API int pdp_reason_status(pdp_reason_t reason);

/*
 * pdp_reason_allows: whether a decision of this reason is an allow.
 *
 * Returns: true for PERMITTED, PUBLIC and AUTHENTICATED only; false for any
 *     other value, also one that is no reason.
 * Thread safety: any thread, at any time.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API bool pdp_reason_allows(pdp_reason_t reason);

#ifdef __cplusplus
}
#endif

#endif
