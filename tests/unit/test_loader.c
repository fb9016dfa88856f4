/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* From documents to a snapshot and a report, through the public interface. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "failing_mem.h"
#include "model/snapshot.h"
#include "pdp.h"

/* A key made from numbers: the point of edwards25519 with y = 3. */
#define JWKS                                                                   \
    "{\"keys\":[{\"kid\":\"k\",\"kty\":\"OKP\",\"crv\":\"Ed25519\","           \
    "\"x\":\"AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}"

#define ISSUER(name, file)                                                     \
    "{\"issuer\":\"https://" name "\",\"keys\":{\"file\":\"" file "\"},"       \
    "\"algorithms\":[\"EdDSA\"],\"audiences\":\"none\",\"typ\":\"none\"}"

#define TRUST(...)                                                             \
    "{\"format\":\"pdp-trust/1\",\n\"issuers\":[" __VA_ARGS__ "]}"

#define DIRECTORY                                                              \
    "{\"format\":\"pdp-directory/1\","                                         \
    "\"groups\":{\"AccessGroupId-a\":[\"IBMid-1\",\"IBMid-2\"]},"              \
    "\"namespaces\":[{\"region\":\"eu-de\",\"namespace\":\"birds\","           \
    "\"account\":\"acc\"}],\"complete\":true}"

#define POLICIES                                                               \
    "[{\"id\":\"p1\",\"type\":\"access\",\"subject\":{\"attributes\":["        \
    "{\"key\":\"iam_id\",\"operator\":\"stringEquals\","                       \
    "\"value\":\"IBMid-1\"}]},\"resource\":{\"attributes\":["                  \
    "{\"key\":\"serviceName\",\"operator\":\"stringEquals\","                  \
    "\"value\":\"container-registry\"},"                                       \
    "{\"key\":\"accountId\",\"operator\":\"stringEquals\","                    \
    "\"value\":\"acc\"}]},\"control\":{\"grant\":{\"roles\":["                 \
    "{\"role_id\":\"crn:v1:bluemix:public:iam::::serviceRole:Reader\"}]}}}]"

#define SMALL_SERVICE(name)                                                    \
    "{\"format\":\"pdp-service/1\",\"service\":\"" name "\",\"actions\":{},"   \
    "\"roles\":{},\"events\":{},\"params\":{},\"routes\":[]}"

static pdp_status_t
add(pdp_loader_t *loader, pdp_source_kind_t kind, const char *name,
    const char *text)
{
    pdp_source_t source = {
        .size = sizeof(source),
        .kind = kind,
        .name = {name, strlen(name)},
        .text = {text, strlen(text)},
    };
    return pdp_loader_add(loader, &source);
}

static pdp_loader_t *
new_loader(void)
{
    pdp_loader_t *loader = NULL;
    assert_int_equal(pdp_loader_new(NULL, &loader), PDP_OK);
    assert_non_null(loader);
    return loader;
}

static void
must_add(pdp_loader_t *loader, pdp_source_kind_t kind, const char *name,
    const char *text)
{
    assert_int_equal(add(loader, kind, name, text), PDP_OK);
}

static pdp_finding_t
finding(const pdp_report_t *report, size_t index)
{
    pdp_finding_t f = {.size = sizeof(f)};
    assert_int_equal(pdp_report_at(report, index, &f), PDP_OK);
    return f;
}

/* The only error of the report. */
static pdp_finding_t
only_error(const pdp_report_t *report)
{
    pdp_finding_t found = {.size = 0};
    assert_int_equal(pdp_report_errors(report), 1);
    for (size_t i = 0; i < pdp_report_count(report); i++) {
        if (finding(report, i).severity == PDP_SEVERITY_ERROR) {
            found = finding(report, i);
        }
    }
    assert_int_not_equal(found.size, 0);
    return found;
}

