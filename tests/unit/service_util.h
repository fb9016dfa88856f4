/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_SERVICE_UTIL_H
#define PDP_TESTS_SERVICE_UTIL_H

/*
 * For tests of what is read from service definitions: a definition put
 * together from sections, findings compared with marks in its text.
 *
 * A byte MARK ("\1") in a text is taken out before it is read; it says that
 * a finding is expected at the byte that follows.  Line and column of the
 * marks are counted here, independently of the library.
 * Include after cmocka.h.
 */

#include <stdio.h>
#include <string.h>

#include "load/builder.h"

#define MARK '\1'

enum { TEXT_CAP = 1 << 16, MARKS_MAX = 32 };

struct parts {
    const char *head; /* format and service */
    const char *actions;
    const char *roles;
    const char *events;
    const char *params;
    const char *regions;
    const char *routes;
    const char *tail; /* more members, beginning with a comma */
};

/* An expected finding; hint NULL: it has none. */
struct want {
    const char *code;
    const char *hint;
};

#define FOUND(code) ((struct want){(code), NULL})
#define HINTED(code, hint) ((struct want){(code), (hint)})

struct loaded {
    struct pdp__arena arena;
    pdp_report_t *report;
    struct pdp__builder b;
    char text[TEXT_CAP];
    uint32_t lines[MARKS_MAX];
    uint32_t columns[MARKS_MAX];
    size_t marks;
};

static inline const char *
or_else(const char *given, const char *fallback)
{
    return given == NULL ? fallback : given;
}

/* A definition; sections that are not given are small and correct. */
static inline const char *
definition(const struct parts *p)
{
    static char text[TEXT_CAP];
    int len = snprintf(text, sizeof(text),
        "{%s,\n\"actions\":%s,\n\"roles\":%s,\n\"events\":%s,\n"
        "\"params\":%s,\n\"regions\":%s,\n\"routes\":%s%s}\n",
        or_else(p->head, "\"format\":\"pdp-service/1\",\"service\":\"svc\""),
        or_else(p->actions, "{\"svc.read\":{\"scope\":\"namespace\"},"
                            "\"svc.write\":{\"scope\":\"account\"}}"),
        or_else(p->roles, "{\"Reader\":{\"actions\":[\"svc.read\"]}}"),
        or_else(p->events, "{\"svc.read\":{\"data\":false}}"),
        or_else(p->params, "{\"image\":{\"kind\":\"image\"},"
                           "\"ns\":{\"kind\":\"namespace\"},"
                           "\"res\":{\"kind\":\"resource\"},"
                           "\"id\":{\"kind\":\"text\"}}"),
        or_else(p->regions,
            "[{\"region\":\"eu-de\",\"hosts\":[\"de.example.com\"],"
            "\"events\":\"eu-de\"}]"),
        or_else(p->routes, "[{\"method\":\"GET\",\"path\":\"/a\",\"requires\":"
                           "[{\"action\":\"svc.read\"}],\"event\":null}]"),
        or_else(p->tail, ""));
    assert_in_range(len, 1, TEXT_CAP - 1);
    return text;
}

#define SERVICE(...) definition(&(struct parts){__VA_ARGS__})

/* Copies the text without its marks, and remembers where they were. */
static inline void
strip_marks(struct loaded *l, const char *marked)
{
    uint32_t line = 1;
    uint32_t column = 1;
    size_t len = 0;
    l->marks = 0;
    for (const char *p = marked; *p != '\0'; p++) {
        if (*p == MARK) {
            assert_true(l->marks < MARKS_MAX);
            l->lines[l->marks] = line;
            l->columns[l->marks++] = column;
            continue;
        }
        assert_true(len + 1 < TEXT_CAP);
        l->text[len++] = *p;
        column++;
        if (*p == '\n') {
            line++;
            column = 1;
        }
    }
    l->text[len] = '\0';
}

static inline void
open_builder(struct loaded *l)
{
    pdp_mem_t mem = pdp__mem_default();
    pdp__arena_init(&l->arena, &mem);
    l->report = pdp__report_new(&mem);
    assert_non_null(l->report);
    pdp__builder_init(&l->b, &l->arena, l->report, 7);
}

