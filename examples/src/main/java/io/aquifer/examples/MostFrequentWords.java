package io.aquifer.examples;

import io.aquifer.api.OutputTag;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.MapStateDescriptor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Remembers each word's latest count. When the text has ended it emits every word, most frequent
/// first, and the first of them as a table.
final class MostFrequentWords extends KeyedProcessFunction<String, WordCount.Word, WordCount.Word> {
    private static final long serialVersionUID = 1L;

    /// The table, line by line.
    static final OutputTag<String> TABLE = new OutputTag<>("table") {};

    private static final int PLACES = 20;

    private transient MapState<String, Long> counts;

    @Override
    public void open() {
        counts =
                getRuntimeContext()
                        .getMapState(new MapStateDescriptor<>("counts", String.class, Long.class));
    }

    @Override
    public void processElement(
            WordCount.Word word, Context<String> ctx, Collector<WordCount.Word> out) {
        counts.put(word.word(), word.count());
        ctx.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext<String> ctx, Collector<WordCount.Word> out) {
        long words = 0;
        List<Map.Entry<String, Long>> ranking = new ArrayList<>();
        for (Map.Entry<String, Long> entry : counts.entries()) {
            ranking.add(Map.entry(entry.getKey(), entry.getValue()));
            words += entry.getValue();
        }
        ranking.sort(
                Map.Entry.<String, Long>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()));
        ctx.output(
                TABLE,
                String.format(
                        Locale.ROOT,
                        "%,d words, %,d different ones; most frequent:",
                        words,
                        ranking.size()));
        for (Map.Entry<String, Long> entry : ranking.subList(0, Math.min(PLACES, ranking.size()))) {
            ctx.output(
                    TABLE,
                    String.format(Locale.ROOT, "%,9d  %s", entry.getValue(), entry.getKey()));
        }
        ranking.forEach(entry -> out.collect(new WordCount.Word(entry.getKey(), entry.getValue())));
    }
}
