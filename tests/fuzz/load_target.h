/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_LOAD_TARGET_H
#define PDP_TESTS_LOAD_TARGET_H

/*
 * For fuzz targets of documents: one hostile document through the public
 * loader, next to a small service.  Beyond what load_check.h holds, the same
 * text gives the same findings again (RSA keys excepted, see may_waver()),
 * and a snapshot that comes out is asked a fixed set of requests:
 *
 *   - without a token, or with a token of the rogue key, nothing is allowed
 *     and nothing verified, whatever the document says;
 *   - a token that claims no role is permitted only where a policy of the
 *     document says so, read a second time (load_model.h);
 *   - an explicit denial that is for everything the principal does wins;
 *   - trust documents: only the issuer, algorithm, audience and type written
 *     there; key sets: only a key that is there, for signatures;
 *   - another worker, and the same one again, give the same answers.
 */

#include "load_check.h"
#include "load_model.h"
#include "sign.h"

static const char small_service[] =
    "{\"format\":\"pdp-service/1\",\"service\":\"birds\",\"actions\":{"
    "\"birds.nest.read\":{\"title\":\"t\",\"scope\":\"namespace\"},"
    "\"birds.plan.set\":{\"title\":\"t\",\"scope\":\"account\"}},"
    "\"roles\":{\"Reader\":{\"actions\":[\"birds.nest.read\"]},"
    "\"Night Watch\":{\"actions\":[\"birds.plan.set\"]}},"
    "\"events\":{},\"params\":{\"namespace\":{\"kind\":\"namespace\"}},"
    "\"regions\":[{\"region\":\"eu-de\",\"aliases\":[\"eu-central\"],"
    "\"hosts\":[\"de.birds.io\"],\"events\":\"eu-de\"}],"
    "\"routes\":[{\"method\":\"GET\",\"path\":\"/nests/{namespace}\","
    "\"title\":\"t\",\"requires\":[{\"action\":\"birds.nest.read\","
    "\"on\":[\"path:namespace\"]}],\"event\":null},"
    "{\"method\":\"PUT\",\"path\":\"/plan\",\"title\":\"t\","
    "\"requires\":[{\"action\":\"birds.plan.set\"}],\"event\":null}]}";

static const char small_trust[] =
    "{\"format\":\"pdp-trust/1\",\"issuers\":[{\"issuer\":\"" MODEL_ISSUER
    "\",\"keys\":{\"file\":\"k\"},\"algorithms\":[\"EdDSA\"],"
    "\"audiences\":\"none\",\"typ\":\"none\"}]}";

#define SMALL_CLAIMS                                                           \
    "{\"iss\":\"" MODEL_ISSUER                                                 \
    "\",\"iam_id\":\"IBMid-1\",\"sub\":\"IBMid-1\","                           \
    "\"aud\":\"birds\",\"account\":{\"bss\":\"acc\",\"valid\":true},"          \
    "\"exp\":1795256980,\"groups\":[\"AccessGroupId-1\"]"

/* The tokens of the fixed set. */
enum { TOKEN_NONE, TOKEN_ROGUE, TOKEN_PLAIN, TOKEN_READER, TOKEN_CNT };

struct small_request {
    const char *method, *target, *host;
    const char *role;       /* that has its action */
    const char *name_space; /* NULL: an action of scope account */
};

static const struct small_request small_requests[] = {
    {"GET", "/nests/robin", "de.birds.io", "Reader", "robin"},
    {"GET", "/nests/birds", NULL, "Reader", "birds"},
    {"PUT", "/plan", "de.birds.io", "Night", NULL},
};

enum { REQUESTS = sizeof(small_requests) / sizeof(small_requests[0]) };

static size_t
small_token(int token, char *out)
{
    pdp_str_t header = text_of("{\"alg\":\"EdDSA\",\"kid\":\"k\"}");
    pdp_str_t plain = text_of(SMALL_CLAIMS "}");
    pdp_str_t reader = text_of(SMALL_CLAIMS ",\"roles\":[\"Reader\"]}");

    switch (token) {
    case TOKEN_NONE:
        return 0;
    case TOKEN_ROGUE:
        return sign_token(ROGUE_BYTE, header, reader, out);
    case TOKEN_PLAIN:
        return sign_token(GOOD_BYTE, header, plain, out);
    default:
        return sign_token(GOOD_BYTE, header, reader, out);
    }
}

