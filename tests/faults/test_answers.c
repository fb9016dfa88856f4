/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Every function of libcrypto whose answer decides, made to answer anything:
 * only 1 is a yes.  Negative answers taken for a yes have opened real
 * gateways.
 *
 * Linked with --wrap for each function of CALLS below.  A run without a plan
 * counts the calls; then each call of each function in turn gives each wrong
 * answer, with its real work done (so that nothing but the answer tells) and
 * without.  crypto_calls.sh holds this list against the functions that lib/
 * really uses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>

#include <openssl/param_build.h>

#include "fault_util.h"

/* name, parameters, arguments; what is given back: an int with 1 as the only
 * yes, or a pointer. */
#define INT_CALLS(X)                                                           \
    X(EVP_PKEY_fromdata_init, (EVP_PKEY_CTX * ctx), (ctx))                     \
    X(EVP_PKEY_fromdata,                                                       \
        (EVP_PKEY_CTX * ctx, EVP_PKEY * *out, int part, OSSL_PARAM *params),   \
        (ctx, out, part, params))                                              \
    X(EVP_PKEY_public_check, (EVP_PKEY_CTX * ctx), (ctx))                      \
    X(EVP_DigestVerifyInit_ex,                                                 \
        (EVP_MD_CTX * ctx, EVP_PKEY_CTX * *pctx, const char *hash,             \
            OSSL_LIB_CTX *lib, const char *props, EVP_PKEY *pkey,              \
            const OSSL_PARAM *params),                                         \
        (ctx, pctx, hash, lib, props, pkey, params))                           \
    X(EVP_PKEY_CTX_set_rsa_padding, (EVP_PKEY_CTX * ctx, int pad), (ctx, pad)) \
    X(EVP_PKEY_CTX_set_rsa_pss_saltlen, (EVP_PKEY_CTX * ctx, int len),         \
        (ctx, len))                                                            \
    X(EVP_PKEY_CTX_set_rsa_mgf1_md_name,                                       \
        (EVP_PKEY_CTX * ctx, const char *hash, const char *props),             \
        (ctx, hash, props))                                                    \
    X(OSSL_PARAM_BLD_push_BN,                                                  \
        (OSSL_PARAM_BLD * bld, const char *key, const BIGNUM *number),         \
        (bld, key, number))                                                    \
    X(BN_mod_sqr,                                                              \
        (BIGNUM * out, const BIGNUM *a, const BIGNUM *m, BN_CTX *ctx),         \
        (out, a, m, ctx))                                                      \
    X(BN_mod_mul,                                                              \
        (BIGNUM * out, const BIGNUM *a, const BIGNUM *b, const BIGNUM *m,      \
            BN_CTX *ctx),                                                      \
        (out, a, b, m, ctx))                                                   \
    X(BN_add_word, (BIGNUM * a, BN_ULONG w), (a, w))                           \
    X(BN_sub_word, (BIGNUM * a, BN_ULONG w), (a, w))                           \
    X(BN_hex2bn, (BIGNUM * *out, const char *hex), (out, hex))                 \
    X(BN_kronecker, (const BIGNUM *a, const BIGNUM *b, BN_CTX *ctx),           \
        (a, b, ctx))                                                           \
    X(EVP_MD_CTX_copy_ex, (EVP_MD_CTX * out, const EVP_MD_CTX *in), (out, in)) \
    X(EVP_DigestVerify,                                                        \
        (EVP_MD_CTX * ctx, const unsigned char *sig, size_t sig_len,           \
            const unsigned char *text, size_t len),                            \
        (ctx, sig, sig_len, text, len))                                        \
    X(ECDSA_SIG_set0, (ECDSA_SIG * pair, BIGNUM * r, BIGNUM * s),              \
        (pair, r, s))                                                          \
    X(i2d_ECDSA_SIG, (const ECDSA_SIG *pair, unsigned char **out), (pair, out))

#define POINTER_CALLS(X)                                                       \
    X(EVP_PKEY_CTX *, EVP_PKEY_CTX_new_from_name,                              \
        (OSSL_LIB_CTX * lib, const char *name, const char *props),             \
        (lib, name, props))                                                    \
    X(EVP_PKEY_CTX *, EVP_PKEY_CTX_new_from_pkey,                              \
        (OSSL_LIB_CTX * lib, EVP_PKEY * pkey, const char *props),              \
        (lib, pkey, props))                                                    \
    X(EVP_MD_CTX *, EVP_MD_CTX_new, (void), ())                                \
    X(OSSL_PARAM_BLD *, OSSL_PARAM_BLD_new, (void), ())                        \
    X(OSSL_PARAM *, OSSL_PARAM_BLD_to_param, (OSSL_PARAM_BLD * bld), (bld))    \
    X(BN_CTX *, BN_CTX_new, (void), ())                                        \
    X(BIGNUM *, BN_bin2bn, (const unsigned char *s, int len, BIGNUM *out),     \
        (s, len, out))                                                         \
    X(BIGNUM *, BN_lebin2bn, (const unsigned char *s, int len, BIGNUM *out),   \
        (s, len, out))                                                         \
    X(ECDSA_SIG *, ECDSA_SIG_new, (void), ())

