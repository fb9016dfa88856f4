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
 *   no DIRECTORY nothing is known about groups, namespaces, custom roles
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
    PDP_SOURCE_SERVICE = 1,  /* pdp-service(5), format pdp-service/1 */
    PDP_SOURCE_TRUST = 2,    /* pdp-trust(5), format pdp-trust/1 */
    PDP_SOURCE_JWKS = 3,     /* RFC 7517 JWK set */
    PDP_SOURCE_POLICIES = 4, /* pdp-policies(5), IAM v2 access policies */
    PDP_SOURCE_DIRECTORY = 5 /* pdp-policies(5), format pdp-directory/1 */
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

/* One document.  Everything is copied by pdp_loader_add(). */
typedef struct pdp_source {
    size_t size; /* sizeof(pdp_source_t), set by the caller */
    pdp_source_kind_t kind;
    pdp_str_t name; /* for findings; usually the file name */
    pdp_str_t text; /* the document, JSON, UTF-8; up to 64 MiB */
    const pdp_position_t *positions; /* NULL: text is what was written */
    size_t position_cnt;             /* sorted by offset */
} pdp_source_t;

/*
 * pdp_loader_new: an empty loader, given to the caller.  mem is copied;
 * NULL means malloc() and free().  The snapshot and the report use the same
 * memory functions.  PDP_E_NOMEM, PDP_E_ARGUMENT.  Since 0.1.0.
 */
PDP_API PDP_WUR pdp_status_t pdp_loader_new(const pdp_mem_t *mem,
    pdp_loader_t **out);

/*
 * pdp_loader_add: adds a document; it is copied now and read by
 * pdp_loader_build().  PDP_E_NOMEM; PDP_E_LIMIT: the text is over 64 MiB;
 * PDP_E_ARGUMENT.  Allocates.  Since 0.1.0.
 */
PDP_API PDP_WUR pdp_status_t pdp_loader_add(pdp_loader_t *loader,
    const pdp_source_t *source);

/*
 * pdp_loader_set_seed: seeds the hashes of the snapshot (default 0).  Equal
 * documents and equal seed give an equal snapshot.  Daemons pass a random
 * value.  Since 0.1.0.
 */
PDP_API void pdp_loader_set_seed(pdp_loader_t *loader, uint64_t seed);

/*
 * pdp_loader_needs: the name of the index-th JWKS file that a trust
 * document added so far names in "keys" and that was not added yet; false
 * when there are no more.  The caller reads the file, relative to the trust
 * document, and adds it as PDP_SOURCE_JWKS under exactly this name.  *name
 * and *from (the trust document that names it) are borrowed until the
 * loader is freed.  Allocates.  Since 0.1.0.
 */
PDP_API PDP_WUR bool pdp_loader_needs(pdp_loader_t *loader, size_t index,
    pdp_str_t *name, pdp_str_t *from);

/*
 * pdp_loader_build: reads all documents and compiles the snapshot, which is
 * given to the caller (pdp_snapshot_release()).  *report is given, too
 * (pdp_report_free()), also with PDP_OK (it may hold warnings); it is NULL
 * on PDP_E_NOMEM.  report may be NULL if the caller does not want one.
 * PDP_E_INVALID: at least one error was found, *snapshot is NULL;
 * PDP_E_NOMEM; PDP_E_LIMIT; PDP_E_ARGUMENT; PDP_E_INTERNAL.
 * May be called once per loader.  Allocates.  Since 0.1.0.
 */
PDP_API PDP_WUR pdp_status_t pdp_loader_build(pdp_loader_t *loader,
    pdp_snapshot_t **snapshot, pdp_report_t **report);

/* pdp_loader_free: frees a loader; NULL is allowed.  Since 0.1.0. */
PDP_API void pdp_loader_free(pdp_loader_t *loader);

#ifdef __cplusplus
}
#endif

#endif
