package io.aquifer.api;

import io.aquifer.api.functions.ReduceFunction;
import io.aquifer.api.types.TypeInformation;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;

/// Reduces records by one of their components, named by a string, for `sum`, `min`, `max`, `minBy`
/// and `maxBy`.
final class RecordReduce<T> implements ReduceFunction<T> {
    private static final long serialVersionUID = 1L;

    /// What becomes of the component.
    private enum Kind {
        SUM,
        MIN,
        MAX,
        MIN_BY,
        MAX_BY
    }

    private final Kind kind;
    private final Class<T> type;
    private final int component;
    private transient @Nullable Method accessor;

    private RecordReduce(Kind kind, Class<T> type, int component) {
        this.kind = kind;
        this.type = type;
        this.component = component;
    }

    static <T> RecordReduce<T> sum(@Nullable TypeInformation<T> type, String component) {
        return of(Kind.SUM, type, component);
    }

    static <T> RecordReduce<T> min(@Nullable TypeInformation<T> type, String component) {
        return of(Kind.MIN, type, component);
    }

    static <T> RecordReduce<T> max(@Nullable TypeInformation<T> type, String component) {
        return of(Kind.MAX, type, component);
    }

    static <T> RecordReduce<T> minBy(@Nullable TypeInformation<T> type, String component) {
        return of(Kind.MIN_BY, type, component);
    }

    static <T> RecordReduce<T> maxBy(@Nullable TypeInformation<T> type, String component) {
        return of(Kind.MAX_BY, type, component);
    }

    private static <T> RecordReduce<T> of(
            Kind kind, @Nullable TypeInformation<T> type, String component) {
        String call =
                kind.name().toLowerCase(java.util.Locale.ROOT).replace("_by", "By")
                        + "(\""
                        + component
                        + "\")";
        if (type == null || !type.rawClass().isRecord()) {
            throw new IllegalArgumentException(
                    call
                            + " needs a stream of records, this one is of "
                            + (type == null
                                    ? "a type that could not be inferred: add .returns(...) before"
                                            + " keyBy"
                                    : type)
                            + "; use reduce(...) for other types");
        }
        RecordComponent[] components = type.rawClass().getRecordComponents();
        List<String> names = Arrays.stream(components).map(RecordComponent::getName).toList();
        int index = names.indexOf(component);
        if (index < 0) {
            throw new IllegalArgumentException(
                    call
                            + ": "
                            + type
                            + " has no component '"
                            + component
                            + "'; it has "
                            + String.join(", ", names));
        }
        Class<?> componentType = components[index].getType();
        boolean number = isNumber(componentType);
        if (kind == Kind.SUM && !number) {
            throw new IllegalArgumentException(
                    call
                            + " needs a number, '"
                            + component
                            + "' is a "
                            + componentType.getSimpleName());
        }
        if (!number
                && !componentType.isPrimitive()
                && !Comparable.class.isAssignableFrom(componentType)) {
            throw new IllegalArgumentException(
                    call
                            + " needs something comparable, '"
                            + component
                            + "' is a "
                            + componentType.getSimpleName());
        }
        return new RecordReduce<>(kind, type.rawClass(), index);
    }

    private static boolean isNumber(Class<?> type) {
        return type == int.class
                || type == long.class
                || type == double.class
                || type == float.class
                || type == short.class
                || type == byte.class
                || type == Integer.class
                || type == Long.class
                || type == Double.class
                || type == Float.class
                || type == Short.class
                || type == Byte.class
                || type == java.math.BigDecimal.class
                || type == java.math.BigInteger.class;
    }

    @Override
    public T reduce(T first, T second) throws Exception {
        Object a = read(first);
        Object b = read(second);
        return switch (kind) {
            case SUM -> with(first, add(a, b));
            case MIN -> compare(b, a) < 0 ? with(first, b) : first;
            case MAX -> compare(b, a) > 0 ? with(first, b) : first;
            case MIN_BY -> compare(b, a) < 0 ? second : first;
            case MAX_BY -> compare(b, a) > 0 ? second : first;
        };
    }

    private Object read(T record) throws ReflectiveOperationException {
        Method method = accessor;
        if (method == null) {
            method = type.getRecordComponents()[component].getAccessor();
            method.setAccessible(true);
            accessor = method;
        }
        Object value = method.invoke(record);
        if (value == null) {
            throw new IllegalStateException(
                    type.getRecordComponents()[component].getName() + " is null in " + record);
        }
        return value;
    }

    @SuppressWarnings("unchecked")
    private static int compare(Object a, Object b) {
        return ((Comparable<Object>) a).compareTo(b);
    }

    private static Object add(Object a, Object b) {
        return switch (a) {
            case Long x -> Math.addExact(x, (Long) b);
            case Integer x -> Math.addExact(x, (Integer) b);
            case Double x -> x + (Double) b;
            case Float x -> x + (Float) b;
            case Short x -> exactShort(x + (Short) b);
            case Byte x -> exactByte(x + (Byte) b);
            case java.math.BigDecimal x -> x.add((java.math.BigDecimal) b);
            case java.math.BigInteger x -> x.add((java.math.BigInteger) b);
            default -> throw new IllegalStateException("no sum of " + a.getClass());
        };
    }

    private static Short exactShort(int sum) {
        if (sum != (short) sum) {
            throw new ArithmeticException("short overflow");
        }
        return (short) sum;
    }

    private static Byte exactByte(int sum) {
        if (sum != (byte) sum) {
            throw new ArithmeticException("byte overflow");
        }
        return (byte) sum;
    }

    private T with(T record, Object value) throws ReflectiveOperationException {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            Method method = components[i].getAccessor();
            method.setAccessible(true);
            values[i] = i == component ? value : method.invoke(record);
        }
        Constructor<T> constructor = type.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return constructor.newInstance(values);
    }
}
