/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/cli.h"

/*
 * Options that several commands share, and what they load.
 *
 * Keys: a key set alone means IBM Cloud IAM, which is the loader's default
 * and is not repeated here.  With --issuer a trust document is made up for
 * that issuer; it allows every algorithm of the library, since the tool
 * answers questions and guards nothing.  Whoever wants less writes a trust
 * document.
 *
 * Warnings of the loader go to stderr, so that no answer rests silently on
 * a policy that hardly means what it says; notes are for lint.  A document
 * that was given to the wrong option is named for what it is instead.
 */

#include "common/clock.h"
#include "common/escape.h"
#include "common/out.h"
#include "common/tell.h"
#include "crypto/alg.h"
#include "text/time.h"
#include "text/utf8.h"

/* The name under which the trust document that --issuer makes finds it. */
static const char issuer_jwks[] = "jwks.json";

static bool
read_format(const char *value, enum pdp__format *out)
{
    static const char *const names[] = {"text", "json", "tsv"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(value, names[i]) == 0) {
            *out = (enum pdp__format)i;
            return true;
        }
    }
    pdp__tell("--format is text, json or tsv, not '%s'", value);
    return false;
}

static bool
read_at(struct pdp__cli *cli, const char *value)
{
    cli->has_at =
        pdp__time_parse(pdp__str_z(value), &cli->at_sec, &cli->at_nsec);
    if (!cli->has_at) {
        pdp__tell("--at is a time such as 2026-11-21T09:30:00Z, not '%s'",
            value);
    }
    return cli->has_at;
}

/* For options that may be repeated. */
static void
add_path(const char ***paths, size_t *cnt, const char *path)
{
    *paths = pdp__heap_resize(*paths, *cnt + 1, sizeof(**paths));
    (*paths)[(*cnt)++] = path;
}

bool
pdp__cli_common(struct pdp__cli *cli, const struct pdp__args *args)
{
    switch (args->option->id) {
    case PDP__OPT_FORMAT:
        return read_format(args->value, &cli->format);
    case PDP__OPT_SERVICE:
        cli->service = args->value;
        return true;
    case PDP__OPT_TRUST:
        cli->trust = args->value;
        return true;
    case PDP__OPT_JWKS:
        cli->jwks = args->value;
        return true;
    case PDP__OPT_ISSUER:
        cli->issuer = args->value;
        return true;
    case PDP__OPT_DIRECTORY:
        cli->directory = args->value;
        return true;
    case PDP__OPT_POLICIES:
        add_path(&cli->policies, &cli->policies_cnt, args->value);
        return true;
    case PDP__OPT_RESTRICTIONS:
        add_path(&cli->restrictions, &cli->restrictions_cnt, args->value);
        return true;
    case PDP__OPT_REVOCATIONS:
        add_path(&cli->revocations, &cli->revocations_cnt, args->value);
        return true;
    case PDP__OPT_AT:
        return read_at(cli, args->value);
    default:
        pdp__tell("option '--%s' is not implemented", args->option->name);
        return false;
    }
}

int
pdp__cli_read(struct pdp__cli *cli, int argc, char **argv)
{
    struct pdp__args args = pdp__args_init(argc, argv);
    for (;;) {
        switch (pdp__args_next(&args, cli->command->options)) {
        case PDP__ARGS_END:
            return -1;
        case PDP__ARGS_ERROR:
            return pdp__cli_usage(cli->command);
        case PDP__ARGS_OPERAND:
            pdp__tell("'%s' takes no operand, not '%s'", cli->command->name,
                args.value);
            return pdp__cli_usage(cli->command);
        case PDP__ARGS_OPTION:
            if (args.option->id == PDP__OPT_HELP) {
                return pdp__cli_help(cli->command);
            }
            if (!pdp__cli_common(cli, &args)) {
                return pdp__cli_usage(cli->command);
            }
        }
    }
}

void
pdp__cli_clock(struct pdp__cli *cli)
{
    if (!cli->has_at) {
        pdp__clock_now(&cli->at_sec, &cli->at_nsec);
    }
}

