/* Makes the system calls that reach beyond a program, each in a way that harms nothing, and prints those that did not fail for a
 * lack of rights. */
#include "attack.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>

static void tell(const char *name, long result)
{
    if (result >= 0 || (errno != EPERM && errno != ENOSYS && errno != EACCES)) {
        printf("went through: %s: %ld %s\n", name, result, result < 0 ? strerror(errno) : "");
    }
}

#define TELL(name, ...) tell(#name, syscall(SYS_##name, __VA_ARGS__))

int main(void)
{
    char parameters[256] = "";
    TELL(unshare, CLONE_NEWUSER);
    TELL(setns, -1, 0);
    TELL(mount, "none", "/nowhere", "tmpfs", 0, NULL);
    TELL(umount2, "/nowhere", 0);
    TELL(pivot_root, "/nowhere", "/nowhere");
    TELL(chroot, "/nowhere");
    TELL(io_uring_setup, 1, parameters);
    TELL(bpf, 0, NULL, 0);
    TELL(userfaultfd, 0);
    TELL(perf_event_open, NULL, 0, 0, 0, 0);
    TELL(keyctl, 0, 0, 0, 0, 0);
    TELL(add_key, "user", "x", "x", 1, -1);
    TELL(memfd_create, "x", 0);
    TELL(shmget, 0, 4096, 0600);
    TELL(msgget, 0, 0600);
    TELL(semget, 0, 1, 0600);
    TELL(mq_open, "/x", O_RDWR, 0600, NULL);
    TELL(inotify_init1, 0);
    TELL(fanotify_init, 0, 0);
    TELL(execveat, -1, "", NULL, NULL, 0);
    TELL(open_by_handle_at, -1, NULL, 0);
    TELL(name_to_handle_at, -1, "", NULL, NULL, 0);
    TELL(process_vm_writev, 1, NULL, 0, NULL, 0, 0);
    TELL(kcmp, 1, 1, 0, 0, 0);
    TELL(pidfd_getfd, -1, 0, 0);
    TELL(personality, 0x0400000); /* READ_IMPLIES_EXEC */
    TELL(personality, 0x100000000 | 0x0400000);
    TELL(seccomp, 1, 0, NULL);
    TELL(setuid, 0);
    TELL(setresuid, 0, 0, 0);
    TELL(setgid, 0);
    TELL(setgroups, 0, NULL);
    TELL(capset, NULL, NULL);
    TELL(setpriority, 2, 0, 19);
    TELL(ioprio_set, 3, 0, 0);
    TELL(sched_setaffinity, 1, 0, NULL);
    TELL(prlimit64, 1, 0, NULL, NULL);
    TELL(sync, 0);
    TELL(syslog, 3, NULL, 0);
    TELL(swapon, "/nowhere", 0);
    TELL(reboot, 0, 0, 0, NULL);
    TELL(sethostname, "x", -1);
    TELL(clock_settime, 0, NULL);
    TELL(init_module, NULL, 0, "");
    TELL(kexec_load, 0, 0, NULL, 0);
    TELL(quotactl, 0, NULL, 0, NULL);
    TELL(acct, "/nowhere");
    TELL(clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    TELL(clone3, NULL, 0);
    TELL(ioctl, 0, 0x5412, "x");               /* TIOCSTI */
    TELL(ioctl, 0, 0x100005412, "x");          /* the same, with a bit that the kernel does not look at */
    TELL(fcntl, 0, F_SETOWN, 1);
    TELL(fcntl, 0, 0x100000000 | F_SETOWN, 1);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    TELL(setsockopt, s, 6, 31, "tls", 3);      /* TCP_ULP */
    TELL(setsockopt, s, 0x100000006, 0x10000001f, "tls", 3);
#ifdef __x86_64__
    TELL(iopl, 3);
    TELL(modify_ldt, 0, NULL, 0);
    errno = 0;
    tell("a call of x32", syscall(SYS_getpid + 0x40000000)); /* as x32 numbers them */
#endif
    printf("done\n");
    return 0;
}
