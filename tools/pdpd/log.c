/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* write(), threads */

#include "pdpd/log.h"

/*
 * The log.
 *
 * A line is put together in a fixed buffer and written with one write(), so
 * lines of two threads never mix and a lack of memory can be told.  Each byte
 * that is not printable ASCII is escaped.
 *
 * It never waits: while nobody reads a pipe that is full, lines are dropped,
 * since a daemon that waits for its log neither reloads nor ends.  (A pipe that
 * has room takes a whole line: LINE_MAX_LEN is no more than PIPE_BUF.)
 *
 * At most BURST lines at once and RATE a second on average: a fault that
 * repeats with each request must not fill a disk.  How many were left out is
 * told with the next line that goes out.  Events that strangers can cause are
 * counted apart from all others: who connects a thousand times must not hide
 * that a reload has failed.
 */

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "common/clock.h"
#include "common/escape.h"

/* A broken reload may tell this many findings at once. */
enum { LINE_MAX_LEN = 4096, MESSAGE_MAX = 1024, BURST = 200, RATE = 10 };

_Static_assert(LINE_MAX_LEN <= PIPE_BUF, "a line goes out whole");

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool as_json;
static enum pdpd__log_level threshold = PDPD__LOG_INFO;
static int64_t bucket = BURST;
static int64_t bucket_sec;
static uint64_t dropped;
static uint64_t dropped_told;

/* An event of pdpd__log_often(). */
struct often {
    const char *event; /* NULL: this place is free */
    enum pdpd__log_level level;
    int64_t told_sec;
    uint64_t repeated; /* since it was told */
};

static struct often oftens[PDPD__OFTEN_MAX];

static const char *const level_names[] = {"error", "warning", "info", "debug"};

void
pdpd__log_setup(bool json, enum pdpd__log_level level)
{
    pthread_mutex_lock(&lock);
    as_json = json;
    threshold = level;
    pthread_mutex_unlock(&lock);
}

uint64_t
pdpd__log_dropped(void)
{
    pthread_mutex_lock(&lock);
    uint64_t cnt = dropped;
    pthread_mutex_unlock(&lock);
    return cnt;
}

/* A JSON string of printable ASCII; other bytes as \u00XX. */
static void
put_json(struct pdp__buf *buf, pdp_str_t text)
{
    pdp__buf_char(buf, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"' || c == '\\') {
            pdp__buf_char(buf, '\\');
            pdp__buf_char(buf, (char)c);
        } else if (c < 0x20 || c > 0x7e) {
            pdp__buf_fmt(buf, "\\u%04x", c);
        } else {
            pdp__buf_char(buf, (char)c);
        }
    }
    pdp__buf_char(buf, '"');
}

static void
put_text(struct pdp__buf *buf, pdp_str_t text)
{
    char out[PDP__ESCAPE_MAX];
    for (size_t i = 0; i < text.len; i++) {
        pdp__buf_str(buf, pdp__str(out, pdp__escape_byte(text.ptr[i], out)));
    }
}

static void
put_member(struct pdp__buf *buf, const char *name, pdp_str_t value)
{
    pdp__buf_fmt(buf, ",\"%s\":", name);
    put_json(buf, value);
}

/* Whether a line may go out now. */
static bool
admit(int64_t now_sec)
{
    if (now_sec > bucket_sec) {
        int64_t gained = now_sec - bucket_sec;
        bucket = gained > BURST ? BURST : bucket + gained * RATE;
        bucket = bucket > BURST ? BURST : bucket;
    }
    bucket_sec = now_sec; /* also when the clock was set back */
    if (bucket <= 0) {
        dropped++;
        return false;
    }
    bucket--;
    return true;
}

/* What each line begins with, and what of it is told. */
struct head {
    enum pdpd__log_level level;
    const char *event;
    uint64_t repeated; /* how often since it was told last */
    int64_t sec;
    uint32_t nsec;
};

