package io.aquifer.api.types;

/// A record whose bytes would pass the limit of the [DataOutputSerializer] it is written to.
public final class RecordTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long neededBytes;
    private final int maxBytes;

    RecordTooLargeException(long neededBytes, int maxBytes) {
        super(
                "a record of at least %,d bytes exceeds the largest record of %,d bytes. Make the record smaller, for "
                                .formatted(neededBytes, maxBytes)
                        + "example by splitting its collections, or give the job more memory: the"
                        + " largest record follows from its budget.");
        this.neededBytes = neededBytes;
        this.maxBytes = maxBytes;
    }

    /// The bytes the record was known to need when writing it stopped; the whole record may need
    /// more.
    public long neededBytes() {
        return neededBytes;
    }

    public int maxBytes() {
        return maxBytes;
    }
}
