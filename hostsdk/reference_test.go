//go:build linux

package hostsdk_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

func reference(t *testing.T) hostsdk.Reference {
	t.Helper()
	r, err := hostsdk.LoadReference()
	must(t, err)
	return r
}

// numbers reads the names and numbers that a form finds in a file.
func numbers(t *testing.T, name, form string) map[string]int {
	t.Helper()
	text, err := os.ReadFile(name)
	must(t, err)
	found := map[string]int{}
	for _, m := range regexp.MustCompile(form).FindAllStringSubmatch(string(text), -1) {
		n, err := strconv.Atoi(m[2])
		must(t, err)
		found[m[1]] = n
	}
	if len(found) < 5 {
		t.Fatalf("%s has only %v", name, found)
	}
	return found
}

// TestReferenceHasTheHeadersNumbers holds names and numbers to the headers, and
// wants an entry for each reason, and for each error that the SDK can give.
func TestReferenceHasTheHeadersNumbers(t *testing.T) {
	r := reference(t)
	errnos := numbers(t, "include/errno.h", `(?m)^#define (E\w+)\s+(\d+)$`)
	eai := numbers(t, "include/lwip/netdb.h", `(?m)^#define (EAI_\w+)\s+(\d+)$`)
	reasons := numbers(t, "include/esp_wifi_types.h", `(WIFI_REASON_\w+) = (\d+),`)
	given := numbers(t, "src/sockets.h", `ESP_(E\w+) = (\d+)`)
	for _, e := range r.Errnos {
		header := errnos
		if e.Of == "getaddrinfo" {
			header = eai
		}
		if header[e.Name] != e.Number {
			t.Errorf("%s is %d, and %d in the headers", e.Name, e.Number, header[e.Name])
		}
	}
	for _, list := range []map[string]int{eai, given} {
		for name := range list {
			if r.Errno(name).Number == 0 {
				t.Errorf("there is no entry for %s", name)
			}
		}
	}
	for _, reason := range r.Reasons {
		if n, ok := reasons[reason.Name]; ok != (reason.Since == "") || ok && n != reason.Number {
			t.Errorf("%s is %d, and %d in the header (%v)", reason.Name, reason.Number, n, ok)
		}
	}
	for name := range reasons {
		if len(r.Lookup(name).Reasons) != 1 {
			t.Errorf("there is no entry for %s", name)
		}
	}
}

// TestReferenceHasTheSDKsNames wants the SDK's own table of reasons to be that
// of the reference, and its explanations to be of errors that the reference has
// for the call.
func TestReferenceHasTheSDKsNames(t *testing.T) {
	r := reference(t)
	names, err := os.ReadFile("src/names.c")
	must(t, err)
	for _, reason := range r.Reasons {
		own := `{ ` + strconv.Itoa(reason.Number) + `, "` + reason.Name + `" }`
		if !strings.Contains(string(names), "NAME("+reason.Name+")") && !strings.Contains(string(names), own) {
			t.Errorf("names.c lacks %s", reason.Name)
		}
	}
	for _, e := range r.Errnos {
		if !strings.Contains(string(names), "NAME("+e.Name+")") {
			t.Errorf("names.c lacks %s", e.Name)
		}
	}
	source, err := os.ReadFile("src/explain.c")
	must(t, err)
	explained := regexp.MustCompile(`(?m)^    \{ "(\w+)", (\w+), `).FindAllStringSubmatch(string(source), -1)
	if len(explained) < 20 {
		t.Fatalf("only %d explanations were found", len(explained))
	}
	for _, m := range explained {
		calls := r.Lookup(m[1]).Calls
		if len(calls) != 1 || !slices.ContainsFunc(calls[0].Errors, func(e hostsdk.CallError) bool { return e.Name == m[2] }) {
			t.Errorf("%s has no %s", m[1], m[2])
		}
	}
	for _, c := range r.Calls {
		for _, e := range c.Errors {
			if r.Errno(e.Name).Number == 0 {
				t.Errorf("%s: there is no entry for %s", c.Name, e.Name)
			}
		}
	}
}

// TestReferenceHasEachCall wants each call that is traced, with its prototype of
// the header.
func TestReferenceHasEachCall(t *testing.T) {
	r := reference(t)
	source, err := os.ReadFile("src/calls.c")
	must(t, err)
	traced := regexp.MustCompile(`(?:HOST_CALL_BEGIN|receive|transmit)\("(\w+)"`).FindAllStringSubmatch(string(source), -1)
	if len(traced) < 18 {
		t.Fatalf("only %d calls were found", len(traced))
	}
	for _, m := range traced {
		if len(r.Lookup(m[1]).Calls) != 1 {
			t.Errorf("there is no entry for %s", m[1])
		}
	}
	var headers strings.Builder
	for _, name := range []string{"lwip/sockets.h", "lwip/netdb.h", "unistd.h", "fcntl.h", "sys/select.h", "sys/ioctl.h"} {
		text, err := os.ReadFile("include/" + name)
		must(t, err)
		headers.Write(text)
	}
	flat := strings.ReplaceAll(strings.Join(strings.Fields(headers.String()), " "), "lwip_", "") // lwip_send is send
	for _, c := range r.Calls {
		if !strings.Contains(flat, c.Prototype) {
			t.Errorf("no header has %s", c.Prototype)
		}
	}
}

// TestReferenceIsWritten wants each entry to say something, without a stop.
func TestReferenceIsWritten(t *testing.T) {
	r := reference(t)
	check := func(name string, texts ...string) {
		for _, text := range texts {
			if text == "" || strings.HasSuffix(text, ".") {
				t.Errorf("%s says %q", name, text)
			}
		}
	}
	for _, e := range r.Errnos {
		check(e.Name, e.Means, e.Do)
	}
	for _, c := range r.Calls {
		check(c.Name, c.Does, c.Returns)
		for _, e := range c.Errors {
			check(c.Name+" "+e.Name, e.When)
		}
	}
	for _, reason := range r.Reasons {
		check(reason.Name, reason.Means, reason.Do)
	}
}
