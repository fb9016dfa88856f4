/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/trust.h"

/*
 * pdp-trust/1: which issuers are believed, and how far.
 *
 * The document says what a token must look like before its signature is
 * worth anything: algorithms (RFC 8725 3.1: the verifier decides, never the
 * token), audiences (3.9), type (3.11), leeways and where the claims stand.
 * For issuers other than IBM Cloud IAM these must be written, `"none"`
 * included, so that no check is missing by accident.
 *
 * Invariant: issuers are unique, and every issuer has exactly one entry in
 * `key_files`; its keys are added by the JWKS reader, which comes later.
 *
 * Nothing is opened or fetched here: `keys.file` is the name of another
 * source, `keys.url` is for the fetcher and only checked for its form.
 */

static const char ibm_issuer[] = "https://iam.cloud.ibm.com/identity";

enum { LEEWAY_DEFAULT_SEC = 60 };

/* The nodes of one issuer object; 0: absent or mistyped. */
struct issuer_nodes {
    uint32_t issuer, keys, claims, account, policy_claims;
    struct pdp__trust_nodes checks;
};

static bool
is_ibm(pdp_str_t issuer)
{
    return pdp__str_eq(issuer, pdp__str_z(ibm_issuer));
}

/*
 * Names of key sets are relative to the document that gives them, but key
 * sets are told apart by name only.  The same name in two documents may mean
 * two files, and then the holder of one issuer's key could sign for the
 * other one.
 */
static void
check_other_documents(const struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t file)
{
    pdp_str_t name = pdp__doc_text(doc, file);
    struct pdp__place here = pdp__doc_place(doc, file);

    for (uint32_t i = 0; i < b->key_files.cnt; i++) {
        const struct pdp__key_file *other =
            PDP__VEC_AT(&b->key_files, struct pdp__key_file, i);
        if (other->place.source.ptr != here.source.ptr &&
            pdp__str_eq(other->file, name) &&
            !pdp__str_starts(name, PDP__LIT("/"))) {
            PDP__DOC_ADD(doc, DUPLICATE_NAME, file,
                "give the two files different names",
                "another trust document names a key set \"%.*s\", too",
                PDP__ARG(name));
            return;
        }
    }
}

/*
 * https, or http and a name of this machine: nobody in between could swap
 * the keys.  The whole authority is compared, so no "http://localhost@host"
 * and no "http://localhost.host" passes.
 */
static bool
is_fetched_safely(pdp_str_t url)
{
    static const pdp_str_t here[] = {
        PDP__LIT_INIT("127.0.0.1"),
        PDP__LIT_INIT("[::1]"),
        PDP__LIT_INIT("localhost"),
    };

    if (!pdp__str_starts(url, PDP__LIT("http://"))) {
        return pdp__str_starts(url, PDP__LIT("https://"));
    }
    pdp_str_t rest = pdp__str_from(url, 7);
    for (size_t i = 0; i < sizeof(here) / sizeof(here[0]); i++) {
        if (!pdp__str_starts(rest, here[i])) {
            continue;
        }
        size_t at = here[i].len;
        if (at < rest.len && rest.ptr[at] == ':') {
            at++;
            while (
                at < rest.len && rest.ptr[at] >= '0' && rest.ptr[at] <= '9') {
                at++;
            }
        }
        return at == rest.len || rest.ptr[at] == '/';
    }
    return false;
}

static void
read_key_file(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix,
    uint32_t issuer)
{
    uint32_t file = 0;
    uint32_t url = 0;
    uint32_t entry_ix = 0;
    const struct pdp__member members[] = {
        {"file", true, PDP__JSON_STRING, &file},
        {"url", false, PDP__JSON_STRING, &url},
    };

    if (!pdp__doc_object(doc, ix, members, 2, NULL)) {
        return;
    }
    if (url != 0 && pdp__trust_text(doc, url, "\"url\"") &&
        !is_fetched_safely(pdp__doc_text(doc, url))) {
        PDP__DOC_ADD(doc, BAD_VALUE, url, NULL,
            "keys are fetched over https:// only, unless this machine has "
            "them");
    }
    if (file == 0) {
        return;
    }
    if (pdp__doc_text(doc, file).len == 0) {
        PDP__DOC_ADD(doc, BAD_VALUE, file, NULL, "\"file\" is empty");
        return;
    }
    check_other_documents(b, doc, file);
    struct pdp__key_file *entry =
        pdp__builder_push(b, &b->key_files, sizeof(*entry), &entry_ix);
    if (entry != NULL) {
        entry->file = pdp__doc_text(doc, file);
        entry->issuer = issuer;
        entry->place = pdp__doc_place(doc, file);
    }
}

static void
read_account(struct pdp__builder *b, const struct pdp__doc *doc,
    const struct issuer_nodes *n, struct pdp__issuer *issuer)
{
    if (n->account != 0 && pdp__trust_text(doc, n->account, "\"account\"")) {
        issuer->account = pdp__builder_text(b, pdp__doc_text(doc, n->account));
    }
    if (n->claims != 0) {
        uint32_t claim =
            pdp__json_member(&doc->json, n->claims, PDP__LIT("account"));
        if (n->account != 0 && claim != 0) {
            PDP__DOC_ADD(doc, BAD_VALUE, n->account, NULL,
                "a fixed \"account\" and a claim for it exclude each other");
        }
    }
}

