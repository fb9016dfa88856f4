/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_LOAD_TARGET_H
#define PDP_TESTS_LOAD_TARGET_H

/*
 * For fuzz targets of documents: one hostile document through the public
 * loader, next to a small service.  What pdp/loader.h and pdp/report.h
 * promise is checked on every input: a snapshot exactly when there is no
 * error; findings with a code, a place inside the text and printable
 * messages; the same findings when the same text is read again.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pdp.h"

#define MUST(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            abort();                                                           \
        }                                                                      \
    } while (0)

static const char small_service[] =
    "{\"format\":\"pdp-service/1\",\"service\":\"birds\",\"actions\":{"
    "\"birds.nest.read\":{\"title\":\"t\",\"scope\":\"namespace\"},"
    "\"birds.plan.set\":{\"title\":\"t\",\"scope\":\"account\"}},"
    "\"roles\":{\"Reader\":{\"actions\":[\"birds.nest.read\"]},"
    "\"Night Watch\":{\"actions\":[\"birds.plan.set\"]}},"
    "\"events\":{},\"params\":{\"namespace\":{\"kind\":\"namespace\"}},"
    "\"regions\":[{\"region\":\"eu-de\",\"aliases\":[\"eu-central\"],"
    "\"hosts\":[\"de.birds.io\"],\"events\":\"eu-de\"}],"
    "\"routes\":[{\"method\":\"GET\",\"path\":\"/nests/{namespace}\","
    "\"title\":\"t\",\"requires\":[{\"action\":\"birds.nest.read\","
    "\"on\":[\"path:namespace\"]}],\"event\":null},"
    "{\"method\":\"PUT\",\"path\":\"/plan\",\"title\":\"t\","
    "\"requires\":[{\"action\":\"birds.plan.set\"}],\"event\":null}]}";

/* RFC 8037 A.2; nobody needs the private half to be secret here. */
static const char small_keys[] =
    "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"k\","
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";

static void
add(pdp_loader_t *loader, pdp_source_kind_t kind, const char *name,
    const char *text, size_t len)
{
    pdp_source_t source = {.size = sizeof(source),
        .kind = kind,
        .name = {name, strlen(name)},
        .text = {text, len}};

    MUST(pdp_loader_add(loader, &source) == PDP_OK);
}

/* A number that differs when the findings do. */
static uint64_t
check_report(const pdp_report_t *report, size_t len)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < pdp_report_count(report); i++) {
        pdp_finding_t f = {.size = sizeof(f)};
        MUST(pdp_report_at(report, i, &f) == PDP_OK);
        MUST(f.code.len > 0 && f.message.len > 0 && f.message.len <= 400);
        MUST((f.line == 0) == (f.column == 0));
        MUST(f.line <= len + 1 && f.column <= len + 1);
        for (size_t k = 0; k < f.message.len; k++) {
            MUST(f.message.ptr[k] >= 0x20 && f.message.ptr[k] < 0x7F);
            sum = sum * 31 + (unsigned char)f.message.ptr[k];
        }
        sum = (sum * 31 + f.line) * 31 + f.column;
    }
    return sum;
}

/* Key sets for every name that a trust document asks for. */
static void
add_needs(pdp_loader_t *loader)
{
    pdp_str_t name;
    pdp_str_t from;

    while (pdp_loader_needs(loader, 0, &name, &from)) {
        pdp_source_t source = {.size = sizeof(source),
            .kind = PDP_SOURCE_JWKS,
            .name = name,
            .text = {small_keys, sizeof(small_keys) - 1}};
        MUST(pdp_loader_add(loader, &source) == PDP_OK);
    }
}

static uint64_t
load_once(pdp_source_kind_t kind, const uint8_t *data, size_t size)
{
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;

    MUST(pdp_loader_new(NULL, &loader) == PDP_OK);
    add(loader, PDP_SOURCE_SERVICE, "s", small_service,
        sizeof(small_service) - 1);
    add(loader, kind, "d", (const char *)data, size);
    if (kind == PDP_SOURCE_TRUST) {
        add_needs(loader);
    }
    pdp_status_t status = pdp_loader_build(loader, &snapshot, &report);
    MUST(status == PDP_OK || status == PDP_E_INVALID);
    MUST((status == PDP_OK) == (snapshot != NULL));
    MUST((status == PDP_OK) == (pdp_report_errors(report) == 0));
    uint64_t sum = check_report(report, size + sizeof(small_service));
    pdp_report_free(report);
    pdp_snapshot_release(snapshot);
    pdp_loader_free(loader);
    return sum;
}

static int
load_target(pdp_source_kind_t kind, const uint8_t *data, size_t size)
{
    static const uint8_t nothing[1] = {0};

    if (size > 1 << 16) {
        return 0;
    }
    data = size == 0 ? nothing : data;
    MUST(load_once(kind, data, size) == load_once(kind, data, size));
    return 0;
}

#endif
