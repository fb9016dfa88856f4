/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* The block: layout, lists, role map, hashes; keys change hands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_mem.h"
#include "service_util.h"

static struct loaded l;

static void
add_pair(struct pdp__vec *vec, uint32_t a, uint32_t b)
{
    struct pdp__pair *pair = pdp__vec_push(&l.arena, vec, sizeof(*pair));
    assert_non_null(pair);
    *pair = (struct pdp__pair){a, b};
}

static pdp_snapshot_t *
finish(void)
{
    pdp_mem_t mem = pdp__mem_default();
    pdp_snapshot_t *snapshot = NULL;
    assert_int_equal(pdp__builder_finish(&l.b, &mem, &snapshot), PDP_OK);
    close_builder(&l);
    assert_non_null(snapshot);
    return snapshot;
}

static void
test_empty(void **state)
{
    (void)state;
    open_builder(&l);
    pdp_snapshot_t *snapshot = finish();
    const struct pdp__block *block = snapshot->block;
    assert_int_equal(block->magic, PDP__BLOCK_MAGIC);
    assert_int_equal(block->seed, 7);
    assert_int_equal(block->services.cnt, 0);
    assert_int_equal(block->public_group, PDP__NONE);
    assert_int_equal(pdp__find_host(block, PDP__LIT("x")), PDP__NONE);
    assert_int_equal(pdp__find_role_id(block, PDP__LIT("")), PDP__NONE);
    assert_int_equal(pdp_catalog_services(snapshot), 0);
    assert_ptr_equal(pdp_snapshot_retain(snapshot), snapshot);
    pdp_snapshot_release(snapshot);
    assert_int_equal(pdp_catalog_services(snapshot), 0);
    pdp_snapshot_release(snapshot);
}

/* Tables do not overlap, are aligned, and lie within the block. */
static void
test_layout(void **state)
{
    (void)state;
    open_builder(&l);
    read_into(&l, SERVICE(0));
    assert_int_equal(pdp__build_router(&l.b), PDP_OK);
    pdp_snapshot_t *snapshot = finish();
    const struct pdp__block *block = snapshot->block;
    uint64_t end = (uint64_t)PDP__STRINGS_OFF + block->strings_len;
    assert_true(block->strings_len > 0);
#define X(name, type)                                                          \
    assert_int_equal(block->name.off % 8, 0);                                  \
    assert_true(block->name.off >= end);                                       \
    end = block->name.off + (uint64_t)block->name.cnt * sizeof(type);
    PDP__TABLE_MAP(X)
#undef X
    assert_true(block->edge_hash.bucket_off >= end);
    assert_true(end <= block->size);
    assert_int_equal(block->size % 8, 0);
    assert_int_equal(block->services.cnt, 1);
    assert_int_equal(block->routes.cnt, 1);
    const struct pdp__service *service = &pdp__services(block)[0];
    assert_true(pdp__str_eq(pdp__text(block, service->name), PDP__LIT("svc")));
    pdp_snapshot_release(snapshot);
}

static void
test_equal_input_equal_bytes(void **state)
{
    pdp_snapshot_t *snapshots[3];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        open_builder(&l);
        l.b.seed = i == 2 ? 8 : 7;
        read_into(&l, SERVICE(0));
        assert_int_equal(pdp__build_router(&l.b), PDP_OK);
        snapshots[i] = finish();
    }
    uint32_t size = snapshots[0]->block->size;
    assert_int_equal(size, snapshots[1]->block->size);
    assert_memory_equal(snapshots[0]->block, snapshots[1]->block, size);
    assert_int_not_equal(snapshots[2]->block->seed, snapshots[0]->block->seed);
    for (size_t i = 0; i < 3; i++) {
        pdp_snapshot_release(snapshots[i]);
    }
}

static void
test_lists_of_subjects(void **state)
{
    (void)state;
    open_builder(&l);
    for (char id[] = "a"; id[0] <= 'd'; id[0]++) {
        (void)pdp__builder_subject(&l.b, pdp__str(id, 1));
    }
    add_pair(&l.b.subject_policies, 2, 10);
    add_pair(&l.b.subject_policies, 0, 11);
    add_pair(&l.b.subject_policies, 2, 12);
    add_pair(&l.b.subject_policies, 2, 12); /* once is enough */
    add_pair(&l.b.subject_groups, 0, 3);
    add_pair(&l.b.subject_groups, 1, 3);
    add_pair(&l.b.subject_groups, 0, 2);
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t *any =
            pdp__vec_push(&l.arena, &l.b.any_policies, sizeof(*any));
        assert_non_null(any);
        *any = 20 + i;
    }
    l.b.public_group = 3;
    l.b.directory_complete = true;
    pdp_snapshot_t *snapshot = finish();
    const struct pdp__block *block = snapshot->block;
    const struct pdp__subject *s = pdp__subjects(block);
    const uint32_t *n = pdp__numbers(block);
    assert_int_equal(pdp__find_subject(block, PDP__LIT("c")), 2);
    assert_int_equal(pdp__find_subject(block, PDP__LIT("e")), PDP__NONE);
    assert_int_equal(s[0].policies.cnt, 1);
    assert_int_equal(n[s[0].policies.first], 11);
    assert_int_equal(s[1].policies.cnt, 0);
    assert_int_equal(s[2].policies.cnt, 2);
    assert_int_equal(n[s[2].policies.first], 10);
    assert_int_equal(n[s[2].policies.first + 1], 12);
    assert_int_equal(s[0].groups.cnt, 2);
    assert_int_equal(n[s[0].groups.first], 3);
    assert_int_equal(n[s[0].groups.first + 1], 2);
    assert_int_equal(s[1].groups.cnt, 1);
    assert_int_equal(s[3].groups.cnt, 0);
    assert_int_equal(block->any_subject.cnt, 2);
    assert_int_equal(n[block->any_subject.first + 1], 21);
    assert_int_equal(block->public_group, 3);
    assert_int_equal(block->directory_complete, 1);
    assert_int_equal(block->directory_owners, 0);
    pdp_snapshot_release(snapshot);
}

