/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "decide_model.h"
#include "load_check.h"
#include "route_model.h"
#include "sign.h"

#include "../unit/explain_check.h"

/*
 * A whole request, made from structured bytes, so that the target knows what
 * it asked: which method, which images, whose token, what is wrong with it,
 * what it claims.  With decide_model.h it knows the answer, too.
 *
 * Input: one byte for each member of struct plan, in order; whatever follows
 * is pairs (position, value) that overwrite bytes of the target.
 *
 * Without such damage, the reason is exactly the one expected, and the items
 * judged are those of the method.  With it, a request may still be allowed
 * if the token is good and the model grants every item that the decision
 * reports, on a row that fits the path.  In both cases: a token that nobody
 * signed is never verified; effect, reason and status class agree; a second
 * time, with the token now known, and in a worker that knows nothing, the
 * answer is the same.
 */

enum fault {
    FAULT_NONE,
    FAULT_ABSENT,
    FAULT_ROGUE,
    FAULT_EXPIRED,
    FAULT_EARLY,
    FAULT_ISSUED_LATER,
    FAULT_ISSUER,
    FAULT_FLIPPED,
    FAULT_NOBODY,
    FAULT_ACCOUNT_INVALID,
    FAULT_SCOPE,
    FAULT_CUT,
    FAULT_ALG_NONE,
    FAULT_ROLES_TYPE,
    FAULT_KID,
    FAULT_TWICE,
    FAULT_CNT
};

static const pdp_reason_t fault_reasons[FAULT_CNT] = {
    [FAULT_NONE] = PDP_REASON_PERMITTED,
    [FAULT_ABSENT] = PDP_REASON_TOKEN_MISSING,
    [FAULT_ROGUE] = PDP_REASON_SIGNATURE_INVALID,
    [FAULT_EXPIRED] = PDP_REASON_TOKEN_EXPIRED,
    [FAULT_EARLY] = PDP_REASON_TOKEN_NOT_YET_VALID,
    [FAULT_ISSUED_LATER] = PDP_REASON_TOKEN_NOT_YET_VALID,
    [FAULT_ISSUER] = PDP_REASON_ISSUER_UNTRUSTED,
    [FAULT_FLIPPED] = PDP_REASON_SIGNATURE_INVALID,
    [FAULT_NOBODY] = PDP_REASON_CLAIM_INVALID,
    [FAULT_ACCOUNT_INVALID] = PDP_REASON_CLAIM_INVALID,
    [FAULT_SCOPE] = PDP_REASON_SCOPE_MISMATCH,
    [FAULT_CUT] = PDP_REASON_TOKEN_MALFORMED,
    [FAULT_ALG_NONE] = PDP_REASON_ALG_REFUSED,
    [FAULT_ROLES_TYPE] = PDP_REASON_CLAIM_INVALID,
    [FAULT_KID] = PDP_REASON_KEY_UNKNOWN,
    [FAULT_TWICE] = PDP_REASON_TOKEN_MALFORMED,
};

/* One byte each, any value. */
struct plan {
    uint8_t row, name_1, name_2, image_host_1, image_host_2, host, account,
        fault, principal, token_account, roles, actions_low, actions_high,
        groups, policies, headers;
};

static const char *const names[] = {"birds", "fish", "owls"};
static const char *const image_hosts[] = {"us.icr.io", "de.icr.io", "icr.io",
    "icr.example"};
static const char *const image_regions[] = {"us-south", "eu-de", "global",
    NULL}; /* no host of the registry */
static const char *const hosts[] = {NULL, "us.icr.io", "DE.icr.io:443",
    "gateway.example", "us.icr.io:x", "us.icr.io."};
static const char *const host_regions[] = {"?", "us-south", "eu-de", "?", NULL,
    "us-south"}; /* NULL: refused */
static const char *const principals[] = {"IBMid-1", "IBMid-2",
    "iam-ServiceId-3"};
