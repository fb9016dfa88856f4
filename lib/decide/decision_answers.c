/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * What a decision says to the outside: accessors (pdp/decision.h).  They
 * only read the record.  A NULL decision, which is what a failed call
 * leaves, reads as "deny, internal, nothing known".
 */

#include "base/answer.h"
#include "decide/flow.h"

static const struct pdp__route *
route_of(const pdp_decision_t *d)
{
    if (d == NULL || d->routed.route == PDP__NONE) {
        return NULL;
    }
    return &pdp__routes(d->block)[d->routed.route];
}

/* The record of the token, as soon as its signature is good. */
static const struct pdp__token *
token_of(const pdp_decision_t *d)
{
    if (d == NULL) {
        return NULL;
    }
    if (d->claims.token != NULL) {
        return d->claims.token;
    }
    return d->verified.signature ? pdp__slab_token(&d->slab) : NULL;
}

pdp_effect_t
pdp_decision_effect(const pdp_decision_t *d)
{
    return d == NULL ? PDP_EFFECT_DENY : d->effect;
}

pdp_reason_t
pdp_decision_reason(const pdp_decision_t *d)
{
    return d == NULL ? PDP_REASON_INTERNAL : d->reason;
}

pdp_str_t
pdp_decision_service(const pdp_decision_t *d)
{
    if (d == NULL || d->routed.service == PDP__NONE) {
        return (pdp_str_t){NULL, 0};
    }
    return pdp__text(d->block, pdp__services(d->block)[d->routed.service].name);
}

pdp_str_t
pdp_decision_route(const pdp_decision_t *d)
{
    const struct pdp__route *route = route_of(d);

    return route == NULL ? (pdp_str_t){NULL, 0}
                         : pdp__text(d->block, route->path);
}

int64_t
pdp_decision_route_index(const pdp_decision_t *d)
{
    if (route_of(d) == NULL) {
        return -1;
    }
    return (int64_t)d->routed.route -
           pdp__services(d->block)[d->routed.service].routes.first;
}

pdp_str_t
pdp_decision_path(const pdp_decision_t *d)
{
    return d == NULL ? (pdp_str_t){NULL, 0} : d->target.canonical;
}

size_t
pdp_decision_params(const pdp_decision_t *d)
{
    return d == NULL ? 0 : d->routed.param_cnt;
}

bool
pdp_decision_param(const pdp_decision_t *d, size_t index, pdp_param_t *out)
{
    if (index >= pdp_decision_params(d)) {
        return false;
    }
    pdp_param_t param = {
        .name = d->routed.params[index].name,
        .value = d->routed.params[index].text,
    };
    return pdp__answer(out, &param, sizeof(param));
}

size_t
pdp_decision_required_cnt(const pdp_decision_t *d)
{
    return d == NULL ? 0 : d->item_cnt;
}

bool
pdp_decision_required(const pdp_decision_t *d, size_t index,
    pdp_required_t *out)
{
    if (index >= pdp_decision_required_cnt(d)) {
        return false;
    }
    const struct pdp__item *item = &d->items[index];
    pdp_required_t required = {
        .action =
            pdp__text(d->block, pdp__actions(d->block)[item->action].name),
        .granted = item->granted && !item->denied,
        .denied = item->denied,
        .denied_by = item->denied_by,
        .by_cnt = item->denied ? 0 : item->by_cnt,
        .attribute_cnt = d->resources ? PDP__ATTR_COUNT - 1 : 0,
    };
    return pdp__answer(out, &required, sizeof(required));
}

bool
pdp_decision_by(const pdp_decision_t *d, size_t required, size_t index,
    pdp_grant_t *out)
{
    if (required >= pdp_decision_required_cnt(d) || d->items[required].denied ||
        index >= d->items[required].by_cnt) {
        return false;
    }
    pdp_grant_t grant = d->items[required].by[index];
    return pdp__answer(out, &grant, sizeof(grant));
}

bool
pdp_decision_attribute(const pdp_decision_t *d, size_t required, size_t index,
    pdp_attribute_t *out)
{
    if (required >= pdp_decision_required_cnt(d) || !d->resources ||
        index >= PDP__ATTR_COUNT - 1) {
        return false;
    }
    enum pdp__attr attr = (enum pdp__attr)(index + 1); /* not OTHER */
    const struct pdp__attr_value *value = &d->items[required].attrs[attr];
    pdp_attribute_t attribute = {
        .name = pdp__str_z(pdp__attr_name(attr)),
        .state = value->state,
        .value = value->value,
    };
    return pdp__answer(out, &attribute, sizeof(attribute));
}

size_t
pdp_decision_missing_cnt(const pdp_decision_t *d)
{
    return d == NULL ? 0 : d->missing_cnt;
}

