/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__GATEWAY_CONF_H
#define PDP__GATEWAY_CONF_H

/*
 * An nginx configuration as a tree of directives, with what it includes in
 * the place of each include.
 */

#include "common/file.h"

enum {
    PDP__NGX_NESTING_MAX = 64,  /* blocks within blocks */
    PDP__NGX_INCLUDES_MAX = 16, /* files within files */
    PDP__NGX_FILES_MAX = 1024,  /* read in one run */
    PDP__NGX_DIRECTIVES_MAX = 1 << 20
};

/* All files of a run together. */
#define PDP__NGX_BYTES_MAX ((size_t)64 << 20)

struct pdp__ngx_place {
    uint32_t file; /* index in files of struct pdp__ngx_conf */
    uint32_t line;
    uint32_t column;
};

struct pdp__ngx_word {
    const char *text; /* followed by a NUL; may hold others, nginx's may too */
    size_t len;
    struct pdp__ngx_place place;
    bool quoted;
};

struct pdp__ngx_directive {
    struct pdp__ngx_word *words; /* the first is its name */
    size_t word_cnt;             /* 0: the root */
    struct pdp__ngx_directive *parent;
    struct pdp__ngx_directive *first; /* in its block */
    struct pdp__ngx_directive *last;
    struct pdp__ngx_directive *next; /* in the same block */
    bool block;
    bool code; /* a block in another language; nothing of it is kept */
};

/* Where files come from; tests have others than those of the disk. */
struct pdp__ngx_source {
    void *context;
    /* The files that a pattern stands for, in nginx's order: given to the
     * caller, as are their names.  None is fine for a pattern with wildcards;
     * false, with nothing given: there is no such file. */
    bool (
        *find)(void *context, const char *pattern, char ***paths, size_t *cnt);
    /* Tells what is wrong itself. */
    bool (*read)(void *context, const char *path, struct pdp__file *out);
};

struct pdp__ngx_file {
    char *path; /* for people */
    struct pdp__file file;
};

struct pdp__ngx_problem {
    const char *code; /* static; a name of gateway/codes.h */
    struct pdp__ngx_place place;
    char *message;
};

struct pdp__ngx_conf {
    struct pdp__ngx_directive *root;
    struct pdp__ngx_file *files;
    size_t file_cnt, file_cap;
    struct pdp__ngx_problem *problems; /* any: the tree is not complete */
    size_t problem_cnt, problem_cap;
    size_t directive_cnt;
    size_t byte_cnt;
    bool unreadable; /* the first file */
    void **memory;   /* whatever the tree is made of */
    size_t memory_cnt, memory_cap;
};

/*
 * Reads a file and all that it includes; what is relative in it is so to
 * prefix, or for NULL to the directory of path, which is nginx's rule for its
 * main file.  Free conf in any case.
 */
void pdp__ngx_conf_read(struct pdp__ngx_conf *conf, const char *path,
    const char *prefix, const struct pdp__ngx_source *source);
void pdp__ngx_conf_free(struct pdp__ngx_conf *conf);

/* The files of the disk. */
extern const struct pdp__ngx_source pdp__ngx_disk;

#endif
