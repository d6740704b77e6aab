// One TLS connection of Go: ROLE PORT KEY=VALUE..., as tests/explain/stacks.rs says; prints what goes wrong.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

func main() {
	given := map[string]string{}
	for _, word := range os.Args[3:] {
		key, value, _ := strings.Cut(word, "=")
		given[key] = value
	}
	if err := run(os.Args[1], "127.0.0.1:"+os.Args[2], given); err != nil {
		fmt.Println(err)
	}
}

func run(role, address string, given map[string]string) error {
	name := given["name"]
	if name == "" {
		name = "localhost"
	}
	config := &tls.Config{ServerName: name}
	switch given["version"] {
	case "1.2":
		config.MaxVersion = tls.VersionTLS12
	case "1.3":
		config.MinVersion = tls.VersionTLS13
	}
	if given["cipher"] != "" {
		config.MaxVersion = tls.VersionTLS12
		config.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384}
		if strings.Contains(given["cipher"], "CHACHA") {
			config.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256}
		}
	}
	if given["cert"] != "" {
		certificate, err := tls.LoadX509KeyPair(given["cert"], given["key"])
		if err != nil {
			return err
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	if given["ca"] != "" {
		text, err := os.ReadFile(given["ca"])
		if err != nil {
			return err
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(text)
		config.RootCAs, config.ClientCAs = roots, roots
	}
	if given["clients"] == "require" {
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	connection, err := connect(role, address, config)
	if err != nil {
		return err
	}
	connection.SetDeadline(time.Now().Add(10 * time.Second))
	if err := connection.Handshake(); err != nil {
		return err
	}
	buffer := make([]byte, 100)
	if role == "client" {
		if _, err := connection.Write([]byte("hello\n")); err != nil {
			return err
		}
	}
	if _, err := connection.Read(buffer); err != nil {
		return err
	}
	if role == "server" {
		connection.Write([]byte("hello\n"))
	}
	return connection.Close()
}

func connect(role, address string, config *tls.Config) (*tls.Conn, error) {
	if role == "client" {
		raw, err := net.Dial("tcp", address)
		if err != nil {
			return nil, err
		}
		return tls.Client(raw, config), nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	raw, err := listener.Accept()
	if err != nil {
		return nil, err
	}
	return tls.Server(raw, config), nil
}
