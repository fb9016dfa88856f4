/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_SMALL_SERVICE_H
#define PDP_TESTS_SMALL_SERVICE_H

/*
 * A service whose resources may have any name, for tests of how names are
 * compared: GET /x?name=... reads a resource, POST /x?name=... writes it.
 * Two actions and two roles, each good for one of the methods.
 * Include after grant_text.h.
 */

#define SMALL                                                                  \
    "{\"format\":\"pdp-service/1\",\"service\":\"s\",\"actions\":{"            \
    "\"s.read\":{\"scope\":\"namespace\"},"                                    \
    "\"s.write\":{\"scope\":\"namespace\"}},\"roles\":{"                       \
    "\"Reader\":{\"actions\":[\"s.read\"]},"                                   \
    "\"Writer\":{\"actions\":[\"s.write\"]}},\"events\":{},"                   \
    "\"params\":{\"name\":{\"kind\":\"text\"}},\"routes\":["                   \
    "{\"method\":\"GET\",\"path\":\"/x\",\"requires\":[{\"action\":"           \
    "\"s.read\",\"on\":[\"query:name\"]}],\"event\":null},"                    \
    "{\"method\":\"POST\",\"path\":\"/x\",\"requires\":[{\"action\":"          \
    "\"s.write\",\"on\":[\"query:name\"]}],\"event\":null}]}"

#define SMALL_OURS EQ("serviceName", "s") "," EQ("accountId", ACCOUNT)

static UNUSED void
load_small(const char *policies)
{
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "service.json", SMALL},
        {PDP_SOURCE_POLICIES, "policies.json", policies},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    load(&fixture, documents);
}

/* GET or POST /x?name=VALUE, every byte that could end the value encoded;
 * with `all`, every other byte, too. */
static UNUSED const char *
small_target(const char *name, bool all)
{
    static char target[4096];
    static const char hex[] = "0123456789ABCDEF";
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789/:@.-_*?";
    size_t len = (size_t)snprintf(target, sizeof(target), "/x?name=");

    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;

        assert_true(len + 4 < sizeof(target));
        if (!all && strchr(plain, *name) != NULL) {
            target[len++] = *name;
            continue;
        }
        target[len++] = '%';
        target[len++] = hex[c >> 4];
        target[len++] = hex[c & 15];
    }
    target[len] = '\0';
    return target;
}

/* The text as the inside of a JSON string. */
static UNUSED void
append_json(char *out, size_t cap, const char *text)
{
    size_t len = strlen(out);

    for (; *text != '\0'; text++) {
        assert_true(len + 3 < cap);
        if (*text == '"' || *text == '\\') {
            out[len++] = '\\';
        }
        out[len++] = *text;
    }
    out[len] = '\0';
}

/* What a deny says besides its reason, as every test of one must see it. */
static UNUSED void
assert_no_grant(const char *got)
{
    assert_reason(got, "no_grant");
    assert_int_not_equal(pdp_decision_missing_cnt(fixture.decision), 0);
}

#endif
