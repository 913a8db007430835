package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;

/// Values of any supported type from a seed, equal values that look different inside, and deep
/// equality.
final class RandomValues {
    private static final long[] EDGES = {
        0, 1, -1, 127, 128, -128, 255, 256, Long.MIN_VALUE, Long.MAX_VALUE
    };
    private static final String[] ZONES = {
        "Europe/Zurich", "America/New_York", "UTC", "Z", "+05:30", "GMT+2"
    };
    private static final int PARTS_MAX = 250;

    /// Reflection makes new accessors, and slow ones, every time it is asked.
    private static final ClassValue<Members> MEMBERS =
            new ClassValue<>() {
                @Override
                protected Members computeValue(Class<?> type) {
                    Constructor<?> constructor = type.getDeclaredConstructors()[0];
                    constructor.setAccessible(true);
                    List<Method> accessors = new ArrayList<>();
                    for (RecordComponent component : type.getRecordComponents()) {
                        component.getAccessor().setAccessible(true);
                        accessors.add(component.getAccessor());
                    }
                    return new Members(constructor, type.getRecordComponents(), accessors);
                }
            };

    private final SplittableRandom random;
    private int partsLeft;

    RandomValues(SplittableRandom random) {
        this.random = random;
    }

    private record Members(
            Constructor<?> constructor, RecordComponent[] components, List<Method> accessors) {}

    /// A value of a record class with at most a few hundred parts, so that trees of records stay
    /// small.
    Object record(Class<?> type, int depth) {
        partsLeft = PARTS_MAX;
        return record((Type) type, depth);
    }

    @Nullable Object nullable(Type type, int depth) {
        return random.nextInt(6) == 0 ? null : value(type, depth);
    }

    Object value(Type type, int depthWanted) {
        int depth = --partsLeft < 0 ? 0 : depthWanted;
        return switch (type) {
            case GenericArrayType array -> array(array.getGenericComponentType(), depth);
            case ParameterizedType bound -> ofBound(bound, depth);
            case Class<?> plain -> ofClass(plain, depth);
            default -> throw new IllegalArgumentException("no values of " + type);
        };
    }

    private Object ofBound(ParameterizedType type, int depth) {
        Class<?> raw = (Class<?>) type.getRawType();
        Type[] arguments = type.getActualTypeArguments();
        int size = depth <= 0 ? 0 : random.nextInt(random.nextInt(10) == 0 ? 70 : 4);
        if (raw == Optional.class) {
            return size == 0 ? Optional.empty() : Optional.of(value(arguments[0], depth - 1));
        }
        if (raw == Map.class) {
            Map<@Nullable Object, @Nullable Object> map = new HashMap<>();
            for (int i = 0; i < size; i++) {
                map.put(nullable(arguments[0], depth - 1), nullable(arguments[1], depth - 1));
            }
            return map;
        }
        if (Collection.class.isAssignableFrom(raw)) {
            Collection<@Nullable Object> items =
                    raw == Set.class ? new LinkedHashSet<>() : new ArrayList<>();
            boolean nulls = random.nextBoolean();
            for (int i = 0; i < size; i++) {
                items.add(
                        nulls ? nullable(arguments[0], depth - 1) : value(arguments[0], depth - 1));
            }
            return items;
        }
        return record(type, depth);
    }

    private Object ofClass(Class<?> type, int depth) {
        if (type.isRecord()) {
            return record(type, depth);
        }
        if (type.isEnum()) {
            Object[] constants = type.getEnumConstants();
            return constants[random.nextInt(constants.length)];
        }
        if (type.isSealed()) {
            Class<?>[] permitted = type.getPermittedSubclasses();
            return value(permitted[random.nextInt(permitted.length)], depth);
        }
        if (type.isArray()) {
            return array(type.getComponentType(), depth);
        }
        return scalar(GenericTypes.boxed(type));
    }

    private Object array(Type component, int depth) {
        Class<?> raw = GenericTypes.rawClass(component);
        int size = depth <= 0 ? 0 : random.nextInt(20);
        Object array = Array.newInstance(raw, size);
        for (int i = 0; i < size; i++) {
            Array.set(
                    array,
                    i,
                    raw.isPrimitive()
                            ? value(component, depth - 1)
                            : nullable(component, depth - 1));
        }
        return array;
    }

    private Object record(Type type, int depth) {
        Class<?> raw = GenericTypes.rawClass(type);
        Map<TypeVariable<?>, Type> bindings = GenericTypes.bindings(type);
        RecordComponent[] components = MEMBERS.get(raw).components();
        @Nullable Object[] values = new @Nullable Object[components.length];
        for (int i = 0; i < values.length; i++) {
            Type bound = GenericTypes.substitute(components[i].getGenericType(), bindings);
            if (components[i].getType().isPrimitive()) {
                values[i] = value(bound, depth - 1);
            } else {
                boolean deeper =
                        depth > 0 || ScalarSerializer.find(components[i].getType()) != null;
                values[i] = deeper ? nullable(bound, depth - 1) : null;
            }
        }
        return construct(raw, values);
    }

