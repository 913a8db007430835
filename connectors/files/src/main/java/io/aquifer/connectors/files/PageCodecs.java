package io.aquifer.connectors.files;

import dev.hardwood.internal.compression.Decompressor;
import dev.hardwood.internal.compression.DecompressorFactory;
import dev.hardwood.metadata.CompressionCodec;

import io.aquifer.connectors.files.codec.ByteCodecs;
import io.aquifer.connectors.files.codec.ZstdDecoder;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Decompresses Parquet pages in Java alone: Zstandard, Snappy, LZ4 and gzip, with no native
/// library that would have to be unpacked somewhere. Brotli, LZO and the LZ4 of old Hadoop are
/// refused with what to do.
final class PageCodecs extends DecompressorFactory {
    private final ZstdDecoder zstd = new ZstdDecoder();

    @SuppressWarnings("NullAway") // Hardwood takes null for "no native gzip"
    PageCodecs() {
        super(null);
    }

    @Override
    public Decompressor getDecompressor(CompressionCodec codec) {
        return new Decompressor() {
            @Override
            public byte[] decompress(ByteBuffer compressed, int size) throws IOException {
                byte[] in = compressed.array();
                int from = compressed.arrayOffset() + compressed.position();
                int to = from + compressed.remaining();
                byte[] out = new byte[size];
                int written = PageCodecs.this.decompress(codec, in, from, to, out);
                if (written != size) {
                    throw new IOException(
                            "a "
                                    + codec
                                    + " page has "
                                    + written
                                    + " bytes, its header says "
                                    + size);
                }
                return out;
            }

            @Override
            public String getName() {
                return codec.name();
            }
        };
    }

    private int decompress(CompressionCodec codec, byte[] in, int from, int to, byte[] out)
            throws IOException {
        return switch (codec) {
            case UNCOMPRESSED -> {
                System.arraycopy(in, from, out, 0, Math.min(to - from, out.length));
                yield to - from;
            }
            case ZSTD -> zstd.decode(in, from, to, out, 0, out.length);
            case SNAPPY -> ByteCodecs.decodeSnappy(in, from, to, out, out.length);
            case LZ4_RAW -> ByteCodecs.decodeLz4(in, from, to, out, out.length);
            case GZIP -> {
                try (InputStream gzip =
                        new GzipStream(new ByteArrayInputStream(in, from, to - from))) {
                    yield gzip.readNBytes(out, 0, out.length);
                }
            }
            default -> throw new IOException("compression with " + codec + " is not supported");
        };
    }

    static boolean supports(CompressionCodec codec) {
        return switch (codec) {
            case UNCOMPRESSED, ZSTD, SNAPPY, LZ4_RAW, GZIP -> true;
            default -> false;
        };
    }
}
