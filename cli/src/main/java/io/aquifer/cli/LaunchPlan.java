package io.aquifer.cli;

import static io.aquifer.cli.Sizes.MIB;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemorySize;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// How one budget is divided over the process, and the JVM flags that hold each part to its share.
///
/// The areas of the virtual machine are charged at their caps: heap, metaspace, code cache and
/// stacks have a flag each; the compiler, the collector and the JVM's own allocations are charged
/// at figures measured on JDK 25 (`docs/cli.md` has the table). What remains is split between the
/// Java heap and managed memory.
///
/// **Invariant**: the shares add up to the budget to the byte, each is at least 0, and the off-heap
/// ones are whole pages. The arithmetic exists here only: the launcher asks this class and keeps
/// the answer.
///
/// Immutable; any thread.
final class LaunchPlan {
    private static final long PAGE = MemoryManager.PAGE_SIZE_BYTES;
    private static final int JVM_THREADS = 24;
    private static final int THREADS_PER_SLOT = 8;
    private static final long HEAP_MIN = 24 * MIB;
    private static final long HEAP_MAX = 24L << 30;
    private static final long SERIAL_HEAP_MAX = 1L << 30;
    private static final long MANAGED_MIN = 8 * MIB;

    private final long totalBytes;
    private final int slots;
    private final boolean serial;
    private final long stackBytes;
    private final long directBytes;
    private final long compilationBytes;
    private final long managedHeapBytes;
    private final Map<MemoryPart, Long> shares;

    private LaunchPlan(long totalBytes, int slots) {
        this.totalBytes = totalBytes;
        this.slots = slots;
        stackBytes =
                totalBytes < 512 * MIB
                        ? 256 * Sizes.KIB
                        : totalBytes < 2048 * MIB ? 512 * Sizes.KIB : MIB;
        directBytes = clamp(totalBytes / 64, 4 * MIB, 64 * MIB);
        compilationBytes = clamp(totalBytes / 16, 10 * MIB, 64 * MIB);
        shares = new EnumMap<>(MemoryPart.class);
        shares.put(MemoryPart.METASPACE, clamp(totalBytes / 16, 16 * MIB, 256 * MIB));
        shares.put(MemoryPart.CODE_CACHE, clamp(totalBytes / 20, 12 * MIB, 128 * MIB));
        shares.put(
                MemoryPart.THREAD_STACKS,
                stackBytes * (JVM_THREADS + (long) THREADS_PER_SLOT * slots));
        shares.put(MemoryPart.COMPILER, compilationBytes + 4 * MIB);
        shares.put(MemoryPart.BINARIES, 54 * MIB);
        shares.put(MemoryPart.NATIVE, 6 * MIB + directBytes);
        shares.put(MemoryPart.MAPPED_FILES, clamp(totalBytes / 64, 2 * MIB, 32 * MIB));
        shares.put(MemoryPart.SLACK, clamp(totalBytes / 48, 8 * MIB, 64 * MIB));
        shares.put(MemoryPart.NETWORK, wholePages(clamp(totalBytes / 16, 4 * MIB, 64 * MIB)));
        shares.put(MemoryPart.RESERVE, wholePages(clamp(totalBytes / 64, 2 * MIB, 64 * MIB)));
        long free = totalBytes - charged();
        long heap = Math.max(HEAP_MIN, heapOf(free) / MIB * MIB);
        serial = heap <= SERIAL_HEAP_MAX;
        shares.put(MemoryPart.HEAP, heap);
        shares.put(MemoryPart.COLLECTOR, MIB + (serial ? heap / 128 : heap / 16));
        shares.put(MemoryPart.MANAGED, 0L);
        long managed = totalBytes - charged();
        shares.put(MemoryPart.MANAGED, wholePages(Math.max(0, managed)));
        shares.merge(MemoryPart.SLACK, managed - share(MemoryPart.MANAGED), Long::sum);
        managedHeapBytes = heap / 3;
    }