static void
check(pdp_finding_t f, const char *code, const char *source, uint32_t line,
    uint32_t column)
{
    assert_true(pdp__str_eq(f.code, pdp__str_z(code)));
    assert_true(pdp__str_eq(f.source, pdp__str_z(source)));
    assert_int_equal(f.line, line);
    assert_int_equal(f.column, column);
}

/* The built-in definition: no error and no warning. */
static void
test_built_in(void **state)
{
    pdp_loader_t *loader = new_loader();
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    pdp_service_info_t info = {.size = sizeof(info)};
    (void)state;
    assert_int_equal(pdp_loader_build(loader, &snapshot, &report), PDP_OK);
    pdp_loader_free(loader);
    for (size_t i = 0; i < pdp_report_count(report); i++) {
        assert_int_equal(finding(report, i).severity, PDP_SEVERITY_NOTE);
    }
    pdp_report_free(report);
    assert_int_equal(pdp_catalog_services(snapshot), 1);
    assert_true(pdp_catalog_service(snapshot, 0, &info));
    assert_true(pdp__str_eq(info.name, PDP__LIT("container-registry")));
    assert_int_equal(info.route_cnt, 46);
    assert_int_equal(info.action_cnt, 24);
    assert_int_equal(info.event_cnt, 43);
    assert_int_equal(info.role_cnt, 8);
    assert_int_equal(snapshot->block->issuers.cnt, 1);
    assert_int_equal(snapshot->key_cnt, 0);
    pdp_snapshot_release(snapshot);
}

static void
test_arguments_of_new(void **state)
{
    pdp_mem_t mem = pdp__mem_default();
    pdp_loader_t *loader = NULL;
    (void)state;
    assert_int_equal(pdp_loader_new(NULL, NULL), PDP_E_ARGUMENT);
    mem.alloc = NULL;
    assert_int_equal(pdp_loader_new(&mem, &loader), PDP_E_ARGUMENT);
    assert_null(loader);
    mem = pdp__mem_default();
    mem.free = NULL;
    assert_int_equal(pdp_loader_new(&mem, &loader), PDP_E_ARGUMENT);
    assert_null(loader);
    pdp_loader_free(NULL);
    pdp_loader_set_seed(NULL, 1);
}

static void
test_arguments_of_add(void **state)
{
    pdp_loader_t *loader = new_loader();
    const pdp_source_t good = {
        .size = sizeof(good),
        .kind = PDP_SOURCE_SERVICE,
        .name = PDP__LIT_INIT("x"),
        .text = PDP__LIT_INIT("{}"),
    };
    const pdp_position_t unsorted[] = {{5, 1, 1}, {4, 1, 1}};
    const pdp_position_t sorted[] = {{0, 1, 1}, {1, 1, 2}, {1, 1, 2}};
    (void)state;
    assert_int_equal(pdp_loader_add(NULL, &good), PDP_E_ARGUMENT);
    assert_int_equal(pdp_loader_add(loader, NULL), PDP_E_ARGUMENT);
    pdp_source_t bad = good;
    bad.size = 0;
    assert_int_equal(pdp_loader_add(loader, &bad), PDP_E_ARGUMENT);
    bad = good;
    bad.kind = PDP_SOURCE_NONE;
    assert_int_equal(pdp_loader_add(loader, &bad), PDP_E_ARGUMENT);
    bad.kind = (pdp_source_kind_t)8;
    assert_int_equal(pdp_loader_add(loader, &bad), PDP_E_ARGUMENT);
    bad = good;
    bad.text.ptr = NULL;
    assert_int_equal(pdp_loader_add(loader, &bad), PDP_E_ARGUMENT);
    bad = good;
    bad.name.ptr = NULL;
    assert_int_equal(pdp_loader_add(loader, &bad), PDP_E_ARGUMENT);
    bad = good;
    bad.position_cnt = 1;
    assert_int_equal(pdp_loader_add(loader, &bad), PDP_E_ARGUMENT);
    bad.positions = unsorted;
    bad.position_cnt = 2;
    assert_int_equal(pdp_loader_add(loader, &bad), PDP_E_ARGUMENT);
    /* What is allowed: no name, no text, positions in order. */
    bad.positions = sorted;
    bad.position_cnt = 3;
    assert_int_equal(pdp_loader_add(loader, &bad), PDP_OK);
    bad.name = bad.text = (pdp_str_t){NULL, 0};
    assert_int_equal(pdp_loader_add(loader, &bad), PDP_OK);
    bad = good;
    bad.text.len = 64 * 1024 * 1024 + 1; /* not looked at */
    assert_int_equal(pdp_loader_add(loader, &bad), PDP_E_LIMIT);
    pdp_loader_free(loader);
}

