/* The main loop of the kernels; see kernel.h. */
#include "kernel.h"

int vector_main(const char *argument)
{
    uint64_t rounds = kernel.rounds;
    if (argument) {
        rounds = 0;
        while (*argument >= '0' && *argument <= '9')
            rounds = rounds * 10 + (uint64_t)(*argument++ - '0');
    }
    setup();
    for (uint64_t i = 0; i < rounds; i++)
        round();
    uint64_t sum = check();
    int good = rounds == 0 || sum == kernel.checksum;
    put(kernel.name);
    put(": checksum ");
    put_hex(sum);
    put(good ? ", ok\n" : ", WRONG\n");
    return !good;
}
