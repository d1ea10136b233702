package project

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/plainfile"
)

// An update is made ready in stagingDir: each file that it writes, under a
// number, and then the journal, which names them all. From the moment that the
// journal has its name, the update happens: file by file, each by a rename, and
// after an interruption by whatever command of espgen comes next. Before, the
// project is as it was, and the folder can go.
const (
	stagingDir = Folder + "/update"
	journal    = stagingDir + "/journal"
	draft      = stagingDir + "/journal.draft"
	probe      = ".espgen-probe"
)

// A step is one line of the journal: a file that is put in its place, or
// removed.
type step struct {
	Path   string `json:"path"`
	Staged string `json:"staged,omitempty"` // what is put there; "" to remove it
	Was    string `json:"was,omitempty"`    // the hash of what was there, "" for nothing
	Is     string `json:"is,omitempty"`     // the hash of what is put there
}

// ErrChanged is the error of [Plan.Apply] where the project is not any more
// what the plan was made for.
var ErrChanged = errors.New("the project changed in the meantime")

// Apply carries the plan out: all of it, or nothing. The end of ctx stops it,
// until there is no way back.
func (p *Plan) Apply(ctx context.Context) error {
	if err := p.Marked(); err != nil {
		return err
	}
	if p.Empty() {
		return nil // it may be on a disk that takes nothing
	}
	unlock, err := lockFolder(ctx, p.root, p.waiting)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := p.root.Lstat(local(stagingDir)); err == nil { // another espgen began one
		_, err := recoverUpdate(p.root)
		return errors.Join(fmt.Errorf("%w: by another update", ErrChanged), err)
	}
	if err := p.sameProject(); err != nil {
		return err
	}
	steps, err := p.stage(ctx)
	if err == nil {
		err = p.root.Rename(local(draft), local(journal))
	}
	if err != nil {
		return errors.Join(err, discard(p.root))
	}
	syncDir(p.root, stagingDir)
	return finish(p.root, steps)
}

// sameProject wants the lock to be the one that the plan was made from: another
// espgen may have updated the project meanwhile.
func (p *Plan) sameProject() error {
	data, err := plainfile.ReadIn(p.root, LockFile, maxLock)
	if err != nil || !bytes.Equal(data, p.readLock) {
		return errors.Join(fmt.Errorf("%w: %s", ErrChanged, LockFile), err)
	}
	return nil
}

// stage makes the update ready.
func (p *Plan) stage(ctx context.Context) ([]step, error) {
	writes := p.writes()
	if err := makeStaging(p.root); err != nil {
		return nil, err
	}
	var steps []step
	for i, w := range writes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s := step{Path: w.path}
		if w.before != nil {
			s.Was = sum(w.before.data)
		}
		if w.after != nil {
			s.Staged, s.Is = strconv.Itoa(i), sum(w.after.data)
			if err := create(p.root, stagingDir+"/"+s.Staged, w.after); err != nil {
				return nil, err
			}
			if w.before != nil { // the umask had its say when it was made
				if err := p.root.Chmod(local(stagingDir+"/"+s.Staged), w.after.mode); err != nil {
					return nil, err
				}
			}
		}
		steps = append(steps, s)
	}
	text, err := json.Marshal(steps)
	if err != nil {
		return nil, err
	}
	if err := create(p.root, draft, &content{text, 0o600}); err != nil {
		return nil, err
	}
	syncDir(p.root, stagingDir)
	if err := tryFolders(p.root, steps); err != nil {
		return nil, err
	}
	if err := p.unchanged(writes); err != nil {
		return nil, err
	}
	return steps, ctx.Err()
}

