/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/lint_out.h"

/*
 * pdp-check gateway-lint: does this nginx let requests past the decision?
 *
 * Findings are the output of this command, as they are of lint.  Unlike
 * there, a configuration that is not complete is status 2: a syntax error or
 * a file that is missing leaves open what nginx would do, so that nothing
 * about it would be worth saying.
 */

#include "common/out.h"
#include "common/tell.h"
#include "gateway/lint.h"

enum { OPT_PREFIX = PDP__OPT_OWN };

static const struct pdp__option options[] = {
    {OPT_PREFIX, 'p', false, "prefix", "DIR",
        "where included files are looked for\n"
        "(default: beside FILE)"},
    PDP__ROW_FORMAT,
    PDP__ROW_HELP,
    {0},
};

static pdp_finding_t
finding_of(const struct pdp__gateway_finding *item)
{
    return (pdp_finding_t){
        .size = sizeof(pdp_finding_t),
        .severity = item->severity,
        .code = pdp__str_z(pdp__gateway_code_name(item->code)),
        .line = item->place.line,
        .column = item->place.column,
        .message = pdp__str_z(item->message),
        .hint = pdp__str_z(pdp__gateway_code_hint(item->code)),
    };
}

static void
print_text(const struct pdp__gateway_lint *lint,
    const size_t counts[static PDP__SEVERITY_CNT])
{
    struct pdp__string out = {0};
    struct pdp__finding_cursor cursor = {0};
    uint32_t last = 0;
    bool colour = pdp__out_colour(stdout);
    for (size_t i = 0; i < lint->cnt; i++) {
        const struct pdp__gateway_finding *item = &lint->items[i];
        const struct pdp__ngx_file *file = &lint->conf->files[item->place.file];
        pdp_finding_t finding = finding_of(item);
        if (item->place.file != last) {
            cursor = (struct pdp__finding_cursor){0};
            last = item->place.file;
        }
        pdp__finding_add(&out, &finding, file->path,
            pdp__str(file->file.text, file->file.len), &cursor, colour);
    }
    pdp__lint_summary(&out, counts);
    pdp__out_write(pdp__string_get(&out));
    pdp__string_free(&out);
}

static void
print_rows(const struct pdp__gateway_lint *lint, enum pdp__format format)
{
    struct pdp__rows rows;
    pdp__lint_start(&rows, format);
    for (size_t i = 0; i < lint->cnt; i++) {
        const struct pdp__gateway_finding *item = &lint->items[i];
        pdp_finding_t finding = finding_of(item);
        pdp__lint_row(&rows,
            pdp__str_z(lint->conf->files[item->place.file].path), &finding);
    }
    pdp__rows_finish(&rows);
}

static int
print(const struct pdp__gateway_lint *lint, enum pdp__format format)
{
    size_t counts[PDP__SEVERITY_CNT] = {0};
    for (size_t i = 0; i < lint->cnt; i++) {
        counts[lint->items[i].severity]++;
    }
    if (format == PDP__FORMAT_TEXT) {
        print_text(lint, counts);
    } else {
        print_rows(lint, format);
    }
    if (lint->invalid) {
        return PDP__EXIT_USAGE;
    }
    bool clean =
        counts[PDP_SEVERITY_ERROR] == 0 && counts[PDP_SEVERITY_WARNING] == 0;
    return clean ? PDP__EXIT_OK : PDP__EXIT_NEGATIVE;
}

static int
lint_file(const char *path, const char *prefix, enum pdp__format format)
{
    struct pdp__ngx_conf conf;
    struct pdp__gateway_lint lint;
    int status = PDP__EXIT_USAGE;
    pdp__ngx_conf_read(&conf, path, prefix, &pdp__ngx_disk);
    if (!conf.unreadable) {
        pdp__gateway_lint(&lint, &conf);
        status = print(&lint, format);
        pdp__gateway_lint_free(&lint);
    }
    pdp__ngx_conf_free(&conf);
    return status;
}

static int
run(const struct pdp__command *command, int argc, char **argv)
{
    struct pdp__cli cli = {.command = command};
    struct pdp__args args = pdp__args_init(argc, argv);
    enum pdp__args_kind kind = PDP__ARGS_END;
    const char *path = NULL;
    const char *prefix = NULL;
    while ((kind = pdp__args_next(&args, options)) != PDP__ARGS_END) {
        if (kind == PDP__ARGS_ERROR) {
            return pdp__cli_usage(command);
        }
        if (kind == PDP__ARGS_OPERAND) {
            if (path != NULL) {
                pdp__tell("one file is enough: what it includes is read, too");
                return pdp__cli_usage(command);
            }
            path = args.value;
        } else if (args.option->id == OPT_PREFIX) {
            prefix = args.value;
        } else if (args.option->id == PDP__OPT_HELP) {
            return pdp__cli_help(command);
        } else if (!pdp__cli_common(&cli, &args)) {
            return pdp__cli_usage(command);
        }
    }
    if (path == NULL) {
        pdp__tell("a file is needed");
        return pdp__cli_usage(command);
    }
    return lint_file(path, prefix, cli.format);
}

const struct pdp__command pdp__cmd_gateway_lint = {
    "gateway-lint",
    "find ways past the decision in a configuration of nginx",
    "[--] FILE",
    "Reads a configuration of nginx with all that it includes, and prints\n"
    "what lets requests past the daemon, or makes it judge something else\n"
    "than the upstream gets.  pdp-gateway-lint(7) explains the codes.\n"
    "tsv: file, line, column, severity, code, message, hint.",
    options,
    run,
};
