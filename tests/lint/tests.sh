#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# What must have a test, and what must be in the manual:
#   every lib/*/NAME.c       a program tests/unit/test_NAME.c
#   every tools/*/NAME.c     a program tests/unit/test_tool_NAME.c (test_pdpd_,
#                            test_fetch_, test_gateway_ where that is its
#                            folder), or a script that runs it, named in the
#                            table below
#   every reason             pdp-reasons(7); and, if lib/ ever gives it, a test
#                            other than that of the table itself
#   every diagnostic code    a manual page; and, likewise, a test

set -u
cd "${srcdir:-.}" || exit 99
status=0

bad() { # what is wrong, how to mend it
    printf '%s\n    mend: %s\n' "$1" "$2"
    status=1
}

for source in lib/*/*.c; do
    # Generated, where the tree was configured in place.
    [ "$source" != lib/load/builtin.c ] || continue
    test=tests/unit/test_$(basename "$source")
    [ -f "$test" ] || bad "$source: there is no $test" \
        "write it; negative cases assert the exact reason or code"
done

# What the tools are made of is mostly seen from outside: which script runs a
# source, and what to look for there.  A source with a unit program needs no
# row, and keeps none.
covered=$(
    cat <<'END'
tools/common/clock.c        tests/tool/usage.sh         decide --format tsv /api/v1/messages
tools/common/docs.c         tests/tool/inputs.sh        inputs-policies-directory
tools/common/heap.c         tests/tool/decide-input.sh  decide-target-long
tools/common/kind.c         tests/tool/inputs.sh        inputs-kind-not-taken
tools/common/out.c          tests/tool/usage.sh         output-full-
tools/common/program.c      tests/tool/usage.sh         output-full-
tools/common/tell.c         tests/tool/usage.sh         usage-command-hostile
tools/pdp-check/catalog.c   tests/tool/catalog.sh       catalog-own-
tools/pdp-check/claims.c    tests/tool/token.sh         token-service-id
tools/pdp-check/cli.c       tests/tool/inputs.sh        inputs-trust-and-jwks
tools/pdp-check/cmd_actions.c  tests/tool/catalog.sh    for command in routes events actions
tools/pdp-check/cmd_decide.c   tests/tool/decide.sh     outcome allow 0
tools/pdp-check/cmd_events.c   tests/tool/catalog.sh    for command in routes events
tools/pdp-check/cmd_explain.c   tests/tool/explain.sh   outcome allow 0
tools/pdp-check/cmd_gateway_lint.c  tests/tool/gateway.sh  check gateway-shipped 0
tools/pdp-check/cmd_keygen.c   tests/tool/keygen.sh     check keygen-kid 0
tools/pdp-check/cmd_lint.c     tests/tool/lint.sh       check lint-bad-trust 1
tools/pdp-check/cmd_regions.c  tests/tool/catalog.sh    roles regions
tools/pdp-check/cmd_roles.c    tests/tool/catalog.sh    roles regions
tools/pdp-check/cmd_routes.c   tests/tool/catalog.sh    for command in routes
tools/pdp-check/cmd_test.c     tests/tool/suite.sh           check "suite-some-$format"
tools/pdp-check/cmd_token.c    tests/tool/token.sh      claims token-default
tools/pdp-check/coverage.c     tests/tool/suite.sh           --fail-under 100
tools/pdp-check/coverage_html.c  tests/tool/suite-coverage.sh  reads suite-html-page
tools/pdp-check/coverage_text.c  tests/tool/suite.sh         check "suite-coverage-$format"
tools/pdp-check/decide_json.c  tests/tool/decide.sh     for format in text json tsv
tools/pdp-check/decide_text.c  tests/tool/decide.sh     for format in text json tsv
tools/pdp-check/devkey.c    tests/tool/keygen.sh        keygen-bits
tools/pdp-check/explain_json.c   tests/tool/explain.sh   outcome allow 0
tools/pdp-check/explain_policy.c   tests/tool/explain.sh   outcome allow 0
tools/pdp-check/explain_text.c   tests/tool/explain.sh   outcome allow 0
tools/pdp-check/json_text.c    tests/tool/suite.sh           suite-whole
tools/pdp-check/lint_out.c  tests/tool/lint.sh          check lint-bad-trust 1
tools/pdp-check/main.c      tests/tool/usage.sh         usage-command
tools/pdp-check/markup.c       tests/tool/suite.sh           suite-hostile-junit-read
tools/pdp-check/mint.c      tests/tool/token.sh         token-typ-
tools/pdp-check/rows.c      tests/tool/catalog.sh       catalog-$command-$format
tools/pdp-check/suite_cases.c  tests/tool/suite-findings.sh  check suite-bad 2
tools/pdp-check/suite_compare.c  tests/tool/suite.sh         bad, one instead of the other
tools/pdp-check/suite_decide.c tests/tool/suite.sh           good, iat is taken away
tools/pdp-check/suite_expect.c tests/tool/suite.sh           suite-whole
tools/pdp-check/suite_fixtures.c  tests/tool/suite-findings.sh  check suite-bad 2
tools/pdp-check/suite_read.c   tests/tool/suite-findings.sh  check suite-bad 2
tools/pdp-check/suite_sources.c  tests/tool/suite-findings.sh  bad policies
tools/pdp-check/suite_tables.c tests/tool/suite-findings.sh  check suite-bad 2
tools/pdp-check/test_json.c    tests/tool/suite.sh           json suite-json
tools/pdp-check/test_junit.c   tests/tool/suite.sh           reads suite-junit
tools/pdp-check/test_out.c     tests/tool/suite.sh           suite-hostile-reproduce
tools/pdp-check/test_tap.c     tests/tool/suite.sh           reads suite-tap
tools/pdp-check/test_text.c    tests/tool/suite.sh           check "suite-some-$format"
tools/gateway/address.c     tests/tool/gateway.sh       around sets judged asked
tools/gateway/disk.c        tests/tool/gateway.sh       gateway-unreadable 2
tools/gateway/model.c       tests/tool/gateway.sh       guard satisfy pages before forward ask
tools/gateway/rules_around.c   tests/tool/gateway.sh    before forward ask around sets
tools/gateway/rules_ask.c      tests/tool/gateway.sh    before forward ask around sets
tools/gateway/rules_escape.c   tests/tool/gateway.sh    guard satisfy pages before
tools/gateway/rules_forward.c  tests/tool/gateway.sh    before forward ask around sets
tools/gateway/rules_guard.c    tests/tool/gateway.sh    for topic in guard satisfy
tools/gateway/rules_headers.c  tests/tool/gateway.sh    around sets judged asked
tools/gateway/rules_known.c    tests/tool/gateway.sh    around sets judged asked
tools/gateway/rules_variables.c  tests/tool/gateway.sh  around sets judged asked
tools/gateway/target.c      tests/tool/gateway.sh       check gateway-pattern 1
tools/gateway/token.c       tests/tool/gateway.sh       broken after-quote
tools/gateway/variables.c   tests/tool/gateway.sh       around sets judged asked
tools/pdp-fetch/main.c      tests/integration/fetch.py  case_usage
tools/pdp-fetch/run.c       tests/integration/fetch_daemon.py  case_sighup_reads_the_trust_document_again
tools/pdpd/accept.c         tests/integration/pdpd_threats.py  test_t27_strangers_at_the_socket
tools/pdpd/config_listen.c  tests/unit/test_pdpd_config.c  cmocka_unit_test(test_bad_listeners)
tools/pdpd/config_read.c    tests/unit/test_pdpd_config.c  cmocka_unit_test(test_bad_values)
tools/pdpd/daemon.c         tests/integration/pdpd_life.py   test_reload_by_signal
tools/pdpd/main.c           tests/integration/pdpd_files.py  test_command_line
tools/pdpd/serve.c          tests/integration/pdpd.py        test_keep_alive
END
)
for source in tools/*/*.c; do
    case $source in
    tools/pdpd/*) prefix=pdpd ;;
    tools/pdp-fetch/*) prefix=fetch ;;
    tools/gateway/*) prefix=gateway ;;
    *) prefix=tool ;;
    esac
    test=tests/unit/test_${prefix}_$(basename "$source")
    row=$(printf '%s\n' "$covered" | grep "^$source ")
    if [ -f "$test" ]; then
        [ -z "$row" ] || bad "$source: has $test now" \
            "take its row out of tests/lint/tests.sh"
        continue
    fi
    if [ -z "$row" ]; then
        bad "$source: there is no $test" \
            "write it, or name the script that runs it in tests/lint/tests.sh"
        continue
    fi
    while read -r _ script words; do
        grep -qsF -- "$words" "$script" ||
            bad "$source: '$words' is not in $script" \
                "name in tests/lint/tests.sh what runs it, or write $test"
    done <<END
$row
END
done
while read -r source _; do
    [ -f "$source" ] || bad "tests/lint/tests.sh: there is no $source" \
        "take its row out of the table"
done <<END
$covered
END

# What no list names is never built.  (Tests: see registered.py.)
for source in lib/*/*.[ch] tools/*/*.[ch]; do
    [ "$source" != lib/load/builtin.c ] || continue
    grep -qw -- "$source" lib/Makemodule.am tools/Makemodule.am ||
        bad "$source: in no Makemodule.am" "add it to the lists there"
done

used() { # enumerator, file of the table without its suffix
    grep -rqw --include='*.[ch]' "$1" lib --exclude="$2"
}

# An enumerator in C, or the name in a script or vector: quoted, in brackets
# as the tools print it, or a field of a table.  Some names are plain words.
tested() { # enumerator, name, test of the table
    grep -rqwE "$1" tests --include='*.[ch]' --exclude="$3" ||
        grep -rqF "\"$2\"" tests --include='*.[ch]' --exclude="$3" ||
        grep -rqE "[\"[]$2[]\"]|(^|	)$2(	|\$)" tests --include='*.sh' \
            --include='*.py' \
            --include='*.tsv' --include='*.json' --include='*.jsonl' \
            --include='*.yaml' --include='*.txt' --include='*.out' \
            --exclude-dir=lint
}

# "ID name" for each line X(ID, "name" of a table.
table() {
    sed -nE 's/^    X\(([A-Z0-9_]+), "([a-z0-9_]+)".*/\1 \2/p' "$1"
}

