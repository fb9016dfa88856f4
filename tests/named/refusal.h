/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_REFUSAL_H
#define PDP_TESTS_REFUSAL_H

/*
 * For tests of documents that must not load: the loader is given one text,
 * says what is wrong and where, and makes no snapshot.
 *
 * A byte MARKED ("\1") in a text is taken out before it is read; it says that
 * an error is expected at the byte that follows.  Include after fixture.h.
 */

#define MARKED '\1'

/* Takes the mark out of a text into `out`; line and column of what follows. */
static UNUSED void
take_mark(const char *text, char *out, size_t cap, uint32_t *line,
    uint32_t *column)
{
    uint32_t row = 1;
    uint32_t col = 1;
    size_t len = 0;

    *line = 0;
    *column = 0;
    for (; *text != '\0'; text++) {
        if (*text == MARKED) {
            assert_int_equal(*line, 0);
            *line = row;
            *column = col;
            continue;
        }
        assert_true(len + 1 < cap);
        out[len++] = *text;
        col = *text == '\n' ? 1 : col + 1;
        row += *text == '\n';
    }
    out[len] = '\0';
}

/* One text to the loader, with nothing beside it. */
static UNUSED pdp_status_t
try_load(pdp_source_kind_t kind, const char *text, pdp_snapshot_t **snapshot,
    pdp_report_t **report)
{
    pdp_source_t source = {.size = sizeof(source),
        .kind = kind,
        .name = str("document.json"),
        .text = str(text)};
    pdp_loader_t *loader = NULL;

    assert_int_equal(pdp_loader_new(NULL, &loader), PDP_OK);
    assert_int_equal(pdp_loader_add(loader, &source), PDP_OK);
    pdp_status_t status = pdp_loader_build(loader, snapshot, report);
    pdp_loader_free(loader);
    return status;
}

/* The text is refused as a whole, with one error of this code at the mark;
 * what the message must say (NULL: anything). */
static UNUSED void
assert_refused(pdp_source_kind_t kind, const char *marked, const char *code,
    const char *says)
{
    static char text[1 << 16];
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    pdp_finding_t f = {.size = sizeof(f)};
    uint32_t line;
    uint32_t column;
    size_t errors = 0;

    take_mark(marked, text, sizeof(text), &line, &column);
    pdp_status_t status = try_load(kind, text, &snapshot, &report);
    if (status != PDP_E_INVALID) {
        fail_msg("status %d: %s", status, text);
    }
    assert_null(snapshot);
    for (size_t i = 0; i < pdp_report_count(report); i++) {
        assert_int_equal(pdp_report_at(report, i, &f), PDP_OK);
        if (f.severity != PDP_SEVERITY_ERROR) {
            continue;
        }
        errors++;
        assert_str(f.source, "document.json");
        if (f.code.len != strlen(code) ||
            memcmp(f.code.ptr, code, f.code.len) != 0 || f.line != line ||
            f.column != column) {
            fail_msg("%.*s at %u:%u, not %s at %u:%u: %.*s\n%s",
                (int)f.code.len, f.code.ptr, f.line, f.column, code, line,
                column, (int)f.message.len, f.message.ptr, text);
        }
        if (says != NULL &&
            memmem(f.message.ptr, f.message.len, says, strlen(says)) == NULL) {
            fail_msg("\"%.*s\" does not say \"%s\"", (int)f.message.len,
                f.message.ptr, says);
        }
    }
    if (errors != 1) {
        print_report(report);
        fail_msg("%zu errors, not 1: %s", errors, text);
    }
    pdp_report_free(report);
}

#endif
