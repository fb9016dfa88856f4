/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/seccomp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * The filter: each case is a child that enters it and then makes one call.
 * What is not on the list ends the child by SIGSYS; what the daemon needs
 * must work.  That the daemon itself lives with it is shown by
 * tests/integration/pdpd_seccomp.py.
 */

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/rand.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "common/keystate.h"
#include "pdpd/trusted.h"

#include "pdpd_util.h"

/* Exit statuses of a child; any other is its own. */
enum { GOOD = 0, NOT_ENTERED = 99 };

static int pair[2];  /* a connection that is open before the filter */
static int notes;    /* of inotify, as well */
static void *memory; /* a page that may be read and written */

/* What a child did to it is seen by all. */
static void
renew_pair(void)
{
    close(pair[0]);
    close(pair[1]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
}

static int
setup(void **state)
{
    memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    notes = inotify_init1(IN_CLOEXEC);
    return enter_folder(state) != 0 || memory == MAP_FAILED || notes < 0 ||
                   socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0
               ? -1
               : 0;
}

static int
teardown(void **state)
{
    munmap(memory, 4096);
    close(notes);
    close(pair[0]);
    close(pair[1]);
    return leave_folder(state);
}

/* The wait status of a child that enters the filter and does something. */
static int
child(int (*action)(const void *), const void *cls)
{
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        _exit(pdpd__seccomp_enter() == 0 ? action(cls) : NOT_ENTERED);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void
need_filter(void)
{
    if (!pdpd__seccomp_built_in()) {
        print_message("built without libseccomp\n");
        skip();
    }
}

static void
assert_lives(int (*action)(const void *))
{
    int status = child(action, NULL);
    if (status != 0) {
        print_message("wait status %#x\n", (unsigned)status);
    }
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), GOOD);
}

/* A call by its number, past whatever the C library does around it. */
struct call {
    const char *name;
    long number;
    uintptr_t args[6];
};

static int
make_call(const void *cls)
{
    const struct call *call = cls;
    (void)syscall(call->number, call->args[0], call->args[1], call->args[2],
        call->args[3], call->args[4], call->args[5]);
    return GOOD;
}

static void
assert_killed(const struct call *calls, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        int status = child(make_call, &calls[i]);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS) {
            print_message("%s: wait status %#x\n", calls[i].name,
                (unsigned)status);
        }
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGSYS);
    }
}

#define KILLED(calls) assert_killed(calls, sizeof(calls) / sizeof((calls)[0]))
#define TEXT(text) ((uintptr_t)(text))

static void
test_no_new_program(void **state)
{
    char path[] = "/bin/true";
    char *const none[] = {path, NULL};
    const struct call calls[] = {
        {"execve", SYS_execve, {TEXT(path), TEXT(none), TEXT(none + 1)}},
        {"execveat", SYS_execveat,
            {(uintptr_t)AT_FDCWD, TEXT(path), TEXT(none), TEXT(none + 1)}},
        {"fork", SYS_clone, {SIGCHLD}},
        {"clone3", SYS_clone3, {0}},
        {"ptrace", SYS_ptrace, {0}},
        {"process_vm_writev", SYS_process_vm_writev, {1}},
        {"kill", SYS_kill, {1, 0}},
        {"tgkill of another", SYS_tgkill, {1, 1, 0}},
        {"unshare", SYS_unshare, {0}},
        {"seccomp", SYS_seccomp, {99}},
        {"prctl", SYS_prctl, {PR_SET_DUMPABLE, 1}},
        {"bpf", SYS_bpf, {99}},
        {"io_uring_setup", SYS_io_uring_setup, {1}},
        {"no such call", 100000, {0}},
    };
    (void)state;
    need_filter();
    KILLED(calls);
}

