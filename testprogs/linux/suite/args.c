/* What the program finds on its stack: arguments, environment, auxiliary vector. */
#include <elf.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "suite.h"

extern char **environ;
extern char _start[], __ehdr_start[];

TEST(args)
{
    SHOW(argc);
    printf("program %s\n", basename(argv[-1]));
    for (int i = 0; i < argc; i++)
        printf("argument '%s'\n", argv[i]);
    SHOW(argv[argc] == 0);
    for (char **e = environ; *e; e++)
        if (strncmp(*e, "GUEST_", 6) == 0)
            printf("%s\n", *e);
    SHOW(getenv("GUEST_ABSENT") == 0);

    SHOW(getauxval(AT_PAGESZ));
    SHOW(getauxval(AT_PHENT));
    SHOW(getauxval(AT_SECURE));
    SHOW(getauxval(AT_CLKTCK));
    SHOW(getauxval(AT_ENTRY) == (unsigned long)_start);
    const Elf64_Ehdr *header = (const void *)__ehdr_start;
    SHOW(getauxval(AT_PHDR) == (unsigned long)header + header->e_phoff);
    SHOW(getauxval(AT_PHNUM) == header->e_phnum);
    SHOW(getauxval(AT_UID) == getuid() && getauxval(AT_EGID) == getegid());
    const unsigned char *seed = (const void *)getauxval(AT_RANDOM);
    SHOW(seed != 0);
    for (int i = 0, sum = 0; i < 16; i++) {
        sum += seed[i] != 0;
        if (i == 15)
            SHOW(sum > 4);
    }
    const char *file = (const char *)getauxval(AT_EXECFN);
    printf("AT_EXECFN is argv[0]'s file: %d\n", file && strcmp(basename(file), "suite.elf") == 0);
    for (const char *letter = "imafdc"; *letter; letter++)
        printf("%c%lu ", *letter, getauxval(AT_HWCAP) >> (*letter - 'a') & 1);
    printf("\n");
    unsigned long sp = (unsigned long)__builtin_frame_address(0);
    SHOW(sp % 16);
    SHOW((unsigned long)argv > sp);
    return 0;
}
