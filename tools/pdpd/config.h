/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_CONFIG_H
#define PDP__PDPD_CONFIG_H

/*
 * pdpd.yaml, format pdpd/1: what pdpd.yaml(5) describes, checked and with
 * every default filled in.  All paths are absolute or relative to where the
 * daemon was started; in the file they are relative to its folder.
 *
 * Nothing here opens a socket or looks for a document: a configuration is
 * only text until it is found to be right as a whole.
 */

#include <sys/types.h>

#include "base/mem.h"
#include "pdp/report.h"

enum pdpd__contract {
    PDPD__CONTRACT_NONE = 0, /* denies whatever is asked */
    PDPD__CONTRACT_NGINX,
    PDPD__CONTRACT_INGRESS_NGINX,
    PDPD__CONTRACT_FORWARDED,
    PDPD__CONTRACT_EXT_AUTHZ,
    PDPD__CONTRACT_METRICS /* no decisions: health and figures */
};

enum {
    PDPD__LISTENERS_MAX = 32, /* that of metrics included */
    PDPD__PEERS_MAX = 32,
    PDPD__WORKERS_MAX = 64,
    PDPD__FILES_MAX = 1024 /* services and policies, each */
};

/* Where to listen: a socket in the file system, or loopback TCP. */
struct pdpd__listen {
    pdp_str_t name;
    enum pdpd__contract contract;
    pdp_str_t socket; /* absent: TCP */
    mode_t mode;
    bool has_group;
    gid_t group;
    uid_t peers[PDPD__PEERS_MAX]; /* who may connect to the socket */
    uint32_t peer_cnt;
    pdp_str_t host; /* "127.0.0.1" or "::1"; absent: a socket */
    uint16_t port;
    pdp_str_t prefix; /* ext-authz: before the path that is judged */
    bool allow_caching;
    pdp_str_t endpoint_type; /* what clients call; absent: not known */
};

/* A file that a list of the configuration names, and where it does. */
struct pdpd__named {
    pdp_str_t path; /* absent: the built-in definition */
    uint32_t line;
    uint32_t column;
};

struct pdpd__limits {
    uint32_t header_bytes;
    uint32_t connections;
    uint32_t idle_timeout_sec;
    uint32_t header_timeout_sec;
};

struct pdpd__keys {
    int64_t max_stale_sec;      /* 0: no limit */
    struct pdpd__named state;   /* path absent: none */
    struct pdpd__named refetch; /* path absent: none */
    bool has_owner;
    uid_t owner; /* may own key files, beside root and the daemon's user */
};

enum pdpd__log_level {
    PDPD__LOG_ERROR = 0,
    PDPD__LOG_WARNING,
    PDPD__LOG_INFO,
    PDPD__LOG_DEBUG
};

struct pdpd__config {
    struct pdp__arena arena;
    pdp_str_t path; /* of the configuration itself */
    struct pdpd__listen listeners[PDPD__LISTENERS_MAX];
    uint32_t listener_cnt;
    struct pdpd__named *services;
    uint32_t service_cnt;
    struct pdpd__named *policies;
    uint32_t policy_cnt;
    struct pdpd__named *restrictions;
    uint32_t restriction_cnt;
    struct pdpd__named *revocations;
    uint32_t revocation_cnt;
    struct pdpd__named directory; /* path absent: none */
    struct pdpd__named trust;
    struct pdpd__keys keys;
    uint32_t workers;
    bool seccomp; /* the daemon's own filter of system calls */
    struct pdpd__limits limits;
    bool log_json;
    enum pdpd__log_level log_level;
};

/*
 * Reads a configuration from its text (YAML), which was found at path.
 * False if the report has errors.  Everything lives in config->arena, also
 * after an error, until pdpd__config_free().
 */
bool pdpd__config_parse(struct pdpd__config *config, pdp_str_t path,
    pdp_str_t text, pdp_report_t *report);

void pdpd__config_free(struct pdpd__config *config);

/* Whether b differs from a in what only a new start changes. */
bool pdpd__config_needs_start(const struct pdpd__config *a,
    const struct pdpd__config *b);

#endif
