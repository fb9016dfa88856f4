/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/explain.h"

/*
 * An explanation for programs: further members of the object that `decide`
 * prints, or further lines of tsv.
 *
 * Names, order and meaning of the members are a contract (pdp-check(1)).
 * Every member is always there; what does not apply is null, or empty.
 */

#include "common/escape.h"

const char *
pdp__voice_name(pdp_voice_kind_t kind)
{
    switch (kind) {
    case PDP_VOICE_NONE:
        break;
    case PDP_VOICE_ROLE:
        return "role";
    case PDP_VOICE_ACTION:
        return "action";
    case PDP_VOICE_INLINE:
        return "inline";
    case PDP_VOICE_POLICY:
        return "policy";
    case PDP_VOICE_RESTRICTION:
        return "restriction";
    }
    return "none";
}

const char *
pdp__obstacle_name(pdp_obstacle_t obstacle)
{
    switch (obstacle) {
    case PDP_OBSTACLE_NONE:
        break;
    case PDP_OBSTACLE_SERVICE:
        return "service";
    case PDP_OBSTACLE_ROLE:
        return "role";
    case PDP_OBSTACLE_ACTION:
        return "action";
    case PDP_OBSTACLE_SUBJECT:
        return "subject";
    case PDP_OBSTACLE_RESOURCE:
        return "resource";
    case PDP_OBSTACLE_TAG:
        return "tag";
    case PDP_OBSTACLE_RULE:
        return "rule";
    case PDP_OBSTACLE_CONTEXT:
        return "context";
    }
    return "none";
}

const char *
pdp__state_name(pdp_attribute_state_t state)
{
    switch (state) {
    case PDP_ATTRIBUTE_ABSENT:
        break;
    case PDP_ATTRIBUTE_UNKNOWN:
        return "unknown";
    case PDP_ATTRIBUTE_KNOWN:
        return "known";
    }
    return "absent";
}

static void
add_flag(struct pdp__string *out, const char *name, bool value)
{
    pdp__string_fmt(out, ",\"%s\":%s", name, value ? "true" : "false");
}

static void
add_str(struct pdp__string *out, const char *name, pdp_str_t value)
{
    pdp__string_fmt(out, ",\"%s\":", name);
    pdp__escape_json_or_null(out, value);
}

static void
add_verdict(struct pdp__string *out, size_t required,
    const pdp_verdict_t *verdict, bool whole)
{
    bool stopped = verdict->obstacle != PDP_OBSTACLE_NONE;
    pdp_str_t absent = {NULL, 0};
    if (whole) {
        pdp__string_z(out, "{\"required\":null");
    } else {
        pdp__string_fmt(out, "{\"required\":%zu", required);
    }
    add_flag(out, "grants", verdict->grants);
    add_flag(out, "denies", verdict->denies);
    add_str(out, "obstacle",
        stopped ? pdp__str_z(pdp__obstacle_name(verdict->obstacle)) : absent);
    add_flag(out, "denial", verdict->denial);
    add_flag(out, "account_scope", verdict->account_scope);
    add_str(out, "key", verdict->key);
    add_str(out, "operator", verdict->op);
    add_str(out, "wanted", verdict->wanted);
    add_str(out, "state",
        stopped ? pdp__str_z(pdp__state_name(verdict->state)) : absent);
    add_str(out, "seen", verdict->seen);
    pdp__string_char(out, '}');
}

static void
add_voices(struct pdp__string *out, const pdp_explanation_t *why)
{
    for (size_t i = 0; i < pdp_explanation_voices(why); i++) {
        pdp_voice_t voice = {.size = sizeof(voice)};
        if (!pdp_explanation_voice(why, i, &voice)) {
            break;
        }
        pdp__string_fmt(out, "%s{\"kind\":\"%s\"", i == 0 ? "" : ",",
            pdp__voice_name(voice.kind));
        add_str(out, "id", voice.id);
        add_flag(out, "addressed", voice.addressed);
        add_flag(out, "grants", voice.grants);
        add_flag(out, "denies", voice.denies);
        pdp__string_z(out, ",\"verdicts\":[");
        for (size_t k = 0; k < voice.verdict_cnt; k++) {
            pdp_verdict_t verdict = {.size = sizeof(verdict)};
            if (pdp_explanation_verdict(why, i, k, &verdict)) {
                pdp__string_z(out, k == 0 ? "" : ",");
                add_verdict(out, k, &verdict,
                    voice.kind == PDP_VOICE_RESTRICTION);
            }
        }
        pdp__string_z(out, "]}");
    }
}

