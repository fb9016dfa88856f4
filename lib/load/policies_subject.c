/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/policies.h"

/*
 * Whom a policy is for: an identity (iam_id), the members of an access
 * group, or both at once.
 *
 * A subject without attributes would be everybody, so it is an error; to
 * mean everybody there is the group AccessGroupId-PublicAccess.  A policy
 * that has no subject at all is for nobody until a token names it by id.
 */

static const char *const operators[] = {"stringEquals", "stringExists", NULL};

void
pdp__policy_subject(const struct pdp__doc *doc, uint32_t ix,
    struct pdp__policy_draft *draft)
{
    static const char *const keys[] = {"iam_id", "access_group_id", NULL};
    char hint[PDP__HINT_CAP];
    uint32_t list = 0;
    const struct pdp__member members[] = {
        {"attributes", true, PDP__JSON_ARRAY, &list},
    };

    if (!pdp__doc_object(doc, ix, members, 1, NULL) || list == 0 ||
        !pdp__policy_attributes(doc, list, "subject")) {
        return;
    }
    PDP__JSON_EACH(&doc->json, list, item)
    {
        struct pdp__attribute_nodes n = {0, 0, 0};
        if (!pdp__policy_attribute(doc, item, draft->v1, &n)) {
            continue;
        }
        pdp_str_t key = pdp__doc_text(doc, n.key);
        bool group = pdp__str_eq(key, pdp__str_z(keys[1]));
        if (!group && !pdp__str_eq(key, pdp__str_z(keys[0]))) {
            const char *near = pdp__hint_name(hint, sizeof(hint), key, keys);
            PDP__DOC_ADD(doc, UNKNOWN_NAME, n.key,
                near == NULL ? "a subject has iam_id or access_group_id" : near,
                "subject attribute \"%.*s\" is not known", PDP__ARG(key));
            continue;
        }
        if (draft->v1 && n.op != 0 &&
            !pdp__str_eq(pdp__doc_text(doc, n.op), PDP__LIT("stringEquals"))) {
            PDP__DOC_ADD(doc, UNKNOWN_OPERATOR, n.op, NULL,
                "a subject of the v1 form has stringEquals only");
            continue;
        }
        (void)pdp__policy_condition(doc, &n, operators,
            group ? PDP__SUBJECT_ACCESS_GROUP_ID : PDP__SUBJECT_IAM_ID,
            &draft->subjects);
    }
}
