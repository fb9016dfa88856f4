/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Grammars of names in a definition, hints for names that are not defined. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "load/service.h"
#include "service_util.h"

/* A reader of no document, for the grammars alone. */
static bool
is_name(struct loaded *l, enum pdp__name_kind kind, pdp_str_t text)
{
    struct pdp__doc doc = {.name = PDP__LIT("x"), .report = l->report};
    struct pdp__service_reader r = {.b = &l->b, .doc = &doc};
    struct pdp__place place = {doc.name, 3, 4};
    size_t before = pdp_report_count(l->report);
    bool fits = pdp__service_name(&r, kind, text, place);
    assert_int_equal(pdp_report_count(l->report), before + (fits ? 0 : 1));
    return fits;
}

struct sample {
    enum pdp__name_kind kind;
    const char *good[4];
    const char *bad[6];
    size_t max;
};

static void
test_grammars(void **state)
{
    static const struct sample samples[] = {
        {PDP__NAME_SERVICE, {"a", "0", "container-registry", "a.b_c"},
            {"", "A", "-a", "a b", "a:b", "a/b"}, 128},
        {PDP__NAME_ACTION, {"a", "A.b-c_d", "9", "a.b.c.d.e"},
            {"", ".a", "a b", "a:b", "a/b", "\xC3\xA4"}, 256},
        {PDP__NAME_ROLE, {"Reader", "Key Purge", "A (b)", "A/B & C"},
            {"", " A", "A ", "A:B", "A%20B", "A\tB"}, 128},
        {PDP__NAME_PARAM, {"a", "_a", "filter[x]", "a.$b~c-d"},
            {"", "a=b", "a&b", "a b", "a%41", "a;b"}, 128},
        {PDP__NAME_REGION, {"eu-de", "0", "us-south", "a"},
            {"", "EU", "-a", "a.b", "a_b", "a b"}, 64},
        {PDP__NAME_HOST, {"icr.example", "a", "a.b-c.d", "10.0.0.1"},
            {"", "A.b", ".a", "a:443", "a/b", "a_b"}, 253},
        {PDP__NAME_METHOD, {"GET", "M-SEARCH", "X_Y", "!"},
            {"", "get", "Get", "A B", "A(", "A/"}, 64},
    };
    static char text[300];
    static struct loaded l;
    (void)state;
    open_builder(&l);
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        const struct sample *s = &samples[i];
        for (size_t k = 0; k < 4; k++) {
            assert_true(is_name(&l, s->kind, pdp__str_z(s->good[k])));
        }
        for (size_t k = 0; k < 6; k++) {
            if (is_name(&l, s->kind, pdp__str_z(s->bad[k]))) {
                fail_msg("kind %zu accepts \"%s\"", i, s->bad[k]);
            }
        }
        memset(text, '0', sizeof(text));
        if (s->kind == PDP__NAME_METHOD) {
            memset(text, 'A', sizeof(text));
        }
        assert_true(is_name(&l, s->kind, pdp__str(text, s->max)));
        assert_false(is_name(&l, s->kind, pdp__str(text, s->max + 1)));
        assert_false(is_name(&l, s->kind, PDP__LIT("A\0B")));
    }
    pdp_finding_t f = {.size = sizeof(f)};
    assert_int_equal(pdp_report_at(l.report, 0, &f), PDP_OK);
    assert_true(pdp__str_eq(f.code, PDP__LIT("bad_value")));
    assert_int_equal(f.line, 3);
    assert_int_equal(f.column, 4);
    close_builder(&l);
}

/* The nearest name of the right table. */
static void
test_hints(void **state)
{
    (void)state;
    CHECK(SERVICE(.actions = "{\"svc.image.pull\":{\"scope\":\"account\"},"
                             "\"svc.image.push\":{\"scope\":\"account\"}}",
              .roles = "{\"R\":{\"actions\":[\1\"svc.image.pul\"]}}",
              .events = "{\"svc.image.seen\":{\"data\":true}}",
              .routes =
                  "[{\"method\":\"GET\",\"path\":\"/{\1imag}/{\1nothing}\","
                  "\"requires\":[{\"action\":\1\"svc.image.psuh\"},"
                  "{\"action\":\1\"completely.different\"}],"
                  "\"event\":\1\"svc.image.seem\"}]"),
        HINTED("unknown_name", "did you mean \"svc.image.pull\"?"),
        HINTED("unknown_name", "did you mean \"image\"?"),
        FOUND("unknown_name"),
        HINTED("unknown_name", "did you mean \"svc.image.push\"?"),
        FOUND("unknown_name"),
        HINTED("unknown_name", "did you mean \"svc.image.seen\"?"));
}

/* A document that is wrong everywhere gets twenty hints. */
static void
test_hints_are_bounded(void **state)
{
    static struct loaded l;
    static char roles[TEXT_CAP / 2];
    size_t len = 0;
    size_t hinted = 0;
    (void)state;
    len += (size_t)snprintf(roles, sizeof(roles), "{\"R\":{\"actions\":[");
    for (int i = 0; i < 50; i++) {
        len += (size_t)snprintf(roles + len, sizeof(roles) - len,
            "%s\"svc.rea%c%d\"", i == 0 ? "" : ",", 'b' + i % 2, i % 10);
    }
    snprintf(roles + len, sizeof(roles) - len, "]}}");
    open_builder(&l);
    read_into(&l, SERVICE(.roles = roles));
    assert_int_equal(pdp_report_errors(l.report), 50);
    for (size_t i = 0; i < pdp_report_count(l.report); i++) {
        pdp_finding_t f = {.size = sizeof(f)};
        assert_int_equal(pdp_report_at(l.report, i, &f), PDP_OK);
        hinted += f.hint.len > 0;
    }
    assert_int_equal(hinted, 20);
    close_builder(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grammars),
        cmocka_unit_test(test_hints),
        cmocka_unit_test(test_hints_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
