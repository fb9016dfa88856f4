/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "crypto/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>

#include "key_util.h"

/*
 * The JWS and JWK vectors of Project Wycheproof, from PDP_VECTORS, with the
 * overrides that say where a strict verifier must differ from the labels.
 * Signatures are judged alone: most payloads of these vectors are no JSON.
 */

/* Splits at dots; how many parts there are, at most max + 1. */
static size_t
split(const char *token, pdp_str_t *parts, size_t max)
{
    size_t cnt = 0;

    for (const char *p = token;; p++) {
        size_t len = strcspn(p, ".");

        if (cnt == max) {
            return max + 1;
        }
        parts[cnt++] = (pdp_str_t){p, len};
        p += len;
        if (*p == '\0') {
            return cnt;
        }
    }
}

/* The header of a compact JWS; false: not one that may be accepted. */
static bool
read_header(pdp_str_t part, char *text, struct pdp__json *nodes,
    struct pdp__json_doc *doc)
{
    static const pdp_str_t refused[] = {PDP__LIT_INIT("crit"),
        PDP__LIT_INIT("b64"), PDP__LIT_INIT("zip"), PDP__LIT_INIT("jwk"),
        PDP__LIT_INIT("jku"), PDP__LIT_INIT("x5u"), PDP__LIT_INIT("x5c")};
    size_t len;
    size_t offset;

    if (!pdp__base64url_decode(part, (unsigned char *)text, TEXT_MAX, &len,
            &offset) ||
        !pdp__json_read(text, len, nodes, NODES_MAX, doc) ||
        !pdp__json_is(doc, 0, PDP__JSON_OBJECT)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (pdp__json_member(doc, 0, refused[i]) != 0) {
            return false;
        }
    }
    return true;
}

/* A compact JWS against one key, payload unseen (RFC 7515 5.2). */
static bool
jws_accepts(const struct pdp__key *key, const char *token)
{
    static unsigned char payload[TEXT_MAX];
    unsigned char signature[TEXT_MAX];
    char text[TEXT_MAX];
    struct pdp__json nodes[NODES_MAX];
    struct pdp__json_doc doc;
    pdp_str_t parts[3];
    size_t len;
    size_t offset;

    if (key == NULL || split(token, parts, 3) != 3 ||
        !read_header(parts[0], text, nodes, &doc) ||
        !pdp__base64url_decode(parts[1], payload, sizeof(payload), &len,
            &offset) ||
        !pdp__base64url_decode(parts[2], signature, sizeof(signature), &len,
            &offset)) {
        return false;
    }
    uint32_t node = pdp__json_member(&doc, 0, PDP__LIT("alg"));

    if (node == 0 || !pdp__json_is(&doc, node, PDP__JSON_STRING)) {
        return false;
    }
    enum pdp__alg alg = pdp__alg_find(pdp__json_text(&doc, node));
    pdp_str_t input = {token, parts[0].len + 1 + parts[1].len};

    return pdp__key_verify(key, alg, input, signature, len);
}

/* An external vector file, or NULL after skip() with a message. */
static json_t *
load_vectors(const char *name)
{
    const char *folder = getenv("PDP_VECTORS");
    char path[1024];

    if (folder == NULL) {
        print_message("PDP_VECTORS is not set: %s is not used\n", name);
        return NULL;
    }
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    json_t *root = json_load_file(path, 0, NULL);

    if (root == NULL) {
        print_message("no %s: not used\n", path);
    }
    return root;
}

/* What the label and the overrides say together. */
static bool
expected_of(const json_t *overrides, const json_t *test)
{
    json_int_t id = json_integer_value(json_object_get(test, "tcId"));
    const char *label = json_string_value(json_object_get(test, "result"));
    char name[16];
    size_t i;
    json_t *item;

    snprintf(name, sizeof(name), "%d", (int)id);
    json_t *own = json_object_get(overrides, name);

    if (own != NULL) {
        const char *expect = json_string_value(json_object_get(own, "expect"));

        assert_string_equal(json_string_value(json_object_get(own, "label")),
            label);
        if (strcmp(expect, "same as 357") == 0) {
            return false; /* 357 is HS256: refused, as listed below */
        }
        assert_string_equal(expect, "reject");
        return false;
    }
    json_array_foreach(
        json_object_get(overrides,
            "_hmac_valid_tcIds_to_reject_when_HS_is_not_supported"),
        i, item)
    {
        if (json_integer_value(item) == id) {
            assert_string_equal(label, "valid");
            return false;
        }
    }
    return strcmp(label, "valid") == 0;
}

