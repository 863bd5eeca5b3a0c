package io.antiphon.chaos;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.LocationProvider;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/**
 * Dependencies between the modules point in one direction only. Stands in the last module of the
 * build, when the classes of all others are there.
 */
@AnalyzeClasses(
    locations = ModuleDirectionTest.AllModules.class,
    importOptions = ImportOption.DoNotIncludeTests.class)
class ModuleDirectionTest {
  /** Main classes of every module of this checkout. */
  static final class AllModules implements LocationProvider {
    @Override
    public Set<Location> get(Class<?> testClass) {
      return directories().stream().map(Location::of).collect(Collectors.toSet());
    }

    static List<Path> directories() {
      try (Stream<Path> modules = Files.list(Path.of(".."))) {
        return modules
            .map(module -> module.resolve("target/classes"))
            .filter(Files::isDirectory)
            .toList();
      } catch (IOException e) {
        throw new IllegalStateException("the checkout's modules cannot be listed", e);
      }
    }
  }

  /** What each module may use, by package below io.antiphon; a module that is not here fails. */
  private static final Map<String, String> MODULES = new LinkedHashMap<>();

  static {
    MODULES.put("configuration", "");
    MODULES.put("schemas", "");
    MODULES.put("serde", "configuration schemas");
    MODULES.put("client", "configuration schemas serde");
    MODULES.put("runtime", "configuration");
    MODULES.put("analytics", "schemas");
    MODULES.put("sql", "schemas serde");
    MODULES.put("operators", "configuration schemas serde runtime analytics");
    MODULES.put("jobs", "configuration schemas serde runtime analytics operators");
    MODULES.put("testing", "configuration schemas serde runtime operators jobs");
    MODULES.put("local", "configuration schemas serde runtime analytics operators jobs");
    MODULES.put("gateway", "configuration schemas serde client");
    MODULES.put(
        "cli", "configuration schemas serde client runtime analytics operators jobs local gateway");
    MODULES.put("benchmarks", MODULES.get("cli") + " cli");
    MODULES.put("deploy", "configuration schemas serde runtime operators jobs");
    MODULES.put("chaos", MODULES.get("cli") + " cli");
  }

  /** Avro generates records that say nothing of nulls: their package marks its written classes. */
  private static final String GENERATED = "io.antiphon.schemas";

  @ArchTest
  static void everyPackageSaysWhatMayBeNull(JavaClasses classes) {
    assertThat(
            classes.stream()
                .map(JavaClass::getPackage)
                .distinct()
                .filter(each -> !each.getName().equals(GENERATED))
                .filter(each -> !each.isAnnotatedWith(NullMarked.class))
                .map(JavaPackage::getName))
        .as("packages whose package-info.java lacks @NullMarked")
        .isEmpty();
  }

  @ArchTest static final ArchRule modulesUseOnlyThoseBelow = layers();

  private static LayeredArchitecture layers() {
    LayeredArchitecture layers =
        layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.antiphon..")
            .ensureAllClassesAreContainedInArchitecture();
    for (String module : MODULES.keySet()) {
      layers = layers.layer(module).definedBy("io.antiphon." + module + "..");
    }
    for (Map.Entry<String, String> module : MODULES.entrySet()) {
      layers =
          module.getValue().isEmpty()
              ? layers.whereLayer(module.getKey()).mayNotAccessAnyLayer()
              : layers
                  .whereLayer(module.getKey())
                  .mayOnlyAccessLayers(module.getValue().split(" "));
    }
    return layers;
  }

  @ArchTest
  static final ArchRule theRuntimeKnowsNothingOfStreaming =
      noClasses()
          .that()
          .resideInAPackage("io.antiphon.runtime..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.flink..", "org.apache.kafka..", "org.apache.avro..");

  @ArchTest
  static final ArchRule analyticsKnowNothingOfStreamingAndModels =
      noClasses()
          .that()
          .resideInAPackage("io.antiphon.analytics..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.flink..", "org.apache.kafka..", "ai.onnxruntime..");

  @ArchTest
  static final ArchRule codecsKnowNothingOfFlinkAndModels =
      noClasses()
          .that()
          .resideInAPackage("io.antiphon.serde..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.flink..", "ai.onnxruntime..");

  @ArchTest
  static final ArchRule operatorsKnowNothingOfKafka =
      noClasses()
          .that()
          .resideInAPackage("io.antiphon.operators..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.kafka..", "ai.onnxruntime..");

  @ArchTest
  static final ArchRule onlyTheLocalServiceKnowsTheBrokersInside =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.antiphon.local..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "kafka..", "org.apache.kafka.metadata..", "org.apache.flink.runtime.minicluster..");

  @ArchTest
  static final ArchRule onlyOnePackageKnowsFlinksInternals =
      noClasses()
          .that()
          .resideInAPackage("io.antiphon.operators..")
          .and()
          .resideOutsideOfPackage("io.antiphon.operators.flink..")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName(
              "org.apache.flink.streaming.api.operators.AbstractStreamOperator");

  @ArchTest
  static final ArchRule packagesOfTheOperatorsHaveNoCycles =
      slices().matching("io.antiphon.operators.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule packagesOfTheRuntimeHaveNoCycles =
      slices().matching("io.antiphon.runtime.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule packagesOfTheBenchmarksHaveNoCycles =
      slices().matching("io.antiphon.benchmarks.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule packagesOfChaosHaveNoCycles =
      slices().matching("io.antiphon.chaos.(*)..").should().beFreeOfCycles();
}
