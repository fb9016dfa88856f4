/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Stage 6, claims: what the issuer's entry in the trust document asks of a
 * token (RFC 7519 4.1, RFC 8725), against the request's one clock.
 *
 * A token seen for the first time is read into a complete record here; a
 * token from the cache has only its times checked again.  Nothing else about
 * a token depends on the request, and the record dies with the snapshot, so
 * no check is skipped by the cache.
 *
 * Times: exp is required; `now >= floor(exp) + leeway` is expired.  nbf and
 * iat are rounded up.  Any of them outside 0 .. 9999-12-31T23:59:59Z, or not
 * a number, is claim_invalid: never "no expiry".
 */

#include "decide/flow.h"

/* 9999-12-31T23:59:59Z */
#define TIME_MAX INT64_C(253402300799)

uint32_t
pdp__claim(const struct pdp__flow *flow, struct pdp__range pointer)
{
    const struct pdp__text *tokens = &pdp__texts(flow->block)[pointer.first];
    pdp_str_t names[PDP__JSON_DEPTH_MAX];

    if (PDP_NEVER(pointer.cnt > PDP__JSON_DEPTH_MAX)) {
        return 0;
    }
    for (uint32_t i = 0; i < pointer.cnt; i++) {
        names[i] = pdp__text(flow->block, tokens[i]);
    }
    return pdp__json_pointer(&flow->verified.payload, names, pointer.cnt);
}

/* A NumericDate (RFC 7519 2) that may be absent. */
static bool
read_time(const struct pdp__flow *flow, const char *name, bool *present,
    int64_t *floor, int64_t *ceil)
{
    const struct pdp__json_doc *doc = &flow->verified.payload;
    uint32_t ix = pdp__json_member(doc, 0, pdp__str_z(name));

    *present = ix != 0;
    if (ix == 0) {
        return true;
    }
    return pdp__json_seconds(doc, ix, floor, ceil) && *floor >= 0 &&
           *ceil <= TIME_MAX; /* and so the floor is */
}

static bool
read_times(struct pdp__flow *flow, struct pdp__token *token)
{
    int64_t unused = 0;
    int64_t exp_sec = 0;
    int64_t issued_sec = 0;
    bool exp = false;
    bool iat = false;
    bool other = false;

    token->exp_sec = -1; /* not known, until it is known to be good */
    if (!read_time(flow, "exp", &exp, &exp_sec, &unused) || !exp ||
        !read_time(flow, "nbf", &other, &unused, &token->nbf_sec) ||
        !read_time(flow, "iat", &iat, &issued_sec, &token->iat_sec)) {
        return pdp__deny(flow, PDP_REASON_CLAIM_INVALID);
    }
    token->exp_sec = exp_sec;
    token->issued_sec = iat ? issued_sec : INT64_MIN;
    return true;
}

/* The only part that depends on the request. */
static bool
check_times(struct pdp__flow *flow, const struct pdp__token *token)
{
    const struct pdp__issuer *issuer =
        &pdp__issuers(flow->block)[token->issuer];
    int64_t now = flow->request->now_sec;

    /* Times are within 0 .. TIME_MAX and leeways are small: no overflow on
     * this side of the comparisons, whatever now is. */
    if (now >= token->exp_sec + (int64_t)issuer->leeway_exp_sec) {
        return pdp__deny(flow, PDP_REASON_TOKEN_EXPIRED);
    }
    if (now < token->nbf_sec - (int64_t)issuer->leeway_nbf_sec ||
        now < token->iat_sec - (int64_t)issuer->leeway_iat_sec) {
        return pdp__deny(flow, PDP_REASON_TOKEN_NOT_YET_VALID);
    }
    return true;
}

/* RFC 7515 4.1.9: media type, "application/" may be left out, case does not
 * matter.  RFC 8725 3.11: another kind of token of the same issuer is not
 * an access token. */
static bool
check_typ(struct pdp__flow *flow, const struct pdp__issuer *issuer)
{
    pdp_str_t prefix = PDP__LIT("application/");
    pdp_str_t wanted = pdp__text(flow->block, issuer->typ);
    pdp_str_t typ = flow->verified.typ;

    if (wanted.ptr == NULL || flow->verified.unverified) {
        return true;
    }
    if (typ.len > prefix.len &&
        pdp__str_eq_nocase(pdp__str(typ.ptr, prefix.len), prefix)) {
        typ = pdp__str_from(typ, prefix.len);
    }
    if (!pdp__str_eq_nocase(typ, wanted)) {
        return pdp__deny(flow, PDP_REASON_TYPE_MISMATCH);
    }
    return true;
}

static bool
is_audience(const struct pdp__flow *flow, const struct pdp__issuer *issuer,
    pdp_str_t name)
{
    const struct pdp__text *texts =
        &pdp__texts(flow->block)[issuer->audiences.first];

    for (uint32_t i = 0; i < issuer->audiences.cnt; i++) {
        if (pdp__str_eq(pdp__text(flow->block, texts[i]), name)) {
            return true;
        }
    }
    return false;
}

