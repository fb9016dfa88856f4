/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/documents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * From pdpd.yaml to a snapshot or findings: everything is told in one run,
 * what was read has one digest, and what was looked at is watched, also after
 * errors (T17).
 */

#include <sys/resource.h>

#include "pdp/reason.h"

#include "fixture.h"
#include "pdpd_util.h"

#define CONFIG                                                                 \
    "format: pdpd/1\n"                                                         \
    "listeners:\n"                                                             \
    "  - {name: a, contract: nginx, socket: a.sock, peers: [0]}\n"             \
    "trust: trust.json\n"                                                      \
    "policies: [policies, more.json]\n"
#define TRUST(keys)                                                            \
    "{\"format\":\"pdp-trust/1\",\"issuers\":[{\"issuer\":\"" IBM_ISSUER       \
    "\",\"keys\":" keys "}]}"
#define POLICY(id)                                                             \
    "[{\"id\":\"" id "\",\"type\":\"access\",\"subject\":{\"attributes\":["    \
    "{\"key\":\"iam_id\",\"operator\":\"stringEquals\",\"value\":"             \
    "\"IBMid-270000TEST\"}]},\"resource\":{\"attributes\":["                   \
    "{\"key\":\"serviceName\",\"operator\":\"stringEquals\","                  \
    "\"value\":\"container-registry\"},{\"key\":\"accountId\","                \
    "\"operator\":\"stringEquals\",\"value\":\"" ACCOUNT "\"}]},"              \
    "\"control\":{\"grant\":{\"roles\":[{\"role_id\":"                         \
    "\"crn:v1:bluemix:public:iam::::serviceRole:Reader\"}]}}}]"

#define assert_found(...) assert_told(PDP_SEVERITY_ERROR, __VA_ARGS__)

static char jwks[TEXT_MAX];
static struct pdpd__documents documents;

static int
setup(void **state)
{
    make_jwks(&fixture, jwks);
    return enter_folder(state);
}

static int
end(void **state)
{
    return teardown(state) != 0 ? -1 : leave_folder(state);
}

/* Good documents, anew for each case. */
static int
begin_case(void **state)
{
    (void)state;
    assert_int_equal(mkdir("conf", 0700), 0);
    assert_int_equal(mkdir("conf/policies", 0700), 0);
    write_text("conf/pdpd.yaml", CONFIG);
    write_text("conf/trust.json", TRUST("{\"file\":\"keys.json\"}"));
    write_text("conf/keys.json", jwks);
    write_text("conf/more.json", POLICY("more"));
    write_text("conf/policies/one.json", POLICY("one"));
    write_text("conf/policies/two.json", POLICY("two"));
    write_text("conf/policies/README", "none of ours");
    return 0;
}

