package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// Options say how results are written.
type Options struct {
	Colour  bool                     // of the text
	Version string                   // espgen's
	Now     time.Time                // when it is written
	Getenv  func(name string) string // of a format that takes values from the environment
}

// A Format is one that results are written in.
type Format struct {
	Name   string
	Single bool // it is of one submission
	write  func(w io.Writer, c Class, o Options) error
}

// Formats are all of them.
func Formats() []Format {
	return []Format{
		{"text", false, writeText},
		{"html", false, writeHTML},
		{"json", false, func(w io.Writer, c Class, _ Options) error { return writeJSON(w, c) }},
		{"junit", false, writeJUnit},
		{"csv", false, writeCSV},
		{"gradescope", true, writeGradescope},
		{"prairielearn", true, writePrairieLearn},
		{"classroom50", true, writeClassroom50},
		{"check50", true, writeCheck50},
	}
}

// Find returns the format of that name.
func Find(name string) (Format, bool) {
	all := Formats()
	i := slices.IndexFunc(all, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return all[i], true
}

// Write writes results. A format that is of one submission wants one.
func (f Format) Write(w io.Writer, c Class, o Options) error {
	if f.Single && len(c.Results) != 1 {
		return fmt.Errorf("the format %s is of one submission, and there are %d", f.Name, len(c.Results))
	}
	c = clean(c)
	c.Sort()
	return f.write(w, c, o)
}

// writeJSON writes a value, with what HTML obeys as escapes: it may be shown on
// a page.
func writeJSON(w io.Writer, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// Read reads the JSON of results. name is the file's, for errors.
func Read(name string, data []byte) (Class, error) {
	var c Class
	in := json.NewDecoder(bytes.NewReader(data))
	if err := in.Decode(&c); err != nil {
		return c, fmt.Errorf("%s: these are no results of `espgen grade --format json`: %w", name, err)
	}
	if c.Version != Version {
		return c, fmt.Errorf("%s: the version of the results is %d, and this espgen reads %d", name, c.Version, Version)
	}
	return c, nil
}
