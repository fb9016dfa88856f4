/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "base/buf.h"
#include "load/lookup.h"
#include "load/service.h"

/*
 * Names in a service definition: their grammars, and what is said about one
 * that is malformed or not defined.
 *
 * The grammars are narrow where names become part of something else: a
 * service name stands between the colons of a CRN, a host is compared with
 * the lower-cased Host field, a method with the bytes of the request.  A
 * name that could never match anything is refused here instead of being
 * dead in every decision.
 *
 * Cost: a hint compares the name with a whole table; after HINTS_MAX of
 * them a document gets no more, so that a broken one is reported fast.
 */

enum { HINTS_MAX = 20 };

struct grammar {
    const char *what;
    const char *first; /* classes of the first byte: a A 0, or the byte */
    const char *rest;
    const char *text;
    size_t max;
};

/* 'a', 'A' and '0' stand for the lower-case and upper-case letters and the
 * digits; every other byte stands for itself. */
static const struct grammar grammars[] = {
    [PDP__NAME_SERVICE] = {"a service name", "a0", "a0._-",
        "lower-case letters, digits, '.', '_' and '-'", 128},
    [PDP__NAME_ACTION] = {"a name", "aA0", "aA0._-",
        "letters, digits, '.', '_' and '-'", 256},
    [PDP__NAME_ROLE] = {"a role name", "aA0", "aA0 ._-()/&,+",
        "letters, digits, spaces, '.', '_', '-', '(', ')', '/', '&', ',' "
        "and '+'",
        128},
    [PDP__NAME_PARAM] = {"a parameter name", "aA0_", "aA0_.~$[]-",
        "letters, digits, '_', '.', '~', '$', '[', ']' and '-'", 128},
    [PDP__NAME_REGION] = {"a region or location", "a0", "a0-",
        "lower-case letters, digits and '-'", 64},
    [PDP__NAME_HOST] = {"a host", "a0", "a0.-",
        "lower-case letters, digits, '.' and '-', without a port", 253},
    [PDP__NAME_METHOD] = {"a method", "A0!#$%&'*+-.^_`|~", "A0!#$%&'*+-.^_`|~",
        "upper-case letters and the other bytes of a token (RFC 9110)", 64},
};

_Static_assert(sizeof(grammars) / sizeof(grammars[0]) == PDP__NAME_COUNT,
    "one grammar for each kind of name");

static bool
in_class(const char *class, char c)
{
    if (c >= 'a' && c <= 'z') {
        return strchr(class, 'a') != NULL;
    }
    if (c >= 'A' && c <= 'Z') {
        return strchr(class, 'A') != NULL;
    }
    if (c >= '0' && c <= '9') {
        return strchr(class, '0') != NULL;
    }
    return c != '\0' && strchr(class, c) != NULL;
}

