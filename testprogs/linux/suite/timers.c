/* Timers that send signals. */
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "suite.h"

static volatile sig_atomic_t ticks;

static void tick(int number)
{
    ticks++;
}

TEST(timers)
{
    struct sigaction action = {.sa_handler = tick};
    sigaction(SIGALRM, &action, 0);
    /* waiting */
    SHOW(alarm(1));
    SHOW_ERROR(pause());
    SHOW(ticks);
    SHOW(alarm(100));
    unsigned left = alarm(0);
    SHOW(left == 99 || left == 100);

    /* interrupting a sleep */
    struct itimerval timer = {{0, 0}, {0, 20000}};
    struct timespec rest;
    SHOW_ERROR(setitimer(ITIMER_REAL, &timer, 0));
    SHOW_ERROR(nanosleep(&(struct timespec){5, 0}, &rest));
    SHOW(rest.tv_sec);

    /* interrupting work */
    ticks = 0;
    timer.it_interval.tv_usec = timer.it_value.tv_usec = 5000;
    SHOW_ERROR(setitimer(ITIMER_REAL, &timer, 0));
    volatile unsigned long work = 0;
    while (ticks < 3)
        work++;
    SHOW(work > 1000);
    timer = (struct itimerval){{0, 0}, {0, 0}};
    struct itimerval old;
    SHOW_ERROR(setitimer(ITIMER_REAL, &timer, &old));
    SHOW(old.it_interval.tv_usec);
    SHOW_ERROR(getitimer(ITIMER_REAL, &old));
    SHOW(old.it_value.tv_sec + old.it_value.tv_usec);
    return 0;
}