static void
add_advice(struct pdp__string *out, const pdp_explanation_t *why)
{
    for (size_t i = 0; i < pdp_explanation_missing_cnt(why); i++) {
        pdp_missing_t missing = {.size = sizeof(missing)};
        if (!pdp_explanation_missing(why, i, &missing)) {
            break;
        }
        pdp__string_z(out, i == 0 ? "{\"action\":" : ",{\"action\":");
        pdp__escape_json(out, missing.action);
        pdp__string_z(out, ",\"roles\":[");
        for (size_t k = 0; k < missing.role_cnt; k++) {
            pdp_helpful_role_t role = {.size = sizeof(role)};
            if (pdp_explanation_role(why, i, k, &role)) {
                pdp__string_z(out, k == 0 ? "{\"name\":" : ",{\"name\":");
                pdp__escape_json(out, role.name);
                add_str(out, "crn", role.crn);
                add_flag(out, "custom", role.custom);
                pdp__string_fmt(out, ",\"actions\":%zu}", role.action_cnt);
            }
        }
        pdp__string_z(out, "]}");
    }
}

void
pdp__explain_json(struct pdp__string *out, const pdp_explanation_t *why)
{
    out->len -= strlen("}\n"); /* the object goes on */
    pdp__string_z(out, ",\"voices\":[");
    add_voices(out, why);
    pdp__string_z(out, "],\"advice\":[");
    add_advice(out, why);
    pdp__string_z(out, "],\"policies\":[");
    for (size_t i = 0; i < pdp_explanation_policies(why); i++) {
        pdp__string_z(out, i == 0 ? "" : ",");
        pdp__explain_policy(out, pdp_explanation_policy(why, i));
    }
    pdp__string_char(out, ']');
    add_str(out, "note", pdp_explanation_note(why));
    pdp__string_z(out, "}\n");
}

static void
verdict_line(struct pdp__string *out, const pdp_decision_t *decision,
    const pdp_voice_t *voice, size_t required, const pdp_verdict_t *verdict)
{
    pdp_required_t need = {.size = sizeof(need)};
    pdp_str_t action = {NULL, 0};
    if (voice->kind != PDP_VOICE_RESTRICTION &&
        pdp_decision_required(decision, required, &need)) {
        action = need.action;
    }
    pdp__string_fmt(out, "voice\t%s", pdp__voice_name(voice->kind));
    pdp__escape_field(out, voice->id);
    pdp__string_fmt(out, "\t%s", voice->addressed ? "true" : "false");
    pdp__escape_field(out, action);
    pdp__string_fmt(out, "\t%s\t%s",
        verdict->denies   ? "denies"
        : verdict->grants ? "grants"
                          : "-",
        verdict->obstacle == PDP_OBSTACLE_NONE
            ? "-"
            : pdp__obstacle_name(verdict->obstacle));
    pdp__escape_field(out, verdict->key);
    pdp__escape_field(out, verdict->op);
    pdp__escape_field(out, verdict->wanted);
    pdp__string_fmt(out, "\t%s",
        verdict->obstacle == PDP_OBSTACLE_NONE
            ? "-"
            : pdp__state_name(verdict->state));
    pdp__escape_field(out, verdict->seen);
    pdp__string_char(out, '\n');
}

void
pdp__explain_tsv(struct pdp__string *out, const pdp_decision_t *decision,
    const pdp_explanation_t *why)
{
    for (size_t i = 0; i < pdp_explanation_voices(why); i++) {
        pdp_voice_t voice = {.size = sizeof(voice)};
        if (!pdp_explanation_voice(why, i, &voice)) {
            break;
        }
        for (size_t k = 0; k < voice.verdict_cnt; k++) {
            pdp_verdict_t verdict = {.size = sizeof(verdict)};
            if (pdp_explanation_verdict(why, i, k, &verdict)) {
                verdict_line(out, decision, &voice, k, &verdict);
            }
        }
    }
    for (size_t i = 0; i < pdp_explanation_missing_cnt(why); i++) {
        pdp_missing_t missing = {.size = sizeof(missing)};
        if (!pdp_explanation_missing(why, i, &missing)) {
            break;
        }
        for (size_t k = 0; k < missing.role_cnt; k++) {
            pdp_helpful_role_t role = {.size = sizeof(role)};
            if (pdp_explanation_role(why, i, k, &role)) {
                pdp__string_z(out, "role");
                pdp__escape_field(out, missing.action);
                pdp__escape_field(out, role.name);
                pdp__escape_field(out, role.crn);
                pdp__string_fmt(out, "\t%zu\n", role.action_cnt);
            }
        }
    }
    for (size_t i = 0; i < pdp_explanation_policies(why); i++) {
        pdp__string_z(out, "policy\t");
        pdp__explain_policy(out, pdp_explanation_policy(why, i));
        pdp__string_char(out, '\n');
    }
    if (pdp_explanation_note(why).ptr != NULL) {
        pdp__string_z(out, "note");
        pdp__escape_field(out, pdp_explanation_note(why));
        pdp__string_char(out, '\n');
    }
}
