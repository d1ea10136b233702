package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"github.com/espgen/espgen/generator"
)

// TestWriteError gives the errors of a disk that a test cannot make.
func TestWriteError(t *testing.T) {
	at := func(err error) error { return fmt.Errorf("x: %w", &fs.PathError{Op: "write", Path: "p", Err: err}) }
	tests := []struct {
		err       error
		msg, hint string
	}{
		{at(generator.ErrNotEmpty), "x: write p: the folder is not empty", "name another folder with -o DIR, or empty this one"},
		{at(errDiskFull), "x: write p: " + errDiskFull.Error(), "nothing was written: free some space, or name another folder with -o DIR"},
		{at(syscall.EACCES), "x: write p: " + syscall.EACCES.Error(), "name a folder that you may write to with -o DIR"},
		{context.Canceled, "interrupted: nothing was written", ""},
		{at(syscall.EIO), "x: write p: " + syscall.EIO.Error(), ""},
	}
	for _, test := range tests {
		err := writeError(test.err, "p")
		hint := ""
		if hinted, ok := errors.AsType[*hintError](err); ok {
			hint = hinted.hint
		}
		if err.Error() != test.msg || hint != test.hint {
			t.Errorf("got %q, hint %q\nwant %q, hint %q", err, hint, test.msg, test.hint)
		}
	}
	if err := writeError(nil, "p"); err != nil {
		t.Errorf("no error becomes %v", err)
	}
}