static const char *const accounts[] = {"a", "b"};

#define PICK(table, byte) (table)[(byte) % (sizeof(table) / sizeof((table)[0]))]
#define TEXT_CAP 8192
#define MODEL_ISSUER "https://a.example"

struct request {
    struct plan plan;
    struct grants grants;
    const struct row *row;
    char target[TEXT_CAP];
    size_t target_len;
    bool damaged;
    char *authorization; /* an exact block, or NULL */
    pdp_header_t headers[6];
    pdp_request_t asked; /* what is decided */
};

static void
put(char *out, size_t *len, const char *text)
{
    size_t more = strlen(text);
    MUST(*len + more < TEXT_CAP);
    memcpy(out + *len, text, more + 1);
    *len += more;
}

static void
put_image(char *out, size_t *len, uint8_t host, uint8_t name, const char *slash)
{
    put(out, len, PICK(image_hosts, host));
    put(out, len, slash);
    put(out, len, PICK(names, name));
    put(out, len, slash);
    put(out, len, "nest");
}

static void
make_target(struct request *r)
{
    const struct plan *p = &r->plan;
    const char *from = r->row->path;

    for (; *from != '\0'; from++) {
        char one[2] = {*from, '\0'};
        switch (*from) {
        case 'I':
            put_image(r->target, &r->target_len, p->image_host_1, p->name_1,
                "%2F");
            break;
        case 'J':
            put_image(r->target, &r->target_len, p->image_host_2, p->name_2,
                "%2F");
            break;
        case 'K':
            put_image(r->target, &r->target_len, p->image_host_1, p->name_1,
                "/");
            break;
        case 'L':
            put_image(r->target, &r->target_len, p->image_host_2, p->name_2,
                "%2f");
            break;
        case 'N':
            put(r->target, &r->target_len, PICK(names, p->name_1));
            break;
        default:
            put(r->target, &r->target_len, one);
            break;
        }
    }
}

static void
put_list(char *out, size_t *len, const char *claim, const char *const *items,
    size_t cnt, unsigned bits)
{
    const char *between = "";
    put(out, len, ",\"");
    put(out, len, claim);
    put(out, len, "\":[");
    for (size_t i = 0; i < cnt; i++) {
        if ((bits >> i & 1) != 0) {
            put(out, len, between);
            put(out, len, items[i]);
            between = ",";
        }
    }
    put(out, len, "]");
}

/* What the token claims that it may do. */
static void
put_grants(struct request *r, char *out, size_t *len)
{
    static const char configuration[] =
        "\"crn:v1:bluemix:public:iam::::serviceRole:"
        "ServiceConfigurationReader\"";
    static const char *const roles[] = {"\"Reader\"", "\"Writer\"",
        "\"Manager\"", configuration, "\"Viewer\"", "\"Keeper\""};
    static const char *const groups[] = {"\"AccessGroupId-1\"",
        "\"AccessGroupId-2\""};
    const char *const policies[] = {"\"free\"", inline_reads, inline_denies,
        "\"unknown\""};
    const struct plan *p = &r->plan;
    char actions[ACTION_CNT][64];
    const char *list[ACTION_CNT];
    unsigned action_bits =
        (p->actions_low | (unsigned)p->actions_high << 8) & 0x7FFF;

    if (p->fault % FAULT_CNT == FAULT_ROLES_TYPE) {
        put(out, len, ",\"roles\":\"Manager\"");
    } else {
        put_list(out, len, "roles", roles, 6, p->roles);
        r->grants.roles = p->roles & 15u;
    }
    for (size_t i = 0; i < ACTION_CNT; i++) {
        (void)snprintf(actions[i], sizeof(actions[i]),
            "\"container-registry.%s\"", action_rows[i].name);
        list[i] = actions[i];
    }
    if (p->actions_high < 128) { /* else: no such claim */
        put_list(out, len, "actions", list, ACTION_CNT, action_bits);
        r->grants.actions = action_bits;
    }
    put_list(out, len, "groups", groups, 2, p->groups);
    r->grants.groups = p->groups & 3u;
    if ((p->policies & 15) != 0) {
        put_list(out, len, "policies", policies, 4, p->policies);
        r->grants.refers = (p->policies & 1) != 0;
        r->grants.reads_birds = (p->policies & 2) != 0;
        r->grants.no_writes = (p->policies & 4) != 0;
    }
}

