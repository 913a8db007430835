package io.aquifer.state;

import java.io.IOException;
import java.util.List;

/// Merges sorted inputs to one by a binary heap of their first records. Of equal records those of
/// the earlier input come first, so a merge of sorted neighbours is stable.
///
/// After a call that throws, the merge is of no use.
final class Merge<E> {
    private final RecordOrder<E> order;
    private final List<? extends MergeInput<E>> inputs;

    /// Numbers of inputs that have a record, the least record first.
    private final int[] heap;

    private int size;
    private boolean started;

    Merge(RecordOrder<E> order, List<? extends MergeInput<E>> inputs) {
        this.order = order;
        this.inputs = inputs;
        this.heap = new int[inputs.size()];
    }

    /// Goes to the next record, the first at first; false at the end.
    boolean advance() throws IOException {
        if (!started) {
            start();
        } else if (size > 0) {
            if (!top().advance()) {
                heap[0] = heap[--size];
            }
            siftDown(0);
        }
        return size > 0;
    }

    /// The input that stands at the current record.
    MergeInput<E> top() {
        return inputs.get(heap[0]);
    }

    /// Whether [#advance] has returned false.
    boolean isAtEnd() {
        return started && size == 0;
    }

    private void start() throws IOException {
        started = true;
        for (int input = 0; input < heap.length; input++) {
            if (inputs.get(input).advance()) {
                heap[size++] = input;
            }
        }
        for (int at = size / 2 - 1; at >= 0; at--) {
            siftDown(at);
        }
    }

    private void siftDown(int from) {
        int at = from;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && before(heap[child + 1], heap[child])) {
                child++;
            }
            if (!before(heap[child], heap[at])) {
                return;
            }
            int lifted = heap[child];
            heap[child] = heap[at];
            heap[at] = lifted;
            at = child;
        }
    }

    private boolean before(int a, int b) {
        int compared = order.compare(inputs.get(a).head(), inputs.get(b).head());
        return compared < 0 || compared == 0 && a < b;
    }
}
