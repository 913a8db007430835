package io.aquifer.connectors.files;

import io.aquifer.connectors.files.RecordShape.Component;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;

/// A column of a file bound to a record component: turns the column's values into the component's,
/// and judges them.
///
/// Each `accept` puts one value into the row and returns null, or returns the reason why it is
/// none. Used by one thread.
final class BoundColumn {
    private final Component component;
    private final int slot;
    private final FieldKind kind;
    private final boolean optional;
    private final Check[] checks;
    private final Row row;
    private final StringCache cache = new StringCache();
    private final Enum<?>[] constants;
    private long lastSecond = Long.MIN_VALUE;
    private @Nullable Object lastTime;

    /// @param optional whether an empty field yields null (an empty text for a String) instead of a
    ///   reject
    BoundColumn(Component component, boolean optional, List<Check> checks, Row row) {
        this.component = component;
        this.slot = component.index();
        this.kind = component.kind();
        this.optional = optional || component.boxed();
        this.checks = checks.toArray(Check[]::new);
        this.row = row;
        this.constants =
                kind == FieldKind.ENUM
                        ? (Enum<?>[]) component.type().getEnumConstants()
                        : new Enum<?>[0];
    }

    Component component() {
        return component;
    }

    @Nullable String acceptMissing() {
        if (!optional) {
            return FieldKind.MISSING;
        }
        row.objects[slot] = kind == FieldKind.TEXT ? "" : null;
        return null;
    }

    @Nullable String acceptText(char[] text, int from, int length) {
        if (length == 0) {
            return acceptMissing();
        }
        switch (kind) {
            case INT, LONG -> {
                return switch (TextNumbers.parseLong(text, from, length, row.numbers, slot)) {
                    case OK -> whole(row.numbers[slot]);
                    case NOT_A_NUMBER -> kind.mismatch;
                    case TOO_LARGE ->
                            kind == FieldKind.INT
                                    ? FieldKind.TOO_LARGE_FOR_INT
                                    : FieldKind.TOO_LARGE_FOR_LONG;
                };
            }
            case DOUBLE -> {
                return TextNumbers.parseDouble(text, from, length, row.numbers, slot)
                        ? real(Double.longBitsToDouble(row.numbers[slot]))
                        : kind.mismatch;
            }
            case TEXT -> {
                return text(cache.get(text, from, length));
            }
            case DATE_TIME -> {
                LocalDateTime time = TextTimes.parseDateTime(text, from, length);
                return time == null ? kind.mismatch : object(time);
            }
            case DATE -> {
                LocalDate date = TextTimes.parseDate(text, from, length);
                return date == null ? kind.mismatch : object(date);
            }
            case INSTANT -> {
                Instant instant = TextTimes.parseInstant(text, from, length);
                return instant == null ? kind.mismatch : object(instant);
            }
            case BOOLEAN -> {
                String value = cache.get(text, from, length);
                boolean yes = value.equalsIgnoreCase("true");
                return yes || value.equalsIgnoreCase("false") ? truth(yes) : kind.mismatch;
            }
            case ENUM -> {
                return constant(cache.get(text, from, length));
            }
            default -> {
                // A thousand digits are enough: longer ones cost quadratic time.
                if (length > 1000) {
                    return kind.mismatch;
                }
                try {
                    return object(new BigDecimal(text, from, length));
                } catch (NumberFormatException e) {
                    return kind.mismatch;
                }
            }
        }
    }

    @Nullable String acceptBytes(byte[] utf8) {
        if (utf8.length == 0) {
            return acceptMissing();
        }
        String value = cache.get(utf8);
        if (value == null) {
            return FieldKind.NOT_UTF8;
        }
        return kind == FieldKind.TEXT
                ? text(value)
                : acceptText(value.toCharArray(), 0, value.length());
    }

    @Nullable String acceptWhole(long value) {
        return switch (kind) {
            case INT -> value == (int) value ? whole(value) : FieldKind.TOO_LARGE_FOR_INT;
            case LONG -> whole(value);
            case DOUBLE -> real(value);
            case DECIMAL -> object(BigDecimal.valueOf(value));
            case TEXT -> text(Long.toString(value));
            default -> kind.mismatch;
        };
    }

    @Nullable String acceptReal(double value) {
        return switch (kind) {
            case DOUBLE -> real(value);
            case DECIMAL ->
                    Double.isFinite(value) ? object(BigDecimal.valueOf(value)) : kind.mismatch;
            case TEXT -> text(Double.toString(value));
            default -> kind.mismatch;
        };
    }

    @Nullable String acceptDecimal(BigDecimal value) {
        return switch (kind) {
            case DECIMAL -> object(value);
            case DOUBLE -> real(value.doubleValue());
            case TEXT -> text(value.toPlainString());
            default -> kind.mismatch;
        };
    }