static void
test_role_map(void **state)
{
    (void)state;
    open_builder(&l);
    read_into(&l, SERVICE(0));
    read_into(&l,
        SERVICE(.head = "\"format\":\"pdp-service/1\",\"service\":\"two\"",
            .actions = "{}", .roles = "{\"Other\":{\"actions\":[]}}",
            .regions = "[]", .routes = "[]"));
    assert_int_equal(pdp_report_errors(l.report), 0);
    pdp_snapshot_t *snapshot = finish();
    const struct pdp__block *block = snapshot->block;
    static const char *const ids[] = {"Reader", "Other", "Viewer",
        "crn:v1:bluemix:public:iam::::role:Viewer",
        "crn:v1:bluemix:public:two::::serviceRole:Other"};
    static const char *const names[][2] = {{"Reader", NULL}, {NULL, "Other"},
        {"Viewer", "Viewer"}, {"Viewer", "Viewer"}, {NULL, "Other"}};
    for (size_t i = 0; i < 5; i++) {
        uint32_t id = pdp__find_role_id(block, pdp__str_z(ids[i]));
        assert_int_not_equal(id, PDP__NONE);
        for (uint32_t service = 0; service < 2; service++) {
            uint32_t role = pdp__role_of(block, id, service);
            if (names[i][service] == NULL) {
                assert_int_equal(role, PDP__NONE);
                continue;
            }
            assert_int_equal(pdp__roles(block)[role].service, service);
            assert_true(
                pdp__str_eq(pdp__text(block, pdp__roles(block)[role].name),
                    pdp__str_z(names[i][service])));
        }
    }
    pdp_snapshot_release(snapshot);
}

/* Everything that has a name is found by it, and nothing else. */
static void
test_lookups(void **state)
{
    uint32_t ix = 0;
    (void)state;
    open_builder(&l);
    read_into(&l, SERVICE(0));
    assert_int_equal(pdp__build_router(&l.b), PDP_OK);
    struct pdp__issuer *issuer = PDP__NEW(&l.b, issuers, ix);
    issuer->issuer = pdp__builder_text(&l.b, PDP__LIT("https://i"));
    for (uint32_t i = 0; i < 4; i++) {
        struct pdp__kid *kid = PDP__NEW(&l.b, kids, ix);
        kid->issuer = i / 2;
        if (i % 2 == 0) { /* the others have none: not in the hash */
            kid->kid = pdp__builder_text(&l.b, PDP__LIT("k"));
        }
    }
    struct pdp__policy_id *policy = PDP__NEW(&l.b, policy_ids, ix);
    policy->id = pdp__builder_text(&l.b, PDP__LIT("p1"));
    struct pdp__owner_name *owner = PDP__NEW(&l.b, owner_names, ix);
    owner->name = pdp__builder_text(&l.b, PDP__LIT("birds"));
    pdp_snapshot_t *snapshot = finish();
    const struct pdp__block *b = snapshot->block;
    assert_int_equal(pdp__find_host(b, PDP__LIT("de.example.com")), 0);
    assert_int_equal(pdp__find_host(b, PDP__LIT("xx.example.com")), PDP__NONE);
    assert_int_equal(pdp__find_action(b, PDP__LIT("svc.write")), 1);
    assert_int_equal(pdp__find_action(b, PDP__LIT("svc.writ")), PDP__NONE);
    assert_int_equal(pdp__find_issuer(b, PDP__LIT("https://i")), 0);
    assert_int_equal(pdp__find_issuer(b, PDP__LIT("https://j")), PDP__NONE);
    assert_int_equal(pdp__find_kid(b, PDP__LIT("k"), 0), 0);
    assert_int_equal(pdp__find_kid(b, PDP__LIT("k"), 1), 2);
    assert_int_equal(pdp__find_kid(b, PDP__LIT("k"), 2), PDP__NONE);
    assert_int_equal(pdp__find_kid(b, PDP__LIT(""), 0), PDP__NONE);
    assert_int_equal(b->kid_hash.cnt, 2);
    assert_int_equal(pdp__find_policy_id(b, PDP__LIT("p1")), 0);
    assert_int_equal(pdp__find_owner_name(b, PDP__LIT("birds")), 0);
    assert_int_equal(pdp__find_owner_name(b, PDP__LIT("bird")), PDP__NONE);
    pdp_snapshot_release(snapshot);
}

