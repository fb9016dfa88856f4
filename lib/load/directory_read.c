/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/directory.h"

/*
 * pdp-directory/1: what neither the token nor the request says.  Members of
 * access groups, owners of namespaces, custom roles, tags.
 *
 * Groups are given as a simple map or as the Access Groups API lists their
 * members; several directories add up.  A listing that goes on in another
 * page is refused: half a group would quietly lose its other members.
 *
 * Invariants: a pair (member, group) stands once in `subject_groups`;
 * groups do not nest.
 */

static const char group_prefix[] = "AccessGroupId-";
static const char public_group[] = "AccessGroupId-PublicAccess";

enum { ID_MAX = 512 };

/* Members of a listing, and of a member in it, that only inform. */
static const char *const listing_ignored[] = {"limit", "offset", "total_count",
    "first", "previous", "last", "id", "name", "description", "account_id",
    "created_at", "created_by_id", "last_modified_at", "last_modified_by_id",
    "href", "is_federated", NULL};
static const char *const member_ignored[] = {"type", "membership_type", "name",
    "email", "description", "href", "created_at", "created_by_id", NULL};

static void
add_member(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix,
    uint32_t group)
{
    pdp_str_t id = pdp__doc_text(doc, ix);
    uint32_t pair_ix = 0;

    if (!pdp__doc_length(doc, ix, "the id of a member", ID_MAX)) {
        return;
    }
    if (pdp__str_starts(id, pdp__str_z(group_prefix))) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix, "list its members instead",
            "a group cannot be a member of a group");
        return;
    }
    uint32_t member = pdp__builder_subject(b, id);
    if (!pdp__map_put_in(b, PDP__MAP_MEMBER, group, id, member)) {
        return; /* listed already: the same statement twice */
    }
    struct pdp__pair *pair =
        pdp__builder_push(b, &b->subject_groups, sizeof(*pair), &pair_ix);
    if (pair != NULL) {
        *pair = (struct pdp__pair){member, group};
    }
}

/* One item of a list of members: an id, or an object with one. */
static void
read_member(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix,
    uint32_t group)
{
    uint32_t id = ix;
    const struct pdp__member members[] = {
        {"iam_id", true, PDP__JSON_STRING, &id},
    };

    if (pdp__json_is(&doc->json, ix, PDP__JSON_OBJECT)) {
        (void)pdp__doc_object(doc, ix, members, 1, member_ignored);
        if (id == 0) {
            return;
        }
    } else if (!pdp__doc_is(doc, ix, PDP__JSON_STRING)) {
        return;
    }
    add_member(b, doc, id, group);
}

/* The array of members of a group; 0: there is none (reported). */
static uint32_t
find_members(const struct pdp__doc *doc, uint32_t ix)
{
    uint32_t list = 0;
    uint32_t next = 0;
    const struct pdp__member members[] = {
        {"members", true, PDP__JSON_ARRAY, &list},
        {"next", false, -1, &next},
    };

    if (pdp__json_is(&doc->json, ix, PDP__JSON_ARRAY)) {
        return ix;
    }
    if (!pdp__json_is(&doc->json, ix, PDP__JSON_OBJECT)) {
        PDP__DOC_ADD(doc, WRONG_TYPE, ix, NULL,
            "a group must be an array of ids, or an object with \"members\"");
        return 0;
    }
    (void)pdp__doc_object(doc, ix, members, 2, listing_ignored);
    if (next != 0 && !pdp__json_is(&doc->json, next, PDP__JSON_NULL)) {
        pdp__report_add(doc->report, PDP__CODE_BAD_VALUE,
            pdp__doc_place_key(doc, next), "put the members of all pages here",
            "the listing goes on in another page");
    }
    return list;
}

static void
read_group(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix)
{
    pdp_str_t id = pdp__json_key(&doc->json, ix);
    pdp_str_t prefix = pdp__str_z(group_prefix);

    if (!pdp__str_starts(id, prefix) || id.len == prefix.len ||
        id.len > ID_MAX) {
        pdp__report_add(doc->report, PDP__CODE_BAD_VALUE,
            pdp__doc_place_key(doc, ix), "ids look like \"AccessGroupId-...\"",
            "\"%.*s\" is not the id of an access group", PDP__ARG(id));
        return;
    }
    uint32_t list = find_members(doc, ix);
    uint32_t group = pdp__builder_subject(b, id);
    if (pdp__str_eq(id, pdp__str_z(public_group))) {
        b->public_group = group;
    }
    if (list != 0) {
        PDP__JSON_EACH(&doc->json, list, item)
        {
            read_member(b, doc, item, group);
        }
    }
}

pdp_status_t
pdp__read_directory(struct pdp__builder *b, const struct pdp__doc *doc)
{
    uint32_t format = 0;
    uint32_t groups = 0;
    uint32_t owners = 0;
    uint32_t complete = 0;
    uint32_t roles = 0;
    uint32_t tags = 0;
    const struct pdp__member members[] = {
        {"format", true, PDP__JSON_STRING, &format},
        {"groups", false, PDP__JSON_OBJECT, &groups},
        {"namespaces", false, PDP__JSON_ARRAY, &owners},
        {"complete", false, PDP__JSON_TRUE, &complete},
        {"roles", false, -1, &roles},
        {"tags", false, PDP__JSON_OBJECT, &tags},
    };

    if (!doc->readable || !pdp__read_format(doc, "pdp-directory/1") ||
        !pdp__doc_object(doc, 0, members, sizeof(members) / sizeof(members[0]),
            NULL)) {
        return pdp__read_status(b);
    }
    if (groups != 0) {
        PDP__JSON_EACH(&doc->json, groups, item)
        {
            read_group(b, doc, item);
        }
    }
    if (owners != 0) {
        pdp__directory_owners(b, doc, owners);
    }
    if (complete != 0 && pdp__json_is(&doc->json, complete, PDP__JSON_TRUE)) {
        b->directory_complete = true;
        b->directory_owners = true;
    }
    if (roles != 0) {
        pdp__directory_roles(b, doc, roles);
    }
    if (tags != 0) {
        pdp__directory_tags(b, doc, tags);
    }
    return pdp__read_status(b);
}
