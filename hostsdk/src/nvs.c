/* Non-volatile storage. Records lie one behind the other in memory, and so in the file that espgen run names: what they
 * take is counted in the entries of 32 bytes that a partition of the usual 24 KiB has, page boundaries aside. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "esp_idf_version.h"
#include "host.h"
#include "nvs_flash.h"

#define ENTRY        32
#define PAGE_ENTRIES 126
#define PAGES        6
#define CHUNK        (ENTRY * (PAGE_ENTRIES - 1))
#define ROOM         (PAGE_ENTRIES * (PAGES - 1)) /* a page is kept free */

#define HEAP 1296 /* what the partition takes of it */

typedef struct {
    uint8_t space; /* 0 for a namespace itself, whose number is the value */
    uint8_t type;
    uint16_t length;
    char key[NVS_KEY_NAME_MAX_SIZE];
} record_t;

#define STORE_MAX (ROOM * (sizeof(record_t) + ENTRY))
#define MAGIC     "espgen NVS 1\n"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint8_t store[STORE_MAX];
static size_t used;
static bool ready;

typedef struct {
    nvs_handle_t number; /* 0 for a free place */
    uint8_t space;
    bool read_only;
} open_t;

static open_t opened[64];
static nvs_handle_t last_handle;

struct nvs_opaque_iterator_t {
    size_t index; /* of the next record */
    uint8_t space;
    nvs_type_t type;
    nvs_entry_info_t info;
};

static esp_err_t unlock(esp_err_t err)
{
    pthread_mutex_unlock(&mutex);
    return err;
}

bool host_nvs_ready(void)
{
    pthread_mutex_lock(&mutex);
    bool is_ready = ready;
    pthread_mutex_unlock(&mutex);
    return is_ready;
}

const char *esp_get_idf_version(void)
{
    return "v5.5.5";
}

/* Records, with the mutex held ------------------------------------------- */

static record_t record_at(size_t at)
{
    record_t r;
    memcpy(&r, store + at, sizeof(r));
    return r;
}

static uint8_t *value_at(size_t at)
{
    return store + at + sizeof(record_t);
}

static size_t after(size_t at)
{
    return at + sizeof(record_t) + record_at(at).length;
}

static size_t entries(uint8_t type, size_t length)
{
    switch (type) {
    case NVS_TYPE_STR:
        return 1 + (length + ENTRY - 1) / ENTRY;
    case NVS_TYPE_BLOB: {
        size_t chunks = length == 0 ? 1 : (length + CHUNK - 1) / CHUNK;
        return 1 + chunks + (length + ENTRY - 1) / ENTRY;
    }
    default:
        return 1;
    }
}

/* How many entries a namespace uses; those of all with -1. */
static size_t count(int space)
{
    size_t n = 0;
    for (size_t at = 0; at < used; at = after(at)) {
        record_t r = record_at(at);
        if (space < 0 || r.space == space) {
            n += entries(r.type, r.length);
        }
    }
    return n;
}

/* The place of a key, or used. Keys are compared as far as they are stored. */
static size_t find(uint8_t space, const char *key)
{
    size_t at = 0;
    for (; at < used; at = after(at)) {
        record_t r = record_at(at);
        if (r.space == space && strncmp(r.key, key, sizeof(r.key) - 1) == 0) {
            break;
        }
    }
    return at;
}

static void drop(size_t at)
{
    size_t end = after(at);
    memmove(store + at, store + end, used - end);
    used -= end - at;
}

/* Is what was read a sequence of whole records? */
static bool is_whole(void)
{
    size_t at = 0;
    while (used - at >= sizeof(record_t)) {
        record_t r = record_at(at);
        if (r.length > used - at - sizeof(record_t) || memchr(r.key, 0, sizeof(r.key)) == NULL || (r.space == 0 && r.length != 1)) {
            return false;
        }
        at = after(at);
    }
    return at == used && count(-1) <= ROOM;
}

/* The file ----------------------------------------------------------------- */

static const char *file_name(void)
{
    const char *name = getenv("ESPGEN_NVS");
    return name == NULL || name[0] == 0 ? NULL : name;
}