static void
read_policy_claims(const struct pdp__doc *doc, uint32_t ix,
    struct pdp__issuer *issuer)
{
    static const char *const words[] = {"accept", "ignore", NULL};
    char hint[PDP__HINT_CAP];
    pdp_str_t text = pdp__doc_text(doc, ix);

    if (pdp__str_eq(text, pdp__str_z(words[1]))) {
        issuer->policy_claims = 0;
    } else if (!pdp__str_eq(text, pdp__str_z(words[0]))) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix,
            pdp__hint_name(hint, sizeof(hint), text, words),
            "\"policy_claims\" is \"accept\" or \"ignore\"");
    }
}

/* What an issuer is until its object says otherwise. */
static struct pdp__issuer
defaults(bool ibm)
{
    return (struct pdp__issuer){
        .audience_none = ibm,
        .algs = ibm ? PDP__ALG_BIT(PDP__ALG_RS256) : 0,
        .leeway_nbf_sec = LEEWAY_DEFAULT_SEC,
        .leeway_iat_sec = LEEWAY_DEFAULT_SEC,
        .policy_claims = 1,
    };
}

static void
read_issuer(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix)
{
    struct issuer_nodes n = {0};
    const struct pdp__member members[] = {
        {"issuer", true, PDP__JSON_STRING, &n.issuer},
        {"keys", true, PDP__JSON_OBJECT, &n.keys},
        {"algorithms", false, PDP__JSON_ARRAY, &n.checks.algorithms},
        {"audiences", false, -1, &n.checks.audiences},
        {"typ", false, PDP__JSON_STRING, &n.checks.typ},
        {"leeway", false, PDP__JSON_OBJECT, &n.checks.leeway},
        {"claims", false, PDP__JSON_OBJECT, &n.claims},
        {"account", false, PDP__JSON_STRING, &n.account},
        {"policy_claims", false, PDP__JSON_STRING, &n.policy_claims},
    };
    uint32_t issuer_ix = b->issuers.cnt;

    if (!pdp__doc_object(doc, ix, members, sizeof(members) / sizeof(members[0]),
            NULL)) {
        return;
    }
    pdp_str_t name =
        n.issuer == 0 ? PDP__LIT("") : pdp__doc_text(doc, n.issuer);
    /* Without a name, what it may leave out cannot be told. */
    bool ibm = n.issuer == 0 || is_ibm(name);
    struct pdp__issuer issuer = defaults(ibm);
    if (n.issuer != 0 && pdp__trust_text(doc, n.issuer, "\"issuer\"") &&
        !pdp__map_put(b, PDP__MAP_ISSUER, name, issuer_ix)) {
        PDP__DOC_ADD(doc, DUPLICATE_NAME, n.issuer, NULL,
            "issuer \"%.*s\" is listed twice", PDP__ARG(name));
    }
    issuer.issuer = pdp__builder_text(b, name);
    pdp__trust_checks(b, doc, ix, &n.checks, ibm, &issuer);
    read_account(b, doc, &n, &issuer);
    pdp__trust_claims(b, doc, n.claims, &issuer);
    if (n.policy_claims != 0) {
        read_policy_claims(doc, n.policy_claims, &issuer);
    }
    if (n.keys != 0) {
        read_key_file(b, doc, n.keys, issuer_ix);
    }
    struct pdp__issuer *item = PDP__NEW(b, issuers, issuer_ix);
    if (item != NULL) {
        *item = issuer;
    }
}

pdp_status_t
pdp__read_trust(struct pdp__builder *b, const struct pdp__doc *doc)
{
    uint32_t format = 0;
    uint32_t issuers = 0;
    const struct pdp__member members[] = {
        {"format", true, PDP__JSON_STRING, &format},
        {"issuers", true, PDP__JSON_ARRAY, &issuers},
    };

    if (!doc->readable || !pdp__read_format(doc, "pdp-trust/1") ||
        !pdp__doc_object(doc, 0, members, 2, NULL)) {
        return pdp__read_status(b);
    }
    if (issuers != 0) {
        if (doc->json.nodes[issuers].cnt == 0) {
            PDP__DOC_ADD(doc, EMPTY, issuers, NULL, "no issuer is listed");
        }
        PDP__JSON_EACH(&doc->json, issuers, item)
        {
            read_issuer(b, doc, item);
        }
    }
    return pdp__read_status(b);
}

pdp_status_t
pdp__default_trust(struct pdp__builder *b)
{
    uint32_t ix = 0;
    uint32_t file_ix = 0;
    struct pdp__issuer issuer = defaults(true);

    issuer.issuer = pdp__builder_text(b, pdp__str_z(ibm_issuer));
    pdp__trust_claims(b, NULL, 0, &issuer);
    struct pdp__issuer *item = PDP__NEW(b, issuers, ix);
    struct pdp__key_file *file =
        pdp__builder_push(b, &b->key_files, sizeof(*file), &file_ix);
    if (item == NULL || file == NULL) {
        return PDP_E_NOMEM;
    }
    *item = issuer;
    file->issuer = ix; /* file stays absent: any key set */
    (void)pdp__map_put(b, PDP__MAP_ISSUER, pdp__str_z(ibm_issuer), ix);
    return pdp__read_status(b);
}
