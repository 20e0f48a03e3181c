/* Sorting: quicksort with the comparison inline, heapsort through a comparison
 * function as qsort has it, and a merge sort of records by pointer. */
#include "bench.h"

const struct bench bench = {"sort", 18, 0xb35355d5b3d7b6a8};

#define N 60000

struct record {
    uint32_t key;
    char name[12];
};

static uint32_t input[N], work[N];
static struct record records[N];
static struct record *pointers[N], *spare[N];

static void quicksort(uint32_t *a, long low, long high)
{
    while (high - low > 12) {
        uint32_t x = a[low], y = a[low + (high - low) / 2], z = a[high];
        uint32_t pivot = x < y ? (y < z ? y : x < z ? z : x) : (x < z ? x : y < z ? z : y);
        long i = low, j = high;
        while (i <= j) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i <= j) {
                uint32_t t = a[i];
                a[i++] = a[j];
                a[j--] = t;
            }
        }
        if (j - low < high - i) {
            quicksort(a, low, j);
            low = i;
        } else {
            quicksort(a, i, high);
            high = j;
        }
    }
    for (long i = low + 1; i <= high; i++) {
        uint32_t value = a[i];
        long j = i;
        for (; j > low && a[j - 1] > value; j--)
            a[j] = a[j - 1];
        a[j] = value;
    }
}

typedef int order(const void *, const void *);

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int by_name(const void *a, const void *b)
{
    const char *x = ((const struct record *)a)->name, *y = ((const struct record *)b)->name;
    while (*x && *x == *y)
        x++, y++;
    return (unsigned char)*x - (unsigned char)*y;
}

static void sift(uint32_t *a, size_t root, size_t n, order *compare)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && compare(&a[child], &a[child + 1]) < 0)
            child++;
        if (compare(&a[root], &a[child]) >= 0)
            return;
        uint32_t t = a[root];
        a[root] = a[child];
        a[child] = t;
    }
}

static NOINLINE void heapsort(uint32_t *a, size_t n, order *compare)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(a, i, n, compare);
    for (size_t i = n; i-- > 1;) {
        uint32_t t = a[0];
        a[0] = a[i];
        a[i] = t;
        sift(a, 0, i, compare);
    }
}

static void mergesort(struct record **a, struct record **b, size_t n, order *compare)
{
    if (n < 2)
        return;
    size_t half = n / 2, i = 0, j = half, k = 0;
    mergesort(a, b, half, compare);
    mergesort(a + half, b, n - half, compare);
    while (i < half && j < n)
        b[k++] = compare(a[i], a[j]) <= 0 ? a[i++] : a[j++];
    while (i < half)
        b[k++] = a[i++];
    memcpy(a, b, k * sizeof *a);
}

void bench_setup(void)
{
    uint64_t seed = 42;
    for (size_t i = 0; i < N; i++) {
        uint64_t r = bench_random(&seed);
        input[i] = (uint32_t)(r >> 32);
        records[i].key = (uint32_t)i;
        for (int j = 0; j < 8; j++)
            records[i].name[j] = (char)('a' + (r >> (4 * j)) % (j < 3 ? 3 : 16));
        records[i].name[8] = 0;
    }
}

uint64_t bench_kernel(void)
{
    uint64_t sum = 0;
    memcpy(work, input, sizeof work);
    quicksort(work, 0, N - 1);
    for (size_t i = 0; i < N; i += 97)
        sum = bench_fold(sum, work[i]);
    memcpy(work, input, sizeof work);
    heapsort(work, N, by_value);
    for (size_t i = 0; i < N; i += 89)
        sum = bench_fold(sum, work[i]);
    for (size_t i = 0; i < N; i++)
        pointers[i] = &records[i];
    mergesort(pointers, spare, N, by_name);
    for (size_t i = 0; i < N; i += 83)
        sum = bench_fold(sum, pointers[i]->key);
    return sum;
}
