/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/json_read.h"

#include "base/never.h"

/*
 * What a caller asks of a document that has been read: members by name,
 * nodes by pointer, an error in words; and before reading, how many nodes
 * to bring.
 *
 * Names are compared byte for byte after unescaping and never normalised
 * or folded: RFC 8259 8.3, RFC 7519 7.3.  Index 0 is the root, which is
 * never a member or an item, and so stands for "absent" everywhere.
 *
 * Cost: linear; a claim set has some twenty members, and each is looked up
 * once.
 */

const char *
pdp__json_error_text(enum pdp__json_error error)
{
    switch (error) {
    case PDP__JSON_OK:
        return "no error";
    case PDP__JSON_E_SYNTAX:
        return "not JSON from here on";
    case PDP__JSON_E_DEPTH:
        return "nested deeper than 32 levels";
    case PDP__JSON_E_NODES:
        return "too many values";
    case PDP__JSON_E_DUPLICATE:
        return "member name used twice in one object";
    case PDP__JSON_E_UTF8:
        return "malformed UTF-8";
    case PDP__JSON_E_ESCAPE:
        return "bad escape or lone surrogate";
    case PDP__JSON_E_NUL:
        return "U+0000 in a string";
    case PDP__JSON_E_CONTROL:
        return "unescaped control character in a string";
    case PDP__JSON_E_NUMBER:
        return "number out of range";
    case PDP__JSON_E_TRAILING:
        return "text after the end of the value";
    }
    return "unknown error";
}

uint32_t
pdp__json_node_bound(pdp_str_t text)
{
    /* A value is the first one, or the first of its container, or comes
     * after a comma; so this holds for every prefix the reader gets to. */
    size_t cnt = 1;
    bool in_string = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"') {
            in_string = !in_string;
        } else if (in_string) {
            i += c == '\\' ? 1U : 0U;
        } else if (c == ',' || c == '[' || c == '{') {
            cnt++;
        }
    }
    return PDP_NEVER(cnt > UINT32_MAX) ? UINT32_MAX : (uint32_t)cnt;
}

uint32_t
pdp__json_member(const struct pdp__json_doc *doc, uint32_t ix, pdp_str_t name)
{
    if (!pdp__json_is(doc, ix, PDP__JSON_OBJECT)) {
        return 0;
    }
    PDP__JSON_EACH(doc, ix, child)
    {
        if (pdp__str_eq(pdp__json_key(doc, child), name)) {
            return child;
        }
    }
    return 0;
}

/* Item of array node ix that token names, or 0. */
static uint32_t
array_item(const struct pdp__json_doc *doc, uint32_t ix, pdp_str_t token)
{
    uint64_t wanted = 0;
    if (token.len == 0 || token.len > 10 ||
        (token.len > 1 && token.ptr[0] == '0')) {
        return 0; /* RFC 6901 4: one spelling of an index */
    }
    for (size_t i = 0; i < token.len; i++) {
        if (token.ptr[i] < '0' || token.ptr[i] > '9') {
            return 0;
        }
        wanted = wanted * 10 + (uint64_t)(token.ptr[i] - '0');
    }
    if (wanted >= doc->nodes[ix].cnt) {
        return 0;
    }
    uint32_t child = ix + 1;
    for (; wanted > 0; wanted--) {
        child = doc->nodes[child].end;
    }
    return child;
}

uint32_t
pdp__json_pointer(const struct pdp__json_doc *doc, const pdp_str_t *tokens,
    size_t cnt)
{
    uint32_t ix = 0;
    for (size_t i = 0; i < cnt; i++) {
        ix = pdp__json_is(doc, ix, PDP__JSON_ARRAY)
                 ? array_item(doc, ix, tokens[i])
                 : pdp__json_member(doc, ix, tokens[i]);
        if (ix == 0) {
            return 0;
        }
    }
    return ix;
}
