// Stands between the program and the C library (LD_PRELOAD, Linux): the n-th call that opens, writes, flushes, makes, renames or
// removes something below a folder fails, or the program is killed there. For tests alone: see faults.rs.
//
//   FAULT_UNDER  the folder, absolute; without it nothing is counted
//   FAULT_AT     which call, from 1; 0 for none
//   FAULT_WITH   an errno, or 0 for SIGKILL instead of the call
//   FAULT_FROM   1: from this call on fail those that need room, as on a full disk
//   FAULT_LOG    where to note, a line each: number, call, path; of all calls where FAULT_AT is 0, otherwise of the first that fails
//   FAULT_THREAD which thread cannot be started, from 1; 0 for none

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *under;
static const char *log_path;
static long at, with, from, thread_at;
static atomic_long counted, threads, failed;

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

__attribute__((constructor)) static void begin(void) {
    under = getenv("FAULT_UNDER");
    log_path = getenv("FAULT_LOG");
    at = number("FAULT_AT");
    with = number("FAULT_WITH");
    from = number("FAULT_FROM");
    thread_at = number("FAULT_THREAD");
}

static void note(long count, const char *call, const char *path) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%ld %s %s\n", count, call, path);
    if (!log_path || length <= 0) return;
    if (length >= (int)sizeof line) length = sizeof line - 1;
    long file = syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return;
    syscall(SYS_write, file, line, length);
    syscall(SYS_close, file);
}

// Where an open file or folder is.
static int place_of(int file, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return 1;
}

// Whether this call is to fail; errno says how. Some need room on the disk.
static int fails(const char *call, int room, int folder, const char *name) {
    if (!under) return 0;
    int before = errno;
    char path[2 * PATH_MAX];
    if (name && name[0] == '/') {
        snprintf(path, sizeof path, "%s", name);
    } else {
        if (folder == AT_FDCWD || !place_of(folder, path)) return 0;
        if (name) {
            size_t length = strlen(path);
            snprintf(path + length, sizeof path - length, "/%s", name);
        }
    }
    errno = before;
    if (strncmp(path, under, strlen(under)) != 0) return 0;
    long count = atomic_fetch_add(&counted, 1) + 1;
    if (at == 0) note(count, call, path);
    if (at == 0 || (from ? count < at || !room : count != at)) return 0;
    if (atomic_fetch_add(&failed, 1) == 0) note(count, call, path);
    if (with == 0) {
        kill(getpid(), SIGKILL);
        pause();
    }
    errno = (int)with;
    return 1;
}

static int opened(const char *call, int folder, const char *path, int flags, va_list rest) {
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    if (fails(call, flags & O_CREAT, folder, path)) return -1;
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

#define OPEN(NAME)                                              \
    int NAME(const char *path, int flags, ...) {                \
        va_list rest;                                           \
        va_start(rest, flags);                                  \
        int file = opened("open", AT_FDCWD, path, flags, rest); \
        va_end(rest);                                           \
        return file;                                            \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(NAME)                                           \
    int NAME(int folder, const char *path, int flags, ...) {   \
        va_list rest;                                          \
        va_start(rest, flags);                                 \
        int file = opened("open", folder, path, flags, rest);  \
        va_end(rest);                                          \
        return file;                                           \
    }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int file, const void *bytes, size_t count) {
    if (fails("write", 1, file, NULL)) return -1;
    return syscall(SYS_write, file, bytes, count);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    if (fails("write", 1, file, NULL)) return -1;
    return syscall(SYS_writev, file, parts, count);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t place) {
    if (fails("write", 1, file, NULL)) return -1;
    return syscall(SYS_pwrite64, file, bytes, count, place);
}

int ftruncate64(int file, off64_t length) {
    if (fails("truncate", 1, file, NULL)) return -1;
    return (int)syscall(SYS_ftruncate, file, length);
}

int fsync(int file) {
    if (fails("sync", 1, file, NULL)) return -1;
    return (int)syscall(SYS_fsync, file);
}

int mkdir(const char *path, mode_t mode) {
    if (fails("mkdir", 1, AT_FDCWD, path)) return -1;
    return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int rename(const char *old, const char *new) {
    if (fails("rename", 0, AT_FDCWD, new)) return -1;
    return (int)syscall(SYS_renameat2, AT_FDCWD, old, AT_FDCWD, new, 0);
}

int renameat2(int old_folder, const char *old, int new_folder, const char *new, unsigned flags) {
    if (fails("exchange", 0, new_folder, new)) return -1;
    return (int)syscall(SYS_renameat2, old_folder, old, new_folder, new, flags);
}

int unlink(const char *path) {
    if (fails("remove", 0, AT_FDCWD, path)) return -1;
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int unlinkat(int folder, const char *path, int flags) {
    if (fails("remove", 0, folder, path)) return -1;
    return (int)syscall(SYS_unlinkat, folder, path, flags);
}

int rmdir(const char *path) {
    if (fails("remove", 0, AT_FDCWD, path)) return -1;
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *with_what) {
    static int (*usual)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (!usual) *(void **)&usual = dlsym(RTLD_NEXT, "pthread_create");
    if (atomic_fetch_add(&threads, 1) + 1 == thread_at) return EAGAIN;
    return usual(thread, attributes, run, with_what);
}
