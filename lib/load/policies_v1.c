/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/policies.h"

/*
 * Policies in the form of the v1 API: the same policies, written with lists.
 *
 *     v1                                   v2
 *     subjects: [ {attributes} ]           subject: {attributes}
 *     resources: [ {attributes, tags} ]    resource: {attributes, tags}
 *     roles: [ {role_id} ]                 control: {grant: {roles}}
 *     {name, value, operator}              {key, operator, value}
 *
 * Without an operator it is stringEquals; the only other one is stringMatch.
 * Any subject of the list may act on any resource of the list, so each pair
 * becomes a draft of its own, and all of them have the policy's one id.
 *
 * The form cannot say `deny`, `rule` or `pattern`.  A policy that has them is
 * shown by the v1 API with a placeholder for its roles, which is refused
 * (policies_roles.c): its narrowing would be lost.
 */

enum { PAIRS_MAX = 64 };

struct v1_nodes {
    uint32_t type, state, subjects, roles, resources, id;
};

/* An array that has to have items, of objects only. */
static bool
check_list(const struct pdp__doc *doc, uint32_t ix, const char *what)
{
    bool good = true;

    if (ix == 0) {
        return false; /* reported */
    }
    if (doc->json.nodes[ix].cnt == 0) {
        PDP__DOC_ADD(doc, EMPTY, ix, NULL, "a policy without %s", what);
        return false;
    }
    PDP__JSON_EACH(&doc->json, ix, item)
    {
        good = pdp__doc_is(doc, item, PDP__JSON_OBJECT) && good;
    }
    return good;
}

static void
read_members(const struct pdp__doc *doc, uint32_t ix, struct v1_nodes *n)
{
    const struct pdp__member members[] = {
        {"type", true, PDP__JSON_STRING, &n->type},
        {"state", false, PDP__JSON_STRING, &n->state},
        {"subjects", true, PDP__JSON_ARRAY, &n->subjects},
        {"roles", true, PDP__JSON_ARRAY, &n->roles},
        {"resources", true, PDP__JSON_ARRAY, &n->resources},
        {"id", false, PDP__JSON_STRING, &n->id},
    };

    (void)pdp__doc_object(doc, ix, members,
        sizeof(members) / sizeof(members[0]), pdp__policy_informational);
    pdp__policy_check_words(doc, n->type, n->state, n->id);
}

static void
begin_draft(const struct pdp__doc *doc, uint32_t ix, uint32_t number,
    struct pdp__policy_draft *draft)
{
    memset(draft, 0, sizeof(*draft));
    draft->doc = doc;
    draft->node = ix;
    draft->number = number;
    draft->v1 = true;
}

/* Whom each resource is for: read once to report what is wrong, and again
 * for each resource, when nothing is. */
static void
check_subjects(const struct pdp__doc *doc, uint32_t subjects,
    struct pdp__policy_draft *draft)
{
    PDP__JSON_EACH(&doc->json, subjects, item)
    {
        draft->subjects.cnt = 0;
        pdp__policy_subject(doc, item, draft);
    }
    draft->subjects.cnt = 0;
}

/* One resource of the list with the roles, which mean what they mean for its
 * services. */
static void
read_resource(struct pdp__builder *b, uint32_t resource, uint32_t roles,
    struct pdp__policy_draft *draft)
{
    draft->resource = resource;
    draft->named = pdp__policy_named(b, draft->doc, resource);
    pdp__policy_resource(b, resource, draft);
    pdp__policy_roles(b, roles, draft);
}

static void
compile_subjects(struct pdp__builder *b, uint32_t subjects, struct pdp__text id,
    struct pdp__policy_draft *draft)
{
    PDP__JSON_EACH(&draft->doc->json, subjects, item)
    {
        draft->subjects.cnt = 0;
        pdp__policy_subject(draft->doc, item, draft);
        pdp__policy_compile(b, draft, id);
    }
}

/* All pairs; nothing but their resources and roles can still be wrong. */
static void
read_pairs(struct pdp__builder *b, const struct v1_nodes *n, uint32_t number,
    uint32_t ix, struct pdp__policy_draft *draft)
{
    const struct pdp__doc *doc = draft->doc;
    size_t errors = pdp_report_errors(doc->report);
    uint32_t first = b->policies.cnt;
    struct pdp__text id = {0, 0};

    PDP__JSON_EACH(&doc->json, n->resources, resource)
    {
        if (pdp__policy_skip_resource(b, doc, ix, resource) != PDP__SKIP_NOT) {
            continue; /* another of them is for a loaded service */
        }
        begin_draft(doc, ix, number, draft);
        draft->id_node = n->id;
        read_resource(b, resource, n->roles, draft);
        if (pdp_report_errors(doc->report) != errors || b->failed) {
            continue; /* tell what is wrong with the others, too */
        }
        if (id.off == 0) {
            id = pdp__policy_name(b, draft);
        }
        if (id.off != 0) {
            compile_subjects(b, n->subjects, id, draft);
        }
    }
    if (id.off != 0) {
        pdp__policy_list(b, draft, id, first);
    }
}

void
pdp__policy_v1(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix,
    uint32_t number, struct pdp__policy_draft *draft)
{
    struct v1_nodes n = {0};
    size_t errors = pdp_report_errors(doc->report);

    read_members(doc, ix, &n);
    bool subjects = check_list(doc, n.subjects, "subjects");
    bool resources = check_list(doc, n.resources, "resources");
    bool roles = check_list(doc, n.roles, "roles");
    begin_draft(doc, ix, number, draft);
    if (subjects) {
        check_subjects(doc, n.subjects, draft);
    }
    if (subjects && resources &&
        (uint64_t)doc->json.nodes[n.subjects].cnt *
                doc->json.nodes[n.resources].cnt >
            PAIRS_MAX) {
        PDP__DOC_ADD(doc, LIMIT, n.resources, NULL,
            "more than %d pairs of a subject and a resource", (int)PAIRS_MAX);
        return;
    }
    if (resources && roles &&
        (!subjects || pdp_report_errors(doc->report) != errors)) {
        /* For what it reports. */
        PDP__JSON_EACH(&doc->json, n.resources, resource)
        {
            begin_draft(doc, ix, number, draft);
            read_resource(b, resource, n.roles, draft);
        }
        return;
    }
    if (subjects && resources && roles) {
        read_pairs(b, &n, number, ix, draft);
    }
}
