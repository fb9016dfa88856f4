#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Examples in the documents are commands that work: every line of README.md
# and of the manual pages that begins with `$ pdp-check` is run, with its
# continuation lines, in the order of the page.  A command may allow or deny;
# bad usage, unreadable input and internal errors fail the test.  The C
# example of README.md is compiled.

set -eu
here=$(cd "${srcdir:?}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "${PDP_CHECK:?}" "$work/bin/pdp-check"
PATH=$work/bin:$PATH
export PATH

# The commands of a page, one a line; mdoc's escapes are undone.
commands() {
    sed -e 's/\\&//g' -e 's/\\e/\\/g' -e 's/\\-/-/g' -e "s/\\\\(aq/'/g" "$1" |
        awk '/^ *\$ pdp-check/ { on = 1; sub(/^ *\$ /, "") }
             on { more = sub(/\\$/, " "); printf "%s", $0
                  if (!more) { print ""; on = 0 } }'
}

failed=0
total=0
for page in "$here/README.md" "$here"/docs/man/*.[1-8]; do
    rm -rf "$work/run"
    mkdir "$work/run"
    ln -s "$here/policies" "$work/run/policies"
    commands "$page" >"$work/commands"
    while IFS= read -r command; do
        status=0
        (cd "$work/run" && sh -c "$command") >"$work/out" 2>&1 </dev/null ||
            status=$?
        total=$((total + 1))
        if [ "$status" -gt 1 ]; then
            printf '%s: status %d: %s\n' "${page##*/}" "$status" "$command"
            sed 's/^/    /' "$work/out"
            failed=1
        fi
    done <"$work/commands"
done
[ "$total" -ge 5 ] || {
    echo "only $total examples were found: has their form changed?"
    failed=1
}
[ "$failed" -eq 0 ] && echo "ok $total examples run"

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
