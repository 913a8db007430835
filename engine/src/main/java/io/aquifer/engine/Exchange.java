package io.aquifer.engine;

import io.aquifer.api.functions.KeySelector;
import io.aquifer.api.graph.Partitioning;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;
import io.aquifer.memory.Reclaimer;
import io.aquifer.memory.Rung;
import io.aquifer.operators.OperatorFactory;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// The channels of one edge: from every subtask of one chain to every subtask of the next, or
/// pairwise where records are forwarded one to one.
///
/// As a [Reclaimer] it gives back the pages that hold nothing in flight. Its pages belong to the
/// job, not to a subtask, and an idle page belongs to nobody ([ChannelPages]); so any thread may
/// reclaim at any time, also while the exchange is being closed and after.
final class Exchange implements Reclaimer {
    private final JobPlan.Edge edge;
    private final @Nullable Channel[][] channels;
    private final boolean pairwise;
    private final int keyGroups;
    private final int largestRecordBytes;

    /// @param producers the signals of the sending subtasks
    /// @param consumers the signals of the receiving subtasks
    /// @param keyGroups of the receiver
    /// @param pagesMost that each channel may hold
    /// @throws io.aquifer.memory.MemoryExhaustedException if the channels' least pages are not
    ///   there; nothing is held then
    Exchange(
            JobPlan.Edge edge,
            Signal[] producers,
            Signal[] consumers,
            int keyGroups,
            int pagesMost,
            MemoryScope scope,
            MemoryManager manager,
            int largestRecordBytes) {
        this.edge = edge;
        this.keyGroups = keyGroups;
        this.pairwise = isPairwise(edge, producers.length, consumers.length);
        this.largestRecordBytes = largestRecordBytes;
        this.channels = new Channel[producers.length][consumers.length];
        try {
            open(producers, consumers, pagesMost, scope, manager);
        } catch (RuntimeException | Error refused) {
            close();
            throw refused;
        }
    }

    private void open(
            Signal[] producers,
            Signal[] consumers,
            int pagesMost,
            MemoryScope scope,
            MemoryManager manager) {
        for (int from = 0; from < producers.length; from++) {
            for (int to = 0; to < consumers.length; to++) {
                if (!pairwise || from == to) {
                    String name =
                            "%s (%d) -> %s (%d)"
                                    .formatted(
                                            edge.input().from().name(),
                                            from + 1,
                                            edge.to().name(),
                                            to + 1);
                    PageLease lease = scope.leasePages(manager.network(), name);
                    channels[from][to] =
                            new Channel(lease, pagesMost, producers[from], consumers[to]);
                }
            }
        }
    }

    /// The channels an edge needs.
    static int channelCount(JobPlan.Edge edge, int producers, int consumers) {
        return isPairwise(edge, producers, consumers) ? producers : producers * consumers;
    }

    private static boolean isPairwise(JobPlan.Edge edge, int producers, int consumers) {
        return edge.input().partitioning() instanceof Partitioning.Forward
                && producers == consumers;
    }

    JobPlan.Edge edge() {
        return edge;
    }

    /// The sending end of one subtask; its functions are copies of its own.
    @SuppressWarnings("unchecked")
    RecordWriter writer(SubtaskId subtask) {
        int producer = subtask.index();
        List<ChannelWriter> writers = new ArrayList<>();
        for (Channel channel : channels[producer]) {
            if (channel != null) {
                writers.add(new ChannelWriter(channel, serializer(), largestRecordBytes));
            }
        }
        RecordWriter.Selection selection =
                switch (edge.input().partitioning()) {
                    case Partitioning.Forward forward ->
                            pairwise
                                    ? RecordWriter.Selection.FIRST
                                    : RecordWriter.Selection.ROUND_ROBIN;
                    case Partitioning.Rebalance rebalance -> RecordWriter.Selection.ROUND_ROBIN;
                    case Partitioning.Global global -> RecordWriter.Selection.FIRST;
                    case Partitioning.Broadcast broadcast -> RecordWriter.Selection.ALL;
                    case Partitioning.Hash hash -> RecordWriter.Selection.KEY;
                };
        RecordWriter.KeyBy keyBy =
                edge.input().partitioning() instanceof Partitioning.Hash hash
                        ? new RecordWriter.KeyBy(
                                OperatorFactory.copyOf(
                                        (KeySelector<Object, Object>) hash.keySelector(),
                                        edge.to()),
                                hash.location(),
                                subtask)
                        : null;
        return new RecordWriter(writers.toArray(new ChannelWriter[0]), selection, keyBy, keyGroups);
    }

    /// The receiving ends of one subtask.
    List<ChannelReader> readers(int consumer) {
        List<ChannelReader> readers = new ArrayList<>();
        for (Channel[] row : channels) {
            if (row[consumer] != null) {
                readers.add(new ChannelReader(row[consumer], serializer()));
            }
        }
        return readers;
    }

    @SuppressWarnings("unchecked")
    private TypeSerializer<Object> serializer() {
        try {
            return (TypeSerializer<Object>) edge.type().createSerializer();
        } catch (RuntimeException unsupported) {
            throw OperatorFailure.of(edge.input().from(), null, null, unsupported);
        }
    }

    @Override
    public Rung rung() {
        return Rung.IDLE_PAGES;
    }

    @Override
    public long reclaimableBytes() {
        long bytes = 0;
        for (Channel[] row : channels) {
            for (Channel channel : row) {
                bytes += channel == null ? 0 : channel.idleBytes();
            }
        }
        return bytes;
    }

    @Override
    public void reclaim(long bytes) {
        long left = Math.ceilDiv(bytes, MemoryManager.PAGE_SIZE_BYTES);
        for (Channel[] row : channels) {
            for (Channel channel : row) {
                if (channel != null) {
                    left -= channel.handBack((int) Math.min(left, Integer.MAX_VALUE));
                }
            }
        }
    }

    /// Gives all pages back. Only when no subtask of either side runs.
    void close() {
        for (Channel[] row : channels) {
            for (Channel channel : row) {
                if (channel != null) {
                    channel.close();
                }
            }
        }
    }
}
