/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Stage 5, token: compact JWS (RFC 7515 7.1) -> claims whose signature is
 * good, or the record of a token this worker has verified before.
 *
 * Order, each step before anything more expensive is done:
 *   three parts, header JSON, forbidden members     token_malformed
 *   `alg` known, signature not empty                alg_refused
 *   payload JSON object                             token_malformed
 *   `iss` names a trusted issuer                    issuer_untrusted
 *   `alg` allowed for the issuer                    alg_refused
 *   (issuer, `kid`) names a key                     key_unknown
 *   the key may be used with `alg`                  alg_refused
 *   signature                                       signature_invalid
 *   libcrypto had no memory to tell                 internal
 *
 * The token never brings its own key or algorithm: RFC 8725 3.1.  `iss` is
 * read before it is verified, but only to choose the keys that must then
 * verify it.  Offsets are in bytes of the token.
 */

#include "crypto/key.h"
#include "decide/flow.h"
#include "text/base64url.h"

struct parts {
    pdp_str_t header;
    pdp_str_t payload;
    pdp_str_t signature;
    pdp_str_t signed_part; /* header "." payload */
};

struct jose {
    enum pdp__alg alg;
    pdp_str_t kid; /* {NULL, 0}: none */
    pdp_str_t typ; /* likewise */
};

/* Exactly three parts; a fourth dot is refused before anything is decoded
 * (a JWE has five parts). */
static bool
split(pdp_str_t token, struct parts *out, size_t *offset)
{
    size_t first = pdp__str_find(token, '.', 0);
    size_t second = pdp__str_find(token, '.', first + 1);

    *offset = token.len;
    if (second == token.len) {
        return false;
    }
    *offset = pdp__str_find(token, '.', second + 1);
    if (*offset != token.len) {
        return false;
    }
    out->header = pdp__str(token.ptr, first);
    out->payload = pdp__str(token.ptr + first + 1, second - first - 1);
    out->signature = pdp__str_from(token, second + 1);
    out->signed_part = pdp__str(token.ptr, second);
    return true;
}

/* base64url -> JSON object in buf; false with the offset in the token. */
static bool
read_part(struct pdp__flow *flow, pdp_str_t part, char *buf, size_t cap,
    struct pdp__json_doc *doc, size_t *offset)
{
    size_t start = (size_t)(part.ptr - flow->bearer.token.ptr);
    size_t bad = 0;
    size_t len = 0;

    *offset = start;
    if (pdp__base64url_size(part.len) > cap) {
        return false;
    }
    if (!pdp__base64url_decode(part, (unsigned char *)buf, cap, &len, &bad)) {
        *offset = start + bad;
        return false;
    }
    if (!pdp__json_read(buf, len, flow->nodes, PDP__JSON_NODES, doc)) {
        /* Four characters of the token stand for three bytes of JSON. */
        bad = doc->error_offset;
        *offset = start + bad / 3 * 4 + bad % 3;
        return false;
    }
    return pdp__json_is(doc, 0, PDP__JSON_OBJECT);
}

/* Members that would change how the token is to be read or who vouches for
 * it; we support none of these extensions (RFC 7515 4.1.11). */
static bool
is_forbidden(pdp_str_t name)
{
    static const char *const names[] = {"crit", "b64", "zip", "jwk", "jku",
        "x5u", "x5c"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (pdp__str_eq(name, pdp__str_z(names[i]))) {
            return true;
        }
    }
    return false;
}

/* An optional string member; false if it is there with another type. */
static bool
optional_string(const struct pdp__json_doc *doc, const char *name,
    pdp_str_t *out)
{
    uint32_t ix = pdp__json_member(doc, 0, pdp__str_z(name));

    if (ix == 0) {
        return true;
    }
    *out = pdp__json_text(doc, ix);
    return pdp__json_is(doc, ix, PDP__JSON_STRING);
}

/* A copy of kid and typ is not needed: the header buffer stays as it is
 * until the next token. */
static bool
read_header(struct pdp__flow *flow, pdp_str_t part, struct jose *jose)
{
    struct pdp__json_doc doc;
    size_t offset = 0;

    if (!read_part(flow, part, flow->header, sizeof(flow->header), &doc,
            &offset)) {
        return pdp__deny_at(flow, PDP_REASON_TOKEN_MALFORMED, offset);
    }
    PDP__JSON_EACH(&doc, 0, ix)
    {
        if (is_forbidden(pdp__json_key(&doc, ix))) {
            return pdp__deny_at(flow, PDP_REASON_TOKEN_MALFORMED, 0);
        }
    }
    if (!optional_string(&doc, "kid", &jose->kid) ||
        !optional_string(&doc, "typ", &jose->typ) ||
        jose->kid.len > PDP__TOKEN_KID_MAX) {
        return pdp__deny_at(flow, PDP_REASON_TOKEN_MALFORMED, 0);
    }
    uint32_t alg = pdp__json_member(&doc, 0, PDP__LIT("alg"));
    /* Without `alg` this is the root, which is an object. */
    if (pdp__json_is(&doc, alg, PDP__JSON_STRING)) {
        jose->alg = pdp__alg_find(pdp__json_text(&doc, alg));
    }
    if (jose->alg == PDP__ALG_NONE) {
        return pdp__deny_at(flow, PDP_REASON_ALG_REFUSED, 0);
    }
    return true;
}

