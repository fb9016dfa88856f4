/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/answer.h"

/*
 * Answers.
 *
 * A value may hold bytes of a token or of a client.  What only informs (the
 * principal, missing actions) is written with %XX for every byte that could
 * end a header line or be read in two ways.  What the gateway sends on (the
 * path, the account) must be exactly what was judged, so it is never
 * changed: if it cannot stand in a header as it is, the answer is a denial.
 *
 * Some gateways hand all of it to their client.  So who has shown no good token
 * does not learn what he would need; the name of the action is there all the
 * same, because the log of the gateway wants it of denials, too, and anybody
 * can look it up.
 *
 * 200 is written in one place, last, once every header it needs is there.
 */

#include "base/buf.h"

enum { MISSING_MAX = 1024, PRINCIPAL_MAX = 1024 };

static void
add_header(struct pdpd__answer *answer, const char *name, struct pdp__buf *buf)
{
    pdp__buf_char(buf, '\0');
    if (buf->full || answer->header_cnt == PDPD__ANSWER_HEADERS_MAX) {
        return;
    }
    answer->headers[answer->header_cnt++] =
        (struct pdpd__answer_header){name, buf->ptr};
    answer->used += buf->len;
}

static struct pdp__buf
room(struct pdpd__answer *answer)
{
    return pdp__buf(answer->text + answer->used,
        PDPD__ANSWER_TEXT_MAX - answer->used);
}

static void
add_text(struct pdpd__answer *answer, const char *name, const char *text)
{
    struct pdp__buf buf = room(answer);
    pdp__buf_z(&buf, text);
    add_header(answer, name, &buf);
}

/* Visible ASCII, with spaces inside only: RFC 9110 5.5, without what is
 * obsolete there. */
static bool
is_plain(pdp_str_t value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        bool inside = i > 0 && i + 1 < value.len;
        if (!(c > ' ' && c <= '~') && !(c == ' ' && inside)) {
            return false;
        }
    }
    return value.len > 0;
}

/* Whether nobody can read it as a list, or as less than it is. */
static bool
is_one(pdp_str_t value)
{
    return pdp__str_find(value, ',', 0) == value.len &&
           pdp__str_find(value, ';', 0) == value.len &&
           pdp__str_find(value, ' ', 0) == value.len;
}

/* The value as it is, or nothing; false if it cannot be written. */
static bool
add_exact(struct pdpd__answer *answer, const char *name, pdp_str_t value)
{
    size_t cnt = answer->header_cnt;
    if (!is_plain(value)) {
        return false;
    }
    struct pdp__buf buf = room(answer);
    pdp__buf_str(&buf, value);
    add_header(answer, name, &buf);
    return answer->header_cnt == cnt + 1;
}

/* Printable ASCII but `%` and `,`, the rest as %XX; cut at max bytes. */
static void
put_escaped(struct pdp__buf *buf, pdp_str_t value, size_t max)
{
    for (size_t i = 0; i < value.len && buf->len + 3 <= max; i++) {
        char c = value.ptr[i];
        if (c > ' ' && c <= '~' && c != '%' && c != ',') {
            pdp__buf_char(buf, c);
        } else {
            pdp__buf_fmt(buf, "%%%02X", (unsigned)(unsigned char)c);
        }
    }
}

static void
add_escaped(struct pdpd__answer *answer, const char *name, pdp_str_t value)
{
    struct pdp__buf buf = room(answer);
    put_escaped(&buf, value, PRINCIPAL_MAX);
    if (buf.len > 0) {
        add_header(answer, name, &buf);
    }
}

/* As many of the missing actions as a gateway's buffers surely take. */
static void
add_missing(struct pdpd__answer *answer, const pdp_decision_t *decision)
{
    struct pdp__buf buf = room(answer);
    size_t cnt = pdp_decision_missing_cnt(decision);
    for (size_t i = 0; i < cnt; i++) {
        pdp_str_t action = pdp_decision_missing(decision, i);
        if (buf.len + action.len * 3 + 8 > MISSING_MAX) {
            pdp__buf_z(&buf, ", ...");
            break;
        }
        pdp__buf_z(&buf, i == 0 ? "" : ", ");
        put_escaped(&buf, action, MISSING_MAX);
    }
    if (buf.len > 0) {
        add_header(answer, "X-PDP-Missing", &buf);
    }
}

/* RFC 6750 3: no error code where no token was sent. */
static void
add_challenge(struct pdpd__answer *answer)
{
    struct pdp__buf buf = room(answer);
    pdp__buf_z(&buf, "Bearer realm=\"pdp\"");
    if (answer->reason != PDP_REASON_TOKEN_MISSING) {
        pdp__buf_fmt(&buf,
            ", error=\"invalid_token\", error_description=\"%s\"",
            pdp_reason_name(answer->reason));
    }
    add_header(answer, "WWW-Authenticate", &buf);
}

static void
begin(struct pdpd__answer *answer, pdp_reason_t reason)
{
    answer->reason = reason;
    answer->header_cnt = 0;
    answer->used = 0;
    answer->status = pdp_reason_status(reason) == 401 ? 401 : 403;
    add_text(answer, "X-PDP-Decision",
        pdp_reason_allows(reason) ? "allow" : "deny");
    add_text(answer, "X-PDP-Reason", pdp_reason_name(reason));
    if (answer->status == 401) {
        add_challenge(answer);
    }
}

void
pdpd__answer_deny(struct pdpd__answer *answer, pdp_reason_t reason)
{
    begin(answer, pdp_reason_allows(reason) ? PDP_REASON_INTERNAL : reason);
    add_text(answer, "Cache-Control", "no-store");
}

static void
add_caching(struct pdpd__answer *answer, const pdp_decision_t *decision,
    bool allow_caching)
{
    int64_t age = allow_caching ? pdp_decision_cache_max_age_sec(decision) : 0;
    struct pdp__buf buf = room(answer);
    if (age <= 0) {
        add_text(answer, "Cache-Control", "no-store");
        return;
    }
    if (age > PDPD__ANSWER_CACHE_MAX_SEC) {
        age = PDPD__ANSWER_CACHE_MAX_SEC;
    }
    pdp__buf_z(&buf, "private, max-age=");
    pdp__buf_int(&buf, age);
    add_header(answer, "Cache-Control", &buf);
}

void
pdpd__answer_decision(struct pdpd__answer *answer,
    const pdp_decision_t *decision, bool allow_caching)
{
    pdp_reason_t reason = pdp_decision_reason(decision);
    bool allow = pdp_decision_effect(decision) == PDP_EFFECT_ALLOW &&
                 pdp_reason_allows(reason);
    if (!allow && pdp_reason_allows(reason)) {
        reason = PDP_REASON_INTERNAL;
    }
    begin(answer, reason);
    pdp_str_t path = pdp_decision_path(decision);
    pdp_str_t account = pdp_decision_account(decision);
    bool exact = path.len > 0 && add_exact(answer, "X-PDP-URI", path);
    if (account.ptr != NULL) {
        exact = is_one(account) &&
                add_exact(answer, "X-PDP-Account", account) && exact;
    }
    if (allow && !exact) {
        pdpd__answer_deny(answer, PDP_REASON_INTERNAL);
        return;
    }
    pdp_principal_t principal = {.size = sizeof(principal)};
    add_escaped(answer, "X-PDP-AT-Action", pdp_decision_at_action(decision));
    if (pdp_decision_principal(decision, &principal)) {
        add_escaped(answer, "X-PDP-Principal", principal.id);
        add_missing(answer, decision);
    }
    add_caching(answer, decision, allow_caching);
    if (allow) {
        answer->status = 200;
    }
}
