/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/lint_out.h"

/*
 * pdp-check lint: what is wrong with these documents?
 *
 * All files are loaded together, as a gateway would load them, so that what
 * one says about another is checked, too.  What a file is, it says itself.
 *
 * Findings are the output of this command, not diagnostics: they go to
 * stdout, and invalid documents are status 1.  Only a file that cannot be
 * read is status 2; the other files are looked at all the same.  The claims
 * of a token are no document: they are refused by name.
 *
 * Key sets: those that a trust document names are read relative to it and
 * need not be on the command line.  If they are, they are added once, under
 * the name the trust document uses; so key sets wait until all trust
 * documents are known.
 */

#include "common/out.h"
#include "common/tell.h"

static const struct pdp__option options[] = {
    PDP__ROW_FORMAT,
    PDP__ROW_HELP,
    {0},
};

/* Adds a document for what it is; key sets wait. */
static enum pdp__docs_result
place(struct pdp__docs *docs, size_t index)
{
    switch (pdp__docs_kind(docs, index)) {
    case PDP__KIND_JWKS:
        return PDP__DOCS_OK;
    case PDP__KIND_CLAIMS:
        pdp__docs_refuse(docs, index, "not_a_document",
            "these are the claims of a token, which nothing loads",
            "give them to decide with --claims");
        return PDP__DOCS_INVALID;
    case PDP__KIND_TESTS:
        pdp__docs_refuse(docs, index, "not_a_document",
            "this is a suite of tests, which nothing loads",
            "run it with test");
        return PDP__DOCS_INVALID;
    case PDP__KIND_SERVICE:
        return pdp__docs_add(docs, index, PDP_SOURCE_SERVICE);
    case PDP__KIND_TRUST:
        return pdp__docs_add(docs, index, PDP_SOURCE_TRUST);
    case PDP__KIND_DIRECTORY:
        return pdp__docs_add(docs, index, PDP_SOURCE_DIRECTORY);
    case PDP__KIND_RESTRICTIONS:
        return pdp__docs_add(docs, index, PDP_SOURCE_RESTRICTIONS);
    case PDP__KIND_REVOCATIONS:
        return pdp__docs_add(docs, index, PDP_SOURCE_REVOCATIONS);
    case PDP__KIND_NONE: /* the loader says what is wrong with it */
    case PDP__KIND_POLICIES:
    case PDP__KIND_COUNT:
        break;
    }
    return pdp__docs_add(docs, index, PDP_SOURCE_POLICIES);
}

/* A key set that no trust document names must not stand in for one that has
 * the same name in another folder. */
static void
tell_apart(struct pdp__docs *docs, size_t index)
{
    struct pdp__input *mine = &docs->items[index];

    for (size_t i = 0; i < docs->cnt; i++) {
        if (i != index && strcmp(docs->items[i].name, mine->name) == 0) {
            struct pdp__string name = {0};
            pdp__string_z(&name, "./");
            pdp__string_z(&name, mine->name);
            pdp__heap_free(mine->name);
            mine->name = name.ptr;
            i = (size_t)-1; /* from the start */
        }
    }
}

static enum pdp__docs_result
load(struct pdp__docs *docs, char *const *paths, size_t cnt)
{
    enum pdp__docs_result worst = PDP__DOCS_OK;
    for (size_t i = 0; i < cnt; i++) {
        size_t index = 0;
        enum pdp__docs_result result =
            pdp__docs_read(docs, paths[i], true, &index);
        if (result == PDP__DOCS_OK) {
            result = place(docs, index);
        } else if (result == PDP__DOCS_INVALID) {
            docs->items[index].added = true; /* there is nothing to add */
        }
        worst = pdp__docs_worse(worst, result);
    }
    worst = pdp__docs_worse(worst, pdp__docs_needs(docs));
    for (size_t i = 0; i < docs->cnt; i++) {
        if (!docs->items[i].added) {
            tell_apart(docs, i);
            worst =
                pdp__docs_worse(worst, pdp__docs_add(docs, i, PDP_SOURCE_JWKS));
        }
    }
    return pdp__docs_worse(worst, pdp__docs_build(docs));
}

/*
 * A finding that is worth showing.  Notes on what nobody gave, which is the
 * service that is built in, would only hide those on what somebody did.
 */
