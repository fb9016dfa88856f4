/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Stage 7, principal: who acts, and in which account.
 *
 * The header `Account` is chosen by the caller and the token's account is
 * not, so they must agree byte for byte: otherwise a token of one account
 * would act in another (confused deputy).  A token whose scope names
 * services is good for those only.
 */

#include "decide/flow.h"

/* Words of `scope` other than `ibm` and `openid` are service names; if there
 * are any, ours must be among them. */
static bool
scope_allows(pdp_str_t scope, pdp_str_t service)
{
    bool named = false;

    for (size_t start = 0; start < scope.len;) {
        size_t end = pdp__str_find(scope, ' ', start);
        pdp_str_t word = pdp__str(scope.ptr + start, end - start);
        start = end + 1;
        if (word.len == 0 || pdp__str_eq(word, PDP__LIT("ibm")) ||
            pdp__str_eq(word, PDP__LIT("openid"))) {
            continue;
        }
        if (pdp__str_eq(word, service)) {
            return true;
        }
        named = true;
    }
    return !named;
}

bool
pdp__principal(struct pdp__flow *flow)
{
    const struct pdp__block *block = flow->block;
    const struct pdp__token *token = flow->claims.token;
    const struct pdp__issuer *issuer = &pdp__issuers(block)[token->issuer];
    struct pdp__who *who = &flow->principal;
    pdp_str_t header = flow->admitted.account;

    who->id = pdp__token_text(token, token->principal);
    who->token_account = issuer->account.off != 0
                             ? pdp__text(block, issuer->account)
                             : pdp__token_text(token, token->account);
    who->known = true;
    if (header.ptr != NULL && !pdp__str_eq(header, who->token_account)) {
        return pdp__deny(flow, PDP_REASON_ACCOUNT_MISMATCH);
    }
    who->account = who->token_account;
    pdp_str_t service =
        pdp__text(block, pdp__services(block)[flow->routed.service].name);
    if (!scope_allows(pdp__token_text(token, token->scope), service)) {
        return pdp__deny(flow, PDP_REASON_SCOPE_MISMATCH);
    }
    return true;
}
