/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * The log: each line whole and in printable ASCII, which lines there are, and
 * how many at most.  The clock stands still unless a case moves it.
 */

#include <signal.h>

#include "common/clock.h"

#include "pdpd_util.h"

enum { BURST = 200, RATE = 10 };

static int64_t clock_sec = 1000;
static char out[1 << 20];

void __wrap_pdp__clock_now(int64_t *seconds, uint32_t *nanoseconds);

void
__wrap_pdp__clock_now(int64_t *seconds, uint32_t *nanoseconds)
{
    *seconds = clock_sec;
    *nanoseconds = 5999999; /* 5 ms: cut, not rounded up */
}

/* Each case begins with a full bucket, and all lines. */
static int
begin_case(void **state)
{
    (void)state;
    clock_sec += 1000;
    pdpd__log_setup(true, PDPD__LOG_INFO);
    STDERR_OF(out, pdpd__log_flush());
    return 0;
}

static size_t
count(const char *needle)
{
    size_t cnt = 0;
    for (const char *at = strstr(out, needle); at != NULL;
         at = strstr(at + 1, needle)) {
        cnt++;
    }
    return cnt;
}

static void
say_often(int cnt)
{
    for (int i = 0; i < cnt; i++) {
        pdpd__log(PDPD__LOG_INFO, "often", "again");
    }
}

/* The one line there is, after its time. */
static void
assert_json(const char *rest)
{
    char expected[8192];
    snprintf(expected, sizeof(expected), "{\"time\":%lld.005,%s\n",
        (long long)clock_sec, rest);
    assert_string_equal(out, expected);
}

static void
test_a_json_line(void **state)
{
    (void)state;
    STDERR_OF(out, pdpd__log(PDPD__LOG_WARNING, "some_event", "%d of %s", 7,
                       "\"a\\b\"\n\r\t\x01\x1b[31m\x7f\xc3\xa9\xff~ "));
    assert_json("\"level\":\"warning\","
                "\"event\":\"some_event\",\"message\":\"7 of "
                "\\\"a\\\\b\\\"\\u000a\\u000d\\u0009\\u0001\\u001b[31m\\u007f"
                "\\u00c3\\u00a9\\u00ff~ \"}");
}

static void
test_a_text_line(void **state)
{
    (void)state;
    pdpd__log_setup(false, PDPD__LOG_INFO);
    STDERR_OF(out, pdpd__log(PDPD__LOG_ERROR, "some_event", "%s",
                       "\"a\\b\"\n\x1b[31m\xc3"));
    assert_string_equal(out,
        "pdpd: error: some_event: \"a\\\\b\"\\n\\x1b[31m\\xc3\n");
}

static void
test_findings(void **state)
{
    pdp_finding_t finding = {
        .size = sizeof(finding),
        .severity = PDP_SEVERITY_ERROR,
        .line = 3,
        .column = 14,
        .code = PDP__LIT("bad_value"),
        .message = PDP__LIT("no \"x\"\n"),
        .hint = PDP__LIT("did you mean y?"),
    };
    (void)state;
    STDERR_OF(out, pdpd__log_finding(&finding, PDP__LIT("/etc/\x1b.json")));
    assert_json("\"level\":\"error\",\"event\":\"finding\","
                "\"file\":\"/etc/\\u001b.json\",\"line\":3,\"column\":14,"
                "\"code\":\"bad_value\",\"message\":\"no \\\"x\\\"\\u000a\","
                "\"hint\":\"did you mean y?\"}");
    pdpd__log_setup(false, PDPD__LOG_INFO);
    STDERR_OF(out, pdpd__log_finding(&finding, PDP__LIT("/etc/\x1b.json")));
    assert_string_equal(out,
        "pdpd: error: finding: /etc/\\x1b.json:3:14: no \"x\"\\n [bad_value] "
        "(hint: did you mean y?)\n");
}

/* What a finding does not have is not there: no line 0, no empty hint. */
static void
test_findings_of_a_whole_file(void **state)
{
    pdp_finding_t finding = {
        .size = sizeof(finding),
        .severity = PDP_SEVERITY_ERROR,
        .code = PDP__LIT("missing_source"),
        .message = PDP__LIT("gone"),
    };
    (void)state;
    STDERR_OF(out, pdpd__log_finding(&finding, PDP__LIT("/etc/a")));
    assert_json("\"level\":\"error\",\"event\":\"finding\","
                "\"file\":\"/etc/a\",\"code\":\"missing_source\","
                "\"message\":\"gone\"}");
    pdpd__log_setup(false, PDPD__LOG_INFO);
    STDERR_OF(out, pdpd__log_finding(&finding, PDP__LIT("/etc/a")));
    assert_string_equal(out,
        "pdpd: error: finding: /etc/a: gone [missing_source]\n");
}