/* A number that no reader can hold is JSON all the same: the claim is bad,
 * not the token's form. */
static pdp_reason_t
payload_reason(const struct pdp__json_doc *doc)
{
    return doc->error == PDP__JSON_E_NUMBER ? PDP_REASON_CLAIM_INVALID
                                            : PDP_REASON_TOKEN_MALFORMED;
}

/* The payload is decoded into the record, where its texts will stay. */
static bool
read_payload(struct pdp__flow *flow, pdp_str_t part)
{
    struct pdp__slab *slab = &flow->slab;
    uint32_t cap = (uint32_t)pdp__base64url_size(part.len);
    uint32_t off = pdp__slab_alloc(slab, cap, 1);
    size_t offset = 0;

    if (PDP_NEVER(off == 0) || !read_part(flow, part, (char *)slab->base + off,
                                   cap, &flow->verified.payload, &offset)) {
        return pdp__deny_at(flow, payload_reason(&flow->verified.payload),
            offset);
    }
    return true;
}

static bool
find_issuer(struct pdp__flow *flow, uint32_t *issuer)
{
    const struct pdp__json_doc *doc = &flow->verified.payload;
    uint32_t iss = pdp__json_member(doc, 0, PDP__LIT("iss"));

    if (iss == 0) {
        return pdp__deny(flow, PDP_REASON_ISSUER_UNTRUSTED);
    }
    if (!pdp__json_is(doc, iss, PDP__JSON_STRING)) {
        return pdp__deny(flow, PDP_REASON_CLAIM_INVALID);
    }
    *issuer = pdp__find_issuer(flow->block, pdp__json_text(doc, iss));
    if (*issuer == PDP__NONE) {
        return pdp__deny(flow, PDP_REASON_ISSUER_UNTRUSTED);
    }
    return true;
}

/* Without `kid`: the key of the issuer that fits, if there is exactly one; of
 * `kids`, or PDP__NONE. */
static uint32_t
only_key(const struct pdp__flow *flow, uint32_t issuer, enum pdp__alg alg)
{
    struct pdp__range range = pdp__issuers(flow->block)[issuer].keys;
    const struct pdp__kid *kids = &pdp__kids(flow->block)[range.first];
    uint32_t found = PDP__NONE;

    for (uint32_t i = 0; i < range.cnt; i++) {
        const struct pdp__key *key = flow->keys[kids[i].key];
        if ((pdp__key_algs(key) & PDP__ALG_BIT(alg)) == 0) {
            continue;
        }
        if (found != PDP__NONE) {
            return PDP__NONE;
        }
        found = range.first + i;
    }
    return found;
}

static bool
find_key(struct pdp__flow *flow, uint32_t issuer, const struct jose *jose,
    const struct pdp__key **out)
{
    uint32_t bit = PDP__ALG_BIT(jose->alg);
    uint32_t kid = PDP__NONE;

    if ((pdp__issuers(flow->block)[issuer].algs & bit) == 0) {
        return pdp__deny(flow, PDP_REASON_ALG_REFUSED);
    }
    if (jose->kid.ptr == NULL) {
        kid = only_key(flow, issuer, jose->alg);
    } else {
        kid = pdp__find_kid(flow->block, jose->kid, issuer);
    }
    if (kid == PDP__NONE) {
        return pdp__deny(flow, PDP_REASON_KEY_UNKNOWN);
    }
    const struct pdp__kid *row = &pdp__kids(flow->block)[kid];
    flow->verified.key_revoked = row->revoked != 0;
    *out = flow->keys[row->key];
    if ((pdp__key_algs(*out) & bit) == 0) {
        return pdp__deny(flow, PDP_REASON_ALG_REFUSED);
    }
    return true;
}