static void
test_arguments_of_build(void **state)
{
    pdp_loader_t *loader = new_loader();
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    (void)state;
    assert_int_equal(pdp_loader_build(NULL, &snapshot, &report),
        PDP_E_ARGUMENT);
    assert_int_equal(pdp_loader_build(loader, NULL, &report), PDP_E_ARGUMENT);
    assert_int_equal(pdp_loader_build(loader, &snapshot, NULL), PDP_OK);
    assert_non_null(snapshot);
    pdp_snapshot_release(snapshot);
    /* Once per loader. */
    assert_int_equal(pdp_loader_build(loader, &snapshot, &report),
        PDP_E_ARGUMENT);
    assert_null(snapshot);
    assert_null(report);
    assert_int_equal(add(loader, PDP_SOURCE_SERVICE, "x", "{}"),
        PDP_E_ARGUMENT);
    pdp_loader_free(loader);
}

/* What could not be added may have been the denials: no snapshot without. */
static void
test_no_build_without_what_was_to_be_added(void **state)
{
    pdp_loader_t *loader = new_loader();
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    pdp_source_t large = {
        .size = sizeof(large),
        .kind = PDP_SOURCE_POLICIES,
        .text = {"", 64 * 1024 * 1024 + 1},
    };

    (void)state;
    assert_int_equal(pdp_loader_add(loader, &large), PDP_E_LIMIT);
    assert_int_equal(add(loader, (pdp_source_kind_t)8, "x", "{}"),
        PDP_E_ARGUMENT);
    assert_int_equal(add(loader, PDP_SOURCE_SERVICE, "x", SMALL_SERVICE("x")),
        PDP_OK);
    assert_int_equal(pdp_loader_build(loader, &snapshot, &report), PDP_E_LIMIT);
    assert_null(snapshot);
    assert_null(report);
    assert_int_equal(pdp_loader_build(loader, &snapshot, &report),
        PDP_E_ARGUMENT);
    pdp_loader_free(loader);
}

/* Sources are copied: nothing of the caller's is needed after the call. */
static void
test_sources_are_copied(void **state)
{
    pdp_loader_t *loader = new_loader();
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    char name[] = "name";
    char text[] = "[]";
    pdp_position_t position = {0, 41, 42};
    pdp_source_t source = {
        .size = sizeof(source),
        .kind = PDP_SOURCE_SERVICE,
        .name = {name, 4},
        .text = {text, 2},
        .positions = &position,
        .position_cnt = 1,
    };
    (void)state;
    assert_int_equal(pdp_loader_add(loader, &source), PDP_OK);
    memset(name, 'x', sizeof(name));
    memset(text, 'x', sizeof(text));
    memset(&position, 0, sizeof(position));
    assert_int_equal(pdp_loader_build(loader, &snapshot, &report),
        PDP_E_INVALID);
    assert_null(snapshot);
    pdp_loader_free(loader); /* the report is the caller's */
    check(only_error(report), "wrong_type", "name", 41, 42);
    pdp_report_free(report);
}

