/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/cli.h"

/*
 * pdp-check token: a signed token for development and tests.
 *
 * The claims have the form of an access token of IBM Cloud IAM (issuer,
 * iam_id, account.bss and so on), so that the default trust accepts it
 * together with a key set made by keygen.  What is claimed, in this order,
 * the later winning: defaults, --claims FILE, the named options, --claim.
 *
 * The file's own iat and exp are kept unless --at or --expires-in is given.
 * Nothing random is added: the same options give the same claims.
 *
 * A token made here is as good as its key; hence the warning.
 */

#include "common/out.h"
#include "common/tell.h"
#include "pdp-check/claims.h"
#include "pdp-check/mint.h"

enum { OPT_KEY = PDP__OPT_OWN, OPT_JWKS, OPT_KID, OPT_ALG, OPT_TYP };

static const struct pdp__option options[] = {
    {OPT_KEY, 0, false, "key", "FILE", "private key (PEM) to sign with"},
    {OPT_JWKS, 0, false, "jwks", "FILE",
        "take the name of the key from this key set"},
    {OPT_KID, 0, false, "kid", "KID",
        "name of the key (default: its thumbprint)"},
    {OPT_ALG, 0, false, "alg", "ALG",
        "algorithm (default: what fits the key; RS256\n"
        "for RSA)"},
    {OPT_TYP, 0, false, "typ", "TYPE", "type of the token (default: JWT)"},
    {PDP__CLAIM_ISSUER, 0, false, "issuer", "ISSUER",
        "issuer (default: that of IBM Cloud IAM)"},
    {PDP__CLAIM_IAM_ID, 0, false, "iam-id", "ID",
        "who it is for (default: IBMid-0000000DEV)"},
    {PDP__CLAIM_ACCOUNT, 0, false, "account", "ACCOUNT", "account.bss"},
    {PDP__CLAIM_GROUP, 0, true, "group", "GROUP",
        "an access group; may be repeated"},
    {PDP__CLAIM_ROLE, 0, true, "role", "ROLE",
        "a role, by name or CRN; may be repeated"},
    {PDP__CLAIM_ACTION, 0, true, "action", "ACTION",
        "an IAM action; may be repeated"},
    {PDP__CLAIM_POLICY, 0, true, "policy-id", "ID",
        "id of a loaded policy; may be repeated"},
    {PDP__CLAIM_SCOPE, 0, false, "scope", "SCOPE",
        "scope (default: 'ibm openid')"},
    {PDP__CLAIM_AUDIENCE, 0, false, "audience", "AUDIENCE",
        "audience (default: none)"},
    {PDP__CLAIM_EXPIRES, 0, false, "expires-in", "SECONDS",
        "seconds until it expires (default: 3600); a\n"
        "negative number makes an expired token"},
    PDP__ROW_AT,
    {PDP__CLAIM_FILE, 0, false, "claims", "FILE",
        "claims to start from, a JSON object"},
    {PDP__CLAIM_ANY, 0, true, "claim", "NAME=JSON",
        "set any claim; an empty value takes it away;\n"
        "may be repeated"},
    PDP__ROW_HELP,
    {0},
};

struct token {
    struct pdp__cli cli;
    struct pdp__claims claims;
    const char *key_path;
    const char *jwks_path;
    const char *kid;
    const char *typ;
    enum pdp__alg alg; /* NONE: what fits the key */
};

static bool
read_option(struct token *token, const struct pdp__args *args)
{
    switch (args->option->id) {
    case OPT_KEY:
        token->key_path = args->value;
        return true;
    case OPT_JWKS:
        token->jwks_path = args->value;
        return true;
    case OPT_KID:
        token->kid = args->value;
        return true;
    case OPT_ALG:
        token->alg = pdp__devkey_alg(args->value);
        return token->alg != PDP__ALG_NONE;
    case OPT_TYP:
        token->typ = args->value;
        return true;
    case PDP__OPT_AT:
        return pdp__cli_common(&token->cli, args);
    default:
        return pdp__claims_option(&token->claims, args);
    }
}

/* -1: go on; otherwise the exit status. */
static int
read_command_line(struct token *token, int argc, char **argv)
{
    const struct pdp__command *command = token->cli.command;
    struct pdp__args args = pdp__args_init(argc, argv);
    enum pdp__args_kind kind = PDP__ARGS_END;
    while ((kind = pdp__args_next(&args, options)) != PDP__ARGS_END) {
        if (kind == PDP__ARGS_OPTION && args.option->id == PDP__OPT_HELP) {
            return pdp__cli_help(command);
        }
        if (kind == PDP__ARGS_OPERAND) {
            pdp__tell("'token' takes no operand, not '%s'", args.value);
        }
        if (kind != PDP__ARGS_OPTION || !read_option(token, &args)) {
            return pdp__cli_usage(command);
        }
    }
    if (token->key_path == NULL) {
        pdp__tell("--key is needed");
        return pdp__cli_usage(command);
    }
    if (token->kid != NULL && token->jwks_path != NULL) {
        pdp__tell("--kid and --jwks exclude each other");
        return pdp__cli_usage(command);
    }
    return -1;
}

