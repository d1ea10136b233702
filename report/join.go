package report

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// A Part is the results of a part of a run, with the name of their file.
type Part struct {
	File string
	Class
}

// A Joined is the results of all parts of a run.
type Joined struct {
	Class

	// Missing are the parts that no file has, such as "2/4". Results of these
	// students are not there.
	Missing []string

	// Twice says which results several files have: the same, or, in Differ, others.
	// The first file's counts then.
	Twice, Differ []string
}

// A JoinError is of parts that do not belong together.
type JoinError struct{ Msg string }

func (e *JoinError) Error() string { return e.Msg }

// Join joins the parts of a run. Parts of other runs, or of a run that was
// divided in another way, are an error.
func Join(parts []Part) (Joined, error) {
	var j Joined
	if len(parts) == 0 {
		return j, &JoinError{"there are no results"}
	}
	first := parts[0]
	j.Version, j.Course, j.Language, j.Run = first.Version, first.Course, first.Language, first.Run
	students := map[string]map[string]bool{} // by exercise
	from := map[string]Part{}                // the file that has a result, by what is graded
	have := map[int]bool{}
	count := 0
	for _, p := range parts {
		if p.Run != first.Run {
			return j, &JoinError{fmt.Sprintf("%s and %s are of different runs: of other checks, another course, or another espgen", first.File, p.File)}
		}
		for _, s := range p.Shards {
			if count != 0 && s.Count != count || s.Index < 1 || s.Index > s.Count {
				return j, &JoinError{fmt.Sprintf("%s is part %d/%d, and %s is of a run of %d parts", p.File, s.Index, s.Count, first.File, count)}
			}
			count = s.Count
			have[s.Index] = true
		}
		j.addExercises(p, students)
		for _, r := range p.Results {
			key := strings.Join([]string{r.Exercise, r.Student, r.Submission}, "\x00")
			other, twice := from[key]
			if !twice {
				from[key] = p
				j.Results = append(j.Results, r)
				continue
			}
			told := fmt.Sprintf("%s: %s and %s", nameOf(r), other.File, p.File)
			if sameOutcome(r, other.find(r)) {
				j.Twice = append(j.Twice, told)
			} else {
				j.Differ = append(j.Differ, told)
			}
		}
	}
	for i := range j.Exercises {
		j.Exercises[i].Students = slices.Sorted(maps.Keys(students[j.Exercises[i].Name]))
	}
	for i := 1; i <= count; i++ {
		if have[i] {
			j.Shards = append(j.Shards, Shard{i, count})
		} else {
			j.Missing = append(j.Missing, fmt.Sprintf("%d/%d", i, count))
		}
	}
	j.Sort()
	return j, nil
}

// addExercises adds the exercises of a part, and who has them.
func (j *Joined) addExercises(p Part, students map[string]map[string]bool) {
	for _, e := range p.Exercises {
		if students[e.Name] == nil {
			students[e.Name] = map[string]bool{}
			j.Exercises = append(j.Exercises, e)
		}
		for _, id := range e.Students {
			students[e.Name][id] = true
		}
	}
}

// find returns the result of the same submission.
func (p Part) find(r Result) Result {
	for _, other := range p.Results {
		if other.Exercise == r.Exercise && other.Student == r.Student && other.Submission == r.Submission {
			return other
		}
	}
	return Result{}
}

// sameOutcome reports whether two results say the same, but for how long it took.
func sameOutcome(a, b Result) bool {
	outcome := func(r Result) any {
		type check struct {
			name   string
			status any
			score  float64
		}
		var checks []check
		for _, c := range r.Checks {
			checks = append(checks, check{c.Name, c.Status, c.Score})
		}
		return []any{r.State, r.Score, r.MaxScore, r.Points(), checks}
	}
	return reflect.DeepEqual(outcome(a), outcome(b))
}

// nameOf names a result for a message.
func nameOf(r Result) string {
	if r.Student == "" {
		return r.Submission
	}
	return strings.TrimSpace(r.Exercise + " of " + r.Student)
}
