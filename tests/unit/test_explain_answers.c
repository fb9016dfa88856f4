/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* What an explanation hands out: nothing where there is nothing, sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

#include "explain_text.h"

static void
nothing_has_nothing_in_it(void **state)
{
    pdp_voice_t voice = {.size = sizeof(voice)};
    pdp_verdict_t v = {.size = sizeof(v)};
    pdp_missing_t missing = {.size = sizeof(missing)};
    pdp_helpful_role_t role = {.size = sizeof(role)};

    (void)state;
    assert_int_equal(pdp_explanation_voices(NULL), 0);
    assert_false(pdp_explanation_voice(NULL, 0, &voice));
    assert_false(pdp_explanation_verdict(NULL, 0, 0, &v));
    assert_int_equal(pdp_explanation_missing_cnt(NULL), 0);
    assert_false(pdp_explanation_missing(NULL, 0, &missing));
    assert_false(pdp_explanation_role(NULL, 0, 0, &role));
    assert_int_equal(pdp_explanation_policies(NULL), 0);
    assert_null(pdp_explanation_policy(NULL, 0).ptr);
    assert_null(pdp_explanation_note(NULL).ptr);
}

static void
make_one(void)
{
    load_policies(POLICY("p", ME, OURS, GRANT("Reader")), NULL);
    assert_reason(as("", "DELETE", IMAGE), "no_grant");
    explain();
}

static void
indexes_end(void **state)
{
    pdp_voice_t voice = {.size = sizeof(voice)};
    pdp_verdict_t v = {.size = sizeof(v)};
    pdp_missing_t missing = {.size = sizeof(missing)};
    pdp_helpful_role_t role = {.size = sizeof(role)};

    (void)state;
    make_one();
    assert_int_equal(pdp_explanation_voices(why), 1);
    assert_true(pdp_explanation_voice(why, 0, &voice));
    assert_int_equal(voice.kind, PDP_VOICE_POLICY);
    assert_str(voice.id, "p");
    assert_true(voice.addressed && !voice.grants && !voice.denies);
    assert_int_equal(voice.verdict_cnt, 1);
    assert_false(pdp_explanation_voice(why, 1, &voice));
    assert_false(pdp_explanation_voice(why, SIZE_MAX, &voice));
    assert_true(pdp_explanation_verdict(why, 0, 0, &v));
    assert_false(pdp_explanation_verdict(why, 0, 1, &v));
    assert_false(pdp_explanation_verdict(why, 1, 0, &v));
    assert_int_equal(pdp_explanation_missing_cnt(why), 1);
    assert_true(pdp_explanation_missing(why, 0, &missing));
    assert_str(missing.action, "container-registry.image.delete");
    assert_int_equal(missing.role_cnt, 2);
    assert_false(pdp_explanation_missing(why, 1, &missing));
    assert_true(pdp_explanation_role(why, 0, 1, &role));
    assert_str(role.name, "Manager");
    assert_str(role.crn, GENERIC "Manager");
    assert_false(role.custom);
    assert_false(pdp_explanation_role(why, 0, 2, &role));
    assert_false(pdp_explanation_role(why, 1, 0, &role));
    assert_int_equal(pdp_explanation_policies(why), 1);
    assert_non_null(pdp_explanation_policy(why, 0).ptr);
    assert_null(pdp_explanation_policy(why, 1).ptr);
}

/* A size above ours, or none, gets nothing; a smaller one so many bytes. */
static void
sizes(void **state)
{
    pdp_voice_t voice = {.kind = PDP_VOICE_NONE};
    pdp_verdict_t v = {.obstacle = PDP_OBSTACLE_NONE};
    pdp_missing_t missing = {.role_cnt = 7};
    pdp_helpful_role_t role = {.action_cnt = 7};

    (void)state;
    make_one();
    assert_false(pdp_explanation_voice(why, 0, &voice));
    assert_false(pdp_explanation_verdict(why, 0, 0, &v));
    assert_false(pdp_explanation_missing(why, 0, &missing));
    assert_false(pdp_explanation_role(why, 0, 0, &role));
    voice.size = sizeof(voice) + 1;
    v.size = sizeof(v) + 1;
    missing.size = sizeof(missing) + 1;
    role.size = sizeof(role) + 1;
    assert_false(pdp_explanation_voice(why, 0, &voice));
    assert_false(pdp_explanation_verdict(why, 0, 0, &v));
    assert_false(pdp_explanation_missing(why, 0, &missing));
    assert_false(pdp_explanation_role(why, 0, 0, &role));
    assert_int_equal(voice.kind, PDP_VOICE_NONE);
    assert_int_equal(v.obstacle, PDP_OBSTACLE_NONE);
    missing.size = offsetof(pdp_missing_t, role_cnt);
    role.size = offsetof(pdp_helpful_role_t, action_cnt);
    assert_true(pdp_explanation_missing(why, 0, &missing));
    assert_true(pdp_explanation_role(why, 0, 0, &role));
    assert_int_equal(missing.role_cnt, 7);
    assert_int_equal(role.action_cnt, 7);
    assert_str(role.name, "Writer");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_has_nothing_in_it),
        cmocka_unit_test(indexes_end),
        cmocka_unit_test(sizes),
    };

    return cmocka_run_group_tests(tests, load_default, forget_why);
}
