/* picolibc over semihosting: printing, files, errors, the exit code. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(void)
{
    printf("%s %d %x %.3f %e %g %a\n", "semihosting", -5, 255, 3.14159, 1e-10, 0.1, 1.0 / 3);
    printf("%.15g %.15g %.15g\n", sin(1), exp(1), sqrt(2));
    FILE *file = fopen("semihost.out", "w");
    if (!file)
        return 1;
    for (int i = 0; i < 100; i++)
        fprintf(file, "line %d\n", i);
    fclose(file);
    file = fopen("semihost.out", "r");
    char line[32];
    int n = 0;
    while (fgets(line, sizeof line, file))
        n++;
    printf("%d lines, last %s", n, line);
    printf("seek %d", fseek(file, 7, SEEK_SET));
    printf(", read %s", fgets(line, sizeof line, file));
    fclose(file);
    printf("remove %d\n", remove("semihost.out"));
    errno = 0;
    file = fopen("absent/file", "r");
    printf("absent: %d, errno set %d\n", file != 0, errno != 0);
    void *block = malloc(10000);
    memset(block, 1, 10000);
    printf("malloc %d\n", block != 0);
    free(block);
    printf("clock %d, time %d\n", clock() != (clock_t)-1, time(0) != (time_t)-1);
    exit(23);
}
