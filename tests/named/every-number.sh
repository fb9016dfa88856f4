#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Every number that is wanted in numbers.tsv has a test that runs, and no
# test has a number that is not there.  Then: that the script which says so
# would have seen it otherwise.

set -u
cd "${srcdir:-.}" || exit 99
if ! command -v python3 >/dev/null 2>&1; then
    echo "python3 is not installed: skipped"
    exit 77
fi
status=0

if ! python3 tests/named/table.py --format none; then
    echo "    mend: name a function after the number, in tests/named/ or in a"
    echo "    script of tests/integration/, and register it; or say \"later\" in tests/named/numbers.tsv"
    status=1
fi

work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$work/tests/named" "$work/tests/unit" "$work/tests/integration"
printf 'A01\tone\trow 1\twanted\nB02\ttwo\trow 2\t%s\n' wanted \
    >"$work/numbers.tsv"

# The list of one program, and what is wrong with it.
expect() { # name, status, what it must say (or nothing), file, list
    printf '%s\n' "$5" >"$work/$4"
    python3 tests/named/table.py --format tsv --root "$work" \
        --numbers "$work/numbers.tsv" >"$work/out" 2>&1
    got=$?
    if [ "$got" -ne "$2" ] || ! grep -qF -- "$3" "$work/out"; then
        printf 'not ok %s: status %s\n' "$1" "$got"
        cat "$work/out"
        status=1
    fi
    rm -f "$work/$4"
}

one=tests/named/test_one.c
expect both 0 'b02_a01_x' $one \
    'cmocka_unit_test(b02_a01_x), cmocka_unit_test(a01_y),'
expect kin 0 'a01_x' $one 'cmocka_unit_test_setup_teardown(
    a01_x, NULL, NULL), cmocka_unit_test(b02_x)'
expect gap 1 'B02: no test in tests/named/' $one 'cmocka_unit_test(a01_x),'
expect comment 1 'B02: no test' $one \
    'cmocka_unit_test(a01_x), /* cmocka_unit_test(b02_x), */'
expect defined 1 'B02: no test' $one \
    'static void b02_x(void **state) {} cmocka_unit_test(a01_x),'
expect off 1 'B02: no test' $one "cmocka_unit_test(a01_x),
#if 0
cmocka_unit_test(b02_x),
#endif"
expect unknown 1 'there is no number A03' $one \
    'cmocka_unit_test(a01_b02_x), cmocka_unit_test(a03_x),'
expect word 0 'b02_c64_x' $one \
    'cmocka_unit_test(a01_b02_c64_x), cmocka_unit_test(b02_c64_x),'
expect one-digit 1 'there is no number A1' $one \
    'cmocka_unit_test(a01_b02_x), cmocka_unit_test(a1_x),'
expect none 1 'begins with no number' $one \
    'cmocka_unit_test(a01_b02_x), cmocka_unit_test(other),'
expect elsewhere 1 'B02: no test in tests/named/' tests/unit/test_two.c \
    'cmocka_unit_test(a01_b02_x)'

# The same for tests in Python.
listed=tests/integration/listed.py
cat >"$work/tests/Makemodule.am" <<'MAKE'
more = tests/integration/listed.py \
    other.py
# TESTS += tests/integration/unlisted.py
TESTS += $(more)
MAKE
run='
run(globals())'
expect py-both 0 "$listed	test_b02_a01_x" $listed "def test_b02_a01_x(w):
    pass
def case_a01_y(w):
    pass$run"
expect py-rows 0 "$listed	A01 B02 what holds" $listed '
CASES = [("A01 B02 what holds", 1)]
run(CASES)'
expect py-calls 0 "$listed	B02 x" $listed '
CASES = (Case("A01 x", 1), Case("B02 x", 2))
run(CASES)'
expect py-keys 0 "$listed	B02 y" $listed '
def test_a01_x(w):
    for name in {"B02 y": 1}:
        pass
run([test_a01_x])'
expect py-gap 1 'B02: no test in tests/named/ or' $listed "
def test_a01_x(w):
    pass$run"
expect py-unlisted 1 'B02: no test' tests/integration/unlisted.py "
def test_a01_b02_x(w):
    pass$run"
expect py-comment 1 'B02: no test' $listed "
def test_a01_x(w):
    pass
# def test_b02_x(w):
#     pass$run"
expect py-row-comment 1 'B02: no test' $listed '
CASES = [("A01 x", 1),
         # ("B02 x", 2),
         ]
run(CASES)'
expect py-text 1 'B02: no test' $listed "
def test_a01_x(w):
    '''B02 x; see (\"B02 x\", 1).'''
    print('B02 x')
    same(1, 2, 'B02 x')$run"
expect py-off 1 'B02: no test' $listed "
if False:
    def test_b02_x(w):
        pass
def test_a01_x(w):
    pass$run"
expect py-not-called 1 'B02: no test' $listed '
def test_a01_x(w):
    pass
def test_b02_x(w):
    pass
run([test_a01_x])'
expect py-row-not-used 1 'B02: no test' $listed "
CASES = [('B02 x', 2)]
def test_a01_x(w):
    pass$run"
expect py-unknown 1 'there is no number A03' $listed "
def test_a01_b02_x(w):
    pass
def test_a03_x(w):
    pass$run"
expect py-row-unknown 1 'there is no number B2' $listed '
run([("A01 B02 x", 1), ("B2 x", 1)])'
expect py-broken 1 'it does not compile' $listed 'def test_a01_b02_x(:'

exit "$status"
