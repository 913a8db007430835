package io.aquifer.examples;

import io.aquifer.api.connector.Reject;
import io.aquifer.api.connector.SourceOutput;
import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;
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
        FileSource<Airport> source =
                FileSource.of(Airport.class, csv).optional("city").optional("state");
        Map<String, Airport> byCode = new HashMap<>();
        for (SourceSplit split : source.splits()) {
            try (SourceReader<Airport> reader = source.createReader(split, split.start())) {
                SourceOutput<Airport> output = new Rows(byCode);
                while (reader.read(output, 256)) {
                    // The output takes the rows.
                }
            }
        }
        return new Airports(byCode);
    }

    /// Takes airports as they are read; a row that is none is left out, as an unknown airport would
    /// be.
    private record Rows(Map<String, Airport> byCode) implements SourceOutput<Airport> {
        @Override
        public void collect(Airport airport) {
            byCode.put(airport.iata(), airport);
        }

        @Override
        public void collect(Airport airport, long timestamp) {
            collect(airport);
        }

        @Override
        public void reject(Reject reject) {}
    }

    /// The airport, or one with an empty city and state.
    Airport get(String code) {
        return byCode.getOrDefault(code, UNKNOWN);
    }
}
