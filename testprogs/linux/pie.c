/* Static-PIE: the program relocates itself, wherever it is loaded. */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

extern const char __ehdr_start[];

static int one(void) { return 1; }
static int two(void) { return 2; }

/* Addresses in data: each needs a relocation. */
static int (*const functions[])(void) = {one, two, one};
static const char *const names[] = {"alpha", "beta", "gamma"};
static int value = 7;
static int *const pointer = &value;
static __thread int local = 40;

int main(int argc, char **argv)
{
    int sum = 0;
    for (int i = 0; i < 3; i++)
        sum = sum * 10 + functions[i]();
    printf("functions %d, names %s %s %s, pointer %d\n", sum, names[0], names[1], names[2], *pointer);
    local += 2;
    printf("thread-local %d\n", local);
    const Elf64_Ehdr *header = (const void *)__ehdr_start;
    printf("type %d, loaded at a page: %d, above zero: %d\n", header->e_type,
           (unsigned long)header % 4096 == 0, header != 0);
    printf("AT_PHDR %d, AT_ENTRY %d, AT_BASE %lu\n", getauxval(AT_PHDR) == (unsigned long)header + header->e_phoff,
           getauxval(AT_ENTRY) == (unsigned long)header + header->e_entry, getauxval(AT_BASE));
    printf("memcpy through an indirect function: %s\n", (char *)memcpy((char[8]){0}, "works", 6));
    for (int i = 1; i < argc; i++)
        printf("argument '%s'\n", argv[i]);
    return 0;
}
