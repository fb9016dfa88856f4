#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Each lint must be able to fail: a copy of the tree (or, for the slow ones,
# a tree of a few files) gets one violation of each rule, and the lint must
# end with status 1 and name what was planted.  A lint that passes here
# guards nothing.
#
# What is planted is called "planted"; the copy is restored after each lint.
#
# Variables: CC (makes the library whose exports are compared; default cc).

set -u
here=$(cd "${srcdir:-.}" && pwd) || exit 99
failed=0
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

copy() { # folder, files and folders; without what a build leaves there
    folder=$1
    shift
    mkdir -p "$folder"
    (cd "$here" && tar -cf - --exclude='*.o' --exclude='*.lo' \
        --exclude='*.la' --exclude='.libs' --exclude='corpus' "$@") |
        (cd "$folder" && tar -xf -)
    chmod -R u+w "$folder"
}

# The whole tree, twice: one to plant in, one to restore from.
copy "$work/clean-tree" include lib tools tests docs policies .ci bootstrap.sh \
    configure.ac Makefile.am NEWS README.md CONTRIBUTING.md SECURITY.md
cp -R "$work/clean-tree" "$work/tree"

# A tree of a few files.
small="$work/clean-small"
mkdir -p "$small/include/pdp" "$small/lib/base" "$small/tools/common" \
    "$small/tests/unit" "$small/docs/man"
copy "$small" .clang-format configure.ac bootstrap.sh tests/lint
head -n 40 "$here/configure.ac" >"$small/configure.ac"
head -n 2 "$here/docs/Makemodule.am" >"$small/docs/Makemodule.am"
cp -R "$small" "$work/small"

tree=tree
: >"$work/touched"

plant() { # path; its text comes from stdin
    echo "$1" >>"$work/touched"
    mkdir -p "$(dirname "$work/$tree/$1")"
    cat >"$work/$tree/$1"
}

append() { # path; the text comes from stdin
    echo "$1" >>"$work/touched"
    cat >>"$work/$tree/$1"
}

edit() { # path, sed expression
    echo "$1" >>"$work/touched"
    sed "$2" "$work/$tree/$1" >"$work/edited"
    if cmp -s "$work/edited" "$work/$tree/$1"; then
        printf 'not ok: %s has nothing to edit: %s\n' "$1" "$2"
        printf '    mend: tests/lint/selftest.sh\n'
        failed=1
    fi
    cp "$work/edited" "$work/$tree/$1"
}

# expect LINT PATTERN...: it fails, and its output has each fixed string.
expect() {
    lint=$1
    shift
    program="sh"
    case $lint in *.py) program="python3" ;; esac
    got=0
    # shellcheck disable=SC2086 # a lint and its arguments
    (cd "$work" && srcdir=$work/$tree $program "$work/$tree/tests/lint/"$lint) \
        >"$work/output" 2>&1 || got=$?
    for pattern in "status 1" "mend: " "$@"; do
        if [ "$pattern" = "status 1" ]; then
            [ "$got" -eq 1 ] && continue
        elif grep -qF -- "$pattern" "$work/output"; then
            continue
        fi
        printf 'not ok: %s with a violation planted: status %d, no "%s"\n' \
            "$lint" "$got" "$pattern"
        failed=1
    done
    while read -r path; do
        rm -f "$work/$tree/$path"
        [ ! -f "$work/clean-$tree/$path" ] ||
            cp -p "$work/clean-$tree/$path" "$work/$tree/$path"
    done <"$work/touched"
    : >"$work/touched"
}

# In the small tree, which is otherwise clean, the lint must first pass.
passes() { # lint
    got=0
    srcdir=$work/$tree sh "$work/$tree/tests/lint/$1" >"$work/output" 2>&1 ||
        got=$?
    [ "$got" -ne 77 ] || return 1
    [ "$got" -eq 0 ] || {
        printf 'not ok: %s fails without a violation:\n' "$1"
        cat "$work/output"
        failed=1
    }
}

spdx='/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */'

