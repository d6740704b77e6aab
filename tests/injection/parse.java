// Prints the syntax tree of each program of a folder as a line of JSON. Arguments: folder, number of files.
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

public class parse {
    public static void main(String[] arguments) throws Exception {
        for (int number = 0; number < Integer.parseInt(arguments[1]); number++) {
            // As in a C locale: what is not ASCII would be lost.
            String text = Files.readString(Path.of(arguments[0], "" + number), StandardCharsets.ISO_8859_1);
            System.out.println(structure(text));
        }
    }

    static String structure(String text) throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///Main.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignored) {
                return text;
            }
        };
        JavacTask task = (JavacTask) compiler.getTask(null, null, diagnostics, List.of("-proc:none"), null, List.of(file));
        List<String> tree = new ArrayList<>();
        for (CompilationUnitTree unit : task.parse()) {
            new TreeScanner<Void, Void>() {
                @Override
                public Void scan(Tree node, Void nothing) {
                    if (node != null) {
                        tree.add(json(node.getKind().name()));
                    }
                    return super.scan(node, nothing);
                }

                @Override
                public Void visitLiteral(LiteralTree node, Void nothing) {
                    tree.add(json(String.valueOf(node.getValue())));
                    return null;
                }

                @Override
                public Void visitIdentifier(IdentifierTree node, Void nothing) {
                    tree.add(json(node.getName().toString()));
                    return null;
                }
            }.scan(unit, null);
        }
        for (Diagnostic<? extends JavaFileObject> diagnostic : diagnostics.getDiagnostics()) {
            return "{\"error\": " + json(diagnostic.toString()) + "}";
        }
        return tree.toString();
    }

    static String json(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char unit : text.toCharArray()) {
            json.append(unit >= ' ' && unit <= '~' && unit != '"' && unit != '\\' ? "" + unit : String.format("\\u%04x", (int) unit));
        }
        return json.append('"').toString();
    }
}
