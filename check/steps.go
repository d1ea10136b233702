package check

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/espgen/espgen/hostsdk"
)

// A failure is why a step has not succeeded.
type failure struct{ did, expected, came Text }

// A runner takes the steps of a check, one after the other.
type runner struct {
	ctx      context.Context
	device   *device
	host     *host
	patience time.Duration
	watches  map[*step]*watch
	conns    map[string]*connection
	marks    map[string]int64
	numbers  map[string]int // of the loops around the step
	waited   time.Duration
}

// every is all steps, those within steps included.
func every(steps []*step) iter.Seq[*step] {
	return func(yield func(*step) bool) { visit(steps, yield) }
}

func visit(steps []*step, yield func(*step) bool) bool {
	for _, s := range steps {
		below := s.do()
		if inner, ok := s.args["of"].(*step); ok {
			below = []*step{inner}
		}
		if !yield(s) || !visit(below, yield) {
			return false
		}
	}
	return true
}

func (r *runner) steps(steps []*step) *failure {
	for _, s := range steps {
		if err := r.ctx.Err(); err != nil {
			return &failure{say("Ran the check", "运行检查"), say("it ends in time", "按时结束"), say("the time for the check was over", "检查的时间用完了")}
		}
		if f := s.action.run(r, s); f != nil {
			return f
		}
	}
	return nil
}

func (r *runner) say(format string, args ...any) {
	r.device.timeline.add(Peer, fmt.Sprintf(format, args...))
}

func (r *runner) limit(s *step) time.Duration { return s.time("within", r.patience) }

// await is the device's, with the time that it takes counted.
func (r *runner) await(limit time.Duration, is func() bool) bool {
	defer r.waiting()()
	return r.device.await(r.ctx, limit, is)
}

// waiting counts the time until the function that it returns is called.
func (r *runner) waiting() func() {
	from := time.Now()
	return func() { r.waited += time.Since(from) }
}

func (r *runner) text(s *step, name string) string { return fillLoops(s.text(name), r.numbers) }

func (r *runner) bytes(s *step) []byte { return []byte(fillLoops(string(s.bytes()), r.numbers)) }

// connection is the one of a step.
func (r *runner) connection(s *step) *connection { return r.conns[s.on] }

// The peer's actions ------------------------------------------------------

func (r *runner) connect(s *step) *failure {
	did := say("Connected to the program (connection %s)", "连接到程序（连接 %s）", s.on)
	end := time.Now().Add(r.limit(s))
	var at string
	listens := func() bool {
		for _, l := range slices.Backward(r.device.listens) {
			if s.text("family") == family(l.address) {
				at = l.address
				return true
			}
		}
		if s.text("family") == "ipv4" && len(r.device.listens) > 0 { // the only family that there is
			at = r.device.listens[len(r.device.listens)-1].address
			return true
		}
		return false
	}
	if !r.await(r.limit(s), listens) {
		return &failure{did, say("the program listens for connections", "程序在监听连接"), r.notYet(say("it does not listen", "它没有监听"))}
	}
	defer r.waiting()()
	dialer := net.Dialer{Deadline: end}
	conn, err := dialer.DialContext(r.ctx, "tcp", at)
	if err != nil {
		return &failure{did, say("the connection is made", "连接建立"), words(err)}
	}
	r.take(s.on, conn.(*net.TCPConn))
	r.say("connects (%s)", s.on)
	return nil
}

func family(address string) string {
	if strings.HasPrefix(address, "[") {
		return "ipv6"
	}
	return "ipv4"
}

// take has a connection be known by a name.
func (r *runner) take(name string, conn *net.TCPConn) {
	if old := r.conns[name]; old != nil {
		old.Close()
	}
	r.conns[name] = &connection{TCPConn: conn, name: name}
}

// notYet adds to what has not happened that the program has ended, if it has.
func (r *runner) notYet(what Text) Text {
	if r.device.hasEnded() {
		return join(what, say("the program has ended", "程序已经结束"))
	}
	return what
}

func (r *runner) listen(s *step) *failure {
	port := s.number("port", 0)
	if err := r.host.ports[port].listen(); err != nil {
		return &failure{say("Listened for the program", "为程序监听"), say("a free port", "空闲的端口"), words(err)}
	}
	r.say("listens as port %d", port)
	return nil
}

