/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <jansson.h>
#include <openssl/err.h>

#include "fuzz_keys.h"
#include "load_check.h"
#include "load_model.h"
#include "sign.h"

/*
 * Bytes of a token -> decision.  Two kinds of input:
 *
 * 1. The token itself, against keys nobody can sign with.  The decision is a
 *    deny, no token counts as verified, nobody is the principal, and the
 *    reason is one of those that come before a good signature; an offset lies
 *    within the token.
 *
 * 2. A byte 01, then the header, LF, the payload: the target signs them.
 *    Signed by the rogue key, what holds for 1 holds.  Signed by the good
 *    one, it may be verified: then header and payload, read with jansson,
 *    have the algorithm, the key and the issuer, and no member that we must
 *    not ignore; and if it is allowed, times, principal and account are
 *    there and right.  With any one bit of it flipped, it is not verified.
 *
 * Always: a second time the answer is the same, and libcrypto's error queue
 * is left empty.
 */

#define TRUST                                                                  \
    "{\"format\":\"pdp-trust/1\",\"issuers\":["                                \
    "{\"issuer\":\"https://iam.cloud.ibm.com/identity\",\"keys\":{"            \
    "\"file\":\"keys.json\"}},{\"issuer\":\"https://all.example\","            \
    "\"keys\":{\"file\":\"keys.json\"},\"algorithms\":[\"RS256\",\"RS384\","   \
    "\"RS512\",\"PS256\",\"PS384\",\"PS512\",\"ES256\",\"EdDSA\"],"            \
    "\"audiences\":\"none\",\"typ\":\"none\"},"                                \
    "{\"issuer\":\"" MODEL_ISSUER "\",\"keys\":{\"file\":\"good.json\"},"      \
    "\"algorithms\":[\"ES256\",\"EdDSA\"],\"audiences\":[\"birds\",\"b\"],"    \
    "\"typ\":\"at+jwt\"}]}"

enum { INPUT_MAX = 32768 };

static pdp_worker_t *worker;

static void
make_worker(void)
{
    struct added added = {0};

    MUST(pdp_loader_new(NULL, &added.loader) == PDP_OK);
    add(&added, PDP_SOURCE_TRUST, text_of("trust.json"), text_of(TRUST));
    add(&added, PDP_SOURCE_JWKS, text_of("keys.json"), text_of(fuzz_keys));
    add(&added, PDP_SOURCE_JWKS, text_of("good.json"), text_of(good_keys()));
    worker = build_worker(&added);
}

/* What holds where nobody signed. */
static void
check_unsigned(const pdp_decision_t *decision)
{
    pdp_token_info_t token = {.size = sizeof(token)};
    pdp_principal_t principal = {.size = sizeof(principal)};

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
        MUST(false); /* a reason that comes after the signature */
    }
    MUST(!pdp_decision_token(decision, &token));
    MUST(!pdp_decision_principal(decision, &principal));
    MUST(pdp_decision_account(decision).ptr == NULL);
    MUST(pdp_decision_cache_max_age_sec(decision) == 0);
    MUST(pdp_decision_missing_cnt(decision) == 1);
}

/* Decides twice; value: of the header Authorization, an exact block. */
static const pdp_decision_t *
decide(pdp_str_t value)
{
    const pdp_decision_t *decision = NULL;
    pdp_header_t header = {{"Authorization", 13}, value};
    pdp_request_t request = {.size = sizeof(request),
        .method = {"GET", 3},
        .target = {"/api/v1/auth", 12},
        .headers = &header,
        .header_cnt = 1,
        .now_sec = FUZZ_NOW};

    MUST(pdp_decide(worker, &request, &decision) == PDP_OK);
    pdp_reason_t reason = pdp_decision_reason(decision);
    int64_t offset = pdp_decision_offset(decision);
    MUST(pdp_decide(worker, &request, &decision) == PDP_OK);
    MUST(pdp_decision_reason(decision) == reason);
    MUST(pdp_decision_offset(decision) == offset);
    MUST(offset >= -1 && offset <= (int64_t)value.len - 7);
    MUST(ERR_peek_error() == 0);
    return decision;
}

/* What a verified token must have been, by jansson. */
static void
check_verified(json_t *header, json_t *payload)
{
    static const char *const never[] = {"crit", "b64", "zip", "jwk", "jku",
        "x5u", "x5c"};
    json_t *kid = json_object_get(header, "kid");

    MUST(json_is_object(header) && json_is_object(payload));
    MUST(is_text(json_object_get(header, "alg"), "EdDSA"));
    MUST(kid == NULL || is_text(kid, "k"));
    MUST(is_text(json_object_get(payload, "iss"), MODEL_ISSUER));
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        MUST(json_object_get(header, never[i]) == NULL);
    }
}

