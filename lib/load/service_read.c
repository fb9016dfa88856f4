/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/lookup.h"
#include "load/service.h"

/*
 * The service definition, pdp-service/1: JSON nodes -> tables.
 *
 * Its sections are read in the order of what they refer to, whatever their
 * order in the file:
 *
 *     actions -> roles -> events -> params -> regions -> routes
 *
 * so each name is looked up in a table that is complete.  Everything wrong
 * is reported in one run; a section that is missing is reported once, not
 * for every name that was to be found in it.  The tables may hold half-read
 * items after an error; no snapshot is made of them.
 *
 * Notes at the end tell what was defined and never used.  A deprecated event
 * is meant to be unused.
 *
 * Cost: linear in the size of the document, hints aside.
 */

static const pdp_str_t scopes[] = {
    PDP__LIT_INIT("namespace"),
    PDP__LIT_INIT("account"),
};

static void
read_action(struct pdp__service_reader *r, uint32_t node)
{
    struct pdp__builder *b = r->b;
    uint32_t title = 0;
    uint32_t scope = 0;
    const struct pdp__member members[] = {
        {"title", false, PDP__JSON_STRING, &title},
        {"scope", true, PDP__JSON_STRING, &scope},
    };
    pdp_str_t name = pdp__json_key(&r->doc->json, node);
    struct pdp__place place = pdp__doc_place_key(r->doc, node);
    (void)pdp__service_name(r, PDP__NAME_ACTION, name, place);
    (void)pdp__doc_object(r->doc, node, members, 2, NULL);
    size_t word = scope == 0 ? 0 : pdp__service_word(r, scope, scopes, 2);
    if (pdp__map_get(b, PDP__MAP_ACTION, name) != PDP__NONE) {
        pdp__report_add(r->doc->report, PDP__CODE_DUPLICATE_NAME, place, NULL,
            "another service has an action \"%.*s\"", PDP__ARG(name));
        return;
    }
    uint32_t ix = 0;
    uint32_t def_ix = 0;
    struct pdp__action *action = PDP__NEW(b, actions, ix);
    struct pdp__def *def =
        pdp__builder_push(b, &r->action_defs, sizeof(*def), &def_ix);
    if (action == NULL || def == NULL) {
        return;
    }
    action->name = pdp__builder_text(b, name);
    action->title = pdp__service_text(r, title);
    action->service = r->service;
    action->bit = def_ix;
    action->scope = word == 1 ? PDP__SCOPE_ACCOUNT : PDP__SCOPE_NAMESPACE;
    def->node = node;
    (void)pdp__map_put(b, PDP__MAP_ACTION, name, ix);
}

static void
read_actions(struct pdp__service_reader *r)
{
    struct pdp__builder *b = r->b;
    struct pdp__range range = {b->actions.cnt, 0};
    if (r->actions != 0 &&
        !pdp__service_limit(r, r->actions, PDP__ACTIONS_MAX, "actions")) {
        r->actions = 0;
    }
    if (r->actions != 0) {
        PDP__JSON_EACH(&r->doc->json, r->actions, ix)
        {
            read_action(r, ix);
        }
    }
    range.cnt = b->actions.cnt - range.first;
    struct pdp__service *service =
        PDP__ITEM(b, services, struct pdp__service, r->service);
    service->actions = range;
    service->action_words = (range.cnt + 63) / 64;
}

/* The node of a title's text: itself, or of an object by language the
 * member "en", or the first; 0 for none. */
static uint32_t
find_title(struct pdp__service_reader *r, uint32_t node)
{
    const struct pdp__json_doc *json = &r->doc->json;
    if (node == 0 || pdp__json_is(json, node, PDP__JSON_STRING)) {
        return node;
    }
    if (!pdp__json_is(json, node, PDP__JSON_OBJECT)) {
        PDP__DOC_ADD(r->doc, WRONG_TYPE, node, NULL,
            "\"title\" must be a string, or an object by language");
        return 0;
    }
    if (json->nodes[node].cnt == 0) {
        PDP__DOC_ADD(r->doc, EMPTY, node, NULL, "a title in no language");
        return 0;
    }
    bool strings = true;
    PDP__JSON_EACH(json, node, ix)
    {
        strings = pdp__doc_is(r->doc, ix, PDP__JSON_STRING) && strings;
    }
    uint32_t english = pdp__json_member(json, node, PDP__LIT("en"));
    return !strings ? 0 : english != 0 ? english : node + 1;
}

static void
read_event(struct pdp__service_reader *r, uint32_t node)
{
    struct pdp__builder *b = r->b;
    const struct pdp__json_doc *json = &r->doc->json;
    uint32_t title = 0;
    uint32_t data = 0;
    uint32_t deprecated = 0;
    const struct pdp__member members[] = {
        {"title", false, -1, &title},
        {"data", true, PDP__JSON_TRUE, &data},
        {"deprecated", false, PDP__JSON_TRUE, &deprecated},
    };
    pdp_str_t name = pdp__json_key(json, node);
    (void)pdp__service_name(r, PDP__NAME_ACTION, name,
        pdp__doc_place_key(r->doc, node));
    (void)pdp__doc_object(r->doc, node, members, 3, NULL);
    uint32_t ix = 0;
    uint32_t def_ix = 0;
    struct pdp__event *event = PDP__NEW(b, events, ix);
    struct pdp__def *def =
        pdp__builder_push(b, &r->event_defs, sizeof(*def), &def_ix);
    if (event == NULL || def == NULL) {
        return;
    }
    event->name = pdp__builder_text(b, name);
    event->title = pdp__service_text(r, find_title(r, title));
    event->data = data != 0 && pdp__json_is(json, data, PDP__JSON_TRUE);
    event->deprecated =
        deprecated != 0 && pdp__json_is(json, deprecated, PDP__JSON_TRUE);
    def->node = node;
    (void)pdp__map_put_in(b, PDP__MAP_EVENT, r->service, name, ix);
}

