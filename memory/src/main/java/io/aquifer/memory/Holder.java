package io.aquifer.memory;

import java.util.List;

/// What one lease holds of one pool.
///
/// @param owner the lease's owner, such as `flights / windows (1/2) / cells`
/// @param pool the pool's name
/// @param bytes what is held, above 0
public record Holder(String owner, String pool, long bytes) {
    private static final int NAMED = 3;

    /// The three largest holders of a pool and the sum of the others, as one phrase.
    static String describeLargest(List<Holder> largestFirst, String pool) {
        StringBuilder text = new StringBuilder();
        int others = 0;
        long otherBytes = 0;
        int named = 0;
        for (Holder holder : largestFirst) {
            if (!holder.pool().equals(pool)) {
                continue;
            }
            if (named < NAMED) {
                text.append(named == 0 ? "" : ", ")
                        .append('\'')
                        .append(holder.owner())
                        .append("' ")
                        .append(MemorySize.text(holder.bytes()));
                named++;
            } else {
                others++;
                otherBytes += holder.bytes();
            }
        }
        if (others > 0) {
            text.append(", ")
                    .append(others)
                    .append(others == 1 ? " other " : " others ")
                    .append(MemorySize.text(otherBytes));
        }
        return text.isEmpty() ? "none" : text.toString();
    }
}
