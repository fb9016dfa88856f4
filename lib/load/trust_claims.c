/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/trust.h"

/*
 * Where in a token the claims of an issuer stand.
 *
 * Each is a JSON pointer (RFC 6901), split and unescaped here, once: `~1` is
 * a slash, `~0` a tilde, anything else after a tilde is an error.  The empty
 * pointer, which would mean the whole payload, is refused, because a
 * missing value must never come out as some value.
 *
 * Claims that are not given stand where IBM Cloud IAM puts them.
 */

enum { POINTER_MAX = 256, CLAIM_ACCOUNT = 1, CLAIM_CNT = 7 };

struct claim {
    const char *name;
    const char *standard; /* IBM's place for it */
};

static const struct claim claims[CLAIM_CNT] = {
    {"principal", "/iam_id"},
    {"account", "/account/bss"}, /* CLAIM_ACCOUNT */
    {"groups", "/groups"},
    {"scope", "/scope"},
    {"roles", "/roles"},
    {"actions", "/actions"},
    {"policies", "/policies"},
};

/* One reference token, RFC 6901 4, from *at up to the next slash.  False on
 * a bad escape. */
static bool
next_token(pdp_str_t pointer, size_t *at, char *out, size_t *out_len)
{
    size_t len = 0;
    size_t i = *at;

    for (; i < pointer.len && pointer.ptr[i] != '/'; i++) {
        char c = pointer.ptr[i];
        if (c == '~') {
            i++;
            if (i == pointer.len ||
                (pointer.ptr[i] != '0' && pointer.ptr[i] != '1')) {
                return false;
            }
            c = pointer.ptr[i] == '0' ? '~' : '/';
        }
        out[len++] = c;
    }
    *at = i;
    *out_len = len;
    return true;
}

/* False if it is no pointer, or none of use here. */
static bool
split(struct pdp__builder *b, pdp_str_t pointer, struct pdp__range *range)
{
    char token[POINTER_MAX];
    size_t at = 0;

    if (pointer.len == 0 || pointer.len > POINTER_MAX ||
        pointer.ptr[0] != '/') {
        return false;
    }
    while (at < pointer.len) {
        size_t len = 0;
        at++; /* the slash */
        if (!next_token(pointer, &at, token, &len) ||
            range->cnt == PDP__JSON_DEPTH_MAX) {
            return false;
        }
        pdp__range_add(b, range, pdp__str(token, len));
    }
    return true;
}

static void
read_pointer(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix,
    struct pdp__range *range)
{
    pdp_str_t pointer = pdp__doc_text(doc, ix);

    if (!split(b, pointer, range)) {
        const char *hint = pointer.len > 0 && pointer.ptr[0] != '/'
                               ? "a pointer begins with a slash: \"/sub\""
                               : NULL;
        PDP__DOC_ADD(doc, BAD_VALUE, ix, hint,
            "\"%.*s\" is no JSON pointer to a claim", PDP__ARG(pointer));
    }
}

void
pdp__trust_claims(struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix, struct pdp__issuer *issuer)
{
    uint32_t nodes[CLAIM_CNT] = {0};
    struct pdp__member members[CLAIM_CNT];
    struct pdp__range *ranges[CLAIM_CNT] = {&issuer->claim_principal,
        &issuer->claim_account, &issuer->claim_groups, &issuer->claim_scope,
        &issuer->claim_roles, &issuer->claim_actions, &issuer->claim_policies};

    for (size_t i = 0; i < CLAIM_CNT; i++) {
        members[i] = (struct pdp__member){claims[i].name, false,
            PDP__JSON_STRING, &nodes[i]};
    }
    if (ix != 0) {
        (void)pdp__doc_object(doc, ix, members, CLAIM_CNT, NULL);
    }
    for (size_t i = 0; i < CLAIM_CNT; i++) {
        if (nodes[i] != 0) {
            read_pointer(b, doc, nodes[i], ranges[i]);
        } else if (i != CLAIM_ACCOUNT || issuer->account.off == 0) {
            (void)split(b, pdp__str_z(claims[i].standard), ranges[i]);
        }
    }
}
