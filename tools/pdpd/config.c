/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/config.h"

/*
 * pdpd.yaml from end to end: YAML -> JSON nodes -> struct pdpd__config.
 *
 * Every finding of the file is reported in one run, with the line and column
 * of its author, and nothing is used of a configuration that has one.
 *
 * There is deliberately no member that lets requests pass when something is
 * wrong, none that only observes, and none that makes a check optional: a
 * test compares the list of members with what is documented.
 */

#include "common/yaml.h"
#include "pdpd/config_read.h"
#include "pdpd/seccomp.h"

enum {
    HEADER_BYTES = 16384,
    CONNECTIONS = 1024,
    IDLE_TIMEOUT_SEC = 75, /* above nginx's keepalive_timeout of 60 s */
    HEADER_TIMEOUT_SEC = 2,
    WORKERS = 2,
    DAY_SEC = 86400
};

static struct pdpd__named
place_of(struct pdpd__reader *reader, uint32_t ix)
{
    struct pdp__place place = pdp__doc_place(&reader->doc, ix);
    return (struct pdpd__named){.line = place.line, .column = place.column};
}

static void
read_file(struct pdpd__reader *reader, uint32_t ix, struct pdpd__named *out)
{
    if (ix != 0) {
        *out = place_of(reader, ix);
        (void)pdpd__read_path(reader, ix, &out->path);
    }
}

/* Room for the items of a list; NULL: a finding was made. */
static struct pdpd__named *
new_list(struct pdpd__reader *reader, uint32_t ix)
{
    uint32_t cnt = reader->doc.json.nodes[ix].cnt;
    if (cnt == 0 || cnt > PDPD__FILES_MAX) {
        PDP__DOC_ADD(&reader->doc, BAD_VALUE, ix, NULL,
            "this must be a list of 1 to %d items", PDPD__FILES_MAX);
        return NULL;
    }
    struct pdpd__named *list =
        pdp__arena_array(&reader->config->arena, cnt, sizeof(*list));
    if (list == NULL) {
        PDP__DOC_ADD(&reader->doc, LIMIT, ix, NULL, "out of memory");
    }
    return list;
}

static void
read_services(struct pdpd__reader *reader, uint32_t ix)
{
    struct pdpd__config *config = reader->config;
    bool builtin = false;
    config->services = new_list(reader, ix);
    if (config->services == NULL) {
        return;
    }
    PDP__JSON_EACH(&reader->doc.json, ix, item)
    {
        struct pdpd__named *one = &config->services[config->service_cnt];
        uint32_t definition = 0;
        const struct pdp__member members[] = {
            {"definition", true, PDP__JSON_STRING, &definition},
        };
        if (!pdp__doc_object(&reader->doc, item, members, 1, NULL) ||
            definition == 0) {
            continue;
        }
        config->service_cnt++;
        if (!pdp__str_eq(pdp__json_text(&reader->doc.json, definition),
                PDP__LIT("builtin"))) {
            read_file(reader, definition, one);
            continue;
        }
        *one = place_of(reader, definition);
        if (builtin) {
            PDP__DOC_ADD(&reader->doc, DUPLICATE_NAME, definition, NULL,
                "the built-in definition is listed twice");
        }
        builtin = true;
    }
}

/* A list of files or folders. */
static void
read_files(struct pdpd__reader *reader, uint32_t ix, struct pdpd__named **out,
    uint32_t *cnt)
{
    *out = new_list(reader, ix);
    if (*out == NULL) {
        return;
    }
    PDP__JSON_EACH(&reader->doc.json, ix, item)
    {
        read_file(reader, item, &(*out)[(*cnt)++]);
    }
}

static void
read_policies(struct pdpd__reader *reader, uint32_t ix)
{
    read_files(reader, ix, &reader->config->policies,
        &reader->config->policy_cnt);
}

static void
read_restrictions(struct pdpd__reader *reader, uint32_t ix)
{
    read_files(reader, ix, &reader->config->restrictions,
        &reader->config->restriction_cnt);
}

static void
read_revocations(struct pdpd__reader *reader, uint32_t ix)
{
    read_files(reader, ix, &reader->config->revocations,
        &reader->config->revocation_cnt);
}

static void
read_keys(struct pdpd__reader *reader, uint32_t ix)
{
    struct pdpd__keys *keys = &reader->config->keys;
    uint32_t max_stale = 0;
    uint32_t state = 0;
    uint32_t refetch = 0;
    uint32_t owner = 0;
    const struct pdp__member members[] = {
        {"max_stale", false, -1, &max_stale},
        {"state", false, PDP__JSON_STRING, &state},
        {"refetch", false, PDP__JSON_STRING, &refetch},
        {"owner", false, -1, &owner},
    };
    if (!pdp__doc_object(&reader->doc, ix, members, 4, NULL)) {
        return;
    }
    read_file(reader, state, &keys->state);
    read_file(reader, refetch, &keys->refetch);
    if (state != 0) {
        keys->max_stale_sec = DAY_SEC;
    }
    if (max_stale != 0) {
        (void)pdpd__read_seconds(reader, max_stale, 60, 365 * (int64_t)DAY_SEC,
            &keys->max_stale_sec);
        if (pdp__json_member(&reader->doc.json, ix, PDP__LIT("state")) == 0) {
            PDP__DOC_ADD(&reader->doc, BAD_VALUE, max_stale, NULL,
                "\"max_stale\" needs \"state\", which tells how old keys are");
        }
    }
    if (owner != 0) {
        keys->has_owner = pdpd__read_user(reader, owner, &keys->owner);
    }
}

