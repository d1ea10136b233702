package hostsdk

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// configured returns what sdkconfig.h defines beyond ESP-IDF's defaults, a line
// each, for a project of these files.
func configured(t *testing.T, project map[string]string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "main"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range project {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, _, err := configuredIn(dir)
	return got, err
}

// configuredIn does so for the project in dir, and returns the warnings, too.
func configuredIn(dir string) (got, notes string, err error) {
	plain := func(text string) string {
		return strings.ReplaceAll(filepath.ToSlash(text), filepath.ToSlash(dir)+"/", "")
	}
	c, err := configure(dir)
	if err != nil {
		return "", "", errors.New(plain(err.Error()))
	}
	maps.DeleteFunc(c.options, func(name, _ string) bool {
		s, isSet := c.settings[name]
		_, own := c.declared[name]
		return isSet && s.order == 0 && !s.inferred && !own
	})
	got = strings.TrimPrefix(c.header(), "#pragma once\n")
	return strings.ReplaceAll(got, "#define CONFIG_", ""), plain(strings.Join(c.notes, "")), nil
}

const port = "config PORT\n    int \"Port\"\n    range 1 65535\n    default 80\n"

// The values are those that kconfgen writes, of the esp-idf-kconfig 2.5 and 3.2
// that ESP-IDF 5.5 and 6.0 use.
func TestKconfigValues(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ kconfig, defaults, secrets, sdkconfig, want string }{
		"default":          {kconfig: port, want: "PORT 80\n"},
		"given":            {kconfig: port, defaults: "CONFIG_PORT=8080\n", want: "PORT 8080\n"},
		"secrets win":      {kconfig: port, defaults: "CONFIG_PORT=1\n", secrets: "CONFIG_PORT=2\n", want: "PORT 2\n"},
		"menuconfig wins":  {kconfig: port, secrets: "CONFIG_PORT=2\n", sdkconfig: "CONFIG_PORT=3\n", want: "PORT 3\n"},
		"menuconfig no":    {kconfig: "config A\n    bool \"A\"\n", defaults: "CONFIG_A=y\n", sdkconfig: "# CONFIG_A is not set\n", want: ""},
		"menuconfig as is": {kconfig: port, defaults: "CONFIG_PORT=1\n", sdkconfig: "# default:\nCONFIG_PORT=80\n", want: "PORT 1\n"},
		"old default":      {kconfig: port, sdkconfig: "# default:\nCONFIG_PORT=79\n", want: "PORT 79\n"},
		"CRLF":             {kconfig: strings.ReplaceAll(port, "\n", "\r\n"), defaults: "CONFIG_PORT=8080\r\n", want: "PORT 8080\n"},
		"target's": {
			kconfig: port + "config IDF_TARGET\n    string \"Chip\"\n", defaults: "CONFIG_IDF_TARGET=\"esp32c3\"\n",
			want: "IDF_TARGET \"esp32c3\"\nPORT 33\n",
		},
		"other options": {kconfig: port, defaults: "CONFIG_X=5\nCONFIG_Y=y\nCONFIG_Z=n\nCONFIG_S=\"a\\\"b\"\n", want: "PORT 80\nS \"a\\\"b\"\nX 5\nY 1\n"},

		"default clamped":    {kconfig: "config A\n    int \"A\"\n    range 1 5\n    default 9\n", want: "A 5\n"},
		"no default clamped": {kconfig: "config A\n    int \"A\"\n    range 3 5\n", want: "A 3\n"},
		"hex clamped":        {kconfig: "config A\n    hex \"A\"\n    range 0x10 0x20\n    default 0x30\n", want: "A 0x20\n"},
		"hex without 0x":     {kconfig: "config A\n    hex \"A\"\n", defaults: "CONFIG_A=fF\n", want: "A 0xfF\n"},
		"hex as it is":       {kconfig: "config A\n    hex \"A\"\n    default 0X1f\n", want: "A 0X1f\n"},
		"negative":           {kconfig: "config A\n    int \"A\"\n    range -9 -1\n    default -5\n", want: "A -5\n"},
		"range of options":   {kconfig: port + "config A\n    int \"A\"\n    range 1 PORT\n    default 100\n", want: "A 80\nPORT 80\n"},
		"ranges":             {kconfig: "config A\n    int \"A\"\n    range 1 5 if B\n    range 7 9\n    default 6\nconfig B\n    bool \"B\"\n", want: "A 7\n"},
		"bool":               {kconfig: "config A\n    bool \"A\"\n    default y\nconfig B\n    bool \"B\"\n", want: "A 1\n"},
		"bool given n":       {kconfig: "config A\n    bool \"A\"\n    default y\n", defaults: "CONFIG_A=n\n", want: ""},
		"bool of an expression": {
			kconfig: "config A\n    bool\n    default B && !C\nconfig B\n    bool\n    default y\nconfig C\n    bool \"C\"\n",
			want:    "A 1\nB 1\n",
		},
		"strings":               {kconfig: "config A\n    string \"A\"\n    default \"a \\\"b\\\" \\\\\"\n", want: `A "a \"b\" \\"` + "\n"},
		"string given":          {kconfig: "config A\n    string \"A\"\n", defaults: `CONFIG_A="\"#\\ \n"` + "\n", want: `A "\"#\\ n"` + "\n"},
		"string empty":          {kconfig: "config A\n    string \"A\"\n    default \"x\"\n", defaults: "CONFIG_A=\"\"\n", want: "A \"\"\n"},
		"string without":        {kconfig: "config A\n    string \"A\"\n", want: "A \"\"\n"},
		"string no prompt":      {kconfig: "config A\n    string\n", want: ""},
		"string in single":      {kconfig: "config A\n    string 'A'\n    default 'it \"is\"'\n", want: `A "it \"is\""` + "\n"},
		"prompt apart":          {kconfig: "config A\n    int\n    prompt \"A\"\n    default 1\n", defaults: "CONFIG_A=2\n", want: "A 2\n"},
		"prompt if not":         {kconfig: "config A\n    int \"A\" if B\n    default 1\nconfig B\n    bool \"B\"\n", defaults: "CONFIG_A=2\n", want: "A 1\n"},
		"no prompt":             {kconfig: "config A\n    int\n    default 1\n", defaults: "CONFIG_A=2\n", want: "A 1\n"},
		"first default":         {kconfig: "config A\n    int \"A\"\n    default 1 if B\n    default 2 if !B\n    default 3\nconfig B\n    bool \"B\"\n", want: "A 2\n"},
		"depends not":           {kconfig: "config A\n    int \"A\"\n    depends on B\n    default 1\nconfig B\n    bool \"B\"\n", defaults: "CONFIG_A=2\n", want: ""},
		"depends":               {kconfig: "config A\n    int \"A\"\n    depends on B\n    default 1\nconfig B\n    bool \"B\"\n", defaults: "CONFIG_A=2\nCONFIG_B=y\n", want: "A 2\nB 1\n"},
		"depends twice":         {kconfig: "config A\n    int \"A\"\n    depends on y\n    depends on n\n    default 1\n", want: ""},
		"depends on the SDK's":  {kconfig: "config A\n    int \"A\"\n    depends on ESP_TASK_WDT_EN\n    default 1\n", want: "A 1\n"},
		"depends on a given":    {kconfig: "config A\n    int \"A\"\n    depends on LWIP_IPV6\n    default 1\n", sdkconfig: "CONFIG_LWIP_IPV6=y\n", want: "A 1\nLWIP_IPV6 1\n"},
		"menu depends":          {kconfig: "menu \"M\"\n    depends on n\n\n    config A\n        bool \"A\"\n        default y\nendmenu\n", want: ""},
		"if":                    {kconfig: "config B\n    bool \"B\"\nif !B\n    config A\n        bool \"A\"\n        default y\nendif\nif B\n    config C\n        bool \"C\"\n        default y\nendif\n", want: "A 1\n"},
		"menuconfig and menu":   {kconfig: "menuconfig B\n    bool \"B\"\n    default y\nmenu \"M\"\n    comment \"text\"\n        depends on B\n    config A\n        int \"A\"\n        depends on B\n        default 1\nendmenu\n", want: "A 1\nB 1\n"},
		"expressions":           {kconfig: port + "config A\n    bool\n    default y if (PORT = 80 || n) && PORT != 0x51 && !(PORT = \"81\")\n", want: "A 1\nPORT 80\n"},
		"binds":                 {kconfig: "config A\n    bool\n    default y if y || n && n\n", want: "A 1\n"},
		"hex equals":            {kconfig: "config H\n    hex \"H\"\n    default 0x50\nconfig A\n    bool\n    default H = 80 && H = 0x50\n", want: "A 1\nH 0x50\n"},
		"strings equal":         {kconfig: "config S\n    string \"S\"\n    default \"a b\"\nconfig A\n    bool\n    default y if S = \"a b\"\n", want: "A 1\nS \"a b\"\n"},
		"a string is no bool":   {kconfig: "config S\n    string \"S\"\n    default \"y\"\nconfig A\n    bool\n    default y if S\n", want: "S \"y\"\n"},
		"default of an option":  {kconfig: port + "config A\n    int \"A\"\n    default PORT\n", defaults: "CONFIG_PORT=7\n", want: "A 7\nPORT 7\n"},
		"help":                  {kconfig: "config A\n    int \"A\"\n    help\n        config B\n\n          more \"\n        end\n\n    default 1\n# end\n", want: "A 1\n"},
		"help with tabs":        {kconfig: "config A\n\tint \"A\"\n\thelp\n\t\tdefault 2\n\tdefault 1\n", want: "A 1\n"},
		"comments":              {kconfig: "# one\nconfig A # two\n    int \"A # B\" # three\n    default 1# four\n", want: "A 1\n"},
		"choice default":        {kconfig: choice, want: "B 1\n"},
		"choice given":          {kconfig: choice, defaults: "CONFIG_C=y\n", want: "C 1\n"},
		"choice, the last":      {kconfig: choice, defaults: "CONFIG_C=y\nCONFIG_A=y\n", want: "A 1\n"},
		"choice, menuconfig":    {kconfig: choice, defaults: "CONFIG_C=y\n", sdkconfig: "CONFIG_A=y\n# CONFIG_B is not set\n# CONFIG_C is not set\n", want: "A 1\n"},
		"choice, its default":   {kconfig: choice, defaults: "CONFIG_C=y\n", sdkconfig: "# default:\nCONFIG_A=y\n# default:\n# CONFIG_C is not set\n", want: "C 1\n"},
		"choice, the first":     {kconfig: strings.Replace(choice, "default B", "default B if n", 1), want: "A 1\n"},
		"choice, not visible":   {kconfig: strings.Replace(choice, "default B", "depends on n", 1), defaults: "CONFIG_C=y\n", want: ""},
		"choice, a member not":  {kconfig: strings.Replace(choice, "bool \"C\"", "bool \"C\"\n        depends on n", 1), defaults: "CONFIG_C=y\n", want: "B 1\n"},
		"choice with a name":    {kconfig: strings.Replace(choice, "choice", "choice NAME\n    bool", 1), want: "B 1\n"},
		"choice in expressions": {kconfig: choice + "config N\n    int\n    default 1 if A\n    default 2 if B\n", want: "B 1\nN 2\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := configured(t, map[string]string{
				"main/Kconfig.projbuild": test.kconfig, "sdkconfig.defaults": test.defaults, "sdkconfig.defaults.esp32c3": "CONFIG_PORT=33\n",
				"sdkconfig.secrets": test.secrets, "sdkconfig": test.sdkconfig,
			})
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

const choice = `choice
    prompt "Choice"
    default B

    config A
        bool "A"
    config B
        bool "B"
    config C
        bool "C"
endchoice
`

// No error shows the value that was given: it may be a password.
func TestKconfigErrors(t *testing.T) {
	t.Parallel()
	const file, a = "main/Kconfig.projbuild", "config A\n    int \"A\"\n"
	for name, test := range map[string]struct{ kconfig, secrets, want string }{
		"source":             {kconfig: "source \"x\"\n", want: file + ":1: source is not understood: its path is not the project's; write rsource, or orsource"},
		"rsource of nothing": {kconfig: "rsource \"x\"\n", want: file + ":1: main/x does not exist, or is empty"},
		"rsource outside":    {kconfig: "rsource \"../../x\"\n", want: file + ":1: \"../../x\" is outside of the project"},
		"rsource of many":    {kconfig: "rsource \"x*\"\n", want: file + ":1: \"x*\" is not understood: a path may have $IDF_TARGET, and no pattern"},
		"rsource of itself":  {kconfig: "rsource \"Kconfig.projbuild\"\n", want: file + ":1: the files are nested more than 10 deep"},
		"rsource, unquoted":  {kconfig: "rsource x\n", want: file + ":1: x: expected a path in quotes"},
		"select of a number": {kconfig: "config A\n    bool \"A\"\n    select PORT\n" + port, want: file + ":3: PORT is not a bool, and cannot be selected"},
		"a number selects":   {kconfig: "config A\n    int \"A\"\n    select B\n", want: file + ":3: A is not a bool, and cannot select another option"},
		"select in a loop":   {kconfig: "config A\n    bool \"A\"\n    select B\n    default B\nconfig B\n    bool\n", want: file + ":1: A depends on itself"},
		"def_bool":           {kconfig: "config A\n    def_bool y\n", want: file + ":2: def_bool of config is not understood"},
		"visible if":         {kconfig: "menu \"M\"\n    visible if A\nendmenu\n", want: file + ":2: visible of menu is not understood"},
		"macro":              {kconfig: "A := 1\n", want: file + ":1: := 1 is not understood"},
		"variable":           {kconfig: "config A\n    string \"A\"\n    default \"${B}\"\n", want: file + ":3: $ in a string is not understood"},
		"less":               {kconfig: a + "    depends on B < 3\n", want: file + ":3: < 3 is not understood"},
		"continued":          {kconfig: a + "    depends on B && \\\n        C\n", want: file + ":3: \\ is not understood"},
		"no entry":           {kconfig: "    default 1\n", want: file + ":1: default is not understood"},
		"after a menu":       {kconfig: "menu \"M\"\nendmenu\n    depends on A\n", want: file + ":3: depends is not understood"},
		"no name":            {kconfig: "config\n", want: file + ":1: incomplete line"},
		"bad name":           {kconfig: "config a\n", want: file + ":1: a is not the name of an option"},
		"more on the line":   {kconfig: "config A B\n", want: file + ":1: B is not understood"},
		"twice":              {kconfig: a + a, want: file + ":3: A is declared at " + file + ":1 already"},
		"two types":          {kconfig: a + "    bool\n", want: file + ":3: bool: the type is int already"},
		"two prompts":        {kconfig: a + "    prompt \"B\"\n", want: file + ":3: a second prompt"},
		"no type":            {kconfig: "config A\n    default 1\n", want: file + ":1: A has no type"},
		"prompt no text":     {kconfig: "config A\n    int A\n", want: file + ":2: A: expected a text in quotes"},
		"open string":        {kconfig: "config A\n    int \"A\n", want: file + ":2: \"A is not understood"},
		"no endmenu":         {kconfig: "menu \"M\"\n" + a, want: file + ":1: menu without endmenu"},
		"wrong end":          {kconfig: "menu \"M\"\nendif\n", want: file + ":2: endif without a block to end"},
		"only an end":        {kconfig: "endmenu\n", want: file + ":1: endmenu without a block to end"},
		"parenthesis":        {kconfig: a + "    depends on (A\n", want: file + ":3: incomplete line"},
		"wrong parenthesis":  {kconfig: a + "    depends on (A B\n", want: file + ":3: B: expected )"},
		"depends upon":       {kconfig: a + "    depends upon A\n", want: file + ":3: upon: expected on"},
		"not an operand":     {kconfig: a + "    depends on A && &&\n", want: file + ":3: && is neither an option nor a constant"},
		"true":               {kconfig: a + "    default true\n", want: file + ":3: true is neither an option nor a constant"},
		"help of nothing":    {kconfig: a + "    help\n    default 1\n", want: file + ":3: help has no text that is indented more"},
		"help at the end":    {kconfig: a + "    help\n", want: file + ":3: help has no text that is indented more"},
		"int of an option":   {kconfig: a + "    default B && C\n", want: file + ":3: the default is neither an option nor a constant"},
		"int of a string":    {kconfig: a + "    default \"x\"\n", want: file + ":3: this is not a whole number"},
		"hex of a string":    {kconfig: "config A\n    hex \"A\"\n    default \"x\"\n", want: file + ":3: this is not a hexadecimal number"},
		"range of strings":   {kconfig: a + "    range \"x\" 5\n", want: file + ":3: this is not a whole number"},
		"range of a string":  {kconfig: "config A\n    string \"A\"\n    range 1 2\n", want: file + ":3: a range of a string is not understood"},
		"unknown option":     {kconfig: a + "    depends on LWIP_IPV6\n", want: file + ":3: LWIP_IPV6 is an option that the host SDK does not know; sdkconfig.defaults can give it a value"},
		"itself":             {kconfig: "config A\n    bool \"A\"\n    depends on B\nconfig B\n    bool \"B\"\n    depends on A\n", want: file + ":1: A depends on itself"},
		"choice, no prompt":  {kconfig: "choice\nendchoice\n", want: file + ":1: the choice has no prompt"},
		"choice, an int":     {kconfig: "choice\n    prompt \"C\"\n" + a + "endchoice\n", want: file + ":3: A is in a choice, and no bool"},
		"choice, a menu":     {kconfig: "choice\n    prompt \"C\"\nmenu \"M\"\nendmenu\nendchoice\n", want: file + ":3: menu in a choice is not understood"},
		"choice, default":    {kconfig: a + "choice\n    prompt \"C\"\n    default A\nendchoice\n", want: file + ":5: the default is not an option of the choice"},

		"given no number": {kconfig: port, secrets: "\nCONFIG_PORT=hunter22\n", want: "sdkconfig.secrets:2: CONFIG_PORT is not a whole number"},
		"given a string":  {kconfig: port, secrets: "CONFIG_PORT=\"22\"\n", want: "sdkconfig.secrets:1: CONFIG_PORT is not a whole number"},
		"given too much":  {kconfig: port, secrets: "CONFIG_PORT=65536\n", want: "sdkconfig.secrets:1: CONFIG_PORT is not from 1 to 65535"},
		"given no hex":    {kconfig: "config A\n    hex \"A\"\n", secrets: "CONFIG_A=hunter22\n", want: "sdkconfig.secrets:1: CONFIG_A is not a hexadecimal number"},
		"given no bool":   {kconfig: "config A\n    bool \"A\"\n", secrets: "CONFIG_A=1\n", want: "sdkconfig.secrets:1: CONFIG_A is neither y nor n"},
		"given no string": {kconfig: "config A\n    string \"A\"\n", secrets: "CONFIG_A=hunter22\n", want: "sdkconfig.secrets:1: CONFIG_A is not a string in double quotes"},
		"given half":      {kconfig: "config A\n    string \"A\"\n", secrets: "CONFIG_A=\"hunter22\n", want: "sdkconfig.secrets:1: CONFIG_A is not a string in double quotes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := configured(t, map[string]string{"main/Kconfig.projbuild": test.kconfig, "sdkconfig.secrets": test.secrets})
			if err == nil {
				t.Fatalf("no error, but\n%s", got)
			}
			if err.Error() != test.want {
				t.Errorf("got  %s\nwant %s", err, test.want)
			}
		})
	}
}

