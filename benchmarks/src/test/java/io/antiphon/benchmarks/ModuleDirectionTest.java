package io.antiphon.benchmarks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * Dependencies between the modules point in one direction only. Stands here because only this
 * module sees all others.
 */
@AnalyzeClasses(packages = "io.antiphon", importOptions = ImportOption.DoNotIncludeTests.class)
class ModuleDirectionTest {
  @ArchTest
  static final ArchRule modulesUseOnlyThoseBelow =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("io.antiphon..")
          .layer("configuration")
          .definedBy("io.antiphon.configuration..")
          .layer("schemas")
          .definedBy("io.antiphon.schemas..")
          .layer("serde")
          .definedBy("io.antiphon.serde..")
          .layer("client")
          .definedBy("io.antiphon.client..")
          .layer("runtime")
          .definedBy("io.antiphon.runtime..")
          .layer("operators")
          .definedBy("io.antiphon.operators..")
          .layer("jobs")
          .definedBy("io.antiphon.jobs..")
          .layer("local")
          .definedBy("io.antiphon.local..")
          .layer("gateway")
          .definedBy("io.antiphon.gateway..")
          .layer("cli")
          .definedBy("io.antiphon.cli..")
          .layer("benchmarks")
          .definedBy("io.antiphon.benchmarks..")
          .whereLayer("configuration")
          .mayNotAccessAnyLayer()
          .whereLayer("schemas")
          .mayNotAccessAnyLayer()
          .whereLayer("serde")
          .mayOnlyAccessLayers("configuration", "schemas")
          .whereLayer("client")
          .mayOnlyAccessLayers("configuration", "schemas", "serde")
          .whereLayer("runtime")
          .mayOnlyAccessLayers("configuration")
          .whereLayer("operators")
          .mayOnlyAccessLayers("configuration", "schemas", "serde", "runtime")
          .whereLayer("jobs")
          .mayOnlyAccessLayers("configuration", "schemas", "serde", "runtime", "operators")
          .whereLayer("local")
          .mayOnlyAccessLayers("configuration", "schemas", "serde", "runtime", "operators", "jobs")
          .whereLayer("gateway")
          .mayOnlyAccessLayers("configuration", "schemas", "serde", "client")
          .whereLayer("cli")
          .mayOnlyAccessLayers(
              "configuration",
              "schemas",
              "serde",
              "client",
              "runtime",
              "operators",
              "jobs",
              "local",
              "gateway")
          .whereLayer("benchmarks")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule theRuntimeKnowsNothingOfStreaming =
      noClasses()
          .that()
          .resideInAPackage("io.antiphon.runtime..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.flink..", "org.apache.kafka..", "org.apache.avro..");

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
}
