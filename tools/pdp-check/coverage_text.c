/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/coverage.h"

/*
 * Coverage as text and as JSON.  Text lists only what is missing: that is
 * what its reader is to do something about.
 */

#include "base/str.h"
#include "common/escape.h"

static void
add_missing(const struct pdp__coverage_route *route, bool service,
    const char *prefix, const char *outcome, struct pdp__string *out)
{
    pdp__string_fmt(out, "%s    %-11s  %-7s ", prefix, outcome, route->method);
    if (service) {
        pdp__escape_add(out, pdp__str_z(route->service));
        pdp__string_char(out, ' ');
    }
    pdp__escape_add(out, pdp__str_z(route->path));
    pdp__string_char(out, '\n');
}

/* Whether routes are of more than one service, so that it must be named. */
static bool
is_mixed(const struct pdp__coverage *coverage)
{
    for (size_t i = 1; i < coverage->route_cnt; i++) {
        if (strcmp(coverage->routes[i].service, coverage->routes[0].service) !=
            0) {
            return true;
        }
    }
    return false;
}

void
pdp__coverage_text(const struct pdp__coverage *coverage, const char *prefix,
    struct pdp__string *out)
{
    struct pdp__coverage_sum sum = pdp__coverage_sum(coverage);
    bool mixed = is_mixed(coverage);
    pdp__string_fmt(out,
        "%scoverage: %zu of %zu outcomes of %zu routes (%u %%), %zu of %zu "
        "policies\n",
        prefix, sum.covered, sum.cells, coverage->route_cnt,
        pdp__coverage_percent(&sum), sum.policies - sum.unused, sum.policies);
    if (sum.covered < sum.cells) {
        pdp__string_fmt(out, "%s  not covered:\n", prefix);
    }
    for (size_t i = 0; i < coverage->route_cnt; i++) {
        const struct pdp__coverage_route *route = &coverage->routes[i];
        bool deny = pdp__coverage_has_deny(route) && route->denied == 0;
        if (route->allowed == 0 || deny) {
            add_missing(route, mixed, prefix,
                !deny                 ? "allow"
                : route->allowed == 0 ? "allow, deny"
                                      : "deny",
                out);
        }
    }
    if (sum.unused > 0) {
        pdp__string_fmt(out, "%s  policies that never decided anything:\n",
            prefix);
    }
    for (size_t i = 0; i < coverage->policy_cnt; i++) {
        if (pdp__coverage_unused(&coverage->policies[i])) {
            pdp__string_fmt(out, "%s    ", prefix);
            pdp__escape_add(out, pdp__str_z(coverage->policies[i].id));
            pdp__string_char(out, '\n');
        }
    }
}

static const char *
access_name(pdp_access_t access)
{
    switch (access) {
    case PDP_ACCESS_REQUIRES:
        return "requires";
    case PDP_ACCESS_AUTHENTICATED:
        return "authenticated";
    case PDP_ACCESS_PUBLIC:
        return "public";
    }
    return "requires";
}

static void
add_text(struct pdp__string *out, const char *name, const char *value)
{
    pdp__string_fmt(out, "\"%s\":", name);
    pdp__escape_json(out, pdp__str_z(value));
}

static void
add_route(const struct pdp__coverage_route *route, struct pdp__string *out)
{
    pdp__string_char(out, '{');
    add_text(out, "service", route->service);
    pdp__string_char(out, ',');
    add_text(out, "method", route->method);
    pdp__string_char(out, ',');
    add_text(out, "path", route->path);
    pdp__string_fmt(out, ",\"access\":\"%s\",\"allow\":%llu,\"deny\":",
        access_name(route->access), (unsigned long long)route->allowed);
    if (pdp__coverage_has_deny(route)) {
        pdp__string_fmt(out, "%llu}", (unsigned long long)route->denied);
    } else {
        pdp__string_z(out, "null}");
    }
}

void
pdp__coverage_json(const struct pdp__coverage *coverage,
    struct pdp__string *out)
{
    struct pdp__coverage_sum sum = pdp__coverage_sum(coverage);
    pdp__string_fmt(out,
        "{\"outcomes\":%zu,\"covered\":%zu,\"percent\":%u,\"routes\":[",
        sum.cells, sum.covered, pdp__coverage_percent(&sum));
    for (size_t i = 0; i < coverage->route_cnt; i++) {
        pdp__string_z(out, i == 0 ? "" : ",");
        add_route(&coverage->routes[i], out);
    }
    pdp__string_z(out, "],\"policies\":[");
    for (size_t i = 0; i < coverage->policy_cnt; i++) {
        const struct pdp__coverage_policy *policy = &coverage->policies[i];
        pdp__string_z(out, i == 0 ? "{" : ",{");
        add_text(out, "id", policy->id);
        pdp__string_fmt(out, ",\"granted\":%llu,\"denied\":%llu}",
            (unsigned long long)policy->granted,
            (unsigned long long)policy->denied);
    }
    pdp__string_z(out, "]}");
}
