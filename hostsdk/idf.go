package hostsdk

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the headers
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// The public headers of ESP-IDF 5.1, 5.5 and 6.0: the program in idf writes it.
//
//go:embed idf/headers.txt.gz
var idfHeaderList []byte

// An idfHeader is a header of ESP-IDF.
type idfHeader struct {
	name       string
	components []idfComponent
	functions  []string
}

// An idfComponent has a header in some versions of ESP-IDF.
type idfComponent struct {
	name     string
	versions []string
}

// idfHeaders are ESP-IDF's headers, sorted by name. They are read where an
// error asks for them.
var idfHeaders = sync.OnceValues(func() ([]idfHeader, error) {
	r, err := gzip.NewReader(bytes.NewReader(idfHeaderList))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(r)
	var headers []idfHeader
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		h := idfHeader{name: fields[0], functions: strings.Fields(fields[2])}
		for c := range strings.SplitSeq(fields[1], ",") {
			words := strings.Fields(c)
			h.components = append(h.components, idfComponent{words[0], words[1:]})
		}
		headers = append(headers, h)
	}
	return headers, err
})

// headerOfIDF finds a header of ESP-IDF.
func headerOfIDF(name string) (idfHeader, bool) {
	headers, err := idfHeaders()
	i, ok := slices.BinarySearchFunc(headers, name, func(h idfHeader, name string) int { return strings.Compare(h.name, name) })
	if err != nil || !ok {
		return idfHeader{}, false
	}
	return headers[i], true
}

// declaredByIDF finds the header of ESP-IDF that declares a function, "" for
// none.
func declaredByIDF(function string) string {
	headers, _ := idfHeaders()
	for _, h := range headers {
		if slices.Contains(h.functions, function) {
			return h.name
		}
	}
	return ""
}

// declaredHere finds the header of the host SDK that declares a function or a
// macro, "" for none.
func declaredHere(function string) (header string) {
	form := regexp.MustCompile(`(?m)^(?:#define |[A-Za-z_][\w *]*[ *])` + regexp.QuoteMeta(function) + `\(`)
	_ = fs.WalkDir(files, "include", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		if err == nil && form.Match(text) {
			header = strings.TrimPrefix(name, "include/")
			return fs.SkipAll
		}
		return err
	})
	return header
}