pdp_str_t
pdp_decision_missing(const pdp_decision_t *d, size_t index)
{
    if (index >= pdp_decision_missing_cnt(d)) {
        return (pdp_str_t){NULL, 0};
    }
    return pdp__text(d->block, pdp__actions(d->block)[d->missing[index]].name);
}

size_t
pdp_decision_restrictions(const pdp_decision_t *d)
{
    return d == NULL ? 0 : d->verdict_cnt;
}

bool
pdp_decision_restriction(const pdp_decision_t *d, size_t index,
    pdp_restriction_t *out)
{
    if (index >= pdp_decision_restrictions(d)) {
        return false;
    }
    const struct pdp__verdict *verdict = &d->verdicts[index];
    const struct pdp__restriction *rule =
        &pdp__restrictions(d->block)[verdict->restriction];
    pdp_restriction_t restriction = {
        .id = pdp__text(d->block, rule->id),
        .crn = pdp__text(d->block, rule->crn),
        .enforced = rule->report == 0,
        .denies = verdict->denies,
    };
    return pdp__answer(out, &restriction, sizeof(restriction));
}

pdp_str_t
pdp_decision_at_action(const pdp_decision_t *d)
{
    const struct pdp__route *route = route_of(d);

    if (route == NULL || route->event == PDP__NONE) {
        return (pdp_str_t){NULL, 0};
    }
    return pdp__text(d->block, pdp__events(d->block)[route->event].name);
}

bool
pdp_decision_data_event(const pdp_decision_t *d)
{
    const struct pdp__route *route = route_of(d);

    return route != NULL && route->event != PDP__NONE &&
           pdp__events(d->block)[route->event].data != 0;
}

/* IBM's kinds of subject, by the prefix of iam_id (its `sub_type` is not
 * always there). */
static pdp_str_t
principal_type(pdp_str_t id)
{
    static const struct {
        pdp_str_t prefix;
        pdp_str_t type;
    } types[] = {
        {PDP__LIT_INIT("IBMid-"), PDP__LIT_INIT("user")},
        {PDP__LIT_INIT("iam-ServiceId-"), PDP__LIT_INIT("serviceid")},
        {PDP__LIT_INIT("iam-Profile-"), PDP__LIT_INIT("profile")},
        {PDP__LIT_INIT("crn-"), PDP__LIT_INIT("crn")},
        {PDP__LIT_INIT("CertificateId-"), PDP__LIT_INIT("certificate")},
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (pdp__str_starts(id, types[i].prefix)) {
            return types[i].type;
        }
    }
    return PDP__LIT("unknown");
}

bool
pdp_decision_principal(const pdp_decision_t *d, pdp_principal_t *out)
{
    if (d == NULL || !d->principal.known) {
        return false;
    }
    pdp_principal_t principal = {
        .id = d->principal.id,
        .type = principal_type(d->principal.id),
        .account = d->principal.token_account,
    };
    return pdp__answer(out, &principal, sizeof(principal));
}

bool
pdp_decision_token(const pdp_decision_t *d, pdp_token_info_t *out)
{
    const struct pdp__token *token = token_of(d);

    if (token == NULL) {
        return false;
    }
    pdp_token_info_t info = {
        .verified = d->verified.signature,
        .issuer =
            pdp__text(d->block, pdp__issuers(d->block)[token->issuer].issuer),
        .kid = pdp__token_text(token, token->kid),
        .alg = {NULL, 0},
        .expires_sec = token->exp_sec,
    };
    if (token->alg != PDP__ALG_NONE) {
        info.alg = pdp__str_z(pdp__alg_name((enum pdp__alg)token->alg));
    }
    return pdp__answer(out, &info, sizeof(info));
}

pdp_str_t
pdp_decision_account(const pdp_decision_t *d)
{
    return d == NULL ? (pdp_str_t){NULL, 0} : d->principal.account;
}

int64_t
pdp_decision_offset(const pdp_decision_t *d)
{
    return d == NULL ? -1 : d->offset;
}

int64_t
pdp_decision_cache_max_age_sec(const pdp_decision_t *d)
{
    if (d == NULL || !d->principal.known || d->request->now_sec < 0 ||
        d->by_client) {
        return 0;
    }
    const struct pdp__token *token = d->claims.token;
    int64_t end = token->exp_sec +
                  (int64_t)pdp__issuers(d->block)[token->issuer].leeway_exp_sec;
    int64_t now = d->request->now_sec;
    if (d->edge_sec != 0 && d->edge_sec < end) {
        end = d->edge_sec;
    }
    /* An accepted token has time left; less than none must never be told. */
    return PDP_NEVER(end <= now) ? 0 : end - now;
}
