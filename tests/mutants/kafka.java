// Kafka's own classes, asked of one file after another: a line of standard input is `broker FILE` or `client FILE`, and
// the answer a line, empty where the file is taken. A broker would take seconds to start with each.

import java.io.BufferedReader;
import java.io.FileReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.network.ConnectionMode;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.security.ssl.SslFactory;
import org.apache.kafka.common.security.ssl.SslPrincipalMapper;
import org.apache.kafka.common.utils.Utils;

import kafka.server.KafkaConfig;
import scala.jdk.javaapi.CollectionConverters;

public class kafka {
    public static void main(String[] none) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null;) {
            String[] words = line.split(" ", 2);
            System.out.println("=" + answer(words[0], words[1]));
        }
    }

    static String answer(String kind, String file) {
        try {
            // As both read theirs.
            Properties properties = Utils.loadProps(file);
            switch (kind) {
                case "broker" -> broker(properties);
                default -> client(properties);
            }
            return "";
        } catch (Throwable thrown) {
            var all = new ArrayList<String>();
            for (Throwable it = thrown; it != null; it = it.getCause()) {
                all.add(it.toString().lines().findFirst().orElse(""));
            }
            return String.join("; ", all);
        }
    }

    static void broker(Properties properties) throws Exception {
        KafkaConfig config = KafkaConfig.fromProps(properties, false);
        List<Endpoint> all = new ArrayList<>(CollectionConverters.asJava(config.listeners()));
        for (Endpoint endpoint : all) {
            if (!endpoint.securityProtocol().name().endsWith("SSL")) {
                continue;
            }
            ListenerName name = ListenerName.normalised(endpoint.listener());
            Map<String, Object> settings = config.valuesWithPrefixOverride(name.configPrefix());
            // Of its own certificate among brokers it makes sure by a handshake with itself.
            boolean meets = name.equals(config.interBrokerListenerName());
            try (var factory = new SslFactory(ConnectionMode.SERVER, null, meets)) {
                factory.configure(settings);
                factory.createSslEngine("localhost", 1);
            }
            SslPrincipalMapper.fromRules((String) settings.get("ssl.principal.mapping.rules"));
        }
        var dialled = new ArrayList<>(config.controllerListenerNames());
        dialled.add(config.interBrokerListenerName().value());
        for (String listener : dialled) {
            ListenerName name = ListenerName.normalised(listener);
            SecurityProtocol protocol = config.effectiveListenerSecurityProtocolMap().get(name);
            if (protocol != null && protocol.name().endsWith("SSL")) {
                dial(config.valuesWithPrefixOverride(name.configPrefix()));
            }
        }
    }

    static void client(Properties properties) throws Exception {
        properties.putIfAbsent("bootstrap.servers", "localhost:1");
        var config = new AdminClientConfig(properties);
        var protocol = SecurityProtocol.forName(config.getString("security.protocol"));
        if (protocol.name().endsWith("SSL")) {
            dial(config.values());
        }
    }

    static void dial(Map<String, ?> settings) {
        try (var factory = new SslFactory(ConnectionMode.CLIENT, null, false)) {
            factory.configure(settings);
            factory.createSslEngine("localhost", 1);
        }
    }
}
