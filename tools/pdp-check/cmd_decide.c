/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/decide.h"

/*
 * pdp-check decide: judges one request, exactly as a gateway would have it
 * judged, without a server.  pdp-check explain is the same, and why: it has
 * the same options, and one more (cmd_explain.c).
 *
 * Whatever stands in the target, in a header value or in the token is
 * input to be judged, never a usage error: the tool is used to find out
 * what strange requests come to.  Only what could not be a request at all
 * (no target, a header without a name) is refused.
 *
 * The token may come from a file or from stdin, because a command line can
 * be seen by every user of a machine.
 */

#include "common/out.h"
#include "common/tell.h"
#include "model/vocabulary.h"
#include "pdp-check/explain.h"
#include "pdp-check/header.h"
#include "pdp-check/suite_file.h"

enum {
    OPT_METHOD = PDP__OPT_OWN,
    OPT_HEADER,
    OPT_TOKEN,
    OPT_CLAIMS,
    OPT_SUITE,
    OPT_CASE,
    OPT_ADDRESS,
    OPT_ENDPOINT_TYPE
};

static const struct pdp__option options[] = {
    {OPT_METHOD, 'X', false, "method", "METHOD",
        "method of the request (default: GET)"},
    {OPT_HEADER, 'H', true, "header", "'NAME: VALUE'",
        "a header of the request; may be repeated"},
    {OPT_TOKEN, 0, false, "token", "TOKEN|@FILE|-",
        "bearer token: itself, in a file, or on stdin"},
    {OPT_CLAIMS, 0, false, "claims", "FILE",
        "decide for these claims, which nobody signed"},
    PDP__ROW_AT,
    {PDP__OPT_JWKS, 0, false, "jwks", "FILE",
        "keys of IBM Cloud IAM, or of --issuer"},
    {PDP__OPT_ISSUER, 0, false, "issuer", "ISSUER",
        "whose keys --jwks holds; any algorithm, no\n"
        "audience"},
    {PDP__OPT_TRUST, 0, false, "trust", "FILE",
        "trusted issuers (JSON, or YAML by its name)"},
    {PDP__OPT_POLICIES, 0, true, "policies", "FILE|DIR",
        "access policies, or a directory with *.json;\n"
        "may be repeated"},
    PDP__ROW_DIRECTORY,
    PDP__ROW_RESTRICTIONS,
    PDP__ROW_REVOCATIONS,
    {OPT_ADDRESS, 0, false, "address", "ADDRESS", "IP address of the client"},
    {OPT_ENDPOINT_TYPE, 0, false, "endpoint-type", "TYPE",
        "the way the client came: public, private, direct"},
    PDP__ROW_SERVICE,
    {OPT_SUITE, 0, false, "suite", "FILE",
        "take all of it from a suite of tests,"},
    {OPT_CASE, 0, false, "case", "NAME", "from this case of it"},
    PDP__ROW_FORMAT,
    PDP__ROW_HELP,
    {0},
};

/* What the command line asked for. */
struct query {
    struct pdp__cli cli;
    const char *method;
    const char *target;
    const char *token;
    const char *claims;
    const char *address;       /* NULL: not known */
    const char *endpoint_type; /* likewise */
    const char *suite;
    const char *case_name;
    bool all;
    bool at_hand; /* anything was given that a suite says, too */
    pdp_header_t *headers;
    size_t header_cnt;
    struct pdp__file token_file;
    struct pdp__file claims_file;
    struct pdp__string bearer; /* "Bearer " and the token */
};

static void
add_header(struct query *query, pdp_str_t name, pdp_str_t value)
{
    query->headers = pdp__heap_resize(query->headers, query->header_cnt + 1,
        sizeof(*query->headers));
    query->headers[query->header_cnt++] = (pdp_header_t){name, value};
}

