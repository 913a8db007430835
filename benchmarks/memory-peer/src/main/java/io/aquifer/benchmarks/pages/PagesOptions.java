package io.aquifer.benchmarks.pages;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// How the pages benchmark is to be run, from the command line.
///
/// @param home the source tree's root
/// @param results the file that gets one line of JSON a fork
/// @param rounds how many forks each contender has for each pattern and number of threads
/// @param warmups iterations of a fork that do not count
/// @param iterations iterations of a fork that count
/// @param millis how long an iteration is
record PagesOptions(
        Path home,
        Path results,
        List<Contender> contenders,
        List<Pattern> patterns,
        List<Integer> threads,
        int rounds,
        int warmups,
        int iterations,
        int millis) {
    static final String USAGE =
            """
            usage: benchmarks/run pages [options]
              --quick              one short fork each, 2 threads: does it still work?
              --contenders A,B     of aquifer, aquifer-95, flink-network, flink-managed, netty-pooled,
                                   netty-adaptive, arrow-netty, arrow-unsafe, none (default: all)
              --patterns A,B       of same, hand-over, live-set (default: all)
              --threads 1,2        (default: 1,2,4,8; the hand-over only with even numbers)
              --rounds N           forks of each (default: 5)
              --warmups N          iterations of a fork that do not count (default: 5)
              --iterations N       iterations of a fork that count (default: 3)
              --millis N           how long an iteration is (default: 1000)
              --results FILE       one line of JSON a fork is added (default: benchmarks/results/pages.jsonl;
                                   with --quick benchmarks/target/pages.jsonl)\
            """;

    static PagesOptions parse(List<String> arguments) {
        boolean quick = arguments.contains("--quick");
        Path home = Path.of("").toAbsolutePath();
        @Nullable Path results = null;
        List<String> contenders = Contender.labels();
        List<String> patterns = Pattern.labels();
        List<String> threads = quick ? List.of("2") : List.of("1", "2", "4", "8");
        int rounds = quick ? 1 : 5;
        int warmups = quick ? 1 : 5;
        int iterations = quick ? 1 : 3;
        int millis = quick ? 100 : 1000;
        var rest = arguments.iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            if (option.equals("--quick")) {
                continue;
            }
            if (!rest.hasNext()) {
                throw new IllegalArgumentException(
                        "'" + option + "' is no option, or its value is missing");
            }
            String value = rest.next();
            switch (option) {
                case "--home" -> home = Path.of(value);
                case "--results" -> results = Path.of(value);
                case "--contenders" -> contenders = list(value);
                case "--patterns" -> patterns = list(value);
                case "--threads" -> threads = list(value);
                case "--rounds" -> rounds = positive(option, value);
                case "--warmups" -> warmups = positive(option, value);
                case "--iterations" -> iterations = positive(option, value);
                case "--millis" -> millis = positive(option, value);
                default -> throw new IllegalArgumentException("'" + option + "' is no option");
            }
        }
        return new PagesOptions(
                home,
                results == null
                        ? home.resolve(
                                quick
                                        ? "benchmarks/target/pages.jsonl"
                                        : "benchmarks/results/pages.jsonl")
                        : results,
                contenders.stream().map(Contender::named).toList(),
                patterns.stream().map(Pattern::named).toList(),
                threads.stream().map(PagesOptions::threadCount).toList(),
                rounds,
                warmups,
                iterations,
                millis);
    }

    private static int threadCount(String value) {
        int threads = positive("--threads", value);
        if (threads > Pattern.MOST_THREADS) {
            throw new IllegalArgumentException(
                    "--threads are at most " + Pattern.MOST_THREADS + ", not " + threads);
        }
        return threads;
    }

    private static List<String> list(String value) {
        return Arrays.asList(value.split(",", -1));
    }

    private static int positive(String option, String value) {
        try {
            int number = Integer.parseInt(value);
            if (number >= 1) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(
                option + " needs a whole number of at least 1, not '" + value + "'");
    }
}