func (r *runner) refuse(s *step) *failure {
	r.host.ports[s.number("port", 0)].shut()
	r.say("refuses connections to port %d", s.number("port", 0))
	return nil
}

func (r *runner) accept(s *step) *failure {
	defer r.waiting()()
	ctx, cancel := context.WithTimeout(r.ctx, r.limit(s))
	defer cancel()
	ended := make(chan struct{})
	go func() {
		if r.device.await(ctx, r.limit(s), func() bool { return r.device.ended }) {
			close(ended)
		}
	}()
	select {
	case conn := <-r.host.arrivals:
		r.take(s.on, conn)
		r.say("accepts a connection (%s)", s.on)
		return nil
	case <-ended:
	case <-ctx.Done():
	}
	return &failure{
		say("Waited for a connection from the program", "等待程序的连接"), say("the program connects", "程序连接过来"),
		r.notYet(say("it has not connected", "它没有连接")),
	}
}

func (r *runner) send(s *step) *failure {
	defer r.waiting()()
	data := r.bytes(s)
	did := say("Sent %s on connection %s", "在连接 %[2]s 上发送了 %[1]s", amount(data), s.on)
	r.say("sends %s (%s)", quote(data), s.on)
	_, err := r.connection(s).writeAll(data, s.number("pieces", 1), s.time("pause", 0), time.Now().Add(r.limit(s)))
	if err != nil {
		return &failure{did, say("the program takes the bytes", "程序接收这些字节"), r.broken(err)}
	}
	return nil
}

// amount is bytes in a few words.
func amount(data []byte) Text {
	if len(data) <= maxQuoted {
		return say("%s", "%s", quote(data))
	}
	return say("%d bytes", "%d 字节", len(data))
}

// broken is what has become of a connection, and that the program has ended
// where that is the reason.
func (r *runner) broken(err error) Text {
	came := how(err)
	if came == nil {
		return words(err)
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		r.device.await(r.ctx, endGrace, func() bool { return r.device.ended })
	}
	return r.notYet(came)
}

// endGrace is how long a program whose connections are gone takes to end, with
// the sanitizers' report before it.
const endGrace = 300 * time.Millisecond

func (r *runner) expect(s *step) *failure {
	defer r.waiting()()
	conn := r.connection(s)
	var want []byte
	if s.truth("flooded") {
		want = pattern(maxFlood)[:conn.flooded]
	} else {
		want = r.bytes(s)
	}
	got := make([]byte, len(want))
	n, err := conn.readFull(got, time.Now().Add(r.limit(s)))
	if n > 0 {
		r.say("receives %s (%s)", quote(got[:n]), s.on)
	}
	did := say("Waited for data on connection %s", "在连接 %s 上等待数据", s.on)
	return r.compare(did, want, got[:n], err)
}

// compare holds bytes to what was wanted.
func (r *runner) compare(did Text, want, got []byte, err error) *failure {
	expected := amount(want)
	if len(want) > maxQuoted {
		expected = say("these %d bytes", "这 %d 个字节", len(want))
	}
	alike := 0
	for alike < len(got) && got[alike] == want[alike] {
		alike++
	}
	if alike < len(got) {
		came := say("%s", "%s", quote(got[alike:min(len(got), alike+40)]))
		if alike > 0 {
			came = say("from byte %d on other bytes: %s in place of %s", "从第 %d 个字节起不同：是 %s，而不是 %s",
				alike+1, quote(got[alike:min(len(got), alike+16)]), quote(want[alike:min(len(want), alike+16)]))
		}
		return &failure{did, expected, came}
	}
	if err == nil {
		return nil
	}
	came := r.broken(err)
	if len(got) > 0 {
		beginning := amount(got)
		if len(got) > maxQuoted {
			beginning = say("%d bytes, which are right", "%d 字节，都正确", len(got))
		}
		came = say("%s, and then: %s", "%s，然后：%s", beginning, came)
	}
	return &failure{did, expected, came}
}

