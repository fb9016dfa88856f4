#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Looks for new inputs with clang's libFuzzer, AddressSanitizer and UBSan:
# what `make check-fuzz` runs.  Everything it writes is below ./fuzz/ of the
# build folder: a build of its own (fuzz/build), a working copy of each
# corpus (fuzz/corpus/NAME, kept from run to run) and what was found
# (fuzz/findings/).  With MERGE=1, inputs that reach something new are put
# into fuzz/merged/NAME, small ones only, named by their content, for a
# person to look at and to add to tests/fuzz/corpus/.
#
# Variables (environment or `make check-fuzz NAME=value`):
#   MINUTES   of fuzzing, shared by the targets; default 3
#   TARGETS   default all of $PDP_FUZZ; "json path"
#   JOBS      targets at a time; default 1
#   MERGE     1: see above
# Exit status: 0 nothing found, 1 findings, 77 a tool is missing.

set -eu
srcdir=${srcdir:?the source folder}
MINUTES=${MINUTES:-3}
JOBS=${JOBS:-1}
CLANG=${CLANG:-clang}
FUZZ_FLAGS='-g -O1 -U_FORTIFY_SOURCE -fno-omit-frame-pointer'
FUZZ_FLAGS="$FUZZ_FLAGS -fno-sanitize-recover=undefined"
LARGEST=4096 # bytes of an input that MERGE keeps

die() {
    echo "check-fuzz: $1" >&2
    exit "$2"
}

for number in "$MINUTES" "$JOBS"; do
    case $number in
    *[!0-9]* | 0*) die "MINUTES and JOBS are whole numbers from 1 on" 1 ;;
    esac
done

# All targets by their short names, or those asked for.
targets=
for program in ${PDP_FUZZ:?the programs}; do
    targets="$targets ${program##*/fuzz_}"
done
for what in ${TARGETS:-}; do
    case " $targets " in
    *" $what "*) ;;
    *) die "no target $what; there are:$targets" 1 ;;
    esac
done
targets=${TARGETS:-$targets}

mkdir -p fuzz/build fuzz/findings fuzz/log
printf 'int LLVMFuzzerTestOneInput(void);\n%s\n' \
    'int LLVMFuzzerTestOneInput(void) { return 0; }' >fuzz/probe.c
if ! "$CLANG" -fsanitize=fuzzer,address,undefined -o fuzz/probe fuzz/probe.c \
    >fuzz/log/probe 2>&1; then
    die "needs clang with libFuzzer: apt-get install clang libclang-rt-14-dev
(or CLANG=the name of another one; see $PWD/fuzz/log/probe)" 77
fi

source=$(cd "$srcdir" && pwd)
(
    cd fuzz/build
    if [ ! -e config.status ]; then
        "$source/configure" --quiet --disable-shared CC="$CLANG" \
            CFLAGS="$FUZZ_FLAGS -fsanitize=fuzzer-no-link,address,undefined" \
            CPPFLAGS=-DPDP_FUZZ_ENGINE
    fi
    programs=
    for what in $targets; do
        programs="$programs tests/fuzz/fuzz_$what"
    done
    # shellcheck disable=SC2086 # a list of names
    "${MAKE:-make}" -s AM_LDFLAGS='-fsanitize=fuzzer,address,undefined' $programs
) || die "the targets could not be built" 1
for what in $targets; do
    [ -x "fuzz/build/tests/fuzz/fuzz_$what" ] ||
        die "fuzz_$what was not built" 1
done

# Text of these kinds is hard to guess byte by byte.
dictionary() {
    case $1 in
    path | query | image | glob) echo "paths" ;;
    json | yaml) echo "json" ;;
    jws | request) echo "jws" ;;
    service | trust | jwks | jwk | policies | directory | restrictions | \
        revocations) echo "documents" ;;
    esac
}

run_one() { # name, seconds
    corpus=fuzz/corpus/$1
    mkdir -p "$corpus"
    dict=$(dictionary "$1")
    set -- "$1" "$2" "fuzz/build/tests/fuzz/fuzz_$1" \
        -max_total_time="$2" -timeout=25 -rss_limit_mb=2048 -max_len=8192 \
        -print_final_stats=1 -artifact_prefix="fuzz/findings/$1-"
    if [ -n "$dict" ]; then
        set -- "$@" -dict="$source/tests/fuzz/dict/$dict.dict"
    fi
    name=$1
    shift 2
    status=0
    "$@" "$corpus" "$source/tests/fuzz/corpus/$name" \
        >"fuzz/log/$name" 2>&1 || status=$?
    echo "$status" >"fuzz/log/$name.status"
}

# One line a target: runs, inputs kept, what it covers, whether it failed.
report() { # name
    log=fuzz/log/$1
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    new=$(sed -n 's/^stat::new_units_added: *//p' "$log")
    cover=$(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\) .*/\1 \2/p' "$log" |
        tail -n 1)
    status=$(cat "$log.status")
    said=none
    [ "$status" -eq 0 ] || said=FOUND
    # shellcheck disable=SC2086 # two numbers
    printf '%-12s %12s %8s %8s %8s  %s\n' "$1" "${runs:--}" "${new:--}" \
        ${cover:-- -} "$said"
    [ "$status" -ne 0 ] || return 0
    input=$(sed -n 's/^.*Test unit written to //p' "$log" | tail -n 1)
    grep -E 'does not hold|SUMMARY|runtime error' "$log" | head -n 3 |
        sed 's/^/    /'
    echo "    log:    $PWD/$log"
    echo "    input:  ${input:+$PWD/}${input:-none was kept}"
    echo "    replay: $PWD/fuzz/build/tests/fuzz/fuzz_$1 ${input:+$PWD/}${input:-INPUT}"
    echo "    keep it, once mended, in tests/fuzz/corpus/$1/"
    return 1
}

merge_one() { # name
    out=fuzz/merged/$1
    rm -rf "$out" fuzz/merge
    mkdir -p "$out" fuzz/merge
    # What is there already goes first: only what it does not reach is added.
    cp -R "$source/tests/fuzz/corpus/$1/." fuzz/merge/
    (cd fuzz/merge && find . -type f | LC_ALL=C sort) >fuzz/merge.before
    "fuzz/build/tests/fuzz/fuzz_$1" -merge=1 -max_len="$LARGEST" fuzz/merge \
        "fuzz/corpus/$1" >"fuzz/log/$1.merge" 2>&1
    (cd fuzz/merge && find . -type f | LC_ALL=C sort) >fuzz/merge.after
    comm -13 fuzz/merge.before fuzz/merge.after | while read -r file; do
        sum=$(sha256sum <"fuzz/merge/$file")
        cp "fuzz/merge/$file" "$out/found-$(printf %.12s "$sum")"
    done
    echo "$1: $(find "$out" -type f | wc -l) new inputs in $PWD/$out"
}

count=$(echo "$targets" | wc -w)
seconds=$((MINUTES * 60 * JOBS / count))
[ "$seconds" -gt 0 ] || seconds=1
echo "check-fuzz: $count targets, $seconds s each, $JOBS at a time"
running=0
for what in $targets; do
    run_one "$what" "$seconds" &
    running=$((running + 1))
    if [ "$running" -ge "$JOBS" ]; then
        wait
        running=0
    fi
done
wait

failed=0
printf '%-12s %12s %8s %8s %8s  %s\n' target runs new edges features findings
for what in $targets; do
    report "$what" || failed=1
done
if [ "${MERGE:-0}" = 1 ]; then
    for what in $targets; do
        merge_one "$what"
    done
fi
exit "$failed"
