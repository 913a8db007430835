package io.aquifer.api.graph;

import io.aquifer.api.types.TypeInformation;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// An operator of the job graph as the author declared it. Changed by the API's fluent calls until
/// the job is executed.
public final class StreamNode {
    private final int id;
    private final Operation operation;
    private final List<StreamInput> inputs;
    private final SourceLocation location;
    private String name;
    private @Nullable String uid;
    private int parallelism;
    private @Nullable TypeInformation<?> outputType;

    /// @param id from 1, in order of declaration
    /// @param outputType null when it could not be inferred
    public StreamNode(
            int id,
            String name,
            Operation operation,
            List<StreamInput> inputs,
            @Nullable TypeInformation<?> outputType,
            SourceLocation location) {
        this.id = id;
        this.name = name;
        this.operation = operation;
        this.inputs = List.copyOf(inputs);
        this.outputType = outputType;
        this.location = location;
    }

    public int id() {
        return id;
    }

    public String name() {
        return name;
    }

    public void setName(String name) {
        this.name = name;
    }

    /// What identifies the operator's state across versions of the job, or null.
    public @Nullable String uid() {
        return uid;
    }

    public void setUid(String uid) {
        this.uid = uid;
    }

    public Operation operation() {
        return operation;
    }

    public List<StreamInput> inputs() {
        return inputs;
    }

    public SourceLocation location() {
        return location;
    }

    /// Subtasks wanted, or 0 for the job's parallelism.
    public int parallelism() {
        return parallelism;
    }

    public void setParallelism(int parallelism) {
        if (parallelism < 1) {
            throw new IllegalArgumentException(
                    "parallelism of '"
                            + name
                            + "' ("
                            + location
                            + ") must be at least 1, got "
                            + parallelism);
        }
        this.parallelism = parallelism;
    }

    /// The type of the records of the main output, or null when it could not be inferred.
    public @Nullable TypeInformation<?> outputType() {
        return outputType;
    }

    public void setOutputType(TypeInformation<?> outputType) {
        this.outputType = outputType;
    }

    /// `'clean' (Flights.java:42)`, as messages say it.
    @Override
    public String toString() {
        return "'" + name + "' (" + location + ")";
    }
}
