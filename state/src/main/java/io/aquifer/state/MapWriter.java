package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import io.aquifer.state.file.StateFileWriter;

import java.io.IOException;
import java.io.UncheckedIOException;

/// Writes all entries of a [MapTable] to the current section of a file.
final class MapWriter {
    private final MapTable table;
    private final StateFileWriter out;
    private final StateKey key;
    private final DirectoryScan directory;
    private final ByteSlot keyBytes = new ByteSlot();
    private final ByteSlot head = new ByteSlot();
    private final ByteSlot value = new ByteSlot();

    MapWriter(MapTable table, StateFileWriter out) {
        this.table = table;
        this.out = out;
        this.key = new StateKey(table.routing());
        this.directory = new DirectoryScan(table);
    }

    void write() throws IOException {
        try {
            table.records.forEach(
                    RecordHeader.VALUE,
                    slot -> {
                        try {
                            writeMap(slot);
                        } catch (IOException refused) {
                            throw new UncheckedIOException(refused);
                        }
                    });
        } catch (UncheckedIOException refused) {
            throw refused.getCause();
        }
    }

    private void writeMap(long slot) throws IOException {
        RecordTable records = table.records;
        long record = records.addressAt(slot);
        records.readKey(record, keyBytes);
        records.readValue(record, head);
        if (MapTable.isPacked(head)) {
            writePacked();
            return;
        }
        int group = table.routing().keyGroup(getLong(slot));
        key.set(keyBytes.array(), 0, keyBytes.length(), group);
        for (directory.open(key, MapTable.firstBirth(head)); directory.next(); ) {
            if (directory.readValue(value)) {
                write(
                        directory.user().array(),
                        0,
                        directory.user().length(),
                        value.array(),
                        0,
                        value.length());
            }
        }
    }

    private void writePacked() throws IOException {
        byte[] bytes = head.array();
        for (int at = 1; at < head.length(); ) {
            int userAt = MapTable.skipNumber(bytes, at);
            int userLength = MapTable.numberAt(bytes, at);
            int valueLengthAt = userAt + userLength;
            int valueAt = MapTable.skipNumber(bytes, valueLengthAt);
            int valueLength = MapTable.numberAt(bytes, valueLengthAt);
            write(bytes, userAt, userLength, bytes, valueAt, valueLength);
            at = valueAt + valueLength;
        }
    }

    private void write(
            byte[] user, int userAt, int userLength, byte[] from, int valueAt, int valueLength)
            throws IOException {
        out.mapEntry(
                keyBytes.array(),
                0,
                keyBytes.length(),
                user,
                userAt,
                userLength,
                from,
                valueAt,
                valueLength);
    }
}
