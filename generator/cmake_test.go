package generator_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/espgen/espgen/generator"
	"github.com/espgen/espgen/generator/spec"
	"github.com/espgen/espgen/templates"
)

// idfCMake does with the defaults files and the options what ESP-IDF's
// project.cmake does, the same in 5.1 to 6.0: the environment's list of files, or
// sdkconfig.defaults; over both the variable; an error where a file is missing.
// Then it reads kconfgen's sdkconfig.cmake.
const idfCMake = `
function(idf_build_set_property)
endfunction()
macro(project name)
    set(_sdkconfig_defaults "$ENV{SDKCONFIG_DEFAULTS}")
    if(NOT _sdkconfig_defaults AND EXISTS "${CMAKE_SOURCE_DIR}/sdkconfig.defaults")
        set(_sdkconfig_defaults "${CMAKE_SOURCE_DIR}/sdkconfig.defaults")
    endif()
    if(SDKCONFIG_DEFAULTS)
        set(_sdkconfig_defaults "${SDKCONFIG_DEFAULTS}")
    endif()
    foreach(file ${_sdkconfig_defaults})
        get_filename_component(file "${file}" ABSOLUTE)
        if(NOT EXISTS "${file}")
            message(FATAL_ERROR "SDKCONFIG_DEFAULTS '${file}' does not exist.")
        endif()
    endforeach()
    include("${CMAKE_SOURCE_DIR}/kconfgen/sdkconfig.cmake")
    file(WRITE "${CMAKE_BINARY_DIR}/defaults" "${_sdkconfig_defaults}")
    file(WRITE "${CMAKE_BINARY_DIR}/password" "${CONFIG_WIFI_STATION_PASSWORD}")
    _project(${name} NONE)
endmacro()
`

var stringOption = regexp.MustCompile(`(?m)^(CONFIG_\w+)=("(?:[^"\\]|\\.)*")$`)

// A configured is what CMake made of a project.
type configured struct {
	said, defaults, password string
}

