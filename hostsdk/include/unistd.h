/* The calls of POSIX that sockets share with files. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "host_symbol.h"

#ifdef __cplusplus
extern "C" long syscall(long number, ...); /* <atomic> of the PC calls it */
extern "C" {
#endif

typedef uint32_t useconds_t;

int close(int fd) HOST_SYMBOL(close);
ssize_t read(int fd, void *buf, size_t count) HOST_SYMBOL(read);
ssize_t write(int fd, const void *buf, size_t count) HOST_SYMBOL(write);
int usleep(useconds_t useconds) HOST_SYMBOL(usleep);
unsigned int sleep(unsigned int seconds) HOST_SYMBOL(sleep);

#ifdef __cplusplus
}
#endif
