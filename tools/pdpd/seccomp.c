/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/seccomp.h"

/*
 * What the daemon needs while it serves, reloads and drains, and nothing
 * else.
 *
 * The unit's SystemCallFilter= is the first filter.  It must let the daemon
 * start, and so it allows new programs, threads and sockets.  This one is
 * entered when all of that is done: a call that is not on the list kills the
 * process with SIGSYS.
 *
 *   files      opened to be read.  One kind of file is made, the request to
 *              pdp-fetch, and only anew (O_EXCL): none that exists can be
 *              written to
 *   memory     never executable
 *   sockets    those there are.  sendto() takes no address; sendmsg() cannot
 *              be looked into, and could address another datagram socket of
 *              the machine through that of the service manager
 *   signals    to this process only, for abort()
 *
 * A reload looks up names of users and groups.  The C library then tries
 * sockets of name services: AF_UNIX is refused and does not kill, and what
 * it loads for that is loaded before.  So names of a reload are found in
 * /etc/passwd and /etc/group only.
 *
 * The list depends on what the C library does inside; it was made with that
 * of Debian 12.  That is why the filter is off unless it is asked for.
 */

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "pdpd/log.h"

#ifdef PDP_SECCOMP
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* An int in a register: its upper half is not defined. */
#define INT_IS(arg, value)                                                     \
    SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint32_t)(value))
#define NONE_OF(arg, bits) SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, (bits), 0)

/* What pdp__keystate_ask() uses. */
#define ASK_FLAGS                                                              \
    (O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY |         \
        O_NONBLOCK)
#define WRITE_FLAGS (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND)

/* Calls that are allowed whatever their arguments are. */
static const int calls[] = {
    /* connections */
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(getsockopt),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(shutdown),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    /* files: a reload, and the sockets' names at the end */
    SCMP_SYS(access),
    SCMP_SYS(close),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(fstat),
    SCMP_SYS(fstatfs),
    SCMP_SYS(getcwd),
    SCMP_SYS(getdents64),
    SCMP_SYS(inotify_add_watch),
    SCMP_SYS(inotify_rm_watch),
    SCMP_SYS(lseek),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(pread64),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(stat),
    SCMP_SYS(statx),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    /* memory */
    SCMP_SYS(brk),
    SCMP_SYS(madvise),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    /* time, chance, who we are */
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(getegid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getpid),
    SCMP_SYS(getrandom),
    SCMP_SYS(gettid),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getuid),
    SCMP_SYS(nanosleep),
    SCMP_SYS(sched_getaffinity), /* malloc(): how many arenas */
    SCMP_SYS(sysinfo),           /* qsort() of much: how much memory */
    /* threads: also those that have begun just now */
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(futex),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_yield),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
};

/* One condition on the arguments of a call. */
struct rule {
    int call;
    struct scmp_arg_cmp condition;
};

static int
allow_calls(scmp_filter_ctx filter)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < sizeof(calls) / sizeof(calls[0]);
         i++) {
        error =
            seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, calls[i], 0, NULL);
    }
    return error;
}

/* Any of several rules for a call allows it. */
static int
allow_with_conditions(scmp_filter_ctx filter)
{
    const struct rule rules[] = {
        {SCMP_SYS(open), NONE_OF(1, WRITE_FLAGS)},
        {SCMP_SYS(openat), NONE_OF(2, WRITE_FLAGS)},
        {SCMP_SYS(openat), INT_IS(2, ASK_FLAGS)},
        {SCMP_SYS(mmap), NONE_OF(2, PROT_EXEC)},
        {SCMP_SYS(mprotect), NONE_OF(2, PROT_EXEC)},
        {SCMP_SYS(sendto), SCMP_CMP64(4, SCMP_CMP_EQ, 0, 0)},
        {SCMP_SYS(setsockopt), INT_IS(1, IPPROTO_TCP)}, /* when to send */
        {SCMP_SYS(fcntl), INT_IS(1, F_GETFL)},
        {SCMP_SYS(fcntl), INT_IS(1, F_SETFL)},
        {SCMP_SYS(fcntl), INT_IS(1, F_GETFD)},
        {SCMP_SYS(fcntl), INT_IS(1, F_SETFD)},
        {SCMP_SYS(fcntl), INT_IS(1, F_DUPFD_CLOEXEC)},
        {SCMP_SYS(tgkill), INT_IS(0, getpid())},
        {SCMP_SYS(prctl), INT_IS(0, PR_SET_NAME)},
    };
    int error = 0;
    for (size_t i = 0; error == 0 && i < sizeof(rules) / sizeof(rules[0]);
         i++) {
        error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rules[i].call, 1,
            &rules[i].condition);
    }
    return error;
}

static int
refuse_name_services(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp unix_socket = INT_IS(0, AF_UNIX);
    return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EACCES),
        SCMP_SYS(socket), 1, &unix_socket);
}

/* Loads what the C library loads when a name is in no file. */
static void
load_name_services(void)
{
    static const char name[] = "pdpd-has-no-such-name";
    (void)getpwnam(name);
    (void)getgrnam(name);
}

bool
pdpd__seccomp_built_in(void)
{
    return true;
}

int
pdpd__seccomp_enter(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL) {
        return ENOMEM;
    }
    load_name_services();
    int error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
        SCMP_ACT_KILL_PROCESS);
    if (error == 0) {
        error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    }
    if (error == 0) {
        /* A tree: the last call is found as soon as the first. */
        error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    }
    if (error == 0) {
        error = allow_calls(filter);
    }
    if (error == 0) {
        error = allow_with_conditions(filter);
    }
    if (error == 0) {
        error = refuse_name_services(filter);
    }
    if (error == 0) {
        error = seccomp_load(filter);
    }
    seccomp_release(filter);
    return -error;
}
#else
bool
pdpd__seccomp_built_in(void)
{
    return false;
}

int
pdpd__seccomp_enter(void)
{
    return ENOSYS;
}
#endif

bool
pdpd__seccomp_start(void)
{
#if defined(PDP_DEBUG) || defined(PDP_COVERAGE)
    pdpd__log(PDPD__LOG_WARNING, "seccomp",
        "this is a build for tests: the filter of system calls is off");
    return true;
#else
    int error = pdpd__seccomp_enter();
    if (error != 0) {
        pdpd__log(PDPD__LOG_ERROR, "start_failed",
            "cannot filter system calls: %s", strerror(error));
        return false;
    }
    pdpd__log(PDPD__LOG_INFO, "seccomp", "the filter of system calls is on");
    return true;
#endif
}
