package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/espgen/espgen/project"
)

// locateProject returns the folder of the project that dir is in, as git finds a
// repository: dir, or the nearest folder above that is a project. Where there is
// none, it is dir.
func locateProject(dir string) string {
	const deepest = 64
	if isFolder(filepath.Join(dir, "main")) {
		return dir
	}
	for at, depth := dir, 0; depth < deepest; depth++ {
		if isProjectFolder(at) {
			return at
		}
		above := filepath.Join(at, "..")
		if here, err := filepath.Abs(at); err != nil || here == filepath.Dir(here) {
			break
		}
		at = above
	}
	return dir
}

// isProjectFolder reports whether a folder is a project of espgen, or looks like
// another one of ESP-IDF.
func isProjectFolder(dir string) bool {
	for _, file := range []string{project.LockFile, "CMakeLists.txt"} {
		info, err := os.Stat(filepath.Join(dir, file))
		if err == nil && info.Mode().IsRegular() && isFolder(filepath.Join(dir, "main")) {
			return true
		}
	}
	return false
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// checkFolder refuses what is no folder, with how to get a project.
func checkFolder(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &hintError{
			fmt.Errorf("the folder %s does not exist", dir),
			"`espgen new ROLE -f FILE -o " + shellQuote(dir) + "` makes a project; `espgen init ROLE` prints a spec for it",
		}
	case err != nil:
		return err
	case !info.IsDir():
		return &hintError{fmt.Errorf("%s is a file, and not the folder of a project", dir), "name the project's folder"}
	}
	return nil
}