static void
test_no_new_socket(void **state)
{
    const struct sockaddr_in name = {.sin_family = AF_INET};
    uintptr_t fd = (uintptr_t)pair[0];
    uintptr_t at = (uintptr_t)&name;
    const struct call calls[] = {
        {"socket", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
        {"socket 6", SYS_socket, {AF_INET6, SOCK_STREAM, 0}},
        {"netlink", SYS_socket, {AF_NETLINK, SOCK_RAW, 0}},
        {"socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0}},
        {"connect", SYS_connect, {fd, at, sizeof(name)}},
        {"bind", SYS_bind, {fd, at, sizeof(name)}},
        {"listen", SYS_listen, {fd, 1}},
        {"sendto with an address", SYS_sendto,
            {fd, at, 1, MSG_NOSIGNAL, at, sizeof(name)}},
        {"setsockopt", SYS_setsockopt, {fd, SOL_SOCKET, SO_PASSCRED}},
    };
    (void)state;
    need_filter();
    KILLED(calls);
}

static void
test_no_code_in_memory(void **state)
{
    const uintptr_t private = MAP_PRIVATE | MAP_ANONYMOUS;
    const uintptr_t none = UINTPTR_MAX;
    const struct call calls[] = {
        {"mmap x", SYS_mmap, {0, 4096, PROT_EXEC, private, none}},
        {"mmap rx", SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, private, none}},
        {"mmap rwx", SYS_mmap,
            {0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, private, none}},
        {"mprotect rx", SYS_mprotect,
            {(uintptr_t)memory, 4096, PROT_READ | PROT_EXEC}},
        {"pkey_mprotect", SYS_pkey_mprotect,
            {(uintptr_t)memory, 4096, PROT_READ | PROT_EXEC, none}},
        {"memfd_create", SYS_memfd_create, {TEXT("x"), 0}},
        {"personality", SYS_personality, {0x0400000}},
    };
    (void)state;
    need_filter();
    KILLED(calls);
}

/* The file is there and ours: nothing but the filter is in the way. */
static void
test_no_file_is_written(void **state)
{
    const uintptr_t here = (uintptr_t)AT_FDCWD;
    const uintptr_t file = TEXT("victim");
    const struct call calls[] = {
        {"write", SYS_openat, {here, file, O_WRONLY}},
        {"read and write", SYS_openat, {here, file, O_RDWR}},
        {"truncate when read", SYS_openat, {here, file, O_RDONLY | O_TRUNC}},
        {"append", SYS_openat, {here, file, O_WRONLY | O_APPEND}},
        {"create", SYS_openat, {here, TEXT("new"), O_RDONLY | O_CREAT, 0600}},
        {"as a request, but any file", SYS_openat,
            {here, file,
                O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY |
                    O_NONBLOCK,
                0600}},
        {"truncate", SYS_truncate, {file, 0}},
        {"ftruncate", SYS_ftruncate, {(uintptr_t)pair[0], 0}},
        {"openat2", SYS_openat2, {here, file, 0, 0}},
        {"renameat2", SYS_renameat2, {here, file, here, TEXT("b"), 0}},
        {"linkat", SYS_linkat, {here, file, here, TEXT("b"), 0}},
        {"symlinkat", SYS_symlinkat, {file, here, TEXT("b")}},
        {"mkdirat", SYS_mkdirat, {here, TEXT("b"), 0700}},
        {"fchmodat", SYS_fchmodat, {here, file, 0666}},
        {"fchownat", SYS_fchownat, {here, file, 0, 0, 0}},
        {"setxattr", SYS_setxattr, {file, TEXT("user.a"), TEXT("b"), 1, 0}},
        {"chdir", SYS_chdir, {TEXT("/")}},
        {"ioctl", SYS_ioctl, {(uintptr_t)pair[0], 0x5412, TEXT("x")}},
#ifdef SYS_open
        {"open", SYS_open, {file, O_RDWR}},
        {"rename", SYS_rename, {file, TEXT("b")}},
        {"chmod", SYS_chmod, {file, 0666}},
#endif
    };
    (void)state;
    need_filter();
    write_text("victim", "as it was");
    KILLED(calls);
    struct stat status;
    assert_int_equal(stat("victim", &status), 0);
    assert_int_equal(status.st_size, 9);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(access("new", F_OK), -1);
    assert_int_equal(access("b", F_OK), -1);
}

#ifdef __x86_64__
/* Calls of another kind of program have other numbers: none is allowed. */
static int
call_as_32_bit(const void *cls)
{
    long result = 20; /* getpid() of i386 */
    (void)cls;
    __asm__ volatile("int $0x80"
                     : "+a"(result)
                     :
                     : "memory", "r8", "r9", "r10", "r11");
    return GOOD;
}

static void
test_no_call_of_another_architecture(void **state)
{
    const struct call x32 = {"x32 getpid", 0x40000000L | SYS_getpid, {0}};
    (void)state;
    need_filter();
    assert_killed(&x32, 1);
    int status = child(call_as_32_bit, NULL);
    assert_true(WIFSIGNALED(status));
    /* Without the emulation in the kernel, there is no such call at all. */
    assert_true(WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGSEGV);
}
#endif

static int
read_files(const void *cls)
{
    struct pdpd__trusted file;
    char why[PDPD__TRUSTED_WHY_CAP];
    char real[4096];
    struct stat status;
    (void)cls;
    DIR *entries = opendir(".");
    int id = inotify_add_watch(notes, ".", IN_CREATE);
    if (entries == NULL || readdir(entries) == NULL || closedir(entries) != 0 ||
        stat("trusted", &status) != 0 || lstat("trusted", &status) != 0 ||
        realpath("trusted", real) == NULL || id < 0 ||
        inotify_rm_watch(notes, id) != 0) {
        return 1;
    }
    if (!pdpd__trusted_read("trusted", 100, (uid_t)-1, &file, why)) {
        return 2;
    }
    pdpd__trusted_free(&file);
    return pdpd__trusted_read("none", 100, (uid_t)-1, &file, why) ? 3 : GOOD;
}

static void
test_files_are_read(void **state)
{
    (void)state;
    need_filter();
    write_text("trusted", "text");
    assert_lives(read_files);
}

/* The one file that is made, also where it is there already. */
static int
ask(const void *cls)
{
    int dir = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    (void)cls;
    return pdp__keystate_ask(dir, PDP__LIT("issuer")) == 0 &&
                   pdp__keystate_ask(dir, PDP__LIT("issuer")) == 0
               ? GOOD
               : 1;
}

static void
test_keys_are_asked_for(void **state)
{
    char name[PDP__KEYSTATE_NAME_CAP];
    struct stat status;
    (void)state;
    need_filter();
    assert_lives(ask);
    pdp__keystate_request_name(PDP__LIT("issuer"), name);
    assert_int_equal(stat(name, &status), 0);
    assert_int_equal(status.st_size, 0);
}

static int
talk(const void *cls)
{
    char text[8] = "text";
    struct iovec part = {text, 4};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    struct pollfd ready = {.fd = pair[1], .events = POLLIN};
    struct ucred peer;
    socklen_t len = sizeof(peer);
    (void)cls;
    return send(pair[0], text, 4, MSG_NOSIGNAL) == 4 &&
                   sendmsg(pair[0], &message, MSG_NOSIGNAL) == 4 &&
                   poll(&ready, 1, 0) == 1 && recv(pair[1], text, 8, 0) == 8 &&
                   getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &peer, &len) ==
                       0 &&
                   fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0 &&
                   shutdown(pair[0], SHUT_RDWR) == 0
               ? GOOD
               : 1;
}

