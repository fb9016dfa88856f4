/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/suite_read.h"

/*
 * Tables: principals x requests, one word for each cell.
 *
 *     tables:
 *       - name: who does what                  - name: who does what
 *         requests: [read, delete]               principals: [robin, kim]
 *         expect:                                expect:
 *           robin: allow no_grant                  read:   allow    allow
 *           kim:   allow allow                     delete: no_grant allow
 *
 * The list names the columns; the rows are of the other kind.  With both
 * lists the rows are principals, and each that is listed must have its row:
 * a row that was forgotten is an error, like a cell that was.
 *
 * A word is `allow`, `deny`, or a reason, which says more.
 */

#include "base/report.h"
#include "common/heap.h"

/* One table while it is read. */
struct table {
    struct pdp__suite *suite;
    pdp_str_t name;
    struct pdp__suite_at at;
    bool rows_are_principals;
    uint32_t columns; /* node of the list */
    uint32_t *items;  /* index of each column */
    uint32_t cnt;
    bool good; /* all columns are known */
};

static int64_t
use(struct table *table, bool principal, pdp_str_t name,
    struct pdp__place place)
{
    return principal ? pdp__suite_named_principal(table->suite, name, place)
                     : pdp__suite_named_request(table->suite, name, place);
}

static void
read_columns(struct table *table)
{
    const struct pdp__doc *doc = &table->suite->doc;
    const struct pdp__json_doc *json = &doc->json;
    table->good = true;
    table->items = pdp__arena_array(&table->suite->arena,
        (size_t)json->nodes[table->columns].cnt + 1, sizeof(*table->items));
    PDP__JSON_EACH(json, table->columns, item)
    {
        if (!pdp__doc_is(doc, item, PDP__JSON_STRING)) {
            table->good = false;
            continue;
        }
        int64_t found = use(table, !table->rows_are_principals,
            pdp__json_text(json, item), pdp__doc_place(doc, item));
        if (found < 0) {
            table->good = false;
            continue;
        }
        table->items[table->cnt++] = (uint32_t)found;
    }
    if (json->nodes[table->columns].cnt == 0) {
        PDP__DOC_ADD(doc, EMPTY, table->columns, NULL,
            "a table has at least one column");
        table->good = false;
    }
}

/* The next word of a row that is one string. */
static pdp_str_t
next_word(pdp_str_t text, size_t *at)
{
    while (*at < text.len && text.ptr[*at] == ' ') {
        ++*at;
    }
    size_t from = *at;
    while (*at < text.len && text.ptr[*at] != ' ') {
        ++*at;
    }
    return pdp__str(text.ptr + from, *at - from);
}

/* "TABLE: PRINCIPAL, REQUEST" */
static pdp_str_t
cell_name(const struct table *table, const struct pdp__suite_case *test)
{
    struct pdp__suite *suite = table->suite;
    struct pdp__string name = {0};
    pdp__string_add(&name, table->name);
    pdp__string_z(&name, ": ");
    pdp__string_add(&name,
        pdp__suite_principal_at(suite, test->principal)->name);
    pdp__string_z(&name, ", ");
    pdp__string_add(&name, pdp__suite_request_at(suite, test->request)->name);
    pdp_str_t copy = pdp__arena_copy(&suite->arena, pdp__string_get(&name));
    pdp__string_free(&name);
    return copy;
}

static bool
add_cell(struct table *table, uint32_t row, uint32_t owner, uint32_t column,
    uint32_t ix, pdp_str_t word)
{
    struct pdp__suite *suite = table->suite;
    if (!pdp__suite_check_word(suite, ix, word) || !table->good ||
        column >= table->cnt) {
        return true;
    }
    struct pdp__suite_case *test = pdp__suite_new_case(suite, row);
    if (test == NULL) {
        return false;
    }
    uint32_t item = table->items[column];
    test->principal = table->rows_are_principals ? owner : item;
    test->request = table->rows_are_principals ? item : owner;
    test->word = word;
    test->at_sec = table->at.sec;
    test->at_nsec = table->at.nsec;
    test->name = cell_name(table, test);
    return true;
}

