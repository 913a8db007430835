package io.aquifer.examples;

import io.aquifer.api.functions.RichMapFunction;

import java.io.IOException;
import java.nio.file.Path;

/// Adds city and state of the airport. Done after the windows: there are far fewer of them than of
/// flights.
final class AddCity extends RichMapFunction<WindowRow, WindowRow> {
    private static final long serialVersionUID = 1L;

    private final String airportsCsv;
    private transient Airports airports;

    AddCity(String airportsCsv) {
        this.airportsCsv = airportsCsv;
    }

    @Override
    public void open() throws IOException {
        airports = Airports.read(Path.of(airportsCsv));
    }

    @Override
    public WindowRow map(WindowRow row) {
        Airports.Airport airport = airports.get(row.origin());
        return new WindowRow(
                row.windowStart(),
                row.origin(),
                row.flights(),
                row.meanDelay(),
                row.p95Delay(),
                row.maxDelay(),
                airport.city(),
                airport.state());
    }
}
