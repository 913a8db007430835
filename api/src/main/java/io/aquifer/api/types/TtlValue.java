package io.aquifer.api.types;

/// What a state with a time to live stores for a value: when it was written or read last, in
/// milliseconds since the epoch, as 8 bytes, little endian, and then the value's own bytes.
public record TtlValue<T>(long lastAccess, T value) {
    /// The type of such values of a type.
    @SuppressWarnings("unchecked") // bound to the argument
    public static <T> TypeInformation<TtlValue<T>> typeOf(TypeInformation<T> type) {
        return (TypeInformation<TtlValue<T>>)
                (TypeInformation<?>) TypeInformation.bound(TtlValue.class, type);
    }
}
