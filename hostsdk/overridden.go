package hostsdk

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// An Option is one of a project's, or a choice of its Kconfig files, that
// sdkconfig gives another value than the project's own files: its Kconfig files,
// sdkconfig.defaults and sdkconfig.secrets.
type Option struct {
	Name     string
	Value    string // in sdkconfig, as it is written there; of a choice the option that is selected
	Default  string // what the project's own files give, "" where they do not any more
	Choice   bool
	Secret   bool // sdkconfig.secrets gives it
	Inferred bool // nobody set it, says ESP-IDF 6
	own      bool // a Kconfig file of the project declares it
}

// Overridden lists the options of a project whose values in sdkconfig win over
// other ones of the project's own files, and those of former that these do not
// give any more. dir is for places.
func Overridden(dir string, source Source, former ...string) ([]Option, error) {
	text, err := source(madeFile)
	if err != nil || text == "" {
		return nil, err
	}
	fresh, err := configureFrom(dir, without(source, madeFile))
	if err != nil {
		return nil, err
	}
	whole, err := configureFrom(dir, source)
	if err != nil {
		return nil, err
	}
	made := &configuration{settings: map[string]setting{}, secrets: map[string]bool{}}
	made.read(madeFile, text, false)
	now, was := fresh.values(), whole.values()
	var list []Option
	for _, name := range slices.Sorted(maps.Keys(now)) {
		_, own := fresh.declared[name]
		o := Option{Name: name, Value: was[name], Default: now[name], Secret: fresh.secrets[name], own: own}
		line := name
		if o.Choice = own && strings.HasPrefix(o.Default, "CONFIG_"); o.Choice {
			line = o.Value
		}
		s, ok := made.settings[line]
		if o.Inferred = s.inferred; ok && o.Value != "" && o.Default != "" && !sameValue(o.Value, o.Default) {
			list = append(list, o)
		}
	}
	for _, name := range slices.Sorted(slices.Values(former)) {
		_, given := now[name]
		if s, ok := made.settings[name]; ok && !given && !s.inferred {
			list = append(list, Option{Name: name, Value: s.written()})
		}
	}
	return list, nil
}

// Defaults returns the values that a project's own files give to options, as
// sdkconfig would have them. Secrets are not among them.
func Defaults(source Source) (map[string]string, error) {
	c, err := configureFrom("", without(source, madeFile, hiddenFile))
	if err != nil {
		return nil, err
	}
	return c.values(), nil
}

// without is a source that lacks files, and those of a target that go with them.
func without(source Source, names ...string) Source {
	return func(name string) (string, error) {
		for _, n := range names {
			if name == n || n != madeFile && strings.HasPrefix(name, n+".") {
				return "", nil
			}
		}
		return source(name)
	}
}

// values returns what menuconfig shows of the options that the project declares,
// and those of ESP-IDF that its files set.
func (c *configuration) values() map[string]string {
	values := map[string]string{}
	for name, s := range c.settings {
		if s.order == 0 && !s.inferred {
			continue // a default of the SDK's
		}
		values[name] = s.written()
	}
	maps.Copy(values, c.declared)
	return values
}

// written is the value as sdkconfig has it.
func (s setting) written() string {
	if s.quoted {
		return quoteC(s.text)
	}
	return s.text
}

// sameValue compares values as sdkconfig has them.
func sameValue(a, b string) bool {
	if a == b {
		return true
	}
	m, err1 := parseNumber(kindOf(a), a)
	n, err2 := parseNumber(kindOf(b), b)
	return err1 == nil && err2 == nil && m == n
}

func kindOf(number string) string {
	if strings.HasPrefix(strings.ToLower(number), "0x") {
		return "hex"
	}
	return "int"
}

// Bring returns the text of an sdkconfig with the defaults of options in place
// of its values. Of an option that has none it takes the line, so that ESP-IDF's
// default counts.
func Bring(text string, options []Option) string {
	values, last := map[string]string{}, map[string]bool{}
	var names []string
	set := func(name, value string) {
		values[name] = value
		names = append(names, name)
	}
	for _, o := range options {
		if o.Choice {
			set(o.Value, "n")
			set(o.Default, "y")
			continue
		}
		set(o.Name, o.Default)
		// It may be one of a choice of ESP-IDF, of which the last that is y counts.
		last[o.Name] = !o.own && o.Default == "y"
	}
	var b strings.Builder
	done := map[string]bool{}
	for line := range strings.Lines(text) {
		rest := strings.TrimRight(line, " \t\r\n")
		name := optionOf(rest)
		value, isSet := values[name]
		switch {
		case !isSet:
			b.WriteString(line)
		case value == "": // and no line
		case !last[name]:
			b.WriteString(lineOf(name, value) + line[len(rest):])
			done[name] = true
		}
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		b.WriteByte('\n')
	}
	for _, name := range names {
		if !done[name] && values[name] != "" {
			b.WriteString(lineOf(name, values[name]) + "\n")
			done[name] = true
		}
	}
	return b.String()
}

// optionOf returns the option that a line of sdkconfig sets, "" for none.
func optionOf(line string) string {
	for _, form := range []*regexp.Regexp{optionLine(), notSetLine()} {
		if m := form.FindStringSubmatch(line); m != nil {
			return m[1]
		}
	}
	return ""
}

// lineOf is the line that sets an option.
func lineOf(name, value string) string {
	if value == "n" {
		return "# " + name + " is not set"
	}
	return name + "=" + value
}
