/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * The library as a filter, for the reference models beside this file: cases
 * on standard input, answers on standard output, one line each and in the
 * same order.  Public interface only; batch.py speaks this protocol.
 *
 * A line is fields separated by one space.  A field is percent-encoded
 * ("%00" to "%FF"; space, line feed and "%" must be, everything may be);
 * "-" alone is an absent string, an empty field an empty one.
 *
 *   doc KIND NAME TEXT   collects a document; KIND is service, trust, jwks,
 *                        policies, directory, restrictions or revocations.
 *                                                     -> ok
 *   build SLOT CACHE     documents collected so far -> snapshot and worker
 *                        in SLOT (0 to 63, replaces what was there); CACHE:
 *                        tokens that the worker keeps, 0 for none.  Then no
 *                        document is collected.
 *                        -> built STATUS ERRORS [SEVERITY/CODE/LINE:COL]...
 *                        STATUS is that of pdp_loader_build(), a number
 *   decide SLOT NOW METHOD TARGET [NAME VALUE]...    headers at the end
 *   unverified SLOT NOW METHOD TARGET CLAIMS [NAME VALUE]...
 *                        -> the decision, the fields below
 *   from SLOT NOW METHOD TARGET CLAIMS ADDRESS ENDPOINT [NAME VALUE]...
 *                        likewise, with the client's address and the type of
 *                        endpoint; CLAIMS may be absent, as in decide
 *   many SLOT NOW METHODS TARGET [NAME VALUE]...
 *                        one target with several methods joined by ",":
 *                        -> for each REASON:OFFSET:ROUTEINDEX:PARAMS
 *   flush                writes what is buffered.       -> flushed
 *
 * Fields of a decision, "-" for what there is not:
 *    0 effect          allow or deny
 *    1 reason          by name
 *    2 offset          -1: none
 *    3 route index     -1: none
 *    4 route           template
 *    5 params          NAME=VALUE joined by ","
 *    6 principal       id
 *    7 principal type
 *    8 token account
 *    9 account judged
 *   10 token kid
 *   11 token expiry    -1: none
 *   12 missing         actions joined by ","
 *   13 required        items joined by ";", each
 *                      ACTION:STATE:DENIEDBY:BY:ATTRIBUTES
 *                      STATE g (granted), m (missing) or d (denied);
 *                      BY: SOURCE=ID joined by ",", SOURCE policy, role or
 *                      action; ATTRIBUTES: NAME=VALUE, NAME?, joined by ","
 *                      (known, unknown; an absent one is left out)
 *   14 AT action
 *   15 data event      0 or 1
 *   16 cache max age   in seconds
 *   17 path            canonical
 *   18 token           v (verified), u (not verified), - (none)
 *   19 restrictions    ID=FLAGS joined by ","; FLAGS: e (enforced) or r
 *                      (reports), then d (denies) or p (is satisfied)
 * In them ",;:=?" and "-" of a value are percent-encoded, too.
 *
 * A line that is none of these ends the program with status 2: a model that
 * speaks the protocol badly must not look like one that agrees.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pdp.h"

#include "../unit/explain_check.h"

enum { SLOTS = 64, FIELDS_MAX = 64, LISTED_MAX = 40 };

struct slot {
    pdp_snapshot_t *snapshot;
    pdp_worker_t *worker;
};

struct batch {
    struct slot slots[SLOTS];
    pdp_loader_t *loader;
    pdp_str_t fields[FIELDS_MAX]; /* each a block of exactly its size */
    size_t field_cnt;
    size_t line; /* from 1 */
};

static void
stop(const struct batch *batch, const char *why)
{
    fprintf(stderr, "batch: line %zu: %s\n", batch->line, why);
    exit(2);
}

static unsigned
hex_digit(const struct batch *batch, char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    if (c >= 'A' && c <= 'F') {
        return (unsigned)(c - 'A') + 10;
    }
    stop(batch, "an escape without two digits of 0-9 A-F");
    return 0;
}

/* Decodes one field into a block of its own, so that sanitizers see the
 * smallest overrun. */
