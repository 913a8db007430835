package io.aquifer.benchmarks.aquifer;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.connector.Reject;
import io.aquifer.api.connector.SourceOutput;
import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;
import io.aquifer.benchmarks.KeySequence;
import io.aquifer.benchmarks.KeyedCountPlan;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class KeySourceTest {
    private static final KeyedCountPlan PLAN = new KeyedCountPlan(2_001, 1, 1_000_000, 2, 11);

    @Test
    void read_everySplit_givesThePlansKeysInOrder() throws Exception {
        KeySource source = new KeySource(PLAN);
        List<SourceSplit> splits = source.splits();
        assertThat(splits).hasSize(2);
        for (int split = 0; split < 2; split++) {
            assertThat(read(source.createReader(splits.get(split), 0))).isEqualTo(keys(split));
        }
        assertThat(keys(0).size() + keys(1).size()).isEqualTo(2_001);
    }

    @Test
    void createReader_atAnyReportedPosition_goesOnThere() throws Exception {
        KeySource source = new KeySource(PLAN);
        SourceSplit split = source.splits().getFirst();
        Keys seen = new Keys();
        SourceReader<Long> reader = source.createReader(split, 0);
        do {
            long position = reader.position();
            assertThat(position).isEqualTo(seen.values.size());
            assertThat(read(source.createReader(split, position)))
                    .isEqualTo(keys(0).subList((int) position, keys(0).size()));
        } while (reader.read(seen, 256));
    }

    private static List<Long> keys(int split) {
        KeySequence sequence = PLAN.keysOf(split);
        List<Long> keys = new ArrayList<>();
        for (long i = 0; i < PLAN.recordsOf(split); i++) {
            keys.add(sequence.next());
        }
        return keys;
    }

    private static List<Long> read(SourceReader<Long> reader) throws Exception {
        Keys keys = new Keys();
        while (reader.read(keys, 256)) {
            assertThat(reader.position()).isPositive();
        }
        reader.close();
        return keys.values;
    }

    private static final class Keys implements SourceOutput<Long> {
        private final List<Long> values = new ArrayList<>();

        @Override
        public void collect(Long value) {
            values.add(value);
        }

        @Override
        public void collect(Long value, long timestamp) {
            throw new AssertionError("keys have no event time");
        }

        @Override
        public void reject(Reject reject) {
            throw new AssertionError("no key is rejected: " + reject);
        }
    }
}
