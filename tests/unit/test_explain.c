/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Explanations as a whole: which voices there are, memory; and random policies,
 * where it must agree with the decision. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

#include "decide/flow.h"
#include "explain_text.h"
#include "failing_mem.h"

#define ELSE EQ("iam_id", "IBMid-x")

static void
which_voices_there_are(void **state)
{
    (void)state;
    load_policies("[" POLICY("mine", ME, OURS,
                      GRANT("Reader")) "," POLICY("far", ME,
                      OURS "," EQ("resource", "fish"),
                      GRANT("Writer")) "," POLICY("theirs", ELSE, OURS,
                      GRANT("Manager")) "," POLICY("their-reader", ELSE, OURS,
                      GRANT("Reader")) "," POLICY("everybody",
                      EQ("access_group_id", "AccessGroupId-PublicAccess"), OURS,
                      GRANT("Service Configuration Reader")) "]",
        NULL);
    assert_reason(as("", "DELETE", IMAGE), "no_grant");
    explain();
    /* Ours whatever it says, others' where it has the action. */
    assert_string_equal(voices(),
        "policy:mine policy:far !policy:theirs policy:everybody");
    assert_string_equal(verdict(0, 0),
        "action action - Reader known container-registry.image.delete");
    assert_string_equal(verdict(1, 0),
        "resource resource stringEquals fish known birds");
    assert_string_equal(verdict(2, 0),
        "subject iam_id stringEquals IBMid-x known IBMid-270000TEST");
    assert_string_equal(verdict(3, 0),
        "action action - Service Configuration Reader known "
        "container-registry.image.delete");
}

/* Before policies are looked at, nobody has said anything. */
static void
no_voices(void **state)
{
    static const struct {
        const char *method;
        const char *target;
        const char *reason;
        const char *note;
    } cases[] = {
        {"GET", "/x", "no_route",
            "no policy can help: the API has no such method"},
        {"PUT", "/api/v1/images", "method_not_allowed",
            "no policy can help: the API has no such method"},
        {"GET", "/api/v1/../plans", "dot_segment",
            "no policy can help: the request itself is refused"},
        {"GET", "/api/v1/plans", "token_missing",
            "no policy can help: the token is not accepted"},
    };

    (void)state;
    load_policies(POLICY("p", ME, OURS, GRANT("Manager")), NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_reason(decide(&fixture, cases[i].method, cases[i].target, NULL),
            cases[i].reason);
        explain();
        assert_int_equal(pdp_explanation_voices(why), 0);
        assert_int_equal(pdp_explanation_policies(why), 0);
        assert_str(pdp_explanation_note(why), cases[i].note);
    }
    assert_reason(decide(&fixture, "GET", "/api/v1/messages", NULL), "public");
    explain();
    assert_int_equal(pdp_explanation_voices(why), 0);
    assert_null(pdp_explanation_note(why).ptr);
}

static void
arguments(void **state)
{
    pdp_explanation_t *e = (pdp_explanation_t *)&fixture;
    pdp_worker_t *other = NULL;

    (void)state;
    load_policies("[]", NULL);
    /* Nothing was decided yet: the only decision of a worker is its last. */
    assert_reason(as("", READ), "no_grant");
    assert_int_equal(pdp_explain(NULL, fixture.decision, &e), PDP_E_ARGUMENT);
    assert_null(e);
    e = (pdp_explanation_t *)&fixture;
    assert_int_equal(pdp_explain(fixture.worker, NULL, &e), PDP_E_ARGUMENT);
    assert_null(e);
    assert_int_equal(pdp_explain(fixture.worker, fixture.decision, NULL),
        PDP_E_ARGUMENT);
    assert_int_equal(pdp_worker_new(fixture.snapshot, NULL, NULL, &other),
        PDP_OK);
    assert_int_equal(pdp_explain(other, fixture.decision, &e), PDP_E_ARGUMENT);
    pdp_worker_free(other);
    pdp_explanation_free(NULL);
}

/* What no defect has done yet: the decision says something else. */
static void
a_contradiction(void **state)
{
    pdp_explanation_t *e = NULL;

    (void)state;
    load_policies("[]", NULL);
    assert_reason(as("", READ), "no_grant");
    struct pdp__item *item =
        &((struct pdp__flow *)(uintptr_t)fixture.decision)->items[0];
    item->granted = true;
    assert_int_equal(pdp_explain(fixture.worker, fixture.decision, &e),
        PDP_E_INTERNAL);
    assert_null(e);
    item->granted = false;
    item->denied = true;
    item->denied_by = str("nobody");
    assert_int_equal(pdp_explain(fixture.worker, fixture.decision, &e),
        PDP_E_INTERNAL);
    assert_null(e);
}

