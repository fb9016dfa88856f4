/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_FIXTURE_H
#define PDP_TESTS_FIXTURE_H

/*
 * For tests of decisions, through the public interface only: documents ->
 * snapshot -> worker -> decision, with keys made once per program and tokens
 * minted on the spot.  The clock of all tests stands at NOW.
 * Include after cmocka.h.
 */

#include "assert_text.h"
#include "key_util.h"

#include "pdp.h"

/* 2026-11-21T09:30:00Z */
#define NOW INT64_C(1795253400)
#define ACCOUNT "4f8e2b1c9d3a4b5c8e7f6a5b4c3d2e1f"
#define OTHER_ACCOUNT "00000000000000000000000000000001"
#define IBM_ISSUER "https://iam.cloud.ibm.com/identity"

/* Claims every IBM token has; append members, then "}". */
#define CLAIMS                                                                 \
    "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-270000TEST\","             \
    "\"account\":{\"valid\":true,\"bss\":\"" ACCOUNT "\",\"frozen\":true},"    \
    "\"iat\":1795253380,\"exp\":1795256980,\"scope\":\"ibm openid\""

enum { TOKEN_CAP = 20000, HEADERS_MAX = 8 };

struct fixture {
    EVP_PKEY *rsa;   /* kid "rsa": the key of the default issuer */
    EVP_PKEY *rogue; /* in no key set */
    EVP_PKEY *ec;    /* kid "ec", P-256 */
    EVP_PKEY *ed;    /* kid "ed", Ed25519 */
    pdp_snapshot_t *snapshot;
    pdp_worker_t *worker;
    const pdp_decision_t *decision;
    pdp_request_t request;
    pdp_header_t headers[HEADERS_MAX];
    char token[TOKEN_CAP];
    char bearer[TOKEN_CAP];
    char target[8192]; /* exact copies, so that sanitizers see overruns */
};

static UNUSED pdp_str_t
str(const char *text)
{
    return text == NULL ? (pdp_str_t){NULL, 0}
                        : (pdp_str_t){text, strlen(text)};
}

static UNUSED void
make_keys(struct fixture *f)
{
    if (f->rsa == NULL) {
        f->rsa = EVP_RSA_gen(2048);
        f->rogue = EVP_RSA_gen(2048);
        f->ec = EVP_EC_gen("P-256");
        f->ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    }
    assert_non_null(f->rsa);
    assert_non_null(f->rogue);
    assert_non_null(f->ec);
    assert_non_null(f->ed);
}

/* Appends `jwk` with a kid to a set that is being written. */
static UNUSED void
append_jwk(char *set, const EVP_PKEY *key, const char *crv, const char *kid)
{
    char jwk[TEXT_MAX];

    jwk_of(jwk, key, crv, NULL);
    append(set, set[strlen(set) - 1] == '[' ? "{\"kid\":\"" : ",{\"kid\":\"");
    append(set, kid);
    append(set, "\",\"use\":\"sig\",");
    append(set, jwk + 1);
}

/* {"keys":[rsa, ec, ed]} */
static UNUSED void
make_jwks(struct fixture *f, char *set)
{
    make_keys(f);
    memcpy(set, "{\"keys\":[", 10);
    append_jwk(set, f->rsa, NULL, "rsa");
    append_jwk(set, f->ec, "P-256", "ec");
    append_jwk(set, f->ed, NULL, "ed");
    append(set, "]}");
}

static UNUSED void
unload(struct fixture *f)
{
    pdp_worker_free(f->worker);
    pdp_snapshot_release(f->snapshot);
    f->worker = NULL;
    f->snapshot = NULL;
    f->decision = NULL;
}

/* One document for the loader; text NULL ends a list. */
struct document {
    pdp_source_kind_t kind;
    const char *name;
    const char *text;
};

static UNUSED void
print_report(const pdp_report_t *report)
{
    for (size_t i = 0; i < pdp_report_count(report); i++) {
        pdp_finding_t finding = {.size = sizeof(finding)};

        assert_int_equal(pdp_report_at(report, i, &finding), PDP_OK);
        if (finding.severity == PDP_SEVERITY_ERROR) {
            print_message("%.*s:%u:%u: %.*s\n", (int)finding.source.len,
                finding.source.ptr, finding.line, finding.column,
                (int)finding.message.len, finding.message.ptr);
        }
    }
}

