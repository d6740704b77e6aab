"""Stands in for a RethinkDB node's cluster port, where nodes meet by mutual TLS: rethinkdb_node.py CONFIGURATION

It loads the files into OpenSSL as RethinkDB does, one context for both directions, and compares no names. It
first dials the nodes that the configuration has it join, and ends where one of them refuses it.
"""

import socket
import ssl
import sys


def context(protocol, options):
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ecdh_curve("prime256v1")
    context.load_cert_chain(options["cluster-tls-cert"], options["cluster-tls-key"])
    context.load_verify_locations(options["cluster-tls-ca"])
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def dial(tls, address):
    host, port = address.rsplit(":", 1)
    with tls.wrap_socket(socket.create_connection((host, int(port)))) as peer:
        # Under TLS 1.3 a refusal comes after the handshake.
        if peer.recv(16) != b"welcome":
            raise EOFError("closed")


def welcome(tls, plain):
    try:
        with tls.wrap_socket(plain, server_side=True) as peer:
            peer.sendall(b"welcome")
    except OSError:
        pass


def main(configuration):
    with open(configuration) as lines:
        options = dict(line.rstrip("\n").split("=", 1) for line in lines if not line.startswith("#"))
    if "join" in options:
        try:
            dial(context(ssl.PROTOCOL_TLS_CLIENT, options), options["join"])
        except (OSError, EOFError) as error:
            sys.exit(f"joining {options['join']}: {error}")
    tls = context(ssl.PROTOCOL_TLS_SERVER, options)
    with socket.create_server((options["bind-cluster"], int(options["cluster-port"]))) as listener:
        while True:
            plain, _ = listener.accept()
            plain.settimeout(60)
            welcome(tls, plain)


main(*sys.argv[1:])
