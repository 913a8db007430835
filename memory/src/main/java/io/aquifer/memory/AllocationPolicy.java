package io.aquifer.memory;

import java.util.List;

/// Decides how far each owner may go in a pool, and whose memory is taken first when it is spent.
///
/// Called under the ledger's lock, so it must neither wait nor call back; the same arguments must
/// give the same answer, which is what lets a recorded trace be replayed under another policy.
///
/// Guaranteed minima are not the policy's: the ledger keeps them whatever it says, and an owner may
/// always hold what it was guaranteed.
public interface AllocationPolicy {
    /// The name it is chosen by, such as `elastic`.
    String name();

    /// The most that `claimant` may hold of the pool now, in bytes.
    ///
    /// @param claimant one of `claims.claimants()`
    long ceilingBytes(Claimant claimant, Claims claims);

    /// Whom to ask for memory that `asker` needs, in that order; may name the asker itself. Who is
    /// missing is not asked.
    List<Claimant> victims(Claimant asker, Claims claims);

    /// The policy of that name.
    static AllocationPolicy parse(String name) {
        return new ElasticPolicy();
    }
}
