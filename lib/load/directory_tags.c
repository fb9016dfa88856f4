/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/directory.h"

#include "text/crn.h"
#include "text/image.h"

/*
 * Access tags of resources: { "<crn or region/namespace>": ["env:prod"] }.
 *
 * No decision uses them yet.  Their form is checked all the same, so that a
 * directory that loads today loads, and means the same, when they are.
 *
 * A tag is `key:value` with one colon; letters, digits, blanks and `_ . -`,
 * at most 128 bytes.
 */

enum { TAG_MAX = 128 };

static bool
is_tag_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-' ||
           c == ' ';
}

static bool
is_tag(pdp_str_t tag)
{
    size_t colon = pdp__str_find(tag, ':', 0);

    if (colon == 0 || colon + 1 >= tag.len || tag.len > TAG_MAX) {
        return false;
    }
    for (size_t i = 0; i < tag.len; i++) {
        if (i != colon && !is_tag_char(tag.ptr[i])) {
            return false;
        }
    }
    return true;
}

/* A resource: a CRN, or region/namespace. */
static void
check_resource(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix)
{
    pdp_str_t name = pdp__json_key(&doc->json, ix);
    struct pdp__crn crn;
    size_t slash = pdp__str_find(name, '/', 0);

    if (pdp__crn_parse(name, &crn)) {
        return;
    }
    if (slash == name.len ||
        !pdp__namespace_check(pdp__str_from(name, slash + 1))) {
        pdp__report_add(doc->report, PDP__CODE_BAD_VALUE,
            pdp__doc_place_key(doc, ix), NULL,
            "\"%.*s\" is neither a CRN nor region/namespace", PDP__ARG(name));
        return;
    }
    (void)pdp__directory_region(b, doc, pdp__doc_place_key(doc, ix),
        pdp__str(name.ptr, slash));
}

void
pdp__directory_tags(struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix)
{
    PDP__JSON_EACH(&doc->json, ix, item)
    {
        check_resource(b, doc, item);
        if (!pdp__doc_is(doc, item, PDP__JSON_ARRAY)) {
            continue;
        }
        PDP__JSON_EACH(&doc->json, item, tag)
        {
            if (pdp__doc_is(doc, tag, PDP__JSON_STRING) &&
                !is_tag(pdp__doc_text(doc, tag))) {
                PDP__DOC_ADD(doc, BAD_VALUE, tag, "tags look like \"env:prod\"",
                    "\"%.*s\" is not an access tag",
                    PDP__ARG(pdp__doc_text(doc, tag)));
            }
        }
    }
}
