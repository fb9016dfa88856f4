/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* files, streams and clock of POSIX */

#include "pdp-check/cli.h"

/*
 * pdp-check keygen: a key pair for development and tests: the private key
 * as PEM, the public one in a key set that the other commands take with
 * --jwks.
 *
 * The key set is made before anything is written, and the private key is
 * taken away again if the key set could not be written: either both files
 * are there or none is new.
 *
 * The name of the key (kid) is printed; by default it is the thumbprint of
 * RFC 7638, which `token` computes by itself.
 */

#include "common/out.h"
#include "common/tell.h"
#include "pdp-check/devkey.h"

#include <unistd.h>

enum {
    OPT_ALG = PDP__OPT_OWN,
    OPT_BITS,
    OPT_KID,
    OPT_PRIVATE,
    OPT_JWKS,
    OPT_APPEND,
    OPT_FORCE
};

static const struct pdp__option options[] = {
    {OPT_PRIVATE, 0, false, "private", "FILE",
        "where to write the private key (PEM)"},
    {OPT_JWKS, 0, false, "jwks", "FILE", "where to write the key set"},
    {OPT_ALG, 0, false, "alg", "ALG",
        "RS256 (default) RS384 RS512 PS256 PS384 PS512\n"
        "ES256 ES384 ES512 or EdDSA"},
    {OPT_BITS, 0, false, "bits", "N", "size of an RSA key (default: 2048)"},
    {OPT_KID, 0, false, "kid", "KID",
        "name of the key (default: its thumbprint)"},
    {OPT_APPEND, 0, false, "append", NULL, "add to the key set if it exists"},
    {OPT_FORCE, 0, false, "force", NULL, "replace files that exist"},
    PDP__ROW_HELP,
    {0},
};

struct keygen {
    const struct pdp__command *command;
    enum pdp__alg alg;
    int64_t bits; /* 0: not given */
    const char *kid;
    const char *private_path;
    const char *jwks_path;
    bool append;
    bool force;
};

static bool
read_option(struct keygen *keygen, const struct pdp__args *args)
{
    switch (args->option->id) {
    case OPT_ALG:
        keygen->alg = pdp__devkey_alg(args->value);
        return keygen->alg != PDP__ALG_NONE;
    case OPT_BITS:
        return pdp__cli_number("bits", args->value, PDP__RSA_BITS_MIN,
            PDP__RSA_BITS_MAX, &keygen->bits);
    case OPT_KID:
        keygen->kid = args->value;
        return true;
    case OPT_PRIVATE:
        keygen->private_path = args->value;
        return true;
    case OPT_JWKS:
        keygen->jwks_path = args->value;
        return true;
    case OPT_APPEND:
        keygen->append = true;
        return true;
    case OPT_FORCE:
        keygen->force = true;
        return true;
    default:
        return false;
    }
}

/* Why the options do not go together, or NULL. */
static const char *
contradiction(const struct keygen *keygen)
{
    if (keygen->private_path == NULL || keygen->jwks_path == NULL) {
        return "--private and --jwks are needed";
    }
    if (strcmp(keygen->private_path, keygen->jwks_path) == 0) {
        return "--private and --jwks are the same file";
    }
    if (keygen->bits != 0 && (keygen->alg >= PDP__ALG_ES256)) {
        return "--bits is for RSA keys only";
    }
    if (keygen->kid != NULL && keygen->kid[0] == '\0') {
        return "--kid is empty";
    }
    return NULL;
}

/* -1: go on; otherwise the exit status. */
static int
read_command_line(struct keygen *keygen, int argc, char **argv)
{
    struct pdp__args args = pdp__args_init(argc, argv);
    enum pdp__args_kind kind = PDP__ARGS_END;
    while ((kind = pdp__args_next(&args, options)) != PDP__ARGS_END) {
        if (kind == PDP__ARGS_OPTION && args.option->id == PDP__OPT_HELP) {
            return pdp__cli_help(keygen->command);
        }
        if (kind == PDP__ARGS_OPERAND) {
            pdp__tell("'keygen' takes no operand, not '%s'", args.value);
        }
        if (kind != PDP__ARGS_OPTION || !read_option(keygen, &args)) {
            return pdp__cli_usage(keygen->command);
        }
    }
    const char *why = contradiction(keygen);
    if (why != NULL) {
        pdp__tell("%s", why);
        return pdp__cli_usage(keygen->command);
    }
    return -1;
}

/* The key set to add to: the one in the file, or an empty one; given. */
static json_t *
read_set(const struct keygen *keygen)
{
    struct pdp__file file;
    if (!keygen->append || !pdp__file_exists(keygen->jwks_path)) {
        return json_pack("{s:[]}", "keys");
    }
    if (!pdp__file_read(keygen->jwks_path, PDP__FILE_MAX, &file)) {
        return NULL;
    }
    json_error_t error;
    json_t *set =
        json_loadb(file.text, file.len, JSON_REJECT_DUPLICATES, &error);
    pdp__file_free(&file);
    if (set == NULL) {
        pdp__tell("'%s' is no key set: line %d: %s", keygen->jwks_path,
            error.line, error.text);
    } else if (!json_is_array(json_object_get(set, "keys"))) {
        pdp__tell("'%s' is no key set: it has no array 'keys'",
            keygen->jwks_path);
        json_decref(set);
        set = NULL;
    }
    return set;
}

