/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "common/heap.h"

/*
 * Memory of the tools, and texts that grow.
 *
 * The only file of tools/ that calls malloc(), realloc() and free(): what
 * happens when there is no more memory is decided here and nowhere else.
 * A command line tool has nothing to save, so it ends; status 3 is its
 * "internal error", which no script takes for a decision.  A daemon that
 * serves has: it goes on with the documents it has got, so there these
 * functions return NULL, and texts remember that a part of them is missing.
 *
 * Sizes are checked for overflow before they are multiplied or added.
 * Growing doubles, so adding n bytes one by one costs O(n).
 */

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "common/tell.h"

/* Set once, before there are threads. */
static bool soft;

void
pdp__heap_keep_going(void)
{
    soft = true;
}

static _Atomic uint64_t failures;

uint64_t
pdp__heap_failures(void)
{
    return atomic_load(&failures);
}

/* NULL, if it returns. */
static void *
out_of_memory(void)
{
    if (!soft) {
        pdp__tell("out of memory");
        exit(3);
    }
    atomic_fetch_add(&failures, 1);
    return NULL;
}

void *
pdp__heap_alloc(size_t size)
{
    void *ptr = calloc(1, size == 0 ? 1 : size);
    return ptr == NULL ? out_of_memory() : ptr;
}

void *
pdp__heap_resize(void *ptr, size_t cnt, size_t size)
{
    size_t total = 0;
    if (__builtin_mul_overflow(cnt, size, &total)) {
        return out_of_memory();
    }
    void *moved = realloc(ptr, total == 0 ? 1 : total);
    return moved == NULL ? out_of_memory() : moved;
}

char *
pdp__heap_copy(pdp_str_t text)
{
    char *copy = pdp__heap_resize(NULL, text.len + 1, 1);
    if (copy == NULL) {
        return NULL;
    }
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    copy[text.len] = '\0';
    return copy;
}

void
pdp__heap_free(void *ptr)
{
    free(ptr);
}

char *
pdp__string_room(struct pdp__string *string, size_t extra)
{
    size_t want = 0;
    if (string->failed) {
        return NULL;
    }
    if (__builtin_add_overflow(string->len, extra, &want) ||
        __builtin_add_overflow(want, 1, &want)) {
        string->failed = true;
        return out_of_memory();
    }
    if (want > string->cap) {
        size_t cap = string->cap < 64 ? 64 : string->cap;
        while (cap < want) {
            cap = cap > SIZE_MAX / 2 ? want : cap * 2;
        }
        char *grown = pdp__heap_resize(string->ptr, cap, 1);
        if (grown == NULL) {
            string->failed = true;
            return NULL;
        }
        string->ptr = grown;
        string->cap = cap;
    }
    return string->ptr + string->len;
}

void
pdp__string_add(struct pdp__string *string, pdp_str_t text)
{
    char *room = pdp__string_room(string, text.len);
    if (room == NULL) {
        return;
    }
    if (text.len > 0) {
        memcpy(room, text.ptr, text.len);
    }
    string->len += text.len;
    string->ptr[string->len] = '\0';
}

void
pdp__string_z(struct pdp__string *string, const char *text)
{
    pdp__string_add(string, pdp__str_z(text));
}

void
pdp__string_char(struct pdp__string *string, char c)
{
    pdp__string_add(string, pdp__str(&c, 1));
}

void
pdp__string_fill(struct pdp__string *string, char c, size_t cnt)
{
    char *room = pdp__string_room(string, cnt);
    if (room == NULL) {
        return;
    }
    memset(room, c, cnt);
    string->len += cnt;
    string->ptr[string->len] = '\0';
}

void
pdp__string_fmt(struct pdp__string *string, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int len = vsnprintf(NULL, 0, format, list);
    va_end(list);
    if (len < 0) {
        return; /* only an encoding error, which "%s" and "%d" never meet */
    }
    char *room = pdp__string_room(string, (size_t)len);
    if (room == NULL) {
        return;
    }
    va_start(list, format);
    vsnprintf(room, (size_t)len + 1, format, list);
    va_end(list);
    string->len += (size_t)len;
}

void
pdp__string_free(struct pdp__string *string)
{
    free(string->ptr);
    *string = (struct pdp__string){0};
}

void
pdp__string_wipe(struct pdp__string *string)
{
    if (string->ptr != NULL) {
        pdp__mem_wipe(string->ptr, string->cap);
    }
    pdp__string_free(string);
}
