/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/decide.h"

/*
 * A decision for people:
 *
 *     DENY no_grant
 *       a required action is not granted
 *       request    DELETE /api/v1/images/us.icr.io%2Fbirds%2Fwren
 *       route      /api/v1/images/{image}
 *       image      us.icr.io/birds/wren
 *       principal  IBMid-1 (user) in account 4f8e...
 *       requires   container-registry.image.delete: missing
 *                    on region us-south, resourceType namespace, ...
 *       AT action  container-registry.image.delete
 *
 * What is not known has no line.  A byte of the target that was refused is
 * shown with a caret; a token is never shown, only the offset in it.
 */

#include "common/escape.h"
#include "common/out.h"
#include "text/time.h"

/* Width of the names on the left, and of the part of a target shown. */
enum { NAME_WIDTH = 11, WINDOW = 60, BEFORE = 40 };

/* The indented name of a line; "" continues the one before. */
static void
name_z(struct pdp__string *out, const char *name)
{
    size_t len = strlen(name);
    pdp__string_fmt(out, "  %s", name);
    pdp__string_fill(out, ' ', len < NAME_WIDTH ? NAME_WIDTH - len : 1);
}

static void
line(struct pdp__string *out, const char *name, pdp_str_t value)
{
    if (value.ptr == NULL) {
        return;
    }
    name_z(out, name);
    pdp__escape_add(out, value);
    pdp__string_char(out, '\n');
}

static void
add_params(struct pdp__string *out, const pdp_decision_t *decision)
{
    size_t cnt = pdp_decision_params(decision);
    for (size_t i = 0; i < cnt; i++) {
        pdp_param_t param = {.size = sizeof(param)};
        if (pdp_decision_param(decision, i, &param)) {
            char *name = pdp__heap_copy(param.name);
            line(out, name, param.value);
            pdp__heap_free(name);
        }
    }
}

static void
add_principal(struct pdp__string *out, const pdp_decision_t *decision)
{
    pdp_principal_t principal = {.size = sizeof(principal)};
    if (!pdp_decision_principal(decision, &principal)) {
        return;
    }
    name_z(out, "principal");
    pdp__escape_add(out, principal.id);
    pdp__string_z(out, " (");
    pdp__escape_add(out, principal.type);
    pdp__string_z(out, ") in account ");
    pdp__escape_add(out, principal.account);
    pdp__string_char(out, '\n');
}

static void
add_token(struct pdp__string *out, const pdp_decision_t *decision, bool colour)
{
    pdp_token_info_t token = {.size = sizeof(token)};
    if (!pdp_decision_token(decision, &token)) {
        return;
    }
    char expires[21];
    if (!token.verified) {
        name_z(out, "token");
        pdp__string_fmt(out, "%sNOT VERIFIED%s: nobody signed these claims\n",
            pdp__out_sgr(colour, PDP__COLOUR_YELLOW),
            pdp__out_sgr(colour, PDP__COLOUR_PLAIN));
    }
    line(out, "issuer", token.issuer);
    if (token.verified) {
        name_z(out, "key");
        pdp__escape_add(out,
            token.kid.ptr == NULL ? PDP__LIT("without an id") : token.kid);
        pdp__string_z(out, " (");
        pdp__escape_add(out, token.alg);
        pdp__string_z(out, ")\n");
    }
    if (token.expires_sec >= 0 &&
        pdp__time_render(token.expires_sec, expires)) {
        line(out, "expires", pdp__str_z(expires));
    }
}

/* The attributes that policies narrow; the others say nothing new. */
static bool
is_shown(pdp_str_t name)
{
    return pdp__str_eq(name, PDP__LIT("region")) ||
           pdp__str_eq(name, PDP__LIT("resourceType")) ||
           pdp__str_eq(name, PDP__LIT("resource")) ||
           pdp__str_eq(name, PDP__LIT("resourceGroupId"));
}

static void
add_resource(struct pdp__string *out, const pdp_decision_t *decision,
    size_t index, size_t cnt)
{
    bool first = true;
    for (size_t i = 0; i < cnt; i++) {
        pdp_attribute_t attribute = {.size = sizeof(attribute)};
        if (!pdp_decision_attribute(decision, index, i, &attribute) ||
            attribute.state == PDP_ATTRIBUTE_ABSENT ||
            !is_shown(attribute.name)) {
            continue;
        }
        if (first) {
            name_z(out, "");
        }
        pdp__string_z(out, first ? "  on " : ", ");
        pdp__escape_add(out, attribute.name);
        pdp__string_char(out, ' ');
        pdp__escape_add(out, attribute.state == PDP_ATTRIBUTE_UNKNOWN
                                 ? PDP__LIT("unknown")
                                 : attribute.value);
        first = false;
    }
    pdp__string_z(out, first ? "" : "\n");
}

static void
add_grants(struct pdp__string *out, const pdp_decision_t *decision,
    size_t index, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        pdp_grant_t grant = {.size = sizeof(grant)};
        if (!pdp_decision_by(decision, index, i, &grant)) {
            return;
        }
        const char *what = "";
        switch (grant.source) {
        case PDP_GRANT_NONE:
            break;
        case PDP_GRANT_POLICY:
            what = "policy ";
            break;
        case PDP_GRANT_ROLE:
            what = "claimed role ";
            break;
        case PDP_GRANT_ACTION:
            what = "claimed action ";
            break;
        }
        name_z(out, "");
        pdp__string_fmt(out, "  by %s", what);
        pdp__escape_add(out, grant.id);
        pdp__string_char(out, '\n');
    }
}

