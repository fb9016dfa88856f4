/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* openat() */

#include "common/keystate.h"

/*
 * The state file of pdp-fetch, and requests to it.
 *
 * The state is a JSON object, written whole and put in place by rename(), so
 * a reader never sees half of it:
 *
 *     { "format": "pdp-keystate/1", "sets": [
 *         { "issuer": "...", "file": "...", "url": "...",
 *           "fetched_at": 1795253400, ..., "error": null } ] }
 *
 * A reader takes it for what it is, a report: it is never a reason to trust
 * a key.  What it can do is to make keys too old, and so everything that is
 * missing, of another type or out of range reads as "never".
 *
 * A request says nothing but whose keys: its name is a hash of the issuer,
 * which both sides compute, so no text of a stranger becomes a path.  The
 * file has no content and is never opened by pdp-fetch.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/escape.h"
#include "common/file.h"
#include "common/tell.h"
#include "model/hash.h"
#include "text/json_read.h"

static const char format[] = "pdp-keystate/1";

/* Clocks of one machine never differ; small steps back are forgiven. */
enum { FUTURE_MAX_SEC = 3600 };

struct pdp__keystate_set *
pdp__keystate_add(struct pdp__keystate *state)
{
    struct pdp__keystate_set *grown =
        pdp__heap_resize(state->sets, state->cnt + 1, sizeof(*state->sets));
    if (grown == NULL) {
        return NULL;
    }
    state->sets = grown;
    struct pdp__keystate_set *set = &state->sets[state->cnt++];
    *set = (struct pdp__keystate_set){0};
    return set;
}

const struct pdp__keystate_set *
pdp__keystate_find(const struct pdp__keystate *state, pdp_str_t issuer)
{
    for (size_t i = 0; i < state->cnt; i++) {
        if (pdp__str_eq(pdp__str_z(state->sets[i].issuer), issuer)) {
            return &state->sets[i];
        }
    }
    return NULL;
}

int64_t
pdp__keystate_age_sec(const struct pdp__keystate_set *set, int64_t now_sec)
{
    if (set == NULL || set->fetched_sec <= 0 || now_sec < 0 ||
        (set->fetched_sec > now_sec &&
            set->fetched_sec - now_sec > FUTURE_MAX_SEC)) {
        return PDP__KEYSTATE_NEVER;
    }
    return set->fetched_sec > now_sec ? 0 : now_sec - set->fetched_sec;
}

uint64_t
pdp__keystate_sum(pdp_str_t text)
{
    return pdp__hash(0, text);
}

static void
add_text(struct pdp__string *out, const char *name, const char *value)
{
    pdp__string_fmt(out, ",\n      \"%s\": ", name);
    pdp__escape_json_or_null(out,
        value == NULL ? (pdp_str_t){NULL, 0} : pdp__str_z(value));
}

static void
add_number(struct pdp__string *out, const char *name, int64_t value)
{
    pdp__string_fmt(out, ",\n      \"%s\": %lld", name, (long long)value);
}

void
pdp__keystate_render(const struct pdp__keystate *state, struct pdp__string *out)
{
    pdp__string_fmt(out, "{\n  \"format\": \"%s\",\n  \"sets\": [", format);
    for (size_t i = 0; i < state->cnt; i++) {
        const struct pdp__keystate_set *set = &state->sets[i];
        pdp__string_fmt(out, "%s\n    { \"issuer\": ", i == 0 ? "" : ",");
        pdp__escape_json(out, pdp__str_z(set->issuer));
        add_text(out, "file", set->file);
        add_text(out, "url", set->url);
        add_number(out, "fetched_at", set->fetched_sec);
        add_number(out, "changed_at", set->changed_sec);
        add_number(out, "expires_at", set->expires_sec);
        add_number(out, "tried_at", set->tried_sec);
        add_number(out, "fetches", set->fetch_cnt);
        add_number(out, "failed", set->failure_cnt);
        add_number(out, "failures", set->failures);
        pdp__string_fmt(out, ",\n      \"sum\": \"%016llx\"",
            (unsigned long long)set->sum);
        add_text(out, "etag", set->etag);
        add_text(out, "error", set->error);
        add_text(out, "detail", set->detail);
        pdp__string_z(out, " }");
    }
    pdp__string_z(out, state->cnt == 0 ? "]\n}\n" : "\n  ]\n}\n");
}