static void
test_signatures(void **state)
{
    (void)state;
    json_t *root = load_vectors("wycheproof/json_web_signature_test.json");
    json_t *all = load_vectors("wycheproof/overrides.json");

    if (root == NULL || all == NULL) {
        json_decref(root);
        json_decref(all);
        skip();
    }
    const json_t *overrides =
        json_object_get(all, "json_web_signature_test.json");
    size_t results[PDP__KEY_NOMEM + 1] = {0}; /* vectors by import result */
    size_t accepted = 0;
    size_t rejected = 0;
    size_t unexplained = 0;
    size_t i;
    size_t j;
    json_t *group;
    json_t *test;

    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_t *jwk = json_object_get(group, "public");
        struct imported in;

        if (jwk == NULL) {
            jwk = json_object_get(group, "private"); /* symmetric keys */
        }
        char *text = json_dumps(jwk, JSON_COMPACT);

        import_jwk(&in, text);
        free(text);
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            bool got = jws_accepts(in.key,
                json_string_value(json_object_get(test, "jws")));

            results[in.result]++;
            accepted += got;
            rejected += !got;
            if (got != expected_of(overrides, test)) {
                print_error("tcId %d: %s\n",
                    (int)json_integer_value(json_object_get(test, "tcId")),
                    got ? "accepted" : "rejected");
                unexplained++;
            }
        }
        pdp__key_free(in.key);
    }
    json_decref(root);
    json_decref(all);
    assert_int_equal(unexplained, 0);
    assert_int_equal(accepted, 32);
    assert_int_equal(rejected, 401 - 32);
    assert_int_equal(results[PDP__KEY_OK], 355);
    assert_int_equal(results[PDP__KEY_PRIVATE], 40);
    assert_int_equal(results[PDP__KEY_SKIP], 6);
}

/* One set of keys: refused as a whole by the first bad key, else the last
 * usable key, as the sets of these vectors have one at most. */
static enum pdp__key_result
import_set(const json_t *set, struct pdp__key **key)
{
    size_t i;
    json_t *jwk;
    enum pdp__key_result worst = PDP__KEY_SKIP;

    *key = NULL;
    json_array_foreach(json_object_get(set, "keys"), i, jwk)
    {
        struct imported in;
        char *text = json_dumps(jwk, JSON_COMPACT);

        import_jwk(&in, text);
        free(text);
        if (in.result == PDP__KEY_OK) {
            assert_null(*key);
            *key = in.key;
            worst = PDP__KEY_OK;
        } else if (in.result != PDP__KEY_SKIP) {
            pdp__key_free(*key);
            *key = NULL;
            return in.result;
        }
    }
    return worst;
}

static void
test_key_sets(void **state)
{
    (void)state;
    /* By tcId - 1.  The overrides allow: 7 (ROCA) is found here, 2, 13, 14
     * and 15 are HMAC keys; so 5 is the only set that can be used. */
    static const enum pdp__key_result expected[26] = {PDP__KEY_PRIVATE,
        PDP__KEY_PRIVATE, PDP__KEY_PRIVATE, PDP__KEY_PRIVATE,
        PDP__KEY_OK,   /* 5: acceptsValid */
        PDP__KEY_SKIP, /* 6: use enc */
        PDP__KEY_WEAK, /* 7: ROCA */
        PDP__KEY_WEAK, /* 8: 1024 bits */
        PDP__KEY_WEAK, /* 9: e = 1 */
        PDP__KEY_PRIVATE, PDP__KEY_PRIVATE, PDP__KEY_PRIVATE, PDP__KEY_PRIVATE,
        PDP__KEY_PRIVATE, PDP__KEY_PRIVATE, PDP__KEY_PRIVATE, PDP__KEY_PRIVATE,
        PDP__KEY_PRIVATE, PDP__KEY_SKIP, /* 19: alg ES521 */
        PDP__KEY_SKIP,                   /* 20: alg ES224 */
        PDP__KEY_SKIP,                   /* 21: use enc */
        PDP__KEY_MALFORMED,              /* 22: off the curve */
        PDP__KEY_MALFORMED,              /* 23: P-384 with numbers of P-256 */
        PDP__KEY_MALFORMED,              /* 24: kty RSA with numbers of EC */
        PDP__KEY_PRIVATE, PDP__KEY_PRIVATE};
    json_t *root = load_vectors("wycheproof/json_web_key_test.json");
    size_t cnt = 0;
    size_t accepted = 0;
    size_t i;
    size_t j;
    json_t *group;
    json_t *test;

    if (root == NULL) {
        skip();
    }
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_t *set = json_object_get(group, "public");
        struct pdp__key *key;
        enum pdp__key_result result =
            import_set(set == NULL ? json_object_get(group, "private") : set,
                &key);

        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            json_int_t id = json_integer_value(json_object_get(test, "tcId"));
            bool good = jws_accepts(key,
                json_string_value(json_object_get(test, "jws")));

            assert_in_range(id, 1, 26);
            assert_int_equal(result, expected[id - 1]);
            assert_int_equal(good, id == 5);
            accepted += good;
            cnt++;
        }
        pdp__key_free(key);
    }
    json_decref(root);
    assert_int_equal(cnt, 26);
    assert_int_equal(accepted, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_key_sets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
