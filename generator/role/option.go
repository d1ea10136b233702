package role

import (
	"regexp"
	"slices"
	"strings"
)

// kconfigBeginning is what the names of a part's own options may begin with.
var kconfigBeginning = regexp.MustCompile(`^[A-Z][A-Z0-9_]*_$`)

// KconfigBeginnings returns what the names of the options begin with that
// projects of the role define: the role's own name, and what its parts say.
func (r Role) KconfigBeginnings() []string {
	list := []string{strings.ToUpper(strings.ReplaceAll(r.Name, "-", "_")) + "_"}
	for _, name := range r.StyleNames() {
		for _, beginning := range r.Styles[name].Kconfig {
			if !slices.Contains(list, beginning) {
				list = append(list, beginning)
			}
		}
	}
	return list
}

// fixed returns the options that projects of the role set, and no spec may.
func (r Role) fixed() []string {
	var list []string
	for _, name := range r.StyleNames() {
		for _, s := range r.Styles[name].Sdkconfig {
			if s.Fixed && !slices.Contains(list, s.Option) {
				list = append(list, s.Option)
			}
		}
	}
	return list
}

// OwnsOption reports whether projects of the role set or define an option, in
// one of its styles, so that a spec which changes its style stays valid.
func (r Role) OwnsOption(option string) bool {
	name := strings.TrimPrefix(option, "CONFIG_")
	return slices.Contains(r.fixed(), option) ||
		slices.ContainsFunc(r.KconfigBeginnings(), func(b string) bool { return strings.HasPrefix(name, b) })
}

// ownOptions is the pattern of the options that the role owns.
func (r Role) ownOptions() string {
	list := r.fixed()
	for _, beginning := range r.KconfigBeginnings() {
		list = append(list, "CONFIG_"+beginning+".*")
	}
	return "^(" + strings.Join(list, "|") + ")$"
}
