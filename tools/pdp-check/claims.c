/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/claims.h"

/*
 * Claims in the form of an access token of IBM Cloud IAM.
 *
 * The kind of subject shows in the prefix of iam_id; realmid, sub, sub_type
 * and identifier follow from it, as they do in real tokens.  There is no
 * jti, because it would have to be random; --claim sets one.
 *
 * JSON is read by jansson, not by the library's reader: the library is what
 * these tokens are to test.
 */

#include "common/tell.h"
#include "pdp-check/defaults.h"

static const char default_issuer[] = PDP__DEFAULT_ISSUER;
static const char default_iam_id[] = "IBMid-0000000DEV";
static const char default_account[] = "0123456789abcdef0123456789abcdef";

static const char *const list_names[] = {"groups", "roles", "actions",
    "policies"};

enum { LIST_CNT = sizeof(list_names) / sizeof(list_names[0]) };

/* Ten years: enough for any test, and far from any overflow. */
#define EXPIRES_MAX INT64_C(315576000)

static bool
add_to_list(struct pdp__claims *claims, int which, const char *value)
{
    if (claims->lists[which] == NULL) {
        claims->lists[which] = json_array();
    }
    bool done =
        json_array_append_new(claims->lists[which], json_string(value)) == 0;
    if (!done) {
        pdp__tell("'%s' is not UTF-8", value);
    }
    return done;
}

/* NAME=JSON; NAME= takes the claim away. */
static bool
read_claim(struct pdp__claims *claims, const char *text)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        pdp__tell("--claim is NAME=JSON, not '%s'", text);
        return false;
    }
    if (claims->any == NULL) {
        claims->any = json_object();
        claims->removed = json_object();
    }
    char *name = pdp__heap_copy(pdp__str(text, (size_t)(equals - text)));
    bool done = false;
    if (equals[1] == '\0') {
        json_object_del(claims->any, name);
        done = json_object_set_new(claims->removed, name, json_true()) == 0;
    } else {
        json_error_t error;
        json_t *value = json_loads(equals + 1,
            JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
        json_object_del(claims->removed, name);
        done = json_object_set_new(claims->any, name, value) == 0;
        if (value == NULL) {
            pdp__tell("--claim %s: '%s' is not JSON; a string needs its quotes",
                name, equals + 1);
        }
    }
    pdp__heap_free(name);
    return done;
}

bool
pdp__claims_option(struct pdp__claims *claims, const struct pdp__args *args)
{
    const char *value = args->value;
    switch (args->option->id) {
    case PDP__CLAIM_ISSUER:
        claims->issuer = value;
        return true;
    case PDP__CLAIM_IAM_ID:
        claims->iam_id = value;
        return true;
    case PDP__CLAIM_ACCOUNT:
        claims->account = value;
        return true;
    case PDP__CLAIM_GROUP:
        return add_to_list(claims, 0, value);
    case PDP__CLAIM_ROLE:
        return add_to_list(claims, 1, value);
    case PDP__CLAIM_ACTION:
        return add_to_list(claims, 2, value);
    case PDP__CLAIM_POLICY:
        return add_to_list(claims, 3, value);
    case PDP__CLAIM_SCOPE:
        claims->scope = value;
        return true;
    case PDP__CLAIM_AUDIENCE:
        claims->audience = value;
        return true;
    case PDP__CLAIM_EXPIRES:
        claims->has_expires = true;
        return pdp__cli_number("expires-in", value, -EXPIRES_MAX, EXPIRES_MAX,
            &claims->expires_sec);
    case PDP__CLAIM_FILE:
        claims->file = value;
        return true;
    case PDP__CLAIM_ANY:
        return read_claim(claims, value);
    default:
        pdp__tell("option '--%s' is not implemented", args->option->name);
        return false;
    }
}

static bool
set_string(json_t *object, const char *name, const char *value)
{
    if (json_object_set_new(object, name, json_string(value)) != 0) {
        pdp__tell("the claim '%s' is not UTF-8: '%s'", name, value);
        return false;
    }
    return true;
}

/* What follows from iam_id in tokens of IBM Cloud IAM. */
static bool
set_subject(json_t *claims, const char *iam_id)
{
    static const struct {
        const char *prefix, *realmid, *sub_type;
    } kinds[] = {
        {"iam-ServiceId-", "iam", "ServiceId"},
        {"iam-Profile-", "iam", "Profile"},
        {"crn-", "crn", "CRN"},
    };
    bool done = set_string(claims, "iam_id", iam_id) &&
                set_string(claims, "id", iam_id);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strncmp(iam_id, kinds[i].prefix, strlen(kinds[i].prefix)) == 0) {
            const char *sub = iam_id + strlen(kinds[i].realmid) + 1;
            return done && set_string(claims, "realmid", kinds[i].realmid) &&
                   set_string(claims, "sub", sub) &&
                   set_string(claims, "identifier", sub) &&
                   set_string(claims, "sub_type", kinds[i].sub_type);
        }
    }
    if (strncmp(iam_id, "IBMid-", 6) == 0) {
        return done && set_string(claims, "realmid", "IBMid") &&
               set_string(claims, "sub", "developer@example.com") &&
               set_string(claims, "identifier", iam_id + 6);
    }
    return done && set_string(claims, "sub", iam_id);
}

