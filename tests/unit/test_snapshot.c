/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Names in a snapshot: each is found, its neighbours are not; its life. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_mem.h"
#include "fixture.h"
#include "model/router.h"

#define GROUP "AccessGroupId-birds"

/* Two services that share role names and a region name. */
#define SERVICE(name, host)                                                    \
    "{\"format\":\"pdp-service/1\",\"service\":\"" name "\",\"actions\":{"     \
    "\"" name ".read\":{\"scope\":\"namespace\"},"                             \
    "\"" name ".write\":{\"scope\":\"namespace\"}},"                           \
    "\"roles\":{\"Reader\":{\"actions\":[\"" name ".read\"]},"                 \
    "\"Only " name "\":{\"actions\":[\"" name ".write\"]}},\"events\":{},"     \
    "\"params\":{},\"regions\":[{\"region\":\"eu\",\"hosts\":[\"" host "\"],"  \
    "\"events\":\"eu\"}],\"routes\":[{\"method\":\"GET\",\"path\":\"/a\","     \
    "\"requires\":[{\"action\":\"" name ".read\"},"                            \
    "{\"action\":\"" name ".write\"}],\"event\":null}]}"

static const char *const policies =
    "[{\"id\":\"one\",\"type\":\"access\",\"subject\":{\"attributes\":[{"
    "\"key\":\"iam_id\",\"operator\":\"stringEquals\",\"value\":"
    "\"IBMid-270000TEST\"}]},\"resource\":{\"attributes\":[{\"key\":"
    "\"serviceName\",\"operator\":\"stringEquals\",\"value\":"
    "\"container-registry\"},{\"key\":\"accountId\",\"operator\":"
    "\"stringEquals\",\"value\":\"" ACCOUNT "\"}]},\"control\":{\"grant\":{"
    "\"roles\":[{\"role_id\":\"crn:v1:bluemix:public:iam::::serviceRole:"
    "Reader\"}]}}}]";

static const char *const directory =
    "{\"format\":\"pdp-directory/1\",\"groups\":{\"" GROUP "\":[\"IBMid-1\","
    "\"IBMid-2\"]},\"namespaces\":[{\"region\":\"us-south\",\"namespace\":"
    "\"birds\",\"account\":\"" ACCOUNT "\"},{\"region\":\"eu-de\","
    "\"namespace\":\"birds\",\"account\":\"" OTHER_ACCOUNT "\"},{\"region\":"
    "\"eu-de\",\"namespace\":\"fish\",\"account\":\"" ACCOUNT "\"}]}";

/* Any memory functions; documents end with text NULL. */
static pdp_snapshot_t *
build(const pdp_mem_t *mem, const struct document *documents, uint64_t seed)
{
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;

    assert_int_equal(pdp_loader_new(mem, &loader), PDP_OK);
    pdp_loader_set_seed(loader, seed);
    for (; documents->text != NULL; documents++) {
        pdp_source_t source = {.size = sizeof(source),
            .kind = documents->kind,
            .name = str(documents->name),
            .text = str(documents->text)};

        assert_int_equal(pdp_loader_add(loader, &source), PDP_OK);
    }
    assert_int_equal(pdp_loader_build(loader, &snapshot, NULL), PDP_OK);
    pdp_loader_free(loader);
    return snapshot;
}

