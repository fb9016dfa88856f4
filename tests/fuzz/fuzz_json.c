/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/json_read.h"

#include "base/buf.h"
#include "fuzz.h"
#include "json_second.h"
#include "text/json_write.h"
#include "text/utf8.h"

/*
 * The JSON reader, its accessors and the writer of strings.  Beyond "does
 * not crash", what json_read.h promises is checked on every input: the
 * bound on nodes, where an error is, the order and the links of nodes, text
 * without U+0000 and of well-formed UTF-8, that a document written out
 * again reads as the same one, and that jansson is of the same opinion but
 * for the differences that json_second.h lists.
 */

static void
check_text(const struct pdp__json_doc *doc, uint32_t off, uint32_t len)
{
    MUST(off <= doc->len && len <= doc->len - off);
    pdp_str_t text = {doc->text + off, len};
    MUST(pdp__utf8_check(text) == len);
    MUST(pdp__str_find(text, '\0', 0) == len);
}

static void
check_container(const struct pdp__json_doc *doc, uint32_t ix)
{
    const struct pdp__json *node = &doc->nodes[ix];
    uint32_t cnt = 0;
    PDP__JSON_EACH(doc, ix, child)
    {
        MUST(doc->nodes[child].depth == node->depth + 1);
        MUST(doc->nodes[child].offset > node->offset);
        MUST(doc->nodes[child].end <= node->end);
        if (node->type == PDP__JSON_OBJECT) {
            MUST(doc->nodes[child].key_off >= 2);
            /* each lookup is linear: not for very many members */
            MUST(node->cnt > 100 ||
                 pdp__json_member(doc, ix, pdp__json_key(doc, child)) == child);
        } else {
            MUST(doc->nodes[child].key_off == 0);
            MUST(doc->nodes[child].key_len == 0);
        }
        cnt++;
    }
    MUST(cnt == node->cnt);
}

static void
check_node(const struct pdp__json_doc *doc, uint32_t ix)
{
    const struct pdp__json *node = &doc->nodes[ix];
    int64_t low = 0;
    int64_t high = 0;
    bool number = node->type == PDP__JSON_NUMBER;

    MUST(node->offset < doc->len);
    MUST(node->depth <= PDP__JSON_DEPTH_MAX);
    MUST(node->end > ix && node->end <= doc->cnt);
    check_text(doc, node->text_off, node->text_len);
    check_text(doc, node->key_off, node->key_len);
    MUST(pdp__json_seconds(doc, ix, &low, &high) == number);
    MUST(low == high || (low < high && high - low == 1));
    if (pdp__json_int(doc, ix, &high)) {
        MUST(number && low == high);
    }
    if (node->type == PDP__JSON_ARRAY || node->type == PDP__JSON_OBJECT) {
        check_container(doc, ix);
    } else {
        MUST(node->cnt == 0 && node->end == ix + 1);
    }
}

/* A value on its way out: all but the closing brackets. */
static void
write_head(struct pdp__buf *buf, const struct pdp__json_doc *doc, uint32_t ix)
{
    static const char *const words[] = {
        [PDP__JSON_NULL] = "null",
        [PDP__JSON_FALSE] = "false",
        [PDP__JSON_TRUE] = "true",
        [PDP__JSON_ARRAY] = "[",
        [PDP__JSON_OBJECT] = "{",
    };
    const struct pdp__json *node = &doc->nodes[ix];
    if (node->key_off != 0) {
        pdp__json_write_str(buf, pdp__json_key(doc, ix));
        pdp__buf_char(buf, ':');
    }
    if (node->type == PDP__JSON_STRING) {
        pdp__json_write_str(buf, pdp__json_text(doc, ix));
    } else if (node->type == PDP__JSON_NUMBER) {
        pdp__buf_str(buf, pdp__json_text(doc, ix));
    } else {
        pdp__buf_z(buf, words[node->type]);
    }
}

static void
write_doc(struct pdp__buf *buf, const struct pdp__json_doc *doc)
{
    uint32_t open[PDP__JSON_DEPTH_MAX];
    uint32_t depth = 0;
    for (uint32_t ix = 0; ix < doc->cnt; ix++) {
        const struct pdp__json *node = &doc->nodes[ix];
        write_head(buf, doc, ix);
        if (node->type == PDP__JSON_ARRAY || node->type == PDP__JSON_OBJECT) {
            open[depth++] = ix;
        }
        while (depth > 0 && doc->nodes[open[depth - 1]].end == ix + 1) {
            uint32_t parent = open[--depth];
            bool object = pdp__json_is(doc, parent, PDP__JSON_OBJECT);
            pdp__buf_char(buf, object ? '}' : ']');
        }
        /* a sibling of what is complete now follows */
        if (depth > 0 && node->cnt == 0) {
            pdp__buf_char(buf, ',');
        }
    }
}

static void
check_round_trip(const struct pdp__json_doc *doc)
{
    size_t cap = doc->len * 6 + 16;
    char *text = take(cap);
    struct pdp__json *nodes = take(doc->cnt * sizeof(*nodes));
    struct pdp__buf buf = pdp__buf(text, cap);
    struct pdp__json_doc again;

    write_doc(&buf, doc);
    MUST(!buf.full);
    MUST(pdp__json_read(text, buf.len, nodes, doc->cnt, &again));
    MUST(again.cnt == doc->cnt);
    for (uint32_t ix = 0; ix < doc->cnt; ix++) {
        MUST(again.nodes[ix].type == doc->nodes[ix].type);
        MUST(again.nodes[ix].cnt == doc->nodes[ix].cnt);
        MUST(again.nodes[ix].end == doc->nodes[ix].end);
        MUST(pdp__str_eq(pdp__json_key(&again, ix), pdp__json_key(doc, ix)));
        MUST(pdp__str_eq(pdp__json_text(&again, ix), pdp__json_text(doc, ix)));
    }
    free(nodes);
    free(text);
}

/* The same input with too few nodes: an error, and nothing beyond cap. */
static void
check_small_cap(const uint8_t *data, size_t size, uint32_t cnt)
{
    uint32_t cap = cnt / 2;
    char *text = take(size);
    struct pdp__json *nodes = take(cap * sizeof(*nodes));
    struct pdp__json_doc doc;

    memcpy(text, data, size);
    MUST(!pdp__json_read(text, size, nodes, cap, &doc));
    MUST(doc.error == PDP__JSON_E_NODES);
    free(nodes);
    free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = take(size);
    if (size > 0) {
        memcpy(text, data, size);
    }
    uint32_t cap = pdp__json_node_bound(pdp__str(text, size));
    struct pdp__json *nodes = take(cap * sizeof(*nodes));
    struct pdp__json_doc doc;

    bool good = pdp__json_read(text, size, nodes, cap, &doc);
    MUST(second_opinion(pdp__str((const char *)data, size), &doc, good) !=
         SECOND_WRONG);
    if (good) {
        MUST(doc.error == PDP__JSON_OK && doc.cnt > 0 && doc.cnt <= cap);
        MUST(nodes[0].end == doc.cnt && nodes[0].depth == 0);
        for (uint32_t ix = 0; ix < doc.cnt; ix++) {
            check_node(&doc, ix);
        }
        check_round_trip(&doc);
        check_small_cap(data, size, doc.cnt);
    } else {
        MUST(doc.error != PDP__JSON_OK && doc.error != PDP__JSON_E_NODES);
        MUST(doc.cnt == 0 && doc.error_offset <= size);
    }
    free(nodes);
    free(text);
    return 0;
}
