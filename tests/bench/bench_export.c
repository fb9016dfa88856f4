/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * How long does the export of an account of 1,000 policies take to load, from
 * text to a snapshot that decides?  Next to it stands what jansson takes to
 * parse the same text: the ratio is what counts, the rest is this machine's.
 *
 *     make bench          bench_export DIRECTORY EXPORT...
 *
 * make-export.py writes the files.  The best of several rounds is told, since
 * whatever else the machine does only adds.  A load with an error, or one
 * that takes longer than it may, is told and makes the status 1.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "pdp.h"

enum { ROUNDS = 21 };

static const double most_ms = 100;

static double
now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* The whole file; {NULL, 0}: it cannot be read. */
static pdp_str_t
read_whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t len = 0;

    if (file == NULL) {
        return (pdp_str_t){NULL, 0};
    }
    if (fseek(file, 0, SEEK_END) == 0) {
        long size = ftell(file);
        text = size < 0 ? NULL : malloc((size_t)size + 1);
        rewind(file);
        len = text == NULL ? 0 : fread(text, 1, (size_t)size, file);
    }
    fclose(file);
    return (pdp_str_t){text, len};
}

static bool
add(pdp_loader_t *loader, pdp_source_kind_t kind, const char *name,
    pdp_str_t text)
{
    pdp_source_t source = {.size = sizeof(source),
        .kind = kind,
        .name = {name, strlen(name)},
        .text = text};

    return pdp_loader_add(loader, &source) == PDP_OK;
}

/* One load; tells how many findings there were, SIZE_MAX: it failed. */
static size_t
load_once(pdp_str_t directory, pdp_str_t policies)
{
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    size_t findings = SIZE_MAX;

    if (pdp_loader_new(NULL, &loader) == PDP_OK &&
        add(loader, PDP_SOURCE_DIRECTORY, "directory", directory) &&
        add(loader, PDP_SOURCE_POLICIES, "policies", policies) &&
        pdp_loader_build(loader, &snapshot, &report) == PDP_OK) {
        findings = pdp_report_count(report);
    }
    pdp_report_free(report);
    pdp_snapshot_release(snapshot);
    pdp_loader_free(loader);
    return findings;
}

static bool
bench_one(const char *path, pdp_str_t directory)
{
    pdp_str_t text = read_whole(path);
    double load = 1e9;
    double parse = 1e9;
    size_t findings = 0;

    for (int i = 0; text.ptr != NULL && i < ROUNDS; i++) {
        double start = now_ms();
        findings = load_once(directory, text);
        double middle = now_ms();
        json_t *root = json_loadb(text.ptr, text.len, 0, NULL);
        json_decref(root);
        double end = now_ms();
        load = middle - start < load ? middle - start : load;
        parse = end - middle < parse ? end - middle : parse;
    }
    free((void *)(uintptr_t)text.ptr);
    if (text.ptr == NULL || findings == SIZE_MAX) {
        printf("%-34s does not load\n", path);
        return false;
    }
    printf("%-34s %8.2f ms   %5.2f x jansson's parse of it (%.2f ms), "
           "%zu KiB, %zu findings%s\n",
        path, load, load / parse, parse, text.len / 1024, findings,
        load < most_ms ? "" : ": TOO SLOW");
    return load < most_ms;
}

int
main(int argc, char **argv)
{
    bool good = argc > 2;

    if (!good) {
        fputs("usage: bench_export DIRECTORY EXPORT...\n", stderr);
        return 2;
    }
    pdp_str_t directory = read_whole(argv[1]);
    for (int i = 2; i < argc; i++) {
        good = bench_one(argv[i], directory) && good;
    }
    free((void *)(uintptr_t)directory.ptr);
    return good ? 0 : 1;
}
