package io.aquifer.connectors.files;

import io.aquifer.connectors.files.RecordShape.Component;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;

/// A record's components as columns to write: their names, their values, and the values' texts.
final class RecordColumns {
    private final List<Component> components;
    private final MethodHandle[] getters;
    private final String[] names;
    private final int[] decimals;

    /// @param places decimals by component name; components without an entry are written with all
    ///   they have
    RecordColumns(Class<?> record, Map<String, Integer> places) {
        components = RecordShape.components(record);
        getters = RecordShape.getters(record).toArray(MethodHandle[]::new);
        names =
                components.stream()
                        .map(component -> ColumnNames.snakeCase(component.name()))
                        .toArray(String[]::new);
        decimals =
                components.stream()
                        .mapToInt(component -> places.getOrDefault(component.name(), -1))
                        .toArray();
    }

    int count() {
        return names.length;
    }

    String name(int index) {
        return names[index];
    }

    FieldKind kind(int index) {
        return components.get(index).kind();
    }

    @Nullable Object value(Object record, int index) {
        try {
            return (@Nullable Object) getters[index].invokeExact(record);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(
                    "accessor "
                            + components.get(index).name()
                            + "() of "
                            + record.getClass()
                            + " threw "
                            + e,
                    e);
        }
    }

    /// The value as plain text; what is not a finite number as Java names it, such as `NaN`.
    String text(Object value, int index) {
        return switch (value) {
            case Double number -> {
                if (Double.isFinite(number)) {
                    yield decimal(BigDecimal.valueOf(number), index).toPlainString();
                }
                yield number.toString();
            }
            case BigDecimal number -> decimal(number, index).toPlainString();
            case Enum<?> constant -> constant.name();
            default -> value.toString();
        };
    }

    private BigDecimal decimal(BigDecimal number, int index) {
        return decimals[index] < 0
                ? number
                : number.setScale(decimals[index], RoundingMode.HALF_UP);
    }
}
