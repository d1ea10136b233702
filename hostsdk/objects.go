package hostsdk

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/espgen/espgen/plainfile"
)

// projectFlags are those of a project's sources, which compile in a folder of
// layOut.
var projectFlags = append([]string{"-Iconfig", "-Ihostsdk/include"}, warnings...)

// layOut makes out the folder to compile a project in. From there its sources
// and the SDK have the same names wherever they are, and so have objects,
// which projects can share then.
func layOut(out, root, sdk, config string) error {
	return errors.Join(
		os.Symlink(filepath.Join(root, "main"), filepath.Join(out, "main")),
		os.Symlink(sdk, filepath.Join(out, "hostsdk")),
		os.Mkdir(filepath.Join(out, "config"), 0o755),
		os.WriteFile(filepath.Join(out, "config", "sdkconfig.h"), []byte(config), 0o644),
	)
}

// object returns the file of a source's object, and the warnings. What the
// preprocessor makes of the source, and the compiler, decide of them: equal
// ones are compiled once.
func (b *builder) object(out, source string, changed func() bool) (file, warned string, err error) {
	source = "main/" + filepath.Base(source)
	key, err := b.objectKey(out, source)
	if _, ok := errors.AsType[*CompileError](err); ok { // the compiler has more to say than its preprocessor
		_, more := b.run("the project", out, append(slices.Clone(projectFlags), "-fsyntax-only", source))
		err = cmp.Or(more, err)
	}
	if err != nil {
		return "", "", err
	}
	name := strings.TrimSuffix(filepath.Base(source), ".c") + ".o"
	done, err := b.cached("object-"+key, name, func(dir string) error {
		args := append(slices.Clone(projectFlags), "-fdebug-prefix-map="+out+"=", "-c", source, "-o", filepath.Join(dir, name))
		said, err := b.run("the project", out, args)
		if changed() { // it may not be the text of the key
			return errChanged
		}
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, warningsFile), []byte(said), 0o644)
	})
	if err != nil {
		return "", "", err
	}
	said, err := plainfile.Read(filepath.Join(done, warningsFile), maxBuilt)
	return filepath.Join(done, name), string(said), err
}

var (
	// sdkconfig.h is all macros: what is left of it is how many they are.
	optionLines = regexp.MustCompile(`(?m)^# \d+ "config/sdkconfig\.h".*\n(?:[ \t]*\n)*`)
	ownFile     = regexp.MustCompile(`(?m)^# \d+ ("main/(?:[^"\\]|\\.)*")`)
)

func (b *builder) objectKey(out, source string) (string, error) {
	preprocessed := filepath.Join(out, filepath.Base(source)+".i")
	defer os.Remove(preprocessed)
	// Without -g0 GCC adds the name of the folder.
	said, err := b.run("the project", out, append(slices.Clone(projectFlags), "-E", "-g0", source, "-o", preprocessed))
	if err != nil {
		return "", err
	}
	text, err := plainfile.Read(preprocessed, maxBuilt)
	if err != nil {
		return "", err
	}
	var all strings.Builder
	fmt.Fprintf(&all, "%q %s%s", projectFlags, said, optionLines.ReplaceAll(text, nil))
	// Some of the project's text is not in it, and counts: columns, which
	// reports name, and comments such as "fall through".
	var own []string
	for _, m := range ownFile.FindAllSubmatch(text, -1) {
		own = append(own, string(m[1]))
	}
	slices.Sort(own)
	for _, quoted := range slices.Compact(own) {
		name, err := strconv.Unquote(quoted)
		if err != nil {
			return "", err
		}
		text, err := readUpTo(filepath.Join(out, name), maxSource)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&all, "\n%s %d\n%s", quoted, len(text), text)
	}
	return b.key(files, all.String())
}

// place is where the compiler says that something is, in a folder of layOut.
var place = regexp.MustCompile(`(?m)(?:^|\s)(?:main|hostsdk/include)/[^:\n]+:`)

// absolute has what the compiler says name files by their full paths.
func absolute(said, root, sdk string) string {
	return place.ReplaceAllStringFunc(said, func(m string) string {
		name := strings.TrimSpace(m)
		space := m[:len(m)-len(name)]
		if header, ok := strings.CutPrefix(name, "hostsdk/"); ok {
			return space + sdk + "/" + header
		}
		return space + root + "/" + name
	})
}
