/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_OOM_UTIL_H
#define PDP_TESTS_OOM_UTIL_H

/*
 * For tests of memory that runs out: one run from documents of every kind to
 * decisions, and one with documents that have errors.
 * Include after cmocka.h.
 */

#include "fixture.h"

static char jwks[TEXT_MAX];
static char token[TOKEN_CAP];

static const char *const service =
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

static const char *const trust =
    "{\"format\":\"pdp-trust/1\",\"issuers\":[{\"issuer\":\"" IBM_ISSUER "\","
    "\"keys\":{\"file\":\"keys.json\"}},{\"issuer\":\"https://two.example\","
    "\"keys\":{\"file\":\"keys.json\"},\"algorithms\":[\"ES256\",\"EdDSA\"],"
    "\"audiences\":[\"a\",\"b\"],\"typ\":\"at+jwt\",\"claims\":{"
    "\"principal\":\"/sub\",\"account\":\"/a/b\"}}]}";

static const char *const directory =
    "{\"format\":\"pdp-directory/1\",\"groups\":{\"AccessGroupId-1\":["
    "\"IBMid-270000TEST\"]},\"namespaces\":[{\"region\":\"eu\",\"namespace\":"
    "\"birds\",\"account\":\"" ACCOUNT "\",\"resource_group\":\"rg\"}],"
    "\"complete\":true,\"roles\":{\"custom_roles\":[{\"id\":\"1\",\"name\":"
    "\"Mine\",\"display_name\":\"Mine\",\"account_id\":\"" ACCOUNT "\","
    "\"service_name\":\"s\",\"crn\":\"crn:v1:bluemix:public:"
    "iam-access-management::a/" ACCOUNT "::customRole:Mine\",\"actions\":["
    "\"s.read\"]}]},\"tags\":{\"eu/birds\":[\"env:prod\"]}}";

static const char *const policies =
    "[{\"id\":\"p\",\"type\":\"access\",\"subject\":{\"attributes\":[{\"key\":"
    "\"access_group_id\",\"operator\":\"stringEquals\",\"value\":"
    "\"AccessGroupId-1\"}]},\"resource\":{\"attributes\":[{\"key\":"
    "\"serviceName\",\"operator\":\"stringEquals\",\"value\":\"s\"},{\"key\":"
    "\"accountId\",\"operator\":\"stringEquals\",\"value\":\"" ACCOUNT "\"},{"
    "\"key\":\"resource\",\"operator\":\"stringMatch\",\"value\":\"bi*\"}]},"
    "\"control\":{\"grant\":{\"roles\":[{\"role_id\":\"crn:v1:bluemix:public:"
    "iam-access-management::a/" ACCOUNT "::customRole:Mine\"}]}}}]";

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

static inline pdp_status_t
add_all(pdp_loader_t *loader)
{
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "service.json", service},
        {PDP_SOURCE_TRUST, "trust.json", trust},
        {PDP_SOURCE_JWKS, "keys.json", jwks},
        {PDP_SOURCE_DIRECTORY, "directory.json", directory},
        {PDP_SOURCE_POLICIES, "policies.json", policies},
    };

    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        pdp_source_t source = {.size = sizeof(source),
            .kind = documents[i].kind,
            .name = str(documents[i].name),
            .text = str(documents[i].text)};
        pdp_status_t status = pdp_loader_add(loader, &source);

        if (status != PDP_OK) {
            return status;
        }
    }
    return PDP_OK;
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
    status = add_all(loader);
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

/* Without a report, and with errors to report. */
static inline pdp_status_t
build_invalid(const pdp_mem_t *mem, bool want_report)
{
    static const char *const texts[] =
        {"{\"format\":\"pdp-service/1\",\"x\":1}", "[",
            "{\"format\":\"pdp-service/1\",\"service\":\"s\",\"actions\":3}"};
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    pdp_status_t status = pdp_loader_new(mem, &loader);

    for (size_t i = 0; i < 3 && status == PDP_OK; i++) {
        pdp_source_t source = {.size = sizeof(source),
            .kind = PDP_SOURCE_SERVICE,
            .name = str("bad.json"),
            .text = str(texts[i])};

        status = pdp_loader_add(loader, &source);
    }
    if (status == PDP_OK) {
        status =
            pdp_loader_build(loader, &snapshot, want_report ? &report : NULL);
        assert_null(snapshot);
        assert_int_equal(report != NULL,
            want_report && status == PDP_E_INVALID);
        assert_int_equal(pdp_report_errors(report) > 0, report != NULL);
    }
    pdp_report_free(report);
    pdp_loader_free(loader);
    return status;
}

#endif