// TestSDKHeader wants projects to share an SDK that differ in options which it
// does not use.
func TestSDKHeader(t *testing.T) {
	t.Parallel()
	header := func(settings string) string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "sdkconfig.defaults"), []byte(settings), 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := configure(dir)
		if err != nil {
			t.Fatal(err)
		}
		text, err := c.sdkHeader()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	plain := header("")
	if got := header("CONFIG_APP_PORT=80\nCONFIG_LWIP_SO_REUSE=y\n"); got != plain {
		t.Errorf("got\n%s\nwant\n%s", got, plain)
	}
	for name := range sdkDefaults {
		if !strings.Contains(plain, "#define "+name+" ") {
			t.Errorf("the SDK has a default of %s, and does not use it", name)
		}
	}
	for _, used := range []string{"CONFIG_LWIP_MAX_SOCKETS=11", "CONFIG_LWIP_SO_LINGER=y", "CONFIG_ESP_TASK_WDT_PANIC=y"} {
		if header(used+"\n") == plain {
			t.Errorf("%s is not in the SDK's sdkconfig.h", used)
		}
	}
}

// FuzzKconfig reads anything as a project's files.
func FuzzKconfig(f *testing.F) {
	f.Add(port, "CONFIG_PORT=1\n")
	f.Add(choice, "# CONFIG_A is not set\nCONFIG_C=y\n")
	f.Add("menu \"M\"\n    depends on A\nif !(A = 0x1 || B != \"b\")\nmenuconfig A\n    hex\n    prompt 'A' if y\n    help\n\t\ttext\nendif\nendmenu\n", "# default:\nCONFIG_A=0x1\n")
	f.Add("config A\n    bool \"A\"\n    default A && B if C\nconfig B\n    string\n    default A\n    range A B\n", "CONFIG_A=\"\\\"\"\n")
	f.Fuzz(func(_ *testing.T, text, settings string) {
		c := configuration{settings: map[string]setting{}, secrets: map[string]bool{}}
		c.read("sdkconfig", settings, true)
		k := kconfig{configs: map[string]*entry{}}
		if k.read("Kconfig", text) == nil {
			c.options, _, _ = k.evaluate(c.settings)
			c.hide("").Replace(c.header())
		}
	})
}

