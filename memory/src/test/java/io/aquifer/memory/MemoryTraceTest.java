package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/// Traces written, read back, cut and spoilt.
class MemoryTraceTest {
    private static final MemoryPlan PLAN = Plans.ofPages(8, 1, 2, 4, 2, 1);
    private static final String HEADER =
            """
            aquifer-memory-trace 1
            plan total=524288 managed=262144 managed-heap=32768 operation=65536 network=131072\
             network-min=65536 reserve=32768
            """;

    @TempDir Path directory;
    private final List<String> log = new ArrayList<>();
    private final AtomicLong clock = new AtomicLong(1_000);

    @Test
    void events_ofEveryKind_areWrittenOneALine() {
        StringWriter file = new StringWriter();
        try (MemoryTrace trace = trace(file, 100)) {
            trace.opened(1, -3, "a \\ job / it's\nname (1/2)");
            trace.guaranteed(1, "managed", 4096);
            clock.addAndGet(1_200);
            trace.requested(1, "managed", 32_768, true);
            clock.addAndGet(3_500);
            trace.granted(1, "managed", 32_768);
            trace.requested(1, "network", 65_536, false);
            trace.refused(1, "network", 65_536);
            trace.reclaimable(1, "managed", 0, Rung.SPILL);
            trace.reclaimable(1, "managed", 32_768, Rung.SPILL);
            trace.reclaimable(1, "managed", 32_768, Rung.SPILL);
            trace.reclaimable(1, "managed", 32_768, Rung.IDLE_PAGES);
            trace.released(1, "managed", 32_768);
            trace.reclaimable(1, "managed", 0, Rung.SPILL);
            trace.closed(1);
            clock.addAndGet(300);
        }
        assertThat(file)
                .hasToString(
                        HEADER
                                + """
                                0 open 1 -3 a \\\\ job / it's\\nname (1/2)
                                0 guarantee 1 managed 4096
                                1200 request 1 managed 32768 required
                                4700 grant 1 managed 32768
                                4700 request 1 network 65536 optional
                                4700 refuse 1 network 65536
                                4700 reclaimable 1 managed 32768 SPILL
                                4700 reclaimable 1 managed 32768 IDLE_PAGES
                                4700 release 1 managed 32768
                                4700 reclaimable 1 managed 0 SPILL
                                4700 close 1
                                5000 end
                                """);
        assertThat(log).isEmpty();
    }

