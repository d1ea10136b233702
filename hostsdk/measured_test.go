//go:build linux

package hostsdk_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// A measuredRow is how a chip was measured to behave in one case.
type measuredRow struct {
	ID     string `yaml:"id"`
	Group  string `yaml:"group"`
	Case   string `yaml:"case"`
	Chip   string `yaml:"chip"`   // what the chip does
	Check  string `yaml:"check"`  // the program of testdata/measured that checks it
	Reason string `yaml:"reason"` // or why it cannot be checked on a PC
}

const measuredDir = "testdata/measured"

// measured reads the rows of a file of testdata/measured.
func measured(t *testing.T, file string) []measuredRow {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(measuredDir, file))
	must(t, err)
	var rows []measuredRow
	must(t, yaml.Unmarshal(text, &rows))
	ids := map[string]bool{}
	for _, row := range rows {
		switch {
		case ids[row.ID] || row.ID == "":
			t.Errorf("%s: the id %q is missing, or another row's", file, row.ID)
		case row.Group == "" || row.Case == "" || row.Chip == "":
			t.Errorf("%s: %s lacks a group, a case or what the chip does", file, row.ID)
		case (row.Check == "") == (row.Reason == ""):
			t.Errorf("%s: %s needs a check, or a reason why there is none", file, row.ID)
		}
		ids[row.ID] = true
	}
	if len(rows) == 0 {
		t.Errorf("%s has no rows", file)
	}
	return rows
}

var rowLine = regexp.MustCompile(`(?m)^(ok|FAILED) ([\w-]+)(.*)$`)

// checkRows wants each row that a program checks to hold in its log, and no
// check of any other.
func checkRows(t *testing.T, rows []measuredRow, program, log string) {
	t.Helper()
	held := map[string]bool{}
	for _, m := range rowLine.FindAllStringSubmatch(log, -1) {
		i := slices.IndexFunc(rows, func(r measuredRow) bool { return r.ID == m[2] && r.Check == program })
		switch {
		case i < 0:
			t.Errorf("%s checks %s, which no row says", program, m[2])
		case m[1] == "FAILED":
			t.Errorf("%s: %s: the chip: %s%s", rows[i].Group, rows[i].Case, rows[i].Chip, m[3])
		}
		held[m[2]] = true
	}
	for _, row := range rows {
		if row.Check == program && !held[row.ID] {
			t.Errorf("%s does not check %s", program, row.ID)
		}
	}
}

// TestMeasuredREADME wants each row that cannot be checked in the README's
// tables of what a PC cannot show, with its reason.
func TestMeasuredREADME(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	must(t, err)
	files, err := filepath.Glob(filepath.Join(measuredDir, "*.yaml"))
	must(t, err)
	for _, file := range files {
		for _, row := range measured(t, filepath.Base(file)) {
			if row.Reason != "" && !strings.Contains(string(readme), "| "+row.Case+" | "+row.Reason+" |") {
				t.Errorf("the README lacks: | %s | %s |", row.Case, row.Reason)
			}
		}
	}
}
