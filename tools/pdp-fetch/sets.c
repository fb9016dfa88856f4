/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-fetch/sets.h"

/*
 * Trust document -> key sets; bytes from a server -> good or not.
 *
 * Both questions are put to the loader of the library, so that what is
 * stored here is what a reader of it will take: rules about weak, malformed,
 * private and doubled keys exist once.  Where only one document is judged,
 * the others are there as empty stand-ins, whose findings are not looked at.
 *
 * A set must also have a key that fits the algorithms of one of its issuers:
 * the loader takes one without (a warning), but to put it in the place of a
 * good one would deny everybody.
 */

#include "common/out.h"
#include "common/tell.h"
#include "pdp-fetch/url.h"
#include "text/json_read.h"

static const char stand_in[] = "{\"keys\":[]}";

/* Reads JSON into nodes of its own; free both. */
struct json {
    struct pdp__json_doc doc;
    struct pdp__json *nodes;
    char *text;
};

static bool
json_open(pdp_str_t text, struct json *out)
{
    uint32_t cap = pdp__json_node_bound(text);
    out->nodes = pdp__heap_resize(NULL, cap, sizeof(*out->nodes));
    out->text = pdp__heap_copy(text);
    return pdp__json_read(out->text, text.len, out->nodes, cap, &out->doc);
}

static void
json_close(struct json *json)
{
    pdp__heap_free(json->nodes);
    pdp__heap_free(json->text);
}

/* A string member of an object, or {NULL, 0}. */
static pdp_str_t
text_of(const struct pdp__json_doc *doc, uint32_t ix, const char *name)
{
    uint32_t node = ix == 0 ? 0 : pdp__json_member(doc, ix, pdp__str_z(name));
    return node == 0 || !pdp__json_is(doc, node, PDP__JSON_STRING)
               ? (pdp_str_t){NULL, 0}
               : pdp__json_text(doc, node);
}

static struct pdp__set *
find_set(const struct pdp__sets *sets, pdp_str_t file)
{
    for (size_t i = 0; i < sets->cnt; i++) {
        if (pdp__str_eq(pdp__str_z(sets->items[i].file), file)) {
            return &sets->items[i];
        }
    }
    return NULL;
}

/* One issuer that names a URL; false, and told, if it cannot be fetched. */
static bool
add_set(struct pdp__sets *sets, pdp_str_t issuer, pdp_str_t file, pdp_str_t url)
{
    struct pdp__set *set = find_set(sets, file);
    if (set != NULL && !pdp__str_eq(pdp__str_z(set->url), url)) {
        pdp__tell("%s: the key file '%s' has two URLs", sets->trust, set->file);
        return false;
    }
    if (set == NULL) {
        char *copy = pdp__heap_copy(url);
        struct pdp__url probe;
        const char *why = pdp__url_open(copy, &probe);
        pdp__url_close(&probe);
        if (why != NULL) {
            /* Without the URL: it may hold a password. */
            pdp__tell("%s: the URL of the key file '%.*s' is refused: %s",
                sets->trust, (int)file.len, file.ptr, why);
            pdp__heap_free(copy);
            return false;
        }
        sets->items =
            pdp__heap_resize(sets->items, sets->cnt + 1, sizeof(*sets->items));
        set = &sets->items[sets->cnt++];
        *set = (struct pdp__set){
            .file = pdp__heap_copy(file),
            .path = pdp__file_beside(sets->trust, file),
            .url = copy,
        };
    }
    set->issuers = pdp__heap_resize(set->issuers, set->issuer_cnt + 1,
        sizeof(*set->issuers));
    set->issuers[set->issuer_cnt++] = pdp__heap_copy(issuer);
    return true;
}

