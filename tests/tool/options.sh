#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Every command, and every option that a --help names, is in the manual and
# is used by a test in this folder.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

manual=$here/../../docs/man/pdp-check.1
commands=$("$PDP_CHECK" --help |
    sed -n '/^commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
[ "$(echo "$commands" | wc -w)" -ge 9 ] || fail options-commands "$commands"

listed() { # help text; prints "letter name" or "- name"
    sed -n -e 's/^  -\(.\), --\([a-z-]*\).*/\1 \2/p' \
        -e 's/^      --\([a-z-]*\).*/- \1/p'
}

# The section of a command in the manual, or of the tool itself; explain has
# all options of decide.
section() { # command
    [ "$1" != explain ] || section decide
    if [ "$1" = tool ]; then
        sed -n '/^\.Sh DESCRIPTION/,/^\.Ss/p' "$manual"
    else
        sed -n "/^\\.Ss .*\\b$1\\b/,/^\\.S[sh]/p" "$manual" | sed '$d'
        sed -n '/^\.Ss Common options/,/^\.S[sh]/p' "$manual"
    fi
}

# The lines of the tests that run a command, also through the functions and
# loops of the scripts; continued lines count as one.
runs() { # command
    case $1 in
    tool) pattern='usage-|PDP_CHECK" --' ;;
    decide | explain) pattern='\b(decide|explain|judge|judged|outcome|many)\b' ;;
    token) pattern='(" |^ *|&& )(token|claims|part)\b|token-' ;;
    lint | keygen) pattern="\\b$1\\b" ;;
    *) pattern="\\b$1\\b|\"\\\$command\"" ;;
    esac
    sed -e ':a' -e '/\\$/N; s/\\\n//; ta' "$here"/[!d]*.sh "$here"/decide*.sh |
        grep -E -e "$pattern" || :
}

for command in tool $commands; do
    if [ "$command" = tool ]; then
        "$PDP_CHECK" --help >.help
    else
        "$PDP_CHECK" "$command" --help >.help
    fi
    section "$command" >.section
    [ -s .section ] || fail "options-$command" "no section in the manual"
    runs "$command" >.runs
    listed <.help >.options
    [ -s .options ] || fail "options-$command" "--help lists no options"
    while read -r letter name; do
        escaped=$(printf '%s' "$name" | sed 's/-/\\\\-/g')
        if ! grep -qE "^\\.It (Fl . , )?Fl Fl ($name|$escaped)( |\$)" .section; then
            fail "options-$command" "--$name is not in the manual"
        fi
        if [ "$letter" != - ] && ! grep -qE "^\\.It Fl $letter , " .section; then
            fail "options-$command" "-$letter is not in the manual"
        fi
        grep -qE -e "--$name\\b" .runs ||
            { [ "$letter" != - ] && grep -qE -e " -$letter\\b" .runs; } ||
            fail "options-$command" "--$name is in no test"
    done <.options
    ok "options-$command"
done

# The other way round: the manual names nothing that is not there.
for command in tool $commands; do
    "$PDP_CHECK" "$command" --help 2>/dev/null || :
    "$PDP_CHECK" --help
done | listed | cut -d ' ' -f 2 | sort -u >.known
sed -n 's/^\.It .*Fl Fl \([a-z\\-]*\).*/\1/p' "$manual" | tr -d '\134' |
    sort -u >.documented
same options-manual .known .documented
