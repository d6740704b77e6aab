import java.io.*;
import java.net.*;
import java.nio.file.*;
import java.security.*;
import java.security.cert.*;
import java.security.cert.Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.*;
import java.util.concurrent.*;
import javax.net.ssl.*;

/** Judge: Java's PKIX validator and JSSE, both ends over the loopback. */
class Judge {
    static final Map<String, String> PURPOSES =
            Map.of("server", "1.3.6.1.5.5.7.3.1", "client", "1.3.6.1.5.5.7.3.2");

    public static void main(String[] arguments) throws Exception {
        var questions = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = questions.readLine()) != null; ) {
            var fields = line.split("\t");
            try {
                if (fields[0].equals("verify")) {
                    verify(fields[1], fields[2], Path.of(fields[3]), Path.of(fields[4]));
                } else {
                    handshake(Path.of(fields[1]), fields[2], Path.of(fields[3]), fields[4]);
                }
                System.out.println("ok");
            } catch (CertPathValidatorException | SSLException refused) {
                System.out.println("no: " + refused.getMessage().replace('\n', ' '));
            }
        }
        System.exit(0);
    }

    static void verify(String purpose, String name, Path directory, Path trust) throws Exception {
        var target = new X509CertSelector();
        target.setExtendedKeyUsage(Set.of(PURPOSES.get(purpose)));
        if (!name.equals("-")) {
            // GeneralName tags: [7] iPAddress, [2] dNSName (RFC 5280 §4.2.1.6).
            var address = name.contains(":") || name.matches("[0-9.]+");
            target.addSubjectAlternativeName(address ? 7 : 2, name);
        }
        var parameters = new PKIXParameters(anchors(trust));
        parameters.setRevocationEnabled(false);
        parameters.setTargetCertConstraints(target);
        var chain = CertificateFactory.getInstance("X.509")
                .generateCertPath(certificates(directory.resolve("cert.pem")));
        CertPathValidator.getInstance("PKIX").validate(chain, parameters);
    }

    static void handshake(Path server, String client, Path trust, String name) throws Exception {
        var listener = (SSLServerSocket) context(server, server.resolve("ca.pem"))
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        listener.setNeedClientAuth(true);
        var accepted = CompletableFuture.runAsync(() -> {
            try (var connection = listener.accept()) {
                connection.getOutputStream().write('!');
            } catch (IOException refused) {
                throw new CompletionException(refused);
            }
        });
        var own = client.equals("-") ? null : Path.of(client);
        var plain = new Socket(listener.getInetAddress(), listener.getLocalPort());
        try (listener;
                var connection = (SSLSocket) context(own, trust)
                        .getSocketFactory()
                        .createSocket(plain, name, listener.getLocalPort(), true)) {
            var checked = connection.getSSLParameters();
            checked.setEndpointIdentificationAlgorithm("HTTPS");
            connection.setSSLParameters(checked);
            if (connection.getInputStream().read() != '!') {
                throw new SSLException("closed without an octet");
            }
            accepted.join();
        } catch (SocketException reset) {
            throw new SSLException(reset);
        }
    }

    static SSLContext context(Path directory, Path trust) throws Exception {
        var trusted = TrustManagerFactory.getInstance("PKIX");
        trusted.init(anchors(trust));
        var context = SSLContext.getInstance("TLS");
        context.init(directory == null ? null : identity(directory), trusted.getTrustManagers(), null);
        return context;
    }

    static KeyManager[] identity(Path directory) throws Exception {
        var chain = certificates(directory.resolve("cert.pem"));
        var algorithm = chain.get(0).getPublicKey().getAlgorithm();
        var text = Files.readString(directory.resolve("key.pem")).replaceAll("-----[A-Z ]+-----|\\s", "");
        var key = KeyFactory.getInstance(algorithm)
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
        var store = emptyStore();
        store.setKeyEntry("own", key, new char[0], chain.toArray(Certificate[]::new));
        var own = KeyManagerFactory.getInstance("PKIX");
        own.init(store, new char[0]);
        return own.getKeyManagers();
    }

    static KeyStore anchors(Path file) throws Exception {
        var store = emptyStore();
        var number = 0;
        for (var certificate : certificates(file)) {
            store.setCertificateEntry("anchor" + number++, certificate);
        }
        return store;
    }

    static KeyStore emptyStore() throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    static List<? extends Certificate> certificates(Path file) throws Exception {
        try (var stream = Files.newInputStream(file)) {
            return List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(stream));
        }
    }
}
