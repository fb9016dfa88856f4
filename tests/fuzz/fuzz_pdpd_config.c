/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/config.h"

#include "fuzz.h"

#include "base/report.h"

/*
 * pdpd.yaml.  What is taken has no finding and obeys every limit that the
 * manual states: no listener without a place, no socket without peers, no
 * address but loopback.  What is not taken has a finding with a place.
 */

enum { INPUT_MAX = 4096 };

static void
check_listener(const struct pdpd__listen *one)
{
    bool tcp = one->host.ptr != NULL;
    MUST(one->name.len > 0 && one->name.len <= 64);
    MUST(one->contract != PDPD__CONTRACT_NONE);
    MUST((one->socket.ptr != NULL) != tcp);
    MUST(one->peer_cnt <= PDPD__PEERS_MAX);
    MUST(tcp ? one->port > 0 && one->peer_cnt == 0 : one->peer_cnt > 0);
    MUST(!tcp || pdp__str_eq(one->host, PDP__LIT("127.0.0.1")) ||
         pdp__str_eq(one->host, PDP__LIT("::1")));
    MUST(one->mode == 0600 || one->mode == 0660);
    MUST(one->prefix.len == 0 ||
         (one->contract == PDPD__CONTRACT_EXT_AUTHZ &&
             one->prefix.ptr[0] == '/' &&
             one->prefix.ptr[one->prefix.len - 1] != '/'));
    for (uint32_t i = 0; i < one->peer_cnt; i++) {
        MUST(one->peers[i] != (uid_t)-1);
    }
}

static void
check(const struct pdpd__config *config)
{
    MUST(config->listener_cnt > 0);
    MUST(config->listener_cnt <= PDPD__LISTENERS_MAX);
    for (uint32_t i = 0; i < config->listener_cnt; i++) {
        check_listener(&config->listeners[i]);
    }
    MUST(config->trust.path.len > 0);
    MUST(config->workers >= 1 && config->workers <= PDPD__WORKERS_MAX);
    MUST(config->limits.header_bytes >= 4096 &&
         config->limits.header_bytes <= 24576);
    MUST(
        config->limits.connections >= 1 && config->limits.connections <= 65536);
    MUST(config->limits.header_timeout_sec >= 1 &&
         config->limits.header_timeout_sec <= 60);
    MUST(config->limits.idle_timeout_sec >= 1 &&
         config->limits.idle_timeout_sec <= 3600);
    MUST(
        config->keys.max_stale_sec == 0 || config->keys.state.path.ptr != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pdp_mem_t mem = pdp__mem_default();
    pdp_report_t *report = pdp__report_new(&mem);
    pdp_str_t text = {(const char *)data, size};
    struct pdpd__config config;

    MUST(report != NULL);
    if (size > INPUT_MAX) {
        pdp_report_free(report);
        return 0;
    }
    if (pdpd__config_parse(&config, PDP__LIT("/etc/pdp/pdpd.yaml"), text,
            report)) {
        MUST(pdp_report_errors(report) == 0);
        check(&config);
    } else {
        pdp_finding_t finding = {.size = sizeof(finding)};
        MUST(pdp_report_at(report, 0, &finding) == PDP_OK);
        MUST(finding.line > 0 && finding.column > 0);
    }
    pdpd__config_free(&config);
    pdp_report_free(report);
    return 0;
}
