// What a project sees of its own options.
#include <stdio.h>

#include "lwip/sockets.h"
#include "sdkconfig.h"

void app_main(void) {
    printf("port %d\n", CONFIG_APP_PORT);
    printf("password %s\n", CONFIG_APP_PASSWORD);
    printf("mask %#x\n", CONFIG_APP_MASK);
#if CONFIG_APP_LED
    printf("led at %d\n", CONFIG_APP_LED_GPIO);
#elif defined(CONFIG_APP_LED_GPIO)
#error "an option is there that depends on one that is not"
#else
    printf("no led\n");
#endif
#if CONFIG_APP_FAST && !CONFIG_APP_SAFE
    printf("mode fast\n");
#elif CONFIG_APP_SAFE && !CONFIG_APP_FAST
    printf("mode safe\n");
#endif
    printf("sockets %d\n", CONFIG_LWIP_MAX_SOCKETS);
    printf("done\n");
}