/* A row: words in one string, or a list of words. */
static bool
read_row(struct table *table, uint32_t ix)
{
    const struct pdp__doc *doc = &table->suite->doc;
    const struct pdp__json_doc *json = &doc->json;
    pdp_str_t key = pdp__json_key(json, ix);
    int64_t owner = use(table, table->rows_are_principals, key,
        pdp__doc_place_key(doc, ix));
    uint32_t who = owner < 0 ? 0 : (uint32_t)owner;
    uint32_t cnt = 0;
    bool more = true;
    table->good = table->good && owner >= 0;
    if (pdp__json_is(json, ix, PDP__JSON_STRING)) {
        pdp_str_t text = pdp__json_text(json, ix);
        size_t at = 0;
        for (pdp_str_t word = next_word(text, &at); more && word.len > 0;
             word = next_word(text, &at)) {
            more = add_cell(table, ix, who, cnt++, ix, word);
        }
    } else if (pdp__doc_is(doc, ix, PDP__JSON_ARRAY)) {
        PDP__JSON_EACH(json, ix, item)
        {
            if (more && pdp__doc_is(doc, item, PDP__JSON_STRING)) {
                more = add_cell(table, ix, who, cnt, item,
                    pdp__json_text(json, item));
            }
            cnt++;
        }
    } else {
        return true;
    }
    if (more && cnt != json->nodes[table->columns].cnt) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix,
            "write one word for each column: allow, deny, or a reason",
            "the row of \"%.*s\" has %u words for %u columns", PDP__ARG(key),
            cnt, json->nodes[table->columns].cnt);
    }
    return more;
}

/* With both lists: each principal that is listed has its row, and no other
 * has one. */
static void
check_rows(struct table *table, uint32_t listed, uint32_t rows)
{
    const struct pdp__doc *doc = &table->suite->doc;
    const struct pdp__json_doc *json = &doc->json;
    PDP__JSON_EACH(json, listed, item)
    {
        if (pdp__doc_is(doc, item, PDP__JSON_STRING) &&
            pdp__json_member(json, rows, pdp__json_text(json, item)) == 0) {
            PDP__DOC_ADD(doc, MISSING_MEMBER, item, NULL,
                "\"expect\" has no row for \"%.*s\"",
                PDP__ARG(pdp__json_text(json, item)));
        }
    }
    PDP__JSON_EACH(json, rows, row)
    {
        pdp_str_t key = pdp__json_key(json, row);
        bool found = false;
        PDP__JSON_EACH(json, listed, item)
        {
            found = found || (pdp__json_is(json, item, PDP__JSON_STRING) &&
                                 pdp__str_eq(pdp__json_text(json, item), key));
        }
        if (!found) {
            pdp__report_add(table->suite->report, PDP__CODE_UNKNOWN_NAME,
                pdp__doc_place_key(doc, row), NULL,
                "\"principals\" does not list \"%.*s\"", PDP__ARG(key));
        }
    }
}

static bool
read_rows(struct table *table, uint32_t expect)
{
    const struct pdp__doc *doc = &table->suite->doc;
    bool columns_good = table->good;
    bool more = true;
    if (doc->json.nodes[expect].cnt == 0) {
        PDP__DOC_ADD(doc, EMPTY, expect, NULL, "a table has at least one row");
    }
    PDP__JSON_EACH(&doc->json, expect, row)
    {
        table->good = columns_good;
        more = more && read_row(table, row);
    }
    return more;
}

/* False: there are too many cases. */
static bool
read_table(struct pdp__suite *suite, uint32_t ix)
{
    uint32_t name = 0;
    uint32_t description = 0;
    uint32_t principals = 0;
    uint32_t requests = 0;
    uint32_t at = 0;
    uint32_t expect = 0;
    const struct pdp__member members[] = {
        {"name", true, PDP__JSON_STRING, &name},
        {"description", false, PDP__JSON_STRING, &description},
        {"principals", false, PDP__JSON_ARRAY, &principals},
        {"requests", false, PDP__JSON_ARRAY, &requests},
        {"at", false, PDP__JSON_STRING, &at},
        {"expect", true, PDP__JSON_OBJECT, &expect},
    };
    const struct pdp__json_doc *json = &suite->doc.json;
    struct table table = {
        .suite = suite,
        .rows_are_principals = true,
    };
    if (!pdp__doc_object(&suite->doc, ix, members,
            sizeof(members) / sizeof(members[0]), NULL)) {
        return true;
    }
    if (name != 0) {
        table.name = pdp__json_text(json, name);
        (void)pdp__suite_check_name(suite, table.name,
            pdp__doc_place(&suite->doc, name));
    }
    if (pdp__json_member(json, ix, PDP__LIT("at")) == 0 || at != 0) {
        (void)pdp__suite_read_at(suite, at, ix, &table.at);
    }
    table.rows_are_principals = requests != 0;
    table.columns = requests != 0 ? requests : principals;
    if (table.columns == 0) {
        PDP__DOC_ADD(&suite->doc, MISSING_MEMBER, ix,
            "list the columns: \"requests\" or \"principals\"",
            "a table without columns");
        return true;
    }
    read_columns(&table);
    if (expect == 0) {
        return true;
    }
    if (requests != 0 && principals != 0) {
        check_rows(&table, principals, expect);
    }
    return read_rows(&table, expect);
}

void
pdp__suite_read_tables(struct pdp__suite *suite, uint32_t ix)
{
    if (ix == 0) {
        return;
    }
    PDP__JSON_EACH(&suite->doc.json, ix, item)
    {
        if (!read_table(suite, item)) {
            return;
        }
    }
}
