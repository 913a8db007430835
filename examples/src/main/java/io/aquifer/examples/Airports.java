package io.aquifer.examples;

import io.aquifer.connectors.files.FileSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// City and state of airports by their code.
record Airports(Map<String, Airport> byCode) {
    /// A row of `airports.csv`; city and state may be empty.
    record Airport(String iata, String city, String state) {}

    private static final Airport UNKNOWN = new Airport("", "", "");

    static Airports read(Path csv) throws IOException {
        Map<String, Airport> byCode = new HashMap<>();
        FileSource.of(Airport.class, csv)
                .optional("city")
                .optional("state")
                .forEach(airport -> byCode.put(airport.iata(), airport));
        return new Airports(byCode);
    }

    /// The airport, or one with an empty city and state.
    Airport get(String code) {
        return byCode.getOrDefault(code, UNKNOWN);
    }
}
