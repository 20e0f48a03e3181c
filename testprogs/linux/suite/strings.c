/* The C library's searching, sorting, string and number functions. */
#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <regex.h>
#include <search.h>
#include <wchar.h>

#include "suite.h"

static int by_int(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void number(const char *text, int base)
{
    char *end;
    errno = 0;
    long l = strtol(text, &end, base);
    int e1 = errno;
    errno = 0;
    unsigned long u = strtoul(text, 0, base);
    printf("%s (%d): %ld %s, %lu %s, rest '%s'\n", text, base, l, e1 ? strerrorname_np(e1) : "ok", u,
           errno ? strerrorname_np(errno) : "ok", end);
}

TEST(strings)
{
    static int numbers[20000];
    uint64_t seed = 77, sum = 0;
    for (size_t i = 0; i < 20000; i++)
        numbers[i] = (int)(random64(&seed) >> 40);
    qsort(numbers, 20000, sizeof *numbers, by_int);
    for (size_t i = 1; i < 20000; i++)
        sum = sum * 31 + (uint64_t)numbers[i] + (numbers[i - 1] > numbers[i]);
    SHOWX(sum);
    int key = numbers[777];
    int *hit = bsearch(&key, numbers, 20000, sizeof *numbers, by_int);
    printf("bsearch: %d, absent %p\n", *hit == key, bsearch(&(int){-1}, numbers, 20000, sizeof *numbers, by_int));

    const char *words[] = {"pear", "apple", "fig", "banana", "apple pie", "", "Zebra", "\xc3\xa4pfel"};
    qsort(words, 8, sizeof *words, by_text);
    for (int i = 0; i < 8; i++)
        printf("%s|", words[i]);
    printf("\n");

    char text[128] = "one, two;three  four";
    for (char *save, *word = strtok_r(text, " ,;", &save); word; word = strtok_r(0, " ,;", &save))
        printf("[%s]", word);
    printf("\n");
    char buffer[64];
    memset(buffer, 'x', sizeof buffer);
    strncpy(buffer, "hello", 8);
    printf("%d %zu %c\n", buffer[7], strlen(buffer), buffer[8]);
    memmove(buffer + 2, buffer, 6);
    printf("%s %d %s %s\n", buffer, (int)(strchr("a,b", ',') - "a,b"), strstr("haystack", "st"), strrchr("a/b/c", '/'));
    printf("%zu %zu %d %d %s\n", strspn("aabbc", "ab"), strcspn("hello,world", ","), strcasecmp("HeLLo", "hEllO"),
           memcmp("ab\0d", "ab\0c", 4) > 0, (char *)memmem("needle in hay", 13, "in", 2));
    printf("%d %s\n", snprintf(buffer, (size_t)argc + 7, "%s-%d", "truncated", 5), buffer);
    for (size_t align = 0; align < 8; align++)
        for (size_t n = 0; n < 40; n++) {
            char area[64];
            memset(area, 0, sizeof area);
            memset(area + align, 'a', n);
            if (strlen(area + align) != n || memchr(area + align, 0, 60) != area + align + n)
                printf("strlen wrong at %zu %zu\n", align, n);
        }

    number("123", 10), number("-0x7f", 16), number("0777", 0), number("zz", 36), number("9223372036854775807", 10);
    number("9223372036854775808", 10), number("-9223372036854775809", 10), number("  42abc", 10), number("", 10);
    int a, count;
    unsigned b;
    double d;
    char word[16], c;
    count = sscanf("17 ff 2.5e3 word x", "%d %x %lf %15s %c", &a, &b, &d, word, &c);
    printf("%d: %d %x %g %s %c\n", count, a, b, d, word, c);
    printf("%5d|%-5d|%05d|%+d|%x|%#o|%c|%10.3s|%%|%zu|%jd|%hhd|%*d\n", 42, 42, 42, 42, 255, 8, 'q', "abcdef", sizeof 0,
           (intmax_t)INT64_MIN, 300, 6, 7);
    printf("%2$s %1$s %3$d\n", "world", "hello", 3);

    regex_t regex;
    regmatch_t match[3];
    printf("regcomp %d", regcomp(&regex, "([a-z]+)@([a-z.]+)", REG_EXTENDED));
    const char *mail = "to: user@example.org!";
    printf(" regexec %d", regexec(&regex, mail, 3, match, 0));
    printf(" %.*s\n", (int)(match[2].rm_eo - match[2].rm_so), mail + match[2].rm_so);
    regfree(&regex);

    void *root = 0;
    for (int i = 0; i < 8; i++)
        tsearch(words[i], &root, (int (*)(const void *, const void *))strcmp);
    printf("tfind %d %d\n", tfind("fig", &root, (int (*)(const void *, const void *))strcmp) != 0,
           tfind("kiwi", &root, (int (*)(const void *, const void *))strcmp) != 0);

    SHOW(setlocale(LC_ALL, "C.UTF-8") != 0);
    wchar_t wide[16];
    SHOW(mbstowcs(wide, "h\xc3\xa9llo \xe2\x82\xac", 16));
    printf("%ls %d %x\n", wide, wcwidth(L'x'), (unsigned)wide[6]);
    printf("%d%d%d%d %c\n", isalpha('x') != 0, isdigit('x') != 0, isspace('\t') != 0, ispunct('!') != 0, toupper('q'));
    srand(1), srandom(1);
    int r1 = rand();
    printf("%d %d %ld %.6f\n", r1, rand(), random(), drand48());
    return 0;
}
