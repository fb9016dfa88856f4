/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "common/findings.h"

/*
 * How a finding looks to a person.
 *
 * The first line has the form that editors jump to.  The line of the
 * document is shown escaped, with tabs as single spaces so that the caret
 * stands right, and cut to a window round the column: a JSON document may
 * be one line of megabytes.
 *
 * Messages and hints come escaped from the library; what they hold is
 * shown as it is, except for bytes that are not printable.
 */

#include "common/escape.h"
#include "common/out.h"

enum { WINDOW = 100, BEFORE = 60 };

const char *
pdp__finding_severity(pdp_severity_t severity)
{
    switch (severity) {
    case PDP_SEVERITY_NOTE:
        return "note";
    case PDP_SEVERITY_WARNING:
        return "warning";
    case PDP_SEVERITY_ERROR:
        return "error";
    }
    return "error";
}

static enum pdp__colour
colour_of(pdp_severity_t severity)
{
    switch (severity) {
    case PDP_SEVERITY_NOTE:
        return PDP__COLOUR_BOLD;
    case PDP_SEVERITY_WARNING:
        return PDP__COLOUR_YELLOW;
    case PDP_SEVERITY_ERROR:
        return PDP__COLOUR_RED;
    }
    return PDP__COLOUR_RED;
}

/* Backslashes stay: the library's messages use them for escapes. */
static void
add_printable(struct pdp__string *out, pdp_str_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\') {
            pdp__string_char(out, '\\');
        } else {
            pdp__escape_add(out, pdp__str(text.ptr + i, 1));
        }
    }
}

/* The text of a line without its end, or {NULL, 0}. */
static pdp_str_t
find_line(pdp_str_t text, uint32_t line, struct pdp__finding_cursor *cursor)
{
    if (cursor->line == 0 || cursor->line > line) {
        *cursor =
            (struct pdp__finding_cursor){1, 0, pdp__str_find(text, '\n', 0)};
    }
    while (cursor->line < line) {
        if (cursor->end == text.len) {
            return (pdp_str_t){NULL, 0};
        }
        cursor->offset = cursor->end + 1;
        cursor->end = pdp__str_find(text, '\n', cursor->offset);
        cursor->line++;
    }
    size_t end = cursor->end;
    if (end > cursor->offset && text.ptr[end - 1] == '\r') {
        end--;
    }
    return pdp__str(text.ptr + cursor->offset, end - cursor->offset);
}

static void
add_source_line(struct pdp__string *out, pdp_str_t line, uint32_t column)
{
    size_t at = column - 1 > line.len ? line.len : column - 1;
    size_t from = at > BEFORE ? at - BEFORE : 0;
    size_t to = line.len - from > WINDOW ? from + WINDOW : line.len;
    size_t caret = from > 0 ? 4 : 0;
    pdp__string_z(out, from > 0 ? "    ... " : "    ");
    for (size_t i = from; i < to; i++) {
        size_t start = out->len;
        if (line.ptr[i] == '\t') {
            pdp__string_char(out, ' ');
        } else {
            add_printable(out, pdp__str(line.ptr + i, 1));
        }
        if (i < at) {
            caret += out->len - start;
        }
    }
    pdp__string_z(out, to < line.len ? " ...\n    " : "\n    ");
    pdp__string_fill(out, ' ', caret);
    pdp__string_z(out, "^\n");
}

void
pdp__finding_add(struct pdp__string *out, const pdp_finding_t *finding,
    const char *path, pdp_str_t text, struct pdp__finding_cursor *cursor,
    bool colour)
{
    pdp__escape_add(out, pdp__str_z(path));
    pdp__string_char(out, ':');
    if (finding->line > 0) {
        pdp__string_fmt(out, "%lu:", (unsigned long)finding->line);
    }
    if (finding->line > 0 && finding->column > 0) {
        pdp__string_fmt(out, "%lu:", (unsigned long)finding->column);
    }
    pdp__string_fmt(out, " %s%s:%s ",
        pdp__out_sgr(colour, colour_of(finding->severity)),
        pdp__finding_severity(finding->severity),
        pdp__out_sgr(colour, PDP__COLOUR_PLAIN));
    add_printable(out, finding->message);
    pdp__string_z(out, " [");
    add_printable(out, finding->code);
    pdp__string_z(out, "]\n");
    if (finding->hint.len > 0) {
        pdp__string_z(out, "  hint: ");
        add_printable(out, finding->hint);
        pdp__string_char(out, '\n');
    }
    if (finding->line == 0 || finding->column == 0 || text.ptr == NULL) {
        return;
    }
    pdp_str_t line = find_line(text, finding->line, cursor);
    if (line.len > 0) {
        add_source_line(out, line, finding->column);
    }
}
