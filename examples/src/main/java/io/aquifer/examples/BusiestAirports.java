package io.aquifer.examples;

import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.MapStateDescriptor;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Adds up flights by airport and tells the ten with the most: in a line when a week of flights is
/// complete, and in a table at the end.
///
/// Airports run ahead of each other, so flights of a week wait apart until the watermark says that
/// the week is complete.
final class BusiestAirports extends KeyedProcessFunction<String, WindowRow, String> {
    private static final long serialVersionUID = 1L;
    private static final int PLACES = 10;
    private static final long WEEK = Duration.ofDays(7).toMillis();
    private static final Comparator<Map.Entry<String, Long>> MOST_FIRST =
            Map.Entry.<String, Long>comparingByValue()
                    .reversed()
                    .thenComparing(Map.Entry.comparingByKey());

    private final String airportsCsv;
    private transient Airports airports;
    private transient MapState<WeekOf, Long> weeks;
    private transient MapState<String, Long> flights;

    /// An airport in the week that ends with the millisecond `end`.
    record WeekOf(long end, String origin) {}

    BusiestAirports(String airportsCsv) {
        this.airportsCsv = airportsCsv;
    }

    @Override
    public void open() throws IOException {
        airports = Airports.read(Path.of(airportsCsv));
        weeks =
                getRuntimeContext()
                        .getMapState(new MapStateDescriptor<>("weeks", WeekOf.class, Long.class));
        flights =
                getRuntimeContext()
                        .getMapState(new MapStateDescriptor<>("flights", String.class, Long.class));
    }

    @Override
    public void processElement(WindowRow row, Context<String> ctx, Collector<String> out) {
        long hour = row.windowStart().toEpochSecond(ZoneOffset.UTC) * 1000;
        WeekOf week = new WeekOf((Math.floorDiv(hour, WEEK) + 1) * WEEK - 1, row.origin());
        Long before = weeks.get(week);
        weeks.put(week, row.flights() + (before == null ? 0 : before));
        ctx.timerService().registerEventTimeTimer(week.end());
        ctx.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext<String> ctx, Collector<String> out) {
        Iterator<Map.Entry<WeekOf, Long>> complete = weeks.entries().iterator();
        while (complete.hasNext()) {
            Map.Entry<WeekOf, Long> week = complete.next();
            if (week.getKey().end() <= timestamp) {
                Long before = flights.get(week.getKey().origin());
                flights.put(
                        week.getKey().origin(), week.getValue() + (before == null ? 0 : before));
                complete.remove();
            }
        }
        List<Map.Entry<String, Long>> ranking = new ArrayList<>();
        for (Map.Entry<String, Long> entry : flights.entries()) {
            ranking.add(Map.entry(entry.getKey(), entry.getValue()));
        }
        ranking.sort(MOST_FIRST);
        List<Map.Entry<String, Long>> top = ranking.subList(0, Math.min(PLACES, ranking.size()));
        if (timestamp == Long.MAX_VALUE) {
            out.collect("Airports with most flights:");
            int place = 1;
            for (Map.Entry<String, Long> entry : top) {
                Airports.Airport airport = airports.get(entry.getKey());
                out.collect(
                        String.format(
                                        Locale.ROOT,
                                        "%3d. %s %,9d  %s %s",
                                        place++,
                                        entry.getKey(),
                                        entry.getValue(),
                                        airport.city(),
                                        airport.state())
                                .stripTrailing());
            }
        } else {
            StringBuilder line =
                    new StringBuilder("to ")
                            .append(LocalDate.ofEpochDay(timestamp / 86_400_000))
                            .append(':');
            for (Map.Entry<String, Long> entry : top) {
                line.append(
                        String.format(Locale.ROOT, "  %s %,d", entry.getKey(), entry.getValue()));
            }
            out.collect(line.toString());
        }
    }
}