/* The document is known to be good. */
static bool
add_sets(struct pdp__sets *sets, const struct pdp__json_doc *doc)
{
    bool good = true;
    size_t cnt = 0;
    uint32_t issuers = pdp__json_member(doc, 0, PDP__LIT("issuers"));
    PDP__JSON_EACH(doc, issuers, item)
    {
        uint32_t keys = pdp__json_member(doc, item, PDP__LIT("keys"));
        pdp_str_t url = text_of(doc, keys, "url");
        if (url.ptr != NULL) {
            cnt++;
            good = add_set(sets, text_of(doc, item, "issuer"),
                       text_of(doc, keys, "file"), url) &&
                   good;
        }
    }
    PDP__JSON_EACH(doc, issuers, item)
    {
        uint32_t keys = pdp__json_member(doc, item, PDP__LIT("keys"));
        struct pdp__set *set = find_set(sets, text_of(doc, keys, "file"));
        if (set != NULL) {
            set->user_cnt++;
        }
    }
    if (good && sets->cnt == 0) {
        pdp__tell("%s: no issuer has a \"url\" in \"keys\": there is nothing "
                  "to fetch",
            sets->trust);
        good = false;
    }
    if (good && cnt > PDP__KEYSTATE_SETS_MAX) {
        pdp__tell("%s: more than %d issuers have a URL", sets->trust,
            PDP__KEYSTATE_SETS_MAX);
        good = false;
    }
    return good;
}

/* Tells what is wrong with the trust document itself; false if it is. */
static bool
tell_findings(struct pdp__docs *docs)
{
    struct pdp__string text = {0};
    bool good = true;
    size_t cnt = pdp__docs_finding_cnt(docs);
    for (size_t i = 0; i < cnt; i++) {
        struct pdp__input *input = NULL;
        pdp_finding_t finding = pdp__docs_finding(docs, i, &input);
        if (input != NULL && finding.severity >= PDP_SEVERITY_WARNING) {
            pdp__docs_show_one(&finding, input, &text, pdp__out_colour(stderr));
            good = good && finding.severity != PDP_SEVERITY_ERROR;
        }
    }
    fwrite(text.len == 0 ? "" : text.ptr, 1, text.len, stderr);
    pdp__string_free(&text);
    return good;
}

/* Adds a stand-in for each key file that is still missing. */
static enum pdp__docs_result
add_stand_ins(struct pdp__docs *docs)
{
    pdp_str_t name = {NULL, 0};
    pdp_str_t from = {NULL, 0};
    enum pdp__docs_result result = PDP__DOCS_OK;
    while (result == PDP__DOCS_OK &&
           pdp_loader_needs(docs->loader, 0, &name, &from)) {
        char *copy = pdp__heap_copy(name);
        result =
            pdp__docs_text(docs, PDP_SOURCE_JWKS, copy, pdp__str_z(stand_in));
        pdp__heap_free(copy);
    }
    return result;
}

static enum pdp__docs_result
read_docs(struct pdp__docs *docs, const char *path)
{
    enum pdp__docs_result result = pdp__docs_file(docs, PDP_SOURCE_TRUST, path);
    if (result == PDP__DOCS_OK) {
        result = add_stand_ins(docs);
    }
    if (result == PDP__DOCS_OK) {
        result = pdp__docs_build(docs);
    }
    if (result > PDP__DOCS_INVALID) {
        return result; /* was told */
    }
    return tell_findings(docs) ? PDP__DOCS_OK : PDP__DOCS_INVALID;
}

enum pdp__docs_result
pdp__sets_read(const char *path, struct pdp__sets *out)
{
    struct pdp__docs docs;
    *out = (struct pdp__sets){0};
    enum pdp__docs_result result = pdp__docs_open(&docs);
    if (result == PDP__DOCS_OK) {
        result = read_docs(&docs, path);
    }
    if (result == PDP__DOCS_OK) {
        const struct pdp__input *input = &docs.items[0];
        struct json json;
        pdp__string_add(&out->text,
            input->yaml.json.ptr != NULL
                ? pdp__string_get(&input->yaml.json)
                : pdp__str(input->file.text, input->file.len));
        out->trust = pdp__heap_copy(pdp__str_z(path));
        if (!json_open(pdp__string_get(&out->text), &json) ||
            !add_sets(out, &json.doc)) {
            result = PDP__DOCS_INVALID;
        }
        json_close(&json);
    }
    if (result != PDP__DOCS_OK) {
        pdp__sets_free(out);
    }
    pdp__docs_close(&docs);
    return result;
}

