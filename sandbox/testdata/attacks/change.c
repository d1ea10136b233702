/* Changes the file of the second argument in the way of the first. */
#include "attack.h"
#include <sys/xattr.h>

int main(int argc, char **argv)
{
    if (argc < 3) {
        return 2;
    }
    const char *way = argv[1], *name = argv[2];
    int result = -1;
    if (strcmp(way, "chmod") == 0) {
        result = chmod(name, 0777);
    } else if (strcmp(way, "chown") == 0) {
        result = chown(name, getuid(), getgid());
    } else if (strcmp(way, "times") == 0) {
        result = utimensat(AT_FDCWD, name, NULL, 0);
    } else if (strcmp(way, "truncate") == 0) {
        result = truncate(name, 0);
    } else if (strcmp(way, "write") == 0) {
        result = open(name, O_WRONLY | O_APPEND) >= 0 ? 0 : -1;
    } else if (strcmp(way, "unlink") == 0) {
        result = unlink(name);
    } else if (strcmp(way, "rename") == 0) {
        result = rename(name, "mine");
    } else if (strcmp(way, "link") == 0) {
        result = link(name, "mine");
    } else if (strcmp(way, "symlink") == 0) {
        result = symlink(name, "mine");
    } else if (strcmp(way, "attribute") == 0) {
        result = setxattr(name, "user.attack", "x", 1, 0);
    } else if (strcmp(way, "device") == 0) {
        result = mknod("mine", S_IFIFO | 0600, 0);
    }
    return verdict(result == 0);
}
