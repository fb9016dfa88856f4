#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Two SPDX lines at the head of every file that can hold a comment.  A #!
# line may come first.

set -u
cd "${srcdir:-.}" || exit 99
status=0

files=$(find include lib tools tests docs policies .ci bootstrap.sh \
    configure.ac Makefile.am -type f ! -name builtin.c \( -name '*.[chly]' -o -name '*.sh' \
    -o -name '*.py' -o -name '*.am' -o -name '*.ac' -o -name '*.map' \
    -o -name '*.[1-8]' -o -name '*.pc.in' -o -path .ci/run \) 2>/dev/null |
    LC_ALL=C sort)

for file in $files; do
    head -n 3 "$file" >"${TMPDIR:-/tmp}/pdp-spdx.$$"
    if ! grep -q 'SPDX-License-Identifier: Apache-2\.0' \
        "${TMPDIR:-/tmp}/pdp-spdx.$$" ||
        ! grep -q 'SPDX-FileCopyrightText: The libpdp authors' \
            "${TMPDIR:-/tmp}/pdp-spdx.$$"; then
        printf '%s: no SPDX lines at its head\n' "$file"
        printf '    mend: begin as bootstrap.sh or include/pdp.h does\n'
        status=1
    fi
done
rm -f "${TMPDIR:-/tmp}/pdp-spdx.$$"

exit "$status"
