/* Commands that are typed, and the task that reads them. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "esp_err.h"
#include "sdkconfig.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    size_t max_cmdline_length;
    size_t max_cmdline_args;
    int hint_color;
    int hint_bold;
} esp_console_config_t;

#define ESP_CONSOLE_CONFIG_DEFAULT() \
    {                                \
        .max_cmdline_length = 256,   \
        .max_cmdline_args = 32,      \
        .hint_color = 39,            \
        .hint_bold = 0,              \
    }

typedef struct {
    uint32_t max_history_len;
    const char *history_save_path;
    uint32_t task_stack_size;
    uint32_t task_priority;
    const char *prompt;
    size_t max_cmdline_length;
} esp_console_repl_config_t;

#define ESP_CONSOLE_REPL_CONFIG_DEFAULT() \
    {                                     \
        .max_history_len = 32,            \
        .history_save_path = NULL,        \
        .task_stack_size = 4096,          \
        .task_priority = 2,               \
        .prompt = NULL,                   \
        .max_cmdline_length = 0,          \
    }

typedef int (*esp_console_cmd_func_t)(int argc, char **argv);

typedef struct {
    const char *command;
    const char *help;
    const char *hint;
    esp_console_cmd_func_t func;
    void *argtable;
} esp_console_cmd_t;

esp_err_t esp_console_init(const esp_console_config_t *config);
esp_err_t esp_console_deinit(void);
esp_err_t esp_console_cmd_register(const esp_console_cmd_t *cmd);
esp_err_t esp_console_register_help_command(void);
esp_err_t esp_console_run(const char *cmdline, int *cmd_ret);
size_t esp_console_split_argv(char *line, char **argv, size_t argv_size);
const char *esp_console_get_hint(const char *buf, int *color, int *bold);

typedef struct esp_console_repl_s esp_console_repl_t;
struct esp_console_repl_s {
    esp_err_t (*del)(esp_console_repl_t *repl);
};

#if CONFIG_ESP_CONSOLE_UART_DEFAULT || CONFIG_ESP_CONSOLE_UART_CUSTOM
typedef struct {
    int channel;
    int baud_rate;
    int tx_gpio_num;
    int rx_gpio_num;
} esp_console_dev_uart_config_t;

#define ESP_CONSOLE_DEV_UART_CONFIG_DEFAULT()          \
    {                                                  \
        .channel = CONFIG_ESP_CONSOLE_UART_NUM,        \
        .baud_rate = CONFIG_ESP_CONSOLE_UART_BAUDRATE, \
        .tx_gpio_num = -1,                             \
        .rx_gpio_num = -1,                             \
    }

esp_err_t esp_console_new_repl_uart(const esp_console_dev_uart_config_t *dev_config,
                                    const esp_console_repl_config_t *repl_config, esp_console_repl_t **ret_repl);
#endif

#if CONFIG_ESP_CONSOLE_USB_CDC
typedef struct {
} esp_console_dev_usb_cdc_config_t;

#define ESP_CONSOLE_DEV_CDC_CONFIG_DEFAULT() {}

esp_err_t esp_console_new_repl_usb_cdc(const esp_console_dev_usb_cdc_config_t *dev_config,
                                       const esp_console_repl_config_t *repl_config, esp_console_repl_t **ret_repl);
#endif

#if CONFIG_ESP_CONSOLE_USB_SERIAL_JTAG
typedef struct {
} esp_console_dev_usb_serial_jtag_config_t;

#define ESP_CONSOLE_DEV_USB_SERIAL_JTAG_CONFIG_DEFAULT() {}

esp_err_t esp_console_new_repl_usb_serial_jtag(const esp_console_dev_usb_serial_jtag_config_t *dev_config,
                                               const esp_console_repl_config_t *repl_config, esp_console_repl_t **ret_repl);
#endif

esp_err_t esp_console_start_repl(esp_console_repl_t *repl);

#ifdef __cplusplus
}
#endif