static const pdp_decision_t *
small_decide(pdp_worker_t *worker, const struct small_request *asked, int token)
{
    static char values[TOKEN_CNT][2048];
    static size_t lens[TOKEN_CNT];
    pdp_header_t headers[2];
    const pdp_decision_t *d = NULL;
    pdp_request_t request = {.size = sizeof(request),
        .method = text_of(asked->method),
        .target = text_of(asked->target),
        .headers = headers,
        .now_sec = FUZZ_NOW};

    if (token != TOKEN_NONE) {
        if (lens[token] == 0) {
            char *made = take(SIGN_CAP);
            lens[token] = small_token(token, made);
            MUST(lens[token] <= sizeof(values[token]));
            memcpy(values[token], made, lens[token]);
            free(made);
        }
        headers[request.header_cnt++] = (pdp_header_t){text_of("Authorization"),
            {values[token], lens[token]}};
    }
    if (asked->host != NULL) {
        headers[request.header_cnt++] =
            (pdp_header_t){text_of("Host"), text_of(asked->host)};
    }
    MUST(pdp_decide(worker, &request, &d) == PDP_OK);
    pdp_reason_t reason = pdp_decision_reason(d);
    MUST(reason > PDP_REASON_INTERNAL && (int)reason < PDP_REASON_COUNT);
    MUST((pdp_decision_effect(d) == PDP_EFFECT_ALLOW) ==
         pdp_reason_allows(reason));
    return d;
}

/* Who granted it: a role that the token claims, or a policy that says so. */
static void
check_grants(const pdp_decision_t *d, const struct small_request *asked,
    int token, pdp_source_kind_t kind, json_t *doc)
{
    pdp_grant_t grant = {.size = sizeof(grant)};

    MUST(pdp_decision_required_cnt(d) == 1);
    MUST(pdp_decision_by(d, 0, 0, &grant));
    for (size_t i = 0; pdp_decision_by(d, 0, i, &grant); i++) {
        if (grant.source == PDP_GRANT_ROLE) {
            MUST(token == TOKEN_READER && strcmp(asked->role, "Reader") == 0);
            continue;
        }
        MUST(grant.source == PDP_GRANT_POLICY && kind == PDP_SOURCE_POLICIES);
        MUST(model_granted_by(doc, grant.id, asked->role, asked->name_space));
    }
}

static void
check_decision(const pdp_decision_t *d, const struct small_request *asked,
    int token, pdp_source_kind_t kind, json_t *doc)
{
    pdp_token_info_t info = {.size = sizeof(info)};
    bool verified = pdp_decision_token(d, &info);
    bool allowed = pdp_decision_effect(d) == PDP_EFFECT_ALLOW;

    if (token == TOKEN_NONE || token == TOKEN_ROGUE) {
        MUST(!allowed && !verified);
        MUST(pdp_reason_status(pdp_decision_reason(d)) == 401);
        return;
    }
    MUST(!verified || info.verified);
    MUST(!allowed || verified);
    if (kind == PDP_SOURCE_TRUST) {
        json_t *issuer = model_issuer(doc);
        MUST(!verified || model_verifies(doc));
        MUST(!allowed || model_admits(doc));
        MUST(!allowed ||
             !is_text(json_object_get(issuer, "policy_claims"), "ignore"));
    }
    MUST(kind != PDP_SOURCE_JWKS || !verified ||
         model_has_key(doc, good_keys()));
    if (kind == PDP_SOURCE_POLICIES && model_denied(doc) &&
        strcmp(asked->role, "Reader") == 0) {
        MUST(pdp_decision_reason(d) == PDP_REASON_EXPLICIT_DENY);
    }
    if (allowed) {
        MUST(pdp_decision_reason(d) == PDP_REASON_PERMITTED);
        check_grants(d, asked, token, kind, doc);
    }
}

static pdp_worker_t *
new_worker(pdp_snapshot_t *snapshot)
{
    pdp_worker_options_t options = {.size = sizeof(options), .token_cache = 4};
    pdp_worker_t *worker = NULL;
    MUST(pdp_worker_new(snapshot, NULL, &options, &worker) == PDP_OK);
    return worker;
}

