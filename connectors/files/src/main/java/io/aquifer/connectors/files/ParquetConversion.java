package io.aquifer.connectors.files;

import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.LogicalType.DecimalType;
import dev.hardwood.metadata.LogicalType.TimestampType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.schema.ColumnSchema;

import org.jspecify.annotations.Nullable;

import java.util.EnumSet;
import java.util.Set;

/// How a Parquet column's stored values become what a [BoundColumn] accepts.
enum ParquetConversion {
    WHOLE(
            EnumSet.of(
                    FieldKind.INT,
                    FieldKind.LONG,
                    FieldKind.DOUBLE,
                    FieldKind.DECIMAL,
                    FieldKind.TEXT)),
    REAL(EnumSet.of(FieldKind.DOUBLE, FieldKind.DECIMAL, FieldKind.TEXT)),
    TRUTH(EnumSet.of(FieldKind.BOOLEAN, FieldKind.TEXT)),
    DATE(EnumSet.of(FieldKind.DATE, FieldKind.DATE_TIME, FieldKind.TEXT)),
    MILLIS(EnumSet.of(FieldKind.DATE_TIME, FieldKind.INSTANT, FieldKind.LONG, FieldKind.TEXT)),
    MICROS(MILLIS.kinds),
    NANOS(MILLIS.kinds),
    JULIAN(MILLIS.kinds),
    DECIMAL(EnumSet.of(FieldKind.DECIMAL, FieldKind.DOUBLE, FieldKind.TEXT)),
    TEXT(EnumSet.allOf(FieldKind.class));

    /// The component kinds it can fill.
    final Set<FieldKind> kinds;

    ParquetConversion(Set<FieldKind> kinds) {
        this.kinds = kinds;
    }

    /// The conversion for the column, null when no component can hold its values.
    static @Nullable ParquetConversion of(ColumnSchema column) {
        LogicalType logical = column.logicalType();
        if (logical instanceof DecimalType) {
            return column.type() == PhysicalType.INT96 ? null : DECIMAL;
        }
        return switch (column.type()) {
            case INT32 ->
                    logical instanceof LogicalType.DateType
                            ? DATE
                            : logical instanceof LogicalType.TimeType ? null : WHOLE;
            case INT64 ->
                    switch (logical) {
                        case TimestampType(_, var unit) ->
                                switch (unit) {
                                    case MILLIS -> MILLIS;
                                    case MICROS -> MICROS;
                                    case NANOS -> NANOS;
                                };
                        case LogicalType.TimeType _ -> null;
                        case LogicalType.IntType(_, boolean signed) when !signed -> DECIMAL;
                        case null, default -> WHOLE;
                    };
            case FLOAT, DOUBLE -> REAL;
            case BOOLEAN -> TRUTH;
            case INT96 -> JULIAN;
            case BYTE_ARRAY -> TEXT;
            case FIXED_LEN_BYTE_ARRAY -> null;
        };
    }

    /// What the column is, for messages: `INT64 (TIMESTAMP)`.
    static String describe(ColumnSchema column) {
        LogicalType logical = column.logicalType();
        return column.type() + (logical == null ? "" : " (" + logical + ")");
    }
}
