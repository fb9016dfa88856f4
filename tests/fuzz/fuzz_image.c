/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * text/image.c: the parts of what is accepted give the text again, so no
 * byte is read twice or dropped; each part keeps to a plain statement of
 * its grammar; and an image is a host and a resource with a repository,
 * nothing else.
 */

#include <stdio.h>
#include <stdlib.h>

#include "text/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "line %d: %s\n", __LINE__, #condition);            \
            abort();                                                           \
        }                                                                      \
    } while (0)

enum { TEXT_MAX = 4096 };

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool
is_made_of(pdp_str_t text, const char *set)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\0' || strchr(set, text.ptr[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static bool
holds(pdp_str_t text, const char *part)
{
    for (size_t i = 0; i < text.len; i++) {
        if (pdp__str_starts(pdp__str_from(text, i), pdp__str_z(part))) {
            return true;
        }
    }
    return false;
}

static void
append(char *out, size_t *len, pdp_str_t part)
{
    if (part.len != 0) {
        memcpy(out + *len, part.ptr, part.len);
        *len += part.len;
    }
}

static void
check_joined(pdp_str_t text, const struct pdp__image *image)
{
    static char out[TEXT_MAX];
    size_t len = 0;
    append(out, &len, image->host);
    append(out, &len, PDP__LIT("/"));
    if (image->host.ptr == NULL) {
        len = 0;
    }
    append(out, &len, image->name_space);
    if (image->repository.ptr != NULL) {
        append(out, &len, PDP__LIT("/"));
        append(out, &len, image->repository);
    }
    if (image->tag.ptr != NULL) {
        append(out, &len, PDP__LIT(":"));
        append(out, &len, image->tag);
    }
    if (image->digest.ptr != NULL) {
        append(out, &len, PDP__LIT("@"));
        append(out, &len, image->digest);
    }
    CHECK(pdp__str_eq(pdp__str(out, len), text));
}

static void
check_parts(const struct pdp__image *image)
{
    static const char *const never[] = {"..", "//", "___", "._", "_.", "-_",
        "_-", ".-", "-.", "/.", "./", "/-", "-/", "/_", "_/"};
    pdp_str_t repository = image->repository;

    CHECK(pdp__namespace_check(image->name_space));
    if (repository.ptr == NULL) {
        CHECK(image->tag.ptr == NULL && image->digest.ptr == NULL);
        return;
    }
    CHECK(repository.len > 0 && is_made_of(repository, LOWER "._-/"));
    CHECK(is_made_of(pdp__str(repository.ptr, 1), LOWER));
    CHECK(is_made_of(pdp__str_from(repository, repository.len - 1), LOWER));
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        CHECK(!holds(repository, never[i]));
    }
    CHECK(image->tag.ptr == NULL || image->digest.ptr == NULL);
    if (image->tag.ptr != NULL) {
        CHECK(image->tag.len >= 1 && image->tag.len <= 128);
        CHECK(is_made_of(image->tag, LOWER UPPER "._-"));
        CHECK(image->tag.ptr[0] != '.' && image->tag.ptr[0] != '-');
    }
    if (image->digest.ptr != NULL) {
        CHECK(image->digest.len == 71 || image->digest.len == 135);
        CHECK(is_made_of(pdp__str_from(image->digest, 7), "0123456789abcdef"));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pdp_str_t text = {(const char *)data, size};
    struct pdp__image image;
    struct pdp__image resource;

    if (size > TEXT_MAX) {
        return 0;
    }
    bool is_resource = pdp__resource_parse(text, &resource);
    if (is_resource) {
        CHECK(resource.host.ptr == NULL);
        check_parts(&resource);
        check_joined(text, &resource);
    }
    bool is_namespace = pdp__namespace_check(text);
    CHECK(is_namespace == (is_resource && resource.repository.ptr == NULL));
    CHECK(is_namespace || !pdp__new_namespace_check(text));

    size_t slash = pdp__str_find(text, '/', 0);
    bool expected = false;
    if (slash < text.len) {
        pdp_str_t host = pdp__str(text.ptr, slash);
        expected =
            is_made_of(host, LOWER ".-") && holds(host, ".") &&
            pdp__resource_parse(pdp__str_from(text, slash + 1), &resource) &&
            resource.repository.ptr != NULL;
    }
    CHECK(pdp__image_parse(text, &image) == expected);
    if (expected) {
        check_parts(&image);
        check_joined(text, &image);
    }
    return 0;
}
