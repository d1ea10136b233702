//go:build linux

package hostsdk_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/espgen/espgen/hostsdk"
)

// tree writes a project of the files of an archive.
func tree(t *testing.T, archive string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "a=b $c 项目")
	must(t, os.MkdirAll(dir, 0o755))
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		must(t, os.MkdirAll(filepath.Dir(name), 0o755))
		must(t, os.WriteFile(name, f.Data, 0o644))
	}
	return dir
}

// needCXX skips a test where there is no C++ compiler beside cc.
func needCXX(t *testing.T, cxx string) {
	t.Helper()
	needCompiler(t, "cc")
	if _, err := exec.LookPath(cxx); err != nil {
		if os.Getenv("ESPGEN_NEED_TOOLS") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// calls is a project whose app_main calls a function that its other files give.
const calls = `
-- main/main.c --
int answer(void);
void app_main(void) { answer(); }
`

// TestComponents builds projects of more than main/*.c.
func TestComponents(t *testing.T) {
	for name, test := range map[string]struct{ files, warned, err string }{
		"folders below main": {files: `
-- main/main.c --
#include "net.h"
#include "own.h"
void app_main(void) { net(OWN); }
-- main/net/a b.c --
#include "net.h"
int net(int n) { return n; }
-- main/net/not.c --
#error not this one
-- main/include/net.h --
int net(int n);
-- main/private/own.h --
#define OWN 1
-- main/CMakeLists.txt --
cmake_minimum_required(VERSION 3.16) # of no effect
set(folder net)
set(sources "main.c")
list(APPEND sources "${folder}/a b.c")
#[[ a comment (
of two lines ]]
idf_component_register(SRCS ${sources}
                       INCLUDE_DIRS "${CMAKE_CURRENT_LIST_DIR}/include" PRIV_INCLUDE_DIRS private)
`, warned: `main/CMakeLists.txt:7: warning: net/not.c is not compiled: SRCS does not name it
`},
		"folders of sources": {files: calls + `
-- main/CMakeLists.txt --
idf_component_register(SRC_DIRS "." "more" EXCLUDE_SRCS "more/not.c")
-- main/more/a.c --
int answer(void);
int answer(void) { return 42; }
-- main/more/not.c --
#error not this one
-- main/more/not.cc --
#error ESP-IDF takes .c and .cpp
`},
		"components": {files: `
-- main/main.c --
#include "a.h"
void app_main(void) { a(); }
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c PRIV_REQUIRES a)
-- components/a/CMakeLists.txt --
idf_component_register(SRCS a.c INCLUDE_DIRS include PRIV_INCLUDE_DIRS . REQUIRES b PRIV_REQUIRES c esp_timer)
-- components/a/a.c --
#include "a.h"
#include "private.h"
#include "c.h"
#include "esp_timer.h"
int a(void) { return PRIVATE + B + C; }
-- components/a/include/a.h --
#include "b.h"
int a(void);
-- components/a/private.h --
#define PRIVATE 1
-- components/b/CMakeLists.txt --
idf_component_register(INCLUDE_DIRS ".")
-- components/b/b.h --
#define B 2
-- components/c/CMakeLists.txt --
idf_component_register(INCLUDE_DIRS ".")
-- components/c/c.h --
#define C 3
-- components/no/no.c --
#error no CMakeLists.txt
`},
		"a component that is not required": {files: `
-- main/main.c --
#include "a.h"
void app_main(void) {}
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c REQUIRES b)
-- components/a/CMakeLists.txt --
idf_component_register(INCLUDE_DIRS ".")
-- components/a/a.h --
-- components/b/CMakeLists.txt --
idf_component_register(PRIV_REQUIRES a)
`, err: `a\.h`},
		"main that requires nothing": {files: `
-- main/main.c --
#include "a.h"
void app_main(void) {}
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c)
-- components/a/CMakeLists.txt --
idf_component_register(INCLUDE_DIRS ".")
-- components/a/a.h --
`},
		"a minimal build": {files: `
-- CMakeLists.txt --
include($ENV{IDF_PATH}/tools/cmake/project.cmake)
idf_build_set_property(MINIMAL_BUILD ON)
project(minimal)
-- main/main.c --
void app_main(void) {}
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c PRIV_REQUIRES a)
-- components/a/CMakeLists.txt --
idf_component_register(INCLUDE_DIRS ".")
-- components/b/CMakeLists.txt --
idf_component_register(SRCS b.c)
-- components/b/b.c --
#error nobody requires it
`},
		"only CMake can tell": {files: calls + `
-- main/CMakeLists.txt --

file(GLOB sources "*.c")
idf_component_register(SRCS ${sources} INCLUDE_DIRS ".")
-- main/other.c --
int answer(void);
int answer(void) { return 42; }
`, warned: `main/CMakeLists.txt:3: warning: only CMake knows all of SRCS: every source in main is compiled
`},
		"a condition": {files: calls + `
-- main/CMakeLists.txt --
set(sources main.c)
if(CONFIG_OTHER)
    list(APPEND sources other.c)
endif()
idf_component_register(SRCS ${sources})
target_compile_options(${COMPONENT_LIB} PRIVATE -Wall)
-- main/other.c --
int answer(void);
int answer(void) { return 42; }
`, warned: `main/CMakeLists.txt:5: warning: only CMake knows all of SRCS: every source in main is compiled
main/CMakeLists.txt:6: warning: target_compile_options is ignored here
`},
		"a condition around all": {files: calls + `
-- main/CMakeLists.txt --
if(CONFIG_OTHER)
    idf_component_register(SRCS main.c)
else()
    idf_component_register(SRCS main.c other.c)
endif()
-- main/other.c --
int answer(void);
int answer(void) { return 42; }
`, warned: `main/CMakeLists.txt:2: warning: idf_component_register is not understood here: every source in main is compiled
main/CMakeLists.txt:4: warning: idf_component_register is not understood here: every source in main is compiled
`},
		"a return": {files: calls + `
-- main/CMakeLists.txt --
if(NOT CONFIG_OTHER)
    return()
endif()
idf_component_register(SRCS main.c)
-- main/other.c --
int answer(void);
int answer(void) { return 42; }
`, warned: `main/CMakeLists.txt:2: warning: return depends on a condition: every source in main is compiled
`},
		"unknown requirements": {files: `
-- main/main.c --
#include "a.h"
void app_main(void) {}
-- main/not.c --
#error not this one
-- main/CMakeLists.txt --
idf_component_register(SRC_DIRS . EXCLUDE_SRCS not.c PRIV_REQUIRES $<IF:1,a,b> EMBED_FILES ${unknown})
-- components/a/CMakeLists.txt --
idf_component_register(INCLUDE_DIRS ".")
-- components/a/a.h --
`},
		"links": {files: `
-- main/main.c --
#include "shared.h"
#include "deep/shared.h"
void app_main(void) {}
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c INCLUDE_DIRS linked)
-- shared/shared.h --
-- shared/deep/shared.h --
`},
		"a source that is not there": {files: calls + `
-- main/CMakeLists.txt --
idf_component_register(
    SRCS main.c
         net/answer.c)
`, err: `^main/CMakeLists\.txt:3: SRCS names net/answer\.c, which does not exist$`},
		"a folder that is not there": {files: calls + `
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c INCLUDE_DIRS include)
`, err: `^main/CMakeLists\.txt:1: INCLUDE_DIRS names include, which is not a folder$`},
		"outside": {files: calls + `
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c ../../other.c)
`, err: `^main/CMakeLists\.txt:1: SRCS names \.\./\.\./other\.c, which is outside of the project$`},
		"absolute": {files: calls + `
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c INCLUDE_DIRS /usr/include)
`, err: `INCLUDE_DIRS names /usr/include, which is outside of the project$`},
		"beside main": {files: calls + `
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c ../config/answer.c INCLUDE_DIRS .. ../config)
-- config/answer.c --
#include "config/answer.h"
#include "answer.h"
int answer(void) { return 42; }
-- config/answer.h --
int answer(void);
`},
		"no CMake": {files: calls + `
-- main/CMakeLists.txt --
idf_component_register(SRCS "main.c)
`, err: `^main/CMakeLists\.txt:1: this is not CMake$`},
		"left out": {files: calls + `
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c)
-- main/answer.c --
int answer(void);
int answer(void)
{
    return 42;
}
`, err: `^undefined functions: answer \(main/main\.c:2\)$`, warned: `main/CMakeLists.txt:1: warning: answer.c is not compiled: SRCS does not name it
`},
		"an empty list": {files: `
-- main/main.c --
void app_main(void) {}
-- main/below/below.c --
#include "main.h"
-- main/main.h --
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c below/below.c INCLUDE_DIRS "" REQUIRES "")
`, err: `^main/below/below\.c:1: unknown header main\.h`},
		"nothing registered": {files: calls + `
-- main/CMakeLists.txt --
message("hello")
`, err: `^main/CMakeLists\.txt: it does not call idf_component_register$`},
		"names": {files: `
-- main/-x.c --
void app_main(void) {}
-- main/@a.c --
int a;
-- main/CMakeLists.txt --
idf_component_register(SRCS "-x.c" "@a.c")
`},
		"downloaded components": {files: `
-- main/main.c --
#include "beside.h"
#include "led_strip.h"
void app_main(void) { led_strip(); }
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c REQUIRES esp_timer)
-- main/idf_component.yml --
dependencies:
  idf: ">=5.1"
  espressif/led_strip: "^2.0"
  espressif/button:
    version: "*"
  beside:
    path: ../parts/beside
  elsewhere:
    path: ${IDF_PATH}/elsewhere
  outside:
    override_path: ../../outside
-- parts/beside/CMakeLists.txt --
idf_component_register(SRCS beside.c INCLUDE_DIRS .)
-- parts/beside/beside.c --
int beside;
-- parts/beside/beside.h --
-- managed_components/espressif__led_strip/CMakeLists.txt --
idf_component_register(SRC_DIRS "." INCLUDE_DIRS .)
-- managed_components/espressif__led_strip/led.c --
#include "led_strip.h"
int led_strip(void) { return 0; }
-- managed_components/espressif__led_strip/led_strip.h --
int led_strip(void);
`, warned: `main/idf_component.yml: warning: elsewhere is in ${IDF_PATH}/elsewhere, which is not a component in the project, and is not built here
main/idf_component.yml: warning: espressif/button is not in managed_components, and is not built here: idf.py reconfigure downloads it
main/idf_component.yml: warning: outside is in ../../outside, which is not a component in the project, and is not built here
`},
		"components by version": {files: `
-- main/main.c --
#include "led_strip.h"
void app_main(void) { led_strip(); }
-- main/spare.c --
this is not C
-- CMakeLists.txt --
cmake_minimum_required(VERSION 3.16)
include($ENV{IDF_PATH}/tools/cmake/project.cmake)
idf_build_set_property(MINIMAL_BUILD ON)
project(p)
-- main/CMakeLists.txt --
set(version_components)
if("${IDF_VERSION_MAJOR}.${IDF_VERSION_MINOR}.${IDF_VERSION_PATCH}" VERSION_LESS "6.0")
    list(APPEND version_components mqtt)
endif()
idf_component_register(
    SRCS
        "main.c"
    PRIV_REQUIRES
        esp_event
        ${version_components}
)
-- main/idf_component.yml --
dependencies:
  idf: ">=5.1"
  espressif/led_strip:
    version: "^2.0"
    rules:
      - if: "idf_version >=6.0"
  espressif/mqtt:
    version: "^1.0"
    rules:
      - if: "idf_version >=6.0"
-- managed_components/espressif__led_strip/CMakeLists.txt --
idf_component_register(SRC_DIRS "." INCLUDE_DIRS .)
-- managed_components/espressif__led_strip/led.c --
#include "led_strip.h"
int led_strip(void) { return 0; }
-- managed_components/espressif__led_strip/led_strip.h --
int led_strip(void);
`, warned: `main/idf_component.yml: warning: espressif/mqtt is not in managed_components, and is not built here: idf.py reconfigure downloads it
main/CMakeLists.txt:7: warning: spare.c is not compiled: SRCS does not name it
`},
		"components elsewhere": {files: calls + `
-- CMakeLists.txt --
set(EXTRA_COMPONENT_DIRS "parts" "../parts" "${CMAKE_CURRENT_LIST_DIR}/one" components)
project(p)
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c)
-- one/CMakeLists.txt --
idf_component_register(SRCS one.c)
-- one/one.c --
int one(void);
int one(void) { return 1; }
-- parts/two/CMakeLists.txt --
idf_component_register(SRCS two.c REQUIRES one)
-- parts/two/two.c --
int one(void);
int answer(void);
int answer(void) { return one(); }
-- components/two/CMakeLists.txt --
idf_component_register(SRCS two.c)
-- components/two/two.c --
int one(void);
int answer(void);
int answer(void) { return one(); }
`, warned: `CMakeLists.txt: warning: EXTRA_COMPONENT_DIRS names ../parts, which is outside of the project and is not built here
`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			needCompiler(t, "cc")
			dir := tree(t, test.files)
			if name == "links" {
				must(t, os.Symlink(filepath.Join("..", "shared"), filepath.Join(dir, "main", "linked")))
			}
			_, warned, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: cache})
			switch {
			case test.err == "" && err != nil:
				t.Error(err)
			case test.err != "" && (err == nil || !regexp.MustCompile(test.err).MatchString(err.Error())):
				t.Errorf("got %v, want %s", err, test.err)
			case warned != test.warned:
				t.Errorf("it warns:\n%s\nwant:\n%s", warned, test.warned)
			}
		})
	}
}

