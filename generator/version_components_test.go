package generator_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
)

const byVersion = `title: MQTT client
summary: publishes to a topic
styles:
  plain:
    include: [project]
    components:
      - esp_event
      - {name: mqtt, idf: "<6.0"}
      - {name: esp_driver_gpio, idf: ">=5.3, <7.0"}
      - {registry: espressif/mqtt, version: "^1.0", idf: ">=6.0"}
      - {registry: espressif/led_strip, version: "*"}
`

const (
	cmakeHead = `# The main component: its sources, and the components of ESP-IDF that it needs. ESP-IDF 5.5 and later build
# no others.
`
	cmakeRegister = `idf_component_register(
    SRCS
        "main.c"
    INCLUDE_DIRS
        "."
    PRIV_REQUIRES
`
	manifestHead = `# What the main component depends on: these versions of ESP-IDF.
dependencies:
`
	ledStrip = "  espressif/led_strip:\n    version: \"*\"\n"
	version  = `"${IDF_VERSION_MAJOR}.${IDF_VERSION_MINOR}.${IDF_VERSION_PATCH}"`
)

// TestVersionComponents renders a role whose components moved in some version of
// ESP-IDF for ranges before it, from it on, and around it. Where the range decides
// nothing, nothing is decided when the project is built.
func TestVersionComponents(t *testing.T) {
	fsys := overlay(t, map[string]string{"roles/mqtt/role.yaml": byVersion, "roles/mqtt/plain/main/main.c.tmpl": "// {{.target}}\n"})
	for versions, want := range map[string][2]string{
		">=5.1,<5.2": {cmakeHead + cmakeRegister + "        esp_event\n        mqtt\n)\n", ledStrip},
		">=5.1,<6.0": {
			cmakeHead + "# Those that only some versions of ESP-IDF have are in version_components.\nset(version_components)\n" +
				"if(" + version + ` VERSION_GREATER_EQUAL "5.3" AND ` + version + " VERSION_LESS \"7.0\")\n    list(APPEND version_components esp_driver_gpio)\nendif()\n" +
				cmakeRegister + "        esp_event\n        mqtt\n        ${version_components}\n)\n",
			ledStrip,
		},
		">=6.0,<7": {cmakeHead + cmakeRegister + "        esp_driver_gpio\n        esp_event\n)\n", ledStrip + "  espressif/mqtt:\n    version: \"^1.0\"\n"},
		">=6.0": {
			cmakeHead + "# Those that only some versions of ESP-IDF have are in version_components.\nset(version_components)\n" +
				"if(" + version + ` VERSION_GREATER_EQUAL "5.3" AND ` + version + " VERSION_LESS \"7.0\")\n    list(APPEND version_components esp_driver_gpio)\nendif()\n" +
				cmakeRegister + "        esp_event\n        ${version_components}\n)\n",
			ledStrip + "  espressif/mqtt:\n    version: \"^1.0\"\n",
		},
		">=5.1": {
			cmakeHead + "# Those that only some versions of ESP-IDF have are in version_components.\nset(version_components)\n" +
				"if(" + version + ` VERSION_GREATER_EQUAL "5.3" AND ` + version + " VERSION_LESS \"7.0\")\n    list(APPEND version_components esp_driver_gpio)\nendif()\n" +
				"if(" + version + " VERSION_LESS \"6.0\")\n    list(APPEND version_components mqtt)\nendif()\n" +
				cmakeRegister + "        esp_event\n        ${version_components}\n)\n",
			ledStrip + "  espressif/mqtt:\n    version: \"^1.0\"\n    rules:\n      - if: \"idf_version >=6.0\"\n",
		},
		"==7.1": {cmakeHead + cmakeRegister + "        esp_event\n)\n", ledStrip + "  espressif/mqtt:\n    version: \"^1.0\"\n"},
	} {
		files, err := generator.Render(fsys, &spec.Spec{Role: "mqtt", IDF: &versions, WiFi: spec.WiFi{SSID: "x"}})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, f := range files {
			got[f.Path] = string(f.Data)
		}
		if diff := cmp.Diff(want[0], got["main/CMakeLists.txt"]); diff != "" {
			t.Errorf("%s: main/CMakeLists.txt: %s", versions, diff)
		}
		if diff := cmp.Diff(manifestHead+"  idf: \""+versions+"\"\n"+want[1], got["main/idf_component.yml"]); diff != "" {
			t.Errorf("%s: main/idf_component.yml: %s", versions, diff)
		}
	}
}

