/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* users and groups of POSIX */

#include "pdpd/config_read.h"

/*
 * Single values of a configuration: numbers, times, users, paths, words.
 *
 * A value is either what it looks like or a finding: nothing is cut, clamped
 * or guessed, because a limit that is read in another way than it was meant
 * is found out under load only.
 *
 * Names of users and groups are looked up here, so that a name that does not
 * exist stops the start and not the first connection.
 */

#include "base/buf.h"

#include <grp.h>
#include <pwd.h>

enum { PATH_LEN_MAX = 4095, NAME_LEN_MAX = 64, WORDS_CAP = 128 };

bool
pdpd__read_int(const struct pdpd__reader *reader, uint32_t ix, int64_t min,
    int64_t max, int64_t *out)
{
    int64_t value = 0;
    if (!pdp__json_is(&reader->doc.json, ix, PDP__JSON_NUMBER)) {
        return pdp__doc_is(&reader->doc, ix, PDP__JSON_NUMBER);
    }
    if (!pdp__json_int(&reader->doc.json, ix, &value) || value < min ||
        value > max) {
        PDP__DOC_ADD(&reader->doc, BAD_VALUE, ix, NULL,
            "this must be a whole number from %lld to %lld", (long long)min,
            (long long)max);
        return false;
    }
    *out = value;
    return true;
}

/* Digits and one unit: "90s", "24h". */
static bool
parse_seconds(pdp_str_t text, int64_t *out)
{
    int64_t value = 0;
    if (text.len < 2 || text.len > 10) {
        return false;
    }
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        value = value * 10 + (text.ptr[i] - '0');
    }
    switch (text.ptr[text.len - 1]) {
    case 's':
        break;
    case 'm':
        value *= 60;
        break;
    case 'h':
        value *= 3600;
        break;
    case 'd':
        value *= 86400;
        break;
    default:
        return false;
    }
    *out = value;
    return true;
}

bool
pdpd__read_seconds(const struct pdpd__reader *reader, uint32_t ix, int64_t min,
    int64_t max, int64_t *out)
{
    const struct pdp__json_doc *json = &reader->doc.json;
    int64_t value = -1;
    bool good = pdp__json_is(json, ix, PDP__JSON_STRING)
                    ? parse_seconds(pdp__json_text(json, ix), &value)
                    : pdp__json_int(json, ix, &value);
    if (!good || value < min || value > max) {
        PDP__DOC_ADD(&reader->doc, BAD_VALUE, ix, NULL,
            "this must be a time from %lld to %lld seconds, such as 90 or 24h",
            (long long)min, (long long)max);
        return false;
    }
    *out = value;
    return true;
}

/* A name as a C string; false if it cannot be one. */
static bool
name_of(pdp_str_t text, char out[static NAME_LEN_MAX + 1])
{
    if (text.len == 0 || text.len > NAME_LEN_MAX) {
        return false;
    }
    memcpy(out, text.ptr, text.len); /* no NUL inside: the JSON reader */
    out[text.len] = '\0';
    return true;
}

/* An id: -1 as an id means "do not change" to the system, so it is none. */
static bool
read_id(const struct pdpd__reader *reader, uint32_t ix, uint32_t *out)
{
    int64_t id = 0;
    if (!pdpd__read_int(reader, ix, 0, (int64_t)UINT32_MAX - 1, &id)) {
        return false;
    }
    *out = (uint32_t)id;
    return true;
}

bool
pdpd__read_user(const struct pdpd__reader *reader, uint32_t ix, uid_t *out)
{
    const struct pdp__json_doc *json = &reader->doc.json;
    char name[NAME_LEN_MAX + 1];
    if (!pdp__json_is(json, ix, PDP__JSON_STRING)) {
        return read_id(reader, ix, out);
    }
    pdp_str_t text = pdp__json_text(json, ix);
    const struct passwd *entry = name_of(text, name) ? getpwnam(name) : NULL;
    if (entry == NULL) {
        PDP__DOC_ADD(&reader->doc, UNKNOWN_NAME, ix, NULL,
            "this machine has no user \"%.*s\"", PDP__ARG(text));
        return false;
    }
    *out = entry->pw_uid;
    return true;
}

bool
pdpd__read_group(const struct pdpd__reader *reader, uint32_t ix, gid_t *out)
{
    const struct pdp__json_doc *json = &reader->doc.json;
    char name[NAME_LEN_MAX + 1];
    if (!pdp__json_is(json, ix, PDP__JSON_STRING)) {
        return read_id(reader, ix, out);
    }
    pdp_str_t text = pdp__json_text(json, ix);
    const struct group *entry = name_of(text, name) ? getgrnam(name) : NULL;
    if (entry == NULL) {
        PDP__DOC_ADD(&reader->doc, UNKNOWN_NAME, ix, NULL,
            "this machine has no group \"%.*s\"", PDP__ARG(text));
        return false;
    }
    *out = entry->gr_gid;
    return true;
}

bool
pdpd__read_path(const struct pdpd__reader *reader, uint32_t ix, pdp_str_t *out)
{
    struct pdp__arena *arena = &reader->config->arena;
    pdp_str_t base = reader->config->path;
    if (!pdp__doc_is(&reader->doc, ix, PDP__JSON_STRING)) {
        return false;
    }
    pdp_str_t text = pdp__json_text(&reader->doc.json, ix);
    size_t folder = base.len;
    while (folder > 0 && base.ptr[folder - 1] != '/') {
        folder--;
    }
    if (text.len > 0 && text.ptr[0] == '/') {
        folder = 0;
    }
    if (text.len == 0 || folder + text.len > PATH_LEN_MAX) {
        PDP__DOC_ADD(&reader->doc, BAD_VALUE, ix, NULL,
            "this must be a path of 1 to %d bytes", PATH_LEN_MAX);
        return false;
    }
    char *path = pdp__arena_alloc(arena, folder + text.len + 1);
    if (path == NULL) {
        PDP__DOC_ADD(&reader->doc, LIMIT, ix, NULL, "out of memory");
        return false;
    }
    memcpy(path, base.ptr, folder);
    memcpy(path + folder, text.ptr, text.len);
    *out = pdp__str(path, folder + text.len);
    return true;
}

/* "a, b, c", cut at its end. */
static const char *
list_words(char out[static WORDS_CAP], const pdp_str_t *words, size_t cnt)
{
    struct pdp__buf buf = pdp__buf(out, WORDS_CAP - 1);
    for (size_t i = 0; i < cnt; i++) {
        pdp__buf_z(&buf, i == 0 ? "" : ", ");
        pdp__buf_str(&buf, words[i]);
    }
    out[buf.len] = '\0';
    return out;
}

int
pdpd__read_word(const struct pdpd__reader *reader, uint32_t ix,
    const pdp_str_t *words, size_t cnt)
{
    char hint[PDP__HINT_CAP];
    char list[WORDS_CAP];
    if (!pdp__doc_is(&reader->doc, ix, PDP__JSON_STRING)) {
        return -1;
    }
    pdp_str_t text = pdp__json_text(&reader->doc.json, ix);
    for (size_t i = 0; i < cnt; i++) {
        if (pdp__str_eq(text, words[i])) {
            return (int)i;
        }
    }
    PDP__DOC_ADD(&reader->doc, BAD_VALUE, ix,
        pdp__doc_hint(hint, sizeof(hint), text, words, cnt),
        "\"%.*s\" is not known here; known are %s", PDP__ARG(text),
        list_words(list, words, cnt));
    return -1;
}
