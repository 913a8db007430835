package io.aquifer.memory.space;

/// The operating system refused to reserve addresses.
public final class AddressSpaceException extends Exception {
    private static final long serialVersionUID = 1L;

    AddressSpaceException(String message) {
        super(message);
    }
}
