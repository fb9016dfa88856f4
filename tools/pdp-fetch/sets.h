/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__FETCH_SETS_H
#define PDP__FETCH_SETS_H

/* The key sets that a trust document names, and what a good one is. */

#include "common/docs.h"
#include "common/keystate.h"
#include "pdp-fetch/plan.h"

enum { PDP__SETS_KEYS_MAX = 64 }; /* in one set */

/* One file with a URL. */
struct pdp__set {
    char *file; /* as written; its path is beside the trust document */
    char *path;
    char *url;
    char **issuers; /* who names both */
    size_t issuer_cnt;
    size_t user_cnt; /* issuers that name the file, with or without a URL */
    struct pdp__plan plan;
    bool told;                      /* its failure was told, and is not over */
    struct pdp__keystate_set state; /* without issuer, file and url */
};

struct pdp__sets {
    char *trust;             /* path of the trust document */
    struct pdp__string text; /* the same as JSON */
    struct pdp__set *items;
    size_t cnt;
};

/*
 * Reads a trust document.  All findings are told; *out is empty unless
 * PDP__DOCS_OK.  A document without any URL is PDP__DOCS_INVALID.
 */
enum pdp__docs_result pdp__sets_read(const char *path, struct pdp__sets *out);

/*
 * Whether a text may become the file of a set: the loader takes it as the
 * keys of its issuers, and they are at most PDP__SETS_KEYS_MAX.  If not,
 * *error is a stable word, and *detail a text for people; both are given.
 */
bool pdp__sets_check(const struct pdp__sets *sets, const struct pdp__set *set,
    pdp_str_t text, char **error, char **detail);

/* Takes over what a state file knows: at the start, plans included. */
void pdp__sets_resume(struct pdp__sets *sets, const struct pdp__keystate *state,
    int64_t now_sec, int64_t now_wall_sec, int64_t cooldown_sec);

/* Takes over the plans of sets that stay the same. */
void pdp__sets_follow(struct pdp__sets *sets, const struct pdp__sets *old);

/* What goes into the state file; borrows nothing. */
void pdp__sets_report(const struct pdp__sets *sets, struct pdp__keystate *out);

void pdp__sets_free(struct pdp__sets *sets);

#endif
