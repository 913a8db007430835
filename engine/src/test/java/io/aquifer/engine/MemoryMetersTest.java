package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.memory.MemoryStatistics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.junit.jupiter.api.Test;

/// The meters say what the ledger says.
class MemoryMetersTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private double gauge(String name) {
        return registry.get("aquifer.memory." + name).gauge().value();
    }

    private double gauge(String name, String pool) {
        return registry.get("aquifer.memory." + name).tag("pool", pool).gauge().value();
    }

    @Test
    void gauges_afterAJob_equalTheLedger() throws Exception {
        new MemoryMeters().bindTo(registry);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("64");
        env.fromSequence(1, 1000).map(number -> number + 1).print();
        env.execute("metered");

        MemoryStatistics now = TaskManager.get().memoryStatistics().orElseThrow();
        assertThat(gauge("total")).isEqualTo(now.totalBytes()).isEqualTo(64 << 20);
        assertThat(gauge("target")).isEqualTo(now.targetBytes());
        assertThat(gauge("reserve")).isEqualTo(now.reserveBytes());
        assertThat(gauge("quarantine")).isZero();
        assertThat(gauge("limit", "managed")).isEqualTo(now.managed().limitBytes());
        assertThat(gauge("held", "network")).isEqualTo(now.network().heldBytes()).isZero();
        assertThat(gauge("peak", "network")).isEqualTo(now.network().heldBytesMax());
        assertThat(gauge("pressure")).isZero();
        assertThat(gauge("waiting")).isZero();
        assertThat(gauge("throttling")).isZero();
        assertThat(registry.get("aquifer.memory.longest.wait").timeGauge().value()).isZero();
    }

    @Test
    void residentFigure_pageMemoryTouched_movesWithTheLedger() {
        ResidentFigure figure = new ResidentFigure(300, 100, 180);

        assertThat(figure.beyondLedgerBytes()).isEqualTo(20);
        assertThat(new ResidentFigure(-1, 100, 180).beyondLedgerBytes()).isZero();
        assertThat(ResidentFigure.rss()).isGreaterThan(10 << 20);
    }
}
