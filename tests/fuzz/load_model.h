/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_LOAD_MODEL_H
#define PDP_TESTS_LOAD_MODEL_H

/*
 * What documents say, read a second time: with jansson, by hand, and only as
 * far as the requests of load_target.h need it.  Each function answers for
 * the one principal there (IBMid-1, account acc, service birds, region
 * eu-de, group AccessGroupId-1), and errs on one side only: a "no" means
 * that libpdp must not say yes.
 */

#include <jansson.h>

#include "fuzz.h"
#include "pdp.h"
#include "sign.h"
#include "text/time.h"

#define MODEL_ISSUER "https://a.example"

static inline bool
is_text(const json_t *value, const char *wanted)
{
    const char *text = json_string_value(value);
    return text != NULL && strcmp(text, wanted) == 0;
}

static inline bool
is_among(const json_t *value, const char *const *wanted)
{
    for (; *wanted != NULL; wanted++) {
        if (is_text(value, *wanted)) {
            return true;
        }
    }
    return false;
}

static inline bool
has_text(const json_t *array, const char *wanted)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (is_text(json_array_get(array, i), wanted)) {
            return true;
        }
    }
    return false;
}

/* Trust: the entry of the issuer, or NULL. */
static inline json_t *
model_issuer(const json_t *trust)
{
    json_t *issuers = json_object_get(trust, "issuers");
    for (size_t i = 0; i < json_array_size(issuers); i++) {
        json_t *issuer = json_array_get(issuers, i);
        if (is_text(json_object_get(issuer, "issuer"), MODEL_ISSUER)) {
            return issuer;
        }
    }
    return NULL;
}

/* Whether a signature of Ed25519 may count for the issuer. */
static inline bool
model_verifies(const json_t *trust)
{
    json_t *issuer = model_issuer(trust);
    return has_text(json_object_get(issuer, "algorithms"), "EdDSA");
}

/* Whether its token, with aud "birds" and without typ, may pass. */
static inline bool
model_admits(const json_t *trust)
{
    json_t *issuer = model_issuer(trust);
    json_t *audiences = json_object_get(issuer, "audiences");
    return is_text(json_object_get(issuer, "typ"), "none") &&
           (is_text(audiences, "none") || has_text(audiences, "birds"));
}

/* Key sets: whether the good key may be in it, for signatures. */
static inline bool
model_has_key(const json_t *set, const char *good_keys)
{
    json_t *keys = json_object_get(set, "keys");
    json_t *good = json_loads(good_keys, 0, NULL);
    const char *wanted = json_string_value(
        json_object_get(json_array_get(json_object_get(good, "keys"), 0), "x"));
    bool found = false;

    MUST(wanted != NULL);
    for (size_t i = 0; i < json_array_size(keys); i++) {
        json_t *key = json_array_get(keys, i);
        json_t *use = json_object_get(key, "use");
        json_t *alg = json_object_get(key, "alg");
        found = found || (is_text(json_object_get(key, "x"), wanted) &&
                             is_text(json_object_get(key, "kty"), "OKP") &&
                             is_text(json_object_get(key, "crv"), "Ed25519") &&
                             (use == NULL || is_text(use, "sig")) &&
                             (alg == NULL || is_text(alg, "EdDSA")));
    }
    json_decref(good);
    return found;
}

/* Policies: the list in a document of any of its three forms; borrowed. */
static inline json_t *
model_policy(json_t *doc, size_t ix)
{
    json_t *list = json_object_get(doc, "policies");
    list = list == NULL ? doc : list;
    if (json_is_array(list)) {
        return json_array_get(list, ix);
    }
    return ix == 0 ? list : NULL;
}

static inline bool
model_in_force(const json_t *policy)
{
    json_t *state = json_object_get(policy, "state");
    return is_text(json_object_get(policy, "type"), "access") &&
           (state == NULL || is_text(state, "active"));
}

/* A rule of one condition on an instant that surely does not hold now; read
 * by the parser of RFC 3339 times, which policies do not use. */
static inline bool
model_not_now(const json_t *policy)
{
    json_t *rule = json_object_get(policy, "rule");
    const char *op = json_string_value(json_object_get(rule, "operator"));
    const char *value = json_string_value(json_object_get(rule, "value"));
    int64_t at = 0;
    uint32_t nanoseconds = 0;

    if (op == NULL || value == NULL || strncmp(op, "dateTime", 8) != 0 ||
        !pdp__time_parse(pdp__str_z(value), &at, &nanoseconds)) {
        return false;
    }
    if (strcmp(op, "dateTimeLessThan") == 0) {
        return at <= FUZZ_NOW;
    }
    if (strcmp(op, "dateTimeLessThanOrEquals") == 0) {
        return at < FUZZ_NOW;
    }
    return strcmp(op, "dateTimeGreaterThan") == 0 ? at >= FUZZ_NOW
                                                  : at > FUZZ_NOW;
}