/* One run tells what is wrong in all documents, in their order. */
static void
test_all_findings_in_one_run(void **state)
{
    pdp_loader_t *loader = new_loader();
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    (void)state;
    must_add(loader, PDP_SOURCE_POLICIES, "p.json", "\n ?");
    must_add(loader, PDP_SOURCE_JWKS, "k.json", "{\"keys\":}");
    must_add(loader, PDP_SOURCE_TRUST, "t.json",
        TRUST(ISSUER("i", "k.json")) "x");
    must_add(loader, PDP_SOURCE_DIRECTORY, "d.json", "");
    must_add(loader, PDP_SOURCE_SERVICE, "s.json", "{\"format\":1,\n}");
    assert_int_equal(pdp_loader_build(loader, &snapshot, &report),
        PDP_E_INVALID);
    assert_null(snapshot);
    assert_true(pdp_report_errors(report) >= 5);
    static const char *const names[] = {"s.json", "d.json", "t.json", "k.json",
        "p.json"};
    size_t at = 0;
    for (size_t i = 0; i < pdp_report_count(report); i++) {
        pdp_finding_t f = finding(report, i);
        if (!pdp__str_eq(f.source, pdp__str_z(names[at]))) {
            at++;
        }
        assert_true(pdp__str_eq(f.source, pdp__str_z(names[at])));
        if (pdp__str_eq(f.code, PDP__LIT("json_syntax")) && at == 0) {
            check(f, "json_syntax", "s.json", 2, 1);
        }
    }
    assert_int_equal(at, 4);
    pdp_report_free(report);
    pdp_loader_free(loader);
}

static void
check_need(pdp_loader_t *loader, size_t index, const char *name,
    const char *from)
{
    pdp_str_t got_name;
    pdp_str_t got_from;
    bool found = pdp_loader_needs(loader, index, &got_name, &got_from);
    assert_int_equal(found, name != NULL);
    if (found) {
        assert_true(pdp__str_eq(got_name, pdp__str_z(name)));
        assert_true(pdp__str_eq(got_from, pdp__str_z(from)));
    }
}

static void
test_needs(void **state)
{
    pdp_loader_t *loader = new_loader();
    pdp_str_t text;
    (void)state;
    check_need(loader, 0, NULL, NULL);
    must_add(loader, PDP_SOURCE_TRUST, "t1",
        TRUST(ISSUER("a", "a.jwks") "," ISSUER("b", "b.jwks") "," ISSUER("c",
            "a.jwks")));
    check_need(loader, 0, "a.jwks", "t1");
    check_need(loader, 1, "b.jwks", "t1");
    check_need(loader, 2, NULL, NULL);
    must_add(loader, PDP_SOURCE_JWKS, "a.jwks", JWKS);
    check_need(loader, 0, "b.jwks", "t1");
    check_need(loader, 1, NULL, NULL);
    /* Documents that name none, or cannot be read. */
    must_add(loader, PDP_SOURCE_TRUST, "t2", "");
    must_add(loader, PDP_SOURCE_TRUST, "t3", "[]");
    must_add(loader, PDP_SOURCE_TRUST, "t4", "{\"issuers\":{}}");
    must_add(loader, PDP_SOURCE_TRUST, "t5",
        "{\"issuers\":[1,{},{\"keys\":1},{\"keys\":{\"file\":1}},"
        "{\"keys\":{\"file\":\"\"}}]}");
    must_add(loader, PDP_SOURCE_TRUST, "t6",
        TRUST(ISSUER("d", "b.jwks") "," ISSUER("e", "\\u0065.jwks")));
    check_need(loader, 0, "b.jwks", "t1");
    check_need(loader, 1, "e.jwks", "t6");
    check_need(loader, 2, NULL, NULL);
    assert_false(pdp_loader_needs(NULL, 0, &text, &text));
    assert_false(pdp_loader_needs(loader, 0, NULL, &text));
    assert_false(pdp_loader_needs(loader, 0, &text, NULL));
    pdp_loader_free(loader);
}

static void
test_missing_source(void **state)
{
    pdp_loader_t *loader = new_loader();
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    (void)state;
    must_add(loader, PDP_SOURCE_TRUST, "t.json", TRUST(ISSUER("i", "k.json")));
    assert_int_equal(pdp_loader_build(loader, &snapshot, &report),
        PDP_E_INVALID);
    check(only_error(report), "missing_source", "t.json", 2, 49);
    pdp_report_free(report);
    pdp_loader_free(loader);
}

