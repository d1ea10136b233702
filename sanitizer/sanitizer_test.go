package sanitizer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// reports has, for each report of testdata, what gcc's and clang's runtime have
// in common: the findings as told tells them.
var reports = map[string]string{
	"bad_free":         "bad-free: frees memory that malloc() did not allocate; main/main.c:12 app_main, calling free; declared buf main/main.c:10 app_main",
	"div":              "undefined-behavior: undefined behaviour: division by zero; main/main.c:11 app_main",
	"double_free":      "double-free: frees a block of the heap a second time; main/main.c:12 app_main, calling free; freed main/main.c:11 app_main; allocated main/main.c:10 app_main",
	"global_overflow":  "global-buffer-overflow: writes 4 bytes, past the end of table, which has 16 bytes; main/main.c:13 app_main; declared table main/main.c:8",
	"huge":             "allocation-size-too-big: allocates more than there can be; main/main.c:11 app_main, calling malloc",
	"leak":             "leak: memory leak: 300 bytes in 3 blocks of the heap, never freed and no longer reachable; allocated main/main.c:8 keep\nleak: memory leak: 2 bytes in 1 block of the heap, never freed and no longer reachable; allocated main/main.c:12 app_main",
	"memcpy_stack":     "stack-buffer-overflow: writes 21 bytes, past the end of small, which has 8 bytes; main/main.c:13 app_main, calling strcpy; declared small main/main.c:11 app_main",
	"negative":         "negative-size-param: a size is negative: -1; main/main.c:12 app_main, calling memcpy; declared b main/main.c:10 app_main",
	"no_return":        "undefined-behavior: undefined behaviour: execution reached an unreachable program point; main/main.c:8 value",
	"null_deref":       "undefined-behavior: undefined behaviour: member access within null pointer of type 'struct s'; main/main.c:9 get",
	"null_memcpy":      "undefined-behavior: undefined behaviour: null pointer passed as argument 1, which is declared to never be null; main/main.c:11 app_main",
	"overflow":         "undefined-behavior: undefined behaviour: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'; main/main.c:11 app_main",
	"overlap":          "memcpy-param-overlap: memcpy() is given memory that overlaps; use memmove(); main/main.c:12 app_main, calling memcpy",
	"recursion":        "stack-overflow: the task's stack is used up: is there a recursion without end, or a large array?; main/main.c:8 deep",
	"send_overread":    "heap-buffer-overflow: reads 20 bytes, past the end of a block of 8 bytes; main/main.c:15 app_main, calling memcpy; allocated main/main.c:11 app_main",
	"shift":            "undefined-behavior: undefined behaviour: shift exponent 33 is too large for 32-bit type 'int'; main/main.c:11 app_main",
	"strlen_heap":      "heap-buffer-overflow: reads 5 bytes, past the end of a block of 4 bytes; main/main.c:12 app_main, calling strlen; allocated main/main.c:10 app_main",
	"underflow":        "heap-buffer-overflow: writes 1 byte, before the start of a block of 16 bytes; main/main.c:11 app_main; allocated main/main.c:10 app_main",
	"use_after_free":   "heap-use-after-free: reads 1 byte of a block of the heap after it was freed; main/main.c:13 app_main; freed main/main.c:8 done; allocated main/main.c:11 app_main",
	"use_after_return": "stack-use-after-return: reads 1 byte of text, a local variable of a function that has returned; main/main.c:13 app_main; declared text main/main.c:9 local",
	"use_after_scope":  "stack-use-after-scope: reads 4 bytes of x, a local variable outside the block that it belongs to; main/main.c:12 app_main; declared x main/main.c:11 app_main",
	"wild":             "SEGV: writes through a pointer to no memory: 0x12345670; main/main.c:11 app_main",

	// What the two call differently.
	"gcc-12/heap_overflow":   "undefined-behavior: undefined behaviour: store to address 0x60200000001a with insufficient space for an object of type 'char'; main/main.c:8 fill",
	"clang-14/heap_overflow": "heap-buffer-overflow: writes 1 byte, past the end of a block of 10 bytes; main/main.c:8 fill; allocated main/main.c:11 app_main",
	"gcc-12/index":           "undefined-behavior: undefined behaviour: index 4 out of bounds for type 'int [4]'; main/main.c:12 app_main",
	"clang-14/index":         "undefined-behavior: undefined behaviour: index 4 out of bounds for type 'int[4]'; main/main.c:12 app_main",
	"gcc-12/misaligned":      "undefined-behavior: undefined behaviour: load of misaligned address 0x7f364c1ff041 for type 'int', which requires 4 byte alignment; main/main.c:12 app_main",
	"clang-14/misaligned":    "undefined-behavior: undefined behaviour: load of misaligned address 0x7f11d4dff021 for type 'int', which requires 4 byte alignment; main/main.c:12 app_main",
}

