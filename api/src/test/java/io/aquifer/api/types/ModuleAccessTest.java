package io.aquifer.api.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/// Records in named modules and in other loaders, against `io.aquifer.api` as the named module it
/// is when deployed.
class ModuleAccessTest {
    private static final String RECORD =
            "package flights.model; public record Flight(long id, String from, Leg leg) { public"
                    + " record Leg(int km) {} }";
    private static final String HIDDEN = "package flights.model; record Hidden(int km) {}";

    @TempDir private Path directory;

    private Class<?> load(String moduleInfo, String typeName) throws Exception {
        Path api = location(TypeInformation.class);
        Path annotations =
                location(
                        Nullable.class); // the compiler asks for what the API requires transitively
        Path classes =
                CompiledSources.compile(
                        directory,
                        Map.of(
                                "module-info.java", moduleInfo,
                                "flights/model/Flight.java", RECORD,
                                "flights/model/Hidden.java", HIDDEN),
                        "--module-path",
                        api + File.pathSeparator + annotations);
        Configuration configuration =
                ModuleLayer.boot()
                        .configuration()
                        .resolve(
                                ModuleFinder.of(classes, api),
                                ModuleFinder.of(),
                                Set.of("flights"));
        ModuleLayer layer = ModuleLayer.boot().defineModulesWithOneLoader(configuration, null);
        return layer.findLoader("flights").loadClass(typeName);
    }

    private static Path location(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /// Goes through the layer's own copy of the API, which is not this test's.
    private static Object createSerializer(Class<?> type) throws Throwable {
        Class<?> information = type.getClassLoader().loadClass(TypeInformation.class.getName());
        assertThat(information.getModule().getName()).isEqualTo("io.aquifer.api");
        Object typeInformation = information.getMethod("of", Class.class).invoke(null, type);
        try {
            return information.getMethod("createSerializer").invoke(typeInformation);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause() == null ? thrown : thrown.getCause();
        }
    }

    private static Object roundTrip(Object serializer, Object value) throws Exception {
        ClassLoader loader = value.getClass().getClassLoader();
        Class<?> contract = loader.loadClass(TypeSerializer.class.getName());
        Class<?> outClass = loader.loadClass(DataOutputSerializer.class.getName());
        Class<?> inClass = loader.loadClass(DataInputDeserializer.class.getName());
        Object out = outClass.getConstructor().newInstance();
        contract.getMethod("serialize", Object.class, outClass).invoke(serializer, value, out);
        Object bytes = outClass.getMethod("toByteArray").invoke(out);
        Object in = inClass.getConstructor(byte[].class).newInstance(bytes);
        return contract.getMethod("deserialize", inClass).invoke(serializer, in);
    }

    private static Object flight(Class<?> type) throws Exception {
        Class<?> leg = type.getDeclaredClasses()[0];
        return type.getConstructors()[0].newInstance(
                7L, "ZRH", leg.getConstructors()[0].newInstance(12));
    }

    @Test
    void createSerializer_inAModuleThatOpensItsPackage_isGenerated() throws Throwable {
        Class<?> type =
                load(
                        "module flights { requires io.aquifer.api; exports flights.model; opens"
                                + " flights.model to io.aquifer.api; }",
                        "flights.model.Flight");

        Object serializer = createSerializer(type);

        assertThat(serializer.getClass().isHidden()).isTrue();
        assertThat(serializer.getClass().getNestHost()).isEqualTo(type);
        assertThat(roundTrip(serializer, flight(type))).isEqualTo(flight(type));
    }

    @Test
    void createSerializer_inAModuleThatOnlyExports_usesHandlesForWhatIsPublic() throws Throwable {
        Class<?> type =
                load(
                        "module flights { requires io.aquifer.api; exports flights.model; }",
                        "flights.model.Flight");

        Object serializer = createSerializer(type);

        assertThat(serializer.getClass().getSimpleName()).isEqualTo("HandleSerializer");
        assertThat(roundTrip(serializer, flight(type))).isEqualTo(flight(type));
    }

    @Test
    void createSerializer_inAModuleThatOpensNothing_saysTheLineToAdd() throws Throwable {
        Class<?> closed =
                load("module flights { requires io.aquifer.api; }", "flights.model.Flight");
        assertThatThrownBy(() -> createSerializer(closed))
                .hasMessage(
                        "no serializer for Flight.leg: flights.model.Flight$Leg. Module 'flights'"
                            + " does not open its package flights.model. Add `opens flights.model"
                            + " to io.aquifer.api;` to its module-info.java.")
                .hasRootCauseInstanceOf(IllegalAccessException.class);
    }

    @Test
    void createSerializer_ofANonPublicRecordInAModuleThatOnlyExports_saysTheLineToAdd()
            throws Throwable {
        Class<?> hidden =
                load(
                        "module flights { requires io.aquifer.api; exports flights.model; }",
                        "flights.model.Hidden");
        assertThatThrownBy(() -> createSerializer(hidden))
                .hasMessage(
                        "no serializer for flights.model.Hidden. Module 'flights' does not open the"
                            + " package of a class that is not public, flights.model. Add `opens"
                            + " flights.model to io.aquifer.api;` to its module-info.java.");
    }

    @Test
    void createSerializer_inALoaderThatDoesNotKnowTheApi_usesHandles() throws Exception {
        Path classes =
                CompiledSources.compile(directory, Map.of("flights/model/Hidden.java", HIDDEN));
        URL[] urls = {classes.toUri().toURL()};
        try (URLClassLoader loader =
                new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
            Class<?> type = loader.loadClass("flights.model.Hidden");

            TypeSerializer<?> serializer = TypeInformation.of(type).createSerializer();

            assertThat(serializer).isInstanceOf(HandleSerializer.class);
            Object read =
                    serializer.deserialize(new DataInputDeserializer(new byte[] {12, 0, 0, 0}));
            assertThat(read).hasToString("Hidden[km=12]");
        }
    }

    @Test
    void createSerializer_ofManyRecordsOfAPackage_putsOneNeighbourIntoIt() throws Exception {
        Path classes =
                CompiledSources.compile(
                        directory,
                        Map.of(
                                "flights/model/Flight.java",
                                RECORD,
                                "flights/model/Hidden.java",
                                HIDDEN));
        URL[] urls = {classes.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(urls, getClass().getClassLoader())) {
            for (String name : new String[] {"flights.model.Hidden", "flights.model.Flight"}) {
                TypeSerializer<?> serializer =
                        TypeInformation.of(loader.loadClass(name)).createSerializer();
                assertThat(serializer.getClass().isHidden()).as(name).isTrue();
            }
        }
    }
}
