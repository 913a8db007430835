package io.aquifer.api.types;

/// Bytes that are not what a serializer wrote: cut off, damaged, or written for another type.
///
/// The message says what was to be read, at which byte of how many, and what was found.
public final class CorruptRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CorruptRecordException(String message) {
        super(message);
    }
}
