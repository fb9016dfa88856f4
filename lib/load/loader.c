/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp/loader.h"

#include "load/builder.h"

/*
 * The cold side from end to end: sources -> documents -> tables -> block.
 *
 *     services    built in, if none is given     then the router
 *     directory
 *     trust       the default issuer, if none
 *     key sets
 *     policies
 *     restrictions                              then the zones they name
 *     revocations
 *
 * in this order, because each names things of those before it.  Every
 * document is read, whatever was found in the others, so that one run tells
 * everything; a snapshot is made only if there was no error at all.
 *
 * Memory: the sources live in the loader's arena, until it is freed; what is
 * built from them in another one, until the build is over.  The snapshot and
 * the report own theirs.  Running out of memory anywhere ends the build with
 * nothing.
 *
 * Not here: files.  A caller learns from pdp_loader_needs() which key sets a
 * trust document names, and reads them in its own way.
 */

enum { TEXT_MAX = 64 * 1024 * 1024 };

struct source {
    pdp_source_t given; /* copied */
    bool scanned;       /* by pdp_loader_needs() */
};

/* A key set that a trust document names. */
struct need {
    pdp_str_t name;
    pdp_str_t from;
};

struct pdp_loader {
    pdp_mem_t mem;
    struct pdp__arena arena;
    struct pdp__vec sources; /* struct source */
    struct pdp__vec needs;   /* struct need */
    uint64_t seed;
    bool built;
    pdp_status_t failed; /* the first failure of a call that adds something */
};

/* One run of the build. */
struct build {
    pdp_loader_t *loader;
    struct pdp__arena arena;
    struct pdp__builder builder;
    pdp_report_t *report;
};

typedef pdp_status_t reader_fn(struct pdp__builder *b,
    const struct pdp__doc *doc);

pdp_status_t
pdp_loader_new(const pdp_mem_t *mem, pdp_loader_t **out)
{
    PDP_ENSURE(out != NULL, PDP_E_ARGUMENT);
    *out = NULL;
    PDP_ENSURE(mem == NULL || (mem->alloc != NULL && mem->free != NULL),
        PDP_E_ARGUMENT);
    pdp_mem_t own = mem == NULL ? pdp__mem_default() : *mem;
    pdp_loader_t *loader = pdp__mem_alloc(&own, sizeof(*loader));
    PDP_ENSURE(loader != NULL, PDP_E_NOMEM);
    loader->mem = own;
    pdp__arena_init(&loader->arena, &own);
    *out = loader;
    return PDP_OK;
}

void
pdp_loader_free(pdp_loader_t *loader)
{
    if (loader != NULL) {
        pdp_mem_t mem = loader->mem;
        pdp__arena_free(&loader->arena);
        pdp__mem_free(&mem, loader);
    }
}

void
pdp_loader_set_seed(pdp_loader_t *loader, uint64_t seed)
{
    if (loader != NULL) {
        loader->seed = seed;
    }
}

/* A struct of the caller that keeps its contract. */
static bool
is_source(const pdp_source_t *source)
{
    if (source == NULL || source->size != sizeof(*source) ||
        source->kind < PDP_SOURCE_SERVICE ||
        source->kind > PDP_SOURCE_REVOCATIONS ||
        (source->text.ptr == NULL && source->text.len > 0) ||
        (source->name.ptr == NULL && source->name.len > 0) ||
        (source->positions == NULL && source->position_cnt > 0)) {
        return false;
    }
    for (size_t i = 1; i < source->position_cnt; i++) {
        if (source->positions[i].offset < source->positions[i - 1].offset) {
            return false;
        }
    }
    return true;
}

static pdp_status_t
add_source(pdp_loader_t *loader, const pdp_source_t *source)
{
    PDP_ENSURE(is_source(source), PDP_E_ARGUMENT);
    PDP_ENSURE(source->text.len <= TEXT_MAX, PDP_E_LIMIT);
    struct pdp__arena *arena = &loader->arena;
    pdp_source_t copy = {
        .size = sizeof(copy),
        .kind = source->kind,
        .name = pdp__arena_copy(arena, source->name),
        .text = pdp__arena_copy(arena, source->text),
        .position_cnt = source->position_cnt,
    };
    PDP_ENSURE(copy.name.ptr != NULL && copy.text.ptr != NULL, PDP_E_NOMEM);
    if (source->position_cnt > 0) {
        pdp_position_t *positions =
            pdp__arena_array(arena, source->position_cnt, sizeof(*positions));
        PDP_ENSURE(positions != NULL, PDP_E_NOMEM);
        memcpy(positions, source->positions,
            source->position_cnt * sizeof(*positions));
        copy.positions = positions;
    }
    struct source *item = pdp__vec_push(arena, &loader->sources, sizeof(*item));
    PDP_ENSURE(item != NULL, PDP_E_NOMEM);
    item->given = copy;
    return PDP_OK;
}

