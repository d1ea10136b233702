package hostsdk

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hbollon/go-edlib"

	"github.com/espgen/espgen/lazyregexp"
)

// A MissingError is of functions that are called, and nowhere.
type MissingError struct {
	Functions []string          // sorted
	places    map[string]string // of their first calls, FILE:LINE or ""
	help      string
}

// Error names the functions, and where they are called.
func (e *MissingError) Error() string {
	if slices.Contains(e.Functions, "app_main") {
		return "the project has no app_main, which ESP-IDF calls first"
	}
	var list []string
	for _, name := range e.Functions {
		if place := e.places[name]; place != "" {
			name += " (" + place + ")"
		}
		list = append(list, name)
	}
	return "undefined functions: " + strings.Join(list, ", ")
}

// Hint says where to define them.
func (e *MissingError) Hint() string { return e.help }

// missing is the error of functions that are nowhere.
func (p *plan) missing(functions []string, places map[string]string) *MissingError {
	e := &MissingError{Functions: functions, places: places}
	for _, c := range p.components {
		for _, source := range c.others {
			text, err := readUpTo(p.at(source), maxSource)
			if i := slices.IndexFunc(functions, func(name string) bool { return defines(text, name) }); err == nil && i >= 0 {
				e.help = fmt.Sprintf("%s is in %s: add %q to SRCS in %s", functions[i], source, strings.TrimPrefix(source, c.dir+"/"), c.list)
				return e
			}
		}
	}
	if slices.Contains(functions, "app_main") {
		e.help = "write void app_main(void) in one of main/*.c"
		return e
	}
	e.help = "define the function in the project, or, for this PC only, in a C file in host/"
	for _, name := range functions {
		if header := declaredByIDF(name); header != "" {
			e.help = lacks(name, header)
		}
	}
	return e
}

// lacks says what to do without a function of ESP-IDF.
func lacks(function, header string) string {
	return fmt.Sprintf("%s is ESP-IDF's (%s), and the host SDK lacks it: for this PC, define it in a C file in host/", function, header)
}

