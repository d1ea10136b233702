package hostsdk

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// ranges are the least and the largest value of the numbers that the SDK
// compiles with.
var ranges = map[string][2]int{
	"CONFIG_LWIP_MAX_SOCKETS": {1, 64}, // an fd_set has no more
	"CONFIG_FREERTOS_HZ":      {1, 1000},

	"CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE": {1, 64},
	"CONFIG_LWIP_TCP_MSS":             {536, 1460},
	"CONFIG_LWIP_TCP_SND_BUF_DEFAULT": {2440, 65535},
	"CONFIG_LWIP_TCP_WND_DEFAULT":     {2440, 65535},
}

// checkRanges refuses numbers that are out of range.
func checkRanges(settings map[string]setting) error {
	for _, name := range slices.Sorted(maps.Keys(ranges)) {
		s, r := settings[name], ranges[name]
		if value, err := strconv.Atoi(s.text); err != nil || value < r[0] || value > r[1] {
			return fmt.Errorf("%s: %s is %s, and must be %d to %d", s.where, name, s.text, r[0], r[1])
		}
	}
	return nil
}
