/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_OOM_UTIL_H
#define PDP_TESTS_OOM_UTIL_H

/*
 * For tests of memory that runs out: documents of every kind, good and bad,
 * alone and together, and one run from documents to decisions.
 * Include after cmocka.h.
 */

#include "fixture.h"

static char jwks[TEXT_MAX];
static char token[TOKEN_CAP];

static const char service[] =
    "{\"format\":\"pdp-service/1\",\"service\":\"s\",\"title\":\"S\","
    "\"actions\":{\"s.read\":{\"scope\":\"namespace\"},\"s.set\":{\"scope\":"
    "\"account\"}},\"roles\":{\"Reader\":{\"actions\":[\"s.read\"]},"
    "\"Manager\":{\"actions\":[\"s.read\",\"s.set\"]}},\"events\":{\"s.seen\":{"
    "\"data\":true}},\"params\":{\"ns\":{\"kind\":\"namespace\"},\"r\":{"
    "\"kind\":\"resource\"},\"t\":{\"kind\":\"text\"}},\"regions\":[{"
    "\"region\":\"eu\",\"aliases\":[\"old\"],\"hosts\":[\"s.example\"],"
    "\"events\":\"eu\"}],\"routes\":["
    "{\"method\":\"GET\",\"path\":\"/n/{ns}\",\"requires\":[{\"action\":"
    "\"s.read\",\"on\":[\"path:ns\",\"query:t\"]}],\"event\":\"s.seen\"},"
    "{\"method\":\"PUT\",\"path\":\"/v2/{+r}/tags/{t}\",\"requires\":[{"
    "\"action\":\"s.set\"}],\"event\":null},"
    "{\"method\":\"GET\",\"path\":\"/open\",\"access\":\"public\","
    "\"event\":null,\"head\":true}]}";

static const char trust[] =
    "{\"format\":\"pdp-trust/1\",\"issuers\":[{\"issuer\":\"" IBM_ISSUER "\","
    "\"keys\":{\"file\":\"keys.json\"}},{\"issuer\":\"https://two.example\","
    "\"keys\":{\"file\":\"keys.json\"},\"algorithms\":[\"ES256\",\"EdDSA\"],"
    "\"audiences\":[\"a\",\"b\"],\"typ\":\"at+jwt\",\"claims\":{"
    "\"principal\":\"/sub\",\"account\":\"/a/b\"}}]}";

static const char directory[] =
    "{\"format\":\"pdp-directory/1\",\"groups\":{\"AccessGroupId-1\":["
    "\"IBMid-270000TEST\"]},\"namespaces\":[{\"region\":\"eu\",\"namespace\":"
    "\"birds\",\"account\":\"" ACCOUNT "\",\"resource_group\":\"rg\"}],"
    "\"complete\":true,\"roles\":{\"custom_roles\":[{\"id\":\"1\",\"name\":"
    "\"Mine\",\"display_name\":\"Mine\",\"account_id\":\"" ACCOUNT "\","
    "\"service_name\":\"s\",\"crn\":\"crn:v1:bluemix:public:"
    "iam-access-management::a/" ACCOUNT "::customRole:Mine\",\"actions\":["
    "\"s.read\"]}]},\"tags\":{\"eu/birds\":[\"env:prod\"]}}";

static const char policies[] =
    "[{\"id\":\"p\",\"type\":\"access\",\"subject\":{\"attributes\":[{\"key\":"
    "\"access_group_id\",\"operator\":\"stringEquals\",\"value\":"
    "\"AccessGroupId-1\"}]},\"resource\":{\"attributes\":[{\"key\":"
    "\"serviceName\",\"operator\":\"stringEquals\",\"value\":\"s\"},{\"key\":"
    "\"accountId\",\"operator\":\"stringEquals\",\"value\":\"" ACCOUNT "\"},{"
    "\"key\":\"resource\",\"operator\":\"stringMatch\",\"value\":\"bi*\"}]},"
    "\"control\":{\"grant\":{\"roles\":[{\"role_id\":\"crn:v1:bluemix:public:"
    "iam-access-management::a/" ACCOUNT "::customRole:Mine\"}]}}}]";

static const char tagged[] =
    "[{\"id\":\"t\",\"type\":\"access\",\"subject\":{\"attributes\":[{\"key\":"
    "\"iam_id\",\"operator\":\"stringEquals\",\"value\":\"x\"}]},"
    "\"resource\":{\"attributes\":[{\"key\":\"serviceType\",\"operator\":"
    "\"stringEquals\",\"value\":\"service\"},{\"key\":\"accountId\","
    "\"operator\":\"stringEquals\",\"value\":\"" ACCOUNT "\"}],\"tags\":[{"
    "\"key\":\"env\",\"operator\":\"stringMatch\",\"value\":\"pr*\"}]},"
    "\"control\":{\"grant\":{\"roles\":[{\"role_id\":\"crn:v1:bluemix:public:"
    "iam::::serviceRole:Reader\"}]}}}]";

