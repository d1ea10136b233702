package hostsdk

import (
	"bytes"
	"compress/gzip"
	_ "embed" // what chips have
	"io"
	"slices"
	"strings"
)

// What each chip has, of ESP-IDF 5.5: the program in idf writes it.
//
//go:embed idf/soc_caps.txt.gz
var socCaps []byte

// The chips whose core is not Xtensa's are RISC-V's; most have one core.
var (
	xtensa   = []string{"esp32", "esp32s2", "esp32s3"}
	twoCores = []string{"esp32", "esp32s3", "esp32p4"}
)

// chooseTarget gives the options that only the target decides of: nobody can
// set them in menuconfig.
func (c *configuration) chooseTarget() error {
	decide := func(name, value string) {
		s := c.settings["CONFIG_"+name] // its place stays
		s.text, s.quoted = value, false
		c.settings["CONFIG_"+name] = s
	}
	offer := func(name string, s setting) {
		if c.settings["CONFIG_"+name].order == 0 {
			c.settings["CONFIG_"+name] = s
		}
	}
	r, err := gzip.NewReader(bytes.NewReader(socCaps))
	if err != nil {
		return err
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		target, caps, _ := strings.Cut(line, "\t")
		decide("IDF_TARGET_"+strings.ToUpper(target), "n")
		if target != c.target {
			continue
		}
		for option := range strings.FieldsSeq(caps) {
			name, value, _ := strings.Cut(option, "=")
			decide(name, value)
		}
	}
	decide("IDF_TARGET_"+strings.ToUpper(c.target), "y")
	arch := "RISCV"
	if slices.Contains(xtensa, c.target) {
		arch = "XTENSA"
	}
	decide("IDF_TARGET_ARCH_RISCV", "n")
	decide("IDF_TARGET_ARCH_XTENSA", "n")
	decide("IDF_TARGET_ARCH_"+arch, "y")
	offer("IDF_TARGET_ARCH", setting{text: strings.ToLower(arch), quoted: true})
	offer("IDF_TARGET", setting{text: c.target, quoted: true})
	if slices.Contains(twoCores, c.target) {
		offer("FREERTOS_UNICORE", setting{text: "n"})
	} else {
		decide("FREERTOS_UNICORE", "y")
	}
	cores := "2"
	if c.settings["CONFIG_FREERTOS_UNICORE"].text == "y" {
		decide("ESP_SYSTEM_SINGLE_CORE_MODE", "y")
		cores = "1"
	}
	decide("FREERTOS_NUMBER_OF_CORES", cores)
	return nil
}
