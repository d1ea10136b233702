package hostsdk

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/espgen/espgen/plainfile"
)

// replaced returns the SDK's objects for a program with functions of its own in
// place of some of the SDK's: those are weak in copies, which lie in out.
func replaced(out string, objects []string, own map[string]bool) ([]string, error) {
	if len(own) == 0 {
		return objects, nil
	}
	dir := filepath.Join(out, "replaced")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	var all []string
	for _, object := range objects {
		data, err := plainfile.Read(object, maxBuilt)
		if err != nil {
			return nil, err
		}
		changed, err := weaken(data, own)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", object, err)
		}
		if changed {
			object = filepath.Join(dir, filepath.Base(object))
			if err := os.WriteFile(object, data, 0o644); err != nil {
				return nil, err
			}
		}
		all = append(all, object)
	}
	return all, nil
}

// weaken makes global symbols of an object weak, so that another object's
// definition of the same name is taken.
func weaken(object []byte, names map[string]bool) (changed bool, err error) {
	file, err := elf.NewFile(bytes.NewReader(object))
	if err != nil {
		return false, err
	}
	table := file.SectionByType(elf.SHT_SYMTAB)
	symbols, err := file.Symbols()
	if table == nil || errors.Is(err, elf.ErrNoSymbols) {
		return false, nil
	}
	size, info := uint64(elf.Sym64Size), uint64(4) // of an entry, and where st_info is in it
	if file.Class == elf.ELFCLASS32 {
		size, info = elf.Sym32Size, 12
	}
	for i, s := range symbols {
		if names[s.Name] && elf.ST_BIND(s.Info) == elf.STB_GLOBAL && s.Section != elf.SHN_UNDEF {
			at := table.Offset + uint64(i+1)*size + info // the first entry is of no symbol
			if at >= uint64(len(object)) {
				return false, errors.New("the symbol table is cut off")
			}
			object[at] = elf.ST_INFO(elf.STB_WEAK, elf.ST_TYPE(s.Info))
			changed = true
		}
	}
	return changed, err
}
