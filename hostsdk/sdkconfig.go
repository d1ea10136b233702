package hostsdk

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var optionLine = regexp.MustCompile(`(?m)^(CONFIG_\w+)=(.*)$`)

// sdkconfigHeader is the sdkconfig.h that ESP-IDF would make of the project's
// sdkconfig.defaults, over the defaults of the options that the SDK uses.
func sdkconfigHeader(defaults string) string {
	values := map[string]string{
		"CONFIG_LWIP_MAX_SOCKETS":  "10",
		"CONFIG_LOG_DEFAULT_LEVEL": "3",
		"CONFIG_LOG_MAXIMUM_LEVEL": "3",
		"CONFIG_FREERTOS_HZ":       "100",

		"CONFIG_ESP_NETIF_IP_LOST_TIMER_INTERVAL": "120",
		"CONFIG_ESP_TASK_WDT_EN":                  "1",
		"CONFIG_ESP_TASK_WDT_INIT":                "1",
		"CONFIG_ESP_TASK_WDT_TIMEOUT_S":           "5",
		"CONFIG_LWIP_TCP_SYNMAXRTX":               "12",
	}
	levels := []string{"NONE", "ERROR", "WARN", "INFO", "DEBUG", "VERBOSE"}
	for _, m := range optionLine.FindAllStringSubmatch(defaults, -1) {
		name, value := m[1], strings.TrimSpace(m[2])
		if level := slices.Index(levels, strings.TrimPrefix(name, "CONFIG_LOG_DEFAULT_LEVEL_")); level >= 0 && value == "y" {
			values["CONFIG_LOG_DEFAULT_LEVEL"] = fmt.Sprint(level)
			values["CONFIG_LOG_MAXIMUM_LEVEL"] = fmt.Sprint(level)
		}
		switch value {
		case "n":
			delete(values, name)
		case "y":
			values[name] = "1"
		default:
			values[name] = value
		}
	}
	var lines []string
	for name, value := range values {
		lines = append(lines, "#define "+name+" "+value)
	}
	slices.Sort(lines)
	return "#pragma once\n" + strings.Join(lines, "\n") + "\n"
}
