/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L

/*
 * text/image.c: the parts of what is accepted give the text again, so no
 * byte is read twice or dropped; each part keeps to a plain statement of
 * its grammar; an image is a host and a resource with a repository, nothing
 * else; and what is accepted is what the grammar of image.h, written as one
 * regular expression, matches.
 */

#include <regex.h>

#include "fuzz.h"
#include "text/image.h"

enum { TEXT_MAX = 1024 };

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
    MUST(pdp__str_eq(pdp__str(out, len), text));
}

static void
check_parts(const struct pdp__image *image)
{
    static const char *const never[] = {"..", "//", "___", "._", "_.", "-_",
        "_-", ".-", "-.", "/.", "./", "/-", "-/", "/_", "_/"};
    pdp_str_t repository = image->repository;

    MUST(pdp__namespace_check(image->name_space));
    if (repository.ptr == NULL) {
        MUST(image->tag.ptr == NULL && image->digest.ptr == NULL);
        return;
    }
    MUST(repository.len > 0 && is_made_of(repository, LOWER "._-/"));
    MUST(is_made_of(pdp__str(repository.ptr, 1), LOWER));
    MUST(is_made_of(pdp__str_from(repository, repository.len - 1), LOWER));
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        MUST(!holds(repository, never[i]));
    }
    MUST(image->tag.ptr == NULL || image->digest.ptr == NULL);
    if (image->tag.ptr != NULL) {
        MUST(image->tag.len >= 1 && image->tag.len <= 128);
        MUST(is_made_of(image->tag, LOWER UPPER "._-"));
        MUST(image->tag.ptr[0] != '.' && image->tag.ptr[0] != '-');
    }
    if (image->digest.ptr != NULL) {
        MUST(image->digest.len == 71 || image->digest.len == 135);
        MUST(is_made_of(pdp__str_from(image->digest, 7), "0123456789abcdef"));
    }
}

#define NAMESPACE "[a-z0-9][a-z0-9._-]{0,253}"
#define COMPONENT "[a-z0-9]+(([.]|_|__|-+)[a-z0-9]+)*"
#define REPOSITORY COMPONENT "(/" COMPONENT ")*"
#define TAG "[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
#define DIGEST "(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})"
#define ONE_IMAGE NAMESPACE "/" REPOSITORY "(:" TAG "|@" DIGEST ")?"

static const char *const grammars[] = {
    "^[a-z0-9-]*[.][a-z0-9.-]*/" ONE_IMAGE "$",
    "^(" NAMESPACE "|" ONE_IMAGE ")$",
    "^" NAMESPACE "$",
    "^[a-z0-9][a-z0-9_-]{2,28}[a-z0-9]$",
};

/* Of the C locale: classes are those of ASCII. */
static bool
matches(size_t grammar, pdp_str_t text)
{
    static regex_t compiled[sizeof(grammars) / sizeof(grammars[0])];
    static bool ready[sizeof(grammars) / sizeof(grammars[0])];
    if (!ready[grammar]) {
        MUST(regcomp(&compiled[grammar], grammars[grammar],
                 REG_EXTENDED | REG_NOSUB) == 0);
        ready[grammar] = true;
    }
    if (pdp__str_find(text, '\0', 0) < text.len) {
        return false; /* which ends a text for regexec() */
    }
    char *copy = take(text.len + 1);
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    copy[text.len] = '\0';
    bool result = regexec(&compiled[grammar], copy, 0, NULL, 0) == 0;
    free(copy);
    return result;
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
        MUST(resource.host.ptr == NULL);
        check_parts(&resource);
        check_joined(text, &resource);
    }
    bool is_namespace = pdp__namespace_check(text);
    MUST(is_namespace == (is_resource && resource.repository.ptr == NULL));
    MUST(is_namespace || !pdp__new_namespace_check(text));

    size_t slash = pdp__str_find(text, '/', 0);
    bool expected = false;
    if (slash < text.len) {
        pdp_str_t host = pdp__str(text.ptr, slash);
        expected =
            is_made_of(host, LOWER ".-") && holds(host, ".") &&
            pdp__resource_parse(pdp__str_from(text, slash + 1), &resource) &&
            resource.repository.ptr != NULL;
    }
    MUST(pdp__image_parse(text, &image) == expected);
    if (expected) {
        check_parts(&image);
        check_joined(text, &image);
    }
    MUST(matches(0, text) == expected);
    MUST(matches(1, text) == is_resource);
    MUST(matches(2, text) == is_namespace);
    MUST(matches(3, text) == pdp__new_namespace_check(text));
    return 0;
}
