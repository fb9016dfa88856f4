#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Functions nobody here calls; each row of the table below says why, and what
# to use in their place.  Also // comments (house style), and assert() with a
# side effect, which is gone under NDEBUG.  Arrays of variable length are
# refused by the compiler, -Wvla.

set -u
cd "${srcdir:-.}" || exit 99
status=0

files=$(find include lib tools tests docs -name '*.[ch]' \
    ! -path 'tools/nginx/*' | LC_ALL=C sort)
# shellcheck disable=SC2086 # a list of names
code=$(python3 tests/lint/strip_c.py $files) || exit 99

look() { # extended regular expression, where, why, what to do
    hits=$(printf '%s\n' "$code" | grep -E "$1" | grep -E "$2")
    [ -z "$hits" ] && return
    printf '%s\n    why:  %s\n    mend: %s\n' "$hits" "$3" "$4"
    status=1
}

while IFS=';' read -r names where why mend; do
    names=$(printf '%s' "$names" | tr -s ' ' '|' | sed 's/|$//')
    look "(^|[^A-Za-z0-9_.>])($names)[[:space:]]*\\(" "$where" "$why" "$mend"
done <<'END_OF_TABLE'
strcpy strcat stpcpy;^;it writes past the end of what it is given;memcpy() with a checked length, or base/buf.h
sprintf vsprintf;^;it writes past the end of what it is given;snprintf(), or base/buf.h
gets;^;it writes past the end of what it is given;fgets(), or tools/common/file.h
strncpy;^;it may leave out the NUL, and it pads the rest;memcpy() with a checked length
strtok strtok_r;^;it changes its input, and strtok() has hidden state;walk over a pdp_str_t
strtol atoi;^;it takes white space, signs and rests of text, and reports in errno;write the grammar out, as text/time.c does for dates
strtoul strtoll strtoull strtod strtof strtold atol atoll atof;^(include|lib|tools|docs)/;it takes white space, signs, another locale's numbers and rests of text;write the grammar out, as text/json_number.c does
scanf sscanf fscanf vscanf vsscanf vfscanf;^;it takes white space and overflows numbers;write the grammar out
alloca;^;the stack grows with the input;a fixed array with a checked size, or an arena
malloc calloc realloc free strdup strndup;^tools/[^c][^/]*/;nothing checks its result here;the functions of tools/common/heap.h
setjmp longjmp;^(include|lib|tools)/;it skips what frees and wipes;return a status
system popen;^(include|lib|tools)/;a shell reads what a stranger may have written;call the function that does it
END_OF_TABLE

look '^[^:]*:[0-9]*:.*//' '^[^:]*:[0-9]*:[[:space:]]*([^#[:space:]]|#[[:space:]]*[^i])' \
    "the house style has one kind of comment" "write /* ... */"
look '(^|[^A-Za-z0-9_])assert[[:space:]]*\(.*(\+\+|--|[^=!<>]=[^=])' '^' \
    "with NDEBUG, the side effect is gone" "do it before, assert the result"

exit "$status"
