package io.aquifer.state;

import io.aquifer.state.file.EntrySink;

import java.io.IOException;
import java.io.UncheckedIOException;

/// Hands out all entries of a [MapTable].
final class MapWriter {
    private final MapTable table;
    private final EntrySink out;
    private final StateKey key;
    private final DirectoryScan directory;
    private final ByteSlot value = new ByteSlot();

    MapWriter(MapTable table, EntrySink out) {
        this.table = table;
        this.out = out;
        this.key = new StateKey(table.routing());
        this.directory = new DirectoryScan(table);
    }

    void write() throws IOException {
        try {
            table.records.forEach(
                    RecordHeader.VALUE,
                    true,
                    (group, keyBytes, head) -> {
                        try {
                            writeMap(group, keyBytes, head);
                        } catch (IOException refused) {
                            throw new UncheckedIOException(refused);
                        }
                    });
        } catch (UncheckedIOException refused) {
            throw refused.getCause();
        }
    }

    private void writeMap(int group, ByteSlot keyBytes, ByteSlot head) throws IOException {
        if (MapTable.isPacked(head)) {
            writePacked(keyBytes, head);
            return;
        }
        key.set(keyBytes.array(), 0, keyBytes.length(), group);
        for (directory.open(key, MapTable.firstBirth(head)); directory.next(); ) {
            if (directory.readValue(value)) {
                write(
                        keyBytes,
                        directory.user().array(),
                        0,
                        directory.user().length(),
                        value.array(),
                        0,
                        value.length());
            }
        }
    }

    private void writePacked(ByteSlot keyBytes, ByteSlot head) throws IOException {
        byte[] bytes = head.array();
        for (int at = 1; at < head.length(); ) {
            int userAt = MapTable.skipNumber(bytes, at);
            int userLength = MapTable.numberAt(bytes, at);
            int valueLengthAt = userAt + userLength;
            int valueAt = MapTable.skipNumber(bytes, valueLengthAt);
            int valueLength = MapTable.numberAt(bytes, valueLengthAt);
            write(keyBytes, bytes, userAt, userLength, bytes, valueAt, valueLength);
            at = valueAt + valueLength;
        }
    }

    private void write(
            ByteSlot keyBytes,
            byte[] user,
            int userAt,
            int userLength,
            byte[] from,
            int valueAt,
            int valueLength)
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
