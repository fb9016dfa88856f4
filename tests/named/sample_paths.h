/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_SAMPLE_PATHS_H
#define PDP_TESTS_SAMPLE_PATHS_H

/*
 * One path for each route of the built-in service, as a client library would
 * send it, and the plain answer to "which route is it?": all templates, one
 * after another, segment by segment.  Include after fixture.h.
 */

enum { ROUTES = 46, PATH_CAP = 160, SEGMENTS_CAP = 16 };

struct sample {
    char method[16];
    char template[PATH_CAP];
    char path[PATH_CAP];
    pdp_str_t segments[SEGMENTS_CAP]; /* of the template */
    size_t cnt;
    bool head;
};

static struct sample samples[ROUTES];

static UNUSED size_t
cut(pdp_str_t path, pdp_str_t *segments, size_t cap)
{
    size_t cnt = 0;

    for (size_t at = 0; at < path.len;) {
        const char *from = path.ptr + at + 1;
        size_t rest = path.len - at - 1;
        const char *slash = rest == 0 ? NULL : memchr(from, '/', rest);
        size_t len = slash == NULL ? rest : (size_t)(slash - from);

        assert_int_equal(path.ptr[at], '/');
        if (cnt == cap) {
            return cap + 1;
        }
        segments[cnt++] = (pdp_str_t){from, len};
        at += len + 1;
    }
    return cnt;
}

static UNUSED void
fill_in(const char *template, char *path)
{
    static const char *const values[][2] = {
        {"{image}", "us.icr.io%2Fbirds%2Fa:1"},
        {"{name}", "us.icr.io%2Fbirds%2Fa:1"},
        {"{digest}", "us.icr.io%2Fbirds%2Fa:1"},
        {"{namespace}", "birds"},
        {"{resource}", "birds%2Fa:1"},
        {"{issueType}", "cve"},
        {"{issueID}", "CVE-2018-9999"},
    };

    size_t len = 0;
    while (*template != '\0') {
        const char *piece = template;
        size_t piece_len = strcspn(template, "{");
        size_t used = piece_len;

        for (size_t i = 0; used == 0; i++) {
            assert_true(i < sizeof(values) / sizeof(values[0]));
            if (strncmp(template, values[i][0], strlen(values[i][0])) == 0) {
                used = strlen(values[i][0]);
                piece = values[i][1];
                piece_len = strlen(piece);
            }
        }
        assert_true(len + piece_len < PATH_CAP);
        memcpy(path + len, piece, piece_len);
        len += piece_len;
        template += used;
    }
    path[len] = '\0';
}

/* Group set-up: the built-in service and its routes. */
static UNUSED int
load_samples(void **state)
{
    pdp_route_info_t route = {.size = sizeof(route)};

    load_default(state);
    for (size_t i = 0; i < ROUTES; i++) {
        struct sample *s = &samples[i];

        assert_true(pdp_catalog_route(fixture.snapshot, 0, i, &route));
        snprintf(s->method, sizeof(s->method), "%.*s", (int)route.method.len,
            route.method.ptr);
        snprintf(s->template, sizeof(s->template), "%.*s", (int)route.path.len,
            route.path.ptr);
        fill_in(s->template, s->path);
        s->cnt = cut(str(s->template), s->segments, SEGMENTS_CAP);
        s->head = route.head;
    }
    assert_false(pdp_catalog_route(fixture.snapshot, 0, ROUTES, &route));
    return 0;
}

enum { NOTHING = -1, OTHER_METHOD = -2 };

/* Whether a template takes the segments; the word says how, one letter each:
 * a literal is less than a parameter. */
static UNUSED bool
takes(const struct sample *s, const pdp_str_t *segments, size_t cnt, char *word)
{
    if (s->cnt != cnt) {
        return false;
    }
    for (size_t i = 0; i < cnt; i++) {
        pdp_str_t mine = s->segments[i];

        word[i] = 'b';
        if (mine.ptr[0] != '{') {
            if (mine.len != segments[i].len ||
                memcmp(mine.ptr, segments[i].ptr, mine.len) != 0) {
                return false;
            }
            word[i] = 'a';
        }
    }
    word[cnt] = '\0';
    return true;
}

/* Index of the route, NOTHING or OTHER_METHOD. */
static UNUSED int
plain_scan(pdp_str_t method, const pdp_str_t *segments, size_t cnt)
{
    char best[SEGMENTS_CAP + 1] = "z";
    char word[SEGMENTS_CAP + 1];
    int found = NOTHING;

    for (int i = 0; cnt <= SEGMENTS_CAP && i < ROUTES; i++) {
        if (!takes(&samples[i], segments, cnt, word)) {
            continue;
        }
        if (method.len != strlen(samples[i].method) ||
            memcmp(method.ptr, samples[i].method, method.len) != 0) {
            found = found == NOTHING ? OTHER_METHOD : found;
        } else if (strcmp(word, best) < 0) {
            memcpy(best, word, sizeof(best));
            found = i;
        }
    }
    return found;
}

#endif
