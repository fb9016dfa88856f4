/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/documents.h"

/*
 * From pdpd.yaml to a snapshot.
 *
 * All or nothing: every file is looked at, also after one that is wrong, so
 * that one run tells everything; with one error there is no snapshot.  A file
 * that cannot be used is told where the configuration names it.
 *
 * The list of what was looked at is kept even then: the daemon watches it,
 * and tries again when something there changes.
 *
 * Without memory it is told nothing about the documents, good or bad: they
 * are incomplete, and tried again.
 *
 * The digest is over names and contents of all files in order, so that a
 * touch or a copy of the same bytes is no new generation.
 */

#include "base/report.h"
#include "common/file.h"
#include "common/yaml.h"
#include "load/builder.h"
#include "pdpd/fetched.h"
#include "pdpd/trusted.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

/* One configuration; all files together. */
enum { CONFIG_MAX = 1 << 20, TOTAL_MAX = 256 << 20, NEEDS_MAX = 1024 };

struct run {
    struct pdpd__documents *out;
    pdp_loader_t *loader;
    EVP_MD_CTX *digest;
    const char *hint; /* for files that cannot be used; NULL: none */
    bool failed;      /* no memory, or no digest of what was read */
};

static void
watch(struct run *run, const char *path, bool folder)
{
    struct pdpd__documents *out = run->out;
    struct pdpd__watched *grown = pdp__heap_resize(out->watched,
        out->watched_cnt + 1, sizeof(*out->watched));
    char *copy = pdp__heap_copy(pdp__str_z(path));
    out->watched = grown == NULL ? out->watched : grown;
    if (grown == NULL || copy == NULL) {
        pdp__heap_free(copy);
        run->failed = true;
        return;
    }
    struct pdpd__watched *one = &out->watched[out->watched_cnt++];
    *one = (struct pdpd__watched){.path = copy, .folder = folder};
    one->there = stat(path, &one->status) == 0;
}

static void
digest_add(struct run *run, pdp_str_t text)
{
    uint64_t len = text.len;
    if (EVP_DigestUpdate(run->digest, &len, sizeof(len)) != 1 ||
        (text.len > 0 &&
            EVP_DigestUpdate(run->digest, text.ptr, text.len) != 1)) {
        run->failed = true;
    }
}

static void
complain(struct run *run, enum pdp__code code, const struct pdpd__named *named,
    const char *path, const char *why)
{
    struct pdp__place place = {run->out->config.path, named->line,
        named->column};
    pdp__report_add(run->out->own, code, place, run->hint,
        "cannot use the file \"%s\": %s", path, why);
}

/* Reads a file that decides; false: a finding tells why not. */
static bool
read_file(struct run *run, const struct pdpd__named *named, const char *path,
    uid_t owner, struct pdpd__trusted *file)
{
    char why[PDPD__TRUSTED_WHY_CAP];
    watch(run, path, false);
    if (!pdpd__trusted_read(path, PDP__FILE_MAX, owner, file, why)) {
        complain(run, PDP__CODE_MISSING_SOURCE, named, path, why);
        run->out->passing = run->out->passing || file->passing;
        return false;
    }
    run->out->bytes += file->len;
    if (run->out->bytes > TOTAL_MAX) {
        complain(run, PDP__CODE_LIMIT, named, path,
            "all files together are too large");
        pdpd__trusted_free(file);
        return false;
    }
    digest_add(run, pdp__str_z(path));
    digest_add(run, pdp__str(file->text, file->len));
    return true;
}

static bool
ends_with(const char *text, const char *tail)
{
    size_t len = strlen(text);
    size_t tail_len = strlen(tail);
    return len >= tail_len && strcmp(text + len - tail_len, tail) == 0;
}

/* Without the state of pdp-fetch, nobody knows how old keys are. */
static void
warn_ageless(struct run *run)
{
    const struct pdpd__config *config = &run->out->config;
    if (run->out->fetched.cnt > 0 && config->keys.state.path.ptr == NULL) {
        struct pdp__place place = {config->path, config->trust.line,
            config->trust.column};
        pdp__report_add(run->out->own, PDP__CODE_AGELESS_KEYS, place,
            "name the state file of pdp-fetch(8): keys: {state: ...}",
            "keys with a \"url\" are used however old they are");
    }
}