/* Loads documents and the fixture's key set; makes a worker. */
static UNUSED void
load_with(struct fixture *f, const struct document *documents,
    const pdp_worker_options_t *options)
{
    char jwks[TEXT_MAX];
    pdp_loader_t *loader = NULL;
    pdp_report_t *report = NULL;
    pdp_source_t source = {.size = sizeof(source),
        .kind = PDP_SOURCE_JWKS,
        .name = str("keys.json")};

    unload(f);
    make_jwks(f, jwks);
    source.text = str(jwks);
    assert_int_equal(pdp_loader_new(NULL, &loader), PDP_OK);
    assert_int_equal(pdp_loader_add(loader, &source), PDP_OK);
    for (; documents != NULL && documents->text != NULL; documents++) {
        source.kind = documents->kind;
        source.name = str(documents->name);
        source.text = str(documents->text);
        assert_int_equal(pdp_loader_add(loader, &source), PDP_OK);
    }
    pdp_status_t status = pdp_loader_build(loader, &f->snapshot, &report);
    if (status != PDP_OK) {
        print_report(report);
    }
    assert_int_equal(status, PDP_OK);
    pdp_report_free(report);
    pdp_loader_free(loader);
    assert_int_equal(pdp_worker_new(f->snapshot, NULL, options, &f->worker),
        PDP_OK);
}

static UNUSED void
load(struct fixture *f, const struct document *documents)
{
    load_with(f, documents, NULL);
}

/* header "." payload "." signature, each part as given; f->token. */
static UNUSED const char *
sign_token(struct fixture *f, const char *header, const char *payload,
    EVP_PKEY *key, enum pdp__alg alg)
{
    unsigned char signature[2048];
    char *text = f->token;

    text[0] = '\0';
    append_base64url(text, (const unsigned char *)header, strlen(header));
    append(text, ".");
    append_base64url(text, (const unsigned char *)payload, strlen(payload));
    size_t len = sign_jws(key, &manners[alg - 1], str(text), signature,
        sizeof(signature));
    append(text, ".");
    append_base64url(text, signature, len);
    return text;
}

/* A token of the default issuer with the claims CLAIMS more "}". */
static UNUSED const char *
token_with(struct fixture *f, const char *more)
{
    char payload[TEXT_MAX] = CLAIMS;

    append(payload, more);
    append(payload, "}");
    return sign_token(f, "{\"alg\":\"RS256\",\"kid\":\"rsa\"}", payload, f->rsa,
        PDP__ALG_RS256);
}

/* The same with the whole payload given. */
static UNUSED const char *
token_of(struct fixture *f, const char *payload)
{
    return sign_token(f, "{\"alg\":\"RS256\",\"kid\":\"rsa\"}", payload, f->rsa,
        PDP__ALG_RS256);
}

/* Starts a request; header() adds to it, judge() runs it. */
static UNUSED void
request(struct fixture *f, const char *method, const char *target)
{
    memset(&f->request, 0, sizeof(f->request));
    f->request.size = sizeof(f->request);
    f->request.method = str(method);
    f->request.target = str(target);
    f->request.headers = f->headers;
    f->request.now_sec = NOW;
}

static UNUSED void
header(struct fixture *f, const char *name, const char *value)
{
    assert_true(f->request.header_cnt < HEADERS_MAX);
    f->headers[f->request.header_cnt++] = (pdp_header_t){str(name), str(value)};
}

static UNUSED void
bearer(struct fixture *f, const char *token)
{
    int len = snprintf(f->bearer, sizeof(f->bearer), "Bearer %s", token);

    assert_true(len > 0 && (size_t)len < sizeof(f->bearer));
    header(f, "Authorization", f->bearer);
}

static UNUSED pdp_reason_t
judge(struct fixture *f)
{
    assert_int_equal(pdp_decide(f->worker, &f->request, &f->decision), PDP_OK);
    pdp_reason_t reason = pdp_decision_reason(f->decision);
    /* The effect never says anything else than the reason. */
    assert_int_equal(pdp_decision_effect(f->decision),
        pdp_reason_allows(reason) ? PDP_EFFECT_ALLOW : PDP_EFFECT_DENY);
    return reason;
}

/* One request with one token (NULL: none); the reason by name. */
static UNUSED const char *
decide(struct fixture *f, const char *method, const char *target,
    const char *token)
{
    request(f, method, target);
    if (token != NULL) {
        bearer(f, token);
    }
    return pdp_reason_name(judge(f));
}