/* Sockets of name services are refused, so a name is in a file or nowhere. */
static int
look_up_names(const void *cls)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    bool refused = fd == -1 && errno == EACCES;
    (void)cls;
    for (int i = 0; i < 300; i++) { /* glibc tries again now and then */
        if (getpwnam("no-such-user-at-all") != NULL) {
            return 1;
        }
    }
    return refused && getpwnam("root") != NULL ? GOOD : 2;
}

static void
test_connections_go_on(void **state)
{
    (void)state;
    need_filter();
    assert_lives(talk);
    assert_lives(look_up_names);
}

static int
compare(const void *a, const void *b)
{
    return memcmp(a, b, 64);
}

static int
use_libraries(const void *cls)
{
    enum { BIG = 1 << 20 };
    unsigned char chance[32];
    struct timespec moment = {0, 1000};
    char *big = calloc(64, BIG);
    (void)cls;
    if (big == NULL || RAND_bytes(chance, sizeof(chance)) != 1) {
        return 1;
    }
    memcpy(big, chance, sizeof(chance));
    qsort(big, BIG / 64, 64, compare);
    char *bigger = realloc(big, (size_t)128 * BIG);
    if (bigger == NULL) {
        free(big);
        return 2;
    }
    free(bigger);
    sched_yield();
    return nanosleep(&moment, NULL) == 0 &&
                   clock_gettime(CLOCK_REALTIME, &moment) == 0 &&
                   write(STDERR_FILENO, "", 0) == 0
               ? GOOD
               : 3;
}

static int
give_up(const void *cls)
{
    (void)cls;
    signal(SIGABRT, SIG_DFL);
    abort();
}

static void
test_libraries_go_on(void **state)
{
    (void)state;
    need_filter();
    assert_lives(use_libraries);
    int status = child(give_up, NULL);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

/* A thread that was there before the filter; it runs until told. */
static void *
wait_and_listen(void *cls)
{
    char text;
    const bool *bad = cls;
    (void)!read(pair[1], &text, 1);
    if (*bad) {
        (void)syscall(SYS_listen, pair[0], 1);
    }
    return NULL;
}

/* What a child with a thread comes to. */
static int
with_thread(bool bad)
{
    int status = 0;
    renew_pair();
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct rlimit none = {0, 0};
        pthread_t thread;
        setrlimit(RLIMIT_CORE, &none);
        if (pthread_create(&thread, NULL, wait_and_listen, &bad) != 0 ||
            pdpd__seccomp_enter() != 0) {
            _exit(NOT_ENTERED);
        }
        (void)!write(pair[0], "x", 1);
        _exit(pthread_join(thread, NULL) == 0 ? GOOD : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void
test_threads_that_are_there_are_in_it(void **state)
{
    (void)state;
    need_filter();
    int status = with_thread(false);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), GOOD);
    status = with_thread(true);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

/* Nothing but an error where there is no filter: the daemon must not serve. */
static void
test_without_the_library_it_fails(void **state)
{
    (void)state;
    if (pdpd__seccomp_built_in()) {
        print_message("built with libseccomp\n");
        skip();
    }
    assert_int_equal(pdpd__seccomp_enter(), ENOSYS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_new_program),
        cmocka_unit_test(test_no_new_socket),
        cmocka_unit_test(test_no_code_in_memory),
        cmocka_unit_test(test_no_file_is_written),
#ifdef __x86_64__
        cmocka_unit_test(test_no_call_of_another_architecture),
#endif
        cmocka_unit_test(test_files_are_read),
        cmocka_unit_test(test_keys_are_asked_for),
        cmocka_unit_test(test_connections_go_on),
        cmocka_unit_test(test_libraries_go_on),
        cmocka_unit_test(test_threads_that_are_there_are_in_it),
        cmocka_unit_test(test_without_the_library_it_fails),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