static inline void
close_builder(struct loaded *l)
{
    pdp__builder_free(&l->b);
    pdp_report_free(l->report);
    pdp__arena_free(&l->arena);
}

/* Opens a document made of l->text. */
static inline void
open_doc(struct loaded *l, struct pdp__doc *doc)
{
    pdp_source_t source = {
        .size = sizeof(source),
        .kind = PDP_SOURCE_SERVICE,
        .name = PDP__LIT("service.json"),
        .text = pdp__str_z(l->text),
    };
    assert_int_equal(pdp__doc_open(&l->arena, l->report, &source, doc), PDP_OK);
}

/* Reads a definition into an open builder; not yet its routes' trie. */
static inline void
read_into(struct loaded *l, const char *marked)
{
    struct pdp__doc doc;
    strip_marks(l, marked);
    open_doc(l, &doc);
    assert_true(doc.readable);
    assert_int_equal(pdp__read_service(&l->b, &doc), PDP_OK);
}

static inline void
show_findings(const struct loaded *l)
{
    for (size_t i = 0; i < pdp_report_count(l->report); i++) {
        pdp_finding_t f = {.size = sizeof(f)};
        assert_int_equal(pdp_report_at(l->report, i, &f), PDP_OK);
        print_message("%u:%u %.*s: %.*s [%.*s]\n", f.line, f.column,
            (int)f.code.len, f.code.ptr, (int)f.message.len, f.message.ptr,
            (int)f.hint.len, f.hint.ptr);
    }
}

/* The findings of at least this severity are those wanted: as many as there
 * are marks, in their order, each at its mark. */
static inline void
check_findings(struct loaded *l, pdp_severity_t severity,
    const struct want *wants, size_t cnt)
{
    size_t at = 0;
    pdp__report_sort(l->report);
    assert_false(pdp__report_failed(l->report));
    for (size_t i = 0; i < pdp_report_count(l->report); i++) {
        pdp_finding_t f = {.size = sizeof(f)};
        assert_int_equal(pdp_report_at(l->report, i, &f), PDP_OK);
        if (f.severity < severity) {
            continue;
        }
        if (at == cnt || !pdp__str_eq(f.code, pdp__str_z(wants[at].code))) {
            show_findings(l);
            fail_msg("finding %zu is not the one wanted", at);
        }
        const char *hint = wants[at].hint == NULL ? "" : wants[at].hint;
        if (!pdp__str_eq(f.hint, pdp__str_z(hint)) || f.line != l->lines[at] ||
            f.column != l->columns[at]) {
            show_findings(l);
            fail_msg("%s: wanted at %u:%u [%s]", wants[at].code, l->lines[at],
                l->columns[at], hint);
        }
        assert_true(f.message.len > 0);
        at++;
    }
    if (at != cnt) {
        show_findings(l);
        fail_msg("%zu findings, not %zu", at, cnt);
    }
    assert_int_equal(cnt, l->marks);
}

/* Reads a definition and compares everything that is found in it. */
static inline void
check_service(const char *marked, pdp_severity_t severity,
    const struct want *wants, size_t cnt)
{
    static struct loaded l;
    open_builder(&l);
    read_into(&l, marked);
    assert_int_equal(pdp__build_router(&l.b), PDP_OK);
    check_findings(&l, severity, wants, cnt);
    close_builder(&l);
}

/* CHECK(text, FOUND("code"), HINTED("code", "hint"), ...): errors and warnings;
 * CHECK_NOTES: notes, too;  CHECK_CLEAN(text): no error, no warning. */
#define CHECK_FROM(severity, text, ...)                                        \
    do {                                                                       \
        const struct want wants_[] = {__VA_ARGS__};                            \
        check_service((text), (severity), wants_,                              \
            sizeof(wants_) / sizeof(wants_[0]));                               \
    } while (0)
#define CHECK(text, ...) CHECK_FROM(PDP_SEVERITY_WARNING, text, __VA_ARGS__)
#define CHECK_NOTES(text, ...) CHECK_FROM(PDP_SEVERITY_NOTE, text, __VA_ARGS__)
#define CHECK_CLEAN(text) check_service((text), PDP_SEVERITY_WARNING, NULL, 0)

#endif
