// Verifies the cases in the folders that its standard input names, one a line: `DIRECTORY SECONDS PURPOSE HOST|-`.
// It answers each with a line: `ok`, or `no` and its reason.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

func certificates(path string) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	rest, err := os.ReadFile(path)
	if err != nil {
		return nil, nil
	}
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return all, nil
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		all = append(all, certificate)
	}
}

func verify(words []string) error {
	seconds, _ := strconv.ParseInt(words[1], 10, 64)
	options := x509.VerifyOptions{
		Roots:         x509.NewCertPool(),
		Intermediates: x509.NewCertPool(),
		CurrentTime:   time.Unix(seconds, 0),
	}
	switch words[2] {
	case "server":
		options.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	case "client":
		options.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	default:
		options.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
	}
	if words[3] != "-" {
		options.DNSName = words[3]
	}
	for name, pool := range map[string]*x509.CertPool{"trust.pem": options.Roots, "untrusted.pem": options.Intermediates} {
		all, err := certificates(words[0] + "/" + name)
		if err != nil {
			return err
		}
		for _, certificate := range all {
			pool.AddCert(certificate)
		}
	}
	leaf, err := certificates(words[0] + "/leaf.pem")
	if err != nil {
		return err
	}
	_, err = leaf[0].Verify(options)
	return err
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if err := verify(strings.Split(lines.Text(), " ")); err != nil {
			fmt.Println("no", strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("ok")
		}
	}
}