static void
read_events(struct pdp__service_reader *r)
{
    struct pdp__builder *b = r->b;
    struct pdp__range range = {b->events.cnt, 0};
    if (r->events != 0 &&
        !pdp__service_limit(r, r->events, PDP__EVENTS_MAX, "events")) {
        r->events = 0;
    }
    if (r->events != 0) {
        PDP__JSON_EACH(&r->doc->json, r->events, ix)
        {
            read_event(r, ix);
        }
    }
    range.cnt = b->events.cnt - range.first;
    PDP__ITEM(b, services, struct pdp__service, r->service)->events = range;
}

static void
note_unused(const struct pdp__service_reader *r, const char *what,
    uint32_t node)
{
    pdp__report_add(r->doc->report, PDP__CODE_UNUSED,
        pdp__doc_place_key(r->doc, node), NULL, "no route uses the %s \"%.*s\"",
        what, PDP__ARG(pdp__json_key(&r->doc->json, node)));
}

static void
note_all_unused(const struct pdp__service_reader *r)
{
    const struct pdp__builder *b = r->b;
    uint32_t first_event =
        PDP__ITEM(b, services, struct pdp__service, r->service)->events.first;
    for (uint32_t i = 0; i < r->action_defs.cnt; i++) {
        const struct pdp__def *def =
            PDP__VEC_AT(&r->action_defs, struct pdp__def, i);
        if (!def->used) {
            note_unused(r, "action", def->node);
        }
    }
    for (uint32_t i = 0; i < r->event_defs.cnt; i++) {
        const struct pdp__event *event =
            PDP__ITEM(b, events, struct pdp__event, first_event + i);
        if (event->route_cnt == 0 && event->deprecated == 0) {
            note_unused(r, "event",
                PDP__VEC_AT(&r->event_defs, struct pdp__def, i)->node);
        }
    }
    for (uint32_t i = 0; i < r->param_defs.cnt; i++) {
        const struct pdp__param_def *def =
            PDP__VEC_AT(&r->param_defs, struct pdp__param_def, i);
        if (!def->used) {
            note_unused(r, "parameter", def->node);
        }
    }
}

/* The service itself, with its name; false: no memory, or one too many. */
static bool
add_service(struct pdp__service_reader *r, uint32_t name, uint32_t title)
{
    struct pdp__builder *b = r->b;
    if (b->services.cnt == PDP__SERVICES_MAX) {
        PDP__DOC_ADD(r->doc, LIMIT, 0, NULL, "more than %d services",
            (int)PDP__SERVICES_MAX);
        return false;
    }
    struct pdp__service *service = PDP__NEW(b, services, r->service);
    if (service == NULL) {
        return false;
    }
    service->title = pdp__service_text(r, title);
    r->name = PDP__LIT("");
    if (name == 0) {
        return true;
    }
    r->name = pdp__doc_text(r->doc, name);
    service->name = pdp__service_text(r, name);
    (void)pdp__service_name(r, PDP__NAME_SERVICE, r->name,
        pdp__doc_place(r->doc, name));
    if (pdp__map_get(b, PDP__MAP_SERVICE, r->name) != PDP__NONE) {
        PDP__DOC_ADD(r->doc, DUPLICATE_NAME, name, NULL,
            "a service \"%.*s\" is defined already", PDP__ARG(r->name));
        return true;
    }
    (void)pdp__map_put(b, PDP__MAP_SERVICE, r->name, r->service);
    return true;
}

pdp_status_t
pdp__read_service(struct pdp__builder *b, const struct pdp__doc *doc)
{
    struct pdp__service_reader r = {.b = b, .doc = doc};
    uint32_t format = 0;
    uint32_t name = 0;
    uint32_t title = 0;
    const struct pdp__member members[] = {
        {"format", true, PDP__JSON_STRING, &format},
        {"service", true, PDP__JSON_STRING, &name},
        {"title", false, PDP__JSON_STRING, &title},
        {"actions", true, PDP__JSON_OBJECT, &r.actions},
        {"roles", true, PDP__JSON_OBJECT, &r.roles},
        {"events", true, PDP__JSON_OBJECT, &r.events},
        {"params", true, PDP__JSON_OBJECT, &r.params},
        {"regions", false, PDP__JSON_ARRAY, &r.regions},
        {"routes", true, PDP__JSON_ARRAY, &r.routes},
    };
    if (!pdp__read_format(doc, "pdp-service/1") ||
        !pdp__doc_object(doc, 0, members, sizeof(members) / sizeof(members[0]),
            NULL) ||
        !add_service(&r, name, title)) {
        return pdp__read_status(b);
    }
    read_actions(&r);
    pdp__service_roles(&r);
    read_events(&r);
    if (r.params != 0) {
        pdp__service_params(&r);
    }
    if (r.regions != 0) {
        pdp__service_regions(&r);
    }
    if (r.routes != 0 && !b->failed) {
        pdp__service_routes(&r);
        note_all_unused(&r);
    }
    return pdp__read_status(b);
}
