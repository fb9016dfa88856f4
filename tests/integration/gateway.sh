#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# A server around the installed library: four threads decide while documents
# are loaded anew, well and badly.  Each line that the example program prints
# is compared, and valgrind, where there is one, finds no leak and no error.

set -eu
scratch=$(mktemp -d)
pid=
# shellcheck disable=SC2317 # called by trap
clean() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || :
    rm -rf "$scratch"
}
trap clean EXIT
trap '' PIPE
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
# shellcheck disable=SC2086 # lists of flags
$CC -std=c11 -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion \
    -Wstrict-prototypes -Werror -pedantic -g -o "$scratch/gateway" \
    "$source_dir/docs/examples/gateway.c" -pthread $flags ${PDP_EXTRA_CFLAGS-}
library=$(dirname "$(find "$scratch/root" -name libpdp.so | head -n 1)")
echo "ok builds against the installed library"

if [ -n "${PDP_EXTRA_CFLAGS-}" ]; then
    watch=
    echo "# with ${PDP_EXTRA_CFLAGS}, so without valgrind"
elif command -v valgrind >/dev/null 2>&1; then
    watch='valgrind -q --leak-check=full --error-exitcode=9'
else
    watch=
    echo "# valgrind is not there: leaks are not looked for (sh bootstrap.sh" \
        "packages valgrind)"
    skipped=77
fi

# Documents: two keys, one namespace, one reader.
cd "$scratch"
account=8d5f3a1c7b9e4d2fa06c1e4b7d90f325
mkdir conf
"$PDP_CHECK" keygen --alg ES256 --kid second --private second.pem \
    --jwks second.json >keygen.log
cp second.json conf/keys.json
"$PDP_CHECK" keygen --alg ES256 --kid first --private first.pem --append \
    --jwks conf/keys.json >>keygen.log
"$PDP_CHECK" keygen --alg ES256 --kid other --private other.pem \
    --jwks other.json >>keygen.log
cat >conf/trust.json <<END
{ "format": "pdp-trust/1", "issuers": [
    { "issuer": "https://iam.cloud.ibm.com/identity",
      "keys": { "file": "keys.json" }, "algorithms": ["ES256"] } ] }
END
cat >conf/directory.json <<END
{ "format": "pdp-directory/1", "namespaces": [
    { "region": "us-south", "namespace": "birds", "account": "$account" },
    { "region": "us-south", "namespace": "nests", "account": "else" } ],
  "complete": true }
END
policy() { # id, grant or deny, role
    cat <<END
{ "id": "$1", "type": "access", "state": "active",
  "subject": { "attributes": [
    { "key": "iam_id", "operator": "stringEquals", "value": "IBMid-ROBIN" } ] },
  "resource": { "attributes": [
    { "key": "accountId", "operator": "stringEquals", "value": "$account" },
    { "key": "serviceName", "operator": "stringEquals",
      "value": "container-registry" } ] },
  "control": { "$2": { "roles": [
    { "role_id": "crn:v1:bluemix:public:iam::::serviceRole:$3" } ] } } }
END
}
policy reads grant Reader >conf/reads.json
policy writes grant Writer >conf/more.json

token() { # private key, name of the key, options of pdp-check token
    key=$1
    kid=$2
    shift 2
    "$PDP_CHECK" token --key "$key" --kid "$kid" --account "$account" \
        --iam-id IBMid-ROBIN "$@" 2>>token.log
}
first=$(token first.pem first)
second=$(token second.pem second)
forged=$(token other.pem first)
expired=$(token first.pem first --expires-in -60)
strange=$(token first.pem first --claim 'iam_id="IBMid-\u000aROBIN"')

