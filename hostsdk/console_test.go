//go:build linux

package hostsdk_test

import (
	"os"
	"strings"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

const console = `
-- main/main.c --
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "esp_console.h"

#define CHECK(condition) printf("%s %d: %s\n", (condition) ? "ok" : "FAILED", __LINE__, #condition)

static int echo(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        printf("[%s]", argv[i]);
    }
    printf("\n");
    return argc - 1;
}

static void check_split(const char *line, const char *want)
{
    char copy[64], all[64] = "", *argv[5];
    strcpy(copy, line);
    size_t argc = esp_console_split_argv(copy, argv, 5);
    for (size_t i = 0; i < argc; i++) {
        strcat(strcat(all, argv[i]), "|");
    }
    CHECK(argv[argc] == NULL);
    CHECK(strcmp(all, want) == 0);
}

void app_main(void)
{
    int ret = -1, color = 0, bold = 1;
    esp_console_config_t config = ESP_CONSOLE_CONFIG_DEFAULT();
    esp_console_cmd_t command = { .command = "echo", .help = "Print the arguments", .hint = "WORD...", .func = echo };
    esp_console_cmd_t wrong = { .command = "two words", .func = echo }, empty = { .command = "empty" };

    CHECK(esp_console_run("echo", &ret) == ESP_ERR_INVALID_STATE);
    CHECK(esp_console_deinit() == ESP_ERR_INVALID_STATE);
    CHECK(esp_console_init(NULL) == ESP_ERR_INVALID_ARG);
    CHECK(esp_console_init(&config) == ESP_OK && esp_console_init(&config) == ESP_ERR_INVALID_STATE);
    CHECK(esp_console_cmd_register(&command) == ESP_OK && esp_console_cmd_register(&command) == ESP_OK);
    CHECK(esp_console_cmd_register(&wrong) == ESP_ERR_INVALID_ARG && esp_console_cmd_register(&empty) == ESP_ERR_INVALID_ARG);
    CHECK(esp_console_run("echo a \"b c\"", &ret) == ESP_OK && ret == 2);
    CHECK(esp_console_run("nothing", &ret) == ESP_ERR_NOT_FOUND);
    CHECK(esp_console_run("  ", &ret) == ESP_ERR_INVALID_ARG);
    CHECK(strcmp(esp_console_get_hint("echo", &color, &bold), " WORD...") == 0 && color == 39 && bold == 0);
    CHECK(esp_console_get_hint("ech", &color, &bold) == NULL);
    CHECK(esp_console_deinit() == ESP_OK && esp_console_get_hint("echo", &color, &bold) == NULL);

    check_split("a b", "a|b|");
    check_split("  a  \"b c\"d ", "a|b c|d|");
    check_split("a\\ b \\\"c\\\\ \\d", "a b|\"c\\||");
    check_split("\"a \\\" b", "a \" b|");
    check_split("1 2 3 4 5 6", "1|2|3|4|");
    check_split("\"\" a", "|a|");
    check_split("", "");

    esp_console_repl_t *repl = NULL;
    esp_console_repl_config_t repl_config = ESP_CONSOLE_REPL_CONFIG_DEFAULT();
    DEVICE
    CHECK(esp_console_cmd_register(&command) == ESP_OK);
    CHECK(esp_console_start_repl(repl) == ESP_OK);
    CHECK(esp_console_start_repl(repl) == ESP_ERR_INVALID_STATE);
    printf("\ndone\n"); /* behind the prompt, or before it */
}
`

// TestConsole types commands, on each kind of console.
func TestConsole(t *testing.T) {
	for config, device := range map[string]string{
		"": `esp_console_dev_uart_config_t device = ESP_CONSOLE_DEV_UART_CONFIG_DEFAULT();
    CHECK(esp_console_new_repl_uart(&device, NULL, &repl) == ESP_ERR_INVALID_ARG);
    CHECK(esp_console_new_repl_uart(&device, &repl_config, &repl) == ESP_OK);`,
		"CONFIG_ESP_CONSOLE_USB_SERIAL_JTAG=y\n": `esp_console_dev_usb_serial_jtag_config_t device = ESP_CONSOLE_DEV_USB_SERIAL_JTAG_CONFIG_DEFAULT();
    CHECK(esp_console_new_repl_usb_serial_jtag(&device, &repl_config, &repl) == ESP_OK);
#ifdef CONFIG_ESP_CONSOLE_UART_DEFAULT
#error "two consoles"
#endif`,
	} {
		t.Run("console "+config, func(t *testing.T) {
			t.Parallel()
			input, typed, err := os.Pipe()
			must(t, err)
			defer input.Close()
			dir := tree(t, strings.Replace(console, "DEVICE", device, 1)+"-- sdkconfig.defaults --\n"+config)
			d := start(t, dir, hostsdk.Scenario{Input: input})
			for _, line := range []string{`esp> `, `Returned from app_main`} { // which would stand between the answers
				_, err = d.wait(line, 1)
				must(t, err)
			}
			for _, line := range []string{"help", "help echo", "help me", "echo one \"two words\"", "", "nothing", "echo " + strings.Repeat("x", 1000)} {
				_, err := typed.WriteString(line + "\n")
				must(t, err)
			}
			must(t, typed.Close())
			for _, line := range []string{
				`(?m)help  \[<string>\]\n  Print the summary of all registered commands if no arguments are given,\n  otherwise print summary of given command\.\n\necho  WORD\.\.\.\n  Print the arguments\n\n`,
				`help: Unrecognized option 'me'`, `\[echo\]\[one\]\[two words\]`, `Command returned non-zero error code: 0x2 \(UNKNOWN ERROR\)`, `Unrecognized command`, `\[echo\]\[x{200,}\]`,
				`host: the console's input has ended`,
			} {
				_, err := d.wait(line, 1)
				must(t, err)
			}
			log := finish(d)
			if strings.Count(log, "\nok ") < 20 || strings.Contains(log, "FAILED") {
				t.Errorf("a check failed, or is missing:\n%s", log)
			}
		})
	}
}
