#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Every C file is as clang-format 14 leaves it.  Other versions format a
# little differently, so they do not count.

set -u
cd "${srcdir:-.}" || exit 99

tool=
for name in clang-format-14 clang-format; do
    if "$name" --version 2>/dev/null | grep -q 'version 14\.'; then
        tool=$name
        break
    fi
done
if [ -z "$tool" ]; then
    echo "clang-format 14 is not there; install clang-format-14"
    exit 77
fi
if [ ! -f .clang-format ]; then
    echo "there is no .clang-format"
    echo "    mend: pack it, EXTRA_DIST in Makefile.am"
    exit 1
fi

# The nginx module follows nginx's own style.
files=$(find include lib tools tests docs -name '*.[ch]' \
    ! -path 'tools/nginx/*' ! -name builtin.c | LC_ALL=C sort)
# shellcheck disable=SC2086 # a list of names
if ! "$tool" --dry-run -Werror $files; then
    echo "    mend: $tool -i FILE"
    exit 1
fi
