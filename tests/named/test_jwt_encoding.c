/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Known failures of JWT verifiers, by number: one token, several spellings.
 * J7 J8 J18 J24, T34 T35.
 *
 * Two members of one name, spare bits, padding, a NUL: wherever a reader is
 * lax, another one reads something else.  Every other spelling of a good
 * token is refused, and the offset names the byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/failing_mem.h"
#include "token_cases.h"

/* JSON objects in which the second of two equal names begins where `at` is
 * NULL-terminated: text before it, text from it on. */
struct twice {
    const char *before;
    const char *from;
};

static const char *
joined(const struct twice *one)
{
    static char text[TEXT_MAX];

    snprintf(text, sizeof(text), "%s%s", one->before, one->from);
    return text;
}

static void
j07_t34_header_members_twice(void **state)
{
    static const struct twice cases[] = {
        {"{\"alg\":\"RS256\",", "\"alg\":\"RS256\",\"kid\":\"rsa\"}"},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa\",", "\"alg\":\"none\"}"},
        {"{\"alg\":\"none\",\"kid\":\"rsa\",", "\"alg\":\"RS256\"}"},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa\",", "\"\\u0061lg\":\"RS256\"}"},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa\",", "\"a\\u006cg\":\"RS256\"}"},
        {"{\"al\\u0067\":\"RS256\",\"kid\":\"rsa\",", "\"alg\":\"RS256\"}"},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa\",", "\"kid\":\"rsa\"}"},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa\",", "\"kid\":\"other\"}"},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa\",", "\"k\\u0069d\":\"rsa\"}"},
        {"{\"alg\":\"RS256\",\"typ\":\"JWT\",", "\"typ\":\"JWT\"}"},
        {"{\"alg\":\"RS256\",\"cty\":\"JWT\",", "\"cty\":\"x\"}"},
        {"{\"alg\":\"RS256\",\"x5t\":1,", "\"x5t\":2}"},
        {"{\"alg\":\"RS256\",\"crit\":[],", "\"crit\":[]}"},
        {"{\"alg\":\"RS256\",\"\":1,", "\"\":1}"},
        {"{\"alg\":\"RS256\",\"x\":{\"y\":1,", "\"y\":1}}"},
        {"{\"alg\":\"RS256\",\"x\":[{\"y\":{\"z\":1,", "\"\\u007A\":1}}]}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        refuse(token_headed(joined(&cases[i])), PDP_REASON_TOKEN_MALFORMED,
            json_offset(0, strlen(cases[i].before)));
    }
    accept_token(token_headed("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"x\":{"
                              "\"alg\":1},\"y\":[{\"x\":1},{\"x\":1}]}"));
}

static void
refuse_payload(const char *payload, size_t json_at)
{
    token_of(&fixture, payload);
    refuse(fixture.token, PDP_REASON_TOKEN_MALFORMED,
        json_offset(payload_at(fixture.token), json_at));
}

/* Each claim that we read and some that we do not, once more at the end:
 * with the same value, with another one, and with an escape in its name. */
static void
j07_t34_claims_twice(void **state)
{
    static const char *const claims[] = {"iss", "sub", "aud", "exp", "nbf",
        "iat", "jti", "iam_id", "account", "groups", "scope", "roles",
        "actions", "policies", "typ", "realmid", "x", ""};
    static const char *const values[] = {"1", "\"a\"", "null", "[]", "{}"};
    char text[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(claims); i++) {
        for (size_t j = 0; j < COUNT(values); j++) {
            snprintf(text, sizeof(text), "{\"%s\":1,\"z\":0,", claims[i]);
            size_t at = strlen(text);
            snprintf(text + at, sizeof(text) - at, "\"%s\":%s}", claims[i],
                values[j]);
            refuse_payload(text, at);
            if (claims[i][0] != '\0') {
                snprintf(text + at, sizeof(text) - at, "\"\\u%04x%s\":%s}",
                    (unsigned)claims[i][0], claims[i] + 1, values[j]);
                refuse_payload(text, at);
            }
        }
    }
}

/* In a token that is good in all else, so that nothing but the second
 * member can refuse it. */