# ---- layers.sh
plant lib/load/planted.c <<'END'
#include "decide/flow.h"
#include "planted.h"
#include "load/planted_none.h"
#include <openssl/evp.h>
#include <pthread.h>
void *planted_a = malloc(1);
int planted_b = time(NULL);
END
plant lib/text/planted.c <<'END'
#include "model/phash.h"
#include <uthash.h>
END
plant lib/planted/planted.h </dev/null
plant include/pdp/planted.h <<'END'
#include "base/mem.h"
END
expect layers.sh "load/ must not include decide/flow.h" \
    '"planted.h" does not name its folder' "no lib/load/planted_none.h" \
    "<openssl/evp.h> outside lib/crypto" "<pthread.h> in lib/" \
    "text/ must not include model/phash.h" "<uthash.h> outside lib/load" \
    "lib/planted: a folder without a layer" "planted_a" "planted_b" \
    "a public header includes a private one"
rmdir "$work/tree/lib/planted"

# ---- contracts.py
plant include/pdp/planted.h <<'END'
#ifndef PDP_PLANTED_H
#define PDP_PLANTED_H
#include "pdp/status.h"

PDP_API void pdp_planted_bare(void);

/* planted */
PDP_API pdp_status_t pdp_planted_lacks(const char *text, pdp_str_t *out);

/* pdp_planted_late: NULL: Returns: Thread safety: Allocates: Since: 99.0. */
PDP_API bool pdp_planted_late(void);

/* pdp_planted_text, _never: Returns: PDP_E_PLANTED.  Since: never. */
PDP_API const char *pdp_planted_text(void);
PDP_API void pdp_planted_never(void);
#endif
END
expect contracts.py "pdp_planted_bare(): no comment directly above it" \
    "pdp_planted_lacks(): the comment above it does not name it" \
    'pdp_planted_lacks(): no "Ownership:"' 'pdp_planted_lacks(): no "NULL:"' \
    'pdp_planted_lacks(): no "Returns"' \
    'pdp_planted_lacks(): no "Thread safety:"' \
    'pdp_planted_lacks(): no "Allocates:"' 'pdp_planted_lacks(): no "Since:"' \
    "pdp_planted_lacks(): no status is named" \
    "pdp_planted_late(): since 99.0" \
    "pdp_planted_late(): it is not said when it returns false" \
    "pdp_planted_text(): it is not said whose the text is" \
    'pdp_planted_never(): "Since:" names no version' "there is no PDP_E_PLANTED"

# ---- prototypes.py
plant include/pdp/planted.h <<'END'
#ifndef PDP_PLANTED_H
#define PDP_PLANTED_H
#include "pdp/base.h"
#define PDP_PLANTED_MACRO 1
typedef enum pdp_planted { PDP_PLANTED_ONE, PDP_PLANTED_TWO } pdp_planted_t;
typedef struct pdp_planted_info { size_t size; int seed; } pdp_planted_info_t;
typedef struct pdp_planted_tree { int leaf; } pdp_planted_tree_t;
PDP_API bool pdp_planted_a(const pdp_str_t *name, size_t index);
PDP_API void pdp_planted_b(void);
PDP_API void pdp_planted_c(int (*each)(void *user, int n), void *user);
PDP_API void pdp_planted_d(void);
PDP_API const char *pdp_planted_e(int n);
#endif
END
plant docs/man/pdp_planted.3 <<'END'
.Sh NAME
.Nm pdp_planted_a ,
.Nm pdp_planted_c ,
.Nm pdp_planted_e
.Nd planted
.Sh SYNOPSIS
.Ft bool
.Fn pdp_planted_a "pdp_str_t *name" "size_t index"
.Ft void
.Fo pdp_planted_c
.Fa "int (*each)(void *user, int n)"
.Fa "void *user"
.Fc
.Ft void
.Fn pdp_planted_d void
.Ft void
.Fn pdp_planted_other void
.Ft "const char *"
.Fn pdp_planted_e "int number"
.Sh DESCRIPTION
.Vt pdp_planted_info_t
.Dv PDP_PLANTED_ONE
.Dv PDP_PLANTED_NOTHING
.Bd -literal
typedef struct pdp_planted_tree {
    long leaf;
} pdp_planted_tree_t;
.Ed
END
expect prototypes.py "the prototype of pdp_planted_a() differs" \
    "page:   bool pdp_planted_a ( pdp_str_t * name , size_t index )" \
    "pdp_planted_b() has no page" "pdp_planted_d() is not in the section NAME" \
    "the prototype of pdp_planted_e() differs" \
    "pdp_planted_other() is not public" "PDP_PLANTED_TWO is in no page" \
    "PDP_PLANTED_MACRO is in no page" "there is no PDP_PLANTED_NOTHING" \
    "no page has all members of pdp_planted_info_t: size, seed" \
    "pdp_planted_tree_t is not as the header has it"
