package hostsdk

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/espgen/espgen/lazyregexp"
	"github.com/espgen/espgen/plainfile"
)

// A setting is what an sdkconfig file gives an option.
type setting struct {
	text     string // without quotes and escapes
	quoted   bool
	where    string // FILE:LINE
	order    int    // a later one has a larger
	inferred bool   // nobody set it, says ESP-IDF 6
}

// A Source returns what a project's file of that path holds, "" where there is
// none.
type Source func(name string) (text string, err error)

// Folder is the source of the project in dir.
func Folder(dir string) Source {
	return func(name string) (string, error) { return readIfThere(filepath.Join(dir, filepath.FromSlash(name))) }
}

// A configuration is what a project's sdkconfig files and Kconfig files say.
type configuration struct {
	settings map[string]setting
	secrets  map[string]bool   // the options of which sdkconfig.secrets gives the value
	options  map[string]string // what sdkconfig.h defines, with values in C
	last     int               // the order of the last setting
	declared map[string]string // see kconfig.evaluate
	target   string            // the chip, as in esp32c3
	notes    []string          // warnings, with ends of lines
}

// configure reads the options of the project in dir as ESP-IDF does.
func configure(dir string) (*configuration, error) { return configureFrom(dir, Folder(dir)) }

// configureFrom does so where the project's files have another source. dir is
// for places.
func configureFrom(dir string, source Source) (*configuration, error) {
	c := &configuration{settings: map[string]setting{}, secrets: map[string]bool{}, options: map[string]string{}}
	for name, value := range sdkDefaults {
		c.settings[name] = setting{text: value}
	}
	if err := c.readSettings(dir, source); err != nil {
		return nil, err
	}
	c.chooseConsole()
	if err := c.chooseTarget(); err != nil {
		return nil, err
	}
	if err := checkRanges(c.settings); err != nil {
		return nil, err
	}
	for name, s := range c.settings {
		switch {
		case s.quoted:
			c.options[name] = quoteC(s.text)
		case s.text == "y":
			c.options[name] = "1"
		case s.text != "n":
			c.options[name] = s.text
		}
	}
	return c, c.readKconfig(dir, source)
}

// readKconfig reads the Kconfig files of the components, and has them decide of
// the options that they declare.
func (c *configuration) readKconfig(dir string, source Source) error {
	k := kconfig{configs: map[string]*entry{}, source: source, dir: dir, target: c.target}
	for _, name := range []string{"Kconfig.projbuild", "Kconfig"} {
		for _, component := range kconfigDirs(dir) {
			if err := k.readFile(component + "/" + name); err != nil {
				return err
			}
		}
	}
	defined, declared, err := k.evaluate(c.settings)
	c.declared, c.notes = declared, k.notes
	if err != nil {
		return err
	}
	for name := range k.configs {
		delete(c.options, "CONFIG_"+name)
	}
	maps.Copy(c.options, defined)
	return nil
}

// kconfigDirs are the folders of the components that are built: only their
// Kconfig files are read.
func kconfigDirs(dir string) []string {
	if dir == "" { // the project is not on the disk
		return []string{mainDir}
	}
	p, err := readComponents(dir)
	if err != nil { // the build tells
		return []string{mainDir}
	}
	var dirs []string
	for _, c := range p.components {
		dirs = append(dirs, c.dir)
	}
	return dirs
}

// sdkDefaults are ESP-IDF's defaults of the options that the SDK uses.
var sdkDefaults = map[string]string{
	"CONFIG_LWIP_MAX_SOCKETS":  "10",
	"CONFIG_LOG_DEFAULT_LEVEL": "3",
	"CONFIG_LOG_MAXIMUM_LEVEL": "3",
	"CONFIG_FREERTOS_HZ":       "100",

	"CONFIG_ESP_CONSOLE_UART_BAUDRATE":        "115200",
	"CONFIG_ESP_CONSOLE_UART_DEFAULT":         "y",
	"CONFIG_ESP_CONSOLE_UART_NUM":             "0",
	"CONFIG_ESP_NETIF_IP_LOST_TIMER_INTERVAL": "120",
	"CONFIG_ESP_TASK_WDT_EN":                  "y",
	"CONFIG_ESP_TASK_WDT_INIT":                "y",
	"CONFIG_ESP_TASK_WDT_TIMEOUT_S":           "5",

	"CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0": "y",
	"CONFIG_LWIP_TCP_ACCEPTMBOX_SIZE":          "6",
	"CONFIG_LWIP_TCP_MSS":                      "1440",
	"CONFIG_LWIP_TCP_SND_BUF_DEFAULT":          "5760",
	"CONFIG_LWIP_TCP_SYNMAXRTX":                "12",
	"CONFIG_LWIP_TCP_WND_DEFAULT":              "5760",
}

// chooseConsole drops the default of ESP-IDF's choice of a console where the
// project makes another.
func (c *configuration) chooseConsole() {
	const choice, first = "CONFIG_ESP_CONSOLE_", "CONFIG_ESP_CONSOLE_UART_DEFAULT"
	for _, other := range []string{"USB_CDC", "USB_SERIAL_JTAG", "UART_CUSTOM", "NONE"} {
		if c.settings[choice+other].text == "y" && c.settings[first].order == 0 {
			c.settings[first] = setting{text: "n"}
		}
	}
}

