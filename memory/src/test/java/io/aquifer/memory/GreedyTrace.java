package io.aquifer.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/// Traces of owners that want more than there is, made from a seed.
///
/// Each owner asks again and again, mostly for a page, sometimes for many (a Pareto tail), gives
/// something up now and then, and could spill all but its last page. The recorded budget is large
/// enough for nobody to wait.
///
/// @param owners how many
/// @param requests of each
/// @param pages of managed memory in the plan that the trace is replayed with
/// @param skew an owner's requests are as many times larger as its place in the list times this; 0
///   for equal demand
/// @param priorities how many different priorities there are
record GreedyTrace(int owners, int requests, long pages, double skew, int priorities) {
    private static final long PAGE = MemoryManager.PAGE_SIZE_BYTES;

    /// The example that the tests of the command line use, too.
    static final GreedyTrace EXAMPLE = new GreedyTrace(6, 25, 60, 0.5, 2);

    String text(long seed) {
        List<TraceEvent> events = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (int id = 1; id <= owners; id++) {
            addOwner(events, id, random.split());
        }
        events.sort(Comparator.comparingLong(TraceEvent::nanos));
        events.add(new TraceEvent.Ended(events.getLast().nanos()));
        StringBuilder text = new StringBuilder();
        text.append(TraceFormat.header(Plans.ofPages(pages, 0, 16, 8, 8, 4))).append('\n');
        events.forEach(event -> TraceFormat.write(text, event));
        return text.toString();
    }

    private void addOwner(List<TraceEvent> events, int id, SplittableRandom random) {
        long now = random.nextLong(1_000_000);
        long held = 0;
        String name = "greedy / state (" + id + "/" + owners + ")";
        events.add(new TraceEvent.Opened(now, id, id % priorities, name));
        for (int request = 0; request < requests; request++) {
            now += 50_000 + random.nextLong(2_000_000);
            double tail = Math.pow(random.nextDouble(1e-4, 1), -1 / 1.3);
            long bytes = PAGE * Math.clamp(Math.round(tail * (1 + skew * (id - 1))), 1, 12);
            boolean required = random.nextInt(10) > 0;
            events.add(new TraceEvent.Requested(now, id, "managed", bytes, required));
            held += bytes;
            if (random.nextInt(8) == 0 && held > 2 * PAGE) {
                now += random.nextLong(100_000);
                long back = PAGE * (1 + random.nextLong(held / PAGE / 2));
                events.add(new TraceEvent.Released(now, id, "managed", back));
                held -= back;
            }
            events.add(new TraceEvent.Reclaimable(now, id, "managed", held - PAGE, Rung.SPILL));
        }
        events.add(new TraceEvent.Closed(now + 1, id));
    }
}
