package io.antiphon.benchmarks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

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
          .layer("schemas")
          .definedBy("io.antiphon.schemas..")
          .layer("serde")
          .definedBy("io.antiphon.serde..")
          .layer("runtime")
          .definedBy("io.antiphon.runtime..")
          .layer("operators")
          .definedBy("io.antiphon.operators..")
          .layer("jobs")
          .definedBy("io.antiphon.jobs..")
          .layer("benchmarks")
          .definedBy("io.antiphon.benchmarks..")
          .whereLayer("schemas")
          .mayNotAccessAnyLayer()
          .whereLayer("serde")
          .mayOnlyAccessLayers("schemas")
          .whereLayer("runtime")
          .mayNotAccessAnyLayer()
          .whereLayer("operators")
          .mayOnlyAccessLayers("schemas", "serde", "runtime")
          .whereLayer("jobs")
          .mayOnlyAccessLayers("schemas", "serde", "runtime", "operators")
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
          .resideOutsideOfPackage("io.antiphon.jobs.local..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "kafka..", "org.apache.kafka.metadata..", "org.apache.flink.runtime.minicluster..");
}