# The requests of one round, and what the first documents say to them.
image=/api/v1/images/us.icr.io%2fbirds%2Fwren:1
nest=/api/v1/images/us.icr.io%2Fnests%2Fwren:1
bearer=Authorization:Bearer
requests() {
    printf 'GET\t/api/v1/messages\n'
    printf 'GET\t%s/json\t%s %s\n' "$image" "$bearer" "$first"
    printf 'GET\t%s/json?x=%%2f\t%s %s\tAccount:%s\n' "$image" "$bearer" \
        "$second" "$account"
    printf 'DELETE\t%s\t%s %s\n' "$image" "$bearer" "$first"
    printf 'GET\t%s/json\n' "$image"
    printf 'GET\t%s/json\t%s %s\n' "$image" "$bearer" "$forged"
    printf 'GET\t%s/json\t%s %s\n' "$image" "$bearer" "$expired"
    printf 'GET\t%s/json\t%s %s\n' "$image" "$bearer" "$strange"
    printf 'GET\t%s/json\t%s %s\n' "$nest" "$bearer" "$first"
    printf 'GET\t%s/json\t%s %s\tAccount:else\n' "$image" "$bearer" "$first"
    printf 'GET\t%s/json\t%s %s\tAccount:%s\taccount:%s\n' "$image" "$bearer" \
        "$first" "$account" "$account"
    printf 'GET\t/api/v1/images//json\t%s %s\n' "$bearer" "$first"
    printf 'get\t%s/json\t%s %s\n' "$image" "$bearer" "$first"
    printf 'GET %s/json\n\n' "$image"
    printf 'GET\t%s/json\t%s %s\tno colon\n' "$image" "$bearer" "$first"
}
path=/api/v1/images/us.icr.io%2Fbirds%2Fwren:1
inspect=container-registry.image.inspect
delete=container-registry.image.delete
robin=IBMid-ROBIN
answers() { # what DELETE gets; key_unknown: every token of the first key
    read="allow 200 permitted $inspect $robin - $path/json $account"
    unknown="deny 401 key_unknown $inspect - $inspect - -"
    if [ "$1" = key_unknown ]; then
        other_account=$unknown
        forged_answer=$unknown
        expired_answer=$unknown
        strange_answer=$unknown
        first_answer=$unknown
    else
        other_account="deny 403 account_mismatch $inspect $robin $inspect - -"
        forged_answer="deny 401 signature_invalid $inspect - $inspect - -"
        expired_answer="deny 401 token_expired $inspect - $inspect - -"
        strange_answer="deny 403 no_grant $inspect IBMid-\\x0AROBIN $inspect - -"
        first_answer=$read
    fi
    case $1 in
    permitted) delete_answer="allow 200 $1 $delete $robin - $path $account" ;;
    key_unknown) delete_answer="deny 401 $1 $delete - $delete - -" ;;
    *) delete_answer="deny 403 $1 $delete $robin $delete - -" ;;
    esac
    cat <<END
allow 200 public - - - /api/v1/messages -
$first_answer
$read
$delete_answer
deny 401 token_missing $inspect - $inspect - -
$forged_answer
$expired_answer
$strange_answer
$other_account
$other_account
deny 400 ambiguous_header - - - - -
deny 400 empty_segment - - - - -
deny 400 bad_method - - - - -
deny 500 internal - - - - -
deny 500 internal - - - - -
deny 500 internal - - - - -
END
}

gateway() {
    # shellcheck disable=SC2086 # a command and its options
    LD_LIBRARY_PATH=$library exec $watch ./gateway -t conf/trust.json \
        -d conf/directory.json -p conf/reads.json -p conf/more.json "$@"
}
wait_for() { # lines, file
    tries=0
    while [ "$(wc -l <"$2")" -lt "$1" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 1200 ] || ! kill -0 "$pid" 2>/dev/null; then
            echo "not $1 lines in $2:"
            cat "$2" err
            exit 1
        fi
        sleep 0.1
    done
}
ask() { # what DELETE gets
    requests >&3
    answers "$1" >>wanted
}
answered() {
    wait_for "$(wc -l <wanted)" out
}
reload() { # the lines that it prints
    kill -HUP "$pid"
    cat >>wanted-err
    wait_for "$(wc -l <wanted-err)" err
}
number_lines() {
    tr ' ' '\t' <wanted | awk '{ print NR "\t" $0 }' >wanted-lines
    sort -n out >lines
}
same() { # wanted, got, what
    if ! diff "$1" "$2"; then
        echo "not ok $3"
        exit 1
    fi
    echo "ok $3"
}
expect_status() { # wanted, got
    if [ "$1" -ne "$2" ]; then
        echo "not ok status $2, wanted $1:"
        cat err
        exit 1
    fi
}
kept='gateway: not reloaded; the old documents stay in force'
invalid='gateway: not loaded: A document has errors; see the report.'
broken='conf/more.json:2:1: error: not JSON from here on [json_syntax]'

