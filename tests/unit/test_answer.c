/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Answers in structs of the caller: sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/answer.h"

struct answer {
    size_t size;
    uint64_t first;
    uint64_t second;
};

/* Every size from 0 to one more than ours, in a block of exactly that. */
static void
every_size(void **state)
{
    (void)state;
    for (size_t size = 0; size <= sizeof(struct answer) + 1; size++) {
        struct answer answer = {0, UINT64_C(0x1111111111111111),
            UINT64_C(0x2222222222222222)};
        size_t room = size < sizeof(size) ? sizeof(size) : size;
        unsigned char *out = malloc(room);
        size_t told;

        assert_non_null(out);
        memset(out, 0xCC, room);
        memcpy(out, &size, sizeof(size));
        bool fits = size >= sizeof(size) && size <= sizeof(answer);
        assert_int_equal(pdp__answer(out, &answer, sizeof(answer)), fits);
        memcpy(&told, out, sizeof(told));
        assert_int_equal(told, size);
        for (size_t i = sizeof(size); i < room; i++) {
            int wanted = !fits ? 0xCC : i < 16 ? 0x11 : 0x22;
            assert_int_equal(out[i], wanted);
        }
        free(out);
    }
}

static void
sizes_without_bound(void **state)
{
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX / 2 + 1,
        (size_t)UINT32_MAX + 1 + sizeof(struct answer)};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct answer answer = {0, 1, 2};
        struct answer out = {sizes[i], 8, 9};

        assert_false(pdp__answer(&out, &answer, sizeof(answer)));
        assert_int_equal(out.first, 8);
        assert_int_equal(out.second, 9);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size),
        cmocka_unit_test(sizes_without_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
