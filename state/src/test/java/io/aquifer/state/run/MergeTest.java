package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.state.ByteSlot;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.run.Model.Change;
import io.aquifer.state.run.Model.Content;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;

class MergeTest {
    private static final RunDescription ALL = description(0, 127);

    private final TestRunPages pages = new TestRunPages();
    private final MemoryRunFiles files = new MemoryRunFiles();
    private final List<Run> opened = new ArrayList<>();

    @AfterEach
    void nothingIsHeld() {
        opened.forEach(Run::release);
        files.close();
        pages.close();
    }

    private static RunDescription description(int firstGroup, int lastGroup) {
        return new RunDescription(
                new StateFileHeader("op", 0, 128, firstGroup, lastGroup),
                new StateSection("s", StateSection.Kind.VALUE, 0, "", "text"),
                7);
    }

    private static Key key(String text) {
        return new Key(SampleRun.routing(text.charAt(0), 5), 0, bytes(text));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// A run of entries such as `a=1` (PUT), `a+1` (APPEND) and `a-` (DELETE).
    private Run run(boolean changes, String... entries) throws IOException {
        RunFile file = files.create();
        try (RunWriter out =
                RunWriter.open(file, ALL, changes, RunOptions.withoutFilter(), pages)) {
            for (String entry : entries) {
                String[] parts = entry.split("(?=[=+-])", 2);
                byte[] key = bytes(parts[0]);
                byte[] value = bytes(parts[1].substring(1));
                EntryOp op =
                        switch (parts[1].charAt(0)) {
                            case '=' -> EntryOp.PUT;
                            case '+' -> EntryOp.APPEND;
                            default -> EntryOp.DELETE;
                        };
                out.begin(op, key(parts[0]).routing(), 0, key, 0, key.length, value.length);
                out.valuePart(value, 0, value.length);
            }
            out.finish();
        }
        Run run = Run.open(file, ALL, pages);
        opened.add(run);
        return run;
    }

    private static List<String> entries(Run run) throws IOException {
        List<String> entries = new ArrayList<>();
        ByteSlot slot = new ByteSlot();
        try (RunScan scan = run.scan(0, -1)) {
            while (scan.next()) {
                scan.readValue(slot);
                entries.add(
                        new String(Check.keyOf(scan).bytes(), StandardCharsets.UTF_8)
                                + switch (scan.op()) {
                                    case PUT -> "=";
                                    case APPEND -> "+";
                                    case DELETE -> "-";
                                }
                                + new String(slot.toByteArray(), StandardCharsets.UTF_8));
            }
        }
        return entries;
    }

    private Merge merge(boolean oldest, @Nullable EntryFilter filter, Run... newestFirst) {
        return Merge.of(
                List.of(newestFirst),
                oldest,
                ALL,
                new Merge.Settings(files, pages, 0, filter, Pacer.UNLIMITED));
    }

    private Run keep(@Nullable Run run) {
        assertThat(run).isNotNull();
        opened.add(run);
        return run;
    }

    @Test
    void run_notOldest_keepsDeletesAndAppends() throws IOException {
        Run newer = run(true, "a=2", "b-", "c+y", "d+y", "e+y", "g+", "h=9");
        Run older = run(true, "a=1", "b=1", "c+x", "d=x", "e-", "f-", "g+x");
        Run merged = keep(merge(false, null, newer, older).run());
        assertThat(merged.isChanges()).isTrue();
        assertThat(entries(merged))
                .containsExactly("a=2", "b-", "c+xy", "d=xy", "e=y", "f-", "g+x", "h=9");
    }

    @Test
    void run_oldest_dropsDeletesAndMakesPutsOfAppends() throws IOException {
        Run newest = run(true, "a+3", "c+z", "f+1");
        Run middle = run(true, "a-", "b-", "c+y", "d-");
        Run oldest = run(true, "a=1", "b=1", "c+x", "d+x", "e=1");
        Run merged = keep(merge(true, null, newest, middle, oldest).run());
        assertThat(merged.isChanges()).isFalse();
        assertThat(entries(merged)).containsExactly("a=3", "c=xyz", "e=1", "f=1");
    }

    @Test
    void run_nothingLeft_isNullAndReplacesItsInputs() throws IOException {
        Run newer = run(true, "a-");
        Run older = run(false, "a=1");
        try (Runs runs = new Runs()) {
            runs.addOldest(older);
            runs.addNewest(newer);
            opened.clear();
            Merge merge = merge(true, null, newer, older);
            assertThat(merge.run()).isNull();
            assertThat(files.held).hasSize(2);
            runs.replace(merge.inputs(), null);
            assertThat(runs.list()).isEmpty();
            assertThat(files.held).isEmpty();
        }
    }

    /// As for entries that have expired: what a filter removes must not show what is older.
    @Test
    void run_filter_removesOrLeavesADelete() throws IOException {
        List<String> seen = new ArrayList<>();
        EntryFilter filter =
                entry -> {
                    byte[] head = new byte[64];
                    int count = entry.readValueHead(head, 0, 64);
                    String text = new String(head, 0, count, StandardCharsets.UTF_8);
                    seen.add(text);
                    return !text.startsWith("old");
                };
        Run newer = run(true, "a=old", "b-", "c+old", "d=new", "e+!");
        Run older = run(true, "a=new", "b=old", "c+x", "d=old", "e=old");
        assertThat(entries(keep(merge(false, filter, newer, older).run())))
                .containsExactly("a-", "b-", "c+xold", "d=new", "e-");
        assertThat(seen).containsExactly("old", "xold", "new", "old!");
        assertThat(entries(keep(merge(true, filter, newer, older).run())))
                .containsExactly("c=xold", "d=new");
    }

    @Test
    void run_outputOfFewerKeyGroups_takesOnlyTheirs() throws IOException {
        Run newer = run(true, "a=1", "b=2", "c-", "d=4");
        Run older = run(false, "b=0", "c=0", "e=0");
        Merge merge =
                Merge.of(
                        List.of(newer, older),
                        false,
                        description('b', 'c'),
                        new Merge.Settings(files, pages, 10, null, Pacer.UNLIMITED));
        Run merged = keep(merge.run());
        assertThat(entries(merged)).containsExactly("b=2", "c-");
        assertThat(merged.description()).isEqualTo(description('b', 'c'));
        assertThat(merged.filterBytes()).isPositive();
    }

    @Test
    void cancel_beforeOrWithin_endsWithNothingHeld() throws IOException {
        Run input = run(false, "a=" + "x".repeat(2_000_000), "b=1", "c=" + "x".repeat(1_000_000));
        Merge[] merge = new Merge[1];
        Pacer cancelling = bytes -> merge[0].cancel();
        merge[0] =
                Merge.of(
                        List.of(input),
                        true,
                        ALL,
                        new Merge.Settings(files, pages, 0, null, cancelling));
        int held = pages.held();
        assertThatThrownBy(merge[0]::run)
                .isInstanceOf(CancellationException.class)
                .hasMessageMatching(
                        "the merge of \\[run-1: 3 entries, 3,000,\\d+ bytes\\] was cancelled");
        assertThat(files.held).hasSize(1);
        assertThat(pages.held()).isEqualTo(held);
        assertThat(merge[0].bytesRead()).isBetween(2_000_000L, merge[0].bytesTotal() + 2_000_000);

        Merge before = merge(true, null, input);
        before.cancel();
        assertThatThrownBy(before::run).isInstanceOf(CancellationException.class);
        assertThatThrownBy(before::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("this merge was run or closed before");
        assertThat(files.held).hasSize(1);
    }

    /// Inputs that were replaced meanwhile stay until the merge has ended.
    @Test
    void close_withoutRunning_letsTheInputsGo() throws IOException {
        Run input = run(false, "a=1");
        opened.clear();
        Merge merge = merge(true, null, input);
        input.release();
        assertThat(files.held).hasSize(1);
        merge.close();
        merge.close();
        assertThat(files.held).isEmpty();
        assertThatThrownBy(() -> merge(true, null, input))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("run 'run-1' was held again after its last release");
        assertThatThrownBy(() -> Merge.of(List.of(), true, ALL, settings()))
                .hasMessage("there is nothing to merge");
    }

    private Merge.Settings settings() {
        return new Merge.Settings(files, pages, 0, null, Pacer.UNLIMITED);
    }

    @Test
    void run_paced_saysAllThatItReadAndWrote() throws IOException {
        Run input = run(false, "a=" + "x".repeat(300_000), "b=" + "y".repeat(300_000), "c=1");
        AtomicLong spent = new AtomicLong();
        Merge merge =
                Merge.of(
                        List.of(input),
                        true,
                        ALL,
                        new Merge.Settings(files, pages, 0, null, spent::addAndGet));
        keep(merge.run());
        // A value that is too large for memory is read twice: to check it, and to copy it.
        assertThat(spent.get()).isBetween(1_800_000L, 2_000_000L);
    }

    @Test
    void replace_runsThatDoNotFollowOneAnother_isRefusedAndChangesNothing() throws IOException {
        Run a = run(false, "a=1");
        Run b = run(false, "b=1");
        Run c = run(false, "c=1");
        Run other = run(false, "d=1");
        opened.remove(c);
        opened.remove(b);
        opened.remove(a);
        try (Runs runs = new Runs()) {
            runs.addNewest(b);
            runs.addNewest(a);
            runs.addOldest(c);
            for (List<Run> inputs :
                    List.of(List.of(a, c), List.of(b, a), List.of(c, other), List.<Run>of())) {
                assertThatThrownBy(() -> runs.replace(inputs, other))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith(
                                "the runs to replace do not follow one another here: ");
                assertThat(runs.list()).containsExactly(a, b, c);
            }
        }
        assertThatThrownBy(
                        () -> {
                            Runs closed = new Runs();
                            closed.close();
                            closed.addNewest(other);
                        })
                .hasMessage("the runs of this table were closed before");
    }

    @Test
    void run_oneKeyInManyRuns_addsUpInTheirOrder() throws IOException {
        List<Run> runs = new ArrayList<>();
        Content expected = new Content();
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            all.append(i).append(',');
            runs.addFirst(run(true, "k+" + i + ","));
        }
        expected.put(key("k"), new Change(EntryOp.APPEND, bytes(all.toString())));
        Run merged = keep(Merge.of(runs, false, ALL, settings()).run());
        Check.scan(merged.scan(0, -1), expected);
    }
}
