package io.aquifer.memory;

import java.util.Collection;
import java.util.List;

/// Decides how far each owner may go in a pool, and whose memory is taken first when it is spent.
///
/// Called under the ledger's lock, so it must neither wait nor call back; the same arguments must
/// give the same answer, which is what lets a recorded trace be replayed under another policy.
///
/// Guaranteed minima are not the policy's: the ledger keeps them whatever it says, and an owner may
/// always hold what it was guaranteed.
///
/// | name         | an owner may hold                         | and takes from                          |
/// |--------------|-------------------------------------------|-----------------------------------------|
/// | `elastic`    | all that is not guaranteed to others      | those further above their fair share    |
/// | `fair-share` | its fair share, 1/N                       | those above 1/N; below 1/2N from any    |
/// | `fixed`      | an equal part, or a configured fraction   | nobody                                  |
/// | `priority`   | all that is not guaranteed to others      | less important ones; equals as elastic  |
///
/// The fair share is [Claims#fairShareBytes]. `elastic` is the default.
public interface AllocationPolicy {
    /// The text it is chosen by, such as `elastic`; [#parse] reads it back.
    String name();

    /// The most that `claimant` may hold of the pool now, in bytes: at least what it is guaranteed.
    ///
    /// @param claimant one of `claims.claimants()`
    long ceilingBytes(Claimant claimant, Claims claims);

    /// Whom to ask for memory that `asker` needs, in that order, and for how much at most. Who is
    /// missing is not asked. The asker itself may be named, last, when it has something to give
    /// back.
    ///
    /// Others are never named for more than what they hold above their guarantee. One may be named
    /// twice; the second figure is what may be taken beyond the first.
    ///
    /// @param asker one of `claims.claimants()`
    /// @param bytes how much more it wants to hold, above 0
    List<Victim> victims(Claimant asker, long bytes, Claims claims);

    /// The owner patterns of this policy that fit none of `owners`, for whoever knows all owners to
    /// report.
    default List<String> unmatchedPatterns(Collection<String> owners) {
        return List.of();
    }

    /// Idle memory is used freely; under contention owners converge to equal shares.
    static AllocationPolicy elastic() {
        return new ElasticPolicy();
    }

    /// Spark's rule: everyone may hold 1/N, and nobody is held below 1/2N.
    static AllocationPolicy fairShare() {
        return new FairSharePolicy();
    }

    /// Equal parts, as of Flink's slots; nobody takes from others.
    static AllocationPolicy fixed() {
        return new FixedPolicy(List.of());
    }

    /// More important jobs take from less important ones, down to their guarantees.
    static AllocationPolicy priority() {
        return new PriorityPolicy();
    }

    /// Reads `elastic`, `fair-share`, `fixed`, `priority`, or `fixed(windows=0.6,join=0.3)`.
    ///
    /// A pattern in `fixed` is the name of an operator or of a job, `*` standing for any text;
    /// owners that match the same pattern divide its fraction, and owners that match none divide
    /// what is left.
    ///
    /// @throws MemoryConfigurationException if there is no such policy or a fraction cannot be
    static AllocationPolicy parse(String text) {
        return PolicyText.parse(text);
    }
}
