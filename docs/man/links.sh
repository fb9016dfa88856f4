#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# usage: links.sh PAGE...
#
# A page of section 3 is about a family of functions and types, and is filed
# under the name of the first.  For each other name in its section NAME this
# prints the name and the file of the page: that is what the makefile makes
# link pages of, so that man finds the page by every name.

set -eu
for page in "$@"; do
    file=${page##*/}
    awk -v own="${file%.*}" -v file="$file" '
        /^\.Sh / { inside = $2 == "NAME" }
        inside && $1 == ".Nm" && $2 != own { print $2, file }' "$page"
done