static bool
fits(const struct grammar *grammar, pdp_str_t text)
{
    if (text.len == 0 || text.len > grammar->max ||
        !in_class(grammar->first, text.ptr[0]) ||
        text.ptr[text.len - 1] == ' ') {
        return false;
    }
    for (size_t i = 1; i < text.len; i++) {
        if (!in_class(grammar->rest, text.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool
pdp__service_name(const struct pdp__service_reader *r, enum pdp__name_kind kind,
    pdp_str_t text, struct pdp__place place)
{
    const struct grammar *grammar = &grammars[kind];
    if (fits(grammar, text)) {
        return true;
    }
    pdp__report_add(r->doc->report, PDP__CODE_BAD_VALUE, place, NULL,
        "\"%.*s\" is not %s: 1 to %zu %s", PDP__ARG(text), grammar->what,
        grammar->max, grammar->text);
    return false;
}

/* Number of names in a table of this service; name ix of it. */
static uint32_t
table_cnt(const struct pdp__service_reader *r, enum pdp__table_kind table)
{
    switch (table) {
    case PDP__TABLE_ACTIONS:
        return r->action_defs.cnt;
    case PDP__TABLE_EVENTS:
        return r->event_defs.cnt;
    case PDP__TABLE_PARAMS:
        return r->param_defs.cnt;
    }
    return 0;
}

static pdp_str_t
table_name(const struct pdp__service_reader *r, enum pdp__table_kind table,
    uint32_t ix)
{
    const struct pdp__builder *b = r->b;
    const struct pdp__service *service =
        PDP__ITEM(b, services, struct pdp__service, r->service);
    switch (table) {
    case PDP__TABLE_ACTIONS:
        return pdp__builder_str(b, PDP__ITEM(b, actions, struct pdp__action,
                                       service->actions.first + ix)
                                       ->name);
    case PDP__TABLE_EVENTS:
        return pdp__builder_str(b,
            PDP__ITEM(b, events, struct pdp__event, service->events.first + ix)
                ->name);
    case PDP__TABLE_PARAMS:
        return PDP__VEC_AT(&r->param_defs, struct pdp__param_def, ix)->name;
    }
    return (pdp_str_t){NULL, 0};
}

static const char *
hint(struct pdp__service_reader *r, enum pdp__table_kind table, pdp_str_t name,
    char *buf, size_t cap)
{
    uint32_t cnt = table_cnt(r, table);
    /* Out of memory, the table may be shorter than its definitions. */
    if (r->hints == HINTS_MAX || cnt == 0 || r->b->failed) {
        return NULL;
    }
    pdp_str_t *names = pdp__arena_array(r->b->arena, cnt, sizeof(*names));
    if (names == NULL) {
        r->b->failed = true;
        return NULL;
    }
    r->hints++;
    for (uint32_t i = 0; i < cnt; i++) {
        names[i] = table_name(r, table, i);
    }
    return pdp__doc_hint(buf, cap, name, names, cnt);
}

void
pdp__service_unknown(struct pdp__service_reader *r, enum pdp__table_kind table,
    pdp_str_t name, struct pdp__place place)
{
    static const char *const what[] = {"action", "event", "parameter"};
    static const char *const where[] = {"actions", "events", "params"};
    const uint32_t sections[] = {r->actions, r->events, r->params};
    char buf[PDP__HINT_CAP];
    if (sections[table] == 0) {
        return;
    }
    pdp__report_add(r->doc->report, PDP__CODE_UNKNOWN_NAME, place,
        hint(r, table, name, buf, sizeof(buf)),
        "%s \"%.*s\" is not defined in \"%s\"", what[table], PDP__ARG(name),
        where[table]);
}

bool
pdp__service_limit(const struct pdp__service_reader *r, uint32_t ix,
    uint32_t max, const char *what)
{
    uint32_t cnt = r->doc->json.nodes[ix].cnt;
    if (cnt <= max) {
        return true;
    }
    PDP__DOC_ADD(r->doc, LIMIT, ix, NULL, "%lu %s, more than %lu",
        (unsigned long)cnt, what, (unsigned long)max);
    return false;
}

size_t
pdp__service_word(const struct pdp__service_reader *r, uint32_t ix,
    const pdp_str_t *words, size_t cnt)
{
    pdp_str_t text = pdp__doc_text(r->doc, ix);
    char buf[PDP__HINT_CAP];
    char list[128];
    struct pdp__buf out = pdp__buf(list, sizeof(list));
    for (size_t i = 0; i < cnt; i++) {
        if (pdp__str_eq(text, words[i])) {
            return i;
        }
        pdp__buf_z(&out, i == 0 ? "\"" : i + 1 < cnt ? ", \"" : " or \"");
        pdp__buf_str(&out, words[i]);
        pdp__buf_char(&out, '"');
    }
    PDP__DOC_ADD(r->doc, BAD_VALUE, ix,
        pdp__doc_hint(buf, sizeof(buf), text, words, cnt),
        "\"%.*s\" is not one of %.*s", PDP__ARG(text),
        PDP__ARG(pdp__buf_get(&out)));
    return cnt;
}

struct pdp__text
pdp__service_text(const struct pdp__service_reader *r, uint32_t ix)
{
    if (ix == 0) {
        return (struct pdp__text){0, 0};
    }
    return pdp__builder_text(r->b, pdp__doc_text(r->doc, ix));
}
