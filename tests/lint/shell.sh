#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Every script satisfies shellcheck.

set -u
cd "${srcdir:-.}" || exit 99

if ! command -v shellcheck >/dev/null 2>&1; then
    echo "shellcheck is not there; install shellcheck"
    exit 77
fi

files=$(find bootstrap.sh .ci/run lib tools tests docs policies -type f \
    \( -name '*.sh' -o -path .ci/run \) 2>/dev/null | LC_ALL=C sort)
# shellcheck disable=SC2086 # a list of names
if ! shellcheck $files; then
    echo "    mend: as it says; a disable comment needs a reason beside it"
    exit 1
fi