static void load(void)
{
    const char *name = file_name();
    struct stat info;
    used = 0;
    if (name == NULL || stat(name, &info) != 0) {
        return;
    }
    FILE *f = S_ISREG(info.st_mode) ? fopen(name, "rb") : NULL;
    char magic[sizeof(MAGIC) - 1] = { 0 };
    bool ok = f != NULL && fread(magic, 1, sizeof(magic), f) == sizeof(magic) && memcmp(magic, MAGIC, sizeof(magic)) == 0;
    if (ok) {
        used = fread(store, 1, sizeof(store), f);
    }
    if (f != NULL) {
        fclose(f);
    }
    if (!ok || !is_whole()) {
        used = 0;
        host_note("NVS begins empty: %s is damaged", name);
    }
}

/* Writes another file first, so that a program that is killed leaves the old one or the new one. */
static esp_err_t save(void)
{
    static bool told, failed;
    const char *name = file_name();
    if (name == NULL) {
        return ESP_OK;
    }
    char fresh[strlen(name) + sizeof(".new")];
    snprintf(fresh, sizeof(fresh), "%s.new", name);
    FILE *f = fopen(fresh, "wb");
    bool ok = f != NULL && fwrite(MAGIC, 1, sizeof(MAGIC) - 1, f) == sizeof(MAGIC) - 1 && fwrite(store, 1, used, f) == used;
    ok = f != NULL && fclose(f) == 0 && ok && rename(fresh, name) == 0;
    if (ok && !told) {
        host_note("NVS is kept in %s", name);
        told = true;
    }
    if (!ok && !failed) {
        host_note("NVS cannot be kept in %s, and ends with the program", name);
        failed = true;
    }
    return ESP_OK;
}

/* The partition ------------------------------------------------------------- */

static bool is_ours(const char *partition)
{
    return strncmp(partition, NVS_DEFAULT_PART_NAME, NVS_PART_NAME_MAX_SIZE) == 0;
}

static void set_ready(bool is_ready)
{
    host_take_heap((is_ready - ready) * HEAP);
    ready = is_ready;
    if (!is_ready) {
        memset(opened, 0, sizeof(opened));
    }
}

esp_err_t nvs_flash_init_partition(const char *partition_label)
{
    if (!is_ours(partition_label)) {
        return ESP_ERR_NOT_FOUND;
    }
    pthread_mutex_lock(&mutex);
    if (!ready) {
        load();
        set_ready(true);
    }
    return unlock(ESP_OK);
}

esp_err_t nvs_flash_init(void)
{
    return nvs_flash_init_partition(NVS_DEFAULT_PART_NAME);
}

esp_err_t nvs_flash_deinit_partition(const char *partition_label)
{
    pthread_mutex_lock(&mutex);
    if (!ready || !is_ours(partition_label)) {
        return unlock(ESP_ERR_NVS_NOT_INITIALIZED);
    }
    set_ready(false);
    return unlock(ESP_OK);
}

esp_err_t nvs_flash_deinit(void)
{
    return nvs_flash_deinit_partition(NVS_DEFAULT_PART_NAME);
}

esp_err_t nvs_flash_erase_partition(const char *part_name)
{
    if (!is_ours(part_name)) {
        return ESP_ERR_NOT_FOUND;
    }
    pthread_mutex_lock(&mutex);
    set_ready(false);
    used = 0;
    if (file_name() != NULL) {
        remove(file_name());
    }
    return unlock(ESP_OK);
}

esp_err_t nvs_flash_erase(void)
{
    return nvs_flash_erase_partition(NVS_DEFAULT_PART_NAME);
}

/* Handles -------------------------------------------------------------------- */

static open_t *handle_of(nvs_handle_t number)
{
    for (size_t i = 0; i < sizeof(opened) / sizeof(opened[0]); i++) {
        if (number != 0 && opened[i].number == number) {
            return &opened[i];
        }
    }
    return NULL;
}

