/* Makes 150 threads that live for 2 s. */
#include "attack.h"
#include <pthread.h>

static void *idle(void *arg)
{
    sleep(2);
    return arg;
}

int main(void)
{
    static pthread_t threads[150];
    int made = 0;
    for (int i = 0; i < 150; i++) {
        made += pthread_create(&threads[i], NULL, idle, NULL) == 0;
    }
    for (int i = 0; i < made; i++) {
        pthread_join(threads[i], NULL);
    }
    return verdict(made == 150);
}
