/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/* text/image.c: every form the service documents, and their near misses. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "assert_text.h"

#include "text/image.h"

#define HEX_32 "38f97dd92769b18ca82ad9ab6667af47"
#define HEX_64 HEX_32 HEX_32
#define DIGEST "sha256:" HEX_64
#define CNT(array) (sizeof(array) / sizeof((array)[0]))

struct expected {
    const char *text;
    const char *host;
    const char *name_space;
    const char *repository;
    const char *tag;
    const char *digest;
};

static void
check_parts(const struct pdp__image *image, const struct expected *expected)
{
    assert_str(image->host, expected->host);
    assert_str(image->name_space, expected->name_space);
    assert_str(image->repository, expected->repository);
    assert_str(image->tag, expected->tag);
    assert_str(image->digest, expected->digest);
}

static void
test_images(void **state)
{
    (void)state;
    static const struct expected cases[] = {
        {"us.icr.io/birds/woodpecker", "us.icr.io", "birds", "woodpecker", NULL,
            NULL},
        {"us.icr.io/birds/woodpecker:green", "us.icr.io", "birds", "woodpecker",
            "green", NULL},
        {"us.icr.io/birds/woodpecker:red", "us.icr.io", "birds", "woodpecker",
            "red", NULL},
        {"us.icr.io/birds/bluebird:1", "us.icr.io", "birds", "bluebird", "1",
            NULL},
        {"us.icr.io/namespace/image", "us.icr.io", "namespace", "image", NULL,
            NULL},
        {"us.icr.io/namespace/repository:tag", "us.icr.io", "namespace",
            "repository", "tag", NULL},
        {"us.icr.io/birds/woodpecker@" DIGEST, "us.icr.io", "birds",
            "woodpecker", NULL, DIGEST},
        {"icr.io/namespace/repo@" DIGEST, "icr.io", "namespace", "repo", NULL,
            DIGEST},
        {"de.icr.io/birds/notexist:1", "de.icr.io", "birds", "notexist", "1",
            NULL},
        {"private.de.icr.io/a/b", "private.de.icr.io", "a", "b", NULL, NULL},
        {"icr.io/ns/a/b/c:t", "icr.io", "ns", "a/b/c", "t", NULL},
        {"icr.io/n.s_1-/a.b_c__d---e/0:_.-Z", "icr.io", "n.s_1-",
            "a.b_c__d---e/0", "_.-Z", NULL},
        {"icr.io/ns/r@sha512:" HEX_64 HEX_64, "icr.io", "ns", "r", NULL,
            "sha512:" HEX_64 HEX_64},
        {"./n/r", ".", "n", "r", NULL, NULL}, /* host: for the caller */
    };
    for (size_t i = 0; i < CNT(cases); i++) {
        struct pdp__image image;
        assert_true(pdp__image_parse(pdp__str_z(cases[i].text), &image));
        check_parts(&image, &cases[i]);
    }
}

static void
test_resources(void **state)
{
    (void)state;
    static const struct expected cases[] = {
        {"birds", NULL, "birds", NULL, NULL, NULL},
        {"birds/woodpecker", NULL, "birds", "woodpecker", NULL, NULL},
        {"namespace/repository:tag", NULL, "namespace", "repository", "tag",
            NULL},
        {"namespace/repository@" DIGEST, NULL, "namespace", "repository", NULL,
            DIGEST},
        {"a/b/c:d", NULL, "a", "b/c", "d", NULL},
        {"0", NULL, "0", NULL, NULL, NULL},
        /* A host can be read as a namespace. */
        {"us.icr.io/birds/woodpecker", NULL, "us.icr.io", "birds/woodpecker",
            NULL, NULL},
    };
    for (size_t i = 0; i < CNT(cases); i++) {
        struct pdp__image image;
        assert_true(pdp__resource_parse(pdp__str_z(cases[i].text), &image));
        check_parts(&image, &cases[i]);
    }
}

/* Refused, and *out stays as it was. */
static void
check_rejects(const char *const *texts, size_t cnt, bool image)
{
    struct pdp__image parts;
    memset(&parts, 'x', sizeof(parts));
    struct pdp__image before = parts;
    for (size_t i = 0; i < cnt; i++) {
        pdp_str_t text = pdp__str_z(texts[i]);
        if (image ? pdp__image_parse(text, &parts)
                  : pdp__resource_parse(text, &parts)) {
            fail_msg("%s", texts[i]);
        }
        assert_memory_equal(&parts, &before, sizeof(parts));
    }
}

