/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/suite_read.h"

/*
 * A suite from end to end: JSON nodes -> struct pdp__suite.
 *
 * Every finding of the suite is reported in one run, at the line and column
 * of its author.  A suite with an error runs no case at all: a case that was
 * skipped because of a slip of the pen would look like one that passed.
 *
 * For the same reason a member nobody knows is an error everywhere, an
 * expectation without a decision is one, and so is a suite without a case.
 * A fixture that no case uses is a warning: somebody may be at work.
 *
 * Memory is that of the tools (common/heap.h), which never lacks.
 */

#include <stdlib.h>

#include "base/report.h"
#include "common/heap.h"
#include "text/time.h"

enum { NAME_MAX_LEN = 400 };

static void *
take(void *user, size_t size)
{
    (void)user;
    return pdp__heap_alloc(size);
}

static void
give_back(void *user, void *ptr)
{
    (void)user;
    pdp__heap_free(ptr);
}

static int
compare_names(const void *a, const void *b)
{
    const struct pdp__suite_name *left = a;
    const struct pdp__suite_name *right = b;
    int order = pdp__str_cmp(left->name, right->name);
    /* Of equals the earlier one first: the later one is the duplicate. */
    return order != 0 ? order : (left->ix > right->ix) - (left->ix < right->ix);
}

void
pdp__suite_sort(struct pdp__suite_names *names)
{
    if (names->cnt > 0) {
        qsort(names->items, names->cnt, sizeof(*names->items), compare_names);
    }
}

int64_t
pdp__suite_find(const struct pdp__suite_names *names, pdp_str_t name)
{
    uint32_t low = 0;
    uint32_t high = names->cnt;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = pdp__str_cmp(names->items[middle].name, name);
        if (order == 0) {
            return names->items[middle].ix;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return -1;
}

const char *
pdp__suite_hint(const struct pdp__suite_names *names, pdp_str_t name, char *buf,
    size_t cap)
{
    pdp_str_t *all =
        pdp__heap_resize(NULL, (size_t)names->cnt + 1, sizeof(*all));
    for (uint32_t i = 0; i < names->cnt; i++) {
        all[i] = names->items[i].name;
    }
    const char *hint = pdp__doc_hint(buf, cap, name, all, names->cnt);
    pdp__heap_free(all);
    return hint;
}

/* C0, DEL, and C1 in UTF-8. */
static bool
has_control(pdp_str_t name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        unsigned char next =
            i + 1 < name.len ? (unsigned char)name.ptr[i + 1] : 0;
        if (c < 0x20 || c == 0x7f || (c == 0xc2 && next < 0xa0)) {
            return true;
        }
    }
    return false;
}

bool
pdp__suite_check_name(const struct pdp__suite *suite, pdp_str_t name,
    struct pdp__place place)
{
    if (name.len == 0 || name.len > NAME_MAX_LEN) {
        pdp__report_add(suite->report, PDP__CODE_BAD_VALUE, place, NULL,
            "a name has 1 to %d bytes", (int)NAME_MAX_LEN);
        return false;
    }
    if (has_control(name)) {
        pdp__report_add(suite->report, PDP__CODE_BAD_VALUE, place, NULL,
            "a name must not hold control characters");
        return false;
    }
    return true;
}

bool
pdp__suite_read_at(const struct pdp__suite *suite, uint32_t ix, uint32_t owner,
    struct pdp__suite_at *out)
{
    if (ix == 0) {
        *out = suite->at;
        /* `at` of the suite may be there and wrong: told already. */
        if (!out->given &&
            pdp__json_member(&suite->doc.json, 0, PDP__LIT("at")) == 0) {
            PDP__DOC_ADD(&suite->doc, MISSING_MEMBER, owner,
                "write \"at\" here, or once at the top of the suite",
                "member \"at\" is missing: tests do not read the system clock");
        }
        return out->given;
    }
    *out = (struct pdp__suite_at){0};
    out->given = pdp__time_parse(pdp__json_text(&suite->doc.json, ix),
        &out->sec, &out->nsec);
    if (!out->given) {
        PDP__DOC_ADD(&suite->doc, BAD_VALUE, ix, NULL,
            "\"at\" is a time such as 2026-11-21T09:30:00Z, not \"%.*s\"",
            PDP__ARG(pdp__json_text(&suite->doc.json, ix)));
    } else if (out->sec < 0 || out->sec > PDP__SUITE_AT_MAX) {
        PDP__DOC_ADD(&suite->doc, BAD_VALUE, ix, NULL,
            "\"at\" is in the years 1970 to 9999, and not in their last hour: "
            "no token is good at another time");
        out->given = false;
    }
    return out->given;
}

