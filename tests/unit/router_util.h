/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_ROUTER_UTIL_H
#define PDP_TESTS_ROUTER_UTIL_H

/*
 * For tests of routing: tables of routes given to the loader as JSON, and a
 * reference that is slow and obvious: every template is fitted to the path
 * segment by segment, what fits is written down as one letter a segment
 * ('a' literal, 'b' `{name}`, 'c' inside `{+name}`), and the least of these
 * words wins.  Where two templates give one word, they have one shape, which
 * the loader refuses.
 * Include after cmocka.h.
 */

#include <stdio.h>
#include <string.h>

#include "model/router.h"
#include "pdp.h"
#include "text/path.h"

enum {
    ROWS_MAX = 64,
    PATH_MAX_LEN = 200,
    JSON_CAP = 32768,
    NO_ROUTE = -1,
    OTHER_METHOD = -2
};

struct row {
    char method[8];
    char path[PATH_MAX_LEN];
    bool head;
};

struct table {
    struct row rows[ROWS_MAX];
    int cnt;
    pdp_snapshot_t *snapshot;
};

static inline int
split(const char *path, pdp_str_t segments[PDP__SEGMENT_MAX + 2])
{
    int cnt = 0;

    while (*path == '/' && cnt < PDP__SEGMENT_MAX + 2) {
        size_t len = strcspn(path + 1, "/");

        segments[cnt++] = (pdp_str_t){path + 1, len};
        path += 1 + len;
    }
    return cnt;
}

/* The word of a template for a path from template segment t and path segment
 * s on; false if it does not fit. */
static inline bool
fit(const pdp_str_t *template, int t_cnt, const pdp_str_t *path, int cnt,
    char *word)
{
    if (t_cnt == 0 || cnt == 0) {
        *word = '\0';
        return t_cnt == 0 && cnt == 0;
    }
    if (template->len > 1 && memcmp(template->ptr, "{+", 2) == 0) {
        for (int n = 1; n <= cnt; n++) {
            memset(word, 'c', (size_t)n);
            if (fit(template + 1, t_cnt - 1, path + n, cnt - n, word + n)) {
                return true;
            }
        }
        return false;
    }
    bool parameter = template->ptr[0] == '{';
    if (!parameter && (template->len != path->len ||
                          memcmp(template->ptr, path->ptr, path->len) != 0)) {
        return false;
    }
    *word = parameter ? 'b' : 'a';
    return fit(template + 1, t_cnt - 1, path + 1, cnt - 1, word + 1);
}

/* Rows of GET compete for HEAD, too. */
static inline bool
competes(const struct row *row, const char *method)
{
    return strcmp(row->method, method) == 0 ||
           (strcmp(method, "HEAD") == 0 && strcmp(row->method, "GET") == 0);
}

static inline bool
is_for(const struct row *row, const char *method)
{
    return strcmp(row->method, method) == 0 ||
           (strcmp(method, "HEAD") == 0 && row->head &&
               strcmp(row->method, "GET") == 0);
}

static inline int
reference(const struct table *table, const char *method, const char *path)
{
    pdp_str_t segments[PDP__SEGMENT_MAX + 2];
    pdp_str_t template[PDP__SEGMENT_MAX + 2];
    char best[PDP__SEGMENT_MAX + 3] = "z";
    char word[PDP__SEGMENT_MAX + 3];
    int cnt = split(path, segments);
    int found = NO_ROUTE;

    for (int i = 0; i < table->cnt; i++) {
        int t_cnt = split(table->rows[i].path, template);

        if (!fit(template, t_cnt, segments, cnt, word)) {
            continue;
        }
        if (!competes(&table->rows[i], method)) {
            found = found == NO_ROUTE ? OTHER_METHOD : found;
        } else if (strcmp(word, best) < 0 ||
                   (strcmp(word, best) == 0 &&
                       strcmp(table->rows[i].method, method) == 0)) {
            memcpy(best, word, sizeof(best));
            found = i;
        }
    }
    if (found >= 0 && !is_for(&table->rows[found], method)) {
        return OTHER_METHOD;
    }
    return found;
}

/* Loads the rows of a table as a service definition. */
static inline void
open_table(struct table *table, uint64_t seed)
{
    static char json[JSON_CAP];
    pdp_loader_t *loader = NULL;
    pdp_report_t *report = NULL;
    size_t len = (size_t)snprintf(json, sizeof(json),
        "{\"format\":\"pdp-service/1\",\"service\":\"s\",\"actions\":{},"
        "\"roles\":{},\"events\":{},\"params\":{");

    for (int i = 0; i < 8; i++) {
        len += (size_t)snprintf(json + len, sizeof(json) - len,
            "%s\"p%d\":{\"kind\":\"text\"}", i == 0 ? "" : ",", i);
    }
    len += (size_t)snprintf(json + len, sizeof(json) - len,
        ",\"name\":{\"kind\":\"text\"},\"reference\":{\"kind\":\"text\"},"
        "\"digest\":{\"kind\":\"text\"},\"id\":{\"kind\":\"text\"}},"
        "\"routes\":[");
    for (int i = 0; i < table->cnt; i++) {
        const struct row *row = &table->rows[i];

        len += (size_t)snprintf(json + len, sizeof(json) - len,
            "%s{\"method\":\"%s\",\"path\":\"%s\",\"access\":\"public\","
            "\"event\":null%s}",
            i == 0 ? "" : ",", row->method, row->path,
            row->head ? ",\"head\":true" : "");
    }
    len += (size_t)snprintf(json + len, sizeof(json) - len, "]}");
    assert_true(len < sizeof(json));
    pdp_source_t source = {.size = sizeof(source),
        .kind = PDP_SOURCE_SERVICE,
        .name = PDP__LIT("s.json"),
        .text = {json, len}};
    assert_int_equal(pdp_loader_new(NULL, &loader), PDP_OK);
    pdp_loader_set_seed(loader, seed);
    assert_int_equal(pdp_loader_add(loader, &source), PDP_OK);
    pdp_status_t status = pdp_loader_build(loader, &table->snapshot, &report);
    if (status != PDP_OK) {
        fail_msg("refused: %s", json);
    }
    pdp_report_free(report);
    pdp_loader_free(loader);
}

static inline void
close_table(struct table *table)
{
    pdp_snapshot_release(table->snapshot);
    table->snapshot = NULL;
}

static inline int
find_segments(const struct table *table, const char *method,
    const pdp_str_t *segments, int cnt)
{
    struct pdp__route_match match = pdp__router_find(table->snapshot->block, 0,
        pdp__str_z(method), segments, (uint32_t)cnt);

    if (match.route != PDP__NONE) {
        return (int)match.route;
    }
    return match.other_method ? OTHER_METHOD : NO_ROUTE;
}

static inline int
find(const struct table *table, const char *method, const char *path)
{
    pdp_str_t segments[PDP__SEGMENT_MAX + 2];
    int cnt = split(path, segments);

    return find_segments(table, method, segments, cnt);
}

static inline void
compare(const struct table *table, const char *method, const char *path)
{
    int got = find(table, method, path);
    int wanted = reference(table, method, path);

    if (got != wanted) {
        for (int i = 0; i < table->cnt; i++) {
            print_message("%d: %s %s%s\n", i, table->rows[i].method,
                table->rows[i].path, table->rows[i].head ? " head" : "");
        }
        fail_msg("%s %s: %d, not %d", method, path, got, wanted);
    }
}

#endif
