/* The calls of POSIX that sockets share with files. */
#pragma once

#include <stddef.h>
#include <sys/types.h>
#include "host_symbol.h"

int close(int fd) HOST_SYMBOL(close);
ssize_t read(int fd, void *buf, size_t count) HOST_SYMBOL(read);
ssize_t write(int fd, const void *buf, size_t count) HOST_SYMBOL(write);
int usleep(unsigned int useconds) HOST_SYMBOL(usleep);
unsigned int sleep(unsigned int seconds) HOST_SYMBOL(sleep);
