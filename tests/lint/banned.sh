#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Functions nobody here calls, and why:
#   strcpy strcat sprintf vsprintf gets   write past the end of a buffer
#   strncpy                               may leave out the NUL, pads the rest
#   strtok                                hidden state, changes its input
#   strtol strtoul atoi scanf             white space, signs, errno, locale:
#                                         they accept what we must refuse
#   alloca, VLA                           the stack grows with the input
#   malloc in tools/ outside tools/common no check of the result
# And // comments (house style), and assert() with a side effect, which is
# gone under NDEBUG.

set -u
cd "${srcdir:-.}" || exit 99
status=0

bad() { # place, what is wrong, how to mend it
    printf '%s: %s\n    mend: %s\n' "$1" "$2" "$3"
    status=1
}

files=$(find include lib tools tests docs -name '*.[ch]' \
    ! -path 'tools/nginx/*' | LC_ALL=C sort)
# shellcheck disable=SC2086 # a list of names
code=$(python3 tests/lint/strip_c.py $files) || exit 99

find_calls() { # names separated by |
    printf '%s\n' "$code" | grep -E "(^|[^A-Za-z0-9_.>])($1)[[:space:]]*\\("
}

hits=$(find_calls 'strcpy|strcat|sprintf|vsprintf|gets|strncpy')
[ -z "$hits" ] || bad "$hits" "an unbounded or surprising copy" \
    "use pdp_str_t with memcpy(), or base/buf.h"

hits=$(find_calls 'strtok|strtol|atoi|scanf|sscanf|fscanf')
[ -z "$hits" ] || bad "$hits" "a lax parser of the C library" \
    "write the grammar out, as text/time.c does for dates"

hits=$(find_calls 'strtok_r|strto(ul|ll|ull|d|f|ld)|ato(l|ll|f)|v[sf]?scanf' |
    grep -v '^tests/')
[ -z "$hits" ] || bad "$hits" "a lax parser of the C library" \
    "write the grammar out, as text/time.c does for dates"

hits=$(find_calls 'alloca')
[ -z "$hits" ] || bad "$hits" "stack that grows with the input" \
    "use a fixed array with a checked size, or an arena"

hits=$(find_calls 'malloc|calloc|realloc|free|strdup|strndup' |
    grep '^tools/' | grep -v '^tools/common/')
[ -z "$hits" ] || bad "$hits" "raw memory functions in a tool" \
    "use the wrappers of tools/common/heap.h"

hits=$(printf '%s\n' "$code" | grep -E '^[^:]*:[0-9]*:.*//' |
    grep -vE '^[^:]*:[0-9]*:[[:space:]]*#[[:space:]]*include')
[ -z "$hits" ] || bad "$hits" "a // comment" "write /* ... */"

hits=$(printf '%s\n' "$code" |
    grep -E '(^|[^A-Za-z0-9_])assert[[:space:]]*\(.*(\+\+|--|[^=!<>]=[^=])')
[ -z "$hits" ] || bad "$hits" "assert() with a side effect" \
    "do it before, and assert the result"

exit "$status"
