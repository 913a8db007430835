package io.aquifer.testkit;

import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.memory.ManagedSorter;
import io.aquifer.api.memory.SortedIterator;
import io.aquifer.api.types.TypeInformation;

import java.util.Comparator;

/// The user guide's example: a percentile of any number of delays, which are all of one key.
final class Percentile extends KeyedProcessFunction<Integer, Long, Long> {
    private static final long serialVersionUID = 1L;

    private final int percent;
    private transient ManagedSorter<Long> delays;

    Percentile(int percent) {
        this.percent = percent;
    }

    @Override
    public void open() {
        delays =
                getRuntimeContext()
                        .getManagedMemory()
                        .sorter(
                                "delays",
                                TypeInformation.of(Long.class),
                                Comparator.naturalOrder());
    }

    @Override
    public void processElement(Long delay, Context<Integer> ctx, Collector<Long> out) {
        delays.add(delay);
        ctx.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext<Integer> ctx, Collector<Long> out) {
        long rank = Math.ceilDiv(delays.size() * percent, 100);
        try (SortedIterator<Long> sorted = delays.sorted()) {
            for (long i = 1; i < rank; i++) {
                sorted.next();
            }
            out.collect(sorted.next());
        }
    }
}
