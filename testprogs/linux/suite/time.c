/* Clocks and randomness: only what does not depend on their values is printed. */
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "suite.h"

static long long now(clockid_t clock)
{
    struct timespec ts;
    if (clock_gettime(clock, &ts) != 0 || ts.tv_nsec < 0 || ts.tv_nsec > 999999999)
        return -1;
    return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

TEST(time)
{
    static const clockid_t clocks[] = {
        CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW,
        CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,
    };
    for (int i = 0; i < 8; i++) {
        struct timespec resolution;
        long long last = now(clocks[i]);
        int backward = last < 0;
        for (int j = 0; j < 1000; j++) {
            long long next = now(clocks[i]);
            backward += next < last;
            last = next;
        }
        int ok = clock_getres(clocks[i], &resolution) == 0 && resolution.tv_nsec > 0;
        printf("clock %d: backward %d, resolution %d\n", clocks[i], backward, ok);
    }
    long long before = now(CLOCK_MONOTONIC);
    SHOW_ERROR(nanosleep(&(struct timespec){0, 20000000}, 0));
    SHOW(now(CLOCK_MONOTONIC) - before >= 20000000);
    before = now(CLOCK_MONOTONIC);
    SHOW_ERROR(usleep(3000));
    SHOW(now(CLOCK_MONOTONIC) - before >= 3000000);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 5000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    SHOW_ERROR(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, 0));
    SHOW(now(CLOCK_MONOTONIC) >= until.tv_sec * 1000000000LL + until.tv_nsec);
    struct timeval tv;
    SHOW(gettimeofday(&tv, 0) == 0 && tv.tv_usec >= 0 && tv.tv_usec < 1000000);
    time_t t = time(0);
    SHOW(t == time(&t) || t + 1 >= time(0));
    SHOW(clock() >= 0);

    setenv("TZ", "UTC0", 1);
    time_t fixed = 1700000000;
    char text[64];
    struct tm tm;
    gmtime_r(&fixed, &tm);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %a %j %U", &tm);
    printf("%s\n", text);
    SHOW(mktime(&tm));
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    localtime_r(&(time_t){1720000000}, &tm);
    strftime(text, sizeof text, "%c %Z", &tm);
    printf("%s\n", text);
    printf("%.1f\n", difftime(10, 7));

    unsigned char a[32], b[32];
    SHOW_ERROR(getrandom(a, 32, 0));
    SHOW_ERROR(getrandom(b, 32, GRND_NONBLOCK));
    SHOW(memcmp(a, b, 32) != 0);
    SHOW_ERROR(getrandom(a, 0, 0));
    SHOW_ERROR(getentropy(a, 16));
    return 0;
}
