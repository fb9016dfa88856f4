/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/* text/crn.c: real names, empty fields, colons in the last one, rejects. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "assert_text.h"

#include "text/crn.h"

static void
test_role(void **state)
{
    (void)state;
    struct pdp__crn crn;
    assert_true(
        pdp__crn_parse(PDP__LIT(
                           "crn:v1:bluemix:public:iam::::serviceRole:Manager"),
            &crn));
    assert_str(crn.cname, "bluemix");
    assert_str(crn.ctype, "public");
    assert_str(crn.service, "iam");
    assert_str(crn.location, "");
    assert_str(crn.scope, "");
    assert_str(crn.instance, "");
    assert_str(crn.type, "serviceRole");
    assert_str(crn.resource, "Manager");
}

static void
test_resource_with_colons(void **state)
{
    (void)state;
    struct pdp__crn crn;
    assert_true(
        pdp__crn_parse(PDP__LIT(
                           "crn:v1:bluemix:public:container-registry:us-south:"
                           "a/0123456789abcdef0123456789abcdef::image:"
                           "birds/woodpecker@sha256:38f9:"),
            &crn));
    assert_str(crn.service, "container-registry");
    assert_str(crn.location, "us-south");
    assert_str(crn.scope, "a/0123456789abcdef0123456789abcdef");
    assert_str(crn.instance, "");
    assert_str(crn.type, "image");
    assert_str(crn.resource, "birds/woodpecker@sha256:38f9:");
}

static void
test_all_fields_and_none(void **state)
{
    (void)state;
    struct pdp__crn crn;
    pdp_str_t text = PDP__LIT("crn:v1:a:b:c:d:e:f:g:h");
    assert_true(pdp__crn_parse(text, &crn));
    assert_str(crn.cname, "a");
    assert_str(crn.ctype, "b");
    assert_str(crn.service, "c");
    assert_str(crn.location, "d");
    assert_str(crn.scope, "e");
    assert_str(crn.instance, "f");
    assert_str(crn.type, "g");
    assert_str(crn.resource, "h");
    assert_ptr_equal(crn.resource.ptr, text.ptr + text.len - 1);

    assert_true(pdp__crn_parse(PDP__LIT("crn:v1::::::::"), &crn));
    assert_str(crn.cname, "");
    assert_str(crn.type, "");
    assert_str(crn.resource, "");
    assert_true(pdp__crn_parse(PDP__LIT("crn:v1:::::::::"), &crn));
    assert_str(crn.resource, ":");
}

static void
test_any_byte_is_kept(void **state)
{
    (void)state;
    struct pdp__crn crn;
    assert_true(pdp__crn_parse(PDP__LIT("crn:v1:\0a:b/ c:::::t:x\xFF"), &crn));
    assert_int_equal(crn.cname.len, 2);
    assert_str(crn.ctype, "b/ c");
    assert_str(crn.resource, "x\xFF");
}

static void
test_rejects(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "crn",
        "crn:v1",
        "crn:v1:",
        "crn:v1:bluemix:public:iam::::serviceRole", /* nine fields */
        "crn:v1:::::::",
        "crn:v2:bluemix:public:iam::::serviceRole:Manager",
        "crn:v1.0:bluemix:public:iam::::serviceRole:Manager",
        "CRN:v1:bluemix:public:iam::::serviceRole:Manager",
        "crn:V1:bluemix:public:iam::::serviceRole:Manager",
        " crn:v1:bluemix:public:iam::::serviceRole:Manager",
        "crn::bluemix:public:iam::::serviceRole:Manager:x",
        "arn:aws:s3:::a:b:c:d:e",
    };
    struct pdp__crn crn;
    memset(&crn, 'x', sizeof(crn));
    struct pdp__crn before = crn;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(pdp__crn_parse(pdp__str_z(texts[i]), &crn));
        assert_memory_equal(&crn, &before, sizeof(crn));
    }
    assert_false(pdp__crn_parse(pdp__str(NULL, 0), &crn));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_role),
        cmocka_unit_test(test_resource_with_colons),
        cmocka_unit_test(test_all_fields_and_none),
        cmocka_unit_test(test_any_byte_is_kept),
        cmocka_unit_test(test_rejects),
    };
    return cmocka_run_group_tests_name("text/crn", tests, NULL, NULL);
}