static pdp_snapshot_t *
build_registry(const pdp_mem_t *mem, uint64_t seed)
{
    char jwks[TEXT_MAX];
    const struct document documents[] = {
        {PDP_SOURCE_JWKS, "keys.json", jwks},
        {PDP_SOURCE_POLICIES, "policies.json", policies},
        {PDP_SOURCE_DIRECTORY, "directory.json", directory},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    make_jwks(&fixture, jwks);
    return build(mem, documents, seed);
}

/* A table of names and its look-up. */
struct naming {
    const char *what;
    uint32_t (*find)(const struct pdp__block *block, pdp_str_t name);
    pdp_str_t (*name)(const struct pdp__block *block, uint32_t ix);
    uint32_t (*cnt)(const struct pdp__block *block);
    uint32_t at_least;
};

#define NAMING(table, member)                                                  \
    static pdp_str_t name_of_##table(const struct pdp__block *block,           \
        uint32_t ix)                                                           \
    {                                                                          \
        return pdp__text(block, pdp__##table(block)[ix].member);               \
    }                                                                          \
    static uint32_t cnt_of_##table(const struct pdp__block *block)             \
    {                                                                          \
        return block->table.cnt;                                               \
    }

NAMING(hosts, host)
NAMING(actions, name)
NAMING(role_ids, id)
NAMING(issuers, issuer)
NAMING(subjects, id)
NAMING(policy_ids, id)
NAMING(owner_names, name)
NAMING(kids, kid)

static uint32_t
find_kid(const struct pdp__block *block, pdp_str_t kid)
{
    return pdp__find_kid(block, kid, 0);
}

#define ROW(table, find, at_least)                                             \
    {                                                                          \
#table, find, name_of_##table, cnt_of_##table, at_least                \
    }

static const struct naming namings[] = {
    ROW(hosts, pdp__find_host, 30),
    ROW(actions, pdp__find_action, 24),
    ROW(role_ids, pdp__find_role_id, 16),
    ROW(issuers, pdp__find_issuer, 1),
    ROW(subjects, pdp__find_subject, 4),
    ROW(policy_ids, pdp__find_policy_id, 1),
    ROW(owner_names, pdp__find_owner_name, 2),
    ROW(kids, find_kid, 3),
};

enum { NAMINGS = sizeof(namings) / sizeof(namings[0]) };

/* What the look-up must say: by comparing all names. */
static uint32_t
by_hand(const struct pdp__block *block, const struct naming *n, pdp_str_t name)
{
    for (uint32_t i = 0; i < n->cnt(block); i++) {
        if (pdp__str_eq(n->name(block, i), name)) {
            return i;
        }
    }
    return PDP__NONE;
}

static void
check_names(const struct pdp__block *block, const struct naming *n)
{
    assert_true(n->cnt(block) >= n->at_least);
    for (uint32_t i = 0; i < n->cnt(block); i++) {
        pdp_str_t name = n->name(block, i);
        char *copy = malloc(name.len + 1);

        assert_non_null(copy);
        memcpy(copy, name.ptr, name.len);
        copy[name.len] = '/';
        assert_int_equal(n->find(block, pdp__str(copy, name.len)), i);
        assert_int_equal(n->find(block, pdp__str(copy, name.len + 1)),
            PDP__NONE);
        for (size_t len = 0; len < name.len; len++) {
            pdp_str_t part = pdp__str(copy, len);
            assert_int_equal(n->find(block, part), by_hand(block, n, part));
        }
        for (size_t bit = 0; bit < 8 * name.len; bit++) {
            pdp_str_t edited = pdp__str(copy, name.len);

            copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
            assert_int_equal(n->find(block, edited), by_hand(block, n, edited));
            copy[bit / 8] = name.ptr[bit / 8];
        }
        free(copy);
    }
    assert_int_equal(n->find(block, (pdp_str_t){NULL, 0}), PDP__NONE);
    assert_int_equal(n->find(block, PDP__LIT("")), PDP__NONE);
}

static void
every_name_and_its_neighbours(void **state)
{
    static const uint64_t seeds[] = {0, 1, UINT64_MAX,
        UINT64_C(0x0123456789abcdef)};

    (void)state;
    for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++) {
        pdp_snapshot_t *snapshot = build_registry(NULL, seeds[s]);

        assert_int_equal(snapshot->block->magic, PDP__BLOCK_MAGIC);
        assert_int_equal(snapshot->block->seed, seeds[s]);
        for (size_t i = 0; i < NAMINGS; i++) {
            check_names(snapshot->block, &namings[i]);
        }
        pdp_snapshot_release(snapshot);
    }
}

static void
what_the_names_lead_to(void **state)
{
    pdp_snapshot_t *snapshot = build_registry(NULL, 5);
    const struct pdp__block *block = snapshot->block;

    (void)state;
    uint32_t host = pdp__find_host(block, PDP__LIT("private.de.icr.io"));
    uint32_t region = pdp__hosts(block)[host].region;
    assert_str(pdp__text(block, pdp__regions(block)[region].region), "eu-de");
    /* A kid of another issuer is another kid. */
    assert_int_not_equal(pdp__find_kid(block, PDP__LIT("rsa"), 0), PDP__NONE);
    for (uint32_t issuer = 1; issuer < 1000; issuer++) {
        assert_int_equal(pdp__find_kid(block, PDP__LIT("rsa"), issuer),
            PDP__NONE);
    }
    /* The owners of one name stand together. */
    uint32_t birds = pdp__find_owner_name(block, PDP__LIT("birds"));
    struct pdp__range owners = pdp__owner_names(block)[birds].owners;
    assert_int_equal(owners.cnt, 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_str(pdp__text(block, pdp__owners(block)[owners.first + i].name),
            "birds");
    }
    assert_str(pdp__text(block, (struct pdp__text){0, 7}), NULL);
    pdp_snapshot_release(snapshot);
}

