/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "base/buf.h"
#include "load/lookup.h"
#include "load/service.h"

/*
 * `roles`: sets of actions, and all the ways to name them.
 *
 *     name          Reader
 *     generic CRN   crn:v1:bluemix:public:iam::::serviceRole:Reader
 *                   crn:v1:bluemix:public:iam::::role:Viewer  (platform)
 *     service CRN   crn:v1:bluemix:public:SERVICE::::serviceRole:Reader
 *                   crn:v1:bluemix:public:SERVICE::::role:Reader
 *
 * Names with spaces are found in CRNs with the spaces as they are, as %20
 * and left out; all three lead to the role.
 *
 * The four platform roles are known in every service, listed or not, so that
 * a policy that names one can be loaded; unlisted ones grant nothing.
 */

enum {
    ROLE_NAME_MAX = 128,                  /* of a role, and of a service */
    ID_CAP = 3 * ROLE_NAME_MAX + 128 + 64 /* the longest CRN of either */
};

static const pdp_str_t platform_roles[] = {
    PDP__LIT_INIT("Viewer"),
    PDP__LIT_INIT("Operator"),
    PDP__LIT_INIT("Editor"),
    PDP__LIT_INIT("Administrator"),
};

/* Writes name with each space replaced. */
static void
put_name(struct pdp__buf *buf, pdp_str_t name, const char *space)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == ' ') {
            pdp__buf_z(buf, space);
        } else {
            pdp__buf_char(buf, name.ptr[i]);
        }
    }
}

/* One CRN in its three spellings; false if another role has one of them. */
static bool
add_crns(struct pdp__service_reader *r, pdp_str_t service, const char *type,
    pdp_str_t name, uint32_t role)
{
    static const char *const spaces[] = {" ", "%20", ""};
    bool added = true;
    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
        char text[ID_CAP];
        struct pdp__buf buf = pdp__buf(text, sizeof(text));
        pdp__buf_z(&buf, "crn:v1:bluemix:public:");
        pdp__buf_str(&buf, service);
        pdp__buf_z(&buf, "::::");
        pdp__buf_z(&buf, type);
        pdp__buf_char(&buf, ':');
        put_name(&buf, name, spaces[i]);
        if (buf.full) {
            continue; /* a name that was reported as too long */
        }
        added =
            pdp__builder_role_id(r->b, pdp__buf_get(&buf), r->service, role) &&
            added;
    }
    return added;
}

static struct pdp__text
generic_crn(struct pdp__service_reader *r, const char *type, pdp_str_t name)
{
    char text[ID_CAP];
    struct pdp__buf buf = pdp__buf(text, sizeof(text));
    pdp__buf_z(&buf, "crn:v1:bluemix:public:iam::::");
    pdp__buf_z(&buf, type);
    pdp__buf_char(&buf, ':');
    put_name(&buf, name, "%20");
    return pdp__builder_text(r->b, pdp__buf_get(&buf));
}

/* Makes a role; PDP__NONE: no memory.  False in *unique: another role of
 * the service can be meant by one of its ids. */
static uint32_t
add_role(struct pdp__service_reader *r, pdp_str_t name, bool platform,
    bool *unique)
{
    struct pdp__builder *b = r->b;
    const char *type = platform ? "role" : "serviceRole";
    uint32_t words =
        PDP__ITEM(b, services, struct pdp__service, r->service)->action_words;
    uint32_t ix = 0;
    struct pdp__role *role = PDP__NEW(b, roles, ix);
    if (role == NULL) {
        return PDP__NONE;
    }
    role->name = pdp__builder_text(b, name);
    role->crn = generic_crn(r, type, name);
    role->service = r->service;
    role->words = pdp__builder_words(b, words);
    role->platform = platform;
    *unique = pdp__builder_role_id(b, name, r->service, ix);
    *unique = add_crns(r, PDP__LIT("iam"), type, name, ix) && *unique;
    *unique = add_crns(r, r->name, "serviceRole", name, ix) && *unique;
    *unique = add_crns(r, r->name, "role", name, ix) && *unique;
    return ix;
}

