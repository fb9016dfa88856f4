/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/rows.h"

/*
 * Lists as text, tsv and json.
 *
 * tsv and json are written row by row; text keeps its cells until the end,
 * when the widths are known.  All three hold printable ASCII only.
 *
 * The last column of a table is not padded, so no line ends in spaces.
 */

#include "common/escape.h"
#include "common/out.h"

void
pdp__rows_start(struct pdp__rows *rows, enum pdp__format format,
    const struct pdp__column *columns, size_t column_cnt)
{
    *rows = (struct pdp__rows){
        .format = format,
        .columns = columns,
        .column_cnt = column_cnt,
    };
    for (size_t i = 0; i < column_cnt; i++) {
        const char *heading = columns[i].heading;
        rows->widths[i] = heading == NULL ? 0 : strlen(heading);
    }
}

/* Escaped text has no line ends but those between the items of a list. */
static size_t
line_len(const char *text)
{
    return strcspn(text, "\n");
}

static size_t
widest_line(const char *text)
{
    size_t widest = line_len(text);
    for (text += widest; *text != '\0'; text += line_len(text)) {
        text++;
        widest = line_len(text) > widest ? line_len(text) : widest;
    }
    return widest;
}

/* A field for text and tsv; takes over the string. */
static void
put_field(struct pdp__rows *rows, struct pdp__string *field)
{
    const struct pdp__column *column = &rows->columns[rows->column];
    if (field->len == 0) {
        pdp__string_char(field, '-');
    }
    if (rows->format == PDP__FORMAT_TSV) {
        if (column->tsv) {
            pdp__string_z(&rows->line, rows->fields++ == 0 ? "" : "\t");
            pdp__string_add(&rows->line, pdp__string_get(field));
        }
        pdp__string_free(field);
    } else {
        if (rows->cell_cnt == rows->cell_cap) {
            rows->cell_cap = rows->cell_cap == 0 ? 64 : rows->cell_cap * 2;
            rows->cells = pdp__heap_resize(rows->cells, rows->cell_cap,
                sizeof(*rows->cells));
        }
        rows->cells[rows->cell_cnt++] = field->ptr;
        size_t width = column->heading == NULL ? 0 : widest_line(field->ptr);
        if (width > rows->widths[rows->column]) {
            rows->widths[rows->column] = width;
        }
    }
    rows->column++;
}

/* The name of a member, and what stands before it. */
static void
put_member(struct pdp__rows *rows)
{
    const char *before = rows->column > 0    ? ","
                         : rows->row_cnt > 0 ? ",\n{"
                                             : "[\n{";
    pdp__string_fmt(&rows->line, "%s\"%s\":", before,
        rows->columns[rows->column].member);
    rows->column++;
}

void
pdp__rows_str(struct pdp__rows *rows, pdp_str_t value)
{
    if (rows->format == PDP__FORMAT_JSON) {
        put_member(rows);
        pdp__escape_json_or_null(&rows->line, value);
        return;
    }
    struct pdp__string field = {0};
    pdp__escape_add(&field, value);
    put_field(rows, &field);
}

void
pdp__rows_number(struct pdp__rows *rows, int64_t value)
{
    struct pdp__string field = {0};
    pdp__string_fmt(&field, "%lld", (long long)value);
    if (rows->format == PDP__FORMAT_JSON) {
        put_member(rows);
        pdp__string_add(&rows->line, pdp__string_get(&field));
        pdp__string_free(&field);
        return;
    }
    put_field(rows, &field);
}

void
pdp__rows_bool(struct pdp__rows *rows, bool value, const char *yes,
    const char *no)
{
    if (rows->format == PDP__FORMAT_JSON) {
        put_member(rows);
        pdp__string_z(&rows->line, value ? "true" : "false");
        return;
    }
    pdp__rows_str(rows, pdp__str_z(value ? yes : no));
}

