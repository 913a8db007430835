package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/// Timers that resemble one another fall apart, and otherwise with another seed.
class TimerHashTest {
    @Test
    void timesAndKeysInARow_haveDifferentHashes_spreadOverTheTopBits() {
        TimerHash hash = new TimerHash(1);
        TimerHash other = new TimerHash(2);
        Set<Long> hashes = new HashSet<>();
        int[] buckets = new int[256];
        for (long time = 0; time < 300; time++) {
            for (long id = 0; id < 300; id++) {
                byte[] key = ByteBuffer.allocate(8).putLong(id).array();
                long value = hash.of(time, key, 0, 8);
                assertThat(hashes.add(value)).isTrue();
                assertThat(other.of(time, key, 0, 8)).isNotEqualTo(value);
                buckets[(int) (value >>> 56)]++;
            }
        }
        for (int bucket : buckets) {
            assertThat(bucket).isBetween(260, 450);
        }
    }

    @Test
    void keysOfEveryLength_dependOnEachByteAndOnTheOffsetOnly() {
        TimerHash hash = new TimerHash(7);
        Set<Long> hashes = new HashSet<>();
        byte[] bytes = new byte[40];
        for (int length = 0; length <= 32; length++) {
            assertThat(hashes.add(hash.of(5, bytes, 3, length))).as("length %d", length).isTrue();
            for (int i = 0; i < length; i++) {
                bytes[3 + i] = 1;
                assertThat(hashes.add(hash.of(5, bytes, 3, length))).isTrue();
                byte[] moved = new byte[length];
                System.arraycopy(bytes, 3, moved, 0, length);
                assertThat(hash.of(5, moved, 0, length)).isEqualTo(hash.of(5, bytes, 3, length));
                bytes[3 + i] = 0;
            }
        }
    }
}