static void
make_token(struct request *r)
{
    enum fault fault = r->plan.fault % FAULT_CNT;
    char *claims = take(TEXT_CAP);
    char *out = take(SIGN_CAP);
    char part[512];
    size_t len = 0;

    r->grants.principal = PICK(principals, r->plan.principal);
    r->grants.account = PICK(accounts, r->plan.token_account);
    (void)snprintf(part, sizeof(part),
        "{\"iss\":\"%s\",\"exp\":%s,\"%s\":\"%s\",\"account\":{\"valid\":%s,"
        "\"bss\":\"%s\",\"frozen\":true},\"scope\":\"ibm openid%s\"%s%s",
        fault == FAULT_ISSUER ? "https://b.example" : MODEL_ISSUER,
        fault == FAULT_EXPIRED ? "1795253400" : "1795253401",
        fault == FAULT_NOBODY ? "sub" : "iam_id", r->grants.principal,
        fault == FAULT_ACCOUNT_INVALID ? "false" : "true", r->grants.account,
        fault == FAULT_SCOPE ? " kms" : "",
        fault == FAULT_EARLY          ? ",\"nbf\":1795253461"
        : fault == FAULT_ISSUED_LATER ? ",\"iat\":1795253460.1"
                                      : ",\"nbf\":1795253460",
        fault == FAULT_TWICE ? ",\"exp\":1795253401" : "");
    put(claims, &len, part);
    put_grants(r, claims, &len);
    put(claims, &len, "}");
    size_t used = sign_token(fault == FAULT_ROGUE ? ROGUE_BYTE : GOOD_BYTE,
        text_of(fault == FAULT_ALG_NONE ? "{\"alg\":\"none\",\"kid\":\"k\"}"
                : fault == FAULT_KID    ? "{\"alg\":\"EdDSA\",\"kid\":\"l\"}"
                                        : "{\"alg\":\"EdDSA\",\"kid\":\"k\"}"),
        (pdp_str_t){claims, len}, out);
    if (fault == FAULT_FLIPPED) {
        /* another character of the signature, not the last one */
        char *c = out + used - 2 - r->plan.headers % 80;
        *c = *c == 'A' ? 'B' : 'A';
    }
    if (fault == FAULT_CUT) {
        used -= 87; /* and the dot */
    }
    if (fault != FAULT_ABSENT) {
        r->authorization = take_copy(out, used);
        r->headers[r->asked.header_cnt++] =
            (pdp_header_t){text_of("Authorization"), {r->authorization, used}};
    }
    free(claims);
    free(out);
}

static void
add_header(struct request *r, const char *name, const char *value)
{
    r->headers[r->asked.header_cnt++] =
        (pdp_header_t){text_of(name), text_of(value)};
}

