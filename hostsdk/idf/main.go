// Command idf lists facts of ESP-IDF, from a clone of its repository: the public
// headers with their components and functions, in headers.txt.gz, and what each
// chip has, in soc_caps.txt.gz.
//
//	go run ./hostsdk/idf -git ESP-IDF/.git -o hostsdk/idf 5.1=v5.1.7 5.5=v5.5.5 6.0=v6.0.2
//
// A line of headers is HEADER<TAB>COMPONENT VERSION...,COMPONENT VERSION...<TAB>FUNCTION...
// What is in a component's folders include, and beside its CMakeLists.txt, is
// taken to be public. Headers of git
// submodules are not in the clone: those that projects ask for stand below. A line of
// soc_caps is TARGET<TAB>OPTION=VALUE..., of ESP-IDF 5.5.
package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// submodules are headers that a clone without submodules lacks.
var submodules = map[string]map[string][]string{
	"cJSON.h":               {"json": {"5.1", "5.5"}},
	"mqtt_client.h":         {"mqtt": {"5.1", "5.5"}},
	"mbedtls/aes.h":         {"mbedtls": {"5.1", "5.5", "6.0"}},
	"mbedtls/base64.h":      {"mbedtls": {"5.1", "5.5", "6.0"}},
	"mbedtls/md.h":          {"mbedtls": {"5.1", "5.5", "6.0"}},
	"mbedtls/sha256.h":      {"mbedtls": {"5.1", "5.5", "6.0"}},
	"mbedtls/ssl.h":         {"mbedtls": {"5.1", "5.5", "6.0"}},
	"mbedtls/x509_crt.h":    {"mbedtls": {"5.1", "5.5", "6.0"}},
	"lwip/ip_addr.h":        {"lwip": {"5.1", "5.5", "6.0"}},
	"lwip/tcp.h":            {"lwip": {"5.1", "5.5", "6.0"}},
	"lwip/udp.h":            {"lwip": {"5.1", "5.5", "6.0"}},
	"lwip/sys.h":            {"lwip": {"5.1", "5.5", "6.0"}},
	"lwip/def.h":            {"lwip": {"5.1", "5.5", "6.0"}},
	"lwip/inet.h":           {"lwip": {"5.1", "5.5", "6.0"}},
	"argtable3/argtable3.h": {"console": {"5.1", "5.5", "6.0"}},
}

// A header is what is known of one.
type header struct {
	components map[string][]string // their versions
	functions  map[string]bool
}

var (
	public   = regexp.MustCompile(`^components/([\w-]+)/(?:(?:[\w.-]+/)*include/(?:apps/|api/)?|deprecated/|vfs/|diskio/|)([\w./-]+\.h)$`)
	atRoot   = regexp.MustCompile(`^components/[\w-]+/\w+\.h$|/include/|/deprecated/|/fatfs/(?:vfs|diskio)/`)
	private  = regexp.MustCompile(`/(?:test|tests|test_apps|host_test|private_include|examples|esp_private|platform_include|bootloader|subproject|proto-c|sim|bta|btc|stack|hci|nimble)/`)
	nearChip = regexp.MustCompile(`^components/(?:soc|hal|esp_rom|xtensa|riscv|esp_hal_\w+)/`) // its functions are not for applications
	function = regexp.MustCompile(`(?m)^[A-Za-z_][\w \t*]*[ \t*]([a-zA-Z]\w+)\(`)
)

func main() {
	git := flag.String("git", "", "the `FOLDER` of the repository")
	out := flag.String("o", "", "the `FOLDER` to write to")
	flag.Parse()
	if err := write(*git, *out, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

func write(git, out string, versions []string) error {
	headers := map[string]*header{}
	for name, components := range submodules {
		headers[name] = &header{maps.Clone(components), map[string]bool{}}
	}
	for _, v := range versions {
		version, tag, _ := strings.Cut(v, "=")
		if err := collect(git, version, tag, headers); err != nil {
			return err
		}
		if version == "5.5" {
			if err := writeCaps(git, tag, filepath.Join(out, "soc_caps.txt.gz")); err != nil {
				return err
			}
		}
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		h := headers[name]
		var components []string
		for _, c := range slices.Sorted(maps.Keys(h.components)) {
			components = append(components, c+" "+strings.Join(h.components[c], " "))
		}
		fmt.Fprintf(&text, "%s\t%s\t%s\n", name, strings.Join(components, ","), strings.Join(slices.Sorted(maps.Keys(h.functions)), " "))
	}
	return compress(filepath.Join(out, "headers.txt.gz"), text.String())
}

func compress(file, text string) error {
	var data bytes.Buffer
	z, err := gzip.NewWriterLevel(&data, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(z, text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(file, data.Bytes(), 0o644)
}

var (
	capsFile = regexp.MustCompile(`^components/soc/(\w+)/include/soc/Kconfig\.soc_caps\.in$`)
	capsLine = regexp.MustCompile(`(?m)^config (SOC_\w+)\n\s+\w+\n\s+default (\S+)`)
)

// writeCaps lists the options of each chip.
func writeCaps(git, tag, file string) error {
	list, err := exec.Command("git", "--git-dir="+git, "ls-tree", "-r", "--name-only", tag, "components/soc").Output()
	if err != nil {
		return err
	}
	var text strings.Builder
	for path := range strings.Lines(string(list)) {
		m := capsFile.FindStringSubmatch(strings.TrimSpace(path))
		if m == nil {
			continue
		}
		source, err := exec.Command("git", "--git-dir="+git, "show", tag+":"+m[0]).Output()
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "%s\t", m[1])
		for _, option := range capsLine.FindAllStringSubmatch(string(source), -1) {
			fmt.Fprintf(&text, "%s=%s ", option[1], option[2])
		}
		text.WriteString("\n")
	}
	return compress(file, text.String())
}

// collect adds the headers of a version.
func collect(git, version, tag string, headers map[string]*header) error {
	list, err := exec.Command("git", "--git-dir="+git, "ls-tree", "-r", "--name-only", tag, "components").Output()
	if err != nil {
		return err
	}
	for path := range strings.Lines(string(list)) {
		path = strings.TrimSpace(path)
		m := public.FindStringSubmatch(path)
		if m == nil || !atRoot.MatchString(path) || private.MatchString(path) {
			continue
		}
		h := headers[m[2]]
		if h == nil {
			h = &header{map[string][]string{}, map[string]bool{}}
			headers[m[2]] = h
		}
		if versions := h.components[m[1]]; !slices.Contains(versions, version) {
			h.components[m[1]] = append(versions, version)
		}
		if nearChip.MatchString(path) {
			continue
		}
		text, err := exec.Command("git", "--git-dir="+git, "show", tag+":"+path).Output()
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, f := range function.FindAllStringSubmatch(string(text), -1) {
			h.functions[f[1]] = true
		}
	}
	return nil
}
