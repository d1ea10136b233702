package check

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/espgen/espgen/hostsdk"
)

// What a check takes at most, where it does not say so.
const (
	defaultPatience = 10 * time.Second
	defaultLimit    = 2 * time.Minute
	endLimit        = 15 * time.Second // for a program that was told to end
)

// Run runs the checks of a program, which [Checks.Bind] has filled in, and
// returns their results in the order of the checks.
func Run(ctx context.Context, program Program, checks Checks, o Options) []Result {
	if o.Parallel <= 0 {
		o.Parallel = 4 * runtime.GOMAXPROCS(0)
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Patience <= 0 {
		o.Patience = defaultPatience
	}
	if len(o.Only) > 0 {
		checks = slices.DeleteFunc(slices.Clone(checks), func(c *Check) bool { return !o.wants(c.Name) })
	}
	s := &session{options: o, program: program, results: make([]Result, len(checks)), free: make(chan struct{}, o.Parallel), done: map[string]chan struct{}{}}
	for _, c := range checks {
		s.done[c.Name] = make(chan struct{})
	}
	var all sync.WaitGroup
	for i, c := range checks {
		all.Go(func() { s.run(ctx, c, &s.results[i], checks) })
	}
	all.Wait()
	return s.results
}

// wants reports whether a check is among those to run.
func (o Options) wants(name string) bool {
	return slices.ContainsFunc(o.Only, func(only string) bool {
		check, _, _ := strings.Cut(only, "@")
		return check == name
	})
}

// variant is the one run of a check that is to be made, "" for all.
func (o Options) variant(name string) string {
	for _, only := range o.Only {
		if check, variant, ok := strings.Cut(only, "@"); ok && check == name {
			return variant
		}
	}
	return ""
}

// A session is a run of checks.
type session struct {
	options Options
	program Program
	results []Result
	free    chan struct{}
	done    map[string]chan struct{} // closed with each check's result
	telling sync.Mutex
}

// run runs a check as soon as those that it depends on have passed.
func (s *session) run(ctx context.Context, c *Check, result *Result, checks Checks) {
	defer close(s.done[c.Name])
	*result = Result{Check: c.Name, Status: NotReached, Seed: s.options.Seed}
	for _, name := range c.Depends {
		done, runs := s.done[name]
		if !runs {
			continue
		}
		<-done
		i := slices.IndexFunc(checks, func(other *Check) bool { return other.Name == name })
		if s.results[i].Status != Passed {
			result.Because = name
			s.tell(*result)
			return
		}
	}
	select {
	case s.free <- struct{}{}:
		defer func() { <-s.free }()
	case <-ctx.Done():
	}
	if ctx.Err() == nil {
		s.attempt(ctx, c, result)
	}
	s.tell(*result)
}

func (s *session) tell(r Result) {
	if s.options.Done != nil {
		s.telling.Lock()
		defer s.telling.Unlock()
		s.options.Done(r)
	}
}

// attempt makes the runs of a check, until one fails.
func (s *session) attempt(ctx context.Context, c *Check, result *Result) {
	begun := time.Now()
	defer func() { result.Took = time.Since(begun) }()
	limit := c.plan.limit
	if limit == 0 {
		limit = defaultLimit
	}
	inTime, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	result.Status = Passed
	only := s.options.variant(c.Name)
	for n := 1; ; n++ {
		v := variant{seed: s.options.Seed}
		switch {
		case c.plan.fails != nil:
			v.name, v.net = fmt.Sprintf("fail-once=%d", n), []string{fmt.Sprintf("fail-once=%d", n)}
		case c.plan.seeds > 1:
			v.seed += uint64(n - 1)
			v.name = fmt.Sprintf("seed=%d", v.seed)
		}
		last := c.plan.fails == nil && n >= c.plan.seeds
		if only == "" || only == v.name {
			last = s.once(inTime, c, v, result) || last
		}
		switch {
		case ctx.Err() != nil && result.Status == Failed: // it was not the program
			*result = Result{Check: c.Name, Status: NotReached, Seed: s.options.Seed}
			return
		case result.Status == Failed || last || only == v.name:
			if f := c.plan.fails; f != nil && result.Status == Passed && only == "" && n <= f.least {
				result.fail(&failure{
					say("Had each socket call fail, one in each run", "让每个 socket 调用失败，每次运行一个"),
					say("at least %d calls", "至少 %d 个调用", f.least), say("%d calls", "%d 个调用", n-1),
				})
			}
			return
		case c.plan.fails != nil && n >= c.plan.fails.most:
			result.fail(&failure{
				say("Had each socket call fail, one in each run", "让每个 socket 调用失败，每次运行一个"),
				say("at most %d calls", "最多 %d 个调用", c.plan.fails.most), say("more", "更多"),
			})
			return
		}
	}
}

func (r *Result) fail(f *failure) {
	r.Status, r.Did, r.Expected, r.Came = Failed, f.did, f.expected, f.came
}

// A variant is one of the runs of a check.
type variant struct {
	name string // "" for the only one
	seed uint64
	net  []string
}

// once runs a check's program once, and reports whether there is nothing more to
// try: no call was left to fail.
func (s *session) once(ctx context.Context, c *Check, v variant, result *Result) (last bool) {
	p := c.plan
	result.Seed = v.seed
	t := &timeline{begun: time.Now()}
	if s.options.Line != nil {
		t.told = func(l Line) { s.options.Line(c.Name, l) }
	}
	defer func() { result.Timeline = t.lines() }()
	host, err := newHost(p.steps)
	if err != nil {
		result.fail(&failure{say("Prepared the peer", "准备对端"), say("free ports on this PC", "本机有空闲端口"), words(err)})
		return true
	}
	defer host.close()

	watches := map[*step]*watch{}
	var list []*watch
	restarts := false
	for st := range every(p.steps) {
		if w := watchOf(st); w != nil {
			watches[st] = w
			list = append(list, w)
		}
		restarts = restarts || st.action.name == "restart"
	}
	r := &runner{
		ctx: ctx, host: host, patience: s.options.Patience, watches: watches,
		conns: map[string]*connection{}, marks: map[string]int64{}, numbers: map[string]int{},
	}
	before := 0 // the steps that are taken before the program starts
	r.device = &device{timeline: t}
	for before < len(p.steps) && slices.Contains([]string{"listen", "refuse"}, p.steps[before].action.name) {
		before++
	}
	f := r.steps(p.steps[:before])
	if f != nil {
		result.fail(f)
		return true
	}
	r.device = start(ctx, s.program, hostsdk.RunOptions{
		Calls: true,
		Scenario: hostsdk.Scenario{
			WiFi: p.wifi, Net: slices.Concat(p.net, v.net), Port: -1, Seed: v.seed, Servers: host.servers(),
		},
	}, list, t)
	defer r.device.stop()
	f = r.steps(p.steps[before:])
	for _, conn := range r.conns {
		conn.Close()
	}
	wrong, findings := r.device.end(endLimit)
	result.Waited += r.waited
	result.Findings = findings
	r.device.mu.Lock()
	restarted, failedCall := r.device.restarts, r.device.failed
	r.device.mu.Unlock()
	switch {
	case f != nil:
		f.came = join(f.came, wrong)
	case !p.clean:
	case wrong != nil:
		f = &failure{say("Ran the program to its end", "运行程序直到结束"), say("no crash, and no error that the sanitizers find", "不崩溃，也没有 sanitizer 发现的错误"), wrong}
	case restarted > 0 && !restarts:
		f = &failure{say("Ran the program to its end", "运行程序直到结束"), say("the program does not restart the device", "程序不重启设备"), say("it has restarted %d times", "它重启了 %d 次", restarted)}
	}
	if f != nil {
		result.fail(f)
		result.Variant = v.name
	}
	return p.fails != nil && !failedCall
}

// isOwn reports whether a file is one of the project's: those have the names that
// they have in its folder, and the host SDK's have its own.
func isOwn(file string) bool {
	return filepath.IsLocal(filepath.FromSlash(file)) && !strings.HasPrefix(file, "hostsdk/src/")
}
