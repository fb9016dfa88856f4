/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Service definitions as a whole, actions and events.  The other sections
 * have programs of their own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service_util.h"

static void
test_small_definition_is_clean(void **state)
{
    (void)state;
    CHECK_CLEAN(SERVICE(0));
}

static void
test_regions_and_title_are_optional(void **state)
{
    (void)state;
    CHECK_CLEAN("{\"format\":\"pdp-service/1\",\"service\":\"svc\","
                "\"actions\":{},\"roles\":{},\"events\":{},\"params\":{},"
                "\"routes\":[]}");
    CHECK_CLEAN(SERVICE(.tail = ",\"title\":\"A service\""));
}

static void
test_every_other_member_is_required(void **state)
{
    (void)state;
    CHECK("\1\1\1\1\1\1\1{}", FOUND("missing_member"), FOUND("missing_member"),
        FOUND("missing_member"), FOUND("missing_member"),
        FOUND("missing_member"), FOUND("missing_member"),
        FOUND("missing_member"));
}

static void
test_root_must_be_an_object(void **state)
{
    (void)state;
    CHECK(" \1[]", FOUND("wrong_type"));
}

static void
test_format(void **state)
{
    (void)state;
    /* Another format: nothing else is said about the document. */
    CHECK("{\"format\":\1\"pdp-service/2\",\"x\":1}", FOUND("bad_format"));
    CHECK(SERVICE(.head = "\"format\":\0011,\"service\":\"svc\""),
        FOUND("wrong_type"));
}

static void
test_unknown_top_member(void **state)
{
    (void)state;
    CHECK(SERVICE(.tail = ",\1\"rotues\":[],\1\"zzz\":0"),
        HINTED("unknown_member", "did you mean \"routes\"?"),
        FOUND("unknown_member"));
}

static void
test_wrong_types_of_sections(void **state)
{
    (void)state;
    /* A section that is not there is not complained about again. */
    CHECK(SERVICE(.actions = "\1[]", .roles = "\0011", .events = "\1null",
              .params = "\1\"\"", .regions = "\1{}", .routes = "\1{}"),
        FOUND("wrong_type"), FOUND("wrong_type"), FOUND("wrong_type"),
        FOUND("wrong_type"), FOUND("wrong_type"), FOUND("wrong_type"));
    CHECK(SERVICE(.actions = "\1[]"), FOUND("wrong_type"));
    CHECK(SERVICE(.events = "\1[]",
              .routes = "[{\"method\":\"GET\",\"path\":\"/{id}\",\"access\":"
                        "\"public\",\"event\":\"svc.read\"}]"),
        FOUND("wrong_type"));
    CHECK(SERVICE(.params = "\1[]",
              .routes = "[{\"method\":\"GET\",\"path\":\"/{id}\",\"access\":"
                        "\"public\",\"event\":\"svc.read\"}]"),
        FOUND("wrong_type"));
}

static void
test_service_name(void **state)
{
    (void)state;
    CHECK(SERVICE(.head = "\"format\":\"pdp-service/1\",\"service\":\1\"a:b\""),
        FOUND("bad_value"));
    CHECK(SERVICE(.head = "\"format\":\"pdp-service/1\",\"service\":\1\"\""),
        FOUND("bad_value"));
    CHECK(SERVICE(.head = "\"format\":\"pdp-service/1\",\"service\":\1\"Svc\""),
        FOUND("bad_value"));
}

static void
test_two_services(void **state)
{
    static struct loaded l;
    const struct want wants[] = {{"duplicate_name", NULL},
        {"duplicate_name", NULL}, {"duplicate_name", NULL},
        {"duplicate_name", NULL}};
    (void)state;
    open_builder(&l);
    read_into(&l, SERVICE(0));
    read_into(&l, SERVICE(.head = "\"format\":\"pdp-service/1\",\"service\":"
                                  "\1\"svc\"",
                      .actions = "{\1\"svc.read\":{\"scope\":\"account\"},"
                                 "\1\"svc.write\":{\"scope\":\"account\"}}",
                      .roles = "{}", .routes = "[]",
                      .regions = "[{\"region\":\"eu-de\",\"hosts\":["
                                 "\1\"de.example.com\"],\"events\":\"eu-de\"}"
                                 "]"));
    check_findings(&l, PDP_SEVERITY_WARNING, wants, 4);
    assert_int_equal(l.b.services.cnt, 2);
    close_builder(&l);
}

