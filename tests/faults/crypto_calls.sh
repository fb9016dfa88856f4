#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Every function of libcrypto that the library uses is one whose answer
# tests/faults/test_answers.c falsifies, or one that has no answer.  A new
# function fails here until somebody has decided which it is.
set -eu

known=$(mktemp)
used=$(mktemp)
trap 'rm -f "$known" "$used"' EXIT

# Functions that answer nothing, or nothing that decides: they free, empty
# and describe; ERR_set_mark() fails where the error queue is empty.
silent='
BN_CTX_free
BN_free
ECDSA_SIG_free
ERR_peek_error
ERR_pop_to_mark
ERR_set_mark
EVP_MD_CTX_free
EVP_MD_CTX_set_flags
EVP_PKEY_CTX_free
EVP_PKEY_free
OSSL_PARAM_BLD_free
OSSL_PARAM_construct_end
OSSL_PARAM_construct_octet_string
OSSL_PARAM_construct_utf8_string
OSSL_PARAM_free
'

archive=lib/.libs/libpdp-core.a
if ! command -v nm >/dev/null 2>&1 || [ ! -f "$archive" ]; then
    echo "SKIP: needs nm and $archive"
    exit 77
fi

tests/faults/test_answers --list >"$used"
echo "$silent" | sed '/^$/d' | sort -u - "$used" >"$known"

# What is not ours and not of the C library or a sanitizer.
nm -u "$archive" | awk '$1 == "U" { print $2 }' |
    grep -E '^([A-Z][A-Za-z0-9]*_|i2[a-z]_|d2i_)' |
    grep -Ev '^_' | sort -u >"$used"

if [ ! -s "$used" ]; then
    echo "FAIL: no function of libcrypto found in $archive"
    exit 1
fi

status=0
for name in $(comm -13 "$known" "$used"); do
    echo "FAIL: $name is new: if its answer decides, add it to CALLS in"
    echo "  tests/faults/test_answers.c and to answers_wrap in"
    echo "  tests/faults/Makemodule.am; if not, to the list in $0"
    status=1
done
for name in $(comm -23 "$known" "$used"); do
    echo "FAIL: $name is not used any more: remove it from the lists"
    status=1
done
if [ "$status" -eq 0 ]; then
    echo "PASS: $(wc -l <"$used") functions of libcrypto, each accounted for"
fi
exit "$status"
