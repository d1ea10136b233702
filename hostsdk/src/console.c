/* Commands, and the task that reads them from the standard input, line by line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sdkconfig.h"

/* A project has one of them, by its options. */
#undef CONFIG_ESP_CONSOLE_UART_DEFAULT
#define CONFIG_ESP_CONSOLE_UART_DEFAULT 1
#undef CONFIG_ESP_CONSOLE_USB_CDC
#define CONFIG_ESP_CONSOLE_USB_CDC 1
#undef CONFIG_ESP_CONSOLE_USB_SERIAL_JTAG
#define CONFIG_ESP_CONSOLE_USB_SERIAL_JTAG 1

#include "esp_console.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "host.h"

typedef struct command {
    esp_console_cmd_t is;
    char *hint;
    struct command *next;
} command_t;

static esp_console_config_t config;
static char *line_buffer; /* not NULL once there is a console */
static command_t *commands;

static command_t **find(const char *name)
{
    command_t **at = &commands;
    while (*at != NULL && strcmp((*at)->is.command, name) != 0) {
        at = &(*at)->next;
    }
    return at;
}

static void forget(command_t **at)
{
    command_t *c = *at;
    *at = c->next;
    free(c->hint);
    free(c);
}

esp_err_t esp_console_init(const esp_console_config_t *new_config)
{
    if (new_config == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (line_buffer != NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    config = *new_config;
    if (config.hint_color == 0) {
        config.hint_color = 39; /* the terminal's own */
    }
    line_buffer = calloc(1, config.max_cmdline_length);
    return line_buffer == NULL ? ESP_ERR_NO_MEM : ESP_OK;
}

esp_err_t esp_console_deinit(void)
{
    if (line_buffer == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    free(line_buffer);
    line_buffer = NULL;
    while (commands != NULL) {
        forget(&commands);
    }
    return ESP_OK;
}

esp_err_t esp_console_cmd_register(const esp_console_cmd_t *cmd)
{
    if (cmd == NULL || cmd->command == NULL || strchr(cmd->command, ' ') != NULL || cmd->func == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    command_t *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return ESP_ERR_NO_MEM;
    }
    c->is = *cmd;
    if (cmd->hint != NULL) { /* a space is between the command and its hint */
        size_t size = strlen(cmd->hint) + 2;
        c->hint = malloc(size);
        if (c->hint == NULL) {
            free(c);
            return ESP_ERR_NO_MEM;
        }
        snprintf(c->hint, size, " %s", cmd->hint);
    }
    command_t **at = find(cmd->command);
    if (*at != NULL) {
        forget(at);
    }
    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = c;
    return ESP_OK;
}

const char *esp_console_get_hint(const char *buf, int *color, int *bold)
{
    command_t *c = *find(buf);
    if (c == NULL) {
        return NULL;
    }
    *color = config.hint_color;
    *bold = config.hint_bold;
    return c->hint;
}

/* Splits a line in place. Quotes hold an argument with spaces together; a backslash takes a quote, a space or a backslash
 * as it is, and is dropped with any other character. */
size_t esp_console_split_argv(char *line, char **argv, size_t argv_size)
{
    size_t argc = 0;
    char *out = line;
    const char *in = line;
    while (argc + 1 < argv_size) {
        while (*in == ' ') {
            in++;
        }
        if (*in == '\0') {
            break;
        }
        bool quoted = *in == '"';
        in += quoted;
        argv[argc++] = out;
        while (*in != '\0' && *in != (quoted ? '"' : ' ')) {
            if (*in != '\\') {
                *out++ = *in++;
            } else if (*++in != '\0') {
                if (strchr("\\\" ", *in) != NULL) {
                    *out++ = *in;
                }
                in++;
            }
        }
        if (*in != '\0') {
            in++;
        }
        *out++ = '\0'; /* it is never past what was read */
    }
    argv[argc] = NULL;
    return argc;
}

esp_err_t esp_console_run(const char *cmdline, int *cmd_ret)
{
    if (line_buffer == NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    char **argv = calloc(config.max_cmdline_args, sizeof(char *));
    if (argv == NULL) {
        return ESP_ERR_NO_MEM;
    }
    snprintf(line_buffer, config.max_cmdline_length, "%s", cmdline);
    size_t argc = esp_console_split_argv(line_buffer, argv, config.max_cmdline_args);
    command_t *c = argc == 0 ? NULL : *find(argv[0]);
    if (c != NULL) {
        *cmd_ret = c->is.func((int)argc, argv);
    }
    free(argv);
    return c != NULL ? ESP_OK : argc == 0 ? ESP_ERR_INVALID_ARG : ESP_ERR_NOT_FOUND;
}

/* Help --------------------------------------------------------------------- */

#define WIDTH 76 /* of a help text, beside its indent of 2 */

static void print_help(const command_t *c)
{
    const char *text = c->is.help;
    printf("%s %s\n", c->is.command, c->hint == NULL ? "" : c->hint);
    while (*text != '\0') {
        int n = (int)strcspn(text, "\n");
        if (n > WIDTH) {
            n = WIDTH;
            while (n > 0 && text[n] != ' ') {
                n--;
            }
            n = n == 0 ? WIDTH : n;
        }
        printf("  %.*s\n", n, text);
        text += n;
        text += strspn(text, " \n");
    }
    printf("\n");
}

static int help(int argc, char **argv)
{
    bool found = argc < 2;
    for (const command_t *c = commands; c != NULL; c = c->next) {
        if (c->is.help != NULL && (argc < 2 || strcmp(argv[1], c->is.command) == 0)) {
            print_help(c);
            found = true;
        }
    }
    if (!found) {
        printf("help: Unrecognized option '%s'. Please use correct command as argument or type 'help' only to print help for all commands\n", argv[1]);
    }
    return found ? 0 : 1;
}

esp_err_t esp_console_register_help_command(void)
{
    const esp_console_cmd_t command = {
        .command = "help",
        .help = "Print the summary of all registered commands if no arguments are given, otherwise print summary of given command.",
        .hint = "[<string>]",
        .func = help,
    };
    return esp_console_cmd_register(&command);
}

/* The task that reads commands ----------------------------------------------- */

typedef struct {
    esp_console_repl_t is; /* first: a project has its address */
    char prompt[32];
    size_t length; /* of a line, at most */
    TaskHandle_t task;
    bool started, ending;
} repl_t;

static repl_t *current; /* its memory stays: a task may read with it for as long as nobody types */

static void run_line(const char *line)
{
    int ret = 0;
    esp_err_t err = esp_console_run(line, &ret);
    if (err == ESP_ERR_NOT_FOUND) {
        printf("Unrecognized command\n");
    } else if (err == ESP_OK && ret != 0) {
        printf("Command returned non-zero error code: 0x%x (%s)\n", (unsigned)ret, esp_err_to_name(ret));
    } else if (err != ESP_OK && err != ESP_ERR_INVALID_ARG) { /* which an empty line is */
        printf("Internal error: %s\n", esp_err_to_name(err));
    }
    fflush(stdout);
}

static void read_commands(void *arg)
{
    repl_t *repl = arg;
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY); /* esp_console_start_repl */
    printf("\nType 'help' to get the list of commands.\n");
    while (!repl->ending) {
        char line[repl->length];
        printf("%s ", repl->prompt);
        fflush(stdout);
        host_waits(true);
        char *got = fgets(line, (int)sizeof(line), stdin);
        host_waits(false);
        if (got == NULL) {
            printf("\n");
            host_note("the console's input has ended");
            break;
        }
        if (strchr(line, '\n') == NULL) { /* the rest of a line that is too long */
            for (int c = getchar(); c != '\n' && c != EOF;) {
                c = getchar();
            }
        }
        line[strcspn(line, "\r\n")] = '\0';
        run_line(line);
    }
    vTaskDelete(NULL);
}

/* Ends it: the task that still waits for a line goes with the program, as ESP-IDF's does with the next line. */
static esp_err_t delete_repl(esp_console_repl_t *is)
{
    if (is != &current->is || !current->started || current->ending) {
        return ESP_ERR_INVALID_STATE;
    }
    current->ending = true;
    return esp_console_deinit();
}

static esp_err_t new_repl(const void *device, const esp_console_repl_config_t *repl_config, esp_console_repl_t **ret_repl)
{
    if (device == NULL || repl_config == NULL || ret_repl == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    esp_console_config_t console = ESP_CONSOLE_CONFIG_DEFAULT();
    if (repl_config->max_cmdline_length != 0) {
        console.max_cmdline_length = repl_config->max_cmdline_length;
    }
    repl_t *repl = calloc(1, sizeof(*repl));
    if (repl == NULL) {
        return ESP_ERR_NO_MEM;
    }
    esp_err_t err = esp_console_init(&console);
    if (err == ESP_OK) {
        err = esp_console_register_help_command();
    }
    repl->is.del = delete_repl;
    repl->length = console.max_cmdline_length;
    snprintf(repl->prompt, sizeof(repl->prompt), "%s", repl_config->prompt == NULL ? "esp>" : repl_config->prompt);
    if (err == ESP_OK && xTaskCreate(read_commands, "console_repl", repl_config->task_stack_size, repl,
                                     repl_config->task_priority, &repl->task) != pdPASS) {
        err = ESP_FAIL;
    }
    if (err != ESP_OK) {
        free(repl);
        return err;
    }
    current = repl;
    *ret_repl = &current->is;
    return ESP_OK;
}

esp_err_t esp_console_new_repl_uart(const esp_console_dev_uart_config_t *dev_config,
                                    const esp_console_repl_config_t *repl_config, esp_console_repl_t **ret_repl)
{
    return new_repl(dev_config, repl_config, ret_repl);
}

esp_err_t esp_console_new_repl_usb_cdc(const esp_console_dev_usb_cdc_config_t *dev_config,
                                       const esp_console_repl_config_t *repl_config, esp_console_repl_t **ret_repl)
{
    return new_repl(dev_config, repl_config, ret_repl);
}

esp_err_t esp_console_new_repl_usb_serial_jtag(const esp_console_dev_usb_serial_jtag_config_t *dev_config,
                                               const esp_console_repl_config_t *repl_config, esp_console_repl_t **ret_repl)
{
    return new_repl(dev_config, repl_config, ret_repl);
}

esp_err_t esp_console_start_repl(esp_console_repl_t *repl)
{
    repl_t *r = (repl_t *)repl;
    if (r->started) {
        return ESP_ERR_INVALID_STATE;
    }
    r->started = true;
    xTaskNotifyGive(r->task);
    return ESP_OK;
}
