/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_RULE_DECIDE_H
#define PDP_TESTS_RULE_DECIDE_H

/* Decisions under policies with rules.  Include after grant_text.h. */

#include "rule_text.h"
#include "text/time.h"

/* ' -> ", in place. */
static UNUSED char *
quoted(char *text)
{
    for (char *c = text; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    return text;
}

/* A policy with a rule, appended to a text. */
static UNUSED void
append_ruled(char *text, const char *id, const char *control,
    const char *pattern, const char *rule)
{
    char policy[TEXT_MAX];
    int len = snprintf(policy, sizeof(policy),
        "%s{'type':'access','id':'%s','subject':{'attributes':[" ME "]},"
        "'resource':{'attributes':[" OURS "]},'control':{%s},'pattern':'%s',"
        "'rule':%s}",
        strchr(text, '{') == NULL ? "" : ",", id, control, pattern, rule);

    assert_true(len > 0 && (size_t)len < sizeof(policy));
    append(text, quoted(policy));
}

/* `ruled`, alone. */
static UNUSED void
load_ruled(const char *control, const char *pattern, const char *rule)
{
    char text[TEXT_MAX] = "[";

    append_ruled(text, "ruled", control, pattern, rule);
    append(text, "]");
    load_policies(text, NULL);
}

/* RFC 3339 -> seconds; the second 24:00:00 is not one. */
static UNUSED int64_t
at(const char *time)
{
    int64_t seconds = -1;
    uint32_t nanoseconds = 0;

    assert_true(pdp__time_parse(str(time), &seconds, &nanoseconds));
    return seconds;
}

/* The claims of CLAIMS with an expiry far ahead. */
#define LASTING                                                                \
    "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-270000TEST\","             \
    "\"account\":{\"bss\":\"" ACCOUNT "\"},\"exp\":253402300799}"

/* The reason for reading the image at a time. */
static UNUSED const char *
read_at(int64_t now)
{
    request(&fixture, READ);
    bearer(&fixture, token_of(&fixture, LASTING));
    fixture.request.now_sec = now;
    return pdp_reason_name(judge(&fixture));
}

#endif
