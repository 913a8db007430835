package io.aquifer.state.run;

import io.aquifer.memory.kernel.PageAccess;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.run.Model.Change;
import io.aquifer.state.run.Model.Content;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;

/// Keys, values and runs at random, and ways to write them.
///
/// Keys of a table come from a bounded set, so that runs meet in them. Routings are hashes of the
/// keys with `hashBits` bits, so that they collide when those are few.
final class Generator {
    final SplittableRandom random;
    final RunDescription description;
    private final int hashBits;
    private final int groups;
    private final List<byte[]> keys = new ArrayList<>();
    private final int largest;

    /// @param keyCount different keys
    /// @param largest bytes of a value, now and then
    Generator(SplittableRandom random, int keyCount, int largest) {
        this.random = random;
        this.largest = largest;
        int bits = random.nextInt(4) == 0 ? 0 : random.nextInt(16);
        groups = bits == 0 ? 1 : (1 << bits - 1) + random.nextInt(1 << bits - 1) + 1;
        hashBits = random.nextBoolean() ? 64 : 1 + random.nextInt(5);
        description =
                new RunDescription(
                        new StateFileHeader("op-é", random.nextInt(8), groups, 0, groups - 1),
                        new StateSection("state", StateSection.Kind.VALUE, 0, "", "type"),
                        bits);
        byte[] prefix = bytes(300 + random.nextInt(200));
        for (int i = 0; i < keyCount; i++) {
            keys.add(newKey(prefix));
        }
    }

    private byte[] newKey(byte[] prefix) {
        return switch (random.nextInt(40)) {
            case 0 -> new byte[0];
            case 1 -> bytes(random.nextInt(400));
            case 2 -> bytes(10 + random.nextInt(10));
            case 3 -> largest > 100_000 && random.nextInt(20) == 0 ? bytes(65_536) : bytes(3);
            case 4, 5, 6 -> {
                // As keys of one map, behind the key of the map.
                int length = random.nextBoolean() ? prefix.length : random.nextInt(prefix.length);
                byte[] key = Arrays.copyOf(prefix, length + random.nextInt(5));
                for (int i = length; i < key.length; i++) {
                    key[i] = (byte) random.nextInt(3);
                }
                yield key;
            }
            default -> bytes(8);
        };
    }

    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /// A key of the table, or one that is like them.
    Key key() {
        byte[] key = keys.get(random.nextInt(keys.size()));
        if (random.nextInt(10) == 0) {
            key = Arrays.copyOf(key, Math.max(0, key.length + random.nextInt(3) - 1));
        }
        return key(key);
    }

    private Key key(byte[] bytes) {
        long hash = Arrays.hashCode(bytes) * 0x9E3779B97F4A7C15L;
        hash = (hash ^ hash >>> 29) * 0xBF58476D1CE4E5B9L;
        hash = hashBits == 64 ? hash : hash >>> 64 - hashBits << 64 - hashBits;
        long group = Long.remainderUnsigned(hash ^ hash >>> 7, groups);
        int bits = description.keyGroupBits();
        long routing = bits == 0 ? hash : group << 64 - bits | hash >>> bits;
        return new Key(routing, bytes.length % 7 == 3 ? 3 : bytes.length & 1, bytes);
    }

    byte[] value() {
        return switch (random.nextInt(100)) {
            case 0 -> bytes(random.nextInt(largest + 1));
            case 1 -> bytes(random.nextInt(2000));
            case 2, 3, 4 -> bytes(10 + random.nextInt(10));
            case 5, 6 -> new byte[0];
            default -> bytes(8);
        };
    }

    /// @param entries at most
    Content content(int entries, boolean changes) {
        Content content = new Content();
        for (int i = 0; i < entries; i++) {
            content.put(key(), change(changes));
        }
        return content;
    }

    private Change change(boolean changes) {
        if (!changes) {
            return new Change(EntryOp.PUT, value());
        }
        return switch (random.nextInt(4)) {
            case 0 -> Change.DELETE;
            case 1 -> new Change(EntryOp.APPEND, value());
            default -> new Change(EntryOp.PUT, value());
        };
    }

    RunOptions options(int entries) {
        int block = random.nextBoolean() ? 64 + random.nextInt(1000) : 16 * 1024;
        int buffer = Math.max(4096, 2 * block) + random.nextInt(3) * 5000;
        int bits = random.nextInt(3) * 5;
        return new RunOptions(block, buffer, bits, bits == 0 ? 0 : entries);
    }

