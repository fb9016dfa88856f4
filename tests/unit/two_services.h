/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_TWO_SERVICES_H
#define PDP_TESTS_TWO_SERVICES_H

/*
 * Two services, and custom roles of two accounts.  The request is GET /x of
 * the service one, which needs one.do.
 *
 *            one                            two
 *     First  one.do                         -
 *     Second -                              two.do
 *     Shared no action                      two.do
 *     Ours   one.do, custom, of ACCOUNT     -
 *     Theirs one.do, custom, of another     -
 *
 * Both actions have the first bit of their service's sets, so what is taken
 * for the other service's shows.  Include after grant_text.h.
 */

#define SERVICE(name, roles)                                                   \
    "{\"format\":\"pdp-service/1\",\"service\":\"" name                        \
    "\",\"actions\":{\"" name ".do\":{\"scope\":\"account\"}},"                \
    "\"roles\":{" roles "},\"events\":{},\"params\":{},"                       \
    "\"regions\":[{\"region\":\"" name "-r\",\"hosts\":[\"" name               \
    ".example\"],\"events\":\"" name                                           \
    "-r\"}],\"routes\":[{\"method\":\"GET\",\"path\":\"/x\","                  \
    "\"requires\":[{\"action\":\"" name ".do\"}],\"event\":null}]}"
#define CUSTOM_CRN(account, name)                                              \
    "crn:v1:bluemix:public:iam-access-management::a/" account                  \
    "::customRole:" name
#define CUSTOM(account, name)                                                  \
    "{\"id\":\"" name "\",\"name\":\"" name "\",\"display_name\":\"" name      \
    "\",\"account_id\":\"" account                                             \
    "\",\"service_name\":\"one\",\"crn\":\"" CUSTOM_CRN(account,               \
        name) "\",\"actions\":[\"one.do\"]}"

/* What a policy is for. */
#define ONE EQ("serviceName", "one") "," EQ("accountId", ACCOUNT)
#define TWO EQ("serviceName", "two") "," EQ("accountId", ACCOUNT)
#define ANY EQ("serviceType", "service") "," EQ("accountId", ACCOUNT)

static UNUSED void
load_two(const char *policies)
{
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "one.json",
            SERVICE("one", "\"First\":{\"actions\":[\"one.do\"]},"
                           "\"Shared\":{\"actions\":[]}")},
        {PDP_SOURCE_SERVICE, "two.json",
            SERVICE("two", "\"Second\":{\"actions\":[\"two.do\"]},"
                           "\"Shared\":{\"actions\":[\"two.do\"]}")},
        {PDP_SOURCE_DIRECTORY, "directory.json",
            "{\"format\":\"pdp-directory/1\",\"roles\":{\"custom_roles\":"
            "[" CUSTOM(ACCOUNT, "Ours") "," CUSTOM(OTHER_ACCOUNT,
                "Theirs") "]}}"},
        {PDP_SOURCE_POLICIES, "policies.json", policies},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    load(&fixture, documents);
}

/* The request with more claims. */
static UNUSED const char *
ask_one(const char *claims)
{
    request(&fixture, "GET", "/x");
    bearer(&fixture, token_with(&fixture, claims));
    header(&fixture, "Host", "one.example");
    return pdp_reason_name(judge(&fixture));
}

#endif