var targetLine = lazyregexp.New(`(?m)^CONFIG_IDF_TARGET="(\w+)"`)

// The files of settings.
const (
	defaultsFile = "sdkconfig.defaults"
	hiddenFile   = "sdkconfig.secrets"
	madeFile     = "sdkconfig" // by ESP-IDF
)

// readSettings reads the project's defaults files, each followed by the one of
// the target, and what menuconfig made of them, which wins.
func (c *configuration) readSettings(dir string, source Source) error {
	c.target = "esp32"
	for _, name := range []string{hiddenFile, defaultsFile, madeFile} {
		text, err := source(name)
		if err != nil {
			return err
		}
		if m := targetLine().FindStringSubmatch(text); m != nil {
			c.target = m[1]
		}
	}
	for _, name := range []string{defaultsFile, defaultsFile + "." + c.target, hiddenFile, hiddenFile + "." + c.target, madeFile} {
		text, err := source(name)
		if err != nil {
			return err
		}
		c.read(filepath.Join(dir, name), text, strings.HasPrefix(name, hiddenFile))
	}
	return nil
}

// readIfThere reads a file of settings, "" where there is none.
func readIfThere(file string) (string, error) { return readUpTo(file, maxConfig) }

func readUpTo(file string, limit int64) (string, error) {
	text, err := plainfile.Read(file, limit)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return "", nil
	}
	return string(text), err
}

var (
	optionLine   = lazyregexp.New(`^(CONFIG_\w+)=(.*)$`)
	notSetLine   = lazyregexp.New(`^# (CONFIG_\w+) is not set$`)
	optionString = lazyregexp.New(`^"((?:[^"\\]|\\.)*)"$`)
	logLevels    = []string{"NONE", "ERROR", "WARN", "INFO", "DEBUG", "VERBOSE"}
)

// inferredLine is before the line of an option that nobody set.
const inferredLine = "# default:"

// read takes the settings of a file.
func (c *configuration) read(file, text string, secret bool) {
	isDefault := false
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if line == inferredLine { // of ESP-IDF 6: nobody set the option of the next line
			isDefault = true
			continue
		}
		s := setting{where: fmt.Sprintf("%s:%d", file, i+1)}
		var name string
		if m := optionLine().FindStringSubmatch(line); m != nil {
			name, s.text = m[1], strings.TrimSpace(m[2])
		} else if m := notSetLine().FindStringSubmatch(line); m != nil {
			name, s.text = m[1], "n"
		} else {
			continue
		}
		if m := optionString().FindStringSubmatch(s.text); m != nil {
			s.text, s.quoted = unescape(m[1]), true
		}
		if secret {
			c.secrets[name] = true
		}
		s.inferred = isDefault
		if !isDefault {
			c.last++
			s.order = c.last
		} else if c.settings[name].order > 0 { // a defaults file sets it
			s = c.settings[name]
		}
		isDefault = false
		c.settings[name] = s
		if level := slices.Index(logLevels, strings.TrimPrefix(name, "CONFIG_LOG_DEFAULT_LEVEL_")); level >= 0 && s.text == "y" {
			c.settings["CONFIG_LOG_DEFAULT_LEVEL"] = setting{text: fmt.Sprint(level)}
			c.settings["CONFIG_LOG_MAXIMUM_LEVEL"] = setting{text: fmt.Sprint(level)}
		}
	}
}

var (
	escaped  = lazyregexp.New(`\\(.)`)
	cEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
)

// unescape undoes the escapes of Kconfig's strings.
func unescape(s string) string { return escaped().ReplaceAllString(s, "$1") }

// quoteC writes a string as ESP-IDF does in sdkconfig.h.
func quoteC(s string) string { return `"` + cEscapes.Replace(s) + `"` }

// header is the project's sdkconfig.h.
func (c *configuration) header() string { return header(c.options) }

// sdkHeader is the sdkconfig.h of the SDK: of the options that it uses, so
// that projects which differ in others share an SDK.
func (c *configuration) sdkHeader() (string, error) {
	used := map[string]string{}
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		source, err := fs.ReadFile(files, path)
		for _, name := range optionName().FindAllString(string(source), -1) {
			if value, ok := c.options[name]; ok {
				used[name] = value
			}
		}
		return err
	})
	return header(used), err
}

var optionName = lazyregexp.New(`\bCONFIG_\w+`)

func header(options map[string]string) string {
	var b strings.Builder
	b.WriteString("#pragma once\n")
	for _, name := range slices.Sorted(maps.Keys(options)) {
		fmt.Fprintf(&b, "#define %s %s\n", name, options[name])
	}
	return b.String()
}

// cString is a string of C, as the source has it.
var cString = lazyregexp.New(`"(?:[^"\\\n]|\\.)+"`)

// hide returns what takes secrets out of a compiler's words: the strings of
// sdkconfig.secrets, and those of a C file that holds nothing else.
func (c *configuration) hide(source string) *strings.Replacer {
	var pairs []string
	for _, text := range cString().FindAllString(source, -1) {
		pairs = append(pairs, text, `"***"`)
	}
	for name := range c.secrets {
		if value := c.options[name]; strings.HasPrefix(value, `"`) && value != `""` {
			pairs = append(pairs, value, `"***"`)
		}
	}
	return strings.NewReplacer(pairs...)
}
