/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * text/path.c on the 2,105 targets of canonical-path-expectations.jsonl,
 * collected from test suites of URL parsers and from bypasses of real
 * gateways: the reason must be the one told there, and of the 92 accepted
 * ones the decoded segments.  In that file one character U+0000..U+00FF
 * stands for one byte of the target.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "text/path.h"

enum { BUF_CAP = 2 * PDP__TARGET_MAX, VECTOR_CNT = 2105, ACCEPTED_CNT = 92 };

static struct pdp__path path;
static char buf[BUF_CAP];

static const char *
reason_name(pdp_reason_t reason)
{
    static const char *const names[] = {
#define X(id, name, status, text) name,
        PDP_REASON_MAP(X)
#undef X
    };
    return names[reason];
}

static void
assert_str(pdp_str_t actual, pdp_str_t expected)
{
    assert_int_equal(actual.len, expected.len);
    if (expected.len != 0) {
        assert_memory_equal(actual.ptr, expected.ptr, expected.len);
    }
}

static bool
parse(pdp_str_t target, pdp_reason_t *reason)
{
    *reason = PDP_REASON_INTERNAL;
    return pdp__path_parse(target, buf, sizeof(buf), &path, reason);
}

/* The bytes of a JSON string: one character is one byte. */
static size_t
to_bytes(const json_t *value, char *out, size_t cap)
{
    const unsigned char *text = (const unsigned char *)json_string_value(value);
    size_t len = json_string_length(value);
    size_t cnt = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned c = text[i];
        if (c >= 0x80) {
            /* U+0080..U+00FF are two bytes, the first C2 or C3. */
            assert_in_range(c, 0xC2, 0xC3);
            c = (c & 3) << 6 | (text[++i] & 0x3F);
        }
        assert_true(cnt < cap);
        out[cnt++] = (char)c;
    }
    return cnt;
}

static bool
check_vector(const json_t *vector)
{
    static char target[16384];
    static char segment[16384];
    pdp_reason_t reason;
    const json_t *expect = json_object_get(vector, "expect");
    const char *expected = json_string_value(json_object_get(expect, "reason"));
    size_t len =
        to_bytes(json_object_get(vector, "target"), target, sizeof(target));
    bool accepted = parse(pdp__str(target, len), &reason);

    if (expected != NULL) {
        assert_false(accepted);
        assert_string_equal(reason_name(reason), expected);
        assert_true(path.offset <= len);
        return false;
    }
    const json_t *segments = json_object_get(expect, "segments");
    assert_true(accepted);
    assert_int_equal(path.cnt, json_array_size(segments));
    for (uint32_t i = 0; i < path.cnt; i++) {
        len = to_bytes(json_array_get(segments, i), segment, sizeof(segment));
        assert_str(path.segments[i].decoded, pdp__str(segment, len));
    }
    return true;
}

static void
test_vectors(void **state)
{
    (void)state;
    const char *folder = getenv("PDP_VECTORS");
    char name[1024];
    static char line[65536];
    uint32_t lines = 0;
    uint32_t accepted = 0;

    if (folder == NULL) {
        print_message("PDP_VECTORS is not set\n");
        skip();
    }
    (void)snprintf(name, sizeof(name), "%s/canonical-path-expectations.jsonl",
        folder);
    FILE *file = fopen(name, "r");
    if (file == NULL) {
        print_message("no %s\n", name);
        skip();
        return;
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        json_t *vector = json_loads(line, JSON_ALLOW_NUL, NULL);
        assert_non_null(vector);
        lines++;
        accepted += check_vector(vector) ? 1 : 0;
        json_decref(vector);
    }
    (void)fclose(file);
    assert_int_equal(lines, VECTOR_CNT);
    assert_int_equal(accepted, ACCEPTED_CNT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
    };
    return cmocka_run_group_tests_name("text/path vectors", tests, NULL, NULL);
}
