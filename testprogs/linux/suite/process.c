/* What a process asks about itself and its machine. */
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "suite.h"

/* linux/asm/hwprobe.h, Linux 6.4 and later */
struct riscv_hwprobe {
    int64_t key;
    uint64_t value;
};

static long hwprobe(struct riscv_hwprobe *pairs, size_t n)
{
    return syscall(258, pairs, n, 0, 0, 0);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static __thread int local = 5;

static void init(void)
{
    printf("once\n");
}

TEST(process)
{
    struct utsname name;
    SHOW(uname(&name));
    printf("%s %s\n", name.sysname, name.machine);
    SHOW(atoi(name.release) >= 4);
    SHOW(getpid() > 0 && getpid() == gettid());
    SHOW(getppid() >= 0 && getpgid(0) >= 0 && getsid(0) >= 0);
    SHOW(getuid() == geteuid() && getgid() == getegid());
    uid_t r, e, s;
    SHOW(getresuid(&r, &e, &s) == 0 && r == e && e == s);
    SHOW(sysconf(_SC_PAGESIZE));
    SHOW(sysconf(_SC_CLK_TCK));
    SHOW(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
    SHOW(sysconf(_SC_PHYS_PAGES) > 0);
    struct sysinfo info;
    SHOW(sysinfo(&info) == 0 && info.totalram > 0);

    struct rlimit limit;
    SHOW(getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur >= 65536);
    SHOW(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= 16);
    limit.rlim_cur = 64;
    SHOW_ERROR(setrlimit(RLIMIT_NOFILE, &limit));
    SHOW(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 64);
    struct rusage usage;
    SHOW(getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_utime.tv_usec < 1000000);
    struct tms tms;
    SHOW(times(&tms) != -1);

    char text[64] = "";
    SHOW_ERROR(prctl(PR_SET_NAME, "a-name-that-is-too-long"));
    SHOW_ERROR(prctl(PR_GET_NAME, text));
    printf("%s\n", text);
    cpu_set_t cpus;
    SHOW(sched_getaffinity(0, sizeof cpus, &cpus) == 0 && CPU_COUNT(&cpus) >= 1);
    SHOW(sched_yield());
    SHOW(sched_getcpu() >= 0);
    SHOWX(umask(027));
    SHOWX(umask(022));
    SHOW_ERROR(getpriority(PRIO_PROCESS, 0));

    int word = 5;
    SHOW_ERROR(syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, 0));
    SHOW_ERROR(syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 6, 0));
    struct timespec soon = {0, 1000000};
    SHOW_ERROR(syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 5, &soon));
    SHOW(syscall(SYS_set_tid_address, &word) == gettid());
    pthread_once(&once, init);
    pthread_once(&once, init);
    SHOW(pthread_mutex_lock(&mutex));
    SHOW(pthread_mutex_trylock(&mutex) == EBUSY);
    SHOW(pthread_mutex_unlock(&mutex));
    local++;
    SHOW(local);

    struct riscv_hwprobe pairs[] = {{3, 0}, {4, 0}, {-77, 9}};
    SHOW_ERROR(hwprobe(pairs, 3));
    printf("hwprobe: base %llx, fd and c %llx, unknown key %lld\n", (unsigned long long)pairs[0].value & 1,
           (unsigned long long)pairs[1].value & 3, (long long)pairs[2].key);

    unsigned long a, b, c, d;
    __asm__ volatile("rdinstret %0\n nop\n rdinstret %1" : "=r"(a), "=r"(b));
    SHOW(b > a);
    __asm__ volatile("rdcycle %0\n nop\n rdcycle %1" : "=r"(a), "=r"(b));
    SHOW(b >= a);
    __asm__ volatile("rdtime %0\n nop\n rdtime %1" : "=r"(c), "=r"(d));
    SHOW(d >= c);
    char path[256];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    SHOW(length > 0);
    int fd = open("/dev/null", O_RDWR);
    SHOW(fd >= 0);
    SHOW(write(fd, "x", 1));
    SHOW(read(fd, text, 1));
    fd = open("/dev/zero", O_RDONLY);
    SHOW(read(fd, text, 8));
    return 0;
}
