/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/lint.h"

/*
 * Ways round the decision within a guarded location.
 *
 * nginx asks in its access phase.  What runs before it (return, rewrite, if,
 * a request that is refused for its size or its form) is not judged; where an
 * error page takes over, the request goes on as one of the location that the
 * page is in.  Errors that come before the access phase can be made by any
 * client: TRACE is 405, a second Host 400, a long body 413, a long header 494.
 *
 * Sub-requests (SSI, additions) skip the access phase altogether, and a
 * post_action runs even where the request was denied.
 */

/* Codes that nginx gives after the request was judged; any other can come
 * before, or from the decision itself. */
static bool
comes_after(int64_t code)
{
    return code == 404 || code == 416 || code == 502 || code == 504;
}

/* Whether the return of a block, or of an `if` in it, gives this code. */
static bool
returns(const struct pdp__ngx_directive *block, int64_t code)
{
    const struct pdp__ngx_directive *at = block;
    while ((at = pdp__ngx_walk(block, at)) != NULL) {
        if (pdp__ngx_is(at, "return") &&
            pdp__ngx_status(pdp__ngx_arg(at, 1)) == code) {
            return true;
        }
    }
    return false;
}

static bool
is_open(const struct pdp__gateway_scope *scope)
{
    return scope->auth == NULL && (scope->pass != NULL || scope->code);
}

/* Whether what takes over hands on requests without a decision, or may: a
 * variable can be any location, and regular expressions are not tried. */
static bool
escapes(const struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope, pdp_str_t target)
{
    struct pdp__ngx_route route = pdp__ngx_route(scope->server, target);
    const struct pdp__gateway_scope *there =
        route.location == NULL ? NULL
                               : pdp__gateway_scope_of(lint, route.location);
    bool any = pdp__str_find(target, '$', 0) < target.len;
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        const struct pdp__gateway_scope *other = &lint->scopes[i];
        bool regex =
            route.regex && !route.exact &&
            pdp__str_starts(pdp__ngx_arg(other->block, 1), PDP__LIT("~"));
        if (other->server == scope->server && is_open(other) &&
            (any || regex)) {
            return true;
        }
    }
    return there != NULL && is_open(there);
}

static void
check_page(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope,
    const struct pdp__ngx_directive *page)
{
    if (page->word_cnt < 3) {
        return;
    }
    pdp_str_t target = pdp__ngx_arg(page, page->word_cnt - 1);
    pdp_str_t equal = pdp__ngx_arg(page, page->word_cnt - 2);
    bool changed = equal.len > 0 && equal.ptr[0] == '=';
    int64_t status = changed ? pdp__ngx_status(pdp__str_from(equal, 1)) : -1;
    bool elsewhere = pdp__ngx_has(target, "://");
    bool hides = (changed && (status < 0 || status < 400)) || elsewhere;
    bool leaves = target.len > 0 && !elsewhere &&
                  strchr("@/$", target.ptr[0]) != NULL &&
                  escapes(lint, scope, target);
    for (size_t i = 1; i + 1 < page->word_cnt; i++) {
        int64_t code = pdp__ngx_status(pdp__ngx_arg(page, i));
        if (code < 0) {
            continue;
        }
        if (leaves && (!comes_after(code) || returns(scope->block, code))) {
            pdp__gateway_add(lint, PDP__GATEWAY_ERROR_PAGE_ESCAPE, page,
                "a request with status %ld goes on, without a decision, to "
                "'%s'",
                (long)code, page->words[page->word_cnt - 1].text);
        } else if (leaves) {
            pdp__gateway_add_as(lint, PDP__GATEWAY_ERROR_PAGE_ESCAPE,
                PDP_SEVERITY_WARNING, page,
                "a request with status %ld is handed on once more, as one of "
                "'%s', which asks nobody",
                (long)code, page->words[page->word_cnt - 1].text);
        } else if (hides && (code == 401 || code == 403 || code == 500)) {
            pdp__gateway_add(lint, PDP__GATEWAY_ERROR_PAGE_STATUS, page,
                "a denial (%ld) does not look like one to the client",
                (long)code);
        }
    }
}

/* Also those of the server where the location has its own: what is refused
 * before a location is chosen is the server's. */
static void
check_pages(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *page =
        pdp__ngx_in_force(scope->block, "error_page");
    for (; page != NULL; page = pdp__ngx_own_next(page)) {
        check_page(lint, scope, page);
    }
    page = pdp__ngx_in_force(scope->server, "error_page");
    for (; page != NULL; page = pdp__ngx_own_next(page)) {
        check_page(lint, scope, page);
    }
}

static bool
forwards_judged(const struct pdp__gateway_scope *scope)
{
    pdp_str_t rest = {"", 0};
    return scope->pass == NULL || pdp__gateway_starts_with_answer(scope,
                                      scope->target.uri, "x_pdp_uri", &rest);
}

static void
check_rewrite(struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *rewrite, bool judged)
{
    pdp_str_t to = pdp__ngx_arg(rewrite, 2);
    pdp_str_t flag = pdp__ngx_arg(rewrite, 3);
    if (pdp__ngx_eq(flag, "redirect") || pdp__ngx_eq(flag, "permanent") ||
        pdp__str_starts(to, PDP__LIT("http://")) ||
        pdp__str_starts(to, PDP__LIT("https://")) ||
        pdp__str_starts(to, PDP__LIT("$scheme"))) {
        pdp__gateway_add(lint, PDP__GATEWAY_ANSWER_BEFORE_AUTH, rewrite,
            "this redirects before the daemon is asked");
    } else if (pdp__str_find(to, '?', 0) + 1 < to.len) {
        pdp__gateway_add(lint, PDP__GATEWAY_REWRITE_BEFORE_AUTH, rewrite,
            "the upstream gets this query, and the daemon judges another one");
    } else if (judged) {
        pdp__gateway_add_as(lint, PDP__GATEWAY_REWRITE_BEFORE_AUTH,
            PDP_SEVERITY_WARNING, rewrite,
            "the location is chosen by another path than the one that is "
            "judged");
    } else {
        pdp__gateway_add(lint, PDP__GATEWAY_REWRITE_BEFORE_AUTH, rewrite,
            "the upstream gets this path, and the daemon judges another one");
    }
}