static void
read_limits(struct pdpd__reader *reader, uint32_t ix)
{
    struct pdpd__limits *limits = &reader->config->limits;
    uint32_t header = 0;
    uint32_t connections = 0;
    uint32_t idle = 0;
    uint32_t head_time = 0;
    int64_t value = 0;
    const struct pdp__member members[] = {
        {"header_bytes", false, PDP__JSON_NUMBER, &header},
        {"connections", false, PDP__JSON_NUMBER, &connections},
        {"idle_timeout", false, -1, &idle},
        {"header_timeout", false, -1, &head_time},
    };
    if (!pdp__doc_object(&reader->doc, ix, members, 4, NULL)) {
        return;
    }
    if (header != 0 && pdpd__read_int(reader, header, 4096, 24576, &value)) {
        limits->header_bytes = (uint32_t)value;
    }
    if (connections != 0 &&
        pdpd__read_int(reader, connections, 1, 65536, &value)) {
        limits->connections = (uint32_t)value;
    }
    if (idle != 0 && pdpd__read_seconds(reader, idle, 1, 3600, &value)) {
        limits->idle_timeout_sec = (uint32_t)value;
    }
    if (head_time != 0 &&
        pdpd__read_seconds(reader, head_time, 1, 60, &value)) {
        limits->header_timeout_sec = (uint32_t)value;
    }
}

static void
read_log(struct pdpd__reader *reader, uint32_t ix)
{
    static const pdp_str_t formats[] = {
        PDP__LIT_INIT("text"),
        PDP__LIT_INIT("json"),
    };
    static const pdp_str_t levels[] = {
        PDP__LIT_INIT("error"),
        PDP__LIT_INIT("warning"),
        PDP__LIT_INIT("info"),
        PDP__LIT_INIT("debug"),
    };
    struct pdpd__config *config = reader->config;
    uint32_t format = 0;
    uint32_t level = 0;
    const struct pdp__member members[] = {
        {"format", false, PDP__JSON_STRING, &format},
        {"level", false, PDP__JSON_STRING, &level},
    };
    if (!pdp__doc_object(&reader->doc, ix, members, 2, NULL)) {
        return;
    }
    if (format != 0) {
        config->log_json = pdpd__read_word(reader, format, formats, 2) == 1;
    }
    if (level != 0) {
        int word = pdpd__read_word(reader, level, levels, 4);
        config->log_level =
            word < 0 ? PDPD__LOG_INFO : (enum pdpd__log_level)word;
    }
}

/* Asked for and not there is an error: nobody must believe in a fence that
 * was never built. */
static void
read_seccomp(struct pdpd__reader *reader, uint32_t ix)
{
    reader->config->seccomp =
        pdp__json_is(&reader->doc.json, ix, PDP__JSON_TRUE);
    if (reader->config->seccomp && !pdpd__seccomp_built_in()) {
        PDP__DOC_ADD(&reader->doc, BAD_VALUE, ix, NULL,
            "this pdpd was built without libseccomp");
    }
}