// configure runs CMake on the project in dir, with a stand-in for ESP-IDF.
func configure(t *testing.T, dir, environment string, args ...string) (c configured, err error) {
	t.Helper()
	cmake, err := exec.LookPath("cmake")
	if err != nil {
		if os.Getenv("ESPGEN_NEED_TOOLS") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	write := func(name, text string) {
		must(t, os.MkdirAll(filepath.Dir(name), 0o755))
		must(t, os.WriteFile(name, []byte(text), 0o644))
	}
	idf, build := t.TempDir(), t.TempDir()
	write(filepath.Join(idf, "tools/cmake/project.cmake"), idfCMake)
	// kconfgen writes a string with the escapes that the defaults files have, and no others.
	var made strings.Builder
	for _, name := range []string{"sdkconfig.defaults", "sdkconfig.secrets"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if !errors.Is(err, os.ErrNotExist) {
			must(t, err)
		}
		for _, m := range stringOption.FindAllStringSubmatch(string(text), -1) {
			made.WriteString("set(" + m[1] + " " + m[2] + ")\n")
		}
	}
	write(filepath.Join(dir, "kconfgen/sdkconfig.cmake"), made.String())
	cmd := exec.Command(cmake, append([]string{"-S", dir, "-B", build}, args...)...)
	cmd.Env = append(os.Environ(), "IDF_PATH="+idf, "SDKCONFIG_DEFAULTS="+environment)
	out, err := cmd.CombinedOutput()
	c.said = strings.Join(strings.Fields(string(out)), " ")
	read := func(name string) string {
		text, _ := os.ReadFile(filepath.Join(build, name)) // none where CMake failed
		return string(text)
	}
	c.defaults, c.password = read("defaults"), read("password")
	return c, err
}

func robustProject(t *testing.T, password string) (dir string, files []generator.File) {
	t.Helper()
	files, err := generator.Render(templates.FS, &spec.Spec{Role: "tcp-server", Style: new("robust"), WiFi: spec.WiFi{SSID: "lab", Password: &password}})
	must(t, err)
	dir = filepath.Join(t.TempDir(), "p")
	must(t, generator.Write(t.Context(), dir, files))
	return dir, files
}

// TestCMakeDefaults wants a user's own SDKCONFIG_DEFAULTS to be kept, and a
// missing sdkconfig.secrets to be told.
func TestCMakeDefaults(t *testing.T) {
	const missing = "CMake Warning at CMakeLists.txt:"
	dir, _ := robustProject(t, "correct horse")
	must(t, os.WriteFile(filepath.Join(dir, "mine"), nil, 0o644))
	for name, test := range map[string]struct {
		environment string
		args        []string
		want        string
	}{
		"none":           {want: "sdkconfig.defaults;sdkconfig.secrets"},
		"environment":    {environment: "sdkconfig.defaults;mine", want: "sdkconfig.defaults;mine"},
		"argument":       {args: []string{"-DSDKCONFIG_DEFAULTS=mine"}, want: "mine"},
		"both":           {environment: "sdkconfig.defaults", args: []string{"-DSDKCONFIG_DEFAULTS=mine"}, want: "mine"},
		"empty argument": {args: []string{"-DSDKCONFIG_DEFAULTS="}, want: "sdkconfig.defaults;sdkconfig.secrets"},
	} {
		c, err := configure(t, dir, test.environment, test.args...)
		if err != nil || c.defaults != test.want || strings.Contains(c.said, missing) {
			t.Errorf("%s: %v: the files are %q, not %q: %s", name, err, c.defaults, test.want, c.said)
		}
	}
	must(t, os.Remove(filepath.Join(dir, "sdkconfig.secrets")))
	c, err := configure(t, dir, "")
	if err != nil || !strings.Contains(c.said, missing) || !strings.Contains(c.said, "sdkconfig.secrets is missing, so the Wi-Fi password is empty") || c.defaults != "sdkconfig.defaults" {
		t.Errorf("without sdkconfig.secrets: %v, %q: %s", err, c.defaults, c.said)
	}
	open, _ := robustProject(t, "")
	must(t, os.Remove(filepath.Join(open, "sdkconfig.secrets")))
	if c, err := configure(t, open, ""); err != nil || strings.Contains(c.said, "Warning") {
		t.Errorf("an open network without sdkconfig.secrets: %v: %s", err, c.said)
	}
}

// TestCMakePasswords wants each password to reach the C as it is, and CMake
// neither to stop at one nor to show it.
func TestCMakePasswords(t *testing.T) {
	all := ""
	for c := ' '; c <= '~'; c++ {
		all += string(c)
	}
	passwords := []string{
		"correct horse", "${HOME}${PATH}", "$ENV{HOME} x", "ab${unterminated", "$FOO{x} bar", "${a b} cde", `back\slash\`, `"quoted" x`,
		"semi;colon;", "[[brackets", "#comment ", "@at@at@at@", "$(parens)", "100%s %n %", "'single'  ", all[:48], all[48:],
	}
	for _, password := range passwords {
		dir, files := robustProject(t, password)
		c, err := configure(t, dir, "")
		if err != nil {
			t.Errorf("%q: %v\n%s", password, err, c.said)
		}
		if strings.Contains(c.said, strings.Join(strings.Fields(password), " ")) {
			t.Errorf("%q: CMake shows it", password)
		}
		inC := ""
		for _, f := range files {
			if f.Path == "main/wifi_password.h" {
				if !f.Secret() {
					t.Errorf("%q: others may read %s", password, f.Path)
				}
				inC = string(f.Data)
			} else if f.Path != "sdkconfig.secrets" && strings.Contains(string(f.Data), password) {
				t.Errorf("%q is in %s", password, f.Path)
			}
		}
		if inC == "" && c.password != password {
			t.Errorf("%q arrives as %q", password, c.password)
		}
		if inC != "" && c.password != "" {
			t.Errorf("%q is in Kconfig, too", password)
		}
		if (inC != "") != strings.ContainsAny(password, `"'\$`) {
			t.Errorf("%q: it should not need a C file, or does: %q", password, inC)
		}
	}
}
