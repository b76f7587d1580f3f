package sample

import "crypto/tls"

func configs() []*tls.Config {
	// ruleid: go-tls-old-version
	a := &tls.Config{MinVersion: tls.VersionTLS10}
	b := new(tls.Config)
	// ruleid: go-tls-old-version
	b.MinVersion = tls.VersionTLS11
	// ok: go-tls-old-version
	c := &tls.Config{MinVersion: tls.VersionTLS13}
	// ok: go-tls-old-version
	d := &tls.Config{ServerName: "broker"}
	return []*tls.Config{a, b, c, d}
}
