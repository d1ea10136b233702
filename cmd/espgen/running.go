package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/espgen/espgen/plainfile"
	"github.com/espgen/espgen/scratch"
)

// A runRecord is what a run tells other espgens of a project while it goes on.
type runRecord struct {
	Project   string   `json:"project"`             // the folder, without links
	Listening []string `json:"listening,omitempty"` // ADDRESS:PORT of this PC
	Server    string   `json:"server,omitempty"`    // ADDRESS:PORT of this PC that it connects to
}

const (
	recordPrefix = "run-" // begins the names of the records' folders, each of which is locked while the run goes on
	recordFile   = "run.json"
	maxRecord    = 64 << 10
)

// recordsFolder is where the records are.
func recordsFolder() (string, error) {
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "espgen", "running"), err
}

// A recorder keeps the record of a run. Where that cannot be written, only
// espgen peer knows less: the run goes on.
type recorder struct {
	dir    string // "" where there is none
	record runRecord
	remove func()
}

// recordRun begins the record of a run of the project in dir.
func recordRun(dir string) *recorder {
	r := &recorder{record: runRecord{Project: trueFolder(dir)}, remove: func() {}}
	parent, err := recordsFolder()
	if err == nil {
		err = os.MkdirAll(parent, 0o755)
	}
	if err == nil {
		r.dir, r.remove, err = scratch.Make(parent, recordPrefix)
	}
	if err != nil {
		return &recorder{remove: func() {}}
	}
	return r
}

// update writes what the device tells by now.
func (r *recorder) update(d *device) {
	if r.dir == "" {
		return
	}
	r.record.Listening, r.record.Server = nil, d.goesTo()
	for _, s := range d.servers() {
		r.record.Listening = append(r.record.Listening, s.Address.String())
	}
	if text, err := json.Marshal(r.record); err == nil {
		_ = writeWhole(filepath.Join(r.dir, recordFile), text)
	}
}

// runningOf returns the record of a run of the project in dir that goes on.
func runningOf(dir string) (runRecord, bool) {
	parent, err := recordsFolder()
	if err != nil {
		return runRecord{}, false
	}
	project := trueFolder(dir)
	for _, used := range scratch.Used(parent, recordPrefix) {
		var r runRecord
		text, err := plainfile.Read(filepath.Join(used, recordFile), maxRecord)
		if err := errors.Join(err, json.Unmarshal(text, &r)); err == nil && r.Project == project {
			return r, true
		}
	}
	return runRecord{}, false
}

// trueFolder is a folder's path from the root on, without links.
func trueFolder(dir string) string {
	if followed, err := filepath.EvalSymlinks(dir); err == nil {
		dir = followed
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return dir
}
