package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.aquifer.api.JobClient;
import io.aquifer.api.StreamExecutionEnvironment;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// The guard itself: quiet about a clean test, and complete about one that left a job running.
@Timeout(60)
class LeakGuardTest {
    private static final CountDownLatch NEVER = new CountDownLatch(1);
    private static volatile CountDownLatch entered = new CountDownLatch(1);

    private final ExtensionContext context = context();

    /// An extension context that has a store, which is all that the guard uses.
    private static ExtensionContext context() {
        Map<Object, Object> values = new HashMap<>();
        InvocationHandler store =
                (proxy, method, arguments) ->
                        switch (method.getName()) {
                            case "put" -> values.put(arguments[0], arguments[1]);
                            case "remove" -> values.remove(arguments[0]);
                            default -> throw new UnsupportedOperationException(method.toString());
                        };
        ClassLoader loader = LeakGuardTest.class.getClassLoader();
        Object made =
                Proxy.newProxyInstance(
                        loader, new Class<?>[] {ExtensionContext.Store.class}, store);
        return (ExtensionContext)
                Proxy.newProxyInstance(
                        loader,
                        new Class<?>[] {ExtensionContext.class},
                        (proxy, method, arguments) -> made);
    }

    private static StreamExecutionEnvironment environment() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("32");
        env.setParallelism(1);
        return env;
    }

    @Test
    void finishedJob_isNothingToSay() throws Exception {
        LeakGuard guard = new LeakGuard();
        guard.beforeEach(context);
        StreamExecutionEnvironment env = environment();
        env.fromSequence(1, 100).keyBy(value -> value).reduce(Long::sum).collect(value -> {});
        env.execute("guarded");
        guard.afterEach(context);
    }

    @Test
    void jobThatStillRuns_isNamedWithItsThreadsAndMemory() throws Exception {
        entered = new CountDownLatch(1);
        LeakGuard guard = new LeakGuard(Duration.ofMillis(1));
        guard.beforeEach(context);
        StreamExecutionEnvironment env = environment();
        env.fromSequence(1, 100)
                .keyBy(value -> value)
                .reduce(Long::sum)
                .map(
                        value -> {
                            entered.countDown();
                            NEVER.await();
                            return value;
                        })
                .collect(value -> {});
        JobClient job = env.executeAsync("left behind");
        entered.await();
        Throwable thrown = catchThrowable(() -> guard.afterEach(context));
        assertThatThrownBy(job::getResult).hasMessage("job 'left behind' was cancelled");
        assertThat(thrown)
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("the test's jobs left something behind:")
                .hasMessageContaining("thread 'left behind coordinator' has not ended")
                .hasMessageContaining("thread 'left behind / reduce -> map (1/1)' has not ended")
                .hasMessageContaining("at io.aquifer.testkit.LeakGuardTest.")
                .hasMessageContaining("job 'left behind' still runs")
                .hasMessageContaining("'left behind / reduce -> map (1/1) / reduce / value' holds ")
                .hasMessageContaining(
                        "'left behind / exchange / sequence (1) -> reduce (1)' holds ");
    }
}
