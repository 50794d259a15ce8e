/*
 * A host's clock that is ahead of the machine's, or behind it, by so many seconds as KEYRITE_CLOCK_OFFSET says. For tests alone.
 */
#define _GNU_SOURCE
#include "ShiftedClock.h"
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t offset(void) {
    const char *text = getenv("KEYRITE_CLOCK_OFFSET");
    return text != NULL ? (time_t)strtol(text, NULL, 10) : 0;
}

static int isWallClock(clockid_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && isWallClock(clock)) { now->tv_sec += offset(); }
    return result;
}

time_t time(time_t *to) {
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    if (to != NULL) { *to = now.tv_sec; }
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone) {
    (void)zone;
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    to->tv_sec = now.tv_sec;
    to->tv_usec = now.tv_nsec / 1000;
    return 0;
}

int timespec_get(struct timespec *to, int base) {
    if (base != TIME_UTC) { return 0; }
    clock_gettime(CLOCK_REALTIME, to);
    return base;
}