/* The clock's own form, so that no time zone takes part. */
static void
begin(struct pdp__buf *buf, const struct head *head)
{
    if (as_json) {
        pdp__buf_fmt(buf,
            "{\"time\":%lld.%03u,\"level\":\"%s\",\"event\":\"%s\"",
            (long long)head->sec, head->nsec / 1000000,
            level_names[head->level], head->event);
    } else {
        pdp__buf_fmt(buf, "pdpd: %s: %s", level_names[head->level],
            head->event);
    }
    if (dropped > dropped_told) {
        pdp__buf_fmt(buf, as_json ? ",\"dropped\":%llu" : " (dropped %llu)",
            (unsigned long long)(dropped - dropped_told));
    }
    if (head->repeated > 0) {
        pdp__buf_fmt(buf, as_json ? ",\"repeated\":%llu" : " (repeated %llu)",
            (unsigned long long)head->repeated);
    }
}

/* The end of the line, which is there even if the rest was cut.  False:
 * nobody took it. */
static bool
finish(struct pdp__buf *buf, struct head *head)
{
    if (buf->full) {
        /* A cut JSON line would be no JSON: say the little that is sure. */
        head->event = "line_too_long";
        buf->full = false;
        buf->len = 0;
        begin(buf, head);
    }
    pdp__buf_z(buf, as_json ? "}\n" : "\n");
    for (size_t done = 0; done < buf->len;) {
        struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
        ssize_t put = -1;
        if (poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) != 0) {
            put = write(STDERR_FILENO, buf->ptr + done, buf->len - done);
        } else {
            errno = EAGAIN;
        }
        if (put < 0 && errno != EINTR) {
            dropped++;
            return false; /* nobody is left to tell */
        }
        done += put > 0 ? (size_t)put : 0;
    }
    dropped_told = dropped;
    return true;
}

/* Writes one line; with the lock held. */
static bool
put_line(struct head *head, pdp_str_t message)
{
    char line[LINE_MAX_LEN];
    struct pdp__buf buf = pdp__buf(line, sizeof(line) - 8);
    begin(&buf, head);
    if (as_json) {
        put_member(&buf, "message", message);
    } else {
        pdp__buf_z(&buf, ": ");
        put_text(&buf, message);
    }
    buf.cap = sizeof(line);
    return finish(&buf, head);
}

static pdp_str_t message_of(char out[static MESSAGE_MAX], const char *format,
    va_list list) __attribute__((format(printf, 2, 0)));

/* A message in out, cut at its end. */
static pdp_str_t
message_of(char out[static MESSAGE_MAX], const char *format, va_list list)
{
    int len = vsnprintf(out, MESSAGE_MAX, format, list);
    size_t used = len < 0 ? 0 : (size_t)len;
    return pdp__str(out, used < MESSAGE_MAX ? used : MESSAGE_MAX - 1);
}

bool
pdpd__log(enum pdpd__log_level level, const char *event, const char *format,
    ...)
{
    char text[MESSAGE_MAX];
    struct head head = {.level = level, .event = event};
    va_list list;
    va_start(list, format);
    pdp_str_t message = message_of(text, format, list);
    va_end(list);
    pdp__clock_now(&head.sec, &head.nsec);
    pthread_mutex_lock(&lock);
    bool told =
        level > threshold || (admit(head.sec) && put_line(&head, message));
    pthread_mutex_unlock(&lock);
    return told;
}

/* Its place, perhaps a new one; NULL: there are none left. */
static struct often *
find_often(enum pdpd__log_level level, const char *event)
{
    for (size_t i = 0; i < PDPD__OFTEN_MAX; i++) {
        struct often *one = &oftens[i];
        if (one->event == NULL) {
            *one = (struct often){.event = event,
                .level = level,
                .told_sec = INT64_MIN / 2};
        }
        if (strcmp(one->event, event) == 0) {
            return one;
        }
    }
    return NULL;
}