static void
test_image_rejects(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "/",
        "//",
        "us.icr.io",
        "us.icr.io/",
        "us.icr.io/birds",
        "us.icr.io/birds/",
        "us.icr.io/birds:tag",
        "us.icr.io//woodpecker",
        "/birds/woodpecker",
        "birds/woodpecker",
        "birds/woodpecker/x", /* a host has a dot */
        "localhost/birds/woodpecker",
        "us.icr.io:443/birds/woodpecker",
        "US.icr.io/birds/woodpecker",
        "us_.icr.io/birds/woodpecker",
        "us.icr.io /birds/woodpecker",
        "user@us.icr.io/birds/woodpecker",
        "https://us.icr.io/birds/woodpecker",
        "us.icr.io/Birds/woodpecker",
        "us.icr.io/-birds/woodpecker",
        "us.icr.io/.birds/woodpecker",
        "us.icr.io/../woodpecker",
        "us.icr.io/birds\n/woodpecker",
    };
    check_rejects(texts, CNT(texts), true);
    struct pdp__image image;
    assert_false(pdp__image_parse(pdp__str(NULL, 0), &image));
}

static void
test_repository_rejects(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "icr.io/ns/Repo",
        "icr.io/ns/.repo",
        "icr.io/ns/repo.",
        "icr.io/ns/re..po",
        "icr.io/ns/re._po",
        "icr.io/ns/re___po",
        "icr.io/ns/re-_po",
        "icr.io/ns/re_-po",
        "icr.io/ns/-repo",
        "icr.io/ns/repo-",
        "icr.io/ns/_repo",
        "icr.io/ns/repo__",
        "icr.io/ns/a//b",
        "icr.io/ns/a/",
        "icr.io/ns//a",
        "icr.io/ns/a/../b",
        "icr.io/ns/a/./b",
        "icr.io/ns/..",
        "icr.io/ns/a/-b",
        "icr.io/ns/a-/b",
        "icr.io/ns/a b",
        "icr.io/ns/a*",
        "icr.io/ns/a?",
        "icr.io/ns/a\\b",
        "icr.io/ns/a%2Fb",
        "icr.io/ns/\xC3\xA9",
        "icr.io/ns/:tag",
        "icr.io/ns/@" DIGEST,
    };
    check_rejects(texts, CNT(texts), true);
    for (size_t i = 0; i < CNT(texts); i++) {
        struct pdp__image image;
        pdp_str_t resource =
            pdp__str_from(pdp__str_z(texts[i]), strlen("icr.io/"));
        assert_false(pdp__resource_parse(resource, &image));
    }
    struct pdp__image image;
    assert_false(pdp__image_parse(PDP__LIT("icr.io/ns/a\0b"), &image));
    assert_false(pdp__image_parse(PDP__LIT("icr.io/ns/a\0"), &image));
}

static void
test_tag_and_digest_rejects(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "ns/repo:",
        "ns/repo@",
        "ns/repo:.tag",
        "ns/repo:-tag",
        "ns/repo:ta/g",
        "ns/repo:ta:g",
        "ns/repo:ta g",
        "ns/repo:ta+g",
        "ns/repo:t\xC3\xA9",
        "ns/repo:tag@" DIGEST,
        "ns/repo@" DIGEST ":tag",
        "ns/repo@" DIGEST "@" DIGEST,
        "ns/repo@sha256",
        "ns/repo@sha256:",
        "ns/repo@sha256:" HEX_32,
        "ns/repo@sha256:" HEX_64 "0",
        "ns/repo@sha256:g" HEX_32 HEX_32,
        "ns/repo@SHA256:" HEX_64,
        "ns/repo@sha256:38F97dd92769b18ca82ad9ab6667af47" HEX_32,
        "ns/repo@sha512:" HEX_64,
        "ns/repo@sha256:" HEX_64 HEX_64,
        "ns/repo@sha384:" HEX_64 HEX_32,
        "ns/repo@md5:" HEX_32,
        "ns/repo@" HEX_64,
        "ns@" DIGEST,
        "ns:tag",
    };
    check_rejects(texts, CNT(texts), false);
}

