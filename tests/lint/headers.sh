#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Each header compiles alone, and twice in one file: it includes what it
# needs and has a guard.  Public headers in C11 and C++17, the others in C11;
# with the compiler of the build, and with gcc and clang where they are.
#
# Variables: CC (compiler of the build), CPPFLAGS (where the libraries are).

set -u
cd "${srcdir:-.}" || exit 99
status=0

# The programs that are there, each once.
found() { # names
    for name in "$@"; do
        # shellcheck disable=SC2086 # CC may have options
        set -- $name
        command -v "$1" >/dev/null 2>&1 && printf '%s\n' "$name"
    done | awk '!seen[$1]++'
}
c_compilers=$(found "${CC:-cc}" gcc clang)
cxx_compilers=$(found g++ clang++)
flags="-fsyntax-only -Wall -Wextra -Wpedantic -Wundef -Wshadow -Werror"
flags="$flags -Iinclude ${CPPFLAGS:-}"

compile() { # name as included, language, standard, compilers, more options
    name=$1 language=$2 standard=$3 compilers=$4
    shift 4
    while read -r compiler; do
        # shellcheck disable=SC2086 # lists of options
        printf '#include "%s"\n#include "%s"\nint pdp_lint_header_;\n' \
            "$name" "$name" |
            $compiler -std="$standard" -x "$language" $flags "$@" - || {
            printf '%s: does not compile alone with %s -std=%s\n' "$name" \
                "$compiler" "$standard"
            printf '    mend: include what it uses; add a guard\n'
            status=1
        }
    done <<END
$compilers
END
}

for header in include/pdp.h include/pdp/*.h; do
    [ -f "$header" ] || continue
    compile "${header#include/}" c c11 "$c_compilers"
    [ -z "$cxx_compilers" ] ||
        compile "${header#include/}" c++ c++17 "$cxx_compilers"
done
for header in lib/*/*.h; do
    [ -f "$header" ] || continue
    compile "${header#lib/}" c c11 "$c_compilers" -Ilib
done
for header in tools/*/*.h; do
    case $header in tools/nginx/* | 'tools/*/*.h') continue ;; esac
    compile "${header#tools/}" c c11 "$c_compilers" -Ilib -Itools
done

if [ "$status" -eq 0 ] && [ -z "$cxx_compilers" ]; then
    echo "no C++ compiler; install g++: public headers were checked as C only"
    exit 77
fi
exit "$status"