// defines reports whether a source looks as if it defined a function.
func defines(source, name string) bool {
	form := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\s*\([^;{}]*\)\s*\{`)
	return form.MatchString(source)
}

// undeclared is how GCC and Clang name a function that no header declares, in C
// and in C++.
var undeclared = lazyregexp.New(`(?:implicit declaration of function|call to undeclared function|use of undeclared identifier) [‘'](\w+)[’']|error: [‘'](\w+)[’'] was not declared`)

// helpOf says what to do about functions that no header declares, "" for
// nothing.
func helpOf(said string) string {
	for _, m := range undeclared().FindAllStringSubmatch(said, -1) {
		name := m[1] + m[2]
		if header := declaredHere(name); header != "" {
			return fmt.Sprintf("%s is declared in %s: include it", name, header)
		}
		if header := declaredByIDF(name); header != "" {
			return strings.Replace(lacks(name, header), "define it", fmt.Sprintf("declare it in host/%s (beside #include_next <%s>) and define it", header, header), 1)
		}
	}
	return ""
}

// An absentHeader is a header that a source includes, and that is nowhere.
type absentHeader struct {
	file   string // of the project
	line   int
	header string
}

func (e *absentHeader) Error() string { return fmt.Sprintf("%s:%d: no %s", e.file, e.line, e.header) }

// noHeader is how GCC and Clang say it, in English.
var noHeader = lazyregexp.New(`(?m)^(\S.*?):(\d+):\d+: fatal error: (?:'(.+)' file not found|(.+): No such file or directory)$`)

// absent finds the header that a preprocessor did not find.
func absent(said string) (*absentHeader, bool) {
	m := noHeader().FindStringSubmatch(said)
	if m == nil {
		return nil, false
	}
	line, err := strconv.Atoi(m[2])
	return &absentHeader{strings.TrimPrefix(m[1], "project/"), line, m[3] + m[4]}, err == nil
}

// A HeaderError is of headers that are included, and nowhere.
type HeaderError struct {
	absent []*absentHeader
	lines  []string
	output string // what the compiler said of other sources
	help   string
}

// Error says of each header where it is included, and whether ESP-IDF has it.
func (e *HeaderError) Error() string {
	text := strings.Join(e.lines, "\n")
	if e.output != "" {
		text += "\n" + strings.TrimSuffix(e.output, "\n")
	}
	return text
}

// Hint says what to do about the first.
func (e *HeaderError) Hint() string { return e.help }

// explain completes an error with what the project and ESP-IDF have.
func (p *plan) explain(e *HeaderError) {
	for i, a := range e.absent {
		line, help := p.explainHeader(a)
		e.lines = append(e.lines, fmt.Sprintf("%s:%d: %s", a.file, a.line, line))
		if i == 0 {
			e.help = help
		}
	}
}

func (p *plan) explainHeader(a *absentHeader) (line, help string) {
	from := p.componentOf(a.file)
	for _, c := range p.components {
		for _, dir := range c.public {
			if p.exists(path.Join(dir, a.header)) && c != from {
				return fmt.Sprintf("%s is in the component %s, which %s does not require", a.header, c.name, from.list), fmt.Sprintf("add %s to REQUIRES in %s", c.name, from.list)
			}
		}
	}
	if h, ok := headerOfIDF(a.header); ok {
		return fmt.Sprintf("the host SDK lacks ESP-IDF's header %s\n\t%s", a.header, from.onChip(h)),
			fmt.Sprintf("for this PC, write host/%s, and what it declares in a C file in host/: \"The host folder\" in espgen's hostsdk/README.md has an example", a.header)
	}
	line = fmt.Sprintf("unknown header %s: neither the project nor ESP-IDF has it", a.header)
	if near := p.nearest(a.header); near != "" {
		line = fmt.Sprintf("unknown header %s: did you mean %s?", a.header, near)
	}
	return line, "correct the name, or add the header's folder to INCLUDE_DIRS in " + from.dir + "/CMakeLists.txt"
}

// componentOf returns the component that a file is in, main for others.
func (p *plan) componentOf(file string) *component {
	for _, c := range p.components {
		if strings.HasPrefix(file, c.dir+"/") {
			return c
		}
	}
	return p.components[0]
}

// common are the components that every one requires
// (tools/cmake/build.cmake, __build_init), and those for one kind of chip.
var common = []string{"cxx", "esp_libc", "newlib", "freertos", "esp_hw_support", "heap", "log", "soc", "hal", "esp_rom", "esp_common", "esp_system", "xtensa", "riscv"}

// onChip says what a component needs to include a header of ESP-IDF.
func (c *component) onChip(h idfHeader) string {
	required := append(c.required("REQUIRES", "PRIV_REQUIRES"), common...)
	var names []string
	for _, has := range h.components {
		switch {
		case c.seesAll() || slices.Contains(common, has.name):
			return "on the chip it compiles"
		case slices.Contains(required, has.name):
			return "on the chip it compiles: " + c.list + " requires " + has.name
		case len(h.components) == 1 && len(has.versions) == 3:
			names = append(names, has.name)
		default:
			names = append(names, fmt.Sprintf("%s (ESP-IDF %s)", has.name, strings.Join(has.versions, ", ")))
		}
	}
	return "on the chip it compiles if " + c.list + " requires " + strings.Join(names, " or ")
}

// nearest returns the header whose name is nearest, "" for none that is near.
func (p *plan) nearest(name string) (near string) {
	best := 2 + len(name)/10
	try := func(other string) {
		if d := edlib.OSADamerauLevenshteinDistance(name, other); d < best {
			near, best = other, d
		}
	}
	headers, _ := idfHeaders()
	for _, h := range headers {
		try(h.name)
	}
	for _, c := range p.components {
		for _, dir := range append(slices.Clone(c.public), c.private...) {
			_ = fs.WalkDir(os.DirFS(p.at(dir)), ".", func(file string, _ fs.DirEntry, err error) error {
				if err == nil && path.Ext(file) == ".h" {
					try(file)
				}
				return nil
			})
		}
	}
	return near
}
