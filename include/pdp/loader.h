/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_LOADER_H
#define PDP_LOADER_H

/*
 * Documents in, one immutable snapshot and one report out.
 *
 *     pdp_loader_t *loader = NULL;
 *     pdp_snapshot_t *snapshot = NULL;
 *     pdp_report_t *report = NULL;
 *     pdp_loader_new(NULL, &loader);
 *     pdp_loader_add(loader, &jwks);            (as often as needed)
 *     pdp_loader_build(loader, &snapshot, &report);
 *     pdp_loader_free(loader);
 *
 * All or nothing: with one error in any document there is no snapshot.
 * What is not added has a default:
 *   no SERVICE   IBM Cloud Container Registry, built in
 *   no TRUST     the issuer of IBM Cloud IAM; the JWKS added are its keys
 *   no JWKS      no keys: every token is denied, key_unknown
 *   no POLICIES  only the token's own policy claims grant
 *   no DIRECTORY nothing is known about groups, namespaces, custom roles,
 *                tags
 *   no RESTRICTIONS  nobody is denied for where the request comes from
 *   no REVOCATIONS   no token is revoked
 *
 * Documents may be added in any order, and several of each kind: they add
 * up.  Each status must be checked; the lines above leave that out.
 *
 * A loader is used once: new, add, build, free.  The snapshot and the report
 * do not need it any more once it has built them.
 */

#include "pdp/base.h"
#include "pdp/report.h"
#include "pdp/snapshot.h"
#include "pdp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pdp_loader pdp_loader_t;

/* What a document is.  Each is described in the manual page named. */
typedef enum pdp_source_kind {
    PDP_SOURCE_NONE = 0,
    PDP_SOURCE_SERVICE = 1,      /* pdp-service(5), format pdp-service/1 */
    PDP_SOURCE_TRUST = 2,        /* pdp-trust(5), format pdp-trust/1 */
    PDP_SOURCE_JWKS = 3,         /* RFC 7517 JWK set */
    PDP_SOURCE_POLICIES = 4,     /* pdp-policies(5), IAM v2 access policies */
    PDP_SOURCE_DIRECTORY = 5,    /* pdp-directory(5), format pdp-directory/1 */
    PDP_SOURCE_RESTRICTIONS = 6, /* pdp-restrictions(5), context-based
                                  * restrictions: zones and rules */
    PDP_SOURCE_REVOCATIONS = 7   /* pdp-revocations(5), format
                                  * pdp-revocations/1 */
} pdp_source_kind_t;

/*
 * Where a byte of the JSON text came from in the file its author wrote.
 * For callers that convert another notation (YAML) to JSON: findings are
 * reported at the author's line and column.
 */
typedef struct pdp_position {
    size_t offset;   /* in bytes, into pdp_source_t.text */
    uint32_t line;   /* from 1 */
    uint32_t column; /* from 1 */
} pdp_position_t;

/*
 * One document.  Everything is copied by pdp_loader_add().
 *
 * name: for findings, usually the file name; any bytes, may be absent.  The
 * name of a key set decides more than that: a trust document that names the
 * file in "keys" takes its keys from the sources of exactly this name.  With
 * trust documents, a key set that none of them names is an error.
 *
 * positions: sorted by offset; the last one at or before a byte counts.
 */
typedef struct pdp_source {
    size_t size; /* sizeof(pdp_source_t), set by the caller */
    pdp_source_kind_t kind;
    pdp_str_t name;
    pdp_str_t text; /* the document, JSON, UTF-8; up to 64 MiB */
    const pdp_position_t *positions; /* NULL: text is what was written */
    size_t position_cnt;             /* items of positions */
} pdp_source_t;

/*
 * pdp_loader_new: an empty loader.
 *
 * Ownership: mem is copied; *out is given (pdp_loader_free()).  The snapshot
 *     and the report made by the loader use the same memory functions, so
 *     what mem->user points to must outlive them, too.
 * NULL: mem may be NULL, which means malloc() and free(); out may not.
 * Returns: PDP_OK; PDP_E_NOMEM; PDP_E_ARGUMENT: out, mem->alloc or mem->free
 *     is NULL.  On an error *out is NULL.
 * Thread safety: any thread.
 * Allocates: the loader, some hundred bytes.
 * Since: 0.1.
 */
PDP_API PDP_WUR pdp_status_t pdp_loader_new(const pdp_mem_t *mem,
    pdp_loader_t **out);