/* The rewrite phase of one block and the `if` blocks in it. */
static void
check_before(struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *block, bool judged)
{
    const struct pdp__ngx_directive *at = block->first;
    for (; at != NULL; at = at->next) {
        if (at->block && pdp__ngx_is(at, "if")) {
            pdp__gateway_add(lint, PDP__GATEWAY_IF_BEFORE_AUTH, at,
                "this is evaluated before the daemon is asked");
            check_before(lint, at, judged);
        } else if (pdp__ngx_is(at, "return")) {
            int64_t code = pdp__ngx_status(pdp__ngx_arg(at, 1));
            if (code < 400) {
                pdp__gateway_add(lint, PDP__GATEWAY_ANSWER_BEFORE_AUTH, at,
                    "this answers before the daemon is asked");
            }
        } else if (pdp__ngx_is(at, "rewrite")) {
            check_rewrite(lint, at, judged);
        }
    }
}

static void
check_code(struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *block)
{
    const struct pdp__ngx_directive *at = block->first;
    for (; at != NULL; at = at->next) {
        if (pdp__gateway_is_code(at)) {
            pdp__gateway_add(lint, PDP__GATEWAY_CODE_NOT_READ, at,
                "what the program '%s' does is not looked at",
                at->words[0].text);
        }
    }
}

/* Whether a location that is guarded otherwise hands this on. */
static bool
is_guarded_target(const struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope, pdp_str_t target)
{
    struct pdp__ngx_route route = pdp__ngx_route(scope->server, target);
    const struct pdp__gateway_scope *there =
        route.location == NULL ? NULL
                               : pdp__gateway_scope_of(lint, route.location);
    return there != NULL && there->auth != NULL && there->pass != NULL;
}

/* An open location's sub-requests matter if they reach what is guarded. */
static void
check_subrequests(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    static const char *const names[] = {"add_before_body", "add_after_body",
        "post_action"};
    bool open = !pdp__gateway_guarded(scope);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct pdp__ngx_directive *found =
            pdp__ngx_in_force(scope->block, names[i]);
        pdp_str_t target = pdp__ngx_arg(found, 1);
        bool same = target.len > 0 && is_guarded_target(lint, scope, target);
        if (target.len > 0 && (!open || same)) {
            pdp__gateway_add_as(lint, PDP__GATEWAY_UNJUDGED_SUBREQUEST,
                open ? PDP_SEVERITY_ERROR : PDP_SEVERITY_WARNING, found,
                "'%s' is fetched without a decision", found->words[1].text);
        }
    }
    if (pdp__ngx_switch(scope->block, "ssi", false)) {
        pdp__gateway_add(lint, PDP__GATEWAY_UNJUDGED_SUBREQUEST,
            pdp__ngx_in_force(scope->block, "ssi"),
            "what an answer includes is fetched without a decision");
    }
}

/* Files are found by nginx's reading of the path; one that is named by its
 * location has no other reading. */
static void
check_files(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *block = scope->block;
    pdp_str_t first = pdp__ngx_arg(block, 1);
    bool many = pdp__ngx_is(block, "location") &&
                (pdp__str_starts(first, PDP__LIT("/")) ||
                    pdp__str_starts(first, PDP__LIT("^~")) ||
                    (pdp__str_starts(first, PDP__LIT("~")) &&
                        (first.len > 2 || block->word_cnt > 2)));
    bool none = pdp__ngx_own(block, "deny") != NULL &&
                pdp__ngx_own(block, "allow") == NULL;
    if (many && !none && scope->pass == NULL && !scope->answers &&
        !scope->code && !scope->internal &&
        pdp__ngx_own(block, "rewrite") == NULL &&
        pdp__ngx_own(block, "try_files") == NULL) {
        pdp__gateway_add(lint, PDP__GATEWAY_OTHER_HANDLER, block,
            "files are found by nginx's reading of the path, not by the one "
            "that was judged");
    }
}

static void
check_try_files(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *try_files =
        pdp__ngx_own(scope->block, "try_files");
    if (try_files == NULL) {
        try_files = pdp__ngx_own(scope->server, "try_files");
    }
    if (try_files == NULL) {
        return;
    }
    pdp__gateway_add(lint, PDP__GATEWAY_TRY_FILES, try_files,
        "files are looked for under nginx's reading of the path, not under "
        "the one that was judged");
}

void
pdp__gateway_rules_escape(struct pdp__gateway_lint *lint)
{
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        const struct pdp__gateway_scope *scope = &lint->scopes[i];
        if (!pdp__gateway_server_guarded(lint, scope->server)) {
            continue;
        }
        check_code(lint, scope->block);
        if (!scope->asks) {
            check_subrequests(lint, scope);
        }
        if (!pdp__gateway_guarded(scope)) {
            continue;
        }
        bool judged = forwards_judged(scope);
        check_pages(lint, scope);
        check_before(lint, scope->block, judged);
        if (scope->block != scope->server) {
            check_before(lint, scope->server, judged);
            check_code(lint, scope->server);
        }
        check_files(lint, scope);
        check_try_files(lint, scope);
    }
}
