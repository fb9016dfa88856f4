/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "common/yaml.h"

#include <stdio.h>

/*
 * YAML from standard input to JSON on standard output, for scripts of tests:
 * Python has no reader of YAML.  One document, by the strict reader that the
 * tools have.  Exit status 1 tells on standard error what is wrong, and where.
 */

enum { INPUT_MAX = 1 << 16 };

int
main(void)
{
    static char text[INPUT_MAX];
    struct pdp__yaml yaml;
    pdp_str_t input = {text, fread(text, 1, sizeof(text), stdin)};
    int status = 1;
    if (input.len == sizeof(text) || ferror(stdin)) {
        fprintf(stderr, "the text is too large, or cannot be read\n");
        return 1;
    }
    if (!pdp__yaml_convert(input, &yaml)) {
        fprintf(stderr, "%u:%u: %s: %s\n", (unsigned)yaml.line,
            (unsigned)yaml.column, yaml.code, yaml.message);
    } else if (fwrite(yaml.json.ptr, 1, yaml.json.len, stdout) ==
               yaml.json.len) {
        status = 0;
    }
    pdp__yaml_free(&yaml);
    return status;
}
