/* What programs may do: threads, signals to themselves, children, files of their folder, sockets of loopback. */
#include "attack.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/mman.h>

static int failures;

static void want(const char *what, int ok)
{
    if (!ok) {
        printf("failed: %s: %s\n", what, strerror(errno));
        failures++;
    }
}

static void *thread(void *arg) { return arg; }
static volatile sig_atomic_t heard;
static void hear(int number) { heard += number; }

int main(void)
{
    pthread_t t;
    want("thread", pthread_create(&t, NULL, thread, NULL) == 0 && pthread_join(t, NULL) == 0);
    signal(SIGUSR1, hear);
    want("raise", raise(SIGUSR1) == 0 && heard == SIGUSR1);
    want("kill itself", kill(getpid(), SIGUSR1) == 0 && heard == 2 * SIGUSR1);
    pid_t child = fork();
    if (child == 0) {
        pause();
    }
    int status = 0;
    want("kill a child", kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child && WTERMSIG(status) == SIGKILL);
    int fd = open("own", O_CREAT | O_RDWR | O_TRUNC, 0600);
    want("file", fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0 && rename("own", "other") == 0);
    want("mode", chmod("other", 0700) == 0 && access("other", X_OK) == 0);
    want("folder", mkdir("folder", 0700) == 0 && rmdir("folder") == 0 && unlink("other") == 0);
    want("/proc/self/maps", (fd = open("/proc/self/maps", O_RDONLY)) >= 0 && close(fd) == 0);
    want("/dev/null", (fd = open("/dev/null", O_RDWR)) >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0);

    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t length = sizeof(at);
    inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    want("cloexec", (fcntl(listener, F_GETFD) & FD_CLOEXEC) != 0);
    want("listen", bind(listener, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(listener, 1) == 0);
    getsockname(listener, (struct sockaddr *)&at, &length);
    int pair[2];
    want("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    printf("listens at %d\n", ntohs(at.sin_port));
    fflush(stdout);
    int connection = accept(listener, NULL, NULL);
    char text[8] = "";
    want("receive", read(connection, text, sizeof(text)) == 5 && write(connection, text, 5) == 5);
    printf("%d failures\n", failures);
    return failures;
}