// inMain reports whether a file is of the projects of testdata.
func inMain(file string) bool { return strings.HasPrefix(file, "main/") }

// told writes findings in a line each.
func told(findings []Finding) string {
	var lines []string
	for _, f := range findings {
		line := f.Kind + ": " + f.What
		if f.At.File != "" {
			line += "; " + where(f.At)
		}
		if f.Calling != "" {
			line += ", calling " + f.Calling
		}
		for _, o := range f.Memory {
			line += "; " + strings.Join(strings.Fields(o.Verb+" "+o.Name+" "+where(o.Place)), " ")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func where(p Place) string {
	return strings.TrimSpace(fmt.Sprintf("%s:%d %s", p.File, p.Line, p.Function))
}

// readReports reads testdata: the name of a report is that of the compiler and of the case.
func readReports(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no reports", err)
	}
	texts := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(filepath.Dir(file))+"/"+strings.TrimSuffix(filepath.Base(file), ".txt")] = string(text)
	}
	return texts
}

func TestParse(t *testing.T) {
	for name, text := range readReports(t) {
		want, ok := reports[name]
		if !ok {
			want = reports[filepath.Base(name)]
		}
		if got := told(Parse(text, inMain)); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, want)
		}
		if first, _, _ := strings.Cut(text, "\n"); first != "" && !Starts(first) {
			t.Errorf("%s: %q begins no report", name, first)
		}
	}
}

// TestNewerWords has reports in the words of LLVM from 16 on and gcc from 14 on.
func TestNewerWords(t *testing.T) {
	newer := strings.NewReplacer(" to the right of ", " after ", " to the left of ", " before ")
	for name, text := range readReports(t) {
		if got, want := told(Parse(newer.Replace(text), inMain)), told(Parse(text, inMain)); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, want)
		}
	}
}

// TestCutOff has reports that end anywhere: there is a finding or none, and no
// line that the report does not have.
func TestCutOff(t *testing.T) {
	for name, text := range readReports(t) {
		for end := 0; end < len(text); end += 7 {
			for _, f := range Parse(text[:end], inMain) {
				if f.Kind == "" || f.What == "" {
					t.Fatalf("%s: %+v is nothing, of\n%s", name, f, text[:end])
				}
			}
		}
	}
}

// TestSanitizerFails has what a sanitizer says that cannot do its work: it is no
// finding, and does not pass for what the program says.
func TestSanitizerFails(t *testing.T) {
	for _, line := range []string{"==12==LeakSanitizer has encountered a fatal error.", "==12==AddressSanitizer CHECK failed: asan_thread.cpp:1", "==12== ERROR: unknown flag"} {
		if !Starts(line) || Parse(line, inMain) != nil {
			t.Errorf("%q: Starts %v, %v", line, Starts(line), Parse(line, inMain))
		}
	}
}

// TestOtherText has what is no report, and lines that only look like one.
func TestOtherText(t *testing.T) {
	for _, line := range []string{
		"", "hello\n", "I (12) tcp_server: Received 3 bytes: a=1", "=====", "main.c:12: here", "runtime error: no place before it",
		"==12==WARNING: ASan is ignoring requested __asan_handle_no_return",
	} {
		if Starts(line) {
			t.Errorf("%q is taken for the beginning of a report", line)
		}
		if got := Parse(line, inMain); got != nil {
			t.Errorf("%q has %v", line, got)
		}
	}
}

// TestManyLeaks tells the first leaks and how many others there are.
func TestManyLeaks(t *testing.T) {
	report := "==1==ERROR: LeakSanitizer: detected memory leaks\n" +
		strings.Repeat("\nDirect leak of 8 byte(s) in 1 object(s) allocated from:\n    #0 0x1 in f main/main.c:3\n", 7)
	got := Parse(report, inMain)
	if len(got) != maxLeaks || !strings.HasSuffix(got[maxLeaks-1].What, "; 2 more leaks") {
		t.Errorf("got %s", told(got))
	}
}

// TestNoLineOfProject has a report whose lines are all of others.
func TestNoLineOfProject(t *testing.T) {
	text, err := os.ReadFile("testdata/gcc-12/double_free.txt")
	if err != nil {
		t.Fatal(err)
	}
	got := told(Parse(string(text), func(string) bool { return false }))
	if want := "double-free: frees a block of the heap a second time"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
