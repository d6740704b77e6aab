// Cassandra's own classes, asked of one file after another: a line of standard input is `yaml FILE`, and the answer a
// line, empty where the file is taken. A node would take seconds to start with each.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

import org.apache.cassandra.auth.AuthConfig;
import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.config.YamlConfigurationLoader;

public class cassandra {
    public static void main(String[] none) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err);
        // Each would be registered again.
        System.setProperty("org.apache.cassandra.disable_mbean_registration", "true");
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
        var lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null;) {
            answers.println("=" + answer(Path.of(line.split(" ", 2)[1])));
        }
    }

    static String answer(Path file) {
        try {
            System.setProperty("cassandra.storagedir", file.resolveSibling("data").toString());
            again(DatabaseDescriptor.class, "daemonInitialized");
            again(AuthConfig.class, "initialized");
            var url = file.toUri().toURL();
            // Some of its classes read it by themselves, the first time.
            System.setProperty("cassandra.config", url.toString());
            DatabaseDescriptor.daemonInitialization(() -> new YamlConfigurationLoader().loadConfig(url));
            return "";
        } catch (Throwable thrown) {
            var all = new ArrayList<String>();
            for (Throwable it = thrown; it != null; it = it.getCause()) {
                all.add(it.toString().replace("\n", " "));
            }
            return String.join("; ", all);
        }
    }

    // A node does it once.
    static void again(Class<?> of, String done) throws ReflectiveOperationException {
        var field = of.getDeclaredField(done);
        field.setAccessible(true);
        field.setBoolean(null, false);
    }
}
