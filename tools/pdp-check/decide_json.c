/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/decide.h"

/*
 * A decision for programs: one JSON object on one line, or one line of tsv.
 *
 * Names, order and meaning of the members are a contract (pdp-check(1)).
 * Every member but `restrictions` is always there; what is not known is null,
 * an empty object or an empty array, so that a reader needs no special cases.
 *
 * Method and target are arbitrary bytes and are rendered byte by byte; all
 * other strings are text.
 */

#include "base/buf.h"
#include "common/escape.h"
#include "text/path.h"

/* Attributes of a resource that are shown, in this order. */
static const char *const attributes[] = {"region", "resourceType", "resource",
    "resourceGroupId"};

enum { ATTRIBUTE_CNT = sizeof(attributes) / sizeof(attributes[0]) };

static void
add_key(struct pdp__string *out, const char *name)
{
    char last = out->ptr[out->len - 1];
    pdp__string_fmt(out, "%s\"%s\":", last == '{' || last == '[' ? "" : ",",
        name);
}

static void
add_bool(struct pdp__string *out, bool value)
{
    pdp__string_z(out, value ? "true" : "false");
}

/* The value of an attribute that is known, or {NULL, 0}. */
static pdp_str_t
known(const pdp_decision_t *decision, size_t required, size_t cnt,
    const char *name)
{
    for (size_t i = 0; i < cnt; i++) {
        pdp_attribute_t attribute = {.size = sizeof(attribute)};
        if (pdp_decision_attribute(decision, required, i, &attribute) &&
            attribute.state == PDP_ATTRIBUTE_KNOWN &&
            pdp__str_eq(attribute.name, pdp__str_z(name))) {
            return attribute.value;
        }
    }
    return (pdp_str_t){NULL, 0};
}

static void
add_resource(struct pdp__string *out, const pdp_decision_t *decision,
    size_t index, size_t cnt)
{
    if (known(decision, index, cnt, "resource").ptr == NULL) {
        pdp__string_z(out, "null");
        return;
    }
    pdp__string_char(out, '{');
    for (size_t i = 0; i < ATTRIBUTE_CNT; i++) {
        pdp_str_t value = known(decision, index, cnt, attributes[i]);
        if (value.ptr != NULL) {
            add_key(out, attributes[i]);
            pdp__escape_json(out, value);
        }
    }
    pdp__string_char(out, '}');
}

static const char *
source_name(pdp_grant_source_t source)
{
    switch (source) {
    case PDP_GRANT_NONE:
        return "none";
    case PDP_GRANT_POLICY:
        return "policy";
    case PDP_GRANT_ROLE:
        return "role";
    case PDP_GRANT_ACTION:
        return "action";
    }
    return "none";
}

static void
add_by(struct pdp__string *out, const pdp_decision_t *decision, size_t index,
    size_t cnt)
{
    pdp__string_char(out, '[');
    for (size_t i = 0; i < cnt; i++) {
        pdp_grant_t grant = {.size = sizeof(grant)};
        if (!pdp_decision_by(decision, index, i, &grant)) {
            break;
        }
        pdp__string_fmt(out, "%s{\"source\":\"%s\",\"id\":", i == 0 ? "" : ",",
            source_name(grant.source));
        pdp__escape_json_or_null(out, grant.id);
        pdp__string_char(out, '}');
    }
    pdp__string_char(out, ']');
}

static void
add_required(struct pdp__string *out, const pdp_decision_t *decision)
{
    size_t cnt = pdp_decision_required_cnt(decision);
    pdp__string_char(out, '[');
    for (size_t i = 0; i < cnt; i++) {
        pdp_required_t required = {.size = sizeof(required)};
        if (!pdp_decision_required(decision, i, &required)) {
            break;
        }
        pdp__string_z(out, i == 0 ? "{\"action\":" : ",{\"action\":");
        pdp__escape_json(out, required.action);
        add_key(out, "resource");
        add_resource(out, decision, i, required.attribute_cnt);
        add_key(out, "granted");
        add_bool(out, required.granted);
        add_key(out, "by");
        add_by(out, decision, i, required.by_cnt);
        pdp__string_char(out, '}');
    }
    pdp__string_char(out, ']');
}

/* How many parameters before this one have its name: templates may repeat
 * a name, members of an object may not. */
static size_t
earlier_params(const pdp_decision_t *decision, size_t index, pdp_str_t name)
{
    size_t cnt = 0;
    for (size_t i = 0; i < index; i++) {
        pdp_param_t param = {.size = sizeof(param)};
        if (pdp_decision_param(decision, i, &param) &&
            pdp__str_eq(param.name, name)) {
            cnt++;
        }
    }
    return cnt;
}

/* The second parameter of one name is `name#2`: no name holds a `#`. */
static void
add_param_name(struct pdp__string *out, pdp_str_t name, size_t earlier)
{
    char bytes[PDP__TARGET_MAX + 16];
    struct pdp__buf buf = pdp__buf(bytes, sizeof(bytes));
    pdp__buf_str(&buf, name);
    if (earlier > 0) {
        pdp__buf_char(&buf, '#');
        pdp__buf_int(&buf, (int64_t)earlier + 1);
    }
    pdp__escape_json(out, buf.full ? name : pdp__buf_get(&buf));
}

static void
add_params(struct pdp__string *out, const pdp_decision_t *decision)
{
    size_t cnt = pdp_decision_params(decision);
    pdp__string_char(out, '{');
    for (size_t i = 0; i < cnt; i++) {
        pdp_param_t param = {.size = sizeof(param)};
        if (!pdp_decision_param(decision, i, &param)) {
            break;
        }
        pdp__string_z(out, i == 0 ? "" : ",");
        add_param_name(out, param.name,
            earlier_params(decision, i, param.name));
        pdp__string_char(out, ':');
        pdp__escape_json_or_null(out, param.value);
    }
    pdp__string_char(out, '}');
}

