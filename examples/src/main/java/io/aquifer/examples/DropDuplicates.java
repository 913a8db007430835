package io.aquifer.examples;

import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.Counter;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.MapStateDescriptor;

import java.time.LocalDateTime;

/// Drops a flight that equals an earlier one in every field. Equal flights have the same departure,
/// so flights are compared among those of one minute, and forgotten once no more of that minute can
/// come.
final class DropDuplicates extends KeyedProcessFunction<LocalDateTime, Flight, Flight> {
    private static final long serialVersionUID = 1L;

    private transient MapState<Flight, Boolean> seen;
    private transient Counter duplicates;

    @Override
    public void open() {
        seen =
                getRuntimeContext()
                        .getMapState(new MapStateDescriptor<>("seen", Flight.class, Boolean.class));
        duplicates = getRuntimeContext().getCounter("duplicates");
    }

    @Override
    public void processElement(Flight flight, Context<LocalDateTime> ctx, Collector<Flight> out) {
        if (seen.contains(flight)) {
            duplicates.inc();
            return;
        }
        seen.put(flight, true);
        ctx.timerService().registerEventTimeTimer(flight.eventTime());
        out.collect(flight);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext<LocalDateTime> ctx, Collector<Flight> out) {
        seen.clear();
    }
}
