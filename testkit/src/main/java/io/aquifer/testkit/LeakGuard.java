package io.aquifer.testkit;

import io.aquifer.engine.JobListener;
import io.aquifer.engine.JobReport;
import io.aquifer.engine.JobView;
import io.aquifer.engine.TaskManager;
import io.aquifer.memory.MemoryStatistics;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Fails a test whose jobs left something behind: `@ExtendWith(LeakGuard.class)`. Jobs that still
/// run are cancelled, for the next test's sake.
///
/// After each test it asks, and says all that is wrong at once:
///
/// | Question                                                     | Else                                     |
/// |--------------------------------------------------------------|------------------------------------------|
/// | Have the threads of the test's jobs ended, within 10 s?      | names them, and where they are           |
/// | Does the task manager run no job?                            | names them                               |
/// | Does its memory manager hold 0 bytes?                        | names the holders                        |
/// | Did every task give its own memory back before its end?      | names what was left, and whose it was    |
///
/// **Threads.** Tests that start jobs in this process must not run concurrently.
public final class LeakGuard implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(LeakGuard.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int FRAMES = 5;

    private final Duration patience;

    /// Called by JUnit.
    public LeakGuard() {
        this(PATIENCE);
    }

    /// @param patience how long threads are given to end
    LeakGuard(Duration patience) {
        this.patience = patience;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        Jobs jobs = new Jobs();
        TaskManager.get().addListener(jobs);
        context.getStore(NAMESPACE).put(Jobs.class, jobs);
    }

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        Jobs jobs = context.getStore(NAMESPACE).remove(Jobs.class, Jobs.class);
        if (jobs == null) {
            return;
        }
        TaskManager.get().removeListener(jobs);
        List<String> faults = new ArrayList<>(stillAlive(jobs));
        TaskManager.get().jobs().forEach(job -> faults.add("job '" + job.name() + "' still runs"));
        TaskManager.get().memoryStatistics().ifPresent(memory -> faults.addAll(held(memory)));
        TaskManager.get().jobs().forEach(JobView::cancel);
        jobs.leaks.forEach(leak -> faults.add("given back by force: " + leak));
        if (!faults.isEmpty()) {
            throw new AssertionError(
                    "the test's jobs left something behind:\n  " + String.join("\n  ", faults));
        }
    }

    private List<String> stillAlive(Jobs jobs) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        List<String> alive = new ArrayList<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (jobs.owns(thread)
                    && !thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))) {
                alive.add("thread '" + thread.getName() + "' has not ended" + stack(thread));
            }
        }
        return alive;
    }

    /// Where a thread is, without the JDK's own frames.
    private static String stack(Thread thread) {
        StringBuilder text = new StringBuilder();
        int shown = 0;
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (shown < FRAMES
                    && !frame.getClassName().startsWith("java.")
                    && !frame.getClassName().startsWith("jdk.")) {
                text.append("\n      at ").append(frame);
                shown++;
            }
        }
        return text.toString();
    }

    private static List<String> held(MemoryStatistics memory) {
        List<String> held = new ArrayList<>();
        memory.holders()
                .forEach(
                        holder ->
                                held.add(
                                        "'"
                                                + holder.owner()
                                                + "' holds "
                                                + holder.bytes()
                                                + " bytes of '"
                                                + holder.pool()
                                                + "'"));
        if (held.isEmpty() && memory.heldBytes() != 0) {
            held.add("nobody holds " + memory.heldBytes() + " bytes");
        }
        return held;
    }

    /// The jobs that one test started, and what they reported.
    private static final class Jobs implements JobListener {
        private final Set<String> names = ConcurrentHashMap.newKeySet();
        private final ConcurrentLinkedQueue<String> leaks = new ConcurrentLinkedQueue<>();

        @Override
        public void jobStarted(JobView job) {
            names.add(job.name());
        }

        @Override
        public void jobFinished(JobReport report) {
            leaks.addAll(report.leaks());
        }

        /// The engine names its threads `job coordinator` and `job / chain (1/2)`.
        boolean owns(Thread thread) {
            String name = thread.getName();
            for (String job : names) {
                if (name.equals(job + " coordinator") || name.startsWith(job + " / ")) {
                    return true;
                }
            }
            return false;
        }
    }
}