static int
end_case(void **state)
{
    (void)state;
    pdpd__documents_free(&documents);
    return nftw("conf", remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static bool
load_it(void)
{
    pdpd__documents_free(&documents);
    bool good = pdpd__documents_load("conf/pdpd.yaml", &documents);
    assert_int_equal(good, documents.snapshot != NULL);
    assert_false(documents.incomplete);
    return good;
}

static void
print_findings(void)
{
    for (size_t i = 0; i < pdpd__documents_finding_cnt(&documents); i++) {
        pdp_str_t path;
        pdp_finding_t finding = pdpd__documents_finding(&documents, i, &path);
        print_message("%.*s:%u:%u: %.*s [%.*s]\n", (int)path.len, path.ptr,
            finding.line, finding.column, (int)finding.message.len,
            finding.message.ptr, (int)finding.code.len, finding.code.ptr);
    }
}

static void
assert_loads(void)
{
    if (!load_it()) {
        print_findings();
    }
    assert_non_null(documents.snapshot);
}

/* A finding there is. */
static void
assert_told(pdp_severity_t severity, const char *path, uint32_t line,
    uint32_t column, const char *code, const char *words)
{
    for (size_t i = 0; i < pdpd__documents_finding_cnt(&documents); i++) {
        pdp_str_t at;
        pdp_finding_t finding = pdpd__documents_finding(&documents, i, &at);
        if (pdp__str_eq(at, pdp__str_z(path)) && finding.line == line &&
            finding.column == column &&
            pdp__str_eq(finding.code, pdp__str_z(code)) &&
            memmem(finding.message.ptr, finding.message.len, words,
                strlen(words)) != NULL) {
            assert_int_equal(finding.severity, severity);
            return;
        }
    }
    print_findings();
    fail_msg("no finding %s:%u:%u %s %s", path, line, column, code, words);
}

static size_t
error_cnt(void)
{
    size_t cnt = 0;
    for (size_t i = 0; i < pdpd__documents_finding_cnt(&documents); i++) {
        pdp_str_t at;
        cnt += pdpd__documents_finding(&documents, i, &at).severity ==
               PDP_SEVERITY_ERROR;
    }
    return cnt;
}

static const struct pdpd__watched *
watched(const char *path)
{
    for (size_t i = 0; i < documents.watched_cnt; i++) {
        if (strcmp(documents.watched[i].path, path) == 0) {
            return &documents.watched[i];
        }
    }
    fail_msg("%s is not watched", path);
    return NULL;
}

static void
test_good_documents(void **state)
{
    static const char *const files[] = {"conf/pdpd.yaml", "conf/trust.json",
        "conf/keys.json", "conf/more.json", "conf/policies/one.json",
        "conf/policies/two.json"};
    struct stat status;
    size_t bytes = 0;
    (void)state;
    assert_loads();
    assert_int_equal(error_cnt(), 0);
    assert_int_equal(documents.watched_cnt, 7);
    for (size_t i = 0; i < 6; i++) {
        const struct pdpd__watched *one = watched(files[i]);
        assert_int_equal(stat(files[i], &status), 0);
        assert_true(one->there);
        assert_false(one->folder);
        assert_int_equal(one->status.st_ino, status.st_ino);
        bytes += i == 0 ? 0 : (size_t)status.st_size;
    }
    assert_true(watched("conf/policies")->folder);
    assert_int_equal(documents.bytes, bytes);
    assert_int_equal(documents.fetched.cnt, 0);
}

/* What was loaded decides. */
static void
test_it_decides(void **state)
{
    (void)state;
    assert_loads();
    assert_int_equal(pdp_worker_new(documents.snapshot, NULL, NULL,
                         &fixture.worker),
        PDP_OK);
    assert_reason(decide(&fixture, "GET", "/api/v1/images",
                      token_with(&fixture, "")),
        "permitted");
    assert_reason(decide(&fixture, "PUT", "/api/v1/namespaces/demo",
                      token_with(&fixture, "")),
        "no_grant");
    pdp_worker_free(fixture.worker);
    fixture.worker = NULL;
}

/* Each document has a fault; one run tells them all. */
static void
test_all_findings_at_once(void **state)
{
    (void)state;
    write_text("conf/pdpd.yaml", CONFIG "directory: none.json\n"
                                        "services: [{definition: s.json}]\n");
    write_text("conf/s.json", "{\"format\":\"pdp-service/9\"}");
    write_text("conf/trust.json", TRUST("{\"file\":\"absent.json\"}"));
    write_text("conf/policies/one.json", "[\n  {\"id\": 7}]");
    write_text("conf/policies/two.json", "");
    assert_int_equal(chmod("conf/more.json", 0666), 0);
    assert_false(load_it());
    assert_found("conf/pdpd.yaml", 6, 12, "missing_source", "none.json");
    assert_found("conf/pdpd.yaml", 4, 8, "missing_source", "absent.json");
    assert_found("conf/pdpd.yaml", 5, 12, "missing_source", "it is empty");
    assert_found("conf/pdpd.yaml", 5, 22, "missing_source",
        "its group or everybody may write to it");
    assert_found("conf/policies/one.json", 2, 10, "wrong_type", "\"id\"");
    assert_found("conf/s.json", 1, 11, "bad_format", "");
    /* And what was looked at is watched, there or not. */
    assert_false(watched("conf/none.json")->there);
    assert_false(watched("conf/absent.json")->there);
    assert_true(watched("conf/policies/two.json")->there);
    assert_true(watched("conf/more.json")->there);
    assert_true(watched("conf/policies")->folder);
}

static void
test_a_configuration_with_faults(void **state)
{
    (void)state;
    write_text("conf/pdpd.yaml", CONFIG "workers: 0\nnonsense: 1\n");
    assert_false(load_it());
    assert_int_equal(error_cnt(), 2);
    assert_found("conf/pdpd.yaml", 6, 10, "bad_value", "");
    assert_found("conf/pdpd.yaml", 7, 1, "unknown_member", "nonsense");
    assert_true(watched("conf/pdpd.yaml")->there);
    assert_int_equal(documents.watched_cnt, 1);
    assert_int_equal(unlink("conf/pdpd.yaml"), 0);
    assert_false(load_it());
    assert_int_equal(error_cnt(), 1);
    assert_found("conf/pdpd.yaml", 0, 0, "missing_source",
        "No such file or directory");
    assert_false(watched("conf/pdpd.yaml")->there);
}

static void
test_a_folder_without_policies(void **state)
{
    (void)state;
    assert_int_equal(unlink("conf/policies/one.json"), 0);
    assert_int_equal(unlink("conf/policies/two.json"), 0);
    assert_false(load_it());
    assert_int_equal(error_cnt(), 1);
    assert_found("conf/pdpd.yaml", 5, 12, "empty", "conf/policies");
    assert_true(watched("conf/policies")->folder);
    /* A file that is called so is none that can be used. */
    assert_int_equal(symlink("../more.json", "conf/policies/link.json"), 0);
    assert_false(load_it());
    assert_found("conf/pdpd.yaml", 5, 12, "missing_source",
        "it is a symbolic link");
    /* And the folder itself may be gone: then it was a file, as it seems. */
    assert_int_equal(unlink("conf/policies/link.json"), 0);
    assert_int_equal(unlink("conf/policies/README"), 0);
    assert_int_equal(rmdir("conf/policies"), 0);
    assert_false(load_it());
    assert_found("conf/pdpd.yaml", 5, 12, "missing_source",
        "No such file or directory");
}

static void
digest(unsigned char out[static PDPD__DIGEST_LEN])
{
    (void)load_it();
    memcpy(out, documents.digest, PDPD__DIGEST_LEN);
}

static void
test_the_digest_is_of_names_and_bytes(void **state)
{
    unsigned char first[PDPD__DIGEST_LEN];
    unsigned char other[PDPD__DIGEST_LEN];
    (void)state;
    digest(first);
    digest(other);
    assert_memory_equal(first, other, PDPD__DIGEST_LEN);
    /* The same bytes in another file; another time; another mode. */
    replace_text("conf/more.json", POLICY("more"));
    write_text("conf/policies/two.json", POLICY("two"));
    assert_int_equal(chmod("conf/keys.json", 0644), 0);
    digest(other);
    assert_memory_equal(first, other, PDPD__DIGEST_LEN);
    /* What is not read does not count. */
    write_text("conf/policies/README", "else");
    digest(other);
    assert_memory_equal(first, other, PDPD__DIGEST_LEN);
}

static void
assert_new_digest(void)
{
    static unsigned char seen[32][PDPD__DIGEST_LEN];
    static size_t cnt;
    unsigned char now[PDPD__DIGEST_LEN];
    digest(now);
    for (size_t i = 0; i < cnt; i++) {
        assert_memory_not_equal(seen[i], now, PDPD__DIGEST_LEN);
    }
    assert_true(cnt < 32);
    memcpy(seen[cnt++], now, sizeof(now));
}

static void
test_every_change_has_its_digest(void **state)
{
    (void)state;
    assert_new_digest();
    write_text("conf/more.json", POLICY("mire"));
    assert_new_digest();
    write_text("conf/more.json", POLICY("mire") "\n");
    assert_new_digest();
    write_text("conf/policies/three.json", POLICY("three"));
    assert_new_digest();
    assert_int_equal(rename("conf/policies/three.json",
                         "conf/policies/four.json"),
        0);
    assert_new_digest();
    assert_int_equal(unlink("conf/policies/four.json"), 0);
    write_text("conf/more.json", POLICY("other"));
    assert_new_digest();
    /* Two files change places: the same bytes in another order. */
    write_text("conf/policies/one.json", POLICY("two"));
    write_text("conf/policies/two.json", POLICY("one"));
    assert_new_digest();
    write_text("conf/pdpd.yaml", CONFIG "# a comment\n");
    assert_new_digest();
    write_text("conf/trust.json", TRUST("{\"file\":\"./keys.json\"}"));
    assert_new_digest();
    write_text("conf/trust.json", TRUST("{\"file\":\"./keys.json\"}") " ");
    assert_new_digest();
    /* Also where nothing good comes of it. */
    write_text("conf/more.json", "[");
    assert_new_digest();
    write_text("conf/more.json", "[[");
    assert_new_digest();
    assert_int_equal(unlink("conf/more.json"), 0);
    assert_new_digest();
}

/* Key sets are named as the trust document does, and stand beside it. */
static void
test_aliases(void **state)
{
    (void)state;
    assert_int_equal(mkdir("conf/sub", 0700), 0);
    write_text("conf/pdpd.yaml",
        "format: pdpd/1\n"
        "listeners:\n"
        "  - {name: a, contract: nginx, socket: a.sock, peers: [0]}\n"
        "trust: sub/trust.yaml\n");
    write_text("conf/sub/trust.yaml",
        "format: pdp-trust/1\n"
        "issuers:\n"
        "  - {issuer: '" IBM_ISSUER "', keys: {file: ../keys.json}}\n");
    assert_loads();
    assert_int_equal(documents.alias_cnt, 1);
    assert_string_equal(documents.aliases[0].name, "../keys.json");
    assert_string_equal(documents.aliases[0].path, "conf/sub/../keys.json");
    assert_true(watched("conf/sub/../keys.json")->there);
    write_text("conf/keys.json", "{\"keys\":[\n7]}");
    assert_false(load_it());
    assert_found("conf/sub/../keys.json", 2, 1, "wrong_type", "");
    write_text("conf/sub/trust.yaml", "format: pdp-trust/1\nissuers: [\n");
    assert_false(load_it());
    assert_found("conf/sub/trust.yaml", 3, 1, "json_syntax", "");
}

/* A key set that cannot be read is told once, with the reason. */
static void
test_a_missing_key_set_is_told_once(void **state)
{
    pdp_str_t path;
    (void)state;
    write_text("conf/trust.json", TRUST("{\"file\":\"absent.json\"}"));
    assert_false(load_it());
    assert_int_equal(error_cnt(), 1);
    assert_found("conf/pdpd.yaml", 4, 8, "missing_source", "absent.json");
    /* What the loader says besides is there, in order, and no more of it. */
    write_text("conf/policies/one.json", "[{\"id\":7}]");
    write_text("conf/policies/two.json", "[{\"id\":8}]");
    assert_false(load_it());
    assert_found("conf/policies/one.json", 1, 8, "wrong_type", "");
    assert_found("conf/policies/two.json", 1, 8, "wrong_type", "");
    size_t cnt = pdpd__documents_finding_cnt(&documents);
    for (size_t i = 1; i < cnt; i++) {
        assert_false(
            pdp__str_eq(pdpd__documents_finding(&documents, i, &path).code,
                PDP__LIT("missing_source")));
    }
    assert_memory_equal(pdpd__documents_finding(&documents, cnt, &path)
                            .message.ptr,
        "there is no such finding", 24);
}

/* Which failures are worth another try though no file changes. */
static void
test_what_may_pass(void **state)
{
    struct rlimit limit;
    (void)state;
    assert_loads();
    assert_false(documents.passing);
    write_text("conf/more.json", "[");
    assert_false(load_it());
    assert_false(documents.passing);
    assert_int_equal(unlink("conf/more.json"), 0);
    assert_false(load_it());
    assert_false(documents.passing); /* that it is there is a change */
    write_text("conf/more.json", POLICY("more"));
    assert_int_equal(chmod(folder, 0770), 0);
    assert_false(load_it());
    assert_true(documents.passing);
    assert_int_equal(chmod(folder, 0700), 0);
    assert_loads();
    assert_false(documents.passing);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit none = {0, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    bool good = load_it();
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_false(good);
    assert_true(documents.passing);
    assert_found("conf/pdpd.yaml", 0, 0, "missing_source",
        "Too many open files");
}

/* Issuers with a URL are those whose keys can be too old, and those that use
 * the file of one. */
static void
test_fetched_issuers(void **state)
{
    (void)state;
    write_text("conf/trust.json",
        "{\"format\":\"pdp-trust/1\",\"issuers\":["
        "{\"issuer\":\"https://file.example\",\"claims\":{},"
        "\"keys\":{\"file\":\"keys.json\"}},"
        "{\"issuer\":\"" IBM_ISSUER "\",\"keys\":{\"file\":\"keys.json\","
        "\"url\":\"https://192.0.2.1/keys\"}},"
        "{\"issuer\":\"https://other.example\",\"claims\":{},"
        "\"keys\":{\"file\":\"other.json\"}}]}");
    (void)load_it();
    assert_int_equal(documents.fetched.cnt, 2);
    assert_string_equal(documents.fetched.items[0].issuer,
        "https://file.example");
    assert_string_equal(documents.fetched.items[1].issuer, IBM_ISSUER);
    for (size_t i = 0; i < 2; i++) {
        const struct pdpd__fetched *one = &documents.fetched.items[i];
        assert_string_equal(one->keeper, IBM_ISSUER);
        assert_int_equal(atomic_load(&one->good_until_sec), INT64_MIN);
    }
    assert_int_equal(documents.keys.max_stale_sec, 0);
    assert_told(PDP_SEVERITY_WARNING, "conf/pdpd.yaml", 4, 8, "ageless_keys",
        "keys with a \"url\" are used however old they are");
}

/* Whatever a trust document is: it is looked at without an accident. */
static void
test_odd_trust_documents(void **state)
{
    static const char *const texts[] = {
        "7",
        "[]",
        "{\"issuers\":7}",
        "{\"issuers\":{\"issuer\":\"a\",\"keys\":{\"url\":\"b\"}}}",
        "{\"issuers\":[7,\"x\",[],null,{}]}",
        "{\"issuers\":[{\"issuer\":7,\"keys\":{\"url\":\"b\"}}]}",
        "{\"issuers\":[{\"issuer\":\"a\",\"keys\":7}]}",
        "{\"issuers\":[{\"issuer\":\"a\",\"keys\":[\"url\"]}]}",
        "{\"issuers\":[{\"keys\":{\"url\":\"b\"}}]}",
        "{\"issuers\":[{\"issuer\":\"a\",\"keys\":{\"url\":\"b\"}}",
        "{\"issuers\":",
        "\xff",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        write_text("conf/trust.json", texts[i]);
        assert_false(load_it());
        assert_int_equal(documents.fetched.cnt, 0);
        assert_true(error_cnt() > 0);
    }
}

/* A file of 16 MiB, or a configuration of 1 MiB, is refused unread. */
static void
test_limits(void **state)
{
    size_t len = ((size_t)1 << 20) + 1;
    char *text = malloc(len);
    (void)state;
    assert_non_null(text);
    memset(text, '#', len);
    memcpy(text, CONFIG, sizeof(CONFIG) - 1);
    write_bytes("conf/pdpd.yaml", text, len - 1);
    assert_loads();
    write_bytes("conf/pdpd.yaml", text, len);
    assert_false(load_it());
    assert_found("conf/pdpd.yaml", 0, 0, "missing_source", "it is too large");
    free(text);
}

static void
test_a_finding_that_is_not_there(void **state)
{
    pdp_str_t path = PDP__LIT("before");
    (void)state;
    assert_loads();
    pdp_finding_t finding = pdpd__documents_finding(&documents, 1000, &path);
    assert_int_equal(finding.severity, PDP_SEVERITY_ERROR);
    assert_non_null(finding.message.ptr);
}

static void
test_free_twice(void **state)
{
    (void)state;
    assert_loads();
    pdpd__documents_free(&documents);
    pdpd__documents_free(&documents);
    assert_null(documents.snapshot);
    assert_null(documents.watched);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin_case, end_case)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_good_documents),
        CASE(test_it_decides),
        CASE(test_all_findings_at_once),
        CASE(test_a_configuration_with_faults),
        CASE(test_a_folder_without_policies),
        CASE(test_the_digest_is_of_names_and_bytes),
        CASE(test_every_change_has_its_digest),
        CASE(test_aliases),
        CASE(test_a_missing_key_set_is_told_once),
        CASE(test_what_may_pass),
        CASE(test_fetched_issuers),
        CASE(test_odd_trust_documents),
        CASE(test_limits),
        CASE(test_a_finding_that_is_not_there),
        CASE(test_free_twice),
    };
    return cmocka_run_group_tests(tests, setup, end);
}
