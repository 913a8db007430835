package io.aquifer.engine;

import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.state.ListState;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;
import io.aquifer.memory.Retention;
import io.aquifer.operators.WindowElements;
import io.aquifer.operators.WindowValues;
import io.aquifer.state.KeyRouting;
import io.aquifer.state.ListTable;
import io.aquifer.state.MapTable;
import io.aquifer.state.SavedRuns;
import io.aquifer.state.StateKey;
import io.aquifer.state.StateTable;
import io.aquifer.state.TableSnapshot;
import io.aquifer.state.TableSpill;
import io.aquifer.state.ValueTable;
import io.aquifer.state.file.StateEntry;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.file.StateSection;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/// Keyed state as bytes in managed memory, off the heap. Each state has tables of its own, keyed by
/// the bare key's bytes.
final class ManagedStateTables<K> implements StateTables<K> {
    private final CurrentKey<K> key;
    private final StreamNode node;
    private final SubtaskContext subtask;
    private final RestoredState restored;
    private final KeyRouting routing;

    /// The key of an entry that is given back.
    private final StateKey restoring;

    /// A smaller table that is in memory is written whole in no time, to the file that all of the
    /// operator's share.
    private final int runPages = Integer.getInteger("aquifer.checkpoint.run-pages", 32);

    /// Whether what a run says of key groups stays right.
    private final boolean savesRuns;

    private final List<Snapshot> snapshots = new ArrayList<>();
    private final List<Runnable> closers = new ArrayList<>();
    private final List<LongSupplier> pageCounts = new ArrayList<>();
    private final List<Prefetching> prefetching = new ArrayList<>();

    ManagedStateTables(
            CurrentKey<K> key,
            KeyRouting routing,
            StreamNode node,
            SubtaskContext subtask,
            RestoredState restored,
            boolean savesRuns) {
        this.savesRuns = savesRuns;
        this.restored = restored;
        this.routing = routing;
        this.restoring = new StateKey(routing);
        this.key = key;
        this.node = node;
        this.subtask = subtask;
    }

    private PageLease lease(String name) {
        return subtask.memory()
                .leasePages(
                        subtask.manager().managed(),
                        node.name() + " / " + name,
                        Retention.REVOCABLE);
    }

    private TableSpill.Table described(String name, StateSection section) {
        KeyGroupRange groups = subtask.keyGroups();
        return new TableSpill.Table(
                subtask.memory().owner() + " / " + node.name() + " / " + name,
                new StateFileHeader(
                        subtask.attempt().ids().of(node),
                        subtask.id().index(),
                        groups.maxParallelism(),
                        groups.first(),
                        groups.last()),
                section,
                routing.keyGroupBits());
    }

    /// Makes a table of the runs of a checkpoint, or an empty one.
    private interface Opening<T> {
        T open(
                PageLease pages,
                KeyRouting routing,
                TableSpill spill,
                TableSpill.Table description,
                SavedRuns saved)
                throws IOException;
    }

    private <T> T open(String name, StateSection section, Opening<T> opening) {
        SavedRuns saved = restored.takeRuns(section);
        try {
            return opening.open(
                    lease(name),
                    routing,
                    subtask.spill().tables(),
                    described(name, section),
                    saved);
        } catch (IOException failed) {
            throw restored.unreadable(section, failed);
        }
    }

    private ValueTable openValues(String name, StateSection section) {
        return open(name, section, ValueTable::open);
    }

    private ListTable openLists(String name, StateSection section) {
        return open(name, section, ListTable::open);
    }

    private void save(StateSection section, StateTable table, StateFileWriter out, StateRuns runs)
            throws IOException {
        if (savesRuns && table.isSavedAsRuns(runPages)) {
            TableSnapshot begun = table.snapshot(subtask.signal()::wake);
            runs.add(begun, routing, subtask.keyGroups());
        } else {
            out.begin(section);
            table.writeTo(out);
        }
    }

    private void add(StateSection section, StateTable table) {
        letReclaim(table);
        pageCounts.add(table::pageCount);
        prefetching.add(table::prefetch);
        snapshots.add((out, runs) -> save(section, table, out, runs));
    }

    /// Lets memory be had back from a table until it is closed.
    private void letReclaim(StateTable table) {
        MemoryScope.Registration registration = subtask.memory().register(table);
        closers.add(
                () -> {
                    registration.close();
                    table.close();
                });
    }

    @Override
    public <V> ValueState<V> value(String name, TypeInformation<V> type) {
        RegisteredState state = RegisteredState.of(StateSection.Kind.VALUE, name, type);
        ValueTable table = openValues(name, state.section());
        add(state.section(), table);
        state.restore(restored, (section, entry) -> put(table, entry));
        return new ManagedValueState<>(key, table, bytes(type));
    }

