/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The narrowest policy that permits what is missing on one resource, as text:
 * for exactly this principal, account, service and resource, as far as the
 * request tells them.
 *
 * What the request does not tell cannot be named in a policy that is to grant
 * it: an action of the account, and one whose resource is in the body, need
 * a policy for all of the service.
 */

#include "decide/explain.h"

#include "text/json_write.h"
#include "text/utf8.h"

/* Whether a value can stand in a policy.  Tokens hold text, targets ASCII,
 * neither a NUL, and no name is empty. */
static bool
can_stand(pdp_str_t value)
{
    return value.len <= PDP__POLICY_VALUE_MAX &&
           !PDP_NEVER(value.len == 0 || pdp__utf8_check(value) != value.len ||
                      memchr(value.ptr, '\0', value.len) != NULL);
}

static bool
add_attribute(struct pdp__buf *buf, const char *key, pdp_str_t value)
{
    pdp__buf_fmt(buf,
        "{\"key\":\"%s\",\"operator\":\"stringEquals\",\"value\":", key);
    pdp__json_write_str(buf, value);
    pdp__buf_char(buf, '}');
    return can_stand(value);
}

/* The policy as text; false if a value cannot stand in one. */
static bool
write_policy(const struct pdp__flow *flow, const struct pdp__item *item,
    const struct pdp__choice *choice, struct pdp__buf *buf)
{
    const struct pdp__block *block = flow->block;
    struct pdp__attr_value room[PDP__ATTR_COUNT];
    const struct pdp__attr_value *attrs = pdp__grant_attrs(item, room);

    pdp__buf_z(buf, "{\"type\":\"access\",\"subject\":{\"attributes\":[");
    bool good = add_attribute(buf, "iam_id", flow->principal.id);
    pdp__buf_z(buf, "]},\"resource\":{\"attributes\":[");
    good = add_attribute(buf, "accountId", flow->principal.account) && good;
    pdp__buf_char(buf, ',');
    (void)add_attribute(buf, "serviceName", /* a short word */
        pdp__text(block, pdp__services(block)[flow->routed.service].name));
    for (size_t i = 0; i < PDP__NARROWING; i++) {
        if (attrs[pdp__narrowing[i]].state == PDP_ATTRIBUTE_KNOWN) {
            pdp__buf_char(buf, ',');
            bool fits = add_attribute(buf, pdp__attr_name(pdp__narrowing[i]),
                attrs[pdp__narrowing[i]].value);
            good = good && !PDP_NEVER(!fits); /* 255 bytes at most */
        }
    }
    pdp__buf_z(buf, "]},\"control\":{\"grant\":{\"roles\":[");
    for (uint32_t i = 0; i < choice->cnt; i++) {
        pdp__buf_z(buf, i == 0 ? "{\"role_id\":" : ",{\"role_id\":");
        pdp__json_write_str(buf,
            pdp__text(block, pdp__roles(block)[choice->roles[i]].crn));
        pdp__buf_char(buf, '}');
    }
    pdp__buf_z(buf, "]}}}");
    return good;
}

/* Bytes that are enough for it: an escape takes six for one. */
static size_t
policy_cap(const struct pdp__flow *flow, const struct pdp__item *item,
    const struct pdp__choice *choice)
{
    const struct pdp__block *block = flow->block;
    size_t cap =
        1024 + 6 * (flow->principal.id.len + flow->principal.account.len +
                       pdp__services(block)[flow->routed.service].name.len);

    for (size_t i = 0; i < PDP__NARROWING; i++) {
        cap += 6 * item->attrs[pdp__narrowing[i]].value.len;
    }
    for (uint32_t i = 0; i < choice->cnt; i++) {
        cap += 32 + 6 * (size_t)pdp__roles(block)[choice->roles[i]].crn.len;
    }
    return cap;
}

/* A policy for what is missing where item `place` is; false: none can be
 * given, and the note says why. */
bool
pdp__explain_suggest(struct pdp__explainer *x, uint32_t place)
{
    const struct pdp__flow *flow = x->flow;
    const struct pdp__item *item = &flow->items[place];
    struct pdp__choice choice;

    if (!pdp__explain_choose(x, place, &choice)) {
        pdp__explain_note(x, "", (pdp_str_t){NULL, 0},
            "no role has all that is missing: a custom role is needed");
        return false;
    }
    size_t cap = policy_cap(flow, item, &choice);
    char *ptr = pdp__arena_alloc(&x->out->arena, cap);
    pdp_str_t *slot =
        pdp__vec_push(&x->out->arena, &x->out->policies, sizeof(*slot));
    if (ptr == NULL || slot == NULL) {
        x->failed = true;
        return false;
    }
    struct pdp__buf buf = pdp__buf(ptr, cap);
    bool good = write_policy(flow, item, &choice, &buf);
    *slot = pdp__buf_get(&buf);
    if (!good || PDP_NEVER(buf.full)) {
        pdp__explain_note(x, "", (pdp_str_t){NULL, 0},
            "no policy can name the principal or the resource: its name is "
            "too long, or no text");
        return false;
    }
    if (!item->account_scope &&
        item->attrs[PDP__ATTR_RESOURCE].state == PDP_ATTRIBUTE_UNKNOWN) {
        pdp__explain_note(x, "", (pdp_str_t){NULL, 0},
            "the request does not say which resource it is about, so only "
            "a grant for all of them permits it");
    }
    return true;
}
