/* Dynamically linked: needs the loader and libraries of a sysroot. */
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    volatile double two = 2;
    printf("Hello from a dynamic program: %.15f\n", sqrt(two) + sin(two));
    void *self = dlopen(NULL, RTLD_NOW);
    int (*print)(const char *) = (int (*)(const char *))dlsym(self, "puts");
    print("puts through dlsym");
    return argc;
}
