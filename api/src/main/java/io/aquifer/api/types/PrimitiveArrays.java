package io.aquifer.api.types;

import java.util.Map;

/// The serializers of the eight arrays of primitives: an unsigned var count, then the elements,
/// little endian.
final class PrimitiveArrays {
    private PrimitiveArrays() {}

    static void putAll(Map<Class<?>, ScalarSerializer<?>> all) {
        ScalarSerializer.put(
                all, byte[].class, PrimitiveArrays::writeBytes, PrimitiveArrays::readBytes, -1);
        ScalarSerializer.put(
                all,
                boolean[].class,
                PrimitiveArrays::writeBooleans,
                PrimitiveArrays::readBooleans,
                -1);
        ScalarSerializer.put(
                all, short[].class, PrimitiveArrays::writeShorts, PrimitiveArrays::readShorts, -1);
        ScalarSerializer.put(
                all, char[].class, PrimitiveArrays::writeChars, PrimitiveArrays::readChars, -1);
        ScalarSerializer.put(
                all, int[].class, PrimitiveArrays::writeInts, PrimitiveArrays::readInts, -1);
        ScalarSerializer.put(
                all, long[].class, PrimitiveArrays::writeLongs, PrimitiveArrays::readLongs, -1);
        ScalarSerializer.put(
                all, float[].class, PrimitiveArrays::writeFloats, PrimitiveArrays::readFloats, -1);
        ScalarSerializer.put(
                all,
                double[].class,
                PrimitiveArrays::writeDoubles,
                PrimitiveArrays::readDoubles,
                -1);
    }

    private static int count(DataInputDeserializer in, int elementBytes) {
        return in.checkCount(in.readUnsignedVarInt(), elementBytes * Byte.SIZE, "an array");
    }

    private static void writeBytes(DataOutputSerializer out, byte[] value) {
        out.writeUnsignedVarInt(value.length);
        out.write(value, 0, value.length);
    }

    private static byte[] readBytes(DataInputDeserializer in) {
        byte[] value = new byte[count(in, Byte.BYTES)];
        in.readFully(value, 0, value.length);
        return value;
    }

    private static void writeBooleans(DataOutputSerializer out, boolean[] value) {
        out.writeUnsignedVarInt(value.length);
        for (boolean element : value) {
            out.writeBoolean(element);
        }
    }

    private static boolean[] readBooleans(DataInputDeserializer in) {
        boolean[] value = new boolean[count(in, Byte.BYTES)];
        for (int i = 0; i < value.length; i++) {
            value[i] = in.readBoolean();
        }
        return value;
    }

    private static void writeShorts(DataOutputSerializer out, short[] value) {
        out.writeUnsignedVarInt(value.length);
        for (short element : value) {
            out.writeShort(element);
        }
    }

    private static short[] readShorts(DataInputDeserializer in) {
        short[] value = new short[count(in, Short.BYTES)];
        for (int i = 0; i < value.length; i++) {
            value[i] = in.readShort();
        }
        return value;
    }

    private static void writeChars(DataOutputSerializer out, char[] value) {
        out.writeUnsignedVarInt(value.length);
        for (char element : value) {
            out.writeChar(element);
        }
    }

    private static char[] readChars(DataInputDeserializer in) {
        char[] value = new char[count(in, Character.BYTES)];
        for (int i = 0; i < value.length; i++) {
            value[i] = in.readChar();
        }
        return value;
    }

    private static void writeInts(DataOutputSerializer out, int[] value) {
        out.writeUnsignedVarInt(value.length);
        for (int element : value) {
            out.writeInt(element);
        }
    }

    private static int[] readInts(DataInputDeserializer in) {
        int[] value = new int[count(in, Integer.BYTES)];
        for (int i = 0; i < value.length; i++) {
            value[i] = in.readInt();
        }
        return value;
    }

    private static void writeLongs(DataOutputSerializer out, long[] value) {
        out.writeUnsignedVarInt(value.length);
        for (long element : value) {
            out.writeLong(element);
        }
    }

    private static long[] readLongs(DataInputDeserializer in) {
        long[] value = new long[count(in, Long.BYTES)];
        for (int i = 0; i < value.length; i++) {
            value[i] = in.readLong();
        }
        return value;
    }

    private static void writeFloats(DataOutputSerializer out, float[] value) {
        out.writeUnsignedVarInt(value.length);
        for (float element : value) {
            out.writeFloat(element);
        }
    }

    private static float[] readFloats(DataInputDeserializer in) {
        float[] value = new float[count(in, Float.BYTES)];
        for (int i = 0; i < value.length; i++) {
            value[i] = in.readFloat();
        }
        return value;
    }

    private static void writeDoubles(DataOutputSerializer out, double[] value) {
        out.writeUnsignedVarInt(value.length);
        for (double element : value) {
            out.writeDouble(element);
        }
    }

    private static double[] readDoubles(DataInputDeserializer in) {
        double[] value = new double[count(in, Double.BYTES)];
        for (int i = 0; i < value.length; i++) {
            value[i] = in.readDouble();
        }
        return value;
    }
}
