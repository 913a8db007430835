package io.aquifer.engine;

import io.aquifer.api.graph.JobGraph;
import io.aquifer.memory.MemoryConfigurationException;
import io.aquifer.memory.MemoryLeakException;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
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
            }
        }
    }

    private synchronized void ended(Job job) {
        running.remove(job);
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
        memory = manager;
        plan = wanted;
        return manager;
    }

    /// Ends a manager that no job uses. What a stuck thread of an ended job still holds was named
    /// in that job's report; its addresses are never let again.
    private void retire(MemoryManager manager) {
        memory = null;
        plan = null;
        try {
            manager.close();
        } catch (MemoryLeakException told) {
            // Told by the job's report.
        }
    }
}