/* Each level hides those below it; a note is as little as there is. */
static void
test_levels(void **state)
{
    static const struct {
        pdp_severity_t severity;
        const char *name;
    } severities[] = {
        {PDP_SEVERITY_ERROR, "\"level\":\"error\""},
        {PDP_SEVERITY_WARNING, "\"level\":\"warning\""},
        {PDP_SEVERITY_NOTE, "\"level\":\"debug\""},
    };
    (void)state;
    for (int level = PDPD__LOG_ERROR; level <= PDPD__LOG_DEBUG; level++) {
        pdpd__log_setup(true, (enum pdpd__log_level)level);
        STDERR_OF(
            out, for (int i = PDPD__LOG_ERROR; i <= PDPD__LOG_DEBUG; i++) {
                pdpd__log((enum pdpd__log_level)i, "event", "message");
            });
        assert_int_equal(count("\n"), level + 1);
        assert_int_equal(count("\"level\":\"error\""), 1);
        assert_int_equal(count("\"level\":\"warning\""),
            level >= PDPD__LOG_WARNING);
        assert_int_equal(count("\"level\":\"info\""), level >= PDPD__LOG_INFO);
        assert_int_equal(count("\"level\":\"debug\""),
            level >= PDPD__LOG_DEBUG);
        for (int i = 0; i < 3; i++) {
            pdp_finding_t finding = {.size = sizeof(finding),
                .severity = severities[i].severity};
            int wanted = i == 0 || (i == 1 && level >= PDPD__LOG_WARNING) ||
                         level >= PDPD__LOG_DEBUG;
            STDERR_OF(out, pdpd__log_finding(&finding, PDP__LIT("f")));
            assert_int_equal(count(severities[i].name), wanted);
        }
    }
}

/* What is hidden by its level takes no place. */
static void
test_hidden_lines_are_not_counted(void **state)
{
    uint64_t before = pdpd__log_dropped();
    (void)state;
    STDERR_OF(out, {
        for (int i = 0; i < 2 * BURST; i++) {
            pdpd__log(PDPD__LOG_DEBUG, "hidden", "message");
        }
        say_often(BURST);
    });
    assert_int_equal(count("\n"), BURST);
    assert_int_equal(pdpd__log_dropped(), before);
}

/* A fault that repeats does not fill a disk, and it is told how often. */
static void
test_at_most_so_many(void **state)
{
    uint64_t before = pdpd__log_dropped();
    (void)state;
    STDERR_OF(out, say_often(BURST + 50));
    assert_int_equal(count("\n"), BURST);
    assert_int_equal(count("dropped"), 0);
    assert_int_equal(pdpd__log_dropped(), before + 50);
    clock_sec++;
    STDERR_OF(out, say_often(RATE + 5));
    assert_int_equal(count("\n"), RATE);
    assert_int_equal(count("\"event\":\"often\",\"dropped\":50,"), 1);
    assert_int_equal(count("dropped"), 1);
    assert_int_equal(pdpd__log_dropped(), before + 55);
    clock_sec += 3;
    pdpd__log_setup(false, PDPD__LOG_INFO);
    STDERR_OF(out, say_often(3 * RATE + 1));
    assert_int_equal(count("\n"), 3 * RATE);
    assert_int_equal(count("pdpd: info: often (dropped 5): again\n"), 1);
    assert_int_equal(count("dropped"), 1);
    clock_sec += 1000000;
    STDERR_OF(out, say_often(BURST + 1));
    assert_int_equal(count("\n"), BURST);
}

/* A clock that was set back gives nothing, and takes nothing for long. */
static void
test_a_clock_that_is_set(void **state)
{
    (void)state;
    STDERR_OF(out, say_often(BURST));
    clock_sec -= 500;
    STDERR_OF(out, say_often(1));
    assert_int_equal(count("\n"), 0);
    clock_sec++;
    STDERR_OF(out, say_often(RATE + 1));
    assert_int_equal(count("\n"), RATE);
    clock_sec += 10000;
}

