/* Non-volatile storage: what is kept over a restart, and each error. */
#include <stdio.h>
#include <string.h>
#include "esp_idf_version.h"
#include "esp_system.h"
#include "nvs.h"
#include "nvs_flash.h"

#define CHECK(condition) printf("%s %d: %s\n", (condition) ? "ok" : "FAILED", __LINE__, #condition)

#define KEY_15 "fifteen_chars_k"
#define KEY_16 KEY_15 "x"

static char large[20001];

static void check_numbers(nvs_handle_t h)
{
    int8_t i8;
    uint8_t u8;
    int16_t i16;
    uint16_t u16;
    int32_t i32;
    uint32_t u32;
    int64_t i64;
    uint64_t u64;
    CHECK(nvs_get_i8(h, "i8", &i8) == ESP_OK && i8 == INT8_MIN);
    CHECK(nvs_get_u8(h, "u8", &u8) == ESP_OK && u8 == UINT8_MAX);
    CHECK(nvs_get_i16(h, "i16", &i16) == ESP_OK && i16 == INT16_MIN);
    CHECK(nvs_get_u16(h, "u16", &u16) == ESP_OK && u16 == UINT16_MAX);
    CHECK(nvs_get_i32(h, "i32", &i32) == ESP_OK && i32 == INT32_MIN);
    CHECK(nvs_get_u32(h, "u32", &u32) == ESP_OK && u32 == UINT32_MAX);
    CHECK(nvs_get_i64(h, "i64", &i64) == ESP_OK && i64 == INT64_MIN);
    CHECK(nvs_get_u64(h, "u64", &u64) == ESP_OK && u64 == UINT64_MAX);
    CHECK(nvs_get_i8(h, "u8", &i8) == ESP_ERR_NVS_NOT_FOUND); /* another type */
    CHECK(nvs_get_i8(h, "nothing", &i8) == ESP_ERR_NVS_NOT_FOUND);
}

static void check_kept(void)
{
    nvs_handle_t h;
    char text[16];
    uint8_t bytes[4];
    size_t length = sizeof(text);
    CHECK(nvs_open("app", NVS_READONLY, &h) == ESP_OK);
    check_numbers(h);
    CHECK(nvs_get_str(h, "text", text, &length) == ESP_OK && length == 6 && strcmp(text, "hello") == 0);
    length = sizeof(bytes);
    CHECK(nvs_get_blob(h, "blob", bytes, &length) == ESP_OK && length == 3 && memcmp(bytes, "\0\1\2", 3) == 0);
    CHECK(nvs_set_u8(h, "u8", 1) == ESP_ERR_NVS_READ_ONLY);
    CHECK(nvs_erase_key(h, "u8") == ESP_ERR_NVS_READ_ONLY);
    CHECK(nvs_erase_all(h) == ESP_ERR_NVS_READ_ONLY);
    CHECK(nvs_commit(h) == ESP_OK);
    nvs_close(h);
    CHECK(nvs_commit(h) == ESP_ERR_NVS_INVALID_HANDLE);
}

static void store(void)
{
    nvs_handle_t h;
    CHECK(nvs_open("app", NVS_READWRITE, &h) == ESP_OK);
    CHECK(nvs_set_i8(h, "i8", INT8_MIN) == ESP_OK && nvs_set_u8(h, "u8", UINT8_MAX) == ESP_OK);
    CHECK(nvs_set_i16(h, "i16", INT16_MIN) == ESP_OK && nvs_set_u16(h, "u16", UINT16_MAX) == ESP_OK);
    CHECK(nvs_set_i32(h, "i32", INT32_MIN) == ESP_OK && nvs_set_u32(h, "u32", UINT32_MAX) == ESP_OK);
    CHECK(nvs_set_i64(h, "i64", INT64_MIN) == ESP_OK && nvs_set_u64(h, "u64", UINT64_MAX) == ESP_OK);
    CHECK(nvs_set_str(h, "text", "hello") == ESP_OK);
    CHECK(nvs_set_blob(h, "blob", "\0\1\2", 3) == ESP_OK);
    CHECK(nvs_commit(h) == ESP_OK);
    check_numbers(h);
    nvs_close(h);
}

