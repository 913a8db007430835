package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/// Writes one kind of value that has no parts the user could name: a box, a string, a number, a
/// moment, a plain array.
///
/// A record, since the JIT trusts a record's fields: called from a generated class, the two
/// functions are inlined.
///
/// @param fixedLength bytes each value takes, or -1
record ScalarSerializer<T>(Writer<T> writer, Reader<T> reader, int fixedLength)
        implements TypeSerializer<T> {
    interface Writer<T> {
        void write(DataOutputSerializer out, T value);
    }

    interface Reader<T> {
        T read(DataInputDeserializer in);
    }

    private static final int VARIABLE = -1;
    private static final Map<Class<?>, ScalarSerializer<?>> ALL = all();

    /// The serializer of `type`, a primitive class standing for its box, or null when it is no
    /// scalar.
    static @Nullable ScalarSerializer<?> find(Class<?> type) {
        return ALL.get(type.isPrimitive() ? GenericTypes.boxed(type) : type);
    }

    @Override
    public void serialize(T value, DataOutputSerializer out) {
        writer.write(out, value);
    }

    @Override
    public T deserialize(DataInputDeserializer in) {
        return reader.read(in);
    }

    private static Map<Class<?>, ScalarSerializer<?>> all() {
        Map<Class<?>, ScalarSerializer<?>> all = new HashMap<>();
        put(
                all,
                Boolean.class,
                DataOutputSerializer::writeBoolean,
                DataInputDeserializer::readBoolean,
                1);
        put(
                all,
                Byte.class,
                (out, value) -> out.writeByte(value),
                DataInputDeserializer::readByte,
                1);
        put(
                all,
                Short.class,
                (out, value) -> out.writeShort(value),
                DataInputDeserializer::readShort,
                2);
        put(
                all,
                Character.class,
                (out, value) -> out.writeChar(value),
                DataInputDeserializer::readChar,
                2);
        put(all, Integer.class, DataOutputSerializer::writeInt, DataInputDeserializer::readInt, 4);
        put(all, Long.class, DataOutputSerializer::writeLong, DataInputDeserializer::readLong, 8);
        put(
                all,
                Float.class,
                DataOutputSerializer::writeFloat,
                DataInputDeserializer::readFloat,
                4);
        put(
                all,
                Double.class,
                DataOutputSerializer::writeDouble,
                DataInputDeserializer::readDouble,
                8);
        put(
                all,
                String.class,
                DataOutputSerializer::writeString,
                DataInputDeserializer::readString,
                VARIABLE);
        put(
                all,
                BigInteger.class,
                ScalarSerializer::writeBigInteger,
                ScalarSerializer::readBigInteger,
                VARIABLE);
        put(
                all,
                BigDecimal.class,
                ScalarSerializer::writeBigDecimal,
                ScalarSerializer::readBigDecimal,
                VARIABLE);
        put(
                all,
                UUID.class,
                ScalarSerializer::writeUuid,
                in -> new UUID(in.readLong(), in.readLong()),
                16);
        putTimes(all);
        PrimitiveArrays.putAll(all);
        return Map.copyOf(all);
    }

    private static void putTimes(Map<Class<?>, ScalarSerializer<?>> all) {
        put(
                all,
                Instant.class,
                ScalarSerializer::writeInstant,
                checked(ScalarSerializer::readInstant),
                12);
        put(
                all,
                Duration.class,
                ScalarSerializer::writeDuration,
                checked(ScalarSerializer::readDuration),
                12);
        put(
                all,
                LocalDate.class,
                ScalarSerializer::writeDate,
                checked(ScalarSerializer::readDate),
                6);
        put(
                all,
                LocalTime.class,
                ScalarSerializer::writeTime,
                checked(ScalarSerializer::readTime),
                8);
        put(
                all,
                LocalDateTime.class,
                ScalarSerializer::writeDateTime,
                checked(ScalarSerializer::readDateTime),
                14);
        put(
                all,
                OffsetDateTime.class,
                ScalarSerializer::writeOffset,
                checked(ScalarSerializer::readOffset),
                18);
        put(
                all,
                ZonedDateTime.class,
                ScalarSerializer::writeZoned,
                checked(ScalarSerializer::readZoned),
                VARIABLE);
    }

    static <T> void put(
            Map<Class<?>, ScalarSerializer<?>> all,
            Class<T> type,
            Writer<T> writer,
            Reader<T> reader,
            int fixedLength) {
        all.put(type, new ScalarSerializer<>(writer, reader, fixedLength));
    }

    /// `java.time` refuses impossible values; here that means damaged bytes.
    private static <T> Reader<T> checked(Reader<T> reader) {
        return in -> {
            try {
                return reader.read(in);
            } catch (DateTimeException | ArithmeticException impossible) {
                CorruptRecordException corrupt =
                        in.corrupt("found an impossible time, " + impossible.getMessage());
                corrupt.initCause(impossible);
                throw corrupt;
            }
        };
    }

    private static void writeBigInteger(DataOutputSerializer out, BigInteger value) {
        byte[] bytes = value.toByteArray();
        out.writeUnsignedVarInt(bytes.length);
        out.write(bytes, 0, bytes.length);
    }

    private static BigInteger readBigInteger(DataInputDeserializer in) {
        int count = in.checkCount(in.readUnsignedVarInt(), Byte.SIZE, "a BigInteger");
        if (count == 0) {
            throw in.corrupt("found a BigInteger without bytes");
        }
        byte[] bytes = new byte[count];
        in.readFully(bytes, 0, count);
        return new BigInteger(bytes);
    }

    private static void writeBigDecimal(DataOutputSerializer out, BigDecimal value) {
        out.writeVarInt(value.scale());
        writeBigInteger(out, value.unscaledValue());
    }

    private static BigDecimal readBigDecimal(DataInputDeserializer in) {
        int scale = in.readVarInt();
        return new BigDecimal(readBigInteger(in), scale);
    }

    private static void writeUuid(DataOutputSerializer out, UUID value) {
        out.writeLong(value.getMostSignificantBits());
        out.writeLong(value.getLeastSignificantBits());
    }

    private static void writeInstant(DataOutputSerializer out, Instant value) {
        out.writeLong(value.getEpochSecond());
        out.writeInt(value.getNano());
    }

    private static Instant readInstant(DataInputDeserializer in) {
        return Instant.ofEpochSecond(in.readLong(), in.readInt());
    }

    private static void writeDuration(DataOutputSerializer out, Duration value) {
        out.writeLong(value.getSeconds());
        out.writeInt(value.getNano());
    }

    private static Duration readDuration(DataInputDeserializer in) {
        return Duration.ofSeconds(in.readLong(), in.readInt());
    }

    private static void writeDate(DataOutputSerializer out, LocalDate value) {
        out.writeInt(value.getYear());
        out.writeByte(value.getMonthValue());
        out.writeByte(value.getDayOfMonth());
    }

    private static LocalDate readDate(DataInputDeserializer in) {
        return LocalDate.of(in.readInt(), in.readByte(), in.readByte());
    }

    private static void writeTime(DataOutputSerializer out, LocalTime value) {
        out.writeLong(value.toNanoOfDay());
    }

    private static LocalTime readTime(DataInputDeserializer in) {
        return LocalTime.ofNanoOfDay(in.readLong());
    }

    private static void writeDateTime(DataOutputSerializer out, LocalDateTime value) {
        writeDate(out, value.toLocalDate());
        writeTime(out, value.toLocalTime());
    }

    private static LocalDateTime readDateTime(DataInputDeserializer in) {
        return LocalDateTime.of(readDate(in), readTime(in));
    }

    private static void writeOffset(DataOutputSerializer out, OffsetDateTime value) {
        writeDateTime(out, value.toLocalDateTime());
        out.writeInt(value.getOffset().getTotalSeconds());
    }

    private static OffsetDateTime readOffset(DataInputDeserializer in) {
        return OffsetDateTime.of(readDateTime(in), ZoneOffset.ofTotalSeconds(in.readInt()));
    }

    private static void writeZoned(DataOutputSerializer out, ZonedDateTime value) {
        writeDateTime(out, value.toLocalDateTime());
        out.writeInt(value.getOffset().getTotalSeconds());
        out.writeString(value.getZone().getId());
    }

    private static ZonedDateTime readZoned(DataInputDeserializer in) {
        LocalDateTime local = readDateTime(in);
        ZoneOffset offset = ZoneOffset.ofTotalSeconds(in.readInt());
        return ZonedDateTime.ofLocal(local, ZoneId.of(in.readString()), offset);
    }
}
