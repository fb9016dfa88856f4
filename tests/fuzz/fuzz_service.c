/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load_check.h"
#include "load_model.h"
#include "model/router.h"
#include "model/snapshot.h"
#include "route_model.h"
#include "sign.h"

/*
 * Service definition -> snapshot.  Input: the JSON of a definition.
 *
 * Holds for any input, beyond load_check.h: every name of the tables is
 * found by its hash; a request made from the template of a route finds a
 * route (its own, or one that goes before it).
 *
 * Requests made from the templates are then decided, and the definition read
 * again with jansson: without a token, or with one nobody signed, only a
 * route whose row says "public" is allowed; with a token that grants nothing
 * "authenticated", too; with one that grants birds.nest.read, those that
 * require nothing else.  The row judged has the method and fits the path.
 */

enum { SIZE_MAX_IN = 65536, ROUTES_MAX = 48 };

static const char service_trust[] =
    "{\"format\":\"pdp-trust/1\",\"issuers\":[{\"issuer\":\"" MODEL_ISSUER
    "\",\"keys\":{\"file\":\"k\"},\"algorithms\":[\"EdDSA\"],"
    "\"audiences\":\"none\",\"typ\":\"none\"}]}";

#define SERVICE_CLAIMS                                                         \
    "{\"iss\":\"" MODEL_ISSUER "\",\"iam_id\":\"IBMid-1\","                    \
    "\"account\":{\"bss\":\"acc\"},\"exp\":1795256980"

enum { TOKEN_NONE, TOKEN_ROGUE, TOKEN_PLAIN, TOKEN_ACTION, TOKEN_CNT };

static void
check_route(const struct pdp__block *block, uint32_t ix)
{
    const struct pdp__route *route = &pdp__routes(block)[ix];
    pdp_str_t path = pdp__text(block, route->path);
    pdp_str_t segments[64];
    uint32_t cnt = 0;
    MUST(path.len > 1 && path.ptr[0] == '/' && route->segments <= 32);
    for (size_t at = 1; at <= path.len && cnt < 64;) {
        size_t end = pdp__str_find(path, '/', at);
        segments[cnt] = pdp__str(path.ptr + at, end - at);
        if (path.ptr[at] == '{') {
            segments[cnt] = PDP__LIT("value");
        }
        cnt++;
        at = end + 1;
    }
    MUST(cnt == route->segments);
    struct pdp__route_match match = pdp__router_find(block, route->service,
        pdp__text(block, pdp__methods(block)[route->method]), segments, cnt);
    MUST(match.route != PDP__NONE);
    MUST(pdp__routes(block)[match.route].method == route->method ||
         pdp__routes(block)[match.route].head != 0);
    MUST(pdp__routes(block)[match.route].service == route->service);
}

static void
check_snapshot(const pdp_snapshot_t *snapshot)
{
    const struct pdp__block *block = snapshot->block;
    for (uint32_t i = 0; i < block->routes.cnt; i++) {
        check_route(block, i);
    }
    for (uint32_t i = 0; i < block->actions.cnt; i++) {
        MUST(pdp__find_action(block,
                 pdp__text(block, pdp__actions(block)[i].name)) == i);
    }
    for (uint32_t i = 0; i < block->hosts.cnt; i++) {
        MUST(pdp__find_host(block,
                 pdp__text(block, pdp__hosts(block)[i].host)) == i);
    }
    for (uint32_t i = 0; i < block->role_ids.cnt; i++) {
        MUST(pdp__find_role_id(block,
                 pdp__text(block, pdp__role_ids(block)[i].id)) == i);
        MUST(pdp__role_of(block, i, 0) < block->roles.cnt);
    }
}

static pdp_str_t
token_value(int token)
{
    static char *values[TOKEN_CNT];
    static size_t lens[TOKEN_CNT];
    pdp_str_t header = text_of("{\"alg\":\"EdDSA\",\"kid\":\"k\"}");
    pdp_str_t plain = text_of(SERVICE_CLAIMS "}");
    pdp_str_t action =
        text_of(SERVICE_CLAIMS ",\"actions\":[\"birds.nest.read\"]}");

    if (values[token] == NULL) {
        values[token] = take(SIGN_CAP);
        lens[token] = sign_token(token == TOKEN_ROGUE ? ROGUE_BYTE : GOOD_BYTE,
            header, token == TOKEN_PLAIN ? plain : action, values[token]);
    }
    return (pdp_str_t){values[token], lens[token]};
}

/* Whether the row of the definition lets this token through at most. */
static bool
row_allows(const json_t *row, int token)
{
    json_t *requires = json_object_get(row, "requires");

    if (is_text(json_object_get(row, "access"), "public")) {
        return true;
    }
    if (token == TOKEN_NONE || token == TOKEN_ROGUE) {
        return false;
    }
    if (is_text(json_object_get(row, "access"), "authenticated")) {
        return true;
    }
    for (size_t i = 0; i < json_array_size(requires); i++) {
        if (!is_text(json_object_get(json_array_get(requires, i), "action"),
                "birds.nest.read")) {
            return false;
        }
    }
    return token == TOKEN_ACTION && json_array_size(requires) > 0;
}

