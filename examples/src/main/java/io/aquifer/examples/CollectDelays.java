package io.aquifer.examples;

import io.aquifer.api.functions.AggregateFunction;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;

/// Keeps the delays of one hour at one airport, all of them since the percentile is exact: a few
/// dozen.
final class CollectDelays implements AggregateFunction<Flight, int[], CollectDelays.Delays> {
    private static final long serialVersionUID = 1L;

    /// What the delays came to, in minutes.
    record Delays(long flights, BigDecimal mean, int p95, int max) {}

    @Override
    public int[] createAccumulator() {
        return new int[0];
    }

    @Override
    public int[] add(Flight flight, int[] delays) {
        int[] more = Arrays.copyOf(delays, delays.length + 1);
        more[delays.length] = flight.delay();
        return more;
    }

    @Override
    public Delays getResult(int[] delays) {
        int[] sorted = delays.clone();
        Arrays.sort(sorted);
        long sum = 0;
        for (int delay : sorted) {
            sum += delay;
        }
        BigDecimal mean =
                BigDecimal.valueOf(sum)
                        .divide(BigDecimal.valueOf(sorted.length), 3, RoundingMode.HALF_UP);
        int rank = Math.ceilDiv(sorted.length * 95, 100);
        return new Delays(sorted.length, mean, sorted[rank - 1], sorted[sorted.length - 1]);
    }

    @Override
    public int[] merge(int[] a, int[] b) {
        int[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
