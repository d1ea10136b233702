//go:build linux

package hostsdk_test

import (
	"debug/elf"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/espgen/espgen/hostsdk"
)

// TestClashes plants names of ESP-IDF's libraries in a project: of a function,
// a variable and one that is static. TestGoldenCompile wants no warning of any
// golden project.
func TestClashes(t *testing.T) {
	t.Parallel()
	needCompiler(t, "cc")
	dir := program(t, "map.c", "")
	must(t, os.WriteFile(filepath.Join(dir, "main", "wifi.c"), []byte(`
void wifi_station_start(void);
int pm_flags;
void wifi_station_start(void)
{
}
static void wifi_station_stop(void)
{
}
int g_ic;
void (*planted)(void) = wifi_station_stop;
`), 0o644))
	for _, cc := range []string{"gcc", "clang"} {
		needCompiler(t, cc)
		_, warned, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{CC: cc, Sanitize: true, Cache: cache})
		must(t, err)
		want := "main/wifi.c:4: warning: ESP-IDF's libraries also define wifi_station_start: on the chip the project does not link, or replaces ESP-IDF's function; make it static, or rename it\n" +
			"main/wifi.c:10: warning: ESP-IDF's libraries also define g_ic:"
		if !strings.Contains(strings.ReplaceAll(warned, dir+"/", ""), want) || strings.Count(warned, "warning") != 2 {
			t.Errorf("%s warns:\n%s", cc, warned)
		}
	}
}

// TestStatic wants everything of the golden projects to be static that no
// header of theirs declares, but for what ESP-IDF calls and a fact of the guide.
func TestStatic(t *testing.T) {
	for name, s := range goldenSpecs(t, "") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			needCompiler(t, "gcc")
			dir := project(t, s, nil)
			own := t.TempDir() // a cache in which no other project's objects are
			_, _, err := hostsdk.Build(t.Context(), dir, hostsdk.BuildOptions{CC: "gcc", Cache: own})
			must(t, err)
			var declared strings.Builder
			headers, err := filepath.Glob(filepath.Join(dir, "main", "*.h"))
			must(t, err)
			for _, header := range headers {
				text, err := os.ReadFile(header)
				must(t, err)
				declared.Write(text)
			}
			objects, err := filepath.Glob(filepath.Join(own, "object-*", "*.o"))
			must(t, err)
			var all []string
			for _, object := range objects {
				file, err := elf.Open(object)
				must(t, err)
				symbols, err := file.Symbols()
				must(t, errors.Join(err, file.Close()))
				for _, symbol := range symbols {
					if elf.ST_BIND(symbol.Info) == elf.STB_LOCAL || symbol.Section == elf.SHN_UNDEF {
						continue
					}
					all = append(all, symbol.Name)
					if !slices.Contains([]string{"app_main", "WIFI_CallBack"}, symbol.Name) && !strings.Contains(declared.String(), symbol.Name+"(") {
						t.Errorf("%s is global, and no header declares it", symbol.Name)
					}
				}
			}
			if !slices.Contains(all, "app_main") {
				t.Errorf("no app_main among %q", all)
			}
		})
	}
}
