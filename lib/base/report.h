/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__BASE_REPORT_H
#define PDP__BASE_REPORT_H

/*
 * Findings while loading.  Each has a code from one table; the manual page
 * and the tests are compared with that table.
 */

#include "base/mem.h"
#include "pdp/report.h"

/* enumerator, stable name, severity, what it is about */
#define PDP__CODE_MAP(X)                                                       \
    X(JSON_SYNTAX, "json_syntax", ERROR, "the text is not JSON (RFC 8259)")    \
    X(DUPLICATE_MEMBER, "duplicate_member", ERROR,                             \
        "an object has two members of one name")                               \
    X(UNKNOWN_MEMBER, "unknown_member", ERROR, "a member nobody asked for")    \
    X(MISSING_MEMBER, "missing_member", ERROR, "a required member is absent")  \
    X(WRONG_TYPE, "wrong_type", ERROR, "a value of another JSON type")         \
    X(BAD_VALUE, "bad_value", ERROR, "a value outside its grammar or range")   \
    X(BAD_FORMAT, "bad_format", ERROR, "not a document of this format")        \
    X(UNKNOWN_NAME, "unknown_name", ERROR, "a name that is not defined")       \
    X(DUPLICATE_NAME, "duplicate_name", ERROR, "a name is defined twice")      \
    X(BAD_TEMPLATE, "bad_template", ERROR, "a path template is malformed")     \
    X(SAME_ROUTE, "same_route", ERROR, "two routes match the same requests")   \
    X(OPEN_ROUTE, "open_route", ERROR,                                         \
        "a route requires nothing and does not say so")                        \
    X(ROUTE_OVERLAP, "route_overlap", NOTE,                                    \
        "a decoded parameter could be read as another route")                  \
    X(UNUSED, "unused", NOTE, "defined and never used")                        \
    X(EMPTY, "empty", ERROR, "a set that must not be empty is")                \
    X(LIMIT, "limit", ERROR, "a documented limit is exceeded")                 \
    X(MORE_FINDINGS, "more_findings", WARNING,                                 \
        "there are more findings than are listed")                             \
    X(WEAK_KEY, "weak_key", ERROR, "a key that must not be trusted")           \
    X(BAD_KEY, "bad_key", ERROR, "a key that cannot be read")                  \
    X(PRIVATE_KEY, "private_key", ERROR,                                       \
        "a private or symmetric key among public ones")                        \
    X(DUPLICATE_KID, "duplicate_kid", ERROR, "two keys of one kid")            \
    X(KEY_SKIPPED, "key_skipped", NOTE, "a key that is not for this use")      \
    X(UNKNOWN_OPERATOR, "unknown_operator", ERROR,                             \
        "a policy operator that does not exist")                               \
    X(UNKNOWN_ROLE, "unknown_role", ERROR, "a role nobody defined")            \
    X(FOREIGN_ROLE, "foreign_role", WARNING,                                   \
        "a role of another service: it grants nothing here")                   \
    X(FOREIGN_ATTRIBUTE, "foreign_attribute", WARNING,                         \
        "an attribute this service never provides")                            \
    X(UNFIT_KEYS, "unfit_keys", WARNING,                                       \
        "no key of a set fits the algorithms of its issuer")                   \
    X(AGELESS_KEYS, "ageless_keys", WARNING,                                   \
        "fetched keys that nobody asks how old they are")                      \
    X(DEAD_DENY, "dead_deny", WARNING,                                         \
        "a deny that holds for nobody until a token names it")                 \
    X(DEAD_RULE, "dead_rule", WARNING,                                         \
        "a rule that can never hold: the policy grants nothing")               \
    X(MIXED_OFFSETS, "mixed_offsets", WARNING,                                 \
        "a window whose bounds are in two offsets")                            \
    X(PATTERN_MISMATCH, "pattern_mismatch", WARNING,                           \
        "a rule of another shape than its pattern says")                       \
    X(SPLIT_NIGHT, "split_night", WARNING,                                     \
        "a window over midnight on some days of the week")                     \
    X(TAGS_NARROWED, "tags_narrowed", WARNING,                                 \
        "tags beside attributes that narrow a policy further")                 \
    X(RESTRICTION_SKIPPED, "restriction_skipped", NOTE,                        \
        "context-based restrictions that cannot apply")                        \
    X(FOREIGN_ADDRESS, "foreign_address", NOTE,                                \
        "addresses of a zone that no request has here")                        \
    X(CLOSED_RESTRICTION, "closed_restriction", WARNING,                       \
        "a restriction that no request can satisfy")                           \
    X(UNKNOWN_ISSUER, "unknown_issuer", WARNING,                               \
        "a revocation for an issuer that nobody trusts")                       \
    X(MORE_PAGES, "more_pages", WARNING,                                       \
        "a listing of policies that goes on in another page")                  \
    X(UNSUPPORTED, "unsupported", ERROR, "a known thing not supported yet")    \
    X(POLICY_SKIPPED, "policy_skipped", NOTE, "policies that cannot apply")    \
    X(MISSING_SOURCE, "missing_source", ERROR,                                 \
        "a document names another one that was not given")                     \
    X(UNUSED_SOURCE, "unused_source", ERROR,                                   \
        "a document was given that nothing names")

enum pdp__code {
#define X(id, name, severity, text) PDP__CODE_##id,
    PDP__CODE_MAP(X)
#undef X
        PDP__CODE_COUNT
};

/* Findings kept; the next one is `more_findings`, the rest only count. */
enum { PDP__FINDINGS_MAX = 10000 };

/* Where a finding is.  line 0: the whole source. */
struct pdp__place {
    pdp_str_t source; /* must outlive the report's construction: copied */
    uint32_t line;
    uint32_t column;
};

/* An empty report; NULL: no memory. */
pdp_report_t *pdp__report_new(const pdp_mem_t *mem);

/*
 * Adds a finding; the message is printf()-formatted and may hold hostile
 * bytes: it is escaped to printable ASCII and cut at 400 bytes.  hint may
 * be NULL.  When memory runs out, `failed` is set and the finding counts.
 */
void pdp__report_add(pdp_report_t *report, enum pdp__code code,
    struct pdp__place place, const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* True if memory ran out while adding: the caller returns PDP_E_NOMEM. */
bool pdp__report_failed(const pdp_report_t *report);

/* Sorts by order of arrival of the source, then line and column. */
void pdp__report_sort(pdp_report_t *report);

/* "unknown_member" and so on; used by tests and the manual's lint. */
const char *pdp__code_name(enum pdp__code code);

#endif
