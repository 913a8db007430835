package io.aquifer.benchmarks.state;

import java.util.SplittableRandom;

/// What keys and values are.
///
/// @param <K> the keys
/// @param <V> the values
abstract class Shape<K, V> {
    static final String LONGS = "LL";
    static final String STRINGS = "SB";

    final Class<K> keyType;
    final Class<V> valueType;

    private Shape(Class<K> keyType, Class<V> valueType) {
        this.keyType = keyType;
        this.valueType = valueType;
    }

    abstract K key(int number);

    abstract V value(SplittableRandom random);

    /// A new value that differs from one; made as a user's function would.
    abstract V changed(V value);

    /// Something of a value.
    abstract int touch(V value);

    /// @param name LL for Long to Long, SB for a String of 16 characters to 100 bytes
    static Shape<?, ?> named(String name) {
        return switch (name) {
            case LONGS -> new Longs();
            case STRINGS -> new Strings();
            default -> throw new IllegalArgumentException("no shape is called '" + name + "'");
        };
    }

    private static final class Longs extends Shape<Long, Long> {
        Longs() {
            super(Long.class, Long.class);
        }

        @Override
        Long key(int number) {
            return number * 0x9E37_79B9_7F4A_7C15L;
        }

        @Override
        Long value(SplittableRandom random) {
            return random.nextLong();
        }

        @Override
        Long changed(Long value) {
            return value + 1;
        }

        @Override
        int touch(Long value) {
            return value.intValue();
        }
    }

    private static final class Strings extends Shape<String, byte[]> {
        private static final String DIGITS = "0123456789abcdef";

        Strings() {
            super(String.class, byte[].class);
        }

        @Override
        String key(int number) {
            long bits = number * 0x9E37_79B9_7F4A_7C15L;
            char[] chars = new char[16];
            for (int i = 0; i < chars.length; i++) {
                chars[i] = DIGITS.charAt((int) (bits >>> 4 * i) & 15);
            }
            return new String(chars);
        }

        @Override
        byte[] value(SplittableRandom random) {
            byte[] value = new byte[100];
            random.nextBytes(value);
            return value;
        }

        @Override
        byte[] changed(byte[] value) {
            byte[] changed = value.clone();
            changed[0]++;
            return changed;
        }

        @Override
        int touch(byte[] value) {
            return value[0];
        }
    }
}