func (r *runner) echo(s *step) *failure {
	defer r.waiting()()
	data, conn := r.bytes(s), r.connection(s)
	until := time.Now().Add(r.limit(s))
	r.say("sends %s (%s)", quote(data), s.on)
	sent := make(chan error, 1)
	go func() {
		_, err := conn.writeAll(data, s.number("pieces", 1), s.time("pause", 0), until)
		sent <- err
	}()
	got := make([]byte, len(data))
	n, err := conn.readFull(got, until)
	r.say("receives %s (%s)", quote(got[:n]), s.on)
	did := say("Sent %s on connection %s", "在连接 %[2]s 上发送了 %[1]s", amount(data), s.on)
	if f := r.compare(did, data, got[:n], err); f != nil {
		_ = conn.SetWriteDeadline(time.Now()) // the writer ends
		<-sent                                //nolint:errcheck // what it could not send is no matter here
		f.expected = say("the same bytes back", "同样的字节被送回")
		return f
	}
	if err := <-sent; err != nil {
		return &failure{did, say("the program takes the bytes", "程序接收这些字节"), r.broken(err)}
	}
	return nil
}

// maxFlood is more than the buffers of both sides hold.
const maxFlood = 64 << 20

func (r *runner) flood(s *step) *failure {
	conn := r.connection(s)
	if s.truth("goes-on") {
		r.say("begins to send without end (%s)", s.on)
		go func() {
			for data, err := pattern(64<<10), error(nil); err == nil && r.ctx.Err() == nil; {
				_, err = conn.Write(data)
			}
		}()
		return nil
	}
	defer r.waiting()()
	did := say("Sent without reading on connection %s", "在连接 %s 上只发送、不读取", s.on)
	if err := errors.Join(conn.SetReadBuffer(64<<10), conn.SetWriteBuffer(64<<10)); err != nil {
		return &failure{did, nil, words(err)}
	}
	silence := s.time("for", 500*time.Millisecond)
	for data := pattern(maxFlood); conn.flooded < len(data); {
		n, err := conn.writeAll(data[conn.flooded:min(len(data), conn.flooded+64<<10)], 1, 0, time.Now().Add(silence))
		conn.flooded += n
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			r.say("has sent %d bytes, and no more is taken (%s)", conn.flooded, s.on)
			return nil
		case err != nil:
			return &failure{did, say("the connection stays open", "连接保持打开"), r.broken(err)}
		}
	}
	return &failure{did, say("the program takes no more than it can keep", "程序接收的不超过它能保存的"), say("it took %d bytes", "它接收了 %d 字节", conn.flooded)}
}

func (r *runner) halfClose(s *step) *failure {
	r.say("ends its side (%s)", s.on)
	return r.did(say("Ended this side of connection %s", "结束连接 %s 的这一端", s.on), r.connection(s).CloseWrite())
}

func (r *runner) close(s *step) *failure {
	r.say("closes the connection (%s)", s.on)
	return r.did(say("Closed connection %s", "关闭连接 %s", s.on), r.connection(s).Close())
}

func (r *runner) reset(s *step) *failure {
	r.say("resets the connection (%s)", s.on)
	conn := r.connection(s)
	return r.did(say("Reset connection %s", "重置连接 %s", s.on), errors.Join(conn.SetLinger(0), conn.Close()))
}

func (r *runner) did(did Text, err error) *failure {
	if err == nil {
		return nil
	}
	return &failure{did, say("the connection is open", "连接打开着"), r.broken(err)}
}

func (r *runner) expectClose(s *step) *failure {
	defer r.waiting()()
	conn := r.connection(s)
	did := say("Waited for the end of connection %s", "等待连接 %s 结束", s.on)
	wanted := map[string]Text{
		"fin":   say("the program closes the connection", "程序关闭连接"),
		"reset": say("the program resets the connection", "程序重置连接"),
		"any":   say("the program ends the connection", "程序结束连接"),
	}[s.text("how")]
	until := time.Now().Add(r.limit(s))
	buffer := make([]byte, 64<<10)
	for {
		_ = conn.SetReadDeadline(until)
		n, err := conn.Read(buffer)
		if n > 0 && !s.truth("discard") {
			r.say("receives %s (%s)", quote(buffer[:n]), s.on)
			return &failure{did, wanted, say("first these bytes: %s", "先来了这些字节：%s", quote(buffer[:n]))}
		}
		if err == nil {
			continue
		}
		kind := map[bool]string{true: "fin", false: "reset"}[errors.Is(err, io.EOF)]
		if errors.Is(err, os.ErrDeadlineExceeded) || s.text("how") != "any" && s.text("how") != kind {
			came := how(err)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				came = say("it stays open", "它仍然打开着")
			}
			return &failure{did, wanted, r.notYet(cmpText(came, words(err)))}
		}
		r.say("sees the connection end: %s (%s)", kind, s.on)
		return nil
	}
}

