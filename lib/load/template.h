/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__LOAD_TEMPLATE_H
#define PDP__LOAD_TEMPLATE_H

/* Path templates: "/v2/{+name}/manifests/{reference}". */

#include "base/str.h"
#include "text/path.h"

enum pdp__step {
    PDP__STEP_LITERAL = 0,
    PDP__STEP_PARAM, /* {name}: one segment */
    PDP__STEP_MULTI  /* {+name}: one or more */
};

struct pdp__template_segment {
    enum pdp__step step;
    pdp_str_t text; /* the literal, or the name; slices of the path */
    size_t offset;  /* of the segment in the path */
};

struct pdp__template {
    struct pdp__template_segment segments[PDP__SEGMENT_MAX];
    uint32_t cnt;
};

/* False, with the offset of the offending byte and one English phrase, if
 * the path is no template. */
bool pdp__template_parse(pdp_str_t path, struct pdp__template *out,
    size_t *error_offset, const char **why);

#endif
