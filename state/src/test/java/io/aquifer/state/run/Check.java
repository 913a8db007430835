package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.state.ByteSlot;
import io.aquifer.state.run.Model.Change;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;

/// Compares what runs say with what the model says, without a fluent assertion for each entry.
final class Check {
    private Check() {}

    static void found(Key key, Found found, ByteSlot value, @Nullable Change expected) {
        found(
                key,
                found,
                found == Found.VALUE || found == Found.PARTS ? value.toByteArray() : null,
                expected);
    }

    static void found(Key key, Found found, byte @Nullable [] value, @Nullable Change expected) {
        if (found != Model.found(expected)
                || value != null && !Arrays.equals(value, expected.value())) {
            throw new AssertionError(
                    key
                            + ": expected "
                            + expected
                            + ", was "
                            + found
                            + " with "
                            + (value == null
                                    ? "nothing"
                                    : value.length + " bytes, hash " + Arrays.hashCode(value)));
        }
    }

    /// Goes through a scan, which is closed, and the entries it should show.
    static void scan(RunScan scan, NavigableMap<Key, Change> expected) throws IOException {
        ByteSlot slot = new ByteSlot();
        byte[] head = new byte[70];
        try (scan) {
            Iterator<Map.Entry<Key, Change>> left = expected.entrySet().iterator();
            while (scan.next()) {
                if (!left.hasNext()) {
                    throw new AssertionError("an entry too many: " + keyOf(scan));
                }
                Map.Entry<Key, Change> entry = left.next();
                scan.readValue(slot);
                Change change = new Change(scan.op(), slot.toByteArray());
                if (!keyOf(scan).equals(entry.getKey()) || !change.isSameAs(entry.getValue())) {
                    throw new AssertionError(
                            "expected " + entry + ", was " + keyOf(scan) + "=" + change);
                }
                assertHead(scan, change.value(), head);
            }
            assertThat(left.hasNext()).as("an entry is missing").isFalse();
            assertThat(scan.next()).as("a scan that has ended goes on").isFalse();
        }
    }

    private static void assertHead(RunScan scan, byte[] value, byte[] head) {
        int count = scan.readValueHead(head, 3, 65);
        if (scan.valueLength() != value.length
                || count != Math.min(64, value.length)
                || !Arrays.equals(head, 3, 3 + count, value, 0, count)) {
            throw new AssertionError("the head of a value of " + value.length + " bytes");
        }
    }

    static Key keyOf(RunScan scan) {
        return new Key(
                scan.routing(),
                scan.kind(),
                Arrays.copyOfRange(
                        scan.keyArray(), scan.keyOffset(), scan.keyOffset() + scan.keyLength()));
    }

    /// The part of a map whose routings lie between two, both included.
    static NavigableMap<Key, Change> between(
            NavigableMap<Key, Change> entries, long first, long last) {
        NavigableMap<Key, Change> from = entries.tailMap(new Key(first, 0, new byte[0]), true);
        return last == -1 ? from : from.headMap(new Key(last + 1, 0, new byte[0]), false);
    }
}