    private static Object construct(Class<?> raw, @Nullable Object[] values) {
        try {
            return MEMBERS.get(raw).constructor().newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static List<@Nullable Object> parts(Object record) {
        List<@Nullable Object> parts = new ArrayList<>();
        for (Method accessor : MEMBERS.get(record.getClass()).accessors()) {
            try {
                parts.add(accessor.invoke(record));
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            }
        }
        return parts;
    }

    private Object scalar(Class<?> type) {
        long bits =
                random.nextInt(3) == 0 ? EDGES[random.nextInt(EDGES.length)] : random.nextLong();
        if (type == Boolean.class) {
            return random.nextBoolean();
        } else if (type == Byte.class) {
            return (byte) bits;
        } else if (type == Short.class) {
            return (short) bits;
        } else if (type == Character.class) {
            return (char) bits;
        } else if (type == Integer.class) {
            return (int) bits;
        } else if (type == Long.class) {
            return bits;
        } else if (type == Float.class) {
            return Float.intBitsToFloat((int) bits);
        } else if (type == Double.class) {
            return random.nextInt(8) == 0 ? Double.NaN : Double.longBitsToDouble(bits);
        } else if (type == String.class) {
            return string();
        } else if (type == BigInteger.class) {
            return BigInteger.valueOf(bits).pow(1 + random.nextInt(4));
        } else if (type == BigDecimal.class) {
            return new BigDecimal(BigInteger.valueOf(bits), random.nextInt(-20, 400));
        } else if (type == UUID.class) {
            return new UUID(bits, random.nextLong());
        }
        return time(type);
    }

    private Object time(Class<?> type) {
        LocalDate date =
                LocalDate.ofEpochDay(
                        random.nextLong(
                                LocalDate.MIN.toEpochDay() / 4, LocalDate.MAX.toEpochDay() / 4));
        LocalTime time = LocalTime.ofNanoOfDay(random.nextLong(86_400_000_000_000L));
        if (type == LocalDate.class) {
            return date;
        } else if (type == LocalTime.class) {
            return time;
        } else if (type == LocalDateTime.class) {
            return date.atTime(time);
        } else if (type == Instant.class) {
            return random.nextInt(9) == 0
                    ? Instant.MIN
                    : date.atTime(time).toInstant(ZoneOffset.UTC);
        } else if (type == Duration.class) {
            return Duration.ofSeconds(random.nextLong(), random.nextInt(1_000_000_000));
        } else if (type == OffsetDateTime.class) {
            return date.atTime(time)
                    .atOffset(ZoneOffset.ofTotalSeconds(random.nextInt(-64_800, 64_801)));
        } else if (type == ZonedDateTime.class) {
            LocalDateTime recent =
                    LocalDateTime.ofEpochSecond(random.nextLong(4_000_000_000L), 5, ZoneOffset.UTC);
            ZonedDateTime zoned = recent.atZone(ZoneId.of(ZONES[random.nextInt(ZONES.length)]));
            return random.nextBoolean()
                    ? zoned.withEarlierOffsetAtOverlap()
                    : zoned.withLaterOffsetAtOverlap();
        }
        throw new IllegalArgumentException("no values of " + type);
    }

    private String string() {
        int limit =
                new int[] {0x7F, 0xFF, 0xFFFF}
                        [random.nextInt(3)]; // beyond Latin-1 come unpaired surrogates
        char[] chars = new char[random.nextInt(random.nextInt(10) == 0 ? 3_000 : 12)];
        for (int i = 0; i < chars.length; i++) {
            chars[i] = (char) random.nextInt(limit + 1);
        }
        return new String(chars);
    }

    /// An equal value made of other objects: other collection classes, other orders, other NaNs.
    @Nullable Object twin(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Double d when d.isNaN() -> Double.longBitsToDouble(0x7ff8_0000_0000_0abcL);
            case Float f when f.isNaN() -> Float.intBitsToFloat(0x7fc0_0abc);
            case String s -> new String(s.toCharArray());
            case Optional<?> o -> o.map(this::twin);
            case Set<?> s -> new LinkedHashSet<@Nullable Object>(shuffled(s));
            case Map<?, ?> m -> {
                Map<@Nullable Object, @Nullable Object> copy = new LinkedHashMap<>();
                for (Object key : shuffled(m.keySet())) {
                    copy.put(key, twin(m.get(key)));
                }
                yield copy;
            }
            case List<?> l -> {
                List<@Nullable Object> copy = new LinkedList<>();
                l.forEach(item -> copy.add(twin(item)));
                yield copy;
            }
            case Record r -> {
                @Nullable Object[] parts = parts(r).stream().map(this::twin).toArray();
                yield construct(r.getClass(), parts);
            }
            default -> value;
        };
    }

    private List<@Nullable Object> shuffled(Collection<?> items) {
        List<@Nullable Object> copies = new ArrayList<>();
        items.forEach(item -> copies.add(twin(item)));
        Collections.shuffle(copies, new java.util.Random(random.nextLong()));
        return copies;
    }

    /// Equality that looks into arrays, except those inside sets and map keys.
    static boolean same(@Nullable Object left, @Nullable Object right) {
        if (left == null || right == null) {
            return left == right;
        }
        if (left.getClass().isArray()) {
            int size = Array.getLength(left);
            boolean alike = left.getClass() == right.getClass() && Array.getLength(right) == size;
            for (int i = 0; alike && i < size; i++) {
                alike = same(Array.get(left, i), Array.get(right, i));
            }
            return alike;
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
            boolean alike = a.size() == b.size();
            var other = b.iterator();
            for (var it = a.iterator(); alike && it.hasNext(); ) {
                alike = same(it.next(), other.next());
            }
            return alike;
        }
        if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
            return a.keySet().equals(b.keySet())
                    && a.keySet().stream().allMatch(key -> same(a.get(key), b.get(key)));
        }
        if (left instanceof Optional<?> a && right instanceof Optional<?> b) {
            return same(a.orElse(null), b.orElse(null));
        }
        if (left instanceof Record && left.getClass() == right.getClass()) {
            return same(parts(left), parts(right));
        }
        return left.equals(right);
    }
}
