/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/trust.h"

/*
 * How the tokens of one issuer are checked: algorithms, audiences, type and
 * leeways of pdp-trust/1.
 *
 * What is stored is what the token stage compares with, byte for byte: a
 * set of algorithm bits, the audiences as written, the type in lower case
 * and without `application/`.  Nothing here can be switched off by leaving
 * it out, except for the one issuer whose tokens are documented.
 *
 * RFC 8725 3.1 (algorithms), 3.9 (audience), 3.11 (explicit typing);
 * RFC 7515 4.1.9 (typ).
 */

enum { TEXT_MAX = 1024, AUDIENCES_MAX = 16, LEEWAY_MAX_SEC = 300 };

bool
pdp__trust_text(const struct pdp__doc *doc, uint32_t ix, const char *what)
{
    pdp_str_t text = pdp__doc_text(doc, ix);
    bool good = text.len > 0 && text.len <= TEXT_MAX;

    for (size_t i = 0; good && i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        good = c > 0x20 && c != 0x7F;
    }
    if (!good) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix, NULL,
            "%s must be 1 to %d bytes without blanks", what, (int)TEXT_MAX);
    }
    return good;
}

/* A member that only the IBM issuer may leave out. */
static void
need(const struct pdp__doc *doc, uint32_t object, bool ibm, const char *name,
    const char *hint)
{
    if (!ibm && pdp__json_member(&doc->json, object, pdp__str_z(name)) == 0) {
        PDP__DOC_ADD(doc, MISSING_MEMBER, object, hint,
            "member \"%s\" is missing: only IBM's issuer has a default", name);
    }
}

static void
refuse_algorithm(const struct pdp__doc *doc, uint32_t ix, pdp_str_t name)
{
    char buf[PDP__HINT_CAP];
    pdp_str_t names[PDP__ALG_COUNT];
    size_t cnt = 0;

    for (int alg = PDP__ALG_NONE + 1; alg < PDP__ALG_COUNT; alg++) {
        names[cnt++] = pdp__str_z(pdp__alg_name((enum pdp__alg)alg));
    }
    const char *hint = pdp__doc_hint(buf, sizeof(buf), name, names, cnt);
    if (name.len >= 2 &&
        pdp__str_eq_nocase(pdp__str(name.ptr, 2), PDP__LIT("HS"))) {
        hint = "whoever can check an HMAC can also make one, and a public key "
               "must never serve as its secret";
    } else if (pdp__str_eq_nocase(name, PDP__LIT("none"))) {
        hint = "a token without a signature proves nothing";
    }
    PDP__DOC_ADD(doc, BAD_VALUE, ix, hint,
        "algorithm \"%.*s\" is not one that can be trusted", PDP__ARG(name));
}

static uint32_t
read_algorithms(const struct pdp__doc *doc, uint32_t ix)
{
    uint32_t algs = 0;

    if (doc->json.nodes[ix].cnt == 0) {
        PDP__DOC_ADD(doc, EMPTY, ix, NULL, "no algorithm is listed");
    }
    PDP__JSON_EACH(&doc->json, ix, item)
    {
        if (!pdp__doc_is(doc, item, PDP__JSON_STRING)) {
            continue;
        }
        pdp_str_t name = pdp__doc_text(doc, item);
        enum pdp__alg alg = pdp__alg_find(name);
        if (alg == PDP__ALG_NONE) {
            refuse_algorithm(doc, item, name);
        } else if ((algs & PDP__ALG_BIT(alg)) != 0) {
            PDP__DOC_ADD(doc, DUPLICATE_NAME, item, NULL,
                "algorithm \"%.*s\" is listed twice", PDP__ARG(name));
        } else {
            algs |= PDP__ALG_BIT(alg);
        }
    }
    return algs;
}

static bool
listed_before(const struct pdp__doc *doc, uint32_t array, uint32_t item)
{
    pdp_str_t text = pdp__doc_text(doc, item);

    PDP__JSON_EACH(&doc->json, array, other)
    {
        if (other >= item) {
            break;
        }
        if (pdp__json_is(&doc->json, other, PDP__JSON_STRING) &&
            pdp__str_eq(pdp__doc_text(doc, other), text)) {
            return true;
        }
    }
    return false;
}

