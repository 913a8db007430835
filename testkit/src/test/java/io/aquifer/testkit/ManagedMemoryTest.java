package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.functions.ProcessFunction;
import io.aquifer.api.functions.RuntimeContext;
import io.aquifer.api.memory.ManagedBitSet;
import io.aquifer.api.memory.ManagedBloomFilter;
import io.aquifer.api.memory.ManagedList;
import io.aquifer.api.memory.ManagedMap;
import io.aquifer.api.memory.ManagedMemory;
import io.aquifer.api.memory.ManagedSorter;
import io.aquifer.api.memory.SortedIterator;
import io.aquifer.api.types.TypeHint;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.memory.MemoryExhaustedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;

/// A function's own data structures, by hand: what they answer, what is refused, and that nothing
/// of them stays.
@ExtendWith(LeakGuard.class)
class ManagedMemoryTest {
    private static final TypeInformation<String> STRING = TypeInformation.of(String.class);
    private static final TypeInformation<Long> LONG = TypeInformation.of(Long.class);

    /// A record with a part that may be empty.
    record Visit(String page, List<Long> times) {}

    /// What a test does with a runtime context when a record comes. Static, since a function is
    /// copied by serialization.
    private static BiConsumer<RuntimeContext, Long> script = (context, record) -> {};

    static final class Unkeyed extends ProcessFunction<Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(Long record, Context ctx, Collector<Long> out) {
            script.accept(getRuntimeContext(), record);
            out.collect(record);
        }
    }

    static final class Keyed extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(Long record, Context<Long> ctx, Collector<Long> out) {
            script.accept(getRuntimeContext(), record);
            out.collect(record);
        }
    }

    private interface Use {
        void of(ManagedMemory memory);
    }

    private static OperatorHarness<Long, Long> unkeyed() {
        return OperatorHarness.of(Long.class, stream -> stream.process(new Unkeyed()));
    }

    /// Runs `use` once in an operator without keys and once in one with keys, in 16 MiB, and sees
    /// that nothing is held in the end.
    private static void inOperators(Use use) {
        script = (context, record) -> use.of(context.getManagedMemory());
        for (OperatorHarness<Long, Long> made :
                List.of(
                        unkeyed(),
                        OperatorHarness.keyed(new Keyed(), record -> record, Long.class))) {
            try (OperatorHarness<Long, Long> harness = made.withMemory("16")) {
                harness.processElement(1L);
                assertThat(harness.records()).hasSize(1);
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void map_randomCalls_answersAsAHashMap(long seed) {
        inOperators(
                memory -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    Map<Visit, String> model = new HashMap<>();
                    ManagedMap<Visit, String> map =
                            memory.map("visits", TypeInformation.of(Visit.class), STRING);
                    for (int step = 0; step < 5_000; step++) {
                        Visit key = visit(random);
                        if (random.nextInt(3) == 0) {
                            assertThat(map.remove(key)).isEqualTo(model.remove(key) != null);
                        } else {
                            String value = "v".repeat(random.nextInt(20));
                            map.put(key, value);
                            model.put(key, value);
                        }
                        Visit other = visit(random);
                        assertThat(map.get(other)).isEqualTo(model.get(other));
                        assertThat(map.contains(other)).isEqualTo(model.containsKey(other));
                        assertThat(map.size()).isEqualTo(model.size());
                    }
                    Map<Visit, String> seen = new HashMap<>();
                    map.forEach(
                            (key, value) -> assertThat(seen.put(key, value)).as("twice").isNull());
                    assertThat(seen).isEqualTo(model);
                    map.clear();
                    assertThat(map.isEmpty()).isTrue();
                    map.put(new Visit("", List.of()), "");
                    assertThat(map.get(new Visit("", List.of()))).isEmpty();
                });
    }

    private static Visit visit(SplittableRandom random) {
        List<Long> times = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            times.add((long) random.nextInt(4));
        }
        return new Visit("p" + random.nextInt(9), times);
    }

    @Test
    void map_changedWhileIterated_takesNoNewKeys() {
        inOperators(
                memory -> {
                    ManagedMap<Long, String> map = memory.map("map", LONG, STRING);
                    for (long key = 0; key < 1_000; key++) {
                        map.put(key, "old");
                    }
                    map.forEach(
                            (key, value) -> {
                                assertThat(map.get((key + 1) % 1_000)).isNotEqualTo("?");
                                if (key % 2 == 0) {
                                    map.remove(key);
                                } else {
                                    map.put(key, "a new and longer value of " + key);
                                }
                            });
                    assertThat(map.size()).isEqualTo(500);
                    assertThat(map.get(7L)).isEqualTo("a new and longer value of 7");
                    assertThatThrownBy(() -> map.forEach((key, value) -> map.put(-1L, "added")))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessage(
                                    "cannot add a key to a table while it is being iterated:"
                                            + " collect the new keys and add them afterwards");
                    assertThatThrownBy(() -> map.forEach((key, value) -> map.clear()))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageStartingWith("cannot clear or close a table while");
                    assertThat(map.size()).isEqualTo(500);
                    map.put(-1L, "added");
                    assertThat(map.size()).isEqualTo(501);
                    Set<Long> removed = new HashSet<>();
                    map.forEach(
                            (key, value) -> {
                                assertThat(removed).doesNotContain(key);
                                long other = (key + 2) % 1_000;
                                assertThat(map.remove(other)).isEqualTo(removed.add(other));
                            });
                    assertThat(map.contains(1L)).isEqualTo(!removed.contains(1L));
                });
    }

    @Test
    void list_keepsTheOrderAndIsReadWhileItGrows() {
        inOperators(
                memory -> {
                    ManagedList<List<String>> list =
                            memory.list(
                                    "list", TypeInformation.of(new TypeHint<List<String>>() {}));
                    assertThat(list.isEmpty()).isTrue();
                    for (int i = 0; i < 2_000; i++) {
                        list.add(i == 7 ? List.of() : List.of("e" + i, "x".repeat(i)));
                    }
                    assertThat(list.get(7)).isEmpty();
                    assertThat(list.get(1_999).getFirst()).isEqualTo("e1999");
                    assertThatThrownBy(() -> list.get(2_000))
                            .isInstanceOf(IndexOutOfBoundsException.class);
                    Iterator<List<String>> reading = list.iterator();
                    for (int i = 0; i < 2_000; i++) {
                        assertThat(reading.next()).hasSize(i == 7 ? 0 : 2);
                    }
                    assertThat(reading.hasNext()).isFalse();
                    list.add(List.of("late"));
                    assertThat(reading.next()).containsExactly("late");
                    assertThatThrownBy(reading::next)
                            .isInstanceOf(NoSuchElementException.class)
                            .hasMessage("the list has 2001 elements");
                    list.clear();
                    list.add(List.of("again"));
                    assertThatThrownBy(reading::hasNext)
                            .isInstanceOf(ConcurrentModificationException.class)
                            .hasMessage("the list was cleared during this iteration");
                    assertThat(list).containsExactly(List.of("again"));
                });
    }

    @Test
    void sorter_moreThanTheMemory_givesAllInOrderTwice() {
        inOperators(
                memory -> {
                    ManagedSorter<String> sorter =
                            memory.sorter("sorter", STRING, Comparator.comparing(s -> s.charAt(0)));
                    SplittableRandom random = new SplittableRandom(9);
                    String rest = "r".repeat(1_000);
                    int count = 30_000;
                    for (int i = 0; i < count; i++) {
                        sorter.add((char) ('a' + random.nextInt(20)) + rest + i);
                    }
                    assertThat(sorter.size()).isEqualTo(count);
                    for (int pass = 0; pass < 2; pass++) {
                        try (SortedIterator<String> sorted = sorter.sorted()) {
                            String before = sorted.next();
                            int seen = 1;
                            while (sorted.hasNext()) {
                                String next = sorted.next();
                                if (before.charAt(0) == next.charAt(0)) {
                                    assertThat(number(before) < number(next)).as("stable").isTrue();
                                } else {
                                    assertThat(before.charAt(0) < next.charAt(0)).isTrue();
                                }
                                before = next;
                                seen++;
                            }
                            assertThat(seen).isEqualTo(count);
                            assertThatThrownBy(sorted::next)
                                    .isInstanceOf(NoSuchElementException.class)
                                    .hasMessage("the sorter has no more elements");
                        }
                    }
                    SortedIterator<String> open = sorter.sorted();
                    assertThat(open.hasNext()).isTrue();
                    assertThatThrownBy(() -> sorter.add("x"))
                            .isInstanceOf(IllegalStateException.class)
                            .message()
                            .matches(
                                    "cannot add a record to the sorter 'harness / .* / sorter': a"
                                        + " pass over its records is open; read it to the end or"
                                        + " close it first");
                    open.close();
                    assertThatThrownBy(open::next).isInstanceOf(IllegalStateException.class);
                    sorter.clear();
                    assertThat(sorter.sorted().hasNext()).isFalse();
                    // Left open, with something in it: the task's end closes it.
                    sorter.add("last");
                    assertThat(sorter.sorted().hasNext()).isTrue();
                });
    }

    private static int number(String element) {
        return Integer.parseInt(element.substring(1_001));
    }

    @Test
    void bitSetAndBloomFilter_answer() {
        inOperators(
                memory -> {
                    ManagedBitSet bits = memory.bitSet("bits", 1_000_000);
                    assertThat(bits.set(999_999)).isTrue();
                    assertThat(bits.set(999_999)).isFalse();
                    assertThat(bits.set(3)).isTrue();
                    assertThat(bits.nextSetBit(4)).isEqualTo(999_999);
                    assertThat(bits.clear(3)).isTrue();
                    assertThat(bits.get(3)).isFalse();
                    assertThat(bits.cardinality()).isEqualTo(1);
                    assertThat(bits.size()).isEqualTo(1_000_000);
                    bits.clear();
                    assertThat(bits.cardinality()).isZero();
                    ManagedBloomFilter<String> seen =
                            memory.bloomFilter("seen", STRING, 10_000, 0.01);
                    int mistaken = 0;
                    for (int i = 0; i < 10_000; i++) {
                        mistaken += seen.add("key " + i) ? 0 : 1;
                    }
                    assertThat(mistaken).isLessThan(100);
                    for (int i = 0; i < 10_000; i++) {
                        assertThat(seen.mightContain("key " + i)).isTrue();
                    }
                    seen.clear();
                    assertThat(seen.mightContain("key 1")).isFalse();
                });
    }

    @Test
    void structures_overBudget_failExplainedAndStayAsTheyWere() {
        inOperators(
                memory -> {
                    assertThatThrownBy(() -> memory.bitSet("all bits", 1L << 40))
                            .isInstanceOf(MemoryExhaustedException.class)
                            .hasMessageContaining("cannot allocate 1 page (32.0 KiB) for 'harness")
                            .hasMessageContaining("/ all bits'")
                            .hasMessageContaining("Raise --memory or env.setMemory (now 16.0 MiB");
                    assertThatThrownBy(() -> memory.bloomFilter("filter", LONG, 1L << 40, 0.01))
                            .isInstanceOf(MemoryExhaustedException.class);
                    ManagedMap<Long, String> map = memory.map("map", LONG, STRING);
                    map.put(0L, "first");
                    ManagedList<String> list = memory.list("list", STRING);
                    String element = "e".repeat(10_000);
                    assertThatThrownBy(
                                    () -> {
                                        while (true) {
                                            list.add(element);
                                        }
                                    })
                            .isInstanceOf(MemoryExhaustedException.class)
                            .hasMessageContaining("/ list'");
                    long full = list.size();
                    assertThat(full).isGreaterThan(100);
                    String large = "l".repeat(100_000);
                    assertThatThrownBy(() -> map.put(0L, large))
                            .isInstanceOf(MemoryExhaustedException.class)
                            .hasMessageContaining("/ map'");
                    assertThat(map.get(0L)).isEqualTo("first");
                    assertThat(list.get(full - 1)).isEqualTo(element);
                    list.clear();
                    map.put(0L, large);
                    assertThat(map.get(0L)).isEqualTo(large);
                    // A name whose structure was refused is free.
                    assertThat(memory.bitSet("all bits", 100).size()).isEqualTo(100);
                });
    }

    @Test
    void sorter_thatHoldsAllMemory_spillsForTheOperatorsOtherStructures() {
        inOperators(
                memory -> {
                    ManagedSorter<Long> sorter =
                            memory.sorter("sorter", LONG, Comparator.naturalOrder());
                    long count = 0;
                    // More than 16 MiB of 8 bytes each, and as many for the index.
                    while (count < 900_000) {
                        sorter.add(++count * 7_919 % 1_000_003);
                    }
                    ManagedMap<Long, String> map = memory.map("map", LONG, STRING);
                    String value = "v".repeat(10_000);
                    for (long key = 0; key < 200; key++) {
                        map.put(key, value);
                    }
                    assertThat(memory.bitSet("bits", 10_000_000).set(9_999_999)).isTrue();
                    memory.pages("pages").allocate().fill((byte) 1);
                    assertThat(memory.pages("pages").pageCount()).isEqualTo(1);
                    assertThat(map.get(199L)).isEqualTo(value);
                    long before = -1;
                    for (SortedIterator<Long> sorted = sorter.sorted(); sorted.hasNext(); count--) {
                        long next = sorted.next();
                        assertThat(next >= before).isTrue();
                        before = next;
                    }
                    assertThat(count).isZero();
                });
    }

    @Test
    void nameUsedTwice_isTheSameStructureOrAnExplainedError() {
        inOperators(
                memory -> {
                    memory.map("name", LONG, STRING).put(1L, "one");
                    assertThat(memory.map("name", LONG, STRING).get(1L)).isEqualTo("one");
                    memory.bloomFilter("filter", LONG, 100, 0.1).add(5L);
                    assertThat(memory.bloomFilter("filter", LONG, 100, 0.1).mightContain(5L))
                            .isTrue();
                    assertThatThrownBy(() -> memory.list("name", LONG))
                            .isInstanceOf(IllegalStateException.class)
                            .message()
                            .matches(
                                    "'.*process' \\(ManagedMemoryTest\\.java:\\d+\\) asks for"
                                        + " managed memory 'name' as a list\\[Long\\], but has it"
                                        + " already as a map\\[Long, String\\]; give one of them"
                                        + " another name");
                    assertThatThrownBy(() -> memory.map("name", LONG, LONG))
                            .hasMessageContaining("as a map[Long, Long], but has it already");
                    assertThatThrownBy(() -> memory.bloomFilter("filter", LONG, 101, 0.1))
                            .hasMessageContaining("as a Bloom filter[Long][101, 0.1], but has it");
                });
    }

    @Test
    void nulls_areExplained() {
        inOperators(
                memory -> {
                    Long none = new HashMap<String, Long>().get("none");
                    assertThatThrownBy(() -> memory.map("map", LONG, LONG).put(none, 1L))
                            .isInstanceOf(NullPointerException.class)
                            .hasMessage("a ManagedMap holds no null keys");
                    assertThatThrownBy(() -> memory.map("map", LONG, LONG).put(1L, none))
                            .hasMessage("a ManagedMap holds no null values");
                    assertThatThrownBy(() -> memory.list("list", LONG).add(none))
                            .hasMessage("a ManagedList holds no null elements");
                    Comparator<Long> order = Comparator.naturalOrder();
                    assertThatThrownBy(() -> memory.sorter("sorter", LONG, order).add(none))
                            .hasMessage("a ManagedSorter holds no null elements");
                    assertThatThrownBy(() -> memory.bloomFilter("b", LONG, 9, 0.1).add(none))
                            .hasMessage("a ManagedBloomFilter holds no null elements");
                });
    }

    @Test
    void structure_afterTheTasksEnd_isRefused() {
        List<ManagedMemory> kept = new ArrayList<>();
        List<ManagedSorter<Long>> sorters = new ArrayList<>();
        script =
                (context, record) -> {
                    kept.add(context.getManagedMemory());
                    sorters.add(kept.getLast().sorter("s", LONG, Comparator.naturalOrder()));
                    sorters.getLast().add(record);
                };
        try (OperatorHarness<Long, Long> harness = unkeyed()) {
            harness.processElement(1L);
            assertThat(harness.heldBytes())
                    .as("pages, and the heap to sort and write in")
                    .isEqualTo(4 * 32_768 + (1_024 + 256 + 32) * 1_024);
        }
        assertThatThrownBy(() -> kept.getFirst().list("l", LONG))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("asks for a list[Long] 'l' after its end");
        assertThatThrownBy(() -> sorters.getFirst().add(2L))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith("/ s': it was closed");
    }

    @Test
    void percentile_ofTheUserGuide_isRight() {
        try (OperatorHarness<Long, Long> harness =
                OperatorHarness.keyed(new Percentile(95), delay -> 0, Integer.class)) {
            for (long i = 0; i < 1_000; i++) {
                harness.processElement(i * 7 % 1_000 + 1);
            }
            harness.finish();
            assertThat(harness.values()).containsExactly(950L);
        }
    }
}
