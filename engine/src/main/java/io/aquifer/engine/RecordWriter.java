package io.aquifer.engine;

import io.aquifer.api.functions.KeySelector;
import org.jspecify.annotations.Nullable;

/// One subtask's end of an exchange: picks the channel for each record.
final class RecordWriter implements ChainTarget {
    private final ChannelWriter[] channels;
    private final Selection selection;
    private final @Nullable KeySelector<Object, Object> keySelector;
    private final int[] channelOfKeyGroup;
    private int next;

    /// How a channel is picked.
    enum Selection {
        FIRST,
        ROUND_ROBIN,
        ALL,
        KEY
    }

    RecordWriter(
            ChannelWriter[] channels, Selection selection, @Nullable KeySelector<Object, Object> keySelector) {
        this.channels = channels;
        this.selection = selection;
        this.keySelector = keySelector;
        int groups = KeyGroups.maxParallelism(channels.length);
        channelOfKeyGroup = new int[groups];
        for (int group = 0; group < groups; group++) {
            channelOfKeyGroup[group] = KeyGroups.subtask(group, groups, channels.length);
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
        KeySelector<Object, Object> selector = keySelector;
        if (selector == null) {
            throw new IllegalStateException("a keyed exchange without a key selector");
        }
        Object key;
        try {
            key = selector.getKey(value);
        } catch (RuntimeException | Error failed) {
            throw failed;
        } catch (Exception failed) {
            throw new IllegalStateException("keyBy: " + failed, failed);
        }
        if (key == null) {
            throw new NullPointerException("keyBy gave a null key; filter such records out before, or use a key for them");
        }
        return channelOfKeyGroup[KeyGroups.keyGroup(key, channelOfKeyGroup.length)];
    }

    @Override
    public void watermark(long watermark) {
        for (ChannelWriter channel : channels) {
            channel.watermark(watermark);
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