func cmpText(a, b Text) Text {
	if a != nil {
		return a
	}
	return b
}

func (r *runner) silent(s *step) *failure {
	defer r.waiting()()
	d := s.time("for", 0)
	did := say("Said nothing for %v", "沉默了 %v", d)
	conn := r.connection(s)
	if conn == nil || s.truth("discard") {
		r.say("is silent for %v", d)
		if r.device.await(r.ctx, d, func() bool { return r.device.ended }) {
			return &failure{did, say("the program goes on", "程序继续运行"), say("the program has ended", "程序已经结束")}
		}
		return nil
	}
	r.say("is silent for %v (%s)", d, s.on)
	buffer := make([]byte, maxQuoted)
	_ = conn.SetReadDeadline(time.Now().Add(d))
	n, err := conn.Read(buffer)
	expected := say("nothing happens on connection %s", "连接 %s 上什么都不发生", s.on)
	switch {
	case n > 0:
		r.say("receives %s (%s)", quote(buffer[:n]), s.on)
		return &failure{did, expected, say("%s came", "来了 %s", quote(buffer[:n]))}
	case !errors.Is(err, os.ErrDeadlineExceeded) && !s.truth("may-end"):
		return &failure{did, expected, r.broken(err)}
	}
	return nil
}

// Loops -------------------------------------------------------------------

// inner is a runner for steps within a step, with connections of its own beside
// those that are open.
func (r *runner) inner(name string, n int) *runner {
	inner := *r
	inner.waited = 0
	inner.conns, inner.marks, inner.numbers = maps.Clone(r.conns), maps.Clone(r.marks), maps.Clone(r.numbers)
	if name != "" {
		inner.numbers[name] = n
	}
	return &inner
}

// leave closes what was opened in an inner runner.
func (r *runner) leave(inner *runner) {
	for name, conn := range inner.conns {
		if r.conns[name] != conn {
			conn.Close()
		}
	}
}

func (r *runner) clients(s *step) *failure {
	var all sync.WaitGroup
	failures := make([]*failure, s.number("count", 1))
	waits := make([]time.Duration, len(failures))
	inners := make([]*runner, len(failures))
	for i := range failures {
		inner := r.inner("client", i+1)
		inners[i] = inner
		all.Go(func() {
			if !s.truth("keep") {
				defer r.leave(inner)
			}
			failures[i] = inner.steps(s.do())
			waits[i] = inner.waited
		})
	}
	all.Wait()
	r.waited += slices.Max(waits)
	if s.truth("keep") {
		for i, inner := range inners {
			for name, conn := range inner.conns {
				if r.conns[name] != conn {
					r.conns[fmt.Sprintf("%s of client %d at line %d", name, i+1, s.line)] = conn // no step has such a name
				}
			}
		}
	}
	for i, f := range failures {
		if f != nil {
			f.did = say("Client %d of %d at once: %s", "同时 %[2]d 个客户端中的第 %[1]d 个：%[3]s", i+1, len(failures), f.did)
			return f
		}
	}
	return nil
}

func (r *runner) repeat(s *step) *failure {
	times := s.number("times", 1)
	for i := range times {
		inner := r.inner("round", i+1)
		f := inner.steps(s.do())
		r.leave(inner)
		r.waited += inner.waited
		if f != nil {
			f.did = say("Round %d of %d: %s", "第 %d 轮（共 %d 轮）：%s", i+1, times, f.did)
			return f
		}
	}
	return nil
}

// retryPause is the time between two tries.
const retryPause = 20 * time.Millisecond