/* The action of one service is not defined in another. */
static void
test_names_are_local_to_a_service(void **state)
{
    static struct loaded l;
    const struct want wants[] = {{"unknown_name", NULL}, {"unknown_name", NULL},
        {"unknown_name", NULL}, {"unknown_name", NULL}};
    (void)state;
    open_builder(&l);
    read_into(&l, SERVICE(0));
    read_into(&l,
        SERVICE(.head = "\"format\":\"pdp-service/1\",\"service\":\"other\"",
            .actions = "{}", .events = "{}", .params = "{}", .regions = "[]",
            .roles = "{\"Reader\":{\"actions\":[\1\"svc.read\"]}}",
            .routes = "[{\"method\":\"GET\",\"path\":\"/{\1id}\","
                      "\"requires\":[{\"action\":\1\"svc.read\"}],"
                      "\"event\":\1\"svc.read\"}]"));
    check_findings(&l, PDP_SEVERITY_WARNING, wants, 4);
    close_builder(&l);
}

static void
test_action_members(void **state)
{
    (void)state;
    CHECK(SERVICE(.actions = "{\"svc.read\":{\"scope\":\1\"acount\"},"
                             "\"svc.write\":\1{\"title\":\0011},"
                             "\"svc.x\":{\1\"scop\":1,\"scope\":\1true}}"),
        HINTED("bad_value", "did you mean \"account\"?"),
        FOUND("missing_member"), FOUND("wrong_type"),
        HINTED("unknown_member", "did you mean \"scope\"?"),
        FOUND("wrong_type"));
}

static void
test_action_names(void **state)
{
    (void)state;
    CHECK(SERVICE(.actions = "{\"svc.read\":{\"scope\":\"account\"},"
                             "\1\"a b\":{\"scope\":\"account\"},"
                             "\1\".a\":{\"scope\":\"account\"},"
                             "\1\"\":{\"scope\":\"account\"}}"),
        FOUND("bad_value"), FOUND("bad_value"), FOUND("bad_value"));
}

static void
test_event_members(void **state)
{
    (void)state;
    CHECK(SERVICE(.events = "{\"svc.read\":{\"data\":\0010},"
                            "\"e1\":\1{\"deprecated\":\1\"yes\"},"
                            "\"e2\":\1true,"
                            "\1\"e 3\":{\"data\":true}}"),
        FOUND("wrong_type"), FOUND("missing_member"), FOUND("wrong_type"),
        FOUND("wrong_type"), FOUND("bad_value"));
}

static void
test_event_titles(void **state)
{
    static struct loaded l;
    (void)state;
    CHECK(SERVICE(.events = "{\"a\":{\"data\":true,\"title\":\1{}},"
                            "\"b\":{\"data\":true,\"title\":\1null},"
                            "\"c\":{\"data\":true,\"title\":{\"fr\":\0011}}}"),
        FOUND("empty"), FOUND("wrong_type"), FOUND("wrong_type"));
    open_builder(&l);
    read_into(&l,
        SERVICE(.events = "{\"a\":{\"data\":true,\"title\":\"A\"},"
                          "\"b\":{\"data\":true,\"title\":{\"fr\":\"F\","
                          "\"en\":\"E\"}},"
                          "\"c\":{\"data\":false,\"deprecated\":true,"
                          "\"title\":{\"fr\":\"F\",\"de\":\"D\"}},"
                          "\"d\":{\"data\":false}}"));
    assert_int_equal(pdp_report_errors(l.report), 0);
    const char *titles[] = {"A", "E", "F", NULL};
    assert_int_equal(l.b.events.cnt, 4);
    for (uint32_t i = 0; i < 4; i++) {
        const struct pdp__event *event =
            PDP__ITEM(&l.b, events, struct pdp__event, i);
        pdp_str_t title = pdp__builder_str(&l.b, event->title);
        assert_int_equal(title.ptr == NULL, titles[i] == NULL);
        assert_true(
            titles[i] == NULL || pdp__str_eq(title, pdp__str_z(titles[i])));
        assert_int_equal(event->data, i < 2);
        assert_int_equal(event->deprecated, i == 2);
    }
    close_builder(&l);
}

static void
test_unused_names_are_notes(void **state)
{
    (void)state;
    CHECK_NOTES(SERVICE(.actions = "{\"svc.read\":{\"scope\":\"account\"},"
                                   "\1\"svc.a\":{\"scope\":\"account\"}}",
                    .events = "{\1\"svc.read\":{\"data\":true},"
                              "\"old\":{\"data\":false,\"deprecated\":true}}",
                    .params = "{\1\"q\":{\"kind\":\"text\"}}"),
        FOUND("unused"), FOUND("unused"), FOUND("unused"));
}

