/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * embed: the smallest complete program around libpdp.
 *
 *     embed JWKS METHOD TARGET TOKEN
 *
 * It loads one key set, decides one request for the built-in service (IBM
 * Cloud Container Registry) and prints why.  Policies are left out: what a
 * token may do here is what its own policy claims say (pdp-policies(5)).
 *
 * A server does the same in two parts.  Once: load the documents, build the
 * snapshot, make one worker per thread.  For each request: fill a
 * pdp_request_t, call pdp_decide(), read the decision.
 *
 * Build:  cc -o embed embed.c $(pkg-config --cflags --libs libpdp)
 * Exit status: 0 allow, 1 deny, 2 bad usage or bad input, 3 internal error.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <pdp.h>

enum { EXIT_ALLOW = 0, EXIT_DENY = 1, EXIT_INPUT = 2, EXIT_INTERNAL = 3 };

/* A key set is a few kilobytes; what is larger is not a key set. */
enum { JWKS_MAX = 1024 * 1024 };

static pdp_str_t
str(const char *text)
{
    return (pdp_str_t){text, strlen(text)};
}

/* Strings may hold any byte of a token or a document: no line ends, and no
 * escapes that a terminal obeys. */
static void
put(FILE *file, pdp_str_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        bool plain = byte >= 0x20 && byte < 0x7F && byte != '\\';
        fprintf(file, plain ? "%c" : "\\x%02X", byte);
    }
}

static void
print_line(const char *label, pdp_str_t value)
{
    printf("%-10s ", label);
    put(stdout, value.ptr == NULL ? str("-") : value);
    printf("\n");
}

/* Reads a whole file; the caller frees the result.  NULL: said why. */
static char *
read_file(const char *name, size_t *len)
{
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        perror(name);
        return NULL;
    }
    char *bytes = malloc(JWKS_MAX);
    if (bytes != NULL) {
        *len = fread(bytes, 1, JWKS_MAX, file);
    }
    bool ok = bytes != NULL && ferror(file) == 0 && *len < JWKS_MAX;
    fclose(file);
    if (!ok) {
        fprintf(stderr, "%s: cannot be read, or too large\n", name);
        free(bytes);
        return NULL;
    }
    return bytes;
}

/* Every finding at once, as compilers print them. */
static void
print_report(const pdp_report_t *report)
{
    for (size_t i = 0; i < pdp_report_count(report); i++) {
        pdp_finding_t finding = {.size = sizeof(finding)};
        if (pdp_report_at(report, i, &finding) != PDP_OK) {
            return;
        }
        put(stderr, finding.source);
        if (finding.line > 0) { /* otherwise: the source as a whole */
            fprintf(stderr, ":%u:%u", (unsigned)finding.line,
                (unsigned)finding.column);
        }
        fprintf(stderr, ": %.*s [%.*s]\n", (int)finding.message.len,
            finding.message.ptr, (int)finding.code.len, finding.code.ptr);
    }
}

/* Documents -> snapshot.  What is not added has a default: see pdp/loader.h.
 * More documents are added in the same way, in any order. */
static pdp_status_t
build_snapshot(pdp_str_t name, pdp_str_t jwks, pdp_snapshot_t **snapshot)
{
    pdp_loader_t *loader = NULL;
    pdp_report_t *report = NULL;
    pdp_source_t source = {
        .size = sizeof(source),
        .kind = PDP_SOURCE_JWKS,
        .name = name,
        .text = jwks,
    };

    /* A number that strangers do not know, so that they cannot prepare
     * requests that hash alike. */
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
        return PDP_E_INTERNAL;
    }

    pdp_status_t status = pdp_loader_new(NULL, &loader);
    pdp_loader_set_seed(loader, seed);
    if (status == PDP_OK) {
        status = pdp_loader_add(loader, &source);
    }
    if (status == PDP_OK) {
        status = pdp_loader_build(loader, snapshot, &report);
        print_report(report);
    }
    pdp_report_free(report);
    pdp_loader_free(loader);
    return status;
}

static void
print_decision(const pdp_decision_t *decision)
{
    bool allow = pdp_decision_effect(decision) == PDP_EFFECT_ALLOW;
    pdp_reason_t reason = pdp_decision_reason(decision);

    print_line("decision", str(allow ? "allow" : "deny"));
    print_line("reason", str(pdp_reason_name(reason)));
    print_line("", str(pdp_reason_text(reason)));
    print_line("route", pdp_decision_route(decision));
    print_line("AT action", pdp_decision_at_action(decision));
    /* What a gateway sends on: the account and the path that were judged. */
    print_line("account", pdp_decision_account(decision));
    print_line("path", pdp_decision_path(decision));
    /* A server tells this, and the AT action, to nobody without a token. */
    for (size_t i = 0; i < pdp_decision_missing_cnt(decision); i++) {
        print_line("missing", pdp_decision_missing(decision, i));
    }
}

/* One request.  A server keeps the worker; it remembers verified tokens. */
static pdp_status_t
decide(pdp_snapshot_t *snapshot, char **argv, bool *allow)
{
    pdp_worker_t *worker = NULL;
    pdp_status_t status = pdp_worker_new(snapshot, NULL, NULL, &worker);
    if (status != PDP_OK) {
        return status;
    }

    char authorization[16 * 1024];
    int len =
        snprintf(authorization, sizeof(authorization), "Bearer %s", argv[4]);
    if (len < 0 || (size_t)len >= sizeof(authorization)) {
        pdp_worker_free(worker);
        return PDP_E_LIMIT;
    }
    /* Pass every header that decides, with duplicates: pdp/request.h. */
    pdp_header_t headers[] = {
        {str("Authorization"), {authorization, (size_t)len}},
    };
    pdp_request_t request = {
        .size = sizeof(request),
        .method = str(argv[2]),
        .target = str(argv[3]),
        .headers = headers,
        .header_cnt = sizeof(headers) / sizeof(headers[0]),
        .now_sec = (int64_t)time(NULL),
    };

    /* On an error the decision is NULL, which reads as "deny, internal". */
    const pdp_decision_t *decision = NULL;
    status = pdp_decide(worker, &request, &decision);
    print_decision(decision);
    *allow = pdp_decision_effect(decision) == PDP_EFFECT_ALLOW;
    pdp_worker_free(worker); /* the decision is gone with it */
    return status;
}

int
main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: embed JWKS METHOD TARGET TOKEN\n");
        return EXIT_INPUT;
    }
    size_t jwks_len = 0;
    char *jwks = read_file(argv[1], &jwks_len);
    if (jwks == NULL) {
        return EXIT_INPUT;
    }

    bool allow = false;
    pdp_snapshot_t *snapshot = NULL;
    pdp_status_t status =
        build_snapshot(str(argv[1]), (pdp_str_t){jwks, jwks_len}, &snapshot);
    free(jwks); /* the loader made its own copy */
    if (status == PDP_OK) {
        status = decide(snapshot, argv, &allow);
    }
    pdp_snapshot_release(snapshot);

    if (status != PDP_OK) {
        fprintf(stderr, "embed: %s\n", pdp_status_text(status));
        return status == PDP_E_INTERNAL ? EXIT_INTERNAL : EXIT_INPUT;
    }
    return allow ? EXIT_ALLOW : EXIT_DENY;
}
