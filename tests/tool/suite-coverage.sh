#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
#
# test: the share of outcomes that is covered, and the page that shows it, as
# it is written and as a browser shows it.

# shellcheck source=tests/tool/prelude.sh
. "${srcdir:-.}/tests/tool/prelude.sh"

tree=$(cd "$here/../.." && pwd)
cp "$tree"/policies/examples/*.json .
cp "$tree"/tests/vectors/suites/some.tests.yaml .

# coverage: a share that is too small; a page that needs nothing else
check suite-fail-under 1 test --fail-under 2 --filter 'both lists' some.tests.yaml
check suite-fail-under-not 0 test --fail-under 1 --filter 'both lists' \
    some.tests.yaml
status suite-html 1 test --coverage-html page.html some.tests.yaml
reads suite-html-page page.html html 'uncovered == 85 and covered == 5 and
  unused == ["f8b6e3c1-97d4-4e2a-8c10-5d3a9f7b2e55"]'
status suite-html-unwritable 3 test --coverage-html none/page.html some.tests.yaml
show() { # name, page, where to write what a browser made of it
    timeout 60 chromium --headless --no-sandbox --disable-gpu \
        --user-data-dir="$work/browser" --virtual-time-budget=1000 \
        --dump-dom "file://$work/$2" >"$3" 2>browser.log || :
    if [ ! -s "$3" ]; then
        cat browser.log
        fail "$1" "chromium did not show the page"
    fi
}
# How many rows the browser shows when a filter is chosen: the page itself
# has no scripts, and its own policy forbids them; a copy has one.
shown() { # id of the filter
    sed -e '/Content-Security-Policy/d' -e 's/ id="all" checked/ id="all"/' \
        -e "s/ id=\"$1\"/ id=\"$1\" checked/" \
        -e '/<\/body>/d' -e '/<\/html>/d' page.html >filtered.html
    cat >>filtered.html <<'END'
<script>
document.body.dataset.shown = [...document.querySelectorAll("tbody tr")]
    .filter((row) => row.getClientRects().length > 0).length;
</script>
</body>
END
}
if command -v chromium >/dev/null 2>&1; then
    show suite-browser page.html dom.html
    reads suite-browser dom.html html 'uncovered == 85 and covered == 5 and
  unused == ["f8b6e3c1-97d4-4e2a-8c10-5d3a9f7b2e55"]'
    for filter in all:46 open:44 full:2; do
        shown "${filter%:*}"
        show suite-filter filtered.html dom.html
        grep -q "data-shown=\"${filter#*:}\"" dom.html ||
            fail suite-filter "$filter: $(grep -o 'data-shown=[^>]*' dom.html)"
    done
    ok suite-filter
else
    echo "skip suite-browser: chromium is not there (apt-get install chromium)"
fi