    @Override
    public <V> ListState<V> list(String name, TypeInformation<V> type) {
        RegisteredState state = RegisteredState.of(StateSection.Kind.LIST, name, type);
        ListTable table = openLists(name, state.section());
        add(state.section(), table);
        state.restore(restored, (section, entry) -> append(table, entry));
        return new ManagedListState<>(key, table, bytes(type));
    }

    @Override
    public <U, V> MapState<U, V> map(
            String name, TypeInformation<U> keyType, TypeInformation<V> valueType) {
        RegisteredState state =
                new RegisteredState(
                        StateSection.Kind.MAP,
                        name,
                        StateTypes.text(keyType),
                        StateTypes.text(valueType));
        MapTable table = open(name, state.section(), MapTable::open);
        add(state.section(), table);
        state.restore(
                restored,
                (section, entry) -> {
                    byte[] bytes = entry.buffer();
                    table.put(
                            keyOf(entry),
                            bytes,
                            entry.mapKeyOffset(),
                            entry.mapKeyLength(),
                            bytes,
                            entry.valueOffset(),
                            entry.valueLength());
                });
        return new ManagedMapState<>(key, table, bytes(keyType), bytes(valueType));
    }

    @Override
    public <V> WindowValues<K, V> windowValues(String name, TypeInformation<V> type) {
        RegisteredState state = RegisteredState.of(StateSection.Kind.WINDOW_VALUE, name, type);
        WindowTables<ValueTable> tables =
                new WindowTables<>(
                        subtask.memory(), window -> openValues(name, state.section(window)));
        ManagedWindowValues<K, V> windows = new ManagedWindowValues<>(key, tables, bytes(type));
        add(state, tables);
        prefetching.add(windows::prefetch);
        state.restore(restored, (section, entry) -> put(tables.open(section.window()), entry));
        return windows;
    }

    @Override
    public <V> WindowElements<K, V> windowElements(String name, TypeInformation<V> type) {
        RegisteredState state = RegisteredState.of(StateSection.Kind.WINDOW_LIST, name, type);
        WindowTables<ListTable> tables =
                new WindowTables<>(
                        subtask.memory(), window -> openLists(name, state.section(window)));
        ManagedWindowElements<K, V> windows = new ManagedWindowElements<>(key, tables, bytes(type));
        add(state, tables);
        state.restore(restored, (section, entry) -> append(tables.open(section.window()), entry));
        return windows;
    }

    private void add(RegisteredState state, WindowTables<?> tables) {
        closers.add(tables::close);
        pageCounts.add(tables::heldPages);
        snapshots.add(
                (out, runs) -> {
                    for (Map.Entry<Long, ? extends StateTable> table :
                            tables.byWindow().entrySet()) {
                        save(state.section(table.getKey()), table.getValue(), out, runs);
                    }
                });
        restored.windowsOfRuns(state).forEach(tables::open);
    }

    private void put(ValueTable table, StateEntry entry) {
        table.put(keyOf(entry), entry.buffer(), entry.valueOffset(), entry.valueLength());
    }

    private void append(ListTable table, StateEntry entry) {
        table.append(keyOf(entry), entry.buffer(), entry.valueOffset(), entry.valueLength());
    }

    private StateKey keyOf(StateEntry entry) {
        int group = key.groupOf(entry.buffer(), entry.keyOffset(), entry.keyLength());
        restoring.set(entry.buffer(), entry.keyOffset(), entry.keyLength(), group);
        return restoring;
    }

    /// Saves one state.
    private interface Snapshot {
        void writeTo(StateFileWriter out, StateRuns runs) throws IOException;
    }

    @Override
    public void writeTo(StateFileWriter out, StateRuns runs) throws IOException {
        for (Snapshot snapshot : snapshots) {
            snapshot.writeTo(out, runs);
        }
    }

    private static <V> StateBytes<V> bytes(TypeInformation<V> type) {
        return new StateBytes<>(type.createSerializer());
    }

    @Override
    public void prefetch(long[] routings, int count) {
        for (Prefetching table : prefetching) {
            table.prefetch(routings, count);
        }
    }

    /// A table's `prefetch`.
    private interface Prefetching {
        void prefetch(long[] routings, int count);
    }

    @Override
    public long heldBytes() {
        long pages = 0;
        for (LongSupplier count : pageCounts) {
            pages += count.getAsLong();
        }
        return pages * MemoryManager.PAGE_SIZE_BYTES;
    }

    @Override
    public void close() {
        closers.forEach(Runnable::run);
        closers.clear();
        pageCounts.clear();
        prefetching.clear();
        snapshots.clear();
    }
}
