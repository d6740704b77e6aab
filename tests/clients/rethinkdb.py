"""Stands in for RethinkDB's driver port, as RethinkDB itself is in no registry: rethinkdb.py CONFIGURATION PASSWORD

It loads the files that CONFIGURATION names into OpenSSL by the same calls as RethinkDB since 2.4.3, speaks
the handshake V1_0 (SCRAM-SHA-256, RFC 5802 and 7677) with the one user `admin`, and answers what drivers
ask besides data. One thing it cannot do alike: Python sets a session id context, so resumed sessions are
taken, where RethinkDB refuses them once it asks for certificates.
"""

import base64
import hashlib
import hmac
import json
import os
import socket
import ssl
import struct
import sys
import threading

MAGIC = 0x34C2BDC3
# Types of queries, and those of the answers: what waits for writes, and who the server is.
NOREPLY_WAIT, SERVER_INFO = 4, 5
ANSWERS = {NOREPLY_WAIT: (4, []), SERVER_INFO: (5, [{"id": "stand-in", "name": "stand-in", "proxy": False}])}


class Refused(Exception):
    pass


def context(options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ecdh_curve("prime256v1")
    # SSL_CTX_use_certificate_chain_file, SSL_CTX_check_private_key
    context.load_cert_chain(options["driver-tls-cert"], options["driver-tls-key"])
    if "driver-tls-ca" in options:
        # SSL_CTX_load_verify_locations, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
        context.load_verify_locations(options["driver-tls-ca"])
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def fields(message):
    return dict(field.split("=", 1) for field in message.split(",") if "=" in field)


class Connection:
    def __init__(self, stream, password):
        self.stream = stream.makefile("rwb")
        self.password = password.encode()

    def read(self, layout):
        octets = self.stream.read(struct.calcsize(layout))
        if len(octets) < struct.calcsize(layout):
            raise EOFError
        return struct.unpack(layout, octets)

    def read_text(self):
        text = bytearray()
        while (octet := self.read("c")[0]) != b"\0":
            text += octet
        return json.loads(text)

    def write_text(self, **answer):
        self.stream.write(json.dumps(answer).encode() + b"\0")
        self.stream.flush()

    def handshake(self):
        if self.read("<I") != (MAGIC,):
            raise Refused("not the handshake V1_0")
        self.write_text(success=True, min_protocol_version=0, max_protocol_version=0, server_version="2.4.4")
        try:
            self.authenticate()
        except Refused as refusal:
            self.write_text(success=False, error=str(refusal), error_code=12)
            raise

    def authenticate(self):
        request = self.read_text()
        if (request["protocol_version"], request["authentication_method"]) != (0, "SCRAM-SHA-256"):
            raise Refused("unknown protocol or method")
        first = request["authentication"].removeprefix("n,,")
        if fields(first)["n"] != "admin":
            raise Refused("Unknown user")
        salt, rounds = os.urandom(16), 4096
        nonce = fields(first)["r"] + base64.b64encode(os.urandom(18)).decode()
        challenge = f"r={nonce},s={base64.b64encode(salt).decode()},i={rounds}"
        self.write_text(success=True, authentication=challenge)

        final = self.read_text()["authentication"]
        without_proof, proof = final.rsplit(",p=", 1)
        if fields(final)["r"] != nonce or fields(final)["c"] != "biws":
            raise Refused("Invalid nonce")
        signed = f"{first},{challenge},{without_proof}".encode()
        salted = hashlib.pbkdf2_hmac("sha256", self.password, salt, rounds)
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(client_key).digest(), signed, "sha256")
        expected = bytes(left ^ right for left, right in zip(client_key, signature))
        if not hmac.compare_digest(base64.b64decode(proof), expected):
            raise Refused("Wrong password")
        verifier = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
        self.write_text(success=True, authentication="v=" + base64.b64encode(verifier).decode())

    def answer(self):
        token, length = self.read("<QI")
        kind, *_ = json.loads(self.stream.read(length))
        if kind not in ANSWERS:
            raise Refused(f"query of type {kind}")
        answer_kind, result = ANSWERS[kind]
        answer = json.dumps({"t": answer_kind, "r": result}).encode()
        self.stream.write(struct.pack("<QI", token, len(answer)) + answer)
        self.stream.flush()


def serve(plain, tls, password):
    plain.settimeout(60)
    stream = tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
    try:
        stream.do_handshake()
        connection = Connection(stream, password)
        connection.handshake()
        while True:
            connection.answer()
    except (OSError, EOFError, Refused) as error:
        print(error, file=sys.stderr)
    finally:
        drain(stream)


def drain(stream):
    """Reads to the end: closed with something unread, TCP drops what was sent, among it the alert that says why."""
    try:
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(4096):
            pass
    except OSError:
        pass
    stream.close()


def main(configuration, password):
    with open(configuration) as lines:
        options = dict(line.rstrip("\n").split("=", 1) for line in lines if not line.startswith("#"))
    tls = context(options)
    with socket.create_server((options["bind-driver"], int(options["driver-port"]))) as listener:
        while True:
            plain, _ = listener.accept()
            threading.Thread(target=serve, args=(plain, tls, password), daemon=True).start()


main(*sys.argv[1:])
