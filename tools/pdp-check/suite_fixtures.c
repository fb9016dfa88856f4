/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/suite_read.h"

/*
 * Principals and requests.
 *
 *     principals:
 *       robin: {iam_id: IBMid-270004WA3B, account: {bss: 8d5f..., valid: true}}
 *       nobody: anonymous
 *     requests:
 *       list images: GET /api/v1/images
 *       delete wren: {method: DELETE, target: ..., headers: {Account: 8d5f...}}
 *
 * The claims are not looked at: whatever somebody puts into a token is there
 * to be judged.  The same holds for method, target and header values, but not
 * for what could not be a request at all.
 *
 * A name cannot be mistaken for a short form: that has a space before a
 * slash, which is refused in names.
 */

#include "base/report.h"
#include "common/heap.h"
#include "model/vocabulary.h"
#include "pdp-check/header.h"

/* After so many errors nobody reads hints, and each costs a search. */
enum { HINTS_MAX = 200 };

static const pdp_str_t anonymous = PDP__LIT_INIT("anonymous");

/* Where "METHOD TARGET" is parted: at the space before the slash. */
static size_t
short_form(pdp_str_t text)
{
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.ptr[i] == ' ' && text.ptr[i + 1] == '/') {
            return i;
        }
    }
    return text.len;
}

static uint32_t
add_principal(struct pdp__suite *suite, uint32_t ix, pdp_str_t name)
{
    struct pdp__suite_principal *one =
        pdp__vec_push(&suite->arena, &suite->principals, sizeof(*one));
    *one = (struct pdp__suite_principal){.name = name, .node = ix};
    return suite->principals.cnt - 1;
}

/* The definition at node ix. */
static void
read_principal(struct pdp__suite *suite, uint32_t ix,
    struct pdp__suite_principal *out)
{
    const struct pdp__json_doc *json = &suite->doc.json;
    if (pdp__json_is(json, ix, PDP__JSON_OBJECT)) {
        return;
    }
    out->anonymous = pdp__json_is(json, ix, PDP__JSON_STRING) &&
                     pdp__str_eq(pdp__json_text(json, ix), anonymous);
    if (!out->anonymous) {
        PDP__DOC_ADD(&suite->doc, WRONG_TYPE, ix, NULL,
            "a principal is an object of claims, or \"anonymous\"");
    }
}

static void
add_name(struct pdp__suite_names *names, pdp_str_t name, uint32_t ix)
{
    names->items[names->cnt++] = (struct pdp__suite_name){name, ix};
}

static struct pdp__suite_names
new_names(struct pdp__suite *suite, uint32_t cnt)
{
    return (struct pdp__suite_names){
        .items = pdp__arena_array(&suite->arena, (size_t)cnt + 1,
            sizeof(struct pdp__suite_name)),
    };
}

void
pdp__suite_read_principals(struct pdp__suite *suite, uint32_t ix)
{
    const struct pdp__json_doc *json = &suite->doc.json;
    suite->principal_names =
        new_names(suite, ix == 0 ? 0 : json->nodes[ix].cnt);
    uint32_t own = add_principal(suite, 0, anonymous);
    pdp__suite_principal_at(suite, own)->anonymous = true;
    add_name(&suite->principal_names, anonymous, own);
    if (ix == 0) {
        return;
    }
    PDP__JSON_EACH(json, ix, child)
    {
        pdp_str_t name = pdp__json_key(json, child);
        struct pdp__place place = pdp__doc_place_key(&suite->doc, child);
        uint32_t at = add_principal(suite, child, name);
        read_principal(suite, child, pdp__suite_principal_at(suite, at));
        if (pdp__str_eq(name, anonymous)) {
            pdp__report_add(suite->report, PDP__CODE_DUPLICATE_NAME, place,
                "give this one another name",
                "\"anonymous\" is always there: a request without a token");
            pdp__suite_principal_at(suite, at)->used = true;
        } else {
            (void)pdp__suite_check_name(suite, name, place);
            add_name(&suite->principal_names, name, at);
        }
    }
    pdp__suite_sort(&suite->principal_names);
}

/* Counts the values of an object of headers; one may have a list. */
static size_t
count_headers(const struct pdp__json_doc *json, uint32_t ix)
{
    size_t cnt = 0;
    PDP__JSON_EACH(json, ix, child)
    {
        cnt += pdp__json_is(json, child, PDP__JSON_ARRAY)
                   ? json->nodes[child].cnt
                   : 1;
    }
    return cnt;
}