static void
check_requests(pdp_snapshot_t *snapshot, pdp_source_kind_t kind, pdp_str_t text)
{
    json_t *doc = json_loadb(text.ptr, text.len, 0, NULL);
    pdp_worker_t *worker = new_worker(snapshot);
    pdp_reason_t reasons[REQUESTS][TOKEN_CNT];

    MUST(doc != NULL); /* what we accept is JSON */
    for (size_t i = 0; i < REQUESTS; i++) {
        for (int token = 0; token < TOKEN_CNT; token++) {
            const struct small_request *asked = &small_requests[i];
            const pdp_decision_t *d = small_decide(worker, asked, token);
            check_decision(d, asked, token, kind, doc);
            reasons[i][token] = pdp_decision_reason(d);
        }
    }
    /* The other way round, tokens now known, then by a worker that knows
     * nothing. */
    for (int fresh = 0; fresh < 2; fresh++) {
        for (size_t i = REQUESTS; i-- > 0;) {
            for (int token = TOKEN_CNT; token-- > 0;) {
                const pdp_decision_t *d =
                    small_decide(worker, &small_requests[i], token);
                MUST(pdp_decision_reason(d) == reasons[i][token]);
            }
        }
        pdp_worker_free(worker);
        worker = fresh == 0 ? new_worker(snapshot) : NULL;
    }
    json_decref(doc);
}

static pdp_snapshot_t *
load_once(pdp_source_kind_t kind, pdp_str_t text, uint64_t *sum)
{
    struct added added = {0};
    pdp_snapshot_t *snapshot = NULL;

    MUST(pdp_loader_new(NULL, &added.loader) == PDP_OK);
    add(&added, PDP_SOURCE_SERVICE, text_of("s"), text_of(small_service));
    if (kind == PDP_SOURCE_JWKS) {
        add(&added, PDP_SOURCE_TRUST, text_of("t"), text_of(small_trust));
        add(&added, kind, text_of("k"), text);
    } else if (kind == PDP_SOURCE_TRUST) {
        pdp_str_t name;
        pdp_str_t from;
        add(&added, kind, text_of("d"), text);
        /* Key sets for every name that it asks for, as far as they go. */
        while (added.cnt < SOURCES_MAX &&
               pdp_loader_needs(added.loader, 0, &name, &from)) {
            add(&added, PDP_SOURCE_JWKS, name, text_of(good_keys()));
        }
    } else {
        add(&added, PDP_SOURCE_TRUST, text_of("t"), text_of(small_trust));
        add(&added, PDP_SOURCE_JWKS, text_of("k"), text_of(good_keys()));
        add(&added, kind, text_of("d"), text);
    }
    /* Names that the loader lent are good until it is freed: copied, so that
     * the report can be checked afterwards. */
    char *names[SOURCES_MAX];
    for (size_t i = 0; i < added.cnt; i++) {
        names[i] = take_copy(added.names[i].ptr, added.names[i].len);
        added.names[i].ptr = names[i];
    }
    *sum = build(&added, &snapshot);
    for (size_t i = 0; i < added.cnt; i++) {
        free(names[i]);
    }
    return snapshot;
}

/*
 * libcrypto's check of an RSA modulus draws random bases: one that is no
 * product of two large primes (7 of 600 loads with a factor of 2371) is
 * refused at times and accepted at others.
 */
static bool
may_waver(pdp_source_kind_t kind, pdp_str_t text)
{
    bool found = false;
    for (size_t i = 0; i + 3 <= text.len && kind == PDP_SOURCE_JWKS; i++) {
        found = found || memcmp(text.ptr + i, "RSA", 3) == 0;
    }
    return found;
}

static int
load_target(pdp_source_kind_t kind, const uint8_t *data, size_t size)
{
    uint64_t sum = 0;
    uint64_t again = 0;

    if (size > 1 << 16) {
        return 0;
    }
    char *copy = take_copy(data, size);
    pdp_str_t text = {copy, size};
    pdp_snapshot_t *snapshot = load_once(kind, text, &sum);
    pdp_snapshot_t *second = load_once(kind, text, &again);
    MUST((sum == again && (snapshot == NULL) == (second == NULL)) ||
         may_waver(kind, text));
    pdp_snapshot_release(second);
    if (snapshot != NULL) {
        check_requests(snapshot, kind, text);
    }
    pdp_snapshot_release(snapshot);
    free(copy);
    return 0;
}

#endif
