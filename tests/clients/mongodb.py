"""Stands in for MongoDB, as mongod is in no registry: mongodb.py CONFIGURATION PORT

It takes what mongod.conf says of TLS, and answers what drivers ask before they send data, with the messages of its wire
protocol: who is there, and MONGODB-X509, which it takes from whoever has shown a certificate.
"""

import socket
import ssl
import struct
import sys
import threading

import bson
import yaml

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
HEADER = struct.Struct("<iiii")


def context(options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(options["certificateKeyFile"])
    context.load_verify_locations(options.get("clusterCAFile", options["CAFile"]))
    is_lenient = options["allowConnectionsWithoutCertificates"]
    context.verify_mode = ssl.CERT_OPTIONAL if is_lenient else ssl.CERT_REQUIRED
    return context


def subject(stream):
    """As X509_NAME_print_ex writes it for RFC 2253, of names without signs that need an escape."""
    short = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU"}
    names = [pair for rdn in (stream.getpeercert() or {}).get("subject", ()) for pair in rdn]
    return ",".join(f"{short[name]}={value}" for name, value in reversed(names))


def answer(command, user, has_user):
    match next(iter(command)):
        case "hello" | "isMaster" | "ismaster":
            return {"isWritablePrimary": True, "ismaster": True, "maxWireVersion": 21, "minWireVersion": 0,
                    "maxBsonObjectSize": 16777216, "maxMessageSizeBytes": 48000000, "maxWriteBatchSize": 100000,
                    "helloOk": True}
        case "authenticate" if user:
            has_user.append(user)
            return {"user": user, "dbname": "$external"}
        case "authenticate":
            return {"ok": 0, "code": 18, "codeName": "AuthenticationFailed", "errmsg": "no certificate"}
        case "connectionStatus":
            users = [{"user": user, "db": "$external"} for user in has_user]
            return {"authInfo": {"authenticatedUsers": users, "authenticatedUserRoles": []}}
        case "buildInfo":
            return {"version": "8.0.0", "versionArray": [8, 0, 0, 0]}
        case _:
            return {}


def read(stream, length):
    octets = b""
    while len(octets) < length:
        more = stream.recv(length - len(octets))
        if not more:
            raise EOFError
        octets += more
    return octets


def serve(stream):
    user, has_user = subject(stream), []
    while True:
        length, number, _, code = HEADER.unpack(read(stream, HEADER.size))
        body = read(stream, length - HEADER.size)
        # Flags, a collection's name and two numbers stand before the first document; in OP_MSG flags and a kind.
        start = body.index(b"\0", 4) + 9 if code == OP_QUERY else 5
        size = struct.unpack_from("<i", body, start)[0]
        command = bson.decode(body[start:start + size])
        document = bson.encode({"ok": 1} | answer(command, user, has_user))
        if code == OP_QUERY:
            code, text = OP_REPLY, struct.pack("<iqii", 8, 0, 0, 1) + document
        else:
            text = struct.pack("<iB", 0, 0) + document
        stream.sendall(HEADER.pack(HEADER.size + len(text), 0, number, code) + text)


def connection(context, stream):
    try:
        with context.wrap_socket(stream, server_side=True) as stream:
            serve(stream)
    except (OSError, EOFError):
        pass


def main(configuration, port):
    with open(configuration) as file:
        tls = context(yaml.safe_load(file)["net"]["tls"])
    with socket.create_server(("127.0.0.1", int(port))) as listener:
        while True:
            stream, _ = listener.accept()
            threading.Thread(target=connection, args=(tls, stream), daemon=True).start()


main(*sys.argv[1:])