// TestKconfigLimits has Kconfig files that would take all of the stack, or
// hours.
func TestKconfigLimits(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("(", 100_000)
	for want, kconfig := range map[string]string{
		"main/Kconfig:1: the expression is nested more than 100 deep": "if " + deep + "A",
		"main/Kconfig:2: the expression is nested more than 100 deep": "config A\n    depends on " + strings.Repeat("!", 100_000) + "A\n",
		"main/Kconfig:101: the blocks are nested more than 100 deep":  strings.Repeat("if A\n", 150_000),
		"main/Kconfig is larger than the limit of 1.0 MiB":            strings.Repeat("#", 1<<20+1),
	} {
		if _, err := configured(t, map[string]string{"main/Kconfig": kconfig}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestLargeChoice has a choice of many options: which is selected is found out
// once.
func TestLargeChoice(t *testing.T) {
	t.Parallel()
	const options = 1000
	var b strings.Builder
	b.WriteString("choice C\n    prompt \"C\"\n")
	for i := range options {
		fmt.Fprintf(&b, "config A%d\n    bool \"A\"\n", i)
	}
	b.WriteString("endchoice\n")
	k := kconfig{configs: map[string]*entry{}}
	if err := k.read("Kconfig", b.String()); err != nil {
		t.Fatal(err)
	}
	looks := 0
	for _, e := range k.entries {
		if e.keyword == "config" {
			e.depends = append(e.depends, func(*evaluation) bool { looks++; return true })
		}
	}
	defined, _, err := k.evaluate(nil)
	if err != nil || len(defined) != 1 || defined["CONFIG_A0"] != "1" {
		t.Errorf("got %d, %v", len(defined), err)
	}
	if looks > 5*options {
		t.Errorf("it looked %d times at %d options", looks, options)
	}
}

// The values, and what is warned of, are those of kconfgen 2.5.
func TestKconfigSelect(t *testing.T) {
	t.Parallel()
	const a, b, c = "config A\n    bool \"A\"\n", "config B\n    bool \"B\"\n", "config C\n    bool \"C\"\n"
	for name, test := range map[string]struct{ kconfig, defaults, want, notes string }{
		"select":            {kconfig: a + "    select B\n" + b, defaults: "CONFIG_A=y\n", want: "A 1\nB 1\n"},
		"select wins":       {kconfig: a + "    select B\n" + b, defaults: "CONFIG_A=y\nCONFIG_B=n\n", want: "A 1\nB 1\n"},
		"select by n":       {kconfig: a + "    select B\n" + b},
		"select if":         {kconfig: a + "    select B if C\n" + b + c, defaults: "CONFIG_A=y\n", want: "A 1\n"},
		"select unmet":      {kconfig: a + "    select B\n" + b + "    depends on C\n" + c, defaults: "CONFIG_A=y\n", want: "A 1\nB 1\n", notes: "main/Kconfig:3: warning: A selects B, although what B depends on is n\n"},
		"imply":             {kconfig: a + "    imply B\n" + b, defaults: "CONFIG_A=y\n", want: "A 1\nB 1\n"},
		"imply, given":      {kconfig: a + "    imply B\n" + b, defaults: "CONFIG_A=y\nCONFIG_B=n\n", want: "A 1\n"},
		"imply unmet":       {kconfig: a + "    imply B\n" + b + "    depends on C\n" + c, defaults: "CONFIG_A=y\n", want: "A 1\n"},
		"chain":             {kconfig: a + "    select B\nconfig B\n    bool\n    select C\nconfig C\n    bool\n", defaults: "CONFIG_A=y\n", want: "A 1\nB 1\nC 1\n"},
		"choice":            {kconfig: a + "    select C\nchoice X\n    prompt \"X\"\n" + b + c + "endchoice\n", defaults: "CONFIG_A=y\n", want: "A 1\nB 1\n", notes: "main/Kconfig:3: warning: select and imply have no effect on C, which is in a choice\n"},
		"menu":              {kconfig: "menu \"M\"\n    depends on C\n" + a + "    default y\n    select B\nendmenu\n" + b + c},
		"option of ESP-IDF": {kconfig: a + "    select LWIP_SO_LINGER\nconfig D\n    int\n    default 1 if LWIP_SO_LINGER\n", defaults: "CONFIG_A=y\n", want: "A 1\nD 1\nLWIP_SO_LINGER 1\n"},
		"rsource":           {kconfig: "if A\nrsource \"sub/Kconfig.more\"\nendif\n" + a + "    default y\n", want: "A 1\nMORE 3\n"},
		"rsource of a chip": {kconfig: "rsource \"sub/Kconfig.$IDF_TARGET\"\n", defaults: "CONFIG_IDF_TARGET=\"esp32c3\"\n", want: "C3 1\nIDF_TARGET \"esp32c3\"\n"},
		"orsource":          {kconfig: "orsource \"none/Kconfig\"\n" + a + "    default y\n", want: "A 1\n"},
		"target":            {kconfig: a + "    default y if IDF_TARGET_ESP32C3 && IDF_TARGET_ARCH_RISCV && FREERTOS_UNICORE\n", defaults: "CONFIG_IDF_TARGET=\"esp32c3\"\n", want: "A 1\nIDF_TARGET \"esp32c3\"\n"},
		"target not given":  {kconfig: a + "    default y if IDF_TARGET_ESP32 && IDF_TARGET = \"esp32\" && !FREERTOS_UNICORE && SOC_CPU_CORES_NUM = 2\n", want: "A 1\n"},
		"target of a liar":  {kconfig: a + "    default y if IDF_TARGET_ESP32C3\n", defaults: "CONFIG_IDF_TARGET_ESP32C3=y\n"},
		"one core of two":   {kconfig: a + "    default y if ESP_SYSTEM_SINGLE_CORE_MODE && FREERTOS_NUMBER_OF_CORES = 1\n", defaults: "CONFIG_FREERTOS_UNICORE=y\n", want: "A 1\nFREERTOS_UNICORE 1\n"},
		"what a chip has":   {kconfig: a + "    default y if SOC_WIFI_SUPPORTED && !SOC_BT_CLASSIC_SUPPORTED\n", defaults: "CONFIG_IDF_TARGET=\"esp32c6\"\n", want: "A 1\nIDF_TARGET \"esp32c6\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range map[string]string{
				"main/Kconfig": test.kconfig, "sdkconfig.defaults": test.defaults,
				"main/sub/Kconfig.more": "config MORE\n    int \"More\"\n    default 3\n", "main/sub/Kconfig.esp32c3": "config C3\n    int\n    default 1\n",
			} {
				file = filepath.Join(dir, file)
				if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			got, notes, err := configuredIn(dir)
			if err != nil || got != test.want || notes != test.notes {
				t.Errorf("got %q, %q, %v\nwant %q, %q", got, notes, err, test.want, test.notes)
			}
		})
	}
}

// TestKconfigComponents reads the files of the components that are built.
func TestKconfigComponents(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"CMakeLists.txt": "set(EXTRA_COMPONENT_DIRS parts)\nidf_build_set_property(MINIMAL_BUILD ON)\nproject(p)\n",

		"main/CMakeLists.txt":         "idf_component_register(REQUIRES a b)\n",
		"main/Kconfig":                "config MAIN\n    int\n    default A\n",
		"components/a/CMakeLists.txt": "idf_component_register()\n", "components/a/Kconfig": "config A\n    int \"A\"\n",
		"parts/b/CMakeLists.txt": "idf_component_register()\n", "parts/b/Kconfig.projbuild": "config B\n    int\n    default 2\n",
		"components/c/CMakeLists.txt": "idf_component_register()\n", "components/c/Kconfig": "nobody requires it\n",
		"components/d/Kconfig": "there is no CMakeLists.txt\n",
		"sdkconfig.defaults":   "CONFIG_A=1\n",
	} {
		name = filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if got, _, err := configuredIn(dir); err != nil || got != "A 1\nB 2\nMAIN 1\n" {
		t.Errorf("got %q, %v", got, err)
	}
}