    /// The plan for a budget.
    ///
    /// @param size the whole budget, at least [#smallestBytes]
    /// @param slots the number of subtasks that may run side by side, at least 1
    /// @throws CommandException if the budget is too small, with what it would have to be
    static LaunchPlan of(MemorySize size, int slots) {
        if (slots < 1) {
            throw new CommandException(
                    ExitCode.USAGE, "the number of slots must be at least 1, got " + slots + ".");
        }
        LaunchPlan plan = new LaunchPlan(size.bytes(), slots);
        if (!plan.isViable()) {
            long smallest = smallestBytes(slots);
            LaunchPlan least = new LaunchPlan(smallest, slots);
            throw new CommandException(
                    ExitCode.MEMORY,
                    "--memory "
                            + Sizes.flag(size.bytes())
                            + " is less than the smallest budget of "
                            + Sizes.flag(smallest)
                            + " for "
                            + slots
                            + (slots == 1 ? " slot" : " slots")
                            + ": the JVM and the network take "
                            + Sizes.size(smallest - least.share(MemoryPart.MANAGED))
                            + " of it before any state.\nGive at least --memory "
                            + Sizes.flag(smallest)
                            + (slots > 1 ? ", or fewer slots (--parallelism)" : "")
                            + ". `aquifer memory "
                            + Sizes.flag(smallest)
                            + "` shows what goes where.");
        }
        return plan;
    }

    /// The smallest budget that still has [#MANAGED_MIN] of managed memory, in whole MiB.
    static long smallestBytes(int slots) {
        long low = 1;
        long high = 1L << 24;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (new LaunchPlan(middle * MIB, slots).isViable()) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low * MIB;
    }

    long totalBytes() {
        return totalBytes;
    }

    /// The budget as the user can write it: `--memory 256m`.
    String budget() {
        return "--memory " + Sizes.flag(totalBytes);
    }

    int slots() {
        return slots;
    }

    /// The bytes planned for a part.
    long share(MemoryPart part) {
        return shares.getOrDefault(part, 0L);
    }

    /// The plan in the engine's terms: managed, managed heap, operation, network, reserve.
    MemoryPlan memoryPlan() {
        long network = share(MemoryPart.NETWORK);
        return new MemoryPlan(
                totalBytes,
                share(MemoryPart.MANAGED),
                managedHeapBytes,
                operationBytes() - managedHeapBytes,
                network,
                wholePages(network / 4),
                share(MemoryPart.RESERVE));
    }

    /// Everything but managed memory, network memory and the reserve.
    long operationBytes() {
        long sum = 0;
        for (Map.Entry<MemoryPart, Long> entry : shares.entrySet()) {
            sum += entry.getKey().isOperation() ? entry.getValue() : 0;
        }
        return sum;
    }

