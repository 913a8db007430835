package io.aquifer.api;

import io.aquifer.api.connector.Sink;
import io.aquifer.api.connector.SinkContext;
import io.aquifer.api.connector.SinkWriter;

import java.io.PrintStream;
import java.util.List;

/// Prints each record on a line of its own.
record PrintSink<T>(String prefix) implements Sink<T> {
    @Override
    public String name() {
        return "print";
    }

    @Override
    public SinkWriter<T> createWriter(SinkContext context) {
        String number =
                context.parallelism() == 1 ? "" : String.valueOf(context.subtaskIndex() + 1);
        String separator = prefix.isEmpty() || number.isEmpty() ? "" : ":";
        String text = prefix + separator + number;
        String start = text.isEmpty() ? "" : text + "> ";
        PrintStream out = System.out;
        return new SinkWriter<>() {
            @Override
            public void write(T value, long timestamp) {
                out.println(start + value);
            }

            @Override
            public List<String> finish(long checkpoint) {
                out.flush();
                return List.of();
            }

            @Override
            public void close() {}
        };
    }
}
