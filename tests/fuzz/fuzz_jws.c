/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "fuzz_keys.h"
#include "pdp.h"

/*
 * Bytes of a token -> decision, against keys nobody can sign with.
 *
 * Holds for any input: the decision is a deny, no token counts as verified,
 * nobody is the principal, and the reason is one of those that come before a
 * good signature; an offset lies within the token; a second time, the answer
 * is the same; libcrypto's error queue is left empty.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            abort();                                                           \
        }                                                                      \
    } while (0)

#define TRUST                                                                  \
    "{\"format\":\"pdp-trust/1\",\"issuers\":["                                \
    "{\"issuer\":\"https://iam.cloud.ibm.com/identity\",\"keys\":{"            \
    "\"file\":\"keys.json\"}},{\"issuer\":\"https://all.example\","            \
    "\"keys\":{\"file\":\"keys.json\"},\"algorithms\":[\"RS256\",\"RS384\","   \
    "\"RS512\",\"PS256\",\"PS384\",\"PS512\",\"ES256\",\"EdDSA\"],"            \
    "\"audiences\":\"none\",\"typ\":\"none\"}]}"

static pdp_worker_t *worker;

static void
add(pdp_loader_t *loader, pdp_source_kind_t kind, const char *name,
    const char *text)
{
    pdp_source_t source = {.size = sizeof(source),
        .kind = kind,
        .name = {name, strlen(name)},
        .text = {text, strlen(text)}};

    MUST(pdp_loader_add(loader, &source) == PDP_OK);
}

static void
make_worker(void)
{
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    pdp_worker_options_t options = {.size = sizeof(options), .token_cache = 4};

    MUST(pdp_loader_new(NULL, &loader) == PDP_OK);
    add(loader, PDP_SOURCE_TRUST, "trust.json", TRUST);
    add(loader, PDP_SOURCE_JWKS, "keys.json", fuzz_keys);
    MUST(pdp_loader_build(loader, &snapshot, NULL) == PDP_OK);
    pdp_loader_free(loader);
    MUST(pdp_worker_new(snapshot, NULL, &options, &worker) == PDP_OK);
    pdp_snapshot_release(snapshot);
}

static void
check(const pdp_decision_t *decision, size_t token_len)
{
    pdp_token_info_t token = {.size = sizeof(token)};
    pdp_principal_t principal = {.size = sizeof(principal)};
    int64_t offset = pdp_decision_offset(decision);

    MUST(decision != NULL);
    MUST(pdp_decision_effect(decision) == PDP_EFFECT_DENY);
    switch (pdp_decision_reason(decision)) {
    case PDP_REASON_TOKEN_MALFORMED:
    case PDP_REASON_ALG_REFUSED:
    case PDP_REASON_KEY_UNKNOWN:
    case PDP_REASON_SIGNATURE_INVALID:
    case PDP_REASON_ISSUER_UNTRUSTED:
    case PDP_REASON_CLAIM_INVALID: /* an issuer that is no string */
        break;
    default:
        abort();
    }
    MUST(offset >= -1 && offset <= (int64_t)token_len);
    MUST(!pdp_decision_token(decision, &token));
    MUST(!pdp_decision_principal(decision, &principal));
    MUST(pdp_decision_account(decision).ptr == NULL);
    MUST(pdp_decision_cache_max_age_sec(decision) == 0);
    MUST(pdp_decision_missing_cnt(decision) == 1);
    MUST(ERR_peek_error() == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char scheme[] = "Bearer ";
    const pdp_decision_t *decision = NULL;

    if (worker == NULL) {
        make_worker();
    }
    /* An exact block: a byte read beyond the token shows. */
    char *value = malloc(sizeof(scheme) - 1 + size);
    MUST(value != NULL);
    memcpy(value, scheme, sizeof(scheme) - 1);
    if (size > 0) {
        memcpy(value + sizeof(scheme) - 1, data, size);
    }
    pdp_header_t header = {{"Authorization", 13},
        {value, sizeof(scheme) - 1 + size}};
    pdp_request_t request = {.size = sizeof(request),
        .method = {"GET", 3},
        .target = {"/api/v1/auth", 12},
        .headers = &header,
        .header_cnt = 1,
        .now_sec = INT64_C(1795253400)};
    MUST(pdp_decide(worker, &request, &decision) == PDP_OK);
    check(decision, size);
    pdp_reason_t reason = pdp_decision_reason(decision);
    int64_t offset = pdp_decision_offset(decision);
    MUST(pdp_decide(worker, &request, &decision) == PDP_OK);
    check(decision, size);
    MUST(pdp_decision_reason(decision) == reason);
    MUST(pdp_decision_offset(decision) == offset);
    free(value);
    return 0;
}
