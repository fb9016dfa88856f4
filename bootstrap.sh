#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# From a fresh Debian 12 machine to a demonstration or a tested build.
#
#   sh bootstrap.sh demo     build, then run the main job on made-up keys
#   sh bootstrap.sh check    build, then run the whole test suite
#   sh bootstrap.sh build    build only
#   sh bootstrap.sh help     this text
#
# Each command installs the Debian packages that are missing, and says
# which; it uses sudo unless it runs as root.  Everything is built in build/.
# Run a second time, it only rebuilds what changed.
#
# For scripts:
#   sh bootstrap.sh packages NAME...   install those packages if missing
#   sh bootstrap.sh results DIR...     count the test results below DIR
#
# Variables:
#   PDP_CONFIGURE   more options for configure, such as --enable-werror
#   PDP_SHARED      folder with test data that is not part of the project
#   PDP_VECTORS     folder with external test vectors; see docs/TESTING.md

set -eu

build_packages="autoconf automake libtool make gcc libc6-dev pkg-config \
libssl-dev libcurl4-openssl-dev libmicrohttpd-dev libseccomp-dev libjwt-dev \
libjansson-dev uthash-dev libxxhash-dev libyaml-dev libcmocka-dev python3"
check_packages="mandoc openssl valgrind clang-format shellcheck g++ \
nginx-light haproxy caddy curl"

say() {
    printf 'bootstrap: %s\n' "$*"
}

# fail WHAT MEND: what went wrong, and what the reader should do about it.
fail() {
    printf 'bootstrap: %s failed.\n' "$1" >&2
    printf 'bootstrap: %s\n' "$2" >&2
    exit 1
}

usage() {
    sed -n '5,/^$/s/^# \{0,1\}//p' "$root/bootstrap.sh"
}

installed() {
    case $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) in
    *" installed") return 0 ;;
    *) return 1 ;;
    esac
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

packages() {
    if ! command -v dpkg-query >/dev/null 2>&1; then
        say "no dpkg here: make sure you have the equivalent of: $*"
        return 0
    fi
    missing=
    for name in "$@"; do
        installed "$name" || missing="$missing $name"
    done
    [ -n "$missing" ] || return 0

    say "installing the missing packages:$missing"
    mend="Install them by hand, then run this again: apt-get install$missing"
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
        fail "finding sudo" "$mend"
    fi
    as_root apt-get -qq update ||
        fail "apt-get update" "Check the network and /etc/apt/sources.list."
    # shellcheck disable=SC2086 # a list of names
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
        --no-install-recommends -o DPkg::Lock::Timeout=120 $missing \
        >/dev/null || fail "apt-get install" "$mend"
}

configure() {
    if [ ! -x configure ] || [ ! -f Makefile.in ] ||
        [ -n "$(find configure.ac -newer configure)" ]; then
        say "running autoreconf"
        autoreconf -i >autoreconf.log 2>&1 || {
            cat autoreconf.log >&2
            fail autoreconf "Mend configure.ac or Makefile.am as it says above."
        }
        rm -f autoreconf.log
    fi

    mkdir -p build
    # Unset: whatever the build folder was configured with before.
    options=${PDP_CONFIGURE-$(cat build/.options 2>/dev/null || true)}
    if [ -f build/Makefile ] && [ -f build/config.status ] &&
        [ -f build/.options ] && [ "$(cat build/.options)" = "$options" ] &&
        [ -z "$(find configure -newer build/config.status)" ]; then
        return 0
    fi
    say "running configure $options"
    # shellcheck disable=SC2086 # a list of options
    (cd build && ../configure --quiet $options) || fail configure \
        "build/config.log tells why; a tree configured in place needs make distclean."
    printf '%s\n' "$options" >build/.options
}

jobs_cnt() {
    getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1
}

build() {
    # shellcheck disable=SC2086 # a list of names
    packages $build_packages "$@"
    configure
    say "building in build/"
    make -C build -s -j "$(jobs_cnt)" all || fail make \
        "If the error is not in your change: rm -rf build, and run this again."
}

demo() {
    build
    tool=$(find build -name pdp-check -type f -perm -u+x ! -path '*/.libs/*' |
        head -n 1)
    [ -n "$tool" ] || fail "finding pdp-check" \
        "rm -rf build, and run this again."
    sh tests/tool/demo.sh "$root/$tool" || fail "the demonstration" \
        "Run sh bootstrap.sh check to see which part is broken."
}

# Counts test cases: those that cmocka counted in the log of a program, one
# for any other test.  A program that fails without a failed case (a crash,
# a leak) counts as one failure.
results() {
    find "$@" -name '*.trs' -newer "$1/.check-began" | sort |
        while read -r trs; do
            cat "$trs" "${trs%.trs}.log" 2>/dev/null
            echo ':end:'
        done | awk '
            /^:test-result:/           { result = $2 }
            /^\[  PASSED  \] [0-9]+ test/ { ok += $4 }
            /^\[  FAILED  \] [0-9]+ test/ { bad += $4 }
            /^\[  SKIPPED \] [0-9]+ test/ { skip += $4 }
            /^:end:/ {
                good_result = result == "PASS" || result == "XFAIL"
                if (result == "SKIP") {
                    ok = bad = 0
                    skip = skip > 0 ? skip : 1
                } else if (!good_result && bad == 0) {
                    bad = 1
                } else if (good_result && ok + skip == 0) {
                    ok = 1
                }
                passed += ok; failed += bad; skipped += skip
                ok = bad = skip = 0; result = ""
            }
            END {
                printf "%d passed, %d failed, %d skipped\n", passed, failed,
                    skipped
            }'
}

check() {
    # shellcheck disable=SC2086 # a list of names
    build $check_packages
    if [ -d ../shared ]; then
        shared=$(cd ../shared && pwd)
        : "${PDP_SHARED=$shared}"
        : "${PDP_VECTORS=$shared/vectors}"
        export PDP_SHARED PDP_VECTORS
    fi
    say "running the tests"
    status=0
    : >build/.check-began
    # Many tests wait more than they work.
    make -C build -s -j "$(($(jobs_cnt) * 2))" check >build/check.log 2>&1 ||
        status=$?
    grep -E '^(SKIP|FAIL|ERROR|XPASS): ' build/check.log || true
    if [ "$status" -ne 0 ]; then
        failed=$(sed -En 's/^(FAIL|ERROR|XPASS): ([^ ]*).*/\2/p' \
            build/check.log)
        [ -n "$failed" ] || tail -n 40 build/check.log
        for test in $failed; do
            log=build/$test.log
            [ -f "$log" ] || log=build/${test%.*}.log
            printf -- '---- %s\n' "$log"
            [ ! -f "$log" ] || tail -n 40 "$log"
        done
        say "the logs are build/check.log and build/tests/**/*.log"
    fi
    printf 'bootstrap: check: %s\n' "$(results build)"
    [ "$status" -eq 0 ] ||
        fail "the test suite" "The log of each failed test is printed above."
}

root=$(cd "$(dirname "$0")" && pwd)
cd "$root"

command=${1-help}
[ $# -eq 0 ] || shift
case $command in
demo | check | build)
    if [ $# -ne 0 ]; then
        usage >&2
        exit 2
    fi
    "$command"
    ;;
packages | results)
    "$command" "$@"
    ;;
help | -h | --help)
    usage
    ;;
*)
    usage >&2
    exit 2
    ;;
esac