static void
j07_t34_claims_of_a_good_token_twice(void **state)
{
    static const char *const again[] = {"\"iss\":\"" IBM_ISSUER "\"",
        "\"iss\":\"https://x.example\"", "\"iam_id\":\"IBMid-270000TEST\"",
        "\"iam_id\":\"IBMid-270000EVIL\"", "\"exp\":1795256980",
        "\"exp\":1795999999", "\"iat\":1795253380", "\"scope\":\"ibm openid\"",
        "\"account\":{\"bss\":\"" ACCOUNT "\"}",
        "\"account\":{\"bss\":\"" OTHER_ACCOUNT "\"}",
        "\"roles\":[\"Manager\"]", "\"r\\u006fles\":[\"Manager\"]",
        "\"\\u0069ss\":\"" IBM_ISSUER "\"", "\"e\\u0078p\":1795256980",
        "\"\\u0069\\u0061\\u006d_id\":\"x\""};
    char text[TEXT_MAX];

    (void)state;
    accept_token(token_with(&fixture, READER));
    for (size_t i = 0; i < COUNT(again); i++) {
        snprintf(text, sizeof(text), "%s%s,", CLAIMS, READER);
        size_t at = strlen(text);
        append(text, again[i]);
        append(text, "}");
        refuse_payload(text, at);
    }
}

static void
j07_t34_nested_members_twice(void **state)
{
    static const struct twice cases[] = {
        {"{\"account\":{\"bss\":\"a\",", "\"bss\":\"a\"}}"},
        {"{\"account\":{\"bss\":\"a\",", "\"b\\u0073s\":\"b\"}}"},
        {"{\"account\":{\"valid\":false,", "\"valid\":true}}"},
        {"{\"x\":{\"y\":1,", "\"y\":1}}"},
        {"{\"x\":[1,{\"y\":1,", "\"y\":2}]}"},
        {"{\"x\":{\"a\":{\"b\":{\"c\":{\"d\":1,", "\"d\":1}}}}}"},
        {"{\"policies\":[{\"id\":\"p\",", "\"id\":\"q\"}]}"},
        {"{\"policies\":[{\"control\":{\"grant\":{},", "\"grant\":{}}}]}"},
        {"{\"a\\n\":1,\"x\":{\"\\u00e9\":1,", "\"\xc3\xa9\":2}}"},
        {"{\"x\":{\"\\ud83d\\ude00\":1,", "\"\xf0\x9f\x98\x80\":2}}"},
        {"{\"x\":{\"/\":1,", "\"\\/\":2}}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        refuse_payload(joined(&cases[i]), strlen(cases[i].before));
    }
}

/* Also in an object of so many members that they are sorted. */
static void
j07_t34_one_of_many_members_twice(void **state)
{
    char text[TEXT_MAX];

    (void)state;
    for (unsigned twin = 0; twin < 200; twin += 13) {
        size_t len =
            (size_t)snprintf(text, sizeof(text), "%s%s", CLAIMS, READER);
        for (unsigned i = 0; i < 200; i++) {
            len += (size_t)snprintf(text + len, sizeof(text) - len,
                ",\"m%u\":%u", i, i);
        }
        snprintf(text + len, sizeof(text) - len, "}");
        accept_token(token_of(&fixture, text));
        snprintf(text + len, sizeof(text) - len, ",\"m%u\":0}", twin);
        refuse_payload(text, len + 1);
    }
}

/* The part of fixture.token from `start`, `len` characters of it. */
struct part {
    size_t start;
    size_t len;
};

static void
find_parts(struct part parts[static 3])
{
    const char *text = fixture.token;
    size_t payload = payload_at(text);
    size_t signature = signature_at(text);

    parts[0] = (struct part){0, payload - 1};
    parts[1] = (struct part){payload, signature - 1 - payload};
    parts[2] = (struct part){signature, strlen(text) - signature};
}

/* Good tokens whose parts end in 0, 2 and 4 spare bits. */
static const char *
padded_token(unsigned header_pad, unsigned payload_pad)
{
    char head[128];
    char more[64];

    snprintf(head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":\"rsa\"%*s}",
        (int)header_pad, "");
    snprintf(more, sizeof(more), "%*s", (int)payload_pad, "");
    return sign_token(&fixture, head, payload_of(IBM_ISSUER, more), fixture.rsa,
        PDP__ALG_RS256);
}

/* fixture.token with `more` (len bytes) put in at `at`. */
static void
refuse_inserted(size_t at, const char *more, size_t len, int64_t offset)
{
    char text[TOKEN_CAP];
    size_t all = strlen(fixture.token);

    memcpy(text, fixture.token, at);
    memcpy(text + at, more, len);
    memcpy(text + at + len, fixture.token + at, all - at + 1);
    refuse_bytes(text, all + len, PDP_REASON_TOKEN_MALFORMED, offset);
}

/* Bytes that lax decoders skip, stop at, or take for others. */
static const char foreign[] = {'=', '+', '/', ' ', '\n', '\r', '\t', '\v', '\f',
    '\0', '?', '#', '%', ',', ':', '~', '!', '"', '\\', '\x7f', '\x80', '\xff'};

/*
 * White space before the token is not part of it: RFC 9110 11.4 allows more
 * than one space there.
 */
static void
j08_t35_foreign_byte_anywhere(void **state)
{
    struct part parts[3];

    (void)state;
    accept_token(padded_token(0, 0));
    find_parts(parts);
    for (size_t p = 0; p < 3; p++) {
        size_t ends[] = {parts[p].start, parts[p].start + 1,
            parts[p].start + parts[p].len / 2,
            parts[p].start + parts[p].len - 1, parts[p].start + parts[p].len};
        for (size_t i = 0; i < COUNT(ends); i++) {
            for (size_t c = 0; c < sizeof(foreign); c++) {
                if (ends[i] == 0 && foreign[c] == ' ') {
                    continue;
                }
                refuse_inserted(ends[i], &foreign[c], 1, (int64_t)ends[i]);
            }
        }
    }
}

/* In place of a good character, at every place of the token. */
static void
j08_t35_foreign_byte_instead(void **state)
{
    (void)state;
    accept_token(padded_token(1, 2));
    size_t len = strlen(fixture.token);
    for (size_t at = 0; at < len; at++) {
        char saved = fixture.token[at];
        if (saved == '.') {
            continue;
        }
        char byte = foreign[at % sizeof(foreign)];
        if (at == 0 && byte == ' ') {
            byte = '=';
        }
        fixture.token[at] = byte;
        refuse_bytes(fixture.token, len, PDP_REASON_TOKEN_MALFORMED,
            (int64_t)at);
        fixture.token[at] = saved;
    }
    accept_token(fixture.token);
}

static void
j08_t35_padding_and_white_space_at_each_end(void **state)
{
    static const char *const tails[] = {"=", "==", "===", "====", " ", "  ",
        "\n", "\r\n", "\t", "%3D", "&", ";x"};
    struct part parts[3];

    (void)state;
    for (unsigned pad = 0; pad < 3; pad++) {
        accept_token(padded_token(pad, pad));
        find_parts(parts);
        for (size_t p = 0; p < 3; p++) {
            size_t end = parts[p].start + parts[p].len;
            for (size_t i = 0; i < COUNT(tails); i++) {
                refuse_inserted(end, tails[i], strlen(tails[i]), (int64_t)end);
            }
        }
    }
}

static unsigned
value_of(char c)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *at = strchr(alphabet, c);

    assert_non_null(at);
    return (unsigned)(at - alphabet);
}

