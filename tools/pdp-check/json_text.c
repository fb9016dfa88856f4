/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/json_text.h"

/*
 * Nodes back to text: the claims of a fixture for the library, and values of
 * a suite for its author.  Members keep their order; numbers stay as they
 * were written, so that no claim changes on its way.
 *
 * Recursion is as deep as a document may be, which the reader bounds at 32.
 */

#include "common/escape.h"

void
pdp__json_text_key(struct pdp__string *out, pdp_str_t name, bool first)
{
    pdp__string_z(out, first ? "" : ",");
    pdp__escape_json(out, name);
    pdp__string_char(out, ':');
}

static void
add_children(struct pdp__string *out, const struct pdp__json_doc *json,
    uint32_t ix, bool members)
{
    bool first = true;
    PDP__JSON_EACH(json, ix, child)
    {
        if (members) {
            pdp__json_text_key(out, pdp__json_key(json, child), first);
        } else {
            pdp__string_z(out, first ? "" : ",");
        }
        pdp__json_text_add(out, json, child);
        first = false;
    }
}

void
pdp__json_text_add(struct pdp__string *out, const struct pdp__json_doc *json,
    uint32_t ix)
{
    switch ((enum pdp__json_type)json->nodes[ix].type) {
    case PDP__JSON_NULL:
        pdp__string_z(out, "null");
        break;
    case PDP__JSON_FALSE:
        pdp__string_z(out, "false");
        break;
    case PDP__JSON_TRUE:
        pdp__string_z(out, "true");
        break;
    case PDP__JSON_NUMBER:
        pdp__string_add(out, pdp__json_text(json, ix));
        break;
    case PDP__JSON_STRING:
        pdp__escape_json(out, pdp__json_text(json, ix));
        break;
    case PDP__JSON_ARRAY:
        pdp__string_char(out, '[');
        add_children(out, json, ix, false);
        pdp__string_char(out, ']');
        break;
    case PDP__JSON_OBJECT:
        pdp__string_char(out, '{');
        add_children(out, json, ix, true);
        pdp__string_char(out, '}');
        break;
    }
}