// earlyExpansion reads main/CMakeLists.txt as ESP-IDF does to learn what components
// require: in a script, in which the version is known.
const earlyExpansion = `
macro(idf_component_register)
    cmake_parse_arguments(_ "" "" "SRCS;INCLUDE_DIRS;PRIV_REQUIRES" "${ARGN}")
    message(STATUS "requires ${__PRIV_REQUIRES}")
    return()
endmacro()
include("${LIST}")
`

// TestVersionComponentsInCMake has CMake read what is rendered for a range, as each
// version in it does.
func TestVersionComponentsInCMake(t *testing.T) {
	cmake, err := exec.LookPath("cmake")
	if err != nil {
		if os.Getenv("ESPGEN_NEED_TOOLS") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	fsys := overlay(t, map[string]string{"roles/mqtt/role.yaml": byVersion, "roles/mqtt/plain/main/main.c.tmpl": "// {{.target}}\n"})
	files, err := generator.Render(fsys, &spec.Spec{Role: "mqtt", WiFi: spec.WiFi{SSID: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	list, script := filepath.Join(dir, "CMakeLists.txt"), filepath.Join(dir, "script.cmake")
	for _, f := range files {
		if f.Path == "main/CMakeLists.txt" {
			if err := errors.Join(os.WriteFile(list, f.Data, 0o644), os.WriteFile(script, []byte(earlyExpansion), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for version, want := range map[[3]string]string{
		{"5", "1", "6"}: "esp_event;mqtt", {"5", "3", "0"}: "esp_event;esp_driver_gpio;mqtt", {"5", "5", "1"}: "esp_event;esp_driver_gpio;mqtt",
		{"6", "0", "0"}: "esp_event;esp_driver_gpio", {"7", "0", "0"}: "esp_event", {"10", "2", "0"}: "esp_event",
	} {
		out, err := exec.Command(cmake, "-DLIST="+list, "-DIDF_VERSION_MAJOR="+version[0], "-DIDF_VERSION_MINOR="+version[1], "-DIDF_VERSION_PATCH="+version[2], "-P", script).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "-- requires "+want+"\n") {
			t.Errorf("%s: %v, %s, want %s", strings.Join(version[:], "."), err, out, want)
		}
	}
}

// TestBadComponents wants the mistakes of a component told with their line.
func TestBadComponents(t *testing.T) {
	for text, want := range map[string]string{
		"{name: mqtt, registry: espressif/mqtt}":        "has either name",
		`{idf: "<6.0"}`:                                 "has either name",
		"{registry: espressif/mqtt}":                    "has no version",
		`{name: mqtt, version: "1.0"}`:                  "version is for components of the registry",
		`{name: mqtt, idf: "~6.0"}`:                     `idf "~6.0" of a component is not of the form it must have`,
		`{name: mqtt, idf: "<06.0"}`:                    "is not of the form",
		`{name: mqtt, idf: ">=99999999999999999999.0"}`: "is not of the form",
		`{name: mqtt, idf: ">=6.0,<5.3"}`:               "no version of ESP-IDF is within >=6.0,<5.3",
		"{name: mqtt, idf: 6.0}":                        "idf of a component is a text",
		`{name: "a b"}`:                                 `name "a b"`,
		`"a)\n"`:                                        "is not of the form",
		"{registry: mqtt, version: '*'}":                `registry "mqtt"`,
		"{registry: a/b, version: 'x: y'}":              `version "x: y"`,
		"{nam: mqtt}":                                   "unknown key nam of a component; did you mean name?",
		"[mqtt]":                                        "a component is a name",
		"{registry: a/b, version: '1'}, {registry: a/b, version: '2'}": "a/b is in it, or in one of its parts, with other versions, too",
	} {
		role := "title: X\nsummary: x\nstyles:\n  plain:\n    include: [project]\n    components: [" + text + "]\n"
		_, err := generator.LoadRole(overlay(t, map[string]string{"roles/x/role.yaml": role}), "x")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(want, "in one of its parts") && !strings.Contains(err.Error(), "role.yaml:6: ") {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
