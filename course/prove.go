package course

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/exercise"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/scratch"
)

// A Proof tells whether an exercise is sound: for each of its programs, whether
// the checks find what is wrong with it, and nothing else.
type Proof struct {
	Exercise string   `json:"exercise"`
	Sound    bool     `json:"sound"`
	Programs []Proven `json:"programs"`
	Checks   []string `json:"checks"` // the names, in their order
}

// A Proven is one program of an exercise, and what the checks made of it.
type Proven struct {
	Kind     string                  `json:"kind"` // "hand-out", "solution", "step", "mutant"
	Step     string                  `json:"step,omitempty"`
	Mutant   string                  `json:"mutant,omitempty"`
	Score    float64                 `json:"score"`
	MaxScore float64                 `json:"max_score"`
	Results  map[string]check.Status `json:"results,omitempty"` // by the check's name; of a mutant, those that name it
	Problems []string                `json:"problems,omitempty"`
	// NotChosen are the checks that would catch a mutant, where course.yaml chooses none of them: then it was not tried.
	NotChosen []string `json:"not_chosen,omitempty"`
}

// Title says which program it is.
func (p Proven) Title() string {
	switch p.Kind {
	case "step":
		return "without " + p.Step
	case "mutant":
		return p.Step + "/" + p.Mutant
	}
	return p.Kind
}

// ProveOptions say how exercises are proved.
type ProveOptions struct {
	Exercises []string              // the names of those to prove, none for all
	Progress  func(done, total int) // is called after each program, one call at a time; nil for nothing
}

// atOnce is how many programs each processor proves: a check of a program that
// is wrong waits, most of its time, for what never comes.
const atOnce = 4