/* Every other value of the spare bits of every part: 3 for two of them, 15
 * for four. */
static size_t
refuse_spare_bits(void)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct part parts[3];
    size_t cnt = 0;

    find_parts(parts);
    for (size_t p = 0; p < 3; p++) {
        size_t last = parts[p].start + parts[p].len - 1;
        size_t rest = parts[p].len % 4;
        unsigned spare = rest == 2 ? 16 : rest == 3 ? 4 : 1;
        char saved = fixture.token[last];

        assert_int_equal(value_of(saved) % spare, 0);
        for (unsigned bits = 1; bits < spare; bits++) {
            fixture.token[last] = alphabet[value_of(saved) + bits];
            refuse(fixture.token, PDP_REASON_TOKEN_MALFORMED, (int64_t)last);
            cnt++;
        }
        fixture.token[last] = saved;
    }
    return cnt;
}

static void
j08_t35_every_spare_bit(void **state)
{
    size_t cnt = 0;

    (void)state;
    for (unsigned pad = 0; pad < 3; pad++) {
        accept_token(padded_token(pad, pad));
        cnt += refuse_spare_bits();
    }
    /* Header and payload end once in each way; the signature of 256 bytes
     * always in four spare bits. */
    assert_int_equal(cnt, 2 * (15 + 3) + 3 * 15);
    for (size_t i = 0; i < COUNT(signers); i++) {
        accept_token(token_by(&signers[i]));
        assert_true(refuse_spare_bits() > 0);
    }
}

