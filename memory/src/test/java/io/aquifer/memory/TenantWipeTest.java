package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Jobs that write a word of their own all over their pages, and look for others' in each page they
/// get.
///
/// Goal: no job ever sees a byte of another, whichever way a page went: unused grants, released
/// pages that stayed resident, pages that were decommitted, quarantines, leases that moved. Method:
/// every step comes from one seed; every word of every page is read as it is allocated.
class TenantWipeTest {
    private static final long PAGE = Plans.PAGE;
    private static final int STEPS = 1_500;
    private long now;
    private final MemoryManager manager =
            MemoryManager.create(
                    Plans.ofPages(60, 0, 0, 20, 5, 20),
                    MemoryOptions.DEFAULTS.withoutPurging().withClock(() -> now));
    private final List<Job> jobs = new ArrayList<>();
    private long lastStamp;
    private int pagesRead;
    private int oldWords;

    private static final class Job {
        final long stamp;
        final MemoryScope scope;
        final List<MemoryScope> tasks = new ArrayList<>();
        final Map<PageLease, List<Long>> leases = new LinkedHashMap<>();
        final MemoryScope.Entry late;

        Job(MemoryScope scope, long stamp, MemoryScope.Entry late) {
            this.scope = scope;
            this.stamp = stamp;
            this.late = late;
            this.tasks.add(scope);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void pages_passedBetweenJobs_showNothingOfTheOthers(long seed) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int step = 0; step < STEPS; step++) {
            oneStep(random);
            if (step % 100 == 0) {
                manager.statistics();
            }
        }
        for (Job job : jobs) {
            job.scope.closeAndReport();
            job.late.close();
        }
        assertThat(pagesRead).isGreaterThan(STEPS / 4);
        assertThat(oldWords).as("a job's own old words, so that pages were let again").isPositive();
        manager.close();
    }

    private void oneStep(SplittableRandom random) throws InterruptedException {
        int dice = random.nextInt(100);
        if (jobs.size() < 2 || dice < 3 && jobs.size() < 5) {
            MemoryScope scope = manager.openScope("job " + lastStamp);
            MemoryScope.Entry[] late = new MemoryScope.Entry[1];
            Thread.ofVirtual().start(() -> late[0] = scope.enter()).join();
            jobs.add(new Job(scope, ++lastStamp * 0x0101_0101L, late[0]));
            return;
        }
        Job job = jobs.get(random.nextInt(jobs.size()));
        if (dice < 5) {
            endJob(job, random);
        } else if (dice < 8) {
            MemoryScope task = job.scope.openScope("task " + dice);
            job.tasks.add(task);
        } else if (dice < 18 || job.leases.isEmpty()) {
            MemoryScope task = job.tasks.get(random.nextInt(job.tasks.size()));
            MemoryPool pool = random.nextInt(3) > 0 ? manager.managed() : manager.network();
            job.leases.put(task.leasePages(pool, "pages"), new ArrayList<>());
        } else if (dice < 21) {
            move(job, random);
        } else if (dice < 24) {
            PageLease lease = pick(job, random);
            job.leases.remove(lease);
            lease.close();
        } else if (dice < 26) {
            now += ScopeEnds.REST_NANOS;
            manager.purge();
        } else if (dice < 70) {
            allocate(job, pick(job, random), random);
        } else {
            PageLease lease = pick(job, random);
            List<Long> pages = job.leases.get(lease);
            for (int i = random.nextInt(10); i > 0 && !pages.isEmpty(); i--) {
                lease.releasePage(pages.remove(random.nextInt(pages.size())));
            }
        }
    }

    private void allocate(Job job, PageLease lease, SplittableRandom random) {
        for (int i = random.nextInt(12); i > 0; i--) {
            long page = lease.tryAllocatePage();
            if (page == 0) {
                return;
            }
            pagesRead++;
            for (int at = 0; at < PAGE; at += Long.BYTES) {
                long word = PageAccess.getLong(page + at);
                assertThat(word == 0 || word == job.stamp)
                        .as("word %x at %d of a page of %s", word, at, lease.owner())
                        .isTrue();
                oldWords += word == 0 ? 0 : 1;
            }
            stamp(page, job);
            job.leases.get(lease).add(page);
        }
    }

    private static void stamp(long page, Job job) {
        for (int at = 0; at < PAGE; at += Long.BYTES) {
            PageAccess.putLong(page + at, job.stamp);
        }
    }

    /// The new owner gets what is held with its contents, by agreement; here it writes over it.
    private void move(Job from, SplittableRandom random) {
        Job to = jobs.get(random.nextInt(jobs.size()));
        PageLease lease = pick(from, random);
        List<Long> pages = from.leases.remove(lease);
        lease.moveTo(to.tasks.get(random.nextInt(to.tasks.size())));
        pages.forEach(page -> stamp(page, to));
        to.leases.put(lease, pages);
    }

    private void endJob(Job job, SplittableRandom random) {
        if (random.nextBoolean()) {
            job.late.close();
        }
        List<MemorySegment> views = new ArrayList<>();
        job.leases.forEach(
                (lease, pages) -> {
                    if (!pages.isEmpty() && manager.statistics().pageMode() == PageMode.MAPPED) {
                        views.add(lease.view(pages.getFirst()));
                    }
                });
        views.forEach(view -> view.set(JAVA_LONG, 8, job.stamp));
        job.scope.closeAndReport();
        jobs.remove(job);
        boolean mapped = manager.statistics().pageMode() == PageMode.MAPPED;
        if (mapped && manager.statistics().quarantineBytes() > 0) {
            // The thread inside goes on writing by address to what its own scope had.
            job.leases.forEach(
                    (lease, pages) -> {
                        if (lease.scope == job.scope) {
                            pages.forEach(page -> stamp(page, job));
                        }
                    });
        }
        job.late.close();
    }

    private static PageLease pick(Job job, SplittableRandom random) {
        List<PageLease> leases = List.copyOf(job.leases.keySet());
        return leases.get(random.nextInt(leases.size()));
    }
}