static void
read_root(struct pdpd__reader *reader)
{
    static const pdp_str_t format_name = PDP__LIT_INIT("pdpd/1");
    uint32_t format = 0;
    uint32_t listeners = 0;
    uint32_t services = 0;
    uint32_t policies = 0;
    uint32_t restrictions = 0;
    uint32_t revocations = 0;
    uint32_t directory = 0;
    uint32_t trust = 0;
    uint32_t keys = 0;
    uint32_t workers = 0;
    uint32_t seccomp = 0;
    uint32_t limits = 0;
    uint32_t metrics = 0;
    uint32_t log = 0;
    int64_t value = 0;
    const struct pdp__member members[] = {
        {"format", true, PDP__JSON_STRING, &format},
        {"listeners", true, PDP__JSON_ARRAY, &listeners},
        {"services", false, PDP__JSON_ARRAY, &services},
        {"policies", false, PDP__JSON_ARRAY, &policies},
        {"restrictions", false, PDP__JSON_ARRAY, &restrictions},
        {"revocations", false, PDP__JSON_ARRAY, &revocations},
        {"directory", false, PDP__JSON_STRING, &directory},
        {"trust", true, PDP__JSON_STRING, &trust},
        {"keys", false, PDP__JSON_OBJECT, &keys},
        {"workers", false, PDP__JSON_NUMBER, &workers},
        {"seccomp", false, PDP__JSON_TRUE, &seccomp},
        {"limits", false, PDP__JSON_OBJECT, &limits},
        {"metrics", false, PDP__JSON_OBJECT, &metrics},
        {"log", false, PDP__JSON_OBJECT, &log},
    };
    if (!pdp__doc_object(&reader->doc, 0, members,
            sizeof(members) / sizeof(members[0]), NULL)) {
        return;
    }
    if (format != 0 &&
        !pdp__str_eq(pdp__json_text(&reader->doc.json, format), format_name)) {
        PDP__DOC_ADD(&reader->doc, BAD_FORMAT, format, NULL,
            "the format is not \"pdpd/1\"");
    }
    if (workers != 0 &&
        pdpd__read_int(reader, workers, 1, PDPD__WORKERS_MAX, &value)) {
        reader->config->workers = (uint32_t)value;
    }
    read_file(reader, directory, &reader->config->directory);
    read_file(reader, trust, &reader->config->trust);
    const struct {
        uint32_t ix;
        void (*read)(struct pdpd__reader *, uint32_t);
    } parts[] = {
        {listeners, pdpd__read_listeners},
        {metrics, pdpd__read_metrics},
        {services, read_services},
        {policies, read_policies},
        {restrictions, read_restrictions},
        {revocations, read_revocations},
        {keys, read_keys},
        {seccomp, read_seccomp},
        {limits, read_limits},
        {log, read_log},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].ix != 0) {
            parts[i].read(reader, parts[i].ix);
        }
    }
}

bool
pdpd__config_parse(struct pdpd__config *config, pdp_str_t path, pdp_str_t text,
    pdp_report_t *report)
{
    struct pdp__yaml yaml;
    struct pdpd__reader reader = {.config = config};
    pdp_mem_t mem = pdp__mem_default();
    *config = (struct pdpd__config){
        .workers = WORKERS,
        .limits = {HEADER_BYTES, CONNECTIONS, IDLE_TIMEOUT_SEC,
            HEADER_TIMEOUT_SEC},
        .log_level = PDPD__LOG_INFO,
    };
    pdp__arena_init(&config->arena, &mem);
    config->path = pdp__arena_copy(&config->arena, path);
    if (config->path.ptr == NULL) {
        return false;
    }
    if (!pdp__yaml_convert(text, &yaml)) {
        /* A lack of memory is no finding. */
        if (!yaml.no_memory) {
            pdp__report_add(report, PDP__CODE_JSON_SYNTAX,
                (struct pdp__place){config->path, yaml.line, yaml.column}, NULL,
                "%s", yaml.message);
        }
        pdp__yaml_free(&yaml);
        return false;
    }
    pdp_source_t source = {
        .size = sizeof(source),
        .name = config->path,
        .text = pdp__string_get(&yaml.json),
        .positions = yaml.positions,
        .position_cnt = yaml.position_cnt,
    };
    bool done =
        pdp__doc_open(&config->arena, report, &source, &reader.doc) == PDP_OK;
    if (done && reader.doc.readable) {
        read_root(&reader);
    }
    pdp__report_sort(report);
    pdp__yaml_free(&yaml);
    return done && reader.doc.readable && pdp_report_errors(report) == 0 &&
           !pdp__report_failed(report);
}

void
pdpd__config_free(struct pdpd__config *config)
{
    if (config->arena.mem.alloc != NULL) {
        pdp__arena_free(&config->arena);
    }
    *config = (struct pdpd__config){0};
}

static bool
listen_differs(const struct pdpd__listen *a, const struct pdpd__listen *b)
{
    return !pdp__str_eq(a->name, b->name) || a->contract != b->contract ||
           !pdp__str_eq(a->socket, b->socket) || a->mode != b->mode ||
           a->has_group != b->has_group || a->group != b->group ||
           a->peer_cnt != b->peer_cnt ||
           memcmp(a->peers, b->peers, sizeof(a->peers)) != 0 ||
           !pdp__str_eq(a->host, b->host) || a->port != b->port ||
           !pdp__str_eq(a->prefix, b->prefix) ||
           a->allow_caching != b->allow_caching ||
           !pdp__str_eq(a->endpoint_type, b->endpoint_type);
}

bool
pdpd__config_needs_start(const struct pdpd__config *a,
    const struct pdpd__config *b)
{
    if (a->listener_cnt != b->listener_cnt || a->workers != b->workers ||
        a->seccomp != b->seccomp ||
        a->limits.header_bytes != b->limits.header_bytes ||
        a->limits.connections != b->limits.connections ||
        a->limits.idle_timeout_sec != b->limits.idle_timeout_sec ||
        a->limits.header_timeout_sec != b->limits.header_timeout_sec ||
        a->log_json != b->log_json || a->log_level != b->log_level) {
        return true;
    }
    for (uint32_t i = 0; i < a->listener_cnt; i++) {
        if (listen_differs(&a->listeners[i], &b->listeners[i])) {
            return true;
        }
    }
    return false;
}