void
pdp__rows_flag(struct pdp__rows *rows, bool value, const char *yes,
    const char *no)
{
    bool text = rows->format == PDP__FORMAT_TEXT;
    pdp__rows_bool(rows, value, text ? yes : "true", text ? no : "false");
}

void
pdp__rows_list(struct pdp__rows *rows, const pdp_str_t *items, size_t cnt)
{
    if (rows->format == PDP__FORMAT_JSON) {
        put_member(rows);
        pdp__string_char(&rows->line, '[');
        for (size_t i = 0; i < cnt; i++) {
            pdp__string_z(&rows->line, i == 0 ? "" : ",");
            pdp__escape_json(&rows->line, items[i]);
        }
        pdp__string_char(&rows->line, ']');
        return;
    }
    bool tall =
        rows->format == PDP__FORMAT_TEXT && rows->columns[rows->column].tall;
    const char *separator = tall ? "\n" : ",";
    struct pdp__string field = {0};
    for (size_t i = 0; i < cnt; i++) {
        pdp__string_z(&field, i == 0 ? "" : separator);
        pdp__escape_add(&field, items[i]);
    }
    put_field(rows, &field);
}

void
pdp__rows_next(struct pdp__rows *rows)
{
    if (rows->format == PDP__FORMAT_JSON) {
        pdp__string_char(&rows->line, '}');
    } else if (rows->format == PDP__FORMAT_TSV) {
        pdp__string_char(&rows->line, '\n');
    }
    pdp__out_write(pdp__string_get(&rows->line));
    rows->line.len = 0;
    rows->column = 0;
    rows->fields = 0;
    rows->row_cnt++;
}

/* Takes the next line off a cell. */
static pdp_str_t
take_line(const char **cell)
{
    pdp_str_t line = pdp__str(*cell, line_len(*cell));
    *cell += line.len + ((*cell)[line.len] == '\n' ? 1 : 0);
    return line;
}

/* A row of the table, as many lines as its tallest cell has. */
static void
put_row(struct pdp__rows *rows, const char **cells)
{
    bool more = true;
    while (more) {
        size_t pending = 0; /* spaces owed to the next column */
        more = false;
        for (size_t i = 0; i < rows->column_cnt; i++) {
            if (rows->columns[i].heading == NULL) {
                continue;
            }
            pdp_str_t line = take_line(&cells[i]);
            if (line.len > 0) {
                pdp__string_fill(&rows->line, ' ', pending);
                pdp__string_add(&rows->line, line);
                pending = 0;
            }
            pending += rows->widths[i] - line.len + 2;
            more = more || *cells[i] != '\0';
        }
        pdp__string_char(&rows->line, '\n');
    }
    pdp__out_write(pdp__string_get(&rows->line));
    rows->line.len = 0;
}

/* The headings and all rows. */
static void
put_table(struct pdp__rows *rows)
{
    const char *cells[PDP__ROWS_MAX];
    for (size_t i = 0; i < rows->column_cnt; i++) {
        const char *heading = rows->columns[i].heading;
        cells[i] = heading == NULL ? "" : heading;
    }
    put_row(rows, cells);
    for (size_t at = 0; at < rows->cell_cnt; at += rows->column_cnt) {
        for (size_t i = 0; i < rows->column_cnt; i++) {
            cells[i] = rows->cells[at + i];
        }
        put_row(rows, cells);
    }
}

void
pdp__rows_finish(struct pdp__rows *rows)
{
    if (rows->format == PDP__FORMAT_JSON) {
        pdp__out_write(
            rows->row_cnt == 0 ? PDP__LIT("[]\n") : PDP__LIT("\n]\n"));
    } else if (rows->format == PDP__FORMAT_TEXT && rows->row_cnt > 0) {
        put_table(rows);
    }
    for (size_t i = 0; i < rows->cell_cnt; i++) {
        pdp__heap_free(rows->cells[i]);
    }
    pdp__heap_free(rows->cells);
    pdp__string_free(&rows->line);
    *rows = (struct pdp__rows){0};
}