reasons=$(table include/pdp/reason.h)
while read -r id name; do
    grep -qE "^\\.(It|Em|Cm|Sy|Ss|Dv) .*\\b$name\\b" docs/man/pdp-reasons.7 ||
        bad "reason $name: not in docs/man/pdp-reasons.7" \
            "say what it means and what the caller should do"
    if used "PDP_REASON_$id" 'reason.[ch]' &&
        ! tested "PDP_REASON_$id" "$name" test_reason.c; then
        bad "reason $name: no test provokes it" \
            "add a case that asserts PDP_REASON_$id"
    fi
done <<END
$reasons
END

codes=$(table lib/base/report.h)
while read -r id name; do
    grep -rqw "$name" docs/man || bad "code $name: in no manual page" \
        "add it to the table in docs/man/pdp-service.5"
    if { used "PDP__CODE_$id" 'report.[ch]' ||
        grep -rqE "PDP__DOC_ADD\\([^,]*, *$id\\b" lib; } &&
        ! tested "PDP__CODE_$id" "$name" test_report.c &&
        ! grep -rq "\"$name\"" tests/unit --include='*.c' \
            --exclude=test_report.c; then
        bad "code $name: no test provokes it" \
            "add a case with its line and column"
    fi
done <<END
$codes
END

# An empty table would pass everything.
[ -n "$reasons" ] || bad "include/pdp/reason.h: no table found" \
    "keep the form X(ID, \"name\", ...)"
[ -n "$codes" ] || bad "lib/base/report.h: no table found" \
    "keep the form X(ID, \"name\", ...)"

exit "$status"
