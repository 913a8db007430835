package io.aquifer.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// Threads that go on writing while and after their owner is ended, next to a neighbour that takes
/// the memory over: the same program for every memory manager.
///
/// In each round an owner has [#PAGES] pages, [#WRITERS] threads fill them again and again by the
/// manager's own checked access, and the owner is ended under them. A neighbour takes as many
/// pages, fills them, waits for the writers to end, and counts the bytes that are not its own any
/// more. There are more writers than processors here, so some are interrupted in the middle of a
/// page.
public final class KillSwitch {
    static final int PAGES = 64;
    static final int WRITERS = 6;
    private static final long LATE = 0xDDDD_DDDD_DDDD_DDDDL;
    private static final long NEIGHBOUR = 0x1111_1111_1111_1111L;

    private KillSwitch() {}

    /// A memory manager under test; pages of 32 KiB.
    public interface Store {
        Owner open();
    }

    /// Somebody who holds pages.
    public interface Owner {
        List<Page> allocate(int count);

        /// Takes everything back, as the manager does when a task is cancelled.
        void end();
    }

    /// A page, accessed as the manager's users do.
    public interface Page {
        /// Writes `word` all over the page.
        ///
        /// @throws RuntimeException if the page is nobody's any more
        void fill(long word);

        /// How many bytes differ from `word`.
        int differences(long word);
    }

    /// What happened in all rounds together.
    ///
    /// @param rounds how often an owner was ended
    /// @param checkedBytes the neighbours' bytes that were compared
    /// @param foreignBytes those of them that a late thread had changed
    /// @param changedPages the pages that these were in
    /// @param thrownOut late threads that got an exception
    /// @param stopped late threads that were told to stop before they wrote again
    public record Outcome(
            int rounds,
            long checkedBytes,
            long foreignBytes,
            int changedPages,
            int thrownOut,
            int stopped) {
        private static final String PREFIX = "kill-switch";

        /// The outcome in a line, as [#parse] reads it.
        public String line() {
            return String.join(
                    " ",
                    PREFIX,
                    Integer.toString(rounds),
                    Long.toString(checkedBytes),
                    Long.toString(foreignBytes),
                    Integer.toString(changedPages),
                    Integer.toString(thrownOut),
                    Integer.toString(stopped));
        }

        /// The last outcome in the output of a process; empty if it printed none.
        static Optional<Outcome> parse(String output) {
            return output.lines()
                    .filter(line -> line.startsWith(PREFIX + " "))
                    .map(line -> line.split(" "))
                    .map(
                            fields ->
                                    new Outcome(
                                            Integer.parseInt(fields[1]),
                                            Long.parseLong(fields[2]),
                                            Long.parseLong(fields[3]),
                                            Integer.parseInt(fields[4]),
                                            Integer.parseInt(fields[5]),
                                            Integer.parseInt(fields[6])))
                    .reduce((before, last) -> last);
        }
    }

    /// Runs so many rounds.
    ///
    /// @param progress told the outcome so far after each round, in case the process does not live
    ///   to the end
    public static Outcome run(Store store, int rounds, Consumer<Outcome> progress)
            throws InterruptedException {
        Outcome outcome = new Outcome(0, 0, 0, 0, 0, 0);
        long checked = 0;
        long foreign = 0;
        int pagesChanged = 0;
        AtomicInteger thrownOut = new AtomicInteger();
        for (int round = 0; round < rounds; round++) {
            Owner dead = store.open();
            Owner neighbour = store.open();
            List<Page> pages = dead.allocate(PAGES);
            CountDownLatch allWrite = new CountDownLatch(WRITERS);
            CountDownLatch stop = new CountDownLatch(1);
            List<Thread> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int first = writer;
                writers.add(
                        Thread.ofPlatform()
                                .start(() -> write(pages, first, allWrite, stop, thrownOut)));
            }
            allWrite.await();
            dead.end();
            List<Page> taken = neighbour.allocate(PAGES);
            taken.forEach(page -> page.fill(NEIGHBOUR));
            stop.countDown();
            for (Thread writer : writers) {
                writer.join();
            }
            for (Page page : taken) {
                int changed = page.differences(NEIGHBOUR);
                foreign += changed;
                pagesChanged += changed > 0 ? 1 : 0;
                checked += 32 * 1024;
            }
            int ended = (round + 1) * WRITERS;
            outcome =
                    new Outcome(
                            round + 1,
                            checked,
                            foreign,
                            pagesChanged,
                            thrownOut.get(),
                            ended - thrownOut.get());
            progress.accept(outcome);
            neighbour.end();
        }
        return outcome;
    }

    private static void write(
            List<Page> pages,
            int first,
            CountDownLatch allWrite,
            CountDownLatch stop,
            AtomicInteger thrownOut) {
        int filled = 0;
        try {
            for (int i = first; stop.getCount() > 0; i = (i + 1) % pages.size()) {
                pages.get(i).fill(LATE);
                if (++filled == 50) {
                    allWrite.countDown();
                }
            }
        } catch (RuntimeException noLongerMine) {
            thrownOut.incrementAndGet();
        }
    }
}