static void
add_header(const struct pdp__suite *suite, struct pdp__suite_request *out,
    pdp_str_t name, uint32_t ix)
{
    if (pdp__doc_is(&suite->doc, ix, PDP__JSON_STRING)) {
        out->headers[out->header_cnt++] =
            (pdp_header_t){name, pdp__json_text(&suite->doc.json, ix)};
    }
}

static void
read_headers(struct pdp__suite *suite, uint32_t ix,
    struct pdp__suite_request *out)
{
    const struct pdp__json_doc *json = &suite->doc.json;
    out->headers = pdp__arena_array(&suite->arena, count_headers(json, ix) + 1,
        sizeof(*out->headers));
    PDP__JSON_EACH(json, ix, child)
    {
        pdp_str_t name = pdp__json_key(json, child);
        if (name.len == 0 || pdp__header_name_len(name) != name.len) {
            pdp__report_add(suite->report, PDP__CODE_BAD_VALUE,
                pdp__doc_place_key(&suite->doc, child), NULL,
                "\"%.*s\" cannot be the name of a header", PDP__ARG(name));
            continue;
        }
        if (!pdp__json_is(json, child, PDP__JSON_ARRAY)) {
            add_header(suite, out, name, child);
            continue;
        }
        PDP__JSON_EACH(json, child, item)
        {
            add_header(suite, out, name, item);
        }
    }
}

static bool
has_blank(pdp_str_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == '\x7f') {
            return true;
        }
    }
    return false;
}

/* "METHOD TARGET"; false if that was reported.  A blank too many would be a
 * request that no server takes: it is denied, and a test of a denial would
 * pass.  Who wants it writes an object. */
static bool
read_short(struct pdp__suite *suite, pdp_str_t text, struct pdp__place place,
    struct pdp__suite_request *out)
{
    size_t space = short_form(text);
    pdp_str_t method = pdp__str(text.ptr, space);
    pdp_str_t target = pdp__str_from(text, space + 1);
    if (method.len == 0 || target.len == 0 || has_blank(method) ||
        has_blank(target)) {
        pdp__report_add(suite->report, PDP__CODE_BAD_VALUE, place,
            "write \"GET /api/v1/images\", or an object with \"target\"",
            "a request is a method, one space and a target");
        return false;
    }
    out->method = method;
    out->target = target;
    return true;
}

static void
read_request_object(struct pdp__suite *suite, uint32_t ix,
    struct pdp__suite_request *out)
{
    uint32_t method = 0;
    uint32_t target = 0;
    uint32_t headers = 0;
    uint32_t address = 0;
    uint32_t endpoint = 0;
    const struct pdp__member members[] = {
        {"method", false, PDP__JSON_STRING, &method},
        {"target", true, PDP__JSON_STRING, &target},
        {"headers", false, PDP__JSON_OBJECT, &headers},
        {"client_address", false, PDP__JSON_STRING, &address},
        {"endpoint_type", false, PDP__JSON_STRING, &endpoint},
    };
    const struct pdp__json_doc *json = &suite->doc.json;
    if (!pdp__doc_object(&suite->doc, ix, members,
            sizeof(members) / sizeof(members[0]), NULL)) {
        return;
    }
    out->method = method == 0 ? PDP__LIT("GET") : pdp__json_text(json, method);
    if (target != 0) {
        out->target = pdp__json_text(json, target);
    }
    if (address != 0) {
        out->client_address = pdp__json_text(json, address);
    }
    if (endpoint != 0) {
        out->endpoint_type = pdp__json_text(json, endpoint);
        if (!pdp__endpoint_type_check(out->endpoint_type)) {
            PDP__DOC_ADD(&suite->doc, BAD_VALUE, endpoint, NULL,
                "\"endpoint_type\" is public, private or direct, not "
                "\"%.*s\"",
                PDP__ARG(out->endpoint_type));
        }
    }
    if (headers != 0) {
        read_headers(suite, headers, out);
    }
}