static void
submit(struct run *run, pdp_source_kind_t kind, const char *name,
    pdp_str_t text, const struct pdp__yaml *yaml)
{
    pdp_source_t source = {
        .size = sizeof(source),
        .kind = kind,
        .name = pdp__str_z(name),
        .text = text,
        .positions = yaml->positions,
        .position_cnt = yaml->position_cnt,
    };
    if (pdp_loader_add(run->loader, &source) != PDP_OK) {
        run->failed = true;
    }
}

/* Reads a file and gives it to the loader under a name. */
static bool
add_file(struct run *run, pdp_source_kind_t kind,
    const struct pdpd__named *named, const char *path, const char *name,
    uid_t owner)
{
    struct pdpd__trusted file;
    struct pdp__yaml yaml = {0};
    if (!read_file(run, named, path, owner, &file)) {
        return false;
    }
    pdp_str_t text = pdp__str(file.text, file.len);
    bool good = true;
    if (kind == PDP_SOURCE_TRUST &&
        (ends_with(path, ".yaml") || ends_with(path, ".yml"))) {
        good = pdp__yaml_convert(text, &yaml);
        if (good) {
            text = pdp__string_get(&yaml.json);
        } else {
            struct pdp__place place = {pdp__str_z(path), yaml.line,
                yaml.column};
            pdp__report_add(run->out->own, PDP__CODE_JSON_SYNTAX, place, NULL,
                "%s", yaml.message);
            run->failed = run->failed || yaml.no_memory;
        }
    }
    if (good) {
        submit(run, kind, name, text, &yaml);
    }
    if (good && kind == PDP_SOURCE_TRUST) {
        run->failed =
            !pdpd__fetched_read(&run->out->fetched, text) || run->failed;
        warn_ageless(run);
    }
    pdp__yaml_free(&yaml);
    pdpd__trusted_free(&file);
    return good;
}

static void
add_named(struct run *run, pdp_source_kind_t kind,
    const struct pdpd__named *named)
{
    if (named->path.ptr != NULL) {
        (void)add_file(run, kind, named, named->path.ptr, named->path.ptr,
            (uid_t)-1);
    }
}

static void
add_services(struct run *run)
{
    const struct pdpd__config *config = &run->out->config;
    const struct pdp__yaml none = {0};
    for (uint32_t i = 0; i < config->service_cnt; i++) {
        if (config->services[i].path.ptr != NULL) {
            add_named(run, PDP_SOURCE_SERVICE, &config->services[i]);
        } else {
            submit(run, PDP_SOURCE_SERVICE, "(built in)",
                pdp__builtin_service(), &none);
        }
    }
}

/* A file, or all *.json of a folder. */
static void
add_listed(struct run *run, pdp_source_kind_t kind,
    const struct pdpd__named *named)
{
    char **paths = NULL;
    size_t cnt = 0;
    if (named->path.ptr == NULL || !pdp__file_is_dir(named->path.ptr)) {
        add_named(run, kind, named);
        return;
    }
    watch(run, named->path.ptr, true);
    errno = 0;
    const char *why = pdp__file_names(named->path.ptr, ".json", &paths, &cnt);
    if (why != NULL) {
        run->out->passing = run->out->passing || pdpd__trusted_is_lack(errno);
        complain(run, PDP__CODE_MISSING_SOURCE, named, named->path.ptr, why);
    } else if (cnt == 0) {
        complain(run, PDP__CODE_EMPTY, named, named->path.ptr,
            "there is no *.json in this folder");
    }
    for (size_t i = 0; i < cnt; i++) {
        (void)add_file(run, kind, named, paths[i], paths[i], (uid_t)-1);
        pdp__heap_free(paths[i]);
    }
    pdp__heap_free(paths);
}

/* What a key set is called, and where it stands; false: no memory. */
static bool
add_alias(struct run *run, pdp_str_t name, pdp_str_t from)
{
    struct pdpd__documents *out = run->out;
    struct pdpd__alias *grown = pdp__heap_resize(out->aliases,
        out->alias_cnt + 1, sizeof(*out->aliases));
    if (grown == NULL) {
        return false;
    }
    out->aliases = grown;
    char *trust = pdp__heap_copy(from);
    struct pdpd__alias *alias = &out->aliases[out->alias_cnt++];
    *alias = (struct pdpd__alias){
        .name = pdp__heap_copy(name),
        .path = trust == NULL ? NULL : pdp__file_beside(trust, name),
    };
    pdp__heap_free(trust);
    return alias->name != NULL && alias->path != NULL;
}

