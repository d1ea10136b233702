/*
 * The channel of events: what the SDK sees, for the program that runs this one. ESPGEN_EVENTS has the number of a file
 * descriptor, each line of which is a JSON object. Where it is a socket, each byte that comes over it asks for what there is
 * at the time. The project knows nothing of it: the variable is gone before the project's first code runs, and no program
 * that it starts has the descriptor.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "host.h"

/* The PC's <unistd.h> and <fcntl.h> are shadowed. */
ssize_t write(int fd, const void *data, size_t size);
ssize_t read(int fd, void *data, size_t size);
int close(int fd);
int fcntl(int fd, int command, ...);
enum { PC_F_GETFD = 1, PC_F_SETFD = 2, PC_F_GETFL = 3, PC_F_SETFL = 4, PC_FD_CLOEXEC = 1, PC_O_NONBLOCK = 04000 };

#define VARIABLE "ESPGEN_EVENTS"

/* A reader that takes nothing for so long is gone. */
#define PATIENCE_MS 5000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int channel = -1; /* -1 without a reader */

/* Before the constructors of the project. */
__attribute__((constructor(101))) static void open_channel(void)
{
    const char *number = getenv(VARIABLE);
    int fd = number == NULL ? -1 : atoi(number);
    if (fd > 2 && fcntl(fd, PC_F_GETFD) >= 0) {
        fcntl(fd, PC_F_SETFD, PC_FD_CLOEXEC);
        fcntl(fd, PC_F_SETFL, fcntl(fd, PC_F_GETFL) | PC_O_NONBLOCK);
        channel = fd;
    }
    unsetenv(VARIABLE);
}

void host_keep_channel(void)
{
    pthread_mutex_lock(&mutex); /* for ever: no line must be half written */
    if (channel >= 0) {
        char number[16];
        snprintf(number, sizeof(number), "%d", channel);
        setenv(VARIABLE, number, 1);
        fcntl(channel, PC_F_SETFD, 0);
    }
}

/* Writes to the channel without SIGPIPE, which would end the program. */
static ssize_t write_some(const char *text, size_t size)
{
    sigset_t pipe, old;
    const struct timespec at_once = { 0 };
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &old);
    ssize_t n = write(channel, text, size);
    if (n < 0) {
        sigtimedwait(&pipe, NULL, &at_once);
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return n;
}

/* Whether the channel takes more. The mutex is held, here and below. */
static bool has_room(void)
{
    struct pollfd p = { .fd = channel, .events = POLLOUT };
    return poll(&p, 1, PATIENCE_MS) > 0 && (p.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0;
}

static void write_line(const char *text, size_t size)
{
    while (size > 0 && channel >= 0) {
        ssize_t n = has_room() ? write_some(text, size) : -1;
        if (n > 0) {
            text += n;
            size -= (size_t)n;
        } else if (!has_room()) {
            close(channel);
            channel = -1;
        }
    }
}

/* Another thread closes the channel only where nobody is at its other end. */
static void *answer(void *arg)
{
    struct pollfd p = { .fd = *(int *)arg, .events = POLLIN };
    char request;
    while (poll(&p, 1, -1) > 0 && read(p.fd, &request, 1) == 1) {
        host_tell_state();
    }
    return NULL;
}

void host_answer_requests(void)
{
    static int fd;
    fd = channel;
    if (fd >= 0) {
        host_thread(answer, &fd);
    }
}

void host_message_begin(struct host_message *m, const char *kind)
{
    *m = (struct host_message){ 0 };
    if (channel < 0) {
        return;
    }
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &m->cancel_state);
    m->out = open_memstream(&m->text, &m->size);
    if (m->out == NULL) {
        abort();
    }
    fprintf(m->out, "{");
    host_message_text(m, "kind", kind);
    host_message_number(m, "ms", host_now_us() / 1000);
    if (xTaskGetCurrentTaskHandle() != NULL) {
        host_message_text(m, "task", pcTaskGetName(NULL));
    }
}

bool host_message_wanted(const struct host_message *m)
{
    return m->out != NULL;
}

/* The length of the character of UTF-8 that begins a text, 0 where none does. */
static int utf8_length(const unsigned char *s)
{
    static const struct { unsigned char mask, lead; uint32_t least; } forms[] = {
        { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 },
    };
    for (int n = 0; n < 4; n++) {
        if ((s[0] & forms[n].mask) != forms[n].lead) {
            continue;
        }
        uint32_t c = s[0] & (unsigned char)~forms[n].mask;
        for (int i = 1; i <= n; i++) {
            if ((s[i] & 0xc0) != 0x80) {
                return 0;
            }
            c = c << 6 | (s[i] & 0x3f);
        }
        return c < forms[n].least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : n + 1;
    }
    return 0;
}

/* A string of JSON. A byte that is no UTF-8 is written as in C: \xff. */
static void write_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *s = (const unsigned char *)text; *s != '\0';) {
        int length = utf8_length(s);
        if (length == 0) {
            fprintf(out, "\\\\x%02x", *s++);
        } else if (*s < ' ' || *s == 0x7f) {
            fprintf(out, "\\u%04x", *s++);
        } else if (*s == '"' || *s == '\\') {
            fprintf(out, "\\%c", *s++);
        } else {
            fwrite(s, 1, (size_t)length, out);
            s += length;
        }
    }
    fputc('"', out);
}

/* The name of what follows; NULL in a list. */
static void write_name(struct host_message *m, const char *name)
{
    if (m->follows) {
        fputc(',', m->out);
    }
    m->follows = true;
    if (name != NULL) {
        write_string(m->out, name);
        fputc(':', m->out);
    }
}

void host_message_text(struct host_message *m, const char *name, const char *text)
{
    if (m->out != NULL) {
        write_name(m, name);
        write_string(m->out, text);
    }
}

void host_message_number(struct host_message *m, const char *name, int64_t number)
{
    if (m->out != NULL) {
        write_name(m, name);
        fprintf(m->out, "%lld", (long long)number);
    }
}

void host_message_open(struct host_message *m, const char *name, char bracket)
{
    if (m->out != NULL) {
        write_name(m, name);
        fputc(bracket, m->out);
        m->follows = false;
    }
}

void host_message_close(struct host_message *m, char bracket)
{
    if (m->out != NULL) {
        fputc(bracket, m->out);
        m->follows = true;
    }
}

void host_message_send(struct host_message *m)
{
    if (m->out == NULL) {
        return;
    }
    fprintf(m->out, "}\n");
    fclose(m->out);
    pthread_mutex_lock(&mutex);
    write_line(m->text, m->size);
    pthread_mutex_unlock(&mutex);
    free(m->text);
    pthread_setcancelstate(m->cancel_state, NULL);
}