    @Test
    void add_whileTheDiskIsSlow_dropsAndSaysHowMany() throws Exception {
        CountDownLatch mayWrite = new CountDownLatch(1);
        StringWriter text = new StringWriter();
        Writer slow =
                new Writer() {
                    @Override
                    public void write(char[] chars, int from, int count) throws IOException {
                        try {
                            mayWrite.await();
                        } catch (InterruptedException stopped) {
                            throw new IOException(stopped);
                        }
                        text.write(chars, from, count);
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        // The thread hangs in the header, so nothing is taken from the buffer.
        MemoryTrace trace = trace(slow, 3);
        for (int owner = 1; owner <= 10; owner++) {
            trace.opened(owner, 0, "owner");
        }
        mayWrite.countDown();
        trace.close();
        assertThat(text)
                .hasToString(
                        HEADER
                                + """
                                0 open 1 0 owner
                                0 open 2 0 owner
                                0 open 3 0 owner
                                0 dropped 7
                                0 end
                                """);
    }

    @Test
    void add_whenTheDiskFails_endsTheTraceWithOneLine() {
        Writer full =
                new Writer() {
                    @Override
                    public void write(char[] chars, int from, int count) throws IOException {
                        throw new IOException("No space left on device");
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        try (MemoryTrace trace = trace(full, 3)) {
            for (int owner = 1; owner <= 10_000; owner++) {
                trace.opened(owner, 0, "owner");
            }
        }
        assertThat(log)
                .containsExactly(
                        "the memory trace ends here: its file cannot be written:"
                                + " java.io.IOException: No space left on device");
    }

    @Test
    void off_anyEvent_isForgotten() {
        MemoryTrace.OFF.opened(1, 0, "owner");
        MemoryTrace.OFF.closed(1);
        MemoryTrace.OFF.close();
        assertThat(MemoryTrace.OFF.isOn()).isFalse();
        assertThat(MemoryTrace.ofProperty(PLAN)).isSameAs(MemoryTrace.OFF);
    }

    @Test
    void toFile_whatCannotBeWritten_isOffWithOneLine() {
        String file = directory.resolve("a.trace").toString();
        MemoryTrace first = MemoryTrace.toFile(file, PLAN, log::add);
        assertThat(first.isOn()).isTrue();
        assertThat(MemoryTrace.toFile(file, PLAN, log::add)).isSameAs(MemoryTrace.OFF);
        first.close();
        MemoryTrace again = MemoryTrace.toFile(file, PLAN, log::add);
        assertThat(again.isOn()).isTrue();
        again.close();
        again.close();
        String nowhere = directory.resolve("no/such/a.trace").toString();
        assertThat(MemoryTrace.toFile(nowhere, PLAN, log::add)).isSameAs(MemoryTrace.OFF);
        assertThat(log)
                .containsExactly(
                        "no memory trace of a second memory manager: '"
                                + file
                                + "' is being written",
                        "no memory trace: cannot write '"
                                + nowhere
                                + "': java.nio.file.NoSuchFileException: "
                                + nowhere);
        assertThat(RecordedTrace.read(Path.of(file)).steps()).isEmpty();
    }

    /// Random events of many threads, read back: each thread's in its order, and times grow.
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void read_whatThreadsWrote_isThatInEachThreadsOrder(long seed) throws Exception {
        Path file = directory.resolve("a.trace");
        List<List<TraceEvent>> told = new ArrayList<>();
        try (MemoryTrace trace = MemoryTrace.toFile(file.toString(), PLAN, log::add)) {
            List<Thread> threads = new ArrayList<>();
            for (int owner = 1; owner <= 4; owner++) {
                List<TraceEvent> events = random(owner, new SplittableRandom(seed + owner));
                told.add(events);
                threads.add(Thread.ofPlatform().start(() -> events.forEach(e -> tell(trace, e))));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        RecordedTrace read = RecordedTrace.read(file);
        assertThat(read.plan()).isEqualTo(PLAN);
        assertThat(read.droppedEvents()).isZero();
        assertThat(read.steps())
                .isSortedAccordingTo((a, b) -> Long.compare(a.event().nanos(), b.event().nanos()));
        for (int owner = 1; owner <= 4; owner++) {
            int id = owner;
            assertThat(
                            read.steps().stream()
                                    .filter(step -> step.owner() == id)
                                    .map(step -> line(step.event())))
                    .containsExactlyElementsOf(
                            told.get(owner - 1).stream().map(MemoryTraceTest::line).toList());
        }
    }

    @Test
    void read_answers_areJoinedToTheirRequests() throws IOException {
        RecordedTrace trace =
                read(
                        """
                        0 open 1 0 a
                        5 request 1 managed 100 required
                        9 grant 1 managed 100
                        9 request 1 managed 7 optional
                        10 refuse 1 managed 7
                        11 request 1 network 3 required
                        12 end
                        """);
        assertThat(trace.steps())
                .extracting(RecordedTrace.Step::granted)
                .containsExactly(true, true, false, true, true);
        assertThat(trace.steps())
                .extracting(RecordedTrace.Step::waitedNanos)
                .containsExactly(0L, 4L, 1L, 0L, 0L);
        assertThat(trace.steps().getLast().event()).isEqualTo(new TraceEvent.Closed(12, 1));
        assertThat(trace.nanos()).isEqualTo(12);
    }

    @Test
    void read_afterDroppedEvents_isNotStrict() throws IOException {
        RecordedTrace trace =
                read(
                        """
                        0 open 1 0 a
                        1 dropped 12
                        2 release 1 managed 4096
                        3 request 7 managed 4096 required
                        4 close 7
                        5 grant 1 managed 3
                        6 dropped 3
                        7 end
                        """);
        assertThat(trace.droppedEvents()).isEqualTo(15);
        assertThat(trace.steps()).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "x open 1 0 a | 'x' is no time",
                "-1 open 1 0 a | '-1' is no time",
                "0 open 0 0 a | '0' is no owner",
                "0 open 1 high a | 'high' is no priority",
                "0 open 1 0 | 'open' needs 3 words after it, found '0 open 1 0'",
                "0 | expected 'TIME EVENT ...', found '0'",
                "0 opens 1 | there is no event 'opens'; there are open, guarantee, request, grant,"
                        + " refuse, release, reclaimable, close, dropped, end",
                "0 request 9 managed 1 required | owner 9 has not been opened",
                "0 request 1 managed 1 required | owner 1 has been closed",
                "0 request 1 heap 1 required | there is no pool 'heap'; there are managed, network,"
                        + " managed-heap, operation",
                "0 request 2 managed 1e3 required | '1e3' is no size",
                "0 request 2 managed 9999999999999999999 required | '9999999999999999999' is no"
                        + " size",
                "0 request 2 managed 0 required | a request of 0 bytes",
                "0 request 2 managed 1 maybe | a request is 'required' or 'optional', found"
                        + " 'maybe'",
                "0 request 2 managed 1 required now | 'request' needs 4 words after it, found"
                        + " '0 request 2 managed 1 required now'",
                "0 reclaimable 2 managed 1 SPILLS | there is no rung 'SPILLS'",
                "0 release 2 managed 17 | owner 2 releases 17 bytes of managed and holds 16",
                "0 release 2 network 16 | owner 2 releases 16 bytes of network and holds 0",
                "0 grant 2 managed 3 | an answer for 3 bytes of managed that owner 2 did not ask"
                        + " for",
                "0 open 2 0 again | owner 2 opens a second time",
            })
    void read_aLineThatCannotBe_isNamedWithTheReason(String line, String reason) {
        String text =
                """
                0 open 1 0 a
                0 close 1
                0 open 2 0 b
                0 request 2 managed 16 required
                """
                        + line
                        + "\n5 end\n";
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(MemoryTraceException.class)
                .hasMessage("'" + file() + "', line 7: " + reason + ".");
    }

    @Test
    void read_timeGoingBack_isNamed() {
        assertThatThrownBy(() -> read("7 open 1 0 a\n6 close 1\n8 end\n"))
                .hasMessage("'" + file() + "', line 4: time goes back from 7 to 6.");
        assertThatThrownBy(() -> read("7 open 1 0 a\n6 end\n"))
                .hasMessage("'" + file() + "', line 4: time goes back from 7 to 6.");
        assertThatThrownBy(() -> read("7 end\n8 open 1 0 a\n"))
                .hasMessage("'" + file() + "', line 4: the trace goes on after its end.");
    }

    @Test
    void read_theHeader_isCheckedFirst() throws IOException {
        assertThatThrownBy(() -> whole("id,name\n1,2\n"))
                .isInstanceOf(MemoryTraceException.class)
                .hasMessage(
                        "'"
                                + file()
                                + "' is not a memory trace: its first line is not"
                                + " 'aquifer-memory-trace VERSION'. Record one with"
                                + " -Daquifer.memory.trace=FILE.");
        assertThatThrownBy(() -> whole("")).hasMessageContaining("is not a memory trace");
        assertThatThrownBy(() -> whole(HEADER.replace("trace 1", "trace 2")))
                .hasMessage(
                        "'"
                                + file()
                                + "' is a memory trace of version 2, and this Aquifer reads version"
                                + " 1. Replay it with the Aquifer that recorded it, or record it"
                                + " again.");
        assertThatThrownBy(() -> whole(HEADER.replace("reserve", "rest") + "0 end\n"))
                .hasMessage("'" + file() + "', line 2: the plan has no share 'reserve'.");
        assertThatThrownBy(() -> whole(HEADER.replace("=524288", "=524289") + "0 end\n"))
                .hasMessageContaining("line 2: the plan cannot be: the shares of a memory plan");
        assertThatThrownBy(() -> whole(HEADER.replace("plan", "pools") + "0 end\n"))
                .hasMessageContaining("line 2: expected the plan, found 'pools total=524288");
        Files.write(file(), new byte[] {(byte) 0xC3, 0x28, 0, 1, 2});
        assertThatThrownBy(() -> RecordedTrace.read(file()))
                .hasMessageContaining("is not a memory trace");
        assertThatThrownBy(() -> RecordedTrace.read(directory))
                .hasMessage("cannot read the memory trace '" + directory + "': it is a directory.");
        Path missing = directory.resolve("missing");
        assertThatThrownBy(() -> RecordedTrace.read(missing))
                .hasMessage(
                        "cannot read the memory trace '" + missing + "': there is no such file.");
    }

    /// Cut anywhere, a trace is refused in words that say so; it never reads as a shorter one.
    @Test
    void read_cutAnywhere_isTruncated() throws IOException {
        String text =
                HEADER
                        + """
                        0 open 1 0 a job
                        5 request 1 managed 100 required
                        19 grant 1 managed 100
                        30 release 1 managed 100
                        32 end
                        """;
        for (int length = HEADER.length(); length < text.length() - 1; length++) {
            String cut = text.substring(0, length);
            assertThatThrownBy(() -> whole(cut))
                    .as(cut)
                    .isInstanceOf(MemoryTraceException.class)
                    .hasMessageContaining("the trace stops")
                    .hasMessageContaining("its process was killed or the file was cut")
                    .hasMessageContaining("end' to replay what is there, or record it again.");
        }
        assertThatThrownBy(() -> whole(text.substring(0, text.indexOf(" required"))))
                .hasMessageContaining("line 4: the trace stops in the middle of")
                .hasMessageContaining("append the line '0 end'");
        assertThatThrownBy(() -> whole(text.substring(0, text.indexOf("32 end"))))
                .hasMessage(
                        "'"
                                + file()
                                + "', line 6: the trace stops without its last line 'TIME end';"
                                + " its process was killed or the file was cut. Append the line"
                                + " '30 end' to replay what is there, or record it again.");
    }

    private MemoryTrace trace(Writer file, int eventsMax) {
        return new MemoryTrace(file, PLAN, clock::get, eventsMax, () -> {}, log::add);
    }

    private Path file() {
        return directory.resolve("a.trace");
    }

    private RecordedTrace read(String events) throws IOException {
        return whole(HEADER + events);
    }

    private RecordedTrace whole(String text) throws IOException {
        Files.write(file(), text.getBytes(StandardCharsets.UTF_8));
        return RecordedTrace.read(file());
    }

    private static List<TraceEvent> random(int owner, SplittableRandom random) {
        List<TraceEvent> events = new ArrayList<>();
        events.add(
                new TraceEvent.Opened(
                        0, owner, random.nextInt(-5, 5), " name \\n é\r of " + owner));
        long held = 0;
        for (int i = 1; i <= 500; i++) {
            String pool = "managed";
            long bytes = 1 + random.nextLong(1L << 40);
            switch (random.nextInt(4)) {
                case 0 -> {
                    events.add(
                            new TraceEvent.Requested(0, owner, pool, bytes, random.nextBoolean()));
                    held += bytes;
                }
                case 1 ->
                        events.add(new TraceEvent.Reclaimable(0, owner, pool, i, Rung.CLEAN_CACHE));
                case 2 -> events.add(new TraceEvent.Guaranteed(0, owner, "operation", bytes));
                default -> {
                    if (held > 0) {
                        long back = 1 + random.nextLong(held);
                        events.add(new TraceEvent.Released(0, owner, pool, back));
                        held -= back;
                    }
                }
            }
        }
        events.add(new TraceEvent.Closed(0, owner));
        return events;
    }

    private static void tell(MemoryTrace trace, TraceEvent event) {
        switch (event) {
            case TraceEvent.Opened e -> trace.opened(e.owner(), e.priority(), e.name());
            case TraceEvent.Guaranteed e -> trace.guaranteed(e.owner(), e.pool(), e.bytes());
            case TraceEvent.Requested e ->
                    trace.requested(e.owner(), e.pool(), e.bytes(), e.required());
            case TraceEvent.Released e -> trace.released(e.owner(), e.pool(), e.bytes());
            case TraceEvent.Reclaimable e ->
                    trace.reclaimable(e.owner(), e.pool(), e.bytes(), e.rung());
            case TraceEvent.Closed e -> trace.closed(e.owner());
            default -> throw new IllegalArgumentException(event.toString());
        }
    }

    /// An event's text without its time.
    private static String line(TraceEvent event) {
        StringBuilder text = new StringBuilder();
        TraceFormat.write(text, event);
        return text.substring(text.indexOf(" "));
    }
}
