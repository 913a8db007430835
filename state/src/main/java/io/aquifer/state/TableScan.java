package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import io.aquifer.state.file.StateFileWriter;

import java.io.IOException;

/// Writes all entries of a table to the current section of a file, straight from the pages.
final class TableScan {
    private final Records records;
    private final BlockHeap heap;
    private final RecordScan scan;
    private final ByteSlot key = new ByteSlot();
    private final ByteSlot value = new ByteSlot();

    TableScan(Records records, BlockHeap heap) {
        this.records = records;
        this.heap = heap;
        this.scan = new RecordScan(records.index, heap);
    }

    void writeValues(StateFileWriter out) throws IOException {
        for (int count = scan.next(); count > 0; count = scan.next()) {
            for (int i = 0; i < count; i++) {
                long record = scan.address(i);
                int lengths = (int) getLong(record);
                if (lengths >= 0) {
                    out.pageEntry(
                            records.keyAddress(record),
                            Records.keyLength(lengths),
                            Records.valueLength(lengths));
                } else {
                    records.readKeyAt(record, key);
                    records.readValueAt(record, value);
                    out.entry(key.array(), 0, key.length(), value.array(), 0, value.length());
                }
            }
        }
    }

    void writeElements(StateFileWriter out) throws IOException {
        SegmentCursor cursor = new SegmentCursor(heap);
        for (int count = scan.next(); count > 0; count = scan.next()) {
            for (int i = 0; i < count; i++) {
                scan.touch(heap.address(ElementChain.firstAt(records.fieldsAt(scan.address(i)))));
            }
            for (int i = 0; i < count; i++) {
                long record = scan.address(i);
                long fields = records.fieldsAt(record);
                records.readKeyAt(record, key);
                cursor.open(ElementChain.firstAt(fields));
                for (long left = ElementChain.countAt(fields); left > 0; left--) {
                    ElementChain.read(cursor, value);
                    out.entry(key.array(), 0, key.length(), value.array(), 0, value.length());
                }
            }
        }
    }

    /// @param entries the records of the map entries; this scan's are those of the keys
    void writeMapEntries(Records entries, StateFileWriter out) throws IOException {
        for (int count = scan.next(); count > 0; count = scan.next()) {
            for (int i = 0; i < count; i++) {
                scan.touch(heap.address(MapTable.firstEntryAt(records.fieldsAt(scan.address(i)))));
            }
            for (int i = 0; i < count; i++) {
                long record = scan.address(i);
                records.readKeyAt(record, key);
                writeMap(MapTable.firstEntryAt(records.fieldsAt(record)), entries, out);
            }
        }
    }

    private void writeMap(long first, Records entries, StateFileWriter out) throws IOException {
        ByteSlot mapKey = null;
        for (long ref = first; ref != 0; ) {
            long entry = heap.address(ref);
            ref = MapTable.nextEntryAt(entries.fieldsAt(entry));
            if (ref != 0) {
                scan.touch(heap.address(ref));
            }
            int lengths = (int) getLong(entry);
            if (lengths >= 0) {
                out.pageMapEntry(
                        key.array(),
                        0,
                        key.length(),
                        entries.keyAddress(entry),
                        Records.keyLength(lengths),
                        Records.valueLength(lengths));
            } else {
                mapKey = mapKey == null ? new ByteSlot() : mapKey;
                entries.readKeyAt(entry, mapKey);
                entries.readValueAt(entry, value);
                out.mapEntry(
                        key.array(),
                        0,
                        key.length(),
                        mapKey.array(),
                        0,
                        mapKey.length(),
                        value.array(),
                        0,
                        value.length());
            }
        }
    }
}
