/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/lint.h"

/*
 * Is there anything about judged requests that no rule knows?
 *
 * nginx has modules beyond counting, and some of them answer, forward or
 * change requests.  So whatever stands where requests are judged, or where
 * the daemon is asked, must be on the list here: the rules look at it, or it
 * concerns answers, connections, logs or limits only.  What is not on the list
 * is told, rather than passed over in silence.
 */

/* `*` at the end: whatever follows. */
static const char *const names[] = {
    /* what the rules look at */
    "auth_request", "auth_request_set", "if", "include", "internal",
    "limit_except", "listen", "location", "map", "geo", "split_clients",
    "proxy_pass", "proxy_set_header", "return", "rewrite", "satisfy", "server",
    "server_name", "set", "try_files", "upstream", "error_page", "mirror",
    "mirror_request_body", "break", "post_action", "add_before_body",
    "add_after_body", "addition_types", "ssi", "ssi_*", "merge_slashes",
    "ignore_invalid_headers", "underscores_in_headers", "set_real_ip_from",
    "real_ip_header", "real_ip_recursive", "log_format", "limit_req",
    "limit_req_*", "limit_conn", "limit_conn_*", "limit_zone",
    "recursive_error_pages", "proxy_cache", "proxy_cache_*", "proxy_method",
    "proxy_set_body", "proxy_pass_request_body", "proxy_pass_request_headers",
    "proxy_http_version", "proxy_intercept_errors", "proxy_store",
    "proxy_read_timeout",
    /* other protocols: where one is spoken, that is told */
    "fastcgi_*", "uwsgi_*", "scgi_*", "grpc_*", "memcached_*",
    /* further checks */
    "allow", "deny", "auth_basic*", "auth_delay", "auth_jwt*", "access_log",
    /* towards the upstream */
    "proxy_bind", "proxy_buffer*", "proxy_busy_buffers_size",
    "proxy_connect_timeout", "proxy_send_timeout", "proxy_send_lowat",
    "proxy_cookie_*", "proxy_force_ranges", "proxy_headers_hash_*",
    "proxy_hide_header", "proxy_pass_header", "proxy_ignore_client_abort",
    "proxy_ignore_headers", "proxy_limit_rate", "proxy_max_temp_file_size",
    "proxy_next_upstream*", "proxy_redirect", "proxy_request_buffering",
    "proxy_socket_keepalive", "proxy_ssl*", "proxy_store_access",
    "proxy_temp_*", "hash", "ip_hash", "keepalive", "keepalive_*", "least_conn",
    "least_time", "ntlm", "queue", "random", "state", "sticky", "zone",
    "resolver", "resolver_timeout", "health_check",
    /* towards the client */
    "absolute_redirect", "add_header", "add_trailer", "brotli*", "charset*",
    "chunked_transfer_encoding", "client_body_*", "client_header_*",
    "client_max_body_size", "connection_pool_size", "default_type", "etag",
    "expires", "gunzip*", "gzip*", "http2", "http2_*", "http3", "http3_*",
    "if_modified_since", "keepalive*", "large_client_header_buffers",
    "limit_rate*", "lingering_*", "max_ranges", "more_clear_headers",
    "more_set_headers", "msie_*", "output_buffers", "override_charset",
    "port_in_redirect", "postpone_output", "quic_*", "read_ahead",
    "request_pool_size", "reset_timedout_connection", "send_lowat",
    "send_timeout", "server_name_in_redirect", "server_names_hash_*",
    "server_tokens", "slice", "source_charset", "ssl", "ssl_*", "stapling*",
    "sub_filter*", "subrequest_output_buffer_size", "tcp_*", "userid*",
    "valid_referers", "secure_link*",
    /* files, logs, tables */
    "aio", "aio_write", "alias", "ancient_browser*", "autoindex*", "directio*",
    "disable_symlinks", "error_log", "geoip_*", "index", "js_import", "js_path",
    "log_not_found", "log_subrequest", "lua_*", "map_hash_*", "modern_browser*",
    "open_file_cache*", "open_log_file_cache", "referer_*", "rewrite_log",
    "root", "sendfile*", "status_zone", "types", "types_hash_*",
    "uninitialized_variable_warn", "variables_hash_*"};

