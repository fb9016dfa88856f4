/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "common/kind.h"

/*
 * Telling documents apart, so that one given to the wrong option is named
 * for what it is, in the place of a list of members that it lacks.
 *
 *     a registered claim          the claims of a token; no document of
 *                                 the project has such a member
 *     "format": "pdp-..."         what it says, in any version: the loader
 *                                 says which versions it reads
 *     "cases" or "tables"         a suite of tests
 *     "zones" or "rules"          context-based restrictions; also a list
 *                                 that begins with a zone or a rule, which
 *                                 have "addresses" or "contexts"
 *     "keys"                      a key set
 *     "policies" or "type"        access policies: a list of them, or one
 *
 * This is a guess, for messages and for lint; it decides nothing.
 *
 * Cost: one pass of the JSON reader over a copy, since it unescapes in place.
 */

#include "common/heap.h"
#include "text/json_read.h"

static const struct {
    const char *name;
    const char *option;
    const char *format; /* NULL: it has no such member */
} rows[PDP__KIND_COUNT] = {
    [PDP__KIND_NONE] = {"no document", "", NULL},
    [PDP__KIND_SERVICE] = {"a service definition (pdp-service/1)", "service",
        "pdp-service/"},
    [PDP__KIND_TRUST] = {"a trust document (pdp-trust/1)", "trust",
        "pdp-trust/"},
    [PDP__KIND_JWKS] = {"a key set (JWKS)", "jwks", NULL},
    [PDP__KIND_POLICIES] = {"an access policy", "policies", NULL},
    [PDP__KIND_DIRECTORY] = {"a directory (pdp-directory/1)", "directory",
        "pdp-directory/"},
    [PDP__KIND_RESTRICTIONS] = {"a list of context-based restrictions",
        "restrictions", NULL},
    [PDP__KIND_REVOCATIONS] = {"a list of revocations (pdp-revocations/1)",
        "revocations", "pdp-revocations/"},
    [PDP__KIND_CLAIMS] = {"the claims of a token", "claims", NULL},
    [PDP__KIND_TESTS] = {"a suite of tests (pdp-tests/1)", "", "pdp-tests/"},
};

static bool
has(const struct pdp__json_doc *json, const char *name)
{
    return pdp__json_member(json, 0, pdp__str_z(name)) != 0;
}

/* A zone or a rule. */
static bool
is_restriction(const struct pdp__json_doc *json, uint32_t ix)
{
    return pdp__json_member(json, ix, PDP__LIT("addresses")) != 0 ||
           pdp__json_member(json, ix, PDP__LIT("contexts")) != 0;
}

static enum pdp__kind
kind_of(const struct pdp__json_doc *json)
{
    if (pdp__json_is(json, 0, PDP__JSON_ARRAY) && json->nodes[0].cnt > 0 &&
        is_restriction(json, 1)) {
        return PDP__KIND_RESTRICTIONS;
    }
    if (!pdp__json_is(json, 0, PDP__JSON_OBJECT)) {
        return PDP__KIND_NONE;
    }
    if (has(json, "iss") || has(json, "iam_id") || has(json, "exp") ||
        has(json, "sub")) {
        return PDP__KIND_CLAIMS;
    }
    uint32_t format = pdp__json_member(json, 0, PDP__LIT("format"));
    for (int i = 0; format != 0 && i < PDP__KIND_COUNT; i++) {
        if (rows[i].format != NULL &&
            pdp__json_is(json, format, PDP__JSON_STRING) &&
            pdp__str_starts(pdp__json_text(json, format),
                pdp__str_z(rows[i].format))) {
            return (enum pdp__kind)i;
        }
    }
    if (has(json, "cases") || has(json, "tables")) {
        return PDP__KIND_TESTS;
    }
    if (has(json, "zones") || has(json, "rules") || is_restriction(json, 0)) {
        return PDP__KIND_RESTRICTIONS;
    }
    if (has(json, "keys")) {
        return PDP__KIND_JWKS;
    }
    return has(json, "type") || has(json, "policies") ? PDP__KIND_POLICIES
                                                      : PDP__KIND_NONE;
}

enum pdp__kind
pdp__kind_of(pdp_str_t json)
{
    enum pdp__kind kind = PDP__KIND_NONE;
    char *copy = pdp__heap_copy(json);
    uint32_t cap = pdp__json_node_bound(json);
    struct pdp__json *nodes = pdp__heap_resize(NULL, cap, sizeof(*nodes));
    struct pdp__json_doc doc;
    if (pdp__json_read(copy, json.len, nodes, cap, &doc)) {
        kind = kind_of(&doc);
    }
    pdp__heap_free(nodes);
    pdp__heap_free(copy);
    return kind;
}

const char *
pdp__kind_name(enum pdp__kind kind)
{
    return rows[kind].name;
}

const char *
pdp__kind_option(enum pdp__kind kind)
{
    return rows[kind].option;
}
