/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_DECIDE_MODEL_H
#define PDP_TESTS_DECIDE_MODEL_H

/*
 * What fuzz_decide.c knows of its world, and a second answer to "is this
 * granted?".  The world: the built-in registry; two accounts, three
 * principals, three namespaces, seven policies (see documents below).  The
 * tables of methods, actions and roles are written out here, not taken from
 * the library.
 *
 * The evaluation is a straight reading of the policies, one function each:
 * known, unknown or absent attributes; a grant needs a sure yes, a denial
 * anything but a sure no.
 */

#include "fuzz.h"
#include "pdp.h"

enum role { READER = 1, WRITER = 2, MANAGER = 4, CONFIGURATION = 8 };

enum action {
    AUTH_GET,
    AUTH_SET,
    EXEMPTION_LIST,
    IMAGE_DELETE,
    IMAGE_INSPECT,
    IMAGE_LIST,
    IMAGE_PULL,
    IMAGE_PUSH,
    NAMESPACE_CREATE,
    NAMESPACE_DELETE,
    NAMESPACE_LIST,
    PLAN_SET,
    QUOTA_GET,
    RETENTION_GET,
    RETENTION_SET, /* those up to here are claimed, too */
    EXEMPTION_MANAGER,
    PLAN_GET,
    QUOTA_SET,
    RETENTION_ANALYZE,
    RETENTION_LIST,
    SETTINGS_GET,
    SETTINGS_SET,
    ACTION_CNT
};

struct action_row {
    const char *name;
    unsigned roles;
    bool account; /* scope */
};

static const struct action_row action_rows[ACTION_CNT] = {
    [AUTH_GET] = {"auth.get", READER | WRITER | MANAGER, true},
    [AUTH_SET] = {"auth.set", MANAGER, true},
    [EXEMPTION_LIST] = {"exemption.list", READER | MANAGER, true},
    [IMAGE_DELETE] = {"image.delete", WRITER | MANAGER, false},
    [IMAGE_INSPECT] = {"image.inspect", READER | MANAGER, false},
    [IMAGE_LIST] = {"image.list", READER | MANAGER | CONFIGURATION, false},
    [IMAGE_PULL] = {"image.pull", READER | WRITER | MANAGER, false},
    [IMAGE_PUSH] = {"image.push", WRITER | MANAGER, false},
    [NAMESPACE_CREATE] = {"namespace.create", MANAGER, true},
    [NAMESPACE_DELETE] = {"namespace.delete", MANAGER, true},
    [NAMESPACE_LIST] = {"namespace.list", READER | MANAGER, false},
    [PLAN_SET] = {"plan.set", MANAGER, true},
    [QUOTA_GET] = {"quota.get", READER | WRITER | MANAGER, true},
    [RETENTION_GET] = {"retention.get", READER | MANAGER, false},
    [RETENTION_SET] = {"retention.set", WRITER | MANAGER, false},
    [EXEMPTION_MANAGER] = {"exemption.manager", MANAGER, true},
    [PLAN_GET] = {"plan.get", MANAGER, true},
    [QUOTA_SET] = {"quota.set", MANAGER, true},
    [RETENTION_ANALYZE] = {"retention.analyze", READER | MANAGER, false},
    [RETENTION_LIST] = {"retention.list", READER | MANAGER, false},
    [SETTINGS_GET] = {"settings.get", READER | WRITER | MANAGER, true},
    [SETTINGS_SET] = {"settings.set", MANAGER, true},
};

/* Where the resource of an action comes from. */
enum origin { NOWHERE, IMAGE_1, IMAGE_2, NAME_1, BODY };

/*
 * Methods.  In the path, I and J stand for the first and second image as one
 * segment, K and L for the same as a query value, N for the first namespace.
 */
struct row {
    const char *method, *path;
    struct {
        enum action action;
        enum origin origin;
    } needs[2];
    unsigned need_cnt; /* 0: public, or there is no such method */
    pdp_reason_t reason;
};

#define ONE(action, origin) {{(action), (origin)}}, 1, PDP_REASON_PERMITTED
#define TWO(a, from, b, to)                                                    \
    {{(a), (from)}, {(b), (to)}}, 2, PDP_REASON_PERMITTED
#define ENDS(reason) {{AUTH_GET, NOWHERE}}, 0, PDP_REASON_##reason

