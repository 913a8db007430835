package io.aquifer.engine;

import io.aquifer.api.functions.KeySelector;
import io.aquifer.api.graph.SourceLocation;

import org.jspecify.annotations.Nullable;

/// One subtask's end of an exchange: picks the channel for each record.
final class RecordWriter implements ChainTarget {
    private final ChannelWriter[] channels;
    private final Selection selection;
    private final @Nullable KeyBy keyBy;
    private final int[] channelOfKeyGroup;
    private int next;

    /// How a channel is picked.
    enum Selection {
        FIRST,
        ROUND_ROBIN,
        ALL,
        KEY
    }

    /// What a keyed exchange knows of its `keyBy`.
    ///
    /// @param subtask the sending one
    record KeyBy(KeySelector<Object, Object> selector, SourceLocation location, SubtaskId subtask) {
        Object key(Object value) {
            try {
                Object key = selector.getKey(value);
                if (key == null) {
                    throw new NullPointerException(
                            "the key is null; filter such records out before, or use a key for"
                                    + " them");
                }
                return key;
            } catch (Throwable failed) {
                throw OperatorFailure.ofKeyBy(location, subtask, value, failed);
            }
        }
    }

    /// @param keyGroups of the receiver
    RecordWriter(
            ChannelWriter[] channels, Selection selection, @Nullable KeyBy keyBy, int keyGroups) {
        this.channels = channels;
        this.selection = selection;
        this.keyBy = keyBy;
        channelOfKeyGroup = new int[keyGroups];
        for (int group = 0; group < keyGroups; group++) {
            channelOfKeyGroup[group] = KeyGroups.subtask(group, keyGroups, channels.length);
        }
    }

    @Override
    public void element(Object value, long timestamp) {
        switch (selection) {
            case FIRST -> channels[0].record(value, timestamp);
            case ROUND_ROBIN -> {
                channels[next].record(value, timestamp);
                next = next + 1 == channels.length ? 0 : next + 1;
            }
            case ALL -> {
                for (ChannelWriter channel : channels) {
                    channel.record(value, timestamp);
                }
            }
            case KEY -> channels[channelOf(value)].record(value, timestamp);
        }
    }

    private int channelOf(Object value) {
        KeyBy by = keyBy;
        if (by == null) {
            throw new IllegalStateException("a keyed exchange without a key selector");
        }
        return channelOfKeyGroup[KeyGroups.keyGroup(by.key(value), channelOfKeyGroup.length)];
    }

    @Override
    public void watermark(long watermark) {
        for (ChannelWriter channel : channels) {
            channel.watermark(watermark);
        }
    }

    void barrier(Barrier barrier) {
        for (ChannelWriter channel : channels) {
            channel.barrier(barrier);
        }
    }

    void flush() {
        for (ChannelWriter channel : channels) {
            channel.flush();
        }
    }

    void end() {
        for (ChannelWriter channel : channels) {
            channel.end();
        }
    }
}
