package io.aquifer.engine;

import io.aquifer.api.graph.JobGraph;
import io.aquifer.memory.MemoryConfigurationException;
import io.aquifer.memory.MemoryLeakException;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryNode;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryReport;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.MemorySize;
import io.aquifer.memory.MemoryStatistics;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/// Owns this process's memory budget and runs its jobs: there is one in a JVM. Any thread.
///
/// The budget is the launcher's where the launcher started the process. In a host's JVM the first
/// job's `setMemory` sets it; while no job runs, the next one may set another.
public final class TaskManager {
    private static final TaskManager INSTANCE = new TaskManager();

    private final List<JobListener> listeners = new CopyOnWriteArrayList<>();
    private final Set<Job> running = new LinkedHashSet<>();

    /// Jobs that use the memory and do not run yet.
    private int starting;

    private @Nullable MemoryManager memory;
    private @Nullable MemoryPlan plan;

    /// The virtual machine's own areas, where the launcher has bounded them.
    private @Nullable MemoryScope machine;

    /// The resident set before the present budget held anything.
    private long baselineBytes;

    /// While jobs run.
    private @Nullable ContainerWatch container;

    private TaskManager() {}

    public static TaskManager get() {
        return INSTANCE;
    }

    /// Tells `listener` of every job that starts from now on.
    public void addListener(JobListener listener) {
        listeners.add(listener);
    }

    public void removeListener(JobListener listener) {
        listeners.remove(listener);
    }

    /// The jobs that run now.
    public synchronized List<JobView> jobs() {
        return List.copyOf(running);
    }

    /// This process's memory at this moment; nothing before the first job.
    public synchronized Optional<MemoryStatistics> memoryStatistics() {
        return Optional.ofNullable(memory).map(MemoryManager::statistics);
    }

    /// What the kernel says is resident beside what the ledger says; nothing before the first job.
    public synchronized Optional<ResidentFigure> residentFigure() {
        return memoryStatistics().map(now -> ResidentFigure.of(baselineBytes, now));
    }

    /// Everything that is held, as a tree; nothing before the first job.
    public synchronized Optional<MemoryNode> memoryTree() {
        return Optional.ofNullable(memory).map(MemoryManager::tree);
    }

    /// Everything the ledger knows, to be read by a person or as JSON; nothing before the first
    /// job.
    public synchronized Optional<MemoryReport> memoryReport() {
        return Optional.ofNullable(memory).map(MemoryManager::report);
    }

    /// Starts a job.
    ///
    /// @throws JobExecutionException when it cannot be started; nothing of it is left then
    Job start(JobGraph graph) {
        Job job = prepared(graph);
        try {
            job.run();
        } catch (Throwable failed) {
            ended(job);
            throw failed;
        }
        return job;
    }

    /// Makes the job, which may read a large checkpoint: other jobs do not wait for it.
    private Job prepared(JobGraph graph) {
        boolean taken = false;
        try {
            MemoryManager manager;
            synchronized (this) {
                manager = memoryFor(graph);
                starting++;
                taken = true;
                watchContainer(manager);
            }
            Job job = new Job(graph, manager, listeners, this::ended);
            synchronized (this) {
                running.add(job);
            }
            return job;
        } catch (RuntimeException failed) {
            throw JobExecutionException.notStarted(graph.name(), failed);
        } finally {
            synchronized (this) {
                starting -= taken ? 1 : 0;
                stopWatchWhenIdle();
            }
        }
    }

    private synchronized void ended(Job job) {
        running.remove(job);
        stopWatchWhenIdle();
    }

    /// Changes the budget while jobs run: more is there at once, less comes as it is given back.
    /// The Java heap and the virtual machine keep what they have.
    ///
    /// @throws MemoryConfigurationException if no job has run yet, or the size is less than what
    ///   cannot shrink or more than `aquifer.memory.ceiling`
    public synchronized void resizeMemory(MemorySize size) {
        MemoryManager manager = memory;
        if (manager == null) {
            throw MemoryConfigurationException.refused(
                    "there is no budget to change before the first job; use setMemory.");
        }
        manager.resize(size.bytes());
    }

    /// Ends the budget while no job runs, as at the end of the process: what records its use is
    /// complete then. The next job gets a new one.
    ///
    /// @return false when a job runs
    public synchronized boolean releaseMemory() {
        MemoryManager manager = memory;
        if (jobsInMemory() > 0) {
            return false;
        }
        if (manager != null) {
            retire(manager);
        }
        return true;
    }

    private void watchContainer(MemoryManager manager) {
        MemoryPlan current = plan;
        if (container == null && current != null) {
            ContainerWatch watch =
                    new ContainerWatch(
                            manager,
                            current.totalBytes(),
                            Math.max(
                                    current.totalBytes(),
                                    MemoryBudget.options(current).ceilingBytes()),
                            () -> MemoryLimits.here().smallestBytes());
            watch.start();
            container = watch;
        }
    }

    private void stopWatchWhenIdle() {
        ContainerWatch watch = container;
        if (jobsInMemory() == 0 && watch != null) {
            watch.close();
            container = null;
        }
    }

    private int jobsInMemory() {
        return running.size() + starting;
    }

    private MemoryManager memoryFor(JobGraph graph) {
        MemoryPlan wanted = MemoryBudget.forJob(graph.settings().memory());
        MemoryManager manager = memory;
        MemoryPlan current = plan;
        if (manager != null && current != null) {
            boolean takesWhatThereIs = graph.settings().memory() == null && jobsInMemory() > 0;
            if (current.equals(wanted) || takesWhatThereIs) {
                return manager;
            }
            if (jobsInMemory() > 0) {
                if (wanted.totalBytes() <= current.totalBytes()) {
                    return manager;
                }
                throw MemoryConfigurationException.refused(
                        "setMemory asks for %s, but this JVM's budget is %s and %d job(s) run in it. Let them end first, or give the first job's setMemory the larger size."
                                .formatted(
                                        new MemorySize(wanted.totalBytes()),
                                        new MemorySize(current.totalBytes()),
                                        jobsInMemory()));
            }
            retire(manager);
        }
        manager = MemoryManager.create(wanted, MemoryBudget.options(wanted));
        machine = chargeMachine(manager);
        baselineBytes = ResidentFigure.rss();
        memory = manager;
        plan = wanted;
        return manager;
    }

    private static @Nullable MemoryScope chargeMachine(MemoryManager manager) {
        Long bytes = Long.getLong(MemoryBudget.MACHINE);
        if (bytes == null) {
            return null;
        }
        MemoryScope scope = manager.openScope("virtual machine");
        scope.leaseBytes(manager.operation(), "areas beside the heap, at their caps")
                .reserve(bytes);
        return scope;
    }

    /// Ends a manager that no job uses. What a stuck thread of an ended job still holds was named
    /// in that job's report; its addresses are never let again.
    private void retire(MemoryManager manager) {
        memory = null;
        plan = null;
        MemoryScope areas = machine;
        if (areas != null) {
            areas.closeAndReport();
            machine = null;
        }
        try {
            manager.close();
        } catch (MemoryLeakException told) {
            // Told by the job's report.
        }
    }
}