struct pdp__suite_case *
pdp__suite_new_case(struct pdp__suite *suite, uint32_t ix)
{
    if (suite->cases.cnt == PDP__SUITE_CASES_MAX) {
        PDP__DOC_ADD(&suite->doc, LIMIT, ix, NULL,
            "a suite has at most %d cases", (int)PDP__SUITE_CASES_MAX);
        return NULL;
    }
    struct pdp__suite_case *test =
        pdp__vec_push(&suite->arena, &suite->cases, sizeof(*test));
    if (test != NULL) {
        test->node = ix;
    }
    return test;
}

/* Two cases of one name: a filter or a report could not tell them apart. */
static void
check_case_names(struct pdp__suite *suite)
{
    struct pdp__suite_names names = {
        .items = pdp__heap_resize(NULL, (size_t)suite->cases.cnt + 1,
            sizeof(*names.items)),
    };
    for (uint32_t i = 0; i < suite->cases.cnt; i++) {
        names.items[names.cnt++] =
            (struct pdp__suite_name){pdp__suite_case_at(suite, i)->name, i};
    }
    pdp__suite_sort(&names);
    for (uint32_t i = 1; i < names.cnt; i++) {
        const struct pdp__suite_case *test =
            pdp__suite_case_at(suite, names.items[i].ix);
        if (test->name.len > 0 &&
            pdp__str_eq(names.items[i - 1].name, test->name)) {
            PDP__DOC_ADD(&suite->doc, DUPLICATE_NAME, test->node, NULL,
                "the name \"%.*s\" is that of an earlier case, in line %u",
                PDP__ARG(test->name),
                pdp__suite_line(suite,
                    pdp__suite_case_at(suite, names.items[i - 1].ix)));
        }
    }
    pdp__heap_free(names.items);
}

static void
note_unused(const struct pdp__suite *suite, const char *what, pdp_str_t name,
    uint32_t node, bool used)
{
    if (!used && name.ptr != NULL && node != 0) {
        pdp__report_add(suite->report, PDP__CODE_UNUSED,
            pdp__doc_place_key(&suite->doc, node), NULL,
            "the %s \"%.*s\" is used by no case", what, PDP__ARG(name));
    }
}

static void
check_unused(const struct pdp__suite *suite)
{
    for (uint32_t i = 0; i < suite->principals.cnt; i++) {
        const struct pdp__suite_principal *one =
            pdp__suite_principal_at(suite, i);
        note_unused(suite, "principal", one->name, one->node, one->used);
    }
    for (uint32_t i = 0; i < suite->requests.cnt; i++) {
        const struct pdp__suite_request *one = pdp__suite_request_at(suite, i);
        note_unused(suite, "request", one->name, one->node, one->used);
    }
}

/* A file, or what would be in one; a list of these where one may be. */
static void
check_source(const struct pdp__suite *suite, uint32_t ix, bool list)
{
    const struct pdp__json_doc *json = &suite->doc.json;
    if (ix == 0 || pdp__json_is(json, ix, PDP__JSON_STRING) ||
        pdp__json_is(json, ix, PDP__JSON_OBJECT)) {
        return;
    }
    if (!list || !pdp__json_is(json, ix, PDP__JSON_ARRAY)) {
        PDP__DOC_ADD(&suite->doc, WRONG_TYPE, ix, NULL,
            "this must be the name of a file, or an object%s",
            list ? ", or a list of these" : "");
        return;
    }
    PDP__JSON_EACH(json, ix, item)
    {
        check_source(suite, item, false);
    }
}

