/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__LOAD_LOOKUP_H
#define PDP__LOAD_LOOKUP_H

/*
 * What the readers of trust, directory and policies have in common: texts
 * that form a range, regions by name or alias, and hints.
 */

#include "load/builder.h"

/* PDP_E_NOMEM if memory ran out anywhere while reading, else PDP_OK. */
pdp_status_t pdp__read_status(const struct pdp__builder *b);

/* False, and a finding, if the document says that it is of another format;
 * one that says nothing is left to pdp__doc_object(). */
bool pdp__read_format(const struct pdp__doc *doc, const char *format);

/* Appends a text to `texts` and to the range, which must be the last one
 * that was appended to, or empty. */
void pdp__range_add(struct pdp__builder *b, struct pdp__range *range,
    pdp_str_t text);

/* The text of a string node of a document. */
static inline pdp_str_t
pdp__doc_text(const struct pdp__doc *doc, uint32_t ix)
{
    return pdp__json_text(&doc->json, ix);
}

/* "<source>#<number>", in the arena; {NULL, 0}: no memory. */
pdp_str_t pdp__doc_numbered(struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t number);

/* pdp__doc_hint() for a NULL-terminated list of names. */
const char *pdp__hint_name(char *buf, size_t cap, pdp_str_t name,
    const char *const *names);

/*
 * The region that a name or an alias means for a service, or PDP__NONE.
 * pdp__region_hint: pdp__doc_hint() with the names and aliases of a service
 * (PDP__NONE: of all).
 */
uint32_t pdp__region_find(const struct pdp__builder *b, uint32_t service,
    pdp_str_t name);
const char *pdp__region_hint(const struct pdp__builder *b, char *buf,
    size_t cap, uint32_t service, pdp_str_t name);

/* True if the service lists any region. */
bool pdp__region_any(const struct pdp__builder *b, uint32_t service);

#endif