static bool
read_header(struct query *query, const char *text)
{
    size_t name_len = pdp__header_name_len(pdp__str_z(text));
    if (name_len == 0 || text[name_len] != ':') {
        pdp__tell("--header is 'NAME: VALUE', not '%s'", text);
        return false;
    }
    /* RFC 9110 5.5: white space around the value is not part of it. */
    pdp_str_t value = pdp__str_z(text + name_len + 1);
    while (value.len > 0 && (*value.ptr == ' ' || *value.ptr == '\t')) {
        value = pdp__str_from(value, 1);
    }
    while (value.len > 0 && (value.ptr[value.len - 1] == ' ' ||
                                value.ptr[value.len - 1] == '\t')) {
        value.len--;
    }
    add_header(query, pdp__str(text, name_len), value);
    return true;
}

/* A request may have any address, as it may have any target; a type that
 * does not exist is a mistake of the one who asks. */
static bool
read_endpoint_type(struct query *query, const char *text)
{
    if (!pdp__endpoint_type_check(pdp__str_z(text))) {
        pdp__tell("--endpoint-type is public, private or direct, not '%s'",
            text);
        return false;
    }
    query->endpoint_type = text;
    return true;
}

static bool
read_option(struct query *query, const struct pdp__args *args)
{
    int id = args->option->id;
    query->at_hand =
        query->at_hand || (id != OPT_SUITE && id != OPT_CASE &&
                              id != PDP__OPT_ALL && id != PDP__OPT_FORMAT);
    switch (id) {
    case PDP__OPT_ALL:
        query->all = true;
        return true;
    case OPT_SUITE:
        query->suite = args->value;
        return true;
    case OPT_CASE:
        query->case_name = args->value;
        return true;
    case OPT_METHOD:
        query->method = args->value;
        return true;
    case OPT_HEADER:
        return read_header(query, args->value);
    case OPT_TOKEN:
        query->token = args->value;
        return true;
    case OPT_CLAIMS:
        query->claims = args->value;
        return true;
    case OPT_ADDRESS:
        query->address = args->value;
        return true;
    case OPT_ENDPOINT_TYPE:
        return read_endpoint_type(query, args->value);
    default:
        return pdp__cli_common(&query->cli, args);
    }
}

/* Options that contradict each other; NULL: none. */
static const char *
contradiction(const struct query *query)
{
    if (query->suite != NULL || query->case_name != NULL) {
        if (query->suite == NULL || query->case_name == NULL) {
            return "--suite and --case belong together";
        }
        return query->at_hand || query->target != NULL
                   ? "with --suite, the suite says everything else"
                   : NULL;
    }
    if (query->token != NULL && query->claims != NULL) {
        return "--token and --claims exclude each other";
    }
    if (query->cli.trust != NULL && query->cli.jwks != NULL) {
        return "--trust and --jwks exclude each other";
    }
    if (query->cli.issuer != NULL && query->cli.jwks == NULL) {
        return "--issuer needs --jwks";
    }
    if (query->target == NULL) {
        return "a target is needed, such as /api/v1/images";
    }
    return NULL;
}

/* -1: go on; otherwise the exit status. */
static int
read_command_line(struct query *query, int argc, char **argv)
{
    struct pdp__args args = pdp__args_init(argc, argv);
    enum pdp__args_kind kind = PDP__ARGS_END;
    while ((kind = pdp__args_next(&args, query->cli.command->options)) !=
           PDP__ARGS_END) {
        bool good = kind == PDP__ARGS_OPTION;
        if (good && args.option->id == PDP__OPT_HELP) {
            return pdp__cli_help(query->cli.command);
        }
        if (good) {
            good = read_option(query, &args);
        } else if (kind == PDP__ARGS_OPERAND && query->target == NULL) {
            query->target = args.value;
            good = true;
        } else if (kind == PDP__ARGS_OPERAND) {
            pdp__tell("one target at a time: '%s' is the second", args.value);
        }
        if (!good) {
            return pdp__cli_usage(query->cli.command);
        }
    }
    const char *why = contradiction(query);
    if (why != NULL) {
        pdp__tell("%s", why);
        return pdp__cli_usage(query->cli.command);
    }
    return -1;
}

