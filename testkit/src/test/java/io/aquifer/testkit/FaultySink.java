package io.aquifer.testkit;

import io.aquifer.api.connector.Sink;
import io.aquifer.api.connector.SinkCommitter;
import io.aquifer.api.connector.SinkContext;
import io.aquifer.api.connector.SinkRun;
import io.aquifer.api.connector.SinkWriter;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// Notes what is asked of it, and fails in one of the calls.
final class FaultySink<T> implements Sink<T> {
    private static final long serialVersionUID = 1L;

    /// Where it fails.
    enum Fault {
        OPEN,
        CREATE_WRITER,
        WRITE,
        FINISH,
        CLOSE,
        PERSIST,
        COMMIT,
        NONE
    }

    private final String name;
    private final Fault fault;
    final transient AtomicInteger openWriters = new AtomicInteger();
    final transient AtomicInteger opened = new AtomicInteger();
    final transient AtomicInteger closed = new AtomicInteger();
    final transient AtomicInteger aborted = new AtomicInteger();
    final transient List<List<String>> committed = new CopyOnWriteArrayList<>();

    FaultySink(String name, Fault fault) {
        this.name = name;
        this.fault = fault;
    }

    private void fail(Fault here) throws IOException {
        if (fault == here) {
            throw new IOException("out.csv: broken in " + here);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public SinkCommitter open(SinkRun run) throws IOException {
        fail(Fault.OPEN);
        opened.incrementAndGet();
        return new Committer();
    }

    @Override
    public SinkWriter<T> createWriter(SinkContext context) throws IOException {
        fail(Fault.CREATE_WRITER);
        openWriters.incrementAndGet();
        return new SinkWriter<>() {
            private int written;

            @Override
            public void write(T value, long timestamp) throws IOException {
                if (++written == 10) {
                    fail(Fault.WRITE);
                }
            }

            @Override
            public List<String> finish(long checkpoint) throws IOException {
                fail(Fault.FINISH);
                return List.of("part " + context.subtaskIndex());
            }

            @Override
            public void close() throws IOException {
                openWriters.decrementAndGet();
                fail(Fault.CLOSE);
            }
        };
    }

    private final class Committer implements SinkCommitter {
        @Override
        public void persist(List<String> committables) throws IOException {
            fail(Fault.PERSIST);
        }

        @Override
        public void commit(List<String> committables) throws IOException {
            fail(Fault.COMMIT);
            committed.add(committables);
        }

        @Override
        public void abort() {
            aborted.incrementAndGet();
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }
}
