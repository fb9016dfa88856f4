/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * T47: look-ups with keys that are not in the table.  The keys of the perfect
 * hash are the literal segments behind their node of the trie; whatever else
 * is looked up must find nothing, since the full key is compared.
 *
 * Three ways to be near a key: two bytes of a segment changed, in every way
 * there is; two bytes of a whole path; a segment of the table behind another
 * node.  What is right is said by a plain scan of all templates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/fixture.h"
#include "model/router.h"

#include "sample_paths.h"

/* Fewer second bytes where each look-up is ten times slower. */
#if defined(__has_feature)
#define WITH_FEATURE(name) __has_feature(name)
#else
#define WITH_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||           \
    WITH_FEATURE(address_sanitizer) || WITH_FEATURE(thread_sanitizer)
enum { STRIDE = 31 };
#else
enum { STRIDE = 1 };
#endif

static size_t
byte_edits(size_t i, size_t k, const pdp_str_t *segments, size_t cnt)
{
    const struct pdp__block *block = fixture.snapshot->block;
    pdp_str_t method = str(samples[i].method);
    pdp_str_t edited[SEGMENTS_CAP];
    char key[PATH_CAP];
    size_t len = segments[k].len;
    size_t done = 0;

    memcpy(edited, segments, cnt * sizeof(edited[0]));
    memcpy(key, segments[k].ptr, len);
    edited[k].ptr = key;
    /* The rows that could take the path whatever stands at k. */
    const struct sample *near[ROUTES];
    size_t near_cnt = 0;
    for (size_t r = 0; r < ROUTES; r++) {
        bool fits = samples[r].cnt == cnt;

        for (size_t s = 0; fits && s < cnt; s++) {
            pdp_str_t mine = samples[r].segments[s];
            fits =
                s == k || mine.ptr[0] == '{' || pdp__str_eq(mine, segments[s]);
        }
        if (fits) {
            near[near_cnt++] = &samples[r];
        }
    }
    for (size_t p = 0; p < len; p++) {
        for (size_t q = p + 1; q < len; q++) {
            for (unsigned a = 0; a < 256; a++) {
                for (unsigned b = a % STRIDE; b < 256; b += STRIDE) {
                    key[p] = (char)a;
                    key[q] = (char)b;
                    if (key[p] == segments[k].ptr[p] ||
                        key[q] == segments[k].ptr[q]) {
                        continue;
                    }
                    bool any = false;
                    for (size_t n = 0; n < near_cnt && !any; n++) {
                        any = near[n]->segments[k].ptr[0] == '{' ||
                              pdp__str_eq(near[n]->segments[k], edited[k]);
                    }
                    int wanted =
                        any ? plain_scan(method, edited, cnt) : NOTHING;
                    struct pdp__route_match got = pdp__router_find(block, 0,
                        method, edited, (uint32_t)cnt);
                    done++;
                    if (got.route !=
                            (wanted < 0 ? PDP__NONE : (uint32_t)wanted) ||
                        (wanted < 0 &&
                            got.other_method != (wanted == OTHER_METHOD))) {
                        fail_msg("%s %s: segment %zu as %.*s",
                            samples[i].method, samples[i].path, k, (int)len,
                            key);
                    }
                }
            }
            key[p] = segments[k].ptr[p];
            key[q] = segments[k].ptr[q];
        }
    }
    return done;
}

/* Whether an earlier row has the same literal behind the same segments. */
static bool
is_known_edge(size_t i, size_t k)
{
    for (size_t j = 0; j < i; j++) {
        bool same = samples[j].cnt > k;

        for (size_t s = 0; same && s <= k; s++) {
            same = pdp__str_eq(samples[j].segments[s], samples[i].segments[s]);
        }
        if (same) {
            return true;
        }
    }
    return false;
}

/* The keys of the perfect hash are the literal segments behind their node:
 * every two bytes of each of them replaced by every other two. */
static void
t47_two_byte_edits_of_every_key(void **state)
{
    pdp_str_t segments[SEGMENTS_CAP];
    size_t keys = 0;
    size_t edits = 0;

    (void)state;
    for (size_t i = 0; i < ROUTES; i++) {
        size_t cnt = cut(str(samples[i].path), segments, SEGMENTS_CAP);

        for (size_t k = 0; k < cnt; k++) {
            if (samples[i].segments[k].ptr[0] == '{' || is_known_edge(i, k)) {
                continue;
            }
            edits += byte_edits(i, k, segments, cnt);
            keys++;
        }
    }
    print_message("%zu keys, %zu edits\n", keys, edits);
    assert_int_equal(keys, fixture.snapshot->block->edges.cnt);
    assert_true(edits > 1000000);
}