static bool
next_finding(struct pdp__docs *docs, size_t *index, pdp_finding_t *finding,
    struct pdp__input **input)
{
    size_t cnt = pdp__docs_finding_cnt(docs);
    while (*index < cnt) {
        *finding = pdp__docs_finding(docs, (*index)++, input);
        if (*input != NULL || finding->severity != PDP_SEVERITY_NOTE) {
            return true;
        }
    }
    return false;
}

static void
count(struct pdp__docs *docs, size_t counts[static PDP__SEVERITY_CNT])
{
    struct pdp__input *input = NULL;
    pdp_finding_t finding;
    for (size_t i = 0; next_finding(docs, &i, &finding, &input);) {
        counts[finding.severity]++;
    }
    /* Those that are not listed because there are too many count, too. */
    if (counts[PDP_SEVERITY_ERROR] < pdp__docs_errors(docs)) {
        counts[PDP_SEVERITY_ERROR] = pdp__docs_errors(docs);
    }
}

static void
print_text(struct pdp__docs *docs,
    const size_t counts[static PDP__SEVERITY_CNT])
{
    struct pdp__string out = {0};
    bool colour = pdp__out_colour(stdout);
    struct pdp__input *input = NULL;
    pdp_finding_t finding;
    for (size_t i = 0; next_finding(docs, &i, &finding, &input);) {
        pdp__docs_show_one(&finding, input, &out, colour);
    }
    pdp__lint_summary(&out, counts);
    pdp__out_write(pdp__string_get(&out));
    pdp__string_free(&out);
}

static void
print_rows(struct pdp__docs *docs, enum pdp__format format)
{
    struct pdp__rows rows;
    struct pdp__input *input = NULL;
    pdp_finding_t finding;
    pdp__lint_start(&rows, format);
    for (size_t i = 0; next_finding(docs, &i, &finding, &input);) {
        pdp__lint_row(&rows,
            input == NULL ? finding.source : pdp__str_z(input->path), &finding);
    }
    pdp__rows_finish(&rows);
}

static int
lint(enum pdp__format format, char *const *paths, size_t cnt)
{
    struct pdp__docs docs;
    enum pdp__docs_result result = pdp__docs_open(&docs);
    if (result == PDP__DOCS_OK) {
        result = load(&docs, paths, cnt);
    }
    size_t counts[PDP__SEVERITY_CNT] = {0};
    count(&docs, counts);
    if (format == PDP__FORMAT_TEXT) {
        print_text(&docs, counts);
    } else {
        print_rows(&docs, format);
    }
    pdp__docs_close(&docs);
    if (result == PDP__DOCS_UNREADABLE || result == PDP__DOCS_FAILED) {
        return pdp__cli_status(result);
    }
    bool clean =
        counts[PDP_SEVERITY_ERROR] == 0 && counts[PDP_SEVERITY_WARNING] == 0;
    return clean ? PDP__EXIT_OK : PDP__EXIT_NEGATIVE;
}

static int
run(const struct pdp__command *command, int argc, char **argv)
{
    struct pdp__cli cli = {.command = command};
    struct pdp__args args = pdp__args_init(argc, argv);
    enum pdp__args_kind kind = PDP__ARGS_END;
    size_t cnt = 0;
    char **paths = pdp__heap_resize(NULL, (size_t)argc, sizeof(*paths));
    int status = -1;
    while (status < 0 &&
           (kind = pdp__args_next(&args, options)) != PDP__ARGS_END) {
        if (kind == PDP__ARGS_OPERAND) {
            paths[cnt++] = args.argv[args.next - 1];
        } else if (kind == PDP__ARGS_ERROR) {
            status = pdp__cli_usage(command);
        } else if (args.option->id == PDP__OPT_HELP) {
            status = pdp__cli_help(command);
        } else if (!pdp__cli_common(&cli, &args)) {
            status = pdp__cli_usage(command);
        }
    }
    if (status < 0 && cnt == 0) {
        pdp__tell("a file is needed");
        status = pdp__cli_usage(command);
    }
    if (status < 0) {
        status = lint(cli.format, paths, cnt);
    }
    pdp__heap_free(paths);
    return status;
}

const struct pdp__command pdp__cmd_lint = {
    "lint",
    "check documents",
    "[--] FILE...",
    "Checks service definitions, trust documents (JSON, or YAML by the name\n"
    "*.yaml or *.yml), key sets, directories and access policies, all\n"
    "together, and prints every finding.\n"
    "tsv: file, line, column, severity, code, message, hint or '-'.",
    options,
    run,
};
