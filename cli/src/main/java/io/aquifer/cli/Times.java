package io.aquifer.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Times as the command line reads and writes them.
final class Times {
    private static final Pattern TEXT =
            Pattern.compile("(\\d{1,18}(?:\\.\\d{1,9})?)\\s*([a-zA-Z]*)");
    private static final Duration LONGEST = Duration.ofDays(365);

    private Times() {}

    /// Reads `500ms`, `10s`, `1.5m` or `1h`.
    ///
    /// @param option whose value it is, for the refusal
    /// @return from 1 ms to 365 days, in whole milliseconds
    /// @throws CommandException on a number without a unit, on 0, and on anything else
    static Duration parse(String option, String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw unreadable(option, text);
        }
        String number = matcher.group(1);
        String unit = matcher.group(2).toLowerCase(Locale.ROOT);
        if (unit.isEmpty()) {
            throw refused(
                    option,
                    "'%s' has no unit. Write %sms, %ss, %sm or %sh."
                            .formatted(text, number, number, number, number));
        }
        long millisPerUnit =
                switch (unit) {
                    case "ms" -> 1L;
                    case "s" -> 1_000L;
                    case "m", "min" -> 60_000L;
                    case "h" -> 3_600_000L;
                    default -> throw unreadable(option, text);
                };
        BigDecimal millis = new BigDecimal(number).multiply(BigDecimal.valueOf(millisPerUnit));
        if (millis.compareTo(BigDecimal.ONE) < 0) {
            throw refused(
                    option, "'" + text + "' is less than 1 ms. Write a longer time, such as 10s.");
        }
        if (millis.compareTo(BigDecimal.valueOf(LONGEST.toMillis())) > 0) {
            throw refused(option, "'" + text + "' is more than 365 days. Write a shorter time.");
        }
        return Duration.ofMillis(millis.longValue());
    }

    /// A time that was set, in full: `500 ms`, `10 s`, `1 min 30 s`.
    static String exact(Duration time) {
        long millis = time.toMillis();
        if (millis < 1_000) {
            return millis + " ms";
        }
        StringBuilder text = new StringBuilder();
        append(text, time.toHours(), "h");
        append(text, time.toMinutesPart(), "min");
        if (time.toMillisPart() > 0) {
            BigDecimal seconds = BigDecimal.valueOf(millis % 60_000, 3);
            append(text, seconds.stripTrailingZeros().toPlainString(), "s");
        } else {
            append(text, time.toSecondsPart(), "s");
        }
        return text.toString();
    }

    /// How long something took: `30 ms`, `0.2 s`, `12.3 s`, `5 min`.
    static String took(Duration time) {
        long millis = time.toMillis();
        if (millis < 100) {
            return millis + " ms";
        }
        return millis < 60_000 ? String.format(Locale.ROOT, "%.1f s", millis / 1e3) : rough(time);
    }

    /// How long ago something was, in its two largest units: `3 s`, `5 min`, `2 h 10 min`, `3 d`.
    static String rough(Duration time) {
        StringBuilder text = new StringBuilder();
        if (time.toDays() > 0) {
            append(text, time.toDays(), "d");
            append(text, time.toHoursPart(), "h");
        } else if (time.toHours() > 0) {
            append(text, time.toHours(), "h");
            append(text, time.toMinutesPart(), "min");
        } else if (time.toMinutes() > 0) {
            append(text, time.toMinutes(), "min");
        } else {
            text.append(Math.max(0, time.toSeconds())).append(" s");
        }
        return text.toString();
    }

    private static void append(StringBuilder text, long number, String unit) {
        if (number > 0) {
            append(text, Long.toString(number), unit);
        }
    }

    private static void append(StringBuilder text, String number, String unit) {
        text.append(text.isEmpty() ? "" : " ").append(number).append(' ').append(unit);
    }

    private static CommandException unreadable(String option, String text) {
        return refused(option, "cannot read '" + text + "' as a time. Write 500ms, 10s, 1m or 1h.");
    }

    private static CommandException refused(String option, String what) {
        return new CommandException(ExitCode.USAGE, option + ": " + what);
    }
}
