/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/explain.h"

/*
 * An explanation for people, behind the text of the decision:
 *
 *     why
 *       container-registry.image.delete
 *         policy p-reader: its roles (Reader) do not have the action
 *         policy p-fish: needs resource stringEquals "fish"; it is "birds"
 *         for others
 *           policy p-kim: needs iam_id stringEquals "IBMid-2"; ...
 *           ... and 37 more; --all shows them
 *     what would help
 *       container-registry.image.delete: role Writer (9 actions), ...
 *       this policy permits it:
 *       { ...
 *
 * What applies comes first: denials, then grants.  One line for each voice.
 */

#include "common/escape.h"
#include "common/out.h"

/* Lines of one group before it is cut. */
enum { GROUP_MAX = 10 };

enum group { DENIES = 0, GRANTS, OURS, OTHERS, GROUPS };

/* What all parts of the text need. */
struct page {
    struct pdp__string *out;
    const pdp_decision_t *decision;
    const pdp_explanation_t *why;
    bool all;
    bool colour;
};

static void
quote(struct pdp__string *out, pdp_str_t text)
{
    pdp__string_char(out, '"');
    pdp__escape_add(out, text);
    pdp__string_char(out, '"');
}

static void
add_name(struct pdp__string *out, const pdp_voice_t *voice)
{
    static const char *const names[] = {
        [PDP_VOICE_NONE] = "",
        [PDP_VOICE_ROLE] = "claimed role ",
        [PDP_VOICE_ACTION] = "claimed action ",
        [PDP_VOICE_INLINE] = "policy of the token ",
        [PDP_VOICE_POLICY] = "policy ",
        [PDP_VOICE_RESTRICTION] = "rule ",
    };
    pdp__string_z(out, names[voice->kind]);
    pdp__escape_add(out, voice->id);
}

/* `; it is "x"` and its like. */
static void
add_seen(struct pdp__string *out, const pdp_verdict_t *v)
{
    switch (v->state) {
    case PDP_ATTRIBUTE_ABSENT:
        pdp__string_z(out, v->account_scope && !v->denial
                               ? "; the action is one of the whole account"
                               : "; there is none");
        return;
    case PDP_ATTRIBUTE_UNKNOWN:
        pdp__string_z(out, "; it is not known");
        return;
    case PDP_ATTRIBUTE_KNOWN:
        break;
    }
    if (v->seen.len == 0) {
        pdp__string_z(out, "; there is none");
        return;
    }
    pdp__string_z(out, "; it is ");
    quote(out, v->seen);
}

/* `needs resource stringEquals "fish"; it is "birds"` */
static void
add_condition(struct pdp__string *out, const pdp_verdict_t *v)
{
    pdp__string_z(out,
        v->obstacle == PDP_OBSTACLE_TAG ? "needs tag " : "needs ");
    pdp__escape_add(out, v->key);
    pdp__string_char(out, ' ');
    if (v->op.len > 0) {
        pdp__escape_add(out, v->op);
        pdp__string_char(out, ' ');
    }
    quote(out, v->wanted);
    add_seen(out, v);
}

static void
add_lacking(struct pdp__string *out, const pdp_voice_t *voice,
    const pdp_verdict_t *v)
{
    if (voice->kind == PDP_VOICE_ROLE) {
        pdp__string_z(out, "does not have the action");
    } else if (voice->kind == PDP_VOICE_ACTION) {
        pdp__string_z(out, "another action");
    } else if (v->wanted.len == 0) {
        pdp__string_z(out, "its roles do not have the action");
    } else {
        pdp__string_z(out, "its roles (");
        pdp__escape_add(out, v->wanted);
        pdp__string_z(out, ") do not have the action");
    }
}

