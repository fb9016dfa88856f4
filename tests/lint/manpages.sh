#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Manual pages: mandoc finds nothing at level "warning", the name in .Dt and
# .Nm is that of the file, the page is installed, and each .Xr to a page of
# ours leads somewhere.

set -u
cd "${srcdir:-.}" || exit 99
status=0

bad() { # place, what is wrong, how to mend it
    printf '%s: %s\n    mend: %s\n' "$1" "$2" "$3"
    status=1
}

if ! command -v mandoc >/dev/null 2>&1; then
    echo "mandoc is not there; install mandoc"
    exit 77
fi

pages=$(find docs/man -name '*.[1-8]' | LC_ALL=C sort)
[ -n "$pages" ] || bad docs/man "no manual page" "do not rename the folder"

for page in $pages; do
    mandoc -Tlint -Wwarning "$page" || bad "$page" "mandoc complains" \
        "as it says; mdoc(7) explains each macro"
    base=$(basename "$page")
    name=${base%.*}
    upper=$(printf '%s' "$name" | tr '[:lower:]' '[:upper:]')
    grep -qx "\\.Dt $upper ${base##*.}" "$page" || bad "$page" \
        "no line \".Dt $upper ${base##*.}\"" "title and file name must agree"
    grep -q "^\\.Nm $name\\b" "$page" ||
        bad "$page" "no \".Nm $name\"" "name and file name must agree"
    grep -qE "(^|[[:space:]])$page( |\$)" docs/Makemodule.am ||
        bad "$page" "not in docs/Makemodule.am" \
            "add it to dist_man_MANS there, so that it is installed"
    targets=$(sed -nE \
        's/^\.(.* )?Xr (pdp[a-z0-9_-]*|libpdp) ([1-8]).*/\2.\3/p' "$page" |
        sort -u)
    for target in $targets; do
        [ -f "docs/man/$target" ] ||
            bad "$page" ".Xr to $target, which does not exist" \
                "write the page, or name another one"
    done
done

exit "$status"
