package io.aquifer.connectors.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;

/// Our gzip reader against the JDK's writer.
class GzipStreamTest {
    static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        return out.toByteArray();
    }

    private static byte[] unzip(byte[] compressed) throws IOException {
        try (GzipStream in = new GzipStream(new ByteArrayInputStream(compressed))) {
            return in.readAllBytes();
        }
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    @Test
    void members_severalAndPadded_areOneContent() throws IOException {
        byte[] first = new byte[100_000];
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < first.length; i++) {
            first[i] = (byte) random.nextInt(20);
        }
        byte[] members =
                concat(concat(gzip(first), gzip(new byte[0])), gzip("end".getBytes(UTF_8)));
        assertThat(unzip(members)).isEqualTo(concat(first, "end".getBytes(UTF_8)));
        assertThat(unzip(concat(members, new byte[700])))
                .isEqualTo(concat(first, "end".getBytes(UTF_8)));
    }

    @Test
    void truncation_atEveryByteOfTwoMembers_isAnErrorExceptBetweenThem() throws IOException {
        byte[] first = gzip("first,row\n".getBytes(UTF_8));
        byte[] both = concat(first, gzip("second,row\n".getBytes(UTF_8)));
        for (int cut = 1; cut < both.length; cut++) {
            byte[] part = Arrays.copyOf(both, cut);
            if (cut == first.length) {
                assertThat(unzip(part)).isEqualTo("first,row\n".getBytes(UTF_8));
            } else {
                assertThatThrownBy(() -> unzip(part))
                        .as("cut at %d", cut)
                        .isInstanceOf(CutOffException.class)
                        .hasMessage(
                                "is cut off: gzip has no end, the file stops after "
                                        + cut
                                        + " bytes");
            }
        }
    }

    @Test
    void everyFlippedBit_isAnErrorOrTheSameContent() throws IOException {
        byte[] content = "a,b\n1,2\n3,4\n".repeat(5).getBytes(UTF_8);
        byte[] whole = gzip(content);
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                assertThat(unzip(damaged)).as("bit %d", bit).isEqualTo(content);
            } catch (CutOffException expected) {
                assertThat(expected).hasMessageStartingWith("is ");
            }
        }
    }

    @Test
    void bytesBehindTheLastMember_areAnError() throws IOException {
        byte[] trailing = concat(gzip("x".getBytes(UTF_8)), "garbage".getBytes(UTF_8));
        assertThatThrownBy(() -> unzip(trailing))
                .hasMessageContaining("something that is not gzip follows");
    }
}
