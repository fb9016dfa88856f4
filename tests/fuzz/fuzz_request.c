/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "fuzz_keys.h"
#include "load_check.h"
#include "route_model.h"

/*
 * A whole request -> decision, on the built-in registry, with policies and a
 * directory, against keys nobody can sign with.  Input, as text:
 *
 *     METHOD LF
 *     TARGET LF
 *     NAME ":" VALUE LF      any number of times, up to 16
 *     LF
 *     TOKEN                  the rest; not empty: one more header
 *
 * Holds for any input: the call works; a request is allowed only on a public
 * route; effect and reason agree; what is missing is not granted; every
 * answer can be asked for; the path fits the template of the route; an offset
 * lies within target or token; the second answer is the first one, also in
 * a worker that has seen other requests.
 *
 * The token is then taken for claims that nobody signed, which leads deeper:
 * the same holds, but that it may be permitted, and no token is verified.
 */

enum { HEADERS_MAX = 16 };

#define NAMED(key, value)                                                      \
    "{\"key\":\"" key "\",\"operator\":\"stringEquals\",\"value\":\"" value    \
    "\"}"
#define ROLE(name)                                                             \
    "{\"roles\":[{\"role_id\":\"crn:v1:bluemix:public:iam::::"                 \
    "serviceRole:" name "\"}]}"
#define POLICY(id, subject, resource, control)                                 \
    "{\"id\":\"" id                                                            \
    "\",\"type\":\"access\",\"subject\":{\"attributes\":[" subject             \
    "]},\"resource\":{\"attributes\":[" NAMED("serviceName",                   \
        "container-registry") "," NAMED("accountId",                           \
        "a") "," resource "]},\"control\":{" control "}}"

/* clang-format off */
static const char policies[] = "["
    POLICY("birds", NAMED("access_group_id", "AccessGroupId-1"),
        NAMED("resource", "birds"), "\"grant\":" ROLE("Manager")) ","
    POLICY("no", NAMED("iam_id", "IBMid-1"),
        NAMED("region", "us-south"), "\"deny\":" ROLE("Writer")) "]";
/* clang-format on */

#define DIRECTORY                                                              \
    "{\"format\":\"pdp-directory/1\",\"groups\":{\"AccessGroupId-1\":["        \
    "\"IBMid-1\"]},\"namespaces\":[{\"region\":\"us-south\",\"namespace\":"    \
    "\"birds\",\"account\":\"a\",\"resource_group\":\"g\"},{\"region\":"       \
    "\"eu-de\",\"namespace\":\"fish\",\"account\":\"b\"}]}"

/* Two of them, since what one has in its cache must not matter. */
static pdp_worker_t *workers[2];

static void
make_workers(void)
{
    for (size_t i = 0; i < 2; i++) {
        struct added added = {0};
        MUST(pdp_loader_new(NULL, &added.loader) == PDP_OK);
        add(&added, PDP_SOURCE_JWKS, text_of("keys.json"), text_of(fuzz_keys));
        add(&added, PDP_SOURCE_POLICIES, text_of("p"), text_of(policies));
        add(&added, PDP_SOURCE_DIRECTORY, text_of("d"), text_of(DIRECTORY));
        workers[i] = build_worker(&added);
    }
}

/* Text up to the next c, which is skipped; all of it if there is none. */
static pdp_str_t
take_until(pdp_str_t *rest, char c)
{
    const char *end = rest->len == 0 ? NULL : memchr(rest->ptr, c, rest->len);
    pdp_str_t part = {rest->ptr, rest->len};

    if (end != NULL) {
        part.len = (size_t)(end - rest->ptr);
    }
    size_t used = part.len + (end != NULL);
    rest->ptr += used;
    rest->len -= used;
    return part;
}

/* An answer is text with a place, or absent with no length. */
static void
check_text(pdp_str_t text)
{
    MUST(text.ptr != NULL || text.len == 0);
    if (text.len > 0) {
        volatile char first = text.ptr[0];
        volatile char last = text.ptr[text.len - 1];

        (void)first;
        (void)last;
    }
}

static void
check_required(const pdp_decision_t *d, bool allowed)
{
    for (size_t i = 0; i < pdp_decision_required_cnt(d); i++) {
        pdp_required_t required = {.size = sizeof(required)};
        pdp_grant_t grant = {.size = sizeof(grant)};
        pdp_attribute_t attribute = {.size = sizeof(attribute)};

        MUST(pdp_decision_required(d, i, &required));
        check_text(required.action);
        MUST(!allowed || (required.granted && !required.denied));
        MUST(!required.granted || required.by_cnt > 0);
        for (size_t j = 0; j < required.by_cnt; j++) {
            MUST(pdp_decision_by(d, i, j, &grant));
            MUST(grant.source != PDP_GRANT_NONE);
            check_text(grant.id);
        }
        for (size_t j = 0; j < required.attribute_cnt; j++) {
            MUST(pdp_decision_attribute(d, i, j, &attribute));
            check_text(attribute.value);
            MUST((attribute.value.ptr != NULL) ==
                 (attribute.state == PDP_ATTRIBUTE_KNOWN));
        }
    }
}

