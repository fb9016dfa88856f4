/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/suite_expect.h"

/*
 * Expected and seen, node by node; suite_expect.c has the rules.
 *
 * A list of objects is compared as a set, too: each item that is expected
 * must fit one that is there, each that is there one that is expected, and
 * there are as many.  The lists of a decision have a few items.
 */

#include "common/escape.h"
#include "pdp-check/json_text.h"

struct comparison {
    const struct pdp__json_doc *want;
    const struct pdp__json_doc *seen;
    struct pdp__mismatches *out; /* NULL: only the verdict is wanted */
};

static char *
text_of(const struct pdp__json_doc *json, uint32_t ix)
{
    struct pdp__string text = {0};
    pdp__json_text_add(&text, json, ix);
    return text.ptr;
}

static bool
differs(const struct comparison *c, const char *member, uint32_t want,
    uint32_t seen)
{
    if (c->out != NULL) {
        struct pdp__mismatches *out = c->out;
        out->items =
            pdp__heap_resize(out->items, out->cnt + 1, sizeof(*out->items));
        out->items[out->cnt++] = (struct pdp__mismatch){
            .member = pdp__heap_copy(pdp__str_z(member)),
            .expected = text_of(c->want, want),
            .seen = seen == 0 ? pdp__heap_copy(PDP__LIT("nothing"))
                              : text_of(c->seen, seen),
        };
    }
    return false;
}

static bool fits(const struct comparison *c, const char *member, uint32_t want,
    uint32_t seen);

/* Whether each item of one list fits one of the other. */
static bool
covers(const struct comparison *c, uint32_t want, uint32_t seen, bool from_want)
{
    const struct comparison quiet = {c->want, c->seen, NULL};
    const struct pdp__json_doc *outer = from_want ? c->want : c->seen;
    const struct pdp__json_doc *inner = from_want ? c->seen : c->want;
    PDP__JSON_EACH(outer, from_want ? want : seen, a)
    {
        bool found = false;
        PDP__JSON_EACH(inner, from_want ? seen : want, b)
        {
            found =
                found || fits(&quiet, "", from_want ? a : b, from_want ? b : a);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static bool
fits_object(const struct comparison *c, const char *member, uint32_t want,
    uint32_t seen)
{
    bool good = true;
    PDP__JSON_EACH(c->want, want, child)
    {
        pdp_str_t key = pdp__json_key(c->want, child);
        uint32_t other = pdp__json_member(c->seen, seen, key);
        struct pdp__string path = {0};
        pdp__string_z(&path, member);
        pdp__string_z(&path, member[0] == '\0' ? "" : ".");
        pdp__escape_add(&path, key);
        /* The one member that a decision may leave out: nothing was said. */
        bool empty = other == 0 && pdp__str_eq(key, PDP__LIT("restrictions")) &&
                     pdp__json_is(c->want, child, PDP__JSON_ARRAY) &&
                     c->want->nodes[child].cnt == 0;
        bool same = other != 0 ? fits(c, path.ptr, child, other)
                               : empty || differs(c, path.ptr, child, 0);
        good = good && same;
        pdp__string_free(&path);
    }
    return good;
}

static bool
fits_scalar(const struct comparison *c, uint32_t want, uint32_t seen)
{
    int64_t a = 0;
    int64_t b = 0;
    switch ((enum pdp__json_type)c->want->nodes[want].type) {
    case PDP__JSON_STRING:
        return pdp__str_eq(pdp__json_text(c->want, want),
            pdp__json_text(c->seen, seen));
    case PDP__JSON_NUMBER:
        return pdp__json_int(c->want, want, &a) &&
               pdp__json_int(c->seen, seen, &b) && a == b;
    case PDP__JSON_NULL:
    case PDP__JSON_FALSE:
    case PDP__JSON_TRUE:
    case PDP__JSON_ARRAY:
    case PDP__JSON_OBJECT:
        break;
    }
    return true; /* the types are equal, and say it all */
}

static bool
fits(const struct comparison *c, const char *member, uint32_t want,
    uint32_t seen)
{
    const struct pdp__json *a = &c->want->nodes[want];
    const struct pdp__json *b = &c->seen->nodes[seen];
    if (a->type != b->type) {
        return differs(c, member, want, seen);
    }
    if (a->type == PDP__JSON_OBJECT) {
        return fits_object(c, member, want, seen);
    }
    bool same = a->type == PDP__JSON_ARRAY
                    ? a->cnt == b->cnt && covers(c, want, seen, true) &&
                          covers(c, want, seen, false)
                    : fits_scalar(c, want, seen);
    return same || differs(c, member, want, seen);
}

/* A document made here is well-formed, and small. */
static void
read_text(pdp_str_t text, struct pdp__json_doc *out)
{
    uint32_t cap = pdp__json_node_bound(text);
    struct pdp__json *nodes = pdp__heap_resize(NULL, cap, sizeof(*nodes));
    if (!pdp__json_read(pdp__heap_copy(text), text.len, nodes, cap, out)) {
        /* Not reached; a decision that cannot be read fits nothing. */
        nodes[0] = (struct pdp__json){.type = PDP__JSON_NULL, .end = 1};
        out->nodes = nodes;
    }
}

static void
free_text(struct pdp__json_doc *doc)
{
    pdp__heap_free(doc->text);
    pdp__heap_free(doc->nodes);
}

void
pdp__suite_compare(const struct pdp__suite *suite,
    const struct pdp__suite_case *test, pdp_str_t decision,
    struct pdp__mismatches *out)
{
    struct pdp__json_doc seen;
    struct pdp__json_doc want = suite->doc.json;
    *out = (struct pdp__mismatches){0};
    read_text(decision, &seen);
    if (test->expect != 0) {
        const struct comparison c = {&want, &seen, out};
        (void)fits(&c, "", test->expect, 0);
    } else {
        struct pdp__string text = {0};
        pdp__suite_expected(suite, test, &text);
        read_text(pdp__string_get(&text), &want);
        const struct comparison c = {&want, &seen, out};
        (void)fits(&c, "", 0, 0);
        free_text(&want);
        pdp__string_free(&text);
    }
    free_text(&seen);
}

void
pdp__mismatches_free(struct pdp__mismatches *list)
{
    for (size_t i = 0; i < list->cnt; i++) {
        pdp__heap_free(list->items[i].member);
        pdp__heap_free(list->items[i].expected);
        pdp__heap_free(list->items[i].seen);
    }
    pdp__heap_free(list->items);
    *list = (struct pdp__mismatches){0};
}
