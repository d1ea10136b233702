package grade

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/plainfile"
	"github.com/espgen/espgen/report"
	"github.com/espgen/espgen/scratch"
	"github.com/espgen/espgen/submission"
)

// A Class is a run over many submissions.
type Class struct {
	Grader   *Grader
	Roster   *submission.Roster
	Exercise string // the only one that is graded; "" for the one that each lock names

	// Task returns what a student's submission for an exercise is graded by. An
	// [UnknownError] is of an exercise that there is not.
	Task func(ctx context.Context, exercise, student string) (Task, error)

	Shard report.Shard        // the part that is graded; the zero Shard for all
	Jobs  int                 // how many submissions are built at once; 0 for one for each processor
	State *State              // where results are kept until the run is complete; nil for nowhere
	Done  func(report.Result) // is called for one result after the other, as they come; nil for none
}

// An UnknownError is of an exercise that a course does not have.
type UnknownError struct{ Exercise string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("the course has no exercise %q", e.Exercise)
}

// overlap is how many submissions are in work for each that is built: to check
// one is, for the most part, to wait for it.
const overlap = 4

// Grade grades submissions, and returns the results of those that are in the
// shard, in the order in which they were given. Those that the context ended are
// not graded; the error is its.
func (c *Class) Grade(ctx context.Context, list []*submission.Submission) ([]report.Result, error) {
	jobs := c.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	results := make([]*report.Result, len(list))
	work := make(chan int)
	building := make(chan struct{}, jobs)
	var mu sync.Mutex
	var all sync.WaitGroup
	for range min(jobs*overlap, max(1, len(list))) {
		all.Go(func() {
			for i := range work {
				r, mine := c.one(ctx, list[i], building)
				if !mine {
					continue
				}
				results[i] = &r
				mu.Lock()
				if c.Done != nil {
					c.Done(r)
				}
				mu.Unlock()
			}
		})
	}
	for i := range list {
		work <- i
	}
	close(work)
	all.Wait()
	var graded []report.Result
	for _, r := range results {
		if r != nil {
			graded = append(graded, *r)
		}
	}
	return graded, ctx.Err()
}

// one grades a submission. It is another shard's where mine is false.
func (c *Class) one(ctx context.Context, s *submission.Submission, building chan struct{}) (r report.Result, mine bool) {
	r = report.Result{Submission: s.Name, Late: s.Late, Exercise: c.Exercise}
	defer func() {
		if wrong := recover(); wrong != nil { // an error of ours: the others are still graded
			r.State, r.Why = report.NotGraded, fmt.Sprintf("espgen itself failed: %v", wrong)
			mine = true
		}
	}()
	building <- struct{}{}
	release := sync.OnceFunc(func() { <-building })
	defer release()
	if ctx.Err() != nil {
		r.State, r.Why = report.NotGraded, "it was interrupted"
		return r, c.isMine(s.Name)
	}
	p, err := s.Read(c.Exercise)
	var claim submission.Claim
	if err == nil {
		claim = p.Claim
		r.Notes = p.Notes
	}
	id, notes, idErr := c.Roster.Identify(s, claim)
	r.Student, r.Notes = id, append(r.Notes, notes...)
	if !c.isMine(cmp.Or(id, s.Name)) {
		return r, false
	}
	if c.Exercise == "" {
		r.Exercise = claim.Exercise
	}
	switch {
	case err != nil:
		r.State, r.Why = report.NotGradable, err.Error()
		if t, taskErr := c.Task(ctx, r.Exercise, id); taskErr == nil {
			r.Exercise, r.MaxScore = t.Exercise, t.Points()
		}
		return r, true
	case idErr != nil:
		r.State, r.Why = report.NotGraded, idErr.Error()
		return r, true
	case c.Exercise != "" && claim.Exercise != "" && claim.Exercise != c.Exercise:
		r.Notes = append(r.Notes, fmt.Sprintf("its lock is of the exercise %s", report.Printable(claim.Exercise)))
	}
	t, err := c.Task(ctx, r.Exercise, id)
	if err != nil {
		r.State, r.Why = report.NotGraded, err.Error()
		if _, ok := errors.AsType[*UnknownError](err); ok && claim.Exercise == "" && c.Exercise == "" {
			r.Why = "nobody knows which exercise it is: it has no lock that tells; name it with --exercise"
		}
		return r, true
	}
	r.Exercise = t.Exercise
	key := ""
	if c.State != nil {
		key = c.State.key(r, t, p.Files)
		if kept, ok := c.State.load(key); ok {
			return kept, true
		}
	}
	r = c.build(ctx, s, p, t, r, release)
	if c.State != nil && r.State != report.NotGraded {
		c.State.save(key, r)
	}
	return r, true
}

