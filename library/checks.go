package library

import (
	"io/fs"
	"path/filepath"
)

// Checks returns the file of ready-made checks of a style, and its name for
// messages about it. The error is [fs.ErrNotExist] where the style has none.
func (l *Library) Checks(role, style string) (name string, data []byte, err error) {
	file := "roles/" + role + "/" + style + "-checks.yaml"
	data, err = fs.ReadFile(l.fsys, file)
	if _, own := l.own[file]; own {
		file = l.path(role, filepath.Base(file))
	}
	return file, data, err
}
