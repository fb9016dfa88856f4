/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__DECIDE_TOKEN_RECORD_H
#define PDP__DECIDE_TOKEN_RECORD_H

/*
 * A verified token as decisions use it: one contiguous record without
 * pointers, so that it can be copied into a cache slot and wiped as a whole.
 *
 *     +--------------+  offset 0
 *     | pdp__token   |  numbers, and offsets into what follows
 *     +--------------+
 *     | token bytes  |  what the client sent: the cache compares all of it
 *     | payload      |  decoded claims; texts point in here
 *     | arrays       |  groups, roles, actions, policies, conditions, sets
 *     +--------------+
 *
 * Names are resolved against the snapshot when the record is made, so a
 * decision with a known token compares numbers only.
 */

#include "model/snapshot.h"

enum {
    PDP__TOKEN_MAX = 8192,        /* bytes of a compact JWS */
    PDP__TOKEN_HEADER_MAX = 1024, /* bytes of its decoded header */
    PDP__TOKEN_KID_MAX = 256
};

/* cnt items at offset off of the record. */
struct pdp__items {
    uint32_t off;
    uint32_t cnt;
};

/* A name of a claim and what it stands for in the snapshot. */
struct pdp__named {
    struct pdp__text name;
    uint32_t ix; /* PDP__NONE: the snapshot does not know it */
};

/* An inline policy, for one service. */
struct pdp__inline {
    struct pdp__text id;
    uint32_t service;
    uint32_t grant_off;           /* set of actions */
    uint32_t deny_off;            /* set of actions */
    struct pdp__range conditions; /* of the record's conditions */
};

struct pdp__token {
    uint32_t size; /* bytes of the whole record */
    uint32_t issuer;
    uint32_t alg;       /* enum pdp__alg; NONE: not verified */
    uint32_t subject;   /* of the principal, or PDP__NONE */
    int64_t exp_sec;    /* rounded down */
    int64_t nbf_sec;    /* rounded up; 0: none */
    int64_t iat_sec;    /* rounded up; 0: none */
    int64_t issued_sec; /* iat rounded down; none: INT64_MIN */
    struct pdp__text text;
    struct pdp__text kid;
    struct pdp__text principal;
    struct pdp__text account;
    struct pdp__text scope;
    struct pdp__items groups;     /* pdp__named: subjects */
    struct pdp__items roles;      /* pdp__named: role_ids */
    struct pdp__items actions;    /* pdp__named: actions */
    struct pdp__items policy_ids; /* pdp__named: policy_ids */
    struct pdp__items inlines;    /* pdp__inline */
    struct pdp__items conditions; /* pdp__condition, of the inlines */
    struct pdp__items values;     /* pdp__text, of the conditions */
};

/* Text of a record. */
static inline pdp_str_t
pdp__token_text(const struct pdp__token *token, struct pdp__text text)
{
    if (text.off == 0) {
        return (pdp_str_t){NULL, 0};
    }
    return (pdp_str_t){(const char *)token + text.off, text.len};
}

/* First item of an array of a record. */
static inline const void *
pdp__token_items(const struct pdp__token *token, struct pdp__items items)
{
    return (const unsigned char *)token + items.off;
}

#endif
