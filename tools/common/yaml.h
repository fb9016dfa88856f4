/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__COMMON_YAML_H
#define PDP__COMMON_YAML_H

/*
 * YAML written by hand -> JSON text, with the author's lines and columns.
 *
 * What is taken is the part of YAML that means the same to every reader:
 * block and flow collections and scalars, one document.  Refused, with line
 * and column: anchors, aliases, tags, directives, more than one document,
 * keys that are not scalars, depth over 32.
 *
 * Plain scalars: null, true, false and numbers as in JSON (the JSON schema
 * of YAML 1.2); an empty one is null; every other one is a string, so that
 * `no`, `on` and `0x10` stay what they look like.  Quoted and block scalars
 * and all keys are strings.
 */

#include "common/heap.h"
#include "pdp/loader.h"

/* YAML is for people: larger files than this are refused. */
#define PDP__YAML_MAX ((size_t)16 << 20)

enum { PDP__YAML_DEPTH_MAX = 32 };

struct pdp__yaml {
    struct pdp__string json;
    pdp_position_t *positions; /* sorted by offset */
    size_t position_cnt;
    size_t position_cap;
    /* if it failed: */
    const char *code;    /* "yaml_syntax" or "yaml_feature" */
    const char *message; /* one English phrase, static */
    uint32_t line;       /* from 1 */
    uint32_t column;     /* from 1, in bytes */
    bool no_memory;      /* it says nothing about the text */
};

/* Converts; false: code, message, line and column tell why. */
bool pdp__yaml_convert(pdp_str_t text, struct pdp__yaml *out);

void pdp__yaml_free(struct pdp__yaml *yaml);

#endif
