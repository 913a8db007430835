package io.aquifer.connectors.files;

import dev.hardwood.internal.reader.Page;
import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.schema.ColumnSchema;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// One column of a Parquet file, value by value, with one decoded page in memory.
final class ParquetColumn {
    private static final int JULIAN_EPOCH_DAY = 2_440_588;

    /// A reference, which is all where values are those of a dictionary.
    private static final long REFERENCE_BYTES = 4;

    /// An array of bytes of the usual length.
    private static final long BINARY_BYTES = 36;

    private final ColumnSchema column;
    private final BoundColumn bound;
    private final ParquetConversion conversion;
    private final int scale;
    private final boolean unsigned;
    private final int maxDefinition;
    private @Nullable ParquetPages pages;
    private byte[] window = new byte[0];

    private long unread;
    private int at;
    private int size;
    private int @Nullable [] definitions;
    private long[] longs = new long[0];
    private double[] doubles = new double[0];
    private boolean[] booleans = new boolean[0];
    private byte[] @Nullable [] binaries = new byte[0][];

    ParquetColumn(ColumnSchema column, BoundColumn bound, ParquetConversion conversion) {
        this.column = column;
        this.bound = bound;
        this.conversion = conversion;
        this.scale = column.logicalType() instanceof LogicalType.DecimalType(int s, _) ? s : 0;
        this.unsigned =
                column.logicalType() instanceof LogicalType.IntType(_, boolean signed) && !signed;
        this.maxDefinition = column.maxDefinitionLevel();
    }

    /// What the page at hand and the window into the file occupy on the Java heap, about.
    long heapBytes() {
        long values = 8L * longs.length + 8L * doubles.length + booleans.length;
        int[] levels = definitions;
        long page = levels == null ? values : values + 4L * levels.length;
        ParquetPages source = pages;
        boolean shared = source != null && source.hasDictionary();
        page += (REFERENCE_BYTES + (shared ? 0 : BINARY_BYTES)) * binaries.length;
        return page + (source == null ? 0 : source.heapBytes());
    }

    String name() {
        return column.name();
    }

    /// @param rows how many the row group has
    void open(ParquetFile file, ColumnChunk chunk, long rows, PageCodecs codecs)
            throws IOException {
        unread = rows;
        pages = new ParquetPages(file, column, chunk, codecs, window);
        at = 0;
        size = 0;
    }

    /// Passes over `count` values, whole pages undecoded.
    void skip(long count) throws IOException {
        long left = count;
        while (left > 0) {
            if (at < size) {
                int step = (int) Math.min(left, size - at);
                at += step;
                left -= step;
                continue;
            }
            ParquetPages source = pages();
            int values = source.nextPageValues(unread);
            if (values < 0) {
                throw ended();
            }
            if (values <= left) {
                source.skipPage();
                unread -= values;
                left -= values;
            } else {
                load(source.readPage());
            }
        }
    }

    /// Makes sure that a value is there.
    ///
    /// @return how many are there at once, at least 1
    int available() throws IOException {
        while (at == size) {
            ParquetPages source = pages();
            int values = source.nextPageValues(unread);
            if (values < 0) {
                throw ended();
            }
            load(source.readPage());
        }
        return size - at;
    }

    private IOException ended() {
        return new IOException("it ends before the row group does");
    }

    private ParquetPages pages() {
        ParquetPages current = pages;
        if (current == null) {
            throw new IllegalStateException("column '" + column.name() + "' was not opened");
        }
        window = current.window();
        return current;
    }

