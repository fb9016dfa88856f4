/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/model.h"
#include "gateway/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The words of an nginx configuration, its tree, and what is in force where;
 * files come from a table. */

struct sample {
    const char *path;
    const char *text;
};

static bool
find_sample(void *context, const char *pattern, char ***paths, size_t *cnt)
{
    const struct sample *sample = context;
    bool all = strchr(pattern, '*') != NULL;
    *cnt = 0;
    *paths = pdp__heap_resize(NULL, 8, sizeof(**paths));
    for (; sample->path != NULL; sample++) {
        if (all || strcmp(sample->path, pattern) == 0) {
            (*paths)[(*cnt)++] = pdp__heap_copy(pdp__str_z(sample->path));
        }
    }
    if (*cnt == 0 && !all) {
        pdp__heap_free(*paths);
        *paths = NULL;
        return false;
    }
    return true;
}

static bool
read_sample(void *context, const char *path, struct pdp__file *out)
{
    const struct sample *sample = context;
    *out = (struct pdp__file){0};
    while (sample->path != NULL && strcmp(sample->path, path) != 0) {
        sample++;
    }
    if (sample->path == NULL || sample->text == NULL) {
        return false;
    }
    out->len = strlen(sample->text);
    out->text = pdp__heap_copy(pdp__str_z(sample->text));
    return true;
}

static void
read_samples(struct pdp__ngx_conf *conf, struct sample *samples)
{
    const struct pdp__ngx_source source = {samples, find_sample, read_sample};
    pdp__ngx_conf_read(conf, samples[0].path, NULL, &source);
}

static void
read_text(struct pdp__ngx_conf *conf, const char *text)
{
    struct sample samples[] = {{"n.conf", text}, {NULL, NULL}};
    read_samples(conf, samples);
}

/* Reads one directive and compares its words, joined by `|`. */
static void
assert_words(const char *text, const char *want)
{
    struct pdp__ngx_conf conf;
    struct pdp__string got = {0};
    read_text(&conf, text);
    assert_int_equal(conf.problem_cnt, 0);
    for (size_t i = 0; i < conf.root->first->word_cnt; i++) {
        pdp__string_z(&got, i > 0 ? "|" : "");
        pdp__string_add(&got, pdp__ngx_arg(conf.root->first, i));
    }
    assert_string_equal(got.ptr, want);
    assert_null(conf.root->first->next);
    pdp__string_free(&got);
    pdp__ngx_conf_free(&conf);
}

static void
assert_problem(const char *text, const char *code, uint32_t line,
    uint32_t column, const char *message)
{
    struct pdp__ngx_conf conf;
    read_text(&conf, text);
    assert_int_equal(conf.problem_cnt, 1);
    assert_string_equal(conf.problems[0].code, code);
    assert_string_equal(conf.problems[0].message, message);
    assert_int_equal(conf.problems[0].place.line, line);
    assert_int_equal(conf.problems[0].place.column, column);
    pdp__ngx_conf_free(&conf);
}

static void
test_words_end_where_nginx_ends_them(void **state)
{
    (void)state;
    assert_words("a b\tc\r\nd;", "a|b|c|d");
    assert_words("a b#c d}e;", "a|b#c|d}e");
    assert_words("# x;\na # y;\n b;", "a|b");
    assert_words("a{}", "a");
    assert_words("a b{}", "a|b");
    assert_words("a ${b}c $d;", "a|${b}c|$d");
    assert_words("a \"b c\" 'd;{}#e' \"\";", "a|b c|d;{}#e|");
    assert_words("if ($a = \"b\") {}", "if|($a|=|b|)");
    assert_words("a b\"c 'd'{}", "a|b\"c|d");
}

static void
test_backslashes_are_those_of_nginx(void **state)
{
    (void)state;
    assert_words("a \\\"b\\' \\\\ \\t.\\n.\\r \\d \\; \\{;",
        "a|\"b'|\\|\t.\n.\r|\\d|\\;|\\{");
    assert_words("a \"\\\"\\d\" '\\'';", "a|\"\\d|'");
    assert_words("a \\ b;", "a|\\ b");
}

