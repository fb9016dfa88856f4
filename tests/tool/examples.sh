#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# Examples in the documents are commands that work, and print what the
# document says: every line of README.md and of the manual pages that begins
# with `$ pdp-check` or `$ ./` (in a manual page also after .Dl) is run, with
# its continuation lines, in the order of the page.  The lines below it, up to
# a blank line, a macro or the next command, are its output; only white space
# may differ.  A command may allow or deny; bad usage, unreadable input and
# internal errors fail the test.
#
# The C example of README.md is compiled, and so are those of the manual
# pages.  There, comments before a .Bd -literal say what it is:
#
#   .\" example: program NAME   compiled, linked with the library that was
#                               built, and there for the page's commands as
#                               ./NAME
#   .\" example: unit NAME      compiled alone
#   .\" example: fragment NAME  compiled as the body of a function
#   .\" example: file NAME      no C: a file for the page's commands
#   .\" given: TYPE VARIABLE    a parameter of that function
#   .\" given: use VARIABLE     used by what would follow the fragment
#
# Variables: CC; PDP_CHECK, pdp-check below the build folder; and
# PDP_EXTRA_CFLAGS, what the library was built with (sanitizers).

set -eu
here=$(cd "${srcdir:?}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
# In a pipe the status of the program is lost, so a wrapper keeps it.
cat >"$work/bin/pdp-check" <<'END'
#!/bin/sh
status=0
"$PDP_CHECK" "$@" || status=$?
[ "$status" -le 1 ] || echo "$status" >"$PDP_BAD_STATUS"
exit "$status"
END
chmod +x "$work/bin/pdp-check"
: "${PDP_CHECK:?}"
PDP_BAD_STATUS=$work/bad-status
PATH=$work/bin:$PATH
export PATH PDP_CHECK PDP_BAD_STATUS

# The text of a page: mdoc's escapes and display macros are undone.
text() {
    case $1 in
    *.md) cat "$1" ;;
    *) sed -e 's/^\.D[l1] \{1,\}/    /' -e 's/\\&//g' -e 's/\\e/\\/g' \
        -e 's/\\-/-/g' -e "s/\\\\(aq/'/g" -e 's/\\(dq/"/g' "$1" ;;
    esac
}

# The commands of a page: N.sh, and N.want if its output is shown.
commands() { # page, folder
    text "$1" | awk -v folder="$2" '
        BEGIN { number = 100 } # so that names sort
        /^ *\$ / || /^ *$/ || /^\./ { output = 0 }
        /^ *\$ (pdp-check|\.\/)/ {
            command = 1
            number++
            sub(/^ *\$ /, "")
        }
        output { print > (folder "/" number ".want") }
        command {
            print > (folder "/" number ".sh")
            if ($0 !~ /[\\|]$/) { command = 0; output = 1 }
        }'
}

# The examples of a page that are no commands: KIND.NAME.c, ready to be
# compiled, and file.NAME.
sources() { # page, folder
    sed -e 's/\\&//g' -e 's/\\e/\\/g' "$1" | awk -v folder="$2" '
        function finish(    i) {
            if (kind == "fragment") {
                for (i = 1; i <= uses; i++) { print "(void)" use[i] ";" > file }
                print "}" > file
            }
            close(file)
            kind = ""
        }
        $1 == ".\\\"" && $2 == "example:" {
            kind = $3
            file = folder "/" kind "." $4 (kind == "file" ? "" : ".c")
            given = ""
            uses = 0
        }
        $1 == ".\\\"" && $2 == "given:" {
            sub(/^.*given: */, "")
            if (sub(/^use /, "")) { use[++uses] = $0; next }
            given = given (given == "" ? "" : ", ") $0
        }
        /^\.Ed/ && inside { inside = 0; finish() }
        inside { print > file }
        /^\.Bd/ && kind != "" {
            inside = 1
            if (kind == "fragment") {
                given = "void example(" (given == "" ? "void" : given) ")"
                print "#include <stdio.h>\n#include <pdp.h>" > file
                print given ";\n" given "\n{" > file
            }
        }'
}

# Compiles a C example; a program lands in the folder of the commands.
build() { # source, name of the page
    base=${1##*/}
    base=${base%.c}
    case $base in
    program.*)
        set -- "$1" "$2" -o "$work/run/${base#*.}" "$library" \
            "-Wl,-rpath,${library%/*}" -pthread
        ;;
    unit.* | fragment.*) set -- "$1" "$2" -c -o "$work/example.o" ;;
    *)
        echo "$2: no kind of example: $base"
        failed=1
        return
        ;;
    esac
    source=$1
    name=$2
    shift 2
    # shellcheck disable=SC2086 # a list of options
    if ${CC:?} -std=c11 -Wall -Wextra -Werror -pedantic ${PDP_EXTRA_CFLAGS-} \
        -I"$here/include" "$source" "$@" >"$work/out" 2>&1; then
        compiled=$((compiled + 1))
    else
        complain "$name" "$base does not compile" "$source" "$work/out"
    fi
}

