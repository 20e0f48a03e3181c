/* 128-bit arithmetic: mulh and friends, libgcc's division, conversions. */
#include "suite.h"

typedef unsigned __int128 u128;
typedef __int128 s128;

static void show(const char *what, u128 v)
{
    char digits[48], *p = digits + sizeof digits - 1;
    *p = 0;
    do
        *--p = (char)('0' + (int)(v % 10));
    while (v /= 10);
    printf("%s %s\n", what, p);
}

static u128 make(uint64_t high, uint64_t low)
{
    return (u128)high << 64 | low;
}

TEST(int128)
{
    static const uint64_t edges[] = {0, 1, 2, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 10, 1ull << 32};
    uint64_t sum = 0;
    show("max", ~(u128)0);
    show("product", (u128)0xfedcba9876543210 * 0x0123456789abcdef);
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 8; j++) {
            u128 a = make(edges[i], edges[j]), b = make(edges[j] >> 3, edges[i] | 1);
            u128 q = a / b, r = a % b, p = a * b;
            s128 sq = (s128)a / (s128)b, sr = (s128)a % (s128)b;
            if (q * b + r != a || (u128)(sq * (s128)b + sr) != a)
                printf("wrong division at %d %d\n", i, j);
            u128 mix = q ^ r ^ p ^ (u128)sq ^ (u128)sr ^ (a << (j * 9)) ^ (a >> (i * 11)) ^ (u128)((s128)a >> (i * 13));
            sum = sum * 31 + (uint64_t)(mix >> 64) * 17 + (uint64_t)mix;
            sum += (a < b) + 2 * ((s128)a < (s128)b);
        }
    SHOWX(sum);
    uint64_t seed = 9;
    for (int i = 0; i < 2000; i++) {
        u128 a = make(random64(&seed), random64(&seed)), b = make(random64(&seed) >> (i % 64), random64(&seed));
        b = b ? b : 1;
        u128 q = a / b, r = a % b;
        if (q * b + r != a || r >= b)
            printf("wrong division in round %d\n", i);
        sum ^= (uint64_t)(q + r) + (uint64_t)((q * a) >> 64);
    }
    SHOWX(sum);
    u128 factorial = 1;
    for (unsigned i = 1; i <= 33; i++)
        factorial *= i;
    show("33!", factorial);
    printf("%.17g %.17g %a\n", (double)factorial, (double)(s128)-factorial, (double)(float)make(1ull << 60, 1));
    show("from double", (u128)1.2345e30);
    show("from negative double", (u128)-(s128)-9.9e20);
    long high, low_overflow;
    int overflow = __builtin_mul_overflow(0x7fffffffffffffffL, 3L, &high);
    int none = __builtin_add_overflow(1L, 2L, &low_overflow);
    printf("overflow %d %d\n", overflow, none);
    printf("%d %d %d %d\n", __builtin_clzll(sum | 1), __builtin_ctzll(sum), __builtin_popcountll(sum),
           __builtin_parityll(sum));
    return 0;
}
