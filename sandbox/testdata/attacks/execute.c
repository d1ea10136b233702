/* Executes another program: one of the system, or a copy of itself that it writes. */
#include "attack.h"

static int copy(const char *from, const char *to)
{
    static char text[4 << 20];
    int in = open(from, O_RDONLY), out = open(to, O_CREAT | O_WRONLY | O_TRUNC, 0700);
    ssize_t n = read(in, text, sizeof(text));
    return n > 0 && write(out, text, (size_t)n) == n && close(out) == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    const char *program = argc > 1 ? argv[1] : "./mine";
    if (argc == 1 && strcmp(argv[0], "./mine") == 0) {
        return verdict(1);
    }
    if (argc == 1 && copy("/proc/self/exe", program) != 0) {
        return verdict(0);
    }
    fflush(stdout);
    execl(program, program, argc > 1 ? "-c" : NULL, "echo succeeded", NULL);
    return verdict(0);
}
