/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/suite_expect.h"

/*
 * Expectations.
 *
 * What may be expected are the members of `pdp-check decide --format json`,
 * by the names they have there, and the comparison is made with that very
 * text: whatever the command shows can be tested, and nothing has two names.
 *
 *     objects   the members that are written are compared, no others
 *     lists     as sets: the same items, in any order, none more
 *     the rest  exactly
 *
 * The decision itself must be written.  A reason that contradicts it could
 * never come true, and is an error of the suite.
 */

#include "base/report.h"
#include "common/escape.h"
#include "pdp-check/json_text.h"
#include "pdp-check/suite_read.h"
#include "pdp/reason.h"

/* What a member may be; the tables below are those of a decision. */
struct shape {
    const char *name; /* NULL: end of the table */
    enum pdp__json_type type;
    bool null;                 /* may also be null */
    const struct shape *inner; /* of an object, or of the items of an array
                                * that are objects; NULL: any members */
    enum pdp__json_type item;  /* of an array */
};

static const struct shape by_shape[] = {
    {"source", PDP__JSON_STRING, false, NULL, 0},
    {"id", PDP__JSON_STRING, true, NULL, 0},
    {NULL, 0, false, NULL, 0},
};

static const struct shape resource_shape[] = {
    {"region", PDP__JSON_STRING, false, NULL, 0},
    {"resourceType", PDP__JSON_STRING, false, NULL, 0},
    {"resource", PDP__JSON_STRING, false, NULL, 0},
    {"resourceGroupId", PDP__JSON_STRING, false, NULL, 0},
    {NULL, 0, false, NULL, 0},
};

static const struct shape required_shape[] = {
    {"action", PDP__JSON_STRING, false, NULL, 0},
    {"resource", PDP__JSON_OBJECT, true, resource_shape, 0},
    {"granted", PDP__JSON_TRUE, false, NULL, 0},
    {"by", PDP__JSON_ARRAY, false, by_shape, PDP__JSON_OBJECT},
    {NULL, 0, false, NULL, 0},
};

static const struct shape principal_shape[] = {
    {"id", PDP__JSON_STRING, true, NULL, 0},
    {"type", PDP__JSON_STRING, true, NULL, 0},
    {"account", PDP__JSON_STRING, true, NULL, 0},
    {NULL, 0, false, NULL, 0},
};

static const struct shape token_shape[] = {
    {"verified", PDP__JSON_TRUE, false, NULL, 0},
    {"issuer", PDP__JSON_STRING, true, NULL, 0},
    {"kid", PDP__JSON_STRING, true, NULL, 0},
    {"alg", PDP__JSON_STRING, true, NULL, 0},
    {"expires", PDP__JSON_NUMBER, true, NULL, 0},
    {NULL, 0, false, NULL, 0},
};

static const struct shape restriction_shape[] = {
    {"id", PDP__JSON_STRING, true, NULL, 0},
    {"crn", PDP__JSON_STRING, true, NULL, 0},
    {"enforced", PDP__JSON_TRUE, false, NULL, 0},
    {"denies", PDP__JSON_TRUE, false, NULL, 0},
    {NULL, 0, false, NULL, 0},
};

static const struct shape decision_shape[] = {
    {"decision", PDP__JSON_STRING, false, NULL, 0},
    {"reason", PDP__JSON_STRING, false, NULL, 0},
    {"status", PDP__JSON_NUMBER, false, NULL, 0},
    {"method", PDP__JSON_STRING, false, NULL, 0},
    {"target", PDP__JSON_STRING, false, NULL, 0},
    {"route", PDP__JSON_STRING, true, NULL, 0},
    {"params", PDP__JSON_OBJECT, false, NULL, 0},
    {"required", PDP__JSON_ARRAY, false, required_shape, PDP__JSON_OBJECT},
    {"missing", PDP__JSON_ARRAY, false, NULL, PDP__JSON_STRING},
    {"at_action", PDP__JSON_STRING, true, NULL, 0},
    {"data_event", PDP__JSON_TRUE, false, NULL, 0},
    {"principal", PDP__JSON_OBJECT, true, principal_shape, 0},
    {"token", PDP__JSON_OBJECT, true, token_shape, 0},
    {"offset", PDP__JSON_NUMBER, true, NULL, 0},
    {"cache_max_age", PDP__JSON_NUMBER, false, NULL, 0},
    {"restrictions", PDP__JSON_ARRAY, false, restriction_shape,
        PDP__JSON_OBJECT},
    {NULL, 0, false, NULL, 0},
};

enum { SHAPES_MAX = 32 };

/* The reason of this name, or -1. */
static int
find_reason(pdp_str_t name)
{
    for (int i = 0; i < PDP_REASON_COUNT; i++) {
        if (pdp__str_eq(name, pdp__str_z(pdp_reason_name((pdp_reason_t)i)))) {
            return i;
        }
    }
    return -1;
}