/* A document that could not be added may be the one with the denials: the
 * build must not go on without it, whether or not the caller looks. */
static pdp_status_t
note_failure(pdp_loader_t *loader, pdp_status_t status)
{
    if (loader->failed == PDP_OK) {
        loader->failed = status;
    }
    return status;
}

pdp_status_t
pdp_loader_add(pdp_loader_t *loader, const pdp_source_t *source)
{
    PDP_ENSURE(loader != NULL && !loader->built, PDP_E_ARGUMENT);
    return note_failure(loader, add_source(loader, source));
}

/* Whether a key set of this name was added. */
static bool
has_key_set(const pdp_loader_t *loader, pdp_str_t name)
{
    for (uint32_t i = 0; i < loader->sources.cnt; i++) {
        const pdp_source_t *source =
            &PDP__VEC_AT(&loader->sources, struct source, i)->given;
        if (source->kind == PDP_SOURCE_JWKS &&
            pdp__str_eq(source->name, name)) {
            return true;
        }
    }
    return false;
}

static pdp_status_t
add_need(pdp_loader_t *loader, pdp_str_t name, pdp_str_t from)
{
    for (uint32_t i = 0; i < loader->needs.cnt; i++) {
        if (pdp__str_eq(PDP__VEC_AT(&loader->needs, struct need, i)->name,
                name)) {
            return PDP_OK;
        }
    }
    struct need *need =
        pdp__vec_push(&loader->arena, &loader->needs, sizeof(*need));
    PDP_ENSURE(need != NULL, PDP_E_NOMEM);
    *need = (struct need){name, from};
    return PDP_OK;
}

/* The key sets a trust document names.  What is wrong with the document is
 * for the build to say; here it just names nothing. */
static pdp_status_t
scan_trust(pdp_loader_t *loader, const pdp_source_t *source)
{
    const pdp_str_t path[] = {PDP__LIT("keys"), PDP__LIT("file")};
    uint32_t cap = pdp__json_node_bound(source->text);
    char *text = pdp__arena_alloc(&loader->arena, source->text.len);
    struct pdp__json *nodes =
        pdp__arena_array(&loader->arena, cap, sizeof(*nodes));
    struct pdp__json_doc doc;
    PDP_ENSURE(text != NULL && nodes != NULL, PDP_E_NOMEM);
    memcpy(text, source->text.ptr, source->text.len);
    if (!pdp__json_read(text, source->text.len, nodes, cap, &doc) ||
        !pdp__json_is(&doc, 0, PDP__JSON_OBJECT)) {
        return PDP_OK;
    }
    uint32_t issuers = pdp__json_member(&doc, 0, PDP__LIT("issuers"));
    if (issuers == 0 || !pdp__json_is(&doc, issuers, PDP__JSON_ARRAY)) {
        return PDP_OK;
    }
    PDP__JSON_EACH(&doc, issuers, issuer)
    {
        uint32_t at = issuer;
        for (size_t i = 0; i < 2 && at != 0; i++) {
            at = pdp__json_is(&doc, at, PDP__JSON_OBJECT)
                     ? pdp__json_member(&doc, at, path[i])
                     : 0;
        }
        if (at != 0 && pdp__json_is(&doc, at, PDP__JSON_STRING) &&
            doc.nodes[at].text_len > 0) {
            PDP_TRY(add_need(loader, pdp__json_text(&doc, at), source->name));
        }
    }
    return PDP_OK;
}

bool
pdp_loader_needs(pdp_loader_t *loader, size_t index, pdp_str_t *name,
    pdp_str_t *from)
{
    if (loader == NULL || name == NULL || from == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < loader->sources.cnt; i++) {
        struct source *source = PDP__VEC_AT(&loader->sources, struct source, i);
        if (source->given.kind == PDP_SOURCE_TRUST && !source->scanned) {
            source->scanned = true;
            if (note_failure(loader, scan_trust(loader, &source->given)) !=
                PDP_OK) {
                return false;
            }
        }
    }
    for (uint32_t i = 0; i < loader->needs.cnt; i++) {
        const struct need *need = PDP__VEC_AT(&loader->needs, struct need, i);
        if (has_key_set(loader, need->name)) {
            continue;
        }
        if (index-- == 0) {
            *name = need->name;
            *from = need->from;
            return true;
        }
    }
    return false;
}

