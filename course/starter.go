package course

import (
	"context"
	"embed"
	"io/fs"

	"github.com/espgen/espgen/generator"
)

//go:embed starter
var starter embed.FS

// Languages are those that [New] writes a course in.
func Languages() []string { return languages }

// New writes a course folder to start from, with a new key: all of it, or
// nothing. It returns the names of the files. dir must be empty or missing, as
// for [generator.Write].
func New(ctx context.Context, dir, language string) ([]string, error) {
	var files []generator.File
	for _, f := range []struct{ path, from string }{
		{File, "course." + language + ".yaml"},
		{RosterFile, "roster." + language + ".csv"},
		{"server.yaml", "server.yaml"},
		{"client.yaml", "client.yaml"},
		{".gitignore", "gitignore"},
	} {
		text, err := fs.ReadFile(starter, "starter/"+f.from)
		if err != nil {
			return nil, err
		}
		files = append(files, generator.File{Path: f.path, Mode: 0o644, Data: text})
	}
	files = append(files, generator.File{Path: KeyFile, Mode: 0o600, Data: NewKey()})
	var names []string
	for _, f := range files {
		names = append(names, f.Path)
	}
	return names, generator.Write(ctx, dir, files)
}
