/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* The grammar of parameter values: decoded text of a kind -> parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "assert_text.h"

#include "decide/flow.h"
#include "pdp.h"

#define DIGEST                                                                 \
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* A second service, with a region and a host of its own. */
static const char second[] =
    "{\"format\":\"pdp-service/1\",\"service\":\"s2\",\"actions\":{},"
    "\"roles\":{},\"events\":{},\"params\":{},\"regions\":[{\"region\":"
    "\"moon\",\"hosts\":[\"moon.example\"],\"events\":\"moon\"}],\"routes\":["
    "{\"method\":\"GET\",\"path\":\"/a\",\"access\":\"public\","
    "\"event\":null}]}";
static const char first[] =
    "{\"format\":\"pdp-service/1\",\"service\":\"s1\",\"actions\":{},"
    "\"roles\":{},\"events\":{},\"params\":{},\"regions\":["
    "{\"region\":\"us-south\",\"hosts\":[\"us.icr.io\",\"private.us.icr.io\"],"
    "\"events\":\"us-south\"},{\"region\":\"eu-de\",\"hosts\":[\"de.icr.io\"],"
    "\"events\":\"eu-de\"}],\"routes\":[{\"method\":\"GET\",\"path\":\"/a\","
    "\"access\":\"public\",\"event\":null}]}";

static pdp_snapshot_t *snapshot;
static struct pdp__value value; /* of the last parse */

static int
setup(void **state)
{
    static const char *const texts[] = {first, second};
    pdp_loader_t *loader = NULL;

    (void)state;
    assert_int_equal(pdp_loader_new(NULL, &loader), PDP_OK);
    for (size_t i = 0; i < 2; i++) {
        pdp_source_t source = {.size = sizeof(source),
            .kind = PDP_SOURCE_SERVICE,
            .name = PDP__LIT("s.json"),
            .text = pdp__str_z(texts[i])};

        assert_int_equal(pdp_loader_add(loader, &source), PDP_OK);
    }
    assert_int_equal(pdp_loader_build(loader, &snapshot, NULL), PDP_OK);
    pdp_loader_free(loader);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    pdp_snapshot_release(snapshot);
    return 0;
}

static bool
parse_for(enum pdp__param_kind kind, const char *text, uint32_t service,
    uint32_t region, bool tagless)
{
    memset(&value, 0xA5, sizeof(value)); /* what is not set shows */
    value.text = pdp__str_z(text);
    value.kind = (uint8_t)kind;
    value.creates = false;
    return pdp__value_parse(snapshot->block, service, region, tagless, &value);
}

static bool
parse(enum pdp__param_kind kind, const char *text)
{
    return parse_for(kind, text, 0, PDP__NONE, false);
}

static uint32_t
region_of(const char *host)
{
    uint32_t ix = pdp__find_host(snapshot->block, pdp__str_z(host));

    assert_int_not_equal(ix, PDP__NONE);
    return pdp__hosts(snapshot->block)[ix].region;
}

static void
images(void **state)
{
    (void)state;
    assert_true(parse(PDP__KIND_IMAGE, "us.icr.io/birds/a/b:green"));
    assert_str(value.image.host, "us.icr.io");
    assert_str(value.image.name_space, "birds");
    assert_str(value.image.tag, "green");
    assert_null(value.image.digest.ptr);
    assert_int_equal(value.region, region_of("us.icr.io"));
    assert_true(parse(PDP__KIND_IMAGE, "de.icr.io/birds/a@" DIGEST));
    assert_str(value.image.digest, DIGEST);
    assert_int_equal(value.region, region_of("de.icr.io"));
    assert_int_not_equal(region_of("us.icr.io"), region_of("de.icr.io"));
    static const char *const bad[] = {"", "us.icr.io", "us.icr.io/birds",
        "us.icr.io/birds/", "birds/a", "/birds/a", "us.icr.io//a",
        "us.icr.io/birds/a:", "us.icr.io/birds/a@", "US.icr.io/birds/a",
        "us.icr.io:443/birds/a", "evil.example/birds/a", "us.icr.io /birds/a",
        "us.icr.io/Birds/a", "us.icr.io/birds/A", "us.icr.io/birds/a/..",
        "us.icr.io/birds/a\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (parse(PDP__KIND_IMAGE, bad[i])) {
            fail_msg("%s is taken for an image", bad[i]);
        }
    }
}

