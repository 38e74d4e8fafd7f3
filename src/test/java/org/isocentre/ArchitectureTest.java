package org.isocentre;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Holds the house plan: who may import whom, no cycles, one home for each library. */
class ArchitectureTest {
  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.isocentre");

  /** Package to the packages of this project that it may import, beside its own. */
  private static final Map<String, Set<String>> MAY_IMPORT =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("dicom.data", Set.of()),
              Map.entry("dicom.io", Set.of("dicom.data")),
              Map.entry("dicom.image", Set.of("dicom.data", "dicom.io")),
              Map.entry("dicom.edit", Set.of("dicom.data", "dicom.io")),
              Map.entry("dicom.pdu", Set.of()),
              Map.entry("dicom.association", Set.of("dicom.pdu", "dicom.data", "dicom.io")),
              Map.entry(
                  "dicom.dimse",
                  Set.of("dicom.association", "dicom.pdu", "dicom.data", "dicom.io")),
              Map.entry("dicom.web", Set.of("dicom.dimse", "dicom.data", "dicom.io")),
              Map.entry(
                  "dicom.testkit",
                  Set.of(
                      "dicom.dimse", "dicom.association", "dicom.pdu", "dicom.data", "dicom.io")),
              Map.entry(
                  "camel.dicom",
                  Set.of(
                      "dicom.dimse",
                      "dicom.association",
                      "dicom.pdu",
                      "dicom.image",
                      "dicom.data",
                      "dicom.io")),
              Map.entry(
                  "camel.dicomweb", Set.of("camel.dicom", "dicom.web", "dicom.data", "dicom.io")),
              Map.entry("camel.hl7", Set.of()),
              Map.entry("model", Set.of()),
              Map.entry("store", Set.of("model")),
              Map.entry("index", Set.of("model")),
              Map.entry("h2", Set.of()),
              Map.entry(
                  "ingest",
                  Set.of("model", "store", "index", "dicom.data", "dicom.io", "dicom.dimse")),
              Map.entry("hl7", Set.of("model")),
              Map.entry("link", Set.of("model", "index")),
              Map.entry("exchange", Set.of("model", "store", "index", "dicom.data", "dicom.io")),
              Map.entry("outbound", Set.of("model", "store", "index", "hl7")),
              Map.entry("consent", Set.of("model", "index")),
              Map.entry("audit", Set.of("model", "index")),
              Map.entry("fhir", Set.of("model", "index", "consent", "audit", "link")),
              Map.entry(
                  "dicomweb",
                  Set.of(
                      "model",
                      "store",
                      "index",
                      "ingest",
                      "consent",
                      "audit",
                      "query",
                      "dicom.data",
                      "dicom.io",
                      "dicom.edit",
                      "dicom.web",
                      "dicom.image",
                      "dicom.dimse")),
              Map.entry(
                  "query",
                  Set.of(
                      "model",
                      "store",
                      "index",
                      "consent",
                      "audit",
                      "exchange",
                      "dicom.data",
                      "dicom.io",
                      "dicom.dimse")),
              Map.entry("web", Set.of("model", "index", "consent", "exchange", "audit")),
              Map.entry(
                  "demo",
                  Set.of(
                      "dicom.data",
                      "dicom.io",
                      "dicom.pdu",
                      "dicom.association",
                      "dicom.dimse",
                      "hl7"))));

  /** Library to the packages that it is at home in. */
  private static final Map<String, Set<String>> HOME =
      Map.ofEntries(
          Map.entry(
              "io.netty",
              Set.of(
                  "dicom.pdu", "dicom.association", "dicom.dimse", "dicom.testkit", "camel.hl7")),
          Map.entry("ca.uhn.hl7v2", Set.of("hl7", "app")),
          Map.entry("ca.uhn.fhir", Set.of("fhir", "app")),
          Map.entry("org.hl7.fhir", Set.of("fhir")),
          Map.entry(
              "org.apache.camel", Set.of("camel.dicom", "camel.dicomweb", "camel.hl7", "app")),
          Map.entry("org.apache.activemq", Set.of("app")),
          Map.entry("org.springframework.jdbc", Set.of("index", "app")),
          Map.entry("org.springframework.security", Set.of("demo", "app")),
          Map.entry("org.springframework.web", Set.of("dicomweb", "web", "demo", "app")),
          Map.entry("com.nimbusds", Set.of("dicom.web", "demo")),
          Map.entry("org.openehealth.ipf", Set.of("audit")),
          Map.entry("org.h2", Set.of("h2")));

  @TestFactory
  List<DynamicTest> eachPackageImportsOnlyWhatTheTableAllows() {
    List<DynamicTest> tests = new ArrayList<>();
    MAY_IMPORT.forEach(
        (name, allowed) ->
            tests.add(
                DynamicTest.dynamicTest(
                    name,
                    () -> {
                      Set<String> wrong = new TreeSet<>();
                      for (JavaClass type : MAIN) {
                        if (!name.equals(room(type.getPackageName()))) {
                          continue;
                        }
                        type.getDirectDependenciesFromSelf()
                            .forEach(
                                d -> {
                                  String target = room(d.getTargetClass().getPackageName());
                                  if (target != null
                                      && !target.equals(name)
                                      && !allowed.contains(target)) {
                                    wrong.add(d.getDescription());
                                  }
                                });
                      }
                      assertThat(wrong).isEmpty();
                    })));
    return tests;
  }

  @Test
  void everyPackageIsInTheTable() {
    Set<String> rooms = new TreeSet<>();
    for (JavaClass type : MAIN) {
      rooms.add(room(type.getPackageName()));
    }
    rooms.remove("app");
    assertThat(rooms).isEqualTo(MAY_IMPORT.keySet());
  }

  @Test
  void packagesHaveNoCycles() {
    EvaluationResult rooms =
        slices().matching("org.isocentre.(*)..").should().beFreeOfCycles().evaluate(MAIN);
    assertThat(rooms.getFailureReport().getDetails()).isEmpty();
    EvaluationResult dicom =
        slices().matching("org.isocentre.dicom.(*)..").should().beFreeOfCycles().evaluate(MAIN);
    assertThat(dicom.getFailureReport().getDetails()).isEmpty();
  }

  @TestFactory
  List<DynamicTest> eachLibraryHasItsHome() {
    List<DynamicTest> tests = new ArrayList<>();
    HOME.forEach(
        (library, homes) ->
            tests.add(
                DynamicTest.dynamicTest(
                    library,
                    () ->
                        noClasses()
                            .that()
                            .resideOutsideOfPackages(
                                homes.stream()
                                    .map(h -> "org.isocentre." + h + "..")
                                    .toArray(String[]::new))
                            .should()
                            .dependOnClassesThat()
                            .resideInAPackage(library + "..")
                            .check(MAIN))));
    return tests;
  }

  @Test
  void theToolkitCouldLeaveAsALibrary() {
    classes()
        .that()
        .resideInAnyPackage("org.isocentre.dicom..", "org.isocentre.camel..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "javax..",
            "org.w3c.dom..",
            "org.slf4j..",
            "io.netty..",
            "com.nimbusds..",
            "org.apache.camel..",
            "org.isocentre.dicom..",
            "org.isocentre.camel..")
        .check(MAIN);
  }

  /** The name that the table has for a package, or null if it is none of this project's. */
  private static String room(String packageName) {
    if (!packageName.startsWith("org.isocentre.")) {
      return null;
    }
    String name = packageName.substring("org.isocentre.".length());
    String[] parts = name.split("\\.");
    return parts[0].equals("dicom") || parts[0].equals("camel")
        ? parts[0] + "." + parts[1]
        : parts[0];
  }
}
