/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_REQUEST_SETS_H
#define PDP_TESTS_REQUEST_SETS_H

/*
 * Published sets of routes and requests -> service definitions.  Include
 * after fixture.h.
 */

/* A definition with the routes of a file: METHOD, template, actions. */
static UNUSED char *
definition_of(char *routes)
{
    size_t cap = strlen(routes) * 4 + 4096;
    char *text = malloc(cap);
    size_t len;
    char *cursor = routes;
    char *line;
    bool first = true;

    assert_non_null(text);
    len = (size_t)snprintf(text, cap,
        "{\"format\":\"pdp-service/1\",\"service\":\"svc\",\"actions\":{},"
        "\"roles\":{},\"events\":{},\"routes\":[");
    char *params = malloc(cap);
    assert_non_null(params);
    params[0] = '\0';
    while ((line = next_line(&cursor)) != NULL) {
        const char *method = next_field(&line);
        const char *path = next_field(&line);
        len += (size_t)snprintf(text + len, cap - len,
            "%s{\"method\":\"%s\",\"path\":\"%s\",\"access\":\"public\","
            "\"event\":null}",
            first ? "" : ",", method, path);
        first = false;
        for (const char *p = strchr(path, '{'); p != NULL;
             p = strchr(p + 1, '{')) {
            char name[128];
            int name_len = (int)(strchr(p, '}') - p - 1);
            snprintf(name, sizeof(name), "\"%.*s\":{\"kind\":\"text\"}",
                name_len, p + 1);
            if (strstr(params, name) == NULL) {
                size_t used = strlen(params);
                snprintf(params + used, cap - used, "%s%s",
                    used == 0 ? "" : ",", name);
            }
        }
    }
    snprintf(text + len, cap - len, "],\"params\":{%s}}", params);
    free(params);
    free(routes);
    return text;
}

/* A shared file, unpacked if it is a .gz. */
static UNUSED char *
read_set(const char *name)
{
    char command[4096];
    const char *root = getenv("PDP_SHARED");
    char *text = NULL;
    size_t len = 0;

    if (root == NULL || strstr(name, ".gz") == NULL) {
        return read_shared(name);
    }
    snprintf(command, sizeof(command), "gzip -dc '%s/%s'", root, name);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    for (size_t got = 1; got > 0; len += got) {
        text = realloc(text, len + 65536 + 1);
        assert_non_null(text);
        got = fread(text + len, 1, 65536, pipe);
    }
    text[len] = '\0';
    return pclose(pipe) == 0 ? text : NULL;
}

/* The definition for a shared file of routes, or NULL. */
static UNUSED char *
read_definition(const char *name)
{
    char *routes = read_set(name);

    return routes == NULL ? NULL : definition_of(routes);
}

#endif
