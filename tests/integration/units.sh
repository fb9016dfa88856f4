#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# The units of systemd: they parse, also with the drop-ins that are shipped;
# how much of the system they leave open is below a limit; and each option of
# the list below is in both, or has a reason why not.
#
# systemd-analyze works on files here: no service manager has to run, and no
# unit is installed or started.  Without it, which no package of bootstrap.sh
# brings, only the list is checked, and the test counts as skipped.
#
# It runs in the build folder, where make has made the units.

set -u
built=$(pwd)
cd "${srcdir:-.}" || exit 99
status=0
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

bad() { # what is wrong, how to mend it
    printf 'not ok %s\n    mend: %s\n' "$1" "$2"
    status=1
}

pdpd=$built/tools/pdpd/pdpd.service
fetch=$built/tools/pdp-fetch/pdp-fetch.service
for unit in "$pdpd" "$fetch"; do
    [ -f "$unit" ] || {
        echo "$unit is not there: run make, and this in the build folder"
        exit 99
    }
    ! grep -n '@[a-z]*dir@' "$unit" || bad "$unit: a place is empty" \
        "see the rule in tools/Makemodule.am"
done
# One file of trust for both, and the programs where they are installed.
grep -q '^ExecStart=/.*/pdpd --config /etc/pdp/pdpd.yaml$' "$pdpd" ||
    bad "$pdpd: no program" "see ExecStart= in pdpd.service.in"
grep -q '^ExecStart=/.*/pdp-fetch --trust /etc/pdp/trust.yaml ' "$fetch" ||
    bad "$fetch: no program" "see ExecStart= in pdp-fetch.service.in"
grep -qx 'trust: trust.yaml' docs/examples/pdpd/pdpd.yaml ||
    bad "docs/examples/pdpd/pdpd.yaml: another trust document" \
        "pdp-fetch.service reads /etc/pdp/trust.yaml"

# ---- what must be in both
while read -r option; do
    for unit in "$pdpd" "$fetch"; do
        grep -qxF -- "$option" "$unit" || bad "$unit: no line $option" \
            "add it, or tell below why not"
    done
done <<'LIST'
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=pid
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources @mount @obsolete @debug @cpu-emulation
SystemCallErrorNumber=EPERM
LimitCORE=0
LimitMEMLOCK=0
MemorySwapMax=0
Restart=always
TimeoutStopSec=15
StartLimitIntervalSec=0
LIST

# ---- and in one of them only; the other one cannot have it
while read -r unit option; do
    [ -n "$unit" ] || continue
    case $unit in
    pdpd) unit=$pdpd ;;
    fetch) unit=$fetch ;;
    esac
    grep -qxF -- "$option" "$unit" || bad "$unit: no line $option" \
        "add it, or tell here why not"
done <<'LIST'
pdpd UMask=0077
fetch UMask=0027
pdpd PrivateNetwork=yes
pdpd IPAddressDeny=any
pdpd RestrictAddressFamilies=AF_UNIX
fetch RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
fetch PrivateUsers=yes
pdpd Type=notify
pdpd WatchdogSec=60
pdpd KillMode=mixed
pdpd RestartSec=100ms
fetch RestartSec=5
pdpd LimitNOFILE=131072
pdpd MemoryMax=512M
fetch MemoryMax=128M
pdpd TasksMax=128
fetch TasksMax=64
pdpd OOMScoreAdjust=-500
pdpd ConfigurationDirectory=pdp
pdpd RuntimeDirectory=pdp
fetch StateDirectory=pdp-fetch
pdpd ReadWritePaths=-/run/pdp-fetch
pdpd After=pdp-fetch.service
pdpd SystemCallFilter=lchown lchown32 fchownat seccomp
LIST
# Inside a user namespace every peer of a socket is user 65534.
grep -q '^PrivateUsers=yes' "$pdpd" && bad "$pdpd: PrivateUsers=yes" \
    "take it out: the check of peers needs their real ids"

if ! command -v systemd-analyze >/dev/null 2>&1; then
    echo "systemd-analyze is not installed: units are not analysed"
    [ "$status" -ne 0 ] || exit 77
    exit "$status"
fi

# ---- they parse: what systemd would ignore is a mistake
cp "$pdpd" tools/pdpd/pdpd.socket "$fetch" "$work"
# The programs need not be installed.
for unit in "$work"/*.service; do
    sed 's#^ExecStart=[^ ]*#ExecStart=/bin/true#' "$unit" >"$work/edited"
    mv "$work/edited" "$unit"
done

parse() {
    (cd "$work" && systemd-analyze verify --man=no ./pdpd.service \
        ./pdpd.socket ./pdp-fetch.service) >"$work/output" 2>&1 ||
        echo "$work/: systemd-analyze fails" >>"$work/output"
    # This machine may have units with faults of their own.
    grep -E "$work|pdpd|pdp-fetch" "$work/output"
}

clean() { # what was verified
    parse >"$work/found" || return 0
    bad "$1: $(cat "$work/found")" "see systemd.exec(5), systemd.unit(5)"
}

clean "the units"
for folder in docs/examples/systemd/*.d; do
    cp -R "$folder" "$work"
done
clean "the units with their drop-ins"
printf '[Service]\nPlanted=yes\n' >"$work/pdpd.service.d/planted.conf"
parse | grep -q Planted || bad "a planted option is not found" \
    "see what systemd-analyze verify prints:
$(cat "$work/output")"
rm -r "$work"/*.d

# ---- exposure, in tenths: 100 is all open
exposed() { # unit, limit
    NO_COLOR=1 systemd-analyze security --offline=true --no-pager \
        --threshold="$2" "$work/$1" >"$work/output" 2>&1
}

measure() { # unit, limit
    if exposed "$1" "$2"; then
        tail -n 1 "$work/output"
    elif grep -q 'Overall exposure' "$work/output"; then
        bad "$(tail -n 1 "$work/output"), limit $2 tenths" \
            "close what these lines name, or argue for a higher limit here:
$(grep -v '✓' "$work/output")"
    else
        echo "systemd-analyze cannot look at files: $(cat "$work/output")"
        skip=77
    fi
}

skip=0
measure pdpd.service 15
measure pdp-fetch.service 15
if [ "$skip" -eq 0 ]; then
    sed '/^ProtectSystem=/d; /^SystemCallFilter=/d; /^Private/d' \
        "$work/pdpd.service" >"$work/open.service"
    ! exposed open.service 15 || bad "an open unit is below the limit" \
        "see what systemd-analyze security prints"
fi
[ "$status" -ne 0 ] || exit "$skip"
exit "$status"
