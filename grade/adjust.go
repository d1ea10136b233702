package grade

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/espgen/espgen/report"
)

// Adjustments are the points that a person has given, by student and exercise.
type Adjustments map[[2]string]report.Adjustment

// maxAdjustments is the limit of a file's rows.
const maxAdjustments = 200_000

// ReadAdjustments reads a CSV file with the columns id, exercise, points, reason.
// The points count in place of the score. name is the file's, for errors, which
// are all told.
func ReadAdjustments(name string, data []byte) (Adjustments, error) {
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	rows.FieldsPerRecord = -1
	rows.TrimLeadingSpace = true
	all := Adjustments{}
	var errs []error
	for n := 0; ; n++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return all, errors.Join(errs...)
		}
		if err != nil {
			return nil, errors.Join(append(errs, fmt.Errorf("%s: %w", name, err))...)
		}
		line, column := rows.FieldPos(min(2, len(row)-1))
		at := fmt.Sprintf("%s:%d:%d", name, line, column)
		if n >= maxAdjustments {
			return nil, fmt.Errorf("%s: there are more than the limit of %d rows", at, maxAdjustments)
		}
		if n == 0 && strings.EqualFold(strings.TrimSpace(row[0]), "id") {
			continue
		}
		if len(row) < 3 {
			errs = append(errs, fmt.Errorf("%s: a row requires the columns id, exercise, points, and may have a reason", at))
			continue
		}
		key := [2]string{strings.ToLower(strings.TrimSpace(row[0])), strings.TrimSpace(row[1])}
		points, err := strconv.ParseFloat(strings.TrimSpace(row[2]), 64)
		_, twice := all[key]
		switch {
		case err != nil || math.IsNaN(points) || math.IsInf(points, 0) || points < 0:
			errs = append(errs, fmt.Errorf("%s: %q are no points: write a number from 0", at, row[2]))
			continue
		case twice:
			errs = append(errs, fmt.Errorf("%s: %s has points for %s already", at, row[0], row[1]))
			continue
		}
		a := report.Adjustment{Points: points}
		if len(row) > 3 {
			a.Reason = strings.TrimSpace(row[3])
		}
		all[key] = a
	}
}

// Apply gives results their adjustments. A student of an exercise who has handed
// in nothing gets a result for it. unused are those that are of nobody, as "ID,
// EXERCISE", sorted.
func (a Adjustments) Apply(c *report.Class) (unused []string) {
	used := map[[2]string]bool{}
	for i, r := range c.Results {
		key := [2]string{strings.ToLower(r.Student), r.Exercise}
		if adjustment, ok := a[key]; ok {
			c.Results[i].Adjustment = &adjustment
			used[key] = true
		}
	}
	for _, e := range c.Exercises {
		for _, id := range e.Students {
			key := [2]string{strings.ToLower(id), e.Name}
			if adjustment, ok := a[key]; ok && !used[key] {
				c.Results = append(c.Results, report.Result{
					Student: id, Exercise: e.Name, State: report.NotGraded, Why: "there is no submission", MaxScore: e.MaxScore, Adjustment: &adjustment,
				})
				used[key] = true
			}
		}
	}
	for key := range a {
		if !used[key] {
			unused = append(unused, key[0]+", "+key[1])
		}
	}
	slices.Sort(unused)
	return unused
}