/* Cut JSON would be no JSON; that there was a line is told all the same. */
static void
test_a_line_too_long(void **state)
{
    char path[4097];
    pdp_finding_t finding = {.size = sizeof(finding),
        .severity = PDP_SEVERITY_ERROR,
        .message = PDP__LIT("m")};
    (void)state;
    memset(path, 0xe9, sizeof(path));
    STDERR_OF(out, say_often(1)); /* tells what cases before left out */
    STDERR_OF(out,
        pdpd__log_finding(&finding, pdp__str(path, sizeof(path) - 1)));
    assert_json("\"level\":\"error\","
                "\"event\":\"line_too_long\"}");
    pdpd__log_setup(false, PDPD__LOG_INFO);
    STDERR_OF(out,
        pdpd__log_finding(&finding, pdp__str(path, sizeof(path) - 1)));
    assert_string_equal(out, "pdpd: error: line_too_long\n");
    pdpd__log_setup(true, PDPD__LOG_INFO);
    STDERR_OF(out, pdpd__log(PDPD__LOG_INFO, "next", "%.*s", 600, path));
    assert_int_equal(count("\"event\":\"next\""), 1);
    assert_int_equal(count("\\u00e9"), 600);
}

/* Around the end of the buffer, each line is whole or not there. */
static void
test_no_line_is_cut(void **state)
{
    char path[4097];
    pdp_finding_t finding = {.size = sizeof(finding),
        .severity = PDP_SEVERITY_ERROR};
    size_t whole = 0;
    (void)state;
    memset(path, 'a', sizeof(path));
    for (size_t len = 3900; len <= 4096; len++) {
        clock_sec++;
        STDERR_OF(out, pdpd__log_finding(&finding, pdp__str(path, len)));
        size_t used = strlen(out);
        assert_true(used <= 4096);
        assert_string_equal(out + used - 2, "}\n");
        if (count("line_too_long") == 0) {
            assert_string_equal(out + used - 14, "\"message\":\"\"}\n");
            assert_int_equal(len, 3900 + whole);
            whole++;
        }
    }
    assert_in_range(whole, 50, 150);
}