/* A trust document for --jwks with --issuer. */
static enum pdp__docs_result
add_issuer(const struct pdp__cli *cli, struct pdp__docs *docs)
{
    pdp_str_t issuer = pdp__str_z(cli->issuer);
    if (pdp__utf8_check(issuer) != issuer.len) {
        pdp__tell("--issuer is not UTF-8");
        return PDP__DOCS_UNREADABLE;
    }
    struct pdp__string text = {0};
    pdp__string_z(&text, "{\"format\":\"pdp-trust/1\",\"issuers\":[{"
                         "\"issuer\":");
    pdp__escape_json(&text, issuer);
    pdp__string_fmt(&text, ",\"keys\":{\"file\":\"%s\"}", issuer_jwks);
    if (strcmp(cli->issuer, "https://iam.cloud.ibm.com/identity") != 0) {
        pdp__string_z(&text, ",\"algorithms\":[");
        for (int alg = PDP__ALG_NONE + 1; alg < PDP__ALG_COUNT; alg++) {
            pdp__string_fmt(&text, "%s\"%s\"",
                alg == PDP__ALG_NONE + 1 ? "" : ",",
                pdp__alg_name((enum pdp__alg)alg));
        }
        pdp__string_z(&text, "],\"audiences\":\"none\",\"typ\":\"none\"");
    }
    pdp__string_z(&text, "}]}");
    enum pdp__docs_result result = pdp__docs_text(docs, PDP_SOURCE_TRUST,
        "--issuer", pdp__string_get(&text));
    pdp__string_free(&text);
    return result;
}

static enum pdp__docs_result
add_keys(const struct pdp__cli *cli, struct pdp__docs *docs)
{
    enum pdp__docs_result result = PDP__DOCS_OK;
    if (cli->trust != NULL) {
        result = pdp__docs_file(docs, PDP_SOURCE_TRUST, cli->trust);
        /* A trust document that is no YAML names no keys either. */
        return result == PDP__DOCS_OK ? pdp__docs_needs(docs) : result;
    }
    if (cli->jwks == NULL) {
        return PDP__DOCS_OK;
    }
    if (cli->issuer == NULL) {
        return pdp__docs_file(docs, PDP_SOURCE_JWKS, cli->jwks);
    }
    result = add_issuer(cli, docs);
    return result != PDP__DOCS_OK ? result
                                  : pdp__docs_file_as(docs, PDP_SOURCE_JWKS,
                                        cli->jwks, pdp__str_z(issuer_jwks));
}

/* All of them, also after one that could not be read: who mends one wants to
 * know of the others. */
static enum pdp__docs_result
add_all(const struct pdp__cli *cli, struct pdp__docs *docs)
{
    enum pdp__docs_result worst = PDP__DOCS_OK;
    if (cli->service != NULL) {
        worst = pdp__docs_file(docs, PDP_SOURCE_SERVICE, cli->service);
    }
    worst = pdp__docs_worse(worst, add_keys(cli, docs));
    if (cli->directory != NULL) {
        worst = pdp__docs_worse(worst,
            pdp__docs_file(docs, PDP_SOURCE_DIRECTORY, cli->directory));
    }
    for (size_t i = 0; i < cli->policies_cnt; i++) {
        worst =
            pdp__docs_worse(worst, pdp__docs_policies(docs, cli->policies[i]));
    }
    for (size_t i = 0; i < cli->restrictions_cnt; i++) {
        worst =
            pdp__docs_worse(worst, pdp__docs_file(docs, PDP_SOURCE_RESTRICTIONS,
                                       cli->restrictions[i]));
    }
    for (size_t i = 0; i < cli->revocations_cnt; i++) {
        worst = pdp__docs_worse(worst,
            pdp__docs_file(docs, PDP_SOURCE_REVOCATIONS, cli->revocations[i]));
    }
    return worst;
}

int
pdp__cli_status(enum pdp__docs_result result)
{
    switch (result) {
    case PDP__DOCS_OK:
        return PDP__EXIT_OK;
    case PDP__DOCS_UNREADABLE:
    case PDP__DOCS_INVALID:
        return PDP__EXIT_USAGE;
    case PDP__DOCS_FAILED:
        return PDP__EXIT_INTERNAL;
    }
    return PDP__EXIT_INTERNAL;
}

