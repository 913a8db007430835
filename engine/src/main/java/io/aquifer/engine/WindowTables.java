package io.aquifer.engine;

import io.aquifer.memory.MemoryScope;
import io.aquifer.state.StateTable;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongFunction;

/// A table for each window of one state, from which memory can be had back while it is there.
final class WindowTables<T extends StateTable> {
    private final MemoryScope memory;
    private final LongFunction<T> maker;
    private final Map<Long, T> tables = new HashMap<>();
    private final Map<Long, MemoryScope.Registration> registrations = new HashMap<>();
    private long lastWindow;
    private @Nullable T last;

    /// @param maker makes the empty table of a window
    WindowTables(MemoryScope memory, LongFunction<T> maker) {
        this.memory = memory;
        this.maker = maker;
    }

    @Nullable T get(long window) {
        if (last == null || lastWindow != window) {
            last = tables.get(window);
            lastWindow = window;
        }
        return last;
    }

    /// The table used last, null if it is gone.
    @Nullable T last() {
        return last;
    }

    /// The window's table, made if there is none.
    T open(long window) {
        T table = get(window);
        if (table == null) {
            table = maker.apply(window);
            tables.put(window, table);
            registrations.put(window, memory.register(table));
            last = table;
        }
        return table;
    }

    /// Gives back what the window has.
    void drop(long window) {
        T table = tables.remove(window);
        last = null;
        if (table != null) {
            // A checkpoint under way has what the window held.
            table.finishSnapshot();
            close(window, table);
        }
    }

    private void close(long window, T table) {
        MemoryScope.Registration registration = registrations.remove(window);
        if (registration != null) {
            registration.close();
        }
        table.close();
    }

    long[] windows() {
        return tables.keySet().stream().mapToLong(Long::longValue).toArray();
    }

    long heldPages() {
        long pages = 0;
        for (T table : tables.values()) {
            pages += table.pageCount();
        }
        return pages;
    }

    Map<Long, T> byWindow() {
        return tables;
    }

    void close() {
        tables.forEach(this::close);
        tables.clear();
        last = null;
    }
}