/* A message is cut at its length, and the line is good. */
static void
test_a_long_message(void **state)
{
    char text[3000];
    (void)state;
    memset(text, 'b', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    STDERR_OF(out, pdpd__log(PDPD__LOG_INFO, "event", "%s", text));
    assert_int_equal(count("b"), 1023);
    assert_string_equal(out + strlen(out) - 4, "b\"}\n");
}

/* A line that nobody can take is counted, and told by the next one. */
static void
test_nobody_takes_a_line(void **state)
{
    uint64_t before = pdpd__log_dropped();
    (void)state;
    int saved = dup(STDERR_FILENO);
    int full = open("/dev/full", O_WRONLY);
    assert_true(saved >= 0 && full >= 0);
    assert_int_equal(dup2(full, STDERR_FILENO), STDERR_FILENO);
    say_often(2);
    assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    close(full);
    close(saved);
    assert_int_equal(pdpd__log_dropped(), before + 2);
    STDERR_OF(out, say_often(1));
    assert_int_equal(count("\"dropped\":2,"), 1);
    STDERR_OF(out, say_often(1));
    assert_int_equal(count("dropped"), 0);
}

/* What was left out is told also if the first line after it is too long, or
 * is not taken. */
static void
test_what_was_left_out_is_not_forgotten(void **state)
{
    char path[4097];
    pdp_finding_t finding = {.size = sizeof(finding),
        .severity = PDP_SEVERITY_ERROR};
    (void)state;
    memset(path, 0xe9, sizeof(path));
    STDERR_OF(out, say_often(BURST + 7));
    clock_sec++;
    STDERR_OF(out, {
        pdpd__log_finding(&finding, pdp__str(path, sizeof(path) - 1));
        say_often(1);
    });
    assert_int_equal(count("line_too_long"), 1);
    assert_int_equal(count("\"dropped\":7"), 1);
    assert_int_equal(count("dropped"), 1);
}

static void
accept_fails(int cnt)
{
    for (int i = 0; i < cnt; i++) {
        pdpd__log_often(PDPD__LOG_ERROR, "accept_failed", "number %d", i);
    }
}

/* Told when it begins, then with a count; and what is left of it later. */
static void
test_what_happens_often(void **state)
{
    (void)state;
    STDERR_OF(out, say_often(1)); /* tells what cases before left out */
    STDERR_OF(out, accept_fails(1000));
    assert_json("\"level\":\"error\",\"event\":\"accept_failed\","
                "\"message\":\"number 0\"}");
    clock_sec += PDPD__OFTEN_SEC - 1;
    STDERR_OF(out, {
        accept_fails(1);
        pdpd__log_flush();
    });
    assert_string_equal(out, "");
    clock_sec++;
    STDERR_OF(out, accept_fails(6));
    assert_json("\"level\":\"error\",\"event\":\"accept_failed\","
                "\"repeated\":1000,\"message\":\"number 0\"}");
    clock_sec += PDPD__OFTEN_SEC;
    pdpd__log_setup(false, PDPD__LOG_INFO);
    STDERR_OF(out, pdpd__log_flush());
    assert_string_equal(out, "pdpd: error: accept_failed (repeated 5): this "
                             "has happened again\n");
    clock_sec += PDPD__OFTEN_SEC;
    STDERR_OF(out, pdpd__log_flush());
    assert_string_equal(out, "");
}

/* Neither do they take a line from others, nor these from them, nor one
 * from another. */
static void
test_events_apart(void **state)
{
    uint64_t before = pdpd__log_dropped();
    (void)state;
    STDERR_OF(out, {
        accept_fails(3 * BURST);
        say_often(BURST);
    });
    assert_int_equal(count("\"event\":\"accept_failed\""), 1);
    assert_int_equal(count("\"event\":\"often\""), BURST);
    assert_int_equal(pdpd__log_dropped(), before);
    STDERR_OF(out, {
        assert_false(pdpd__log(PDPD__LOG_ERROR, "no_room", "message"));
        pdpd__log_often(PDPD__LOG_WARNING, "peer_refused", "user");
    });
    assert_int_equal(count("no_room"), 0);
    assert_int_equal(count("\"event\":\"peer_refused\""), 1);
    clock_sec++;
    STDERR_OF(out, {
        assert_true(pdpd__log(PDPD__LOG_ERROR, "room", "message"));
        assert_true(pdpd__log(PDPD__LOG_DEBUG, "hidden", "message"));
    });
    assert_int_equal(count("\"event\":\"room\""), 1);
    assert_int_equal(count("\n"), 1);
}

/* What its level hides is not counted either; nor is a ninth event a fault. */
static void
test_often_has_levels_and_an_end(void **state)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h",
        "i"};
    (void)state;
    pdpd__log_setup(true, PDPD__LOG_ERROR);
    STDERR_OF(out, {
        pdpd__log_often(PDPD__LOG_WARNING, "peer_refused", "user");
        clock_sec += PDPD__OFTEN_SEC;
        pdpd__log_flush();
    });
    assert_string_equal(out, "");
    STDERR_OF(
        out, for (size_t i = 0; i < 9; i++) {
            pdpd__log_often(PDPD__LOG_ERROR, names[i], "message");
        });
    assert_in_range(count("\n"), 1, PDPD__OFTEN_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_json_line, begin_case),
        cmocka_unit_test_setup(test_a_text_line, begin_case),
        cmocka_unit_test_setup(test_findings, begin_case),
        cmocka_unit_test_setup(test_findings_of_a_whole_file, begin_case),
        cmocka_unit_test_setup(test_levels, begin_case),
        cmocka_unit_test_setup(test_hidden_lines_are_not_counted, begin_case),
        cmocka_unit_test_setup(test_at_most_so_many, begin_case),
        cmocka_unit_test_setup(test_a_clock_that_is_set, begin_case),
        cmocka_unit_test_setup(test_a_line_too_long, begin_case),
        cmocka_unit_test_setup(test_no_line_is_cut, begin_case),
        cmocka_unit_test_setup(test_a_long_message, begin_case),
        cmocka_unit_test_setup(test_nobody_takes_a_line, begin_case),
        cmocka_unit_test_setup(test_what_was_left_out_is_not_forgotten,
            begin_case),
        cmocka_unit_test_setup(test_what_happens_often, begin_case),
        cmocka_unit_test_setup(test_events_apart, begin_case),
        cmocka_unit_test_setup(test_often_has_levels_and_an_end, begin_case),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