// build puts a project into its hand-out, in a folder of its own, and scores it.
func (c *Class) build(ctx context.Context, s *submission.Submission, p *submission.Project, t Task, r report.Result, release func()) report.Result {
	files, restored, notes := submission.Restore(t.HandOut, t.Open, p)
	failed := func(err error) report.Result {
		r.State, r.Why = report.NotGraded, err.Error()
		return r
	}
	parent, remove, err := scratch.Make(os.TempDir(), "espgen-grade-")
	if err != nil {
		return failed(err)
	}
	defer remove()
	dir := filepath.Join(parent, "project")
	if err := generator.Write(ctx, dir, files); err != nil {
		return failed(err)
	}
	g := *c.Grader
	g.built, g.again = release, true
	scored := g.Score(ctx, dir, s.Name, t)
	scored.Late, scored.Restored, scored.Notes = r.Late, restored, append(r.Notes, notes...)
	return scored
}

// isMine reports whether a student's submissions, or one of nobody's, are in the
// shard. It depends on the id alone: neither on the other submissions nor on the
// machine.
func (c *Class) isMine(id string) bool {
	if c.Shard.Count <= 1 {
		return true
	}
	return ShardOf(id, c.Shard.Count) == c.Shard.Index
}

// ShardOf tells in which of count shards, from 1 on, an id is.
func ShardOf(id string, count int) int {
	sum := sha256.Sum256([]byte(strings.ToLower(id)))
	return int(binary.BigEndian.Uint64(sum[:])%uint64(count)) + 1 //nolint:gosec // it is below count
}

// A State is a folder with the results of a run that is not complete: one that
// was interrupted goes on from there.
type State struct {
	dir    string
	prefix string
	mu     sync.Mutex
	found  int
}

// stateFor is how long a folder keeps what nobody goes on with.
const stateFor = 14 * 24 * time.Hour

// OpenState opens the state of a run in a folder, which is made. run is what
// decides of results beside the submissions: the course, the checks, the
// version.
func OpenState(dir, run string) (*State, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(run))
	s := &State{dir: dir, prefix: hex.EncodeToString(sum[:8]) + "-"}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > stateFor {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	return s, err
}

// key is a hash of a submission: of whose it is, of what is in it, and of the
// hand-out that it is put into, which has the student's values, too.
func (s *State) key(r report.Result, t Task, files map[string][]byte) string {
	h := sha256.New()
	for _, f := range t.HandOut {
		fmt.Fprintf(h, "%q %d\n", f.Path, len(f.Data))
		_, _ = h.Write(f.Data)
	}
	fmt.Fprintf(h, "%q %q %q %v %q\n", r.Submission, r.Student, r.Exercise, r.Late, r.Notes)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(h, "%q %d\n", name, len(files[name]))
		_, _ = h.Write(files[name])
	}
	return hex.EncodeToString(h.Sum(nil))[:40]
}

// maxState is the limit of a result, in bytes.
const maxState = 64 << 20

func (s *State) load(key string) (r report.Result, ok bool) {
	data, err := plainfile.Read(filepath.Join(s.dir, s.prefix+key), maxState)
	if err != nil || json.Unmarshal(data, &r) != nil {
		return r, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found++
	return r, true
}

// save keeps a result. Where that fails, it is graded once more.
func (s *State) save(key string, r report.Result) {
	data, err := json.Marshal(r)
	if err != nil {
		return
	}
	name := filepath.Join(s.dir, s.prefix+key)
	temporary, err := os.CreateTemp(s.dir, "new-")
	if err != nil {
		return
	}
	_, err = temporary.Write(data)
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), name)
	}
	if err != nil {
		os.Remove(temporary.Name())
	}
}

// Found tells how many results were there already.
func (s *State) Found() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.found
}

// Remove removes the results of the run, which is complete.
func (s *State) Remove() {
	entries, _ := os.ReadDir(s.dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), s.prefix) {
			os.Remove(filepath.Join(s.dir, e.Name()))
		}
	}
}
