/* A binary search tree: insert, look up, walk in order, delete. The treap's
 * random priorities keep it balanced; nodes come from a pool in shuffled order. */
#include "bench.h"

const struct bench bench = {"tree", 110, 0x3627cbe1c312c316};

#define N 12000

struct node {
    struct node *child[2];
    uint64_t key, value;
    uint32_t priority;
};

static struct node pool[N];
static uint64_t keys[N];
static uint32_t place[N];

static struct node *insert(struct node *root, struct node *node)
{
    if (!root)
        return node;
    int side = node->key > root->key;
    struct node *child = insert(root->child[side], node);
    if (child->priority > root->priority) {
        root->child[side] = child->child[!side];
        child->child[!side] = root;
        return child;
    }
    root->child[side] = child;
    return root;
}

static NOINLINE struct node *find(struct node *root, uint64_t key)
{
    while (root && root->key != key)
        root = root->child[key > root->key];
    return root;
}

static struct node *join(struct node *low, struct node *high)
{
    if (!low || !high)
        return low ? low : high;
    if (low->priority > high->priority) {
        low->child[1] = join(low->child[1], high);
        return low;
    }
    high->child[0] = join(low, high->child[0]);
    return high;
}

static NOINLINE struct node *delete(struct node *root, uint64_t key)
{
    struct node **link = &root;
    while (*link && (*link)->key != key)
        link = &(*link)->child[key > (*link)->key];
    if (*link)
        *link = join((*link)->child[0], (*link)->child[1]);
    return root;
}

static uint64_t walk(const struct node *root, uint64_t sum)
{
    if (!root)
        return sum;
    sum = walk(root->child[0], sum);
    sum = bench_fold(sum, root->value);
    return walk(root->child[1], sum);
}

void bench_setup(void)
{
    uint64_t seed = 7;
    for (uint32_t i = 0; i < N; i++) {
        uint32_t j = (uint32_t)(bench_random(&seed) % (i + 1));
        keys[i] = bench_random(&seed) >> 16;
        place[i] = place[j];
        place[j] = i;
    }
}

uint64_t bench_kernel(void)
{
    uint64_t seed = 99, sum = 0;
    struct node *root = 0;
    for (uint32_t i = 0; i < N; i++) {
        struct node *node = &pool[place[i]];
        *node = (struct node){.key = keys[i], .value = i, .priority = (uint32_t)bench_random(&seed)};
        root = insert(root, node);
    }
    for (uint32_t i = 0; i < 4 * N; i++) {
        /* every second key is absent */
        uint64_t r = bench_random(&seed);
        struct node *hit = find(root, keys[(r >> 8) % N] + (r & 1));
        if (hit)
            hit->value += i;
        else
            sum++;
    }
    sum = walk(root, sum);
    for (uint32_t i = 0; i < N; i += 2)
        root = delete(root, keys[i]);
    return walk(root, sum);
}
