package field

import (
	"fmt"
	"slices"
	"strings"

	"github.com/espgen/espgen/generator/idf"
)

func checkProject(v, shown string) (msg, hint string) {
	if !slices.Contains(ReservedProjects, v) {
		return "", ""
	}
	if shown == Show(v, "") { // else it is hidden
		hint = fmt.Sprintf("try %s_app", v)
	}
	return shown + " is a name that CMake or ESP-IDF uses itself", hint
}

// ReservedProjects are names that a project cannot have: CMake's own targets
// (its policy CMP0037), and the targets and folders that ESP-IDF's build
// system makes.
var ReservedProjects = []string{
	"all", "clean", "depend", "edit_cache", "help", "install", "list_install_components",
	"package", "package_source", "preinstall", "rebuild_cache", "test",
	"app", "blank_ota_data", "bootloader", "build", "config", "confserver", "coverage", "dfu",
	"erase_flash", "esp_tee", "flash", "gen_project_binary", "image", "ld_script", "log", "main",
	"managed_components", "memory_ld", "menuconfig", "monitor", "partition_table",
	"partition_table_bin", "phy_init_data", "project_elf_src", "sdkconfig", "size", "uf2", "ulp",
}

func checkTarget(v, shown string) (msg, hint string) {
	if why := idf.TargetAt(v).Why; why != "" {
		return fmt.Sprintf("%s cannot be used: %s", shown, why), ""
	}
	return "", ""
}

// checkComments knows other words for the languages: their names, locales and
// countries.
func checkComments(v, shown string) (msg, hint string) {
	word := strings.ToLower(v)
	if i := strings.IndexAny(word, "-_"); i >= 0 { // zh-CN, en_US.UTF-8
		word = word[:i]
	}
	meant := languages[word]
	if meant == "" || meant == v {
		return "", ""
	}
	return shown + " is not one of its values", "did you mean " + meant + "?"
}

var languages = map[string]string{
	"zh": "zh", "cn": "zh", "chinese": "zh", "中文": "zh", "简体中文": "zh", "汉语": "zh",
	"en": "en", "english": "en", "英文": "en", "英语": "en",
}

// checkIDFRange refuses what is of the right form, and still no range: a
// number too large for a version.
func checkIDFRange(v, shown string) (msg, hint string) {
	if _, ok := idf.Parse(v); !ok {
		return shown + " is not of the form it must have", ""
	}
	return "", ""
}
