/* Traces the process of the second argument, or reads its memory, in the way of the first. */
#include "attack.h"
#include <sys/ptrace.h>
#include <sys/uio.h>

int main(int argc, char **argv)
{
    if (argc < 3) {
        return 2;
    }
    pid_t victim = atoi(argv[2]);
    long result = -1;
    if (strcmp(argv[1], "attach") == 0) {
        result = ptrace(PTRACE_ATTACH, victim, NULL, NULL);
        if (result == 0) {
            waitpid(victim, NULL, 0);
            ptrace(PTRACE_DETACH, victim, NULL, NULL);
        }
    } else if (strcmp(argv[1], "me") == 0) { /* its parent would have to trace it */
        result = ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    } else if (strcmp(argv[1], "read") == 0) {
        char here[8], *there = NULL;
        char name[64];
        snprintf(name, sizeof(name), "/proc/%d/maps", victim);
        FILE *maps = fopen(name, "r");
        unsigned long start = 0x10000;
        if (maps != NULL && fscanf(maps, "%lx", &start) != 1) {
            start = 0x10000;
        }
        there = (char *)start;
        struct iovec local = { here, sizeof(here) }, remote = { there, sizeof(here) };
        result = process_vm_readv(victim, &local, 1, &remote, 1, 0) > 0 ? 0 : -1;
    }
    return verdict(result == 0);
}
