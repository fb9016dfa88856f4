/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_GRANT_TEXT_H
#define PDP_TESTS_GRANT_TEXT_H

/*
 * Policies as text, for tests of decisions: who, on what, which role.
 * Include after cmocka.h.
 */

#include "fixture.h"

#define IMAGE "/api/v1/images/us.icr.io%2Fbirds%2Fwoodpecker:green"
#define OTHER_IMAGE "/api/v1/images/us.icr.io%2Ffish%2Fwoodpecker:green"
#define READ "GET", IMAGE "/json"
#define GENERIC "crn:v1:bluemix:public:iam::::serviceRole:"

#define EQ(key, value)                                                         \
    "{\"key\":\"" key "\",\"operator\":\"stringEquals\",\"value\":\"" value    \
    "\"}"
#define OURS                                                                   \
    EQ("serviceName", "container-registry") "," EQ("accountId", ACCOUNT)
#define ME EQ("iam_id", "IBMid-270000TEST")

/* What stands in `control`, and the member as a whole. */
#define GRANT(role) "\"grant\":{\"roles\":[{\"role_id\":\"" GENERIC role "\"}]}"
#define DENY(role) "\"deny\":{\"roles\":[{\"role_id\":\"" GENERIC role "\"}]}"
#define CONTROL(text) "\"control\":{" text "}"
#define GRANTS(role) CONTROL(GRANT(role))
#define DENIES(role) CONTROL(DENY(role))

/* The rest of a policy: `resource` and `control`. */
#define BODY(resource, control)                                                \
    "\"resource\":{\"attributes\":[" resource "]}," control "}"
#define POLICY(id, subject, resource, control)                                 \
    "{\"type\":\"access\",\"id\":\"" id                                        \
    "\",\"subject\":{\"attributes\":[" subject                                 \
    "]}," BODY(resource, CONTROL(control))

/* The claim `policies` with one inline policy. */
#define INLINE(resource, control)                                              \
    ",\"policies\":[{\"type\":\"access\"," BODY(resource, control) "]"

static UNUSED void
load_policies(const char *policies, const char *directory)
{
    const struct document documents[] = {
        {PDP_SOURCE_POLICIES, "policies.json", policies},
        {directory == NULL ? PDP_SOURCE_NONE : PDP_SOURCE_DIRECTORY,
            "directory.json", directory},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    load(&fixture, documents);
}

/* Three policies for tests of claims: `free` without a subject, `mine` on
 * the namespace apes, `theirs` of somebody else. */
static UNUSED int
load_three(void **state)
{
    static const char free_one[] =
        "{\"type\":\"access\",\"id\":\"free\"," BODY(OURS, GRANTS("Reader"));
    static const char mine[] =
        POLICY("mine", ME, OURS "," EQ("resource", "apes"), GRANT("Reader"));
    static const char theirs[] =
        POLICY("theirs", EQ("iam_id", "IBMid-x"), OURS, GRANT("Manager"));
    char text[TEXT_MAX];

    (void)state;
    snprintf(text, sizeof(text), "[%s,%s,%s]", free_one, mine, theirs);
    load_policies(text, NULL);
    return 0;
}

/* A token of the principal with more claims. */
static UNUSED const char *
as(const char *claims, const char *method, const char *target)
{
    return decide(&fixture, method, target, token_with(&fixture, claims));
}

/* "policy:p1 role:Reader" of a required item. */
static UNUSED const char *
granted_by(size_t required)
{
    static const char *const sources[] = {"none", "policy", "role", "action"};
    static char text[512];
    size_t len = 0;
    pdp_grant_t grant = {.size = sizeof(grant)};

    text[0] = '\0';
    for (size_t i = 0; pdp_decision_by(fixture.decision, required, i, &grant);
         i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s:%.*s",
            i == 0 ? "" : " ", sources[grant.source], (int)grant.id.len,
            grant.id.ptr);
    }
    return text;
}

#endif
