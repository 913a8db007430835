package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A signal whose waiting thread answers requests.
///
/// Goal: no wake-up and no request is lost, whatever the service does with the thread's permit.
@Timeout(60)
class SignalTest {
    private final Signal signal = new Signal();

    /// Requests by number; the service notes the last one it saw.
    private static final class Requests implements Runnable {
        volatile int asked;
        volatile int answered;

        @Override
        public void run() {
            answered = asked;
            swallowPermit();
        }
    }

    /// As a lock or IO may: whatever permit a wake-up has left behind is gone.
    private static void swallowPermit() {
        LockSupport.unpark(Thread.currentThread());
        LockSupport.park();
    }

    @Test
    void await_servesBeforeItLooks() {
        boolean[] ready = {false};
        signal.serveWith(() -> ready[0] = true);
        signal.await(() -> ready[0], Long.MAX_VALUE);
        assertThat(ready[0]).isTrue();
    }

    @Test
    void serve_answersOnce() {
        int[] served = {0};
        signal.serveWith(() -> served[0]++);
        signal.serve();
        assertThat(served[0]).isEqualTo(1);
    }

    @Test
    void await_withATimeout_endsWithoutBeingReady() {
        int[] served = {0};
        signal.serveWith(() -> served[0]++);
        signal.await(() -> false, 1);
        assertThat(served[0]).isPositive();
    }

    @Test
    void serviceThatSwallowsPermits_losesNeitherRequestsNorTheEnd() throws Exception {
        Requests requests = new Requests();
        boolean[] ended = {false};
        signal.serveWith(requests);
        int[] seen = {0};
        int last = 100_000;
        FutureTask<Boolean> waiting =
                new FutureTask<>(
                        () -> {
                            signal.await(() -> requests.answered == last, Long.MAX_VALUE);
                            seen[0] = requests.answered;
                            ended[0] = true;
                            return ended[0];
                        });
        Thread thread = Thread.ofPlatform().start(waiting);
        for (int request = 1; request <= last; request++) {
            requests.asked = request;
            signal.wake();
            while (requests.answered != request) {
                Thread.onSpinWait();
            }
        }
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isTrue();
        thread.join();
        assertThat(seen[0]).isEqualTo(last);
    }

    /// The moment between the service's look and the loss of the permit, which a race rarely hits.
    @Test
    void requestThatComesBehindTheLook_andWhosePermitIsSwallowed_isServed() throws Exception {
        Requests requests = new Requests();
        int last = 10;
        signal.serveWith(
                () -> {
                    requests.answered = requests.asked;
                    if (requests.asked < last) {
                        requests.asked = requests.answered + 1;
                        signal.wake();
                    }
                    swallowPermit();
                });
        FutureTask<Integer> waiting =
                new FutureTask<>(
                        () -> {
                            signal.await(() -> requests.answered == last, Long.MAX_VALUE);
                            return requests.answered;
                        });
        Thread.ofPlatform().daemon().start(waiting);
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(last);
    }

    @Test
    void serviceThatFails_endsTheWait_andTheSignalStaysUsable() {
        signal.serveWith(
                () -> {
                    throw new IllegalStateException("cannot give back");
                });
        assertThatThrownBy(() -> signal.await(() -> true, Long.MAX_VALUE))
                .hasMessage("cannot give back");
        signal.serveWith(() -> {});
        signal.await(() -> true, Long.MAX_VALUE);
        assertThat(signal.waitedNanos()).isPositive();
    }

    @Test
    void cancel_whileServing_endsTheWait() throws Exception {
        CountDownLatch serving = new CountDownLatch(1);
        CountDownLatch canceled = new CountDownLatch(1);
        signal.serveWith(
                () -> {
                    serving.countDown();
                    try {
                        canceled.await();
                    } catch (InterruptedException unexpected) {
                        throw new AssertionError(unexpected);
                    }
                });
        FutureTask<Throwable> waiting =
                new FutureTask<>(
                        () -> {
                            try {
                                signal.await(() -> false, Long.MAX_VALUE);
                                throw new AssertionError("not ready");
                            } catch (CanceledException expected) {
                                return expected;
                            }
                        });
        Thread thread = Thread.ofPlatform().start(waiting);
        serving.await();
        signal.cancel();
        canceled.countDown();
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isInstanceOf(CanceledException.class);
        thread.join();
    }
}