/* The decision for a path without a token: what the plain scan says. */
static void
check_path(const char *method, const char *path)
{
    pdp_str_t segments[SEGMENTS_CAP];
    request(&fixture, method, path);
    pdp_reason_t reason = judge(&fixture);
    int64_t got = pdp_decision_route_index(fixture.decision);

    if (pdp_decision_path(fixture.decision).ptr == NULL) {
        /* Refused before it was looked up; never to be allowed. */
        assert_int_equal(pdp_reason_status(reason), 400);
        return;
    }
    const char *query = strchr(path, '?');
    size_t len = query == NULL ? strlen(path) : (size_t)(query - path);
    int wanted = plain_scan(str(method), segments,
        cut((pdp_str_t){path, len}, segments, SEGMENTS_CAP));

    if (got != (wanted < 0 ? -1 : wanted) ||
        (wanted == NOTHING && reason != PDP_REASON_NO_ROUTE) ||
        (wanted == OTHER_METHOD && reason != PDP_REASON_METHOD_NOT_ALLOWED)) {
        fail_msg("%s %s: %s, route %lld, not %d", method, path,
            pdp_reason_name(reason), (long long)got, wanted);
    }
    if (reason == PDP_REASON_PUBLIC) {
        assert_true(
            strcmp(samples[got].template, "/api/v1/messages") == 0 ||
            strcmp(samples[got].template, "/va/api/v4/exempt/types") == 0);
    } else {
        assert_false(pdp_reason_allows(reason));
    }
}

/* Whole paths, through the front door: any two bytes replaced, taken out, or
 * exchanged, wherever they stand. */
static void
t47_two_byte_edits_of_every_path(void **state)
{
    static const char others[] = "a0/%.{~s?";
    char text[PATH_CAP];

    (void)state;
    for (size_t i = 0; i < ROUTES; i++) {
        const char *path = samples[i].path;
        size_t len = strlen(path);

        for (size_t p = 0; p < len; p++) {
            for (size_t q = p + 1; q < len; q++) {
                for (size_t e = 0; e < sizeof(others) * sizeof(others); e++) {
                    size_t a = e % sizeof(others);
                    size_t b = e / sizeof(others);

                    memcpy(text, path, len + 1);
                    /* The last of them: the next byte of the alphabet. */
                    text[p] =
                        others[a] == '\0' ? (char)(path[p] + 1) : others[a];
                    text[q] =
                        others[b] == '\0' ? (char)(path[q] + 1) : others[b];
                    check_path(samples[i].method, text);
                }
                memcpy(text, path, len + 1);
                text[p] = path[q];
                text[q] = path[p];
                check_path(samples[i].method, text);
                memcpy(text, path, p);
                memcpy(text + p, path + p + 1, q - p - 1);
                memcpy(text + q - 1, path + q + 1, len - q);
                check_path(samples[i].method, text);
            }
        }
    }
}

/* A literal of the table behind a node that does not have it: every beginning
 * of a path with every end of another one, under twenty seeds, since which
 * keys share a slot of the hash depends on the seed. */
static void
splice(const struct pdp__block *block)
{
    pdp_str_t all[ROUTES][SEGMENTS_CAP];
    pdp_str_t path[2 * SEGMENTS_CAP];

    for (size_t i = 0; i < ROUTES; i++) {
        (void)cut(str(samples[i].path), all[i], SEGMENTS_CAP);
    }
    for (size_t i = 0; i < ROUTES; i++) {
        for (size_t j = 0; j < ROUTES; j++) {
            for (size_t k = 0; k < samples[i].cnt; k++) {
                memcpy(path, all[i], k * sizeof(path[0]));
                for (size_t e = 0; e < samples[j].cnt; e++) {
                    size_t cnt = k + samples[j].cnt - e;

                    memcpy(path + k, all[j] + e, (cnt - k) * sizeof(path[0]));
                    int wanted = plain_scan(str(samples[j].method), path, cnt);
                    struct pdp__route_match got = pdp__router_find(block, 0,
                        str(samples[j].method), path, (uint32_t)cnt);
                    if (got.route !=
                        (wanted < 0 ? PDP__NONE : (uint32_t)wanted)) {
                        fail_msg("%zu of %s and %zu of %s", k, samples[i].path,
                            e, samples[j].path);
                    }
                }
            }
        }
    }
}

static void
t47_keys_of_another_node(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        pdp_loader_t *loader = NULL;
        pdp_snapshot_t *snapshot = NULL;

        assert_int_equal(pdp_loader_new(NULL, &loader), PDP_OK);
        pdp_loader_set_seed(loader, seed);
        assert_int_equal(pdp_loader_build(loader, &snapshot, NULL), PDP_OK);
        pdp_loader_free(loader);
        splice(snapshot->block);
        pdp_snapshot_release(snapshot);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t47_two_byte_edits_of_every_key),
        cmocka_unit_test(t47_two_byte_edits_of_every_path),
        cmocka_unit_test(t47_keys_of_another_node),
    };

    return cmocka_run_group_tests(tests, load_samples, teardown);
}