static const struct row rows[] = {
    {"GET", "/api/v1/auth", ONE(AUTH_GET, NOWHERE)},
    {"PATCH", "/api/v1/auth", ONE(AUTH_SET, NOWHERE)},
    {"GET", "/api/v1/images", ONE(IMAGE_LIST, NOWHERE)},
    {"GET", "/api/v1/images?namespace=N", ONE(IMAGE_LIST, NAME_1)},
    {"GET", "/api/v1/images?repository=K", ONE(IMAGE_LIST, IMAGE_1)},
    {"GET", "/api/v1/images?x=1&repository=K&repository=L",
        TWO(IMAGE_LIST, IMAGE_1, IMAGE_LIST, IMAGE_2)},
    {"POST", "/api/v1/images/bulkdelete", ONE(IMAGE_DELETE, BODY)},
    {"POST", "/api/v1/images/tags?fromimage=K&toimage=L",
        TWO(IMAGE_PULL, IMAGE_1, IMAGE_PUSH, IMAGE_2)},
    {"POST", "/api/v1/images/tags?toimage=L&fromimage=K",
        TWO(IMAGE_PULL, IMAGE_1, IMAGE_PUSH, IMAGE_2)},
    {"POST", "/api/v1/images/tags?toimage=L",
        TWO(IMAGE_PULL, NOWHERE, IMAGE_PUSH, IMAGE_2)},
    {"DELETE", "/api/v1/images/I", ONE(IMAGE_DELETE, IMAGE_1)},
    {"GET", "/api/v1/images/I/json", ONE(IMAGE_INSPECT, IMAGE_1)},
    {"GET", "/api/v1/messages", ENDS(PUBLIC)},
    {"GET", "/api/v1/namespaces", ONE(NAMESPACE_LIST, NOWHERE)},
    {"PUT", "/api/v1/namespaces/N", ONE(NAMESPACE_CREATE, NAME_1)},
    {"DELETE", "/api/v1/namespaces/N", ONE(NAMESPACE_DELETE, NAME_1)},
    {"PATCH", "/api/v1/plans", ONE(PLAN_SET, NOWHERE)},
    {"GET", "/api/v1/quotas", ONE(QUOTA_GET, NOWHERE)},
    {"GET", "/api/v1/retentions/N", ONE(RETENTION_GET, NAME_1)},
    {"POST", "/api/v1/retentions", ONE(RETENTION_SET, BODY)},
    {"GET", "/api/v1/trash?namespace=N", ONE(IMAGE_DELETE, NAME_1)},
    {"POST", "/api/v1/trash/I/restore", ONE(IMAGE_PUSH, IMAGE_1)},
    {"GET", "/va/api/v4/exempt/types", ENDS(PUBLIC)},
    {"GET", "/va/api/v4/exempt/image/N", ONE(EXEMPTION_LIST, NAME_1)},
    {"GET", "/api/v1/nowhere", ENDS(NO_ROUTE)},
    {"PUT", "/api/v1/auth", ENDS(METHOD_NOT_ALLOWED)},
    {"HEAD", "/api/v1/auth", ENDS(METHOD_NOT_ALLOWED)},
    {"POST", "/va/api/v4/exemptions/deleteAll",
        ONE(EXEMPTION_MANAGER, NOWHERE)},
    {"POST", "/va/api/v4/exemptions/images", ONE(EXEMPTION_LIST, BODY)},
    {"GET", "/api/v1/plans", ONE(PLAN_GET, NOWHERE)},
    {"PATCH", "/api/v1/quotas", ONE(QUOTA_SET, NOWHERE)},
    {"GET", "/api/v1/retentions", ONE(RETENTION_LIST, NOWHERE)},
    {"POST", "/api/v1/retentions/analyze", ONE(RETENTION_ANALYZE, BODY)},
    {"GET", "/api/v1/settings", ONE(SETTINGS_GET, NOWHERE)},
    {"PATCH", "/api/v1/settings", ONE(SETTINGS_SET, NOWHERE)},
};

/* An attribute: text, or one of these. */
static const char *const ABSENT = "(absent)";
static const char *const UNKNOWN = "(unknown)";

struct attributes {
    const char *account, *region, *type, *resource, *group;
};

/* What a token says; bits of the claims. */
struct grants {
    const char *principal, *account;
    unsigned roles;   /* enum role */
    unsigned actions; /* 1 << enum action */
    unsigned groups;  /* 1: AccessGroupId-1, 2: AccessGroupId-2 */
    bool refers;      /* claims the policy "free" by its id */
    bool reads_birds; /* an inline policy: Reader on birds */
    bool no_writes;   /* an inline policy: Writer denied in us-south */
};

enum truth { NO, OPEN, YES };

static inline enum truth
equals(const char *attribute, const char *wanted)
{
    if (attribute == UNKNOWN) {
        return OPEN;
    }
    return attribute != ABSENT && strcmp(attribute, wanted) == 0 ? YES : NO;
}

static inline bool
is_principal(const struct grants *g, const char *who)
{
    return strcmp(g->principal, who) == 0;
}

static inline bool
roles_have(unsigned roles, enum action action)
{
    return (roles & action_rows[action].roles) != 0;
}

/* Whether some denial applies: "never", and the inline one. */
static inline bool
model_denied(const struct grants *g, enum action action,
    const struct attributes *a)
{
    if (!roles_have(WRITER, action)) {
        return false;
    }
    return (is_principal(g, "IBMid-1") && equals(a->account, "a") != NO &&
               equals(a->resource, "owls") != NO) ||
           (g->no_writes && equals(a->region, "us-south") != NO);
}

