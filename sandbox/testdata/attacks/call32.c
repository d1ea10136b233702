/* Makes a system call as programs of 32 bits do: getpid(), and then socket() of UDP, whose number is another's in 64 bits. */
#include "attack.h"

int main(void)
{
    long pid = -1, s = -1;
#ifdef __x86_64__
    __asm__ volatile("int $0x80" : "=a"(pid) : "a"(20) : "memory");
    __asm__ volatile("int $0x80" : "=a"(s) : "a"(359), "b"(AF_INET), "c"(SOCK_DGRAM), "d"(0) : "memory");
#endif
    errno = ENOSYS;
    return verdict(pid > 0 || s >= 0);
}
