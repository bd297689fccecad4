package io.faultd;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.faultd.fault.Fault;

/** Who may import whom: the table of docs/architecture.md. */
@AnalyzeClasses(packages = "io.faultd", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule layers =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("io.faultd..")
          .withOptionalLayers(true)
          .layer("root")
          .definedBy("io.faultd")
          .layer("client")
          .definedBy("io.faultd.client..")
          .layer("api")
          .definedBy("io.faultd.v1..")
          .layer("http")
          .definedBy("io.faultd.http..")
          .layer("grpc")
          .definedBy("io.faultd.grpc..")
          .layer("callback")
          .definedBy("io.faultd.callback..")
          .layer("access")
          .definedBy("io.faultd.access..")
          .layer("port")
          .definedBy("io.faultd.port..")
          .layer("store")
          .definedBy("io.faultd.store..")
          .layer("preparation")
          .definedBy("io.faultd.preparation..")
          .layer("experiment")
          .definedBy("io.faultd.experiment..")
          .layer("dispatch")
          .definedBy("io.faultd.dispatch..")
          .layer("spec")
          .definedBy("io.faultd.spec..")
          .layer("rollback")
          .definedBy("io.faultd.rollback..")
          .layer("os")
          .definedBy("io.faultd.os..")
          .layer("cri")
          .definedBy("io.faultd.cri..")
          .layer("jvm")
          .definedBy("io.faultd.jvm..")
          .layer("worker")
          .definedBy("io.faultd.worker..")
          .layer("fault")
          .definedBy("io.faultd.fault..")
          .layer("linux")
          .definedBy("io.faultd.linux..")
          .whereLayer("root")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("client")
          .mayOnlyBeAccessedByLayers("root")
          .whereLayer("api")
          .mayOnlyBeAccessedByLayers("grpc", "root")
          .whereLayer("http")
          .mayOnlyBeAccessedByLayers("root")
          .whereLayer("grpc")
          .mayOnlyBeAccessedByLayers("root")
          .whereLayer("store")
          .mayOnlyBeAccessedByLayers("root")
          .whereLayer("callback")
          .mayOnlyBeAccessedByLayers("root")
          .whereLayer("access")
          .mayOnlyBeAccessedByLayers("port", "http", "grpc", "root")
          .whereLayer("port")
          .mayOnlyBeAccessedByLayers("http", "grpc", "root")
          .whereLayer("preparation")
          .mayOnlyBeAccessedByLayers("store", "http", "grpc", "root")
          .whereLayer("experiment")
          .mayOnlyBeAccessedByLayers("callback", "preparation", "store", "http", "grpc", "root")
          .whereLayer("dispatch")
          .mayOnlyBeAccessedByLayers("experiment", "http", "grpc", "root")
          .whereLayer("spec")
          .mayOnlyBeAccessedByLayers("client", "dispatch", "experiment", "http", "grpc", "root")
          .whereLayer("rollback")
          .mayOnlyBeAccessedByLayers("experiment", "store", "root")
          .whereLayer("os")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("cri")
          .mayOnlyBeAccessedByLayers("root")
          .whereLayer("jvm")
          .mayOnlyBeAccessedByLayers("preparation", "root")
          .whereLayer("worker")
          .mayOnlyBeAccessedByLayers("os", "rollback", "root");

  @ArchTest
  static final ArchRule noCycles = slices().matching("io.faultd.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule linuxKnowsNothingOfFaults =
      noClasses()
          .that()
          .resideInAPackage("io.faultd.linux..")
          .should()
          .dependOnClassesThat(
              com.tngtech.archunit.base.DescribedPredicate.describe(
                  "are ours and not linux",
                  c ->
                      c.getPackageName().startsWith("io.faultd")
                          && !c.getPackageName().startsWith("io.faultd.linux")));

  @ArchTest
  static final ArchRule targetsDoNotKnowEachOther =
      slices().matching("io.faultd.os.(*)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule onlyTheWorkersAndTheClientsRunStartAProcess =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.faultd.worker.Workers")
          .and()
          .doNotHaveFullyQualifiedName("io.faultd.client.UserCommand")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(ProcessBuilder.class)
          .orShould()
          .callMethod(Runtime.class, "exec", String[].class)
          .orShould()
          .callMethod(Runtime.class, "exec", String.class);

  /** So nothing that serves, injects or undoes can come to the user's command through it. */
  @ArchTest
  static final ArchRule onlyRunKnowsTheUsersCommand =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.faultd.client.UserCommand")
          .and()
          .doNotHaveFullyQualifiedName("io.faultd.client.Trial")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("io.faultd.client.UserCommand");

  @ArchTest
  static final ArchRule theClientKnowsNothingOfTheDaemonsInside =
      noClasses()
          .that()
          .resideInAPackage("io.faultd.client..")
          .should()
          .dependOnClassesThat(
              com.tngtech.archunit.base.DescribedPredicate.describe(
                  "are ours, and neither client nor spec",
                  c ->
                      c.getPackageName().startsWith("io.faultd")
                          && !c.getPackageName().equals("io.faultd.client")
                          && !c.getPackageName().equals("io.faultd.spec")));

  @ArchTest
  static final ArchRule faultsAreFinal =
      classes().that().implement(Fault.class).should().haveModifier(JavaModifier.FINAL);

  @ArchTest
  static final ArchRule faultsAreStateless =
      fields().that().areDeclaredInClassesThat().implement(Fault.class).should().beStatic();
}
