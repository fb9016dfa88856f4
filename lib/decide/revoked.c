/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Is the token revoked?  The last part of stage 6, for a token that is good
 * in every other way.
 *
 *     by key       the key that verified it, also where the token names none
 *     by jti       (issuer, jti), RFC 7519 4.1.7
 *     by subject   the principal's tokens issued before a moment; a token
 *                  that does not say when it was issued is older than any
 *
 * A token that passes is kept in the cache, one that does not is not; and
 * the cache ends with its snapshot, as the list of revocations does.  So a
 * cached token needs no second look.
 *
 * The bytes of a token identify nothing: an ECDSA signature has a twin that
 * is as good.  That is why there is no revocation by hash.
 *
 * Cost: two look-ups, for a token not seen before.
 */

#include "decide/flow.h"

static bool
by_jti(struct pdp__flow *flow, const struct pdp__token *token, bool *revoked)
{
    const struct pdp__json_doc *doc = &flow->verified.payload;
    uint32_t ix = pdp__json_member(doc, 0, PDP__LIT("jti"));

    if (ix == 0 || flow->block->revoked_tokens.cnt == 0) {
        return true;
    }
    /* What is not a text cannot be compared with the list. */
    if (!pdp__json_is(doc, ix, PDP__JSON_STRING)) {
        return pdp__deny(flow, PDP_REASON_CLAIM_INVALID);
    }
    *revoked = pdp__find_revoked_token(flow->block, pdp__json_text(doc, ix),
                   token->issuer) != PDP__NONE;
    return true;
}

static bool
by_subject(const struct pdp__flow *flow, const struct pdp__token *token)
{
    uint32_t ix = pdp__find_revoked_subject(flow->block,
        pdp__token_text(token, token->principal), token->issuer);

    /* iat is rounded down and the moment up: a doubt revokes. */
    return ix != PDP__NONE &&
           token->issued_sec <
               pdp__revoked_subjects(flow->block)[ix].before_sec;
}

bool
pdp__check_revoked(struct pdp__flow *flow)
{
    const struct pdp__token *token = pdp__slab_token(&flow->slab);
    bool revoked = false;

    if (!by_jti(flow, token, &revoked)) {
        return false;
    }
    if (revoked || flow->verified.key_revoked || by_subject(flow, token)) {
        return pdp__deny(flow, PDP_REASON_TOKEN_REVOKED);
    }
    return true;
}
