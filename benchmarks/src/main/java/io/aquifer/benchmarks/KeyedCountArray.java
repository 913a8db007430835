package io.aquifer.benchmarks;

/// The keyed count without an engine: one thread counts in an array indexed by the key.
///
/// No exchange, no hashing, no state store: what is left is the generator, one cache miss a record
/// and the measuring. It says how much of the engines' figures the benchmark itself can be.
final class KeyedCountArray {
    private KeyedCountArray() {}

    public static void main(String[] arguments) throws Exception {
        KeyedCountPlan plan = KeyedCountPlan.parse(arguments);
        RunLog.run(plan, () -> count(plan, RunLog.openSink()));
    }

    static void count(KeyedCountPlan plan, SinkLog sink) {
        long[] counts = new long[plan.keys()];
        for (int split = 0; split < plan.parallelism(); split++) {
            KeySequence keys = plan.keysOf(split);
            for (long i = plan.recordsOf(split); i > 0; i--) {
                sink.add(++counts[(int) keys.next()]);
            }
        }
    }
}
