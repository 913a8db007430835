package io.aquifer.benchmarks;

import java.util.List;
import java.util.Map;

/// What one run of the keyed count does, whichever engine runs it.
///
/// `parallelism` generators emit `records` keys in all. Every engine sends them through a real
/// exchange by key to a user's function that keeps one count a key in `ValueState<Long>` and emits
/// the updated count for every record; the sink adds the counts up. A key seen c times thus
/// contributes 1 + 2 + ... + c, whatever the order, which [#expected] computes without any engine.
///
/// @param records how many records the run has in all
/// @param warmup how many of them pass before measuring starts
/// @param keys how many different keys there are
/// @param parallelism how many generators, counting subtasks and sinks there are
/// @param seed where the keys come from
public record KeyedCountPlan(long records, long warmup, int keys, int parallelism, long seed) {
    public KeyedCountPlan {
        if (parallelism < 1 || keys < 1 || warmup < 0 || records <= warmup) {
            throw new IllegalArgumentException(
                    "a plan needs parallelism and keys of at least 1 and more records than warm-up;"
                            + " it has parallelism "
                            + parallelism
                            + ", "
                            + keys
                            + " keys, "
                            + records
                            + " records, of which "
                            + warmup
                            + " warm-up");
        }
    }

    /// Generator `split`'s share: the shares differ by at most one record and add up to [#records].
    public long recordsOf(int split) {
        return records / parallelism + (split < records % parallelism ? 1 : 0);
    }

    public KeySequence keysOf(int split) {
        return new KeySequence(seed * 1_000_003L + split, keys);
    }

    /// What the sinks must have seen at the end, counted in a plain array.
    public Tally expected() {
        int[] counts = new int[keys];
        long sum = 0;
        for (int split = 0; split < parallelism; split++) {
            KeySequence sequence = keysOf(split);
            for (long i = recordsOf(split); i > 0; i--) {
                sum += ++counts[(int) sequence.next()];
            }
        }
        return new Tally(records, sum);
    }

    /// The plan as a child JVM's command line, which [#parse] reads.
    List<String> toArguments() {
        return List.of(
                "records=" + records,
                "warmup=" + warmup,
                "keys=" + keys,
                "parallelism=" + parallelism,
                "seed=" + seed);
    }

    /// Reads what [#toArguments] wrote.
    public static KeyedCountPlan parse(String... arguments) {
        Map<String, Long> values = new java.util.HashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException(
                        "'" + argument + "' is not of the form name=number");
            }
            values.put(
                    argument.substring(0, equals),
                    Long.parseLong(argument, equals + 1, argument.length(), 10));
        }
        return new KeyedCountPlan(
                need(values, "records"),
                need(values, "warmup"),
                Math.toIntExact(need(values, "keys")),
                Math.toIntExact(need(values, "parallelism")),
                need(values, "seed"));
    }

    private static long need(Map<String, Long> values, String name) {
        Long value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "the plan lacks " + name + "=; it has " + values.keySet());
        }
        return value;
    }

    /// What came out: how many records, and the sum of the counts emitted.
    public record Tally(long records, long sum) {}
}