static const char restrictions[] =
    "[{\"contexts\":[{\"attributes\":[{\"name\":\"networkZoneId\",\"value\":"
    "\"z\"},{\"name\":\"endpointType\",\"value\":\"private\"}]}],"
    "\"resources\":[{\"attributes\":[{\"name\":\"accountId\",\"value\":"
    "\"" ACCOUNT "\"},{\"name\":\"serviceName\",\"value\":\"s\"}],\"tags\":[{"
    "\"name\":\"env\",\"value\":\"test\"}]}]},{\"id\":\"z\",\"account_id\":"
    "\"" ACCOUNT "\",\"addresses\":[{\"type\":\"subnet\",\"value\":"
    "\"10.0.0.0/8\"}],\"excluded\":[{\"type\":\"ipAddress\",\"value\":"
    "\"10.0.0.1\"}]}]";

static const char revocations[] =
    "{\"format\":\"pdp-revocations/1\",\"revocations\":[{\"issuer\":"
    "\"" IBM_ISSUER "\",\"jti\":\"j\"},{\"issuer\":\"" IBM_ISSUER "\","
    "\"subject\":\"s\",\"issued_before\":\"2026-11-21T09:30:00Z\"},{"
    "\"issuer\":\"https://two.exampel\",\"kid\":\"k\"}]}";

static inline int
make_documents(void **state)
{
    (void)state;
    make_jwks(&fixture, jwks);
    memcpy(token, token_with(&fixture, ""), sizeof(token));
    return 0;
}

/* Two requests: one that is granted, and one that never is. */
static inline void
decide_both(pdp_worker_t *worker)
{
    static const struct {
        const char *method;
        const char *target;
        pdp_reason_t reason;
    } asks[] = {
        {"GET", "/n/birds", PDP_REASON_PERMITTED},
        {"PUT", "/v2/a/b/tags/c", PDP_REASON_NO_GRANT},
    };

    fixture.worker = worker;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < 2; i++) {
            request(&fixture, asks[i].method, asks[i].target);
            bearer(&fixture, token);
            assert_int_equal(judge(&fixture), asks[i].reason);
        }
    }
    fixture.worker = NULL;
}

static const char bad_service[] =
    "{\"format\":\"pdp-service/1\",\"service\":\"s\",\"titel\":\"S\","
    "\"actions\":{\"s.read\":{\"scope\":\"namespaces\"}},\"roles\":{"
    "\"Reader\":{\"actions\":[\"s.reed\"]}},\"events\":3,\"params\":{\"ns\":{"
    "\"kind\":\"namespac\"}},\"regions\":[{\"region\":\"eu\",\"hosts\":["
    "\"?\"]}],\"routes\":[{\"method\":\"GET\",\"path\":\"/n/{nss}\","
    "\"requires\":[{\"action\":\"s.raed\",\"on\":[\"path:ns\"]}],"
    "\"event\":\"s.sen\"},{\"method\":\"get\",\"path\":\"n\",\"requires\":[],"
    "\"event\":null}]}";

static const char bad_trust[] =
    "{\"format\":\"pdp-trust/1\",\"issuers\":[{\"issuer\":\"https://x.example\""
    ",\"keys\":{\"file\":\"keys.json\"},\"algorithms\":[\"HS256\",\"RS265\"]},"
    "{\"issuer\":\"a b\",\"keys\":{}},{\"issuer\":\"" IBM_ISSUER
    "\",\"keys\":{\"file\":\"lost.json\"},\"leeway\":{\"exp\":301},\"claims\":{"
    "\"principal\":\"sub\"}}],\"isuers\":[]}";

static const char bad_jwks[] =
    "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AQAB\"},{\"kty\":\"RSA\",\"kid\":"
    "\"r\",\"n\":\"AQAB\",\"e\":\"AQAB\"},{\"kty\":\"EC\",\"crv\":\"P-256\","
    "\"x\":\"AA\",\"y\":\"AA\"},{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":"
    "\"AA\"},{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"k\",\"x\":"
    "\"AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"},{\"kty\":\"OKP\","
    "\"crv\":\"Ed25519\",\"kid\":\"k\",\"x\":"
    "\"AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"},3]}";

