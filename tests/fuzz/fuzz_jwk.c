/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "base/mem.h"
#include "crypto/key.h"

/*
 * JWK and JWKS -> keys.  Input: JSON, a key or an object with `keys`.
 *
 * Holds for any input: a result that is not OK leaves no key and has a
 * phrase and a node; a key has algorithms, and accepts neither an empty
 * signature nor constant ones (a key that does would accept anything);
 * libcrypto's error queue is left empty.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIZE_MAX_IN = 65536, NODES = 4096 };

#define MUST(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            abort();                                                           \
        }                                                                      \
    } while (0)

static void
use_key(const struct pdp__key *key)
{
    static const size_t lens[] = {0, 64, 96, 132, 256, 384, 512, 1024};
    uint32_t algs = pdp__key_algs(key);

    MUST(algs != 0 && (algs & PDP__ALG_BIT(PDP__ALG_NONE)) == 0 &&
         algs < PDP__ALG_BIT(PDP__ALG_COUNT));
    for (unsigned alg = 0; alg <= PDP__ALG_COUNT; alg++) {
        for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
            unsigned char signature[1024] = {0};

            MUST(!pdp__key_verify(key, (enum pdp__alg)alg, PDP__LIT("a.b"),
                signature, lens[i]));
            signature[0] = 1; /* R of Ed25519: the identity */
            MUST(!pdp__key_verify(key, (enum pdp__alg)alg, PDP__LIT("a.b"),
                signature, lens[i]));
        }
    }
}

static void
import(const struct pdp__json_doc *doc, uint32_t ix)
{
    struct pdp__key *key = NULL;
    const char *why = NULL;
    uint32_t node = UINT32_MAX;
    pdp_mem_t mem = pdp__mem_default();
    enum pdp__key_result result =
        pdp__key_import(doc, ix, &mem, &key, &why, &node);

    MUST(ERR_peek_error() == 0);
    if (result == PDP__KEY_OK) {
        MUST(key != NULL);
        use_key(key);
        MUST(ERR_peek_error() == 0);
    } else {
        MUST(key == NULL && why != NULL && why[0] != '\0');
        MUST(node >= ix && node < doc->nodes[ix].end);
    }
    pdp__key_free(key);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pdp__json nodes[NODES];
    struct pdp__json_doc doc;

    if (size > SIZE_MAX_IN) {
        return 0;
    }
    char *text = malloc(size + 1);

    MUST(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    if (pdp__json_read(text, size, nodes, NODES, &doc)) {
        uint32_t keys = 0;

        if (pdp__json_is(&doc, 0, PDP__JSON_OBJECT)) {
            keys = pdp__json_member(&doc, 0, PDP__LIT("keys"));
        }
        if (keys != 0 && pdp__json_is(&doc, keys, PDP__JSON_ARRAY)) {
            PDP__JSON_EACH(&doc, keys, ix)
            {
                import(&doc, ix);
            }
        } else {
            import(&doc, 0);
        }
    }
    free(text);
    return 0;
}