#define assert_reason(got, wanted) assert_string_equal((got), (wanted))

/* The missing actions without their service prefix, joined by ",". */
static UNUSED const char *
missing(const struct fixture *f)
{
    static char text[1024];

    text[0] = '\0';
    for (size_t i = 0; i < pdp_decision_missing_cnt(f->decision); i++) {
        pdp_str_t action = pdp_decision_missing(f->decision, i);
        const char *dot = memchr(action.ptr, '.', action.len);
        size_t skip = dot == NULL ? 0 : (size_t)(dot - action.ptr) + 1;
        size_t used = strlen(text);
        snprintf(text + used, sizeof(text) - used, "%s%.*s", i == 0 ? "" : ",",
            (int)(action.len - skip), action.ptr + skip);
    }
    return text;
}

/* A file as a NUL-terminated text (free() it), or NULL. */
static UNUSED char *
read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t len = 0;

    if (file == NULL) {
        return NULL;
    }
    for (;;) {
        text = realloc(text, len + 65536 + 1);
        assert_non_null(text);
        size_t got = fread(text + len, 1, 65536, file);
        len += got;
        if (got == 0) {
            break;
        }
    }
    fclose(file);
    text[len] = '\0';
    return text;
}

/* A file below $PDP_SHARED, or the one of that name in tests/vectors, or NULL
 * (the caller skips with a message). */
static UNUSED char *
read_shared(const char *name)
{
    char path[4096];
    const char *root = getenv("PDP_SHARED");
    const char *source = getenv("srcdir");
    const char *base = strrchr(name, '/');
    char *text = NULL;

    if (root != NULL) {
        snprintf(path, sizeof(path), "%s/%s", root, name);
        text = read_file(path);
    }
    if (text == NULL && base != NULL) {
        snprintf(path, sizeof(path), "%s/tests/vectors%s",
            source == NULL ? "." : source, base);
        text = read_file(path);
    }
    return text;
}

/* The next line of a text, NUL-terminated in place, or NULL at its end. */
static UNUSED char *
next_line(char **cursor)
{
    char *line = *cursor;

    if (line == NULL || *line == '\0') {
        return NULL;
    }
    char *end = strchr(line, '\n');
    *cursor = end == NULL ? line + strlen(line) : end + 1;
    if (end != NULL) {
        *end = '\0';
    }
    return line;
}

/* The next field of a line with tabs, NUL-terminated in place; "" at its
 * end. */
static UNUSED char *
next_field(char **cursor)
{
    static char none[1];
    char *field = *cursor;

    if (field == NULL) {
        return none;
    }
    char *end = strchr(field, '\t');
    *cursor = end == NULL ? NULL : end + 1;
    if (end != NULL) {
        *end = '\0';
    }
    return field;
}

/* A number of decimal digits. */
static UNUSED uint32_t
number(const char *digits)
{
    uint32_t value = 0;

    for (; *digits >= '0' && *digits <= '9'; digits++) {
        value = value * 10 + (uint32_t)(*digits - '0');
    }
    return value;
}

static struct fixture fixture;

/* The built-in service with a list of revocations; trust names keys.json. */
static UNUSED void
load_revocations(const char *trust, const char *list)
{
    const struct document documents[] = {
        {PDP_SOURCE_TRUST, "trust.json", trust},
        {PDP_SOURCE_REVOCATIONS, "revocations.json", list},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    load(&fixture, documents);
}

/* How often the worker's cache knew a token, since its snapshot. */
static UNUSED uint64_t
hits(void)
{
    pdp_worker_stats_t stats = {.size = sizeof(stats)};

    assert_int_equal(pdp_worker_read_stats(fixture.worker, &stats), PDP_OK);
    return stats.token_cache_hits;
}

/* Group set-up: the built-in service, the fixture's keys, nothing else. */
static UNUSED int
load_default(void **state)
{
    (void)state;
    load(&fixture, NULL);
    return 0;
}

static UNUSED int
teardown(void **state)
{
    (void)state;
    unload(&fixture);
    EVP_PKEY_free(fixture.rsa);
    EVP_PKEY_free(fixture.rogue);
    EVP_PKEY_free(fixture.ec);
    EVP_PKEY_free(fixture.ed);
    memset(&fixture, 0, sizeof(fixture));
    return 0;
}

#endif
