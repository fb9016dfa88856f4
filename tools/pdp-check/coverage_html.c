/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/coverage.h"

/*
 * Coverage as one page: no script, no font, no image, no address of anybody,
 * so that it may be kept as an artifact and opened from a disk.
 *
 * Colours follow the reader's choice of light or dark; what is not covered
 * is marked by a word and a sign, not by colour alone.  The filter is three
 * radio buttons and a style sheet.
 */

#include "base/str.h"
#include "pdp-check/markup.h"

static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, "
    "initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" "
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<title>Coverage of policy tests</title>\n"
    "<style>\n"
    ":root { --ink: #1a1a1a; --paper: #fff; --line: #d0d0d0;\n"
    "  --good: #0a6b2d; --good-back: #e3f5e8; --bad: #a30015;\n"
    "  --bad-back: #fde7ea; --soft: #5a5a5a; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  :root { --ink: #e8e8e8; --paper: #16181c; --line: #3c4047;\n"
    "    --good: #7fdc9d; --good-back: #12301d; --bad: #ff9aa6;\n"
    "    --bad-back: #43141b; --soft: #a6a6a6; }\n"
    "}\n"
    "body { color: var(--ink); background: var(--paper);\n"
    "  font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto;\n"
    "  max-width: 80rem; padding: 0 1rem; }\n"
    "table { border-collapse: collapse; width: 100%; margin: 1rem 0; }\n"
    "th, td { border-bottom: 1px solid var(--line); text-align: left;\n"
    "  padding: .3rem .6rem; vertical-align: top; }\n"
    "code { overflow-wrap: anywhere; }\n"
    ".covered, .uncovered, .none { white-space: nowrap; }\n"
    ".covered { color: var(--good); background: var(--good-back); }\n"
    ".uncovered { color: var(--bad); background: var(--bad-back);\n"
    "  font-weight: bold; }\n"
    ".none { color: var(--soft); }\n"
    ".filter { margin-right: 1.5rem; }\n"
    "#open:checked ~ table tr.full { display: none; }\n"
    "#full:checked ~ table tr.open { display: none; }\n"
    "</style>\n"
    "</head>\n"
    "<body>\n"
    "<h1>Coverage of policy tests</h1>\n";

static void
add_cell(struct pdp__string *out, bool applies, uint64_t cnt)
{
    if (!applies) {
        pdp__string_z(out, "<td class=\"none\">not applicable</td>");
    } else if (cnt == 0) {
        pdp__string_z(out, "<td class=\"uncovered\">&#x2717; not covered</td>");
    } else {
        pdp__string_fmt(out, "<td class=\"covered\">&#x2713; %llu</td>",
            (unsigned long long)cnt);
    }
}

static void
add_route(struct pdp__string *out, const struct pdp__coverage_route *route)
{
    bool has_deny = pdp__coverage_has_deny(route);
    bool full = route->allowed > 0 && (!has_deny || route->denied > 0);
    pdp__string_fmt(out, "<tr class=\"%s\"><td>", full ? "full" : "open");
    pdp__markup_add(out, pdp__str_z(route->service));
    pdp__string_z(out, "</td><td>");
    pdp__markup_add(out, pdp__str_z(route->method));
    pdp__string_z(out, "</td><td><code>");
    pdp__markup_add(out, pdp__str_z(route->path));
    pdp__string_z(out, "</code></td>");
    add_cell(out, true, route->allowed);
    add_cell(out, has_deny, route->denied);
    pdp__string_z(out, "</tr>\n");
}

static void
add_routes(struct pdp__string *out, const struct pdp__coverage *coverage)
{
    pdp__string_z(out,
        "<h2>Routes</h2>\n"
        "<input type=\"radio\" name=\"show\" id=\"all\" checked>\n"
        "<label class=\"filter\" for=\"all\">all routes</label>\n"
        "<input type=\"radio\" name=\"show\" id=\"open\">\n"
        "<label class=\"filter\" for=\"open\">not covered</label>\n"
        "<input type=\"radio\" name=\"show\" id=\"full\">\n"
        "<label class=\"filter\" for=\"full\">covered</label>\n"
        "<table>\n"
        "<thead><tr><th scope=\"col\">Service</th><th scope=\"col\">Method"
        "</th><th scope=\"col\">Path</th><th scope=\"col\">Allow</th>"
        "<th scope=\"col\">Deny</th></tr></thead>\n"
        "<tbody>\n");
    for (size_t i = 0; i < coverage->route_cnt; i++) {
        add_route(out, &coverage->routes[i]);
    }
    pdp__string_z(out, "</tbody>\n</table>\n");
}

static void
add_unused(struct pdp__string *out, const struct pdp__coverage *coverage,
    const struct pdp__coverage_sum *sum)
{
    pdp__string_z(out, "<h2>Policies that never decided anything</h2>\n");
    if (sum->unused == 0) {
        pdp__string_z(out, "<p>None.</p>\n");
        return;
    }
    pdp__string_z(out, "<ul id=\"unused\">\n");
    for (size_t i = 0; i < coverage->policy_cnt; i++) {
        if (pdp__coverage_unused(&coverage->policies[i])) {
            pdp__string_z(out, "<li class=\"uncovered\"><code>");
            pdp__markup_add(out, pdp__str_z(coverage->policies[i].id));
            pdp__string_z(out, "</code></li>\n");
        }
    }
    pdp__string_z(out, "</ul>\n");
}

void
pdp__coverage_html(const struct pdp__coverage *coverage,
    struct pdp__string *out)
{
    struct pdp__coverage_sum sum = pdp__coverage_sum(coverage);
    pdp__string_z(out, head);
    pdp__string_fmt(out,
        "<p>%zu of %zu outcomes of %zu routes are covered (%u %%); %zu of "
        "%zu policies decided something.</p>\n",
        sum.covered, sum.cells, coverage->route_cnt,
        pdp__coverage_percent(&sum), sum.policies - sum.unused, sum.policies);
    add_routes(out, coverage);
    add_unused(out, coverage, &sum);
    pdp__string_z(out, "</body>\n</html>\n");
}
