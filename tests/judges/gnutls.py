"""Judge: GnuTLS; certtool for chains, the library itself for handshakes, both ends on a socket pair.

gnutls-serv would do, but it listens on every interface of the machine.
"""

import ctypes
import socket
import subprocess
import sys
import threading

LIBRARY = ctypes.CDLL("libgnutls.so.30")
LIBRARY.gnutls_strerror.restype = ctypes.c_char_p

# From gnutls.h.
SERVER, CLIENT = 1, 2
CERTIFICATE_CREDENTIALS = 1
CERTIFICATE_REQUIRED = 2
PEM = 1
DNS_HOSTNAME, KEY_PURPOSE = 1, 2

PURPOSES = {"server": b"1.3.6.1.5.5.7.3.1", "client": b"1.3.6.1.5.5.7.3.2"}


class Refused(Exception):
    """What GnuTLS says against a chain or a peer."""


class Expectation(ctypes.Structure):
    """gnutls_typed_vdata_st"""

    _fields_ = [("type", ctypes.c_int), ("data", ctypes.c_char_p), ("size", ctypes.c_uint)]


def call(function, *arguments):
    while (code := getattr(LIBRARY, function)(*arguments)) < 0:
        if LIBRARY.gnutls_error_is_fatal(code):
            raise Refused(LIBRARY.gnutls_strerror(code).decode())
    return code


class End:
    """One end of a connection, which expects a purpose and perhaps a name of its peer."""

    def __init__(self, role, stream, directory, trust, purpose, name=None):
        self.stream = stream
        self.credentials, self.session = ctypes.c_void_p(), ctypes.c_void_p()
        call("gnutls_certificate_allocate_credentials", ctypes.byref(self.credentials))
        call("gnutls_certificate_set_x509_trust_file", self.credentials, trust.encode(), PEM)
        if directory != "-":
            own = [f"{directory}/{file}.pem".encode() for file in ("cert", "key")]
            call("gnutls_certificate_set_x509_key_file", self.credentials, *own, PEM)
        call("gnutls_init", ctypes.byref(self.session), role)
        call("gnutls_set_default_priority", self.session)
        call("gnutls_credentials_set", self.session, CERTIFICATE_CREDENTIALS, self.credentials)
        LIBRARY.gnutls_certificate_server_set_request(self.session, CERTIFICATE_REQUIRED)
        expected = [Expectation(KEY_PURPOSE, PURPOSES[purpose], 0)]
        if name:
            expected.append(Expectation(DNS_HOSTNAME, name.encode(), 0))
        self.expected = (Expectation * len(expected))(*expected)
        LIBRARY.gnutls_session_set_verify_cert2(self.session, self.expected, len(expected), 0)
        LIBRARY.gnutls_transport_set_int2(self.session, stream.fileno(), stream.fileno())

    def exchange(self, function):
        """Shakes hands, then sends or receives the octet that says that the server took the client."""
        try:
            call("gnutls_handshake", self.session)
            if call(function, self.session, ctypes.create_string_buffer(b"!"), 1) != 1:
                raise Refused("closed without an octet")
        finally:
            LIBRARY.gnutls_deinit(self.session)
            LIBRARY.gnutls_certificate_free_credentials(self.credentials)
            self.stream.close()


def serve(end):
    try:
        end.exchange("gnutls_record_send")
    except Refused:
        pass  # the client misses its octet and tells


def tls(server, client, trust, name):
    server_stream, client_stream = socket.socketpair()
    end = End(SERVER, server_stream, server, f"{server}/ca.pem", "client")
    thread = threading.Thread(target=serve, args=[end])
    thread.start()
    try:
        End(CLIENT, client_stream, client, trust, "server", name).exchange("gnutls_record_recv")
    finally:
        thread.join()


def verify(purpose, name, directory, trust):
    command = ["certtool", "--verify", "--infile", f"{directory}/cert.pem"]
    command += ["--load-ca-certificate", trust, "--verify-purpose", PURPOSES[purpose].decode()]
    if name != "-":
        command += ["--verify-hostname", name]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        raise Refused(" ".join((run.stdout + run.stderr).split()))


for line in sys.stdin:
    question, *fields = line.rstrip("\n").split("\t")
    try:
        {"verify": verify, "tls": tls}[question](*fields)
        print("ok")
    except Refused as refused:
        print("no:", refused)
