/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/config_read.h"

/*
 * The listeners of a configuration.
 *
 * One listener has one contract (pdpd.yaml(5)), so that no header which a
 * client may have sent is ever taken for one of the gateway.
 *
 * Who may connect is written, never implied: a socket names its peers, and
 * TCP, where a peer has no user, is bound to the loopback interface only.
 */

#include <sys/socket.h>
#include <sys/un.h>

/* A path longer than this fits no struct sockaddr_un. */
enum { SOCKET_LEN_MAX = sizeof(((struct sockaddr_un *)0)->sun_path) - 1 };

enum { NAME_LEN_MAX = 64, PREFIX_LEN_MAX = 256, DEFAULT_MODE = 0660 };

static const pdp_str_t contracts[] = {
    PDP__LIT_INIT("nginx"),
    PDP__LIT_INIT("ingress-nginx"),
    PDP__LIT_INIT("forwarded"),
    PDP__LIT_INIT("ext-authz"),
};

enum { CONTRACT_CNT = sizeof(contracts) / sizeof(contracts[0]) };

/* Four octal digits, the first a 0.  Others than owner and group get nothing:
 * `peers` would refuse them anyway, and a typing error opens nothing. */
static void
read_mode(struct pdpd__reader *reader, uint32_t ix, mode_t *out)
{
    mode_t mode = 0;
    if (!pdp__doc_is(&reader->doc, ix, PDP__JSON_STRING)) {
        return;
    }
    pdp_str_t text = pdp__json_text(&reader->doc.json, ix);
    bool good = text.len == 4 && text.ptr[0] == '0';
    for (size_t i = 0; good && i < text.len; i++) {
        good = text.ptr[i] >= '0' && text.ptr[i] <= '7';
        mode = mode * 8 + (mode_t)(text.ptr[i] - '0');
    }
    if (!good || (mode & 0117) != 0 || (mode & 0600) != 0600) {
        PDP__DOC_ADD(&reader->doc, BAD_VALUE, ix, NULL,
            "this must be 0600 or 0660");
        return;
    }
    *out = mode;
}

static void
read_peers(struct pdpd__reader *reader, uint32_t ix, struct pdpd__listen *out)
{
    if (!pdp__doc_is(&reader->doc, ix, PDP__JSON_ARRAY)) {
        return;
    }
    uint32_t cnt = reader->doc.json.nodes[ix].cnt;
    if (cnt == 0 || cnt > PDPD__PEERS_MAX) {
        PDP__DOC_ADD(&reader->doc, BAD_VALUE, ix, NULL,
            "this must be a list of 1 to %d users", PDPD__PEERS_MAX);
        return;
    }
    PDP__JSON_EACH(&reader->doc.json, ix, item)
    {
        uid_t uid = 0;
        if (pdpd__read_user(reader, item, &uid)) {
            out->peers[out->peer_cnt++] = uid;
        }
    }
}

