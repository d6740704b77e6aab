// A TLS server of Go: directory, port, whether clients are asked (none, request, require), the newest version.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"os"
)

func main() {
	directory, port, clients, version := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	certificate := must(tls.LoadX509KeyPair(directory+"/cert.pem", directory+"/key.pem"))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(must(os.ReadFile(directory + "/ca.pem")))
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, ClientCAs: roots}
	config.ClientAuth = map[string]tls.ClientAuthType{
		"none":    tls.NoClientCert,
		"request": tls.VerifyClientCertIfGiven,
		"require": tls.RequireAndVerifyClientCert,
	}[clients]
	if version == "1.2" {
		config.MaxVersion = tls.VersionTLS12
	}
	listener := must(tls.Listen("tcp", "127.0.0.1:"+port, config))
	for {
		connection, err := listener.Accept()
		if err != nil {
			continue
		}
		go func() {
			defer connection.Close()
			connection.Read(make([]byte, 4096))
		}()
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
