package grade

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/espgen/espgen/check"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/sandbox"
)

// A box is the sandboxes of one submission: they end, and what was tried in them
// is told.
type box struct {
	mu    sync.Mutex
	runs  []*sandbox.Run // whose results nobody has read yet
	tried map[string]bool
	over  string // the first limit that ended one, in words
	wrong error  // of a sandbox itself
}

// compiler has a compiler run in a sandbox.
func (b *box) compiler(cmd *exec.Cmd, needs hostsdk.Needs) error {
	policy, err := sandbox.Compiler(cmd.Path)
	if err != nil {
		return b.fail(err)
	}
	_, err = b.wrap(cmd, policy, needs)
	return err
}

// wrap has a command run in a sandbox.
func (b *box) wrap(cmd *exec.Cmd, policy sandbox.Policy, needs hostsdk.Needs) (*sandbox.Run, error) {
	policy.Read = append(policy.Read, needs.Read...)
	policy.Write = append(policy.Write, needs.Write...)
	run, err := policy.Wrap(cmd)
	if err != nil {
		return nil, b.fail(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs = append(b.runs, run)
	return run, nil
}

// fail keeps an error of the sandbox itself, which is not the submission's.
func (b *box) fail(err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.wrong == nil {
		b.wrong = err
	}
	return err
}

// end reads the results of the sandboxes that have ended: of one, or of all
// where run is nil.
func (b *box) end(run *sandbox.Run) sandbox.Result {
	b.mu.Lock()
	var ended []*sandbox.Run
	b.runs = slices.DeleteFunc(b.runs, func(r *sandbox.Run) bool {
		if run == nil || r == run {
			ended = append(ended, r)
			return true
		}
		return false
	})
	b.mu.Unlock()
	var last sandbox.Result
	for _, r := range ended {
		result, err := r.Result()
		if err != nil {
			_ = b.fail(err)
			continue
		}
		last = result
		b.mu.Lock()
		for _, attempt := range result.Attempts {
			attempt.Times = 1 // how often differs from run to run
			if b.tried == nil {
				b.tried = map[string]bool{}
			}
			b.tried[attempt.String()] = true
		}
		if result.Limit != "" && b.over == "" {
			b.over = result.Why
		}
		b.mu.Unlock()
	}
	return last
}

// attempts lists what was tried and refused.
func (b *box) attempts() []string {
	b.end(nil)
	b.mu.Lock()
	defer b.mu.Unlock()
	const most = 50
	list := slices.Sorted(maps.Keys(b.tried))
	if len(list) > most {
		list = append(list[:most], fmt.Sprintf("and %d more", len(list)-most))
	}
	return list
}

// limit is the first limit that ended a command, "" for none.
func (b *box) limit() string {
	b.end(nil)
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.over
}

// failure is what a sandbox itself failed with, nil for nothing.
func (b *box) failure() error {
	b.end(nil)
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.wrong
}

// clear forgets what was tried.
func (b *box) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tried = nil
}

// The limits of a program that is checked. Its checks say how long they take;
// this ends what hangs.
const (
	programTime = 3 * time.Minute
	programCPU  = 30 * time.Second
)

// program is how the checks start a program that was built.
func (g *Grader) program(file string, b *box) check.Program {
	if !g.Sandbox {
		return check.Built(file)
	}
	return func(ctx context.Context, o hostsdk.RunOptions) error {
		var run *sandbox.Run
		o.Confine = func(cmd *exec.Cmd, needs hostsdk.Needs) error {
			policy, err := sandbox.Program(file)
			if err != nil {
				return b.fail(err)
			}
			policy.Listen = []int{0} // the harness has every program listen on a port that is free
			for _, server := range o.Scenario.Servers {
				policy.Connect = append(policy.Connect, int(server.Address.Port()))
			}
			policy.Limits.Wall, policy.Limits.CPU = programTime, programCPU
			run, err = b.wrap(cmd, policy, needs)
			return err
		}
		err := hostsdk.Run(ctx, file, o)
		if run == nil {
			return err
		}
		if result := b.end(run); result.Limit != "" {
			return errors.New(result.Why)
		}
		return err
	}
}
