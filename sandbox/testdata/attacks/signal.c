/* Ends the process of the second argument, or its own parent, in the way of the first. */
#include "attack.h"
#include <sys/resource.h>

int main(int argc, char **argv)
{
    if (argc < 3) {
        return 2;
    }
    const char *way = argv[1];
    pid_t victim = strcmp(argv[2], "parent") == 0 ? getppid() : atoi(argv[2]);
    siginfo_t info = { .si_code = SI_QUEUE };
    int result = -1;
    if (strcmp(way, "kill") == 0) {
        result = kill(victim, SIGKILL);
    } else if (strcmp(way, "group") == 0) {
        result = kill(-victim, SIGKILL);
    } else if (strcmp(way, "tgkill") == 0) {
        result = (int)syscall(SYS_tgkill, victim, victim, SIGKILL);
    } else if (strcmp(way, "tkill") == 0) {
        result = (int)syscall(SYS_tkill, victim, SIGKILL);
    } else if (strcmp(way, "queue") == 0) {
        result = (int)syscall(SYS_rt_sigqueueinfo, victim, SIGKILL, &info);
    } else if (strcmp(way, "pidfd") == 0) {
        int fd = (int)syscall(SYS_pidfd_open, victim, 0);
        result = fd < 0 ? -1 : (int)syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
    } else if (strcmp(way, "owner") == 0) { /* SIGIO by a pipe that has something to read */
        int ends[2];
        result = pipe(ends) == 0 && fcntl(ends[0], F_SETFL, O_ASYNC) == 0 ? fcntl(ends[0], F_SETOWN, victim) : -1;
        if (result == 0 && write(ends[1], "x", 1) != 1) {
            result = -1;
        }
    } else if (strcmp(way, "limit") == 0) {
        struct rlimit limit = { 0, 0 };
        result = prlimit(victim, RLIMIT_CORE, &limit, NULL);
    } else if (strcmp(way, "priority") == 0) {
        result = setpriority(PRIO_PROCESS, victim, 19);
    }
    return verdict(result == 0);
}
