package io.aquifer.state.run;

/// Sorts indexes by what they stand for, without an object for any: a merge sort, so that it is
/// stable, and one pass over what is sorted already.
final class IndexSort {
    private IndexSort() {}

    /// Whether the things that two indexes stand for are in order.
    @FunctionalInterface
    interface Order {
        /// At most 0 if the first may stand before the second.
        int compare(int first, int second);
    }

    static void sort(int[] indexes, int count, Order order) {
        if (isSorted(indexes, count, order)) {
            return;
        }
        int[] from = indexes;
        int[] to = new int[count];
        for (int width = 1; width < count; width <<= 1) {
            for (int low = 0; low < count; low += width << 1) {
                int middle = Math.min(low + width, count);
                merge(from, low, middle, Math.min(middle + width, count), to, order);
            }
            int[] swapped = from;
            from = to;
            to = swapped;
        }
        if (from != indexes) {
            System.arraycopy(from, 0, indexes, 0, count);
        }
    }

    private static boolean isSorted(int[] indexes, int count, Order order) {
        for (int i = 1; i < count; i++) {
            if (order.compare(indexes[i - 1], indexes[i]) > 0) {
                return false;
            }
        }
        return true;
    }

    private static void merge(int[] from, int low, int middle, int high, int[] to, Order order) {
        int left = low;
        int right = middle;
        for (int i = low; i < high; i++) {
            if (left < middle && (right == high || order.compare(from[left], from[right]) <= 0)) {
                to[i] = from[left++];
            } else {
                to[i] = from[right++];
            }
        }
    }
}