static void
add_obstacle(struct pdp__string *out, const pdp_voice_t *voice,
    const pdp_verdict_t *v)
{
    pdp__string_z(out, v->denial ? "does not deny: " : "");
    switch (v->obstacle) {
    case PDP_OBSTACLE_NONE:
        pdp__string_z(out, "nothing");
        break;
    case PDP_OBSTACLE_SERVICE:
        pdp__string_z(out, "is for the service ");
        pdp__escape_add(out, v->wanted);
        break;
    case PDP_OBSTACLE_ROLE:
        if (v->wanted.ptr == NULL) {
            pdp__string_z(out, "no role of ");
            pdp__escape_add(out, v->seen);
        } else {
            pdp__string_z(out, "a custom role of another account, ");
            pdp__escape_add(out, v->wanted);
        }
        break;
    case PDP_OBSTACLE_ACTION:
        add_lacking(out, voice, v);
        break;
    case PDP_OBSTACLE_SUBJECT:
        if (v->op.len == 0) {
            pdp__string_z(out,
                "it has no subject, and the token does not name it");
            break;
        }
        add_condition(out, v);
        break;
    case PDP_OBSTACLE_CONTEXT:
        if (v->wanted.ptr == NULL) {
            pdp__string_z(out, "it has no contexts: nobody is let through");
            break;
        }
        add_condition(out, v);
        break;
    case PDP_OBSTACLE_RESOURCE:
    case PDP_OBSTACLE_TAG:
    case PDP_OBSTACLE_RULE:
        add_condition(out, v);
        break;
    }
}

static enum group
group_of(const pdp_voice_t *voice, const pdp_verdict_t *v)
{
    if (v->denies) {
        return DENIES;
    }
    return v->grants ? GRANTS : voice->addressed ? OURS : OTHERS;
}

static void
add_line(const struct page *page, const pdp_voice_t *voice,
    const pdp_verdict_t *v, enum group group)
{
    struct pdp__string *out = page->out;
    pdp__string_z(out, group == OTHERS ? "      " : "    ");
    add_name(out, voice);
    pdp__string_z(out, ": ");
    if (group == DENIES || group == GRANTS) {
        pdp__string_fmt(out, "%s%s%s",
            pdp__out_sgr(page->colour,
                group == DENIES ? PDP__COLOUR_RED : PDP__COLOUR_GREEN),
            group == DENIES ? "denies" : "grants",
            pdp__out_sgr(page->colour, PDP__COLOUR_PLAIN));
    } else {
        add_obstacle(out, voice, v);
    }
    pdp__string_char(out, '\n');
}

static void
add_group(const struct page *page, size_t required, enum group group)
{
    size_t cnt = 0;
    for (size_t i = 0; i < pdp_explanation_voices(page->why); i++) {
        pdp_voice_t voice = {.size = sizeof(voice)};
        pdp_verdict_t v = {.size = sizeof(v)};
        if (!pdp_explanation_voice(page->why, i, &voice) ||
            voice.kind == PDP_VOICE_RESTRICTION ||
            !pdp_explanation_verdict(page->why, i, required, &v) ||
            group_of(&voice, &v) != group) {
            continue;
        }
        if (cnt == 0 && group == OTHERS) {
            pdp__string_z(page->out, "    for others\n");
        }
        if (cnt++ < GROUP_MAX || page->all) {
            add_line(page, &voice, &v, group);
        }
    }
    if (cnt > GROUP_MAX && !page->all) {
        pdp__string_fmt(page->out, "%s... and %zu more; --all shows them\n",
            group == OTHERS ? "      " : "    ", cnt - GROUP_MAX);
    }
}

/* What restrictions say, of the request as a whole. */
static void
add_restrictions(const struct page *page)
{
    struct pdp__string *out = page->out;
    bool first = true;
    for (size_t i = 0; i < pdp_explanation_voices(page->why); i++) {
        pdp_voice_t voice = {.size = sizeof(voice)};
        pdp_verdict_t v = {.size = sizeof(v)};
        if (!pdp_explanation_voice(page->why, i, &voice) ||
            voice.kind != PDP_VOICE_RESTRICTION ||
            !pdp_explanation_verdict(page->why, i, 0, &v)) {
            continue;
        }
        pdp__string_z(out, first ? "  where the request comes from\n" : "");
        first = false;
        pdp__string_z(out, "    ");
        add_name(out, &voice);
        pdp__string_z(out, v.denies ? ": " : ": would let it through");
        if (v.denies) {
            add_obstacle(out, &voice, &v);
        }
        pdp__string_char(out, '\n');
    }
}