static const char *
hint_word(pdp_str_t word, bool decisions, char *buf, size_t cap)
{
    pdp_str_t names[PDP_REASON_COUNT + 2];
    size_t cnt = 0;
    if (decisions) {
        names[cnt++] = PDP__LIT("allow");
        names[cnt++] = PDP__LIT("deny");
    }
    for (int i = 0; i < PDP_REASON_COUNT; i++) {
        names[cnt++] = pdp__str_z(pdp_reason_name((pdp_reason_t)i));
    }
    return pdp__doc_hint(buf, cap, word, names, cnt);
}

static bool
is_decision(pdp_str_t word)
{
    return pdp__str_eq(word, PDP__LIT("allow")) ||
           pdp__str_eq(word, PDP__LIT("deny"));
}

bool
pdp__suite_check_word(const struct pdp__suite *suite, uint32_t ix,
    pdp_str_t word)
{
    char hint[PDP__HINT_CAP];
    if (is_decision(word) || find_reason(word) >= 0) {
        return true;
    }
    PDP__DOC_ADD(&suite->doc, BAD_VALUE, ix,
        hint_word(word, true, hint, sizeof(hint)),
        "\"%.*s\" is neither allow nor deny nor a reason", PDP__ARG(word));
    return false;
}

static void check_object(const struct pdp__suite *suite, uint32_t ix,
    const struct shape *shapes);

static void
check_value(const struct pdp__suite *suite, uint32_t ix,
    const struct shape *shape)
{
    const struct pdp__json_doc *json = &suite->doc.json;
    if ((shape->null && pdp__json_is(json, ix, PDP__JSON_NULL)) ||
        !pdp__doc_is(&suite->doc, ix, shape->type)) {
        return;
    }
    if (shape->type == PDP__JSON_OBJECT && shape->inner != NULL) {
        check_object(suite, ix, shape->inner);
    }
    if (shape->type != PDP__JSON_ARRAY) {
        return;
    }
    PDP__JSON_EACH(json, ix, item)
    {
        if (pdp__doc_is(&suite->doc, item, shape->item) &&
            shape->inner != NULL) {
            check_object(suite, item, shape->inner);
        }
    }
}

static void
check_object(const struct pdp__suite *suite, uint32_t ix,
    const struct shape *shapes)
{
    uint32_t nodes[SHAPES_MAX] = {0};
    struct pdp__member members[SHAPES_MAX] = {0};
    size_t cnt = 0;
    for (; shapes[cnt].name != NULL && cnt < SHAPES_MAX; cnt++) {
        members[cnt] =
            (struct pdp__member){shapes[cnt].name, false, -1, &nodes[cnt]};
    }
    if (!pdp__doc_object(&suite->doc, ix, members, cnt, NULL)) {
        return;
    }
    for (size_t i = 0; i < cnt; i++) {
        if (nodes[i] != 0) {
            check_value(suite, nodes[i], &shapes[i]);
        }
    }
}

void
pdp__suite_check_expect(const struct pdp__suite *suite, uint32_t ix)
{
    char hint[PDP__HINT_CAP];
    const struct pdp__json_doc *json = &suite->doc.json;
    check_object(suite, ix, decision_shape);
    uint32_t decision = pdp__json_member(json, ix, PDP__LIT("decision"));
    uint32_t reason = pdp__json_member(json, ix, PDP__LIT("reason"));
    if (decision == 0) {
        PDP__DOC_ADD(&suite->doc, MISSING_MEMBER, ix, NULL,
            "member \"decision\" is missing");
    } else if (pdp__json_is(json, decision, PDP__JSON_STRING) &&
               !is_decision(pdp__json_text(json, decision))) {
        PDP__DOC_ADD(&suite->doc, BAD_VALUE, decision, NULL,
            "a decision is allow or deny, not \"%.*s\"",
            PDP__ARG(pdp__json_text(json, decision)));
        decision = 0;
    }
    if (reason == 0 || !pdp__json_is(json, reason, PDP__JSON_STRING)) {
        return;
    }
    pdp_str_t name = pdp__json_text(json, reason);
    int found = find_reason(name);
    if (found < 0) {
        PDP__DOC_ADD(&suite->doc, BAD_VALUE, reason,
            hint_word(name, false, hint, sizeof(hint)),
            "there is no reason \"%.*s\"", PDP__ARG(name));
    } else if (decision != 0 &&
               pdp__json_is(json, decision, PDP__JSON_STRING) &&
               pdp_reason_allows((pdp_reason_t)found) !=
                   pdp__str_eq(pdp__json_text(json, decision),
                       PDP__LIT("allow"))) {
        PDP__DOC_ADD(&suite->doc, BAD_VALUE, reason, NULL,
            "the reason \"%.*s\" never comes with the decision \"%.*s\"",
            PDP__ARG(name), PDP__ARG(pdp__json_text(json, decision)));
    }
}

void
pdp__suite_expected(const struct pdp__suite *suite,
    const struct pdp__suite_case *test, struct pdp__string *out)
{
    if (test->expect != 0) {
        pdp__json_text_add(out, &suite->doc.json, test->expect);
        return;
    }
    pdp__string_z(out,
        is_decision(test->word) ? "{\"decision\":" : "{\"reason\":");
    pdp__escape_json(out, test->word);
    pdp__string_char(out, '}');
}