static const char bad_directory[] =
    "{\"format\":\"pdp-directory/1\",\"groups\":{\"g\":3},\"namespaces\":[{"
    "\"region\":\"europe\",\"namespace\":\"BIRDS\",\"account\":\"\"}],"
    "\"complet\":true,\"roles\":{\"custom_roles\":[{\"id\":1}]},\"tags\":{"
    "\"eu\":[\"a\"]}}";

static const char bad_policies[] =
    "[{\"type\":\"access\",\"control\":{\"grant\":{\"roles\":[{\"role_id\":"
    "\"crn:v1:bluemix:public:iam::::serviceRole:Readr\"}]}},\"resource\":{"
    "\"attributes\":[{\"key\":\"serviceName\",\"operator\":\"stringEquals\","
    "\"value\":\"s\"},{\"key\":\"resource\",\"operator\":\"stringIs\","
    "\"value\":\"x\"}]},\"rule\":{}},{\"type\":\"acces\"},{}]";

static const char bad_restrictions[] =
    "[{\"contexts\":[{\"attributes\":[{\"name\":\"networkZoneId\",\"value\":"
    "\"q\"},{\"name\":\"endpointType\",\"value\":\"privat\"},{\"name\":"
    "\"mfa\",\"value\":\"1\"}]}],\"resources\":[{\"attributes\":[{\"name\":"
    "\"serviceName\",\"value\":\"s\"}],\"tags\":[{}]}]},{\"id\":\"z\","
    "\"addresses\":[{\"type\":\"subnets\",\"value\":\"10.0.0.0/8\"},{\"type\":"
    "\"subnet\",\"value\":\"10\"}],\"excluded_count\":3}]";

static const char bad_revocations[] =
    "{\"format\":\"pdp-revocations/1\",\"revocations\":[{\"issuer\":\"x\"},{"
    "\"issuer\":\"" IBM_ISSUER "\",\"jti\":\"\"},{\"issuer\":\"" IBM_ISSUER
    "\",\"subject\":\"s\",\"issued_before\":\"now\"}]}";

#define DOC(kind, name, text)                                                  \
    {                                                                          \
        PDP_SOURCE_##kind, name ".json", text                                  \
    }
#define NO_MORE                                                                \
    {                                                                          \
        PDP_SOURCE_NONE, NULL, NULL                                            \
    }
#define GOOD_SERVICE DOC(SERVICE, "service", service)
#define GOOD_TRUST DOC(TRUST, "trust", trust)
#define GOOD_JWKS DOC(JWKS, "keys", jwks)
#define GOOD_DIRECTORY DOC(DIRECTORY, "directory", directory)
#define GOOD_POLICIES DOC(POLICIES, "policies", policies)
#define GOOD_TAGGED DOC(POLICIES, "tagged", tagged)
#define GOOD_RESTRICTIONS DOC(RESTRICTIONS, "restrictions", restrictions)
#define GOOD_REVOCATIONS DOC(REVOCATIONS, "revocations", revocations)

static const struct document all_good[] = {GOOD_SERVICE, GOOD_TRUST, GOOD_JWKS,
    GOOD_DIRECTORY, GOOD_POLICIES, GOOD_TAGGED, GOOD_REVOCATIONS, NO_MORE};

/* Loads: what is given, and what it comes to with memory enough. */
struct load_case {
    const char *name;
    pdp_status_t status;
    struct document documents[12];
};

