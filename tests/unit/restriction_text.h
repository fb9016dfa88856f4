/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_RESTRICTION_TEXT_H
#define PDP_TESTS_RESTRICTION_TEXT_H

/* For tests of restrictions: zones and rules as text.  Include after
 * read_util.h. */

#define ADDRESS(type, value) "{'type':'" type "','value':'" value "'}"
#define ZONE(more) "{'id':'z','account_id':'a'," more "}"
#define ADDRESSES(list) ZONE("'addresses':[" list "]")
#define NAMED(name, value) "{'name':'" name "','value':'" value "'}"
#define OF_BIRDS NAMED("accountId", "a") "," NAMED("serviceName", "birds")
#define ON(attributes) "'resources':[{'attributes':[" attributes "]}]"
#define FROM(attributes) "'contexts':[{'attributes':[" attributes "]}]"
#define PRIVATE FROM(NAMED("endpointType", "private"))
#define RULE(parts) "{'id':'r'," parts "}"
#define GOOD_ZONE ADDRESSES(ADDRESS("ipAddress", "192.0.2.1"))

/* Reads a document and finds the zones, as the loader does. */
static READ_UNUSED pdp_status_t
read_linked(struct pdp__builder *b, const struct pdp__doc *doc)
{
    PDP_TRY(pdp__read_restrictions(b, doc));
    pdp__link_zones(b);
    return b->failed ? PDP_E_NOMEM : PDP_OK;
}

static READ_UNUSED void
read_good(struct bench *bench, const char *text)
{
    bench_init(bench);
    assert_int_equal(run(bench, read_linked, SOURCE_NAME, text), PDP_OK);
    assert_findings(bench, 0);
}

#endif