/* The host must be the service's own, and in the region that was called. */
static void
hosts_of_images(void **state)
{
    static const struct {
        const char *host;
        uint32_t service;
        const char *called; /* a host of the region; NULL: not known */
        bool good;
    } cases[] = {
        {"us.icr.io", 0, NULL, true},
        {"us.icr.io", 0, "us.icr.io", true},
        {"us.icr.io", 0, "private.us.icr.io", true},
        {"private.us.icr.io", 0, "us.icr.io", true},
        {"us.icr.io", 0, "de.icr.io", false},
        {"de.icr.io", 0, "us.icr.io", false},
        {"us.icr.io", 1, NULL, false},
        {"moon.example", 0, NULL, false},
        {"moon.example", 1, NULL, true},
        {"moon.example", 1, "moon.example", true},
    };
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t region =
            cases[i].called == NULL ? PDP__NONE : region_of(cases[i].called);

        snprintf(text, sizeof(text), "%s/birds/a", cases[i].host);
        assert_int_equal(parse_for(PDP__KIND_IMAGE, text, cases[i].service,
                             region, false),
            cases[i].good);
    }
}

static void
resources(void **state)
{
    (void)state;
    assert_true(parse(PDP__KIND_RESOURCE, "birds"));
    assert_str(value.image.name_space, "birds");
    assert_null(value.image.host.ptr);
    assert_null(value.image.tag.ptr);
    assert_int_equal(value.region, PDP__NONE);
    assert_true(parse(PDP__KIND_RESOURCE, "birds/a/b:1"));
    assert_str(value.image.name_space, "birds");
    assert_str(value.image.tag, "1");
    assert_true(parse(PDP__KIND_RESOURCE, "birds/a@" DIGEST));
    assert_str(value.image.digest, DIGEST);
    assert_false(parse(PDP__KIND_RESOURCE, ""));
    assert_false(parse(PDP__KIND_RESOURCE, "birds/"));
    assert_false(parse(PDP__KIND_RESOURCE, "/birds"));
    assert_false(parse(PDP__KIND_RESOURCE, "Birds"));
    assert_false(parse(PDP__KIND_RESOURCE, "birds:1"));
}

static void
values_without_tag(void **state)
{
    static const struct {
        const char *text;
        enum pdp__param_kind kind;
        bool good;
    } cases[] = {
        {"us.icr.io/birds/a", PDP__KIND_IMAGE, true},
        {"us.icr.io/birds/a:1", PDP__KIND_IMAGE, false},
        {"us.icr.io/birds/a@" DIGEST, PDP__KIND_IMAGE, false},
        {"birds/a", PDP__KIND_RESOURCE, true},
        {"birds/a:1", PDP__KIND_RESOURCE, false},
        {"birds/a@" DIGEST, PDP__KIND_RESOURCE, false},
        {"birds", PDP__KIND_NAMESPACE, true},
        {"birds", PDP__KIND_TEXT, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(parse_for(cases[i].kind, cases[i].text, 0, PDP__NONE,
                             true),
            cases[i].good);
        assert_true(parse(cases[i].kind, cases[i].text));
    }
}

static void
namespaces(void **state)
{
    static const struct {
        const char *text;
        bool exists;
        bool creates;
    } cases[] = {
        {"birds", true, true},
        {"a", true, false},
        {"abc", true, false},
        {"abcd", true, true},
        {"abcd.e", true, false},
        {"abcd-e_f", true, true},
        {"abcd-", true, false},
        {"123456789012345678901234567890", true, true},
        {"1234567890123456789012345678901", true, false},
        {"", false, false},
        {"Birds", false, false},
        {"-abcd", false, false},
        {"birds/a", false, false},
        {"birds ", false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(parse(PDP__KIND_NAMESPACE, cases[i].text),
            cases[i].exists);
        assert_str(value.image.name_space, cases[i].text);
        assert_null(value.image.host.ptr);
        value.creates = true;
        assert_int_equal(pdp__value_parse(snapshot->block, 0, PDP__NONE, false,
                             &value),
            cases[i].creates);
    }
}

static void
texts(void **state)
{
    char text[257];

    (void)state;
    memset(text, 'x', sizeof(text));
    for (size_t len = 0; len <= 256; len++) {
        text[len] = '\0';
        assert_int_equal(parse(PDP__KIND_TEXT, text), len >= 1 && len <= 255);
        text[len] = 'x';
    }
    assert_true(parse(PDP__KIND_TEXT, " /\x7f\xff"));
    assert_null(value.image.name_space.ptr);
    assert_int_equal(value.region, PDP__NONE);
}

/* A kind that no definition can give takes nothing. */
static void
no_kind(void **state)
{
    (void)state;
    assert_false(parse(PDP__KIND_NONE, "birds"));
    assert_false(parse(PDP__KIND_NONE, ""));
    assert_false(parse((enum pdp__param_kind)200, "birds"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images),
        cmocka_unit_test(hosts_of_images),
        cmocka_unit_test(resources),
        cmocka_unit_test(values_without_tag),
        cmocka_unit_test(namespaces),
        cmocka_unit_test(texts),
        cmocka_unit_test(no_kind),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