static inline bool
model_granted(const struct grants *g, enum action action,
    const struct attributes *given)
{
    struct attributes a = *given;
    bool home = strcmp(a.account, "a") == 0;
    bool birds_group =
        (g->groups & 1) != 0 || is_principal(g, "IBMid-2"); /* directory */

    if (action_rows[action].account) {
        a.type = ABSENT;
        a.resource = ABSENT;
        a.group = ABSENT;
    }
    if (roles_have(g->roles, action) || (g->actions >> action & 1) != 0) {
        return true;
    }
    if (g->reads_birds && roles_have(READER, action) &&
        equals(a.resource, "birds") == YES) {
        return true;
    }
    return (home && is_principal(g, "IBMid-1") && roles_have(READER, action)) ||
           (home && birds_group && roles_have(MANAGER, action) &&
               equals(a.type, "namespace") == YES &&
               equals(a.resource, "birds") == YES) ||
           (home && is_principal(g, "IBMid-2") && roles_have(WRITER, action) &&
               equals(a.region, "us-south") == YES) ||
           (home && is_principal(g, "IBMid-2") && roles_have(READER, action) &&
               equals(a.group, "g1") == YES) ||
           (home && g->refers && roles_have(WRITER, action) &&
               equals(a.region, "eu-de") == YES) ||
           (strcmp(a.account, "b") == 0 && is_principal(g, "iam-ServiceId-3") &&
               roles_have(MANAGER, action));
}

#define NAMED(key, value)                                                      \
    "{\"key\":\"" key "\",\"operator\":\"stringEquals\",\"value\":\"" value    \
    "\"}"
#define ROLES(role)                                                            \
    "{\"roles\":[{\"role_id\":\"crn:v1:bluemix:public:iam::::"                 \
    "serviceRole:" role "\"}]}"
#define POLICY(id, subject, resource, control)                                 \
    "{\"id\":\"" id "\",\"type\":\"access\"," subject                          \
    "\"resource\":{\"attributes\":[" resource                                  \
    "," NAMED("serviceName", "container-registry") "]},\"control\":{" control  \
                                                   "}}"
#define SUBJECT(attribute) "\"subject\":{\"attributes\":[" attribute "]},"
#define WHO(id) SUBJECT(NAMED("iam_id", id))
#define HOME NAMED("accountId", "a")
#define BIRDS NAMED("resource", "birds") "," NAMED("resourceType", "namespace")
#define SOUTH NAMED("region", "us-south")
#define EUROPE                                                                 \
    "{\"key\":\"region\",\"operator\":\"stringMatch\",\"value\":\"eu-d*\"}"

/* clang-format off */
static const char decide_policies[] = "["
    POLICY("read", WHO("IBMid-1"), HOME, "\"grant\":" ROLES("Reader")) ","
    POLICY("birds", SUBJECT(NAMED("access_group_id", "AccessGroupId-1")),
        HOME "," BIRDS, "\"grant\":" ROLES("Manager")) ","
    POLICY("south", WHO("IBMid-2"), HOME "," SOUTH,
        "\"grant\":" ROLES("Writer")) ","
    POLICY("group", WHO("IBMid-2"),
        HOME "," NAMED("resourceGroupId", "g1"), "\"grant\":" ROLES("Reader")) ","
    POLICY("never", WHO("IBMid-1"), HOME "," NAMED("resource", "owls"),
        "\"deny\":" ROLES("Writer")) ","
    POLICY("free", "", HOME "," EUROPE, "\"grant\":" ROLES("Writer")) ","
    POLICY("b", WHO("iam-ServiceId-3"), NAMED("accountId", "b"),
        "\"grant\":" ROLES("Manager")) "]";

#define INLINE(resource, control)                                              \
    "{\"type\":\"access\",\"resource\":{\"attributes\":["                      \
    NAMED("serviceName", "container-registry") "," resource                    \
    "]},\"control\":{" control "}}"

static const char inline_reads[] =
    INLINE(NAMED("resource", "birds"), "\"grant\":" ROLES("Reader"));
static const char inline_denies[] =
    INLINE(SOUTH, "\"deny\":" ROLES("Writer"));
/* clang-format on */

static const char decide_directory[] =
    "{\"format\":\"pdp-directory/1\",\"groups\":{\"AccessGroupId-1\":["
    "\"IBMid-2\"]},\"namespaces\":[{\"region\":\"us-south\",\"namespace\":"
    "\"birds\",\"account\":\"a\",\"resource_group\":\"g1\"},{\"region\":"
    "\"eu-de\",\"namespace\":\"fish\",\"account\":\"b\"}]}";

/* Account of a namespace and its group, by the directory; region UNKNOWN:
 * any.  False: it belongs to another account. */
static inline bool
model_owner(const char *name, const char *region, const char *account,
    const char **group)
{
    *group = UNKNOWN;
    if (strcmp(name, "birds") == 0 && equals(region, "us-south") != NO) {
        *group = strcmp(region, UNKNOWN) == 0 ? UNKNOWN : "g1";
        return strcmp(account, "a") == 0;
    }
    if (strcmp(name, "fish") == 0 && equals(region, "eu-de") != NO) {
        *group = strcmp(region, UNKNOWN) == 0 ? UNKNOWN : ABSENT;
        return strcmp(account, "b") == 0;
    }
    return true;
}

#endif