// TestComponentsCached builds a project of components again after each edit:
// the program is another one, and the old one where the edit is undone.
func TestComponentsCached(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	dir := tree(t, `
-- main/main.c --
#include <stdio.h>
#include "a.h"
void app_main(void) { printf("answer %d\n", A); }
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c)
-- components/a/CMakeLists.txt --
idf_component_register(INCLUDE_DIRS .)
-- components/a/a.h --
#define A 1
`)
	build := func() string {
		program, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: cache})
		must(t, err)
		return program
	}
	first := build()
	header := filepath.Join(dir, "components", "a", "a.h")
	must(t, os.WriteFile(header, []byte("#define A 2\n"), 0o644))
	if build() == first {
		t.Error("the header has changed, and the program has not")
	}
	must(t, os.WriteFile(header, []byte("#define A 1\n"), 0o644))
	if build() != first {
		t.Error("the header is as before, and the program is not")
	}
	must(t, os.Rename(filepath.Join(dir, "components", "a"), filepath.Join(dir, "components", "b")))
	if build() == first {
		t.Error("the component has another name, and the program is the same")
	}
	must(t, os.RemoveAll(filepath.Join(dir, "components")))
	if _, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: cache}); err == nil {
		t.Error("the component is gone, and there is no error")
	}
}