static esp_err_t put(uint8_t space, uint8_t type, const char *key, const void *value, size_t length)
{
    size_t old = find(space, key);
    bool exists = old < used;
    if (exists && record_at(old).type == type && record_at(old).length == length && memcmp(value_at(old), value, length) == 0) {
        return ESP_OK; /* flash is spared */
    }
    if (strlen(key) >= NVS_KEY_NAME_MAX_SIZE) {
        return ESP_ERR_NVS_KEY_TOO_LONG;
    }
    if (length > (type == NVS_TYPE_BLOB ? (PAGES - 1) * CHUNK : CHUNK)) {
        return ESP_ERR_NVS_VALUE_TOO_LONG;
    }
    if (count(-1) + entries(type, length) > ROOM) { /* the old value goes when the new one is written */
        return ESP_ERR_NVS_NOT_ENOUGH_SPACE;
    }
    if (exists) {
        drop(old);
    }
    record_t r = { .space = space, .type = type, .length = (uint16_t)length };
    strncpy(r.key, key, sizeof(r.key) - 1);
    memcpy(store + used, &r, sizeof(r));
    memcpy(value_at(used), value, length);
    used += sizeof(r) + length;
    return save();
}

/* The number of a namespace, 0 for none. */
static uint8_t space_of(const char *name)
{
    size_t at = find(0, name);
    return at < used ? *value_at(at) : 0;
}

static esp_err_t make_space(const char *name, uint8_t *space)
{
    bool taken[256] = { true };
    for (size_t at = 0; at < used; at = after(at)) {
        if (record_at(at).space == 0) {
            taken[*value_at(at)] = true;
        }
    }
    uint8_t free_one = 1;
    while (free_one < 255 && taken[free_one]) {
        free_one++;
    }
    *space = free_one;
    return free_one == 255 ? ESP_ERR_NVS_NOT_ENOUGH_SPACE : put(0, NVS_TYPE_U8, name, &free_one, 1);
}

esp_err_t nvs_open_from_partition(const char *part_name, const char *namespace_name, nvs_open_mode_t open_mode,
                                  nvs_handle_t *out_handle)
{
    pthread_mutex_lock(&mutex);
    if (!ready) {
        return unlock(ESP_ERR_NVS_NOT_INITIALIZED);
    }
    if (!is_ours(part_name)) {
        return unlock(ESP_ERR_NVS_PART_NOT_FOUND);
    }
    uint8_t space = space_of(namespace_name);
    if (space == 0) {
        esp_err_t err = open_mode == NVS_READWRITE ? make_space(namespace_name, &space) : ESP_ERR_NVS_NOT_FOUND;
        if (err != ESP_OK) {
            return unlock(err);
        }
    }
    for (size_t i = 0; i < sizeof(opened) / sizeof(opened[0]); i++) {
        if (opened[i].number == 0) {
            opened[i] = (open_t) { .number = ++last_handle, .space = space, .read_only = open_mode == NVS_READONLY };
            *out_handle = last_handle;
            return unlock(ESP_OK);
        }
    }
    return unlock(ESP_ERR_NO_MEM);
}

esp_err_t nvs_open(const char *namespace_name, nvs_open_mode_t open_mode, nvs_handle_t *out_handle)
{
    return nvs_open_from_partition(NVS_DEFAULT_PART_NAME, namespace_name, open_mode, out_handle);
}

void nvs_close(nvs_handle_t handle)
{
    pthread_mutex_lock(&mutex);
    open_t *h = handle_of(handle);
    if (h != NULL) {
        h->number = 0;
    }
    pthread_mutex_unlock(&mutex);
}

esp_err_t nvs_commit(nvs_handle_t handle)
{
    pthread_mutex_lock(&mutex); /* there is nothing to do: values are written at once, as in ESP-IDF */
    return unlock(handle_of(handle) == NULL ? ESP_ERR_NVS_INVALID_HANDLE : ESP_OK);
}

/* Values ---------------------------------------------------------------------- */

static esp_err_t set(nvs_handle_t handle, uint8_t type, const char *key, const void *value, size_t length)
{
    pthread_mutex_lock(&mutex);
    open_t *h = handle_of(handle);
    if (h == NULL) {
        return unlock(ESP_ERR_NVS_INVALID_HANDLE);
    }
    return unlock(h->read_only ? ESP_ERR_NVS_READ_ONLY : put(h->space, type, key, value, length));
}

/* A key that holds another type is not found, as in ESP-IDF. */
static esp_err_t get(nvs_handle_t handle, uint8_t type, const char *key, size_t *at)
{
    open_t *h = handle_of(handle);
    if (h == NULL) {
        return ESP_ERR_NVS_INVALID_HANDLE;
    }
    *at = find(h->space, key);
    return *at < used && record_at(*at).type == type ? ESP_OK : ESP_ERR_NVS_NOT_FOUND;
}

