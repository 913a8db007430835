package io.aquifer.examples;

import java.time.LocalDateTime;
import java.time.ZoneOffset;

/// One scheduled flight.
///
/// @param date departure, local time, to the minute
/// @param delay minutes late; negative when early
/// @param distance miles
/// @param origin IATA code of the airport left
/// @param destination IATA code of the airport reached
public record Flight(
        LocalDateTime date, int delay, int distance, String origin, String destination) {
    static final int LEAST_DELAY = -200;
    static final int MOST_DELAY = 1440;

    long eventTime() {
        return date.toEpochSecond(ZoneOffset.UTC) * 1000;
    }

    static boolean isPlausibleDelay(long minutes) {
        return minutes >= LEAST_DELAY && minutes <= MOST_DELAY;
    }

    /// Whether `code` is three letters or digits.
    static boolean isAirportCode(String code) {
        if (code.length() != 3) {
            return false;
        }
        for (int i = 0; i < 3; i++) {
            char c = code.charAt(i);
            if (!(c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9')) {
                return false;
            }
        }
        return true;
    }
}