static void
roles_of_two_services(void **state)
{
    static const struct {
        const char *id;
        const char *role[2]; /* for each service; NULL: none */
    } cases[] = {
        {"Reader", {"Reader", "Reader"}},
        {"crn:v1:bluemix:public:iam::::serviceRole:Reader",
            {"Reader", "Reader"}},
        {"crn:v1:bluemix:public:s1::::serviceRole:Reader", {"Reader", NULL}},
        {"crn:v1:bluemix:public:s2::::serviceRole:Reader", {NULL, "Reader"}},
        {"Only s1", {"Only s1", NULL}},
        {"Only s2", {NULL, "Only s2"}},
        {"Viewer", {"Viewer", "Viewer"}},
        {"crn:v1:bluemix:public:iam::::role:Viewer", {"Viewer", "Viewer"}},
    };
    static const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "s1.json", SERVICE("s1", "one.example")},
        {PDP_SOURCE_SERVICE, "s2.json", SERVICE("s2", "two.example")},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    pdp_snapshot_t *snapshot = build(NULL, documents, 2);
    const struct pdp__block *block = snapshot->block;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t id = pdp__find_role_id(block, pdp__str_z(cases[i].id));

        assert_int_not_equal(id, PDP__NONE);
        for (uint32_t s = 0; s < 2; s++) {
            uint32_t role = pdp__role_of(block, id, s);

            if (cases[i].role[s] == NULL) {
                assert_int_equal(role, PDP__NONE);
                continue;
            }
            assert_int_not_equal(role, PDP__NONE);
            assert_int_equal(pdp__roles(block)[role].service, s);
            assert_str(pdp__text(block, pdp__roles(block)[role].name),
                cases[i].role[s]);
        }
    }
    pdp_snapshot_release(snapshot);
}

static void
sets_of_actions(void **state)
{
    pdp_snapshot_t *snapshot = build_registry(NULL, 0);
    const struct pdp__block *block = snapshot->block;
    uint32_t id = pdp__find_role_id(block, PDP__LIT("Writer"));
    uint32_t words = pdp__roles(block)[pdp__role_of(block, id, 0)].words;
    uint32_t cnt = 0;

    (void)state;
    for (uint32_t i = 0; i < block->actions.cnt; i++) {
        uint32_t bit = pdp__actions(block)[i].bit;

        cnt += pdp__words_has(block, words, bit);
        assert_false(pdp__words_has(block, PDP__NONE, bit));
    }
    assert_int_equal(cnt, 7);
    uint32_t push =
        pdp__find_action(block, PDP__LIT("container-registry.image.push"));
    uint32_t list =
        pdp__find_action(block, PDP__LIT("container-registry.image.list"));
    assert_true(pdp__words_has(block, words, pdp__actions(block)[push].bit));
    assert_false(pdp__words_has(block, words, pdp__actions(block)[list].bit));
    pdp_snapshot_release(snapshot);
}

/* "All-zero memory is an empty snapshot." */
static void
an_empty_block(void **state)
{
    static const struct pdp__block block;
    const pdp_str_t segments[] = {{"a", 1}};

    (void)state;
    for (size_t i = 0; i < NAMINGS; i++) {
        assert_int_equal(namings[i].find(&block, PDP__LIT("us.icr.io")),
            PDP__NONE);
        assert_int_equal(namings[i].find(&block, PDP__LIT("")), PDP__NONE);
    }
    struct pdp__route_match match =
        pdp__router_find(&block, 0, PDP__LIT("GET"), segments, 1);
    assert_int_equal(match.route, PDP__NONE);
    assert_false(match.other_method);
}

enum { KEYS = 3, BLOCKS = 3 + KEYS };

static void
the_last_owner_frees(void **state)
{
    struct failing_mem counted = {.left = SIZE_MAX};
    pdp_mem_t mem = failing(&counted);
    pdp_snapshot_t *snapshot = build_registry(&mem, 0);

    (void)state;
    /* Block, list of keys, the snapshot itself, and each key: nothing of the
     * loader is left. */
    assert_int_equal(counted.live, BLOCKS);
    assert_ptr_equal(pdp_snapshot_retain(snapshot), snapshot);
    assert_ptr_equal(pdp_snapshot_retain(snapshot), snapshot);
    pdp_snapshot_release(snapshot);
    assert_int_equal(counted.live, BLOCKS);
    pdp_snapshot_release(snapshot);
    assert_int_equal(counted.live, BLOCKS);
    pdp_snapshot_release(snapshot);
    assert_int_equal(counted.live, 0);
    pdp_snapshot_release(NULL);
}

enum { THREADS = 4, TURNS = 20000 };

static void *
retain_and_release(void *snapshot)
{
    for (int i = 0; i < TURNS; i++) {
        pdp_snapshot_release(pdp_snapshot_retain(snapshot));
    }
    return NULL;
}

static void
owners_in_threads(void **state)
{
    struct failing_mem counted = {.left = SIZE_MAX};
    pdp_mem_t mem = failing(&counted);
    pdp_snapshot_t *snapshot = build_registry(&mem, 0);
    pthread_t threads[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, retain_and_release,
                             snapshot),
            0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(counted.live, BLOCKS);
    assert_int_equal(atomic_load(&snapshot->refs), 1);
    pdp_snapshot_release(snapshot);
    assert_int_equal(counted.live, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_and_its_neighbours),
        cmocka_unit_test(what_the_names_lead_to),
        cmocka_unit_test(roles_of_two_services),
        cmocka_unit_test(sets_of_actions),
        cmocka_unit_test(an_empty_block),
        cmocka_unit_test(the_last_owner_frees),
        cmocka_unit_test(owners_in_threads),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