static bool
read_port(pdp_str_t text, uint16_t *out)
{
    uint32_t value = 0;
    if (text.len == 0 || text.len > 5 || text.ptr[0] == '0') {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        value = value * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    *out = (uint16_t)value;
    return value <= UINT16_MAX;
}

/* Two spellings and no names: what a name means is for others to change. */
static void
read_address(struct pdpd__reader *reader, uint32_t ix, struct pdpd__listen *out)
{
    static const pdp_str_t four = PDP__LIT_INIT("127.0.0.1:");
    static const pdp_str_t six = PDP__LIT_INIT("[::1]:");
    if (!pdp__doc_is(&reader->doc, ix, PDP__JSON_STRING)) {
        return;
    }
    pdp_str_t text = pdp__json_text(&reader->doc.json, ix);
    bool is_six = pdp__str_starts(text, six);
    if ((!is_six && !pdp__str_starts(text, four)) ||
        !read_port(pdp__str_from(text, is_six ? six.len : four.len),
            &out->port)) {
        PDP__DOC_ADD(&reader->doc, BAD_VALUE, ix, NULL,
            "this must be 127.0.0.1:PORT or [::1]:PORT: pdpd listens on the "
            "loopback interface only");
        return;
    }
    out->host = is_six ? PDP__LIT("::1") : PDP__LIT("127.0.0.1");
}

/* Segments of letters, digits, `-` and `_`: no character that anything
 * between the gateway and here would change. */
static void
read_prefix(struct pdpd__reader *reader, uint32_t ix, pdp_str_t *out)
{
    if (!pdp__doc_is(&reader->doc, ix, PDP__JSON_STRING)) {
        return;
    }
    pdp_str_t text = pdp__json_text(&reader->doc.json, ix);
    bool good = text.len > 1 && text.len <= PREFIX_LEN_MAX;
    for (size_t i = 0; good && i < text.len; i++) {
        char c = pdp__lower(text.ptr[i]);
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_';
        bool slash =
            c == '/' && (i == 0 || text.ptr[i - 1] != '/') && i + 1 < text.len;
        good = i == 0 ? slash : word || slash;
    }
    if (!good) {
        PDP__DOC_ADD(&reader->doc, BAD_VALUE, ix, NULL,
            "this must be a path such as /authz, of letters, digits, - and _, "
            "without a slash at the end");
        return;
    }
    *out = text;
}

/* Members that hold for a socket, or for an address, only. */
static void
check_kind(struct pdpd__reader *reader, uint32_t ix, uint32_t socket,
    uint32_t address, const uint32_t *socket_only, size_t cnt, uint32_t peers)
{
    const struct pdp__json_doc *json = &reader->doc.json;
    if ((pdp__json_member(json, ix, PDP__LIT("socket")) == 0) ==
        (pdp__json_member(json, ix, PDP__LIT("address")) == 0)) {
        PDP__DOC_ADD(&reader->doc, BAD_VALUE, ix, NULL,
            "one of \"socket\" and \"address\" is needed, and only one");
        return;
    }
    for (size_t i = 0; i < cnt && address != 0; i++) {
        if (socket_only[i] != 0) {
            PDP__DOC_ADD(&reader->doc, BAD_VALUE, socket_only[i], NULL,
                "\"%.*s\" is for sockets, not for addresses",
                PDP__ARG(pdp__json_key(json, socket_only[i])));
        }
    }
    if (socket != 0 && peers == 0 &&
        pdp__json_member(json, ix, PDP__LIT("peers")) == 0) {
        PDP__DOC_ADD(&reader->doc, MISSING_MEMBER, ix, NULL,
            "member \"peers\" is missing: name the users that may connect");
    }
}

/* What listeners and metrics have in common. */
static void
read_where(struct pdpd__reader *reader, uint32_t ix, const uint32_t nodes[5],
    struct pdpd__listen *out)
{
    uint32_t socket = nodes[0];
    uint32_t mode = nodes[1];
    uint32_t group = nodes[2];
    uint32_t peers = nodes[3];
    uint32_t address = nodes[4];
    check_kind(reader, ix, socket, address, &nodes[1], 3, peers);
    out->mode = DEFAULT_MODE;
    if (socket != 0 && pdpd__read_path(reader, socket, &out->socket) &&
        out->socket.len > SOCKET_LEN_MAX) {
        PDP__DOC_ADD(&reader->doc, BAD_VALUE, socket, NULL,
            "the path of a socket has at most %d bytes", SOCKET_LEN_MAX);
    }
    if (mode != 0) {
        read_mode(reader, mode, &out->mode);
    }
    if (group != 0) {
        out->has_group = pdpd__read_group(reader, group, &out->group);
    }
    if (peers != 0) {
        read_peers(reader, peers, out);
    }
    if (address != 0) {
        read_address(reader, address, out);
    }
}

static bool
same_place(const struct pdpd__listen *a, const struct pdpd__listen *b)
{
    return a->socket.ptr != NULL
               ? pdp__str_eq(a->socket, b->socket)
               : a->host.ptr != NULL && pdp__str_eq(a->host, b->host) &&
                     a->port == b->port;
}

/* Keeps a listener, unless another one has its name or place. */
static void
keep(struct pdpd__reader *reader, uint32_t ix, const struct pdpd__listen *one)
{
    struct pdpd__config *config = reader->config;
    for (uint32_t i = 0; i < config->listener_cnt; i++) {
        const struct pdpd__listen *other = &config->listeners[i];
        if (one->name.len > 0 && pdp__str_eq(other->name, one->name)) {
            PDP__DOC_ADD(&reader->doc, DUPLICATE_NAME, ix, NULL,
                "there is another listener \"%.*s\"", PDP__ARG(one->name));
        }
        if (same_place(one, other)) {
            PDP__DOC_ADD(&reader->doc, DUPLICATE_NAME, ix, NULL,
                "listener \"%.*s\" has the same socket or address",
                PDP__ARG(other->name));
        }
    }
    if (config->listener_cnt < PDPD__LISTENERS_MAX) {
        config->listeners[config->listener_cnt++] = *one;
    }
}

static void
read_name(struct pdpd__reader *reader, uint32_t ix, pdp_str_t *out)
{
    pdp_str_t text = pdp__json_text(&reader->doc.json, ix);
    bool good = text.len > 0 && text.len <= NAME_LEN_MAX;
    for (size_t i = 0; good && i < text.len; i++) {
        char c = text.ptr[i];
        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    }
    if (!good || pdp__str_eq(text, PDP__LIT("metrics"))) {
        PDP__DOC_ADD(&reader->doc, BAD_VALUE, ix, NULL,
            "a name has 1 to %d characters of a-z, 0-9, - and _, and is not "
            "\"metrics\"",
            NAME_LEN_MAX);
        return;
    }
    *out = text;
}

static void
read_listener(struct pdpd__reader *reader, uint32_t ix)
{
    struct pdpd__listen one = {0};
    uint32_t name = 0;
    uint32_t contract = 0;
    uint32_t prefix = 0;
    uint32_t caching = 0;
    uint32_t endpoint = 0;
    uint32_t nodes[5] = {0};
    const struct pdp__member members[] = {
        {"name", true, PDP__JSON_STRING, &name},
        {"contract", true, PDP__JSON_STRING, &contract},
        {"socket", false, PDP__JSON_STRING, &nodes[0]},
        {"mode", false, PDP__JSON_STRING, &nodes[1]},
        {"group", false, -1, &nodes[2]},
        {"peers", false, PDP__JSON_ARRAY, &nodes[3]},
        {"address", false, PDP__JSON_STRING, &nodes[4]},
        {"prefix", false, PDP__JSON_STRING, &prefix},
        {"allow_caching", false, PDP__JSON_TRUE, &caching},
        {"endpoint_type", false, PDP__JSON_STRING, &endpoint},
    };
    if (!pdp__doc_object(&reader->doc, ix, members,
            sizeof(members) / sizeof(members[0]), NULL)) {
        return;
    }
    if (name != 0) {
        read_name(reader, name, &one.name);
    }
    if (contract != 0) {
        int word = pdpd__read_word(reader, contract, contracts, CONTRACT_CNT);
        one.contract = (enum pdpd__contract)(word + PDPD__CONTRACT_NGINX);
    }
    if (prefix != 0) {
        read_prefix(reader, prefix, &one.prefix);
        if (one.contract != PDPD__CONTRACT_EXT_AUTHZ && contract != 0) {
            PDP__DOC_ADD(&reader->doc, BAD_VALUE, prefix, NULL,
                "\"prefix\" is for the contract ext-authz only");
        }
    }
    one.allow_caching = caching != 0 && pdp__json_is(&reader->doc.json, caching,
                                            PDP__JSON_TRUE);
    if (endpoint != 0) {
        static const pdp_str_t types[] = {PDP__LIT_INIT("public"),
            PDP__LIT_INIT("private"), PDP__LIT_INIT("direct")};
        int word = pdpd__read_word(reader, endpoint, types, 3);
        one.endpoint_type = word < 0 ? (pdp_str_t){NULL, 0} : types[word];
    }
    read_where(reader, ix, nodes, &one);
    keep(reader, ix, &one);
}

void
pdpd__read_listeners(struct pdpd__reader *reader, uint32_t ix)
{
    uint32_t cnt = reader->doc.json.nodes[ix].cnt;
    if (cnt == 0 || cnt >= PDPD__LISTENERS_MAX) {
        PDP__DOC_ADD(&reader->doc, BAD_VALUE, ix, NULL,
            "this must be a list of 1 to %d listeners",
            PDPD__LISTENERS_MAX - 1);
        return;
    }
    PDP__JSON_EACH(&reader->doc.json, ix, item)
    {
        read_listener(reader, item);
    }
}

void
pdpd__read_metrics(struct pdpd__reader *reader, uint32_t ix)
{
    struct pdpd__listen one = {
        .name = PDP__LIT("metrics"),
        .contract = PDPD__CONTRACT_METRICS,
    };
    uint32_t nodes[5] = {0};
    const struct pdp__member members[] = {
        {"socket", false, PDP__JSON_STRING, &nodes[0]},
        {"mode", false, PDP__JSON_STRING, &nodes[1]},
        {"group", false, -1, &nodes[2]},
        {"peers", false, PDP__JSON_ARRAY, &nodes[3]},
        {"address", false, PDP__JSON_STRING, &nodes[4]},
    };
    if (pdp__doc_object(&reader->doc, ix, members,
            sizeof(members) / sizeof(members[0]), NULL)) {
        read_where(reader, ix, nodes, &one);
        keep(reader, ix, &one);
    }
}
