/* Integer mix in the manner of embedded benchmarks: linked lists, a small
 * 16-bit matrix, a scan over text, all tied together by a CRC. */
#include "bench.h"

const struct bench bench = {"intmix", 450, 0x59d8};

/* ---- CRC-16, bit by bit ---- */

static uint16_t crc16(uint16_t crc, uint16_t value)
{
    for (int bit = 0; bit < 16; bit++) {
        unsigned carry = (crc ^ value) & 1;
        crc >>= 1;
        value >>= 1;
        if (carry)
            crc ^= 0xa001;
    }
    return crc;
}

/* ---- lists ---- */

#define NODES 200

struct node {
    struct node *next;
    int16_t key, rank;
};

static struct node nodes[NODES];

static struct node *list_build(uint64_t seed)
{
    struct node *head = 0;
    for (int i = 0; i < NODES; i++) {
        nodes[i].key = (int16_t)bench_random(&seed);
        nodes[i].rank = (int16_t)i;
        nodes[i].next = head;
        head = &nodes[i];
    }
    return head;
}

static int by_key(const struct node *a, const struct node *b)
{
    return a->key - b->key;
}

static int by_rank(const struct node *a, const struct node *b)
{
    return a->rank - b->rank;
}

typedef int order(const struct node *, const struct node *);

/* Bottom-up merge sort of a list. */
static NOINLINE struct node *list_sort(struct node *list, order *compare)
{
    for (int width = 1;; width *= 2) {
        struct node *from = list, *tail = 0;
        int merges = 0;
        list = 0;
        while (from) {
            struct node *a = from, *b = from;
            int left = 0, right = width;
            merges++;
            while (left < width && b) {
                left++;
                b = b->next;
            }
            while (left > 0 || (right > 0 && b)) {
                struct node *take;
                if (left > 0 && (right == 0 || !b || compare(a, b) <= 0)) {
                    take = a;
                    a = a->next;
                    left--;
                } else {
                    take = b;
                    b = b->next;
                    right--;
                }
                if (tail)
                    tail->next = take;
                else
                    list = take;
                tail = take;
            }
            from = b;
        }
        tail->next = 0;
        if (merges <= 1)
            return list;
    }
}

static NOINLINE struct node *list_reverse(struct node *list)
{
    struct node *done = 0;
    while (list) {
        struct node *next = list->next;
        list->next = done;
        done = list;
        list = next;
    }
    return done;
}

static NOINLINE struct node *list_find(struct node *list, int16_t key)
{
    while (list && (list->key & 0xff) != (key & 0xff))
        list = list->next;
    return list;
}

static uint16_t list_round(uint16_t crc, uint64_t seed)
{
    struct node *list = list_build(seed);
    list = list_sort(list, by_key);
    for (int i = 0; i < 60; i++) {
        struct node *hit = list_find(list, (int16_t)i);
        crc = crc16(crc, hit ? (uint16_t)hit->rank : 0xffff);
        if (i % 8 == 0)
            list = list_reverse(list);
    }
    list = list_sort(list, by_rank);
    for (int i = 0; i < 20 && list; i++, list = list->next)
        crc = crc16(crc, (uint16_t)list->key);
    return crc;
}

/* ---- matrix ---- */

#define N 12

static int16_t left[N][N], right[N][N];
static int32_t product[N][N];

static NOINLINE int32_t matrix_multiply(int extract_bits)
{
    int32_t sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            int32_t cell = 0;
            for (int k = 0; k < N; k++) {
                int32_t t = left[i][k] * right[k][j];
                cell += extract_bits ? ((t >> 2) & 0xf) * ((t >> 5) & 0x7f) : t;
            }
            product[i][j] = cell;
            sum += cell;
        }
    return sum;
}

static NOINLINE uint16_t matrix_round(uint16_t crc, int16_t add)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            left[i][j] = (int16_t)(i * N + j + add);
            right[i][j] = (int16_t)((i ^ j) * 7 - add);
        }
    crc = crc16(crc, (uint16_t)matrix_multiply(0));
    crc = crc16(crc, (uint16_t)matrix_multiply(1));
    int32_t last = 0, steps = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            steps += product[i][j] > last ? 10 : 1;
            last = product[i][j];
        }
    return crc16(crc, (uint16_t)steps);
}

/* ---- a scan over numbers in text ---- */

static const char *const texts[] = {
    "5012", "1234.500", "-110.700", "+0.64400", "35.54400", "-.1234500", "5.500e+3",
    "-.123e-2", "-87e+832", "+0.6e-12", "T0.3e-1F", "-T.T++Tq", "1T3.4e4z", "34.0e-T^",
};

enum state { START, SIGN, INTEGER, FRACTION, EXPONENT, EXPONENT_SIGN, SCIENTIFIC, INVALID, STATES };

static NOINLINE enum state scan(const char *text, uint32_t *visits)
{
    enum state state = START;
    for (; *text && state != INVALID; text++) {
        char c = *text;
        int digit = c >= '0' && c <= '9';
        switch (state) {
        case START:
            state = digit ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? FRACTION : INVALID;
            break;
        case SIGN:
            state = digit ? INTEGER : c == '.' ? FRACTION : INVALID;
            break;
        case INTEGER:
            state = digit ? INTEGER : c == '.' ? FRACTION : c == 'e' ? EXPONENT : INVALID;
            break;
        case FRACTION:
            state = digit ? FRACTION : c == 'e' ? EXPONENT : INVALID;
            break;
        case EXPONENT:
            state = c == '+' || c == '-' ? EXPONENT_SIGN : INVALID;
            break;
        case EXPONENT_SIGN:
        case SCIENTIFIC:
            state = digit ? SCIENTIFIC : INVALID;
            break;
        default:
            break;
        }
        visits[state]++;
    }
    return state;
}

static uint16_t scan_round(uint16_t crc)
{
    uint32_t visits[STATES] = {0};
    for (int repeat = 0; repeat < 12; repeat++)
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
            crc = crc16(crc, (uint16_t)scan(texts[i], visits));
    for (int i = 0; i < STATES; i++)
        crc = crc16(crc, (uint16_t)visits[i]);
    return crc;
}

void bench_setup(void)
{
}

uint64_t bench_kernel(void)
{
    uint16_t crc = 0xffff;
    for (int i = 0; i < 10; i++) {
        crc = list_round(crc, (uint64_t)i + 1);
        for (int j = 0; j < 3; j++)
            crc = matrix_round(crc, (int16_t)(i * 3 + j));
        crc = scan_round(crc);
    }
    return crc;
}