/* The key sets that trust documents name. */
static void
add_keys(struct run *run)
{
    struct pdpd__documents *out = run->out;
    const struct pdpd__keys *keys = &out->config.keys;
    uid_t owner = keys->has_owner ? keys->owner : (uid_t)-1;
    pdp_str_t name = {NULL, 0};
    pdp_str_t from = {NULL, 0};
    size_t failed = 0;
    run->hint = out->fetched.cnt > 0 ? "pdp-fetch(8) fetches it" : NULL;
    for (size_t i = 0;
         i < NEEDS_MAX && pdp_loader_needs(run->loader, failed, &name, &from);
         i++) {
        if (!add_alias(run, name, from)) {
            run->failed = true;
            return;
        }
        const struct pdpd__alias *alias = &out->aliases[out->alias_cnt - 1];
        if (!add_file(run, PDP_SOURCE_JWKS, &out->config.trust, alias->path,
                alias->name, owner)) {
            failed++;
            out->keys_failed = true;
        }
    }
}

/* Documents of an hour ago must not hash as those of now. */
static void
seed(pdp_loader_t *loader)
{
    uint64_t value = 0;
    if (RAND_bytes((unsigned char *)&value, sizeof(value)) == 1) {
        pdp_loader_set_seed(loader, value);
    }
}

static void
load_all(struct run *run)
{
    struct pdpd__documents *out = run->out;
    const struct pdpd__config *config = &out->config;
    add_services(run);
    add_named(run, PDP_SOURCE_TRUST, &config->trust);
    add_named(run, PDP_SOURCE_DIRECTORY, &config->directory);
    for (uint32_t i = 0; i < config->policy_cnt; i++) {
        add_listed(run, PDP_SOURCE_POLICIES, &config->policies[i]);
    }
    for (uint32_t i = 0; i < config->restriction_cnt; i++) {
        add_listed(run, PDP_SOURCE_RESTRICTIONS, &config->restrictions[i]);
    }
    for (uint32_t i = 0; i < config->revocation_cnt; i++) {
        add_listed(run, PDP_SOURCE_REVOCATIONS, &config->revocations[i]);
    }
    add_keys(run);
    seed(run->loader);
    if (run->failed || pdp__report_failed(out->own)) {
        return;
    }
    /* Also if a file could not be read: its findings come on top. */
    pdp_status_t status =
        pdp_loader_build(run->loader, &out->snapshot, &out->loader);
    if (status == PDP_OK && pdp_report_errors(out->own) > 0) {
        pdp_snapshot_release(out->snapshot);
        out->snapshot = NULL;
    }
    out->incomplete = status == PDP_E_NOMEM;
    if (status != PDP_OK && status != PDP_E_INVALID && status != PDP_E_NOMEM) {
        struct pdp__place place = {config->path, 0, 0};
        pdp__report_add(out->own, PDP__CODE_LIMIT, place, NULL,
            "cannot load the documents: %s", pdp_status_text(status));
    }
}

/* Whether the findings say why there is no snapshot. */
static bool
has_errors(const struct pdpd__documents *out)
{
    return pdp_report_errors(out->own) + pdp_report_errors(out->loader) > 0;
}

static bool
load_config(struct run *run, const char *path)
{
    char why[PDPD__TRUSTED_WHY_CAP];
    struct pdpd__documents *out = run->out;
    struct pdpd__trusted file;
    watch(run, path, false);
    if (!pdpd__trusted_read(path, CONFIG_MAX, (uid_t)-1, &file, why)) {
        struct pdp__place place = {pdp__str_z(path), 0, 0};
        pdp__report_add(out->own, PDP__CODE_MISSING_SOURCE, place, NULL,
            "cannot use the configuration: %s", why);
        out->passing = file.passing;
        return false;
    }
    pdp_str_t text = pdp__str(file.text, file.len);
    digest_add(run, text);
    bool done =
        pdpd__config_parse(&out->config, pdp__str_z(path), text, out->own);
    out->keys = out->config.keys;
    pdpd__trusted_free(&file);
    return done;
}

