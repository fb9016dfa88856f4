/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__COMMON_KEYSTATE_H
#define PDP__COMMON_KEYSTATE_H

/*
 * What pdp-fetch and whoever uses its key files tell each other:
 *
 *   the state file      pdp-fetch -> reader: for each issuer, when its keys
 *                       were last confirmed, and what went wrong since
 *   a request file      reader -> pdp-fetch: "I met a key id I do not know";
 *                       an empty file of a fixed name in the run directory
 *
 * pdp-fetch(8) describes both.  Times are seconds since 1970.
 */

#include "common/heap.h"

/* The largest state file that is read, and the most issuers in one. */
#define PDP__KEYSTATE_LEN_MAX ((size_t)4 << 20)
enum { PDP__KEYSTATE_SETS_MAX = 1024 };

/* No time and no counter is larger: sums of two are numbers, too. */
#define PDP__KEYSTATE_NUMBER_MAX (INT64_MAX / 4)

/* No key set is known to be of this age; older than any max_stale. */
#define PDP__KEYSTATE_NEVER INT64_MAX

/* One issuer.  Texts are given to the struct; NULL where there is none. */
struct pdp__keystate_set {
    char *issuer;
    char *file;          /* as the trust document writes it */
    char *url;           /* as the trust document writes it */
    int64_t fetched_sec; /* its server last confirmed the file; 0: never */
    int64_t changed_sec; /* the file was last replaced; 0: never */
    int64_t expires_sec; /* by then it is asked for again; 0: at once */
    int64_t tried_sec;   /* the last fetch began; 0: never */
    int64_t fetch_cnt;   /* fetches begun */
    int64_t failure_cnt; /* of them, those that failed */
    int64_t failures;    /* failed ones since the last good one */
    uint64_t sum;        /* pdp__keystate_sum() of the file */
    char *etag;          /* of the file */
    char *error;         /* of the last fetch if it failed: a stable word */
    char *detail;        /* the same for people */
};

struct pdp__keystate {
    struct pdp__keystate_set *sets;
    size_t cnt;
};

/* A further set, all zero; NULL: no memory. */
struct pdp__keystate_set *pdp__keystate_add(struct pdp__keystate *state);

/* The set of an issuer, or NULL. */
const struct pdp__keystate_set *
pdp__keystate_find(const struct pdp__keystate *state, pdp_str_t issuer);

/*
 * For how many seconds nobody has confirmed the keys: what `max_stale`
 * limits.  PDP__KEYSTATE_NEVER if set is NULL, if that never happened, or if
 * it lies more than an hour in the future: a clock that was set back must not
 * keep old keys alive, and the next fetch mends it.
 */
int64_t pdp__keystate_age_sec(const struct pdp__keystate_set *set,
    int64_t now_sec);

/* A short value that changes with the text; no digest. */
uint64_t pdp__keystate_sum(pdp_str_t text);

/* Adds the state as JSON, format pdp-keystate/1. */
void pdp__keystate_render(const struct pdp__keystate *state,
    struct pdp__string *out);

/* Reads what _render() wrote; false, with *out empty, if it is none.
 * Members that are not known are ignored. */
bool pdp__keystate_parse(pdp_str_t text, struct pdp__keystate *out);

enum pdp__keystate_result {
    PDP__KEYSTATE_OK = 0,
    PDP__KEYSTATE_MISSING,   /* there is no such file */
    PDP__KEYSTATE_UNREADABLE /* or it is no state file; told on stderr */
};

/* Reads a state file; *out is empty unless PDP__KEYSTATE_OK. */
enum pdp__keystate_result pdp__keystate_read(const char *path,
    struct pdp__keystate *out);

void pdp__keystate_free(struct pdp__keystate *state);

/* The name of an issuer's request file: "refetch-0123456789abcdef". */
enum { PDP__KEYSTATE_NAME_CAP = 32 };
void pdp__keystate_request_name(pdp_str_t issuer,
    char out[static PDP__KEYSTATE_NAME_CAP]);

/*
 * Asks for the keys of an issuer to be fetched again: makes its request file
 * in the run directory that is open as dir_fd.  Cheap, and harmless however
 * often it is called: pdp-fetch decides when it goes.  Returns 0 or an error
 * number; nothing is told.
 */
int pdp__keystate_ask(int dir_fd, pdp_str_t issuer);

#endif