/* What holds for every decision. */
static void
check(const pdp_decision_t *d, const pdp_request_t *request, size_t token_len)
{
    MUST(d != NULL);
    pdp_reason_t reason = pdp_decision_reason(d);
    bool allowed = pdp_decision_effect(d) == PDP_EFFECT_ALLOW;
    int64_t offset = pdp_decision_offset(d);
    size_t most =
        request->target.len > token_len ? request->target.len : token_len;

    MUST((int)reason > PDP_REASON_INTERNAL && (int)reason < PDP_REASON_COUNT);
    MUST(allowed == pdp_reason_allows(reason));
    MUST(offset >= -1 && offset <= (int64_t)most);
    MUST(!allowed || offset == -1);
    check_text(pdp_decision_path(d));
    check_text(pdp_decision_account(d));
    MUST((pdp_decision_route_index(d) >= 0) ==
         (pdp_decision_route(d).ptr != NULL));
    MUST(allowed == (pdp_reason_status(reason) == 200));
    MUST(allowed || pdp_reason_status(reason) / 100 == 4);
    if (pdp_decision_route(d).ptr != NULL) {
        MUST(fits(pdp_decision_route(d), pdp_decision_path(d)));
    } else {
        MUST(!allowed);
    }
    for (size_t i = 0; i < pdp_decision_params(d); i++) {
        pdp_param_t param = {.size = sizeof(param)};

        MUST(pdp_decision_param(d, i, &param));
        check_text(param.name);
        check_text(param.value);
    }
    check_required(d, allowed);
    MUST((pdp_decision_missing_cnt(d) == 0) ==
         (allowed || pdp_decision_required_cnt(d) == 0));
    for (size_t i = 0; i < pdp_decision_missing_cnt(d); i++) {
        MUST(pdp_decision_missing(d, i).len > 0);
    }
    MUST(pdp_decision_cache_max_age_sec(d) >= 0);
}

/* Once more, and in a worker of another history: the same answer. */
static void
decide(const pdp_request_t *request, size_t token_len)
{
    const pdp_decision_t *d = NULL;
    pdp_token_info_t token = {.size = sizeof(token)};
    pdp_principal_t principal = {.size = sizeof(principal)};
    pdp_reason_t reason = PDP_REASON_INTERNAL;
    int64_t offset = -1;

    for (size_t i = 0; i < 3; i++) {
        MUST(pdp_decide(workers[i / 2], request, &d) == PDP_OK);
        check(d, request, token_len);
        MUST(i == 0 || pdp_decision_reason(d) == reason);
        MUST(i == 0 || pdp_decision_offset(d) == offset);
        reason = pdp_decision_reason(d);
        offset = pdp_decision_offset(d);
        MUST(pdp_decision_effect(d) == PDP_EFFECT_DENY ||
             reason == PDP_REASON_PUBLIC);
        MUST(!pdp_decision_token(d, &token));
        MUST(!pdp_decision_principal(d, &principal));
    }
}

/* For claims that nobody signed; nothing of them may stay behind. */
static void
decide_unverified(const pdp_request_t *request, pdp_str_t claims,
    size_t token_len)
{
    const pdp_decision_t *d = NULL;
    pdp_token_info_t info = {.size = sizeof(info)};
    pdp_reason_t reason = PDP_REASON_INTERNAL;

    for (size_t i = 0; i < 2; i++) {
        MUST(pdp_decide_unverified(workers[i], request, claims, &d) == PDP_OK);
        check(d, request, token_len);
        MUST(!pdp_decision_token(d, &info) || !info.verified);
        MUST(i == 0 || pdp_decision_reason(d) == reason);
        reason = pdp_decision_reason(d);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pdp_header_t headers[HEADERS_MAX + 1];
    char *text = take_copy(data, size);

    if (workers[0] == NULL) {
        make_workers();
    }
    pdp_str_t rest = {text, size};
    pdp_request_t request = {.size = sizeof(request),
        .headers = headers,
        .now_sec = INT64_C(1795253400)};
    request.method = take_until(&rest, '\n');
    request.target = take_until(&rest, '\n');
    while (rest.len > 0 && request.header_cnt < HEADERS_MAX) {
        pdp_str_t line = take_until(&rest, '\n');

        if (line.len == 0) {
            break;
        }
        pdp_header_t *header = &headers[request.header_cnt++];
        header->name = take_until(&line, ':');
        header->value = line;
    }
    pdp_str_t token = rest;
    char *value = take(7 + token.len);
    if (token.len > 0) {
        memcpy(value, "Bearer ", 7);
        memcpy(value + 7, token.ptr, token.len);
        headers[request.header_cnt++] =
            (pdp_header_t){{"Authorization", 13}, {value, 7 + token.len}};
    }
    /* Any Authorization field of the input may be longer than the token. */
    decide(&request, size);
    decide_unverified(&request, token, size);
    free(value);
    free(text);
    return 0;
}
