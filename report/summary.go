package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/espgen/espgen/check"
)

// A Summary is what a class made of an exercise. Of a student with several
// submissions, the one with most points counts.
type Summary struct {
	Exercise    Exercise
	Graded      int // students with points
	NotGradable int
	NotGraded   int
	Missing     int // students without a submission, as far as the run knows them
	Mean        float64
	Median      float64
	Bins        [10]int      // how many students reached so many tenths of the points; all of them are in the last
	Failed      []CheckCount // the checks that some have not passed, those of most first
}

// A CheckCount is how many did not pass a check.
type CheckCount struct {
	Name  string
	Title check.Text
	Count int // failed, or not reached
	Of    int
}

// Best returns the results that count: of each student and exercise the one with
// most points, of unknown students all.
func (c Class) Best() []Result {
	type key struct{ exercise, student string }
	at := map[key]int{}
	var list []Result
	for _, r := range c.Results {
		k := key{r.Exercise, r.Student}
		i, ok := at[k]
		switch {
		case r.Student == "" || !ok:
			at[k] = len(list)
			list = append(list, r)
		case better(r, list[i]):
			list[i] = r
		}
	}
	return list
}

func better(a, b Result) bool {
	if a.Counts() != b.Counts() {
		return a.Counts()
	}
	return a.Points() > b.Points()
}

// Summaries sums up each exercise.
func (c Class) Summaries() []Summary {
	var list []Summary
	best := c.Best()
	for _, e := range c.Exercises {
		list = append(list, summary(e, slices.DeleteFunc(slices.Clone(best), func(r Result) bool { return r.Exercise != e.Name })))
	}
	return list
}

func summary(e Exercise, results []Result) Summary {
	s := Summary{Exercise: e}
	handedIn := map[string]bool{}
	counts := map[string]*CheckCount{}
	var points []float64
	for _, r := range results {
		handedIn[r.Student] = true
		switch {
		case r.Counts():
			s.Graded++
			points = append(points, r.Points())
			s.Bins[bin(r.Points(), r.MaxScore)]++
		case r.State == NotGradable:
			s.NotGradable++
		default:
			s.NotGraded++
		}
		for _, check := range r.Checks {
			count, ok := counts[check.Name]
			if !ok {
				count = &CheckCount{Name: check.Name, Title: check.Title}
				counts[check.Name] = count
			}
			if count.Title.In("en") != check.Title.In("en") {
				count.Title = nil // it tells a value of one student
			}
			count.Of++
			if !check.passed() {
				count.Count++
			}
		}
	}
	for _, id := range e.Students {
		if !handedIn[id] {
			s.Missing++
		}
	}
	if n := len(points); n > 0 {
		slices.Sort(points)
		sum := 0.0
		for _, p := range points {
			sum += p
		}
		s.Mean = sum / float64(n)
		s.Median = (points[(n-1)/2] + points[n/2]) / 2
	}
	for _, count := range counts {
		if count.Count > 0 {
			s.Failed = append(s.Failed, *count)
		}
	}
	slices.SortFunc(s.Failed, func(a, b CheckCount) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name)) })
	return s
}

func (c Check) passed() bool { return c.Status == check.Passed }

func bin(points, most float64) int {
	if most <= 0 {
		return 9
	}
	return min(9, max(0, int(math.Floor(points/most*10))))
}
