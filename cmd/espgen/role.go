package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/role"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/library"
	"github.com/espgen/espgen/scratch"
)

func newRoleCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "role",
		Short: "Write roles of your own",
		Long: `Write roles of your own. A role is a folder: a role.yaml, which says what a spec
may hold and what the role is built from, and templates. The folder around it is
what --templates names.`,
		Example: `  espgen role new mqtt-client my-roles
  espgen new mqtt-client -f my-roles/mqtt-client/specs/mqtt-client.yaml --templates my-roles
  espgen role check my-roles/mqtt-client
  espgen role test my-roles/mqtt-client`,
		Args: commandOnly,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	list := newRolesCmd()
	list.Use, list.Short = "list", "List the roles and their styles, as espgen roles does"
	cmd.AddCommand(newRoleNewCmd(), list, newRoleCheckCmd(), newRoleTestCmd(), newRoleSchemaCmd())
	return cmd
}

func newRoleNewCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "new NAME [DIR]",
		Short: "Write the folder DIR/NAME: a small role that works as it stands",
		Args:  arguments(cobra.RangeArgs(1, 2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 1 {
				dir = args[1]
			}
			return runRoleNew(cmd, args[0], dir)
		},
	}
}

func runRoleNew(cmd *cobra.Command, name, dir string) error {
	if names, err := library.BuiltIn().Names(); err == nil && slices.Contains(names, name) {
		return &usageError{fmt.Sprintf("espgen has a role %s already", name), "choose another name"}
	}
	err := library.New(dir, name)
	at := filepath.Join(dir, name)
	_, isName := errors.AsType[*library.NameError](err)
	switch {
	case errors.Is(err, fs.ErrExist):
		return &hintError{err, "choose another name, or remove the folder"}
	case isName:
		return &usageError{err.Error(), "write a name such as mqtt-client"}
	case err != nil:
		return err
	}
	lib, err := library.Open(dir, version())
	if err != nil {
		return err
	}
	samples, _ := lib.Check(cmd.Context(), name) // the golden trees are missing
	if err := lib.WriteGolden(name, samples); err != nil {
		return err
	}
	if _, faults := lib.Check(cmd.Context(), name); len(faults) > 0 {
		return &hintError{errors.Join(faults...), fmt.Sprintf("%s is written; the faults may come from parts in %s that replace espgen's own", at, dir)}
	}
	return printText(cmd.OutOrStdout(), fmt.Sprintf(`wrote %s:
  role.yaml            what the role is, its fields, and what it is built from
  plain/               its templates
  zh.yaml              their Chinese
  specs/%s.yaml
  golden/%s/  the project that this spec gives
next:
  espgen role check %s
  espgen role test %s
  espgen new %s -f %s --templates %s
`, at, name, name, shellQuote(at), shellQuote(at), name, shellQuote(filepath.Join(at, "specs", name+".yaml")), shellQuote(dir)))
}

func newRoleCheckCmd() *cobra.Command {
	var update bool
	cmd := &cobra.Command{
		Use:   "check DIR",
		Short: "Find what is wrong with the role in the folder DIR",
		Long: `Find what is wrong with the role in the folder DIR:

  - fields that a template prints and role.yaml does not declare, or that no template uses
  - text in C strings that no escaper made
  - files that no project gets, or that are one file where a disk ignores case
  - passages without a translation
  - names of options and of C that may belong to another component
  - specs that are not valid
  - golden trees that differ from what the role gives
  - markers of exercises that are wrong, or lack a title or a stub
  - C that does not compile on this PC, with every step solved or with a stub`,
		Args:              arguments(cobra.ExactArgs(1)),
		ValidArgsFunction: completeDirs,
		RunE:              func(cmd *cobra.Command, args []string) error { return runRoleCheck(cmd, args[0], update) },
	}
	cmd.Flags().BoolVar(&update, "update", false, "write the golden trees anew")
	return cmd
}

// openRole opens the role in a folder.
func openRole(dir string) (*library.Library, string, error) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return nil, "", err
	}
	if _, err := os.Stat(filepath.Join(at, "role.yaml")); err != nil {
		return nil, "", &hintError{fmt.Errorf("%s is not the folder of a role: it has no role.yaml", dir), "name the folder; `espgen role new NAME` makes one"}
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if filepath.Base(at) != filepath.Base(filepath.Clean(dir)) { // it is . or ..
		parent = filepath.Dir(at)
	}
	lib, err := libraryIn(parent)
	return lib, filepath.Base(at), err
}