static void
make_request(struct request *r, const uint8_t *data, size_t size)
{
    size_t known = size < sizeof(r->plan) ? size : sizeof(r->plan);

    memset(r, 0, sizeof(*r));
    memcpy(&r->plan, data, known);
    r->row = &PICK(rows, r->plan.row);
    r->asked = (pdp_request_t){.size = sizeof(r->asked),
        .method = text_of(r->row->method),
        .headers = r->headers,
        .now_sec = FUZZ_NOW};
    make_target(r);
    for (size_t i = known; i + 1 < size; i += 2) {
        char *byte = &r->target[data[i] % r->target_len];
        r->damaged = r->damaged || *byte != (char)data[i + 1];
        *byte = (char)data[i + 1];
    }
    r->asked.target = (pdp_str_t){r->target, r->target_len};
    make_token(r);
    if (PICK(hosts, r->plan.host) != NULL) {
        add_header(r, "host", PICK(hosts, r->plan.host));
    }
    switch (r->plan.account % 4) {
    case 1:
        add_header(r, "Account", r->grants.account);
        break;
    case 2:
        add_header(r, "account", "c");
        break;
    case 3:
        add_header(r, "ACCOUNT", "");
        break;
    default:
        break;
    }
    if (r->plan.headers / 80 == 1) {
        add_header(r, "X-HTTP-Method-Override", "GET");
    } else if (r->plan.headers / 80 == 2) {
        add_header(r, "Host", "us.icr.io");
        add_header(r, "HOST", "us.icr.io");
    }
}

/* The region of an image's host; NULL: refused. */
static const char *
image_region(const struct request *r, uint8_t image_host)
{
    const char *called = PICK(host_regions, r->plan.host);
    const char *region = PICK(image_regions, image_host);

    if (region != NULL && called[0] != '?' && strcmp(called, region) != 0) {
        return NULL;
    }
    return region;
}

/* The attributes of item i.  Whether the image is good has been checked. */
static bool
expected_item(const struct request *r, unsigned i, struct attributes *a)
{
    const char *called = PICK(host_regions, r->plan.host);
    enum origin origin = r->row->needs[i].origin;
    bool account = action_rows[r->row->needs[i].action].account;
    const char *none = origin == NOWHERE && account ? ABSENT : UNKNOWN;

    *a = (struct attributes){r->grants.account, called, none, none, none};
    if (called[0] == '?') {
        a->region = UNKNOWN;
    }
    if (origin == IMAGE_1 || origin == IMAGE_2) {
        a->region = image_region(r,
            origin == IMAGE_1 ? r->plan.image_host_1 : r->plan.image_host_2);
    }
    if (origin == NOWHERE || origin == BODY) {
        return true;
    }
    a->type = "namespace";
    a->resource =
        PICK(names, origin == IMAGE_2 ? r->plan.name_2 : r->plan.name_1);
    return model_owner(a->resource, a->region, a->account, &a->group);
}

/* Whether the method uses an image that is refused, in the path or in the
 * query. */
static bool
bad_image(const struct request *r, bool query)
{
    bool used_1 = strchr(r->row->path, query ? 'K' : 'I') != NULL;
    bool used_2 = strchr(r->row->path, query ? 'L' : 'J') != NULL;

    return (used_1 && image_region(r, r->plan.image_host_1) == NULL) ||
           (used_2 && image_region(r, r->plan.image_host_2) == NULL);
}

static pdp_reason_t
expected_grants(const struct request *r)
{
    struct attributes a[2];
    pdp_reason_t reason = PDP_REASON_PERMITTED;

    for (unsigned i = 0; i < r->row->need_cnt; i++) {
        if (!expected_item(r, i, &a[i])) {
            return PDP_REASON_ACCOUNT_MISMATCH;
        }
    }
    for (unsigned i = 0; i < r->row->need_cnt; i++) {
        enum action action = r->row->needs[i].action;
        if (model_denied(&r->grants, action, &a[i])) {
            return PDP_REASON_EXPLICIT_DENY;
        }
        if (!model_granted(&r->grants, action, &a[i])) {
            reason = PDP_REASON_NO_GRANT;
        }
    }
    return reason;
}

