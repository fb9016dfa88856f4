/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/wanted_tags.h"

#include "text/glob.h"

/*
 * Access tags that a policy or a restriction asks for, all of which the
 * resource must have.
 *
 * A tag is `key:value` with one colon; letters, digits, blanks and `_ . -`,
 * at most 128 bytes.  A key or value that no tag can have is an error: in a
 * denial it would quietly deny nothing.
 *
 * Each text is kept in small letters, too, since some readers of tags tell
 * case apart and some do not (decide/tags.c).
 */

static bool
is_tag_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-' ||
           c == ' ';
}

static bool
is_part(pdp_str_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_tag_char(text.ptr[i])) {
            return false;
        }
    }
    /* Blanks around it are no part of what somebody means. */
    return text.len > 0 && text.ptr[0] != ' ' && text.ptr[text.len - 1] != ' ';
}

bool
pdp__tag_check(pdp_str_t text, size_t *colon)
{
    *colon = pdp__str_find(text, ':', 0);
    return *colon < text.len && text.len <= PDP__TAG_MAX &&
           is_part(pdp__str(text.ptr, *colon)) &&
           is_part(pdp__str_from(text, *colon + 1));
}

static struct pdp__text
small(struct pdp__builder *b, pdp_str_t text)
{
    char *copy = pdp__arena_alloc(b->arena, text.len);

    if (copy == NULL) {
        b->failed = true;
        return (struct pdp__text){0, 0};
    }
    for (size_t i = 0; i < text.len; i++) {
        copy[i] = pdp__lower(text.ptr[i]);
    }
    return pdp__builder_text(b, pdp__str(copy, text.len));
}

struct pdp__tag
pdp__tag_text(struct pdp__builder *b, pdp_str_t key, pdp_str_t value)
{
    return (struct pdp__tag){
        .key = pdp__builder_text(b, key),
        .value = pdp__builder_text(b, value),
        .key_small = small(b, key),
        .value_small = small(b, value),
    };
}

/* A checked pattern: whether a tag can have all of it that is literal. */
static bool
is_part_pattern(pdp_str_t pattern)
{
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.ptr[i];
        if (c != '*' && c != '?' && !is_tag_char(c)) {
            return false; /* also `{{*}}`, a star that no tag has */
        }
    }
    return true;
}

/* The nodes of one tag; op 0: left out. */
struct tag_nodes {
    uint32_t key, value, op;
};

/* False if the operator was reported. */
static bool
read_operator(const struct pdp__doc *doc, uint32_t ix, bool *pattern)
{
    static const char *const names[] = {"stringEquals", "stringMatch", NULL};
    char hint[PDP__HINT_CAP];

    if (ix == 0) {
        *pattern = false;
        return true;
    }
    pdp_str_t name = pdp__doc_text(doc, ix);
    *pattern = pdp__str_eq(name, pdp__str_z(names[1]));
    if (*pattern || pdp__str_eq(name, pdp__str_z(names[0]))) {
        return true;
    }
    const char *near = pdp__hint_name(hint, sizeof(hint), name, names);
    PDP__DOC_ADD(doc, UNKNOWN_OPERATOR, ix,
        near == NULL ? "a tag has stringEquals and stringMatch only" : near,
        "operator \"%.*s\" cannot be used here", PDP__ARG(name));
    return false;
}

static bool
read_parts(const struct pdp__doc *doc, const struct tag_nodes *n,
    struct pdp__draft_tag *out)
{
    size_t offset = 0;
    bool good = true;

    out->key = pdp__doc_text(doc, n->key);
    out->value = pdp__doc_text(doc, n->value);
    if (!is_part(out->key) || out->key.len > PDP__TAG_MAX) {
        PDP__DOC_ADD(doc, BAD_VALUE, n->key, NULL,
            "\"%.*s\" cannot be the key of an access tag", PDP__ARG(out->key));
        good = false;
    }
    bool fits = out->pattern
                    ? out->value.len > 0 &&
                          out->value.len <= PDP__POLICY_VALUE_MAX &&
                          pdp__glob_check(out->value, &offset)
                    : is_part(out->value) && out->value.len <= PDP__TAG_MAX;
    if (!fits) {
        pdp__report_add(doc->report, PDP__CODE_BAD_VALUE,
            out->pattern ? pdp__doc_place_text(doc, n->value, offset)
                         : pdp__doc_place(doc, n->value),
            out->pattern
                ? "a literal star is {{*}}, a literal question mark {{?}}"
                : NULL,
            out->pattern ? "malformed pattern \"%.*s\""
                         : "\"%.*s\" cannot be the value of an access tag",
            PDP__ARG(out->value));
        good = false;
    } else if (out->pattern && !is_part_pattern(out->value)) {
        PDP__DOC_ADD(doc, BAD_VALUE, n->value,
            "tags have letters, digits, blanks and _ . -",
            "\"%.*s\" cannot match the value of an access tag",
            PDP__ARG(out->value));
        good = false;
    }
    return good;
}

static void
read_tag(const struct pdp__doc *doc, uint32_t ix, bool named,
    struct pdp__draft_tags *out)
{
    struct tag_nodes n = {0, 0, 0};
    const struct pdp__member members[] = {
        {named ? "name" : "key", true, PDP__JSON_STRING, &n.key},
        {"value", true, PDP__JSON_STRING, &n.value},
        {"operator", !named, PDP__JSON_STRING, &n.op},
    };
    struct pdp__draft_tag tag = {0};

    if (!pdp__doc_object(doc, ix, members, 3, NULL) || n.key == 0 ||
        n.value == 0 || !read_operator(doc, n.op, &tag.pattern) ||
        !read_parts(doc, &n, &tag)) {
        return;
    }
    out->items[out->cnt++] = tag;
}

void
pdp__tags_read(const struct pdp__doc *doc, uint32_t ix, bool named,
    struct pdp__draft_tags *out)
{
    out->cnt = 0;
    if (doc->json.nodes[ix].cnt > PDP__TAGS_MAX) {
        PDP__DOC_ADD(doc, LIMIT, ix, NULL, "more than %d tags",
            (int)PDP__TAGS_MAX);
        return;
    }
    PDP__JSON_EACH(&doc->json, ix, item)
    {
        read_tag(doc, item, named, out);
    }
}

struct pdp__range
pdp__tags_build(struct pdp__builder *b, const struct pdp__draft_tags *tags)
{
    struct pdp__range out = {b->tag_tests.cnt, 0};

    for (uint32_t i = 0; i < tags->cnt; i++) {
        const struct pdp__draft_tag *tag = &tags->items[i];
        struct pdp__tag texts = pdp__tag_text(b, tag->key, tag->value);
        uint32_t ix = 0;
        struct pdp__tag_test *item = PDP__NEW(b, tag_tests, ix);
        if (item == NULL) {
            break;
        }
        *item = (struct pdp__tag_test){texts, tag->pattern};
        out.cnt++;
    }
    return out;
}
