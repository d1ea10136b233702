package report_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/espgen/espgen/report"
)

func part(file, run string, index, count int, results ...report.Result) report.Part {
	var ids []string
	for _, r := range results {
		ids = append(ids, r.Student)
	}
	p := report.Part{File: file}
	p.Version, p.Run = report.Version, run
	if count > 0 {
		p.Shards = []report.Shard{{Index: index, Count: count}}
	}
	p.Exercises = []report.Exercise{{Name: "server", MaxScore: 3, Students: ids}}
	p.Results = results
	return p
}

func of(student string, score float64) report.Result {
	return report.Result{Submission: student + ".zip", Student: student, Exercise: "server", State: report.Graded, Score: score, MaxScore: 3}
}

func TestJoin(t *testing.T) {
	j, err := report.Join([]report.Part{part("b", "r", 3, 3, of("s3", 1)), part("a", "r", 1, 3, of("s1", 2), of("s2", 3))})
	if err != nil {
		t.Fatal(err)
	}
	var students []string
	for _, r := range j.Results {
		students = append(students, r.Student)
	}
	if !slices.Equal(students, []string{"s1", "s2", "s3"}) || !slices.Equal(j.Exercises[0].Students, students) {
		t.Errorf("students %q, of the exercise %q", students, j.Exercises[0].Students)
	}
	if !slices.Equal(j.Missing, []string{"2/3"}) || len(j.Shards) != 2 {
		t.Errorf("missing %q, there are %v", j.Missing, j.Shards)
	}

	slow := of("s1", 2)
	slow.Time.Run = 99
	j, err = report.Join([]report.Part{part("a", "r", 1, 2, of("s1", 2)), part("a again", "r", 1, 2, slow), part("b", "r", 2, 2, of("s1", 0))})
	if err != nil {
		t.Fatal(err)
	}
	if len(j.Results) != 1 || j.Results[0].Score != 2 || len(j.Missing) != 0 {
		t.Errorf("results %v, missing %q", j.Results, j.Missing)
	}
	if !slices.Equal(j.Twice, []string{"server of s1: a and a again"}) || !slices.Equal(j.Differ, []string{"server of s1: a and b"}) {
		t.Errorf("twice %q, differ %q", j.Twice, j.Differ)
	}
	// A result of joining can be joined again.
	if again, err := report.Join([]report.Part{{File: "joined", Class: j.Class}}); err != nil || len(again.Missing) != 0 {
		t.Error(err, again.Missing)
	}
}

func TestJoinOthers(t *testing.T) {
	for name, parts := range map[string][]report.Part{
		"nothing":          nil,
		"another run":      {part("a", "r", 1, 2), part("b", "q", 2, 2)},
		"another division": {part("a", "r", 1, 2), part("b", "r", 2, 3)},
		"no such part":     {part("a", "r", 3, 2)},
	} {
		_, err := report.Join(parts)
		if _, ok := errors.AsType[*report.JoinError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
