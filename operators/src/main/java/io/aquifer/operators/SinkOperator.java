package io.aquifer.operators;

import io.aquifer.api.connector.Sink;
import io.aquifer.api.connector.SinkWriter;

import org.jspecify.annotations.Nullable;

/// Writes records with one writer of a sink.
final class SinkOperator<IN> implements StreamOperator<IN> {
    private static final int CHARGE_EVERY = 256;

    private final OperatorContext context;
    private final Sink<IN> sink;
    private @Nullable SinkWriter<IN> writer;
    private int writes;

    SinkOperator(Sink<IN> sink, OperatorContext context) {
        this.context = context;
        this.sink = sink;
    }

    @Override
    public void open() throws Exception {
        SinkWriter<IN> opened = sink.createWriter(context.sinkContext());
        writer = opened;
        context.chargeHeap(opened.heapBytes());
    }

    private SinkWriter<IN> writer() {
        SinkWriter<IN> opened = writer;
        if (opened == null) {
            throw new IllegalStateException("the sink " + context.node() + " is not open");
        }
        return opened;
    }

    @Override
    public void processElement(IN value, long timestamp) throws Exception {
        SinkWriter<IN> open = writer();
        open.write(value, timestamp);
        if (++writes % CHARGE_EVERY == 0) {
            context.chargeHeap(open.heapBytes());
        }
    }

    @Override
    public void processWatermark(long watermark) throws Exception {
        writer().writeWatermark(watermark);
    }

    @Override
    public void snapshot(OperatorSnapshot snapshot) throws Exception {
        SinkWriter<IN> open = writer();
        snapshot.committables(open.prepareCommit(snapshot.checkpoint()));
        byte[] state = open.snapshotState();
        if (state.length > 0) {
            snapshot.state(state);
        }
    }

    @Override
    public void finish(OperatorSnapshot last) throws Exception {
        last.committables(writer().finish(last.checkpoint()));
    }

    @Override
    public void close() throws Exception {
        SinkWriter<IN> opened = writer;
        writer = null;
        if (opened != null) {
            try {
                opened.close();
            } finally {
                context.chargeHeap(0);
            }
        }
    }
}
