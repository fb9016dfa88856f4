/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* inet_pton() */

#include "pdp-fetch/url.h"

/*
 * Which URLs keys may come from.
 *
 * Whoever can change a key set on its way can sign tokens for everybody, so
 * it travels under TLS, or does not leave the machine.  The URL is taken
 * apart by libcurl, and the same handle is given to the transfer: there is
 * no second reader that could see another host in it.
 *
 * What looks like this machine and is not: 127.0.0.1.example.com,
 * localhost.example.com, 127.0.0.1@example.com.  So a host is compared whole,
 * and a user in a URL is refused, which also keeps passwords out of the
 * trust document and of the state file.
 */

#include <arpa/inet.h>

static bool
is_loopback(const char *host)
{
    struct in_addr address;
    if (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0) {
        return true;
    }
    return inet_pton(AF_INET, host, &address) == 1 &&
           ntohl(address.s_addr) >> 24 == 127;
}

static bool
has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool there = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return there;
}

static const char *
judge(CURLU *url, bool *loopback)
{
    const char *why = NULL;
    char *scheme = NULL;
    char *host = NULL;
    *loopback = false;
    if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)) {
        why = "its scheme is not https";
    } else if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
               host[0] == '\0') {
        why = "it names no host";
    } else if (strcmp(scheme, "http") == 0) {
        *loopback = is_loopback(host);
        why = *loopback ? NULL : "http is for loopback addresses only";
    }
    curl_free(scheme);
    curl_free(host);
    return why;
}

const char *
pdp__url_open(const char *text, struct pdp__url *out)
{
    *out = (struct pdp__url){0};
    for (const char *at = text; *at != '\0'; at++) {
        if (*at <= ' ' || *at > '~') {
            return "it has a byte that is not printable ASCII";
        }
    }
    CURLU *url = curl_url();
    const char *why = NULL;
    /* libcurl would also take one slash, or three. */
    const char *slashes = strstr(text, "://");
    if (url == NULL || slashes == NULL || slashes[3] == '/' ||
        curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK) {
        why = "it is not a URL";
    } else if (has_part(url, CURLUPART_USER) ||
               has_part(url, CURLUPART_PASSWORD)) {
        why = "it has a user or a password";
    } else if (has_part(url, CURLUPART_FRAGMENT)) {
        why = "it has a fragment";
    } else {
        why = judge(url, &out->loopback);
    }
    if (why != NULL) {
        curl_url_cleanup(url);
        *out = (struct pdp__url){0};
        return why;
    }
    out->handle = url;
    return NULL;
}

void
pdp__url_close(struct pdp__url *url)
{
    curl_url_cleanup(url->handle);
    *url = (struct pdp__url){0};
}
