/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <stdlib.h>
#include <string.h>

#include "fuzz_keys.h"
#include "pdp.h"

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
 * answer can be asked for; an offset lies within target or token; the second
 * answer is the first one.
 *
 * The token is then taken for claims that nobody signed, which leads deeper:
 * the same holds, but that it may be permitted, and no token is verified.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADERS_MAX = 16 };

#define MUST(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            abort();                                                           \
        }                                                                      \
    } while (0)

#define NAMED(key, value)                                                      \
    "{\"key\":\"" key "\",\"operator\":\"stringEquals\",\"value\":\"" value    \
    "\"}"
#define POLICIES                                                                              \
    "[{\"id\":\"birds\",\"type\":\"access\",\"subject\":{\"attributes\":"                     \
    "[" NAMED("access_group_id",                                                              \
        "AccessGroupId-1") "]},\"resource\":{"                                                \
                           "\"attributes\":[" NAMED("serviceName",                            \
                               "container-registry") "," NAMED("accountId",                   \
                               "a") "," NAMED("resource",                                     \
                               "birds") "]},\"control\":{"                                    \
                                        "\"grant\":{\"roles\":[{\"role_id\":"                 \
                                        "\"crn:v1:bluemix:public:iam::::"                     \
                                        "serviceRole:Manager\"}]}}},{\"id\":"                 \
                                        "\"no\",\"type\":\"access\","                         \
                                        "\"subject\":{\"attributes\":[" NAMED(                \
                                            "iam_id",                                         \
                                            "IBMid-1") "]},"                                  \
                                                       "\"resource\":{"                       \
                                                       "\"attributes\":"                      \
                                                       "[" NAMED(                             \
                                                           "serviceName",                     \
                                                           "container-"                       \
                                                           "registry") "," NAMED("accountId", \
                                                           "a") "," NAMED("re"                \
                                                                          "gi"                \
                                                                          "o"                 \
                                                                          "n",                \
                                                           "us-south") "]},"                  \
                                                                       "\"con"                \
                                                                       "trol"                 \
                                                                       "\":{"                 \
                                                                       "\"den"                \
                                                                       "y\":{"                \
                                                                       "\"rol"                \
                                                                       "es\":"                \
                                                                       "[{"                   \
                                                                       "\"rol"                \
                                                                       "e_"                   \
                                                                       "id\":"                \
                                                                       "\"crn"                \
                                                                       ":v1:"                 \
                                                                       "bluem"                \
                                                                       "ix:"                  \
                                                                       "publi"                \
                                                                       "c:"                   \
                                                                       "iam::"                \
                                                                       "::"                   \
                                                                       "servi"                \
                                                                       "ceRol"                \
                                                                       "e:"                   \
                                                                       "Write"                \
                                                                       "r\"}]"                \
                                                                       "}}}]"
#define DIRECTORY                                                              \
    "{\"format\":\"pdp-directory/1\",\"groups\":{\"AccessGroupId-1\":["        \
    "\"IBMid-1\"]},\"namespaces\":[{\"region\":\"us-south\",\"namespace\":"    \
    "\"birds\",\"account\":\"a\",\"resource_group\":\"g\"},{\"region\":"       \
    "\"eu-de\",\"namespace\":\"fish\",\"account\":\"b\"}]}"

static pdp_worker_t *worker;

static void
add(pdp_loader_t *loader, pdp_source_kind_t kind, const char *text)
{
    pdp_source_t source = {.size = sizeof(source),
        .kind = kind,
        .name = {"source.json", 11},
        .text = {text, strlen(text)}};

    MUST(pdp_loader_add(loader, &source) == PDP_OK);
}

static void
make_worker(void)
{
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    pdp_worker_options_t options = {.size = sizeof(options), .token_cache = 4};

    MUST(pdp_loader_new(NULL, &loader) == PDP_OK);
    add(loader, PDP_SOURCE_JWKS, fuzz_keys);
    add(loader, PDP_SOURCE_POLICIES, POLICIES);
    add(loader, PDP_SOURCE_DIRECTORY, DIRECTORY);
    MUST(pdp_loader_build(loader, &snapshot, NULL) == PDP_OK);
    pdp_loader_free(loader);
    MUST(pdp_worker_new(snapshot, NULL, &options, &worker) == PDP_OK);
    pdp_snapshot_release(snapshot);
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
    MUST(!allowed || pdp_decision_route(d).ptr != NULL);
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

static void
decide_twice(const pdp_request_t *request, size_t token_len)
{
    const pdp_decision_t *d = NULL;
    pdp_token_info_t token = {.size = sizeof(token)};
    pdp_principal_t principal = {.size = sizeof(principal)};

    MUST(pdp_decide(worker, request, &d) == PDP_OK);
    check(d, request, token_len);
    pdp_reason_t reason = pdp_decision_reason(d);
    int64_t offset = pdp_decision_offset(d);
    MUST(pdp_decision_effect(d) == PDP_EFFECT_DENY ||
         reason == PDP_REASON_PUBLIC);
    MUST(!pdp_decision_token(d, &token));
    MUST(!pdp_decision_principal(d, &principal));
    MUST(pdp_decide(worker, request, &d) == PDP_OK);
    check(d, request, token_len);
    MUST(pdp_decision_reason(d) == reason && pdp_decision_offset(d) == offset);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pdp_header_t headers[HEADERS_MAX + 1];
    const pdp_decision_t *d = NULL;
    char *text = malloc(size + 1);

    if (worker == NULL) {
        make_worker();
    }
    MUST(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
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
    char *value = malloc(7 + token.len);
    MUST(value != NULL);
    if (token.len > 0) {
        memcpy(value, "Bearer ", 7);
        memcpy(value + 7, token.ptr, token.len);
        headers[request.header_cnt++] =
            (pdp_header_t){{"Authorization", 13}, {value, 7 + token.len}};
    }
    /* Any Authorization field of the input may be longer than the token. */
    decide_twice(&request, size);
    MUST(pdp_decide_unverified(worker, &request, token, &d) == PDP_OK);
    check(d, &request, size);
    pdp_token_info_t info = {.size = sizeof(info)};
    MUST(!pdp_decision_token(d, &info) || !info.verified);
    free(value);
    free(text);
    return 0;
}