static void
add_missing(struct pdp__string *out, const pdp_decision_t *decision)
{
    size_t cnt = pdp_decision_missing_cnt(decision);
    pdp__string_char(out, '[');
    for (size_t i = 0; i < cnt; i++) {
        pdp__string_z(out, i == 0 ? "" : ",");
        pdp__escape_json(out, pdp_decision_missing(decision, i));
    }
    pdp__string_char(out, ']');
}

static void
add_principal(struct pdp__string *out, const pdp_decision_t *decision)
{
    pdp_principal_t principal = {.size = sizeof(principal)};
    if (!pdp_decision_principal(decision, &principal)) {
        pdp__string_z(out, "null");
        return;
    }
    pdp__string_z(out, "{\"id\":");
    pdp__escape_json_or_null(out, principal.id);
    add_key(out, "type");
    pdp__escape_json_or_null(out, principal.type);
    add_key(out, "account");
    pdp__escape_json_or_null(out, principal.account);
    pdp__string_char(out, '}');
}

static void
add_token(struct pdp__string *out, const pdp_decision_t *decision)
{
    pdp_token_info_t token = {.size = sizeof(token)};
    if (!pdp_decision_token(decision, &token)) {
        pdp__string_z(out, "null");
        return;
    }
    pdp__string_z(out, "{\"verified\":");
    add_bool(out, token.verified);
    add_key(out, "issuer");
    pdp__escape_json_or_null(out, token.issuer);
    add_key(out, "kid");
    pdp__escape_json_or_null(out, token.kid);
    add_key(out, "alg");
    pdp__escape_json_or_null(out, token.alg);
    add_key(out, "expires");
    if (token.expires_sec < 0) {
        pdp__string_z(out, "null}");
    } else {
        pdp__string_fmt(out, "%lld}", (long long)token.expires_sec);
    }
}

static const char *
effect_name(const pdp_decision_t *decision)
{
    return pdp_decision_effect(decision) == PDP_EFFECT_ALLOW ? "allow" : "deny";
}

static void
add_restrictions(struct pdp__string *out, const pdp_decision_t *decision)
{
    size_t cnt = pdp_decision_restrictions(decision);
    pdp__string_char(out, '[');
    for (size_t i = 0; i < cnt; i++) {
        pdp_restriction_t rule = {.size = sizeof(rule)};
        if (!pdp_decision_restriction(decision, i, &rule)) {
            break;
        }
        pdp__string_z(out, i == 0 ? "{\"id\":" : ",{\"id\":");
        pdp__escape_json(out, rule.id);
        add_key(out, "crn");
        pdp__escape_json_or_null(out, rule.crn);
        add_key(out, "enforced");
        add_bool(out, rule.enforced);
        add_key(out, "denies");
        add_bool(out, rule.denies);
        pdp__string_char(out, '}');
    }
    pdp__string_char(out, ']');
}

void
pdp__decide_json(struct pdp__string *out, const pdp_request_t *request,
    const pdp_decision_t *decision)
{
    pdp_reason_t reason = pdp_decision_reason(decision);
    pdp__string_fmt(out, "{\"decision\":\"%s\",\"reason\":\"%s\",\"status\":%d",
        effect_name(decision), pdp_reason_name(reason),
        pdp_reason_status(reason));
    add_key(out, "method");
    pdp__escape_json_bytes(out, request->method);
    add_key(out, "target");
    pdp__escape_json_bytes(out, request->target);
    add_key(out, "route");
    pdp__escape_json_or_null(out, pdp_decision_route(decision));
    add_key(out, "params");
    add_params(out, decision);
    add_key(out, "required");
    add_required(out, decision);
    add_key(out, "missing");
    add_missing(out, decision);
    add_key(out, "at_action");
    pdp__escape_json_or_null(out, pdp_decision_at_action(decision));
    add_key(out, "data_event");
    add_bool(out, pdp_decision_data_event(decision));
    add_key(out, "principal");
    add_principal(out, decision);
    add_key(out, "token");
    add_token(out, decision);
    add_key(out, "offset");
    int64_t offset = pdp_decision_offset(decision);
    if (offset < 0) {
        pdp__string_z(out, "null");
    } else {
        pdp__string_fmt(out, "%lld", (long long)offset);
    }
    add_key(out, "cache_max_age");
    pdp__string_fmt(out, "%lld",
        (long long)pdp_decision_cache_max_age_sec(decision));
    if (pdp_decision_restrictions(decision) > 0) {
        add_key(out, "restrictions");
        add_restrictions(out, decision);
    }
    pdp__string_z(out, "}\n");
}

void
pdp__decide_tsv(struct pdp__string *out, const pdp_decision_t *decision)
{
    pdp_reason_t reason = pdp_decision_reason(decision);
    pdp__string_fmt(out, "%s\t%s\t%d", effect_name(decision),
        pdp_reason_name(reason), pdp_reason_status(reason));
    pdp__escape_field(out, pdp_decision_route(decision));
    pdp__escape_field(out, pdp_decision_at_action(decision));
    size_t cnt = pdp_decision_missing_cnt(decision);
    pdp__string_z(out, cnt == 0 ? "\t-" : "\t");
    for (size_t i = 0; i < cnt; i++) {
        pdp__string_z(out, i == 0 ? "" : ",");
        pdp__escape_add(out, pdp_decision_missing(decision, i));
    }
    pdp__string_char(out, '\n');
}
