package io.aquifer.operators;

import io.aquifer.api.OutputTag;

/// Where an operator's records go. Calls may wait for network memory.
public interface Output {
    /// Emits to the main output.
    void collect(Object value, long timestamp);

    /// Emits to a side output; a tag that nobody reads drops the record.
    void collect(OutputTag<?> tag, Object value, long timestamp);

    void watermark(long watermark);
}
