package io.aquifer.api.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/// What [DataOutputSerializer] writes, [DataInputDeserializer] reads, and neither passes its end.
class DataBuffersTest {
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void read_afterRandomWrites_givesTheSameValuesInOrder(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        DataOutputSerializer out = new DataOutputSerializer(0, 1 << 20);
        List<Object> written = new ArrayList<>();
        List<Function<DataInputDeserializer, Object>> readers = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            long bits = random.nextLong() >> random.nextInt(64);
            switch (random.nextInt(11)) {
                case 0 -> {
                    out.writeByte((int) bits);
                    add(written, readers, (byte) bits, DataInputDeserializer::readByte);
                }
                case 1 -> {
                    out.writeShort((int) bits);
                    add(written, readers, (short) bits, DataInputDeserializer::readShort);
                }
                case 2 -> {
                    out.writeChar((int) bits);
                    add(written, readers, (char) bits, DataInputDeserializer::readChar);
                }
                case 3 -> {
                    out.writeInt((int) bits);
                    add(written, readers, (int) bits, DataInputDeserializer::readInt);
                }
                case 4 -> {
                    out.writeLong(bits);
                    add(written, readers, bits, DataInputDeserializer::readLong);
                }
                case 5 -> {
                    out.writeVarInt((int) bits);
                    add(written, readers, (int) bits, DataInputDeserializer::readVarInt);
                }
                case 6 -> {
                    out.writeVarLong(bits);
                    add(written, readers, bits, DataInputDeserializer::readVarLong);
                }
                case 7 -> {
                    out.writeUnsignedVarInt((int) bits);
                    add(written, readers, (int) bits, DataInputDeserializer::readUnsignedVarInt);
                }
                case 8 -> {
                    out.writeUnsignedVarLong(bits);
                    add(written, readers, bits, DataInputDeserializer::readUnsignedVarLong);
                }
                case 9 -> {
                    out.writeDouble(bits);
                    add(written, readers, (double) bits, DataInputDeserializer::readDouble);
                }
                default -> {
                    out.writeFloat(bits);
                    add(written, readers, (float) bits, DataInputDeserializer::readFloat);
                }
            }
        }
        DataInputDeserializer in = new DataInputDeserializer(out.buffer(), 0, out.length());
        for (int i = 0; i < written.size(); i++) {
            assertThat(readers.get(i).apply(in)).as("value %d", i).isEqualTo(written.get(i));
        }
        assertThat(in.available()).isZero();
        assertThat(in.position()).isEqualTo(out.length());
    }

    private static void add(
            List<Object> written,
            List<Function<DataInputDeserializer, Object>> readers,
            Object value,
            Function<DataInputDeserializer, Object> reader) {
        written.add(value);
        readers.add(reader);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "naïve ÿ", "成田", "a\uD800b", "\uDC00", "mixed 😀 ü", "\u0100"})
    void readString_ofAnyString_isEqual(String value) {
        DataOutputSerializer out = new DataOutputSerializer();
        out.writeString(value);
        out.writeString(value.repeat(1_000));

        DataInputDeserializer in = new DataInputDeserializer(out.toByteArray());

        assertThat(in.readString()).isEqualTo(value);
        assertThat(in.readString()).isEqualTo(value.repeat(1_000));
        assertThat(in.available()).isZero();
    }

    @Test
    void writeString_ofLatin1_takesOneByteAChar() {
        DataOutputSerializer out = new DataOutputSerializer();
        out.writeString("Zürich");
        assertThat(out.toByteArray()).containsExactly(12, 'Z', 0xFC, 'r', 'i', 'c', 'h');
    }

    @Test
    void readUtf8_ofUtf8_isEqual() {
        DataOutputSerializer out = new DataOutputSerializer();
        out.writeUtf8("成田 😀");
        assertThat(new DataInputDeserializer(out.toByteArray()).readUtf8()).isEqualTo("成田 😀");
    }

    @Test
    void writeLong_isLittleEndian() {
        DataOutputSerializer out = new DataOutputSerializer();
        out.writeLong(0x0102030405060708L);
        assertThat(out.toByteArray()).containsExactly(8, 7, 6, 5, 4, 3, 2, 1);
    }

    @Test
    void writeDouble_ofAnyNaN_givesTheSameBytes() {
        DataOutputSerializer out = new DataOutputSerializer();
        out.writeDouble(Double.NaN);
        byte[] canonical = out.toByteArray();
        out.clear();
        out.writeDouble(Double.longBitsToDouble(0xfff8_0000_dead_beefL));
        assertThat(out.toByteArray()).isEqualTo(canonical);
    }

    @Test
    void writeIntAt_insideWhatWasWritten_overwritesFourBytes() {
        DataOutputSerializer out = new DataOutputSerializer();
        out.writeInt(0);
        out.writeByte(9);
        out.writeIntAt(0, 5);

        assertThat(out.toByteArray()).containsExactly(5, 0, 0, 0, 9);
        assertThatThrownBy(() -> out.writeIntAt(2, 5))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> out.writeIntAt(-1, 5))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void write_toTheMaximumAndBeyond_isRefusedWithBothSizes() {
        DataOutputSerializer out = new DataOutputSerializer(4, 1_000);
        out.write(new byte[1_000]);
        assertThat(out.length()).isEqualTo(1_000);
        assertThat(out.buffer()).hasSize(1_000);

        assertThatThrownBy(() -> out.writeByte(1))
                .isInstanceOf(RecordTooLargeException.class)
                .hasMessageStartingWith(
                        "a record of at least 1,001 bytes exceeds the largest record of 1,000"
                                + " bytes. Make the record smaller")
                .hasMessageEndingWith(
                        "or give the job more memory: the largest record follows from its budget.")
                .satisfies(
                        thrown -> {
                            RecordTooLargeException tooLarge = (RecordTooLargeException) thrown;
                            assertThat(tooLarge.neededBytes()).isEqualTo(1_001);
                            assertThat(tooLarge.maxBytes()).isEqualTo(1_000);
                        });
        assertThat(out.length()).as("a refused write changes nothing").isEqualTo(1_000);
        out.clear();
        assertThatThrownBy(() -> out.writeString("成".repeat(500)))
                .isInstanceOf(RecordTooLargeException.class);
    }

    @Test
    void constructor_withImpossibleSizes_isRefused() {
        assertThatThrownBy(() -> new DataOutputSerializer(2_000, 1_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "capacity of 2,000 bytes is not between 0 and the maximum of 1,000 bytes");
        assertThatThrownBy(() -> new DataInputDeserializer(new byte[4], 2, 3))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void setLength_backAndForth_keepsWhatWasBefore() {
        DataOutputSerializer out = new DataOutputSerializer(2, 100);
        out.writeInt(7);
        out.setLength(60);
        out.writeByte(1);
        assertThat(out.length()).isEqualTo(61);
        out.setLength(4);
        assertThat(out.toByteArray()).containsExactly(7, 0, 0, 0);
        assertThatThrownBy(() -> out.setLength(-1)).hasMessage("length of -1 bytes is negative");
        assertThatThrownBy(() -> out.setLength(101)).isInstanceOf(RecordTooLargeException.class);
    }

    @Test
    void read_beyondTheEnd_saysWhereAndNeverReturnsWhatLiesBehind() {
        DataInputDeserializer in = new DataInputDeserializer(new byte[100], 10, 12);
        in.readLong();
        assertThatThrownBy(in::readLong)
                .isInstanceOf(CorruptRecordException.class)
                .hasMessage(
                        "cannot read a long of 8 bytes at byte 8 of 12: 4 bytes are left. The bytes"
                                + " were cut off or were written for another type.");
        assertThat(in.position()).isEqualTo(8);
        assertThatThrownBy(() -> in.skip(5)).isInstanceOf(CorruptRecordException.class);
        assertThatThrownBy(() -> in.readFully(new byte[9], 0, 9))
                .isInstanceOf(CorruptRecordException.class);
        in.skip(4);
        assertThatThrownBy(in::readByte).isInstanceOf(CorruptRecordException.class);
    }

    @Test
    void read_ofBytesNoWriteMakes_isRefused() {
        byte[] ones = new byte[20];
        java.util.Arrays.fill(ones, (byte) -1);
        assertThatThrownBy(() -> new DataInputDeserializer(ones).readUnsignedVarInt())
                .isInstanceOf(CorruptRecordException.class)
                .hasMessageContaining("more than 32 bits");
        assertThatThrownBy(() -> new DataInputDeserializer(ones).readUnsignedVarLong())
                .isInstanceOf(CorruptRecordException.class)
                .hasMessageContaining("more than 64 bits");
        assertThatThrownBy(() -> new DataInputDeserializer(ones).readBoolean())
                .isInstanceOf(CorruptRecordException.class)
                .hasMessageContaining("expected a boolean, 0 or 1, found -1");
    }

    @Test
    void readString_whoseLengthIsDamaged_isRefusedBeforeMemoryIsTaken() {
        DataOutputSerializer out = new DataOutputSerializer();
        out.writeUnsignedVarInt(-1);
        out.writeInt(0);
        assertThatThrownBy(() -> new DataInputDeserializer(out.toByteArray()).readString())
                .isInstanceOf(CorruptRecordException.class)
                .hasMessageContaining("cannot read a string of 4,294,967,294 bytes");
        assertThatThrownBy(
                        () ->
                                Types.LONG_ARRAY
                                        .createSerializer()
                                        .deserialize(new DataInputDeserializer(out.toByteArray())))
                .isInstanceOf(CorruptRecordException.class)
                .hasMessageContaining(
                        "an array of 4,294,967,295 elements cannot lie in the 4 bytes left");
    }
}
