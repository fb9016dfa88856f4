/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * Image references, as parameters of a request name them.  One text, one
 * reading: the first slash ends the host (of an image) and the next one the
 * namespace, the first ':' or '@' after that ends the repository.  Defaults
 * of the Docker client (`docker.io`, `library/`, `latest`) are not filled
 * in, since a guess here is a hole there; nor may a tag and a digest stand
 * together, since the service has to pick one of them.
 *
 * Pure syntax, one pass, no memory, only ASCII.  Whether the host is one of
 * the service and of which region is for the caller.
 *
 * OCI distribution spec 1.1 "Pulling manifests" for repository components
 * and tags; OCI image spec 1.1 "Digests".
 */

#include "text/image.h"

enum {
    NAMESPACE_MAX = 254,
    NEW_NAMESPACE_MIN = 4,
    NEW_NAMESPACE_MAX = 30,
    TAG_MAX = 128
};

static bool
is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
is_namespace_char(char c)
{
    return is_lower_or_digit(c) || c == '.' || c == '_' || c == '-';
}

static bool
is_tag_start(char c)
{
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool
pdp__namespace_check(pdp_str_t text)
{
    if (text.len == 0 || text.len > NAMESPACE_MAX ||
        !is_lower_or_digit(text.ptr[0])) {
        return false;
    }
    for (size_t i = 1; i < text.len; i++) {
        if (!is_namespace_char(text.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool
pdp__new_namespace_check(pdp_str_t text)
{
    return text.len >= NEW_NAMESPACE_MIN && text.len <= NEW_NAMESPACE_MAX &&
           pdp__namespace_check(text) &&
           is_lower_or_digit(text.ptr[text.len - 1]) &&
           pdp__str_find(text, '.', 0) == text.len;
}

static bool
check_host(pdp_str_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!is_lower_or_digit(c) && c != '.' && c != '-') {
            return false;
        }
    }
    return pdp__str_find(text, '.', 0) < text.len;
}

/*
 * The separator at text[at]: one '.', one or two '_', any number of '-', or
 * the slash between components.  Its length, or 0 if there is none.
 */
static size_t
separator(pdp_str_t text, size_t at)
{
    char c = text.ptr[at];
    if (c == '.' || c == '/') {
        return 1;
    }
    size_t len = 0;
    if (c == '_' || c == '-') {
        while (at + len < text.len && text.ptr[at + len] == c) {
            len++;
        }
    }
    return c == '_' && len > 2 ? 0 : len;
}

/* component *("/" component): runs of letters and digits with exactly one
 * separator between two of them, never at either end. */
static bool
check_repository(pdp_str_t text)
{
    size_t at = 0;
    for (;;) {
        size_t start = at;
        while (at < text.len && is_lower_or_digit(text.ptr[at])) {
            at++;
        }
        if (at == start) {
            return false;
        }
        if (at == text.len) {
            return true;
        }
        size_t len = separator(text, at);
        if (len == 0) {
            return false;
        }
        at += len;
    }
}

static bool
check_tag(pdp_str_t text)
{
    if (text.len == 0 || text.len > TAG_MAX || !is_tag_start(text.ptr[0])) {
        return false;
    }
    for (size_t i = 1; i < text.len; i++) {
        char c = text.ptr[i];
        if (!is_tag_start(c) && c != '.' && c != '-') {
            return false;
        }
    }
    return true;
}

/* A digest of another algorithm or length is another name for something we
 * could not compare: refused. */
static bool
check_digest(pdp_str_t text)
{
    static const struct {
        pdp_str_t prefix;
        size_t digits;
    } algorithms[] = {
        {PDP__LIT_INIT("sha256:"), 64},
        {PDP__LIT_INIT("sha512:"), 128},
    };
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        if (!pdp__str_starts(text, algorithms[i].prefix)) {
            continue;
        }
        pdp_str_t digits = pdp__str_from(text, algorithms[i].prefix.len);
        bool good = digits.len == algorithms[i].digits;
        for (size_t at = 0; good && at < digits.len; at++) {
            good = is_hex(digits.ptr[at]);
        }
        return good;
    }
    return false;
}

/* repository [":" tag | "@" digest] */
static bool
parse_repository(pdp_str_t text, struct pdp__image *out)
{
    size_t end = 0;
    while (end < text.len && text.ptr[end] != ':' && text.ptr[end] != '@') {
        end++;
    }
    out->repository = pdp__str(text.ptr, end);
    if (!check_repository(out->repository)) {
        return false;
    }
    if (end == text.len) {
        return true;
    }
    pdp_str_t rest = pdp__str_from(text, end + 1);
    if (text.ptr[end] == ':') {
        out->tag = rest;
        return check_tag(rest);
    }
    out->digest = rest;
    return check_digest(rest);
}

/* namespace ["/" repository ...] */
static bool
parse_resource(pdp_str_t text, struct pdp__image *out)
{
    size_t slash = pdp__str_find(text, '/', 0);
    out->name_space = pdp__str(text.ptr, slash);
    if (!pdp__namespace_check(out->name_space)) {
        return false;
    }
    return slash == text.len ||
           parse_repository(pdp__str_from(text, slash + 1), out);
}

bool
pdp__image_parse(pdp_str_t text, struct pdp__image *out)
{
    struct pdp__image image = {0};
    size_t slash = pdp__str_find(text, '/', 0);

    if (slash == text.len) {
        return false;
    }
    image.host = pdp__str(text.ptr, slash);
    if (!check_host(image.host) ||
        !parse_resource(pdp__str_from(text, slash + 1), &image) ||
        image.repository.ptr == NULL) {
        return false;
    }
    *out = image;
    return true;
}

bool
pdp__resource_parse(pdp_str_t text, struct pdp__image *out)
{
    struct pdp__image image = {0};

    if (!parse_resource(text, &image)) {
        return false;
    }
    *out = image;
    return true;
}
