/* Standard streams, buffered files, pipes, temporary files. */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

TEST(stdio)
{
    char line[256];
    int n = 0, ends[2];
    while (fgets(line, sizeof line, stdin))
        printf("%d: %s", ++n, line);
    printf("eof %d error %d\n", feof(stdin) != 0, ferror(stdin));
    SHOW_ERROR(isatty(0));

    if (chdir(argv[1]) != 0)
        return 1;
    FILE *file = fopen("stream", "w+");
    for (int i = 0; i < 3000; i++)
        fprintf(file, "line %d of the file\n", i);
    SHOW(ftell(file));
    SHOW(fseek(file, 1000, SEEK_SET));
    SHOW(fscanf(file, "%*[^\n]\nline %d", &n));
    SHOW(n);
    SHOW(ungetc('@', file));
    SHOW(fgetc(file));
    rewind(file);
    SHOW(fread(line, 1, 16, file));
    printf("%.16s\n", line);
    SHOW(fseek(file, -10, SEEK_END));
    SHOW(fputs("OVERWRITE", file) >= 0);
    SHOW(fflush(file));
    SHOW(fclose(file));
    file = fopen("stream", "a+");
    SHOW(fprintf(file, "appended\n"));
    SHOW(ftell(file));
    SHOW(fseek(file, -24, SEEK_END));
    SHOW(fread(line, 1, 24, file));
    printf("%.24s", line);
    SHOW(freopen("stream", "r", file) == file);
    SHOW(fgets(line, 8, file) != 0);
    printf("%s\n", line);
    fclose(file);
    char *dynamic = 0;
    size_t capacity = 0;
    file = fopen("stream", "r");
    SHOW(getline(&dynamic, &capacity, file));
    SHOW(setvbuf(file, 0, _IONBF, 0));
    SHOW(getline(&dynamic, &capacity, file));
    printf("%s", dynamic);
    free(dynamic);
    fclose(file);
    SHOW(remove("stream"));
    SHOW(fopen("stream", "r") == 0);

    char *memory;
    size_t size;
    file = open_memstream(&memory, &size);
    fprintf(file, "in %s", "memory");
    fclose(file);
    printf("%zu %s\n", size, memory);
    free(memory);

    SHOW(pipe2(ends, O_CLOEXEC));
    SHOW(write(ends[1], "through the pipe", 16));
    int waiting;
    SHOW(ioctl(ends[0], FIONREAD, &waiting));
    SHOW(waiting);
    struct pollfd poll_set = {ends[0], POLLIN | POLLOUT, 0};
    SHOW(poll(&poll_set, 1, 0));
    SHOWX(poll_set.revents);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    struct timeval zero = {0, 0};
    SHOW(select(ends[0] + 1, &set, 0, 0, &zero));
    SHOW(read(ends[0], line, 7));
    SHOW(read(ends[0], line + 7, 100));
    printf("%.16s\n", line);
    poll_set.revents = 0;
    SHOW(poll(&poll_set, 1, 5));
    close(ends[1]);
    SHOW(read(ends[0], line, 1));
    close(ends[0]);

    char name[] = "tmp-XXXXXX";
    int fd = mkstemp(name);
    struct stat st;
    SHOW(fd >= 0 && strcmp(name, "tmp-XXXXXX") != 0);
    SHOW(fstat(fd, &st) == 0 && (st.st_mode & 0777) == 0600);
    SHOW(unlink(name));
    close(fd);
    dprintf(1, "unbuffered\n");
    fprintf(stderr, "standard error\n");
    int saved = dup(1);
    fflush(stdout);
    fd = open("redirected", O_CREAT | O_RDWR | O_TRUNC, 0600);
    dup2(fd, 1);
    printf("into the file");
    fflush(stdout);
    dup2(saved, 1);
    SHOW(lseek(fd, 0, SEEK_END));
    SHOW(unlink("redirected"));
    SHOW(putchar('\n'));
    return 0;
}