/* Cut to 1 mod 4, in each part; the offset is the end of the part. */
static void
j08_t35_length_that_no_bytes_have(void **state)
{
    struct part parts[3];
    char text[TOKEN_CAP];

    (void)state;
    for (unsigned pad = 0; pad < 3; pad++) {
        accept_token(padded_token(pad, pad));
        find_parts(parts);
        for (size_t p = 0; p < 3; p++) {
            size_t end = parts[p].start + parts[p].len;
            for (size_t len = 1; len <= parts[p].len; len += 4) {
                size_t from = parts[p].start + len;

                memcpy(text, fixture.token, from);
                memcpy(text + from, fixture.token + end,
                    strlen(fixture.token) - end + 1);
                refuse(text, PDP_REASON_TOKEN_MALFORMED, (int64_t)from);
            }
        }
    }
}

/* The other alphabet: a token that holds + and / once it is respelled. */
static void
j08_t35_base64_instead_of_base64url(void **state)
{
    size_t seen = 0;

    (void)state;
    accept_token(token_headed(RSA_HEADER));
    size_t len = strlen(fixture.token);
    for (size_t at = 0; at < len; at++) {
        char saved = fixture.token[at];
        if (saved == '-' || saved == '_') {
            fixture.token[at] = saved == '-' ? '+' : '/';
            refuse(fixture.token, PDP_REASON_TOKEN_MALFORMED, (int64_t)at);
            fixture.token[at] = saved;
            seen++;
        }
    }
    assert_true(seen > 0); /* 342 characters: never none */
}

/* U+0000 in every string and name, of header and payload. */
static void
j24_no_string_ends_early(void **state)
{
    static const char *const payloads[] = {"{\"sub\":\"admin\\u0000x\"}",
        "{\"iss\":\"" IBM_ISSUER "\\u0000\"}",
        "{\"iss\":\"" IBM_ISSUER "\\u0000.evil.example\"}",
        "{\"aud\":[\"pdp\\u0000\"]}", "{\"iam_id\":\"IBMid-1\\u0000\"}",
        "{\"account\":{\"bss\":\"" ACCOUNT "\\u0000\"}}",
        "{\"account\\u0000\":1}", "{\"roles\":[\"Reader\\u0000\"]}",
        "{\"x\":[[[\"\\u0000\"]]]}", "{\"\\u0000\":0}",
        "{\"scope\":\"\\u0000\"}", "{\"groups\":[\"a\",\"\\u0000b\"]}"};
    static const char *const heads[] =
        {"{\"alg\":\"RS256\\u0000\",\"kid\":\"rsa\"}",
            "{\"alg\\u0000\":\"RS256\",\"kid\":\"rsa\"}",
            "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"JWT\\u0000\"}",
            "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"x\":\"\\u0000\"}"};

    (void)state;
    for (size_t i = 0; i < COUNT(payloads); i++) {
        refuse_payload(payloads[i],
            (size_t)(strstr(payloads[i], "\\u0000") - payloads[i]));
    }
    for (size_t i = 0; i < COUNT(heads); i++) {
        refuse(token_headed(heads[i]), PDP_REASON_TOKEN_MALFORMED,
            json_offset(0, (size_t)(strstr(heads[i], "\\u0000") - heads[i])));
    }
}

/* The raw byte: inside a string, between tokens, behind the object, and
 * behind a good token. */
static void
j24_raw_nul(void **state)
{
    static const char *const payloads[] = {"{\"sub\":\"admin?x\"}",
        "{\"sub\":\"admin\"?}", "{?}", "?{}", "{}?", "{\"su?b\":1}",
        "{\"a\":1?}"};
    char text[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(payloads); i++) {
        unsigned char bytes[64];
        size_t len = strlen(payloads[i]);
        size_t at = (size_t)(strchr(payloads[i], '?') - payloads[i]);

        memcpy(bytes, payloads[i], len);
        bytes[at] = 0;
        text[0] = '\0';
        append_base64url(text, (const unsigned char *)RSA_HEADER,
            strlen(RSA_HEADER));
        append(text, ".");
        size_t start = strlen(text);
        append_base64url(text, bytes, len);
        append(text, ".c2ln");
        refuse(text, PDP_REASON_TOKEN_MALFORMED, json_offset(start, at));
    }
    accept_token(token_headed(RSA_HEADER));
    size_t len = strlen(fixture.token);
    memcpy(fixture.token + len + 1, "x", 2);
    refuse_bytes(fixture.token, len + 1, PDP_REASON_TOKEN_MALFORMED,
        (int64_t)len);
    refuse_bytes(fixture.token, len + 2, PDP_REASON_TOKEN_MALFORMED,
        (int64_t)len);
}

/* Memory of the worker and of libcrypto, asked for since it was reset. */
static struct failing_mem asked = {.left = SIZE_MAX};

