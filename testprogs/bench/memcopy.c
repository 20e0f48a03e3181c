/* Memory copy: word and byte loops over several sizes and alignments, an
 * overlapping move, a fill and a comparison. */
#include "bench.h"

const struct bench bench = {"memcopy", 250, 0x5e220ffaf651481d};

#define SIZE 65536

static unsigned char from[SIZE + 64] __attribute__((aligned(64)));
static unsigned char to[SIZE + 64] __attribute__((aligned(64)));

/* Eight words a turn, as C libraries copy aligned blocks. */
static NOINLINE void copy_words(uint64_t *d, const uint64_t *s, size_t words)
{
    for (; words >= 8; words -= 8, d += 8, s += 8) {
        uint64_t a = s[0], b = s[1], c = s[2], e = s[3];
        uint64_t f = s[4], g = s[5], h = s[6], i = s[7];
        d[0] = a, d[1] = b, d[2] = c, d[3] = e;
        d[4] = f, d[5] = g, d[6] = h, d[7] = i;
    }
    while (words--)
        *d++ = *s++;
}

static NOINLINE void copy_bytes(unsigned char *d, const unsigned char *s, size_t n)
{
    while (n--)
        *d++ = *s++;
}

static NOINLINE void fill_words(uint64_t *d, uint64_t value, size_t words)
{
    while (words--)
        *d++ = value;
}

static NOINLINE size_t differ_at(const unsigned char *a, const unsigned char *b, size_t n)
{
    size_t i = 0;
    while (i < n && a[i] == b[i])
        i++;
    return i;
}

void bench_setup(void)
{
    uint64_t seed = 17;
    for (size_t i = 0; i < sizeof from; i++)
        from[i] = (unsigned char)(bench_random(&seed) >> 24);
}

uint64_t bench_kernel(void)
{
    static const uint32_t sizes[] = {8, 24, 64, 200, 1024, 4096, 32768, 65536};
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint32_t n = sizes[i];
        /* about the same number of bytes for every size */
        for (uint32_t done = 0; done < 2 * SIZE; done += n) {
            fill_words((uint64_t *)to, done, n / 8);
            copy_words((uint64_t *)to, (const uint64_t *)(from + 8 * (done % 5)), n / 8);
            memcpy(to, from + done % 2 * 8, n);
        }
        copy_bytes(to + 3, from + 1, n);
        memmove(to + 5, to, n);
        memmove(to, to + 2, n);
        sum = bench_fold(sum, differ_at(to + 1, from, n) * 256 + to[n / 2]);
        sum = bench_fold(sum, differ_at(to + 6, from + 1, n - 4));
    }
    return sum;
}