/* Whether it may be told again; at once when the clock was set back. */
static bool
is_due(const struct often *one, int64_t now_sec)
{
    return now_sec < one->told_sec ||
           now_sec - one->told_sec >= PDPD__OFTEN_SEC;
}

static void
tell_often(struct often *one, struct head *head, pdp_str_t message)
{
    head->level = one->level;
    head->event = one->event;
    head->repeated = one->repeated;
    one->told_sec = head->sec;
    if (put_line(head, message)) {
        one->repeated = 0;
    }
}

void
pdpd__log_often(enum pdpd__log_level level, const char *event,
    const char *format, ...)
{
    char text[MESSAGE_MAX];
    struct head head = {.level = level, .event = event};
    va_list list;
    pdp__clock_now(&head.sec, &head.nsec);
    pthread_mutex_lock(&lock);
    struct often *one = level > threshold ? NULL : find_often(level, event);
    if (one != NULL && is_due(one, head.sec)) {
        va_start(list, format);
        tell_often(one, &head, message_of(text, format, list));
        va_end(list);
    } else if (one != NULL) {
        one->repeated++;
    }
    pthread_mutex_unlock(&lock);
}

void
pdpd__log_flush(void)
{
    struct head head = {.level = PDPD__LOG_ERROR};
    pdp__clock_now(&head.sec, &head.nsec);
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < PDPD__OFTEN_MAX; i++) {
        struct often *one = &oftens[i];
        if (one->event != NULL && one->repeated > 0 && is_due(one, head.sec)) {
            tell_often(one, &head, PDP__LIT("this has happened again"));
        }
    }
    pthread_mutex_unlock(&lock);
}

static enum pdpd__log_level
level_of(pdp_severity_t severity)
{
    switch (severity) {
    case PDP_SEVERITY_ERROR:
        return PDPD__LOG_ERROR;
    case PDP_SEVERITY_WARNING:
        return PDPD__LOG_WARNING;
    case PDP_SEVERITY_NOTE:
        break;
    }
    return PDPD__LOG_DEBUG;
}

static void
put_finding_json(struct pdp__buf *buf, const pdp_finding_t *finding,
    pdp_str_t path)
{
    put_member(buf, "file", path);
    if (finding->line > 0) {
        pdp__buf_fmt(buf, ",\"line\":%u,\"column\":%u", finding->line,
            finding->column);
    }
    put_member(buf, "code", finding->code);
    put_member(buf, "message", finding->message);
    if (finding->hint.len > 0) {
        put_member(buf, "hint", finding->hint);
    }
}

static void
put_finding_text(struct pdp__buf *buf, const pdp_finding_t *finding,
    pdp_str_t path)
{
    pdp__buf_z(buf, ": ");
    put_text(buf, path);
    if (finding->line > 0) {
        pdp__buf_fmt(buf, ":%u:%u", finding->line, finding->column);
    }
    pdp__buf_z(buf, ": ");
    put_text(buf, finding->message);
    pdp__buf_z(buf, " [");
    put_text(buf, finding->code);
    pdp__buf_z(buf, "]");
    if (finding->hint.len > 0) {
        pdp__buf_z(buf, " (hint: ");
        put_text(buf, finding->hint);
        pdp__buf_z(buf, ")");
    }
}

void
pdpd__log_finding(const pdp_finding_t *finding, pdp_str_t path)
{
    char line[LINE_MAX_LEN];
    enum pdpd__log_level level = level_of(finding->severity);
    struct head head = {.level = level, .event = "finding"};
    pdp__clock_now(&head.sec, &head.nsec);
    pthread_mutex_lock(&lock);
    if (level <= threshold && admit(head.sec)) {
        struct pdp__buf buf = pdp__buf(line, sizeof(line) - 8);
        begin(&buf, &head);
        if (as_json) {
            put_finding_json(&buf, finding, path);
        } else {
            put_finding_text(&buf, finding, path);
        }
        buf.cap = sizeof(line);
        (void)finish(&buf, &head);
    }
    pthread_mutex_unlock(&lock);
}
