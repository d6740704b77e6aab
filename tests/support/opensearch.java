/** A node of OpenSearch with its security plugin, whose archive no registry has: what its script starts, without that. */

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.security.OpenSearchSecurityPlugin;

class Main extends Node {
    Main(Environment environment) {
        super(environment, List.of(OpenSearchSecurityPlugin.class), true);
    }

    public static void main(String[] arguments) throws Exception {
        var home = Path.of(arguments[0]);
        var paths = Map.of("path.home", home.toString());
        var environment = InternalSettingsPreparer.prepareEnvironment(
            Settings.EMPTY, paths, home.resolve("config"), () -> "node");
        try {
            new Main(environment).start();
        } catch (Throwable error) {
            for (var cause = error; cause != null; cause = cause.getCause()) {
                System.err.println(cause.getMessage());
            }
            System.exit(1);
        }
        Thread.currentThread().join();
    }
}