static pdp_str_t
decode(const struct batch *batch, const char *from, const char *end)
{
    size_t len = 0;

    if (end - from == 1 && *from == '-') {
        return (pdp_str_t){NULL, 0};
    }
    for (const char *p = from; p < end; p += *p == '%' ? 3 : 1) {
        if (*p == '%' && end - p < 3) {
            stop(batch, "an escape without two digits of 0-9 A-F");
        }
        len++;
    }
    char *bytes = malloc(len == 0 ? 1 : len);
    if (bytes == NULL) {
        stop(batch, "no memory");
    }
    for (size_t i = 0; i < len; i++) {
        if (*from == '%') {
            bytes[i] = (char)(hex_digit(batch, from[1]) * 16 +
                              hex_digit(batch, from[2]));
            from += 3;
        } else {
            bytes[i] = *from++;
        }
    }
    return (pdp_str_t){bytes, len};
}

static void
split(struct batch *batch, const char *line, size_t len)
{
    const char *end = line + len;
    const char *from = line;

    batch->field_cnt = 0;
    for (;;) {
        const char *space = memchr(from, ' ', (size_t)(end - from));
        if (batch->field_cnt == FIELDS_MAX) {
            stop(batch, "too many fields");
        }
        batch->fields[batch->field_cnt++] =
            decode(batch, from, space == NULL ? end : space);
        if (space == NULL) {
            return;
        }
        from = space + 1;
    }
}

static void
forget(struct batch *batch)
{
    for (size_t i = 0; i < batch->field_cnt; i++) {
        free((void *)(uintptr_t)batch->fields[i].ptr);
    }
}

static bool
is(pdp_str_t text, const char *word)
{
    return text.ptr != NULL && text.len == strlen(word) &&
           memcmp(text.ptr, word, text.len) == 0;
}

static int64_t
integer(const struct batch *batch, size_t field)
{
    pdp_str_t digits = batch->fields[field];
    bool negative = digits.len > 0 && digits.ptr[0] == '-';
    int64_t value = 0;

    if (digits.len == (size_t)negative || digits.len > 18) {
        stop(batch, "a number expected");
    }
    for (size_t i = negative; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9') {
            stop(batch, "a number expected");
        }
        value = value * 10 + (digits.ptr[i] - '0');
    }
    return negative ? -value : value;
}

static struct slot *
slot_of(struct batch *batch, bool filled)
{
    int64_t index = integer(batch, 1);

    if (index < 0 || index >= SLOTS) {
        stop(batch, "no such slot");
    }
    struct slot *slot = &batch->slots[index];
    if (filled && slot->worker == NULL) {
        stop(batch, "nothing was built in this slot");
    }
    return slot;
}

static void
put(pdp_str_t text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789._~/{}+@";

    if (text.ptr == NULL) {
        putchar('-');
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\0' && strchr(plain, text.ptr[i]) != NULL) {
            putchar(text.ptr[i]);
        } else {
            printf("%%%02X", (unsigned)(unsigned char)text.ptr[i]);
        }
    }
}

static void
put_field(pdp_str_t text)
{
    putchar(' ');
    put(text);
}

static void
put_params(const pdp_decision_t *decision)
{
    pdp_param_t param = {.size = sizeof(param)};

    for (size_t i = 0; pdp_decision_param(decision, i, &param); i++) {
        if (i > 0) {
            putchar(',');
        }
        put(param.name);
        putchar('=');
        put(param.value);
    }
}

static void
put_item(const pdp_decision_t *decision, size_t index,
    const pdp_required_t *item)
{
    static const char *const sources[] = {"none", "policy", "role", "action"};
    pdp_grant_t by = {.size = sizeof(by)};
    pdp_attribute_t attribute = {.size = sizeof(attribute)};

    put(item->action);
    printf(":%c:", item->denied ? 'd' : item->granted ? 'g' : 'm');
    put(item->denied_by);
    putchar(':');
    for (size_t i = 0; pdp_decision_by(decision, index, i, &by); i++) {
        printf("%s%s=", i == 0 ? "" : ",", sources[by.source]);
        put(by.id);
    }
    putchar(':');
    const char *comma = "";
    for (size_t i = 0; pdp_decision_attribute(decision, index, i, &attribute);
         i++) {
        if (attribute.state == PDP_ATTRIBUTE_ABSENT) {
            continue;
        }
        fputs(comma, stdout);
        put(attribute.name);
        putchar(attribute.state == PDP_ATTRIBUTE_KNOWN ? '=' : '?');
        if (attribute.state == PDP_ATTRIBUTE_KNOWN) {
            put(attribute.value);
        }
        comma = ",";
    }
}