    /// The JVM flags that hold the parts to their shares, each with its reason.
    List<Flag> flags() {
        List<Flag> flags = new ArrayList<>();
        long heap = share(MemoryPart.HEAP);
        flags.add(new Flag("-Xmx" + Sizes.flag(heap), "the heap's cap"));
        flags.add(
                new Flag(
                        "-Xms" + Sizes.flag(Math.min(heap, 16 * MIB)),
                        "it starts small and grows"));
        flags.add(
                serial
                        ? new Flag(
                                "-XX:+UseSerialGC",
                                "least memory beside the heap; state is off the heap")
                        : new Flag("-XX:+UseG1GC", "short pauses once the heap is over 1 GiB"));
        if (serial) {
            flags.add(new Flag("-XX:NewRatio=1", "half the heap for objects that die young"));
        }
        flags.add(new Flag("-XX:+UseCompactObjectHeaders", "8 bytes per object instead of 12"));
        flags.add(
                new Flag(
                        "-XX:MaxMetaspaceSize=" + Sizes.flag(share(MemoryPart.METASPACE)),
                        "the classes' cap"));
        flags.add(
                new Flag(
                        "-XX:ReservedCodeCacheSize=" + Sizes.flag(share(MemoryPart.CODE_CACHE)),
                        "compiled code's cap"));
        flags.add(new Flag("-Xss" + Sizes.flag(stackBytes), "each thread's stack"));
        flags.add(
                new Flag(
                        "-XX:CICompilerCount=2",
                        "one thread per compiler tier: compiling takes memory"));
        flags.add(
                new Flag(
                        "-XX:InlineSmallCode=1000",
                        "compiled code is called rather than copied: less to compile"));
        flags.add(new Flag("-XX:CompileCommand=quiet", "no line about the next flag"));
        flags.add(
                new Flag(
                        "-XX:CompileCommand=MemLimit,*.*," + Sizes.flag(compilationBytes) + "~stop",
                        "a method that takes more to compile stays interpreted"));
        flags.add(
                new Flag(
                        "-XX:MaxDirectMemorySize=" + Sizes.flag(directBytes),
                        "direct buffers' cap"));
        flags.add(
                new Flag(
                        "-Djdk.nio.maxCachedBufferSize=262144",
                        "no large buffers kept per thread"));
        flags.add(
                new Flag(
                        "-XX:TrimNativeHeapInterval=2000",
                        "freed malloc memory goes back to the kernel"));
        flags.add(
                new Flag(
                        "-XX:NativeMemoryTracking=summary",
                        "the JVM counts its own memory for the report"));
        flags.add(new Flag("-XX:-UsePerfData", "no file in /tmp"));
        flags.add(
                new Flag(
                        "--enable-native-access=ALL-UNNAMED",
                        "memory is mapped and returned by system calls"));
        flags.add(new Flag("--sun-misc-unsafe-memory-access=deny", "nothing here uses Unsafe"));
        flags.addAll(propertyFlags());
        return flags;
    }

    private List<Flag> propertyFlags() {
        MemoryPlan plan = memoryPlan();
        return List.of(
                property("size", plan.totalBytes(), "the budget"),
                property("managed.size", plan.managedBytes(), "managed memory off the heap"),
                property(
                        "managed.heap.size",
                        plan.managedHeapBytes(),
                        "state a heap backend may keep in the heap"),
                property("network.size", plan.networkBytes(), "network memory"),
                property("network.min", plan.networkMinBytes(), "what network memory never lends"),
                property(
                        "operation.size",
                        plan.operationBytes(),
                        "the JVM's areas and the rest of the heap"),
                property(
                        "jvm.size",
                        operationBytes() - share(MemoryPart.HEAP),
                        "of operation memory, the JVM's areas beside the heap at their caps"),
                property("reserve.size", plan.reserveBytes(), "lent to managed and network memory"),
                new Flag(
                        "-Daquifer.parallelism=" + slots,
                        "subtasks of an operator, unless the job says otherwise"));
    }

    private static Flag property(String name, long bytes, String why) {
        return new Flag("-Daquifer.memory." + name + "=" + bytes, why);
    }

    private boolean isViable() {
        return share(MemoryPart.MANAGED) >= MANAGED_MIN && charged() == totalBytes;
    }

    private long charged() {
        return shares.values().stream().mapToLong(Long::longValue).sum();
    }

    /// The heap's part of what the fixed areas leave: 45 % of the first 256 MiB, less of what
    /// follows.
    private static long heapOf(long free) {
        double heap =
                0.45 * within(free, 0, 256)
                        + 0.35 * within(free, 256, 1024)
                        + 0.25 * within(free, 1024, 8192)
                        + 0.15 * within(free, 8192, Long.MAX_VALUE / MIB);
        return Math.min(HEAP_MAX, (long) heap);
    }

    private static double within(long bytes, long fromMebi, long toMebi) {
        return Math.max(0, Math.min(bytes, toMebi * MIB) - fromMebi * MIB);
    }

    private static long wholePages(long bytes) {
        return bytes / PAGE * PAGE;
    }

    private static long clamp(long bytes, long least, long most) {
        return Math.clamp(bytes, least, most) / Sizes.KIB * Sizes.KIB;
    }

    /// A JVM flag and the reason it is there.
    record Flag(String text, String why) {}
}
