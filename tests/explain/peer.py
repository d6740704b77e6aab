"""One TLS connection of Python: ROLE PORT KEY=VALUE..., as tests/explain/stacks.rs says; prints what goes wrong."""
import socket
import ssl
import sys

role, port = sys.argv[1], int(sys.argv[2])
given = dict(it.split("=", 1) for it in sys.argv[3:])
is_server = role == "server"
versions = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
try:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if is_server else ssl.PROTOCOL_TLS_CLIENT)
    if "version" in given:
        context.minimum_version = context.maximum_version = versions[given["version"]]
    if "cipher" in given:
        context.set_ciphers(given["cipher"])
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    if "cert" in given:
        context.load_cert_chain(given["cert"], given["key"], password="" if "key" in given else None)
    if "ca" in given:
        context.load_verify_locations(given["ca"])
    if "crl" in given:
        context.load_verify_locations(given["crl"])
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    if is_server:
        if given.get("clients") == "require":
            context.verify_mode = ssl.CERT_REQUIRED
        listener = socket.create_server(("127.0.0.1", port))
        raw, _ = listener.accept()
        raw.settimeout(10)
        with context.wrap_socket(raw, server_side=True) as connection:
            connection.recv(100)
            connection.send(b"hello\n")
    else:
        raw = socket.create_connection(("127.0.0.1", port), timeout=10)
        with context.wrap_socket(raw, server_hostname=given.get("name", "localhost")) as connection:
            connection.send(b"hello\n")
            connection.recv(100)
except Exception as error:
    print(f"{type(error).__module__}.{type(error).__name__}: {error}")
