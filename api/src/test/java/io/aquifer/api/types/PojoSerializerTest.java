package io.aquifer.api.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;

/// Flink's rules for POJOs: what passes, what is refused and why.
class PojoSerializerTest {
    public static class Base<T> {
        public @Nullable T origin;
        private long serial;

        public Base() {}

        public long getSerial() {
            return serial;
        }

        public void setSerial(long serial) {
            this.serial = serial;
        }
    }

    public static class Sensor extends Base<List<String>> {
        static final int IGNORED = 1;
        transient int cache = 5;
        public @Nullable Double reading = 1.0;
        private boolean active;
        private @Nullable String name = "unset";

        public Sensor() {}

        public boolean isActive() {
            return active;
        }

        public void setActive(boolean active) {
            this.active = active;
        }

        public @Nullable String getName() {
            return name;
        }

        public Sensor setName(@Nullable String name) { // fluent
            this.name = name;
            return this;
        }
    }

    public static final class Special extends Sensor {
        public Special() {}
    }

    public static final class NoSetter {
        private int id;

        public NoSetter() {}

        public int getId() {
            return id;
        }
    }

    public static final class NoConstructor {
        public int id;

        public NoConstructor(int id) {
            this.id = id;
        }
    }

    public static final class FinalField {
        public final int id = 3;

        public FinalField() {}
    }

    public final class Inner {
        public int id;

        public Inner() {}
    }

    public static final class Empty {
        public Empty() {}
    }

    public abstract static class Open {
        public int id;

        public Open() {}
    }

    private static Sensor sensor() {
        Sensor sensor = new Sensor();
        sensor.origin = List.of("north");
        sensor.setSerial(77);
        sensor.reading = null;
        sensor.setActive(true);
        return sensor.setName("é");
    }

    private static void assertSame(Sensor read, Sensor written) {
        assertThat(read).usingRecursiveComparison().isEqualTo(written);
    }

    @Test
    void createSerializer_ofAPojo_writesItsFieldsInTheOrderOfTheirNames() {
        TypeSerializer<Sensor> serializer = TypeInformation.of(Sensor.class).createSerializer();
        DataOutputSerializer out = new DataOutputSerializer();
        serializer.serialize(sensor(), out);

        assertThat(serializer.getClass().isHidden()).isTrue();
        assertSame(serializer.deserialize(new DataInputDeserializer(out.toByteArray())), sensor());
        assertThat(((SchemaSerializer<?>) serializer).schema().fields())
                .extracting(TypeSchema.Field::name)
                .containsExactly("active", "name", "origin", "reading", "serial");
        assertThat(((SchemaSerializer<?>) serializer).schema().fields().get(2).type())
                .isEqualTo("java.util.List<java.lang.String>");
    }

    @Test
    void handles_forAPojo_writeTheSameBytesAndReadThem() throws Exception {
        @SuppressWarnings("unchecked")
        TypeSerializer<Object> generated =
                (TypeSerializer<Object>)
                        (TypeSerializer<?>) TypeInformation.of(Sensor.class).createSerializer();
        StructShape shape = StructShape.ofPojo(Sensor.class, "");
        List<TypeSerializer<Object>> parts = new ArrayList<>();
        for (StructField field : shape.fields()) {
            @SuppressWarnings("unchecked")
            TypeSerializer<Object> part =
                    (TypeSerializer<Object>)
                            TypeInformation.ofType(field.type()).createSerializer();
            parts.add(part);
        }
        HandleSerializer byHandles =
                HandleSerializer.of(shape, shape.schema(), parts, MethodHandles.lookup());
        DataOutputSerializer one = new DataOutputSerializer();
        DataOutputSerializer other = new DataOutputSerializer();
        generated.serialize(sensor(), one);
        byHandles.serialize(sensor(), other);

        assertThat(other.toByteArray()).isEqualTo(one.toByteArray());
        assertSame(
                (Sensor) byHandles.deserialize(new DataInputDeserializer(one.toByteArray())),
                sensor());
        for (TypeSerializer<Object> serializer : List.of(generated, byHandles)) {
            assertThatThrownBy(() -> serializer.serialize(new Special(), one))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "cannot serialize as io.aquifer.api.types.PojoSerializerTest$Sensor"
                                    + " what is of a subclass, since the subclass's fields would be"
                                    + " lost: io.aquifer.api.types.PojoSerializerTest$Special");
        }
    }

    @Test
    void createSerializer_ofAClassThatIsNoPojo_saysWhichRuleItBreaks() {
        assertRefused(
                NoSetter.class, "Its field 'id' is not public and has no public setter setId.");
        assertRefused(NoConstructor.class, "It has no public constructor without parameters.");
        assertRefused(FinalField.class, "Its field 'id' is final.");
        assertRefused(
                Inner.class, "It is an inner class, whose values need one of the outer class.");
        assertRefused(Empty.class, "It has no fields, so its values cannot be told apart.");
        assertRefused(
                Open.class,
                "It is abstract and not sealed, so the classes of its values are not known.");
    }

    private static void assertRefused(Class<?> type, String reason) {
        assertThatThrownBy(() -> TypeInformation.of(type).createSerializer())
                .isInstanceOf(UnsupportedTypeException.class)
                .hasMessage(
                        "no serializer for "
                                + type.getName()
                                + ". "
                                + reason
                                + " Make it a record, or a POJO: a public constructor without"
                                + " parameters, and every field public or with getter and setter.");
    }
}
