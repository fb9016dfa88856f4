#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Each header compiles alone, and twice in one file: it includes what it
# needs and has a guard.  Public headers also compile as C++17.
#
# Variables: CC, CXX (compilers), CPPFLAGS (where the libraries are).

set -u
cd "${srcdir:-.}" || exit 99
status=0

cc=${CC:-cc}
cxx=${CXX:-}
if [ -z "$cxx" ]; then
    for name in c++ g++ clang++; do
        if command -v "$name" >/dev/null 2>&1; then
            cxx=$name
            break
        fi
    done
fi
flags="-fsyntax-only -Wall -Wextra -Wpedantic -Wundef -Werror"
flags="$flags -Iinclude ${CPPFLAGS:-}"

compile() { # name as included, then the compiler with its options
    name=$1
    shift
    printf '#include "%s"\n#include "%s"\nint pdp_lint_header_;\n' \
        "$name" "$name" | "$@" - || {
        printf '%s: does not compile alone with %s\n' "$name" "$1"
        printf '    mend: include what it uses; add a guard\n'
        status=1
    }
}

for header in include/pdp.h include/pdp/*.h; do
    name=${header#include/}
    # shellcheck disable=SC2086 # lists of options
    compile "$name" $cc -std=c11 -x c $flags
    # shellcheck disable=SC2086
    [ -z "$cxx" ] || compile "$name" $cxx -std=c++17 -x c++ $flags
done
for header in lib/*/*.h; do
    # shellcheck disable=SC2086
    compile "${header#lib/}" $cc -std=c11 -x c $flags -Ilib
done
for header in tools/*/*.h; do
    case $header in tools/nginx/* | 'tools/*/*.h') continue ;; esac
    # shellcheck disable=SC2086
    compile "${header#tools/}" $cc -std=c11 -x c $flags -Ilib -Itools
done

[ -n "$cxx" ] || echo "no C++ compiler: the C++17 check was left out"
exit "$status"
