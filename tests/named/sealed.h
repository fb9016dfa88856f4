/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_SEALED_H
#define PDP_TESTS_SEALED_H

/*
 * A process that the kernel kills at the first attempt to open a file, a
 * socket or anything else: only memory, locks and its own end are left to
 * it (seccomp filter mode, an allow list).  What a decision does there,
 * libcrypto included, it does without files and without a network.
 *
 * Include after token_cases.h.
 */

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEALED_ALLOW(name)                                                     \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1),                    \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

enum { SEALED_NONE = 199 }; /* exit status: the kernel has no filters */

static inline bool
seal(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        SEALED_ALLOW(brk),
        SEALED_ALLOW(mmap),
        SEALED_ALLOW(munmap),
        SEALED_ALLOW(mremap),
        SEALED_ALLOW(mprotect),
        SEALED_ALLOW(madvise),
        SEALED_ALLOW(futex),
        SEALED_ALLOW(sigaltstack), /* AddressSanitizer, at the end */
        SEALED_ALLOW(exit),
        SEALED_ALLOW(exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {COUNT(filter), filter};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* Runs in the child, which must not return into the test: 0 is good. */
typedef int (*sealed_step)(const void *user);

static inline int
run_sealed(sealed_step step, const void *user)
{
    int status = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        _exit(seal() ? step(user) : SEALED_NONE);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static inline int
open_a_file(const void *user)
{
    (void)user;
    return open("/dev/null", O_RDONLY | O_CLOEXEC) < 0;
}

static inline int
open_a_socket(const void *user)
{
    (void)user;
    return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

/* The control: the seal does kill who opens something.  False where the
 * kernel has no filters. */
static inline bool
sealing_works(void)
{
    static const sealed_step steps[] = {open_a_file, open_a_socket};

    for (size_t i = 0; i < COUNT(steps); i++) {
        int status = run_sealed(steps[i], NULL);

        if (WIFEXITED(status) && WEXITSTATUS(status) == SEALED_NONE) {
            print_message("no seccomp filters here: not tested\n");
            return false;
        }
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGSYS);
    }
    return true;
}

/* A request that is ready; the exit status is its reason. */
static inline int
decide_in_child(const void *user)
{
    const pdp_request_t *one = user;

    return pdp_decide(fixture.worker, one, &fixture.decision) == PDP_OK
               ? (int)pdp_decision_reason(fixture.decision)
               : SEALED_NONE - 1;
}

/* The token gets this reason in a process that can open nothing. */
static inline void
decide_sealed(const char *token, pdp_reason_t reason)
{
    request(&fixture, "GET", TARGET);
    bearer(&fixture, token);
    int status = run_sealed(decide_in_child, &fixture.request);

    if (!WIFEXITED(status)) {
        fail_msg("killed by signal %d: %s", WTERMSIG(status), token);
    }
    assert_int_equal(WEXITSTATUS(status), reason);
}

#endif
