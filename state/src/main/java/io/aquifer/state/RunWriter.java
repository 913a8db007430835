package io.aquifer.state;

import io.aquifer.state.spill.SpillFile;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// Writes one sorted run to a spill file, 256 KiB at a time.
///
/// ```
///  a run    | block of 32 KiB | block of 32 KiB | ... | block, shorter |
///  a block  | payload length i32 | CRC32C i32 | payload |              the check covers the place of
///  payload  | length i32 | record | length i32 | record | ...          the block and its payload
/// ```
///
/// Numbers are little endian. Records, and their lengths, go on from block to block. The file does
/// not outlive the process, so the form may change at any time.
final class RunWriter {
    static final int BLOCK_BYTES = PageSource.PAGE_BYTES;
    static final int HEADER_BYTES = 8;
    static final int BUFFER_BYTES = 256 << 10;

    static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final SpillFile file;
    private final long start;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final byte[] lengthBytes = new byte[Integer.BYTES];
    private final CRC32C crc = new CRC32C();

    /// What was written of the run before the buffer.
    private long flushed;

    /// Where the block begins that is being filled, and where its next byte goes.
    private int block;

    private int position = HEADER_BYTES;
    private long records;
    private int largest;

    /// @param start where the run begins in the file
    RunWriter(SpillFile file, long start) {
        this.file = file;
        this.start = start;
    }

    void record(byte[] bytes, int offset, int length) throws IOException {
        INTS.set(lengthBytes, 0, length);
        write(lengthBytes, 0, Integer.BYTES);
        write(bytes, offset, length);
        records++;
        largest = Math.max(largest, length);
    }

    private void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
            if (position == block + BLOCK_BYTES) {
                endBlock();
            }
            int part = Math.min(length - done, block + BLOCK_BYTES - position);
            System.arraycopy(bytes, offset + done, buffer, position, part);
            position += part;
            done += part;
        }
    }

    private void endBlock() throws IOException {
        int payload = position - block - HEADER_BYTES;
        INTS.set(buffer, block, payload);
        INTS.set(
                buffer,
                block + 4,
                check(crc, start + flushed + block, buffer, block + HEADER_BYTES, payload));
        block = position;
        if (block == BUFFER_BYTES) {
            flush();
        }
        position = block + HEADER_BYTES;
    }

    private void flush() throws IOException {
        file.write(ByteBuffer.wrap(buffer, 0, block), start + flushed);
        flushed += block;
        block = 0;
    }

    /// The checksum of a payload at a place of the file.
    static int check(CRC32C crc, long blockAt, byte[] bytes, int offset, int length) {
        crc.reset();
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            crc.update((int) (blockAt >>> shift) & 0xFF);
        }
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    /// Writes what is left, and says what the run is.
    Run finish() throws IOException {
        endBlock();
        if (block > 0) {
            flush();
        }
        return new Run(start, flushed, records, largest);
    }
}
