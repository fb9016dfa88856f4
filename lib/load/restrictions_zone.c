/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/restrictions.h"

/*
 * A network zone: addresses, and those of them that are excluded.
 *
 *     ipAddress, ipRange, subnet   of IPv4 and IPv6
 *     vpc, instance, serviceRef    known, and never matched: what network a
 *                                  request comes from is not in the request
 *
 * A zone that lacks an address lets fewer through; one that lacks an
 * excluded address lets more through.  So `excluded_count` and
 * `address_count`, which the API gives beside the lists, must agree with
 * them: a listing shows the first few addresses of each zone only.
 */

struct zone_nodes {
    uint32_t id, account, addresses, excluded, address_cnt, excluded_cnt;
};

static const char whole_zones[] =
    "export each zone by itself (GET /v1/zones/ID): a listing shows some "
    "addresses only";

static const char *const ignored[] = {"crn", "name", "description", "href",
    "created_at", "created_by_id", "last_modified_at", "last_modified_by_id",
    NULL};
static const char *const kinds[] = {"ipAddress", "ipRange", "subnet", "vpc",
    "instance", "serviceRef", NULL};

enum { IP_ADDRESS = 0, IP_RANGE, SUBNET, VPC, INSTANCE, SERVICE_REF };

static bool
parse(int kind, pdp_str_t text, bool *v6, struct pdp__ip_span *span)
{
    struct pdp__ip ip;

    if (kind == IP_RANGE) {
        return pdp__ip_range(text, v6, span);
    }
    if (kind == SUBNET) {
        return pdp__ip_subnet(text, v6, span);
    }
    if (!pdp__ip_parse(text, &ip)) {
        return false;
    }
    *v6 = ip.v6;
    *span = (struct pdp__ip_span){ip.bits, ip.bits};
    return true;
}

static void
read_value(const struct pdp__doc *doc, uint32_t ix, int kind,
    struct pdp__address_list *out)
{
    static const char *const hints[] = {
        "such as 192.0.2.1 or 2001:db8::1",
        "such as 192.0.2.1-192.0.2.9, of one family",
        "such as 192.0.2.0/24 or 2001:db8::/32",
    };
    struct pdp__ip_span span;
    bool v6 = false;

    if (!parse(kind, pdp__doc_text(doc, ix), &v6, &span)) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix, hints[kind], "\"%.*s\" is no %s",
            PDP__ARG(pdp__doc_text(doc, ix)), kinds[kind]);
        return;
    }
    struct pdp__span_list *list = v6 ? &out->v6 : &out->v4;
    list->items[list->cnt++] = span;
}

/* Which service a serviceRef means is of no interest; its form is. */
static void
read_ref(const struct pdp__doc *doc, uint32_t ix)
{
    static const char *const known[] = {"account_id", "service_type",
        "service_name", "service_instance", "location", NULL};

    (void)pdp__doc_object(doc, ix, NULL, 0, known);
}

static int
find_kind(const struct pdp__doc *doc, uint32_t ix, bool excluded)
{
    char hint[PDP__HINT_CAP];
    pdp_str_t text = pdp__doc_text(doc, ix);

    for (int i = 0; kinds[i] != NULL && !(excluded && i > SUBNET); i++) {
        if (pdp__str_eq(text, pdp__str_z(kinds[i]))) {
            return i;
        }
    }
    PDP__DOC_ADD(doc, BAD_VALUE, ix,
        excluded ? "ipAddress, ipRange and subnet can"
                 : pdp__hint_name(hint, sizeof(hint), text, kinds),
        excluded ? "an address of type \"%.*s\" cannot be excluded"
                 : "\"%.*s\" is no type of address",
        PDP__ARG(text));
    return -1;
}

static void
read_address(const struct pdp__doc *doc, uint32_t ix, bool excluded,
    struct pdp__address_list *out)
{
    uint32_t type = 0;
    uint32_t value = 0;
    uint32_t ref = 0;
    const struct pdp__member members[] = {
        {"type", true, PDP__JSON_STRING, &type},
        {"value", false, PDP__JSON_STRING, &value},
        {"ref", false, PDP__JSON_OBJECT, &ref},
    };

    if (!pdp__doc_object(doc, ix, members, 3, NULL) || type == 0) {
        return;
    }
    int kind = find_kind(doc, type, excluded);
    uint32_t needed = kind == SERVICE_REF ? ref : value;
    uint32_t other = kind == SERVICE_REF ? value : ref;
    if (kind < 0) {
        return;
    }
    if (other != 0) {
        PDP__DOC_ADD(doc, BAD_VALUE, other, NULL,
            "an address of type \"%s\" has no such member", kinds[kind]);
    }
    if (needed == 0) {
        const char *name = kind == SERVICE_REF ? "ref" : "value";
        if (pdp__json_member(&doc->json, ix, pdp__str_z(name)) == 0) {
            PDP__DOC_ADD(doc, MISSING_MEMBER, ix, NULL,
                "member \"%s\" is missing", name);
        }
        return;
    }
    if (kind <= SUBNET) {
        read_value(doc, value, kind, out);
        return;
    }
    out->foreign++;
    if (kind == SERVICE_REF) {
        read_ref(doc, ref);
    }
}

/* One list, or 0; cnt: the member that says how many there are, or 0. */
static void
read_list(const struct pdp__doc *doc, uint32_t list, uint32_t cnt,
    bool excluded, struct pdp__address_list *out)
{
    uint32_t items = list == 0 ? 0 : doc->json.nodes[list].cnt;
    int64_t wanted = items;

    out->v4.cnt = 0;
    out->v6.cnt = 0;
    out->foreign = 0;
    if (cnt != 0 &&
        (!pdp__json_int(&doc->json, cnt, &wanted) || wanted != items)) {
        PDP__DOC_ADD(doc, BAD_VALUE, cnt, whole_zones,
            "there are %u in the list", (unsigned)items);
    }
    if (items > PDP__ADDRESSES_MAX) {
        PDP__DOC_ADD(doc, LIMIT, list, NULL, "more than %d addresses",
            (int)PDP__ADDRESSES_MAX);
        return;
    }
    if (list != 0) {
        PDP__JSON_EACH(&doc->json, list, item)
        {
            read_address(doc, item, excluded, out);
        }
    }
}

