// Stands in for rqlited 10.2, which tests/run cannot install: its flags, TLS and users, without a database.
//
// TLS is set up as rqlite's internal/rtls does it: 1.2 or later, the given roots instead of the system's,
// RequireAndVerifyClientCert. A node that joins is dialled back at the address that it advertises, as a leader
// dials it.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
)

// side is what the flags say about one of the two ports.
type side struct {
	address, advertised, cert, key, ca string
	verifyClient                       bool
}

func flags(name, address, port string) *side {
	s := new(side)
	flag.StringVar(&s.address, address, "localhost:"+port, "")
	flag.StringVar(&s.advertised, strings.Replace(address, "-", "-adv-", 1), "", "")
	flag.StringVar(&s.cert, name+"-cert", "", "")
	flag.StringVar(&s.key, name+"-key", "", "")
	flag.StringVar(&s.ca, name+"-ca-cert", "", "")
	flag.BoolVar(&s.verifyClient, name+"-verify-client", false, "")
	return s
}

var (
	clients          = flags("http", "http-addr", "4001")
	nodes            = flags("node", "raft-addr", "4002")
	nodeID           = flag.String("node-id", "", "")
	nodeNoVerify     = flag.Bool("node-no-verify", false, "")
	nodeVerifyServer = flag.String("node-verify-server-name", "", "")
	join             = flag.String("join", "", "")
	auth             = flag.String("auth", "", "")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("the one argument is the data directory")
	}
	if nodes.cert != "" {
		go serveNodes(nodes.listen())
	}
	if *join != "" {
		for _, address := range strings.Split(*join, ",") {
			if err := joinNode(address); err != nil {
				log.Fatalf("joining %s: %v", address, err)
			}
		}
	}
	http.HandleFunc("/status", permitted("status", status))
	http.HandleFunc("/db/query", permitted("query", query))
	log.Fatal(http.Serve(clients.listen(), nil))
}

func (s *side) listen() net.Listener {
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		log.Fatal(err)
	}
	if (s.cert == "") != (s.key == "") {
		log.Fatal("certificate and key must both be set, or neither")
	}
	if s.cert == "" {
		return listener
	}
	config := s.config()
	if config.ClientCAs = s.roots(); s.verifyClient {
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return tls.NewListener(listener, config)
}

func (s *side) config() *tls.Config {
	pair, err := tls.LoadX509KeyPair(s.cert, s.key)
	if err != nil {
		log.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
}

// roots returns nil, the system's, where no file is given.
func (s *side) roots() *x509.CertPool {
	if s.ca == "" {
		return nil
	}
	file, err := os.ReadFile(s.ca)
	if err != nil {
		log.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(file) {
		log.Fatalf("no certificate in %s", s.ca)
	}
	return pool
}

// joined are the nodes that joined at this one.
var joined = struct {
	sync.Mutex
	names []string
}{}

// serveNodes answers `join ID ADDRESS` once the node can be dialled back, and `hello` with our name.
func serveNodes(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer connection.Close()
			line, err := bufio.NewReader(connection).ReadString('\n')
			if err != nil {
				log.Print(err)
				drain(connection.(*tls.Conn).NetConn())
				return
			}
			fmt.Fprintln(connection, answerNode(strings.Fields(line)))
		}()
	}
}

func answerNode(words []string) string {
	if len(words) != 3 || words[0] != "join" {
		return *nodeID
	}
	if _, err := ask(words[2], "hello"); err != nil {
		return fmt.Sprintf("refused: dialling %s: %v", words[2], err)
	}
	joined.Lock()
	defer joined.Unlock()
	joined.names = append(joined.names, words[1])
	return "joined"
}

// drain reads to the end: closed with something unread, TCP drops what was sent, among it the alert that says why.
func drain(connection net.Conn) {
	connection.(*net.TCPConn).CloseWrite()
	io.Copy(io.Discard, connection)
}

func joinNode(address string) error {
	answer, err := ask(address, fmt.Sprintf("join %s %s", *nodeID, nodes.advertised))
	if err == nil && answer != "joined" {
		err = errors.New(answer)
	}
	return err
}

func ask(address, question string) (string, error) {
	config := nodes.config()
	config.RootCAs = nodes.roots()
	config.InsecureSkipVerify = *nodeNoVerify
	config.ServerName = *nodeVerifyServer
	connection, err := tls.Dial("tcp", address, config)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	fmt.Fprintln(connection, question)
	answer, err := bufio.NewReader(connection).ReadString('\n')
	return strings.TrimSpace(answer), err
}

// permitted lets those users in whom the file with credentials gives the permission.
func permitted(permission string, handler http.HandlerFunc) http.HandlerFunc {
	type user struct {
		Username, Password string
		Perms              []string
	}
	var users []user
	if *auth != "" {
		file, err := os.ReadFile(*auth)
		if err == nil {
			err = json.Unmarshal(file, &users)
		}
		if err != nil {
			log.Fatal(err)
		}
	}
	may := func(name, password string) bool {
		for _, user := range users {
			known := user.Username == "*" || user.Username == name && user.Password == password
			for _, given := range user.Perms {
				if known && (given == permission || given == "all") {
					return true
				}
			}
		}
		return *auth == ""
	}
	return func(writer http.ResponseWriter, request *http.Request) {
		name, password, _ := request.BasicAuth()
		if !may(name, password) {
			writer.Header().Set("WWW-Authenticate", `Basic realm="rqlite"`)
			http.Error(writer, "Unauthorized", http.StatusUnauthorized)
			return
		}
		handler(writer, request)
	}
}

func status(writer http.ResponseWriter, _ *http.Request) {
	joined.Lock()
	defer joined.Unlock()
	json.NewEncoder(writer).Encode(map[string][]string{"joined": joined.names})
}

// query knows one statement, in either of the forms that the API takes.
func query(writer http.ResponseWriter, request *http.Request) {
	statements := request.URL.Query()["q"]
	if request.Method == http.MethodPost {
		json.NewDecoder(request.Body).Decode(&statements)
	}
	if len(statements) != 1 || statements[0] != "SELECT 1" {
		http.Error(writer, "unknown statement", http.StatusBadRequest)
		return
	}
	io.WriteString(writer, `{"results":[{"columns":["1"],"types":["integer"],"values":[[1]]}]}`)
}