static void
test_unused_source(void **state)
{
    pdp_loader_t *loader = new_loader();
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    (void)state;
    must_add(loader, PDP_SOURCE_TRUST, "t.json", TRUST(ISSUER("i", "k.json")));
    must_add(loader, PDP_SOURCE_JWKS, "k.json", JWKS);
    must_add(loader, PDP_SOURCE_JWKS, "other.json", JWKS);
    assert_int_equal(pdp_loader_build(loader, &snapshot, &report),
        PDP_E_INVALID);
    check(only_error(report), "unused_source", "other.json", 0, 0);
    pdp_report_free(report);
    pdp_loader_free(loader);
}

static void
test_everything(void **state)
{
    pdp_loader_t *loader = new_loader();
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    (void)state;
    must_add(loader, PDP_SOURCE_POLICIES, "p.json", POLICIES);
    must_add(loader, PDP_SOURCE_DIRECTORY, "d.json", DIRECTORY);
    must_add(loader, PDP_SOURCE_JWKS, "k.json", JWKS);
    must_add(loader, PDP_SOURCE_TRUST, "t.json", TRUST(ISSUER("i", "k.json")));
    assert_int_equal(pdp_loader_build(loader, &snapshot, &report), PDP_OK);
    assert_int_equal(pdp_report_errors(report), 0);
    pdp_report_free(report);
    pdp_loader_free(loader);
    const struct pdp__block *block = snapshot->block;
    assert_int_equal(snapshot->key_cnt, 1);
    assert_int_equal(pdp__find_kid(block, PDP__LIT("k"), 0), 0);
    assert_int_equal(pdp__find_policy_id(block, PDP__LIT("p1")), 0);
    assert_int_not_equal(pdp__find_subject(block, PDP__LIT("IBMid-2")),
        PDP__NONE);
    assert_int_equal(pdp__find_owner_name(block, PDP__LIT("birds")), 0);
    assert_int_equal(block->directory_complete, 1);
    pdp_snapshot_release(snapshot);
}

static void
test_several_services(void **state)
{
    pdp_loader_t *loader = new_loader();
    pdp_snapshot_t *snapshot = NULL;
    (void)state;
    must_add(loader, PDP_SOURCE_SERVICE, "a", SMALL_SERVICE("a"));
    must_add(loader, PDP_SOURCE_SERVICE, "b", SMALL_SERVICE("b"));
    assert_int_equal(pdp_loader_build(loader, &snapshot, NULL), PDP_OK);
    assert_int_equal(pdp_catalog_services(snapshot), 2);
    pdp_loader_free(loader);
    pdp_snapshot_release(snapshot);
}

static void
test_seed(void **state)
{
    pdp_snapshot_t *snapshots[3] = {NULL, NULL, NULL};
    static const uint64_t seeds[] = {99, 99, 1000};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        pdp_loader_t *loader = new_loader();
        pdp_loader_set_seed(loader, seeds[i]);
        assert_int_equal(pdp_loader_build(loader, &snapshots[i], NULL), PDP_OK);
        assert_in_range(snapshots[i]->block->seed, seeds[i], seeds[i] + 15);
        pdp_loader_free(loader);
    }
    assert_memory_equal(snapshots[0]->block, snapshots[1]->block,
        snapshots[0]->block->size);
    for (size_t i = 0; i < 3; i++) {
        pdp_snapshot_release(snapshots[i]);
    }
}

