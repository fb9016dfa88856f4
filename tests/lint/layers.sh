#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# The layers of lib/: base < text < crypto < model < load, decide < audit.
# A file includes its own folder and lower layers only, load/ and decide/
# are blind to each other, and includes name the folder.  OpenSSL is seen by
# lib/crypto only, memory is taken in lib/base/mem.c only, and nothing in
# lib/ opens a file or reads the clock or the environment: decisions stay
# reproducible and the library embeddable.

set -u
cd "${srcdir:-.}" || exit 99
status=0

bad() { # place, what is wrong, how to mend it
    printf '%s: %s\n    mend: %s\n' "$1" "$2" "$3"
    status=1
}

rank() {
    case $1 in
    base) echo 0 ;;
    text) echo 1 ;;
    crypto) echo 2 ;;
    model) echo 3 ;;
    load | decide) echo 4 ;;
    audit) echo 5 ;;
    *) echo unknown ;;
    esac
}

# file, line, text between the quotes
check_quoted() {
    place=$1:$2
    own=${1#lib/}
    own=${own%%/*}
    case $3 in
    pdp.h | pdp/*.h) [ -f "include/$3" ] ||
        bad "$place" "there is no include/$3" "name a public header" ;;
    */*.h)
        other=${3%%/*}
        if [ ! -f "lib/$3" ]; then
            bad "$place" "there is no lib/$3" \
                "write includes as \"folder/name.h\", relative to lib/"
        elif [ "$own" != "$other" ]; then
            if [ "$(rank "$other")" -ge "$(rank "$own")" ]; then
                bad "$place" "$own/ must not include $3" \
                    "move what both need to a lower layer, often model/"
            fi
        fi
        ;;
    *) bad "$place" "\"$3\" does not name its folder" \
        "write includes as \"folder/name.h\", relative to lib/" ;;
    esac
}

check_system() {
    place=$1:$2
    case $3 in
    openssl/*) case $1 in lib/crypto/*) ;; *)
        bad "$place" "<$3> outside lib/crypto" \
            "add a function to lib/crypto and call that" ;;
    esac ;;
    xxhash.h) case $1 in lib/model/*) ;; *)
        bad "$place" "<$3> outside lib/model" "use model/hash.h" ;;
    esac ;;
    uthash.h) case $1 in lib/load/*) ;; *)
        bad "$place" "<$3> outside lib/load" \
            "maps are for loading only; the hot path uses model/phash.h" ;;
    esac ;;
    jansson.h | jwt.h | yaml.h | curl/* | microhttpd.h | unistd.h | fcntl.h | \
        sys/* | pthread.h | locale.h | errno.h | assert.h)
        bad "$place" "<$3> in lib/" \
            "the library has no I/O, no errno and no such dependency" ;;
    esac
}

for folder in lib/*/; do
    folder=${folder#lib/}
    folder=${folder%/}
    case $folder in .*) continue ;; esac
    [ "$(rank "$folder")" != unknown ] ||
        bad "lib/$folder" "a folder without a layer" \
            "give it a rank in tests/lint/layers.sh and docs/ARCHITECTURE.md"
done

includes=$(grep -nE '^[[:space:]]*#[[:space:]]*include' lib/*/*.[ch] |
    sed -E 's/^([^:]*):([0-9]*):[^"<]*(["<])([^">]*).*/\1 \2 \3 \4/')
while read -r file line kind name; do
    case $kind in
    '"') check_quoted "$file" "$line" "$name" ;;
    '<') check_system "$file" "$line" "$name" ;;
    esac
done <<END
$includes
END

# Public headers are installed: they cannot see lib/.
hits=$(grep -nE '#[[:space:]]*include[[:space:]]*"' include/pdp.h include/pdp/*.h |
    grep -v '"pdp/')
[ -z "$hits" ] || bad "$hits" "a public header includes a private one" \
    "public headers include pdp/... and the C library only"

code=$(python3 tests/lint/strip_c.py lib/*/*.[ch]) || exit 99

hits=$(printf '%s\n' "$code" | grep -v '^lib/base/mem\.c:' |
    grep -E '(^|[^A-Za-z0-9_.>])(malloc|calloc|realloc|reallocarray|free|strdup|strndup|aligned_alloc|posix_memalign)[[:space:]]*\(')
[ -z "$hits" ] || bad "$hits" "memory taken outside lib/base/mem.c" \
    "use an arena (base/mem.h); the hot path does not allocate at all"

# PDP_NEVER() stops a program built for finding mistakes; nothing else may.
hits=$(printf '%s\n' "$code" | grep -v '^lib/base/never\.h:.* (abort(), ' |
    grep -E \
        '(^|[^A-Za-z0-9_.>])((fopen|fdopen|freopen|tmpfile|printf|fprintf|puts|fputs|putchar|perror|getenv|secure_getenv|setenv|time|clock|clock_gettime|gettimeofday|localtime|localtime_r|gmtime|gmtime_r|mktime|strftime|setlocale|socket|connect|abort|exit|signal|rand|random)[[:space:]]*\(|FILE[[:space:]]*\*|(stdin|stdout|stderr|errno)([^A-Za-z0-9_]|$))')
[ -z "$hits" ] || bad "$hits" "I/O, clock, environment or errno in lib/" \
    "take it as an argument, as pdp_request_t takes now_sec"

exit "$status"
