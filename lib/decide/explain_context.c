/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The context-based restrictions that the decision lists, and why those deny
 * that do: of the first context, the first thing that is not met.
 */

#include "decide/context.h"
#include "decide/explain.h"

/* The names of the endpoints of a set. */
static pdp_str_t
endpoint_names(struct pdp__explainer *x, uint32_t endpoints)
{
    static const struct {
        enum pdp__endpoint endpoint;
        const char *name;
    } names[] = {
        {PDP__ENDPOINT_PUBLIC, "public"},
        {PDP__ENDPOINT_PRIVATE, "private"},
        {PDP__ENDPOINT_DIRECT, "direct"},
    };
    struct pdp__buf buf =
        pdp__explain_room(x, sizeof("public, private, direct"));

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if ((endpoints & 1u << names[i].endpoint) != 0) {
            pdp__buf_z(&buf, buf.len == 0 ? "" : ", ");
            pdp__buf_z(&buf, names[i].name);
        }
    }
    return pdp__buf_get(&buf);
}

static pdp_str_t
zone_names(struct pdp__explainer *x, struct pdp__range zones)
{
    const struct pdp__block *block = x->flow->block;
    size_t len = 0;

    for (uint32_t i = 0; i < zones.cnt; i++) {
        uint32_t ix = pdp__numbers(block)[zones.first + i];
        len += pdp__zones(block)[ix].id.len + 2;
    }
    struct pdp__buf buf = pdp__explain_room(x, len);
    for (uint32_t i = 0; i < zones.cnt; i++) {
        uint32_t ix = pdp__numbers(block)[zones.first + i];
        pdp__buf_z(&buf, i == 0 ? "" : ", ");
        pdp__buf_str(&buf, pdp__text(block, pdp__zones(block)[ix].id));
    }
    return pdp__buf_get(&buf);
}

static void
explain_test(struct pdp__explainer *x, const struct pdp__context_test *test,
    pdp_verdict_t *out)
{
    const pdp_request_t *request = x->flow->request;
    pdp_str_t seen = {NULL, 0};
    char text[PDP__IP_TEXT_CAP];
    struct pdp__ip ip;

    out->obstacle = PDP_OBSTACLE_CONTEXT;
    if (test->endpoints != 0) {
        out->key = PDP__LIT("endpointType");
        out->wanted = endpoint_names(x, test->endpoints);
        if (pdp__endpoint_type_check(request->endpoint_type)) {
            seen = request->endpoint_type;
        }
    } else {
        out->key = PDP__LIT("networkZoneId");
        out->wanted = zone_names(x, test->zones);
        if (pdp__ip_parse(request->client_address, &ip)) {
            seen = pdp__ip_render(&ip, text);
        }
    }
    out->state = seen.ptr == NULL ? PDP_ATTRIBUTE_UNKNOWN : PDP_ATTRIBUTE_KNOWN;
    out->seen = pdp__explain_copy(x, seen);
}

void
pdp__explain_restrictions(struct pdp__explainer *x)
{
    const struct pdp__flow *flow = x->flow;
    const struct pdp__block *block = flow->block;
    struct pdp__scene scene;

    if (flow->verdict_cnt == 0) {
        return;
    }
    (void)pdp__context_scene(flow, &scene);
    for (uint32_t i = 0; i < flow->verdict_cnt; i++) {
        const struct pdp__restriction *r =
            &pdp__restrictions(block)[flow->verdicts[i].restriction];
        struct pdp__voice *voice = pdp__explain_voice(x, PDP_VOICE_RESTRICTION,
            pdp__text(block, r->id), 1);
        if (voice == NULL) {
            return;
        }
        voice->addressed = true;
        if (!flow->verdicts[i].denies) {
            continue;
        }
        voice->verdicts[0].denies = true;
        const struct pdp__context_test *test =
            pdp__context_obstacle(flow, &scene, r);
        if (test != NULL) {
            explain_test(x, test, &voice->verdicts[0]);
        } else {
            voice->verdicts[0].obstacle = PDP_OBSTACLE_CONTEXT;
            voice->verdicts[0].key = PDP__LIT("contexts");
        }
    }
}
