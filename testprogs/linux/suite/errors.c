/* errno of calls that fail. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "suite.h"

TEST(errors)
{
    char buffer[64];
    struct stat st;
    struct timespec ts = {0, 2000000000};
    int ends[2];
    if (chdir(argv[1]) != 0)
        return 1;
    SHOW_ERROR(open("absent", O_RDONLY));
    SHOW_ERROR(open("absent/file", O_CREAT | O_WRONLY, 0600));
    SHOW_ERROR(open("", O_RDONLY));
    SHOW_ERROR(open((char *)8, O_RDONLY));
    int fd = open("plain", O_CREAT | O_RDWR, 0600);
    SHOW(fd >= 0);
    SHOW_ERROR(open("plain", O_CREAT | O_EXCL | O_RDWR, 0600));
    SHOW_ERROR(open("plain/x", O_RDONLY));
    SHOW_ERROR(open("plain", O_DIRECTORY));
    SHOW_ERROR(open(".", O_WRONLY));
    SHOW_ERROR(read(999, buffer, 1));
    SHOW_ERROR(write(-1, buffer, 1));
    SHOW_ERROR(close(999));
    SHOW_ERROR(read(fd, (void *)8, 10));
    SHOW_ERROR(write(fd, (void *)8, 10));
    SHOW_ERROR(lseek(fd, -5, SEEK_SET));
    SHOW_ERROR(lseek(fd, 0, 99));
    SHOW_ERROR(pipe(ends));
    SHOW_ERROR(lseek(ends[0], 0, SEEK_CUR));
    SHOW_ERROR(write(ends[0], "x", 1));
    SHOW_ERROR(fcntl(ends[0], F_SETFL, O_NONBLOCK));
    SHOW_ERROR(read(ends[0], buffer, 1));
    SHOW_ERROR(fcntl(fd, 12345));
    SHOW_ERROR(fcntl(999, F_GETFD));
    SHOW_ERROR(dup2(999, 5));
    SHOW_ERROR(dup2(fd, -1));
    SHOW_ERROR(dup3(fd, fd, 0));
    int read_only = open("plain", O_RDONLY);
    SHOW_ERROR(write(read_only, "x", 1));
    SHOW_ERROR(ftruncate(read_only, 5));
    SHOW_ERROR(ftruncate(fd, -1));
    SHOW_ERROR(stat("absent", &st));
    SHOW_ERROR(fstat(999, &st));
    SHOW_ERROR(mkdir("plain", 0700));
    SHOW_ERROR(mkdir("absent/dir", 0700));
    SHOW_ERROR(rmdir("plain"));
    SHOW_ERROR(rmdir("absent"));
    SHOW_ERROR(unlink("absent"));
    SHOW_ERROR(unlink("."));
    SHOW_ERROR(rename("absent", "other"));
    SHOW_ERROR(readlink("plain", buffer, sizeof buffer));
    SHOW_ERROR(symlink("x", "plain"));
    SHOW_ERROR(symlink("loop", "loop"));
    SHOW_ERROR(open("loop", O_RDONLY));
    SHOW_ERROR(open("loop", O_RDONLY | O_NOFOLLOW));
    SHOW_ERROR(access("plain", X_OK));
    SHOW_ERROR(access("absent", F_OK));
    SHOW_ERROR(chdir("plain"));
    SHOW_ERROR(getcwd(buffer, 1) != 0);
    SHOW_ERROR(opendir("plain") != 0);
    SHOW_ERROR(ioctl(fd, TCGETS, buffer));
    SHOW_ERROR(ioctl(999, TCGETS, buffer));
    SHOW_ERROR(isatty(fd));
    SHOW_ERROR(writev(fd, (struct iovec[]){{buffer, 5}}, -1));
    SHOW_ERROR(pread(fd, buffer, 5, -1));
    SHOW_ERROR(mmap(0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    SHOW_ERROR(mmap(0, 4096, PROT_READ, MAP_PRIVATE, 999, 0) == MAP_FAILED);
    SHOW_ERROR(mmap(0, 4096, PROT_READ, MAP_PRIVATE, fd, 7) == MAP_FAILED);
    SHOW_ERROR(mmap(0, 4096, PROT_READ, MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    SHOW_ERROR(mmap(0, 4096, PROT_WRITE, MAP_SHARED, read_only, 0) == MAP_FAILED);
    SHOW_ERROR(munmap((void *)1, 4096));
    SHOW_ERROR(mprotect((void *)4097, 4096, PROT_READ));
    SHOW_ERROR(mremap((void *)0x1000, 4096, 8192, 0) == MAP_FAILED);
    SHOW_ERROR(nanosleep(&ts, 0));
    SHOW_ERROR(clock_gettime(1234, &ts));
    SHOW_ERROR(sigaction(SIGKILL, &(struct sigaction){0}, 0));
    SHOW_ERROR(sigaction(99, 0, 0));
    SHOW_ERROR(sigprocmask(99, &(sigset_t){0}, 0));
    SHOW_ERROR(kill(getpid(), 99));
    SHOW_ERROR(kill(getpid(), 0));
    SHOW_ERROR(getrlimit(99, &(struct rlimit){0}));
    SHOW_ERROR(syscall(SYS_getrandom, buffer, 4, 0x80));
    SHOW_ERROR(syscall(5000));
    SHOW_ERROR(syscall(SYS_futex, &(int){1}, 0, 2, 0, 0, 0));
    SHOW_ERROR(syscall(SYS_futex, &(int){1}, 1, 1, 0, 0, 0));
    SHOW_ERROR(openat(999, "x", O_RDONLY));
    SHOW_ERROR(openat(fd, "x", O_RDONLY));
    SHOW_ERROR(fchdir(fd));
    SHOW_ERROR(fdopendir(fd) != 0);
    char longname[300];
    memset(longname, 'n', 299);
    longname[299] = 0;
    SHOW_ERROR(open(longname, O_RDONLY));
    SHOW_ERROR(unlink("loop"));
    SHOW_ERROR(unlink("plain"));
    return 0;
}
