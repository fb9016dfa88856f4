/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_SUGGEST_TEXT_H
#define PDP_TESTS_SUGGEST_TEXT_H

/* Suggested policies as text.  Include after explain_text.h. */

#define SUGGESTED(resource, role)                                              \
    "{\"type\":\"access\",\"subject\":{\"attributes\":[" ME "]},"              \
    "\"resource\":{\"attributes\":[" EQ("accountId",                           \
        ACCOUNT) "," EQ("serviceName", "container-registry") resource          \
        "]},"                                                                  \
        "\"control\":{" GRANT(role) "}}"
#define AT(region, name)                                                       \
    "," EQ("region", region) "," EQ("resourceType",                            \
        "namespace") "," EQ("resource", name)

/* Denied for want of a grant; what is suggested. */
static UNUSED const char *
denied(const char *method, const char *target)
{
    assert_reason(as("", method, target), "no_grant");
    explain();
    return suggested();
}

#endif
