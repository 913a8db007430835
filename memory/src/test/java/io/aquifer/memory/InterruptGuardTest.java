package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.lang.reflect.Proxy;

/// The guard itself, and that JUnit has it.
class InterruptGuardTest {
    private final ExtensionContext context =
            (ExtensionContext)
                    Proxy.newProxyInstance(
                            InterruptGuardTest.class.getClassLoader(),
                            new Class<?>[] {ExtensionContext.class},
                            (_, _, _) -> "reads()");

    @Test
    void everyTest_isWatched(TestInfo test) {
        assertThat(InterruptGuard.watched).isEqualTo(test.getDisplayName());
    }

    @Test
    void threadLeftInterrupted_failsTheTestAndIsFreeForTheNext() {
        InterruptGuard guard = new InterruptGuard();
        guard.afterEach(context);
        guard.afterAll(context);

        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> guard.afterEach(context))
                .isInstanceOf(AssertionError.class)
                .hasMessage(
                        "'reads()' left its thread interrupted; the flag is cleared for the"
                                + " others.");
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> guard.afterAll(context)).isInstanceOf(AssertionError.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
}