static esp_err_t get_number(nvs_handle_t handle, uint8_t type, const char *key, void *out_value)
{
    size_t at;
    pthread_mutex_lock(&mutex);
    esp_err_t err = get(handle, type, key, &at);
    if (err == ESP_OK) {
        memcpy(out_value, value_at(at), record_at(at).length);
    }
    return unlock(err);
}

static esp_err_t get_bytes(nvs_handle_t handle, uint8_t type, const char *key, void *out_value, size_t *length)
{
    size_t at;
    pthread_mutex_lock(&mutex);
    esp_err_t err = get(handle, type, key, &at);
    if (err != ESP_OK) {
        return unlock(err);
    }
    if (length == NULL) {
        return unlock(ESP_ERR_NVS_INVALID_LENGTH);
    }
    size_t size = record_at(at).length, room = *length;
    *length = size;
    if (out_value != NULL && room < size) {
        return unlock(ESP_ERR_NVS_INVALID_LENGTH);
    }
    if (out_value != NULL) {
        memcpy(out_value, value_at(at), size);
    }
    return unlock(ESP_OK);
}

#define NUMBER(name, ctype, type)                                                         \
    esp_err_t nvs_set_##name(nvs_handle_t handle, const char *key, ctype value)           \
    {                                                                                     \
        return set(handle, type, key, &value, sizeof(value));                             \
    }                                                                                     \
    esp_err_t nvs_get_##name(nvs_handle_t handle, const char *key, ctype *out_value)      \
    {                                                                                     \
        return get_number(handle, type, key, out_value);                                  \
    }

NUMBER(i8, int8_t, NVS_TYPE_I8)
NUMBER(u8, uint8_t, NVS_TYPE_U8)
NUMBER(i16, int16_t, NVS_TYPE_I16)
NUMBER(u16, uint16_t, NVS_TYPE_U16)
NUMBER(i32, int32_t, NVS_TYPE_I32)
NUMBER(u32, uint32_t, NVS_TYPE_U32)
NUMBER(i64, int64_t, NVS_TYPE_I64)
NUMBER(u64, uint64_t, NVS_TYPE_U64)

esp_err_t nvs_set_str(nvs_handle_t handle, const char *key, const char *value)
{
    return set(handle, NVS_TYPE_STR, key, value, strlen(value) + 1);
}

esp_err_t nvs_set_blob(nvs_handle_t handle, const char *key, const void *value, size_t length)
{
    return set(handle, NVS_TYPE_BLOB, key, length == 0 ? "" : value, length);
}

esp_err_t nvs_get_str(nvs_handle_t handle, const char *key, char *out_value, size_t *length)
{
    return get_bytes(handle, NVS_TYPE_STR, key, out_value, length);
}

esp_err_t nvs_get_blob(nvs_handle_t handle, const char *key, void *out_value, size_t *length)
{
    return get_bytes(handle, NVS_TYPE_BLOB, key, out_value, length);
}

esp_err_t nvs_find_key(nvs_handle_t handle, const char *key, nvs_type_t *out_type)
{
    pthread_mutex_lock(&mutex);
    open_t *h = handle_of(handle);
    if (h == NULL) {
        return unlock(ESP_ERR_NVS_INVALID_HANDLE);
    }
    size_t at = find(h->space, key);
    if (at < used && out_type != NULL) {
        *out_type = record_at(at).type;
    }
    return unlock(at < used ? ESP_OK : ESP_ERR_NVS_NOT_FOUND);
}

esp_err_t nvs_erase_key(nvs_handle_t handle, const char *key)
{
    pthread_mutex_lock(&mutex);
    open_t *h = handle_of(handle);
    if (h == NULL || h->read_only) {
        return unlock(h == NULL ? ESP_ERR_NVS_INVALID_HANDLE : ESP_ERR_NVS_READ_ONLY);
    }
    size_t at = find(h->space, key);
    if (at >= used) {
        return unlock(ESP_ERR_NVS_NOT_FOUND);
    }
    drop(at);
    return unlock(save());
}

