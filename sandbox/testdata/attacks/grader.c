/* Reads what the processes above it have: their environment, descriptors, memory and command. */
#include "attack.h"

static int above(int pid)
{
    char name[64], text[512] = "";
    snprintf(name, sizeof(name), "/proc/%d/stat", pid);
    int fd = open(name, O_RDONLY), parent = 0;
    if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0) {
        return 0;
    }
    close(fd);
    char *end = strrchr(text, ')');
    return end != NULL && sscanf(end, ") %*c %d", &parent) == 1 ? parent : 0;
}

int main(void)
{
    static const char *files[] = { "environ", "cmdline", "fd/0", "maps", "mem", "root/etc/passwd", "task", "status" };
    int read_some = 0, levels = 0;
    for (int pid = getppid(); pid > 1 && levels < 3; pid = above(pid), levels++) {
        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
            char name[64];
            snprintf(name, sizeof(name), "/proc/%d/%s", pid, files[i]);
            read_some += open(name, O_RDONLY) >= 0;
        }
    }
    for (char **variable = environ; *variable != NULL; variable++) {
        read_some += strstr(*variable, "SECRET") != NULL;
    }
    return verdict(read_some > 0);
}
