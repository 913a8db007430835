package io.aquifer.engine;

import io.aquifer.memory.MemoryStatistics;
import io.aquifer.memory.PoolStatistics;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/// This process's memory as Micrometer gauges: `new MemoryMeters().bindTo(registry)`.
///
/// | Meter                                            | Tags | Is                                        |
/// |--------------------------------------------------|------|-------------------------------------------|
/// | `aquifer.memory.total`, `.target`                |      | the budget, and what it is to become      |
/// | `aquifer.memory.reserve`, `.quarantine`          |      | owned by nobody; not let go by its owner  |
/// | `aquifer.memory.limit`, `.held`, `.resident`, `.peak` | pool | of each pool                         |
/// | `aquifer.memory.pressure`                        |      | 0 low, 1 moderate, 2 high, 3 critical     |
/// | `aquifer.memory.waiting`                         |      | requests that wait now                    |
/// | `aquifer.memory.longest.wait`                    |      | the longest wait so far                   |
/// | `aquifer.memory.throttling`                      |      | 1 while sources are slowed                |
/// | `aquifer.memory.rss`, `.rss.beyond.ledger`       |      | the process by the kernel, and what neither the baseline nor the ledger accounts for |
///
/// Sizes are in bytes. Before the first job every gauge is absent (NaN). A gauge that is read takes
/// the ledger's lock for a moment.
@SuppressWarnings("exports") // the registry comes from whoever brings Micrometer
public final class MemoryMeters implements MeterBinder {
    private static final List<String> POOLS =
            List.of("managed", "managed-heap", "operation", "network");

    private final TaskManager taskManager;

    /// The meters of this process's task manager.
    public MemoryMeters() {
        this(TaskManager.get());
    }

    MemoryMeters(TaskManager taskManager) {
        this.taskManager = taskManager;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        bytes(registry, "total", "the budget", MemoryStatistics::totalBytes);
        bytes(registry, "target", "what the budget is to become", MemoryStatistics::targetBytes);
        bytes(registry, "reserve", "owned by nobody yet", MemoryStatistics::reserveBytes);
        bytes(
                registry,
                "quarantine",
                "held by owners that ended and did not let go",
                MemoryStatistics::quarantineBytes);
        for (String pool : POOLS) {
            pool(registry, pool, "limit", PoolStatistics::limitBytes);
            pool(registry, pool, "held", PoolStatistics::heldBytes);
            pool(registry, pool, "resident", PoolStatistics::residentBytes);
            pool(registry, pool, "peak", PoolStatistics::heldBytesMax);
        }
        gauge(registry, "pressure", now -> now.pressure().ordinal());
        gauge(registry, "waiting", now -> now.arbitration().waiting());
        gauge(registry, "throttling", now -> now.arbitration().throttling() ? 1 : 0);
        TimeGauge.builder(
                        "aquifer.memory.longest.wait",
                        this,
                        TimeUnit.NANOSECONDS,
                        meters -> meters.now(now -> now.arbitration().longestWaitNanos()))
                .register(registry);
        Gauge.builder("aquifer.memory.rss", this, meters -> meters.resident(true))
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("aquifer.memory.rss.beyond.ledger", this, meters -> meters.resident(false))
                .baseUnit("bytes")
                .register(registry);
    }

    private void bytes(
            MeterRegistry registry,
            String name,
            String description,
            ToDoubleFunction<MemoryStatistics> figure) {
        Gauge.builder("aquifer.memory." + name, this, meters -> meters.now(figure))
                .baseUnit("bytes")
                .description(description)
                .register(registry);
    }

    private void pool(
            MeterRegistry registry,
            String pool,
            String name,
            ToDoubleFunction<PoolStatistics> figure) {
        Gauge.builder(
                        "aquifer.memory." + name,
                        this,
                        meters -> meters.now(now -> figure.applyAsDouble(now.pool(pool))))
                .baseUnit("bytes")
                .tag("pool", pool)
                .register(registry);
    }

    private void gauge(
            MeterRegistry registry, String name, ToDoubleFunction<MemoryStatistics> figure) {
        Gauge.builder("aquifer.memory." + name, this, meters -> meters.now(figure))
                .register(registry);
    }

    private double now(ToDoubleFunction<MemoryStatistics> figure) {
        Optional<MemoryStatistics> now = taskManager.memoryStatistics();
        return now.isPresent() ? figure.applyAsDouble(now.get()) : Double.NaN;
    }

    private double resident(boolean whole) {
        Optional<ResidentFigure> now = taskManager.residentFigure();
        return now.isPresent()
                ? whole ? now.get().rssBytes() : now.get().beyondLedgerBytes()
                : Double.NaN;
    }
}
