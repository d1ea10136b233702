package field

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

func isOptionName(name string) bool {
	rest, ok := strings.CutPrefix(name, "CONFIG_")
	return ok && rest != "" && strings.Trim(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// OptionNameProblem says what is wrong with the name of an option of sdkconfig,
// and what to do; "" for nothing.
func OptionNameProblem(name string) (msg, hint string) {
	if !isOptionName(name) {
		return fmt.Sprintf("%s is not the name of an ESP-IDF option", Show(name, "")), "write CONFIG_ and then capitals, digits and _"
	}
	return "", ""
}

// OptionValueProblem does the same for its value.
func OptionValueProblem(value any) (msg, hint string) {
	switch v := value.(type) {
	case bool, int:
		return "", ""
	case Hex:
		if !v.Valid() {
			return "the value is not a hexadecimal number", "write 0x and hexadecimal digits"
		}
		return "", ""
	case string:
		if strings.ContainsFunc(v, unicode.IsControl) {
			return "the value holds a control character, which Kconfig cannot store", "write it on one line"
		}
		if cmakeVariable().MatchString(v) {
			return "the value holds ${, or $NAME{, which CMake expands when it reads the configuration", "write it without the brace"
		}
		return "", ""
	}
	return "the value is neither a boolean, nor a whole number, nor a string", "write true, false, a number or a string"
}

// cmakeReference is what CMake takes for a reference to a variable. ESP-IDF
// writes an option's value into sdkconfig.cmake as it is, but for " and \.
const cmakeReference = `\$[A-Za-z0-9_/.+-]*\{`

// OptionPattern is isOptionName for the schema.
const OptionPattern = `^CONFIG_[A-Z0-9_]+$`

var cmakeVariable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(cmakeReference) })

// Hex is a hexadecimal number of sdkconfig, as it was written: 0x1000.
type Hex string

// Valid reports whether it is 0x and hexadecimal digits.
func (h Hex) Valid() bool {
	digits, ok := strings.CutPrefix(strings.ToLower(string(h)), "0x")
	return ok && digits != "" && strings.Trim(digits, "0123456789abcdef") == ""
}
