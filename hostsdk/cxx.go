package hostsdk

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/espgen/espgen/lazyregexp"
)

// ErrNoCXX is the error of [Build] where a project has C++, and the PC no
// compiler for it.
var ErrNoCXX = errors.New("the project has C++, and this PC has no C++ compiler")

// needCXX finds the C++ compiler for a project that has C++.
func (b *builder) needCXX(p *plan) error {
	b.cxx = ""
	for _, u := range p.units(nil, nil) {
		if isCXX(u.source) {
			cxx, err := findCXX(b.cc)
			b.cxx = cxx
			if err != nil {
				return fmt.Errorf("%w that belongs to %s: %s", err, b.cc, u.source)
			}
			return nil
		}
	}
	return nil
}

// compilerName is what the name of a C compiler has of its kind, as in
// x86_64-linux-gnu-gcc-12.
var compilerName = lazyregexp.New(`(^|-)(clang|gcc|cc)($|-[\d.]+$)`)

var cxxNames = map[string]string{"clang": "clang++", "gcc": "g++", "cc": "c++"}

// isGCC reports whether a C compiler is GCC, as far as its name tells.
func isGCC(cc string) bool {
	if target, err := filepath.EvalSymlinks(cc); err == nil {
		cc = target
	}
	m := compilerName().FindStringSubmatch(filepath.Base(cc))
	return m != nil && m[2] == "gcc"
}

// findCXX returns the C++ compiler that belongs to a C compiler: the one of the
// same name, cc being a link to another, in its folder or on the PATH.
func findCXX(cc string) (string, error) {
	names := []string{cc}
	if target, err := filepath.EvalSymlinks(cc); err == nil && target != cc {
		names = []string{target, cc}
	}
	for _, name := range names {
		dir, base := filepath.Split(name)
		m := compilerName().FindStringSubmatch(base)
		if m == nil {
			continue
		}
		cxx := compilerName().ReplaceAllString(base, "${1}"+cxxNames[m[2]]+"${3}")
		for _, path := range []string{filepath.Join(dir, cxx), cxx} {
			if found, err := exec.LookPath(path); err == nil {
				return filepath.Abs(found)
			}
		}
	}
	return "", ErrNoCXX
}

// cxxFlags are ESP-IDF's for C++: of the standard, and of what its options turn
// on.
func (c *configuration) cxxFlags() []string {
	flags := []string{cxxStandard, "-fno-exceptions"}
	if c.options["CONFIG_COMPILER_CXX_EXCEPTIONS"] != "" {
		flags[1] = "-fexceptions"
	}
	if c.options["CONFIG_COMPILER_CXX_RTTI"] == "" {
		flags = append(flags, "-fno-rtti", "-fno-sanitize=vptr") // that sanitizer reads the types
	}
	return flags
}
