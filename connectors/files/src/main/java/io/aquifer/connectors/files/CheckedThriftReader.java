package io.aquifer.connectors.files;

import dev.hardwood.internal.thrift.ThriftCompactReader;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Reads Thrift structures without believing their lengths: nothing is allocated that the bytes at
/// hand could not fill.
final class CheckedThriftReader extends ThriftCompactReader {
    private final int length;

    CheckedThriftReader(ByteBuffer bytes) {
        super(bytes);
        length = bytes.remaining();
    }

    @Override
    public byte[] readBinary() throws IOException {
        long size = readVarint();
        check(size);
        byte[] bytes = new byte[(int) size];
        readBytes(bytes);
        return bytes;
    }

    @Override
    public CollectionHeader readListHeader() throws IOException {
        CollectionHeader header = super.readListHeader();
        check(header.size()); // an element takes a byte at least
        return header;
    }

    private void check(long size) throws EOFException {
        if (size < 0 || size > length - getBytesRead()) {
            throw new EOFException("a structure is larger than the bytes it stands in");
        }
    }
}
