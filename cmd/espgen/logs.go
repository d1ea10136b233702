package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"github.com/espgen/espgen/lazyregexp"
)

// logs print what several devices say at once: line by line, each with the name
// of its device before it, and of a flood a part only.
type logs struct {
	mutex sync.Mutex
	out   io.Writer
	err   error         // of writing
	gone  func()        // is called after it, once
	done  chan struct{} // ends the counting
	all   []*deviceLog
}

// A deviceLog is what one device says.
type deviceLog struct {
	logs   *logs
	prefix string
	line   []byte // that is not whole yet
	flood  flood
}

// The limits of what is printed.
const (
	maxLine   = 16 << 10 // bytes of a line: what is longer becomes several
	perSecond = 200      // lines of a device
	perPause  = 10       // seconds between two counts of what is kept back as known
)

// newLogs prints on out. gone is called when that cannot be written to.
func newLogs(out io.Writer, gone func()) *logs {
	l := &logs{out: out, gone: gone, done: make(chan struct{})}
	go func() {
		second := time.NewTicker(time.Second)
		defer second.Stop()
		for {
			select {
			case <-second.C:
				l.count(false)
			case <-l.done:
				return
			}
		}
	}()
	return l
}

// add returns the log of another device.
func (l *logs) add(prefix string) *deviceLog {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	d := &deviceLog{logs: l, prefix: prefix}
	l.all = append(l.all, d)
	return d
}

// quiet keeps back, from now on, lines that are like earlier ones.
func (l *logs) quiet() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, d := range l.all {
		d.flood.quiet = true
	}
}

// close prints what is left, and returns the error of all writing.
func (l *logs) close() error {
	close(l.done)
	l.count(true)
	return l.err
}

// count begins another second, and tells of the lines that were kept back.
func (l *logs) count(last bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, d := range l.all {
		if last && len(d.line) > 0 {
			d.print(append(d.line, '\n'))
		}
		if n := d.flood.second(last); n > 0 {
			d.print(fmt.Appendf(nil, "... %s\n", english.PluralWord(n, "1 more line", humanize.Comma(int64(n))+" more lines")))
		}
	}
}

// Write takes what a device says.
func (d *deviceLog) Write(p []byte) (int, error) {
	d.logs.mutex.Lock()
	defer d.logs.mutex.Unlock()
	for rest := p; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 || end > maxLine {
			end = min(len(rest), maxLine)
		}
		d.line = append(d.line, rest[:end]...)
		rest = rest[end:]
		if d.line[len(d.line)-1] != '\n' {
			if len(d.line) < maxLine {
				continue
			}
			d.line = append(d.line, '\n')
		}
		if d.flood.passes(string(d.line)) {
			d.print(d.line)
		}
		d.line = d.line[:0]
	}
	return len(p), d.logs.err
}

// print prints a line. The mutex is held.
func (d *deviceLog) print(line []byte) {
	l := d.logs
	if l.err != nil {
		return
	}
	if _, l.err = l.out.Write(append([]byte(d.prefix), line...)); l.err != nil {
		l.gone()
	}
}

// A flood keeps back lines that are too many.
type flood struct {
	quiet bool            // lines like those before are kept back, too
	known map[string]bool // the forms of the lines so far

	passed, kept, seconds int // lines in this second; not told of yet; since they were
}

// maxForms limits the forms that are kept.
const maxForms = 500

var digits = lazyregexp.New(`\d+`)

// passes reports whether a line is printed.
func (f *flood) passes(line string) bool {
	limit := perSecond
	if strings.HasPrefix(line, "host: ") {
		limit *= 2 // what the SDK reports is not lost behind a flood
	}
	if f.passed >= limit {
		f.kept++
		return false
	}
	form := digits().ReplaceAllString(line, "0")
	if f.quiet && f.known[form] {
		f.kept++
		return false
	}
	if f.known == nil || len(f.known) >= maxForms {
		f.known = map[string]bool{}
	}
	f.known[strings.Clone(form)] = true
	f.passed++
	return true
}

// second begins another second, and returns how many lines are to be told of.
func (f *flood) second(last bool) int {
	f.passed = 0
	f.seconds++
	if f.quiet && !last && f.seconds < perPause {
		return 0
	}
	n := f.kept
	f.kept, f.seconds = 0, 0
	return n
}
