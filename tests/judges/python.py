"""Judge: Python's ssl, strict. It validates chains in handshakes only, so both ends run here, in memory."""

import ssl
import sys


def context(role, trust, directory=None):
    """One end; it verifies its peer where it has something to trust."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if role == "server" else ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = bool(trust) and role == "client"
    made.verify_mode = ssl.CERT_REQUIRED if trust else ssl.CERT_NONE
    made.verify_flags |= ssl.VERIFY_X509_STRICT
    if trust:
        made.load_verify_locations(trust)
    if directory:
        made.load_cert_chain(f"{directory}/cert.pem", f"{directory}/key.pem")
    return made


def handshake(server_context, client_context, name=None):
    """Raises what either end finds wrong. The last octet tells the client that the server took it."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    while waiting:
        end = waiting.pop(0)
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            waiting.append(end)
    server.write(b"!")
    client.read(1)


def verify(purpose, name, directory, trust):
    if purpose == "server":
        handshake(context("server", None, directory), context("client", trust), name)
    else:
        handshake(context("server", trust, directory), context("client", None, directory))


def tls(server, client, trust, name):
    own = None if client == "-" else client
    handshake(context("server", f"{server}/ca.pem", server), context("client", trust, own), name)


for line in sys.stdin:
    question, *fields = line.rstrip("\n").split("\t")
    try:
        {"verify": verify, "tls": tls}[question](*fields)
        print("ok")
    except ssl.SSLError as error:
        print("no:", error)
