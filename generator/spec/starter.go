package spec

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Starter returns a commented spec for a role: every field that its style
// uses, with its default, and an example where there is none. It is valid as
// it stands.
func Starter(role Role, styleName string) []byte {
	style := role.Styles[styleName]
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n#\n", role.Summary)
	fmt.Fprintf(&b, "# Change wifi to your network's, then run: espgen new %s -f FILE\n", role.Name)
	b.WriteString("# A line that you delete gets the default back; `espgen explain FIELD` tells more.\n\n")
	for _, key := range children("") {
		if f, ok := FieldAt(key); ok {
			switch f.Path {
			case "idf": // follows the target while it is left out
				b.WriteString(starterLine("# ", key, ">="+oldestIDF, comment(f)))
			case "sdkconfig":
				fmt.Fprintf(&b, "\n# %s\n# %s: {CONFIG_LOG_DEFAULT_LEVEL_DEBUG: true}\n", comment(f), key)
			default:
				b.WriteString(starterLine("", key, starterValue(f, role, styleName), comment(f)))
			}
			continue
		}
		var section strings.Builder
		for _, child := range children(key) {
			f := mustField(join(key, child))
			if _, ok := style.Uses(f); ok {
				section.WriteString(starterLine("  ", child, starterValue(f, role, styleName), comment(f)))
			}
		}
		if section.Len() > 0 {
			fmt.Fprintf(&b, "\n%s:\n%s", key, section.String())
		}
	}
	return []byte(b.String())
}

// starterLine lays out a field with its comment behind it.
func starterLine(indent, key string, value any, comment string) string {
	text, err := yaml.Marshal(value)
	if err != nil {
		panic(err) // a default of the table
	}
	line := indent + key + ": " + strings.TrimSpace(string(text))
	pad := max(1, 34-utf8.RuneCountInString(line))
	return line + strings.Repeat(" ", pad) + "# " + comment + "\n"
}

func comment(f Field) string { return f.Summary + ": " + f.Range() }

func starterValue(f Field, role Role, styleName string) any {
	style := role.Styles[styleName]
	use, _ := style.Uses(f)
	switch f.Path {
	case "role":
		return role.Name
	case "style":
		return styleName
	case "project":
		return role.projectName()
	case "wifi.ssid":
		return "my-network"
	case "wifi.password":
		return "change-me!"
	case "server.addr":
		return "192.168.1.100"
	}
	return use.Default
}
