/* The heap's count, and lines of any length. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "esp_log.h"
#include "esp_system.h"

#define CHECK(condition) printf("%s %d: %s\n", (condition) ? "ok" : "FAILED", __LINE__, #condition)

static uint32_t before;

static uint32_t held(void)
{
    return before - esp_get_free_heap_size();
}

static void check_heap(void)
{
    before = esp_get_free_heap_size();
    char *volatile p = malloc(100); /* volatile: compilers know malloc(), and leave out what is not used */
    CHECK(held() >= 100 && held() < 200);
    p = realloc(p, 1000);
    CHECK(held() >= 1000 && held() < 1200);
    free(p);
    CHECK(held() == 0);

    p = strdup("a string");
    char *q = strndup("a string", 3);
    CHECK(held() >= 9 + 4 && strcmp(p, "a string") == 0 && strcmp(q, "a s") == 0);
    free(p);
    free(q);
    CHECK(held() == 0);

    /* The C library's own: not counted, and not taken off the count. */
    p = malloc(100);
    uint32_t with_p = held();
    CHECK(asprintf(&q, "%s", "another string") == 14);
    q = realloc(q, 50);
    free(q);
    CHECK(asprintf(&q, "%s", "another string") == 14);
    free(q);
    CHECK(held() == with_p);
    free(p);
    free(NULL);
    CHECK(held() == 0);
}

void app_main(void)
{
    char text[5001];
    check_heap();
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    ESP_LOGI("long", "%s", text);
    esp_log_write(ESP_LOG_INFO, "long", "no newline, ");
    esp_log_write(ESP_LOG_INFO, "long", "then one\n");
    printf("done\n");
}