squeezed() { # file
    awk '{ $1 = $1; print }' "$1"
}

failed=0
compiled=0
library=${PDP_CHECK%/tools/pdp-check/pdp-check}/lib/.libs/libpdp.so
[ -f "$library" ] || {
    echo "$library is not there: configure with --enable-shared"
    exit 77
}
complain() { # page, what, file with the command, file to show
    printf '%s: %s:\n' "$1" "$2"
    sed 's/^/    /' "$3" "$4"
    failed=1
}

page() { # path, least number of commands, and of outputs compared
    name=${1##*/}
    rm -rf "$work/run" "$work/commands" "$work/c"
    mkdir "$work/run" "$work/commands" "$work/c"
    ln -s "$here/policies" "$work/run/policies"
    cp "$here"/policies/examples/*.json "$work/run"
    sources "$1" "$work/c"
    for source in "$work"/c/*; do
        case $source in
        */file.*) cp "$source" "$work/run/${source##*/file.}" ;;
        *.c) build "$source" "$name" ;;
        esac
    done
    commands "$1" "$work/commands"
    total=0
    compared=0
    for command in "$work"/commands/*.sh; do
        [ -f "$command" ] || continue
        total=$((total + 1))
        status=0
        (cd "$work/run" && sh "$command") >"$work/out" 2>"$work/err" \
            </dev/null || status=$?
        if [ "$status" -gt 1 ] || [ -e "$work/bad-status" ]; then
            rm -f "$work/bad-status"
            complain "$name" "status $status" "$command" "$work/err"
        fi
        if [ -f "${command%.sh}.want" ]; then
            squeezed "${command%.sh}.want" >"$work/want"
            squeezed "$work/out" >"$work/got"
            compared=$((compared + 1))
            diff -u "$work/want" "$work/got" >"$work/diff" ||
                complain "$name" "prints something else" "$command" \
                    "$work/diff"
        fi
    done
    echo "$name: $total examples run, the output of $compared compared"
    if [ "$total" -lt "$2" ] || [ "$compared" -lt "$3" ]; then
        echo "    not $2 and $3: has their form changed?"
        failed=1
    fi
}

page "$here/README.md" 5 2
for path in "$here"/docs/man/*.[1-8]; do
    case ${path##*/} in
    pdp-check.1) page "$path" 6 1 ;;
    pdp_decide.3) page "$path" 5 3 ;;
    pdp_loader_new.3) page "$path" 2 2 ;;
    pdp_catalog_services.3 | pdp_reason_name.3 | pdp_snapshot_retain.3)
        page "$path" 1 1
        ;;
    pdp-tests.5) page "$path" 4 3 ;;
    pdp-directory.5) page "$path" 2 1 ;;
    pdp-policies.5 | pdp-service.5) page "$path" 1 1 ;;
    *) page "$path" 0 0 ;;
    esac
done
echo "C examples of the manual: $compiled compiled"
if [ "$compiled" -lt 15 ]; then
    echo "    not 15: has their form changed?"
    failed=1
fi

# The README's C: in a function, with what it takes for granted declared.
{
    echo '#include <pdp.h>'
    echo 'void forward(pdp_str_t path, pdp_str_t account);'
    echo 'void refuse(int status);'
    echo 'void example(pdp_str_t name, pdp_str_t jwks, pdp_str_t method,'
    echo '    pdp_str_t target, const pdp_header_t *headers,'
    echo '    size_t header_cnt, int64_t now);'
    echo 'void example(pdp_str_t name, pdp_str_t jwks, pdp_str_t method,'
    echo '    pdp_str_t target, const pdp_header_t *headers,'
    echo '    size_t header_cnt, int64_t now) {'
    # shellcheck disable=SC2016 # backquotes of Markdown, not of the shell
    sed -n '/^```c$/,/^```$/p' "$here/README.md" | grep -v '^```' |
        grep -v '^#include'
    echo '}'
} >"$work/readme.c"
if ${CC:?} -std=c11 -Wall -Wextra -Werror -I"$here/include" -c \
    -o "$work/readme.o" "$work/readme.c"; then
    echo "ok the C example of README.md compiles"
else
    failed=1
fi
exit "$failed"