func (r *runner) retry(s *step) *failure {
	for end := time.Now().Add(r.limit(s)); ; {
		inner := r.inner("", 0)
		inner.patience = max(time.Until(end), time.Millisecond)
		f := inner.steps(s.do())
		r.leave(inner)
		r.waited += inner.waited
		if f == nil || time.Now().After(end) || r.ctx.Err() != nil || r.device.hasEnded() {
			return f
		}
		time.Sleep(retryPause)
		r.waited += retryPause
	}
}

// Observations --------------------------------------------------------------

// observe waits until an observation has been made as often as it should.
func (r *runner) observe(s *step, expected Text) *failure {
	w := r.watch(s)
	want := s.number("count", 1)
	if r.await(r.limit(s), func() bool { return w.count >= want }) {
		return nil
	}
	if want > 1 {
		expected = say("%d times: %s", "%d 次：%s", want, expected)
	}
	r.device.mu.Lock()
	n := w.count
	r.device.mu.Unlock()
	came := say("it has not happened", "没有发生")
	if n > 0 {
		came = say("it has happened %d times", "发生了 %d 次", n)
	}
	return &failure{say("Watched the program", "观察程序"), expected, r.notYet(came)}
}

// watch is what counts for an observation. One with the number of a loop in it is
// made when it is needed, and looks at the log so far.
func (r *runner) watch(s *step) *watch {
	if w := r.watches[s]; w != nil {
		return w
	}
	w := &watch{line: lineOf(s, r.numbers)}
	r.device.tell(func() {
		for _, line := range r.device.lines {
			if w.line(line) {
				w.count++
			}
		}
		r.device.watches = append(r.device.watches, w)
	})
	return w
}

// inLoop reports whether a step's text has the number of a loop in it.
func inLoop(s *step) bool { return strings.Contains(s.text("text"), "\x00") }

// watchOf is the watch of an observation; nil for a step that is none.
func watchOf(s *step) *watch {
	switch {
	case !s.action.observe:
		return nil
	case s.action.name == "log" && inLoop(s):
		return nil
	case s.action.name == "log":
		return &watch{line: lineOf(s, nil)}
	}
	return &watch{event: func(e hostsdk.Event) bool { return fits(s, e) }}
}

func lineOf(s *step, numbers map[string]int) func(string) bool {
	if re := s.pattern("match"); re != nil {
		return re.MatchString
	}
	text := fillLoops(s.text("text"), numbers)
	return func(line string) bool { return strings.Contains(line, text) }
}

// fits reports whether an event is what an observation is about.
func fits(s *step, e hostsdk.Event) bool {
	is := func(name, value string) bool { return !s.given(name) || s.text(name) == value }
	switch s.action.name {
	case "listening":
		return e.Kind == hostsdk.EventListening && s.number("port", e.Port) == e.Port &&
			(s.text("family") == "any" || s.text("family") == family(e.Address))
	case "connecting":
		return e.Kind == hostsdk.EventConnecting && is("to", e.Instead)
	case "event":
		name := cmp.Or(e.Name, e.Base+":"+strconv.Itoa(e.ID))
		return e.Kind == hostsdk.EventEvent && is("name", name) && s.number("reason", e.Reason) == e.Reason
	case "call":
		return e.Kind == hostsdk.EventCall && slices.Contains(strings.Split(s.text("name"), "|"), e.Call) &&
			(!s.given("failed") || s.truth("failed") == (e.Error != "")) && int64(s.number("result", int(e.Result))) == e.Result &&
			(is("errno", e.Error) || is("errno", strconv.Itoa(e.Errno))) && is("task", e.Task) && (!s.given("not-task") || s.text("not-task") != e.Task) &&
			(!s.given("args") || s.pattern("args").MatchString(e.Args))
	case "note":
		return e.Kind == hostsdk.EventNote && lineOf(s, nil)(e.Text)
	case "restart":
		return e.Kind == hostsdk.EventRestart
	}
	return false
}

