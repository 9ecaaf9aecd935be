/* What a file system may do to write(): loaded before the C library, for files named "app.log" alone.
 *
 * LOGLY_WRITES has rules "kind:first:last", separated by blanks: to the writes from `first` to `last`, counted from 0, happens
 * `kind`, which is an errno, "short" (a third of it is written), "slow" (it takes 20 ms), "stop" (the process stops before it),
 * or "kill0", "kill1", "kill3" (the process is killed after nothing, all or a third of it was written).
 * The first rule that fits counts. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long calls;

static int is_log(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path);
    return length >= 8 && memcmp(path + length - 8, "/app.log", 8) == 0;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "write");
    const char *rule = getenv("LOGLY_WRITES");
    if (!rule || count < 2 || !is_log(descriptor))
        return real(descriptor, bytes, count);
    long call = __sync_fetch_and_add(&calls, 1), first, last;
    char kind[16];
    for (; sscanf(rule, "%15[^:]:%ld:%ld", kind, &first, &last) == 3; rule++) {
        if (call >= first && call <= last) {
            if (strcmp(kind, "short") == 0)
                return real(descriptor, bytes, count / 3 + 1);
            if (strcmp(kind, "slow") == 0) {
                usleep(20000);
                return real(descriptor, bytes, count);
            }
            if (strcmp(kind, "stop") == 0) {
                kill(getpid(), SIGSTOP);
                return real(descriptor, bytes, count);
            }
            if (strncmp(kind, "kill", 4) == 0) {
                if (kind[4] != '0')
                    (void)!real(descriptor, bytes, kind[4] == '1' ? count : count / 3 + 1);
                kill(getpid(), SIGKILL);
            }
            errno = atoi(kind);
            return -1;
        }
        rule = strchr(rule, ' ');
        if (!rule)
            break;
    }
    return real(descriptor, bytes, count);
}
