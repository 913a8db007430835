package io.aquifer.memory.space;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/// The kernel's real calls, written down, of which chosen ones fail.
final class FailingCalls implements MemoryCalls {
    /// The names of all calls, in order, such as `advise 4`.
    final List<String> made = new ArrayList<>();

    private final Map<String, int[]> failures = new HashMap<>();

    /// Fails the next `times` calls whose name starts with `name`.
    void failNext(String name, int errno, int times) {
        failures.put(name, new int[] {errno, times});
    }

    void failNoMore() {
        failures.clear();
    }

    long count(String name) {
        return made.stream().filter(call -> call.startsWith(name)).count();
    }

    @Override
    public long reserve(long bytes) {
        return answer("reserve", () -> LinuxMemory.CALLS.reserve(bytes));
    }

    @Override
    public long mapZeros(long address, long bytes) {
        return answer("mapZeros", () -> LinuxMemory.CALLS.mapZeros(address, bytes));
    }

    @Override
    public long mapNothing(long address, long bytes, long offset) {
        return answer("mapNothing", () -> LinuxMemory.CALLS.mapNothing(address, bytes, offset));
    }

    @Override
    public int unmap(long address, long bytes) {
        return (int) answer("unmap", () -> LinuxMemory.CALLS.unmap(address, bytes));
    }

    @Override
    public int advise(long address, long bytes, int advice) {
        return (int)
                answer("advise " + advice, () -> LinuxMemory.CALLS.advise(address, bytes, advice));
    }

    private long answer(String call, LongSupplier real) {
        made.add(call);
        for (Map.Entry<String, int[]> failure : failures.entrySet()) {
            int[] errnoAndTimes = failure.getValue();
            if (call.startsWith(failure.getKey()) && errnoAndTimes[1] > 0) {
                errnoAndTimes[1]--;
                return -errnoAndTimes[0];
            }
        }
        return real.getAsLong();
    }
}
