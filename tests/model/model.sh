#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# The library against the reference models: 20,000 random cases of policies and
# a third as many of paths and of tokens, with a fixed seed, and all paths of
# up to 4 segments.  `make check-model` does a million.
# A difference is a defect of the library, a defect of a model, or a question
# that the manual leaves open; none of them is mended by changing the seed.

set -u
source=${srcdir:-.}
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null || {
    echo "model.sh: SKIP, there is no Python 3.9 or later"
    exit 77
}
exec python3 "$source/tests/model/check.py" --driver tests/model/batch \
    --cases 20000 --exhaustive 4 --jobs 2