    private void load(Page page) {
        at = 0;
        size = page.size();
        unread -= size;
        definitions = page.definitionLevels();
        switch (page) {
            case Page.LongPage p -> longs = p.values();
            case Page.IntPage p -> {
                longs = new long[size];
                int[] ints = p.values();
                for (int i = 0; i < size; i++) {
                    longs[i] = unsigned ? Integer.toUnsignedLong(ints[i]) : ints[i];
                }
            }
            case Page.DoublePage p -> doubles = p.values();
            case Page.FloatPage p -> {
                doubles = new double[size];
                float[] floats = p.values();
                for (int i = 0; i < size; i++) {
                    doubles[i] = Double.parseDouble(Float.toString(floats[i]));
                }
            }
            case Page.BooleanPage p -> booleans = p.values();
            case Page.ByteArrayPage p -> binaries = p.values();
        }
    }

    /// Puts the next value into the row; [#available] has said that it is there.
    @Nullable String accept() {
        int i = at++;
        int[] levels = definitions;
        if (levels != null && levels[i] < maxDefinition) {
            return bound.acceptMissing();
        }
        return switch (conversion) {
            case WHOLE -> bound.acceptWhole(longs[i]);
            case REAL -> bound.acceptReal(doubles[i]);
            case TRUTH -> bound.acceptBoolean(booleans[i]);
            case DATE -> bound.acceptDate(longs[i]);
            case MILLIS ->
                    bound.acceptTime(
                            Math.floorDiv(longs[i], 1000L),
                            (int) Math.floorMod(longs[i], 1000L) * 1_000_000);
            case MICROS ->
                    bound.acceptTime(
                            Math.floorDiv(longs[i], 1_000_000L),
                            (int) Math.floorMod(longs[i], 1_000_000L) * 1000);
            case NANOS ->
                    bound.acceptTime(
                            Math.floorDiv(longs[i], 1_000_000_000L),
                            (int) Math.floorMod(longs[i], 1_000_000_000L));
            case JULIAN -> acceptJulian(binary(i));
            case DECIMAL -> bound.acceptDecimal(decimal(i));
            case TEXT -> bound.acceptBytes(binary(i));
        };
    }

    private byte[] binary(int i) {
        byte[] value = binaries[i];
        return value == null ? new byte[0] : value;
    }

    private @Nullable String acceptJulian(byte[] value) {
        ByteBuffer buffer = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
        long nanos = buffer.getLong();
        long day = buffer.getInt() - JULIAN_EPOCH_DAY;
        return bound.acceptTime(
                day * 86_400 + Math.floorDiv(nanos, 1_000_000_000L),
                (int) Math.floorMod(nanos, 1_000_000_000L));
    }

    private BigDecimal decimal(int i) {
        if (column.type() == PhysicalType.INT32 || column.type() == PhysicalType.INT64) {
            return unsigned
                    ? new BigDecimal(Long.toUnsignedString(longs[i]))
                    : BigDecimal.valueOf(longs[i], scale);
        }
        byte[] value = binary(i);
        return value.length == 0 ? BigDecimal.ZERO : new BigDecimal(new BigInteger(value), scale);
    }

    /// The value that was accepted last, for a reject.
    String describe() {
        int i = at - 1;
        int[] levels = definitions;
        if (levels != null && levels[i] < maxDefinition) {
            return "";
        }
        return switch (conversion) {
            case REAL -> Double.toString(doubles[i]);
            case TRUTH -> Boolean.toString(booleans[i]);
            case DECIMAL -> decimal(i).toPlainString();
            case TEXT -> new String(binary(i), java.nio.charset.StandardCharsets.UTF_8);
            case JULIAN -> "";
            case DATE -> java.time.LocalDate.ofEpochDay(longs[i]).toString();
            case MILLIS -> time(1000);
            case MICROS -> time(1_000_000);
            case NANOS -> time(1_000_000_000);
            case WHOLE -> Long.toString(longs[i]);
        };
    }

    private String time(long perSecond) {
        long value = longs[at - 1];
        return java.time.LocalDateTime.ofEpochSecond(
                        Math.floorDiv(value, perSecond),
                        (int) (Math.floorMod(value, perSecond) * (1_000_000_000 / perSecond)),
                        java.time.ZoneOffset.UTC)
                .toString();
    }
}
