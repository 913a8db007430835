package io.aquifer.connectors.files;

import dev.hardwood.internal.metadata.PageHeader;
import dev.hardwood.internal.metadata.PageHeader.PageType;
import dev.hardwood.internal.reader.Dictionary;
import dev.hardwood.internal.reader.Page;
import dev.hardwood.internal.reader.PageDecoder;
import dev.hardwood.internal.thrift.PageHeaderReader;
import dev.hardwood.internal.thrift.ThriftCompactReader;
import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.ColumnMetaData;
import dev.hardwood.metadata.Encoding;
import dev.hardwood.schema.ColumnSchema;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/// The data pages of one column in one row group, front to back, with a window of the file's bytes
/// in memory.
final class ParquetPages {
    private static final int WINDOW_BYTES = 128 * 1024;
    private static final int HEADER_BYTES_MAX = 16 * 1024 * 1024;
    private static final int PAGE_VALUES_MAX = 1 << 26;

    /// An array's header and its reference.
    private static final long DICTIONARY_VALUE_BYTES = 20;

    private final ParquetFile file;
    private final ColumnSchema column;
    private final ColumnMetaData metaData;
    private final PageCodecs codecs;
    private final PageDecoder decoder;
    private final long end;
    private long at;
    private byte[] window;
    private long windowStart;
    private int windowLength;
    private @Nullable Dictionary dictionary;
    private long dictionaryBytes;
    private @Nullable PageHeader header;
    private int headerBytes;

    /// @param window a buffer that may be used, of any size
    ParquetPages(
            ParquetFile file,
            ColumnSchema column,
            ColumnChunk chunk,
            PageCodecs codecs,
            byte[] window)
            throws IOException {
        this.file = file;
        this.column = column;
        this.metaData = chunk.metaData();
        this.codecs = codecs;
        this.window = window;
        decoder = new PageDecoder(metaData, column, codecs);
        at = chunk.chunkStartOffset();
        end = at + metaData.totalCompressedSize();
        if (at < 4 || end < at || end > file.length()) {
            throw new IOException("its footer points to bytes outside the file");
        }
    }

    /// What the window into the file and the dictionary occupy on the Java heap, about.
    long heapBytes() {
        return window.length + dictionaryBytes;
    }

    /// Whether the values of a page may be those of a dictionary.
    boolean hasDictionary() {
        return dictionary != null;
    }

    byte[] window() {
        return window;
    }

    /// The number of values in the next data page, -1 when there is none.
    ///
    /// @param most how many there may be
    int nextPageValues(long most) throws IOException {
        while (header == null) {
            if (at >= end) {
                return -1;
            }
            PageHeader next = readHeader();
            long size = (long) headerBytes + next.compressedPageSize();
            if (next.compressedPageSize() < 0
                    || next.uncompressedPageSize() < 0
                    || size > end - at) {
                throw new IOException("a page is larger than its column");
            }
            if (next.type() == PageType.DICTIONARY_PAGE) {
                dictionary = readDictionary(next);
                at += size;
            } else if (next.type() == PageType.DATA_PAGE || next.type() == PageType.DATA_PAGE_V2) {
                header = next;
            } else {
                at += size;
            }
        }
        int values =
                header.type() == PageType.DATA_PAGE
                        ? header.dataPageHeader().numValues()
                        : header.dataPageHeaderV2().numValues();
        if (values < 0 || values > Math.min(most, PAGE_VALUES_MAX)) {
            throw new IOException(
                    "a page of " + values + " values where at most " + most + " may follow");
        }
        return values;
    }

    /// Passes over the page that [#nextPageValues] spoke of.
    void skipPage() {
        PageHeader skipped = pending();
        at += headerBytes + skipped.compressedPageSize();
        header = null;
    }

    /// Decodes the page that [#nextPageValues] spoke of.
    @SuppressWarnings("NullAway") // Hardwood takes null for "no dictionary"
    Page readPage() throws IOException {
        PageHeader current = pending();
        checkMemory(current.uncompressedPageSize());
        ByteBuffer bytes = ensure(headerBytes + current.compressedPageSize());
        if (dictionary == null && usesDictionary(current)) {
            throw new IOException("a page refers to a dictionary that there is not");
        }
        Page page = decoder.decodePage(bytes, dictionary);
        skipPage();
        return page;
    }

    private static boolean usesDictionary(PageHeader header) {
        Encoding encoding =
                header.type() == PageType.DATA_PAGE
                        ? header.dataPageHeader().encoding()
                        : header.dataPageHeaderV2().encoding();
        return encoding == Encoding.RLE_DICTIONARY || encoding == Encoding.PLAIN_DICTIONARY;
    }

    private PageHeader pending() {
        PageHeader current = header;
        if (current == null) {
            throw new IllegalStateException("no page was announced");
        }
        return current;
    }

    private Dictionary readDictionary(PageHeader next) throws IOException {
        checkMemory(next.uncompressedPageSize());
        ByteBuffer bytes = ensure(headerBytes + next.compressedPageSize());
        ByteBuffer data = bytes.slice(headerBytes, next.compressedPageSize());
        byte[] plain =
                codecs.getDecompressor(metaData.codec())
                        .decompress(data, next.uncompressedPageSize());
        int values = next.dictionaryPageHeader().numValues();
        if (values < 0 || values > plain.length) {
            throw new IOException(
                    "a dictionary of " + plain.length + " bytes with " + values + " entries");
        }
        dictionaryBytes = plain.length + DICTIONARY_VALUE_BYTES * values;
        return Dictionary.parse(plain, values, column.type(), column.typeLength());
    }

    private PageHeader readHeader() throws IOException {
        int wanted = 256;
        while (true) {
            int available = (int) Math.min(wanted, end - at);
            ThriftCompactReader reader = new CheckedThriftReader(ensure(available));
            try {
                PageHeader read = PageHeaderReader.read(reader);
                headerBytes = reader.getBytesRead();
                if (read.type() == PageType.DATA_PAGE && read.dataPageHeader() == null
                        || read.type() == PageType.DATA_PAGE_V2 && read.dataPageHeaderV2() == null
                        || read.type() == PageType.DICTIONARY_PAGE
                                && read.dictionaryPageHeader() == null) {
                    throw new IOException("a page header without its second half");
                }
                return read;
            } catch (EOFException | java.nio.BufferUnderflowException e) {
                if (available < wanted || wanted >= HEADER_BYTES_MAX) {
                    throw new IOException("a page header is cut off", e);
                }
                wanted *= 8;
            }
        }
    }

    /// `count` bytes of the file from [#at] on, from the window.
    private ByteBuffer ensure(int count) throws IOException {
        if (at < windowStart || at + count > windowStart + windowLength) {
            int length = (int) Math.min(end - at, Math.max(count, WINDOW_BYTES));
            if (window.length < length) {
                window = new byte[length];
            }
            windowLength = 0;
            file.read(at, window, length);
            windowStart = at;
            windowLength = length;
        }
        return ByteBuffer.wrap(window, (int) (at - windowStart), count).slice();
    }

    /// A page must fit into memory several times over: as bytes, as values and as records.
    private static void checkMemory(int bytes) throws IOException {
        long most = Runtime.getRuntime().maxMemory() / 4;
        if (bytes > most) {
            throw new IOException(
                    "a page has "
                            + FileFormatException.grouped(bytes)
                            + " bytes, with this heap it may have "
                            + FileFormatException.grouped(most)
                            + "; raise -Xmx");
        }
    }
}
