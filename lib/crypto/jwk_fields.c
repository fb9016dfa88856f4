/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Members of a JWK that every key type has, and how members are read: what
 * the key may be used for, and that nothing private is in it.
 */

#include "crypto/jwk_impl.h"

#include "base/mem.h"
#include "text/base64url.h"

enum pdp__key_result
pdp__jwk_end(struct pdp__jwk *jwk, enum pdp__key_result result, uint32_t node,
    const char *why)
{
    jwk->why = why;
    jwk->node = node;
    return result;
}

/* A member that must be a string and not be empty. */
enum pdp__key_result
pdp__jwk_string(struct pdp__jwk *jwk, const struct pdp__jwk_field *field,
    uint32_t *node, pdp_str_t *out)
{
    *node = pdp__json_member(jwk->doc, jwk->ix, field->name);
    if (*node == 0) {
        return pdp__jwk_end(jwk, PDP__KEY_MALFORMED, jwk->ix, field->missing);
    }
    if (!pdp__json_is(jwk->doc, *node, PDP__JSON_STRING)) {
        return pdp__jwk_end(jwk, PDP__KEY_MALFORMED, *node, field->not_string);
    }
    *out = pdp__json_text(jwk->doc, *node);
    if (out->len == 0) {
        return pdp__jwk_end(jwk, PDP__KEY_MALFORMED, *node, field->empty);
    }
    return PDP__KEY_OK;
}

/* The bytes of a base64url member.  More than cap bytes is `large`, with
 * its phrase: what that means depends on the member. */
enum pdp__key_result
pdp__jwk_bytes(struct pdp__jwk *jwk, const struct pdp__jwk_field *field,
    unsigned char *out, size_t cap, size_t *len, uint32_t *node,
    enum pdp__key_result large, const char *large_why)
{
    unsigned char
        bytes[PDP__JWK_NUMBER_MAX]; /* so that padding is called by name */
    pdp_str_t text;
    size_t error_offset;
    enum pdp__key_result result = pdp__jwk_string(jwk, field, node, &text);

    if (result != PDP__KEY_OK) {
        return result;
    }
    if (pdp__base64url_size(text.len) > sizeof(bytes)) {
        return pdp__jwk_end(jwk, large, *node, large_why);
    }
    if (!pdp__base64url_decode(text, bytes, sizeof(bytes), len,
            &error_offset)) {
        return pdp__jwk_end(jwk, PDP__KEY_MALFORMED, *node,
            field->not_base64url);
    }
    if (*len > cap) {
        return pdp__jwk_end(jwk, large, *node, large_why);
    }
    memcpy(out, bytes, *len);
    return PDP__KEY_OK;
}

enum pdp__key_result
pdp__jwk_check_private(struct pdp__jwk *jwk)
{
    /* RFC 7518 6.2.2, 6.3.2, 6.4.1 */
    static const pdp_str_t members[] = {PDP__LIT_INIT("d"), PDP__LIT_INIT("p"),
        PDP__LIT_INIT("q"), PDP__LIT_INIT("dp"), PDP__LIT_INIT("dq"),
        PDP__LIT_INIT("qi"), PDP__LIT_INIT("oth"), PDP__LIT_INIT("k")};

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        uint32_t node = pdp__json_member(jwk->doc, jwk->ix, members[i]);

        if (node != 0) {
            return pdp__jwk_end(jwk, PDP__KEY_PRIVATE, node,
                "a member of a private or symmetric key");
        }
    }
    return PDP__KEY_OK;
}

/* RFC 7517 4.2, 4.3: both say that the key is for signatures, or nothing. */
enum pdp__key_result
pdp__jwk_check_purpose(struct pdp__jwk *jwk)
{
    const struct pdp__json_doc *doc = jwk->doc;
    uint32_t use = pdp__json_member(doc, jwk->ix, PDP__LIT("use"));
    uint32_t ops = pdp__json_member(doc, jwk->ix, PDP__LIT("key_ops"));
    bool can_verify = false;

    if (use != 0 &&
        (!pdp__json_is(doc, use, PDP__JSON_STRING) ||
            !pdp__str_eq(pdp__json_text(doc, use), PDP__LIT("sig")))) {
        return pdp__jwk_end(jwk, PDP__KEY_SKIP, use, "use is not \"sig\"");
    }
    if (ops == 0) {
        return PDP__KEY_OK;
    }
    if (!pdp__json_is(doc, ops, PDP__JSON_ARRAY)) {
        return pdp__jwk_end(jwk, PDP__KEY_SKIP, ops, "key_ops is not an array");
    }
    PDP__JSON_EACH(doc, ops, op)
    {
        if (!pdp__json_is(doc, op, PDP__JSON_STRING)) {
            return pdp__jwk_end(jwk, PDP__KEY_SKIP, op,
                "an item of key_ops is not a string");
        }
        can_verify |= pdp__str_eq(pdp__json_text(doc, op), PDP__LIT("verify"));
    }
    if (!can_verify) {
        return pdp__jwk_end(jwk, PDP__KEY_SKIP, ops,
            "key_ops lacks \"verify\"");
    }
    return PDP__KEY_OK;
}

/* Narrows the algorithms that fit the key to the one it names, if any. */
enum pdp__key_result
pdp__jwk_alg(struct pdp__jwk *jwk, uint32_t fitting)
{
    uint32_t node = pdp__json_member(jwk->doc, jwk->ix, PDP__LIT("alg"));

    jwk->key->algs = fitting;
    if (node == 0) {
        return PDP__KEY_OK;
    }
    if (!pdp__json_is(jwk->doc, node, PDP__JSON_STRING)) {
        return pdp__jwk_end(jwk, PDP__KEY_MALFORMED, node,
            "alg is not a string");
    }
    enum pdp__alg alg = pdp__alg_find(pdp__json_text(jwk->doc, node));

    if (alg == PDP__ALG_NONE) {
        return pdp__jwk_end(jwk, PDP__KEY_SKIP, node, "alg is not supported");
    }
    jwk->key->algs = fitting & PDP__ALG_BIT(alg);
    if (jwk->key->algs == 0) {
        return pdp__jwk_end(jwk, PDP__KEY_MALFORMED, node,
            "alg does not fit the key type");
    }
    return PDP__KEY_OK;
}