/* RFC 7519 4.1.3: a string, or an array of strings with ours among them. */
static bool
check_audience(struct pdp__flow *flow, const struct pdp__issuer *issuer)
{
    const struct pdp__json_doc *doc = &flow->verified.payload;
    uint32_t aud = pdp__json_member(doc, 0, PDP__LIT("aud"));
    bool ours = false;

    if (issuer->audience_none != 0) {
        return true;
    }
    if (aud == 0) {
        return pdp__deny(flow, PDP_REASON_AUDIENCE_MISMATCH);
    }
    if (pdp__json_is(doc, aud, PDP__JSON_STRING)) {
        ours = is_audience(flow, issuer, pdp__json_text(doc, aud));
    } else if (pdp__json_is(doc, aud, PDP__JSON_ARRAY)) {
        PDP__JSON_EACH(doc, aud, ix)
        {
            if (!pdp__json_is(doc, ix, PDP__JSON_STRING)) {
                return pdp__deny(flow, PDP_REASON_CLAIM_INVALID);
            }
            ours = ours || is_audience(flow, issuer, pdp__json_text(doc, ix));
        }
    } else {
        return pdp__deny(flow, PDP_REASON_CLAIM_INVALID);
    }
    if (!ours) {
        return pdp__deny(flow, PDP_REASON_AUDIENCE_MISMATCH);
    }
    return true;
}

/* A claim that must be a string with something in it. */
static bool
read_string(struct pdp__flow *flow, uint32_t ix, struct pdp__text *out)
{
    const struct pdp__json_doc *doc = &flow->verified.payload;

    pdp_str_t text = pdp__json_text(doc, ix);

    /* An absent one is node 0, the root: an object. */
    if (!pdp__json_is(doc, ix, PDP__JSON_STRING) || text.len == 0) {
        return pdp__deny(flow, PDP_REASON_CLAIM_INVALID);
    }
    *out = pdp__slab_text(&flow->slab, text);
    return true;
}

/* The account, from the claim or fixed by the trust document.  IBM puts a
 * `valid` beside `bss`: an account that is not valid acts nowhere. */
static bool
read_account(struct pdp__flow *flow, const struct pdp__issuer *issuer,
    struct pdp__token *token)
{
    const struct pdp__json_doc *doc = &flow->verified.payload;
    struct pdp__range parent = issuer->claim_account;

    if (issuer->account.off != 0) {
        return true; /* principal.c reads it from the issuer */
    }
    if (!read_string(flow, pdp__claim(flow, issuer->claim_account),
            &token->account)) {
        return false;
    }
    parent.cnt--; /* none left: the payload itself, which is not meant */
    uint32_t object = pdp__claim(flow, parent);
    uint32_t valid =
        object == 0 ? 0 : pdp__json_member(doc, object, PDP__LIT("valid"));
    if (valid != 0 && !pdp__json_is(doc, valid, PDP__JSON_TRUE)) {
        return pdp__deny(flow, PDP_REASON_CLAIM_INVALID);
    }
    return true;
}

static bool
read_identity(struct pdp__flow *flow, const struct pdp__issuer *issuer)
{
    const struct pdp__json_doc *doc = &flow->verified.payload;
    struct pdp__token *token = pdp__slab_token(&flow->slab);

    if (!read_string(flow, pdp__claim(flow, issuer->claim_principal),
            &token->principal) ||
        !read_account(flow, issuer, token)) {
        return false;
    }
    token->subject = pdp__find_subject(flow->block,
        pdp__token_text(token, token->principal));
    uint32_t scope = pdp__claim(flow, issuer->claim_scope);
    if (scope != 0) {
        if (!pdp__json_is(doc, scope, PDP__JSON_STRING)) {
            return pdp__deny(flow, PDP_REASON_CLAIM_INVALID);
        }
        token->scope = pdp__slab_text(&flow->slab, pdp__json_text(doc, scope));
    }
    uint32_t groups = pdp__claim(flow, issuer->claim_groups);
    return groups == 0 ||
           pdp__claims_names(flow, groups, pdp__find_subject, &token->groups);
}

/* The record of a token seen for the first time. */
static bool
read_record(struct pdp__flow *flow)
{
    struct pdp__token *token = pdp__slab_token(&flow->slab);
    const struct pdp__issuer *issuer =
        &pdp__issuers(flow->block)[token->issuer];

    if (!check_typ(flow, issuer) || !read_times(flow, token) ||
        !check_times(flow, token) || !check_audience(flow, issuer) ||
        !read_identity(flow, issuer)) {
        return false;
    }
    if (issuer->policy_claims != 0 && !pdp__claims_policies(flow, issuer)) {
        return false;
    }
    if (!pdp__check_revoked(flow)) {
        return false;
    }
    token->size = flow->slab.len;
    return true;
}

bool
pdp__claims(struct pdp__flow *flow)
{
    const struct pdp__token *cached = flow->verified.cached;

    if (cached == NULL) {
        if (!read_record(flow)) {
            return false;
        }
        flow->claims.token = pdp__slab_token(&flow->slab);
        if (flow->verified.signature) {
            pdp__token_cache_put(flow->cache, flow->claims.token);
        }
        return true;
    }
    flow->claims.token = cached;
    if (check_times(flow, cached)) {
        return true;
    }
    /* An entry ends at `exp`.  What the decision still tells about the token
     * is copied out of the cache first. */
    if (flow->reason == PDP_REASON_TOKEN_EXPIRED) {
        memcpy(flow->slab.base, cached, cached->size);
        flow->claims.token = pdp__slab_token(&flow->slab);
        pdp__token_cache_drop(flow->cache, flow->bearer.token);
    }
    return false;
}
