#include "suite.h"

#define TESTS(_)                                                                  \
    _(args) _(atomics) _(die) _(errors) _(fenv) _(files) _(int128) _(jit)         \
    _(malloc) _(mmap) _(printf) _(process) _(setjmp) _(signals) _(faults)         \
    _(scalar) _(stdio) _(strings) _(time) _(timers)

#define DECLARE(name) TEST(name);
TESTS(DECLARE)

static const struct {
    const char *name;
    int (*run)(int, char **);
} tests[] = {
#define ENTRY(name) {#name, test_##name},
    TESTS(ENTRY)
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof tests / sizeof *tests; i++)
        if (strcmp(argv[1], tests[i].name) == 0)
            return tests[i].run(argc - 1, argv + 1);
    fprintf(stderr, "usage: suite TEST [ARGS]\n");
    return 2;
}
