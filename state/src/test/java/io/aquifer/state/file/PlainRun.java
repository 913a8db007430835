package io.aquifer.state.file;

import static io.aquifer.state.file.PlainReader.check;

import io.aquifer.state.file.PlainReader.Block;
import io.aquifer.state.file.PlainReader.In;
import io.aquifer.state.file.PlainReader.Parts;

import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// An ordered run, read by [PlainReader] and what `docs/checkpoint-format.md` says of ordered runs;
/// it shares nothing with `io.aquifer.state.run`. Fences and filter are compared with the entries.
///
/// @param entries in the order of the file
/// @param filterLines 0 if there is no filter
public record PlainRun(
        StateFileHeader header,
        StateSection section,
        boolean changes,
        int keyGroupBits,
        List<PlainEntry> entries,
        int entryBlocks,
        long filterLines) {
    /// @param op 0 PUT, 1 DELETE, 2 APPEND
    public record PlainEntry(int op, long routing, int kind, byte[] key, byte[] value) {}

    private static final Comparator<PlainEntry> ORDER =
            Comparator.comparing((PlainEntry entry) -> unsigned(entry.routing()))
                    .thenComparing(PlainEntry::kind)
                    .thenComparing(PlainEntry::key, Arrays::compareUnsigned);

    private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);

    private record ReadBlock(Block block, List<PlainEntry> entries) {
        PlainEntry first() {
            return entries.getFirst();
        }
    }

    public static PlainRun read(byte[] file) throws IOException {
        Parts parts = PlainReader.parts(file);
        check(parts.sections().size() == 1, "one section");
        check(parts.flags() == 0 || parts.flags() == 1, "flags");
        List<ReadBlock> blocks = new ArrayList<>();
        List<Block> fences = new ArrayList<>();
        List<Block> filter = new ArrayList<>();
        int bits = -1;
        for (Block block : parts.blocks()) {
            check(block.codec() == 0 && block.section() == 0, "codec, section");
            switch (block.kind()) {
                case 2 -> {
                    check(block.flags() == parts.flags(), "block flags");
                    check(bits < 0 || bits == block.payload()[8], "key group bits");
                    bits = block.payload()[8];
                    blocks.add(new ReadBlock(block, entriesOf(block, bits, parts.flags() != 0)));
                }
                case 128 -> fences.add(block);
                case 129 -> filter.add(block);
                default -> check(false, "body kind");
            }
        }
        List<PlainEntry> entries = new ArrayList<>();
        blocks.forEach(block -> entries.addAll(block.entries()));
        check(parts.counts().getFirst() == entries.size(), "entry count");
        checkDistinct(entries);
        checkFences(blocks, fences);
        long lines = filter.isEmpty() ? 0 : checkFilter(filter, entries);
        return new PlainRun(
                parts.header(),
                parts.sections().getFirst(),
                parts.flags() != 0,
                bits,
                entries,
                blocks.size(),
                lines);
    }

    private static List<PlainEntry> entriesOf(Block block, int bits, boolean changes)
            throws IOException {
        byte[] payload = block.payload();
        int anchors = (block.entries() - 1) / 16;
        check(block.entries() == 1 || payload.length <= 65_535, "payload");
        In in = new In(Arrays.copyOf(payload, payload.length - 2 * anchors));
        In anchorsIn =
                new In(Arrays.copyOfRange(payload, payload.length - 2 * anchors, payload.length));
        long first = in.u64();
        check(in.u8() == bits, "key group bits");
        List<PlainEntry> entries = new ArrayList<>();
        long before = first;
        for (int i = 0; i < block.entries(); i++) {
            if (i % 16 == 0) {
                before = first;
                check(
                        i == 0 || anchorsIn.u16() == payload.length - 2 * anchors - in.available(),
                        "anchor");
            }
            PlainEntry entry = entry(in, before);
            check(entry.op() == 0 || changes, "op");
            check(entry.op() < 3 && (entry.op() != 1 || entry.value().length == 0), "op");
            check(i == 0 || ORDER.compare(entries.getLast(), entry) < 0, "order");
            entries.add(entry);
            before = entry.routing();
        }
        check(in.available() == 0, "block end");
        check(entries.getFirst().routing() == first, "first routing");
        check(group(first, bits) == block.firstGroup(), "first key group");
        check(group(entries.getLast().routing(), bits) == block.lastGroup(), "last key group");
        return entries;
    }

    private static PlainEntry entry(In in, long before) throws IOException {
        int head = in.u8();
        int lengths = in.u8();
        int key = lengths & 15;
        key += key == 15 ? in.varint() : 0;
        int value = lengths >> 4;
        value += value == 15 ? in.varint() : 0;
        long part = 0;
        for (int i = 0; i < (head & 15); i++) {
            part |= (long) in.u8() << 8 * i;
        }
        return new PlainEntry(
                head >> 6, before + part, head >> 4 & 3, in.bytes(key), in.bytes(value));
    }

    private static int group(long routing, int bits) {
        return unsigned(routing).shiftRight(64 - bits).intValue();
    }

    private static BigInteger unsigned(long value) {
        BigInteger signed = BigInteger.valueOf(value);
        return value < 0 ? signed.add(TWO_64) : signed;
    }

    private static void checkDistinct(List<PlainEntry> entries) {
        List<PlainEntry> sorted = new ArrayList<>(entries);
        sorted.sort(ORDER);
        for (int i = 1; i < sorted.size(); i++) {
            check(ORDER.compare(sorted.get(i - 1), sorted.get(i)) < 0, "keys are distinct");
        }
    }

    private static void checkFences(List<ReadBlock> blocks, List<Block> fenceBlocks)
            throws IOException {
        List<ReadBlock> sorted = new ArrayList<>(blocks);
        sorted.sort(Comparator.comparing(ReadBlock::first, ORDER));
        int number = 0;
        for (Block fences : fenceBlocks) {
            In in = new In(fences.payload());
            check(in.u64() == number, "number of the first fence");
            check(in.u64() == blocks.size(), "number of fences");
            check(in.u64() == sorted.getLast().entries().getLast().routing(), "last routing");
            for (int i = 0; i < fences.entries(); i++) {
                checkFence(in, sorted, number++);
            }
            check(in.available() == 0, "end of fences");
        }
        check(number == blocks.size(), "as many fences as blocks");
    }

    private static void checkFence(In in, List<ReadBlock> sorted, int number) throws IOException {
        Block block = sorted.get(number).block();
        PlainEntry first = sorted.get(number).first();
        check(in.u64() == first.routing(), "fence's routing");
        check(in.u64() == block.offset() && in.u32() == block.bytes(), "fence's place");
        check(in.u32() == block.entries() && in.u32() == block.crc(), "fence's block");
        int tail = in.u8();
        int kind = tail == 0 ? 0 : (tail & 0x7F) - 1;
        byte[] key = tail == 0 ? new byte[0] : in.bytes(in.u8());
        PlainEntry fence = new PlainEntry(0, first.routing(), kind, key, new byte[0]);
        check(ORDER.compare(fence, first) <= 0, "fence is at most the first entry");
        if (number > 0) {
            PlainEntry last = sorted.get(number - 1).entries().getLast();
            boolean cut = (tail & 0x80) != 0;
            check(cut ? key.length == 255 : ORDER.compare(last, fence) < 0, "fence is more");
        }
    }

    private static long checkFilter(List<Block> blocks, List<PlainEntry> entries)
            throws IOException {
        List<byte[]> lines = new ArrayList<>();
        long count = 0;
        int probes = 0;
        for (Block block : blocks) {
            In in = new In(block.payload());
            count = in.u64();
            check(in.u64() == lines.size(), "number of the first line");
            probes = in.u32();
            check(in.u32() == 1, "hash");
            while (in.available() > 0) {
                lines.add(in.bytes(64));
            }
        }
        check(lines.size() == count, "number of lines");
        for (PlainEntry entry : entries) {
            checkInFilter(entry, lines, probes);
        }
        return count;
    }

    private static void checkInFilter(PlainEntry entry, List<byte[]> lines, int probes)
            throws IOException {
        byte[] key = entry.key();
        In in = new In(Arrays.copyOf(key, (key.length + 7) / 8 * 8));
        long hash = step(entry.kind() * 0x94D049BB133111EBL + key.length, entry.routing());
        while (in.available() > 0) {
            hash = step(hash, in.u64());
        }
        hash ^= hash >>> 32;
        int line =
                unsigned(hash).multiply(BigInteger.valueOf(lines.size())).shiftRight(64).intValue();
        int bits = (int) hash;
        for (int i = 0; i < probes; i++) {
            int bit = bits >>> 23;
            check((lines.get(line)[bit / 8] >> bit % 8 & 1) == 1, "bit of a key in the filter");
            bits *= 0x9E3779B9;
        }
    }

    private static long step(long hash, long word) {
        long x = (hash ^ word) * 0xBF58476D1CE4E5B9L;
        return (x ^ x >>> 32) * 0x94D049BB133111EBL;
    }
}