static void
test_what_is_no_configuration_is_told_with_its_place(void **state)
{
    (void)state;
    assert_problem("a {\n b;", "conf_syntax", 1, 1, "this block is not closed");
    assert_problem("a;\n }", "conf_syntax", 2, 2,
        "'}' without a block to close");
    assert_problem("a { b }", "conf_syntax", 1, 7,
        "'}' where the ';' of a directive is missing");
    assert_problem("a", "conf_syntax", 1, 2, "the text ends in a directive");
    assert_problem("a \"b", "conf_syntax", 1, 3, "a quote is not closed");
    assert_problem("a 'b\\", "conf_syntax", 1, 3, "a quote is not closed");
    assert_problem("a 'b'c;", "conf_syntax", 1, 3,
        "there is no white space after a closing quote");
    assert_problem("a b\\", "conf_syntax", 1, 3,
        "the text ends after a backslash");
    assert_problem("{}", "conf_syntax", 1, 1, "a block without a name");
    assert_problem(";", "conf_syntax", 1, 1, "';' without a directive");
    assert_problem("include a b;", "conf_syntax", 1, 1,
        "include takes one file or pattern");
    assert_problem("include no;", "include_missing", 1, 9,
        "there is no file 'no'");
}

static void
test_lua_is_skipped_to_its_own_end(void **state)
{
    static const char *const bodies[] = {"", "a = {1, {2}}", "s = \"}\\\"}\"",
        "s = '}'", "-- }\n", "--[[ } ]]", "--[==[ ]] } ]==]", "s = [[ } ]]",
        "s = [=[ ]] } ]=]", "t[1] = 2", "--[ }\n", "a - b"};
    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct pdp__ngx_conf conf;
        struct pdp__string text = {0};
        pdp__string_fmt(&text, "content_by_lua_block {%s} next;", bodies[i]);
        read_text(&conf, text.ptr);
        assert_int_equal(conf.problem_cnt, 0);
        assert_true(conf.root->first->code);
        assert_null(conf.root->first->first);
        assert_true(pdp__ngx_is(conf.root->first->next, "next"));
        pdp__string_free(&text);
        pdp__ngx_conf_free(&conf);
    }
    assert_problem("content_by_lua_block { --[[ }", "conf_syntax", 1, 22,
        "a block is not closed");
}

static void
test_includes_stand_where_they_are_written(void **state)
{
    struct sample samples[] = {{"etc/n.conf", "a { include b.conf; c; }"},
        {"etc/b.conf", "x;\n  y;"}, {NULL, NULL}};
    struct pdp__ngx_conf conf;
    (void)state;
    read_samples(&conf, samples);
    assert_int_equal(conf.problem_cnt, 0);
    const struct pdp__ngx_directive *at = conf.root->first->first;
    assert_true(pdp__ngx_is(at, "include"));
    assert_true(pdp__ngx_is(at->next, "x"));
    at = at->next->next;
    assert_true(pdp__ngx_is(at, "y"));
    assert_int_equal(at->words[0].place.file, 1);
    assert_int_equal(at->words[0].place.line, 2);
    assert_int_equal(at->words[0].place.column, 3);
    assert_true(pdp__ngx_is(at->next, "c"));
    assert_string_equal(conf.files[1].path, "etc/b.conf");
    pdp__ngx_conf_free(&conf);
}

static void
test_a_file_that_includes_itself_ends(void **state)
{
    struct sample samples[] = {{"n.conf", "include b;"}, {"b", "include c;"},
        {"c", "\ninclude b;"}, {NULL, NULL}};
    struct sample unreadable[] = {{"n.conf", "include b;"}, {"b", NULL},
        {NULL, NULL}};
    struct pdp__ngx_conf conf;
    (void)state;
    read_samples(&conf, samples);
    assert_int_equal(conf.problem_cnt, 1);
    assert_string_equal(conf.problems[0].code, "include_limit");
    assert_string_equal(conf.problems[0].message,
        "a file includes itself: 'b'");
    assert_int_equal(conf.problems[0].place.file, 2);
    assert_int_equal(conf.problems[0].place.line, 2);
    pdp__ngx_conf_free(&conf);
    read_samples(&conf, unreadable);
    assert_false(conf.unreadable);
    assert_int_equal(conf.problem_cnt, 1);
    assert_string_equal(conf.problems[0].code, "include_missing");
    pdp__ngx_conf_free(&conf);
    read_samples(&conf, &unreadable[1]);
    assert_true(conf.unreadable);
    pdp__ngx_conf_free(&conf);
}

