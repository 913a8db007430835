package io.aquifer.api.types;

/// Turns values of one type into bytes and back. Stateless as seen from outside; used by one thread
/// at a time.
///
/// **Invariant**: `deserialize` of what `serialize` wrote equals the value and consumes exactly
/// those bytes; equal values give equal bytes, so that bytes can stand for keys.
public interface TypeSerializer<T> {
    void serialize(T value, DataOutputSerializer out);

    T deserialize(DataInputDeserializer in);

    /// The number of bytes every value takes, or -1 when it differs.
    default int fixedLength() {
        return -1;
    }
}
