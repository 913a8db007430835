package io.aquifer.checks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

/// The arrows of `docs/architecture.md`, with no exceptions.
class ArchitectureTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.aquifer");

    private static void mayUse(String module, String... others) {
        String[] allowed = new String[others.length + 3];
        allowed[0] = module;
        allowed[1] = "java..";
        allowed[2] = "org.jspecify.annotations";
        System.arraycopy(others, 0, allowed, 3, others.length);
        classes()
                .that()
                .resideInAPackage(module)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .check(CLASSES);
    }

    /// The flight recorder is the JDK's.
    @Test
    void memory_dependsOnTheJdkOnly() {
        mayUse("io.aquifer.memory..", "jdk.jfr..");
    }

    @Test
    void state_dependsOnMemoryOnly() {
        mayUse("io.aquifer.state..", "io.aquifer.memory..");
    }

    @Test
    void api_dependsOnNothing() {
        mayUse("io.aquifer.api..");
    }

    @Test
    void operators_dependOnTheApiOnly() {
        mayUse("io.aquifer.operators..", "io.aquifer.api..");
    }

    @Test
    void engine_dependsOnOperatorsApiStateMemoryAndMeters() {
        mayUse(
                "io.aquifer.engine..",
                "io.aquifer.operators..",
                "io.aquifer.api..",
                "io.aquifer.state..",
                "io.aquifer.memory..",
                "io.micrometer.core.instrument..");
    }

    @Test
    void fileConnector_dependsOnTheApiAndItsOwnLibraries() {
        mayUse(
                "io.aquifer.connectors.files..",
                "io.aquifer.api..",
                "de.siegmar.fastcsv..",
                "com.fasterxml.jackson.core..",
                "dev.hardwood..",
                "io.airlift.compress.v3..");
    }

    @Test
    void packages_haveNoCycles() {
        slices().matching("io.aquifer.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void nobody_usesUnsafe() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("sun.misc.Unsafe")
                .check(CLASSES);
    }

    @Test
    void names_sayWhatThingsAre() {
        classes()
                .should()
                .haveNameNotMatching(".*(Util|Utils|Helper|Impl|Manager2)(\\$.*)?")
                .andShould()
                .haveNameNotMatching(".*\\.Abstract[^.]*")
                .check(CLASSES);
    }
}