/* --- what is in force ---------------------------------------------------- */

static struct pdp__ngx_conf conf_of_servers;

static const struct pdp__ngx_directive *
server_with(const char *body)
{
    struct pdp__string text = {0};
    pdp__string_fmt(&text,
        "http { proxy_set_header A a; proxy_set_header B b; "
        "upstream up { server 127.0.0.1:80; server unix:/s; } server { %s } }",
        body);
    read_text(&conf_of_servers, text.ptr);
    assert_int_equal(conf_of_servers.problem_cnt, 0);
    pdp__string_free(&text);
    return conf_of_servers.root->first->last;
}

static void
test_lists_are_taken_over_all_together(void **state)
{
    const struct pdp__ngx_directive *set = NULL;
    size_t cnt = 0;
    (void)state;
    const struct pdp__ngx_directive *server =
        server_with("location /x { proxy_set_header a c; proxy_set_header A d; "
                    "location /x/y { } }");
    assert_true(pdp__ngx_eq(pdp__ngx_header(server, "b", &set, &cnt), "b"));
    assert_int_equal(cnt, 1);
    const struct pdp__ngx_directive *inner = server->first->last;
    assert_true(pdp__ngx_eq(pdp__ngx_header(inner, "A", &set, &cnt), "c"));
    assert_int_equal(cnt, 2);
    assert_null(pdp__ngx_header(inner, "B", &set, &cnt).ptr);
    assert_null(set);
    pdp__ngx_conf_free(&conf_of_servers);
}

static void
assert_leads(const struct pdp__ngx_directive *server, const char *uri,
    const char *word, bool exact, bool regex)
{
    struct pdp__ngx_route route = pdp__ngx_route(server, pdp__str_z(uri));
    if (word == NULL) {
        assert_null(route.location);
    } else {
        assert_non_null(route.location);
        const struct pdp__ngx_directive *mark = route.location->first;
        assert_true(pdp__ngx_is(mark, word));
    }
    assert_int_equal(route.exact, exact);
    assert_int_equal(route.regex, regex);
}

static void
test_locations_are_found_as_nginx_finds_them(void **state)
{
    (void)state;
    const struct pdp__ngx_directive *server =
        server_with("location / { root; } location = /a { a; } "
                    "location =/b { b; } location /a/ { aa; "
                    "location /a/b/ { aab; } location ~ c { c; } } "
                    "location ^~ /f/ { f; } location @n { n; } ");
    assert_leads(server, "/a", "a", true, false);
    assert_leads(server, "/b", "b", true, false);
    assert_leads(server, "/b?x", "b", true, false);
    assert_leads(server, "/x", "root", false, false);
    assert_leads(server, "/a/c", "aa", false, true);
    assert_leads(server, "/a/b/c", "aab", false, true);
    assert_leads(server, "/f/x", "f", false, false);
    assert_leads(server, "@n", "n", true, false);
    assert_leads(server, "@m", NULL, false, false);
    pdp__ngx_conf_free(&conf_of_servers);
}

static void
assert_target(const char *pass, const char *host, const char *uri,
    bool variable)
{
    struct pdp__string text = {0};
    pdp__string_fmt(&text, "proxy_pass %s;", pass);
    const struct pdp__ngx_directive *server = server_with(text.ptr);
    struct pdp__ngx_target target = pdp__ngx_target(server->first);
    assert_true(pdp__ngx_eq(target.host, host));
    assert_true(pdp__ngx_eq(target.uri, uri));
    assert_int_equal(target.variable, variable);
    pdp__string_free(&text);
    pdp__ngx_conf_free(&conf_of_servers);
}

