package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import io.aquifer.state.file.EntrySink;
import io.aquifer.state.file.StateFileWriter;

import java.io.IOException;
import java.io.UncheckedIOException;

/// Writes all entries of a table of values or lists to the current section of a file, straight from
/// the pages.
final class TableScan {
    private final RecordTable records;
    private final RecordScan scan;
    private final ByteSlot key = new ByteSlot();
    private final ByteSlot value = new ByteSlot();

    TableScan(RecordTable records) {
        this.records = records;
        this.scan = new RecordScan(records);
    }

    static void writeValues(RecordTable records, StateFileWriter out) throws IOException {
        if (records.isAllInMemory()) {
            new TableScan(records).writeValues(out);
        } else {
            walkValues(records, out);
        }
    }

    /// Hands the entries out range by range, in memory or not.
    static void walkValues(RecordTable records, EntrySink out) throws IOException {
        walk(
                records,
                (key, value) ->
                        out.entry(key.array(), 0, key.length(), value.array(), 0, value.length()));
    }

    static void writeElements(RecordTable records, StateFileWriter out) throws IOException {
        if (records.isAllInMemory()) {
            new TableScan(records).writeElements(out);
        } else {
            walkElements(records, out);
        }
    }

    /// Hands the elements out range by range, in memory or not.
    static void walkElements(RecordTable records, EntrySink out) throws IOException {
        walk(records, (key, list) -> writeElements(key, list, out));
    }

    private interface Content {
        void write(ByteSlot key, ByteSlot value) throws IOException;
    }

    private static void walk(RecordTable records, Content content) throws IOException {
        try {
            records.forEach(
                    RecordHeader.VALUE,
                    true,
                    (group, key, value) -> {
                        try {
                            content.write(key, value);
                        } catch (IOException refused) {
                            throw new UncheckedIOException(refused);
                        }
                    });
        } catch (UncheckedIOException refused) {
            throw refused.getCause();
        }
    }

    private void writeValues(StateFileWriter out) throws IOException {
        for (int count = scan.next(); count > 0; count = scan.next()) {
            for (int i = 0; i < count; i++) {
                long record = scan.address(i);
                long header = getLong(record);
                if (RecordHeader.isTombstone(header)) {
                    continue;
                }
                if (!RecordHeader.isLarge(header)) {
                    out.pageEntry(
                            record + RecordHeader.BYTES,
                            RecordHeader.keyLength(header),
                            RecordHeader.valueLength(header));
                } else {
                    records.content.readKey(record, key);
                    records.content.readValue(record, value);
                    out.entry(key.array(), 0, key.length(), value.array(), 0, value.length());
                }
            }
        }
    }

    private void writeElements(StateFileWriter out) throws IOException {
        for (int count = scan.next(); count > 0; count = scan.next()) {
            for (int i = 0; i < count; i++) {
                long record = scan.address(i);
                if (!RecordHeader.isTombstone(getLong(record))) {
                    records.content.readKey(record, key);
                    records.content.readValue(record, value);
                    writeElements(key, value, out);
                }
            }
        }
    }

    /// Writes the elements of a list by the value of its record.
    private static void writeElements(ByteSlot key, ByteSlot list, EntrySink out)
            throws IOException {
        byte[] bytes = list.array();
        for (int at = ListTable.ID_BYTES; at < list.length(); ) {
            int elementAt = MapTable.skipNumber(bytes, at);
            int length = MapTable.numberAt(bytes, at);
            out.entry(key.array(), 0, key.length(), bytes, elementAt, length);
            at = elementAt + length;
        }
    }
}