/* 200 routes with parameters; not valid: each of them twice. */
static const char *
wide_service(bool valid)
{
    static char text[1 << 17];
    size_t len = (size_t)snprintf(text, sizeof(text),
        "{\"format\":\"pdp-service/1\",\"service\":\"container-registry\","
        "\"actions\":{\"svc.a\":{\"scope\":\"account\"}},"
        "\"roles\":{\"Reader\":{\"actions\":[\"svc.a\"]}},\"events\":{},"
        "\"params\":{\"r\":{\"kind\":\"resource\"}},"
        "\"regions\":[{\"region\":\"eu-de\",\"hosts\":[\"h.example\"],"
        "\"events\":\"eu-de\"}],\"routes\":[");
    for (int i = 0; i < 200; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len,
            "%s{\"method\":\"GET\",\"path\":\"/a%d/{r}/{+r}\","
            "\"requires\":[{\"action\":\"%s\"}],\"event\":null}",
            i == 0 ? "" : ",", valid ? i : i / 2, valid ? "svc.a" : "svc.b");
    }
    len += (size_t)snprintf(text + len, sizeof(text) - len, "]}");
    assert_true(len < sizeof(text));
    return text;
}

/* A whole run with memory for n allocations: nothing, or everything. */
static pdp_status_t
run(const pdp_mem_t *mem, bool valid)
{
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    pdp_str_t name;
    pdp_str_t from;
    pdp_status_t status = pdp_loader_new(mem, &loader);
    if (status == PDP_OK) {
        status = add(loader, PDP_SOURCE_TRUST, "t.json",
            TRUST(ISSUER("i", "k.json")));
    }
    if (status == PDP_OK && pdp_loader_needs(loader, 0, &name, &from)) {
        status = add(loader, PDP_SOURCE_JWKS, "k.json", JWKS);
    }
    if (status == PDP_OK) {
        /* Wide enough for large tables, and for chunks of their own. */
        status = add(loader, PDP_SOURCE_SERVICE, "s.json", wide_service(valid));
    }
    if (status == PDP_OK) {
        status = add(loader, PDP_SOURCE_DIRECTORY, "d.json", DIRECTORY);
    }
    if (status == PDP_OK) {
        status = add(loader, PDP_SOURCE_POLICIES, "p.json",
            valid ? POLICIES : "[1,{\"x\":2}]");
    }
    if (status == PDP_OK) {
        status = pdp_loader_build(loader, &snapshot, &report);
        assert_int_equal(status == PDP_OK, snapshot != NULL);
        assert_int_equal(status == PDP_E_NOMEM, report == NULL);
    }
    pdp_loader_free(loader);
    pdp_report_free(report);
    pdp_snapshot_release(snapshot);
    return status;
}

static void
check_out_of_memory(bool valid, bool once)
{
    for (size_t n = 0;; n++) {
        struct failing_mem failing_state = {.left = n, .once = once};
        pdp_mem_t mem = failing(&failing_state);
        pdp_status_t status = run(&mem, valid);
        assert_int_equal(failing_state.live, 0);
        if (!failing_state.failed) {
            assert_int_equal(status, valid ? PDP_OK : PDP_E_INVALID);
            assert_true(n > 8);
            return;
        }
        assert_int_equal(status, PDP_E_NOMEM);
    }
}

static void
test_out_of_memory(void **state)
{
    (void)state;
    check_out_of_memory(true, false);
    check_out_of_memory(true, true);
}

static void
test_out_of_memory_with_findings(void **state)
{
    (void)state;
    check_out_of_memory(false, false);
    check_out_of_memory(false, true);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_built_in),
        cmocka_unit_test(test_arguments_of_new),
        cmocka_unit_test(test_arguments_of_add),
        cmocka_unit_test(test_arguments_of_build),
        cmocka_unit_test(test_no_build_without_what_was_to_be_added),
        cmocka_unit_test(test_sources_are_copied),
        cmocka_unit_test(test_all_findings_in_one_run),
        cmocka_unit_test(test_needs),
        cmocka_unit_test(test_missing_source),
        cmocka_unit_test(test_unused_source),
        cmocka_unit_test(test_everything),
        cmocka_unit_test(test_several_services),
        cmocka_unit_test(test_seed),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_out_of_memory_with_findings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
