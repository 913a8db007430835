package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.connector.Sink;
import io.aquifer.api.connector.SinkCommitter;
import io.aquifer.api.connector.SinkContext;
import io.aquifer.api.connector.SinkRun;
import io.aquifer.api.connector.SinkWriter;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// A sink in two phases whose disk is a map that outlives jobs, and that checks what the engine
/// owes it: nothing is committed that was not persisted, what was committed stays, and an attempt
/// ends exactly once.
final class DurableSink implements Sink<String> {
    private static final long serialVersionUID = 1L;
    private static final Map<String, Disk> DISKS = new ConcurrentHashMap<>();

    private final String name;

    /// What outlives a process.
    static final class Disk {
        final Map<String, List<String>> hidden = new HashMap<>();
        final TreeMap<String, List<String>> visible = new TreeMap<>();
        final Map<String, Long> checkpointOf = new HashMap<>();
        boolean ignoresAbort;
        private String openRun = "";
        private int files;
    }

    DurableSink(String name) {
        this.name = name;
    }

    Disk disk() {
        return DISKS.computeIfAbsent(name, ignored -> new Disk());
    }

    /// Every visible record.
    List<String> records() {
        Disk disk = disk();
        synchronized (disk) {
            List<String> records = new ArrayList<>();
            disk.visible.values().forEach(records::addAll);
            return records;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public SinkCommitter open(SinkRun run) {
        Disk disk = disk();
        synchronized (disk) {
            assertThat(disk.openRun).as("an attempt that was not closed").isEmpty();
            disk.openRun = run.runId();
            if (run.restoredCheckpoint() == 0) {
                disk.hidden.clear();
                disk.visible.clear();
            }
        }
        return new Committer(disk, run.restoredCheckpoint());
    }

    private static final class Committer implements SinkCommitter {
        private final Disk disk;
        private final long restored;
        private final List<String> persisted = new ArrayList<>();
        private boolean first = true;

        Committer(Disk disk, long restored) {
            this.disk = disk;
            this.restored = restored;
        }

        @Override
        public void persist(List<String> committables) {
            synchronized (disk) {
                assertThat(disk.hidden.keySet()).containsAll(committables);
                persisted.addAll(committables);
            }
        }

        @Override
        public void commit(List<String> committables) {
            synchronized (disk) {
                boolean again = first && restored > 0;
                first = false;
                if (!again) {
                    assertThat(persisted)
                            .as("persisted before committed")
                            .containsAll(committables);
                }
                for (String committable : committables) {
                    List<String> records = disk.hidden.remove(committable);
                    if (records == null) {
                        assertThat(again).as("committed once in an attempt").isTrue();
                        assertThat(disk.visible).containsKey(committable);
                    } else {
                        disk.visible.put(committable, records);
                    }
                }
                if (again) {
                    disk.hidden.clear();
                    disk.visible
                            .keySet()
                            .removeIf(part -> disk.checkpointOf.getOrDefault(part, 0L) > restored);
                }
            }
        }

        @Override
        public void abort() {
            synchronized (disk) {
                if (!disk.ignoresAbort) {
                    disk.hidden.clear();
                }
            }
        }

        @Override
        public void close() {
            synchronized (disk) {
                assertThat(disk.openRun).as("closed twice").isNotEmpty();
                disk.openRun = "";
            }
        }
    }

    @Override
    public SinkWriter<String> createWriter(SinkContext context) {
        Disk disk = disk();
        return new SinkWriter<>() {
            /// Records since the last part, and some that were held back then.
            private final List<String> written = new ArrayList<>();

            {
                for (byte[] state : context.restoredState()) {
                    written.addAll(List.of(new String(state, StandardCharsets.UTF_8).split("\n")));
                }
            }

            @Override
            public void write(String value, long timestamp) {
                written.add(value);
            }

            @Override
            public List<String> prepareCommit(long checkpoint) {
                int kept = written.size() % 7;
                return part(checkpoint, written.size() - kept);
            }

            @Override
            public byte[] snapshotState() {
                return String.join("\n", written).getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public List<String> finish(long checkpoint) {
                return part(checkpoint, written.size());
            }

            private List<String> part(long checkpoint, int count) {
                if (count == 0) {
                    return List.of();
                }
                synchronized (disk) {
                    String part = "part " + disk.files++;
                    disk.hidden.put(part, new ArrayList<>(written.subList(0, count)));
                    disk.checkpointOf.put(part, checkpoint);
                    written.subList(0, count).clear();
                    return List.of(part);
                }
            }

            @Override
            public void close() throws IOException {}
        };
    }
}
