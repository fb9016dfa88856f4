/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "base/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "assert_text.h"

#include <stdlib.h>

/*
 * Findings: what is stored, how hostile bytes are shown, the order after
 * sorting, and that a report without memory never reads as clean.
 */

/* Counts what is held; refuses call number fail_at (from 1; 0: none). */
struct counter {
    size_t calls;
    size_t fail_at;
    size_t held;
};

static void *
counter_alloc(void *user, size_t size)
{
    struct counter *counter = user;

    if (++counter->calls == counter->fail_at) {
        return NULL;
    }
    counter->held++;
    return malloc(size);
}

static void
counter_free(void *user, void *ptr)
{
    struct counter *counter = user;

    counter->held--;
    free(ptr);
}

static pdp_report_t *
new_report(void)
{
    pdp_mem_t mem = pdp__mem_default();
    pdp_report_t *report = pdp__report_new(&mem);

    assert_non_null(report);
    return report;
}

static struct pdp__place
place(const char *source, uint32_t line, uint32_t column)
{
    return (struct pdp__place){pdp__str_z(source), line, column};
}

static pdp_finding_t
at(const pdp_report_t *report, size_t index)
{
    pdp_finding_t found = {.size = sizeof(found)};

    assert_int_equal(pdp_report_at(report, index, &found), PDP_OK);
    return found;
}

static void
test_empty(void **state)
{
    (void)state;
    pdp_report_t *report = new_report();

    assert_int_equal(pdp_report_count(report), 0);
    assert_int_equal(pdp_report_errors(report), 0);
    assert_false(pdp__report_failed(report));
    pdp__report_sort(report);
    assert_int_equal(pdp_report_count(report), 0);
    pdp_report_free(report);
}

static void
test_null(void **state)
{
    (void)state;
    pdp_finding_t found = {.size = sizeof(found)};

    assert_int_equal(pdp_report_count(NULL), 0);
    assert_int_equal(pdp_report_errors(NULL), 0);
    assert_int_equal(pdp_report_at(NULL, 0, &found), PDP_E_ARGUMENT);
    pdp_report_free(NULL);
}

static void
test_finding(void **state)
{
    (void)state;
    pdp_report_t *report = new_report();
    char source[] = "a.json";
    char hint[] = "path";

    pdp__report_add(report, PDP__CODE_UNKNOWN_MEMBER, place(source, 3, 14),
        hint, "unknown member \"%s\" (%d)", "pth", 5);
    source[0] = hint[0] = '!';

    pdp_finding_t found = at(report, 0);

    assert_int_equal(found.size, sizeof(found));
    assert_int_equal(found.severity, PDP_SEVERITY_ERROR);
    assert_str(found.code, "unknown_member");
    assert_str(found.source, "a.json");
    assert_int_equal(found.line, 3);
    assert_int_equal(found.column, 14);
    assert_str(found.message, "unknown member \"pth\" (5)");
    assert_str(found.hint, "path");
    assert_int_equal(pdp_report_count(report), 1);
    assert_int_equal(pdp_report_errors(report), 1);
    pdp_report_free(report);
}

static void
test_severities(void **state)
{
    (void)state;
    pdp_report_t *report = new_report();

    pdp__report_add(report, PDP__CODE_UNUSED, place("a", 1, 1), NULL, "n");
    pdp__report_add(report, PDP__CODE_FOREIGN_ROLE, place("a", 2, 1), NULL,
        "w");
    assert_int_equal(pdp_report_errors(report), 0);
    pdp__report_add(report, PDP__CODE_EMPTY, place("a", 3, 1), NULL, "e");
    assert_int_equal(pdp_report_errors(report), 1);
    assert_int_equal(pdp_report_count(report), 3);
    assert_int_equal(at(report, 0).severity, PDP_SEVERITY_NOTE);
    assert_int_equal(at(report, 1).severity, PDP_SEVERITY_WARNING);
    assert_int_equal(at(report, 2).severity, PDP_SEVERITY_ERROR);
    assert_str(at(report, 0).hint, "");
    pdp_report_free(report);
}