/* One line end at the end of a file is not part of the token. */
static void
chomp(struct pdp__file *file)
{
    if (file->len > 0 && file->text[file->len - 1] == '\n') {
        file->len--;
        if (file->len > 0 && file->text[file->len - 1] == '\r') {
            file->len--;
        }
    }
}

static bool
read_token(struct query *query)
{
    pdp_str_t token = pdp__str_z(query->token);
    if (query->token[0] == '@' || strcmp(query->token, "-") == 0) {
        bool good =
            query->token[0] == '@'
                ? pdp__file_read(query->token + 1, PDP__FILE_MAX,
                      &query->token_file)
                : pdp__file_read_stdin(PDP__FILE_MAX, &query->token_file);
        if (!good) {
            return false;
        }
        chomp(&query->token_file);
        token = pdp__str(query->token_file.text, query->token_file.len);
    }
    pdp__string_z(&query->bearer, "Bearer ");
    pdp__string_add(&query->bearer, token);
    add_header(query, PDP__LIT("Authorization"),
        pdp__string_get(&query->bearer));
    return true;
}

static bool
read_inputs(struct query *query)
{
    if (query->token != NULL) {
        return read_token(query);
    }
    if (query->claims != NULL) {
        if (!pdp__file_read(query->claims, PDP__FILE_MAX,
                &query->claims_file)) {
            return false;
        }
        pdp_str_t text =
            pdp__str(query->claims_file.text, query->claims_file.len);
        enum pdp__kind kind = pdp__kind_of(text);
        if (kind != PDP__KIND_NONE && kind != PDP__KIND_CLAIMS) {
            pdp__cli_misplaced(query->cli.command, query->claims, kind,
                PDP__KIND_CLAIMS);
            return false;
        }
        pdp__tell("the claims in '%s' are not verified: nobody signed them",
            query->claims);
    }
    return true;
}

static void
show(struct pdp__string *out, const struct query *query,
    const pdp_request_t *request, const pdp_decision_t *decision,
    const pdp_explanation_t *why)
{
    bool colour = pdp__out_colour(stdout);
    switch (query->cli.format) {
    case PDP__FORMAT_TEXT:
        pdp__decide_text(out, request, decision, colour);
        if (why != NULL) {
            pdp__explain_text(out, decision, why, query->all, colour);
        }
        break;
    case PDP__FORMAT_JSON:
        pdp__decide_json(out, request, decision);
        if (why != NULL) {
            pdp__explain_json(out, why);
        }
        break;
    case PDP__FORMAT_TSV:
        pdp__string_z(out, why == NULL ? "" : "decision\t");
        pdp__decide_tsv(out, decision);
        if (why != NULL) {
            pdp__explain_tsv(out, decision, why);
        }
        break;
    }
}

static int
print(const struct query *query, pdp_worker_t *worker,
    const pdp_request_t *request, const pdp_decision_t *decision)
{
    struct pdp__string out = {0};
    pdp_explanation_t *why = NULL;
    if (query->cli.command == &pdp__cmd_explain) {
        pdp_status_t status = pdp_explain(worker, decision, &why);
        if (status != PDP_OK) {
            pdp__tell("cannot explain: %s", pdp_status_text(status));
            return PDP__EXIT_INTERNAL;
        }
    }
    show(&out, query, request, decision, why);
    pdp_explanation_free(why);
    pdp__out_write(pdp__string_get(&out));
    pdp__string_free(&out);
    if (pdp_decision_effect(decision) == PDP_EFFECT_ALLOW) {
        return PDP__EXIT_OK;
    }
    return pdp_decision_reason(decision) == PDP_REASON_INTERNAL
               ? PDP__EXIT_INTERNAL
               : PDP__EXIT_NEGATIVE;
}