/* It outlives the decision, the worker and the snapshot. */
static void
nothing_is_borrowed(void **state)
{
    (void)state;
    load_policies(POLICY("mine", ME, OURS "," EQ("resource", "fish"),
                      GRANT("Reader")),
        NULL);
    assert_reason(as("", READ), "no_grant");
    explain();
    unload(&fixture);
    memset(fixture.target, 'x', sizeof(fixture.target));
    assert_string_equal(voices(), "policy:mine");
    assert_string_equal(verdict(0, 0),
        "resource resource stringEquals fish known birds");
    assert_non_null(strstr(suggested(), "IBMid-270000TEST"));
}

static void
without_memory(void **state)
{
    static const char more[] =
        ",\"roles\":[\"Nobody\"],\"groups\":[\"g\"],"
        "\"policies\":[{\"type\":\"access\"," BODY(OURS, GRANTS("Reader")) "]";
    struct failing_mem mem = {.left = SIZE_MAX};
    pdp_mem_t source = failing(&mem);

    (void)state;
    load_policies("[" POLICY("mine", ME, OURS "," EQ("resource", "fish"),
                      GRANT("Manager")) "," POLICY("theirs", ELSE, OURS,
                      GRANT("Manager")) "]",
        NULL);
    pdp_worker_free(fixture.worker);
    assert_int_equal(pdp_worker_new(fixture.snapshot, &source, NULL,
                         &fixture.worker),
        PDP_OK);
    assert_reason(as(more, "DELETE", IMAGE), "no_grant");
    size_t live = mem.live;
    for (int way = 0; way < FAILING_WAYS; way++) {
        bool done = false;
        for (size_t n = 1; !done; n++) {
            pdp_explanation_t *e = (pdp_explanation_t *)&fixture;
            mem = failing_way(way, n);
            mem.live = live;
            pdp_status_t status =
                pdp_explain(fixture.worker, fixture.decision, &e);
            done = !mem.failed;
            assert_int_equal(status, done ? PDP_OK : PDP_E_NOMEM);
            assert_true(done == (e != NULL));
            pdp_explanation_free(e);
            assert_int_equal(mem.live, live);
            assert_true(n < 1000);
        }
        /* One struct and at least one chunk of its arena. */
        assert_true(mem.calls >= 2);
    }
    mem = (struct failing_mem){.left = SIZE_MAX, .live = live};
    explain();
    pdp_explanation_free(why);
    why = NULL;
    /* The worker gives back what it has through mem, which goes now. */
    pdp_worker_free(fixture.worker);
    fixture.worker = NULL;
    assert_int_equal(mem.live, 0);
}

static uint32_t seed = 1;

static uint32_t
dice(uint32_t sides)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 16) % sides;
}

static const char *
pick(const char *const *from, uint32_t cnt)
{
    return from[dice(cnt)];
}

#define PICK(list) pick((list), sizeof(list) / sizeof((list)[0]))

/* A random policy, appended. */
static void
append_random(char *text, int number)
{
    static const char *const subjects[] = {ME, ELSE,
        EQ("access_group_id", "AccessGroupId-1"),
        EQ("access_group_id", "AccessGroupId-PublicAccess"),
        ME "," EQ("access_group_id", "AccessGroupId-2"),
        "{\"key\":\"iam_id\",\"operator\":\"stringExists\",\"value\":true}",
        ("{\"key\":\"access_group_id\",\"operator\":\"stringExists\","
         "\"value\":true}")};
    static const char *const resources[] = {"", "", "," EQ("resource", "birds"),
        "," EQ("resource", "fish"), "," EQ("region", "us-south"),
        "," EQ("resourceType", "namespace"), "," EQ("resourceGroupId", "rg"),
        "," EQ("prefix", "x"),
        ",{\"key\":\"resource\",\"operator\":\"stringMatch\",\"value\":"
        "\"b*\"}",
        ",{\"key\":\"resource\",\"operator\":\"stringExists\",\"value\":"
        "false}"};
    static const char *const controls[] = {GRANT("Reader"), GRANT("Writer"),
        GRANT("Manager"), GRANT("Reader"), DENY("Writer"),
        GRANT("Manager") "," DENY("Reader")};
    static const char *const tags[] = {"", "", "",
        ",\"tags\":[{\"key\":\"env\",\"operator\":\"stringEquals\",\"value\":"
        "\"prod\"}]",
        ",\"tags\":[{\"key\":\"env\",\"operator\":\"stringMatch\",\"value\":"
        "\"t*\"}]"};
    static const char *const rules[] = {"", "", "",
        ",\"pattern\":\"x\",\"rule\":{\"key\":"
        "\"{{environment.attributes.current_time}}\",\"operator\":"
        "\"timeLessThan\",\"value\":\"09:00:00Z\"}",
        ",\"pattern\":\"x\",\"rule\":{\"operator\":\"or\",\"conditions\":[{"
        "\"key\":\"{{environment.attributes.day_of_week}}\",\"operator\":"
        "\"dayOfWeekAnyOf\",\"value\":[\"6+00:00\",1]},{\"key\":"
        "\"{{environment.attributes.ip_address}}\",\"operator\":"
        "\"stringEquals\",\"value\":\"192.0.2.1\"}]}",
        ",\"pattern\":\"x\",\"rule\":{\"key\":"
        "\"{{resource.attributes.resource}}\",\"operator\":\"stringEquals\","
        "\"value\":\"birds\"}"};
    char policy[4096];
    const char *subject = PICK(subjects);
    bool none = dice(8) == 0;
    int len = snprintf(policy, sizeof(policy),
        "%s{\"type\":\"access\",\"id\":\"r%d\"%s%s%s,\"resource\":{"
        "\"attributes\":[" OURS "%s]%s},\"control\":{%s}%s}",
        number == 0 ? "" : ",", number,
        none ? "" : ",\"subject\":{\"attributes\":[", none ? "" : subject,
        none ? "" : "]}", PICK(resources), PICK(tags), PICK(controls),
        PICK(rules));

    assert_true(len > 0 && (size_t)len < sizeof(policy));
    append(text, policy);
}

