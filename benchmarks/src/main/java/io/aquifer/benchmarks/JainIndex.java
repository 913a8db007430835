package io.aquifer.benchmarks;

/// How even shares are, from 1/n (one has all) to 1 (all have the same): the square of their sum
/// over n times the sum of their squares (Jain, Chiu, Hawe 1984).
public final class JainIndex {
    private JainIndex() {}

    /// @param shares none negative; 1 when all are 0
    public static double of(double... shares) {
        double sum = 0;
        double squares = 0;
        for (double share : shares) {
            if (!(share >= 0)) {
                throw new IllegalArgumentException("a share is not negative, got " + share);
            }
            sum += share;
            squares += share * share;
        }
        return squares == 0 ? 1 : sum * sum / (shares.length * squares);
    }
}
