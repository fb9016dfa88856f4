/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/lookup.h"

#include "text/time.h"

/*
 * pdp-revocations/1: tokens that are not to be believed any more.
 *
 *     {issuer, jti}                      one token
 *     {issuer, subject, issued_before}   what a principal was given earlier
 *     {issuer, kid}                      what a key has signed
 *
 * Each says exactly one of these; anything else is an error.  To be revoked
 * twice is no mistake: lists are put together from several sources; the
 * later moment counts.
 *
 * An issuer that nobody trusts is a warning.  Its tokens are denied anyway;
 * but it may be a typing error, and then a token is not revoked.  It is no
 * error, because the rest of the list would not take effect either.
 *
 * A kid that no key set has needs no entry: nothing it signed verifies.
 */

enum { TEXT_MAX = 1024 };

struct entry_nodes {
    uint32_t issuer, jti, subject, before, kid;
};

/* The issuer's index, or PDP__NONE, which was reported. */
static uint32_t
find_issuer(const struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix)
{
    enum { CANDIDATES_MAX = 32 };
    char hint[PDP__HINT_CAP];
    pdp_str_t known[CANDIDATES_MAX];
    size_t cnt = 0;
    pdp_str_t name = pdp__doc_text(doc, ix);
    uint32_t issuer = pdp__map_get(b, PDP__MAP_ISSUER, name);

    if (issuer != PDP__NONE) {
        return issuer;
    }
    for (uint32_t i = 0; i < b->issuers.cnt && cnt < CANDIDATES_MAX; i++) {
        known[cnt++] = pdp__builder_str(b,
            PDP__ITEM(b, issuers, struct pdp__issuer, i)->issuer);
    }
    PDP__DOC_ADD(doc, UNKNOWN_ISSUER, ix,
        pdp__doc_hint(hint, sizeof(hint), name, known, cnt),
        "issuer \"%.*s\" is not trusted: this revokes nothing", PDP__ARG(name));
    return PDP__NONE;
}

static void
revoke_token(struct pdp__builder *b, uint32_t issuer, pdp_str_t jti)
{
    struct pdp__text text = pdp__builder_text(b, jti);
    uint32_t ix = b->revoked_tokens.cnt;

    if (!pdp__map_put_in(b, PDP__MAP_JTI, issuer, jti, ix)) {
        return; /* it is revoked already */
    }
    struct pdp__revoked_token *item = PDP__NEW(b, revoked_tokens, ix);
    if (item != NULL) {
        *item = (struct pdp__revoked_token){text, issuer};
    }
}

static void
revoke_subject(struct pdp__builder *b, uint32_t issuer, pdp_str_t id,
    int64_t before_sec)
{
    uint32_t ix = pdp__map_get_in(b, PDP__MAP_REVOKED, issuer, id);

    if (ix != PDP__NONE) {
        struct pdp__revoked_subject *known =
            PDP__ITEM(b, revoked_subjects, struct pdp__revoked_subject, ix);
        if (before_sec > known->before_sec) {
            known->before_sec = before_sec;
        }
        return;
    }
    struct pdp__text text = pdp__builder_text(b, id);
    struct pdp__revoked_subject *item = PDP__NEW(b, revoked_subjects, ix);
    if (item != NULL) {
        *item = (struct pdp__revoked_subject){text, issuer, before_sec};
        (void)pdp__map_put_in(b, PDP__MAP_REVOKED, issuer, id, ix);
    }
}

/* Every key of the issuer that is called so. */
static void
revoke_key(struct pdp__builder *b, uint32_t issuer, pdp_str_t kid)
{
    struct pdp__range range =
        PDP__ITEM(b, issuers, struct pdp__issuer, issuer)->keys;

    for (uint32_t i = 0; i < range.cnt; i++) {
        struct pdp__kid *key =
            PDP__ITEM(b, kids, struct pdp__kid, range.first + i);
        if (key->kid.off != 0 &&
            pdp__str_eq(pdp__builder_str(b, key->kid), kid)) {
            key->revoked = 1;
        }
    }
}

