/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/contract.h"

#include "fuzz.h"

/*
 * Headers of a gateway.  The input is a letter for the contract and lines
 * `name:value`; the first line is `method target`.
 *
 * Whatever is accepted can be said in a second way: each header of the
 * contract is there exactly once and not empty, none of its twins is, and
 * what is to be judged lies within the values that were sent.
 */

enum { INPUT_MAX = 4096, OWN_MAX = 4 };

static const char *const own[5][OWN_MAX] = {
    {"x-original-method", "x-original-uri", "x-real-ip", "x-request-id"},
    {"x-original-method", "x-original-url", "x-real-ip", "x-request-id"},
    {"x-forwarded-method", "x-forwarded-uri", "x-forwarded-host",
        "x-forwarded-for"},
    {"x-forwarded-for", "x-request-id", NULL, NULL},
    {NULL, NULL, NULL, NULL},
};

struct seen {
    unsigned same[OWN_MAX];
    unsigned twins;
};

static bool
is_inside(pdp_str_t part, const uint8_t *data, size_t size)
{
    const char *begin = (const char *)data;
    return part.len == 0 ||
           (part.ptr >= begin && part.ptr + part.len <= begin + size);
}

/* The oracle: lower case first, then byte for byte. */
static void
note(struct seen *seen, size_t contract, pdp_str_t name, pdp_str_t value)
{
    char lower[64];
    char dashed[64];
    bool filled = false;
    if (name.len >= sizeof(lower)) {
        return;
    }
    for (size_t i = 0; i < name.len; i++) {
        lower[i] = pdp__lower(name.ptr[i]);
        dashed[i] = lower[i] == '_' ? '-' : lower[i];
    }
    for (size_t i = 0; i < value.len; i++) {
        filled = filled || (value.ptr[i] != ' ' && value.ptr[i] != '\t');
    }
    for (size_t i = 0; i < OWN_MAX && own[contract][i] != NULL; i++) {
        pdp_str_t wanted = pdp__str_z(own[contract][i]);
        if (pdp__str_eq(pdp__str(lower, name.len), wanted)) {
            seen->same[i] += filled ? 1 : 2;
        } else if (pdp__str_eq(pdp__str(dashed, name.len), wanted)) {
            seen->twins++;
        }
    }
}

/* Cuts the first line off. */
static pdp_str_t
line_of(pdp_str_t *rest)
{
    size_t end = pdp__str_find(*rest, '\n', 0);
    pdp_str_t line = pdp__str(rest->ptr, end);
    *rest = pdp__str_from(*rest, end == rest->len ? end : end + 1);
    return line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pdpd__reading reading;
    struct seen seen = {{0}, 0};
    pdp_reason_t reason = PDP_REASON_PERMITTED;
    if (size < 2 || size > INPUT_MAX) {
        return 0;
    }
    size_t contract = data[0] % 5;
    pdp_str_t rest = pdp__str((const char *)data + 1, size - 1);
    pdp_str_t head = line_of(&rest);
    size_t space = pdp__str_find(head, ' ', 0);
    pdp_str_t method = pdp__str(head.ptr, space);
    pdp_str_t target =
        pdp__str_from(head, space == head.len ? space : space + 1);

    pdpd__contract_begin(&reading,
        (enum pdpd__contract)(contract + PDPD__CONTRACT_NGINX),
        contract == 3 ? PDP__LIT("/authz") : (pdp_str_t){NULL, 0});
    while (rest.len > 0) {
        pdp_str_t line = line_of(&rest);
        size_t colon = pdp__str_find(line, ':', 0);
        pdp_str_t name = pdp__str(line.ptr, colon);
        pdp_str_t value =
            pdp__str_from(line, colon == line.len ? colon : colon + 1);
        pdpd__contract_header(&reading, name, value);
        note(&seen, contract, name, value);
    }
    bool taken = pdpd__contract_end(&reading, method, target, &reason);
    MUST(!pdp_reason_allows(reason));
    if (!taken) {
        return 0;
    }
    MUST(contract != 4 && seen.twins == 0);
    for (size_t i = 0; i < OWN_MAX && own[contract][i] != NULL; i++) {
        MUST(seen.same[i] == 1);
    }
    MUST(is_inside(reading.request.method, data, size));
    MUST(is_inside(reading.request.target, data, size));
    MUST(reading.request.header_cnt <= PDPD__KEPT_MAX);
    return 0;
}
