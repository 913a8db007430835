package io.aquifer.state;

import io.aquifer.memory.kernel.PageAccess;
import io.aquifer.state.spill.SpillFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// Reads a run as [RunWriter] wrote it, block by block into a page.
final class RunReader<E> implements MergeInput<E> {
    private final SpillFile file;
    private final Run run;
    private final long page;
    private final RecordOrder<E> order;
    private final byte[] scratch;
    private final byte[] lengthBytes = new byte[Integer.BYTES];
    private final ByteSlot slot = new ByteSlot();
    private final CRC32C crc = new CRC32C();

    /// Of the run's records and bytes.
    private long recordsLeft;

    private long bytesRead;

    /// In the page.
    private int position;

    private int limit;
    private @Nullable E head;

    /// @param page holds the block at hand
    /// @param scratch of a block's size, shared by the readers of a merge
    RunReader(SpillFile file, Run run, long page, byte[] scratch, RecordOrder<E> order) {
        this.file = file;
        this.run = run;
        this.page = page;
        this.scratch = scratch;
        this.order = order;
        this.recordsLeft = run.records();
    }

    @Override
    public boolean advance() throws IOException {
        if (recordsLeft == 0) {
            return false;
        }
        recordsLeft--;
        read(lengthBytes, Integer.BYTES);
        int length = (int) RunWriter.INTS.get(lengthBytes, 0);
        if (length < 0 || length > run.largest()) {
            throw damaged("a record has " + length + " bytes");
        }
        read(slot.resize(length), length);
        head = order.decode(slot.array(), 0, length);
        return true;
    }

    @Override
    public E head() {
        E current = head;
        if (current == null) {
            throw new IllegalStateException("a run is asked for a record before its first");
        }
        return current;
    }

    @Override
    public ByteSlot bytes() {
        return slot;
    }

    private void read(byte[] to, int length) throws IOException {
        for (int done = 0; done < length; ) {
            if (position == limit) {
                readBlock();
            }
            int part = Math.min(length - done, limit - position);
            PageAccess.copy(page + position, to, done, part);
            position += part;
            done += part;
        }
    }

    private void readBlock() throws IOException {
        long at = run.start() + bytesRead;
        int bytes = (int) Math.min(RunWriter.BLOCK_BYTES, run.bytes() - bytesRead);
        if (bytes <= RunWriter.HEADER_BYTES) {
            throw damaged("the run ends early");
        }
        file.read(ByteBuffer.wrap(scratch, 0, bytes), at);
        int payload = bytes - RunWriter.HEADER_BYTES;
        int found = (int) RunWriter.INTS.get(scratch, 4);
        int expected = RunWriter.check(crc, at, scratch, RunWriter.HEADER_BYTES, payload);
        if ((int) RunWriter.INTS.get(scratch, 0) != payload || found != expected) {
            throw damaged("its checksum is not that of its bytes");
        }
        PageAccess.copy(scratch, RunWriter.HEADER_BYTES, page, payload);
        bytesRead += bytes;
        position = 0;
        limit = payload;
    }

    private IOException damaged(String what) {
        return new IOException(
                "the block at or before byte %,d is damaged: %s"
                        .formatted(run.start() + bytesRead, what));
    }
}