static void
test_at_checks_its_arguments(void **state)
{
    (void)state;
    pdp_report_t *report = new_report();
    pdp_finding_t found = {.size = sizeof(found), .line = 77};

    pdp__report_add(report, PDP__CODE_EMPTY, place("a", 1, 1), NULL, "e");
    assert_int_equal(pdp_report_at(report, 1, &found), PDP_E_ARGUMENT);
    assert_int_equal(pdp_report_at(report, SIZE_MAX, &found), PDP_E_ARGUMENT);
    found.size = 0;
    assert_int_equal(pdp_report_at(report, 0, &found), PDP_E_ARGUMENT);
    found.size = sizeof(found) + 1;
    assert_int_equal(pdp_report_at(report, 0, &found), PDP_E_ARGUMENT);
    assert_int_equal(found.line, 77);
    assert_int_equal(pdp_report_at(report, 0, NULL), PDP_E_ARGUMENT);
    /* The struct of an older version ends before `hint`. */
    found.hint = PDP__LIT("mine");
    found.size = offsetof(pdp_finding_t, hint);
    assert_int_equal(pdp_report_at(report, 0, &found), PDP_OK);
    assert_int_equal(found.line, 1);
    assert_int_equal(found.hint.len, 4);
    pdp_report_free(report);
}

static void
test_hostile_bytes(void **state)
{
    (void)state;
    pdp_report_t *report = new_report();

    pdp__report_add(report, PDP__CODE_BAD_VALUE, place("a", 1, 1), "\x1B[31m",
        "%s", "a\nb\x1B]0;x\x07\xC3\xA9\x7F\\x41~ ");
    assert_str(at(report, 0).message,
        "a\\x0ab\\x1b]0;x\\x07\\xc3\\xa9\\x7f\\x5cx41~ ");
    assert_str(at(report, 0).hint, "\\x1b[31m");
    pdp_report_free(report);
}

static void
test_messages_are_cut(void **state)
{
    (void)state;
    static const size_t lens[] = {399, 400, 401, 402, 5000};
    pdp_report_t *report = new_report();
    char text[5001];

    for (uint32_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        memset(text, 'x', lens[i]);
        text[lens[i]] = '\0';
        pdp__report_add(report, PDP__CODE_BAD_VALUE, place("a", i, 1), text,
            "%s", text);
        assert_int_equal(at(report, i).message.len,
            lens[i] < 400 ? lens[i] : 400);
        assert_int_equal(at(report, i).hint.len, lens[i] < 400 ? lens[i] : 400);
    }
    pdp_report_free(report);
}

static void
test_escapes_are_not_cut_in_two(void **state)
{
    (void)state;
    pdp_report_t *report = new_report();
    char text[500];

    memset(text, 'x', sizeof(text));
    text[397] = '\n';
    text[450] = '\0';
    pdp__report_add(report, PDP__CODE_BAD_VALUE, place("a", 1, 1), NULL, "%s",
        text);
    assert_int_equal(at(report, 0).message.len, 397);

    text[397] = 'x';
    text[396] = '\n';
    pdp__report_add(report, PDP__CODE_BAD_VALUE, place("a", 1, 1), NULL, "%s",
        text);
    assert_int_equal(at(report, 1).message.len, 400);
    assert_memory_equal(at(report, 1).message.ptr + 396, "\\x0a", 4);

    memset(text, 0xFF, 450);
    pdp__report_add(report, PDP__CODE_BAD_VALUE, place("a", 1, 1), NULL, "%s",
        text);
    assert_int_equal(at(report, 2).message.len, 400);
    assert_memory_equal(at(report, 2).message.ptr + 396, "\\xff", 4);
    pdp_report_free(report);
}

/* The messages of all findings, in order, joined. */
static void
assert_order(const pdp_report_t *report, const char *expected)
{
    char got[64] = {0};

    assert_true(pdp_report_count(report) < sizeof(got));
    for (size_t i = 0; i < pdp_report_count(report); i++) {
        got[i] = at(report, i).message.ptr[0];
    }
    assert_string_equal(got, expected);
}

