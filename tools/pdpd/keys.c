/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/keys.h"

/*
 * Keys that are fetched.
 *
 * pdp-fetch keeps the last good key file when its server is down, and writes
 * into its state file when the server last confirmed it.  After max_stale
 * that is not good enough any more: a decision that rests on such a key is
 * turned into key_stale, 401.  What needs no token is not affected, and
 * everything recovers with the next good fetch.  A state file that cannot be
 * read for a lack of ours says nothing about keys: their last age holds.
 *
 * Which key a token wants is not known when its key is not, so all issuers
 * with a URL are asked for.  pdp-fetch limits how often it really goes.
 */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/keystate.h"
#include "pdpd/trusted.h"

bool
pdpd__keys_add(struct pdpd__fetched_list *list, pdp_str_t issuer,
    pdp_str_t keeper)
{
    struct pdpd__fetched *grown =
        pdp__heap_resize(list->items, list->cnt + 1, sizeof(*list->items));
    if (grown == NULL) {
        return false;
    }
    list->items = grown;
    struct pdpd__fetched *one = &list->items[list->cnt];
    one->issuer = pdp__heap_copy(issuer);
    one->keeper = pdp__heap_copy(keeper);
    atomic_init(&one->good_until_sec, INT64_MIN);
    list->cnt++;
    return one->issuer != NULL && one->keeper != NULL;
}

void
pdpd__keys_free(struct pdpd__fetched_list *list)
{
    for (size_t i = 0; i < list->cnt; i++) {
        pdp__heap_free(list->items[i].issuer);
        pdp__heap_free(list->items[i].keeper);
    }
    pdp__heap_free(list->items);
    *list = (struct pdpd__fetched_list){0};
}

/* False: descriptors or memory are missing. */
static bool
read_state(const struct pdpd__keys *keys, struct pdp__keystate *out)
{
    char why[PDPD__TRUSTED_WHY_CAP];
    struct pdpd__trusted file;
    uint64_t failures = pdp__heap_failures();
    *out = (struct pdp__keystate){0};
    if (pdpd__trusted_read(keys->state.path.ptr, PDP__KEYSTATE_LEN_MAX,
            keys->has_owner ? keys->owner : (uid_t)-1, &file, why)) {
        (void)pdp__keystate_parse(pdp__str(file.text, file.len), out);
        pdpd__trusted_free(&file);
    }
    return !file.lacking && pdp__heap_failures() == failures;
}

/* The moment at which the keys of one are too old. */
static int64_t
good_until(const struct pdpd__fetched *one, const struct pdp__keystate *state,
    int64_t max_stale_sec, int64_t now_sec, int64_t *oldest_sec)
{
    int64_t age = pdp__keystate_age_sec(pdp__keystate_find(state,
                                            pdp__str_z(one->keeper)),
        now_sec);
    if (age == PDP__KEYSTATE_NEVER) {
        return INT64_MIN;
    }
    *oldest_sec = age > *oldest_sec ? age : *oldest_sec;
    return now_sec - age + max_stale_sec;
}

bool
pdpd__keys_refresh(struct pdpd__fetched_list *list,
    const struct pdpd__keys *keys, int64_t now_sec, size_t *old_cnt)
{
    struct pdp__keystate state = {0};
    bool limited = keys->state.path.ptr != NULL && keys->max_stale_sec > 0;
    bool read = !limited || read_state(keys, &state);
    if (read) {
        list->age_sec = 0;
    }
    *old_cnt = 0;
    for (size_t i = 0; i < list->cnt; i++) {
        struct pdpd__fetched *one = &list->items[i];
        int64_t until = INT64_MAX;
        if (!read) {
            until = atomic_load(&one->good_until_sec);
        } else if (limited) {
            until = good_until(one, &state, keys->max_stale_sec, now_sec,
                &list->age_sec);
        }
        atomic_store(&one->good_until_sec, until);
        *old_cnt += now_sec >= until ? 1 : 0;
    }
    pdp__keystate_free(&state);
    return read;
}

bool
pdpd__keys_too_old(const struct pdpd__fetched_list *list,
    const pdp_decision_t *decision, int64_t now_sec)
{
    pdp_token_info_t token = {.size = sizeof(token)};
    if (list->cnt == 0 || !pdp_decision_token(decision, &token)) {
        return false;
    }
    for (size_t i = 0; i < list->cnt; i++) {
        const struct pdpd__fetched *one = &list->items[i];
        if (pdp__str_eq(pdp__str_z(one->issuer), token.issuer)) {
            return now_sec >= atomic_load_explicit(&one->good_until_sec,
                                  memory_order_relaxed);
        }
    }
    return false;
}

int
pdpd__keys_ask(const struct pdpd__fetched_list *list,
    const struct pdpd__keys *keys)
{
    int error = 0;
    int fd = open(keys->refetch.path.ptr,
        O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno;
    }
    for (size_t i = 0; i < list->cnt; i++) {
        int one = pdp__keystate_ask(fd, pdp__str_z(list->items[i].keeper));
        error = one != 0 ? one : error;
    }
    close(fd);
    return error;
}
