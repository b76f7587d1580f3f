package sample

import (
	"crypto/tls"
	"crypto/x509"
)

func configs(roots *x509.CertPool) {
	// ruleid: go-tls-verification-off
	_ = &tls.Config{MinVersion: tls.VersionTLS13, InsecureSkipVerify: true}

	c := &tls.Config{}
	// ruleid: go-tls-verification-off
	c.InsecureSkipVerify = true

	// ok: go-tls-verification-off
	_ = &tls.Config{RootCAs: roots, InsecureSkipVerify: false}
}
func named(c *tls.Config) {
	// ok: go-tls-verification-off
	c.InsecureSkipVerify = false
}
