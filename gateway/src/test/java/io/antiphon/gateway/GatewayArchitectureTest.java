package io.antiphon.gateway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who in the gateway knows what. */
@AnalyzeClasses(
    packages = "io.antiphon.gateway",
    importOptions = ImportOption.DoNotIncludeTests.class)
class GatewayArchitectureTest {
  @ArchTest
  static final ArchRule onlyTheServerKnowsJetty =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.antiphon.gateway.server..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.eclipse.jetty..");

  @ArchTest
  static final ArchRule onlyConversationsKnowKafka =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.antiphon.gateway.conversation..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.kafka..");

  @ArchTest
  static final ArchRule conversationsKnowNoProtocol =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.antiphon.gateway.conversation..",
              "io.antiphon.gateway.server..",
              "io.antiphon.gateway.security..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.antiphon.gateway.realtime..",
              "io.antiphon.gateway.phone..",
              "io.antiphon.gateway.page..");

  @ArchTest
  static final ArchRule theDataflowIsKnownByItsTopicsOnly =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.flink..",
              "ai.onnxruntime..",
              "io.antiphon.runtime..",
              "io.antiphon.operators..",
              "io.antiphon.jobs..",
              "io.antiphon.local..",
              "io.antiphon.cli..");
}