static void
read_root(struct pdp__suite *suite)
{
    uint32_t format = 0;
    uint32_t description = 0;
    uint32_t at = 0;
    uint32_t principals = 0;
    uint32_t requests = 0;
    uint32_t cases = 0;
    uint32_t tables = 0;
    const struct pdp__member members[] = {
        {"format", true, PDP__JSON_STRING, &format},
        {"description", false, PDP__JSON_STRING, &description},
        {"at", false, PDP__JSON_STRING, &at},
        {"service", false, PDP__JSON_STRING, &suite->service},
        {"trust", false, PDP__JSON_STRING, &suite->trust},
        {"directory", false, -1, &suite->directory},
        {"policies", false, -1, &suite->policies},
        {"restrictions", false, -1, &suite->restrictions},
        {"revocations", false, -1, &suite->revocations},
        {"principals", false, PDP__JSON_OBJECT, &principals},
        {"requests", false, PDP__JSON_OBJECT, &requests},
        {"cases", false, PDP__JSON_ARRAY, &cases},
        {"tables", false, PDP__JSON_ARRAY, &tables},
    };
    if (!pdp__doc_object(&suite->doc, 0, members,
            sizeof(members) / sizeof(members[0]), NULL)) {
        return;
    }
    if (format != 0 && !pdp__str_eq(pdp__json_text(&suite->doc.json, format),
                           PDP__LIT(PDP__SUITE_FORMAT))) {
        PDP__DOC_ADD(&suite->doc, BAD_FORMAT, format, NULL,
            "the format is not \"" PDP__SUITE_FORMAT "\"");
    }
    if (at != 0) {
        (void)pdp__suite_read_at(suite, at, at, &suite->at);
    }
    check_source(suite, suite->directory, true);
    check_source(suite, suite->policies, true);
    check_source(suite, suite->restrictions, true);
    check_source(suite, suite->revocations, true);
    pdp__suite_read_principals(suite, principals);
    pdp__suite_read_requests(suite, requests);
    pdp__suite_read_cases(suite, cases);
    pdp__suite_read_tables(suite, tables);
    if ((cases == 0 || suite->doc.json.nodes[cases].cnt == 0) &&
        (tables == 0 || suite->doc.json.nodes[tables].cnt == 0)) {
        PDP__DOC_ADD(&suite->doc, EMPTY, 0,
            "write \"cases\" or \"tables\" with at least one item",
            "a suite without a case tests nothing");
    }
    check_case_names(suite);
    check_unused(suite);
}

bool
pdp__suite_parse(struct pdp__suite *suite, const pdp_source_t *source)
{
    const pdp_mem_t mem = {take, give_back, NULL};
    *suite = (struct pdp__suite){.report = pdp__report_new(&mem)};
    pdp__arena_init(&suite->arena, &mem);
    if (suite->report == NULL || pdp__doc_open(&suite->arena, suite->report,
                                     source, &suite->doc) != PDP_OK) {
        return false;
    }
    if (suite->doc.readable) {
        read_root(suite);
    }
    pdp__report_sort(suite->report);
    return suite->doc.readable && pdp_report_errors(suite->report) == 0;
}

void
pdp__suite_free(struct pdp__suite *suite)
{
    if (suite->arena.mem.alloc != NULL) {
        pdp__arena_free(&suite->arena);
    }
    pdp_report_free(suite->report);
    *suite = (struct pdp__suite){0};
}

const struct pdp__suite_case *
pdp__suite_find_case(const struct pdp__suite *suite, pdp_str_t name)
{
    for (uint32_t i = 0; i < suite->cases.cnt; i++) {
        const struct pdp__suite_case *test = pdp__suite_case_at(suite, i);
        if (pdp__str_eq(test->name, name)) {
            return test;
        }
    }
    return NULL;
}

uint32_t
pdp__suite_line(const struct pdp__suite *suite,
    const struct pdp__suite_case *test)
{
    return pdp__doc_place(&suite->doc, test->node).line;
}
