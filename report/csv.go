package report

import (
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strings"
)

// writeCSV writes a row for each student and a column for each exercise. The
// first five columns are those that Canvas' gradebook wants, which takes every
// further one for an assignment; Moodle's grade import lets the instructor name
// the column with the id, and those with points. An empty cell is no grade, and
// changes none: there was no submission, or it could not be graded.
func writeCSV(w io.Writer, c Class, _ Options) error {
	points := map[string]map[string]string{} // by student and exercise
	row := func(id string) map[string]string {
		if points[id] == nil {
			points[id] = map[string]string{}
		}
		return points[id]
	}
	for _, e := range c.Exercises {
		for _, id := range e.Students {
			row(id)
		}
	}
	for _, r := range c.Best() {
		if r.Student == "" {
			continue
		}
		if cells := row(r.Student); r.Counts() {
			cells[r.Exercise] = number(r.Points())
		}
	}
	head := []string{"Student", "ID", "SIS User ID", "SIS Login ID", "Section"}
	for _, e := range c.Exercises {
		head = append(head, cell(e.Name))
	}
	out := csv.NewWriter(w)
	rows := [][]string{head}
	for _, id := range slices.Sorted(maps.Keys(points)) {
		line := []string{cell(id), "", cell(id), cell(id), ""}
		for _, e := range c.Exercises {
			line = append(line, points[id][e.Name])
		}
		rows = append(rows, line)
	}
	return out.WriteAll(rows)
}

// cell returns a text for a cell that no spreadsheet takes for a formula.
func cell(text string) string {
	text = strings.NewReplacer("\n", " ", "\t", " ").Replace(text)
	if text != "" && strings.ContainsAny(text[:1], "=+-@|%") {
		return "'" + text
	}
	return text
}
