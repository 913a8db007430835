package io.aquifer.api.types;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.jspecify.annotations.Nullable;

/// Records of every shape that code must be generated for.
class RecordSerializerTest {
    private record Leg(String from, String to, int km, @Nullable Instant at) {}

    private record Flight(long id, List<Leg> legs, Map<String, @Nullable Double> prices, @Nullable Flight next) {}

    @Test
    void createSerializer_ofAPrivateNestedRecord_isGeneratedAndGivesAnEqualValue() {
        Flight flight =
                new Flight(
                        7,
                        List.of(new Leg("ZRH", "JFK", 6300, Instant.EPOCH), new Leg("JFK", "成田", 1, null)),
                        Map.of("a", 1.0, "b", 2.0),
                        new Flight(8, List.of(), Map.of(), null));

        TypeSerializer<Flight> serializer = TypeInformation.of(Flight.class).createSerializer();

        assertThat(serializer.getClass().isHidden()).isTrue();
        DataOutputSerializer out = new DataOutputSerializer();
        serializer.serialize(flight, out);
        DataInputDeserializer in = new DataInputDeserializer(out.toByteArray());
        assertThat(serializer.deserialize(in)).isEqualTo(flight);
        assertThat(in.available()).isZero();
    }
}
