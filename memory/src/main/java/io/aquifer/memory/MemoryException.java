package io.aquifer.memory;

/// What memory can refuse, unchecked; each subtype is one kind of cause.
///
/// | Type                          | Whose fault                                     |
/// |-------------------------------|-------------------------------------------------|
/// | [MemoryConfigurationException]| the user's: a size or a plan that cannot be met |
/// | [MemoryExhaustedException]    | nobody's: the budget is spent                   |
/// | [MemoryUseException]          | the program's: a lease used against its contract|
/// | [MemoryLeakException]         | the program's: leases left open at the end      |
/// | [MemoryTraceException]        | the file's: it is no whole trace                |
public abstract sealed class MemoryException extends RuntimeException
        permits MemoryConfigurationException,
                MemoryExhaustedException,
                MemoryUseException,
                MemoryLeakException,
                MemoryTraceException {
    private static final long serialVersionUID = 1L;

    MemoryException(String message) {
        super(message);
    }
}
