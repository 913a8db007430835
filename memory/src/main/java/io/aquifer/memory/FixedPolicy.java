package io.aquifer.memory;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Parts that do not depend on what others use, as Flink's managed memory fractions; nobody takes
/// from anybody.
///
/// Without fractions every owner has an equal part. With fractions the owners that match a pattern
/// divide its fraction evenly, and owners that match none divide what is left. A fraction whose
/// owners are not there stays unused.
///
/// **Invariant**: all ceilings together fit in the pool, unless the guarantees alone do not. Where
/// a guarantee is larger than its owner's part, the other parts shrink in proportion.
final class FixedPolicy implements AllocationPolicy {
    private final List<Fraction> fractions;

    /// @param fractions first match wins; their sum is at most 1; empty for equal parts
    FixedPolicy(List<Fraction> fractions) {
        this.fractions = List.copyOf(fractions);
    }

    @Override
    public String name() {
        return fractions.isEmpty()
                ? "fixed"
                : fractions.stream()
                        .map(Fraction::toString)
                        .collect(Collectors.joining(",", "fixed(", ")"));
    }

    @Override
    public long ceilingBytes(Claimant claimant, Claims claims) {
        if (fractions.isEmpty()) {
            return claims.fairShareBytes(claimant);
        }
        long[] parts = parts(claims);
        fit(parts, claims);
        for (int i = 0; i < parts.length; i++) {
            if (claims.claimants().get(i).id() == claimant.id()) {
                return Math.max(claimant.guaranteedBytes(), parts[i]);
            }
        }
        return claimant.guaranteedBytes();
    }

    @Override
    public List<Victim> victims(Claimant asker, long bytes, Claims claims) {
        return new VictimOrder(asker).thenAsker();
    }

    @Override
    public List<String> unmatchedPatterns(Collection<String> owners) {
        return fractions.stream()
                .filter(fraction -> owners.stream().noneMatch(fraction::matches))
                .map(Fraction::pattern)
                .toList();
    }

    /// Each claimant's part of the pool, guarantees aside.
    private long[] parts(Claims claims) {
        int[] fractionOf = new int[claims.claimants().size()];
        int[] sharers = new int[fractions.size() + 1];
        for (int i = 0; i < fractionOf.length; i++) {
            fractionOf[i] = fractionOf(claims.claimants().get(i).owner());
            sharers[fractionOf[i]]++;
        }
        long[] whole = new long[fractions.size() + 1];
        whole[fractions.size()] = claims.reachableBytes();
        for (int f = 0; f < fractions.size(); f++) {
            whole[f] = fractions.get(f).of(claims.reachableBytes());
            whole[fractions.size()] -= whole[f];
        }
        long[] parts = new long[fractionOf.length];
        Arrays.setAll(parts, i -> whole[fractionOf[i]] / sharers[fractionOf[i]]);
        return parts;
    }

    /// The index of the first fraction that `owner` matches, or the number of fractions for none.
    private int fractionOf(String owner) {
        for (int f = 0; f < fractions.size(); f++) {
            if (fractions.get(f).matches(owner)) {
                return f;
            }
        }
        return fractions.size();
    }

    /// Shrinks parts in proportion, so that they and all larger guarantees fit in the pool.
    private static void fit(long[] parts, Claims claims) {
        boolean fits = false;
        while (!fits) {
            long rest = claims.reachableBytes();
            long sum = 0;
            for (int i = 0; i < parts.length; i++) {
                long guaranteed = claims.claimants().get(i).guaranteedBytes();
                if (guaranteed >= parts[i]) {
                    rest -= guaranteed;
                    parts[i] = 0;
                } else {
                    sum += parts[i];
                }
            }
            rest = Math.max(0, rest);
            fits = sum <= rest;
            for (int i = 0; i < parts.length && !fits; i++) {
                parts[i] = scaled(parts[i], rest, sum);
            }
        }
    }

    /// `part * rest / sum`, rounded down, without overflow: the remainder of a rounded quotient is
    /// small, so it is right even where the products wrap around.
    private static long scaled(long part, long rest, long sum) {
        long quotient = (long) ((double) part * rest / sum);
        long remainder = part * rest - quotient * sum;
        return quotient + Math.floorDiv(remainder, sum);
    }

    /// A fraction of the pool for the owners that match a pattern.
    ///
    /// @param pattern as it was written
    /// @param owners fits the names of the owners
    /// @param millionths the fraction, above 0 and at most a million
    /// @param text the fraction as it was written
    record Fraction(String pattern, Pattern owners, int millionths, String text) {
        private static final int ONE = 1_000_000;

        /// @param pattern the name of a job, an operator or an owner, so that `windows` fits
        ///   `flights / windows (1/2)`; `*` stands for any text
        static Fraction of(String pattern, int millionths, String text) {
            String name =
                    Arrays.stream(pattern.split("\\*", -1))
                            .map(Pattern::quote)
                            .collect(Collectors.joining(".*"));
            Pattern owners =
                    Pattern.compile(
                            "(?:.* / )?" + name + "(?: \\(\\d+/\\d+\\))?(?: / .*)?",
                            Pattern.DOTALL);
            return new Fraction(pattern, owners, millionths, text);
        }

        boolean matches(String owner) {
            return owners.matcher(owner).matches();
        }

        /// The fraction of `bytes`, rounded down.
        long of(long bytes) {
            return bytes / ONE * millionths + bytes % ONE * millionths / ONE;
        }

        @Override
        public String toString() {
            return pattern + "=" + text;
        }
    }
}
