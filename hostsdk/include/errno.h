/* Error numbers: ESP-IDF's, not the PC's. */
#pragma once

#include "host_symbol.h"

int *host_errno(void);
#define errno (*host_errno())

#define EPERM           1
#define ENOENT          2
#define EINTR           4
#define EIO             5
#define ENXIO           6
#define EBADF           9
#define EAGAIN          11
#define EWOULDBLOCK     EAGAIN
#define ENOMEM          12
#define EACCES          13
#define EFAULT          14
#define EBUSY           16
#define EEXIST          17
#define ENODEV          19
#define EINVAL          22
#define ENFILE          23
#define EMFILE          24
#define ENOSPC          28
#define EPIPE           32
#define EDOM            33
#define ERANGE          34
#define ENOSYS          88
#define EOPNOTSUPP      95
#define ECONNRESET      104
#define ENOBUFS         105
#define EAFNOSUPPORT    106
#define EPROTOTYPE      107
#define ENOTSOCK        108
#define ENOPROTOOPT     109
#define ECONNREFUSED    111
#define EADDRINUSE      112
#define ECONNABORTED    113
#define ENETUNREACH     114
#define ENETDOWN        115
#define ETIMEDOUT       116
#define EHOSTUNREACH    118
#define EINPROGRESS     119
#define EALREADY        120
#define EDESTADDRREQ    121
#define EMSGSIZE        122
#define EPROTONOSUPPORT 123
#define EADDRNOTAVAIL   125
#define ENETRESET       126
#define EISCONN         127
#define ENOTCONN        128
#define EOVERFLOW       139
#define ECANCELED       140
