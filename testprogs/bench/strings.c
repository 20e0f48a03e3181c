/* String processing: split text into words, fold case, count them in a hash
 * table, search substrings, convert numbers to text and back. */
#include "bench.h"

const struct bench bench = {"strings", 150, 0x1081d0b1eb8c9cd3};

#define TEXT 100000
#define SLOTS 4096

static char text[TEXT + 1];
static char folded[TEXT + 1];

struct entry {
    const char *word;
    uint32_t length, count;
};

static struct entry table[SLOTS];

static int letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static NOINLINE size_t fold_case(char *to, const char *from)
{
    char *start = to;
    for (; *from; from++)
        *to++ = *from >= 'A' && *from <= 'Z' ? (char)(*from + 32) : *from;
    *to = 0;
    return (size_t)(to - start);
}

static int same(const char *a, const char *b, size_t n)
{
    for (; n; n--)
        if (*a++ != *b++)
            return 0;
    return 1;
}

static NOINLINE struct entry *count(const char *word, uint32_t length)
{
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)word[i]) * 16777619u;
    for (uint32_t slot = hash % SLOTS;; slot = (slot + 1) % SLOTS) {
        struct entry *entry = &table[slot];
        if (!entry->word) {
            entry->word = word;
            entry->length = length;
        }
        if (entry->length == length && same(entry->word, word, length)) {
            entry->count++;
            return entry;
        }
    }
}

static NOINLINE uint32_t split(const char *s)
{
    uint32_t words = 0;
    while (*s) {
        while (*s && !letter(*s))
            s++;
        const char *word = s;
        while (letter(*s))
            s++;
        if (s > word) {
            count(word, (uint32_t)(s - word));
            words++;
        }
    }
    return words;
}

static NOINLINE const char *search(const char *s, const char *what)
{
    for (; *s; s++) {
        const char *a = s, *b = what;
        while (*b && *a == *b)
            a++, b++;
        if (!*b)
            return s;
    }
    return 0;
}

static NOINLINE char *format(char *to, int64_t value)
{
    char digits[24];
    int n = 0;
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    if (value < 0)
        *to++ = '-';
    do
        digits[n++] = (char)('0' + magnitude % 10);
    while (magnitude /= 10);
    while (n)
        *to++ = digits[--n];
    *to = 0;
    return to;
}

static NOINLINE int64_t parse(const char *s)
{
    int negative = *s == '-';
    uint64_t value = 0;
    for (s += negative; *s >= '0' && *s <= '9'; s++)
        value = value * 10 + (uint64_t)(*s - '0');
    return (int64_t)(negative ? 0 - value : value);
}

void bench_setup(void)
{
    static const char *const parts[] = {
        "ba", "con", "di", "Er", "fu", "Gra", "hi", "is", "jo", "ka", "lum", "mo", "Ne", "or", "pi", "qua",
    };
    uint64_t seed = 2024;
    size_t at = 0;
    while (at + 32 < TEXT) {
        uint64_t r = bench_random(&seed) >> 12;
        for (uint64_t n = 1 + r % 3; n; n--) {
            r >>= 4;
            for (const char *p = parts[r % 16]; *p; p++)
                text[at++] = *p;
        }
        text[at++] = (r >> 20) % 9 ? ' ' : ',';
        if ((r >> 24) % 11 == 0)
            text[at++] = '\n';
    }
    text[at] = 0;
}

uint64_t bench_kernel(void)
{
    static const char *const wanted[] = {"quaquaqua", "lumhi", "nelumpi", "absent"};
    uint64_t sum = 0, seed = 5;
    memset(table, 0, sizeof table);
    sum = bench_fold(sum, fold_case(folded, text));
    sum = bench_fold(sum, split(folded));
    for (int i = 0; i < SLOTS; i++)
        if (table[i].word)
            sum = bench_fold(sum, table[i].count * 64 + table[i].length);
    for (int i = 0; i < 4; i++) {
        uint64_t hits = 0;
        for (const char *s = folded; (s = search(s, wanted[i])); s++)
            hits++;
        sum = bench_fold(sum, hits);
    }
    for (int i = 0; i < 2000; i++) {
        char buffer[32];
        int64_t value = (int64_t)bench_random(&seed) >> (i % 60);
        size_t length = (size_t)(format(buffer, value) - buffer);
        if (length != strlen(buffer) || parse(buffer) != value)
            return 0;
        sum = bench_fold(sum, length);
    }
    return sum;
}