static void
read_actions(struct pdp__service_reader *r, uint32_t node, uint32_t role)
{
    struct pdp__builder *b = r->b;
    if (!pdp__service_limit(r, node, PDP__ACTIONS_MAX, "actions of a role")) {
        return;
    }
    PDP__JSON_EACH(&r->doc->json, node, ix)
    {
        if (!pdp__doc_is(r->doc, ix, PDP__JSON_STRING)) {
            continue;
        }
        pdp_str_t name = pdp__doc_text(r->doc, ix);
        uint32_t action = pdp__map_get(b, PDP__MAP_ACTION, name);
        if (action == PDP__NONE ||
            PDP__ITEM(b, actions, struct pdp__action, action)->service !=
                r->service) {
            pdp__service_unknown(r, PDP__TABLE_ACTIONS, name,
                pdp__doc_place(r->doc, ix));
            continue;
        }
        if (role == PDP__NONE || b->failed) {
            continue;
        }
        uint32_t bit = PDP__ITEM(b, actions, struct pdp__action, action)->bit;
        uint32_t words = PDP__ITEM(b, roles, struct pdp__role, role)->words;
        uint64_t *word = PDP__ITEM(b, words, uint64_t, words + bit / 64);
        uint64_t mask = UINT64_C(1) << (bit % 64);
        if ((*word & mask) != 0) {
            PDP__DOC_ADD(r->doc, DUPLICATE_NAME, ix, NULL,
                "the role has the action \"%.*s\" already", PDP__ARG(name));
        }
        *word |= mask;
    }
}

static void
read_role(struct pdp__service_reader *r, uint32_t node)
{
    uint32_t actions = 0;
    uint32_t platform = 0;
    const struct pdp__member members[] = {
        {"actions", true, PDP__JSON_ARRAY, &actions},
        {"platform", false, PDP__JSON_TRUE, &platform},
    };
    pdp_str_t name = pdp__json_key(&r->doc->json, node);
    struct pdp__place place = pdp__doc_place_key(r->doc, node);
    bool well_formed = pdp__service_name(r, PDP__NAME_ROLE, name, place);
    if (!pdp__doc_object(r->doc, node, members, 2, NULL)) {
        return;
    }
    uint32_t role = PDP__NONE;
    if (well_formed) {
        bool unique = true;
        role = add_role(r, name,
            platform != 0 &&
                pdp__json_is(&r->doc->json, platform, PDP__JSON_TRUE),
            &unique);
        if (!unique) {
            pdp__report_add(r->doc->report, PDP__CODE_DUPLICATE_NAME, place,
                NULL, "role \"%.*s\" could be taken for another one",
                PDP__ARG(name));
        }
    }
    if (actions != 0 && platform != 0 && r->doc->json.nodes[actions].cnt > 0 &&
        pdp__json_is(&r->doc->json, platform, PDP__JSON_TRUE)) {
        PDP__DOC_ADD(r->doc, BAD_VALUE, actions,
            "leave \"platform\" out, or the actions",
            "a platform role grants nothing");
    }
    if (actions != 0) {
        read_actions(r, actions, role);
    }
}

/* A platform role the definition does not list.  Where it has a service role
 * of that name, only the generic CRN of the platform role is left to add. */
static void
add_platform_role(struct pdp__service_reader *r, pdp_str_t name)
{
    struct pdp__builder *b = r->b;
    uint32_t ix = pdp__builder_role(b, name, r->service);
    bool unique = true;
    if (ix == PDP__NONE) {
        (void)add_role(r, name, true, &unique);
        return;
    }
    if (PDP__ITEM(b, roles, struct pdp__role, ix)->platform != 0) {
        return;
    }
    uint32_t words =
        PDP__ITEM(b, services, struct pdp__service, r->service)->action_words;
    struct pdp__role *role = PDP__NEW(b, roles, ix);
    if (role != NULL) {
        role->name = pdp__builder_text(b, name);
        role->crn = generic_crn(r, "role", name);
        role->service = r->service;
        role->words = pdp__builder_words(b, words);
        role->platform = 1;
        (void)add_crns(r, PDP__LIT("iam"), "role", name, ix);
    }
}

void
pdp__service_roles(struct pdp__service_reader *r)
{
    struct pdp__builder *b = r->b;
    struct pdp__range range = {b->roles.cnt, 0};
    if (r->roles != 0 &&
        pdp__service_limit(r, r->roles, PDP__ROLES_MAX, "roles")) {
        PDP__JSON_EACH(&r->doc->json, r->roles, ix)
        {
            read_role(r, ix);
        }
    }
    for (size_t i = 0; i < sizeof(platform_roles) / sizeof(pdp_str_t); i++) {
        add_platform_role(r, platform_roles[i]);
    }
    range.cnt = b->roles.cnt - range.first;
    PDP__ITEM(b, services, struct pdp__service, r->service)->roles = range;
}