/* How many zones an account has; this one is in the table. */
static void
check_limit(const struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix, uint32_t account)
{
    uint32_t cnt = ++PDP__VEC_AT(&b->zone_counts, struct pdp__pair, account)->b;

    if (cnt == PDP__ZONES_MAX + 1) {
        PDP__DOC_ADD(doc, LIMIT, ix, NULL, "more than %d zones of one account",
            (int)PDP__ZONES_MAX);
    }
}

/* The account's item of `zone_counts`; PDP__NONE: no memory.  In the map of
 * the accounts with rules, these have keys of their own. */
static uint32_t
find_account(struct pdp__builder *b, pdp_str_t id)
{
    uint32_t ix = pdp__map_get_in(b, PDP__MAP_ACCOUNT, 0, id);

    if (ix != PDP__NONE) {
        return ix;
    }
    struct pdp__pair *item =
        pdp__builder_push(b, &b->zone_counts, sizeof(*item), &ix);
    return item != NULL && pdp__map_put_in(b, PDP__MAP_ACCOUNT, 0, id, ix)
               ? ix
               : PDP__NONE;
}

/* The spans of the zone that is called id. */
static void
add_zone(struct pdp__restrictions_reader *r, pdp_str_t id)
{
    struct pdp__builder *b = r->b;
    uint32_t ix = 0;

    pdp__spans_merge(&r->in.v4);
    pdp__spans_merge(&r->in.v6);
    pdp__spans_merge(&r->out.v4);
    pdp__spans_merge(&r->out.v6);
    struct pdp__zone zone = {
        .id = pdp__builder_text(b, id),
        .v4 = pdp__spans_build(b, &r->in.v4, &r->out.v4),
        .v6 = pdp__spans_build(b, &r->in.v6, &r->out.v6),
    };
    struct pdp__zone *item = PDP__NEW(b, zones, ix);
    if (item != NULL) {
        *item = zone;
    }
}

static void
check_names(struct pdp__restrictions_reader *r, uint32_t ix,
    const struct zone_nodes *n)
{
    const struct pdp__doc *doc = r->doc;

    if (n->id != 0 &&
        pdp__doc_length(doc, n->id, "an id", PDP__RESTRICTION_ID_MAX) &&
        !pdp__map_put(r->b, PDP__MAP_ZONE, pdp__doc_text(doc, n->id),
            r->b->zones.cnt) &&
        !r->b->failed) {
        PDP__DOC_ADD(doc, DUPLICATE_NAME, n->id, NULL,
            "another zone has the id \"%.*s\"",
            PDP__ARG(pdp__doc_text(doc, n->id)));
    }
    if (n->account != 0 && pdp__doc_length(doc, n->account, "an account",
                               PDP__RESTRICTION_ID_MAX)) {
        uint32_t account = find_account(r->b, pdp__doc_text(doc, n->account));
        if (account != PDP__NONE) {
            check_limit(r->b, doc, ix, account);
        }
    }
}

static void
note_foreign(const struct pdp__doc *doc, uint32_t ix, uint32_t cnt)
{
    if (cnt > 0) {
        PDP__DOC_ADD(doc, FOREIGN_ADDRESS, ix, NULL,
            "%u of the types vpc, instance and serviceRef, which match nothing "
            "here%s",
            (unsigned)cnt,
            cnt == doc->json.nodes[ix].cnt ? ": the zone is empty" : "");
    }
}

void
pdp__restrictions_zone(struct pdp__restrictions_reader *r, uint32_t ix)
{
    const struct pdp__doc *doc = r->doc;
    struct zone_nodes n = {0};
    const struct pdp__member members[] = {
        {"id", true, PDP__JSON_STRING, &n.id},
        {"account_id", true, PDP__JSON_STRING, &n.account},
        {"addresses", true, PDP__JSON_ARRAY, &n.addresses},
        {"excluded", false, PDP__JSON_ARRAY, &n.excluded},
        {"address_count", false, PDP__JSON_NUMBER, &n.address_cnt},
        {"excluded_count", false, PDP__JSON_NUMBER, &n.excluded_cnt},
    };
    size_t errors = pdp_report_errors(doc->report);

    uint32_t preview =
        pdp__json_member(&doc->json, ix, PDP__LIT("addresses_preview"));
    if (preview != 0) {
        pdp__report_add(doc->report, PDP__CODE_UNKNOWN_MEMBER,
            pdp__doc_place_key(doc, preview), whole_zones,
            "a zone as in the listing of zones, with a preview of its "
            "addresses only");
        return;
    }
    if (!pdp__doc_object(doc, ix, members, 6, ignored)) {
        return;
    }
    check_names(r, ix, &n);
    if (n.addresses != 0) {
        if (doc->json.nodes[n.addresses].cnt == 0) {
            PDP__DOC_ADD(doc, EMPTY, n.addresses, NULL,
                "a zone without addresses");
        }
        read_list(doc, n.addresses, n.address_cnt, false, &r->in);
        note_foreign(doc, n.addresses, r->in.foreign);
    }
    read_list(doc, n.excluded, n.excluded_cnt, true, &r->out);
    if (pdp_report_errors(doc->report) == errors && !r->b->failed) {
        add_zone(r, pdp__doc_text(doc, n.id));
    }
}
