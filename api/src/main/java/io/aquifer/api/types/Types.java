package io.aquifer.api.types;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// The common types by name. Records and everything else: [#of(Class)] and [#of(TypeHint)].
public final class Types {
    public static final TypeInformation<String> STRING = of(String.class);
    public static final TypeInformation<Boolean> BOOLEAN = of(Boolean.class);
    public static final TypeInformation<Byte> BYTE = of(Byte.class);
    public static final TypeInformation<Short> SHORT = of(Short.class);
    public static final TypeInformation<Character> CHAR = of(Character.class);
    public static final TypeInformation<Integer> INT = of(Integer.class);
    public static final TypeInformation<Long> LONG = of(Long.class);
    public static final TypeInformation<Float> FLOAT = of(Float.class);
    public static final TypeInformation<Double> DOUBLE = of(Double.class);
    public static final TypeInformation<BigInteger> BIG_INT = of(BigInteger.class);
    public static final TypeInformation<BigDecimal> BIG_DEC = of(BigDecimal.class);
    public static final TypeInformation<UUID> UUID = of(UUID.class);
    public static final TypeInformation<Instant> INSTANT = of(Instant.class);
    public static final TypeInformation<Duration> DURATION = of(Duration.class);
    public static final TypeInformation<LocalDate> LOCAL_DATE = of(LocalDate.class);
    public static final TypeInformation<LocalTime> LOCAL_TIME = of(LocalTime.class);
    public static final TypeInformation<LocalDateTime> LOCAL_DATE_TIME = of(LocalDateTime.class);
    public static final TypeInformation<OffsetDateTime> OFFSET_DATE_TIME = of(OffsetDateTime.class);
    public static final TypeInformation<ZonedDateTime> ZONED_DATE_TIME = of(ZonedDateTime.class);
    public static final TypeInformation<byte[]> BYTE_ARRAY = of(byte[].class);
    public static final TypeInformation<int[]> INT_ARRAY = of(int[].class);
    public static final TypeInformation<long[]> LONG_ARRAY = of(long[].class);
    public static final TypeInformation<double[]> DOUBLE_ARRAY = of(double[].class);

    private Types() {}

    public static <T> TypeInformation<T> of(Class<T> type) {
        return TypeInformation.of(type);
    }

    public static <T> TypeInformation<T> of(TypeHint<T> hint) {
        return TypeInformation.of(hint);
    }

    public static <E> TypeInformation<List<E>> LIST(TypeInformation<E> element) {
        return TypeInformation.bound(List.class, element);
    }

    public static <E> TypeInformation<Set<E>> SET(TypeInformation<E> element) {
        return TypeInformation.bound(Set.class, element);
    }

    public static <K, V> TypeInformation<Map<K, V>> MAP(
            TypeInformation<K> key, TypeInformation<V> value) {
        return TypeInformation.bound(Map.class, key, value);
    }

    public static <E> TypeInformation<Optional<E>> OPTIONAL(TypeInformation<E> element) {
        return TypeInformation.bound(Optional.class, element);
    }

    public static <E extends Enum<E>> TypeInformation<E> ENUM(Class<E> type) {
        return of(type);
    }

    public static <T> TypeInformation<T> POJO(Class<T> type) {
        return of(type);
    }

    /// An array of objects; the arrays of primitives have names of their own.
    @SuppressWarnings("unchecked")
    public static <E> TypeInformation<E[]> OBJECT_ARRAY(TypeInformation<E> element) {
        return (TypeInformation<E[]>)
                TypeInformation.ofType(
                        element.type() instanceof Class<?> plain
                                ? plain.arrayType()
                                : new BoundType.Array(element.type()));
    }
}
