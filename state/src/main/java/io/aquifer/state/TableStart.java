package io.aquifer.state;

import io.aquifer.state.run.RunScan;

import java.io.IOException;

/// Lets a table begin with the runs of a checkpoint. **Threads.** The table's.
final class TableStart {
    private final RecordTable table;
    private final ColdTier cold;

    TableStart(RecordTable table, ColdTier cold) {
        this.table = table;
        this.cold = cold;
    }

    /// @return whether all of it is in memory now
    /// @throws IOException if a run cannot be read, or is another state's
    boolean begin(SavedRuns saved) throws IOException {
        cold.open(saved);
        table.beginDirectory();
        return saved.loaded() && isLoaded();
    }

    /// Brings everything on disk to memory, until there is no page for nothing any more.
    private boolean isLoaded() throws IOException {
        StateKey key = table.newKey();
        ByteSlot value = new ByteSlot();
        try (RunScan all = cold.scan(0, -1)) {
            while (all.next()) {
                key.set(all);
                all.readValue(value);
                if (!table.insertForNothing(key, value)) {
                    return false;
                }
            }
        }
        Directory directory = table.directory;
        for (int at = 0; at < directory.length(); at = directory.positionAfter(at)) {
            directory.partitionAt(at).setCold(false);
        }
        return true;
    }
}