static void check_lengths(void)
{
    nvs_handle_t h;
    char text[16];
    size_t length = 3;
    uint8_t u8;
    nvs_type_t type;
    CHECK(nvs_open(KEY_16, NVS_READWRITE, &h) == ESP_ERR_NVS_KEY_TOO_LONG);
    CHECK(nvs_open(KEY_15, NVS_READONLY, &h) == ESP_ERR_NVS_NOT_FOUND);
    CHECK(nvs_open(KEY_15, NVS_READWRITE, &h) == ESP_OK);
    CHECK(nvs_set_u8(h, KEY_16, 1) == ESP_ERR_NVS_KEY_TOO_LONG);
    CHECK(nvs_set_u8(h, KEY_15, 1) == ESP_OK);
    CHECK(nvs_find_key(h, KEY_15, &type) == ESP_OK && type == NVS_TYPE_U8);
    CHECK(nvs_set_str(h, KEY_15, "text") == ESP_OK); /* of another type now */
    CHECK(nvs_find_key(h, KEY_15, &type) == ESP_OK && type == NVS_TYPE_STR);
    CHECK(nvs_find_key(h, "nothing", NULL) == ESP_ERR_NVS_NOT_FOUND);
    CHECK(nvs_get_u8(h, KEY_15, &u8) == ESP_ERR_NVS_NOT_FOUND);
    CHECK(nvs_get_str(h, KEY_15, text, &length) == ESP_ERR_NVS_INVALID_LENGTH && length == 5);
    CHECK(nvs_get_str(h, KEY_15, NULL, &length) == ESP_OK && length == 5);
    CHECK(nvs_get_str(h, KEY_15, text, NULL) == ESP_ERR_NVS_INVALID_LENGTH);
    CHECK(nvs_get_blob(h, KEY_15, text, &length) == ESP_ERR_NVS_NOT_FOUND);
    CHECK(nvs_erase_key(h, KEY_15) == ESP_OK && nvs_erase_key(h, KEY_15) == ESP_ERR_NVS_NOT_FOUND);

    memset(large, 'x', sizeof(large));
    large[4000] = '\0';
    CHECK(nvs_set_str(h, "large", large) == ESP_ERR_NVS_VALUE_TOO_LONG);
    large[3999] = '\0';
    CHECK(nvs_set_str(h, "large", large) == ESP_OK);
    CHECK(nvs_set_blob(h, "blob", large, 20001) == ESP_ERR_NVS_VALUE_TOO_LONG);
    CHECK(nvs_set_blob(h, "blob", large, 20000) == ESP_ERR_NVS_NOT_ENOUGH_SPACE);
    CHECK(nvs_set_blob(h, "empty", NULL, 0) == ESP_OK);
    CHECK(nvs_get_blob(h, "empty", NULL, &length) == ESP_OK && length == 0);
    CHECK(nvs_erase_all(h) == ESP_OK);
    CHECK(nvs_find_key(h, "large", &type) == ESP_ERR_NVS_NOT_FOUND);
    nvs_close(h);
}

static void check_counts(void)
{
    nvs_handle_t h;
    nvs_stats_t stats;
    size_t n;
    CHECK(nvs_get_stats("other", &stats) == ESP_ERR_NVS_NOT_INITIALIZED);
    CHECK(nvs_get_stats(NULL, NULL) == ESP_ERR_INVALID_ARG);
    CHECK(nvs_open("app", NVS_READONLY, &h) == ESP_OK);
    CHECK(nvs_get_used_entry_count(h, &n) == ESP_OK && n == 8 + 2 + 3);
    CHECK(nvs_get_used_entry_count(h + 1, &n) == ESP_ERR_NVS_INVALID_HANDLE && n == 0);
    CHECK(nvs_get_stats(NULL, &stats) == ESP_OK && stats.namespace_count == 2 && stats.used_entries == n + 13 + 2);
    CHECK(stats.total_entries == 756 && stats.free_entries == 756 - 15);
    nvs_close(h);

    nvs_iterator_t it = NULL;
    nvs_entry_info_t info;
    size_t found = 0, strings = 0;
    for (esp_err_t err = nvs_entry_find("nvs", NULL, NVS_TYPE_ANY, &it); err == ESP_OK; err = nvs_entry_next(&it)) {
        CHECK(nvs_entry_info(it, &info) == ESP_OK && strcmp(info.namespace_name, "app") == 0);
        found++;
        strings += info.type == NVS_TYPE_STR && strcmp(info.key, "text") == 0;
    }
    CHECK(found == 10 && strings == 1 && it == NULL);
    CHECK(nvs_entry_find("nvs", "app", NVS_TYPE_BLOB, &it) == ESP_OK && nvs_entry_info(it, &info) == ESP_OK);
    CHECK(strcmp(info.key, "blob") == 0 && info.type == NVS_TYPE_BLOB);
    nvs_release_iterator(it);
    CHECK(nvs_entry_find("nvs", "nothing", NVS_TYPE_ANY, &it) == ESP_ERR_NVS_NOT_FOUND && it == NULL);
    CHECK(nvs_entry_find(NULL, NULL, NVS_TYPE_ANY, &it) == ESP_ERR_INVALID_ARG);
    CHECK(nvs_entry_info(NULL, &info) == ESP_ERR_INVALID_ARG);
}

void app_main(void)
{
    nvs_handle_t h;
    CHECK(nvs_open("app", NVS_READWRITE, &h) == ESP_ERR_NVS_NOT_INITIALIZED);
    CHECK(nvs_flash_deinit() == ESP_ERR_NVS_NOT_INITIALIZED);
    CHECK(nvs_flash_init_partition("other") == ESP_ERR_NOT_FOUND);
    CHECK(nvs_flash_init() == ESP_OK && nvs_flash_init() == ESP_OK);
    CHECK(nvs_open_from_partition("other", "app", NVS_READWRITE, &h) == ESP_ERR_NVS_PART_NOT_FOUND);
    CHECK(strcmp(esp_err_to_name(ESP_ERR_NVS_NOT_ENOUGH_SPACE), "ESP_ERR_NVS_NOT_ENOUGH_SPACE") == 0);
    CHECK(ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 5, 0) && strcmp(esp_get_idf_version(), "v5.5.5") == 0);
    if (nvs_open("app", NVS_READONLY, &h) == ESP_ERR_NVS_NOT_FOUND) {
        printf("empty\n");
        store();
        check_kept();
        esp_restart();
    }
    nvs_close(h);
    printf("kept\n");
    check_kept();
    if (esp_reset_reason() == ESP_RST_POWERON) { /* another run */
        check_lengths();
        check_counts();
        CHECK(nvs_flash_erase() == ESP_OK);
        CHECK(nvs_open("app", NVS_READONLY, &h) == ESP_ERR_NVS_NOT_INITIALIZED);
        CHECK(nvs_flash_init() == ESP_OK);
        CHECK(nvs_open("app", NVS_READONLY, &h) == ESP_ERR_NVS_NOT_FOUND);
        CHECK(nvs_flash_deinit() == ESP_OK);
    }
    printf("done\n");
}