static bool
has_kid(json_t *set, const char *kid)
{
    size_t index = 0;
    json_t *jwk = NULL;
    json_array_foreach(json_object_get(set, "keys"), index, jwk)
    {
        const char *other = json_string_value(json_object_get(jwk, "kid"));
        if (other != NULL && strcmp(other, kid) == 0) {
            return true;
        }
    }
    return false;
}

/* Adds the public key; *text is the key set to write, *kid its name. */
static bool
add_key(const struct keygen *keygen, json_t *set, const EVP_PKEY *key,
    struct pdp__string *text, struct pdp__string *kid)
{
    char thumbprint[PDP__THUMBPRINT_SIZE];
    json_t *jwk = pdp__devkey_public(key);
    if (jwk == NULL || !pdp__devkey_thumbprint(jwk, thumbprint)) {
        json_decref(jwk);
        return false;
    }
    pdp__string_z(kid, keygen->kid == NULL ? thumbprint : keygen->kid);
    if (has_kid(set, kid->ptr)) {
        pdp__tell("'%s' already has a key called '%s'", keygen->jwks_path,
            kid->ptr);
        json_decref(jwk);
        return false;
    }
    bool done = json_object_set_new(jwk, "use", json_string("sig")) == 0 &&
                json_object_set_new(jwk, "alg",
                    json_string(pdp__alg_name(keygen->alg))) == 0 &&
                json_object_set_new(jwk, "kid", json_string(kid->ptr)) == 0 &&
                json_array_append(json_object_get(set, "keys"), jwk) == 0;
    json_decref(jwk);
    char *json = done ? json_dumps(set, JSON_INDENT(2)) : NULL;
    if (json == NULL) {
        pdp__tell("cannot render the key set; --kid must be UTF-8");
        return false;
    }
    pdp__string_z(text, json);
    pdp__string_char(text, '\n');
    pdp__heap_free(json);
    return true;
}

static bool
write_files(const struct keygen *keygen, pdp_str_t pem, pdp_str_t jwks)
{
    bool replace_jwks = keygen->force || keygen->append;
    if (!replace_jwks && pdp__file_exists(keygen->jwks_path)) {
        pdp__tell("'%s' exists; --append adds to it, --force replaces it",
            keygen->jwks_path);
        return false;
    }
    bool replaced = keygen->force && pdp__file_exists(keygen->private_path);
    bool done = keygen->force
                    ? pdp__file_replace(keygen->private_path, 0600, pem)
                    : pdp__file_create(keygen->private_path, 0600, pem);
    if (!done) {
        return false;
    }
    done = replace_jwks ? pdp__file_replace(keygen->jwks_path, 0644, jwks)
                        : pdp__file_create(keygen->jwks_path, 0644, jwks);
    if (!done && !replaced) {
        unlink(keygen->private_path);
    }
    return done;
}

static int
generate(struct keygen *keygen)
{
    struct pdp__string pem = {0};
    struct pdp__string jwks = {0};
    struct pdp__string kid = {0};
    int status = PDP__EXIT_USAGE;
    EVP_PKEY *key = NULL;
    json_t *set = read_set(keygen);
    if (set != NULL) {
        status = PDP__EXIT_INTERNAL;
        key = pdp__devkey_generate(keygen->alg,
            keygen->bits == 0 ? PDP__RSA_BITS_MIN : keygen->bits);
    }
    if (key != NULL && pdp__devkey_pem(key, &pem)) {
        status = add_key(keygen, set, key, &jwks, &kid) &&
                         write_files(keygen, pdp__string_get(&pem),
                             pdp__string_get(&jwks))
                     ? PDP__EXIT_OK
                     : PDP__EXIT_USAGE;
    }
    if (status == PDP__EXIT_OK) {
        pdp__string_char(&kid, '\n');
        pdp__out_write(pdp__string_get(&kid));
    }
    EVP_PKEY_free(key);
    json_decref(set);
    pdp__string_wipe(&pem);
    pdp__string_free(&jwks);
    pdp__string_free(&kid);
    return status;
}

static int
run(const struct pdp__command *command, int argc, char **argv)
{
    struct keygen keygen = {.command = command, .alg = PDP__ALG_RS256};
    int status = read_command_line(&keygen, argc, argv);
    return status >= 0 ? status : generate(&keygen);
}

const struct pdp__command pdp__cmd_keygen = {
    "keygen",
    "make a key pair for development",
    "",
    "Makes a key pair for development and tests, writes the private key and\n"
    "a key set (JWKS) with the public one, and prints the name of the key.",
    options,
    run,
};
