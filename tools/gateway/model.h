/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__GATEWAY_MODEL_H
#define PDP__GATEWAY_MODEL_H

/*
 * What an nginx configuration means: which directives are in force where,
 * which location a URI leads to, and what a proxy_pass names.
 */

#include "gateway/conf.h"

/* --- words ------------------------------------------------------------- */

/* Whether a directive has this name. */
bool pdp__ngx_is(const struct pdp__ngx_directive *node, const char *name);

/* Argument number index, from 1; empty if there is none. */
pdp_str_t pdp__ngx_arg(const struct pdp__ngx_directive *node, size_t index);

/* Whether argument 1 is this word. */
bool pdp__ngx_says(const struct pdp__ngx_directive *node, const char *word);

bool pdp__ngx_eq(pdp_str_t a, const char *b);

/* Index of part in text, or text.len. */
size_t pdp__ngx_find(pdp_str_t text, const char *part);
bool pdp__ngx_has(pdp_str_t text, const char *part);

/* The next variable of a text, as $name or ${name}: its name; *text is what
 * follows.  False: there is none. */
bool pdp__ngx_next_variable(pdp_str_t *text, pdp_str_t *name);

/* Whether a text names a variable. */
bool pdp__ngx_uses(pdp_str_t text, pdp_str_t variable);

/* Whether a text is one variable and nothing else; *name is its name. */
bool pdp__ngx_is_variable(pdp_str_t text, pdp_str_t *name);

/* Whether two texts are the same but for case and braces: ${name} is $name. */
bool pdp__ngx_same(pdp_str_t a, pdp_str_t b);
bool pdp__ngx_same_text(pdp_str_t a, const char *b);

/* --- directives in force ----------------------------------------------- */

/* The first directive of this name in a block itself, or NULL; _next: after
 * one that was found. */
const struct pdp__ngx_directive *
pdp__ngx_own(const struct pdp__ngx_directive *block, const char *name);
const struct pdp__ngx_directive *pdp__ngx_own_next(
    const struct pdp__ngx_directive *found);

/*
 * The same in the block or, if it has none, in the nearest one around it that
 * has: nginx's rule of inheritance, for lists of directives as well as for
 * single ones.
 */
const struct pdp__ngx_directive *
pdp__ngx_in_force(const struct pdp__ngx_directive *block, const char *name);

/* Whether a switch is on, and what it is if nothing is written. */
bool pdp__ngx_switch(const struct pdp__ngx_directive *block, const char *name,
    bool otherwise);

/* The value of a header that is set in force for a block: ptr NULL if none
 * is.  *found is the directive, *cnt how many there are. */
pdp_str_t pdp__ngx_header(const struct pdp__ngx_directive *block,
    const char *name, const struct pdp__ngx_directive **found, size_t *cnt);

/* The auth_request in force, or NULL; an `off` is NULL, too. */
const struct pdp__ngx_directive *pdp__ngx_auth(
    const struct pdp__ngx_directive *block);

/* Whether a block is a part of a location: `if` or `limit_except`. */
bool pdp__ngx_is_inner(const struct pdp__ngx_directive *block);

/* The directive that hands a request on from a block, or NULL: of several the
 * last, which is the one that nginx uses.  Inner blocks take it over. */
const struct pdp__ngx_directive *pdp__ngx_pass(
    const struct pdp__ngx_directive *block);

/* --- blocks ------------------------------------------------------------ */

/* The block of this name around a node, or the root. */
const struct pdp__ngx_directive *
pdp__ngx_around(const struct pdp__ngx_directive *node, const char *name);

/* The next node in the order of the text, within top; NULL at its end. */
const struct pdp__ngx_directive *
pdp__ngx_walk(const struct pdp__ngx_directive *top,
    const struct pdp__ngx_directive *node);

/* Milliseconds of a time, bytes of a size; -1 if it is none. */
int64_t pdp__ngx_msec(pdp_str_t text);
int64_t pdp__ngx_bytes(pdp_str_t text);

/* A status, with or without leading zeros; -1 if it is none. */
int64_t pdp__ngx_status(pdp_str_t text);

/* --- where requests go --------------------------------------------------- */

struct pdp__ngx_route {
    const struct pdp__ngx_directive *location; /* NULL: none */
    bool exact; /* `= URI`, or a name: no other location can take it */
    bool regex; /* one with a regular expression may take it */
};

/* The location of a server that a URI, or @name, leads to; of those with
 * regular expressions none is tried. */
struct pdp__ngx_route pdp__ngx_route(const struct pdp__ngx_directive *server,
    pdp_str_t uri);

/* What stands after proxy_pass and its kin. */
struct pdp__ngx_target {
    const struct pdp__ngx_directive *pass;
    pdp_str_t scheme; /* may be empty or a variable */
    pdp_str_t host;   /* with its port; `unix:PATH` */
    pdp_str_t uri;    /* whatever follows; may hold variables */
    bool variable;    /* the host is, or has, a variable */
};

struct pdp__ngx_target pdp__ngx_target(const struct pdp__ngx_directive *pass);

/* The block upstream that a target names, or NULL. */
const struct pdp__ngx_directive *pdp__ngx_upstream(
    const struct pdp__ngx_target *target);

/* Whether two targets have an address in common. */
bool pdp__ngx_same_target(const struct pdp__ngx_target *a,
    const struct pdp__ngx_target *b);

/* Whether each address of a target is of this machine. */
bool pdp__ngx_is_local(const struct pdp__ngx_target *target);

/* --- addresses ------------------------------------------------------------ */

bool pdp__ngx_is_unix(pdp_str_t text);

/* An address in the one spelling by which all are compared: `unix:PATH` or
 * HOST:PORT.  Whatever leads to this machine itself is 127.0.0.1. */
void pdp__ngx_address(pdp_str_t text, const char *port,
    struct pdp__string *out);

/* The addresses where a server listens, one by one: *at is NULL at first. */
bool pdp__ngx_next_listen(const struct pdp__ngx_directive *server,
    const struct pdp__ngx_directive **at, struct pdp__string *out);

/* Whether a server listens at an address that a target has. */
bool pdp__ngx_listens_at(const struct pdp__ngx_directive *server,
    const struct pdp__ngx_target *target);

/* Whether two servers listen at the same address. */
bool pdp__ngx_share_listen(const struct pdp__ngx_directive *a,
    const struct pdp__ngx_directive *b);

/* Whether only this machine reaches a server. */
bool pdp__ngx_listens_locally(const struct pdp__ngx_directive *server);

#endif