/* Tables as they are read. */
static void
test_tables(void **state)
{
    static struct loaded l;
    (void)state;
    open_builder(&l);
    read_into(&l, SERVICE(.tail = ",\"title\":\"T\""));
    const struct pdp__service *service =
        PDP__ITEM(&l.b, services, struct pdp__service, 0);
    assert_true(
        pdp__str_eq(pdp__builder_str(&l.b, service->title), PDP__LIT("T")));
    assert_int_equal(service->actions.cnt, 2);
    assert_int_equal(service->action_words, 1);
    assert_int_equal(service->roles.cnt, 5);
    assert_int_equal(service->events.cnt, 1);
    assert_int_equal(service->regions.cnt, 1);
    assert_int_equal(service->routes.cnt, 1);
    const struct pdp__action *action =
        PDP__ITEM(&l.b, actions, struct pdp__action, 1);
    assert_int_equal(action->scope, PDP__SCOPE_ACCOUNT);
    assert_int_equal(action->bit, 1);
    close_builder(&l);
}

/* A section of so many items is one finding, at the section. */
static void
check_limit(const char *before, unsigned cnt, bool array)
{
    enum { CAP = 2 << 20 };
    pdp_mem_t mem = pdp__mem_default();
    struct loaded *l = pdp__mem_alloc(&mem, sizeof(*l));
    char *text = pdp__mem_alloc(&mem, CAP);
    struct pdp__doc doc;
    assert_non_null(l);
    assert_non_null(text);
    size_t len = (size_t)snprintf(text, CAP,
        "{\"format\":\"pdp-service/1\",\"service\":\"svc\",%s:", before);
    size_t column = len + 1;
    text[len++] = array ? '[' : '{';
    for (unsigned i = 0; i < cnt; i++) {
        int more = array ? snprintf(text + len, CAP - len, "%u,", i)
                         : snprintf(text + len, CAP - len, "\"a%u\":{},", i);
        len += (size_t)more;
        assert_true(len + 64 < CAP);
    }
    text[len - 1] = array ? ']' : '}';
    text[len++] = '}';
    pdp_source_t source = {
        .size = sizeof(source),
        .kind = PDP_SOURCE_SERVICE,
        .name = PDP__LIT("big"),
        .text = pdp__str(text, len),
    };
    open_builder(l);
    assert_int_equal(pdp__doc_open(&l->arena, l->report, &source, &doc),
        PDP_OK);
    assert_true(doc.readable);
    assert_int_equal(pdp__read_service(&l->b, &doc), PDP_OK);
    size_t found = 0;
    for (size_t i = 0; i < pdp_report_count(l->report); i++) {
        pdp_finding_t f = {.size = sizeof(f)};
        assert_int_equal(pdp_report_at(l->report, i, &f), PDP_OK);
        assert_true(pdp__str_eq(f.code, PDP__LIT("limit")) ||
                    pdp__str_eq(f.code, PDP__LIT("missing_member")));
        if (pdp__str_eq(f.code, PDP__LIT("limit"))) {
            assert_int_equal(f.line, 1);
            assert_int_equal(f.column, column);
            found++;
        }
    }
    assert_int_equal(found, 1);
    close_builder(l);
    pdp__mem_free(&mem, text);
    pdp__mem_free(&mem, l);
}

static void
test_limits(void **state)
{
    (void)state;
    check_limit("\"actions\"", 4097, false);
    check_limit("\"roles\"", 1025, false);
    check_limit("\"events\"", 16385, false);
    check_limit("\"params\"", 4097, false);
    check_limit("\"regions\"", 1025, true);
    check_limit("\"routes\"", 65537, true);
}

static void
test_too_many_services(void **state)
{
    static struct loaded l;
    char head[80];
    const struct want wants[] = {{"limit", NULL}};
    (void)state;
    open_builder(&l);
    for (unsigned i = 0; i <= 256; i++) {
        snprintf(head, sizeof(head),
            "\"format\":\"pdp-service/1\",\"service\":\"s%u\"", i);
        const char *text = SERVICE(.head = head, .actions = "{}", .roles = "{}",
            .regions = "[]", .routes = "[]");
        if (i < 256) {
            read_into(&l, text);
        } else {
            static char marked[65536 + 2];
            snprintf(marked, sizeof(marked), "\1%s", text);
            read_into(&l, marked);
        }
    }
    check_findings(&l, PDP_SEVERITY_WARNING, wants, 1);
    close_builder(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_definition_is_clean),
        cmocka_unit_test(test_regions_and_title_are_optional),
        cmocka_unit_test(test_every_other_member_is_required),
        cmocka_unit_test(test_root_must_be_an_object),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_unknown_top_member),
        cmocka_unit_test(test_wrong_types_of_sections),
        cmocka_unit_test(test_service_name),
        cmocka_unit_test(test_two_services),
        cmocka_unit_test(test_names_are_local_to_a_service),
        cmocka_unit_test(test_action_members),
        cmocka_unit_test(test_action_names),
        cmocka_unit_test(test_event_members),
        cmocka_unit_test(test_event_titles),
        cmocka_unit_test(test_unused_names_are_notes),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_too_many_services),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
