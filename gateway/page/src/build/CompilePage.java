import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.proxy.ProxyArray;

/**
 * Checks and compiles the page's TypeScript with the TypeScript compiler itself, which runs in
 * GraalJS: the build needs no Node. Does nothing when no source is newer than what was compiled.
 *
 * <p>Arguments: the folder of the sources, the folder of the compiled files, the version of the
 * compiler.
 */
public final class CompilePage {
  private static final String OPTIONS =
      """
      const options = {
        target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"], types: [],
        strict: true, noUncheckedIndexedAccess: true, noImplicitOverride: true,
        noUnusedLocals: true, noUnusedParameters: true, noFallthroughCasesInSwitch: true,
        noImplicitReturns: true, verbatimModuleSyntax: true, isolatedModules: true,
        skipLibCheck: true, noEmitOnError: true, newLine: ts.NewLineKind.LineFeed,
        outDir: "/out", rootDir: "/src"
      };
      const source = (name) => { const text = host.read(name); return text === null ? undefined : text; };
      const program = ts.createProgram(Array.from(host.sources()), options, {
        getSourceFile: (name, version) => {
          const text = source(name);
          return text === undefined ? undefined : ts.createSourceFile(name, text, version);
        },
        getDefaultLibFileName: () => "/lib/lib.d.ts", getDefaultLibLocation: () => "/lib",
        writeFile: (name, text) => host.write(name, text),
        getCurrentDirectory: () => "/src", getCanonicalFileName: (name) => name,
        useCaseSensitiveFileNames: () => true, getNewLine: () => "\\n",
        fileExists: (name) => host.exists(name), readFile: source,
        directoryExists: () => true, getDirectories: () => []
      });
      const emitted = program.emit();
      for (const each of ts.getPreEmitDiagnostics(program).concat(emitted.diagnostics)) {
        const text = ts.flattenDiagnosticMessageText(each.messageText, "\\n");
        if (each.file === undefined) { host.problem(text); } else {
          const { line, character } = each.file.getLineAndCharacterOfPosition(each.start);
          host.problem(`${each.file.fileName.slice(5)}:${line + 1}:${character + 1} ${text}`);
        }
      }
      """;

  private final Path sources;
  private final Path output;
  private final String library;
  private final List<String> problems = new ArrayList<>();

  private CompilePage(Path sources, Path output, String version) {
    this.sources = sources;
    this.output = output;
    library = "/META-INF/resources/webjars/typescript/" + version + "/lib/";
  }

  public static void main(String[] arguments) throws IOException {
    CompilePage compilation =
        new CompilePage(Path.of(arguments[0]), Path.of(arguments[1]), arguments[2]);
    if (!compilation.current()) {
      compilation.run();
    }
  }

  private void run() throws IOException {
    long start = System.nanoTime();
    Files.createDirectories(output);
    try (Context context =
        Context.newBuilder("js")
            .option("engine.WarnInterpreterOnly", "false")
            .allowHostAccess(HostAccess.EXPLICIT)
            .build()) {
      context.getBindings("js").putMember("host", this);
      context.eval("js", library("typescript.js"));
      context.eval("js", OPTIONS);
    }
    if (!problems.isEmpty()) {
      problems.forEach(System.err::println);
      System.err.println(problems.size() + " problems in the page's TypeScript");
      System.exit(1);
    }
    System.out.printf("Compiled the page in %.1f s%n", (System.nanoTime() - start) / 1e9);
  }

  /** Whether every source has its compiled file and none is newer than that. */
  private boolean current() throws IOException {
    for (Path source : files()) {
      String name = source.getFileName().toString();
      Path compiled = output.resolve(name.replaceFirst("\\.ts$", ".js"));
      if (name.endsWith(".d.ts")) {
        compiled = output.resolve("main.js");
      }
      if (!Files.exists(compiled) || modified(source).compareTo(modified(compiled)) > 0) {
        return false;
      }
    }
    return true;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(sources)) {
      return files.filter(file -> file.toString().endsWith(".ts")).sorted().toList();
    }
  }

  private static FileTime modified(Path file) throws IOException {
    return Files.getLastModifiedTime(file);
  }

  @HostAccess.Export
  public ProxyArray sources() throws IOException {
    return ProxyArray.fromArray(
        files().stream().map(file -> (Object) ("/src/" + file.getFileName())).toArray());
  }

  @HostAccess.Export
  public boolean exists(String name) {
    return name.startsWith("/lib/")
        ? CompilePage.class.getResource(library + name.substring("/lib/".length())) != null
        : name.startsWith("/src/") && Files.isRegularFile(sources.resolve(name.substring(5)));
  }

  /** A source of the page or of the compiler's library, null where there is none. */
  @HostAccess.Export
  public String read(String name) throws IOException {
    if (name.startsWith("/lib/")) {
      return library(name.substring("/lib/".length()));
    }
    if (!name.startsWith("/src/") || !Files.isRegularFile(sources.resolve(name.substring(5)))) {
      return null;
    }
    return Files.readString(sources.resolve(name.substring(5)));
  }

  @HostAccess.Export
  public void write(String name, String text) throws IOException {
    Files.writeString(output.resolve(name.substring("/out/".length())), text);
  }

  @HostAccess.Export
  public void problem(String text) {
    problems.add(text);
  }

  private String library(String name) throws IOException {
    try (InputStream in = CompilePage.class.getResourceAsStream(library + name)) {
      return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