// about is an observation in words.
func (r *runner) about(s *step) Text {
	switch s.action.name {
	case "listening":
		if s.given("port") {
			return say("the program listens on port %d", "程序监听端口 %d", s.number("port", 0))
		}
		return say("the program listens", "程序在监听")
	case "connecting":
		if s.given("to") {
			return say("the program connects to %s", "程序连接到 %s", s.text("to"))
		}
		return say("the program connects", "程序发起连接")
	case "event":
		return say("the event %s", "事件 %s", s.text("name"))
	case "call":
		text := s.text("name") + "()"
		if re := s.pattern("args"); re != nil {
			text += " with arguments like " + re.String()
		}
		if s.given("result") {
			text += fmt.Sprintf(" = %d", s.number("result", 0))
		}
		if s.given("errno") {
			text += " " + s.text("errno")
		}
		return say("a call of %s", "一次调用 %s", text)
	case "note":
		if re := s.pattern("match"); re != nil {
			return say("a note of the host SDK like %s", "host SDK 的与 %s 匹配的提示", re.String())
		}
		return say("the host SDK's note %s", "host SDK 的提示 %s", quote([]byte(s.text("text"))))
	case "restart":
		return say("the program restarts the device", "程序重启设备")
	}
	if re := s.pattern("match"); re != nil {
		return say("a line of the log like %s", "一行与 %s 匹配的日志", re.String())
	}
	return say("a line of the log with %s", "一行含有 %s 的日志", quote([]byte(r.text(s, "text"))))
}

func (r *runner) listening(s *step) *failure {
	f := r.observe(s, r.about(s))
	if f == nil {
		return nil
	}
	r.device.mu.Lock()
	defer r.device.mu.Unlock()
	if n := len(r.device.listens); n > 0 && s.given("port") && r.device.listens[n-1].port != s.number("port", 0) {
		f.came = say("it listens on port %d", "它监听端口 %d", r.device.listens[n-1].port)
	}
	return f
}

func (r *runner) connecting(s *step) *failure { return r.observe(s, r.about(s)) }
func (r *runner) event(s *step) *failure      { return r.observe(s, r.about(s)) }
func (r *runner) call(s *step) *failure       { return r.observe(s, r.about(s)) }
func (r *runner) note(s *step) *failure       { return r.observe(s, r.about(s)) }
func (r *runner) log(s *step) *failure        { return r.observe(s, r.about(s)) }
func (r *runner) restart(s *step) *failure    { return r.observe(s, r.about(s)) }

func (r *runner) never(s *step) *failure {
	inner, _ := s.args["of"].(*step)
	w := r.watch(inner)
	r.device.mu.Lock()
	n := w.count
	r.device.mu.Unlock()
	if n < inner.number("count", 1) {
		return nil
	}
	expected := say("not this: %s", "不应出现：%s", r.about(inner))
	if most := inner.number("count", 1); most > 1 {
		expected = say("less than %d times: %s", "少于 %d 次：%s", most, r.about(inner))
	}
	return &failure{say("Watched the program", "观察程序"), expected, say("it has happened %d times", "发生了 %d 次", n)}
}

// State -------------------------------------------------------------------

// statePause is the time between two looks at what a program has.
const statePause = 10 * time.Millisecond

// settle looks at the program until a condition holds, which says in words what
// is there where it does not.
func (r *runner) settle(s *step, did, expected Text, is func(hostsdk.Event) (came Text, ok bool)) *failure {
	defer r.waiting()()
	pause := statePause
	for end := time.Now().Add(r.limit(s)); ; {
		state, known := r.device.look(r.ctx, max(time.Until(end), time.Second))
		if !known {
			return &failure{did, expected, r.notYet(say("it does not tell", "没有得到回答"))}
		}
		came, ok := is(state)
		if ok {
			return nil
		}
		if time.Now().Add(pause).After(end) || r.ctx.Err() != nil {
			return &failure{did, expected, came}
		}
		time.Sleep(pause)
		pause = min(2*pause, 20*statePause)
	}
}