static void
put_restrictions(const pdp_decision_t *decision)
{
    pdp_restriction_t item = {.size = sizeof(item)};

    for (size_t i = 0; pdp_decision_restriction(decision, i, &item); i++) {
        fputs(i == 0 ? "" : ",", stdout);
        put(item.id);
        printf("=%c%c", item.enforced ? 'e' : 'r', item.denies ? 'd' : 'p');
    }
}

static void
put_decision(const pdp_decision_t *decision)
{
    pdp_principal_t principal = {.size = sizeof(principal)};
    pdp_token_info_t token = {.size = sizeof(token), .expires_sec = -1};
    pdp_required_t item = {.size = sizeof(item)};
    bool allow = pdp_decision_effect(decision) == PDP_EFFECT_ALLOW;

    printf("%s %s %lld %lld", allow ? "allow" : "deny",
        pdp_reason_name(pdp_decision_reason(decision)),
        (long long)pdp_decision_offset(decision),
        (long long)pdp_decision_route_index(decision));
    put_field(pdp_decision_route(decision));
    putchar(' ');
    put_params(decision);
    bool known = pdp_decision_principal(decision, &principal);
    put_field(known ? principal.id : (pdp_str_t){NULL, 0});
    put_field(known ? principal.type : (pdp_str_t){NULL, 0});
    put_field(known ? principal.account : (pdp_str_t){NULL, 0});
    put_field(pdp_decision_account(decision));
    bool read = pdp_decision_token(decision, &token);
    put_field(read ? token.kid : (pdp_str_t){NULL, 0});
    printf(" %lld ", read ? (long long)token.expires_sec : -1);
    for (size_t i = 0; i < pdp_decision_missing_cnt(decision); i++) {
        fputs(i == 0 ? "" : ",", stdout);
        put(pdp_decision_missing(decision, i));
    }
    putchar(' ');
    for (size_t i = 0; pdp_decision_required(decision, i, &item); i++) {
        fputs(i == 0 ? "" : ";", stdout);
        put_item(decision, i, &item);
    }
    put_field(pdp_decision_at_action(decision));
    printf(" %d %lld", pdp_decision_data_event(decision),
        (long long)pdp_decision_cache_max_age_sec(decision));
    put_field(pdp_decision_path(decision));
    printf(" %s ", !read ? "-" : token.verified ? "v" : "u");
    put_restrictions(decision);
    putchar('\n');
}

/* Request of fields 2 to 4 and the headers from field `first` on. */
static void
make_request(struct batch *batch, size_t first, pdp_request_t *request,
    pdp_header_t *headers)
{
    size_t cnt = 0;

    if (batch->field_cnt < first || (batch->field_cnt - first) % 2 != 0) {
        stop(batch, "a field is missing");
    }
    for (size_t i = first; i < batch->field_cnt; i += 2) {
        headers[cnt++] = (pdp_header_t){batch->fields[i], batch->fields[i + 1]};
    }
    *request = (pdp_request_t){.size = sizeof(*request),
        .method = batch->fields[3],
        .target = batch->fields[4],
        .headers = headers,
        .header_cnt = cnt,
        .now_sec = integer(batch, 2)};
}

/* Fields before the headers: 5, with claims 6, with an origin 8. */
static void
decide(struct batch *batch, size_t first)
{
    pdp_header_t headers[FIELDS_MAX];
    pdp_request_t request;
    const pdp_decision_t *decision = NULL;

    make_request(batch, first, &request, headers);
    if (first == 8) {
        request.client_address = batch->fields[6];
        request.endpoint_type = batch->fields[7];
    }
    bool verified = first == 5 || batch->fields[5].ptr == NULL;
    pdp_worker_t *worker = slot_of(batch, true)->worker;
    pdp_status_t status = verified ? pdp_decide(worker, &request, &decision)
                                   : pdp_decide_unverified(worker, &request,
                                         batch->fields[5], &decision);
    if (status != PDP_OK) {
        stop(batch, pdp_status_text(status));
    }
    const char *contradiction = explain_and_check(worker, decision);
    if (contradiction != NULL) {
        stop(batch, contradiction);
    }
    put_decision(decision);
}

