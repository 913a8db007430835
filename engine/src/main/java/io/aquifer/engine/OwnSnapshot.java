package io.aquifer.engine;

import io.aquifer.operators.OperatorSnapshot;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// Takes what an operator gives of its own for one checkpoint.
final class OwnSnapshot implements OperatorSnapshot {
    private final long checkpoint;
    private final List<String> committables = new ArrayList<>();
    private byte @Nullable [] state;

    OwnSnapshot(long checkpoint) {
        this.checkpoint = checkpoint;
    }

    @Override
    public long checkpoint() {
        return checkpoint;
    }

    @Override
    public void state(byte[] bytes) {
        state = bytes;
    }

    @Override
    public void committables(List<String> added) {
        committables.addAll(added);
    }

    byte @Nullable [] state() {
        return state;
    }

    List<String> committables() {
        return committables;
    }
}
