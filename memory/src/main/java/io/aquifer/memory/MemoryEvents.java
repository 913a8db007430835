package io.aquifer.memory;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

import java.util.stream.Collectors;

/// What the arbiter does, as events of the JDK's flight recorder: `aquifer.*` in category Aquifer /
/// Memory. Costs one check while no recording was ever started in the process.
///
/// Grants that need no decision are not recorded, since they are many.
final class MemoryEvents {

    /// A request that had to wait was decided.
    void waited(Ticket ticket, long waitedNanos) {
        if (FlightRecorder.isInitialized() && ticket.state == Ticket.State.GRANTED) {
            GrantEvent event = new GrantEvent();
            event.owner = ticket.lease.ownerText();
            event.pool = ticket.pool().name();
            event.bytes = ticket.bytes;
            event.waited = waitedNanos;
            event.commit();
        }
    }

    void denied(Ticket ticket) {
        if (FlightRecorder.isInitialized()) {
            DenialEvent event = new DenialEvent();
            event.owner = ticket.lease.ownerText();
            event.pool = ticket.pool().name();
            event.bytes = ticket.bytes;
            event.tried = String.join("; ", ticket.tried);
            event.commit();
        }
    }

    void asked(MemoryScope scope, MemoryScope.Ask ask) {
        if (FlightRecorder.isInitialized()) {
            if (ask.upTo == Rung.SPILL) {
                SpillRequestEvent event = new SpillRequestEvent();
                event.owner = scope.owner();
                event.bytes = ask.bytes;
                event.commit();
            }
        }
    }

    void answered(MemoryScope scope, MemoryScope.Ask ask, long given, long tookNanos) {
        if (FlightRecorder.isInitialized()) {
            ReclaimEvent event = new ReclaimEvent();
            event.owner = scope.owner();
            event.rung = ask.upTo.name();
            event.asked = ask.bytes;
            event.given = given;
            event.took = tookNanos;
            event.commit();
        }
    }

    void throttled(boolean on) {
        if (FlightRecorder.isInitialized()) {
            ThrottleEvent event = new ThrottleEvent();
            event.on = on;
            event.commit();
        }
    }

    void quarantined(MemoryScope scope, Quarantine held) {
        if (FlightRecorder.isInitialized() && held.totalBytes() > 0) {
            QuarantineEvent event = new QuarantineEvent();
            event.owner = scope.owner();
            event.bytes = held.totalBytes();
            event.threads =
                    held.threads().stream().map(Thread::getName).collect(Collectors.joining(", "));
            event.commit();
        }
    }

    void leaked(LeakReport report) {
        if (FlightRecorder.isInitialized()) {
            for (Leak leak : report.leaks()) {
                LeakEvent event = new LeakEvent();
                event.owner = leak.owner();
                event.pool = leak.pool();
                event.bytes = leak.bytes();
                event.site = leak.site();
                event.commit();
            }
        }
    }

    @Name("aquifer.MemoryGrant")
    @Label("Memory Grant After Wait")
    @Category({"Aquifer", "Memory"})
    @StackTrace(false)
    private static final class GrantEvent extends Event {
        String owner = "";
        String pool = "";

        @DataAmount long bytes;

        @Timespan(Timespan.NANOSECONDS)
        long waited;
    }

    @Name("aquifer.MemoryDenial")
    @Label("Memory Denial")
    @Category({"Aquifer", "Memory"})
    private static final class DenialEvent extends Event {
        String owner = "";
        String pool = "";

        @DataAmount long bytes;

        String tried = "";
    }

    @Name("aquifer.MemorySpillRequest")
    @Label("Memory Spill Request")
    @Category({"Aquifer", "Memory"})
    @StackTrace(false)
    private static final class SpillRequestEvent extends Event {
        String owner = "";

        @DataAmount long bytes;
    }

    @Name("aquifer.MemoryReclaim")
    @Label("Memory Reclaim")
    @Category({"Aquifer", "Memory"})
    @StackTrace(false)
    private static final class ReclaimEvent extends Event {
        String owner = "";

        @Description("The last rung of the ladder that was asked for")
        String rung = "";

        @DataAmount long asked;

        @DataAmount long given;

        @Timespan(Timespan.NANOSECONDS)
        long took;
    }

    @Name("aquifer.MemoryThrottle")
    @Label("Memory Throttle")
    @Category({"Aquifer", "Memory"})
    @StackTrace(false)
    private static final class ThrottleEvent extends Event {
        boolean on;
    }

    @Name("aquifer.MemoryQuarantine")
    @Label("Memory Quarantine")
    @Category({"Aquifer", "Memory"})
    @StackTrace(false)
    private static final class QuarantineEvent extends Event {
        String owner = "";

        @DataAmount long bytes;

        @Description("The threads that have not left")
        String threads = "";
    }

    @Name("aquifer.MemoryLeak")
    @Label("Memory Leak")
    @Category({"Aquifer", "Memory"})
    @StackTrace(false)
    private static final class LeakEvent extends Event {
        String owner = "";
        String pool = "";

        @DataAmount long bytes;

        String site = "";
    }
}