static void
decide_many(struct batch *batch)
{
    pdp_header_t headers[FIELDS_MAX];
    pdp_request_t request;
    const pdp_decision_t *decision = NULL;

    make_request(batch, 5, &request, headers);
    pdp_worker_t *worker = slot_of(batch, true)->worker;
    const char *method = request.method.ptr;
    const char *end = method + request.method.len;
    while (method != NULL) {
        const char *comma = memchr(method, ',', (size_t)(end - method));
        request.method.ptr = method;
        request.method.len = (size_t)((comma == NULL ? end : comma) - method);
        if (pdp_decide(worker, &request, &decision) != PDP_OK) {
            stop(batch, "pdp_decide() failed");
        }
        printf("%s:%lld:%lld:", pdp_reason_name(pdp_decision_reason(decision)),
            (long long)pdp_decision_offset(decision),
            (long long)pdp_decision_route_index(decision));
        put_params(decision);
        putchar(comma == NULL ? '\n' : ' ');
        method = comma == NULL ? NULL : comma + 1;
    }
}

static void
add_document(struct batch *batch)
{
    static const char *const kinds[] = {"service", "trust", "jwks", "policies",
        "directory", "restrictions", "revocations"};
    pdp_source_t source = {.size = sizeof(source)};

    if (batch->field_cnt != 4) {
        stop(batch, "doc KIND NAME TEXT expected");
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (is(batch->fields[1], kinds[i])) {
            source.kind = (pdp_source_kind_t)(i + 1);
        }
    }
    source.name = batch->fields[2];
    source.text = batch->fields[3];
    if ((batch->loader == NULL &&
            pdp_loader_new(NULL, &batch->loader) != PDP_OK) ||
        pdp_loader_add(batch->loader, &source) != PDP_OK) {
        stop(batch, "the document cannot be added");
    }
    puts("ok");
}

static void
put_report(const pdp_report_t *report)
{
    static const char *const severities[] = {"note", "warning", "error"};
    pdp_finding_t finding = {.size = sizeof(finding)};

    for (size_t i = 0;
         i < LISTED_MAX && pdp_report_at(report, i, &finding) == PDP_OK; i++) {
        printf(" %s/%.*s/%u:%u", severities[finding.severity],
            (int)finding.code.len, finding.code.ptr, finding.line,
            finding.column);
    }
    putchar('\n');
}

static void
build(struct batch *batch)
{
    pdp_report_t *report = NULL;
    pdp_worker_options_t options = {.size = sizeof(options)};

    if (batch->field_cnt != 3) {
        stop(batch, "build SLOT CACHE expected");
    }
    struct slot *slot = slot_of(batch, false);
    int64_t cache = integer(batch, 2);
    options.token_cache = (uint32_t)cache;
    options.no_token_cache = cache == 0;
    pdp_worker_free(slot->worker);
    pdp_snapshot_release(slot->snapshot);
    *slot = (struct slot){NULL, NULL};
    if (batch->loader == NULL &&
        pdp_loader_new(NULL, &batch->loader) != PDP_OK) {
        stop(batch, "no loader");
    }
    pdp_status_t status =
        pdp_loader_build(batch->loader, &slot->snapshot, &report);
    printf("built %d %zu", (int)status, pdp_report_errors(report));
    put_report(report);
    pdp_report_free(report);
    pdp_loader_free(batch->loader);
    batch->loader = NULL;
    if (status == PDP_OK && pdp_worker_new(slot->snapshot, NULL, &options,
                                &slot->worker) != PDP_OK) {
        stop(batch, "no worker");
    }
}

static void
run(struct batch *batch)
{
    pdp_str_t command = batch->fields[0];

    if (is(command, "decide")) {
        decide(batch, 5);
    } else if (is(command, "many")) {
        decide_many(batch);
    } else if (is(command, "unverified")) {
        decide(batch, 6);
    } else if (is(command, "from")) {
        decide(batch, 8);
    } else if (is(command, "doc")) {
        add_document(batch);
    } else if (is(command, "build")) {
        build(batch);
    } else if (is(command, "flush")) {
        puts("flushed");
        fflush(stdout);
    } else {
        stop(batch, "not a command");
    }
}

int
main(void)
{
    static struct batch batch;
    char *line = NULL;
    size_t cap = 0;

    for (;;) {
        ssize_t len = getline(&line, &cap, stdin);
        if (len < 0) {
            break;
        }
        batch.line++;
        split(&batch, line, (size_t)len - (line[len - 1] == '\n'));
        run(&batch);
        forget(&batch);
    }
    free(line);
    pdp_loader_free(batch.loader);
    for (size_t i = 0; i < SLOTS; i++) {
        pdp_worker_free(batch.slots[i].worker);
        pdp_snapshot_release(batch.slots[i].snapshot);
    }
    return ferror(stdin) || fflush(stdout) != 0 ? 1 : 0;
}