// makeStaging makes the folder of what is made ready. It may hold a secret: it
// is no folder for git.
func makeStaging(root *os.Root) error {
	if err := root.Mkdir(Folder, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := root.Mkdir(local(stagingDir), 0o755); err != nil {
		return err
	}
	return create(root, stagingDir+"/.gitignore", &content{[]byte("*\n"), 0o644})
}

// create writes a file that is on the disk when it returns.
func create(root *os.Root, name string, c *content) error {
	f, err := root.OpenFile(local(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, c.mode)
	if err != nil {
		return err
	}
	_, err = f.Write(c.data)
	return errors.Join(err, f.Sync(), f.Close())
}

// tryFolders moves a file into every folder that the update writes to, and out
// again, so that one that may not be written to is found while there is a way
// back.
func tryFolders(root *os.Root, steps []step) error {
	for _, dir := range folders(root, steps) {
		if err := create(root, stagingDir+"/probe", &content{mode: 0o644}); err != nil {
			return err
		}
		to := local(path.Join(dir, probe))
		if err := root.Rename(local(stagingDir+"/probe"), to); err != nil {
			return err
		}
		if err := root.Remove(to); err != nil {
			return err
		}
	}
	return nil
}

// folders returns the folders that exist of those that the steps are in.
func folders(root *os.Root, steps []step) []string {
	var list []string
	for _, s := range steps {
		dir := path.Dir(s.Path)
		for dir != "." && isMissing(root, local(dir)) {
			dir = path.Dir(dir)
		}
		if !slices.Contains(list, dir) {
			list = append(list, dir)
		}
	}
	return list
}

// unchanged wants the files to be what the plan was made for.
func (p *Plan) unchanged(writes []write) error {
	for _, w := range writes {
		y, err := look(p.root, w.path)
		if err != nil {
			return err
		}
		if y.other != "" || !y.equal(w.before) && !y.equal(w.after) {
			return fmt.Errorf("%w: %s", ErrChanged, w.path)
		}
	}
	return nil
}

// equal reports whether two files hold the same, or neither exists.
func (c *content) equal(d *content) bool {
	if c == nil || d == nil {
		return c == d
	}
	return bytes.Equal(c.data, d.data)
}

// recoverUpdate finishes an interrupted update, where there is a journal, or
// removes what is left of it. The folder is locked.
func recoverUpdate(root *os.Root) (finished bool, err error) {
	if isMissing(root, local(stagingDir)) {
		return false, nil
	}
	text, err := plainfile.ReadIn(root, local(journal), maxJournal)
	if errors.Is(err, fs.ErrNotExist) {
		return false, discard(root)
	}
	var steps []step
	if err == nil {
		err = json.Unmarshal(text, &steps)
	}
	if err == nil && isDone(root, steps) {
		return true, discard(root)
	}
	if err == nil {
		err = checkSteps(root, steps)
	}
	if err != nil {
		return false, fmt.Errorf("%s, of an interrupted update: %w; where you did not interrupt one, remove %s", journal, err, stagingDir)
	}
	return true, finish(root, steps)
}

// isDone reports whether the last step, the lock, is done, and so all are.
func isDone(root *os.Root, steps []step) bool {
	n := len(steps)
	return n > 0 && steps[n-1].Path == LockFile && steps[n-1].valid() && isMissing(root, local(stagingDir+"/"+steps[n-1].Staged))
}

// checkSteps wants no step but of what the project has, or will have: the
// journal may come from somebody else, with the project.
func checkSteps(root *os.Root, steps []step) error {
	names := []string{LockFile}
	for _, s := range steps {
		if s.Path == LockFile && s.valid() {
			names = append(names, stagingDir+"/"+s.Staged)
		}
	}
	known := map[string]bool{LockFile: true, packedFile: true, wasFile: true, attributes: true, ignores: true}
	for _, name := range names {
		data, err := plainfile.ReadIn(root, local(name), maxLock)
		if errors.Is(err, fs.ErrNotExist) && name == LockFile {
			continue // the new one has them all, but for those that go
		}
		if err != nil {
			return err
		}
		lock, err := decodeLock(name, data)
		if err != nil {
			return err
		}
		for path, e := range lock.Files {
			known[path], known[pristinePath(path)] = true, true
			if e.At != "" {
				known[e.At] = true
			}
		}
	}
	for _, s := range steps { // of a stray, whatever the lock names
		if path, ok := strings.CutPrefix(s.Path, pristineDir+"/"); ok && s.Staged == "" {
			known[s.Path], known[path] = true, true
		}
	}
	for _, s := range steps {
		if !s.valid() || !known[s.Path] && !known[besideOf(s.Path)] {
			return fmt.Errorf("espgen does not write %s", strconv.Quote(s.Path))
		}
	}
	return nil
}

// finish carries out the steps of the journal that are still to do.
func finish(root *os.Root, steps []step) error {
	for _, s := range steps {
		if err := s.do(root); err != nil {
			return &UnfinishedError{err}
		}
	}
	for _, dir := range folders(root, steps) {
		syncDir(root, dir)
	}
	if err := root.Remove(local(journal)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &UnfinishedError{err}
	}
	syncDir(root, stagingDir)
	return discard(root)
}

// An UnfinishedError stopped an update that has no way back. The next command
// that works on the project goes on with it.
type UnfinishedError struct{ Err error }

func (e *UnfinishedError) Error() string { return e.Err.Error() }

// Unwrap returns the error behind it.
func (e *UnfinishedError) Unwrap() error { return e.Err }

// valid reports whether espgen may have written the step, as far as that can be
// told without the lock.
func (s step) valid() bool {
	staged, err := strconv.Atoi(s.Staged)
	return (s.Staged == "" || err == nil && strconv.Itoa(staged) == s.Staged && staged >= 0) &&
		(s.Path == LockFile && s.Staged != "" || isRecord(s.Path) || generator.IsProjectFile(s.Path))
}

// isRecord reports whether a path is that of a record other than the lock.
func isRecord(path string) bool {
	of, isPristine := strings.CutPrefix(path, pristineDir+"/")
	return isPristine && generator.IsProjectFile(of) || slices.Contains([]string{packedFile, wasFile, attributes, ignores}, path)
}

func (s step) do(root *os.Root) error {
	staged := local(stagingDir + "/" + s.Staged)
	if s.Staged != "" && isMissing(root, staged) {
		return nil // done before
	}
	y, err := look(root, s.Path)
	if err != nil {
		return err
	}
	changed := y.other != "" || y.content != nil && sum(y.data) != s.Was && sum(y.data) != s.Is
	switch {
	case s.Staged == "" && changed:
		return nil // it is the user's again
	case s.Staged == "":
		return s.remove(root)
	case changed: // after an interruption
		name, err := free(root, s.Path, ".yours", nil)
		if err == nil {
			err = root.Rename(local(s.Path), local(name))
		}
		if err != nil {
			return err
		}
	}
	if err := root.MkdirAll(local(path.Dir(s.Path)), 0o755); err != nil {
		return err
	}
	return root.Rename(staged, local(s.Path))
}

// remove removes the file, and the folders above it that are empty then.
func (s step) remove(root *os.Root) error {
	if err := root.Remove(local(s.Path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	dir := path.Dir(s.Path)
	for dir != "." && removeEmpty(root, local(dir)) {
		dir = path.Dir(dir)
	}
	return nil
}

// removeEmpty removes a folder that is empty, and no link to one.
func removeEmpty(root *os.Root, name string) bool {
	info, err := root.Lstat(name)
	return err == nil && info.IsDir() && root.Remove(name) == nil
}

// discard removes what was made ready.
func discard(root *os.Root) error {
	if isMissing(root, local(stagingDir)) {
		return nil // and the disk may take nothing
	}
	var steps []step
	if text, err := plainfile.ReadIn(root, local(draft), maxJournal); err == nil && json.Unmarshal(text, &steps) == nil {
		for _, dir := range folders(root, steps) {
			_ = root.Remove(local(path.Join(dir, probe))) // it is hardly ever there
		}
	}
	return root.RemoveAll(local(stagingDir))
}

// syncDir writes a folder's entries to the disk, where the system can.
func syncDir(root *os.Root, name string) {
	if f, err := openFolder(root, name); err == nil {
		_ = f.Sync()
		f.Close()
	}
}

func isMissing(root *os.Root, name string) bool {
	_, err := root.Lstat(name)
	return errors.Is(err, fs.ErrNotExist)
}

func local(name string) string { return filepath.FromSlash(name) }
