/* Each program here is an attack. It prints "succeeded" where the attack did, and is bounded by itself: it ends whether or not a sandbox stops it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* No attack takes longer. */
__attribute__((constructor)) static void bound(void) { alarm(30); }

static inline int verdict(int succeeded)
{
    if (!succeeded) {
        printf("failed: %s\n", strerror(errno));
        return 1;
    }
    printf("succeeded\n");
    return 0;
}