static bool
is_known(pdp_str_t name)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        pdp_str_t known = pdp__str_z(names[i]);
        if (known.ptr[known.len - 1] == '*') {
            known.len--;
            if (pdp__str_starts(name, known)) {
                return true;
            }
        } else if (pdp__str_eq(name, known)) {
            return true;
        }
    }
    return false;
}

bool
pdp__gateway_is_code(const struct pdp__ngx_directive *node)
{
    static const char *const code[] = {"js_content", "js_access", "js_set",
        "js_body_filter", "js_header_filter", "js_periodic", "perl", "perl_set",
        "perl_modules", "perl_require"};
    for (size_t i = 0; i < sizeof(code) / sizeof(code[0]); i++) {
        if (pdp__ngx_is(node, code[i])) {
            return true;
        }
    }
    return node->code || pdp__ngx_has(pdp__ngx_arg(node, 0), "_by_lua");
}

bool
pdp__gateway_is_handler(const struct pdp__ngx_directive *node)
{
    static const char *const handlers[] = {"empty_gif", "stub_status", "flv",
        "mp4", "hls", "f4f", "api", "status", "echo", "echo_exec",
        "image_filter", "memc_pass", "redis_pass", "rds_json"};
    if (pdp__ngx_is(node, "dav_methods")) {
        return !pdp__str_eq_nocase(pdp__ngx_arg(node, 1), PDP__LIT("off"));
    }
    if (pdp__ngx_is(node, "random_index")) {
        return pdp__str_eq_nocase(pdp__ngx_arg(node, 1), PDP__LIT("on"));
    }
    for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
        if (pdp__ngx_is(node, handlers[i])) {
            return true;
        }
    }
    return false;
}

/* The directives of one block, without those of blocks in it. */
static void
check_block(struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *block)
{
    static const char *const harmless[] = {"dav_methods", "dav_access",
        "create_full_put_path", "min_delete_depth", "random_index"};
    const struct pdp__ngx_directive *at = block->first;
    for (; at != NULL; at = at->next) {
        bool known = is_known(pdp__ngx_arg(at, 0));
        for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
            known = known || pdp__ngx_is(at, harmless[i]);
        }
        if (pdp__gateway_is_code(at)) {
            pdp__gateway_add(lint, PDP__GATEWAY_CODE_NOT_READ, at,
                "what the program '%s' does is not looked at",
                at->words[0].text);
        } else if (pdp__gateway_is_handler(at)) {
            pdp__gateway_add(lint, PDP__GATEWAY_OTHER_HANDLER, at,
                "'%s' answers by nginx's reading of the path, not by the one "
                "that was judged",
                at->words[0].text);
        } else if (!known) {
            pdp__gateway_add(lint, PDP__GATEWAY_DIRECTIVE_UNKNOWN, at,
                "what '%s' does to requests that are judged is not known",
                at->words[0].text);
        }
    }
}

void
pdp__gateway_rules_known(struct pdp__gateway_lint *lint)
{
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        const struct pdp__gateway_scope *scope = &lint->scopes[i];
        if (scope->auth == NULL) {
            continue;
        }
        const struct pdp__ngx_directive *block = scope->block;
        for (; block != NULL; block = block->parent) {
            /* The root is looked at where it stands for another block. */
            bool whole =
                block->parent == NULL && pdp__ngx_own(block, "http") != NULL;
            if (!whole) {
                check_block(lint, block);
            }
        }
        const struct pdp__ngx_directive *upstream =
            scope->pass == NULL ? NULL : pdp__ngx_upstream(&scope->target);
        if (upstream != NULL) {
            check_block(lint, upstream);
        }
    }
}