/* How many items "keys" has; 0 also for what is no key set. */
static uint32_t
count_keys(pdp_str_t text)
{
    struct json json;
    uint32_t cnt = 0;
    if (json_open(text, &json)) {
        uint32_t keys = pdp__json_is(&json.doc, 0, PDP__JSON_OBJECT)
                            ? pdp__json_member(&json.doc, 0, PDP__LIT("keys"))
                            : 0;
        cnt = keys == 0 ? 0 : json.nodes[keys].cnt;
    }
    json_close(&json);
    return cnt;
}

/* The first error about the set in a report, or that none of its keys fits
 * anybody; false if there is neither. */
static bool
find_fault(const struct pdp__set *set, const pdp_report_t *report,
    pdp_finding_t *out)
{
    size_t unfit = 0;
    size_t cnt = pdp_report_count(report);
    for (size_t i = 0; i < cnt; i++) {
        pdp_finding_t finding = {.size = sizeof(finding)};
        if (pdp_report_at(report, i, &finding) != PDP_OK ||
            !pdp__str_eq(finding.source, pdp__str_z(set->file))) {
            continue;
        }
        if (pdp__str_eq(finding.code, PDP__LIT("unfit_keys"))) {
            unfit++;
        }
        if (finding.severity == PDP_SEVERITY_ERROR || unfit == set->user_cnt) {
            *out = finding;
            return true;
        }
    }
    return false;
}

static bool
add_source(pdp_loader_t *loader, pdp_source_kind_t kind, pdp_str_t name,
    pdp_str_t text)
{
    pdp_source_t source = {
        .size = sizeof(source),
        .kind = kind,
        .name = name,
        .text = text,
    };
    return pdp_loader_add(loader, &source) == PDP_OK;
}

/* Puts the set, as if it were stored, before the loader: true if that gave
 * a report. */
static bool
try_set(const struct pdp__sets *sets, const struct pdp__set *set,
    pdp_str_t text, pdp_report_t **report)
{
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    pdp_str_t name = {NULL, 0};
    pdp_str_t from = {NULL, 0};
    bool done =
        pdp_loader_new(NULL, &loader) == PDP_OK &&
        add_source(loader, PDP_SOURCE_TRUST, pdp__str_z(sets->trust),
            pdp__string_get(&sets->text)) &&
        add_source(loader, PDP_SOURCE_JWKS, pdp__str_z(set->file), text);
    while (done && pdp_loader_needs(loader, 0, &name, &from)) {
        done = add_source(loader, PDP_SOURCE_JWKS, name, pdp__str_z(stand_in));
    }
    if (done) {
        pdp_status_t status = pdp_loader_build(loader, &snapshot, report);
        done = status == PDP_OK || status == PDP_E_INVALID;
    }
    pdp_snapshot_release(snapshot);
    pdp_loader_free(loader);
    return done;
}

bool
pdp__sets_check(const struct pdp__sets *sets, const struct pdp__set *set,
    pdp_str_t text, char **error, char **detail)
{
    struct pdp__string why = {0};
    pdp_report_t *report = NULL;
    pdp_finding_t finding = {.size = sizeof(finding)};
    *error = NULL;
    *detail = NULL;
    if (count_keys(text) > PDP__SETS_KEYS_MAX) {
        *error = pdp__heap_copy(PDP__LIT("too_many_keys"));
        pdp__string_fmt(&why, "the set has more than %d keys",
            PDP__SETS_KEYS_MAX);
    } else if (!try_set(sets, set, text, &report)) {
        *error = pdp__heap_copy(PDP__LIT("internal"));
        pdp__string_z(&why, "the set could not be checked");
    } else if (find_fault(set, report, &finding)) {
        *error = pdp__heap_copy(finding.code);
        pdp__string_fmt(&why, "line %lu, column %lu: %.*s",
            (unsigned long)finding.line, (unsigned long)finding.column,
            (int)finding.message.len, finding.message.ptr);
    }
    pdp_report_free(report);
    *detail = why.ptr;
    return *error == NULL;
}

