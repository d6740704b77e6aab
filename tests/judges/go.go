// Judge: Go's crypto/x509 and crypto/tls, both ends over the loopback.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
)

var purposes = map[string]x509.ExtKeyUsage{
	"server": x509.ExtKeyUsageServerAuth,
	"client": x509.ExtKeyUsageClientAuth,
}

func main() {
	questions := bufio.NewScanner(os.Stdin)
	for questions.Scan() {
		if err := answer(strings.Split(questions.Text(), "\t")); err != nil {
			fmt.Println("no:", err)
		} else {
			fmt.Println("ok")
		}
	}
}

func answer(fields []string) error {
	if fields[0] == "verify" {
		return verify(fields[1], fields[2], fields[3], fields[4])
	}
	return handshake(fields[1], fields[2], fields[3], fields[4])
}

func verify(purpose, name, directory, trust string) error {
	options := x509.VerifyOptions{
		Roots:         pool(trust),
		Intermediates: x509.NewCertPool(),
		KeyUsages:     []x509.ExtKeyUsage{purposes[purpose]},
	}
	if name != "-" {
		options.DNSName = name
	}
	chain := identity(directory).Certificate
	for _, der := range chain[1:] {
		options.Intermediates.AddCert(must(x509.ParseCertificate(der)))
	}
	_, err := must(x509.ParseCertificate(chain[0])).Verify(options)
	return err
}

func handshake(server, client, trust, name string) error {
	serverConfig := &tls.Config{
		Certificates: []tls.Certificate{identity(server)},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    pool(server + "/ca.pem"),
	}
	clientConfig := &tls.Config{RootCAs: pool(trust), ServerName: name}
	if client != "-" {
		// Unlike Certificates, this also offers one whose issuer the server does not ask for.
		clientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			own := identity(client)
			return &own, nil
		}
	}
	listener := must(tls.Listen("tcp", "127.0.0.1:0", serverConfig))
	defer listener.Close()
	go func() {
		connection := must(listener.Accept())
		defer connection.Close()
		// The octet that tells the client that the server took it.
		_, _ = connection.Write([]byte("!"))
	}()
	connection, err := tls.Dial("tcp", listener.Addr().String(), clientConfig)
	if err != nil {
		return err
	}
	defer connection.Close()
	_, err = connection.Read(make([]byte, 1))
	return err
}

func identity(directory string) tls.Certificate {
	return must(tls.LoadX509KeyPair(directory+"/cert.pem", directory+"/key.pem"))
}

func pool(file string) *x509.CertPool {
	made := x509.NewCertPool()
	if !made.AppendCertsFromPEM(must(os.ReadFile(file))) {
		panic("no certificate in " + file)
	}
	return made
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