/*
 * pdp_loader_add: adds one document.  It is only kept: what is wrong with it
 * is reported by pdp_loader_build().
 *
 * Ownership: source and everything it points to is copied.
 * NULL: loader and source may not be NULL; the members name, text and
 *     positions may be NULL where their length or count is 0.
 * Returns: PDP_OK; PDP_E_NOMEM; PDP_E_LIMIT: the text is longer than 64 MiB
 *     (67108864 bytes); PDP_E_ARGUMENT: a NULL that is not allowed,
 *     source->size or ->kind is wrong, positions are not sorted, or
 *     pdp_loader_build() was called.  After a failure nothing can be built
 *     with this loader: the document may be the one with the denials.
 * Thread safety: one thread at a time for each loader.
 * Allocates: the copies.
 * Since: 0.1.
 */
PDP_API PDP_WUR pdp_status_t pdp_loader_add(pdp_loader_t *loader,
    const pdp_source_t *source);

/*
 * pdp_loader_set_seed: seeds the hashes of the snapshot; the default is 0.
 * Equal documents in equal order and an equal seed give an equal snapshot.
 * A program that serves strangers passes a random value, so that nobody can
 * prepare requests that hash alike.  No decision depends on it.
 *
 * NULL: loader may be NULL; nothing happens then.
 * Returns: nothing.  After pdp_loader_build() it has no effect.
 * Thread safety: one thread at a time for each loader.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API void pdp_loader_set_seed(pdp_loader_t *loader, uint64_t seed);

/*
 * pdp_loader_needs: the index-th key set that is still missing: a file that a
 * trust document added so far names in "keys", and that was not added under
 * exactly this name as PDP_SOURCE_JWKS.  The caller reads it (the name is
 * relative to the trust document) and adds it.  A name is not empty and has no
 * NUL; slashes, `..` and line ends are possible.
 *
 * The list gets shorter with each set that is added, so a loop asks for
 * index 0 again after each success, and for the next index after a failure.
 *
 * Ownership: *name and *from (the name of the trust document) are borrowed
 *     until the loader is freed.
 * NULL: any NULL argument makes the call return false.
 * Returns: true with *name and *from set; false: no more, or not enough
 *     memory, which pdp_loader_build() will then report as PDP_E_NOMEM.  A
 *     trust document that cannot be read names nothing here.
 * Thread safety: one thread at a time for each loader.
 * Allocates: for each trust document, once.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_loader_needs(pdp_loader_t *loader, size_t index,
    pdp_str_t *name, pdp_str_t *from);

/*
 * pdp_loader_build: reads all documents and compiles the snapshot.
 *
 * Ownership: *snapshot is given (pdp_snapshot_release()), *report is given
 *     (pdp_report_free()).  Neither needs the loader any more.
 * NULL: report may be NULL if the caller does not want one; loader and
 *     snapshot may not.
 * Returns: PDP_OK: *snapshot and *report are set; the report may hold
 *     warnings and notes.
 *     PDP_E_INVALID: some document has an error; *snapshot is NULL, *report
 *     tells all of them.
 *     PDP_E_LIMIT: the compiled documents would exceed 4 GiB, or no hash
 *     could be found for them (another seed may help); *snapshot is NULL,
 *     *report is set.
 *     PDP_E_NOMEM: *snapshot and *report are NULL.
 *     PDP_E_ARGUMENT: loader or snapshot is NULL, or it is not the first
 *     call; *snapshot and *report, where given, are NULL.
 *     What a pdp_loader_add() returned that did not work; *snapshot and
 *     *report are NULL.
 *     A loader is used up by the call unless loader or snapshot is NULL.
 * Thread safety: one thread at a time for each loader.
 * Allocates: the snapshot, the report, and a multiple of the documents'
 *     size while it runs; keys within libcrypto.
 * Since: 0.1.
 */
PDP_API PDP_WUR pdp_status_t pdp_loader_build(pdp_loader_t *loader,
    pdp_snapshot_t **snapshot, pdp_report_t **report);

/*
 * pdp_loader_free: frees a loader, before or after it has built.
 *
 * Ownership: takes the loader back, with what pdp_loader_needs() handed out.
 * NULL: allowed, and does nothing.
 * Returns: nothing.
 * Thread safety: one thread at a time for each loader.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API void pdp_loader_free(pdp_loader_t *loader);

#ifdef __cplusplus
}
#endif

#endif
