/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__TEXT_IMAGE_H
#define PDP__TEXT_IMAGE_H

/*
 * Image references and what is like them; pdp-service(5), "Parameters".
 *
 *   image      host "/" namespace "/" repository [":" tag | "@" digest]
 *   resource   namespace ["/" repository [":" tag | "@" digest]]
 *   namespace  [a-z0-9][a-z0-9._-]{0,253}
 *   repository component *("/" component), component by the OCI
 *              distribution spec: [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*
 *   tag        [A-Za-z0-9_][A-Za-z0-9._-]{0,127}
 *   digest     "sha256:" 64 lower-case hex, or "sha512:" 128 of them
 *
 * A new namespace (PUT): 4 to 30 of [a-z0-9_-], first and last one of
 * [a-z0-9].
 */

#include "base/str.h"

struct pdp__image {
    pdp_str_t host;       /* image only */
    pdp_str_t name_space; /* `namespace` is a C++ keyword */
    pdp_str_t repository; /* {NULL, 0}: only a namespace */
    pdp_str_t tag;        /* {NULL, 0}: none */
    pdp_str_t digest;     /* {NULL, 0}: none */
};

/* Each parses the whole text; false if it is not of that form, and *out is
 * then as it was.  The host is any run of [a-z0-9.-] with a dot; whether it
 * is a known one is for the caller to find out.  A tag and a digest never
 * stand together.  Note that a resource may look like an image: its
 * namespace may hold dots. */
bool pdp__image_parse(pdp_str_t text, struct pdp__image *out);
bool pdp__resource_parse(pdp_str_t text, struct pdp__image *out);
bool pdp__namespace_check(pdp_str_t text);
bool pdp__new_namespace_check(pdp_str_t text);

#endif
