package hostsdk

import (
	_ "embed" // errors.yaml
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

// A Reference is what there is to say of errors, of the socket calls that give
// them, and of the reasons for which Wi-Fi is lost.
type Reference struct {
	Errnos  []Errno  `yaml:"errnos"`
	Calls   []Call   `yaml:"calls"`
	Reasons []Reason `yaml:"reasons"`
}

// An Errno is an error number, of errno or of getaddrinfo().
type Errno struct {
	Name   string `yaml:"name"`
	Number int    `yaml:"number"` // ESP-IDF's
	Linux  int    `yaml:"linux"`  // of a PC's Linux, where it is another; else 0
	Also   string `yaml:"also"`   // another name of it; "" for none
	Of     string `yaml:"of"`     // the call that returns it; "" where it is in errno
	Means  string `yaml:"means"`
	Do     string `yaml:"do"` // what to do about it
}

// A Call is a function that projects call at sockets.
type Call struct {
	Name      string     `yaml:"name"`
	Prototype string     `yaml:"prototype"`
	Does      string     `yaml:"does"`
	Returns   string     `yaml:"returns"`
	Errors    CallErrors `yaml:"errors"`
}

// CallErrors are the errors of a call, the likely ones first.
type CallErrors []CallError

// A CallError is when a call gives an error.
type CallError struct{ Name, When string }

// UnmarshalYAML reads a mapping in its order.
func (e *CallErrors) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: not a mapping of errors", node.Line)
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		*e = append(*e, CallError{node.Content[i].Value, node.Content[i+1].Value})
	}
	return nil
}

// A Reason is one of wifi_err_reason_t, which WIFI_EVENT_STA_DISCONNECTED has.
type Reason struct {
	Name   string `yaml:"name"`
	Number int    `yaml:"number"`
	Means  string `yaml:"means"`
	Do     string `yaml:"do"`
	Since  string `yaml:"since"` // which versions of ESP-IDF lack it; "" where all have it
}

// reasonPrefix is what the names of all reasons begin with.
const reasonPrefix = "WIFI_REASON_"

//go:embed errors.yaml
var errorsYAML []byte

// LoadReference returns the reference.
var LoadReference = sync.OnceValues(func() (Reference, error) {
	var r Reference
	err := yaml.Unmarshal(errorsYAML, &r)
	return r, err
})

// Names returns every name that Lookup knows.
func (r Reference) Names() []string {
	var names []string
	for _, e := range r.Errnos {
		names = append(names, e.Name)
		if e.Also != "" {
			names = append(names, e.Also)
		}
	}
	for _, c := range r.Calls {
		names = append(names, c.Name)
	}
	for _, reason := range r.Reasons {
		names = append(names, reason.Name)
	}
	return names
}

// Lookup returns what has a number, which may be an error and a reason, or a
// name: in any case of its letters, of a reason also without WIFI_REASON_, of a
// call also with () or lwip_.
func (r Reference) Lookup(word string) Reference {
	if _, number, ok := strings.Cut(word, " "); ok { // as the log has it: "errno 104", "Reason 201"
		word = number
	}
	number, err := strconv.Atoi(word)
	isNumber := err == nil
	var found Reference
	for _, e := range r.Errnos {
		if strings.EqualFold(e.Name, word) || e.Also != "" && strings.EqualFold(e.Also, word) || isNumber && e.Number == number {
			found.Errnos = append(found.Errnos, e)
		}
	}
	for _, c := range r.Calls {
		if strings.EqualFold(c.Name, strings.TrimPrefix(strings.TrimSuffix(word, "()"), "lwip_")) {
			found.Calls = append(found.Calls, c)
		}
	}
	for _, reason := range r.Reasons {
		if strings.EqualFold(strings.TrimPrefix(reason.Name, reasonPrefix), strings.TrimPrefix(strings.ToUpper(word), reasonPrefix)) || isNumber && reason.Number == number {
			found.Reasons = append(found.Reasons, reason)
		}
	}
	return found
}

// Errno returns the error of a name; its number is 0 where there is none.
func (r Reference) Errno(name string) Errno {
	i := slices.IndexFunc(r.Errnos, func(e Errno) bool { return e.Name == name })
	if i < 0 {
		return Errno{}
	}
	return r.Errnos[i]
}
