package io.aquifer.connectors.files;

import org.jspecify.annotations.Nullable;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/// Dates and times from characters: ISO 8601, with `T` or a blank between date and time, seconds
/// and fraction optional.
final class TextTimes {
    private TextTimes() {}

    static @Nullable LocalDate parseDate(char[] text, int from, int length) {
        return length == 10 ? date(text, from) : null;
    }

    static @Nullable LocalDateTime parseDateTime(char[] text, int from, int length) {
        if (length < 16 || length == 17 || length == 18 || length > 29) {
            return null;
        }
        LocalDate date = date(text, from);
        char between = text[from + 10];
        int hour = digits(text, from + 11, 2);
        int minute = digits(text, from + 14, 2);
        int second = 0;
        int nano = 0;
        if (date == null || between != 'T' && between != ' ' || text[from + 13] != ':') {
            return null;
        }
        if (length > 16) {
            second = text[from + 16] == ':' ? digits(text, from + 17, 2) : -1;
            if (length > 19) {
                int places = length - 20;
                if (text[from + 19] != '.' || places == 0) {
                    return null;
                }
                nano = digits(text, from + 20, places);
                for (int i = places; i < 9; i++) {
                    nano *= 10;
                }
            }
        }
        if (hour < 0
                || hour > 23
                || minute < 0
                || minute > 59
                || second < 0
                || second > 59
                || nano < 0) {
            return null;
        }
        return LocalDateTime.of(
                date.getYear(),
                date.getMonthValue(),
                date.getDayOfMonth(),
                hour,
                minute,
                second,
                nano);
    }

    /// A date-time with an offset, `Z` for UTC; without one it is UTC too.
    static @Nullable Instant parseInstant(char[] text, int from, int length) {
        LocalDateTime plain = parseDateTime(text, from, length);
        if (plain != null) {
            return plain.toInstant(ZoneOffset.UTC);
        }
        if (length > 16 && text[from + length - 1] == 'Z') {
            plain = parseDateTime(text, from, length - 1);
            if (plain != null) {
                return plain.toInstant(ZoneOffset.UTC);
            }
        }
        if (length < 17 || length > 40) {
            return null;
        }
        try {
            return OffsetDateTime.parse(new String(text, from, length).replace(' ', 'T'))
                    .toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static @Nullable LocalDate date(char[] text, int at) {
        int year = digits(text, at, 4);
        int month = digits(text, at + 5, 2);
        int day = digits(text, at + 8, 2);
        if (text[at + 4] != '-'
                || text[at + 7] != '-'
                || year < 0
                || month < 1
                || month > 12
                || day < 1
                || day > 31) {
            return null;
        }
        if (day > 28 && day > java.time.YearMonth.of(year, month).lengthOfMonth()) {
            return null;
        }
        return LocalDate.of(year, month, day);
    }

    /// -1 when they are not all digits.
    private static int digits(char[] text, int at, int count) {
        int value = 0;
        for (int i = at; i < at + count; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
