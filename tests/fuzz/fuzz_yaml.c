/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "common/yaml.h"

#include "fuzz.h"

#include "text/json_read.h"

/*
 * YAML -> JSON.  Whatever comes out is JSON that our own strict reader takes,
 * but for what YAML has and JSON refuses by its own rules (a name twice, a
 * number out of range, a NUL), and its positions are sorted and lie within
 * the text.  A refusal says where.
 */

enum { INPUT_MAX = 4096, NODES = INPUT_MAX * 4 };

static void
check_json(struct pdp__yaml *yaml)
{
    static struct pdp__json nodes[NODES];
    struct pdp__json_doc doc;

    for (size_t i = 0; i < yaml->position_cnt; i++) {
        MUST(yaml->positions[i].offset <= yaml->json.len);
        MUST(yaml->positions[i].line > 0 && yaml->positions[i].column > 0);
        MUST(i == 0 ||
             yaml->positions[i - 1].offset <= yaml->positions[i].offset);
    }
    if (!pdp__json_read(yaml->json.ptr, yaml->json.len, nodes, NODES, &doc)) {
        MUST(doc.error == PDP__JSON_E_DUPLICATE ||
             doc.error == PDP__JSON_E_NUMBER || doc.error == PDP__JSON_E_NUL);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pdp__yaml yaml;
    pdp_str_t text = {(const char *)data, size};

    if (size > INPUT_MAX) {
        return 0;
    }
    if (pdp__yaml_convert(text, &yaml)) {
        check_json(&yaml);
    } else {
        MUST(yaml.code != NULL && yaml.message != NULL);
        MUST(yaml.line > 0 && yaml.column > 0);
    }
    pdp__yaml_free(&yaml);
    return 0;
}
