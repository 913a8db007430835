package io.aquifer.api.types;

/// A type for which there is no serializer, named with the way that led to it, such as
/// `Flight.extra: java.lang.Object`, and with what to do instead.
public final class UnsupportedTypeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    UnsupportedTypeException(String message) {
        super(message);
    }

    UnsupportedTypeException(String message, Throwable cause) {
        super(message, cause);
    }

    /// @param place the way from the root type, such as `Flight.extra`, empty for the root itself
    static UnsupportedTypeException at(
            String place, String typeName, String reason, String remedy) {
        String subject = place.isEmpty() ? typeName : place + ": " + typeName;
        return new UnsupportedTypeException(
                "no serializer for " + subject + ". " + reason + " " + remedy);
    }
}