static inline bool
model_has_role(const json_t *side, const char *role)
{
    json_t *roles = json_object_get(side, "roles");
    for (size_t i = 0; i < json_array_size(roles); i++) {
        const char *id = json_string_value(
            json_object_get(json_array_get(roles, i), "role_id"));
        if (id != NULL && strstr(id, role) != NULL) {
            return true;
        }
    }
    return false;
}

/* One attribute of a subject, which must hold for a grant. */
static inline bool
model_subject(const json_t *attribute)
{
    static const char *const ids[] = {"IBMid-1", NULL};
    static const char *const groups[] = {"AccessGroupId-1",
        "AccessGroupId-PublicAccess", NULL};
    json_t *key = json_object_get(attribute, "key");
    json_t *value = json_object_get(attribute, "value");

    if (is_text(json_object_get(attribute, "operator"), "stringExists")) {
        return json_is_true(value);
    }
    return (is_text(key, "iam_id") && is_among(value, ids)) ||
           (is_text(key, "access_group_id") && is_among(value, groups));
}

/* One attribute of a resource; name_space NULL: the action has none. */
static inline bool
model_resource(const json_t *attribute, const char *name_space)
{
    const struct {
        const char *key;
        const char *values[3];
    } known[] = {
        {"serviceType", {"service", NULL, NULL}},
        {"service_group_id", {"IAM", NULL, NULL}},
        {"serviceName", {"birds", NULL, NULL}},
        {"accountId", {"acc", NULL, NULL}},
        {"region", {"eu-de", "eu-central", NULL}},
        {"resourceType", {name_space == NULL ? NULL : "namespace", NULL, NULL}},
        {"resource", {name_space, NULL, NULL}},
        {"resourceGroupId", {NULL, NULL, NULL}}, /* no directory */
        {"serviceInstance", {NULL, NULL, NULL}},
        {"geography", {NULL, NULL, NULL}},
    };
    json_t *key = json_object_get(attribute, "key");
    json_t *op = json_object_get(attribute, "operator");

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (is_text(key, known[i].key)) {
            /* other operators: anything with a value may match */
            return is_text(op, "stringEquals")
                       ? is_among(json_object_get(attribute, "value"),
                             known[i].values)
                       : known[i].values[0] != NULL ||
                             is_text(op, "stringExists");
        }
    }
    return false;
}

/* Whether a policy may be one that grants the role's action. */
static inline bool
model_grants(const json_t *policy, const char *role, const char *name_space)
{
    json_t *subject =
        json_object_get(json_object_get(policy, "subject"), "attributes");
    json_t *resource =
        json_object_get(json_object_get(policy, "resource"), "attributes");

    if (!model_in_force(policy) || model_not_now(policy) ||
        !model_has_role(json_object_get(json_object_get(policy, "control"),
                            "grant"),
            role)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(subject); i++) {
        if (!model_subject(json_array_get(subject, i))) {
            return false;
        }
    }
    for (size_t i = 0; i < json_array_size(resource); i++) {
        if (!model_resource(json_array_get(resource, i), name_space)) {
            return false;
        }
    }
    return json_array_size(resource) > 0 && json_array_size(subject) > 0;
}

/* Whether some policy with that id may grant.  One that has none is called
 * SOURCE#NUMBER by the loader, and the source "d". */
static inline bool
model_granted_by(json_t *doc, pdp_str_t id, const char *role,
    const char *name_space)
{
    json_t *policy;
    for (size_t i = 0; (policy = model_policy(doc, i)) != NULL; i++) {
        json_t *name = json_object_get(policy, "id");
        size_t len = json_string_length(name);
        bool same = name == NULL
                        ? id.len > 2 && memcmp(id.ptr, "d#", 2) == 0
                        : len == id.len &&
                              memcmp(json_string_value(name), id.ptr, len) == 0;
        if (same && model_grants(policy, role, name_space)) {
            return true;
        }
    }
    return false;
}

/* Whether a policy, for the principal by name and for the whole account,
 * surely denies what readers do. */
static inline bool
model_denies(const json_t *policy)
{
    json_t *subject =
        json_object_get(json_object_get(policy, "subject"), "attributes");
    json_t *resource =
        json_object_get(json_object_get(policy, "resource"), "attributes");

    if (!model_in_force(policy) || json_object_get(policy, "rule") != NULL ||
        json_array_size(subject) != 1 ||
        !is_text(json_object_get(json_array_get(subject, 0), "key"),
            "iam_id") ||
        !model_subject(json_array_get(subject, 0)) ||
        !model_has_role(json_object_get(json_object_get(policy, "control"),
                            "deny"),
            "serviceRole:Reader")) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(resource); i++) {
        json_t *attribute = json_array_get(resource, i);
        if (!is_text(json_object_get(attribute, "operator"), "stringEquals") ||
            !model_resource(attribute, NULL)) {
            return false;
        }
    }
    return true;
}

static inline bool
model_denied(json_t *doc)
{
    json_t *policy;
    for (size_t i = 0; (policy = model_policy(doc, i)) != NULL; i++) {
        if (model_denies(policy)) {
            return true;
        }
    }
    return false;
}

#endif
