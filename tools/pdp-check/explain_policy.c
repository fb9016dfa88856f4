/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/explain.h"

/*
 * A policy that the library suggests, ready to paste: on one line, or one
 * member a line.  Either way printable ASCII, and the same JSON value.
 *
 * Recursion is as deep as the text is nested: six levels.
 */

#include "common/escape.h"
#include "pdp-check/json_text.h"

struct parsed {
    struct pdp__json_doc doc;
    struct pdp__json *nodes;
    char *text;
};

static bool
parse(struct parsed *parsed, pdp_str_t policy)
{
    uint32_t cap = pdp__json_node_bound(policy);
    parsed->nodes = pdp__heap_alloc(cap * sizeof(*parsed->nodes));
    parsed->text = pdp__heap_copy(policy);
    return pdp__json_read(parsed->text, policy.len, parsed->nodes, cap,
        &parsed->doc);
}

static void
forget(struct parsed *parsed)
{
    pdp__heap_free(parsed->nodes);
    pdp__heap_free(parsed->text);
}

void
pdp__explain_policy(struct pdp__string *out, pdp_str_t policy)
{
    struct parsed parsed;
    if (parse(&parsed, policy)) {
        pdp__json_text_add(out, &parsed.doc, 0);
    }
    forget(&parsed);
}

static bool
is_container(const struct pdp__json_doc *doc, uint32_t ix)
{
    return pdp__json_is(doc, ix, PDP__JSON_OBJECT) ||
           pdp__json_is(doc, ix, PDP__JSON_ARRAY);
}

/* Whether everything in it fits on one line. */
static bool
is_flat(const struct pdp__json_doc *doc, uint32_t ix)
{
    PDP__JSON_EACH(doc, ix, child)
    {
        if (is_container(doc, child)) {
            return false;
        }
    }
    return true;
}

static void
add_pretty(struct pdp__string *out, const struct pdp__json_doc *doc,
    uint32_t ix, size_t indent)
{
    bool object = pdp__json_is(doc, ix, PDP__JSON_OBJECT);
    bool flat = is_flat(doc, ix);
    bool first = true;
    if (!is_container(doc, ix)) {
        pdp__json_text_add(out, doc, ix);
        return;
    }
    pdp__string_char(out, object ? '{' : '[');
    PDP__JSON_EACH(doc, ix, child)
    {
        pdp__string_z(out, first ? "" : ",");
        pdp__string_char(out, flat ? ' ' : '\n');
        pdp__string_fill(out, ' ', flat ? 0 : indent + 2);
        if (object) {
            pdp__json_text_key(out, pdp__json_key(doc, child), true);
            pdp__string_char(out, ' ');
        }
        add_pretty(out, doc, child, indent + 2);
        first = false;
    }
    pdp__string_char(out, flat ? ' ' : '\n');
    pdp__string_fill(out, ' ', flat ? 0 : indent);
    pdp__string_char(out, object ? '}' : ']');
}

void
pdp__explain_pretty(struct pdp__string *out, pdp_str_t policy, size_t indent)
{
    struct parsed parsed;
    if (parse(&parsed, policy)) {
        add_pretty(out, &parsed.doc, 0, indent);
    }
    forget(&parsed);
}
