package io.aquifer.connectors.files.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.airlift.compress.v3.Compressor;
import io.airlift.compress.v3.lz4.Lz4NativeCompressor;
import io.airlift.compress.v3.snappy.SnappyNativeCompressor;
import io.airlift.compress.v3.zstd.ZstdNativeCompressor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;

/// The decoders against the original libraries as encoders, on data of every compressibility.
///
/// Damage may be noticed or not, since most pages carry no checksum; it must never do anything else
/// than throw an [IOException] or an [IndexOutOfBoundsException], or return.
class CodecsTest {
    private static final int CASES = 60;

    private interface Decode {
        int into(byte[] in, int length, byte[] out, int outLength) throws IOException;
    }

    private static final ZstdDecoder ZSTD = new ZstdDecoder();

    /// From all equal to incompressible, with runs, repeats of earlier parts and skewed bytes.
    private static byte[] data(SplittableRandom random, int sizeMax) {
        byte[] data = new byte[random.nextInt(sizeMax)];
        int alphabet = 1 + random.nextInt(random.nextBoolean() ? 4 : 256);
        int at = 0;
        while (at < data.length) {
            int length =
                    Math.min(
                            data.length - at,
                            1 + random.nextInt(random.nextInt(20) == 0 ? 70_000 : 40));
            int kind = random.nextInt(4);
            if (kind == 0 && at > 0) {
                int from = random.nextInt(at);
                for (int i = 0; i < length; i++) {
                    data[at + i] = data[from + i];
                }
            } else if (kind == 1) {
                Arrays.fill(data, at, at + length, (byte) random.nextInt(alphabet));
            } else {
                for (int i = 0; i < length; i++) {
                    data[at + i] =
                            (byte) Math.min(random.nextInt(alphabet), random.nextInt(alphabet));
                }
            }
            at += length;
        }
        return data;
    }

    private static void roundTripAndDamage(
            long seed, SplittableRandom random, Compressor compressor, Decode decode)
            throws IOException {
        byte[] data = data(random, random.nextInt(3) == 0 ? 1_000_000 : 3_000);
        byte[] compressed = new byte[compressor.maxCompressedLength(data.length)];
        int length = compressor.compress(data, 0, data.length, compressed, 0, compressed.length);
        byte[] out = new byte[data.length];
        assertThat(decode.into(compressed, length, out, out.length))
                .as("seed %d", seed)
                .isEqualTo(data.length);
        assertThat(out).as("seed %d", seed).isEqualTo(data);

        for (int i = 0; i < 20 && length > 0; i++) {
            byte[] damaged = Arrays.copyOf(compressed, length);
            int cut = random.nextBoolean() ? length : random.nextInt(length);
            if (cut == length) {
                damaged[random.nextInt(length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                decode.into(damaged, cut, out, out.length);
            } catch (IOException | IndexOutOfBoundsException expected) {
                // the two allowed ways to notice
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 20, 303, 4004})
    void zstd_anyDataAndLevel_givesItBackAndSurvivesDamage(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < CASES; i++) {
            int level = i % 10 == 0 ? 19 : 1 + random.nextInt(9);
            roundTripAndDamage(
                    seed,
                    random,
                    new ZstdNativeCompressor(level),
                    (in, length, out, outLength) -> ZSTD.decode(in, 0, length, out, 0, outLength));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 20, 303})
    void snappy_anyData_givesItBackAndSurvivesDamage(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < CASES; i++) {
            roundTripAndDamage(
                    seed,
                    random,
                    new SnappyNativeCompressor(),
                    (in, length, out, outLength) ->
                            ByteCodecs.decodeSnappy(in, 0, length, out, outLength));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 20, 303})
    void lz4_anyData_givesItBackAndSurvivesDamage(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < CASES; i++) {
            roundTripAndDamage(
                    seed,
                    random,
                    new Lz4NativeCompressor(),
                    (in, length, out, outLength) ->
                            ByteCodecs.decodeLz4(in, 0, length, out, outLength));
        }
    }

    /// Written by `zstd --check` from "aquifer, " twenty times.
    private static final byte[] CHECKED =
            HexFormat.of().parseHex("28b52ffd045885000048617175696665722c2001002852e508ab9963cb");

    @Test
    void zstd_contentChecksum_isVerified() throws IOException {
        byte[] out = new byte[180];
        assertThat(ZSTD.decode(CHECKED, 0, CHECKED.length, out, 0, 180)).isEqualTo(180);
        assertThat(new String(out, UTF_8)).isEqualTo("aquifer, ".repeat(20));

        byte[] wrong = CHECKED.clone();
        wrong[wrong.length - 1] ^= 1;
        assertThatThrownBy(() -> ZSTD.decode(wrong, 0, wrong.length, out, 0, 180))
                .hasMessage("the checksum of a Zstandard frame is wrong");
    }

    @Test
    void zstd_severalFramesAndASkippableOne_areOneContent() throws IOException {
        byte[] skippable = {0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 9, 9, 9};
        byte[] in = Arrays.copyOf(CHECKED, CHECKED.length * 2 + skippable.length);
        System.arraycopy(skippable, 0, in, CHECKED.length, skippable.length);
        System.arraycopy(CHECKED, 0, in, CHECKED.length + skippable.length, CHECKED.length);
        byte[] out = new byte[360];
        assertThat(ZSTD.decode(in, 0, in.length, out, 0, 360)).isEqualTo(360);
    }

    @Test
    void zstd_everyTruncation_isNoticed() {
        byte[] out = new byte[180];
        for (int cut = 1; cut < CHECKED.length; cut++) {
            int length = cut;
            assertThatThrownBy(() -> ZSTD.decode(CHECKED, 0, length, out, 0, 180))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void xxHash_knownInputs_knownHashes() {
        assertThat(XxHash64.hash(new byte[0], 0, 0)).isEqualTo(0xEF46DB3751D8E999L);
        assertThat(XxHash64.hash("a".getBytes(UTF_8), 0, 1)).isEqualTo(0xD24EC4F1A98C6E5BL);
        assertThat(XxHash64.hash("abc".getBytes(UTF_8), 0, 3)).isEqualTo(0x44BC2CF5AD770999L);
    }
}