: >wanted
: >wanted-err
: >out
: >err
mkfifo in
(gateway) <in >out 2>err &
pid=$!
exec 3>in

# A denial is added.
ask permitted
answered
policy denies deny Writer >conf/more.json
echo 'gateway: reloaded' | reload
ask explicit_deny
answered

# A reload in the midst of requests: none waits, fails, or is answered twice.
for _ in 1 2 3; do
    ask explicit_deny
    ask explicit_deny
    kill -HUP "$pid"
    ask explicit_deny
    ask explicit_deny
    echo 'gateway: reloaded' >>wanted-err
    wait_for "$(wc -l <wanted-err)" err
done

# Without the denial much would be allowed: not so if it cannot be read.
echo '{ "id": "denies",' >conf/more.json
printf '%s\n' "$invalid" "$broken" "$kept" | reload
ask explicit_deny
rm conf/more.json
printf '%s\n' 'conf/more.json: error: cannot be read, or is too long' "$kept" |
    reload
ask explicit_deny
answered

# A key goes, and with it what was remembered of its tokens.
policy writes grant Writer >conf/more.json
cp second.json conf/keys.new
mv conf/keys.new conf/keys.json
echo 'gateway: reloaded' | reload
ask key_unknown
exec 3>&-
status=0
wait "$pid" || status=$?
pid=
expect_status 0 "$status"
same wanted-err err "the findings of each reload"
number_lines
same wanted-lines lines "each of $(wc -l <lines) answers"

# Documents that do not load are not served.
echo '[' >conf/more.json
printf '%s\n' "$invalid" "$broken" >wanted-err
status=0
(gateway) <wanted >out 2>err || status=$?
expect_status 2 "$status"
same wanted-err err "the findings of the start"
same /dev/null out "no answer without documents"

# A key set goes by its name: two documents must not mean two files by one.
policy writes grant Writer >conf/more.json
mkdir twin
sed -e 's/iam\.cloud/iam.twin/' \
    -e 's/"algorithms"/"audiences": "none", "typ": "none", &/' \
    conf/trust.json >twin/trust.json
cp other.json twin/keys.json
printf '%s\n' "$invalid" 'twin/trust.json:3:25: error: another trust document '\
'names a key set "keys.json", too [duplicate_name]' >wanted-err
status=0
(gateway -t twin/trust.json) <wanted >out 2>err || status=$?
expect_status 2 "$status"
same wanted-err err "two trust documents that name one key set"
same /dev/null out "no answer with them"

# Nobody reads the answers, so threads wait in the midst of a request while
# their workers are replaced.  These, and the old documents, must last until
# the threads are done with them, and no longer.
mkfifo slow
: >wanted-err
: >err
: >wanted
(gateway) <in >slow 2>err &
pid=$!
exec 3>in 4<slow
round=0
while [ "$round" -lt 100 ]; do
    requests
    answers key_unknown >>wanted
    round=$((round + 1))
done >&3 &
writer=$!
IFS= read -r answer <&4
sleep 1 # by then the pipe is full
for _ in 1 2 3; do
    echo 'gateway: reloaded' | reload
done
exec 3>&-
echo "$answer" >out
cat <&4 >>out
exec 4<&-
wait "$writer"
status=0
wait "$pid" || status=$?
pid=
expect_status 0 "$status"
same wanted-err err "the findings while threads wait"
number_lines
same wanted-lines lines "each of $(wc -l <lines) late answers"
exit "${skipped-0}"