static void
add_why(const struct page *page)
{
    struct pdp__string *out = page->out;
    if (pdp_explanation_voices(page->why) == 0) {
        return;
    }
    pdp__string_fmt(out, "%swhy%s\n",
        pdp__out_sgr(page->colour, PDP__COLOUR_BOLD),
        pdp__out_sgr(page->colour, PDP__COLOUR_PLAIN));
    for (size_t i = 0; i < pdp_decision_required_cnt(page->decision); i++) {
        pdp_required_t need = {.size = sizeof(need)};
        if (!pdp_decision_required(page->decision, i, &need)) {
            break;
        }
        pdp__string_z(out, "  ");
        pdp__escape_add(out, need.action);
        for (size_t k = 0; k < need.attribute_cnt; k++) {
            pdp_attribute_t at = {.size = sizeof(at)};
            if (pdp_decision_attribute(page->decision, i, k, &at) &&
                at.state == PDP_ATTRIBUTE_KNOWN &&
                pdp__str_eq(at.name, PDP__LIT("resource"))) {
                pdp__string_z(out, " on ");
                pdp__escape_add(out, at.value);
            }
        }
        pdp__string_char(out, '\n');
        for (int group = 0; group < GROUPS; group++) {
            add_group(page, i, (enum group)group);
        }
    }
    add_restrictions(page);
}

/* Whether any role would help; if not, the note says why. */
static bool
has_roles(const struct page *page)
{
    for (size_t i = 0; i < pdp_explanation_missing_cnt(page->why); i++) {
        pdp_missing_t missing = {.size = sizeof(missing)};
        if (pdp_explanation_missing(page->why, i, &missing) &&
            missing.role_cnt > 0) {
            return true;
        }
    }
    return false;
}

static void
add_roles(const struct page *page)
{
    struct pdp__string *out = page->out;
    if (!has_roles(page)) {
        return;
    }
    for (size_t i = 0; i < pdp_explanation_missing_cnt(page->why); i++) {
        pdp_missing_t missing = {.size = sizeof(missing)};
        if (!pdp_explanation_missing(page->why, i, &missing)) {
            break;
        }
        pdp__string_z(out, "  ");
        pdp__escape_add(out, missing.action);
        pdp__string_z(out, missing.role_cnt == 0 ? ": no role has it" : ": ");
        for (size_t k = 0; k < missing.role_cnt; k++) {
            pdp_helpful_role_t role = {.size = sizeof(role)};
            if (pdp_explanation_role(page->why, i, k, &role)) {
                pdp__string_z(out, k == 0 ? "" : ", ");
                pdp__escape_add(out, role.name);
                pdp__string_fmt(out, " (%zu action%s%s)", role.action_cnt,
                    role.action_cnt == 1 ? "" : "s",
                    role.custom ? ", custom role" : "");
            }
        }
        pdp__string_char(out, '\n');
    }
}

static void
add_help(const struct page *page)
{
    struct pdp__string *out = page->out;
    pdp_str_t note = pdp_explanation_note(page->why);
    size_t policies = pdp_explanation_policies(page->why);
    if (note.ptr == NULL && policies == 0) {
        return;
    }
    pdp__string_fmt(out, "%swhat would help%s\n",
        pdp__out_sgr(page->colour, PDP__COLOUR_BOLD),
        pdp__out_sgr(page->colour, PDP__COLOUR_PLAIN));
    add_roles(page);
    if (note.ptr != NULL) {
        pdp__string_z(out, "  ");
        pdp__escape_add(out, note);
        pdp__string_char(out, '\n');
    }
    if (policies == 0) {
        return;
    }
    pdp__string_z(out, policies == 1
                           ? "  this policy permits it:\n"
                           : "  these policies, together, permit it:\n");
    pdp__string_z(out, policies == 1 ? "  " : "  [ ");
    for (size_t i = 0; i < policies; i++) {
        pdp__string_z(out, i == 0 ? "" : ",\n    ");
        pdp__explain_pretty(out, pdp_explanation_policy(page->why, i),
            policies == 1 ? 2 : 4);
    }
    pdp__string_z(out, policies == 1 ? "\n" : " ]\n");
}

void
pdp__explain_text(struct pdp__string *out, const pdp_decision_t *decision,
    const pdp_explanation_t *why, bool all, bool colour)
{
    const struct page page = {out, decision, why, all, colour};
    add_why(&page);
    add_help(&page);
}