void
pdp__cli_misplaced(const struct pdp__command *command, const char *path,
    enum pdp__kind found, enum pdp__kind wanted)
{
    const char *option = pdp__kind_option(found);
    const char *are = found == PDP__KIND_CLAIMS ? "these are" : "this is";
    const char *it = found == PDP__KIND_CLAIMS ? "them" : "it";
    for (const struct pdp__option *row = command->options; row->id != 0;
         row++) {
        if (strcmp(row->name, option) == 0) {
            pdp__tell("%s: %s %s: give %s with --%s", path, are,
                pdp__kind_name(found), it, option);
            return;
        }
    }
    pdp__tell("%s: %s %s, not %s", path, are, pdp__kind_name(found),
        pdp__kind_name(wanted));
}

/* Whether documents were given to the wrong options, which is told. */
static bool
tell_misplaced(const struct pdp__cli *cli, const struct pdp__docs *docs)
{
    bool told = false;
    for (size_t i = 0; i < docs->cnt; i++) {
        struct pdp__misplaced item;
        if (!pdp__docs_misplaced(docs, i, &item)) {
            continue;
        }
        told = true;
        if (item.yaml) {
            pdp__tell("%s: YAML is read for trust documents only: write this "
                      "as JSON",
                item.path);
        } else if (item.named) {
            pdp__tell("%s: a trust document names this as a key set, but it "
                      "is %s",
                item.path, pdp__kind_name(item.found));
        } else {
            pdp__cli_misplaced(cli->command, item.path, item.found,
                item.wanted);
        }
    }
    return told;
}

int
pdp__cli_load(const struct pdp__cli *cli, struct pdp__docs *docs)
{
    enum pdp__docs_result result = pdp__docs_open(docs);
    if (result == PDP__DOCS_OK) {
        result = add_all(cli, docs);
    }
    result = pdp__docs_finish(docs, result);
    /* What such a document lacks is of no use, nor is what lacks it. */
    if ((result == PDP__DOCS_INVALID || result == PDP__DOCS_UNREADABLE) &&
        tell_misplaced(cli, docs)) {
        return PDP__EXIT_USAGE;
    }
    struct pdp__string text = {0};
    pdp__docs_show(docs, PDP_SEVERITY_WARNING, &text, pdp__out_colour(stderr));
    fwrite(text.len == 0 ? "" : text.ptr, 1, text.len, stderr);
    pdp__string_free(&text);
    return pdp__cli_status(result);
}

void
pdp__cli_free(struct pdp__cli *cli)
{
    pdp__heap_free(cli->policies);
    pdp__heap_free(cli->restrictions);
    pdp__heap_free(cli->revocations);
    cli->policies = NULL;
    cli->restrictions = NULL;
    cli->revocations = NULL;
}

bool
pdp__cli_number(const char *option, const char *text, int64_t min, int64_t max,
    int64_t *out)
{
    bool minus = text[0] == '-';
    const char *digit = minus ? text + 1 : text;
    bool good = *digit != '\0';
    int64_t value = 0;
    for (; good && *digit != '\0'; digit++) {
        good = *digit >= '0' && *digit <= '9' &&
               !__builtin_mul_overflow(value, 10, &value) &&
               !__builtin_add_overflow(value, *digit - '0', &value);
    }
    value = minus ? -value : value;
    if (!good || value < min || value > max) {
        pdp__tell("--%s is a whole number from %lld to %lld, not '%s'", option,
            (long long)min, (long long)max, text);
        return false;
    }
    *out = value;
    return true;
}

int
pdp__cli_help(const struct pdp__command *command)
{
    struct pdp__string out = {0};
    pdp__string_fmt(&out, "usage: %s %s [options]%s%s\n\n%s\n\noptions:\n",
        pdp__tell_program_name(), command->name,
        command->operands[0] == '\0' ? "" : " ", command->operands,
        command->about);
    pdp__out_write(pdp__string_get(&out));
    pdp__string_free(&out);
    pdp__args_help(command->options);
    return PDP__EXIT_OK;
}

int
pdp__cli_usage(const struct pdp__command *command)
{
    pdp__tell("try '%s %s --help'", pdp__tell_program_name(), command->name);
    return PDP__EXIT_USAGE;
}