static void
test_targets_are_taken_apart(void **state)
{
    (void)state;
    assert_target("http://up", "up", "", false);
    assert_target("http://up/", "up", "/", false);
    assert_target("http://up:80/x?y", "up:80", "/x?y", false);
    assert_target("$pdp_scheme://up$pdp_uri$is_args$args", "up",
        "$pdp_uri$is_args$args", false);
    assert_target("http://up${pdp_uri}", "up", "${pdp_uri}", false);
    assert_target("http://up$request_uri", "up", "$request_uri", false);
    assert_target("http://$host/x", "$host", "/x", true);
    assert_target("http://up-$zone/x", "up-$zone", "/x", true);
    assert_target("http://unix:/run/a.sock", "unix:/run/a.sock", "", false);
    assert_target("http://unix:/run/a.sock:/x", "unix:/run/a.sock", "/x",
        false);
    assert_target("[::1]:9000", "[::1]:9000", "", false);
}

static void
assert_same(const char *one, const char *other, bool same)
{
    struct pdp__string text = {0};
    pdp__string_fmt(&text, "proxy_pass %s; proxy_pass %s;", one, other);
    const struct pdp__ngx_directive *server = server_with(text.ptr);
    struct pdp__ngx_target first = pdp__ngx_target(server->first);
    struct pdp__ngx_target last = pdp__ngx_target(server->last);
    assert_int_equal(pdp__ngx_same_target(&first, &last), same);
    assert_int_equal(pdp__ngx_same_target(&last, &first), same);
    pdp__string_free(&text);
    pdp__ngx_conf_free(&conf_of_servers);
}

static void
test_addresses_are_the_same_under_any_name(void **state)
{
    (void)state;
    assert_same("http://up", "http://UP/x", true);
    assert_same("http://up", "http://127.0.0.1", true);
    assert_same("http://up", "http://localhost:80", true);
    assert_same("http://up", "http://[::1]/", true);
    assert_same("http://up", "http://unix:/s:/x", true);
    assert_same("http://up", "https://127.0.0.1", false);
    assert_same("http://up", "http://127.0.0.1:81", false);
    assert_same("http://up", "http://unix:/t", false);
    assert_same("https://a.example", "http://A.example:443", true);
    assert_same("http://a.example", "http://b.example", false);
    /* this machine */
    assert_same("http://up", "http://0.0.0.0:80", true);
    assert_same("http://up", "http://[::]", true);
    assert_same("http://up", "http://0:080", true);
    assert_same("http://up", "http://127.1", true);
    assert_same("http://up", "http://127.255.0.9", true);
    assert_same("http://up", "http://2130706433", true);
    assert_same("http://up", "http://[0::0001]:80", true);
    assert_same("http://up", "http://[::ffff:127.0.0.2]", true);
    assert_same("http://up", "http://LOCALHOST.:80", true);
    assert_same("http://up", "http://128.0.0.1", false);
    assert_same("http://up", "http://[::2]", false);
    /* others */
    assert_same("http://[2001:DB8::0]:8", "http://[2001:db8:0::]:8", true);
    assert_same("http://[::ffff:192.0.2.1]", "http://192.0.2.1:80", true);
    assert_same("http://192.0.2.1", "http://192.0.513", true);
    assert_same("http://192.0.2.1", "http://192.0.2.2", false);
    assert_same("http://a.example.", "http://a.example", true);
    /* paths keep their case */
    assert_same("http://up", "http://UNIX:/./s:/x", true);
    assert_same("http://up", "http://unix://s", true);
    assert_same("http://up", "http://unix:/S", false);
    assert_same("http://[", "http://[]", false);
}

static void
assert_listens(const char *listen, const char *pass, bool same)
{
    struct pdp__string text = {0};
    pdp__string_fmt(&text, "%s proxy_pass %s;", listen, pass);
    const struct pdp__ngx_directive *server = server_with(text.ptr);
    struct pdp__ngx_target target = pdp__ngx_target(server->last);
    assert_int_equal(pdp__ngx_listens_at(server, &target), same);
    assert_true(pdp__ngx_share_listen(server, server));
    pdp__string_free(&text);
    pdp__ngx_conf_free(&conf_of_servers);
}

