/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* The words of IAM v2 policies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/vocabulary.h"

static void
attribute_names(void **state)
{
    static const struct {
        const char *name;
        enum pdp__attr attr;
    } rows[] = {
        {"serviceType", PDP__ATTR_SERVICE_TYPE},
        {"service_group_id", PDP__ATTR_SERVICE_GROUP_ID},
        {"serviceName", PDP__ATTR_SERVICE_NAME},
        {"accountId", PDP__ATTR_ACCOUNT_ID},
        {"geography", PDP__ATTR_GEOGRAPHY},
        {"region", PDP__ATTR_REGION},
        {"resourceType", PDP__ATTR_RESOURCE_TYPE},
        {"resource", PDP__ATTR_RESOURCE},
        {"resourceGroupId", PDP__ATTR_RESOURCE_GROUP_ID},
        {"serviceInstance", PDP__ATTR_SERVICE_INSTANCE},
    };

    (void)state;
    assert_int_equal(sizeof(rows) / sizeof(rows[0]), PDP__ATTR_COUNT - 1);
    for (size_t i = 0; i < PDP__ATTR_COUNT - 1; i++) {
        assert_int_equal(pdp__attr_find(pdp__str_z(rows[i].name)),
            rows[i].attr);
        assert_string_equal(pdp__attr_name(rows[i].attr), rows[i].name);
        assert_true(pdp__attr_name_check(pdp__str_z(rows[i].name)));
    }
    assert_string_equal(pdp__attr_name(PDP__ATTR_OTHER), "");
}

/* Names are exact: neither case nor length is forgiven. */
static void
other_names(void **state)
{
    static const char *const names[] = {"", "servicename", "ServiceName",
        "serviceName ", " serviceName", "serviceNam", "serviceNames", "service",
        "account", "resourcegroup", "path", "serviceType\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(pdp__attr_find(pdp__str_z(names[i])), PDP__ATTR_OTHER);
    }
    assert_int_equal(pdp__attr_find((pdp_str_t){NULL, 0}), PDP__ATTR_OTHER);
    assert_int_equal(pdp__attr_find(pdp__str("region\0", 7)), PDP__ATTR_OTHER);
    assert_int_equal(pdp__attr_find(pdp__str("regions", 6)), PDP__ATTR_REGION);
}

static void
operators(void **state)
{
    static const struct {
        const char *name;
        enum pdp__operator op;
    } rows[] = {
        {"stringEquals", PDP__OP_STRING_EQUALS},
        {"stringExists", PDP__OP_STRING_EXISTS},
        {"stringMatch", PDP__OP_STRING_MATCH},
        {"stringEqualsAnyOf", PDP__OP_STRING_EQUALS_ANY_OF},
        {"stringMatchAnyOf", PDP__OP_STRING_MATCH_ANY_OF},
    };
    static const char *const others[] = {"", "stringequals", "StringEquals",
        "stringEquals ", "stringEqual", "stringMatchAny", "timeLessThan",
        "stringNotEquals"};

    (void)state;
    assert_int_equal(sizeof(rows) / sizeof(rows[0]), PDP__OP_COUNT - 1);
    for (size_t i = 0; i < PDP__OP_COUNT - 1; i++) {
        assert_int_equal(pdp__operator_find(pdp__str_z(rows[i].name)),
            rows[i].op);
        assert_string_equal(pdp__operator_name(rows[i].op), rows[i].name);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_int_equal(pdp__operator_find(pdp__str_z(others[i])),
            PDP__OP_NONE);
    }
    assert_int_equal(pdp__operator_find((pdp_str_t){NULL, 0}), PDP__OP_NONE);
    assert_string_equal(pdp__operator_name(PDP__OP_NONE), "");
}

static void
shapes_of_names(void **state)
{
    static const char *const good[] = {"a", "Z", "a1", "a_b", "a.b", "a-b",
        "resourceAttribute.namespaces", "a-", "a.", "z_"};
    char name[66];

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(pdp__attr_name_check(pdp__str_z(good[i])));
    }
    assert_false(pdp__attr_name_check((pdp_str_t){NULL, 0}));
    memset(name, 'a', sizeof(name));
    assert_true(pdp__attr_name_check(pdp__str(name, 64)));
    assert_false(pdp__attr_name_check(pdp__str(name, 65)));
}

/* Each byte, as the first one and as a later one. */
static void
bytes_of_names(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char name[3] = {(char)byte, 'a', 'a'};
        bool letter =
            (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        bool more = letter || (byte >= '0' && byte <= '9') || byte == '_' ||
                    byte == '.' || byte == '-';

        assert_int_equal(pdp__attr_name_check(pdp__str(name, 3)), letter);
        assert_int_equal(pdp__attr_name_check(pdp__str(name, 1)), letter);
        name[0] = 'a';
        name[2] = (char)byte;
        assert_int_equal(pdp__attr_name_check(pdp__str(name, 3)), more);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attribute_names),
        cmocka_unit_test(other_names),
        cmocka_unit_test(operators),
        cmocka_unit_test(shapes_of_names),
        cmocka_unit_test(bytes_of_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
