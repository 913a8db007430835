package io.aquifer.connectors.files;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;

/// What a record component can be, and what is said of a value that is not of that kind.
enum FieldKind {
    INT("not a whole number"),
    LONG("not a whole number"),
    DOUBLE("not a number"),
    BOOLEAN("not true or false"),
    TEXT("not a text"),
    ENUM("not one of the known values"),
    DATE_TIME("not a date-time"),
    DATE("not a date"),
    INSTANT("not a date-time"),
    DECIMAL("not a number");

    static final String MISSING = "missing";
    static final String TOO_LARGE_FOR_INT = "too large for an int";
    static final String TOO_LARGE_FOR_LONG = "too large for a long";
    static final String NOT_UTF8 = "not UTF-8";

    final String mismatch;

    FieldKind(String mismatch) {
        this.mismatch = mismatch;
    }

    static @Nullable FieldKind of(Class<?> type) {
        if (type == int.class || type == Integer.class) {
            return INT;
        } else if (type == long.class || type == Long.class) {
            return LONG;
        } else if (type == double.class || type == Double.class) {
            return DOUBLE;
        } else if (type == boolean.class || type == Boolean.class) {
            return BOOLEAN;
        } else if (type == String.class) {
            return TEXT;
        } else if (type.isEnum()) {
            return ENUM;
        } else if (type == LocalDateTime.class) {
            return DATE_TIME;
        } else if (type == LocalDate.class) {
            return DATE;
        } else if (type == Instant.class) {
            return INSTANT;
        } else if (type == BigDecimal.class) {
            return DECIMAL;
        }
        return null;
    }

    static boolean isBoxed(Class<?> type) {
        return type == Integer.class
                || type == Long.class
                || type == Double.class
                || type == Boolean.class;
    }
}
