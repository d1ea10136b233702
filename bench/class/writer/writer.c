/* Writes the projects of a class below a folder, and nothing else: what espgen's own time is compared with. It reads the
 * files from standard input, each as "PATH SIZE\n" and its bytes, and makes their folders. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static char *read_all(size_t *size)
{
    size_t room = 1 << 20;
    char *all = malloc(room);
    *size = 0;
    for (ssize_t n; all != NULL && (n = read(0, all + *size, room - *size)) > 0;) {
        *size += (size_t)n;
        if (*size == room) {
            all = realloc(all, room *= 2);
        }
    }
    return all;
}

/* Makes the folders above a file. */
static void make_folders(char *path)
{
    for (char *p = strchr(path + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
        *p = '\0';
        mkdir(path, 0755);
        *p = '/';
    }
}

int main(void)
{
    size_t size;
    char *all = read_all(&size), *p = all;
    if (all == NULL) {
        return 1;
    }
    double begin = now();
    while (p < all + size) {
        char path[4096];
        size_t length;
        int used;
        if (sscanf(p, "%4095s %zu%n", path, &length, &used) != 2) {
            return 1;
        }
        p += used + 1;
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
        if (fd < 0 && errno == ENOENT) {
            make_folders(path);
            fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
        }
        if (fd < 0 || write(fd, p, length) != (ssize_t)length || close(fd) != 0) {
            return 1;
        }
        p += length;
    }
    printf("%f\n", now() - begin);
    return 0;
}