func (r *runner) options(s *step) *failure {
	of := s.text("of")
	did := say("Read the options of the sockets that are %s", "读取状态为 %s 的 socket 的选项", of)
	var wanted []string
	for _, arg := range s.action.args {
		if v, ok := s.args[arg.name].(int); ok {
			wanted = append(wanted, fmt.Sprintf("%s %d", arg.name, v))
		}
	}
	expected := say("%s", "%s", strings.Join(wanted, ", "))
	return r.settle(s, did, expected, func(e hostsdk.Event) (Text, bool) {
		found, wrong := 0, ""
		for _, socket := range e.Sockets {
			if socket.State != of {
				continue
			}
			found++
			values := valuesOf(socket)
			for _, arg := range s.action.args {
				want, ok := s.args[arg.name].(int)
				if ok && values[arg.name] != want {
					wrong = cmp.Or(wrong, fmt.Sprintf("%s %d", arg.name, values[arg.name]))
				}
			}
		}
		if found == 0 {
			return say("no socket is %s", "没有状态为 %s 的 socket", of), false
		}
		return say("%s", "%s", wrong), wrong == ""
	})
}

// valuesOf are the options of a socket by their names.
func valuesOf(s hostsdk.SocketState) map[string]int {
	values := map[string]int{}
	text, _ := json.Marshal(s.Options) // which has the names, and whole numbers only
	_ = json.Unmarshal(text, &values)
	values["backlog"], values["port"] = s.Backlog, s.Port
	return values
}

func (r *runner) sockets(s *step) *failure {
	var wanted []string
	for _, state := range append(slices.Clone(socketStates), "total") {
		if s.given(state) {
			wanted = append(wanted, fmt.Sprintf("%s %d", state, s.number(state, 0)))
		}
	}
	return r.settle(s, say("Counted the program's sockets", "清点程序的 socket"), say("%s", "%s", strings.Join(wanted, ", ")), func(e hostsdk.Event) (Text, bool) {
		counts := map[string]int{"total": len(e.Sockets)}
		for _, socket := range e.Sockets {
			counts[socket.State]++
		}
		var there []string
		right := true
		for _, state := range append(slices.Clone(socketStates), "total") {
			if !s.given(state) {
				continue
			}
			there = append(there, fmt.Sprintf("%s %d", state, counts[state]))
			right = right && counts[state] == s.number(state, 0)
		}
		return say("%s", "%s", strings.Join(there, ", ")), right
	})
}

func (r *runner) tasks(s *step) *failure {
	var wanted []string
	for _, name := range s.names("running") {
		wanted = append(wanted, name+" runs")
	}
	for _, name := range s.names("ended") {
		wanted = append(wanted, name+" has ended")
	}
	if s.given("total") {
		wanted = append(wanted, fmt.Sprintf("%d tasks", s.number("total", 0)))
	}
	return r.settle(s, say("Looked at the program's tasks", "查看程序的任务"), say("%s", "%s", strings.Join(wanted, ", ")), func(e hostsdk.Event) (Text, bool) {
		var running []string
		for _, task := range e.Tasks {
			running = append(running, printable(task.Name))
		}
		right := !s.given("total") || len(running) == s.number("total", 0)
		for _, name := range s.names("running") {
			right = right && slices.Contains(running, name)
		}
		for _, name := range s.names("ended") {
			right = right && !slices.Contains(running, name)
		}
		if len(running) == 0 {
			return say("no task runs", "没有任务在运行"), right
		}
		return say("running: %s", "正在运行：%s", strings.Join(running, ", ")), right
	})
}

func (r *runner) markHeap(s *step) *failure {
	defer r.waiting()()
	did := say("Looked at the program's heap", "查看程序的堆")
	state, known := r.device.look(r.ctx, r.patience)
	if !known {
		return &failure{did, say("an answer", "回答"), r.notYet(say("it does not tell", "没有得到回答"))}
	}
	r.marks[s.text("as")] = state.Heap
	r.say("the program holds %d bytes of heap (%s)", state.Heap, s.text("as"))
	return nil
}

func (r *runner) heap(s *step) *failure {
	most := r.marks[s.text("since")] + int64(s.number("grown", 0))
	return r.settle(s, say("Looked at the program's heap", "查看程序的堆"), say("at most %d bytes held", "最多占用 %d 字节", most), func(e hostsdk.Event) (Text, bool) {
		return say("%d bytes held", "占用 %d 字节", e.Heap), e.Heap <= most
	})
}