esp_err_t nvs_erase_all(nvs_handle_t handle)
{
    pthread_mutex_lock(&mutex);
    open_t *h = handle_of(handle);
    if (h == NULL || h->read_only) {
        return unlock(h == NULL ? ESP_ERR_NVS_INVALID_HANDLE : ESP_ERR_NVS_READ_ONLY);
    }
    for (size_t at = 0; at < used;) {
        if (record_at(at).space == h->space) {
            drop(at);
        } else {
            at = after(at);
        }
    }
    return unlock(save());
}

/* What is there ----------------------------------------------------------------- */

esp_err_t nvs_get_stats(const char *part_name, nvs_stats_t *nvs_stats)
{
    if (nvs_stats == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    memset(nvs_stats, 0, sizeof(*nvs_stats));
    pthread_mutex_lock(&mutex);
    if (!ready || (part_name != NULL && !is_ours(part_name))) {
        return unlock(ESP_ERR_NVS_NOT_INITIALIZED);
    }
    nvs_stats->total_entries = PAGES * PAGE_ENTRIES;
    nvs_stats->used_entries = count(-1);
    nvs_stats->free_entries = nvs_stats->total_entries - nvs_stats->used_entries;
    nvs_stats->namespace_count = count(0);
    return unlock(ESP_OK);
}

esp_err_t nvs_get_used_entry_count(nvs_handle_t handle, size_t *used_entries)
{
    if (used_entries == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *used_entries = 0;
    pthread_mutex_lock(&mutex);
    open_t *h = handle_of(handle);
    if (h == NULL) {
        return unlock(ESP_ERR_NVS_INVALID_HANDLE);
    }
    *used_entries = count(h->space);
    return unlock(ESP_OK);
}

/* Moves an iterator to its next record. */
static bool next(nvs_iterator_t it)
{
    size_t index = 0;
    for (size_t at = 0; at < used; at = after(at), index++) {
        record_t r = record_at(at);
        if (index < it->index || r.space == 0 || (it->space != 0 && r.space != it->space) ||
            (it->type != NVS_TYPE_ANY && r.type != it->type)) {
            continue;
        }
        memset(&it->info, 0, sizeof(it->info));
        memcpy(it->info.key, r.key, sizeof(r.key));
        it->info.type = r.type;
        for (size_t name = 0; name < used; name = after(name)) {
            record_t space = record_at(name);
            if (space.space == 0 && *value_at(name) == r.space) {
                memcpy(it->info.namespace_name, space.key, sizeof(space.key));
            }
        }
        it->index = index + 1;
        return true;
    }
    return false;
}

esp_err_t nvs_entry_find(const char *part_name, const char *namespace_name, nvs_type_t type, nvs_iterator_t *output_iterator)
{
    if (part_name == NULL || output_iterator == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *output_iterator = NULL;
    pthread_mutex_lock(&mutex);
    uint8_t space = namespace_name == NULL ? 0 : space_of(namespace_name);
    if (!ready || !is_ours(part_name) || (namespace_name != NULL && space == 0)) {
        return unlock(ESP_ERR_NVS_NOT_FOUND);
    }
    nvs_iterator_t it = calloc(1, sizeof(*it));
    if (it == NULL) {
        return unlock(ESP_ERR_NO_MEM);
    }
    it->space = space;
    it->type = type;
    if (!next(it)) {
        free(it);
        return unlock(ESP_ERR_NVS_NOT_FOUND);
    }
    *output_iterator = it;
    return unlock(ESP_OK);
}

esp_err_t nvs_entry_next(nvs_iterator_t *iterator)
{
    if (iterator == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    pthread_mutex_lock(&mutex);
    bool found = next(*iterator);
    pthread_mutex_unlock(&mutex);
    if (!found) {
        free(*iterator);
        *iterator = NULL;
    }
    return found ? ESP_OK : ESP_ERR_NVS_NOT_FOUND;
}

esp_err_t nvs_entry_info(const nvs_iterator_t iterator, nvs_entry_info_t *out_info)
{
    if (iterator == NULL || out_info == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *out_info = iterator->info;
    return ESP_OK;
}

void nvs_release_iterator(nvs_iterator_t iterator)
{
    free(iterator);
}
