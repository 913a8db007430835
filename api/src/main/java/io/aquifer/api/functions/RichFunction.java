package io.aquifer.api.functions;

import org.jspecify.annotations.Nullable;

/// A function with a life: opened before the first record and closed after the last, on the
/// subtask's own thread.
public abstract class RichFunction implements Function {
    private static final long serialVersionUID = 1L;

    private transient @Nullable RuntimeContext runtimeContext;

    protected RichFunction() {}

    /// Called once before the first record.
    public void open() throws Exception {}

    /// Called once after the last record, after a failure too.
    public void close() throws Exception {}

    /// State, counters and the subtask's place; from [#open] on.
    public final RuntimeContext getRuntimeContext() {
        RuntimeContext context = runtimeContext;
        if (context == null) {
            throw new IllegalStateException(
                    "getRuntimeContext() is not there before open(): move the call from the"
                            + " constructor to open()");
        }
        return context;
    }

    /// Called by the engine, once, before [#open].
    public final void setRuntimeContext(RuntimeContext context) {
        runtimeContext = context;
    }
}
