/* Memory mappings: anonymous and of files, moved, protected, discarded. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

#define PAGE 4096

static sigjmp_buf escape;

static void on_fault(int number)
{
    siglongjmp(escape, number);
}

static int can_read(volatile char *p)
{
    if (sigsetjmp(escape, 1))
        return 0;
    *p;
    return 1;
}

static int can_write(volatile char *p)
{
    if (sigsetjmp(escape, 1))
        return 0;
    *p = *p;
    return 1;
}

static void access_map(const char *what, char *p, int pages)
{
    printf("%s:", what);
    for (int i = 0; i < pages; i++)
        printf(" %c%c", can_read(p + i * PAGE) ? 'r' : '-', can_write(p + i * PAGE) ? 'w' : '-');
    printf("\n");
}

static char *anonymous(size_t pages, int protection)
{
    return mmap(0, pages * PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

TEST(mmap)
{
    signal(SIGSEGV, on_fault);
    signal(SIGBUS, on_fault);
    char *p = anonymous(6, PROT_READ | PROT_WRITE), *q;
    SHOW((uintptr_t)p % PAGE);
    int zero = 0;
    for (int i = 0; i < 6 * PAGE; i++)
        zero |= p[i];
    SHOW(zero);
    for (int i = 0; i < 6; i++)
        p[i * PAGE] = (char)('a' + i);
    SHOW_ERROR(mprotect(p + PAGE, PAGE, PROT_READ));
    SHOW_ERROR(mprotect(p + 2 * PAGE, PAGE, PROT_NONE));
    SHOW_ERROR(munmap(p + 4 * PAGE, PAGE));
    access_map("holes", p, 6);
    SHOW_ERROR(mprotect(p, 6 * PAGE, PROT_READ | PROT_WRITE));
    SHOW_ERROR(munmap(p + 4 * PAGE, PAGE));
    SHOW(mmap(p + 4 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p + 4 * PAGE);
    SHOW_ERROR(mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED);
    SHOW_ERROR(mprotect(p, 6 * PAGE, PROT_READ | PROT_WRITE));
    for (int i = 0; i < 6; i++)
        printf("%d ", p[i * PAGE]);
    printf("\n");
    SHOW_ERROR(madvise(p, 2 * PAGE, MADV_DONTNEED));
    printf("%d %d %d\n", p[0], p[PAGE], p[2 * PAGE]);

    /* mremap */
    q = anonymous(40, PROT_READ | PROT_WRITE);
    for (int i = 0; i < 40; i++)
        q[i * PAGE + i] = (char)i;
    SHOW_ERROR(munmap(q + 20 * PAGE, 20 * PAGE));
    SHOW_ERROR(mremap(q, 20 * PAGE, 10 * PAGE, 0) == q);
    access_map("shrunk", q + 9 * PAGE, 2);
    SHOW_ERROR(mmap(q + 10 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == q + 10 * PAGE);
    SHOW_ERROR(mremap(q, 10 * PAGE, 30 * PAGE, 0) == MAP_FAILED);
    char *moved = mremap(q, 10 * PAGE, 30 * PAGE, MREMAP_MAYMOVE);
    SHOW(moved != MAP_FAILED && moved != q);
    access_map("old place", q, 2);
    int right = 0;
    for (int i = 0; i < 30; i++)
        right += moved[i * PAGE + i] == (i < 10 ? i : 0);
    SHOW(right);
    char *target = anonymous(4, PROT_NONE);
    SHOW(mremap(moved, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target) == target);
    SHOW(target[3 * PAGE + 3]);
    access_map("moved away", moved, 5);

    /* files */
    if (argc < 2 || chdir(argv[1]) != 0)
        return 1;
    char text[2 * PAGE + 100];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('A' + i % 26);
    int fd = open("mapped", O_CREAT | O_RDWR | O_TRUNC, 0600);
    SHOW(write(fd, text, sizeof text));
    char *private = mmap(0, sizeof text, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    char *shared = mmap(0, sizeof text, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *second = mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
    SHOW(memcmp(private, text, sizeof text) == 0 && memcmp(shared, text, sizeof text) == 0);
    SHOW(memcmp(second, text + PAGE, PAGE));
    SHOW(shared[2 * PAGE + 100]);
    private[5] = '!';
    shared[PAGE + 7] = '#';
    shared[2 * PAGE + 99] = '$';
    printf("%c %c %c\n", shared[5], private[PAGE + 7], second[7]);
    SHOW_ERROR(msync(shared, sizeof text, MS_SYNC));
    char byte[3] = "";
    pread(fd, byte, 1, 5);
    pread(fd, byte + 1, 1, PAGE + 7);
    printf("file: %s\n", byte);
    SHOW(pwrite(fd, "@", 1, PAGE + 9));
    printf("%c\n", second[9]);
    close(fd);
    printf("closed: %c\n", shared[PAGE + 9]);
    SHOW_ERROR(munmap(shared, sizeof text));
    SHOW_ERROR(munmap(private, sizeof text));
    fd = open("mapped", O_RDONLY);
    pread(fd, byte, 1, 2 * PAGE + 99);
    printf("file: %c\n", byte[0]);
    struct stat st;
    fstat(fd, &st);
    SHOW(st.st_size);
    char *read_only = mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    access_map("read only", read_only, 1);
    SHOW_ERROR(mprotect(read_only, PAGE, PROT_READ | PROT_WRITE));
    private = mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    SHOW_ERROR(mprotect(private, PAGE, PROT_READ | PROT_WRITE));
    access_map("private of a read-only file", private, 1);
    SHOW(unlink("mapped"));

    /* shared anonymous memory, a large sparse reservation */
    p = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    p[1] = 'x';
    SHOW(p[1]);
    size_t large = (size_t)1 << 36;
    p = mmap(0, large, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    SHOW(p != MAP_FAILED);
    SHOW_ERROR(mprotect(p + (large >> 1), PAGE, PROT_READ | PROT_WRITE));
    p[large >> 1] = 1;
    access_map("reservation", p + (large >> 1) - PAGE, 3);
    SHOW_ERROR(munmap(p, large));

    /* the break */
    char *start = sbrk(0);
    SHOW(sbrk(100000) == start);
    start[99999] = 1;
    SHOW((char *)sbrk(0) - start);
    SHOW(sbrk(-100000) == start + 100000);
    SHOW(sbrk(0) == start);
    return 0;
}
