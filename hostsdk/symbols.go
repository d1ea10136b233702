package hostsdk

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"debug/dwarf"
	"debug/elf"
	_ "embed" // the names
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// The functions and variables that ESP-IDF defines globally, one a line: those
// of Espressif's closed libraries (Wi-Fi, PHY, coexistence, Bluetooth) for all
// chips with Wi-Fi, and those of the components of a station's build, of ESP-IDF
// 5.5. They were read from the libraries' symbol tables.
//
//go:embed idf/global_symbols.txt.gz
var globalSymbols []byte

var ownedByIDF = sync.OnceValues(func() (map[string]bool, error) {
	r, err := gzip.NewReader(bytes.NewReader(globalSymbols))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(r)
	owned := map[string]bool{}
	for name := range strings.Lines(string(text)) {
		owned[strings.TrimSpace(name)] = true
	}
	return owned, err
})

// clashes warns of each global name of the objects that ESP-IDF defines, too,
// in the order of files and lines. On the chip such a project does not link, or
// takes the place of a function that ESP-IDF calls. What is in host/ is not
// there.
func clashes(units []unit, objects []string) (string, error) {
	owned, err := ownedByIDF()
	if err != nil {
		return "", err
	}
	var warned strings.Builder
	for i, object := range objects {
		if strings.HasPrefix(units[i].source, hostDir+"/") {
			continue
		}
		file, err := elf.Open(object)
		if err != nil {
			return "", err
		}
		names, err := globals(file)
		var lines map[string]int64
		if names = slices.DeleteFunc(names, func(name string) bool { return !owned[name] }); len(names) > 0 {
			lines = definitions(file)
		}
		if err := errors.Join(err, file.Close()); err != nil {
			return "", fmt.Errorf("%s: %w", object, err)
		}
		slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(lines[a], lines[b]) })
		for _, name := range names {
			at := placed(units[i].source) + ":"
			if line := lines[name]; line > 0 {
				at += fmt.Sprintf("%d:", line)
			}
			fmt.Fprintf(&warned, "%s warning: ESP-IDF's libraries also define %s: on the chip the project does not link, or replaces ESP-IDF's function; make it static, or rename it\n", at, name)
		}
	}
	return warned.String(), nil
}

// hostFunctions returns the global names of the objects of host/.
func hostFunctions(units []unit, objects []string) (map[string]bool, error) {
	own := map[string]bool{}
	for i, object := range objects {
		if !strings.HasPrefix(units[i].source, hostDir+"/") {
			continue
		}
		file, err := elf.Open(object)
		if err != nil {
			return nil, err
		}
		names, err := globals(file)
		if err := errors.Join(err, file.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", object, err)
		}
		for _, name := range names {
			own[name] = true
		}
	}
	return own, nil
}

// globals lists what an object defines for others, sorted.
func globals(file *elf.File) ([]string, error) {
	symbols, err := file.Symbols()
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
		return nil, err
	}
	var names []string
	for _, s := range symbols {
		if elf.ST_BIND(s.Info) != elf.STB_LOCAL && s.Section != elf.SHN_UNDEF {
			names = append(names, s.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// definitions tells the lines of what an object defines, as far as its debugging
// information does.
func definitions(file *elf.File) map[string]int64 {
	lines := map[string]int64{}
	info, err := file.DWARF()
	if err != nil {
		return lines
	}
	for r := info.Reader(); ; r.SkipChildren() {
		entry, err := r.Next()
		for err == nil && entry != nil && entry.Tag == dwarf.TagCompileUnit {
			entry, err = r.Next()
		}
		if err != nil || entry == nil {
			return lines
		}
		name, _ := entry.Val(dwarf.AttrName).(string)
		if line, ok := entry.Val(dwarf.AttrDeclLine).(int64); ok && entry.Val(dwarf.AttrDeclaration) == nil {
			lines[name] = line
		}
	}
}
