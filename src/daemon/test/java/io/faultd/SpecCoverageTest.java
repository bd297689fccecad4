package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import io.faultd.fault.Fault;
import io.faultd.linux.Capabilities;
import io.faultd.spec.ActionSpec;
import io.faultd.spec.FlagSpec;
import io.faultd.spec.Specs;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Specs and faults belong together one to one. */
class SpecCoverageTest {
  private static final Specs SPECS = Specs.load(null);

  @Test
  void everyFaultHasASpecAndWhatIsNotPlannedHasAFault() {
    Set<String> faults =
        new ClassFileImporter()
            .withImportOption(new DoNotIncludeTests()).importPackages("io.faultd").stream()
                .filter(type -> type.isAssignableTo(Fault.class) && !type.isInterface())
                .map(JavaClass::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    Set<String> specified =
        SPECS.entries().stream()
            .map(entry -> entry.spec().type())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(faults, specified);
  }

  @Test
  void aFaultIsNamedAfterItsTargetAndAction() {
    for (ActionSpec spec : SPECS.all()) {
      String name = (spec.target() + spec.action()).replaceAll("[-_]", "");
      assertEquals(
          name.toLowerCase(Locale.ROOT),
          spec.type().substring(spec.type().lastIndexOf('.') + 1).toLowerCase(Locale.ROOT),
          "a fault is called <Target><Action>");
    }
  }

  @Test
  void everyCapabilityThatIsNeededIsLookedFor() {
    for (ActionSpec spec : SPECS.all()) {
      assertTrue(
          Capabilities.NAMES.containsAll(spec.needs()), spec.type() + " needs " + spec.needs());
    }
  }

  @Test
  void everythingIsExplained() {
    for (ActionSpec spec : SPECS.all()) {
      assertTrue(spec.desc().endsWith("."), spec.type() + ": a sentence");
      for (FlagSpec flag : spec.flags()) {
        assertFalse(flag.desc().isBlank(), spec.type() + ": " + flag.name());
      }
    }
  }
}
