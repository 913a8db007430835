package io.aquifer.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.aquifer.engine.Seeds;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;

/// A run that goes on and back, against a bit set of what counts.
class JobRunFileTest {
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void backTo_inAnyOrder_voidsWhatCameAfter(long seed) throws CorruptTextException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 200; i++) {
            JobRunFile run = JobRunFile.begin("00000000000000ab", "job\n", random.nextInt(4));
            BitSet counts = new BitSet();
            for (int step = 0; step < 20; step++) {
                if (random.nextInt(3) > 0 || counts.isEmpty()) {
                    long id = run.highest() + 1 + random.nextInt(2);
                    counts.set((int) run.highest() + 1, (int) id + 1);
                    run = run.withHighest(id);
                } else {
                    int checkpoint =
                            counts.stream()
                                    .skip(random.nextInt(counts.cardinality()))
                                    .findFirst()
                                    .orElseThrow();
                    run = run.backTo(checkpoint);
                    counts.clear(checkpoint + 1, (int) run.highest() + 1);
                }
                for (int id = 1; id <= run.highest(); id++) {
                    assertThat(run.isVoid(id)).as("%d in %s", id, run).isEqualTo(!counts.get(id));
                }
                assertThat(JobRunFile.parse(run.toBytes(), "run")).isEqualTo(run);
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void parse_ofAnyChangedOrMissingByte_refuses(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] content =
                JobRunFile.begin("00000000000000ab", "job\u0000", 7)
                        .withHighest(20)
                        .backTo(12)
                        .with(JobRunFile.Status.FINISHED)
                        .toBytes();
        for (int at = 0; at < content.length; at++) {
            byte[] flipped = content.clone();
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            byte[] cut = Arrays.copyOf(content, at);
            assertThatExceptionOfType(CorruptTextException.class)
                    .isThrownBy(() -> JobRunFile.parse(flipped, "run"));
            assertThatExceptionOfType(CorruptTextException.class)
                    .isThrownBy(() -> JobRunFile.parse(cut, "run"))
                    .withMessageStartingWith("run line ");
        }
    }
}