/* The reason, stage by stage, of a request whose target is not damaged. */
static pdp_reason_t
expected(const struct request *r)
{
    enum fault fault = r->plan.fault % FAULT_CNT;

    if (r->plan.headers / 80 == 1) {
        return PDP_REASON_METHOD_OVERRIDE;
    }
    if (r->plan.headers / 80 == 2 || PICK(host_regions, r->plan.host) == NULL ||
        r->plan.account % 4 == 3) {
        return PDP_REASON_AMBIGUOUS_HEADER;
    }
    if (r->row->need_cnt == 0) {
        return r->row->reason;
    }
    if (bad_image(r, false)) {
        return PDP_REASON_BAD_PARAM;
    }
    if (fault != FAULT_NONE && fault != FAULT_SCOPE) {
        return fault_reasons[fault];
    }
    if (r->plan.account % 4 == 2) {
        return PDP_REASON_ACCOUNT_MISMATCH;
    }
    if (fault == FAULT_SCOPE) {
        return PDP_REASON_SCOPE_MISMATCH;
    }
    return bad_image(r, true) ? PDP_REASON_BAD_PARAM : expected_grants(r);
}

static const char *
attribute(const pdp_decision_t *d, size_t item, const char *name, char *buf)
{
    pdp_attribute_t a = {.size = sizeof(a)};

    for (size_t i = 0; pdp_decision_attribute(d, item, i, &a); i++) {
        if (same_text(a.name, text_of(name))) {
            if (a.state != PDP_ATTRIBUTE_KNOWN) {
                return a.state == PDP_ATTRIBUTE_ABSENT ? ABSENT : UNKNOWN;
            }
            MUST(a.value.len < 512);
            memcpy(buf, a.value.ptr, a.value.len);
            buf[a.value.len] = '\0';
            return buf;
        }
    }
    MUST(false); /* each item has all of them */
    return ABSENT;
}

/* Every item that the decision reports is granted by the model, too. */
static void
check_items(const struct request *r, const pdp_decision_t *d)
{
    static char bufs[5][512];
    pdp_required_t item = {.size = sizeof(item)};
    size_t cnt = pdp_decision_required_cnt(d);

    MUST(cnt > 0 && (r->damaged || cnt == r->row->need_cnt));
    for (size_t i = 0; i < cnt; i++) {
        unsigned action = 0;
        char name[64] = "";
        MUST(pdp_decision_required(d, i, &item));
        MUST(item.granted && !item.denied && item.by_cnt > 0);
        for (; action < ACTION_CNT; action++) {
            (void)snprintf(name, sizeof(name), "container-registry.%s",
                action_rows[action].name);
            if (same_text(item.action, text_of(name))) {
                break;
            }
        }
        MUST(action < ACTION_CNT);
        struct attributes got = {
            attribute(d, i, "accountId", bufs[0]),
            attribute(d, i, "region", bufs[1]),
            attribute(d, i, "resourceType", bufs[2]),
            attribute(d, i, "resource", bufs[3]),
            attribute(d, i, "resourceGroupId", bufs[4]),
        };
        MUST(model_granted(&r->grants, action, &got));
        MUST(!model_denied(&r->grants, action, &got));
        MUST(strcmp(got.account, r->grants.account) == 0);
        if (!r->damaged) {
            struct attributes wanted;
            MUST(action == r->row->needs[i].action);
            MUST(expected_item(r, (unsigned)i, &wanted));
            MUST(strcmp(got.region, wanted.region) == 0);
            MUST(strcmp(got.type, wanted.type) == 0);
            MUST(strcmp(got.resource, wanted.resource) == 0);
            MUST(strcmp(got.group, wanted.group) == 0);
        }
    }
}

