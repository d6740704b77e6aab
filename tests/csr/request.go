// Writes request.csr as Go's standard library makes them; the argument is the type of key.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"net/url"
	"os"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	var key crypto.Signer
	switch os.Args[1] {
	case "p256":
		key = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	case "p384":
		key = must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	case "p521":
		key = must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader))
	case "rsa2048":
		key = must(rsa.GenerateKey(rand.Reader, 2048))
	case "ed25519":
		_, private, err := ed25519.GenerateKey(rand.Reader)
		key = must(private, err)
	}
	template := x509.CertificateRequest{
		Subject:        pkix.Name{CommonName: "asked", Organization: []string{"Example"}},
		DNSNames:       []string{"node1", "*.db.internal"},
		IPAddresses:    []net.IP{net.IPv4(10, 0, 0, 1), net.ParseIP("2001:db8::1")},
		URIs:           []*url.URL{must(url.Parse("spiffe://prod/db"))},
		EmailAddresses: []string{"dba@example.org"},
	}
	der := must(x509.CreateCertificateRequest(rand.Reader, &template, key))
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
	if err := os.WriteFile("request.csr", text, 0o644); err != nil {
		panic(err)
	}
}
