package io.aquifer.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.aquifer.engine.Seeds;
import io.aquifer.engine.checkpoint.CheckpointManifest.Kind;
import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.SplitPosition;
import io.aquifer.engine.checkpoint.CheckpointManifest.SplitPosition.Status;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/// Manifests of nasty texts and extreme numbers, there and back; and every damage refused.
class ManifestTextTest {
    private static final String[] NASTY = {
        "",
        "\t",
        "\n",
        "\r\n",
        "\\",
        "\\t",
        "\\u0041",
        "\u0000",
        "\u007f\u0085\u2028\u2029",
        "\ud800",
        "\udc00\ud800",
        "\ud83d\ude00",
        "crc32c\t00000000\n",
        "operator",
        "\ufeff",
        "größe 高",
        " ",
        "../../etc/passwd",
        "a=b;c"
    };

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            if (random.nextBoolean()) {
                text.append(NASTY[random.nextInt(NASTY.length)]);
            } else {
                text.append((char) random.nextInt(0x10000));
            }
        }
        return text.toString();
    }

    private static long number(SplittableRandom random) {
        return switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> Long.MIN_VALUE;
            case 2 -> Long.MAX_VALUE;
            case 3 -> random.nextInt(1000);
            default -> random.nextLong();
        };
    }

    private static Map<String, Long> counts(SplittableRandom random) {
        Map<String, Long> counts = new HashMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            counts.put(text(random), number(random));
        }
        return counts;
    }

    private static CheckpointManifest manifest(SplittableRandom random) {
        List<OperatorState> operators = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            operators.add(operator(random, text(random) + i));
        }
        Instant started =
                switch (random.nextInt(4)) {
                    case 0 -> Instant.MIN;
                    case 1 -> Instant.MAX;
                    case 2 -> Instant.EPOCH.plusNanos(random.nextLong());
                    default -> Samples.START;
                };
        return new CheckpointManifest(
                1 + random.nextLong(CheckpointNames.MAX_ID),
                text(random),
                text(random),
                Kind.values()[random.nextInt(Kind.values().length)],
                started,
                Duration.ofSeconds(number(random), random.nextInt(1_000_000_000)),
                Duration.ofSeconds(number(random), random.nextInt(1_000_000_000)),
                number(random) & Long.MAX_VALUE,
                counts(random),
                counts(random),
                operators);
    }

    private static OperatorState operator(SplittableRandom random, String id) {
        List<SplitPosition> splits = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            splits.add(
                    new SplitPosition(
                            text(random) + i,
                            number(random),
                            number(random),
                            number(random),
                            Status.values()[random.nextInt(3)],
                            text(random)));
        }
        List<StateFile> files = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            String name = CheckpointNames.stateFile(id, i);
            long checkpoint = 1 + random.nextLong(1000);
            files.add(
                    new StateFile(
                            CheckpointNames.directory(checkpoint) + '/' + name,
                            i,
                            number(random) & Long.MAX_VALUE));
        }
        List<String> committables = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            committables.add(text(random));
        }
        return new OperatorState(
                id,
                text(random),
                text(random),
                1 + random.nextInt(Integer.MAX_VALUE),
                1 + random.nextInt(Integer.MAX_VALUE),
                number(random),
                splits,
                files,
                committables);
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void manifest_ofAnyTexts_comesBackEqual(long seed) throws CorruptTextException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 2_000; i++) {
            CheckpointManifest manifest = manifest(random);
            byte[] content = ManifestText.of(manifest);
            assertThat(ManifestText.parse(content, "m")).isEqualTo(manifest);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void parse_ofAnyChangedOrMissingByte_refuses(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 20; i++) {
            byte[] content = ManifestText.of(manifest(random));
            for (int at = 0; at < content.length; at++) {
                byte[] flipped = content.clone();
                flipped[at] ^= (byte) (1 << random.nextInt(8));
                refused(flipped);
                refused(Arrays.copyOf(content, at));
            }
            refused(Arrays.copyOf(content, content.length + 1 + random.nextInt(9)));
        }
    }

    private static void refused(byte[] content) {
        assertThatExceptionOfType(CorruptTextException.class)
                .isThrownBy(() -> ManifestText.parse(content, "chk-000007/manifest"))
                .withMessageStartingWith("chk-000007/manifest line ");
    }

    private static final String LINES =
            """
            aquifer-checkpoint\t1
            id\t7
            run\t00000000000000ab
            job\tflights
            kind\tPERIODIC
            started\t2026-03-01T10:00:00Z
            took\t1\t5
            interval\t10\t0
            records\t100
            reject\tshort\t2
            counter\tseen\t3
            operator\ta\tA\tProcess\t2\t128\t-5
            split\ts\t0\t10\t5\tSTARTED\trow 5
            file\tchk-000007/a-0.state\t0\t10
            committable\tpart-7
            operator\tb\tB\tProcess\t2\t128\t-5
            """;

    private static byte[] withChecksum(String lines) {
        CRC32C crc = new CRC32C();
        crc.update(lines.getBytes(StandardCharsets.UTF_8));
        return (lines + "crc32c\t" + HexFormat.of().toHexDigits((int) crc.getValue()) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void parse_theTextInTheDocuments_reads() throws CorruptTextException {
        CheckpointManifest manifest = ManifestText.parse(withChecksum(LINES), "m");

        assertThat(manifest.operators()).hasSize(2);
        assertThat(ManifestText.of(manifest)).isEqualTo(withChecksum(LINES));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    checkpoint\\t1|checkpoint\\t2|line 1: version '2' is not known; this program
                    id\\t7|id\\t07|line 2: '07' is not a number as
                    id\\t7|id\\tseven|line 2: 'seven' is not a number
                    id\\t7|id\\t0|line 2: 0 is not between 1 and
                    id\\t7|id\\t7\\t8|line 2: expected 1 fields after 'id', found 2
                    job\\tflights|job\\tfli\\\\x|line 4: a field is not escaped as it should be
                    job\\tflights|job\\tfli\\\\u0041|line 4: a field is not escaped
                    job\\tflights\\n||line 4: expected 'job', found 'kind'
                    PERIODIC|OFTEN|line 5: 'OFTEN' is none of [PERIODIC, STOP, FINAL]
                    T10:00:00Z|T10:00Z|line 6: '2026-03-01T10:00Z' is not a time
                    took\\t1\\t5|took\\t1\\t1000000000|line 7: 1000000000 is not between
                    counter\\tseen|reject\\tshort|line 11: reject 'short' occurs twice
                    counter\\tseen|counted\\tseen|line 11: expected 'operator', found 'counted'
                    operator\\tb|operator\\ta|line 16: operator 'a' occurs twice
                    chk-000007/a-0.state|chk-000007/../a.state|line 14: 'chk-000007/../a.state' is
                    chk-000007/a-0.state|/etc/passwd|line 14: '/etc/passwd' is not the path
                    STARTED|BEGUN|line 13: 'BEGUN' is none of
                    """)
    void parse_ofWrongLines_namesFileAndLine(String from, String to, String message) {
        String text = LINES.replace(plain(from), to == null ? "" : plain(to));
        assertThat(text).isNotEqualTo(LINES);

        assertThatExceptionOfType(CorruptTextException.class)
                .isThrownBy(() -> ManifestText.parse(withChecksum(text), "chk-000007/manifest"))
                .withMessageStartingWith("chk-000007/manifest " + message);
    }

    private static String plain(String text) {
        return text.replace("\\\\", "\0")
                .replace("\\t", "\t")
                .replace("\\n", "\n")
                .replace("\0", "\\");
    }

    @Test
    void parse_ofATextThatEndsEarly_saysSo() {
        String begin = LINES.substring(0, LINES.indexOf("records"));

        assertThatExceptionOfType(CorruptTextException.class)
                .isThrownBy(() -> ManifestText.parse(withChecksum(begin), "m"))
                .withMessage("m line 9: expected 'records', found the end");
        assertThatExceptionOfType(CorruptTextException.class)
                .isThrownBy(() -> ManifestText.parse(LINES.getBytes(StandardCharsets.UTF_8), "m"))
                .withMessage(
                        "m line 16: the end with the checksum is missing: the file is cut off");
        assertThatExceptionOfType(CorruptTextException.class)
                .isThrownBy(() -> ManifestText.parse(new byte[0], "m"))
                .withMessage("m line 1: the file is empty");
    }

    @Test
    void manifest_thatCouldNotBeReadAgain_isNotWritten() {
        SplittableRandom random = new SplittableRandom(1);
        OperatorState twice = operator(random, "a");
        CheckpointManifest manifest =
                new CheckpointManifest(
                        7,
                        "r",
                        "j",
                        Kind.FINAL,
                        Samples.START,
                        Duration.ZERO,
                        Duration.ZERO,
                        0,
                        Map.of(),
                        Map.of(),
                        List.of(twice, operator(random, "a")));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> ManifestText.of(manifest))
                .withMessageContaining("operator 'a' occurs twice");
    }

    @Test
    void manifest_ofManySplits_comesBackEqual() throws CorruptTextException {
        List<SplitPosition> splits = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            splits.add(new SplitPosition("file-" + i, 0, i, i, Status.DONE, "row " + i + " of f"));
        }
        OperatorState operator =
                new OperatorState("s", "s", "Source", 1, 1, 0, splits, List.of(), List.of());
        CheckpointManifest manifest =
                new CheckpointManifest(
                        7,
                        "r",
                        "j",
                        Kind.FINAL,
                        Samples.START,
                        Duration.ZERO,
                        Duration.ZERO,
                        0,
                        Map.of(),
                        Map.of(),
                        List.of(operator));

        assertThat(ManifestText.parse(ManifestText.of(manifest), "m")).isEqualTo(manifest);
    }
}
