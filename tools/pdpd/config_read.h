/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_CONFIG_READ_H
#define PDP__PDPD_CONFIG_READ_H

/* Values of a configuration: what config.c and config_listen.c share. */

#include "load/doc.h"
#include "pdpd/config.h"

struct pdpd__reader {
    struct pdp__doc doc;
    struct pdpd__config *config;
};

/* A whole number from min to max; false, and a finding, if it is none. */
bool pdpd__read_int(const struct pdpd__reader *reader, uint32_t ix, int64_t min,
    int64_t max, int64_t *out);

/* Seconds: a number, or digits followed by s, m, h or d. */
bool pdpd__read_seconds(const struct pdpd__reader *reader, uint32_t ix,
    int64_t min, int64_t max, int64_t *out);

/* A user: an id, or a name that this machine knows. */
bool pdpd__read_user(const struct pdpd__reader *reader, uint32_t ix,
    uid_t *out);
bool pdpd__read_group(const struct pdpd__reader *reader, uint32_t ix,
    gid_t *out);

/* A path, made relative to the folder of the configuration. */
bool pdpd__read_path(const struct pdpd__reader *reader, uint32_t ix,
    pdp_str_t *out);

/* One of the words; its index, or -1 and a finding. */
int pdpd__read_word(const struct pdpd__reader *reader, uint32_t ix,
    const pdp_str_t *words, size_t cnt);

/* The listeners, and where the metrics are. */
void pdpd__read_listeners(struct pdpd__reader *reader, uint32_t ix);
void pdpd__read_metrics(struct pdpd__reader *reader, uint32_t ix);

#endif
