package library

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

//go:embed all:starter
var starter embed.FS

// roleName is what the name of an own role looks like: a project's default name
// is made of it.
var roleName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// A NameError is a name that a role cannot have.
type NameError struct{ Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("%q cannot be the name of a role: a name has small letters, digits and single - between them, at most 32 in all", e.Name)
}

// New writes the folder of a new role into dir: a small role that works as it
// stands. Its golden trees are not there yet: see [Library.WriteGolden]. The
// error is a [*NameError], fs.ErrExist where the folder exists, or the system's.
func New(dir, name string) error {
	if !roleName.MatchString(name) || len(name) > 32 {
		return &NameError{name}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	folder := filepath.Join(dir, name)
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	words := strings.NewReplacer("@NAME@", name, "@TAG@", strings.ReplaceAll(name, "-", "_"), "@TITLE@", title(name))
	return fs.WalkDir(starter, "starter", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		to := strings.TrimPrefix(p, "starter/")
		if to == "spec.yaml" {
			to = "specs/" + name + ".yaml"
		}
		text, err := fs.ReadFile(starter, p)
		if err != nil {
			return err
		}
		file := filepath.Join(folder, filepath.FromSlash(to))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		return os.WriteFile(file, []byte(words.Replace(string(text))), 0o644)
	})
}

// title is a role's name as a title: mqtt-client is "Mqtt client".
func title(name string) string {
	words := []rune(strings.ReplaceAll(path.Base(name), "-", " "))
	words[0] = unicode.ToUpper(words[0])
	return string(words)
}
