// Package submission reads what students hand in: folders, zip and tar archives,
// and the bulk downloads of Moodle, Canvas and Gradescope, which hold many.
//
// Nothing that is in a submission is trusted. All of it is read into memory,
// within limits, before a file is written: so no path and no link of a submission
// ever reaches the disk. What is refused is told.
//
// Data flows one way: [Find] lists the submissions that arguments name,
// [Submission.Read] reads the project in one, [Roster.Identify] tells whose it
// is, and [Restore] puts it into the hand-out, whose other files are protected.
package submission

import "fmt"

// The limits of a submission. What is beyond them is no exercise.
const (
	maxInner    = 64 << 20  // bytes of an archive in a bulk download, or in a folder
	maxIndex    = 32 << 20  // bytes that are read to list a zip archive
	maxStream   = 256 << 20 // bytes that a tar archive has when it is unpacked
	maxEntries  = 50_000    // files and folders, of which many are left out: build has thousands
	maxFiles    = 1_000     // that are kept
	maxFile     = 1 << 20   // bytes
	maxTotal    = 16 << 20  // bytes that are kept
	maxRatio    = 200       // how many times larger than its compressed form a file may be
	maxDownload = 64 << 30  // bytes of an archive: most of a bulk download is never read
	maxBulk     = 2_000_000 // files and folders of a bulk download
	maxNotes    = 20
)

// smallFile is the size from which on maxRatio counts, in bytes.
const smallFile = 64 << 10

// A Submission is what one student handed in for one exercise.
type Submission struct {
	Name   string   // as the argument names it, or the path in a bulk download
	Labels []string // names that a bulk download, or the argument, gives it: one of them may be the student's
	Late   bool     // by the name that a bulk download gave it

	read func() (*reading, error)
}

// A Project is what was found in a submission.
type Project struct {
	Files map[string][]byte // by path in the project; the lock is not among them
	Claim Claim             // what its lock says of itself
	Loose bool              // there is no project, only files
	Notes []string          // what was refused, or left out, and what else is odd
}

// A Claim is what the lock of a hand-out says: whose it is, and what for. The
// student can change it.
type Claim struct{ Exercise, Student string }

// A limitError is of a submission that is larger than it may be.
type limitError struct{ what string }

func (e *limitError) Error() string { return "it holds more than the limit of " + e.what }

func tooMany(n int, what string) error { return &limitError{fmt.Sprintf("%d %s", n, what)} }
