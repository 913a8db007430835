package io.aquifer.examples;

import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.ProcessWindowFunction;
import io.aquifer.api.windowing.TimeWindow;

import java.time.LocalDateTime;
import java.time.ZoneOffset;

/// Puts the hour and the airport to an hour's figures.
final class DescribeWindow
        extends ProcessWindowFunction<CollectDelays.Delays, WindowRow, String, TimeWindow> {
    private static final long serialVersionUID = 1L;

    @Override
    public void process(
            String origin,
            Context<TimeWindow> ctx,
            Iterable<CollectDelays.Delays> elements,
            Collector<WindowRow> out) {
        LocalDateTime start =
                LocalDateTime.ofEpochSecond(ctx.window().start() / 1000, 0, ZoneOffset.UTC);
        for (CollectDelays.Delays delays : elements) {
            out.collect(
                    new WindowRow(
                            start,
                            origin,
                            delays.flights(),
                            delays.mean(),
                            delays.p95(),
                            delays.max(),
                            "",
                            ""));
        }
    }
}
