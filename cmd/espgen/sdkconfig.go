package main

import (
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/hostsdk"
	"github.com/espgen/espgen/project"
)

// targetOption is the chip. Other values of sdkconfig hang on it, so that
// ESP-IDF alone can change it.
const targetOption = "CONFIG_IDF_TARGET"

// overrides are the options whose values in sdkconfig win over other ones of the
// project's own files.
type overrides struct {
	stale  []hostsdk.Option // nobody chose these: an earlier default gave them
	chosen []hostsdk.Option // menuconfig may have given these
}

// findOverrides compares the project's sdkconfig with its own files. was are the
// values that earlier defaults gave.
func findOverrides(dir string, source hostsdk.Source, was map[string][]string) (overrides, error) {
	var found overrides
	options, err := hostsdk.Overridden(dir, source, slices.Collect(maps.Keys(was))...)
	former := formerSecrets(source)
	for _, o := range options {
		stale := o.Inferred || slices.Contains(was[o.Name], o.Value)
		if o.Secret && !stale {
			had := func(secrets map[string]string) bool { return secrets[o.Name] == o.Value }
			stale = o.Value == `""` || slices.ContainsFunc(former, had)
		}
		switch {
		case stale && o.Name != targetOption:
			found.stale = append(found.stale, o)
		case o.Default != "":
			found.chosen = append(found.chosen, o)
		}
	}
	return found, err
}

// formerSecrets returns what the former versions of sdkconfig.secrets gave, as
// far as an update has kept them.
func formerSecrets(source hostsdk.Source) []map[string]string {
	const most = 100 // of them
	var list []map[string]string
	for n := 1; n <= most; n++ {
		dir := "former"
		if n > 1 {
			dir += "." + strconv.Itoa(n)
		}
		text, err := source(path.Join(dir, "sdkconfig.secrets"))
		if err != nil || text == "" {
			break
		}
		values, err := hostsdk.Defaults(func(name string) (string, error) {
			if name == "sdkconfig.defaults" {
				return text, nil
			}
			return "", nil
		})
		if err == nil {
			list = append(list, values)
		}
	}
	return list
}

// earlier returns was with the values that the project's defaults had, where the
// files of now give others, or none. What was declared in a Kconfig file, and is
// not any more, counts for nothing: ESP-IDF takes it out of sdkconfig by itself.
func earlier(p *project.Project, files project.Now) map[string][]string {
	const most = 8 // of an option
	old, err1 := hostsdk.Defaults(p.Pristine)
	given, err3 := hostsdk.Defaults(func(name string) (string, error) { // without the Kconfig files
		if path.Dir(name) == "main" {
			return "", nil
		}
		return p.Pristine(name)
	})
	now, err2 := hostsdk.Defaults(files.Public)
	was := map[string][]string{}
	maps.Copy(was, p.Lock.Was)
	if err1 != nil || err2 != nil || err3 != nil { // a Kconfig file is not understood
		return was
	}
	for name, value := range old {
		is, ok := now[name]
		if _, set := given[name]; !ok && !set || value == "" || value == is || name == targetOption {
			continue
		}
		list := slices.DeleteFunc(slices.Clone(was[name]), func(v string) bool { return v == value })
		list = append(list, value)
		was[name] = list[max(0, len(list)-most):]
	}
	forgetSecrets(was, files.Files)
	return was
}

// forgetSecrets takes from was what a file gives now that only its owner may
// read: an option's value may have been no secret once.
func forgetSecrets(was map[string][]string, files []generator.File) {
	for _, f := range files {
		if !f.Secret() {
			continue
		}
		for line := range strings.Lines(string(f.Data)) {
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			list := slices.DeleteFunc(slices.Clone(was[name]), func(v string) bool { return v == value })
			if was[name] = list; len(list) == 0 {
				delete(was, name)
			}
		}
	}
}

// sayNotCompared tells that there is something in sdkconfig, or beside it, that
// is not understood.
func sayNotCompared(cmd *cobra.Command, err error) {
	fmt.Fprintf(cmd.ErrOrStderr(), "espgen: sdkconfig is not compared with the project's defaults: %s\n", printable(err.Error()))
}

// optionLine is an option as sdkconfig has it.
func optionLine(o hostsdk.Option, value string) string {
	if o.Choice {
		return value + "=y"
	}
	return o.Name + "=" + value
}

// differs says how an option differs. What a secret is, it does not say.
func differs(o hostsdk.Option) string {
	switch {
	case o.Default == "":
		return optionLine(o, o.Value) + ", and the project's files do not set it any more"
	case o.Secret:
		return o.Name + " is not what sdkconfig.secrets says"
	case o.Name == targetOption:
		return optionLine(o, o.Value) + ", and the project's files say " + o.Default + ": run `idf.py set-target " + strings.Trim(o.Default, `"`) + "`"
	}
	return optionLine(o, o.Value) + ", and the project's files say " + strings.TrimPrefix(optionLine(o, o.Default), o.Name+"=")
}

// brought says what an option is after it was brought up to date.
func brought(o hostsdk.Option) string {
	if o.Default == "" {
		return o.Name + " is ESP-IDF's default, was " + o.Value
	}
	if o.Secret {
		return o.Name + " is what sdkconfig.secrets says"
	}
	return optionLine(o, o.Default) + ", was " + strings.TrimPrefix(optionLine(o, o.Value), o.Name+"=")
}

// print tells of the options, each line after prefix.
func (v overrides) print(w io.Writer, prefix string) {
	for _, part := range []struct {
		head    string
		options []hostsdk.Option
	}{
		{"sdkconfig wins, and still has former defaults:", v.stale},
		{"sdkconfig wins, and has other values, from menuconfig or of ESP-IDF:", v.chosen},
	} {
		if len(part.options) == 0 {
			continue
		}
		fmt.Fprintf(w, "%s%s\n", prefix, part.head)
		for _, o := range part.options {
			fmt.Fprintf(w, "  %s\n", printable(differs(o)))
		}
	}
}

// faults are what `espgen check` says of the options.
func (v overrides) faults() []project.Fault {
	var list []project.Fault
	for _, o := range v.stale {
		list = append(list, project.Fault{Path: "sdkconfig", State: project.Stale, Note: differs(o)})
	}
	for _, o := range v.chosen {
		list = append(list, project.Fault{Path: "sdkconfig", State: project.Edited, Note: differs(o)})
	}
	return list
}

// A jsonOption is an option as --format json prints it. Those of a secret are
// without values.
type jsonOption struct {
	Name    string `json:"name"`
	Value   string `json:"value,omitempty"`
	Default string `json:"default,omitempty"`
	Secret  bool   `json:"secret,omitempty"`
	Chosen  bool   `json:"chosen,omitempty"`  // it may come from menuconfig
	Updated bool   `json:"updated,omitempty"` // sdkconfig has the default now
}

func (v overrides) json(updated bool) []jsonOption {
	var list []jsonOption
	add := func(options []hostsdk.Option, chosen bool) {
		for _, o := range options {
			j := jsonOption{Name: o.Name, Secret: o.Secret, Chosen: chosen, Updated: updated && !chosen}
			if !o.Secret {
				j.Value, j.Default = o.Value, o.Default
			}
			list = append(list, j)
		}
	}
	add(v.stale, false)
	add(v.chosen, true)
	return list
}
