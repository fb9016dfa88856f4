/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The grammar of parameter values: decoded text -> what it names.  Used for
 * path parameters (route.c) and query parameters (resource.c).
 *
 * The grammar is what keeps one resource from having two spellings: only a
 * host that the service knows, only the region that was called, only the
 * characters a registry allows.
 */

#include "decide/flow.h"

enum { TEXT_MAX = 255 };

/* The host is one of the service's, in the region that was called. */
static bool
check_host(const struct pdp__block *block, uint32_t service,
    uint32_t service_region, struct pdp__value *value)
{
    uint32_t ix = pdp__find_host(block, value->image.host);

    if (ix == PDP__NONE || pdp__hosts(block)[ix].service != service) {
        return false;
    }
    value->region = pdp__hosts(block)[ix].region;
    return service_region == PDP__NONE || service_region == value->region;
}

bool
pdp__value_parse(const struct pdp__block *block, uint32_t service,
    uint32_t service_region, bool tagless, struct pdp__value *value)
{
    bool well_formed = false;

    value->image = (struct pdp__image){0};
    value->region = PDP__NONE;
    switch ((enum pdp__param_kind)value->kind) {
    case PDP__KIND_NONE:
        break;
    case PDP__KIND_IMAGE:
        well_formed = pdp__image_parse(value->text, &value->image) &&
                      check_host(block, service, service_region, value);
        break;
    case PDP__KIND_RESOURCE:
        well_formed = pdp__resource_parse(value->text, &value->image);
        break;
    case PDP__KIND_NAMESPACE:
        value->image.name_space = value->text;
        well_formed = value->creates ? pdp__new_namespace_check(value->text)
                                     : pdp__namespace_check(value->text);
        break;
    case PDP__KIND_TEXT:
        well_formed = value->text.len >= 1 && value->text.len <= TEXT_MAX;
        break;
    }
    if (tagless &&
        (value->image.tag.ptr != NULL || value->image.digest.ptr != NULL)) {
        return false;
    }
    return well_formed;
}