// Prove builds the programs of each exercise on this PC, and runs its checks on
// them: the solution must pass all, the hand-out none of the steps that it
// lacks, a program that lacks one step none of that step's and all others that
// can be reached, and each mutant must fail a check that names it.
func (c *Course) Prove(ctx context.Context, o ProveOptions) ([]Proof, error) {
	if _, err := c.tasks(BuildOptions{Exercises: o.Exercises}); err != nil {
		return nil, err
	}
	type job struct {
		proof *Proof
		run   func(context.Context) (Proven, error)
	}
	var jobs []job
	var proofs []*Proof
	for _, e := range c.exercises {
		if len(o.Exercises) > 0 && !slices.Contains(o.Exercises, e.Name) {
			continue
		}
		checks, err := c.Checks(ctx, e, nil)
		if err != nil {
			return nil, err
		}
		steps, err := c.Steps(ctx, e)
		if err != nil {
			return nil, err
		}
		p := &Proof{Exercise: e.Name}
		for _, check := range checks {
			p.Checks = append(p.Checks, check.Name)
		}
		proofs = append(proofs, p)
		v := &prover{course: c, exercise: e, checks: checks}
		jobs = append(jobs, job{p, v.solution}, job{p, v.handOut})
		for _, s := range steps {
			if !slices.Contains(e.Blank, s.Name) {
				continue
			}
			jobs = append(jobs, job{p, func(ctx context.Context) (Proven, error) { return v.step(ctx, s) }})
			for _, m := range s.Mutants {
				jobs = append(jobs, job{p, func(ctx context.Context) (Proven, error) { return v.mutant(ctx, s, m) }})
			}
		}
	}
	proven := make([]Proven, len(jobs))
	var mu sync.Mutex
	done := 0
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce * runtime.GOMAXPROCS(0))
	for i, j := range jobs {
		group.Go(func() (err error) {
			proven[i], err = j.run(ctx)
			if mu.Lock(); err == nil && o.Progress != nil {
				done++
				o.Progress(done, len(jobs))
			}
			mu.Unlock()
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i, j := range jobs {
		j.proof.Programs = append(j.proof.Programs, proven[i])
	}
	var out []Proof
	for _, p := range proofs {
		p.Sound = !slices.ContainsFunc(p.Programs, func(p Proven) bool { return len(p.Problems) > 0 })
		out = append(out, *p)
	}
	return out, nil
}

// A prover proves one exercise.
type prover struct {
	course   *Course
	exercise *Exercise
	checks   check.Checks
}

func (v *prover) solution(ctx context.Context) (Proven, error) {
	h, err := v.course.Solution(ctx, v.exercise, nil)
	if err != nil {
		return Proven{}, err
	}
	p, results, err := v.run(ctx, Proven{Kind: "solution"}, h, nil)
	for _, r := range results {
		if r.Status != check.Passed {
			p.problem("the solution does not pass the check %s%s", r.Check, reason(r))
		}
	}
	return p, err
}

func (v *prover) handOut(ctx context.Context) (Proven, error) {
	h, err := v.course.HandOut(ctx, v.exercise, nil)
	if err != nil {
		return Proven{}, err
	}
	p, results, err := v.run(ctx, Proven{Kind: "hand-out"}, h, nil)
	for _, r := range results {
		c := v.checks.Get(r.Check)
		for _, step := range c.Steps {
			if r.Status == check.Passed && slices.Contains(v.exercise.Blank, step) {
				p.problem("the hand-out passes the check %s, though the step %s is left out", r.Check, step)
			}
		}
	}
	for _, step := range v.exercise.Blank {
		if !slices.ContainsFunc(v.checks, func(c *check.Check) bool { return slices.Contains(c.Steps, step) }) {
			p.problem("no check is for the step %s", step)
		}
	}
	return p, err
}

func (v *prover) step(ctx context.Context, s exercise.Step) (Proven, error) {
	h, err := v.course.Blanked(ctx, v.exercise, nil, s.Name)
	if err != nil {
		return Proven{}, err
	}
	p, results, err := v.run(ctx, Proven{Kind: "step", Step: s.Name}, h, nil)
	failed := false
	for _, r := range results {
		own := slices.Contains(v.checks.Get(r.Check).Steps, s.Name)
		failed = failed || own && r.Status == check.Failed
		switch {
		case own && r.Status == check.Passed:
			p.problem("the check %s passes, though its step is left out", r.Check)
		case !own && r.Status == check.Failed:
			p.problem("the check %s fails, and it is not of this step: let it depend on a check of %s%s", r.Check, s.Name, reason(r))
		}
	}
	if len(results) > 0 && !failed {
		p.problem("no check of this step fails")
	}
	return p, err
}

func (v *prover) mutant(ctx context.Context, s exercise.Step, m exercise.Mutant) (Proven, error) {
	p := Proven{Kind: "mutant", Step: s.Name, Mutant: m.Name}
	catching := func(checks check.Checks) (names []string) {
		for _, c := range checks {
			if slices.Contains(c.Catches, s.Name+"/"+m.Name) {
				names = append(names, c.Name)
			}
		}
		return names
	}
	only := catching(v.checks)
	if len(only) == 0 {
		if p.NotChosen = catching(v.exercise.pool); len(p.NotChosen) > 0 {
			return p, nil
		}
		p.problem("no check names this mutant: add catches: [%s/%s] to the one that must catch it", s.Name, m.Name)
		return p, nil
	}
	h, err := v.course.Mutant(ctx, v.exercise, nil, s.Name, m.Name)
	if err != nil {
		return p, err
	}
	p, results, err := v.run(ctx, p, h, only)
	for _, r := range results {
		if r.Status == check.Passed {
			p.problem("the check %s names this mutant, and passes", r.Check)
		}
	}
	return p, err
}

func (p *Proven) problem(format string, args ...any) {
	p.Problems = append(p.Problems, fmt.Sprintf(format, args...))
}

// reason is why a check has failed, for a message.
func reason(r check.Result) string {
	if came := r.Came.In("en"); came != "" {
		return ": " + came
	}
	return ""
}

// run builds a program and runs checks on it. One that does not compile is a
// problem, and no error.
func (v *prover) run(ctx context.Context, p Proven, h HandOut, only []string) (Proven, []check.Result, error) {
	dir, remove, err := scratch.Make(os.TempDir(), "espgen-prove-")
	if err != nil {
		return p, nil, err
	}
	defer remove()
	dir = filepath.Join(dir, "project") // the scratch folder is its owner's alone
	if err := writeFolder(ctx, dir, h.Files); err != nil {
		return p, nil, err
	}
	program, warned, err := hostsdk.Build(ctx, dir, hostsdk.BuildOptions{Sanitize: true})
	if wrong, ok := errors.AsType[*hostsdk.CompileError](err); ok {
		p.problem("it does not compile: %s", firstLine(wrong.Output))
		return p, nil, nil
	}
	if err != nil {
		return p, nil, err
	}
	if warned != "" {
		p.problem("the compiler warns: %s", firstLine(warned))
	}
	results := check.Run(ctx, check.Built(program), v.checks, check.Options{Only: only})
	if err := ctx.Err(); err != nil {
		return p, nil, err
	}
	p.Results = map[string]check.Status{}
	for _, r := range results {
		p.Results[r.Check] = r.Status
		points := v.checks.Get(r.Check).Points
		p.MaxScore += points
		if r.Status == check.Passed {
			p.Score += points
		}
	}
	return p, results, nil
}

// firstLine is the first line of a compiler's output that says what is wrong.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, "error") || strings.Contains(line, "warning") {
			return strings.TrimSpace(line)
		}
	}
	line, _, _ := strings.Cut(text, "\n")
	return line
}
