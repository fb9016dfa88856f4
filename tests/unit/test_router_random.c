/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Routing: random tables, and each byte of the registry's paths, against
 * the reference of router_util.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "router_util.h"

static uint64_t random_state = 20260101;

static unsigned
random_below(unsigned bound)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % bound;
}

static void
random_template(char *path)
{
    unsigned cnt = 1 + random_below(5);
    unsigned multi = random_below(3) == 0 ? random_below(cnt) : cnt;
    size_t len = 0;

    for (unsigned i = 0; i < cnt; i++) {
        unsigned kind = random_below(8);

        if (i == multi) {
            len += (size_t)snprintf(path + len, PATH_MAX_LEN - len, "/{+name}");
        } else if (kind < 3) {
            len +=
                (size_t)snprintf(path + len, PATH_MAX_LEN - len, "/{p%u}", i);
        } else {
            len += (size_t)snprintf(path + len, PATH_MAX_LEN - len, "/%c",
                'a' + (char)(kind % 3));
        }
    }
}

/* Two rows that the loader would refuse: one shape, one method.  Names of
 * parameters follow from their place, so equal shapes are equal texts. */
static bool
is_taken(const struct table *table, const struct row *row)
{
    for (int i = 0; i < table->cnt; i++) {
        const struct row *other = &table->rows[i];

        if (strcmp(other->path, row->path) == 0 &&
            (strcmp(other->method, row->method) == 0 ||
                (row->head && is_for(other, "HEAD")) ||
                (other->head && is_for(row, "HEAD")))) {
            return true;
        }
    }
    return false;
}

static void
random_path(char *path)
{
    unsigned cnt = 1 + random_below(7);

    for (unsigned i = 0; i < cnt; i++) {
        *path++ = '/';
        *path++ = (char)('a' + (char)random_below(4)); /* d: no literal */
    }
    *path = '\0';
}

enum { TABLES = 400, ASKS = 600 };

static void
random_tables(void **state)
{
    static const char *const methods[] = {"GET", "PUT", "HEAD", "NONE"};
    static struct table table;
    size_t found = 0;
    size_t others = 0;
    char path[PATH_MAX_LEN];

    (void)state;
    for (unsigned t = 0; t < TABLES; t++) {
        int wanted = 1 + (int)random_below(24);

        memset(&table, 0, sizeof(table));
        for (int i = 0; i < wanted; i++) {
            struct row *row = &table.rows[table.cnt];

            snprintf(row->method, sizeof(row->method), "%s",
                methods[random_below(3)]);
            random_template(row->path);
            row->head = row->method[0] == 'G' && random_below(3) == 0;
            table.cnt += is_taken(&table, row) ? 0 : 1;
        }
        open_table(&table, t * UINT64_C(0x9E3779B97F4A7C15));
        for (unsigned i = 0; i < ASKS; i++) {
            const char *method = methods[random_below(4)];

            random_path(path);
            compare(&table, method, path);
            int row = reference(&table, method, path);
            found += row >= 0;
            others += row == OTHER_METHOD;
        }
        close_table(&table);
    }
    /* Neither all nor nothing: each outcome was met often. */
    assert_true(found > TABLES * ASKS / 10);
    assert_true(others > TABLES * ASKS / 20);
    assert_true(found + others < TABLES * ASKS * 95 / 100);
}

/* The routes of the built-in definition as a table. */
static void
open_registry(struct table *table)
{
    pdp_loader_t *loader = NULL;
    pdp_route_info_t info = {.size = sizeof(info)};

    assert_int_equal(pdp_loader_new(NULL, &loader), PDP_OK);
    assert_int_equal(pdp_loader_build(loader, &table->snapshot, NULL), PDP_OK);
    pdp_loader_free(loader);
    for (; pdp_catalog_route(table->snapshot, 0, (size_t)table->cnt, &info);
         table->cnt++) {
        struct row *row = &table->rows[table->cnt];

        assert_true(table->cnt < ROWS_MAX);
        snprintf(row->method, sizeof(row->method), "%.*s", (int)info.method.len,
            info.method.ptr);
        snprintf(row->path, sizeof(row->path), "%.*s", (int)info.path.len,
            info.path.ptr);
        row->head = info.head;
    }
    assert_int_equal(table->cnt, 46);
}

/* The path of a template with "x" for each parameter. */
static void
fill_template(char *path, const char *template)
{
    while (*template != '\0') {
        if (*template == '{') {
            template = strchr(template, '}') + 1;
            *path++ = 'x';
        } else {
            *path++ = *template ++;
        }
    }
    *path = '\0';
}

/* Each byte of each path as each other byte, left out, and doubled. */
static void
every_byte_of_the_registry(void **state)
{
    static struct table table;
    char path[PATH_MAX_LEN];
    char edited[PATH_MAX_LEN];
    size_t edits = 0;

    (void)state;
    open_registry(&table);
    for (int i = 0; i < table.cnt; i++) {
        const char *method = table.rows[i].method;

        fill_template(path, table.rows[i].path);
        assert_int_equal(find(&table, method, path), i);
        for (size_t at = 1; at < strlen(path); at++) {
            memcpy(edited, path, sizeof(path));
            for (int byte = 1; byte < 256; byte++, edits++) {
                edited[at] = (char)byte;
                compare(&table, method, edited);
            }
            memmove(edited + at, path + at + 1, strlen(path + at));
            compare(&table, method, edited);
            memcpy(edited + at + 1, path + at, strlen(path + at) + 1);
            edited[at] = path[at];
            compare(&table, method, edited);
        }
    }
    assert_true(edits > 200000);
    close_table(&table);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_tables),
        cmocka_unit_test(every_byte_of_the_registry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