/* account: {valid, bss}; other members that a file gave are kept. */
static bool
set_account(json_t *claims, const char *id)
{
    json_t *account = json_object_get(claims, "account");
    if (!json_is_object(account)) {
        account = json_pack("{s:b}", "valid", 1);
        if (json_object_set_new(claims, "account", account) != 0) {
            return false;
        }
    }
    return set_string(account, "bss", id);
}

static bool
set_times(const struct pdp__claims *options, json_t *claims, int64_t at_sec)
{
    int64_t expires_sec =
        options->has_expires ? options->expires_sec : PDP__DEFAULT_LIFETIME_SEC;
    return json_object_set_new(claims, "iat", json_integer(at_sec)) == 0 &&
           json_object_set_new(claims, "exp",
               json_integer(at_sec + expires_sec)) == 0;
}

/* Puts the claims of the file over those that are there. */
static bool
merge_file(json_t *claims, const char *path)
{
    struct pdp__file file;
    json_error_t error;
    if (!pdp__file_read(path, PDP__FILE_MAX, &file)) {
        return false;
    }
    enum pdp__kind kind = pdp__kind_of(pdp__str(file.text, file.len));
    if (kind != PDP__KIND_NONE && kind != PDP__KIND_CLAIMS) {
        pdp__file_free(&file);
        pdp__cli_misplaced(&pdp__cmd_token, path, kind, PDP__KIND_CLAIMS);
        return false;
    }
    json_t *from =
        json_loadb(file.text, file.len, JSON_REJECT_DUPLICATES, &error);
    pdp__file_free(&file);
    bool done = json_is_object(from) && json_object_update(claims, from) == 0;
    if (from == NULL) {
        pdp__tell("'%s' is not JSON: line %d column %d: %s", path, error.line,
            error.column, error.text);
    } else if (!done) {
        pdp__tell("'%s' holds no object of claims", path);
    }
    json_decref(from);
    return done;
}

/* What the named options say, over defaults and file. */
static bool
apply_options(const struct pdp__claims *options, json_t *claims, bool at_given,
    int64_t at_sec)
{
    bool done = true;
    if (options->file != NULL && (at_given || options->has_expires)) {
        done = set_times(options, claims, at_sec);
    }
    if (options->issuer != NULL) {
        done = done && set_string(claims, "iss", options->issuer);
    }
    if (options->iam_id != NULL) {
        done = done && set_subject(claims, options->iam_id);
    }
    if (options->account != NULL) {
        done = done && set_account(claims, options->account);
    }
    if (options->scope != NULL) {
        done = done && set_string(claims, "scope", options->scope);
    }
    if (options->audience != NULL) {
        done = done && set_string(claims, "aud", options->audience);
    }
    for (size_t i = 0; i < LIST_CNT; i++) {
        if (options->lists[i] != NULL) {
            done = done && json_object_set(claims, list_names[i],
                               options->lists[i]) == 0;
        }
    }
    return done;
}

static bool
apply_any(const struct pdp__claims *options, json_t *claims)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(options->removed, name, value)
    {
        json_object_del(claims, name);
    }
    return options->any == NULL ||
           json_object_update(claims, options->any) == 0;
}

json_t *
pdp__claims_build(const struct pdp__claims *options, bool at_given,
    int64_t at_sec)
{
    json_t *claims = json_object();
    bool done = claims != NULL && set_string(claims, "iss", default_issuer) &&
                set_subject(claims, default_iam_id) &&
                set_account(claims, default_account) &&
                set_times(options, claims, at_sec) &&
                set_string(claims, "scope", "ibm openid") &&
                (options->file == NULL || merge_file(claims, options->file)) &&
                apply_options(options, claims, at_given, at_sec) &&
                apply_any(options, claims);
    if (!done) {
        json_decref(claims);
        return NULL;
    }
    return claims;
}

void
pdp__claims_free(struct pdp__claims *claims)
{
    for (size_t i = 0; i < LIST_CNT; i++) {
        json_decref(claims->lists[i]);
    }
    json_decref(claims->any);
    json_decref(claims->removed);
    *claims = (struct pdp__claims){0};
}
