package io.aquifer.benchmarks.memory;

import io.aquifer.benchmarks.Arguments;
import io.aquifer.benchmarks.ProcessSize;
import io.aquifer.benchmarks.ResultLine;
import io.aquifer.memory.MemoryManager;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a large budget costs before anything is stored: milliseconds to create the manager, and how
/// much the process grows.
///
/// `first` includes that its classes are loaded and its system calls bound; `second` is another
/// manager of the same size after that, so it is what the size itself costs.
final class StartBudget {
    private StartBudget() {}

    public static void main(String[] given) throws IOException {
        Arguments arguments = Arguments.parse(given);
        long budget = arguments.number("mib", 16 << 10) * Budgets.MIB;
        arguments.complete();
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("budgetBytes", budget);
        try (ProcessSize size = ProcessSize.ofSelf()) {
            size.residentBytes();
            create(size, budget, "first", values);
            create(size, budget, "second", values);
        }
        System.out.println(new ResultLine(values));
    }

    private static void create(
            ProcessSize size, long budget, String name, Map<String, Object> values)
            throws IOException {
        long before = size.residentBytes();
        long start = System.nanoTime();
        MemoryManager manager = Budgets.create(budget);
        long nanos = System.nanoTime() - start;
        values.put(name + "RssAddedBytes", size.residentBytes() - before);
        values.put(name + "Millis", nanos / 1e6);
        manager.close();
    }
}