bool
pdpd__documents_load(const char *config_path, struct pdpd__documents *out)
{
    struct run run = {.out = out};
    pdp_mem_t mem = pdp__mem_default();
    uint64_t failures = pdp__heap_failures();
    *out = (struct pdpd__documents){0};
    out->own = pdp__report_new(&mem);
    run.digest = EVP_MD_CTX_new();
    if (out->own == NULL || run.digest == NULL ||
        EVP_DigestInit_ex(run.digest, EVP_sha256(), NULL) != 1 ||
        pdp_loader_new(NULL, &run.loader) != PDP_OK) {
        EVP_MD_CTX_free(run.digest);
        out->incomplete = true;
        return false;
    }
    if (load_config(&run, config_path)) {
        load_all(&run);
    }
    run.failed = EVP_DigestFinal_ex(run.digest, out->digest, NULL) != 1 ||
                 run.failed || pdp__report_failed(out->own) ||
                 pdp__heap_failures() != failures;
    EVP_MD_CTX_free(run.digest);
    pdp_loader_free(run.loader);
    out->incomplete = run.failed || out->incomplete ||
                      (out->snapshot == NULL && !has_errors(out));
    if (run.failed) {
        pdp_snapshot_release(out->snapshot);
        out->snapshot = NULL;
    }
    return out->snapshot != NULL;
}

/* What the loader says of key sets that it was not given: each was told
 * already, with the reason, if one could not be read. */
static bool
is_told_twice(const struct pdpd__documents *documents,
    const pdp_finding_t *finding)
{
    return documents->keys_failed &&
           pdp__str_eq(finding->code,
               pdp__str_z(pdp__code_name(PDP__CODE_MISSING_SOURCE)));
}

/* Steps over findings of the loader, from *index on, that are not told; false:
 * there are no more. */
static bool
step(const struct pdpd__documents *documents, size_t *index,
    pdp_finding_t *finding)
{
    for (;; (*index)++) {
        *finding = (pdp_finding_t){.size = sizeof(*finding)};
        if (pdp_report_at(documents->loader, *index, finding) != PDP_OK) {
            return false;
        }
        if (!is_told_twice(documents, finding)) {
            return true;
        }
    }
}

size_t
pdpd__documents_finding_cnt(const struct pdpd__documents *documents)
{
    pdp_finding_t finding;
    size_t cnt = pdp_report_count(documents->own);
    for (size_t i = 0; step(documents, &i, &finding); i++) {
        cnt++;
    }
    return cnt;
}

pdp_finding_t
pdpd__documents_finding(const struct pdpd__documents *documents, size_t index,
    pdp_str_t *path)
{
    pdp_finding_t finding = {.size = sizeof(finding)};
    size_t own_cnt = pdp_report_count(documents->own);
    bool found = false;
    if (index < own_cnt) {
        found = pdp_report_at(documents->own, index, &finding) == PDP_OK;
    } else {
        /* There may be thousands, and mostly all of them are told. */
        size_t at = documents->keys_failed ? 0 : index - own_cnt;
        size_t more = index - own_cnt - at;
        found = step(documents, &at, &finding);
        for (; found && more > 0; more--) {
            at++;
            found = step(documents, &at, &finding);
        }
    }
    if (!found) {
        finding = (pdp_finding_t){.size = sizeof(finding)};
        finding.severity = PDP_SEVERITY_ERROR;
        finding.message = PDP__LIT("there is no such finding");
    }
    *path = finding.source;
    for (size_t i = 0; i < documents->alias_cnt; i++) {
        if (documents->aliases[i].name != NULL &&
            documents->aliases[i].path != NULL &&
            pdp__str_eq(pdp__str_z(documents->aliases[i].name),
                finding.source)) {
            *path = pdp__str_z(documents->aliases[i].path);
        }
    }
    return finding;
}

void
pdpd__documents_free(struct pdpd__documents *documents)
{
    pdp_snapshot_release(documents->snapshot);
    pdp_report_free(documents->own);
    pdp_report_free(documents->loader);
    for (size_t i = 0; i < documents->watched_cnt; i++) {
        pdp__heap_free(documents->watched[i].path);
    }
    for (size_t i = 0; i < documents->alias_cnt; i++) {
        pdp__heap_free(documents->aliases[i].name);
        pdp__heap_free(documents->aliases[i].path);
    }
    pdp__heap_free(documents->watched);
    pdp__heap_free(documents->aliases);
    pdpd__keys_free(&documents->fetched);
    pdpd__config_free(&documents->config);
    *documents = (struct pdpd__documents){0};
}