    /// Writes entries to a file, in ranges in any order, in all the ways there are.
    void write(RunFile file, Content content, boolean changes, RunOptions options, RunPages pages)
            throws IOException {
        long page = pages.allocate();
        try (RunWriter out = RunWriter.open(file, description, changes, options, pages)) {
            for (List<Map.Entry<Key, Change>> range : ranges(content)) {
                out.beginRange();
                for (Map.Entry<Key, Change> entry : range) {
                    write(out, entry.getKey(), entry.getValue(), page);
                }
            }
            if (out.entries() != content.size()) {
                throw new AssertionError("writer counts " + out.entries());
            }
            long length = out.finish();
            if (length != file.length()) {
                throw new AssertionError("finish() said " + length);
            }
        } finally {
            pages.release(page);
        }
    }

    /// Divides entries between routings.
    private List<List<Map.Entry<Key, Change>>> ranges(Content content) {
        List<List<Map.Entry<Key, Change>>> ranges = new ArrayList<>();
        boolean many = random.nextBoolean();
        long before = 0;
        for (Map.Entry<Key, Change> entry : content.entrySet()) {
            long routing = entry.getKey().routing();
            if (ranges.isEmpty() || many && routing != before && random.nextInt(20) == 0) {
                ranges.add(new ArrayList<>());
            }
            ranges.getLast().add(entry);
            before = routing;
        }
        if (random.nextInt(4) != 0) {
            Collections.shuffle(ranges, new Random(random.nextLong()));
        }
        if (random.nextBoolean()) {
            ranges.add(random.nextInt(ranges.size() + 1), List.of());
        }
        return ranges;
    }

    private void write(RunWriter out, Key key, Change change, long page) throws IOException {
        byte[] bytes = key.bytes();
        byte[] value = change.value();
        boolean fitsPage = bytes.length + value.length <= RunPages.PAGE_BYTES;
        switch (random.nextInt(4)) {
            case 0 -> writeFromArrays(out, key, change);
            case 1 -> {
                if (fitsPage) {
                    writeFromPage(out, key, change, page);
                } else {
                    writeFromArrays(out, key, change);
                }
            }
            case 2 -> {
                out.begin(
                        change.op(),
                        key.routing(),
                        key.kind(),
                        bytes,
                        0,
                        bytes.length,
                        value.length);
                writeParts(out, value, page);
            }
            default -> {
                if (bytes.length > RunPages.PAGE_BYTES) {
                    writeFromArrays(out, key, change);
                    return;
                }
                long at = page + random.nextInt(RunPages.PAGE_BYTES - bytes.length + 1);
                PageAccess.copy(bytes, 0, at, bytes.length);
                out.begin(change.op(), key.routing(), key.kind(), at, bytes.length, value.length);
                writeParts(out, value, page);
            }
        }
    }

    /// Behind some other bytes, in larger arrays.
    private void writeFromArrays(RunWriter out, Key key, Change change) throws IOException {
        int shift = random.nextInt(5);
        byte[] bytes = new byte[shift + key.bytes().length + 3];
        System.arraycopy(key.bytes(), 0, bytes, shift, key.bytes().length);
        byte[] value = change.value();
        int length = key.bytes().length;
        switch (change.op()) {
            case PUT ->
                    out.put(
                            key.routing(),
                            key.kind(),
                            bytes,
                            shift,
                            length,
                            value,
                            0,
                            value.length);
            case APPEND ->
                    out.append(
                            key.routing(),
                            key.kind(),
                            bytes,
                            shift,
                            length,
                            value,
                            0,
                            value.length);
            case DELETE -> out.delete(key.routing(), key.kind(), bytes, shift, length);
        }
    }

    /// From anywhere in the page, its end included.
    private void writeFromPage(RunWriter out, Key key, Change change, long page)
            throws IOException {
        byte[] bytes = key.bytes();
        byte[] value = change.value();
        int room = RunPages.PAGE_BYTES - bytes.length - value.length;
        long keyAt = page + (random.nextBoolean() ? room : random.nextInt(room + 1));
        long valueAt = keyAt + bytes.length;
        PageAccess.copy(bytes, 0, keyAt, bytes.length);
        PageAccess.copy(value, 0, valueAt, value.length);
        switch (change.op()) {
            case PUT ->
                    out.put(key.routing(), key.kind(), keyAt, bytes.length, valueAt, value.length);
            case APPEND ->
                    out.append(
                            key.routing(), key.kind(), keyAt, bytes.length, valueAt, value.length);
            case DELETE -> out.delete(key.routing(), key.kind(), keyAt, bytes.length);
        }
    }

    private void writeParts(RunWriter out, byte[] value, long page) throws IOException {
        for (int done = 0; done < value.length; ) {
            int part = Math.min(value.length - done, 1 + random.nextInt(RunPages.PAGE_BYTES));
            if (random.nextBoolean()) {
                out.valuePart(value, done, part);
            } else {
                PageAccess.copy(value, done, page, part);
                out.valuePart(page, part);
            }
            done += part;
        }
    }
}