if grep -q 'prototype of pdp_planted_c' "$work/output"; then
    echo "not ok: prototypes.py: a pointer to a function is read wrong"
    failed=1
fi

# ---- documented.py
edit tools/pdp-check/cmd_decide.c '/^static const struct pdp__option options/a\
    {OPT_PLANTED, '"'q'"', false, "planted", NULL, "planted"},'
edit tools/pdp-check/cli.h 's/PDP__EXIT_INTERNAL = 3/&, PDP__EXIT_PLANTED = 9/'
plant tools/common/planted.c <<'END'
int planted = getenv("PLANTED") && fail_at(c, "planted_code", 0);
END
edit include/pdp/status.h 's/PDP_E_INTERNAL = 5/&, PDP_E_PLANTED = 6/'
plant lib/base/planted.c <<'END'
int planted = PDP_E_PLANTED + PDP_SOURCE_PLANTED;
END
edit include/pdp/loader.h \
    's/PDP_SOURCE_DIRECTORY = 5/&, PDP_SOURCE_PLANTED = 6/'
plant tests/tool/planted.sh <<'END'
echo "${PDP_PLANTED:-}"
END
plant lib/load/trust_planted.c <<'END'
    {"planted", true, PDP__JSON_STRING, &planted},
END
edit tools/pdpd/main.c '/^static const struct pdp__option options/a\
    {OPT_PLANTED, '"'q'"', false, "planted-d", NULL, "planted"},'
edit tools/pdp-fetch/main.c '/^static const struct pdp__option options/a\
    {OPT_PLANTED, 0, false, "planted-f", NULL, "planted"},'
edit tools/pdpd/daemon.h 's/PDPD__EXIT_INTERNAL = 3/&, PDPD__EXIT_PLANTED = 8/'
edit tools/pdp-fetch/run.h \
    's/PDP__FETCH_EXIT_INTERNAL = 3/&, PDP__FETCH_EXIT_PLANTED = 7/'
plant tools/pdpd/config_planted.c <<'END'
    {"planted_key", true, PDP__JSON_STRING, &planted},
static const char planted[] = "PLANTED_NAME";
const char *planted_value = getenv(planted);
END
plant tools/pdpd/planted.c <<'END'
one(out, "planted_metric", "gauge", "Planted.", 1);
pdpd__log(PDPD__LOG_INFO, "planted_event", "planted");
END
plant tools/pdp-fetch/planted.c <<'END'
int planted = fail(out, "planted_error", "planted");
END
plant docs/examples/caddy/planted <<'END'
# What is this?
respond {$PLANTED_PORT}
END
plant docs/examples/planted.c <<'END'
/* What is this? */
const char *planted = getenv("PLANTED_C");
END
expect documented.py \
    "--planted-d is not in docs/man/pdpd.8" "-q is not in docs/man/pdpd.8" \
    "no test uses --planted-d" "no test uses --planted-f" \
    "--planted-f is not in docs/man/pdp-fetch.8" \
    "docs/man/pdpd.8: exit status 8 is not described" \
    "docs/man/pdp-fetch.8: exit status 7 is not described" \
    "PDPD__EXIT_PLANTED: no script expects exit status 8" \
    "PDP__FETCH_EXIT_PLANTED: no script expects exit status 7" \
    "tools/pdpd/main.c: --help does not name exit status 8" \
    "tools/pdp-fetch/main.c: --help does not name exit status 7" \
    'member "planted_key" is not in docs/man/pdpd.yaml.5' \
    'no test has member "planted_key"' \
    "variable PLANTED_NAME is not in docs/man/pdpd.8" \
    "no test sets variable PLANTED_NAME" \
    "metric pdpd_planted_metric is not in docs/man/pdpd.8" \
    "no test has metric pdpd_planted_metric" \
    "event planted_event is not in docs/man/pdpd.8" \
    "no test has event planted_event" \
    "error planted_error is not in docs/man/pdp-fetch.8" \
    "no test has error planted_error" \
    "docs/examples/caddy/planted: variable PLANTED_PORT is not described" \
    "docs/examples/planted.c: variable PLANTED_C is not described" \
    "--planted is not in docs/man/pdp-check.1" "--planted is not in docs/man/pdp-check.1" \
    "-q is not in docs/man/pdp-check.1" "--planted is in no expected --help" \
    "no test uses --planted" "exit status 9 is not described" \
    "--help does not name exit status 9" "no script expects exit status 9" \
    "variable PLANTED is not in docs/man/pdp-check.1" \
    "no test sets variable PLANTED" \
    "code planted_code is not in docs/man/pdp-check.1" \
    "no test provokes code planted_code" \
    "PDP_E_PLANTED is in no page" "no test provokes PDP_E_PLANTED" \
    "PDP_SOURCE_PLANTED is in no page" "no test provokes PDP_SOURCE_PLANTED" \
    "variable PDP_PLANTED is described nowhere" \
    'member "planted" is not in docs/man/pdp-trust.5' \
    'no test has member "planted"'