/* The name that a key set gives to the key with these public members. */
static bool
find_kid(const char *path, json_t *members, struct pdp__string *kid)
{
    struct pdp__file file;
    json_error_t error;
    if (!pdp__file_read(path, PDP__FILE_MAX, &file)) {
        return false;
    }
    enum pdp__kind kind = pdp__kind_of(pdp__str(file.text, file.len));
    if (kind != PDP__KIND_NONE && kind != PDP__KIND_JWKS) {
        pdp__file_free(&file);
        pdp__cli_misplaced(&pdp__cmd_token, path, kind, PDP__KIND_JWKS);
        return false;
    }
    json_t *set =
        json_loadb(file.text, file.len, JSON_REJECT_DUPLICATES, &error);
    pdp__file_free(&file);
    if (set == NULL) {
        pdp__tell("'%s' is no key set: line %d: %s", path, error.line,
            error.text);
        return false;
    }
    size_t index = 0;
    json_t *jwk = NULL;
    json_array_foreach(json_object_get(set, "keys"), index, jwk)
    {
        const char *name = NULL;
        json_t *value = NULL;
        bool same = true;
        json_object_foreach(members, name, value)
        {
            same = same && json_equal(json_object_get(jwk, name), value);
        }
        const char *found = json_string_value(json_object_get(jwk, "kid"));
        if (same && found != NULL) {
            pdp__string_z(kid, found);
            break;
        }
    }
    json_decref(set);
    if (kid->ptr == NULL) {
        pdp__tell("'%s' has no key with a name that fits --key", path);
    }
    return kid->ptr != NULL;
}

/* The name of the key: given, from the key set, or its thumbprint. */
static bool
name_key(const struct token *token, const EVP_PKEY *key,
    struct pdp__string *kid)
{
    json_t *members = pdp__devkey_public(key);
    if (members == NULL) {
        return false;
    }
    char thumbprint[PDP__THUMBPRINT_SIZE];
    bool done = true;
    if (token->kid != NULL) {
        pdp__string_z(kid, token->kid);
    } else if (token->jwks_path != NULL) {
        done = find_kid(token->jwks_path, members, kid);
    } else {
        done = pdp__devkey_thumbprint(members, thumbprint);
        pdp__string_z(kid, thumbprint);
    }
    json_decref(members);
    return done;
}

static bool
choose_alg(struct token *token, const EVP_PKEY *key)
{
    if (token->alg == PDP__ALG_NONE) {
        token->alg = pdp__devkey_default(key);
    }
    if (!pdp__devkey_fits(key, token->alg)) {
        pdp__tell("the key in '%s' does not fit %s", token->key_path,
            token->alg == PDP__ALG_NONE ? "any algorithm"
                                        : pdp__alg_name(token->alg));
        return false;
    }
    return true;
}

static bool
mint(struct token *token, EVP_PKEY *key, const struct pdp__file *pem,
    struct pdp__string *out)
{
    struct pdp__string kid = {0};
    json_t *claims = NULL;
    bool done = choose_alg(token, key) && name_key(token, key, &kid);
    if (done) {
        claims = pdp__claims_build(&token->claims, token->cli.has_at,
            token->cli.at_sec);
    }
    if (claims != NULL) {
        struct pdp__mint minting = {
            .key = key,
            .pem = pem,
            .alg = token->alg,
            .kid = kid.len == 0 ? NULL : kid.ptr,
            .typ = token->typ,
            .claims = claims,
        };
        done = pdp__mint(&minting, out);
    }
    done = done && claims != NULL;
    json_decref(claims);
    pdp__string_free(&kid);
    return done;
}

static int
run(const struct pdp__command *command, int argc, char **argv)
{
    struct token token = {.cli = {.command = command}};
    struct pdp__file pem = {0};
    struct pdp__string out = {0};
    int status = read_command_line(&token, argc, argv);
    if (status < 0) {
        pdp__cli_clock(&token.cli);
        status = PDP__EXIT_USAGE;
        EVP_PKEY *key = pdp__devkey_read(token.key_path, &pem);
        if (key != NULL && mint(&token, key, &pem, &out)) {
            pdp__tell("this token is for development only");
            pdp__string_char(&out, '\n');
            pdp__out_write(pdp__string_get(&out));
            status = PDP__EXIT_OK;
        }
        EVP_PKEY_free(key);
    }
    pdp__file_free(&pem);
    pdp__claims_free(&token.claims);
    pdp__string_wipe(&out);
    return status;
}

const struct pdp__command pdp__cmd_token = {
    "token",
    "sign a token for development",
    "",
    "Prints a signed token (compact JWS) whose claims have the form of those\n"
    "of IBM Cloud IAM, for development and tests.",
    options,
    run,
};
