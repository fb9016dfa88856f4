/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_DECISION_TEXT_H
#define PDP_TESTS_DECISION_TEXT_H

/*
 * Everything a decision says, as one text, so that two decisions can be
 * compared.  Include after fixture.h.
 */

enum { DECISION_TEXT_CAP = 1 << 16 };

static inline void
add_text(char *text, const char *name, pdp_str_t value)
{
    size_t len = strlen(text);
    int wrote;

    if (value.ptr == NULL) {
        wrote = snprintf(text + len, DECISION_TEXT_CAP - len, "%s=-\n", name);
    } else {
        wrote = snprintf(text + len, DECISION_TEXT_CAP - len, "%s=\"%.*s\"\n",
            name, (int)value.len, value.ptr);
    }
    assert_true(wrote > 0 && (size_t)wrote < DECISION_TEXT_CAP - len);
}

static inline void
add_number(char *text, const char *name, int64_t value)
{
    size_t len = strlen(text);
    int wrote = snprintf(text + len, DECISION_TEXT_CAP - len, "%s=%lld\n", name,
        (long long)value);

    assert_true(wrote > 0 && (size_t)wrote < DECISION_TEXT_CAP - len);
}

static inline void
add_required(const pdp_decision_t *d, size_t ix, char *text)
{
    pdp_required_t required = {.size = sizeof(required)};
    pdp_grant_t by = {.size = sizeof(by)};
    pdp_attribute_t attribute = {.size = sizeof(attribute)};

    assert_true(pdp_decision_required(d, ix, &required));
    add_text(text, "required", required.action);
    add_number(text, " granted", required.granted);
    add_number(text, " denied", required.denied);
    for (size_t i = 0; i < required.by_cnt; i++) {
        assert_true(pdp_decision_by(d, ix, i, &by));
        add_text(text, " by", by.id);
        add_number(text, "  source", by.source);
    }
    assert_false(pdp_decision_by(d, ix, required.by_cnt, &by));
    for (size_t i = 0; i < required.attribute_cnt; i++) {
        assert_true(pdp_decision_attribute(d, ix, i, &attribute));
        add_text(text, " attribute", attribute.name);
        add_number(text, "  state", attribute.state);
        add_text(text, "  value", attribute.value);
    }
    assert_false(
        pdp_decision_attribute(d, ix, required.attribute_cnt, &attribute));
}

/* text: DECISION_TEXT_CAP bytes. */
static inline void
describe(const pdp_decision_t *d, char *text)
{
    pdp_param_t param = {.size = sizeof(param)};
    pdp_principal_t principal = {.size = sizeof(principal)};
    pdp_token_info_t token = {.size = sizeof(token)};

    text[0] = '\0';
    add_number(text, "effect", pdp_decision_effect(d));
    add_text(text, "reason", str(pdp_reason_name(pdp_decision_reason(d))));
    add_text(text, "service", pdp_decision_service(d));
    add_text(text, "route", pdp_decision_route(d));
    add_number(text, "route_index", pdp_decision_route_index(d));
    add_text(text, "path", pdp_decision_path(d));
    for (size_t i = 0; i < pdp_decision_params(d); i++) {
        assert_true(pdp_decision_param(d, i, &param));
        add_text(text, "param", param.name);
        add_text(text, " value", param.value);
    }
    for (size_t i = 0; i < pdp_decision_required_cnt(d); i++) {
        add_required(d, i, text);
    }
    for (size_t i = 0; i < pdp_decision_missing_cnt(d); i++) {
        add_text(text, "missing", pdp_decision_missing(d, i));
    }
    add_text(text, "at_action", pdp_decision_at_action(d));
    add_number(text, "data_event", pdp_decision_data_event(d));
    if (pdp_decision_principal(d, &principal)) {
        add_text(text, "principal", principal.id);
        add_text(text, " type", principal.type);
        add_text(text, " account", principal.account);
    }
    if (pdp_decision_token(d, &token)) {
        add_number(text, "verified", token.verified);
        add_text(text, " issuer", token.issuer);
        add_text(text, " kid", token.kid);
        add_text(text, " alg", token.alg);
        add_number(text, " expires", token.expires_sec);
    }
    add_text(text, "account", pdp_decision_account(d));
    add_number(text, "offset", pdp_decision_offset(d));
    add_number(text, "max_age", pdp_decision_cache_max_age_sec(d));
}

#endif