    @Nullable String acceptBoolean(boolean value) {
        return switch (kind) {
            case BOOLEAN -> truth(value);
            case TEXT -> text(Boolean.toString(value));
            default -> kind.mismatch;
        };
    }

    @Nullable String acceptDate(long epochDay) {
        LocalDate date = LocalDate.ofEpochDay(epochDay);
        return switch (kind) {
            case DATE -> object(date);
            case DATE_TIME -> object(date.atStartOfDay());
            case TEXT -> text(date.toString());
            default -> kind.mismatch;
        };
    }

    @Nullable String acceptTime(long epochSecond, int nano) {
        if (kind == FieldKind.LONG) {
            return whole(epochSecond * 1000 + nano / 1_000_000);
        }
        Object known = lastTime;
        if (nano == 0 && epochSecond == lastSecond && known != null) {
            return object(known);
        }
        Object time =
                switch (kind) {
                    case DATE_TIME ->
                            LocalDateTime.ofEpochSecond(epochSecond, nano, ZoneOffset.UTC);
                    case INSTANT -> Instant.ofEpochSecond(epochSecond, nano);
                    case TEXT ->
                            LocalDateTime.ofEpochSecond(epochSecond, nano, ZoneOffset.UTC)
                                    .toString();
                    default -> null;
                };
        if (time == null) {
            return kind.mismatch;
        }
        if (nano == 0) {
            lastSecond = epochSecond;
            lastTime = time;
        }
        return time instanceof String text ? text(text) : object(time);
    }

    private @Nullable String whole(long value) {
        if (kind == FieldKind.INT && value != (int) value) {
            return FieldKind.TOO_LARGE_FOR_INT;
        }
        row.numbers[slot] = value;
        if (component.boxed()) {
            row.objects[slot] = kind == FieldKind.INT ? (Object) (int) value : (Object) value;
        }
        for (Check check : checks) {
            boolean ok =
                    switch (check) {
                        case Check.OfLong(var predicate, _) -> predicate.test(value);
                        case Check.OfDouble(var predicate, _) -> predicate.test(value);
                        case Check.OfText _ -> true;
                    };
            if (!ok) {
                return check.reason();
            }
        }
        return null;
    }

    private @Nullable String real(double value) {
        row.numbers[slot] = Double.doubleToRawLongBits(value);
        if (component.boxed()) {
            row.objects[slot] = value;
        }
        for (Check check : checks) {
            if (check instanceof Check.OfDouble(var predicate, var reason)
                    && !predicate.test(value)) {
                return reason;
            }
        }
        return null;
    }

    private @Nullable String truth(boolean value) {
        row.numbers[slot] = value ? 1 : 0;
        if (component.boxed()) {
            row.objects[slot] = value;
        }
        return null;
    }

    private @Nullable String text(String value) {
        row.objects[slot] = value;
        return checkText(value);
    }

    private @Nullable String checkText(String value) {
        for (Check check : checks) {
            if (check instanceof Check.OfText(var predicate, var reason)
                    && !predicate.test(value)) {
                return reason;
            }
        }
        return null;
    }

    private @Nullable String constant(String name) {
        for (Enum<?> constant : constants) {
            if (constant.name().equals(name)) {
                row.objects[slot] = constant;
                return checkText(name);
            }
        }
        return kind.mismatch;
    }

    private @Nullable String object(Object value) {
        row.objects[slot] = value;
        for (Check check : checks) {
            boolean ok =
                    switch (check) {
                        case Check.OfLong(var predicate, _) -> predicate.test(epochMillis(value));
                        case Check.OfDouble(var predicate, _) ->
                                !(value instanceof BigDecimal decimal)
                                        || predicate.test(decimal.doubleValue());
                        case Check.OfText _ -> true;
                    };
            if (!ok) {
                return check.reason();
            }
        }
        return null;
    }

    private static long epochMillis(Object value) {
        return switch (value) {
            case LocalDateTime time -> time.toInstant(ZoneOffset.UTC).toEpochMilli();
            case LocalDate date -> date.toEpochDay() * 86_400_000L;
            case Instant instant -> instant.toEpochMilli();
            default -> throw new IllegalStateException("a check on whole numbers met " + value);
        };
    }

    /// The kinds a check may be put on.
    static boolean fits(Check check, FieldKind kind) {
        return switch (check) {
            case Check.OfLong _ ->
                    Arrays.asList(
                                    FieldKind.INT,
                                    FieldKind.LONG,
                                    FieldKind.DATE_TIME,
                                    FieldKind.DATE,
                                    FieldKind.INSTANT)
                            .contains(kind);
            case Check.OfDouble _ ->
                    Arrays.asList(
                                    FieldKind.INT,
                                    FieldKind.LONG,
                                    FieldKind.DOUBLE,
                                    FieldKind.DECIMAL)
                            .contains(kind);
            case Check.OfText _ -> kind == FieldKind.TEXT || kind == FieldKind.ENUM;
        };
    }
}
