package library

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime/metrics"
	"time"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/field"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/rules"
	"github.com/espgen/espgen/generator/spec"
)

// Templates are programs: a range over a large number takes for ever, and Go
// cannot interrupt one. So those of a folder are executed by another process of
// espgen, which gets all that it needs on its standard input, and has these
// limits.
const (
	maxTime   = 10 * time.Second
	maxMemory = 512 << 20 // bytes
	maxOutput = 32 << 20  // bytes of all files
)

// RenderCommand is the command of espgen that executes templates: it calls
// [RenderFor].
const RenderCommand = "render-templates"

// exitMemory is the exit status of a process that takes too much memory.
const exitMemory = 9

// A request is what the other process gets, in JSON.
type request struct {
	Own  map[string][]byte // the folder's files
	Role string
	Spec []byte // checked, in YAML

	Hidden map[string]string // of the spec
}

// A response is what it answers.
type response struct {
	Files  []generator.File
	Fault  *fault      // of the templates
	Issues spec.Issues // of the spec
	Error  string      // another error
}

// A fault is a [generator.TemplateError] that JSON can hold.
type fault struct {
	File, Role, Msg string
	Line, Col       int
}

func (l *Library) renderApart(ctx context.Context, role role.Role, checked *spec.Spec) ([]generator.File, error) {
	text, err := checked.YAML(role.Table())
	if err != nil {
		return nil, err
	}
	in, err := json.Marshal(request{l.own, role.Name, text, checked.Hidden})
	if err != nil {
		return nil, err
	}
	out, err := l.runApart(ctx, in, role.Name)
	if err != nil {
		return nil, err
	}
	var r response
	switch err := json.Unmarshal(out, &r); {
	case err != nil:
		return nil, fmt.Errorf("the process that executes templates gave an answer that is not valid: %w", err)
	case r.Fault != nil:
		return nil, &generator.TemplateError{File: r.Fault.File, Line: r.Fault.Line, Col: r.Fault.Col, Role: r.Fault.Role, Err: errors.New(r.Fault.Msg)}
	case len(r.Issues) > 0:
		return nil, r.Issues
	case r.Error != "":
		return nil, errors.New(r.Error)
	}
	return r.Files, nil
}

// runApart runs the other process.
func (l *Library) runApart(ctx context.Context, in []byte, role string) ([]byte, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	cmd := exec.CommandContext(limited, self, RenderCommand)
	cmd.Args[0] = "espgen"
	cmd.Env = []string{"SYSTEMROOT=" + os.Getenv("SYSTEMROOT")} //nolint:forbidigo // without which nothing starts on Windows
	cmd.Stdin = bytes.NewReader(in)
	cmd.WaitDelay = time.Second
	out := &limitedBuffer{most: 2 * maxOutput} // JSON makes more of it
	said := &limitedBuffer{most: 64 << 10}
	cmd.Stdout, cmd.Stderr = out, said
	err = cmd.Run()
	file := roleFile(role)
	exit, _ := errors.AsType[*exec.ExitError](err)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		err = fmt.Errorf("its templates take longer than the limit of %v", maxTime)
	case exit != nil && exit.ExitCode() == exitMemory, exit != nil && ranOut.Match(said.Bytes()), out.full:
		err = fmt.Errorf("its templates take more memory than the limit of %d MiB, or print more than %d MiB", maxMemory>>20, maxOutput>>20)
	case exit != nil:
		err = fmt.Errorf("its templates end the process that executes them: %w", err)
	case err != nil:
		return nil, err
	default:
		return out.Bytes(), nil
	}
	return nil, &generator.TemplateError{File: file, Role: role, Err: err}
}

// ranOut is how Go says that the system gave no more memory.
var ranOut = regexp.MustCompile(`out of memory|cannot allocate memory`)

func roleFile(role string) string { return "roles/" + role + "/role.yaml" }

// A limitedBuffer takes no more than it may.
type limitedBuffer struct {
	bytes.Buffer
	most int
	full bool
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.most {
		b.full = true
		return 0, errors.New("too much")
	}
	return b.Buffer.Write(p)
}

// RenderFor is the other process: it reads a request and writes the response.
func RenderFor(in io.Reader, out io.Writer) error {
	limitMemory()
	go watchMemory()
	var q request
	if err := json.NewDecoder(in).Decode(&q); err != nil {
		return err
	}
	var r response
	files, err := q.render()
	if e, ok := errors.AsType[*generator.TemplateError](err); ok {
		r.Fault = &fault{e.File, e.Role, e.Err.Error(), e.Line, e.Col}
	} else if issues, ok := errors.AsType[spec.Issues](err); ok {
		r.Issues = issues
	} else if err != nil {
		r.Error = err.Error()
	} else {
		r.Files = files
	}
	return json.NewEncoder(out).Encode(r)
}

func (q request) render() ([]generator.File, error) {
	fsys := merged(q.Own)
	role, err := generator.LoadRole(fsys, q.Role)
	if err != nil {
		return nil, err
	}
	parsed := spec.Parse("spec", q.Spec, spec.Sources{Table: func(string) field.Table { return role.Table() }})
	checked, err := rules.CheckFile(parsed, role)
	if err != nil {
		return nil, err
	}
	checked.Hidden = q.Hidden
	return generator.RenderChecked(fsys, role, checked)
}

// watchMemory ends the process when it takes too much.
func watchMemory() {
	taken := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	for {
		if metrics.Read(taken); taken[0].Value.Uint64() > maxMemory {
			os.Exit(exitMemory) //nolint:forbidigo // it is a process for this alone
		}
		time.Sleep(5 * time.Millisecond)
	}
}