static void
read_subject(struct pdp__builder *b, const struct pdp__doc *doc,
    const struct entry_nodes *n, uint32_t issuer)
{
    pdp_str_t text = pdp__doc_text(doc, n->before);
    int64_t before_sec = 0;
    uint32_t nanoseconds = 0;
    bool good = pdp__doc_length(doc, n->subject, "a subject", TEXT_MAX);

    if (!pdp__time_parse(text, &before_sec, &nanoseconds)) {
        PDP__DOC_ADD(doc, BAD_VALUE, n->before,
            "a time such as 2026-11-21T09:30:00Z",
            "\"%.*s\" is no time of RFC 3339", PDP__ARG(text));
        return;
    }
    before_sec += nanoseconds > 0;
    if (good && issuer != PDP__NONE) {
        revoke_subject(b, issuer, pdp__doc_text(doc, n->subject), before_sec);
    }
}

/* Exactly one of the three, and nothing beside it. */
static bool
check_kind(const struct pdp__doc *doc, uint32_t ix)
{
    bool jti = pdp__json_member(&doc->json, ix, PDP__LIT("jti")) != 0;
    bool subject = pdp__json_member(&doc->json, ix, PDP__LIT("subject")) != 0;
    bool before =
        pdp__json_member(&doc->json, ix, PDP__LIT("issued_before")) != 0;
    bool kid = pdp__json_member(&doc->json, ix, PDP__LIT("kid")) != 0;
    int kinds = jti + (subject || before) + kid;

    if (kinds > 1) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix, "write one entry for each",
            "an entry has only one of \"jti\", \"subject\" and \"kid\"");
        return false;
    }
    if (kinds == 0 || subject != before) {
        PDP__DOC_ADD(doc, MISSING_MEMBER, ix, NULL, "member \"%s\" is missing",
            kinds == 0 ? "jti\", \"subject\" or \"kid"
            : subject  ? "issued_before"
                       : "subject");
        return false;
    }
    return true;
}

static void
read_entry(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix)
{
    static const char *const ignored[] = {"note", NULL};
    struct entry_nodes n = {0};
    const struct pdp__member members[] = {
        {"issuer", true, PDP__JSON_STRING, &n.issuer},
        {"jti", false, PDP__JSON_STRING, &n.jti},
        {"subject", false, PDP__JSON_STRING, &n.subject},
        {"issued_before", false, PDP__JSON_STRING, &n.before},
        {"kid", false, PDP__JSON_STRING, &n.kid},
    };

    if (!pdp__doc_object(doc, ix, members, 5, ignored)) {
        return;
    }
    bool good = check_kind(doc, ix);
    uint32_t issuer = n.issuer == 0 ? PDP__NONE : find_issuer(b, doc, n.issuer);
    if (!good) {
        return;
    }
    if (n.jti != 0 && pdp__doc_length(doc, n.jti, "a jti", TEXT_MAX) &&
        issuer != PDP__NONE) {
        revoke_token(b, issuer, pdp__doc_text(doc, n.jti));
    }
    if (n.subject != 0 && n.before != 0) {
        read_subject(b, doc, &n, issuer);
    }
    if (n.kid != 0 && pdp__doc_length(doc, n.kid, "a kid", TEXT_MAX) &&
        issuer != PDP__NONE) {
        revoke_key(b, issuer, pdp__doc_text(doc, n.kid));
    }
}

pdp_status_t
pdp__read_revocations(struct pdp__builder *b, const struct pdp__doc *doc)
{
    uint32_t format = 0;
    uint32_t list = 0;
    const struct pdp__member members[] = {
        {"format", true, PDP__JSON_STRING, &format},
        {"revocations", true, PDP__JSON_ARRAY, &list},
    };

    if (!doc->readable || !pdp__read_format(doc, "pdp-revocations/1") ||
        !pdp__doc_object(doc, 0, members, 2, NULL)) {
        return pdp__read_status(b);
    }
    if (list != 0) {
        PDP__JSON_EACH(&doc->json, list, item)
        {
            read_entry(b, doc, item);
        }
    }
    return pdp__read_status(b);
}