/* What became of a required action; a denial is told with its policy, and
 * who granted the action all the same is not told: it would only mislead. */
static void
add_state(struct pdp__string *out, const pdp_required_t *required, bool colour)
{
    const char *state = required->denied    ? "denied"
                        : required->granted ? "granted"
                                            : "missing";
    enum pdp__colour sgr =
        required->granted ? PDP__COLOUR_GREEN : PDP__COLOUR_RED;
    pdp__string_fmt(out, ": %s%s%s", pdp__out_sgr(colour, sgr), state,
        pdp__out_sgr(colour, PDP__COLOUR_PLAIN));
    if (required->denied && required->denied_by.ptr != NULL) {
        pdp__string_z(out, " by policy ");
        pdp__escape_add(out, required->denied_by);
    }
    pdp__string_char(out, '\n');
}

static void
add_required(struct pdp__string *out, const pdp_decision_t *decision,
    bool colour)
{
    size_t cnt = pdp_decision_required_cnt(decision);
    for (size_t i = 0; i < cnt; i++) {
        pdp_required_t required = {.size = sizeof(required)};
        if (!pdp_decision_required(decision, i, &required)) {
            return;
        }
        name_z(out, i == 0 ? "requires" : "");
        pdp__escape_add(out, required.action);
        add_state(out, &required, colour);
        add_resource(out, decision, i, required.attribute_cnt);
        if (!required.denied) {
            add_grants(out, decision, i, required.by_cnt);
        }
    }
}

/* Restrictions that deny, and those that only report. */
static void
add_restrictions(struct pdp__string *out, const pdp_decision_t *decision,
    bool colour)
{
    size_t cnt = pdp_decision_restrictions(decision);
    for (size_t i = 0; i < cnt; i++) {
        pdp_restriction_t rule = {.size = sizeof(rule)};
        if (!pdp_decision_restriction(decision, i, &rule)) {
            return;
        }
        const char *does = !rule.denies    ? "would let through"
                           : rule.enforced ? "denied"
                                           : "would deny";
        enum pdp__colour sgr = !rule.denies    ? PDP__COLOUR_GREEN
                               : rule.enforced ? PDP__COLOUR_RED
                                               : PDP__COLOUR_YELLOW;
        name_z(out, i == 0 ? "context" : "");
        pdp__string_fmt(out, "%s%s%s: rule ", pdp__out_sgr(colour, sgr), does,
            pdp__out_sgr(colour, PDP__COLOUR_PLAIN));
        pdp__escape_add(out, rule.id);
        pdp__string_z(out, rule.enforced ? "\n" : " (report only)\n");
    }
}

/* Status 400: the fault is in the request itself, and so is the offset. */
static void
add_offset(struct pdp__string *out, pdp_str_t target,
    const pdp_decision_t *decision)
{
    int64_t offset = pdp_decision_offset(decision);
    if (offset < 0) {
        return;
    }
    bool in_target = pdp_reason_status(pdp_decision_reason(decision)) == 400 &&
                     (uint64_t)offset <= target.len;
    name_z(out, "offset");
    pdp__string_fmt(out, "%lld %s\n", (long long)offset,
        in_target ? "of the target" : "of the token");
    if (!in_target || target.len == 0) {
        return;
    }
    size_t at = (size_t)offset;
    size_t from = at > BEFORE ? at - BEFORE : 0;
    size_t len = target.len - from > WINDOW ? WINDOW : target.len - from;
    const char *dots = from > 0 ? "... " : "";
    pdp_str_t before = pdp__str(target.ptr + from, at - from);
    name_z(out, "");
    pdp__string_z(out, dots);
    pdp__escape_add(out, pdp__str(target.ptr + from, len));
    pdp__string_z(out, from + len < target.len ? " ...\n" : "\n");
    name_z(out, "");
    pdp__string_fill(out, ' ', strlen(dots) + pdp__escape_len(before));
    pdp__string_z(out, "^\n");
}

void
pdp__decide_text(struct pdp__string *out, const pdp_request_t *request,
    const pdp_decision_t *decision, bool colour)
{
    bool allow = pdp_decision_effect(decision) == PDP_EFFECT_ALLOW;
    pdp_reason_t reason = pdp_decision_reason(decision);
    pdp__string_fmt(out, "%s%s%s %s\n  %s\n",
        pdp__out_sgr(colour, allow ? PDP__COLOUR_GREEN : PDP__COLOUR_RED),
        allow ? "ALLOW" : "DENY", pdp__out_sgr(colour, PDP__COLOUR_PLAIN),
        pdp_reason_name(reason), pdp_reason_text(reason));
    name_z(out, "request");
    pdp__escape_add(out, request->method);
    pdp__string_z(out, request->target.len == 0 ? "" : " ");
    pdp__escape_add(out, request->target);
    pdp__string_char(out, '\n');
    add_offset(out, request->target, decision);
    line(out, "route", pdp_decision_route(decision));
    add_params(out, decision);
    add_principal(out, decision);
    add_token(out, decision, colour);
    add_required(out, decision, colour);
    add_restrictions(out, decision, colour);
    pdp_str_t at_action = pdp_decision_at_action(decision);
    if (at_action.ptr != NULL) {
        name_z(out, "AT action");
        pdp__escape_add(out, at_action);
        pdp__string_z(out,
            pdp_decision_data_event(decision) ? " (data event)\n" : "\n");
    }
}
