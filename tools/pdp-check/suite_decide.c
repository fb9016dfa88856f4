/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/suite_file.h"

/*
 * One case -> one decision.
 *
 * The claims of a principal are those of the suite; issuer and times are
 * filled in as `pdp-check token` does, from the clock of the case, so that a
 * suite does not expire.  A claim that is there is never touched, and null
 * in the place of one of the three takes it away.
 *
 * Nobody signed these claims, so everything but the signature is judged.  A
 * principal that is anonymous has no token; what an Authorization header of
 * the request says is judged then, as a gateway would.
 */

#include "pdp-check/defaults.h"
#include "pdp-check/json_text.h"

/* Whether the claims have a member of this name. */
static bool
has(const struct pdp__json_doc *json, uint32_t claims, const char *name)
{
    return pdp__json_member(json, claims, pdp__str_z(name)) != 0;
}

static bool
is_default(pdp_str_t name)
{
    return pdp__str_eq(name, PDP__LIT("iss")) ||
           pdp__str_eq(name, PDP__LIT("iat")) ||
           pdp__str_eq(name, PDP__LIT("exp"));
}

static void
add_claims(struct pdp__string *out, const struct pdp__json_doc *json,
    uint32_t claims, int64_t at_sec)
{
    bool first = true;
    pdp__string_char(out, '{');
    if (!has(json, claims, "iss")) {
        pdp__string_z(out, "\"iss\":\"" PDP__DEFAULT_ISSUER "\"");
        first = false;
    }
    if (!has(json, claims, "iat")) {
        pdp__json_text_key(out, PDP__LIT("iat"), first);
        pdp__string_fmt(out, "%lld", (long long)at_sec);
        first = false;
    }
    if (!has(json, claims, "exp")) {
        pdp__json_text_key(out, PDP__LIT("exp"), first);
        pdp__string_fmt(out, "%lld",
            (long long)(at_sec + PDP__DEFAULT_LIFETIME_SEC));
        first = false;
    }
    PDP__JSON_EACH(json, claims, child)
    {
        pdp_str_t name = pdp__json_key(json, child);
        if (!is_default(name) || !pdp__json_is(json, child, PDP__JSON_NULL)) {
            pdp__json_text_key(out, name, first);
            pdp__json_text_add(out, json, child);
            first = false;
        }
    }
    pdp__string_char(out, '}');
}

pdp_status_t
pdp__suite_decide(const struct pdp__suite_file *file,
    const struct pdp__suite_case *test, struct pdp__suite_asked *asked,
    const pdp_decision_t **decision)
{
    const struct pdp__suite *suite = &file->suite;
    const struct pdp__suite_principal *principal =
        pdp__suite_principal_at(suite, test->principal);
    const struct pdp__suite_request *request =
        pdp__suite_request_at(suite, test->request);
    asked->claims.len = 0;
    asked->request = (pdp_request_t){
        .size = sizeof(asked->request),
        .method = request->method,
        .target = request->target,
        .headers = request->headers,
        .header_cnt = request->header_cnt,
        .client_address = request->client_address,
        .now_sec = test->at_sec,
        .now_nsec = test->at_nsec,
        .endpoint_type = request->endpoint_type,
    };
    if (principal->anonymous) {
        return pdp_decide(file->worker, &asked->request, decision);
    }
    add_claims(&asked->claims, &suite->doc.json, principal->node, test->at_sec);
    return pdp_decide_unverified(file->worker, &asked->request,
        pdp__string_get(&asked->claims), decision);
}

void
pdp__suite_asked_free(struct pdp__suite_asked *asked)
{
    pdp__string_free(&asked->claims);
    *asked = (struct pdp__suite_asked){0};
}
