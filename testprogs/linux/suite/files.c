/* Files and directories, in the directory given as argument. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "suite.h"

static int dots_first(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void list(const char *dir)
{
    struct dirent **entries;
    int n = scandir(dir, &entries, 0, dots_first);
    printf("%s:", dir);
    for (int i = 0; i < n; i++)
        printf(" %s/%d", entries[i]->d_name, entries[i]->d_type);
    printf("\n");
}

static void describe(const char *path)
{
    struct stat st;
    if (lstat(path, &st) != 0) {
        printf("%s: %s\n", path, strerrorname_np(errno));
        return;
    }
    printf("%s: mode %o", path, st.st_mode);
    if (!S_ISDIR(st.st_mode))
        printf(", size %lld, links %d", (long long)st.st_size, (int)st.st_nlink);
    printf(", mine %d\n", st.st_uid == getuid());
}

TEST(files)
{
    char buffer[4096], here[PATH_MAX], real[PATH_MAX];
    struct stat st, other;
    if (argc < 2 || chdir(argv[1]) != 0) {
        perror("chdir");
        return 1;
    }
    umask(022);
    SHOW_ERROR(mkdir("work", 0777));
    SHOW_ERROR(chdir("work"));
    SHOW(getcwd(here, sizeof here) != 0 && strcmp(strrchr(here, '/'), "/work") == 0);

    /* descriptors */
    int fd = open("data", O_CREAT | O_RDWR | O_TRUNC, 0666);
    SHOW(fd);
    SHOW_ERROR(write(fd, "hello world\n", 12));
    SHOW_ERROR(lseek(fd, 0, SEEK_END));
    SHOW_ERROR(lseek(fd, 6, SEEK_SET));
    SHOW_ERROR(read(fd, buffer, 100));
    printf("%.6s", buffer);
    SHOW_ERROR(read(fd, buffer, 100));
    SHOW_ERROR(pwrite(fd, "WORLD", 5, 6));
    SHOW_ERROR(pread(fd, buffer, 12, 0));
    printf("%.12s", buffer);
    SHOW_ERROR(lseek(fd, 100, SEEK_SET));
    SHOW_ERROR(write(fd, "!", 1));
    SHOW_ERROR(fstat(fd, &st));
    SHOW(st.st_size);
    SHOW(st.st_blksize > 0);
    SHOW_ERROR(ftruncate(fd, 5));
    SHOW_ERROR(ftruncate(fd, 20));
    SHOW_ERROR(pread(fd, buffer, 100, 0));
    printf("%.5s %d %d\n", buffer, buffer[5], buffer[19]);
    int copy = dup(fd);
    SHOW(copy);
    SHOW_ERROR(lseek(copy, 3, SEEK_SET));
    SHOW_ERROR(lseek(fd, 0, SEEK_CUR));
    SHOW_ERROR(dup2(fd, 10));
    SHOW_ERROR(fcntl(10, F_DUPFD, 50));
    SHOW_ERROR(fcntl(fd, F_DUPFD_CLOEXEC, 60));
    SHOW_ERROR(fcntl(60, F_GETFD));
    SHOW_ERROR(fcntl(fd, F_GETFD));
    SHOW_ERROR(fcntl(fd, F_SETFD, FD_CLOEXEC));
    SHOW_ERROR(fcntl(fd, F_GETFD));
    SHOWX(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
    SHOW_ERROR(fcntl(fd, F_SETFL, O_APPEND));
    SHOWX(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
    SHOW_ERROR(lseek(fd, 0, SEEK_SET));
    SHOW_ERROR(write(fd, "end", 3));
    SHOW_ERROR(lseek(fd, 0, SEEK_CUR));
    SHOW_ERROR(close(10));
    SHOW_ERROR(fsync(fd));
    SHOW_ERROR(fdatasync(fd));
    SHOW_ERROR(flock(fd, LOCK_EX | LOCK_NB));
    struct iovec out[] = {{"ab", 2}, {"", 0}, {"cde", 3}};
    SHOW_ERROR(writev(fd, out, 3));
    char first[4], second[40];
    struct iovec in[] = {{first, 4}, {second, 40}};
    SHOW_ERROR(lseek(fd, 20, SEEK_SET));
    SHOW_ERROR(readv(fd, in, 2));
    printf("%.4s %.4s\n", first, second);
    SHOW_ERROR(preadv(fd, in, 2, 22));
    SHOW_ERROR(close(fd));

    /* names */
    describe("data");
    SHOW_ERROR(chmod("data", 0640));
    describe("data");
    SHOW_ERROR(link("data", "hard"));
    describe("hard");
    SHOW(stat("data", &st) == 0 && stat("hard", &other) == 0 && st.st_ino == other.st_ino && st.st_dev == other.st_dev);
    SHOW_ERROR(symlink("data", "soft"));
    describe("soft");
    SHOW_ERROR(readlink("soft", buffer, sizeof buffer));
    printf("%.4s\n", buffer);
    SHOW(stat("soft", &st) == 0 && S_ISREG(st.st_mode));
    SHOW_ERROR(rename("data", "renamed"));
    describe("data");
    describe("renamed");
    SHOW_ERROR(open("soft", O_RDONLY));
    SHOW_ERROR(unlink("hard"));
    describe("renamed");
    SHOW_ERROR(mkdir("sub", 0700));
    SHOW_ERROR(mkdir("sub/deep", 0755));
    SHOW_ERROR(rename("renamed", "sub/moved"));
    SHOW_ERROR(rmdir("sub"));
    list(".");
    list("sub");
    static char moved[PATH_MAX + 16];
    SHOW_ERROR(getcwd(moved, PATH_MAX) != 0);
    SHOW(realpath("sub/deep/../moved", real) != 0 && strcmp(real, strcat(moved, "/sub/moved")) == 0);
    int dir = open("sub", O_RDONLY | O_DIRECTORY);
    SHOW_ERROR(openat(dir, "made", O_CREAT | O_WRONLY | O_EXCL, 0444) >= 0);
    SHOW_ERROR(fstatat(dir, "made", &st, 0));
    printf("made: mode %o\n", st.st_mode);
    SHOW_ERROR(faccessat(dir, "made", R_OK, 0));
    SHOW_ERROR(unlinkat(dir, "made", 0));
    SHOW_ERROR(mkdirat(dir, "another", 0777));
    SHOW_ERROR(unlinkat(dir, "another", AT_REMOVEDIR));
    SHOW_ERROR(renameat(dir, "moved", AT_FDCWD, "back"));
    SHOW_ERROR(symlinkat("elsewhere", dir, "dangling"));
    SHOW_ERROR(fstatat(dir, "dangling", &st, 0));
    SHOW_ERROR(fstatat(dir, "dangling", &st, AT_SYMLINK_NOFOLLOW));
    SHOW_ERROR(fchdir(dir));
    SHOW_ERROR(access("deep", X_OK));
    SHOW_ERROR(chdir(".."));
    close(dir);

    /* times */
    struct timespec times[2] = {{1000000000, 123456000}, {1234567890, 0}};
    SHOW_ERROR(utimensat(AT_FDCWD, "back", times, 0));
    SHOW_ERROR(stat("back", &st));
    printf("%lld.%09ld %lld.%09ld\n", (long long)st.st_atim.tv_sec, st.st_atim.tv_nsec, (long long)st.st_mtim.tv_sec,
           st.st_mtim.tv_nsec);
    struct statx sx;
    SHOW_ERROR(statx(AT_FDCWD, "back", 0, STATX_BASIC_STATS, &sx));
    printf("statx: size %llu, mode %o, mtime %lld\n", (unsigned long long)sx.stx_size, sx.stx_mode,
           (long long)sx.stx_mtime.tv_sec);

    /* a directory too large for one getdents call */
    SHOW_ERROR(mkdir("many", 0755));
    for (int i = 0; i < 600; i++) {
        snprintf(buffer, sizeof buffer, "many/a-file-with-a-rather-long-name-%04d", i);
        close(open(buffer, O_CREAT | O_WRONLY, 0600));
    }
    DIR *stream = opendir("many");
    int files = 0, dots = 0;
    for (struct dirent *entry; (entry = readdir(stream));) {
        files += entry->d_type == DT_REG;
        dots += entry->d_name[0] == '.';
    }
    printf("%d files, %d dots\n", files, dots);
    rewinddir(stream);
    SHOW(readdir(stream) != 0);
    closedir(stream);
    for (int i = 0; i < 600; i++) {
        snprintf(buffer, sizeof buffer, "many/a-file-with-a-rather-long-name-%04d", i);
        files -= unlink(buffer) == 0;
    }
    SHOW(files);
    SHOW_ERROR(rmdir("many"));

    struct statfs fs;
    SHOW(statfs(".", &fs) == 0 && fs.f_bsize > 0 && fs.f_namelen >= 255);
    int from = open("back", O_RDONLY), to = open("sent", O_CREAT | O_RDWR, 0600);
    SHOW_ERROR(sendfile(to, from, &(off_t){2}, 10));
    SHOW_ERROR(lseek(to, 0, SEEK_END));
    SHOW_ERROR(unlink("sent"));
    SHOW_ERROR(fstat(to, &st));
    SHOW(st.st_nlink);
    close(from), close(to);
    SHOW_ERROR(truncate("back", 3));
    describe("back");
    SHOW_ERROR(fcntl(1, F_GETFL) >= 0);

    SHOW_ERROR(unlink("back"));
    SHOW_ERROR(unlink("soft"));
    SHOW_ERROR(unlink("sub/dangling"));
    SHOW_ERROR(rmdir("sub/deep"));
    SHOW_ERROR(rmdir("sub"));
    list(".");
    SHOW_ERROR(chdir(".."));
    SHOW_ERROR(rmdir("work"));
    return 0;
}