static void
test_servers_are_found_where_they_listen(void **state)
{
    (void)state;
    assert_listens("", "http://127.0.0.1", true);
    assert_listens("", "http://127.0.0.1:81", false);
    assert_listens("listen 8080;", "http://localhost:8080", true);
    assert_listens("listen 08080;", "http://localhost:8080", true);
    assert_listens("listen *:8080 ssl;", "http://127.0.0.1:8080", true);
    assert_listens("listen 81; listen [::]:82;", "http://[::1]:82", true);
    assert_listens("listen 192.0.2.1;", "http://192.0.2.1", true);
    assert_listens("listen unix:/s;", "http://up", true);
    assert_listens("listen unix:/t;", "http://up", false);
}

static void
test_times_and_sizes_have_their_units(void **state)
{
    (void)state;
    assert_int_equal(pdp__ngx_msec(PDP__LIT("2")), 2000);
    assert_int_equal(pdp__ngx_msec(PDP__LIT("1m30s")), 90000);
    assert_int_equal(pdp__ngx_msec(PDP__LIT("500ms")), 500);
    assert_int_equal(pdp__ngx_msec(PDP__LIT("")), -1);
    assert_int_equal(pdp__ngx_msec(PDP__LIT("2x")), -1);
    assert_int_equal(pdp__ngx_msec(PDP__LIT("9999999999999")), -1);
    assert_int_equal(pdp__ngx_msec(PDP__LIT("999999999999d")), -1);
    assert_int_equal(pdp__ngx_bytes(PDP__LIT("0")), 0);
    assert_int_equal(pdp__ngx_bytes(PDP__LIT("999999999999g")), -1);
    assert_int_equal(pdp__ngx_bytes(PDP__LIT("1K")), 1024);
    assert_int_equal(pdp__ngx_status(PDP__LIT("0204")), 204);
    assert_int_equal(pdp__ngx_status(PDP__LIT("1000")), -1);
    assert_int_equal(pdp__ngx_status(PDP__LIT("2k")), -1);
    assert_int_equal(pdp__ngx_status(PDP__LIT("")), -1);
    assert_int_equal(pdp__ngx_bytes(PDP__LIT("2m")), 2097152);
    assert_int_equal(pdp__ngx_bytes(PDP__LIT("$x")), -1);
}

static void
test_variables_are_whole_names(void **state)
{
    (void)state;
    assert_true(pdp__ngx_uses(PDP__LIT("a$args"), PDP__LIT("args")));
    assert_true(pdp__ngx_uses(PDP__LIT("${ARGS}x"), PDP__LIT("args")));
    assert_false(pdp__ngx_uses(PDP__LIT("$args_x"), PDP__LIT("args")));
    assert_false(pdp__ngx_uses(PDP__LIT("$is_args"), PDP__LIT("args")));
    assert_false(pdp__ngx_uses(PDP__LIT("args$"), PDP__LIT("args")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_end_where_nginx_ends_them),
        cmocka_unit_test(test_backslashes_are_those_of_nginx),
        cmocka_unit_test(test_what_is_no_configuration_is_told_with_its_place),
        cmocka_unit_test(test_lua_is_skipped_to_its_own_end),
        cmocka_unit_test(test_includes_stand_where_they_are_written),
        cmocka_unit_test(test_a_file_that_includes_itself_ends),
        cmocka_unit_test(test_lists_are_taken_over_all_together),
        cmocka_unit_test(test_locations_are_found_as_nginx_finds_them),
        cmocka_unit_test(test_targets_are_taken_apart),
        cmocka_unit_test(test_addresses_are_the_same_under_any_name),
        cmocka_unit_test(test_servers_are_found_where_they_listen),
        cmocka_unit_test(test_times_and_sizes_have_their_units),
        cmocka_unit_test(test_variables_are_whole_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