/* What an allowed one must have been beyond that. */
static void
check_allowed(const pdp_decision_t *decision, json_t *header, json_t *payload)
{
    static const char *const types[] = {"at+jwt", "application/at+jwt", NULL};
    json_t *account = json_object_get(payload, "account");
    json_t *bss = json_object_get(account, "bss");
    json_t *valid = json_object_get(account, "valid");
    json_t *aud = json_object_get(payload, "aud");
    pdp_principal_t principal = {.size = sizeof(principal)};
    double now = (double)FUZZ_NOW;

    MUST(json_number_value(json_object_get(payload, "exp")) >= now);
    MUST(json_number_value(json_object_get(payload, "nbf")) <= now + 60);
    MUST(json_number_value(json_object_get(payload, "iat")) <= now + 60);
    MUST(is_text(aud, "birds") || is_text(aud, "b") || has_text(aud, "birds") ||
         has_text(aud, "b"));
    const char *typ = json_string_value(json_object_get(header, "typ"));
    MUST(typ != NULL);
    pdp_str_t given = text_of(typ);
    MUST(given.len == strlen(types[0]) || given.len == strlen(types[1]));
    MUST(json_string_length(bss) > 0);
    MUST(valid == NULL || json_is_true(valid));
    MUST(pdp_decision_principal(decision, &principal));
    MUST(same_text(principal.id,
        text_of(json_string_value(json_object_get(payload, "iam_id")))));
    MUST(same_text(principal.account, text_of(json_string_value(bss))));
    MUST(same_text(pdp_decision_account(decision), principal.account));
    /* the route wants auth.get, and only the token's claims can grant it */
    MUST(json_array_size(json_object_get(payload, "roles")) +
             json_array_size(json_object_get(payload, "actions")) +
             json_array_size(json_object_get(payload, "policies")) >
         0);
}

static void
check_good(char *value, size_t len, pdp_str_t header, pdp_str_t payload)
{
    pdp_token_info_t token = {.size = sizeof(token)};
    const pdp_decision_t *decision = decide((pdp_str_t){value, len});
    bool allowed = pdp_decision_effect(decision) == PDP_EFFECT_ALLOW;
    json_t *head =
        json_loadb(header.ptr, header.len, JSON_REJECT_DUPLICATES, NULL);
    json_t *body =
        json_loadb(payload.ptr, payload.len, JSON_REJECT_DUPLICATES, NULL);

    MUST(allowed == pdp_reason_allows(pdp_decision_reason(decision)));
    if (pdp_decision_token(decision, &token)) {
        MUST(token.verified && same_text(token.alg, text_of("EdDSA")));
        check_verified(head, body);
    } else {
        MUST(!allowed);
    }
    if (allowed) {
        check_allowed(decision, head, body);
    }
    json_decref(head);
    json_decref(body);
}

/* Header, LF, payload; signed by the rogue, by us, and then damaged. */
static void
check_signed(pdp_str_t input)
{
    const char *end = memchr(input.ptr, '\n', input.len);
    pdp_str_t header = {input.ptr,
        end == NULL ? input.len : (size_t)(end - input.ptr)};
    pdp_str_t payload = {input.ptr + input.len, 0};
    char *out = take(SIGN_CAP);

    if (end != NULL) {
        payload = (pdp_str_t){end + 1, input.len - header.len - 1};
    }
    size_t len = sign_token(ROGUE_BYTE, header, payload, out);
    char *value = take_copy(out, len);
    check_unsigned(decide((pdp_str_t){value, len}));
    free(value);

    len = sign_token(GOOD_BYTE, header, payload, out);
    value = take_copy(out, len);
    free(out);
    check_good(value, len, header, payload);
    /* One bit, somewhere that the input decides; the signature is 86
     * characters at the end. */
    size_t sum = len;
    for (size_t i = 0; i < input.len; i++) {
        sum = sum * 31 + (unsigned char)input.ptr[i];
    }
    const size_t places[] = {7 + sum % (len - 7), len - 1 - sum % 86};
    for (size_t i = 0; i < 2; i++) {
        char bit = (char)(1 << (sum / 128 % 7));
        value[places[i]] ^= bit;
        check_unsigned(decide((pdp_str_t){value, len}));
        value[places[i]] ^= bit;
    }
    free(value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char scheme[] = "Bearer ";
    size_t start = sizeof(scheme) - 1;

    if (worker == NULL) {
        make_worker();
    }
    if (size > INPUT_MAX) {
        return 0;
    }
    if (size > 0 && data[0] == 1) {
        char *copy = take_copy(data + 1, size - 1);
        check_signed((pdp_str_t){copy, size - 1});
        free(copy);
        return 0;
    }
    /* An exact block: a byte read beyond the token shows. */
    char *value = take(start + size);
    memcpy(value, scheme, start);
    if (size > 0) {
        memcpy(value + start, data, size);
    }
    check_unsigned(decide((pdp_str_t){value, start + size}));
    free(value);
    return 0;
}
