package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/espgen/espgen/lazyregexp"
)

// errChanged is why the programs are ended when a source was saved.
var errChanged = errors.New("a source has changed")

// watch runs the projects, and again each time that a source of theirs is saved.
func (s *session) watch(ctx context.Context) error {
	changes, stop, err := s.watchSources(ctx)
	if err != nil {
		return err
	}
	defer stop()
	for {
		name, err := s.onceUntil(ctx, changes)
		if name == "" { // it has ended by itself
			if ctx.Err() != nil {
				return err
			}
			if err != nil {
				report(s.cmd.ErrOrStderr(), err)
			}
			s.note("waiting until a source is saved (Ctrl-C to stop)")
			select {
			case name = <-changes:
			case <-ctx.Done():
				return nil
			}
		} else if err != nil {
			report(s.cmd.ErrOrStderr(), err)
		}
		s.note("%s was saved: starting again", printable(name))
	}
}

// onceUntil builds the projects and runs them until they end, or a source is
// saved, whose name it returns then.
func (s *session) onceUntil(ctx context.Context, changes <-chan string) (saved string, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	ended := make(chan error, 1)
	go func() { ended <- s.once(ctx) }()
	select {
	case err = <-ended:
	case saved = <-changes:
		stop(errChanged)
		err = <-ended
	}
	if errors.Is(err, errChanged) {
		err = nil
	}
	return saved, err
}

// The limits of what is watched.
const (
	maxWatched = 500                    // folders
	settled    = 100 * time.Millisecond // without another change: an editor has saved all
	atMost     = time.Second            // from the first change on
)

// watchSources watches the projects' sources. Each burst of changes gives the
// name of one that changed.
func (s *session) watchSources(ctx context.Context) (changes <-chan string, stop func(), err error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, nil, watchError(s.dirs[0], err)
	}
	for _, dir := range s.dirs {
		if err := watchFolders(w, dir, dir); err != nil {
			w.Close()
			return nil, nil, err
		}
	}
	told := make(chan string)
	go gather(ctx, w, told)
	return told, func() { w.Close() }, nil
}

// gather tells of each burst of changes once.
func gather(ctx context.Context, w *fsnotify.Watcher, told chan<- string) {
	var name string
	var first time.Time
	quiet := time.NewTimer(0)
	<-quiet.C
	for {
		var tell chan<- string
		select {
		case e, ok := <-w.Events:
			if !ok {
				return
			}
			changed := changedSource(w, e)
			if changed == "" {
				continue
			}
			if name == "" {
				first = time.Now()
			}
			name = changed
			quiet.Reset(min(settled, max(0, atMost-time.Since(first))))
			continue
		case _, ok := <-w.Errors: // too many changes at once, for one
			if !ok {
				return
			}
			continue
		case <-quiet.C:
			tell = told
		case <-ctx.Done():
			return
		}
		select {
		case tell <- name:
			name = ""
		case <-ctx.Done():
			return
		}
	}
}

// changedSource returns the source that an event is of, "" where it is of none. A
// new folder is watched, too; sources may be in it before it is.
func changedSource(w *fsnotify.Watcher, e fsnotify.Event) string {
	if e.Has(fsnotify.Create) && isFolder(e.Name) {
		_ = watchFolders(w, e.Name, "") // where that fails, what is in it is not watched
		found := ""
		_ = filepath.WalkDir(e.Name, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil || isBuilt(d):
				return fs.SkipDir
			case d.Type().IsRegular() && isSource(name):
				found = name
				return fs.SkipAll
			}
			return nil
		})
		return found
	}
	if e.Op == fsnotify.Chmod || !isSource(e.Name) {
		return ""
	}
	return e.Name
}

// watchFolders watches a folder and those below it.
func watchFolders(w *fsnotify.Watcher, dir, top string) error {
	return filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !e.IsDir():
			return nil
		case name != top && isBuilt(e):
			return fs.SkipDir
		case len(w.WatchList()) >= maxWatched:
			return fmt.Errorf("--watch: %s has more than the limit of %d folders", dir, maxWatched)
		}
		return watchError(name, w.Add(name))
	})
}

// watchError says of an error of the system what it is about.
func watchError(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EMFILE):
		return &hintError{fmt.Errorf("--watch: %s cannot be watched: the system watches as much as it may", name), "raise fs.inotify.max_user_watches and max_user_instances, or end other programs that watch"}
	}
	return fmt.Errorf("--watch: %s cannot be watched: %w", name, err)
}

// isBuilt reports whether a folder has no sources: what idf.py makes, and what
// git and editors hide.
func isBuilt(e fs.DirEntry) bool {
	return e.IsDir() && (strings.HasPrefix(e.Name(), ".") || e.Name() == "build")
}

// sources are the names of files that decide how a project is built. What
// editors write beside them is none of these.
var sources = lazyregexp.New(`(?i)^[^.].*\.(c|cc|cpp|cxx|h|hh|hpp|inc|s|cmake|projbuild|yml|csv)$|^CMakeLists\.txt$|^Kconfig$|^sdkconfig(\.(defaults|secrets)(\..*)?)?$`)

func isSource(name string) bool { return sources().MatchString(filepath.Base(name)) }