/* Small tables fail for one seed now and then: the next one is taken, and
 * written down. */
static void
test_next_seed(void **state)
{
    size_t moved = 0;
    char id[16];
    (void)state;
    for (uint64_t seed = 0; seed < 4000; seed += 20) {
        open_builder(&l);
        l.b.seed = seed;
        for (int i = 0; i < 3; i++) {
            int len = snprintf(id, sizeof(id), "subject %d", i);
            (void)pdp__builder_subject(&l.b, pdp__str(id, (size_t)len));
        }
        pdp_snapshot_t *snapshot = finish();
        moved += snapshot->block->seed != seed;
        assert_in_range(snapshot->block->seed, seed, seed + 15);
        for (uint32_t i = 0; i < 3; i++) {
            int len = snprintf(id, sizeof(id), "subject %u", i);
            assert_int_equal(pdp__find_subject(snapshot->block,
                                 pdp__str(id, (size_t)len)),
                i);
        }
        pdp_snapshot_release(snapshot);
    }
    assert_true(moved > 0);
}

/* Two items of one name cannot be told apart: no seed helps. */
static void
test_equal_names(void **state)
{
    uint32_t ix = 0;
    pdp_mem_t mem = pdp__mem_default();
    pdp_snapshot_t *snapshot = NULL;
    (void)state;
    open_builder(&l);
    for (int i = 0; i < 2; i++) {
        struct pdp__policy_id *policy = PDP__NEW(&l.b, policy_ids, ix);
        policy->id = pdp__builder_text(&l.b, PDP__LIT("twice"));
    }
    assert_int_equal(pdp__builder_finish(&l.b, &mem, &snapshot), PDP_E_LIMIT);
    assert_null(snapshot);
    close_builder(&l);
}

static const char okp[] =
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
    "\"x\":\"AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}";

/* A key made from numbers: the point with y = 3 is on the curve. */
static struct pdp__key *
make_key(void)
{
    static char text[sizeof(okp)];
    struct pdp__json nodes[8];
    struct pdp__json_doc doc;
    struct pdp__key *key = NULL;
    const char *why = NULL;
    uint32_t node = 0;
    pdp_mem_t mem = pdp__mem_default();
    memcpy(text, okp, sizeof(okp));
    assert_true(pdp__json_read(text, sizeof(okp) - 1, nodes, 8, &doc));
    assert_int_equal(pdp__key_import(&doc, 0, &mem, &key, &why, &node),
        PDP__KEY_OK);
    return key;
}

/* Whoever owns the keys frees them, once. */
static void
test_keys(void **state)
{
    (void)state;
    open_builder(&l);
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(pdp__builder_key(&l.b, make_key()), i);
    }
    close_builder(&l); /* no snapshot took them */
    open_builder(&l);
    struct pdp__key *key = make_key();
    assert_int_equal(pdp__builder_key(&l.b, key), 0);
    pdp_snapshot_t *snapshot = finish();
    assert_int_equal(snapshot->key_cnt, 1);
    assert_ptr_equal(snapshot->keys[0], key);
    pdp_snapshot_release(snapshot);
}

static void
test_out_of_memory(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct failing_mem failing_state = {.left = SIZE_MAX};
        pdp_mem_t mem = failing(&failing_state);
        pdp_snapshot_t *snapshot = NULL;
        pdp__arena_init(&l.arena, &mem);
        l.report = pdp__report_new(&mem);
        pdp__builder_init(&l.b, &l.arena, l.report, 7);
        read_into(&l, SERVICE(0));
        (void)pdp__builder_key(&l.b, make_key());
        assert_int_equal(pdp__build_router(&l.b), PDP_OK);
        failing_state.left = n;
        pdp_status_t status = pdp__builder_finish(&l.b, &mem, &snapshot);
        assert_int_equal(status == PDP_OK, snapshot != NULL);
        close_builder(&l);
        pdp_snapshot_release(snapshot);
        assert_int_equal(failing_state.live, 0);
        if (status == PDP_OK) {
            assert_true(n >= 3); /* snapshot, block, keys */
            return;
        }
        assert_int_equal(status, PDP_E_NOMEM);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_equal_input_equal_bytes),
        cmocka_unit_test(test_lists_of_subjects),
        cmocka_unit_test(test_role_map),
        cmocka_unit_test(test_lookups),
        cmocka_unit_test(test_next_seed),
        cmocka_unit_test(test_equal_names),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
