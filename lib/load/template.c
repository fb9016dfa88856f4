/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/template.h"

/*
 * Path template -> segments.
 *
 *     template  = 1*32( "/" segment )
 *     segment   = literal / "{" name "}" / "{+" name "}"    ; one "{+" at most
 *     literal   = 1*( unreserved / sub-delims / ":" / "@" ) ; RFC 3986 3.3
 *     name      = ( ALPHA / "_" ) *( ALPHA / DIGIT / "_" )
 *
 * Refused besides, since no request could ever reach them: the literals `.`
 * and `..`, a ';', and every escape (a literal has one spelling, and requests
 * are compared with it byte by byte).
 *
 * A name may occur twice, as in templates that others publish; an `on` that
 * would mean one of the two is refused where it is read.
 *
 * Not here: what kind of value a name stands for; see service_routes.c.
 */

static bool
is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_literal_byte(char c)
{
    return is_alpha(c) || is_digit(c) ||
           (c != '\0' && strchr("-._~!$&'()*+,=:@", c) != NULL);
}

static bool
fail(size_t at, const char *phrase, size_t *error_offset, const char **why)
{
    *error_offset = at;
    *why = phrase;
    return false;
}

static bool
parse_literal(pdp_str_t path, struct pdp__template_segment *segment,
    size_t *error_offset, const char **why)
{
    pdp_str_t text = segment->text;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        size_t at = (size_t)(text.ptr - path.ptr) + i;
        if (c == '{' || c == '}') {
            return fail(at, "a parameter must be a whole segment", error_offset,
                why);
        }
        if (c == '%') {
            return fail(at, "escapes are not allowed in a template",
                error_offset, why);
        }
        if (!is_literal_byte(c)) {
            return fail(at, "a byte that no path segment may hold",
                error_offset, why);
        }
    }
    if (pdp__str_eq(text, PDP__LIT(".")) || pdp__str_eq(text, PDP__LIT(".."))) {
        return fail(segment->offset, "a dot segment", error_offset, why);
    }
    segment->step = PDP__STEP_LITERAL;
    return true;
}

/* The text between the braces of a segment that has them. */
static bool
parse_name(pdp_str_t path, struct pdp__template_segment *segment,
    size_t *error_offset, const char **why)
{
    bool multi = segment->text.ptr[1] == '+';
    size_t skip = multi ? 2 : 1;
    pdp_str_t name =
        pdp__str(segment->text.ptr + skip, segment->text.len - skip - 1);
    size_t at = (size_t)(name.ptr - path.ptr);
    if (name.len == 0) {
        return fail(at, "a parameter without a name", error_offset, why);
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!is_alpha(c) && c != '_' && (i == 0 || !is_digit(c))) {
            return fail(at + i,
                "a parameter name is letters, digits and '_', "
                "and begins with no digit",
                error_offset, why);
        }
    }
    segment->text = name;
    segment->step = multi ? PDP__STEP_MULTI : PDP__STEP_PARAM;
    return true;
}

/* There is one `{+name}` at most: with two, their border would be a guess. */
static bool
check_multi(const struct pdp__template *template, uint32_t ix,
    size_t *error_offset, const char **why)
{
    const struct pdp__template_segment *segment = &template->segments[ix];
    if (segment->step != PDP__STEP_MULTI) {
        return true;
    }
    for (uint32_t i = 0; i < ix; i++) {
        if (template->segments[i].step == PDP__STEP_MULTI) {
            return fail(segment->offset,
                "a second parameter of several segments", error_offset, why);
        }
    }
    return true;
}

bool
pdp__template_parse(pdp_str_t path, struct pdp__template *out,
    size_t *error_offset, const char **why)
{
    out->cnt = 0;
    if (path.len == 0 || path.ptr[0] != '/') {
        return fail(0, "a path begins with '/'", error_offset, why);
    }
    for (size_t at = 1; at <= path.len;) {
        size_t end = pdp__str_find(path, '/', at);
        if (end == at) {
            return fail(at - 1,
                at == path.len ? "a slash at the end" : "an empty segment",
                error_offset, why);
        }
        if (out->cnt == PDP__SEGMENT_MAX) {
            return fail(at, "more than 32 segments", error_offset, why);
        }
        struct pdp__template_segment *segment = &out->segments[out->cnt];
        segment->text = pdp__str(path.ptr + at, end - at);
        segment->offset = at;
        bool braces =
            end - at >= 2 && path.ptr[at] == '{' && path.ptr[end - 1] == '}';
        bool parsed = braces ? parse_name(path, segment, error_offset, why)
                             : parse_literal(path, segment, error_offset, why);
        if (!parsed || !check_multi(out, out->cnt, error_offset, why)) {
            return false;
        }
        out->cnt++;
        at = end + 1;
    }
    return true;
}
