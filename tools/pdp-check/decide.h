/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_DECIDE_H
#define PDP__CHECK_DECIDE_H

/* A decision in each format; all of them printable ASCII. */

#include "pdp-check/cli.h"
#include "pdp.h"

/* For explain only; it has all options of decide. */
enum { PDP__OPT_ALL = PDP__OPT_OWN + 64 };

/* Both commands. */
int pdp__decide_run(const struct pdp__command *command, int argc, char **argv);

/* A few lines for people. */
void pdp__decide_text(struct pdp__string *out, const pdp_request_t *request,
    const pdp_decision_t *decision, bool colour);

/* One object on one line; its members are a contract. */
void pdp__decide_json(struct pdp__string *out, const pdp_request_t *request,
    const pdp_decision_t *decision);

/* decision, reason, status, route, AT action, missing actions. */
void pdp__decide_tsv(struct pdp__string *out, const pdp_decision_t *decision);

#endif
