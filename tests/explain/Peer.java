import java.io.*;
import java.net.*;
import java.nio.file.*;
import java.security.*;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.*;
import javax.net.ssl.*;

/** One TLS connection of Java: ROLE PORT KEY=VALUE..., as tests/explain/stacks.rs says; prints what goes wrong. */
class Peer {
    static final Map<String, String> given = new HashMap<>();

    public static void main(String[] arguments) {
        for (var word : Arrays.copyOfRange(arguments, 2, arguments.length)) {
            var pair = word.split("=", 2);
            given.put(pair[0], pair[1]);
        }
        try {
            run(arguments[0], Integer.parseInt(arguments[1]));
        } catch (Exception error) {
            for (Throwable it = error; it != null; it = it.getCause()) {
                System.out.println(it);
            }
        }
    }

    static void run(String role, int port) throws Exception {
        var address = InetAddress.getLoopbackAddress();
        SSLSocket connection;
        if (role.equals("server")) {
            var listener = (SSLServerSocket) context().getServerSocketFactory().createServerSocket(port, 50, address);
            listener.setNeedClientAuth("require".equals(given.get("clients")));
            connection = (SSLSocket) listener.accept();
        } else {
            var name = given.getOrDefault("name", "localhost");
            var raw = new Socket(address, port);
            connection = (SSLSocket) context().getSocketFactory().createSocket(raw, name, port, true);
            var parameters = connection.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            connection.setSSLParameters(parameters);
        }
        connection.setSoTimeout(10000);
        if (given.containsKey("version")) {
            connection.setEnabledProtocols(new String[] {"TLSv" + given.get("version")});
        }
        if (given.containsKey("cipher")) {
            var suite = given.get("cipher").contains("CHACHA") ? "CHACHA20_POLY1305_SHA256" : "AES_256_GCM_SHA384";
            connection.setEnabledProtocols(new String[] {"TLSv1.2"});
            connection.setEnabledCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_" + suite});
        }
        connection.startHandshake();
        if (role.equals("client")) {
            connection.getOutputStream().write("hello\n".getBytes());
        }
        if (connection.getInputStream().read() < 0) {
            throw new EOFException("end of stream");
        }
        if (role.equals("server")) {
            connection.getOutputStream().write("hello\n".getBytes());
        }
        connection.close();
    }

    static SSLContext context() throws Exception {
        var factory = CertificateFactory.getInstance("X.509");
        KeyManager[] own = null;
        if (given.containsKey("cert")) {
            var chain = factory.generateCertificates(Files.newInputStream(Path.of(given.get("cert"))));
            var text = Files.readString(Path.of(given.get("key"))).replaceAll("-----[A-Z ]+-----|\\s", "");
            var key = KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setKeyEntry("own", key, new char[0], chain.toArray(Certificate[]::new));
            var keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(store, new char[0]);
            own = keys.getKeyManagers();
        }
        TrustManager[] trusted = null;
        if (given.containsKey("ca")) {
            var roots = KeyStore.getInstance(KeyStore.getDefaultType());
            roots.load(null, null);
            roots.setCertificateEntry(
                    "root", factory.generateCertificate(Files.newInputStream(Path.of(given.get("ca")))));
            var trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(roots);
            trusted = trust.getTrustManagers();
        }
        var context = SSLContext.getInstance("TLS");
        context.init(own, trusted, null);
        return context;
    }
}
