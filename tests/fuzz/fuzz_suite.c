/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/suite_expect.h"
#include "pdp-check/suite_file.h"

#include "fuzz.h"

/*
 * A suite of tests, YAML -> cases -> decisions.
 *
 * What must hold of a suite that is taken: it has a case; each one has a
 * name that no other has, a principal and a request that are there, and an
 * expectation that says allow or deny, or a reason.  Each can be decided by
 * the built-in service, and compared; a case that passes still passes when it
 * is compared again, and one that expects an allow does not pass where the
 * decision is a deny.  One that is refused has a finding with a place.
 */

enum { INPUT_MAX = 4096, CASES_MAX = 256 };

static const char denied[] =
    "{\"decision\":\"deny\",\"reason\":\"no_grant\",\"status\":403,"
    "\"method\":\"GET\",\"target\":\"/\",\"route\":null,\"params\":{},"
    "\"required\":[{\"action\":\"a\",\"resource\":null,\"granted\":false,"
    "\"by\":[]}],\"missing\":[\"a\",\"b\"],\"at_action\":null,"
    "\"data_event\":false,\"principal\":null,\"token\":null,\"offset\":null,"
    "\"cache_max_age\":0}";

static pdp_worker_t *
worker(void)
{
    static pdp_worker_t *one;
    if (one == NULL) {
        pdp_loader_t *loader = NULL;
        pdp_snapshot_t *snapshot = NULL;
        MUST(pdp_loader_new(NULL, &loader) == PDP_OK);
        MUST(pdp_loader_build(loader, &snapshot, NULL) == PDP_OK);
        MUST(pdp_worker_new(snapshot, NULL, NULL, &one) == PDP_OK);
        pdp_snapshot_release(snapshot);
        pdp_loader_free(loader);
    }
    return one;
}

static size_t
mismatches(const struct pdp__suite *suite, const struct pdp__suite_case *test)
{
    struct pdp__mismatches list;
    pdp__suite_compare(suite, test, (pdp_str_t){denied, sizeof(denied) - 1},
        &list);
    size_t cnt = list.cnt;
    for (size_t i = 0; i < list.cnt; i++) {
        MUST(list.items[i].member[0] != '\0');
        MUST(list.items[i].expected[0] != '\0');
        MUST(list.items[i].seen[0] != '\0');
        MUST(strcmp(list.items[i].expected, list.items[i].seen) != 0);
    }
    pdp__mismatches_free(&list);
    return cnt;
}

static void
check_case(const struct pdp__suite_file *file,
    const struct pdp__suite_case *test, struct pdp__suite_asked *asked)
{
    const struct pdp__suite *suite = &file->suite;
    const pdp_decision_t *decision = NULL;
    struct pdp__string expected = {0};
    MUST(test->name.len > 0);
    MUST(pdp__suite_find_case(suite, test->name) == test);
    MUST(test->principal < suite->principals.cnt);
    MUST(test->request < suite->requests.cnt);
    MUST(pdp__suite_line(suite, test) > 0);
    MUST((test->expect != 0) != (test->word.len > 0));
    pdp__suite_expected(suite, test, &expected);
    bool allow = strstr(expected.ptr, "\"decision\":\"allow\"") != NULL;
    size_t cnt = mismatches(suite, test);
    MUST(cnt == mismatches(suite, test));
    MUST(cnt > 0 || !allow);
    pdp__string_free(&expected);
    MUST(pdp__suite_decide(file, test, asked, &decision) == PDP_OK);
    MUST(pdp_decision_reason(decision) != PDP_REASON_INTERNAL);
}

static void
check_suite(struct pdp__suite_file *file)
{
    struct pdp__suite_asked asked = {0};
    const struct pdp__suite *suite = &file->suite;
    MUST(pdp_report_errors(suite->report) == 0);
    MUST(suite->cases.cnt > 0);
    file->worker = worker();
    for (uint32_t i = 0; i < suite->cases.cnt && i < CASES_MAX; i++) {
        check_case(file, pdp__suite_case_at(suite, i), &asked);
    }
    pdp__suite_asked_free(&asked);
}

static void
check_findings(const pdp_report_t *report)
{
    MUST(pdp_report_errors(report) > 0);
    for (size_t i = 0; i < pdp_report_count(report); i++) {
        pdp_finding_t finding = {.size = sizeof(finding)};
        MUST(pdp_report_at(report, i, &finding) == PDP_OK);
        MUST(finding.line > 0 && finding.column > 0);
        MUST(finding.message.len > 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pdp__yaml yaml;
    struct pdp__suite_file file = {.path = "suite"};

    if (size > INPUT_MAX) {
        return 0;
    }
    if (pdp__yaml_convert((pdp_str_t){(const char *)data, size}, &yaml)) {
        const pdp_source_t source = {
            .size = sizeof(source),
            .name = {"suite", 5},
            .text = pdp__string_get(&yaml.json),
            .positions = yaml.positions,
            .position_cnt = yaml.position_cnt,
        };
        if (pdp__suite_parse(&file.suite, &source)) {
            check_suite(&file);
        } else {
            check_findings(file.suite.report);
        }
        pdp__suite_free(&file.suite);
    }
    pdp__yaml_free(&yaml);
    return 0;
}
