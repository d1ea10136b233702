package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// A progress is a bar on a terminal. Elsewhere it prints nothing.
type progress struct {
	w io.Writer // nil where there is nothing to print

	mu      sync.Mutex
	percent int
	shown   bool
}

func newProgress(w io.Writer) *progress {
	if _, ok := onTerminal(w); !ok {
		w = nil
	}
	return &progress{w: w, percent: -1}
}

// show tells that done of total are done. It may be called from several
// goroutines.
func (p *progress) show(done, total int) {
	const width = 30
	p.mu.Lock()
	defer p.mu.Unlock()
	percent := 100 * done / max(total, 1)
	if p.w == nil || percent <= p.percent {
		return
	}
	p.percent, p.shown = percent, true
	full := width * percent / 100
	fmt.Fprintf(p.w, "\r[%s%s] %d/%d", strings.Repeat("=", full), strings.Repeat(" ", width-full), done, total)
}

// end removes the bar.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
