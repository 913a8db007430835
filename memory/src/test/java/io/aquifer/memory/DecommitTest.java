package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The kernel's own count of this process's memory rises with pages touched and falls when they go.
@EnabledOnOs(OS.LINUX)
class DecommitTest {
    private static final long PAGE = Plans.PAGE;
    private static final int PAGES = 4_096; // 128 MiB, far above what else moves in this process
    private static final long BYTES = PAGES * PAGE;
    private static final long NOISE = BYTES / 8;

    @Test
    void scopeEnd_pagesTouched_givesTheMemoryBackToTheSystem() throws IOException {
        try (MemoryManager manager = MemoryManager.create(Plans.managedOnly(PAGES))) {
            long before = residentOfProcess();
            MemoryScope scope = manager.openScope("task");
            touchAll(scope.leasePages(manager.managed(), "pages"), PAGES);
            long touched = residentOfProcess();

            scope.closeAndReport();
            manager.purge();

            assertThat(touched - before)
                    .as("resident while held")
                    .isBetween(BYTES - NOISE, BYTES + NOISE);
            assertThat(residentOfProcess() - before).as("resident after the end").isLessThan(NOISE);
        }
    }

    @Test
    void leaseClose_andManyReleases_purged_giveEverythingBack() throws IOException {
        try (MemoryManager manager = MemoryManager.create(Plans.managedOnly(PAGES));
                MemoryScope scope = manager.openScope("task")) {
            long before = residentOfProcess();
            PageLease lease = scope.leasePages(manager.managed(), "pages");
            touchAll(lease, PAGES);
            lease.close();
            manager.purge();

            assertThat(residentOfProcess() - before).isLessThan(NOISE);

            try (PageLease second = scope.leasePages(manager.managed(), "pages")) {
                touchAll(second, PAGES).forEach(second::releasePage);
                manager.purge();

                assertThat(second.pageCount()).isZero();
                assertThat(residentOfProcess() - before).isLessThan(NOISE);
            }
        }
    }

    @Test
    void purger_looksOften_givesTheMemoryBackToTheSystem() throws IOException {
        try (MemoryManager manager =
                        MemoryManager.create(
                                Plans.managedOnly(PAGES), MemoryOptions.DEFAULTS.withoutPurging());
                MemoryScope scope = manager.openScope("task")) {
            long before = residentOfProcess();
            PageLease lease = scope.leasePages(manager.managed(), "pages");
            touchAll(lease, PAGES);
            lease.close();
            assertThat(residentOfProcess() - before).isGreaterThan(BYTES - NOISE);

            int looks = 0;
            while (manager.ledger().purger().look()) {
                looks++;
            }

            assertThat(looks).as("a second, at ten looks each").isLessThan(10);
            assertThat(residentOfProcess() - before).isLessThan(NOISE);
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "aquifer.test.page-mode", matches = "mapped")
    void statistics_pagesTouched_agreeWithTheKernelWithinThreePercent() throws IOException {
        try (MemoryManager manager = MemoryManager.create(Plans.managedOnly(PAGES));
                MemoryScope scope = manager.openScope("task");
                PageLease lease = scope.leasePages(manager.managed(), "pages")) {
            List<Long> addresses = touchAll(lease, PAGES / 2);
            long ledger = manager.statistics().pageBytesResident();
            assertThat((double) residentOfMapping(addresses.getFirst()) / ledger)
                    .isBetween(0.97, 1.03);

            addresses.subList(PAGES / 8, PAGES / 2).forEach(lease::releasePage);
            ledger = manager.statistics().pageBytesResident();
            assertThat((double) residentOfMapping(addresses.getFirst()) / ledger)
                    .isBetween(0.97, 1.03);
        }
    }

    private static List<Long> touchAll(PageLease lease, int count) {
        List<Long> addresses = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            long address = lease.allocatePage();
            PageAccess.fill(address, PAGE, (byte) 1);
            addresses.add(address);
        }
        return addresses;
    }

    private static long residentOfProcess() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return kibibytes(line);
            }
        }
        throw new IllegalStateException("no VmRSS in /proc/self/status");
    }

    private static long residentOfMapping(long address) throws IOException {
        boolean inside = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                long from = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
                long to =
                        Long.parseUnsignedLong(
                                line.substring(line.indexOf('-') + 1, line.indexOf(' ')), 16);
                inside = address >= from && address < to;
            } else if (inside && line.startsWith("Rss:")) {
                return kibibytes(line);
            }
        }
        throw new IllegalStateException("no mapping at 0x" + Long.toHexString(address));
    }

    private static long kibibytes(String line) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
    }
}