/* A string member, or NULL. */
static char *
get_text(const struct pdp__json_doc *doc, uint32_t set, const char *name)
{
    uint32_t ix = pdp__json_member(doc, set, pdp__str_z(name));
    return ix == 0 || !pdp__json_is(doc, ix, PDP__JSON_STRING)
               ? NULL
               : pdp__heap_copy(pdp__json_text(doc, ix));
}

/* A number member that is neither negative nor absurd, or 0. */
static int64_t
get_number(const struct pdp__json_doc *doc, uint32_t set, const char *name)
{
    int64_t value = 0;
    uint32_t ix = pdp__json_member(doc, set, pdp__str_z(name));
    if (ix == 0 || !pdp__json_int(doc, ix, &value) || value < 0 ||
        value > PDP__KEYSTATE_NUMBER_MAX) {
        return 0;
    }
    return value;
}

/* 16 small hexadecimal digits, or 0. */
static uint64_t
get_sum(const struct pdp__json_doc *doc, uint32_t set)
{
    uint32_t ix = pdp__json_member(doc, set, PDP__LIT("sum"));
    uint64_t value = 0;
    if (ix == 0 || !pdp__json_is(doc, ix, PDP__JSON_STRING) ||
        doc->nodes[ix].text_len != 16) {
        return 0;
    }
    pdp_str_t text = pdp__json_text(doc, ix);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool digit = c >= '0' && c <= '9';
        if (!digit && (c < 'a' || c > 'f')) {
            return 0;
        }
        value = value << 4 | (uint64_t)(digit ? c - '0' : c - 'a' + 10);
    }
    return value;
}

static bool
get_set(const struct pdp__json_doc *doc, uint32_t ix, struct pdp__keystate *out)
{
    char *issuer = get_text(doc, ix, "issuer");
    if (issuer == NULL || out->cnt == PDP__KEYSTATE_SETS_MAX) {
        pdp__heap_free(issuer);
        return false;
    }
    struct pdp__keystate_set *set = pdp__keystate_add(out);
    if (set == NULL) {
        pdp__heap_free(issuer);
        return false;
    }
    /* A reader that lacks memory for one of the texts does without it. */
    *set = (struct pdp__keystate_set){
        .issuer = issuer,
        .file = get_text(doc, ix, "file"),
        .url = get_text(doc, ix, "url"),
        .fetched_sec = get_number(doc, ix, "fetched_at"),
        .changed_sec = get_number(doc, ix, "changed_at"),
        .expires_sec = get_number(doc, ix, "expires_at"),
        .tried_sec = get_number(doc, ix, "tried_at"),
        .fetch_cnt = get_number(doc, ix, "fetches"),
        .failure_cnt = get_number(doc, ix, "failed"),
        .failures = get_number(doc, ix, "failures"),
        .sum = get_sum(doc, ix),
        .etag = get_text(doc, ix, "etag"),
        .error = get_text(doc, ix, "error"),
        .detail = get_text(doc, ix, "detail"),
    };
    return true;
}

static bool
get_all(const struct pdp__json_doc *doc, struct pdp__keystate *out)
{
    uint32_t name = pdp__json_member(doc, 0, PDP__LIT("format"));
    uint32_t sets = pdp__json_member(doc, 0, PDP__LIT("sets"));
    if (name == 0 || sets == 0 || !pdp__json_is(doc, name, PDP__JSON_STRING) ||
        !pdp__str_eq(pdp__json_text(doc, name), pdp__str_z(format)) ||
        !pdp__json_is(doc, sets, PDP__JSON_ARRAY)) {
        return false;
    }
    PDP__JSON_EACH(doc, sets, item)
    {
        if (!get_set(doc, item, out)) {
            return false;
        }
    }
    return true;
}