static const struct load_case load_cases[] = {
    {"nothing", PDP_OK, {NO_MORE}},
    {"service", PDP_OK, {GOOD_SERVICE, NO_MORE}},
    {"trust", PDP_E_INVALID, {GOOD_SERVICE, GOOD_TRUST, NO_MORE}},
    {"keys", PDP_OK, {GOOD_SERVICE, GOOD_JWKS, NO_MORE}},
    {"trust, keys", PDP_OK, {GOOD_SERVICE, GOOD_TRUST, GOOD_JWKS, NO_MORE}},
    {"directory", PDP_OK, {GOOD_SERVICE, GOOD_DIRECTORY, NO_MORE}},
    {"policies", PDP_OK,
        {GOOD_SERVICE, GOOD_DIRECTORY, GOOD_POLICIES, NO_MORE}},
    {"tags", PDP_OK, {GOOD_SERVICE, GOOD_DIRECTORY, GOOD_TAGGED, NO_MORE}},
    {"restrictions", PDP_OK, {GOOD_SERVICE, GOOD_RESTRICTIONS, NO_MORE}},
    {"revocations", PDP_OK, {GOOD_SERVICE, GOOD_REVOCATIONS, NO_MORE}},
    {"bad restrictions", PDP_E_INVALID,
        {GOOD_SERVICE, DOC(RESTRICTIONS, "bad", bad_restrictions), NO_MORE}},
    {"bad revocations", PDP_E_INVALID,
        {GOOD_SERVICE, DOC(REVOCATIONS, "bad", bad_revocations), NO_MORE}},
    {"all", PDP_OK,
        {GOOD_SERVICE, GOOD_TRUST, GOOD_JWKS, GOOD_DIRECTORY, GOOD_POLICIES,
            NO_MORE}},
    {"no JSON", PDP_E_INVALID,
        {DOC(SERVICE, "a", "["), DOC(JWKS, "b", "{]"), NO_MORE}},
    {"bad service", PDP_E_INVALID, {DOC(SERVICE, "bad", bad_service), NO_MORE}},
    {"bad trust", PDP_E_INVALID,
        {GOOD_SERVICE, DOC(TRUST, "bad", bad_trust), GOOD_JWKS, NO_MORE}},
    {"bad keys", PDP_E_INVALID,
        {GOOD_SERVICE, DOC(JWKS, "bad", bad_jwks), NO_MORE}},
    {"bad directory", PDP_E_INVALID,
        {GOOD_SERVICE, DOC(DIRECTORY, "bad", bad_directory), NO_MORE}},
    {"bad policies", PDP_E_INVALID,
        {GOOD_SERVICE, DOC(POLICIES, "bad", bad_policies), NO_MORE}},
    {"all bad", PDP_E_INVALID,
        {DOC(SERVICE, "bad", bad_service), DOC(TRUST, "trust", bad_trust),
            DOC(JWKS, "keys", bad_jwks), DOC(DIRECTORY, "dir", bad_directory),
            DOC(POLICIES, "policies", bad_policies), NO_MORE}},
};

enum { LOAD_CASES = sizeof(load_cases) / sizeof(load_cases[0]) };

/* Adds documents; what the trust document names is asked for on the way. */
static inline pdp_status_t
add_each(pdp_loader_t *loader, const struct document *document)
{
    for (; document->text != NULL; document++) {
        pdp_source_t source = {.size = sizeof(source),
            .kind = document->kind,
            .name = str(document->name),
            .text = str(document->text)};
        pdp_status_t status = pdp_loader_add(loader, &source);
        pdp_str_t name;
        pdp_str_t from;

        if (status != PDP_OK) {
            return status;
        }
        if (document->kind == PDP_SOURCE_TRUST &&
            pdp_loader_needs(loader, 0, &name, &from)) {
            assert_str(name, "keys.json");
        }
    }
    return PDP_OK;
}

/* From documents to a snapshot, which is given back. */
static inline pdp_status_t
load_only(const pdp_mem_t *mem, const struct document *documents,
    bool want_report)
{
    /* Outputs are set, whatever was in them. */
    static char nonsense;
    pdp_loader_t *loader = (void *)&nonsense;
    pdp_snapshot_t *snapshot = (void *)&nonsense;
    pdp_report_t *report = (void *)&nonsense;
    pdp_status_t status = pdp_loader_new(mem, &loader);

    if (status != PDP_OK) {
        assert_null(loader);
        return status;
    }
    status = add_each(loader, documents);
    if (status == PDP_OK) {
        status =
            pdp_loader_build(loader, &snapshot, want_report ? &report : NULL);
        assert_int_equal(snapshot != NULL, status == PDP_OK);
        if (want_report) {
            assert_int_equal(report != NULL, status != PDP_E_NOMEM);
            assert_int_equal(pdp_report_errors(report) > 0,
                status == PDP_E_INVALID);
            pdp_report_free(report);
        }
        pdp_snapshot_release(snapshot);
    }
    pdp_loader_free(loader);
    return status;
}

/* From nothing to decisions; the first status that is not PDP_OK. */
static inline pdp_status_t
run_all(const pdp_mem_t *mem)
{
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    pdp_worker_t *worker = NULL;
    pdp_worker_options_t options = {.size = sizeof(options), .token_cache = 4};
    pdp_status_t status = pdp_loader_new(mem, &loader);

    if (status != PDP_OK) {
        assert_null(loader);
        return status;
    }
    status = add_each(loader, all_good);
    if (status == PDP_OK) {
        status = pdp_loader_build(loader, &snapshot, &report);
        assert_int_equal(snapshot != NULL, status == PDP_OK);
        assert_int_equal(report != NULL, status == PDP_OK);
        pdp_report_free(report);
    }
    pdp_loader_free(loader);
    if (status != PDP_OK) {
        return status;
    }
    status = pdp_worker_new(snapshot, mem, &options, &worker);
    assert_int_equal(worker != NULL, status == PDP_OK);
    pdp_snapshot_release(snapshot);
    if (status == PDP_OK) {
        decide_both(worker);
    }
    pdp_worker_free(worker);
    return status;
}

#endif
