package io.aquifer.state;

import io.aquifer.memory.PageLease;
import io.aquifer.state.file.EntrySink;
import io.aquifer.state.file.StateEntry;

import java.io.IOException;

/// Goes through what the runs of a checkpoint hold of one state, as the entries that a state file
/// would have: elements of lists and entries of maps one by one.
///
/// It needs some 32 pages, however much there is. **Threads.** One at a time.
public final class SavedEntries {
    private SavedEntries() {}

    /// Takes the entries.
    @FunctionalInterface
    public interface Visitor {
        /// @param entry valid until this returns
        /// @return whether to go on
        boolean visit(StateEntry entry) throws IOException;
    }

    /// @param pages closed when this returns
    /// @param routing with the seed of the table that was saved
    /// @param spill where what does not fit into memory goes meanwhile
    /// @param description of the state
    /// @return whether the visitor wanted all
    /// @throws IOException of the visitor, or if a run cannot be read
    public static boolean forEach(
            PageLease pages,
            KeyRouting routing,
            TableSpill spill,
            TableSpill.Table description,
            SavedRuns saved,
            Visitor visitor)
            throws IOException {
        try (StateTable table = open(pages, routing, spill, description, saved)) {
            table.forEachEntry(new Shown(visitor));
            return true;
        } catch (Enough enough) {
            return false;
        }
    }

    private static StateTable open(
            PageLease pages,
            KeyRouting routing,
            TableSpill spill,
            TableSpill.Table description,
            SavedRuns saved)
            throws IOException {
        return switch (description.section().kind()) {
            case LIST, WINDOW_LIST -> ListTable.open(pages, routing, spill, description, saved);
            case MAP -> MapTable.open(pages, routing, spill, description, saved);
            default -> ValueTable.open(pages, routing, spill, description, saved);
        };
    }

    private static final class Enough extends RuntimeException {
        private static final long serialVersionUID = 1;

        Enough() {
            super(null, null, false, false);
        }
    }

    /// Puts the parts of an entry into one array.
    private static final class Shown implements EntrySink, StateEntry {
        private final Visitor visitor;
        private final ByteSlot bytes = new ByteSlot();
        private int keyLength;
        private int mapKeyLength;
        private int valueLength;

        Shown(Visitor visitor) {
            this.visitor = visitor;
        }

        @Override
        public void entry(
                byte[] key,
                int keyOffset,
                int keyBytes,
                byte[] value,
                int valueOffset,
                int valueBytes)
                throws IOException {
            mapEntry(key, keyOffset, keyBytes, key, 0, 0, value, valueOffset, valueBytes);
        }

        @Override
        public void mapEntry(
                byte[] key,
                int keyOffset,
                int keyBytes,
                byte[] mapKey,
                int mapKeyOffset,
                int mapKeyBytes,
                byte[] value,
                int valueOffset,
                int valueBytes)
                throws IOException {
            keyLength = keyBytes;
            mapKeyLength = mapKeyBytes;
            valueLength = valueBytes;
            byte[] all = bytes.resize(Math.addExact(keyBytes + mapKeyBytes, valueBytes));
            System.arraycopy(key, keyOffset, all, 0, keyBytes);
            System.arraycopy(mapKey, mapKeyOffset, all, keyBytes, mapKeyBytes);
            System.arraycopy(value, valueOffset, all, keyBytes + mapKeyBytes, valueBytes);
            if (!visitor.visit(this)) {
                throw new Enough();
            }
        }

        @Override
        public byte[] buffer() {
            return bytes.array();
        }

        @Override
        public int keyOffset() {
            return 0;
        }

        @Override
        public int keyLength() {
            return keyLength;
        }

        @Override
        public int mapKeyOffset() {
            return keyLength;
        }

        @Override
        public int mapKeyLength() {
            return mapKeyLength;
        }

        @Override
        public int valueOffset() {
            return keyLength + mapKeyLength;
        }

        @Override
        public int valueLength() {
            return valueLength;
        }
    }
}