static void
test_sort(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        uint32_t line;
        uint32_t column;
        const char *message;
    } adds[] = {
        {"z.json", 9, 1, "e"},
        {"a.json", 1, 5, "h"},
        {"z.json", 2, 7, "c"},
        {"z.json", 2, 3, "b"},
        {"a.json", 1, 5, "i"},
        {"m.json", 0, 0, "k"},
        {"a.json", 1, 5, "j"},
        {"z.json", 2, 7, "d"},
        {"z.json", 0, 0, "a"},
        {"a.json", 1, 0, "g"},
        {"a.json", 0, 9, "f"},
    };
    pdp_report_t *report = new_report();

    for (size_t i = 0; i < sizeof(adds) / sizeof(adds[0]); i++) {
        pdp__report_add(report, PDP__CODE_BAD_VALUE,
            place(adds[i].source, adds[i].line, adds[i].column), NULL, "%s",
            adds[i].message);
    }
    assert_order(report, "ehcbikjdagf");
    pdp__report_sort(report);
    assert_order(report, "abcdefghijk");
    pdp__report_sort(report);
    assert_order(report, "abcdefghijk");
    assert_str(at(report, 0).source, "z.json");
    assert_str(at(report, 10).source, "m.json");

    /* Sources keep their place when more arrives after a sort. */
    pdp__report_add(report, PDP__CODE_BAD_VALUE, place("z.json", 0, 0), NULL,
        "A");
    pdp__report_sort(report);
    assert_order(report, "aAbcdefghijk");
    pdp_report_free(report);
}

static void
test_sort_many(void **state)
{
    (void)state;
    pdp_report_t *report = new_report();
    uint32_t next = 12345;

    for (uint32_t i = 0; i < 5000; i++) {
        next = next * 1664525u + 1013904223u;
        pdp__report_add(report, PDP__CODE_UNUSED,
            place((next >> 8) % 3 == 0 ? "x" : "y", (next >> 16) % 50,
                (next >> 24) % 3),
            NULL, "%u", i);
    }
    pdp_str_t first_source = at(report, 0).source;
    bool second = false;

    pdp__report_sort(report);
    for (size_t i = 1; i < 5000; i++) {
        pdp_finding_t a = at(report, i - 1);
        pdp_finding_t b = at(report, i);

        if (!pdp__str_eq(a.source, b.source)) {
            assert_true(pdp__str_eq(a.source, first_source));
            assert_false(second);
            second = true;
            continue;
        }
        assert_true(a.line <= b.line);
        if (a.line == b.line) {
            assert_true(a.column <= b.column);
        }
        if (a.line == b.line && a.column == b.column) {
            assert_true(
                a.message.len < b.message.len ||
                (a.message.len == b.message.len &&
                    memcmp(a.message.ptr, b.message.ptr, a.message.len) < 0));
        }
    }
    assert_true(second);
    pdp_report_free(report);
}

static void
test_new_without_memory(void **state)
{
    (void)state;
    struct counter counter = {.fail_at = 1};
    pdp_mem_t mem = {counter_alloc, counter_free, &counter};

    assert_null(pdp__report_new(&mem));
    assert_int_equal(counter.held, 0);
}

static void
test_every_allocation_fails_once(void **state)
{
    (void)state;
    size_t failures = 0;

    for (size_t n = 2;; n++) {
        struct counter counter = {.fail_at = n};
        pdp_mem_t mem = {counter_alloc, counter_free, &counter};
        pdp_report_t *report = pdp__report_new(&mem);

        assert_non_null(report);
        for (uint32_t i = 0; i < 2000; i++) {
            /* A note: only the failure can make it an error. */
            pdp__report_add(report, PDP__CODE_UNUSED, place("a", i, 1), "h",
                "a note of some length, number %u", i);
        }
        bool failed = pdp__report_failed(report);

        assert_int_equal(pdp_report_errors(report), failed ? 1 : 0);
        assert_int_equal(pdp_report_count(report), failed ? 1999 : 2000);
        pdp__report_sort(report);
        pdp_report_free(report);
        assert_int_equal(counter.held, 0);
        if (!failed) {
            break;
        }
        assert_true(counter.calls >= n);
        failures++;
    }
    assert_true(failures > 10);
}