static pdp_status_t
read_source(struct build *build, const pdp_source_t *source, reader_fn *reader)
{
    struct pdp__doc doc;
    PDP_TRY(pdp__doc_open(&build->arena, build->report, source, &doc));
    /* Key sets are told apart by name even where they cannot be read. */
    if (!doc.readable && source->kind != PDP_SOURCE_JWKS) {
        return PDP_OK;
    }
    return reader(&build->builder, &doc);
}

/* Reads all sources of a kind; *any tells whether there was one. */
static pdp_status_t
read_sources(struct build *build, pdp_source_kind_t kind, reader_fn *reader,
    bool *any)
{
    const struct pdp__vec *sources = &build->loader->sources;
    *any = false;
    for (uint32_t i = 0; i < sources->cnt; i++) {
        const pdp_source_t *source =
            &PDP__VEC_AT(sources, struct source, i)->given;
        if (source->kind == kind) {
            *any = true;
            PDP_TRY(read_source(build, source, reader));
        }
    }
    return PDP_OK;
}

/* Key sets that a trust document names and nobody gave. */
static void
check_key_files(const struct pdp__builder *b)
{
    for (uint32_t i = 0; i < b->key_files.cnt; i++) {
        const struct pdp__key_file *file =
            PDP__VEC_AT(&b->key_files, struct pdp__key_file, i);
        if (file->file.ptr != NULL && !file->given) {
            pdp__report_add(b->report, PDP__CODE_MISSING_SOURCE, file->place,
                NULL, "the key set \"%.*s\" was not given",
                PDP__ARG(file->file));
        }
    }
}

static pdp_status_t
read_all(struct build *build)
{
    struct pdp__builder *b = &build->builder;
    bool any = false;
    PDP_TRY(read_sources(build, PDP_SOURCE_SERVICE, pdp__read_service, &any));
    if (!any) {
        pdp_source_t builtin = {
            .size = sizeof(builtin),
            .kind = PDP_SOURCE_SERVICE,
            .name = PDP__LIT("(built in)"),
            .text = pdp__builtin_service(),
        };
        PDP_TRY(read_source(build, &builtin, pdp__read_service));
    }
    pdp__regions_unite(b);
    PDP_TRY(pdp__build_router(b));
    PDP_TRY(
        read_sources(build, PDP_SOURCE_DIRECTORY, pdp__read_directory, &any));
    pdp__unite_tags(b);
    PDP_TRY(read_sources(build, PDP_SOURCE_TRUST, pdp__read_trust, &any));
    if (!any) {
        PDP_TRY(pdp__default_trust(b));
    }
    PDP_TRY(read_sources(build, PDP_SOURCE_JWKS, pdp__read_jwks, &any));
    check_key_files(b);
    PDP_TRY(read_sources(build, PDP_SOURCE_POLICIES, pdp__read_policies, &any));
    PDP_TRY(read_sources(build, PDP_SOURCE_RESTRICTIONS, pdp__read_restrictions,
        &any));
    pdp__link_zones(b);
    return read_sources(build, PDP_SOURCE_REVOCATIONS, pdp__read_revocations,
        &any);
}

static pdp_status_t
run(struct build *build, pdp_snapshot_t **snapshot)
{
    PDP_TRY(read_all(build));
    PDP_ENSURE(!build->builder.failed && !pdp__report_failed(build->report),
        PDP_E_NOMEM);
    pdp__report_sort(build->report);
    PDP_ENSURE(pdp_report_errors(build->report) == 0, PDP_E_INVALID);
    return pdp__builder_finish(&build->builder, &build->loader->mem, snapshot);
}

pdp_status_t
pdp_loader_build(pdp_loader_t *loader, pdp_snapshot_t **snapshot,
    pdp_report_t **report)
{
    struct build build = {.loader = loader};
    if (snapshot != NULL) {
        *snapshot = NULL;
    }
    if (report != NULL) {
        *report = NULL;
    }
    PDP_ENSURE(loader != NULL && snapshot != NULL && !loader->built,
        PDP_E_ARGUMENT);
    loader->built = true;
    PDP_TRY(loader->failed);
    build.report = pdp__report_new(&loader->mem);
    PDP_ENSURE(build.report != NULL, PDP_E_NOMEM);
    pdp__arena_init(&build.arena, &loader->mem);
    pdp__builder_init(&build.builder, &build.arena, build.report, loader->seed);
    pdp_status_t status = run(&build, snapshot);
    pdp__builder_free(&build.builder);
    pdp__arena_free(&build.arena);
    if (report != NULL && status != PDP_E_NOMEM) {
        *report = build.report;
    } else {
        pdp_report_free(build.report);
    }
    return status;
}
