#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# The project speaks of itself only: no paths of the machine it was written
# on, no words about who wrote it and how, nothing left to do later in a
# comment.  A reader has none of that at hand.

set -u
cd "${srcdir:-.}" || exit 99
status=0

files=$(find include lib tools tests docs policies .ci bootstrap.sh \
    configure.ac Makefile.am README.md NEWS CONTRIBUTING.md SECURITY.md \
    -type f ! -path tests/lint/words.sh ! -path 'tests/fuzz/corpus/*' \
    ! -name '*.o' ! -name '*.lo' ! -name '*.la' ! -name '*.log' \
    ! -name '*.trs' ! -name '*.Po' ! -name '*.Plo' 2>/dev/null |
    LC_ALL=C sort)

look() { # extended regular expression, what it is
    # shellcheck disable=SC2086 # a list of names
    hits=$(grep -nIE "$1" $files)
    [ -z "$hits" ] && return
    printf '%s\n    what: %s\n    mend: say it without, or leave it out\n' \
        "$hits" "$2"
    status=1
}

look '(^|[^A-Za-z0-9_.}/])/(work|home|root)/[a-z]' \
    "a path of somebody's machine"
look '\b([Tt]he|[Aa]sk the) (lead|brief|colleagues?|reviewer)\b' \
    "a word about the workplace"
look '\b(design|brief|style|ibm|security)\.md\b' \
    "a document that is not part of the project"
look '\b([Cc]laude|[Aa]nthropic|[Cc]hatgpt|[Cc]opilot|AI-generated)\b' \
    "a word about the tools of the author"
look '\b([Ii]ssue|[Bb]ug|PR) ?#[0-9]+' "a number nobody can look up"
look '\b(TODO|FIXME|XXX)\b' "a note to oneself"

# In what people read: what somebody should have filled in.
# shellcheck disable=SC2086 # a list of names
files=$(printf '%s\n' $files | grep -E '(^docs/|\.md$|^NEWS$)')
look '@@|@[A-Z]+@' "a place nobody filled in"

exit "$status"
