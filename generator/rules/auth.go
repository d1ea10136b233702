package rules

// checkAuth holds the weakest security against the password.
func (c *checker) checkAuth() {
	if c.spec.WiFi.Auth == nil || c.faulty("wifi.auth", "wifi.password") {
		return
	}
	auth, password := *c.spec.WiFi.Auth, *c.spec.WiFi.Password
	shown := c.file.Show("wifi.auth", auth)
	switch {
	case auth == "open" && password != "":
		c.errorf("wifi.auth", "write wpa2_psk, or leave it out", "%s would accept a network without a key, so that wifi.password protects nothing", shown)
	case auth != "open" && password == "":
		c.errorf("wifi.auth", "give wifi.password, or leave auth out for an open network", "%s needs a key, but wifi.password is empty", shown)
	case auth == "wpa3_psk" && len(password) == 64:
		c.errorf("wifi.auth", "give the passphrase as wifi.password, or write wpa2_psk", "%s needs a passphrase of 8 to 63 characters, but wifi.password is a raw key of 64 digits", shown)
	}
}
