package field

import (
	"fmt"
	"strconv"
)

// Show prints a value for a message: quoted, so that it cannot disturb the
// terminal, and cut where it is long.
func Show(value any, hidden string) string {
	if hidden != "" {
		return hidden
	}
	if pair, ok := value.([2]int); ok {
		return fmt.Sprintf("[%d, %d]", pair[0], pair[1])
	}
	s, ok := value.(string)
	if !ok {
		return fmt.Sprint(value)
	}
	const most = 40
	if runes := []rune(s); len(runes) > most {
		return strconv.Quote(string(runes[:most])) + "..."
	}
	return strconv.Quote(s)
}
