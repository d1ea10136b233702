package hostsdk

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// most is the largest value of the numbers that the SDK compiles with. The
// least is 1.
var most = map[string]int{
	"CONFIG_LWIP_MAX_SOCKETS": 64, // an fd_set has no more
	"CONFIG_FREERTOS_HZ":      1000,

	"CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE": 64,
}

// checkRanges refuses numbers that are out of range.
func checkRanges(settings map[string]setting) error {
	for _, name := range slices.Sorted(maps.Keys(most)) {
		s, limit := settings[name], most[name]
		if value, err := strconv.Atoi(s.text); err != nil || value < 1 || value > limit {
			return fmt.Errorf("%s: %s is %s, and must be 1 to %d", s.where, name, s.text, limit)
		}
	}
	return nil
}