/* A hostile document cannot make us keep millions of findings. */
static void
test_too_many(void **state)
{
    pdp_mem_t mem = pdp__mem_default();
    pdp_report_t *report = pdp__report_new(&mem);
    struct pdp__place place = {PDP__LIT("a.json"), 1, 1};
    pdp_finding_t found = {.size = sizeof(found)};

    (void)state;
    assert_non_null(report);
    for (uint32_t i = 0; i < PDP__FINDINGS_MAX; i++) {
        place.line = i + 1;
        pdp__report_add(report, PDP__CODE_EMPTY, place, NULL, "x");
    }
    assert_int_equal(pdp_report_count(report), PDP__FINDINGS_MAX);
    place.line++;
    pdp__report_add(report, PDP__CODE_UNUSED, place, NULL, "a note");
    assert_int_equal(pdp_report_count(report), PDP__FINDINGS_MAX + 1);
    assert_int_equal(pdp_report_errors(report), PDP__FINDINGS_MAX);
    assert_int_equal(pdp_report_at(report, PDP__FINDINGS_MAX, &found), PDP_OK);
    assert_int_equal(found.code.len, 13);
    assert_memory_equal(found.code.ptr, "more_findings", 13);
    assert_int_equal(found.severity, PDP_SEVERITY_WARNING);
    assert_int_equal(found.line, PDP__FINDINGS_MAX + 1);
    pdp__report_add(report, PDP__CODE_UNUSED, place, NULL, "a note");
    pdp__report_add(report, PDP__CODE_EMPTY, place, NULL, "an error");
    assert_int_equal(pdp_report_count(report), PDP__FINDINGS_MAX + 1);
    assert_int_equal(pdp_report_errors(report), PDP__FINDINGS_MAX + 1);
    assert_false(pdp__report_failed(report));
    pdp_report_free(report);
}

/* The same for names of sources, long ones, and many. */
static void
test_sources_without_memory(void **state)
{
    (void)state;
    static char name[5001];
    size_t failures = 0;
    bool failed = true;

    memset(name, 'n', sizeof(name) - 1);
    for (size_t n = 2; failed; n++) {
        struct counter counter = {.fail_at = n};
        pdp_mem_t mem = {counter_alloc, counter_free, &counter};
        pdp_report_t *report = pdp__report_new(&mem);

        assert_non_null(report);
        for (uint32_t i = 0; i < 300; i++) {
            name[0] = (char)('a' + i % 26);
            name[1] = (char)('a' + i / 26);
            pdp__report_add(report, PDP__CODE_UNUSED, place(name, 1, 1), NULL,
                "%u", i);
        }
        failed = pdp__report_failed(report);
        assert_int_equal(pdp_report_errors(report), failed ? 1 : 0);
        assert_int_equal(pdp_report_count(report), failed ? 299 : 300);
        pdp_report_free(report);
        assert_int_equal(counter.held, 0);
        failures += failed;
    }
    assert_true(failures > 300);
}

static void
test_failed_stays(void **state)
{
    (void)state;
    struct counter counter = {.fail_at = 2};
    pdp_mem_t mem = {counter_alloc, counter_free, &counter};
    pdp_report_t *report = pdp__report_new(&mem);

    assert_non_null(report);
    pdp__report_add(report, PDP__CODE_EMPTY, place("a", 1, 1), NULL, "lost");
    assert_true(pdp__report_failed(report));
    assert_int_equal(pdp_report_count(report), 0);
    assert_int_equal(pdp_report_errors(report), 1);
    pdp__report_add(report, PDP__CODE_EMPTY, place("a", 1, 1), NULL, "kept");
    assert_true(pdp__report_failed(report));
    assert_int_equal(pdp_report_count(report), 1);
    assert_int_equal(pdp_report_errors(report), 2);
    assert_str(at(report, 0).message, "kept");
    pdp_report_free(report);
    assert_int_equal(counter.held, 0);
}

static void
test_code_names(void **state)
{
    (void)state;
    assert_string_equal(pdp__code_name(PDP__CODE_JSON_SYNTAX), "json_syntax");
    assert_string_equal(pdp__code_name(PDP__CODE_WEAK_KEY), "weak_key");
    assert_string_equal(pdp__code_name(PDP__CODE_UNUSED_SOURCE),
        "unused_source");
    assert_string_equal(pdp__code_name(PDP__CODE_COUNT), "");
    for (int i = 0; i < PDP__CODE_COUNT; i++) {
        const char *name = pdp__code_name((enum pdp__code)i);

        assert_true(strlen(name) > 0);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"),
            strlen(name));
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(name, pdp__code_name((enum pdp__code)j));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_null),
        cmocka_unit_test(test_finding),
        cmocka_unit_test(test_severities),
        cmocka_unit_test(test_at_checks_its_arguments),
        cmocka_unit_test(test_hostile_bytes),
        cmocka_unit_test(test_messages_are_cut),
        cmocka_unit_test(test_escapes_are_not_cut_in_two),
        cmocka_unit_test(test_sort),
        cmocka_unit_test(test_sort_many),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_new_without_memory),
        cmocka_unit_test(test_every_allocation_fails_once),
        cmocka_unit_test(test_sources_without_memory),
        cmocka_unit_test(test_failed_stays),
        cmocka_unit_test(test_code_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
