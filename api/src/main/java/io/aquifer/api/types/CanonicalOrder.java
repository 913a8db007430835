package io.aquifer.api.types;

import java.util.Arrays;

/// Puts the elements of a set, or the entries of a map, into the one order that depends on their
/// bytes alone, so that equal collections give equal bytes whatever order they iterate in.
final class CanonicalOrder {
    private CanonicalOrder() {}

    /// Sorts the written parts by their bytes, taken as unsigned; does nothing when they already
    /// lie so.
    ///
    /// @param ends where each part ends in the output, ascending; the first begins at `start`
    static void sort(DataOutputSerializer out, int start, int[] ends) {
        byte[] written = out.buffer();
        if (inOrder(written, start, ends)) {
            return;
        }
        byte[] parts = Arrays.copyOfRange(written, start, ends[ends.length - 1]);
        Integer[] order = new Integer[ends.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(
                order,
                (left, right) ->
                        Arrays.compareUnsigned(
                                parts,
                                begin(ends, start, left) - start,
                                ends[left] - start,
                                parts,
                                begin(ends, start, right) - start,
                                ends[right] - start));
        int at = start;
        for (int part : order) {
            int from = begin(ends, start, part) - start;
            int count = ends[part] - start - from;
            System.arraycopy(parts, from, written, at, count);
            at += count;
        }
    }

    private static boolean inOrder(byte[] written, int start, int[] ends) {
        for (int i = 1; i < ends.length; i++) {
            int previous = begin(ends, start, i - 1);
            if (Arrays.compareUnsigned(
                            written, previous, ends[i - 1], written, ends[i - 1], ends[i])
                    > 0) {
                return false;
            }
        }
        return true;
    }

    private static int begin(int[] ends, int start, int part) {
        return part == 0 ? start : ends[part - 1];
    }
}
