/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_KEYS_H
#define PDP__PDPD_KEYS_H

/*
 * Keys that pdp-fetch(8) keeps: how old they may be, and asking for new
 * ones.  The daemon itself opens no connection.
 */

#include <stdatomic.h>

#include "pdp/decision.h"
#include "pdpd/config.h"

/* An issuer whose key file comes from a URL: its own, or that of another
 * issuer which shares the file. */
struct pdpd__fetched {
    char *issuer;
    char *keeper; /* the issuer that has the URL; pdp-fetch knows it */
    /* Its keys may be used before that moment; seconds since 1970. */
    _Atomic int64_t good_until_sec;
};

struct pdpd__fetched_list {
    struct pdpd__fetched *items;
    size_t cnt;
    int64_t age_sec; /* the oldest of them; those never confirmed have none */
};

/* An issuer more; its keys are too old until the state says otherwise.
 * False: there is no memory. */
bool pdpd__keys_add(struct pdpd__fetched_list *list, pdp_str_t issuer,
    pdp_str_t keeper);
void pdpd__keys_free(struct pdpd__fetched_list *list);

/*
 * Reads the state file anew.  Without one nobody's keys were ever confirmed,
 * unless the configuration names none.  *old_cnt is how many issuers have keys
 * that are too old.  False: descriptors or memory are missing to read it, and
 * what was known before still holds.
 */
bool pdpd__keys_refresh(struct pdpd__fetched_list *list,
    const struct pdpd__keys *keys, int64_t now_sec, size_t *old_cnt);

/* Whether a decision rests on a key that is too old. */
bool pdpd__keys_too_old(const struct pdpd__fetched_list *list,
    const pdp_decision_t *decision, int64_t now_sec);

/* Asks pdp-fetch for the keys of all issuers, in the run directory that is
 * configured.  0, or the error number of the last that could not be asked. */
int pdpd__keys_ask(const struct pdpd__fetched_list *list,
    const struct pdpd__keys *keys);

#endif
