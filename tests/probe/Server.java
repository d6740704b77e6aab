import java.io.*;
import java.net.*;
import java.nio.file.*;
import java.security.*;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.*;
import javax.net.ssl.*;

/** A TLS server of Java: directory, port, whether clients are asked (none, request, require), the newest version. */
class Server {
    public static void main(String[] arguments) throws Exception {
        var directory = Path.of(arguments[0]);
        var port = Integer.parseInt(arguments[1]);
        var listener = (SSLServerSocket) context(directory)
                .getServerSocketFactory()
                .createServerSocket(port, 50, InetAddress.getLoopbackAddress());
        listener.setWantClientAuth(arguments[2].equals("request"));
        if (arguments[2].equals("require")) {
            listener.setNeedClientAuth(true);
        }
        if (arguments[3].equals("1.2")) {
            listener.setEnabledProtocols(new String[] {"TLSv1.2"});
        }
        while (true) {
            var connection = listener.accept();
            new Thread(() -> serve(connection)).start();
        }
    }

    static void serve(Socket connection) {
        try (connection) {
            connection.getInputStream().read();
        } catch (IOException refused) {
            // The client has seen it.
        }
    }

    static SSLContext context(Path directory) throws Exception {
        var factory = CertificateFactory.getInstance("X.509");
        var chain = factory.generateCertificates(Files.newInputStream(directory.resolve("cert.pem")));
        var text = Files.readString(directory.resolve("key.pem")).replaceAll("-----[A-Z ]+-----|\\s", "");
        var key = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
        var own = KeyStore.getInstance(KeyStore.getDefaultType());
        own.load(null, null);
        own.setKeyEntry("own", key, new char[0], chain.toArray(Certificate[]::new));
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, new char[0]);
        var roots = KeyStore.getInstance(KeyStore.getDefaultType());
        roots.load(null, null);
        roots.setCertificateEntry(
                "root", factory.generateCertificate(Files.newInputStream(directory.resolve("ca.pem"))));
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(roots);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
