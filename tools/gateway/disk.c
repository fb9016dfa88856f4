/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* glob() */

#include "gateway/conf.h"

/*
 * The files of the disk, for `include`.
 *
 * A name without `*`, `?` and `[` must be there; a pattern may match nothing.
 * glob() sorts, in the order of bytes, as nginx's own call does.  Nothing of
 * a configuration is ever run, loaded or connected to.
 */

#include <glob.h>

static bool
find(void *context, const char *pattern, char ***paths, size_t *cnt)
{
    (void)context;
    *paths = NULL;
    *cnt = 0;
    if (strpbrk(pattern, "*?[") == NULL) {
        if (!pdp__file_exists(pattern)) {
            return false;
        }
        *paths = pdp__heap_resize(NULL, 1, sizeof(**paths));
        (*paths)[(*cnt)++] = pdp__heap_copy(pdp__str_z(pattern));
        return true;
    }
    glob_t found;
    int status = glob(pattern, 0, NULL, &found);
    if (status == GLOB_NOMATCH) {
        return true;
    }
    if (status != 0) {
        return false;
    }
    *paths = pdp__heap_resize(NULL, found.gl_pathc + 1, sizeof(**paths));
    for (size_t i = 0; i < found.gl_pathc; i++) {
        (*paths)[(*cnt)++] = pdp__heap_copy(pdp__str_z(found.gl_pathv[i]));
    }
    globfree(&found);
    return true;
}

static bool
read_disk(void *context, const char *path, struct pdp__file *out)
{
    (void)context;
    return pdp__file_read(path, PDP__NGX_BYTES_MAX, out);
}

const struct pdp__ngx_source pdp__ngx_disk = {NULL, find, read_disk};
