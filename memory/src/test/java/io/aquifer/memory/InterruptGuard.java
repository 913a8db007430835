package io.aquifer.memory;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test, or a class, that leaves its thread interrupted: another one that does IO would get
/// the blame. JUnit finds it by itself, for every test of this module.
///
/// A thread may be interrupted without anybody's asking: closing a shared arena throws whoever is
/// in the middle of an access out of it by an asynchronous exception, and HotSpot interrupts such a
/// thread as well.
public final class InterruptGuard
        implements BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    static volatile String watched = "";

    @Override
    public void beforeEach(ExtensionContext context) {
        watched = context.getDisplayName();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        requireNotInterrupted(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        requireNotInterrupted(context);
    }

    private static void requireNotInterrupted(ExtensionContext context) {
        if (Thread.interrupted()) {
            throw new AssertionError(
                    "'"
                            + context.getDisplayName()
                            + "' left its thread interrupted; the flag is cleared for the others.");
        }
    }
}