static const char *
decide_again(const char *method, const char *target, const char *claims)
{
    return decide(&fixture, method, target, token_with(&fixture, claims));
}

/* Decision and explanation say the same; what is suggested permits it. */
static void
random_policies(void **state)
{
    static const char *const targets[] = {"GET", IMAGE "/json", "DELETE", IMAGE,
        "GET", "/api/v1/namespaces", "GET", "/api/v1/plans", "POST",
        "/api/v1/images/bulkdelete", "POST",
        ("/api/v1/images/tags?fromimage=us.icr.io/birds/a"
         "&toimage=de.icr.io/fish/b"),
        "DELETE", "/api/v1/namespaces/birds", "GET",
        "/api/v1/retentions/birds"};
    static const char *const claims_of[] = {"",
        ",\"groups\":[\"AccessGroupId-1\"]",
        ",\"groups\":[\"AccessGroupId-1\",\"AccessGroupId-2\"]",
        ",\"roles\":[\"Reader\"]", ",\"policies\":[\"r0\",\"r1\",\"no\"]",
        INLINE(OURS "," EQ("resource", "birds"), GRANTS("Writer")),
        INLINE(OURS, DENIES("Writer"))};
    static const char directory[] =
        "{\"format\":\"pdp-directory/1\",\"tags\":{\"us-south/birds\":["
        "\"env:prod\"],\"us-south/fish\":[\"ENV:Test\"]}}";
    static char text[16 * 4096];
    int permitted = 0;
    int mended = 0;
    int denied = 0;

    (void)state;
    for (int round = 0; round < 120; round++) {
        int cnt = 1 + (int)dice(6);
        memcpy(text, "[", 2);
        for (int i = 0; i < cnt; i++) {
            append_random(text, i);
        }
        for (uint32_t i = 0; i < 4; i++) {
            uint32_t t = dice(sizeof(targets) / sizeof(targets[0]) / 2) * 2;
            const char *claim = PICK(claims_of);
            char all[sizeof(text) + TEXT_MAX];
            (void)snprintf(all, sizeof(all), "%s]", text);
            load_policies(all, directory);
            const char *reason =
                decide_again(targets[t], targets[t + 1], claim);
            explain();
            permitted += strcmp(reason, "permitted") == 0;
            denied += strcmp(reason, "explicit_deny") == 0;
            if (pdp_explanation_policies(why) == 0) {
                continue;
            }
            (void)snprintf(all, sizeof(all), "%s,%s", text, suggested() + 1);
            load_policies(all, directory);
            assert_reason(decide_again(targets[t], targets[t + 1], claim),
                "permitted");
            mended++;
        }
    }
    /* Each outcome was met often enough to mean something. */
    assert_true(permitted > 40 && denied > 40 && mended > 100);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_voices_there_are),
        cmocka_unit_test(no_voices),
        cmocka_unit_test(arguments),
        cmocka_unit_test(a_contradiction),
        cmocka_unit_test(nothing_is_borrowed),
        cmocka_unit_test(without_memory),
        cmocka_unit_test(random_policies),
    };

    return cmocka_run_group_tests(tests, load_default, forget_why);
}
