package io.aquifer.memory.space;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;

/// Chunks of the portable mode are mappings, whoever asks.
class ChunkMemoryTest {
    private static final int BYTES = ChunkTable.CHUNK_BYTES;

    /// `malloc` may keep what is freed, so the resident set would not come back.
    @Test
    void allocate_byAThreadThatWasInterrupted_isAMappingThenAndLater() {
        try (Arena arena = Arena.ofShared()) {
            Thread.currentThread().interrupt();
            MemorySegment first = allocate(arena);
            assertThat(Thread.interrupted()).as("the flag is as it was").isTrue();
            MemorySegment second = allocate(arena);

            assertThat(first.isMapped()).isTrue();
            assertThat(second.isMapped()).isTrue();
            first.set(ValueLayout.JAVA_LONG, 0, 7);
            assertThat(second.get(ValueLayout.JAVA_LONG, 0)).isZero();
            assertThat(Thread.interrupted()).isFalse();
        }
    }

    @Test
    void allocate_whileInterruptsCome_isAMapping() throws InterruptedException {
        Thread asker = Thread.currentThread();
        AtomicBoolean ended = new AtomicBoolean();
        Thread other =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    while (!ended.get()) {
                                        asker.interrupt();
                                        Thread.yield();
                                    }
                                });
        boolean mapped = true;
        for (int i = 0; i < 2_000; i++) {
            try (Arena arena = Arena.ofShared()) {
                mapped &= allocate(arena).isMapped();
            }
        }
        ended.set(true);
        while (!joined(other)) {}
        Thread.interrupted(); // the last one
        assertThat(mapped).isTrue();
    }

    private static boolean joined(Thread other) {
        try {
            other.join();
            return true;
        } catch (InterruptedException again) {
            return false;
        }
    }

    private static MemorySegment allocate(Arena arena) {
        synchronized (ChunkTable.class) {
            return ChunkMemory.allocate(BYTES, arena, true);
        }
    }
}
