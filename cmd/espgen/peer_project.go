package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/lazyregexp"
	"github.com/espgen/espgen/plainfile"
	"github.com/espgen/espgen/project"
)

// target returns the folder of the project whose other end it is, "" where only
// the spec is known, and the lines to send. The first argument is a project where
// it is the folder of one, and no spec is named.
func (o *peerOptions) target(cmd *cobra.Command, args []string) (dir string, lines []string, err error) {
	here := locateProject(".")
	switch {
	case o.file != "" && isProject(here) && o.isSpecOf(cmd, here):
		return here, args, nil
	case o.file != "":
		return "", args, nil
	case len(args) > 0 && isProject(args[0]):
		return args[0], args[1:], nil
	case isProject(here):
		return here, args, nil
	case len(args) > 0 && isFolder(args[0]):
		return "", nil, &usageError{fmt.Sprintf("%s is not a project of espgen: it has no %s", args[0], project.LockFile), "name the spec that it was made from with -f FILE"}
	}
	return "", nil, &usageError{"neither a project nor a spec is given", "name the project's folder, or a spec with -f FILE; inside a project neither is required"}
}

// isSpecOf reports whether the spec that is named is that of the project in dir.
func (o *peerOptions) isSpecOf(cmd *cobra.Command, dir string) bool {
	p, err := openProject(cmd, dir)
	if err != nil {
		return false
	}
	defer p.Close()
	named, err1 := os.Stat(o.file)
	own, err2 := os.Stat(p.SpecFile())
	return err1 == nil && err2 == nil && os.SameFile(named, own)
}

// readSpec reads the spec, of a project in dir as it was made from it: with its
// --set.
func (o *peerOptions) readSpec(cmd *cobra.Command, dir string) (*loadedSpec, error) {
	needed := neededByPeer(cmd) // of those that !env and !secret can give
	if dir == "" {
		return loadSpec(cmd, o.file, "", o.spec.set, needed)
	}
	p, err := openProject(cmd, dir)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	flags := projectFlags{specFlags: o.spec}
	set, _, err := flags.mergeSet(p) // secrets, which the lock has not, are not needed
	if err != nil {
		return nil, err
	}
	source, err := flags.source(cmd, p)
	if err != nil {
		return nil, err
	}
	lib := source.lib
	loaded := &loadedSpec{lib: lib}
	parsed := source.parse(set, needed)
	if parsed.Role() == "" {
		loaded.role, err = findRole(lib, p.Lock.Role)
	} else {
		loaded.role, err = namedRole(lib, parsed)
	}
	if err != nil {
		return nil, err
	}
	loaded.spec, err = rules.CheckFile(parsed, loaded.role)
	return loaded, err
}

// neededByPeer are the fields without which no other end can be played.
func neededByPeer(cmd *cobra.Command) []string {
	needed := []string{"role", "style"}
	if lib, err := openLibrary(cmd); err == nil {
		roles, _ := lib.Roles() // what is wrong with one is told where it is used
		for _, role := range roles {
			for _, name := range role.StyleNames() {
				if p := role.Styles[name].Peer; p != nil && p.Greeting != "" {
					needed = append(needed, p.Greeting)
				}
			}
		}
	}
	return needed
}

// codePort is the port that the code of the project in dir has, which may be
// edited, and where; 0 where it cannot be told.
func codePort(dir string) (port int, where string) {
	for _, pattern := range []string{"*.c", "*.h"} {
		files, _ := fs.Glob(os.DirFS(dir), "main/"+pattern)
		for _, name := range files {
			file := filepath.Join(dir, filepath.FromSlash(name))
			text, err := plainfile.Read(file, maxSourceSize)
			if m := portMacro().FindSubmatch(comments().ReplaceAll(text, nil)); err == nil && m != nil {
				return portNumber(string(m[1])), file
			}
		}
	}
	source := hostsdk.Folder(dir)
	values, err := hostsdk.Defaults(source)
	changed, err2 := hostsdk.Overridden(dir, source)
	if err := errors.Join(err, err2); err != nil {
		return 0, ""
	}
	for name, value := range values {
		if !portOption().MatchString(name) {
			continue
		}
		where := filepath.Join(dir, "main", "Kconfig.projbuild")
		if i := slices.IndexFunc(changed, func(o hostsdk.Option) bool { return o.Name == name }); i >= 0 {
			value, where = changed[i].Value, filepath.Join(dir, "sdkconfig")
		}
		return portNumber(value), where
	}
	return 0, ""
}

// What the templates call the port.
var (
	portMacro  = lazyregexp.New(`(?m)^[ \t]*#[ \t]*define[ \t]+TCP_\w*PORT[ \t]+(\d+)[ \t]*\r?$`)
	portOption = lazyregexp.New(`^CONFIG_TCP_\w*PORT$`)
)

func portNumber(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 65535 {
		return 0
	}
	return n
}