func runRoleCheck(cmd *cobra.Command, dir string, update bool) error {
	lib, name, err := openRole(dir)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	samples, faults := lib.Check(ctx, name)
	if update {
		if err := lib.WriteGolden(name, samples); err != nil {
			return err
		}
		samples, faults = lib.Check(ctx, name)
	}
	for _, s := range samples {
		err := compiles(ctx, s)
		if errors.Is(err, hostsdk.ErrNoCompiler) {
			fmt.Fprintln(cmd.ErrOrStderr(), "espgen: this PC has no C compiler, so the C is not compiled")
		} else if err != nil {
			faults = append(faults, fmt.Errorf("the project of specs/%s.yaml%w", s.Name, err))
		}
	}
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	told := map[string]bool{}
	for _, fault := range append(faults, wrongTests(lib, name)...) {
		if !told[fault.Error()] {
			reportFault(cmd.ErrOrStderr(), fault)
		}
		told[fault.Error()] = true
	}
	if len(told) > 0 {
		return &statusError{status: exitFailure}
	}
	return printText(cmd.OutOrStdout(), fmt.Sprintf("%s: no faults in %s\n", dir, english.Plural(len(samples), "project", "")))
}

// compiles wants the compiler to say nothing of a project, with every step of it
// solved, and with each step as its stub.
func compiles(ctx context.Context, s library.Sample) error {
	handOuts := map[string][]generator.File{"": s.Files}
	if source, err := generator.Exercise(s.Files); err == nil { // Check has told
		for _, step := range source.Steps() {
			if handOuts[step.Name], err = generator.HandOut(s.Files, []string{step.Name}); err != nil {
				return err
			}
		}
	}
	for _, step := range slices.Sorted(maps.Keys(handOuts)) {
		s.Files = handOuts[step]
		err := withProject(s, func(dir string) error {
			_, warned, err := hostsdk.Build(ctx, dir, hostsdk.BuildOptions{})
			if err == nil && warned != "" {
				err = errors.New(strings.TrimSpace(warned))
			}
			if err != nil && !errors.Is(err, hostsdk.ErrNoCompiler) {
				return errors.New(strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""))
			}
			return err
		})
		if err != nil && step != "" {
			return fmt.Errorf(", with the stub of the step %s: %w", step, err)
		} else if err != nil {
			return fmt.Errorf(": %w", err)
		}
	}
	return nil
}

// wrongTests finds tests of a role with events that there are not.
func wrongTests(lib *library.Library, name string) []error {
	role, err := lib.Role(name)
	if err != nil {
		return nil // it is told
	}
	var list []error
	for _, test := range role.Tests {
		if _, err := (hostsdk.Scenario{WiFi: test.WiFi, Net: test.Net}).Environment(); err != nil {
			list = append(list, fmt.Errorf("%s: the test %q: %w", filepath.Join(lib.Dir, name, "role.yaml"), test.Name, err))
		}
	}
	return list
}

// reportFault prints a fault of a role to its author.
func reportFault(w io.Writer, fault error) {
	if _, ok := errors.AsType[spec.Issues](fault); ok {
		report(w, fault)
		return
	}
	if _, ok := errors.AsType[*role.UnreadableError](fault); ok {
		report(w, fault)
		return
	}
	text := fault.Error()
	if e, ok := errors.AsType[*generator.TemplateError](fault); ok {
		text = e.Place() + ": " + e.Err.Error()
	}
	_ = printText(w, text+"\n")
}

// withProject calls use with a folder that holds a project for as long.
func withProject(s library.Sample, use func(dir string) error) error {
	dir, remove, err := scratch.Make(os.TempDir(), "espgen-role-")
	if err != nil {
		return err
	}
	defer remove()
	dir = filepath.Join(dir, "project")
	if err := generator.Write(context.Background(), dir, s.Files); err != nil {
		return err
	}
	return use(dir)
}

func newRoleTestCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "test DIR",
		Short: "Run the tests of the role in the folder DIR on this PC",
		Long: `Run the tests of the role in the folder DIR on this PC. They are in role.yaml:

  tests:
    - name: joins again
      wifi: [drop=1s, back=1s]        # as espgen run --wifi; net: likewise
      expect: ["Got IP", "Got IP"]    # lines of the log match these, in this order
      within: 20s                     # 10s where it is left out`,
		Args:              arguments(cobra.ExactArgs(1)),
		ValidArgsFunction: completeDirs,
		RunE:              func(cmd *cobra.Command, args []string) error { return runRoleTest(cmd, args[0]) },
	}
}

func runRoleTest(cmd *cobra.Command, dir string) error {
	if err := needsLinux("espgen role test"); err != nil {
		return err
	}
	lib, name, err := openRole(dir)
	if err != nil {
		return err
	}
	role, err := lib.Role(name)
	if err != nil {
		return err
	}
	if len(role.Tests) == 0 {
		return &hintError{fmt.Errorf("%s has no tests", filepath.Join(dir, "role.yaml")), "`espgen role test --help` shows one"}
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	samples, faults := lib.Check(ctx, name)
	if len(samples) == 0 {
		return errors.Join(faults...)
	}
	ran, failed := 0, 0
	for _, s := range samples {
		err := withProject(s, func(project string) error {
			sanitize, err := hostsdk.CanSanitize(ctx, hostsdk.BuildOptions{})
			if err != nil {
				return err
			}
			program, _, err := hostsdk.Build(ctx, project, hostsdk.BuildOptions{Sanitize: sanitize})
			if err != nil {
				return withHint(err, project)
			}
			for _, test := range role.Tests {
				if test.Spec != "" && test.Spec != s.Name {
					continue
				}
				ran++
				if !tryRole(ctx, cmd.OutOrStdout(), program, s.Name, test) {
					failed++
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted")
	case ran == 0:
		return fmt.Errorf("no test is for one of the role's specs")
	case failed > 0:
		return fmt.Errorf("%d of %s failed", failed, english.Plural(ran, "test", ""))
	}
	return nil
}

// tryRole runs one test, and tells how it went.
func tryRole(ctx context.Context, out io.Writer, program, sample string, test role.Test) bool {
	within := test.Within
	if within == 0 {
		within = 10 * time.Second
	}
	limited, stop := context.WithTimeout(ctx, within)
	defer stop()
	log := &expectLog{found: stop}
	for _, pattern := range test.Expect {
		log.patterns = append(log.patterns, regexp.MustCompile(pattern)) // LoadRole has looked at it
	}
	err := hostsdk.Run(limited, program, hostsdk.RunOptions{Scenario: hostsdk.Scenario{WiFi: test.WiFi, Net: test.Net, Port: -1, Seed: 1}, Out: log})
	log.mu.Lock()
	defer log.mu.Unlock()
	switch {
	case err == nil && len(log.patterns) == 0:
		fmt.Fprintf(out, "ok    %s: %s\n", sample, printable(test.Name))
		return true
	case err != nil:
		fmt.Fprintf(out, "FAIL  %s: %s: %v\n", sample, printable(test.Name), err)
	default:
		fmt.Fprintf(out, "FAIL  %s: %s: no line matches %q within %v\n", sample, printable(test.Name), log.patterns[0], within)
	}
	for line := range strings.Lines(log.text.String()) {
		fmt.Fprintf(out, "      %s", printable(line))
	}
	return false
}

// An expectLog is a log of which lines must match patterns, in their order.
type expectLog struct {
	mu       sync.Mutex
	patterns []*regexp.Regexp
	found    func() // called when all have matched
	text     strings.Builder
	rest     string // of a line
}

func (l *expectLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	const most = 64 << 10
	if l.text.Len() < most {
		l.text.Write(p)
	}
	lines := strings.Split(l.rest+string(p), "\n")
	l.rest = lines[len(lines)-1]
	l.rest = l.rest[:min(len(l.rest), most)] // a line without end
	for _, line := range lines[:len(lines)-1] {
		if len(l.patterns) > 0 && l.patterns[0].MatchString(line) {
			if l.patterns = l.patterns[1:]; len(l.patterns) == 0 {
				l.found()
			}
		}
	}
	return len(p), nil
}