/* Every byte in a digest and in a host, and nothing but what belongs. */
static void
test_every_byte_of_digests_and_hosts(void **state)
{
    char digest[] = "ns/repo@" DIGEST;
    char host[] = "a?z.io/ns/repo";
    struct pdp__image image;

    (void)state;
    for (int c = 0; c < 256; c++) {
        bool hex = c != 0 && strchr("0123456789abcdef", c) != NULL;
        bool name =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';

        digest[sizeof(digest) - 2] = (char)c;
        assert_int_equal(pdp__resource_parse(PDP__LIT(digest), &image), hex);
        if (c == '/') {
            continue; /* the host ends there */
        }
        host[1] = (char)c;
        assert_int_equal(pdp__image_parse(PDP__LIT(host), &image),
            name || c == '.');
    }
}

static void
test_tag_length(void **state)
{
    (void)state;
    char text[256] = "ns/r:";
    struct pdp__image image;
    memset(text + 5, 'T', 200);
    assert_true(pdp__resource_parse(pdp__str(text, 5 + 127), &image));
    assert_true(pdp__resource_parse(pdp__str(text, 5 + 128), &image));
    assert_int_equal(image.tag.len, 128);
    assert_false(pdp__resource_parse(pdp__str(text, 5 + 129), &image));
}

static void
test_namespaces(void **state)
{
    (void)state;
    char text[300];
    static const char *const good[] = {"a", "0", "birds", "a.b", "a..", "a_-",
        "0-9", "details", "us.icr.io"};
    static const char *const bad[] = {"", ".", "..", "_a", "-a", ".a", "A",
        "bIrds", "a/b", "a:b", "a@b", "a b", "a ", "a*", "\xC3\xA9", "a\n"};
    for (size_t i = 0; i < CNT(good); i++) {
        assert_true(pdp__namespace_check(pdp__str_z(good[i])));
    }
    for (size_t i = 0; i < CNT(bad); i++) {
        assert_false(pdp__namespace_check(pdp__str_z(bad[i])));
    }
    assert_false(pdp__namespace_check(pdp__str(NULL, 0)));
    assert_false(pdp__namespace_check(PDP__LIT("a\0")));
    memset(text, 'a', sizeof(text));
    assert_true(pdp__namespace_check(pdp__str(text, 254)));
    assert_false(pdp__namespace_check(pdp__str(text, 255)));
}

static void
test_new_namespaces(void **state)
{
    (void)state;
    char text[40];
    static const char *const good[] = {"bird", "birds", "b1-0", "0000", "a--b",
        "a__b", "a-_0"};
    static const char *const bad[] = {"", "a", "abc", "birds.", "bi.rds",
        "-bird", "_bird", "bird-", "bird_", "Bird", "bi rd", "bi/rd",
        "b\xC3\xA9rd", "bird\n"};
    for (size_t i = 0; i < CNT(good); i++) {
        assert_true(pdp__new_namespace_check(pdp__str_z(good[i])));
    }
    for (size_t i = 0; i < CNT(bad); i++) {
        assert_false(pdp__new_namespace_check(pdp__str_z(bad[i])));
    }
    assert_false(pdp__new_namespace_check(pdp__str(NULL, 0)));
    memset(text, 'a', sizeof(text));
    assert_false(pdp__new_namespace_check(pdp__str(text, 3)));
    assert_true(pdp__new_namespace_check(pdp__str(text, 4)));
    assert_true(pdp__new_namespace_check(pdp__str(text, 30)));
    assert_false(pdp__new_namespace_check(pdp__str(text, 31)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_resources),
        cmocka_unit_test(test_image_rejects),
        cmocka_unit_test(test_repository_rejects),
        cmocka_unit_test(test_tag_and_digest_rejects),
        cmocka_unit_test(test_every_byte_of_digests_and_hosts),
        cmocka_unit_test(test_tag_length),
        cmocka_unit_test(test_namespaces),
        cmocka_unit_test(test_new_namespaces),
    };
    return cmocka_run_group_tests_name("text/image", tests, NULL, NULL);
}
