#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Examples in the documents are commands that work, and print what the
# document says: every line of README.md and of the manual pages that begins
# with `$ pdp-check` (in a manual page also after .Dl) is run, with its
# continuation lines, in the order of the page.  The lines below it, up to a
# blank line, a macro or the next command, are its output; only white space
# may differ.  A command may allow or deny; bad usage, unreadable input and
# internal errors fail the test.  The C example of README.md is compiled.

set -eu
here=$(cd "${srcdir:?}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
# In a pipe the status of the program is lost, so a wrapper keeps it.
cat >"$work/bin/pdp-check" <<'END'
#!/bin/sh
status=0
"$PDP_CHECK" "$@" || status=$?
[ "$status" -le 1 ] || echo "$status" >"$PDP_BAD_STATUS"
exit "$status"
END
chmod +x "$work/bin/pdp-check"
: "${PDP_CHECK:?}"
PDP_BAD_STATUS=$work/bad-status
PATH=$work/bin:$PATH
export PATH PDP_CHECK PDP_BAD_STATUS

# The text of a page: mdoc's escapes and display macros are undone.
text() {
    case $1 in
    *.md) cat "$1" ;;
    *) sed -e 's/^\.D[l1] \{1,\}/    /' -e 's/\\&//g' -e 's/\\e/\\/g' \
        -e 's/\\-/-/g' -e "s/\\\\(aq/'/g" -e 's/\\(dq/"/g' "$1" ;;
    esac
}

# The commands of a page: N.sh, and N.want if its output is shown.
commands() { # page, folder
    text "$1" | awk -v folder="$2" '
        BEGIN { number = 100 } # so that names sort
        /^ *\$ / || /^ *$/ || /^\./ { output = 0 }
        /^ *\$ pdp-check/ {
            command = 1
            number++
            sub(/^ *\$ /, "")
        }
        output { print > (folder "/" number ".want") }
        command {
            print > (folder "/" number ".sh")
            if ($0 !~ /[\\|]$/) { command = 0; output = 1 }
        }'
}

squeezed() { # file
    awk '{ $1 = $1; print }' "$1"
}

failed=0
complain() { # page, what, file with the command, file to show
    printf '%s: %s:\n' "$1" "$2"
    sed 's/^/    /' "$3" "$4"
    failed=1
}

page() { # path, least number of commands, and of outputs compared
    name=${1##*/}
    rm -rf "$work/run" "$work/commands"
    mkdir "$work/run" "$work/commands"
    ln -s "$here/policies" "$work/run/policies"
    ln -s "$here"/policies/examples/*.json "$work/run"
    commands "$1" "$work/commands"
    total=0
    compared=0
    for command in "$work"/commands/*.sh; do
        [ -f "$command" ] || continue
        total=$((total + 1))
        status=0
        (cd "$work/run" && sh "$command") >"$work/out" 2>"$work/err" \
            </dev/null || status=$?
        if [ "$status" -gt 1 ] || [ -e "$work/bad-status" ]; then
            rm -f "$work/bad-status"
            complain "$name" "status $status" "$command" "$work/err"
        fi
        if [ -f "${command%.sh}.want" ]; then
            squeezed "${command%.sh}.want" >"$work/want"
            squeezed "$work/out" >"$work/got"
            compared=$((compared + 1))
            diff -u "$work/want" "$work/got" >"$work/diff" ||
                complain "$name" "prints something else" "$command" \
                    "$work/diff"
        fi
    done
    echo "$name: $total examples run, the output of $compared compared"
    if [ "$total" -lt "$2" ] || [ "$compared" -lt "$3" ]; then
        echo "    not $2 and $3: has their form changed?"
        failed=1
    fi
}

page "$here/README.md" 5 2
page "$here/docs/man/pdp-check.1" 6 1
for path in "$here"/docs/man/*.[1-8]; do
    [ "${path##*/}" = pdp-check.1 ] || page "$path" 0 0
done

# The README's C: in a function, with what it takes for granted declared.
{
    echo '#include <pdp.h>'
    echo 'void forward(pdp_str_t path, pdp_str_t account);'
    echo 'void refuse(int status);'
    echo 'void example(pdp_str_t name, pdp_str_t jwks, pdp_str_t method,'
    echo '    pdp_str_t target, const pdp_header_t *headers,'
    echo '    size_t header_cnt, int64_t now);'
    echo 'void example(pdp_str_t name, pdp_str_t jwks, pdp_str_t method,'
    echo '    pdp_str_t target, const pdp_header_t *headers,'
    echo '    size_t header_cnt, int64_t now) {'
    # shellcheck disable=SC2016 # backquotes of Markdown, not of the shell
    sed -n '/^```c$/,/^```$/p' "$here/README.md" | grep -v '^```' |
        grep -v '^#include'
    echo '}'
} >"$work/readme.c"
if ${CC:?} -std=c11 -Wall -Wextra -Werror -I"$here/include" -c \
    -o "$work/readme.o" "$work/readme.c"; then
    echo "ok the C example of README.md compiles"
else
    failed=1
fi
exit "$failed"