// TestComponentsLinked has a folder of headers that is a link, and one in it:
// edits are seen all the same, and a link to the folder around it is no loop.
func TestComponentsLinked(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	dir := tree(t, `
-- main/main.c --
#include "a.h"
#include "deep/b.h"
void app_main(void) {}
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c INCLUDE_DIRS linked)
-- shared/a.h --
-- other/b.h --
`)
	must(t, os.Symlink(filepath.Join("..", "shared"), filepath.Join(dir, "main", "linked")))
	must(t, os.Symlink(filepath.Join("..", "other"), filepath.Join(dir, "shared", "deep")))
	must(t, os.Symlink("..", filepath.Join(dir, "shared", "loop")))
	built := map[string]bool{}
	for i, name := range []string{"shared/a.h", "other/b.h", "shared/a.h"} {
		must(t, os.WriteFile(filepath.Join(dir, name), fmt.Appendf(nil, "extern int edit_%d;\n", i), 0o644))
		program, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: cache})
		must(t, err)
		built[program] = true
	}
	if len(built) != 3 {
		t.Errorf("%d programs of three edits", len(built))
	}
}

// TestComponentsNoPlainFile has what cannot be a source in a component.
func TestComponentsNoPlainFile(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	const files = calls + `
-- main/CMakeLists.txt --
idf_component_register(SRCS main.c answer.c)
`
	for want, make := range map[string]func(name string) error{
		"is a named pipe, not a regular file": func(name string) error { return syscall.Mkfifo(name, 0o644) },
		"is a device, not a regular file":     func(name string) error { return os.Symlink("/dev/zero", name) },
		"is a folder, not a regular file":     func(name string) error { return os.Mkdir(name, 0o755) },
	} {
		dir := tree(t, files)
		must(t, make(filepath.Join(dir, "main", "answer.c")))
		_, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{Cache: cache})
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestCXX runs a project in C++, with each compiler.
func TestCXX(t *testing.T) {
	const files = `
-- main/main.cpp --
#include <atomic>
#include <memory>
#include <string>
#include <vector>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "esp_wifi.h"
#include "lwip/netdb.h"
#include "lwip/sockets.h"
#include "nvs_flash.h"
#include "in_c.h"

static std::string *made = new std::string("made before app_main");

extern "C" void app_main(void)
{
    wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();
    std::vector<int> all{1, 2, in_c()};
    std::atomic<int> sum{0};
    for (int i : all) {
        sum += i;
    }
    ESP_ERROR_CHECK(nvs_flash_init());
    ESP_ERROR_CHECK(esp_netif_init());
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    ESP_ERROR_CHECK(esp_wifi_init(&init));
    vTaskDelay(pdMS_TO_TICKS(10));
    ESP_LOGI("cxx", "%s, sum %d", made->c_str(), sum.load());
#ifdef __cpp_exceptions
    ESP_LOGI("cxx", "with exceptions");
#endif
}
-- main/in_c.h --
#ifdef __cplusplus
extern "C"
#endif
int in_c(void);
-- main/in_c.c --
#include "in_c.h"
int in_c(void) { return 3; }
-- main/more.cc --
int more;
-- main/most.cxx --
int most;
-- main/CMakeLists.txt --
idf_component_register(SRCS main.cpp in_c.c more.cc most.cxx)
`
	for cc, cxx := range map[string]string{"gcc": "g++", "clang": "clang++"} {
		t.Run(cc, func(t *testing.T) {
			t.Parallel()
			needCXX(t, cxx)
			d := startWith(t, cc, tree(t, files), hostsdk.Scenario{})
			_, err := d.wait(`cxx: made before app_main, sum 6`, 1)
			must(t, err)
			log, err := d.stop()
			must(t, err)
			if strings.Contains(log, "exceptions") {
				t.Error("C++ has exceptions, which ESP-IDF's has only with CONFIG_COMPILER_CXX_EXCEPTIONS")
			}
		})
	}
	t.Run("exceptions", func(t *testing.T) {
		t.Parallel()
		needCXX(t, "c++")
		d := start(t, tree(t, files+"-- sdkconfig.defaults --\nCONFIG_COMPILER_CXX_EXCEPTIONS=y\nCONFIG_COMPILER_CXX_RTTI=y\n"), hostsdk.Scenario{})
		_, err := d.wait(`cxx: with exceptions`, 1)
		must(t, err)
		_, err = d.stop()
		must(t, err)
	})
}

// TestNoCXX has a C compiler without a C++ compiler beside it: only a project in
// C++ needs one.
func TestNoCXX(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	alone := compiler(t, `exec cc "$@"`)
	lonely := filepath.Join(filepath.Dir(alone), "lonely-compiler")
	must(t, os.Rename(alone, lonely))
	o := hostsdk.BuildOptions{Cache: t.TempDir(), CC: lonely}
	dir := mainOnly(t, "void app_main(void) {}\n")
	_, _, err := hostsdk.Build(t.Context(), dir, o)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "main", "more.cpp"), nil, 0o644))
	if _, _, err := hostsdk.Build(t.Context(), dir, o); !errors.Is(err, hostsdk.ErrNoCXX) {
		t.Errorf("got %v", err)
	}
}