static bool
check_signature(struct pdp__flow *flow, const struct parts *parts,
    const struct jose *jose, const struct pdp__key *key)
{
    size_t start = (size_t)(parts->signature.ptr - flow->bearer.token.ptr);
    size_t len = 0;
    size_t offset = 0;

    if (!pdp__base64url_decode(parts->signature, flow->signature,
            sizeof(flow->signature), &len, &offset)) {
        return pdp__deny_at(flow, PDP_REASON_TOKEN_MALFORMED, start + offset);
    }
    enum pdp__signature verdict = pdp__key_judge(key, jose->alg,
        parts->signed_part, flow->signature, len);
    if (verdict == PDP__SIGNATURE_BAD) {
        return pdp__deny_at(flow, PDP_REASON_SIGNATURE_INVALID, start);
    }
    if (verdict != PDP__SIGNATURE_GOOD) {
        /* Not the token's fault: its holder must not have to get another. */
        return pdp__deny(flow, PDP_REASON_INTERNAL);
    }
    return true;
}

/* Token and kid into the record: the signature is good. */
static bool
start_record(struct pdp__flow *flow, const struct jose *jose, uint32_t issuer)
{
    struct pdp__slab *slab = &flow->slab;
    pdp_str_t text = flow->bearer.token;
    struct pdp__token *token = pdp__slab_token(slab);

    token->issuer = issuer;
    token->alg = jose->alg;
    token->exp_sec = -1;
    token->text.off = pdp__slab_alloc(slab, (uint32_t)text.len, 1);
    if (PDP_NEVER(token->text.off == 0)) {
        return pdp__deny(flow, PDP_REASON_INTERNAL);
    }
    token->text.len = (uint32_t)text.len;
    memcpy(slab->base + token->text.off, text.ptr, text.len);
    if (jose->kid.ptr != NULL) {
        /* One byte more, so that an empty kid has an offset, too. */
        uint32_t off = pdp__slab_alloc(slab, (uint32_t)jose->kid.len + 1, 1);
        if (PDP_NEVER(off == 0)) {
            return pdp__deny(flow, PDP_REASON_INTERNAL);
        }
        memcpy(slab->base + off, jose->kid.ptr, jose->kid.len);
        token->kid = (struct pdp__text){off, (uint32_t)jose->kid.len};
    }
    flow->verified.typ = jose->typ;
    flow->verified.signature = true;
    return true;
}

/* pdp_decide_unverified(): claims as they are, no header, no signature. */
static bool
take_unverified(struct pdp__flow *flow)
{
    struct pdp__slab *slab = &flow->slab;
    pdp_str_t claims = flow->unverified_claims;
    struct pdp__json_doc *doc = &flow->verified.payload;
    uint32_t issuer = PDP__NONE;

    flow->verified.unverified = true;
    if (claims.len > PDP__TOKEN_MAX) {
        return pdp__deny_at(flow, PDP_REASON_TOKEN_MALFORMED, PDP__TOKEN_MAX);
    }
    uint32_t off = pdp__slab_alloc(slab, (uint32_t)claims.len, 1);
    char *copy = (char *)slab->base + off;
    if (PDP_NEVER(off == 0)) {
        return pdp__deny(flow, PDP_REASON_INTERNAL);
    }
    memcpy(copy, claims.ptr, claims.len);
    if (!pdp__json_read(copy, claims.len, flow->nodes, PDP__JSON_NODES, doc)) {
        return pdp__deny_at(flow, payload_reason(doc), doc->error_offset);
    }
    if (!pdp__json_is(doc, 0, PDP__JSON_OBJECT)) {
        return pdp__deny_at(flow, PDP_REASON_TOKEN_MALFORMED, 0);
    }
    if (!find_issuer(flow, &issuer)) {
        return false;
    }
    pdp__slab_token(slab)->issuer = issuer;
    return true;
}

bool
pdp__token(struct pdp__flow *flow)
{
    struct parts parts;
    struct jose jose = {PDP__ALG_NONE, {NULL, 0}, {NULL, 0}};
    const struct pdp__key *key = NULL;
    uint32_t issuer = PDP__NONE;
    size_t offset = 0;

    pdp__slab_reset(&flow->slab);
    if (flow->unverified_claims.ptr != NULL) {
        return take_unverified(flow);
    }
    flow->verified.cached =
        pdp__token_cache_find(flow->cache, flow->bearer.token);
    if (flow->verified.cached != NULL) {
        flow->verified.signature = true;
        return true;
    }
    if (!split(flow->bearer.token, &parts, &offset)) {
        return pdp__deny_at(flow, PDP_REASON_TOKEN_MALFORMED, offset);
    }
    if (!read_header(flow, parts.header, &jose)) {
        return false;
    }
    /* An empty signature is an unsecured JWS by another name: RFC 7515 A.5. */
    if (parts.signature.len == 0) {
        return pdp__deny_at(flow, PDP_REASON_ALG_REFUSED,
            flow->bearer.token.len);
    }
    if (!read_payload(flow, parts.payload) || !find_issuer(flow, &issuer) ||
        !find_key(flow, issuer, &jose, &key) ||
        !check_signature(flow, &parts, &jose, key)) {
        return false;
    }
    return start_record(flow, &jose, issuer);
}