static int
judge(const struct query *query, pdp_snapshot_t *snapshot)
{
    /* One decision: a cache of tokens would only cost memory. */
    pdp_worker_options_t worker_options = {
        .size = sizeof(worker_options),
        .no_token_cache = true,
    };
    pdp_request_t request = {
        .size = sizeof(request),
        .method = pdp__str_z(query->method),
        .target = pdp__str_z(query->target),
        .headers = query->headers,
        .header_cnt = query->header_cnt,
        .now_sec = query->cli.at_sec,
        .now_nsec = query->cli.at_nsec,
    };
    if (query->address != NULL) {
        request.client_address = pdp__str_z(query->address);
    }
    if (query->endpoint_type != NULL) {
        request.endpoint_type = pdp__str_z(query->endpoint_type);
    }
    pdp_worker_t *worker = NULL;
    const pdp_decision_t *decision = NULL;
    pdp_status_t status =
        pdp_worker_new(snapshot, NULL, &worker_options, &worker);
    if (status == PDP_OK && query->claims != NULL) {
        status = pdp_decide_unverified(worker, &request,
            pdp__str(query->claims_file.text, query->claims_file.len),
            &decision);
    } else if (status == PDP_OK) {
        status = pdp_decide(worker, &request, &decision);
    }
    int exit_status = PDP__EXIT_INTERNAL;
    if (status == PDP_OK) {
        exit_status = print(query, worker, &request, decision);
    } else {
        pdp__tell("cannot decide: %s", pdp_status_text(status));
    }
    pdp_worker_free(worker);
    return exit_status;
}

/* A case of a suite, with all that the suite says. */
static int
judge_case(const struct query *query)
{
    struct pdp__suite_file file;
    struct pdp__suite_asked asked = {0};
    const pdp_decision_t *decision = NULL;
    int status = pdp__cli_status(pdp__suite_open(&file, query->suite));
    const struct pdp__suite_case *test =
        status == PDP__EXIT_OK
            ? pdp__suite_find_case(&file.suite, pdp__str_z(query->case_name))
            : NULL;
    if (test == NULL && status == PDP__EXIT_OK) {
        pdp__tell("'%s' has no case '%s'", query->suite, query->case_name);
        status = PDP__EXIT_USAGE;
    } else if (test != NULL) {
        pdp_status_t decided =
            pdp__suite_decide(&file, test, &asked, &decision);
        status = decided == PDP_OK
                     ? print(query, file.worker, &asked.request, decision)
                     : PDP__EXIT_INTERNAL;
    }
    pdp__suite_asked_free(&asked);
    pdp__suite_close(&file);
    return status;
}

int
pdp__decide_run(const struct pdp__command *command, int argc, char **argv)
{
    struct query query = {.cli = {.command = command}, .method = "GET"};
    struct pdp__docs docs = {0};
    int status = read_command_line(&query, argc, argv);
    if (status < 0 && query.suite != NULL) {
        status = judge_case(&query);
    } else if (status < 0) {
        pdp__cli_clock(&query.cli);
        status = read_inputs(&query) ? pdp__cli_load(&query.cli, &docs)
                                     : PDP__EXIT_USAGE;
        if (status == PDP__EXIT_OK) {
            status = judge(&query, docs.snapshot);
        }
    }
    pdp__docs_close(&docs);
    pdp__cli_free(&query.cli);
    pdp__heap_free(query.headers);
    pdp__file_free(&query.token_file);
    pdp__file_free(&query.claims_file);
    pdp__string_free(&query.bearer);
    return status;
}

const struct pdp__command pdp__cmd_decide = {
    "decide",
    "judge one request",
    "[--] TARGET | --suite FILE --case NAME",
    "Judges one request: is it allowed, why, what does it require, what is\n"
    "missing, and which Activity Tracker action is it?  TARGET is the raw\n"
    "request target: path and query.\n"
    "tsv: allow or deny, reason, HTTP status, route, AT action, missing\n"
    "actions.",
    options,
    pdp__decide_run,
};