enum call {
#define X(name, params, args) CALL_##name,
    INT_CALLS(X)
#undef X
#define X(type, name, params, args) CALL_##name,
        POINTER_CALLS(X)
#undef X
            CALLS
};

#define X(name, params, args) +1
static const unsigned ints = 0 INT_CALLS(X);
#undef X

static const char *const names[CALLS] = {
#define X(name, params, args) #name,
    INT_CALLS(X)
#undef X
#define X(type, name, params, args) #name,
        POINTER_CALLS(X)
#undef X
};

/* Which call gets which answer. */
static struct {
    bool on;
    enum call call;
    size_t at;    /* from 1 */
    bool onwards; /* and all later ones */
    int answer;   /* pointers: NULL */
    bool work;    /* the real function runs, and its answer is dropped */
} plan;

static size_t seen[CALLS];

static bool
planned(enum call call)
{
    seen[call]++;
    return plan.on && plan.call == call &&
           (seen[call] == plan.at || (plan.onwards && seen[call] > plan.at));
}

#define X(name, params, args)                                                  \
    int __real_##name params;                                                  \
    int __wrap_##name params;                                                  \
    int __wrap_##name params                                                   \
    {                                                                          \
        if (!planned(CALL_##name)) {                                           \
            return __real_##name args;                                         \
        }                                                                      \
        if (plan.work) {                                                       \
            (void)__real_##name args;                                          \
        }                                                                      \
        return plan.answer;                                                    \
    }
INT_CALLS(X)
#undef X

#define X(type, name, params, args)                                            \
    type __real_##name params;                                                 \
    type __wrap_##name params;                                                 \
    type __wrap_##name params                                                  \
    {                                                                          \
        return planned(CALL_##name) ? NULL : __real_##name args;               \
    }
POINTER_CALLS(X)
#undef X

static const int answers[] = {INT_MIN, -256, -2, -1, 0, 2, 3, 256, 257,
    INT_MAX};

enum { ANSWERS = sizeof(answers) / sizeof(answers[0]) };

/* Real work and a wrong answer do not go together: what ECDSA_SIG_set0()
 * took it has taken, and only a 0 says that it has not. */
static bool
may_work(enum call call)
{
    return (unsigned)call < ints && call != CALL_ECDSA_SIG_set0;
}

typedef void judge_fn(size_t kind);

/* Each wrong answer of each call that `fn` makes; returns how many. */
static size_t
answer_wrongly(judge_fn *fn, size_t kind)
{
    size_t total[CALLS];
    size_t runs = 0;

    plan.on = false;
    memset(seen, 0, sizeof(seen));
    fn(kind);
    memcpy(total, seen, sizeof(total));
    for (unsigned call = 0; call < CALLS; call++) {
        for (size_t at = 1; at <= total[call]; at++) {
            for (size_t i = 0; i < (call < ints ? ANSWERS : 1); i++) {
                for (int work = 0; work <= may_work(call); work++) {
                    plan.on = true;
                    plan.call = call;
                    plan.at = at;
                    plan.onwards = call == CALL_EVP_DigestVerify;
                    plan.answer = answers[i];
                    plan.work = work == 1;
                    memset(seen, 0, sizeof(seen));
                    fn(kind);
                    plan.on = false;
                    runs++;
                }
            }
        }
    }
    assert_int_equal(ERR_peek_error(), 0);
    return runs;
}

static void
fail_plan(const char *what, int got, int wanted, size_t kind)
{
    fail_msg("%s with %s: %s, call %zu, answers %d (work %d): %d, not %d", what,
        kinds[kind].alg, names[plan.call], plan.at, plan.answer, plan.work, got,
        wanted);
}

/* What a load must come to. */
static pdp_status_t
wanted_status(void)
{
    if (!plan.on) {
        return PDP_OK;
    }
    /* The one answer that is about the key: -2 says that there is none. */
    if (plan.call == CALL_BN_kronecker && plan.answer != -2) {
        return PDP_E_INVALID;
    }
    return PDP_E_NOMEM;
}

static bool
has_error(const pdp_report_t *report, const char *code)
{
    bool found = false;

    for (size_t i = 0; i < pdp_report_count(report); i++) {
        pdp_finding_t finding = {.size = sizeof(finding)};

        assert_int_equal(pdp_report_at(report, i, &finding), PDP_OK);
        found = found || (finding.severity == PDP_SEVERITY_ERROR &&
                             finding.code.len == strlen(code) &&
                             memcmp(finding.code.ptr, code, strlen(code)) == 0);
    }
    return found;
}

static void
load_once(size_t kind)
{
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    pdp_status_t status = build(NULL, jwks[kind], &snapshot, &report);

    if (status != wanted_status()) {
        fail_plan("load", (int)status, (int)wanted_status(), kind);
    }
    assert_int_equal(snapshot != NULL, status == PDP_OK);
    assert_int_equal(report != NULL, status != PDP_E_NOMEM);
    if (status == PDP_E_INVALID) {
        assert_int_equal(pdp_report_errors(report), 1);
        assert_true(has_error(report, "bad_key"));
    }
    assert_int_equal(ERR_peek_error(), 0);
    pdp_report_free(report);
    pdp_snapshot_release(snapshot);
}

static void
loading(void **state)
{
    size_t runs = 0;

    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        runs += answer_wrongly(load_once, i);
    }
    print_message("%zu wrong answers while loading\n", runs);
    assert_true(runs > 500);
}

static pdp_worker_t *cold;

static pdp_reason_t
wanted_reason(void)
{
    if (!plan.on) {
        return PDP_REASON_PERMITTED;
    }
    /* Whatever it is, without an error of libcrypto's it is a no. */
    if (plan.call == CALL_EVP_DigestVerify) {
        return PDP_REASON_SIGNATURE_INVALID;
    }
    return PDP_REASON_INTERNAL;
}

static void
decide_once(size_t kind)
{
    pdp_reason_t reason = ask(cold, tokens[kind]);

    if (reason != wanted_reason()) {
        fail_plan("decision", (int)reason, (int)wanted_reason(), kind);
    }
    size_t counted[CALLS];

    memcpy(counted, seen, sizeof(seen));
    plan.on = false;
    /* What comes next is judged as ever. */
    assert_int_equal(ask(cold, forged[kind]), PDP_REASON_SIGNATURE_INVALID);
    assert_int_equal(ask(cold, tokens[kind]), PDP_REASON_PERMITTED);
    memcpy(seen, counted, sizeof(seen));
}

static void
deciding(void **state)
{
    pdp_snapshot_t *snapshot = NULL;
    size_t runs = 0;

    (void)state;
    assert_int_equal(build(NULL, all_jwks, &snapshot, NULL), PDP_OK);
    cold = new_worker(snapshot, true);
    for (size_t i = 0; i < KINDS; i++) {
        runs += answer_wrongly(decide_once, i);
    }
    print_message("%zu wrong answers while deciding\n", runs);
    assert_true(runs > 100);
    pdp_worker_free(cold);
    pdp_snapshot_release(snapshot);
}

/* A token that was seen before needs nothing of libcrypto. */
static void
warm_decisions_ask_nothing(void **state)
{
    pdp_snapshot_t *snapshot = NULL;

    (void)state;
    assert_int_equal(build(NULL, all_jwks, &snapshot, NULL), PDP_OK);
    for (size_t i = 0; i < KINDS; i++) {
        pdp_worker_t *worker = new_worker(snapshot, false);
        static const size_t none[CALLS];

        assert_int_equal(ask(worker, tokens[i]), PDP_REASON_PERMITTED);
        memset(seen, 0, sizeof(seen));
        assert_int_equal(ask(worker, tokens[i]), PDP_REASON_PERMITTED);
        assert_memory_equal(seen, none, sizeof(seen));
        /* The forged one is never warm. */
        assert_int_equal(ask(worker, forged[i]), PDP_REASON_SIGNATURE_INVALID);
        assert_true(seen[CALL_EVP_DigestVerify] > 0);
        pdp_worker_free(worker);
    }
    pdp_snapshot_release(snapshot);
}

/* Each function was called at all: otherwise nothing was tested. */
static void
every_function_was_called(void **state)
{
    pdp_snapshot_t *snapshot = NULL;

    (void)state;
    memset(seen, 0, sizeof(seen));
    assert_int_equal(build(NULL, all_jwks, &snapshot, NULL), PDP_OK);
    cold = new_worker(snapshot, true);
    for (size_t i = 0; i < KINDS; i++) {
        assert_int_equal(ask(cold, tokens[i]), PDP_REASON_PERMITTED);
    }
    for (size_t i = 0; i < CALLS; i++) {
        if (seen[i] == 0) {
            fail_msg("%s is never called", names[i]);
        }
    }
    pdp_worker_free(cold);
    pdp_snapshot_release(snapshot);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loading),
        cmocka_unit_test(deciding),
        cmocka_unit_test(warm_decisions_ask_nothing),
        cmocka_unit_test(every_function_was_called),
    };

    if (argc > 1 && strcmp(argv[1], "--list") == 0) {
        for (size_t i = 0; i < CALLS; i++) {
            puts(names[i]);
        }
        return 0;
    }
    return cmocka_run_group_tests(tests, make_kinds, NULL);
}