/* "none", or an array of one to sixteen audiences. */
static void
read_audiences(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix,
    struct pdp__issuer *issuer)
{
    if (pdp__json_is(&doc->json, ix, PDP__JSON_STRING) &&
        pdp__str_eq(pdp__doc_text(doc, ix), PDP__LIT("none"))) {
        issuer->audience_none = 1;
        return;
    }
    if (!pdp__json_is(&doc->json, ix, PDP__JSON_ARRAY)) {
        PDP__DOC_ADD(doc, WRONG_TYPE, ix, NULL,
            "\"audiences\" must be an array of strings, or \"none\"");
        return;
    }
    uint32_t cnt = doc->json.nodes[ix].cnt;
    if (cnt == 0) {
        PDP__DOC_ADD(doc, EMPTY, ix,
            "\"none\" switches the check off; an empty list refuses everything",
            "no audience is listed");
    }
    if (cnt > AUDIENCES_MAX) {
        PDP__DOC_ADD(doc, LIMIT, ix, NULL, "more than %d audiences",
            (int)AUDIENCES_MAX);
        return;
    }
    PDP__JSON_EACH(&doc->json, ix, item)
    {
        if (!pdp__doc_is(doc, item, PDP__JSON_STRING) ||
            !pdp__trust_text(doc, item, "an audience")) {
            continue;
        }
        if (listed_before(doc, ix, item)) {
            PDP__DOC_ADD(doc, DUPLICATE_NAME, item, NULL,
                "audience \"%.*s\" is listed twice",
                PDP__ARG(pdp__doc_text(doc, item)));
            continue;
        }
        pdp__range_add(b, &issuer->audiences, pdp__doc_text(doc, item));
    }
}

/* RFC 7515 4.1.9: media types, compared without case, and `application/`
 * may be left out; kept in lower case and without it. */
static void
read_typ(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix,
    struct pdp__issuer *issuer)
{
    const pdp_str_t prefix = PDP__LIT("application/");
    char lower[128];
    pdp_str_t text = pdp__doc_text(doc, ix);

    if (pdp__str_eq(text, PDP__LIT("none"))) {
        return;
    }
    if (pdp__str_eq_nocase(text, PDP__LIT("none"))) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix, "did you mean \"none\"?",
            "\"typ\" is \"none\" or a type such as \"at+jwt\"");
        return;
    }
    if (!pdp__trust_text(doc, ix, "\"typ\"")) {
        return;
    }
    if (text.len > prefix.len &&
        pdp__str_eq_nocase(pdp__str(text.ptr, prefix.len), prefix)) {
        text = pdp__str_from(text, prefix.len);
    }
    if (text.len > sizeof(lower)) {
        PDP__DOC_ADD(doc, LIMIT, ix, NULL, "\"typ\" is longer than %zu bytes",
            sizeof(lower));
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        lower[i] = pdp__lower(text.ptr[i]);
    }
    issuer->typ = pdp__builder_text(b, pdp__str(lower, text.len));
}

static void
read_leeway(const struct pdp__doc *doc, uint32_t ix, struct pdp__issuer *issuer)
{
    uint32_t nodes[3] = {0, 0, 0};
    uint32_t *targets[3] = {&issuer->leeway_exp_sec, &issuer->leeway_nbf_sec,
        &issuer->leeway_iat_sec};
    const struct pdp__member members[] = {
        {"exp", false, PDP__JSON_NUMBER, &nodes[0]},
        {"nbf", false, PDP__JSON_NUMBER, &nodes[1]},
        {"iat", false, PDP__JSON_NUMBER, &nodes[2]},
    };

    if (!pdp__doc_object(doc, ix, members, 3, NULL)) {
        return;
    }
    for (size_t i = 0; i < 3; i++) {
        int64_t seconds = 0;
        if (nodes[i] == 0) {
            continue;
        }
        if (!pdp__json_int(&doc->json, nodes[i], &seconds) || seconds < 0 ||
            seconds > LEEWAY_MAX_SEC) {
            PDP__DOC_ADD(doc, BAD_VALUE, nodes[i], NULL,
                "a leeway is a whole number of seconds from 0 to %d",
                (int)LEEWAY_MAX_SEC);
            continue;
        }
        *targets[i] = (uint32_t)seconds;
    }
}

void
pdp__trust_checks(struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix, const struct pdp__trust_nodes *n, bool ibm,
    struct pdp__issuer *issuer)
{
    need(doc, ix, ibm, "algorithms", "for example [\"RS256\"]");
    need(doc, ix, ibm, "audiences",
        "\"none\" accepts tokens meant for anybody");
    need(doc, ix, ibm, "typ", "\"none\" accepts tokens of any type");
    if (n->algorithms != 0) {
        issuer->algs = read_algorithms(doc, n->algorithms);
    }
    if (n->audiences != 0) {
        issuer->audience_none = 0;
        read_audiences(b, doc, n->audiences, issuer);
    }
    if (n->typ != 0) {
        read_typ(b, doc, n->typ, issuer);
    }
    if (n->leeway != 0) {
        read_leeway(doc, n->leeway, issuer);
    }
}