bool
pdp__keystate_parse(pdp_str_t text, struct pdp__keystate *out)
{
    *out = (struct pdp__keystate){0};
    if (text.len > PDP__KEYSTATE_LEN_MAX) {
        return false;
    }
    uint32_t cap = pdp__json_node_bound(text);
    struct pdp__json *nodes = pdp__heap_resize(NULL, cap, sizeof(*nodes));
    char *copy = pdp__heap_copy(text);
    struct pdp__json_doc doc;
    bool done = nodes != NULL && copy != NULL &&
                pdp__json_read(copy, text.len, nodes, cap, &doc) &&
                get_all(&doc, out);
    if (!done) {
        pdp__keystate_free(out);
    }
    pdp__heap_free(copy);
    pdp__heap_free(nodes);
    return done;
}

enum pdp__keystate_result
pdp__keystate_read(const char *path, struct pdp__keystate *out)
{
    struct pdp__file file;
    *out = (struct pdp__keystate){0};
    struct stat status;
    if (stat(path, &status) != 0 && errno == ENOENT) {
        return PDP__KEYSTATE_MISSING;
    }
    /* A pipe would be waited for. */
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        pdp__tell("'%s' is no regular file", path);
        return PDP__KEYSTATE_UNREADABLE;
    }
    if (!pdp__file_read(path, PDP__KEYSTATE_LEN_MAX, &file)) {
        return PDP__KEYSTATE_UNREADABLE;
    }
    bool done = pdp__keystate_parse(pdp__str(file.text, file.len), out);
    pdp__file_free(&file);
    if (!done) {
        pdp__tell("'%s' is not a state file of pdp-fetch", path);
        return PDP__KEYSTATE_UNREADABLE;
    }
    return PDP__KEYSTATE_OK;
}

void
pdp__keystate_free(struct pdp__keystate *state)
{
    for (size_t i = 0; i < state->cnt; i++) {
        struct pdp__keystate_set *set = &state->sets[i];
        pdp__heap_free(set->issuer);
        pdp__heap_free(set->file);
        pdp__heap_free(set->url);
        pdp__heap_free(set->etag);
        pdp__heap_free(set->error);
        pdp__heap_free(set->detail);
    }
    pdp__heap_free(state->sets);
    *state = (struct pdp__keystate){0};
}

void
pdp__keystate_request_name(pdp_str_t issuer,
    char out[static PDP__KEYSTATE_NAME_CAP])
{
    snprintf(out, PDP__KEYSTATE_NAME_CAP, "refetch-%016llx",
        (unsigned long long)pdp__hash(0, issuer));
}

/* Whether what is there is a request; it may have been read by now. */
static int
asked_before(int dir_fd, const char *name)
{
    struct stat status;
    if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT ? 0 : errno;
    }
    if (S_ISLNK(status.st_mode)) {
        return ELOOP;
    }
    return S_ISREG(status.st_mode) ? 0 : EEXIST;
}

int
pdp__keystate_ask(int dir_fd, pdp_str_t issuer)
{
    char name[PDP__KEYSTATE_NAME_CAP];
    pdp__keystate_request_name(issuer, name);
    /* O_EXCL: the filter of system calls of pdpd(8) can then be sure that
     * no file that exists is written to. */
    int fd = openat(dir_fd, name,
        O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY |
            O_NONBLOCK,
        0660);
    if (fd >= 0) {
        return close(fd) == 0 ? 0 : errno;
    }
    return errno == EEXIST ? asked_before(dir_fd, name) : errno;
}
