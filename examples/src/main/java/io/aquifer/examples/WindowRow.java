package io.aquifer.examples;

import java.math.BigDecimal;
import java.time.LocalDateTime;

/// What one hour at one airport came to; a line of `windows-*.csv`.
///
/// @param meanDelay minutes to three decimals, half up from the exact quotient
/// @param p95Delay the smallest delay that at least 95 % of the hour's flights do not exceed
/// @param city empty where the airport is unknown
/// @param state empty where the airport is unknown
public record WindowRow(
        LocalDateTime windowStart,
        String origin,
        long flights,
        BigDecimal meanDelay,
        int p95Delay,
        int maxDelay,
        String city,
        String state) {}
