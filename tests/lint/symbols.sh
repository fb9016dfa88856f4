#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Three lists that must be one: the functions declared PDP_API in the public
# headers, the version script lib/libpdp.map, and what the library exports.
# NEWS names each of them.  (Their pages in the manual: prototypes.py.)
#
# usage: symbols.sh [LIBRARY]      (default: libpdp.so below the build folder)

set -u
build=$(pwd)
cd "${srcdir:-.}" || exit 99
status=0
LC_ALL=C
export LC_ALL

scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT

python3 - include/pdp/*.h >"$scratch/headers" <<'END' || exit 99
import re
import sys

names = set()
for name in sys.argv[1:]:
    text = re.sub(r"/\*.*?\*/", " ", open(name, encoding="utf-8").read(),
                  flags=re.DOTALL)
    text = re.sub(r"^[ \t]*#[^\n]*", "", text, flags=re.MULTILINE)
    for declaration in re.findall(r"\bPDP_API\b([^;]*);", text):
        found = re.search(r"\b(pdp_[a-z0-9_]+)\s*\(", declaration)
        names.add(found.group(1) if found else "unreadable: " + declaration)
print("\n".join(sorted(names)))
END

[ -f lib/libpdp.map ] || echo "there is no lib/libpdp.map"
sed -e 's|/\*.*\*/||' lib/libpdp.map 2>/dev/null | grep -oE '\bpdp_[a-z0-9_]+[[:space:]]*;' |
    tr -d '; ' | sort >"$scratch/map"

compare() { # what, its list
    diff "$scratch/headers" "$2" >"$scratch/diff" && return
    printf 'the headers (<) and %s (>) differ:\n' "$1"
    grep '^[<>]' "$scratch/diff"
    printf '    mend: declare it with PDP_API in include/pdp/, list it in\n'
    printf '    lib/libpdp.map, define it; new names also go into NEWS\n'
    status=1
}

compare lib/libpdp.map "$scratch/map"
while read -r name; do
    grep -qw "$name" NEWS && continue
    printf '%s: not in NEWS\n    mend: list it under New API calls\n' "$name"
    status=1
done <"$scratch/headers"

library=${1-}
if [ -z "$library" ]; then
    library=$(cd "$build" && find . -name 'libpdp.so' | head -n 1)
fi
case $library in
"" | /*) ;;
*) library=$build/$library ;;
esac
if ! command -v nm >/dev/null 2>&1; then
    echo "nm is not there; install binutils: exports are not compared"
    [ "$status" -eq 0 ] && exit 77
    exit "$status"
fi
if [ ! -f "$library" ]; then
    echo "there is no libpdp.so below $build"
    echo "    mend: run make first, and this from the build folder"
    exit 1
fi
# A version node itself is listed as an absolute symbol: A.
nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' |
    sed 's/@.*//' | sort >"$scratch/exports"
compare "$library" "$scratch/exports"

exit "$status"
