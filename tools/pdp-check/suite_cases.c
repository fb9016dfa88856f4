/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/suite_read.h"

/*
 * Cases: one principal, one request, one expectation.
 *
 *     cases:
 *       - name: robin cannot delete
 *         principal: robin
 *         request: DELETE /api/v1/images/us.icr.io%2Fbirds%2Fwren
 *         expect: {decision: deny, reason: no_grant}
 *
 * A case without one of them is an error, not a case that passes.
 */

static void
read_case(struct pdp__suite *suite, uint32_t ix)
{
    uint32_t name = 0;
    uint32_t description = 0;
    uint32_t principal = 0;
    uint32_t request = 0;
    uint32_t at = 0;
    uint32_t expect = 0;
    const struct pdp__member members[] = {
        {"name", true, PDP__JSON_STRING, &name},
        {"description", false, PDP__JSON_STRING, &description},
        {"principal", true, -1, &principal},
        {"request", true, -1, &request},
        {"at", false, PDP__JSON_STRING, &at},
        {"expect", true, PDP__JSON_OBJECT, &expect},
    };
    const struct pdp__json_doc *json = &suite->doc.json;
    struct pdp__suite_at when = {0};
    if (!pdp__doc_object(&suite->doc, ix, members,
            sizeof(members) / sizeof(members[0]), NULL)) {
        return;
    }
    struct pdp__suite_case *test = pdp__suite_new_case(suite, ix);
    if (test == NULL) {
        return;
    }
    uint32_t at_ix = suite->cases.cnt - 1;
    int64_t who =
        principal == 0 ? 0 : pdp__suite_use_principal(suite, principal);
    int64_t what = request == 0 ? 0 : pdp__suite_use_request(suite, request);
    if (pdp__json_member(json, ix, PDP__LIT("at")) == 0 || at != 0) {
        (void)pdp__suite_read_at(suite, at, ix, &when);
    }
    test = pdp__suite_case_at(suite, at_ix);
    if (name != 0) {
        test->name = pdp__json_text(json, name);
        (void)pdp__suite_check_name(suite, test->name,
            pdp__doc_place(&suite->doc, name));
    }
    if (expect != 0) {
        pdp__suite_check_expect(suite, expect);
    }
    test->principal = who < 0 ? 0 : (uint32_t)who;
    test->request = what < 0 ? 0 : (uint32_t)what;
    test->expect = expect;
    test->at_sec = when.sec;
    test->at_nsec = when.nsec;
}

void
pdp__suite_read_cases(struct pdp__suite *suite, uint32_t ix)
{
    if (ix == 0) {
        return;
    }
    PDP__JSON_EACH(&suite->doc.json, ix, item)
    {
        if (suite->cases.cnt == PDP__SUITE_CASES_MAX) {
            (void)pdp__suite_new_case(suite, item);
            return;
        }
        read_case(suite, item);
    }
}