# ---- includes.py
plant lib/base/planted.h <<END
$spdx
#ifndef PDP__BASE_PLANTED_H
#define PDP__BASE_PLANTED_H
#include "base/planted_two.h"
#endif
END
plant lib/base/planted_two.h <<END
$spdx
#ifndef PDP__BASE_PLANTED_H
#define PDP__BASE_PLANTED_H
#include "base/planted.h"
#endif
END
plant lib/base/planted.c <<'END'
#include "base/mem.h"
#include "base/planted.h"
END
plant tests/unit/planted_util.h <<'END'
int planted;
END
expect includes.py "lib/base/planted_two.h -> lib/base/planted.h" \
    "lib/base/planted_two.h: the include guard is missing or has another name" \
    "tests/unit/planted_util.h: the include guard is missing" \
    "lib/base/planted.c: does not begin with its own header"

# ---- python.py
plant tests/unit/planted.py <<'END'
"""Planted."""
import planted_two
import numpy
import strip_c
END
plant tests/unit/planted_two.py <<'END'
import sys
END
plant tests/unit/planted_three.py <<'END'
def planted(:
END
expect python.py "importing planted_two leaves __pycache__ behind" \
    "numpy is not in the standard library" \
    "strip_c is not in the standard library" \
    "tests/unit/planted_two.py: no text at its head" \
    "tests/unit/planted_three.py: does not compile"

# ---- registered.py
plant tests/unit/test_planted.c <<'END'
static void
planted_unlisted(void **state)
{
}
static const struct CMUnitTest planted_list[] = {
    cmocka_unit_test(planted),
};
static const struct CMUnitTest planted_lost[] = {
    cmocka_unit_test(planted),
};
int
main(void)
{
    cmocka_run_group_tests(planted_lost, NULL, NULL);
    return 0;
}
END
plant tests/unit/test_planted_idle.c <<'END'
int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
END
append tests/Makemodule.am <<'END'
check_PROGRAMS += tests/unit/test_planted_idle
END
plant tests/unit/planted.h </dev/null
plant tests/unit/planted.json </dev/null
plant tests/unit/planted.sh </dev/null
expect registered.py "planted_unlisted() is in no list of cases" \
    "the list planted_list[] is not run" \
    "the result of cmocka_run_group_tests() is lost" \
    "tests/unit/test_planted.c: is in no Makemodule.am" \
    "tests/unit/test_planted_idle.c: is built, but make check does not run it" \
    "tests/unit/planted.h: is not packed" \
    "tests/unit/planted.json: is not packed" \
    "tests/unit/planted.sh: nothing runs it" \
    "tests/unit/planted.sh: is not packed"

# ---- symbols.sh
mkdir -p "$work/out"
cat >"$work/out/planted.c" <<'END'
int pdp_planted_extra;
int pdp_version(void);
int pdp_version(void) { return 0; }
END
# shellcheck disable=SC2086 # CC may have options
${CC:-cc} -shared -fPIC -o "$work/out/planted.so" "$work/out/planted.c" ||
    failed=1
plant include/pdp/planted.h <<'END'
PDP_API void pdp_planted(void);
END
append lib/libpdp.map <<'END'
    pdp_planted_map;
END
expect "symbols.sh $work/out/planted.so" "< pdp_planted" "> pdp_planted_map" \
    "pdp_planted: not in NEWS" "> pdp_planted_extra" "< pdp_decide"

# ---- tests.sh
plant lib/text/planted.c </dev/null
plant tools/common/planted.c </dev/null
plant tests/unit/test_tool_heap.c </dev/null
plant tools/pdpd/planted.c </dev/null
plant tools/pdp-fetch/planted.c </dev/null
plant tools/gateway/planted.c </dev/null
plant tests/unit/test_pdpd_serve.c </dev/null
plant tests/unit/test_fetch_run.c </dev/null
edit tests/integration/pdpd_life.py \
    's/test_reload_by_signal/test_reload_by_letter/'
edit tests/tool/usage.sh 's/output-full-/output_full_/'
edit include/pdp/reason.h \
    's/^    X(NO_ROUTE, "no_route"/    X(PLANTED, "planted_reason", 404, "planted")\\\n&/'
edit lib/base/report.h \
    's/^    X(UNUSED, "unused"/    X(PLANTED, "planted_code", NOTE, "planted")\\\n&/'
plant lib/base/planted.c <<'END'
int planted = PDP_REASON_PLANTED + PDP__CODE_PLANTED;
END
expect tests.sh "there is no tests/unit/test_planted.c" \
    "lib/text/planted.c: in no Makemodule.am" \
    "tools/common/planted.c: there is no tests/unit/test_tool_planted.c" \
    "tools/common/heap.c: has tests/unit/test_tool_heap.c now" \
    "tools/pdpd/planted.c: there is no tests/unit/test_pdpd_planted.c" \
    "tools/pdp-fetch/planted.c: there is no tests/unit/test_fetch_planted.c" \
    "tools/gateway/planted.c: there is no tests/unit/test_gateway_planted.c" \
    "tools/pdpd/serve.c: has tests/unit/test_pdpd_serve.c now" \
    "tools/pdp-fetch/run.c: has tests/unit/test_fetch_run.c now" \
    "'test_reload_by_signal' is not in tests/integration/pdpd_life.py" \
    "'output-full-' is not in tests/tool/usage.sh" \
    "reason planted_reason: not in docs/man/pdp-reasons.7" \
    "reason planted_reason: no test provokes it" \
    "code planted_code: in no manual page" "code planted_code: no test provokes"

# ---- versions.py
edit NEWS '1s/Version [0-9.]*/Version 98.0.0/'
edit include/pdp/base.h 's/PDP_VERSION_MINOR [0-9]*/PDP_VERSION_MINOR 97/'
plant docs/planted.md <<'END'
This is libpdp 96.0.0.
END
append NEWS <<'END'
* Version 99.0.0 (unreleased)
END
edit lib/libpdp.pc.in 's/@PACKAGE_VERSION@/95/'
expect versions.py "says version 98.0.0" "PDP_VERSION_MINOR is 97" \
    "docs/planted.md:1: says version 96.0.0" "versions are not in order" \
    "lib/libpdp.pc.in: does not take its version from configure" \
    "an old version is called unreleased"

# ---- words.sh; written so that this file has none of them
for planted in 'Clau''de' '/ho''me/bird' 'the le''ad says' 'desi''gn.md' 'TO''DO' \
    'bu''g #12' '@''@planted' '@''FIGURE@'; do
    printf '%s\n' "$planted"
done | plant docs/planted.md
expect words.sh "docs/planted.md:1:" "docs/planted.md:2:" "docs/planted.md:3:" \
    "docs/planted.md:4:" "docs/planted.md:5:" "docs/planted.md:6:" \
    "docs/planted.md:7:" "docs/planted.md:8:"

# ---- the slow ones, and those that want few files
tree=small

passes banned.sh
plant tools/pdp-check/planted.c <<'END'
int a = strcpy(x, y);
int b = strncpy(x, y, 1);
int c = strtok_r(x, y, z);
int d = strtol(x, y, 10);
int e = sscanf(x, y);
int f = alloca(1);
int g = malloc(1);
int h = system(x);
int i = 0; // planted
void j(void) { assert(i++ == 0); }
int k = longjmp(x, 1);
int l = sprintf(x, y);
int m = gets(x);
int n = strtoul(x, y, 10);
END
expect banned.sh "planted.c:1:" "planted.c:2:" "planted.c:3:" "planted.c:4:" \
    "planted.c:5:" "planted.c:6:" "planted.c:7:" "planted.c:8:" \
    "planted.c:9:" "planted.c:10:" "planted.c:11:" "planted.c:12:" \
    "planted.c:13:" "planted.c:14:" "it may leave out the NUL" "mend: "

if passes format.sh; then
    plant lib/base/planted.c <<'END'
int  planted( void ) { return 0 ; }
END
    expect format.sh "lib/base/planted.c:1"
fi

if passes headers.sh; then
    plant include/pdp.h </dev/null
    plant include/pdp/planted.h <<'END'
static inline int planted(int class) { return class; }
END
    plant lib/base/planted.h <<'END'
static inline size_t planted(void) { return 0; }
END
    plant tools/common/planted.h <<'END'
struct planted { int a; };
END
    expect headers.sh "pdp/planted.h: does not compile alone" "-std=c++17" \
        "base/planted.h: does not compile alone" \
        "common/planted.h: does not compile alone"
fi

plant docs/man/pdp-good.7 <<'END'
.\" SPDX-License-Identifier: Apache-2.0
.\" SPDX-FileCopyrightText: The libpdp authors
.Dd November 21, 2026
.Dt PDP-GOOD 7
.Os
.Sh NAME
.Nm pdp-good
.Nd planted
.Sh DESCRIPTION
Good.
END
cp "$work/small/docs/man/pdp-good.7" "$work/clean-small/docs/man"
echo '    docs/man/pdp-good.7' | append docs/Makemodule.am
cp "$work/small/docs/Makemodule.am" "$work/clean-small/docs"
: >"$work/touched"
if passes manpages.sh; then
    plant docs/man/pdp-planted.7 <<'END'
.Dd November 21, 2026
.Dt PDP-OTHER 7
.Os
.Sh NAME
.Nm pdp-other
.Nd planted
.Sh DESCRIPTION
.Xr pdp-nowhere 7
.Planted
.Pq see Xr pdp-inline 5
END
    expect manpages.sh 'no line ".Dt PDP-PLANTED 7"' 'no ".Nm pdp-planted"' \
        ".Xr to pdp-nowhere.7" ".Xr to pdp-inline.5" "mandoc complains" \
        "docs/man/pdp-planted.7: not in docs/Makemodule.am"
fi

if passes shell.sh; then
    plant tests/unit/planted.sh <<'END'
#!/bin/sh
rm $planted
END
    expect shell.sh "tests/unit/planted.sh line 2"
fi

passes sizes.sh
{
    printf 'int\nplanted(void)\n{\n'
    awk 'BEGIN { for (i = 0; i < 99; i++) print "    ;" }'
    printf '}\n'
} | plant tools/common/planted.c
awk 'BEGIN { for (i = 0; i < 601; i++) print "int planted;" }' |
    plant lib/base/planted.c
awk 'BEGIN { for (i = 0; i < 601; i++) print "# planted" }' |
    plant tests/unit/planted.py
awk 'BEGIN { for (i = 0; i < 201; i++) print "# planted" }' | plant configure.ac
expect sizes.sh "a function of 101 lines: planted(void)" \
    "lib/base/planted.c: 601 lines" "tests/unit/planted.py: more than 600" \
    "configure.ac: more than 200 lines" "the median file has 601 lines"

passes spdx.sh
plant lib/base/planted.c <<'END'
int planted;
END
plant lib/base/planted.h </dev/null
expect spdx.sh "lib/base/planted.c: no SPDX lines" "lib/base/planted.h: empty"

# ---- and no lint is without its violation
for lint in "$here"/tests/lint/*.sh "$here"/tests/lint/*.py; do
    lint=${lint##*/}
    case $lint in
    selftest.sh | automake.py | common.py | declarations.py | strip_c.py)
        continue
        ;;
    esac
    grep -qE "^ *expect \"?$lint\b" "$here/tests/lint/selftest.sh" && continue
    printf 'not ok: %s: nothing is planted for it\n' "$lint"
    printf '    mend: plant a violation of each rule in tests/lint/selftest.sh\n'
    failed=1
done

exit "$failed"