/* "METHOD TARGET" or an object. */
static void
read_request(struct pdp__suite *suite, uint32_t ix,
    struct pdp__suite_request *out)
{
    const struct pdp__json_doc *json = &suite->doc.json;
    if (!pdp__json_is(json, ix, PDP__JSON_STRING)) {
        read_request_object(suite, ix, out);
        return;
    }
    (void)read_short(suite, pdp__json_text(json, ix),
        pdp__doc_place(&suite->doc, ix), out);
}

static struct pdp__suite_request *
add_request(struct pdp__suite *suite, uint32_t ix, pdp_str_t name)
{
    struct pdp__suite_request *one =
        pdp__vec_push(&suite->arena, &suite->requests, sizeof(*one));
    *one = (struct pdp__suite_request){
        .name = name,
        .node = ix,
        .method = PDP__LIT("GET"),
    };
    return one;
}

void
pdp__suite_read_requests(struct pdp__suite *suite, uint32_t ix)
{
    const struct pdp__json_doc *json = &suite->doc.json;
    suite->request_names = new_names(suite, ix == 0 ? 0 : json->nodes[ix].cnt);
    if (ix == 0) {
        return;
    }
    PDP__JSON_EACH(json, ix, child)
    {
        pdp_str_t name = pdp__json_key(json, child);
        struct pdp__place place = pdp__doc_place_key(&suite->doc, child);
        if (pdp__suite_check_name(suite, name, place) &&
            short_form(name) != name.len) {
            pdp__report_add(suite->report, PDP__CODE_BAD_VALUE, place, NULL,
                "the name of a request must not hold \" /\": it would look "
                "like a request");
        }
        read_request(suite, child, add_request(suite, child, name));
        add_name(&suite->request_names, name, suite->requests.cnt - 1);
    }
    pdp__suite_sort(&suite->request_names);
}

/* Looks a name up; -1: told. */
static int64_t
find(struct pdp__suite *suite, const struct pdp__suite_names *names,
    const char *what, pdp_str_t name, struct pdp__place place)
{
    char hint[PDP__HINT_CAP];
    int64_t found = pdp__suite_find(names, name);
    if (found < 0) {
        pdp__report_add(suite->report, PDP__CODE_UNKNOWN_NAME, place,
            pdp_report_errors(suite->report) < HINTS_MAX
                ? pdp__suite_hint(names, name, hint, sizeof(hint))
                : NULL,
            "no %s is called \"%.*s\"", what, PDP__ARG(name));
    }
    return found;
}

int64_t
pdp__suite_named_principal(struct pdp__suite *suite, pdp_str_t name,
    struct pdp__place place)
{
    int64_t found =
        find(suite, &suite->principal_names, "principal", name, place);
    if (found >= 0) {
        pdp__suite_principal_at(suite, (uint32_t)found)->used = true;
    }
    return found;
}

int64_t
pdp__suite_named_request(struct pdp__suite *suite, pdp_str_t name,
    struct pdp__place place)
{
    if (short_form(name) != name.len) {
        struct pdp__suite_request *one = add_request(suite, 0, name);
        one->used = true;
        (void)read_short(suite, name, place, one);
        return suite->requests.cnt - 1;
    }
    int64_t found = find(suite, &suite->request_names, "request", name, place);
    if (found >= 0) {
        pdp__suite_request_at(suite, (uint32_t)found)->used = true;
    }
    return found;
}

int64_t
pdp__suite_use_principal(struct pdp__suite *suite, uint32_t ix)
{
    const struct pdp__json_doc *json = &suite->doc.json;
    if (pdp__json_is(json, ix, PDP__JSON_STRING)) {
        return pdp__suite_named_principal(suite, pdp__json_text(json, ix),
            pdp__doc_place(&suite->doc, ix));
    }
    uint32_t at = add_principal(suite, ix, (pdp_str_t){NULL, 0});
    read_principal(suite, ix, pdp__suite_principal_at(suite, at));
    return at;
}

int64_t
pdp__suite_use_request(struct pdp__suite *suite, uint32_t ix)
{
    const struct pdp__json_doc *json = &suite->doc.json;
    if (pdp__json_is(json, ix, PDP__JSON_STRING)) {
        return pdp__suite_named_request(suite, pdp__json_text(json, ix),
            pdp__doc_place(&suite->doc, ix));
    }
    read_request(suite, ix, add_request(suite, ix, (pdp_str_t){NULL, 0}));
    return suite->requests.cnt - 1;
}