static char *
copy_or_null(const char *text)
{
    return text == NULL ? NULL : pdp__heap_copy(pdp__str_z(text));
}

static struct pdp__keystate_set
copy_state(const struct pdp__keystate_set *from)
{
    struct pdp__keystate_set copy = *from;
    copy.issuer = NULL;
    copy.file = NULL;
    copy.url = NULL;
    copy.etag = copy_or_null(from->etag);
    copy.error = copy_or_null(from->error);
    copy.detail = copy_or_null(from->detail);
    return copy;
}

static void
free_state(struct pdp__keystate_set *state)
{
    pdp__heap_free(state->etag);
    pdp__heap_free(state->error);
    pdp__heap_free(state->detail);
    *state = (struct pdp__keystate_set){0};
}

static bool
same_text(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

void
pdp__sets_resume(struct pdp__sets *sets, const struct pdp__keystate *state,
    int64_t now_sec, int64_t now_wall_sec, int64_t cooldown_sec)
{
    for (size_t i = 0; i < sets->cnt; i++) {
        struct pdp__set *set = &sets->items[i];
        const struct pdp__keystate_set *known =
            pdp__keystate_find(state, pdp__str_z(set->issuers[0]));
        /* Of another file or server it says nothing about this one. */
        if (known != NULL && same_text(known->file, set->file) &&
            same_text(known->url, set->url)) {
            set->state = copy_state(known);
        }
        int64_t expires =
            pdp__file_exists(set->path) ? set->state.expires_sec : 0;
        set->plan = pdp__plan_init(now_sec, now_wall_sec, set->state.tried_sec,
            expires, cooldown_sec);
    }
}

void
pdp__sets_follow(struct pdp__sets *sets, const struct pdp__sets *old)
{
    for (size_t i = 0; i < sets->cnt; i++) {
        struct pdp__set *set = &sets->items[i];
        const struct pdp__set *was = find_set(old, pdp__str_z(set->file));
        if (was != NULL && same_text(was->url, set->url)) {
            set->plan = was->plan;
            set->told = was->told;
            free_state(&set->state);
            set->state = copy_state(&was->state);
        }
    }
}

void
pdp__sets_report(const struct pdp__sets *sets, struct pdp__keystate *out)
{
    *out = (struct pdp__keystate){0};
    for (size_t i = 0; i < sets->cnt; i++) {
        const struct pdp__set *set = &sets->items[i];
        for (size_t j = 0; j < set->issuer_cnt; j++) {
            struct pdp__keystate_set *row = pdp__keystate_add(out);
            *row = copy_state(&set->state);
            row->issuer = pdp__heap_copy(pdp__str_z(set->issuers[j]));
            row->file = pdp__heap_copy(pdp__str_z(set->file));
            row->url = pdp__heap_copy(pdp__str_z(set->url));
        }
    }
}

void
pdp__sets_free(struct pdp__sets *sets)
{
    for (size_t i = 0; i < sets->cnt; i++) {
        struct pdp__set *set = &sets->items[i];
        for (size_t j = 0; j < set->issuer_cnt; j++) {
            pdp__heap_free(set->issuers[j]);
        }
        pdp__heap_free(set->issuers);
        pdp__heap_free(set->file);
        pdp__heap_free(set->path);
        pdp__heap_free(set->url);
        free_state(&set->state);
    }
    pdp__heap_free(sets->items);
    pdp__heap_free(sets->trust);
    pdp__string_free(&sets->text);
    *sets = (struct pdp__sets){0};
}
