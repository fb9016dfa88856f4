#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# The library as a stranger finds it: installed, found with pkg-config, used
# by the example program, which sees nothing but the installed headers.

set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
source_dir=$(cd "${srcdir:?}" && pwd)

"$MAKE" install DESTDIR="$scratch/root" >"$scratch/log" 2>&1 || {
    cat "$scratch/log"
    exit 1
}
pc=$(find "$scratch/root" -name libpdp.pc)
PKG_CONFIG_PATH=${pc%/*}
PKG_CONFIG_SYSROOT_DIR=$scratch/root
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
flags=$("$PKG_CONFIG" --cflags --libs libpdp)
# shellcheck disable=SC2086
$CC -std=c11 -Wall -Wextra -Werror -pedantic -o "$scratch/embed" \
    "$source_dir/docs/examples/embed.c" $flags ${PDP_EXTRA_CFLAGS-}
LD_LIBRARY_PATH=$(dirname "$(find "$scratch/root" -name 'libpdp.so' | head -n 1)")
export LD_LIBRARY_PATH
echo "ok builds against the installed library"

"$PDP_CHECK" keygen --private "$scratch/key.pem" --jwks "$scratch/jwks.json"
now=$(date +%s)
token=$("$PDP_CHECK" token --key "$scratch/key.pem" --role Reader \
    --expires-in 600 2>/dev/null)
[ "$now" -gt 0 ]

expect() { # wanted exit status, wanted text, arguments of embed
    wanted=$1
    text=$2
    shift 2
    status=0
    "$scratch/embed" "$@" >"$scratch/out" 2>&1 || status=$?
    if [ "$status" -ne "$wanted" ] || ! grep -q -- "$text" "$scratch/out"; then
        echo "embed $*: status $status, wanted $wanted and \"$text\":"
        cat "$scratch/out"
        exit 1
    fi
    echo "ok embed: $text"
}

image=/api/v1/images/us.icr.io%2Fbirds%2Fwoodpecker:green
expect 0 permitted "$scratch/jwks.json" GET "$image/json" "$token"
expect 1 container-registry.image.delete "$scratch/jwks.json" DELETE \
    "$image" "$token"
expect 1 signature_invalid "$scratch/jwks.json" GET "$image/json" "${token%????}AAAA"

# Every file the makefile installs is there.
for file in include/pdp.h include/pdp/worker.h \
    share/libpdp/container-registry.json share/man/man1/pdp-check.1 \
    share/man/man3/pdp_decide.3 share/man/man3/pdp_decision_reason.3 \
    share/man/man5/pdp-directory.5 share/man/man5/pdp-policies.5 \
    share/man/man5/pdp-service.5 share/man/man5/pdp-trust.5 \
    share/man/man7/pdp.7 share/man/man7/pdp-diagnostics.7 \
    share/man/man7/pdp-reasons.7 bin/pdp-check \
    share/doc/libpdp/examples/embed.c share/doc/libpdp/examples/gateway.c \
    share/doc/libpdp/examples/trust.json bin/pdp-fetch sbin/pdpd \
    share/doc/libpdp/examples/pdpd/pdpd.yaml \
    share/doc/libpdp/examples/pdpd/trust.yaml \
    share/doc/libpdp/examples/nginx/registry.conf \
    share/doc/libpdp/examples/reader-one-namespace.json \
    share/doc/libpdp/examples/systemd/pdpd.socket.d/tcp.conf \
    lib/systemd/system/pdpd.service lib/systemd/system/pdpd.socket \
    lib/systemd/system/pdp-fetch.service; do
    found=$(find "$scratch/root" -path "*/$file")
    [ -n "$found" ] || {
        echo "not installed: $file"
        exit 1
    }
done
echo "ok installed files"

# The units start what was installed.
find "$scratch/root" -name '*.service' | while read -r unit; do
    sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$unit"
done >"$scratch/programs"
[ "$(wc -l <"$scratch/programs")" -eq 2 ]
while read -r program; do
    [ -x "$scratch/root$program" ] || {
        echo "a unit starts $program, which is not installed"
        exit 1
    }
done <"$scratch/programs"
echo "ok units"
