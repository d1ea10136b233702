package main

import (
	"errors"

	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/sanitizer"
)

// A runResult is what `espgen run --format json` prints. Its help describes it.
type runResult struct {
	Exit     int          `json:"exit"`
	Reason   string       `json:"reason"`
	Problems []jsonIssue  `json:"problems"`
	Programs []runProgram `json:"programs"`
}

type runProgram struct {
	Project   string       `json:"project"`
	Listening []string     `json:"listening"`
	Connected []string     `json:"connected"`
	Restarts  int          `json:"restarts"`
	Findings  []runFinding `json:"findings"`
	End       *runEnd      `json:"end,omitempty"`
}

type runFinding struct {
	Kind string `json:"kind"`
	What string `json:"what"`
	runPlace
	Calling string      `json:"calling,omitempty"`
	Memory  []runOrigin `json:"memory"`
}

type runPlace struct {
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Function string `json:"function,omitempty"`
}

type runOrigin struct {
	Verb string `json:"verb"`
	Name string `json:"name,omitempty"`
	runPlace
}

type runEnd struct {
	Sockets   []hostsdk.SocketState `json:"sockets"`
	Tasks     []hostsdk.TaskState   `json:"tasks"`
	Heap      int64                 `json:"heap"`
	SentCalls int64                 `json:"sent_calls"`
	SentBytes int64                 `json:"sent_bytes"`
}

// printResult prints what became of the session, its error included.
func (s *session) printResult(err error) error {
	r := runResult{Exit: exitCode(err), Reason: s.reason(err), Problems: []jsonIssue{}, Programs: []runProgram{}}
	if own, ok := errors.AsType[*statusError](err); err != nil && (!ok || own.err != nil) {
		r.Problems = jsonIssues(issuesOf(err))
	}
	for _, d := range s.devices {
		r.Programs = append(r.Programs, d.result())
	}
	if err := writeJSON(s.cmd.OutOrStdout(), r); err != nil {
		return err
	}
	if err == nil {
		return nil
	}
	return reported(r.Exit)
}

// reason says in a word why the programs ended.
func (s *session) reason(err error) string {
	switch exitCode(err) {
	case exitBuild:
		return "does not compile"
	case exitCrash:
		return "crashed"
	case exitFinding:
		return "finding"
	case exitTimeOver:
		return "time over"
	case exitInterrupted:
		return "interrupted"
	case exitOK:
		if errors.Is(s.cause, errInterrupted) {
			return "interrupted"
		}
		return "ended"
	}
	return "failed"
}

// result is what became of a device that has ended.
func (d *device) result() runProgram {
	p := runProgram{Project: d.dir, Listening: []string{}, Connected: []string{}, Restarts: d.restarts, Findings: []runFinding{}}
	for _, e := range d.listening {
		p.Listening = append(p.Listening, e.Address)
	}
	for _, e := range d.connected {
		p.Connected = append(p.Connected, e.To)
	}
	for _, f := range d.findings {
		found := runFinding{f.Kind, f.What, d.resultPlace(f.At), f.Calling, []runOrigin{}}
		for _, o := range f.Memory {
			found.Memory = append(found.Memory, runOrigin{o.Verb, o.Name, d.resultPlace(o.Place)})
		}
		p.Findings = append(p.Findings, found)
	}
	if e := d.end; e != nil {
		p.End = &runEnd{append([]hostsdk.SocketState{}, e.Sockets...), append([]hostsdk.TaskState{}, e.Tasks...), e.Heap, e.SentCalls, e.SentBytes}
	}
	return p
}

func (d *device) resultPlace(p sanitizer.Place) runPlace {
	if p.File == "" {
		return runPlace{}
	}
	return runPlace{d.path(p.File), p.Line, p.Function}
}