static void
check_decision(const struct request *r, const pdp_decision_t *d)
{
    pdp_token_info_t token = {.size = sizeof(token)};
    pdp_principal_t who = {.size = sizeof(who)};
    enum fault fault = r->plan.fault % FAULT_CNT;
    pdp_reason_t reason = pdp_decision_reason(d);
    bool allowed = pdp_decision_effect(d) == PDP_EFFECT_ALLOW;
    bool unsigned_token =
        pdp_reason_status(fault_reasons[fault]) == 401 &&
        fault != FAULT_EXPIRED && fault != FAULT_EARLY &&
        fault != FAULT_ISSUED_LATER && fault != FAULT_NOBODY &&
        fault != FAULT_ACCOUNT_INVALID && fault != FAULT_ROLES_TYPE;

    MUST(reason > PDP_REASON_INTERNAL && (int)reason < PDP_REASON_COUNT);
    MUST(allowed == pdp_reason_allows(reason));
    MUST(allowed == (pdp_reason_status(reason) == 200));
    MUST(reason != PDP_REASON_AUTHENTICATED); /* no such row */
    MUST(!unsigned_token || !pdp_decision_token(d, &token));
    if (!r->damaged) {
        MUST(reason == expected(r));
    }
    if (reason == PDP_REASON_PUBLIC) {
        MUST(same_text(pdp_decision_route(d), text_of("/api/v1/messages")) ||
             same_text(pdp_decision_route(d),
                 text_of("/va/api/v4/exempt/types")));
        MUST(!pdp_decision_principal(d, &who));
    }
    if (allowed) {
        MUST(fits(pdp_decision_route(d), pdp_decision_path(d)));
        MUST(r->plan.headers / 80 == 0 || r->plan.headers / 80 == 3);
    }
    if (reason == PDP_REASON_PERMITTED) {
        MUST(fault == FAULT_NONE && r->plan.account % 4 < 2);
        MUST(pdp_decision_token(d, &token) && token.verified);
        MUST(pdp_decision_principal(d, &who));
        MUST(same_text(who.id, text_of(r->grants.principal)));
        MUST(same_text(who.account, text_of(r->grants.account)));
        MUST(same_text(pdp_decision_account(d), who.account));
        MUST(pdp_decision_missing_cnt(d) == 0);
        MUST(pdp_decision_cache_max_age_sec(d) <= 1); /* exp */
        check_items(r, d);
    }
}

static pdp_worker_t *
make_worker(void)
{
    static const char trust[] =
        "{\"format\":\"pdp-trust/1\",\"issuers\":[{\"issuer\":\"" MODEL_ISSUER
        "\",\"keys\":{\"file\":\"k\"},\"algorithms\":[\"EdDSA\"],"
        "\"audiences\":\"none\",\"typ\":\"none\"}]}";
    struct added added = {0};

    MUST(pdp_loader_new(NULL, &added.loader) == PDP_OK);
    add(&added, PDP_SOURCE_TRUST, text_of("t"), text_of(trust));
    add(&added, PDP_SOURCE_JWKS, text_of("k"), text_of(good_keys()));
    add(&added, PDP_SOURCE_POLICIES, text_of("p"), text_of(decide_policies));
    add(&added, PDP_SOURCE_DIRECTORY, text_of("d"), text_of(decide_directory));
    return build_worker(&added);
}

/* Both workers live as long as the process; the second one is given each
 * request once, after others, so that its cache holds other tokens. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static pdp_worker_t *workers[2];
    static struct request r;
    const pdp_decision_t *d = NULL;
    pdp_reason_t reason = PDP_REASON_INTERNAL;

    for (size_t i = 0; i < 2; i++) {
        if (workers[i] == NULL) {
            workers[i] = make_worker();
        }
    }
    make_request(&r, size == 0 ? (const uint8_t *)"" : data, size);
    char *target = take_copy(r.target, r.target_len);
    r.asked.target.ptr = target;
    for (size_t i = 0; i < 3; i++) {
        MUST(pdp_decide(workers[i / 2], &r.asked, &d) == PDP_OK);
        check_decision(&r, d);
        MUST(explain_and_check(workers[i / 2], d) == NULL);
        MUST(i == 0 || pdp_decision_reason(d) == reason);
        reason = pdp_decision_reason(d);
    }
    free(target);
    free(r.authorization);
    return 0;
}