static void
assert_no_memory_asked(const char *token, size_t len, int64_t offset)
{
    asked.left = SIZE_MAX;
    crypto_calls = 0;
    crypto_fail_at = SIZE_MAX; /* counts, and never fails */
    refuse_bytes(token, len, PDP_REASON_TOKEN_MALFORMED, offset);
    assert_int_equal(asked.left, SIZE_MAX);
    assert_int_equal(crypto_calls, 0);
    crypto_fail_at = 0;
}

/* Over 8 KiB nothing is looked at; below it, the third dot ends it; no
 * memory is taken for any of it. */
static void
j18_a_megabyte_of_dots(void **state)
{
    static const size_t lens[] = {2, 3, 4, 1000, 8191, 8192, 8193, 10000,
        1000000, 1 << 20};
    const pdp_mem_t mem = failing(&asked);
    pdp_worker_t *saved = fixture.worker;
    char *dots = malloc(1 << 20);

    (void)state;
    assert_non_null(dots);
    memset(dots, '.', 1 << 20);
    assert_int_equal(pdp_worker_new(fixture.snapshot, &mem, NULL,
                         &fixture.worker),
        PDP_OK);
    assert_true(asked.live > 0); /* what is counted is the worker's memory */
    for (size_t i = 0; i < COUNT(lens); i++) {
        assert_no_memory_asked(dots, lens[i],
            lens[i] == 2 || lens[i] > 8192 ? 0 : 2);
    }
    /* The control: libcrypto's memory is counted, too. */
    crypto_fail_at = SIZE_MAX;
    accept_token(token_headed(RSA_HEADER));
    assert_true(crypto_calls > 0);
    crypto_fail_at = 0;
    pdp_worker_free(fixture.worker);
    assert_int_equal(asked.live, 0);
    fixture.worker = saved;
    free(dots);
}

/* A signed token whose payload is as long as it likes. */
static size_t
long_token(const char *payload)
{
    char *text = fixture.token;
    unsigned char signature[256];
    size_t len = 0;

    len += pdp__base64url_encode((const unsigned char *)RSA_HEADER,
        strlen(RSA_HEADER), text, TOKEN_CAP);
    text[len++] = '.';
    len += pdp__base64url_encode((const unsigned char *)payload,
        strlen(payload), text + len, TOKEN_CAP - len);
    assert_int_equal(sign_jws(fixture.rsa, &manners[0], (pdp_str_t){text, len},
                         signature, sizeof(signature)),
        sizeof(signature));
    text[len++] = '.';
    len += pdp__base64url_encode(signature, sizeof(signature), text + len,
        TOKEN_CAP - len);
    text[len] = '\0';
    return len;
}

/* The limit itself: good tokens of 8192 bytes and less, and the first one
 * beyond. */
static void
j18_8192_bytes_and_one_more(void **state)
{
    char payload[TEXT_MAX];
    size_t len = 0;
    size_t good = 0;

    (void)state;
    for (int pad = 5400; len <= 8192; pad++) {
        snprintf(payload, sizeof(payload), "%s%s,\"x\":\"%0*d\"}", CLAIMS,
            READER, pad, 0);
        len = long_token(payload);
        if (len <= 8192) {
            accept_token(fixture.token);
            good = len;
        }
    }
    assert_in_range(good, 8191, 8192);
    assert_in_range(len, 8193, 8194);
    refuse(fixture.token, PDP_REASON_TOKEN_MALFORMED, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(j07_t34_header_members_twice),
        cmocka_unit_test(j07_t34_claims_twice),
        cmocka_unit_test(j07_t34_claims_of_a_good_token_twice),
        cmocka_unit_test(j07_t34_nested_members_twice),
        cmocka_unit_test(j07_t34_one_of_many_members_twice),
        cmocka_unit_test(j08_t35_foreign_byte_anywhere),
        cmocka_unit_test(j08_t35_foreign_byte_instead),
        cmocka_unit_test(j08_t35_padding_and_white_space_at_each_end),
        cmocka_unit_test(j08_t35_every_spare_bit),
        cmocka_unit_test(j08_t35_length_that_no_bytes_have),
        cmocka_unit_test(j08_t35_base64_instead_of_base64url),
        cmocka_unit_test(j18_a_megabyte_of_dots),
        cmocka_unit_test(j18_8192_bytes_and_one_more),
        cmocka_unit_test(j24_no_string_ends_early),
        cmocka_unit_test(j24_raw_nul),
    };

    wrap_crypto_memory();
    return cmocka_run_group_tests(tests, load_issuers, free_issuers);
}