static void
check_decision(const pdp_decision_t *d, const pdp_request_t *request, int token,
    const json_t *doc)
{
    bool allowed = pdp_decision_effect(d) == PDP_EFFECT_ALLOW;
    int64_t ix = pdp_decision_route_index(d);

    MUST(pdp_decision_reason(d) != PDP_REASON_INTERNAL);
    MUST(allowed == pdp_reason_allows(pdp_decision_reason(d)));
    MUST(!allowed || ix >= 0);
    if (ix < 0) {
        return;
    }
    json_t *row = json_array_get(json_object_get(doc, "routes"), (size_t)ix);
    MUST(row != NULL);
    const char *method = json_string_value(json_object_get(row, "method"));
    MUST(method != NULL);
    MUST(same_text(text_of(method), request->method) ||
         (same_text(text_of("HEAD"), request->method) &&
             strcmp(method, "GET") == 0 &&
             json_is_true(json_object_get(row, "head"))));
    const char *path = json_string_value(json_object_get(row, "path"));
    MUST(path != NULL && same_text(text_of(path), pdp_decision_route(d)));
    MUST(fits(pdp_decision_route(d), pdp_decision_path(d)));
    MUST(!allowed || row_allows(row, token));
}

static void
decide(pdp_worker_t *worker, pdp_str_t method, pdp_str_t target,
    const json_t *doc)
{
    for (int token = 0; token < TOKEN_CNT; token++) {
        const pdp_decision_t *d = NULL;
        pdp_header_t header = {text_of("Authorization"), {NULL, 0}};
        pdp_request_t request = {.size = sizeof(request),
            .method = method,
            .target = target,
            .headers = &header,
            .header_cnt = token != TOKEN_NONE,
            .now_sec = FUZZ_NOW};
        if (token != TOKEN_NONE) {
            header.value = token_value(token);
        }
        MUST(pdp_decide(worker, &request, &d) == PDP_OK);
        check_decision(d, &request, token, doc);
    }
}

/* The template with value for each parameter; 0: too long. */
static size_t
fill(pdp_str_t template, const char *value, char *out, size_t cap)
{
    size_t len = 0;
    for (size_t i = 0; i < template.len; i++) {
        pdp_str_t part = {template.ptr + i, 1};
        if (template.ptr[i] == '{') {
            const char *end = memchr(part.ptr, '}', template.len - i);
            MUST(end != NULL);
            i += (size_t)(end - part.ptr);
            part = text_of(value);
        }
        if (part.len > cap - len) {
            return 0;
        }
        memcpy(out + len, part.ptr, part.len);
        len += part.len;
    }
    return len;
}

static void
check_decisions(pdp_snapshot_t *snapshot, pdp_str_t text)
{
    json_t *doc = json_loadb(text.ptr, text.len, 0, NULL);
    pdp_worker_options_t options = {.size = sizeof(options), .token_cache = 4};
    pdp_worker_t *worker = NULL;
    pdp_route_info_t route = {.size = sizeof(route)};
    pdp_str_t host;
    char image[512];
    char target[4096];

    MUST(doc != NULL); /* what we accept is JSON */
    MUST(pdp_worker_new(snapshot, NULL, &options, &worker) == PDP_OK);
    if (!pdp_catalog_region_host(snapshot, 0, 0, 0, &host)) {
        host = text_of("a.b");
    }
    (void)snprintf(image, sizeof(image), "%.*s%%2Frobin%%2Fa",
        host.len > 255 ? 255 : (int)host.len, host.ptr);
    const char *const values[] = {"robin", image};
    for (size_t i = 0; i < ROUTES_MAX; i++) {
        if (!pdp_catalog_route(snapshot, 0, i, &route)) {
            break;
        }
        for (size_t k = 0; k < 2; k++) {
            size_t len = fill(route.path, values[k], target, sizeof(target));
            decide(worker, route.method, (pdp_str_t){target, len}, doc);
        }
        decide(worker, text_of("HEAD"), route.path, doc);
    }
    pdp_worker_free(worker);
    json_decref(doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct added added = {0};
    pdp_snapshot_t *snapshot = NULL;

    if (size > SIZE_MAX_IN) {
        return 0;
    }
    char *copy = take_copy(data, size);
    pdp_str_t text = {copy, size};
    MUST(pdp_loader_new(NULL, &added.loader) == PDP_OK);
    add(&added, PDP_SOURCE_SERVICE, text_of("d"), text);
    add(&added, PDP_SOURCE_TRUST, text_of("t"), text_of(service_trust));
    add(&added, PDP_SOURCE_JWKS, text_of("k"), text_of(good_keys()));
    (void)build(&added, &snapshot);
    if (snapshot != NULL) {
        check_snapshot(snapshot);
        check_decisions(snapshot, text);
    }
    pdp_snapshot_release(snapshot);
    free(copy);
    return 0;
}
