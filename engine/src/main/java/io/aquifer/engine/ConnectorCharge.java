package io.aquifer.engine;

import io.aquifer.api.graph.StreamNode;
import io.aquifer.memory.ByteLease;

import org.jspecify.annotations.Nullable;

import java.util.function.Supplier;

/// Charges what a connector says it keeps on the Java heap to operation memory, in steps, so that
/// most calls only compare. Used by the subtask's thread.
final class ConnectorCharge {
    private static final long STEP_BYTES = 64 * 1024;

    private final Supplier<ByteLease> open;
    private @Nullable ByteLease lease;
    private long held;

    /// @param open makes the lease when there is something to charge
    ConnectorCharge(Supplier<ByteLease> open) {
        this.open = open;
    }

    /// For the connector of a source or a sink.
    static ConnectorCharge of(StreamNode node, SubtaskContext subtask) {
        return new ConnectorCharge(
                () ->
                        subtask.memory()
                                .leaseBytes(
                                        subtask.manager().operation(),
                                        node.name() + " / connector"));
    }

    /// The connector keeps `bytes` now; 0 gives everything back.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException when operation memory has no room; what
    ///   was charged before stays charged
    void update(long bytes) {
        long wanted = (bytes + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES;
        if (wanted == held) {
            return;
        }
        ByteLease current = lease == null ? open.get() : lease;
        lease = current;
        if (wanted > held) {
            current.reserve(wanted - held);
        } else if (wanted == 0) {
            current.close();
            lease = null;
        } else {
            current.release(held - wanted);
        }
        held = wanted;
    }
}
