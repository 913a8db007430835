package io.aquifer.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;

import io.aquifer.engine.CheckpointProgress;
import io.aquifer.engine.JobReport;
import io.aquifer.engine.JobStart;
import io.aquifer.engine.OperatorProgress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/// The JSON that `--json` prints: one object, sizes in bytes, times in seconds, names in camel
/// case.
///
/// The fields are part of the command's contract and are described in `docs/cli.md`.
final class JsonText {
    private JsonText() {}

    static String of(LaunchPlan plan) {
        return write(
                json -> {
                    json.writeNumberField("memoryBytes", plan.totalBytes());
                    json.writeNumberField("slots", plan.slots());
                    json.writeNumberField("managedHeapBytes", plan.memoryPlan().managedHeapBytes());
                    json.writeObjectFieldStart("parts");
                    for (MemoryPart part : MemoryPart.values()) {
                        json.writeNumberField(key(part), plan.share(part));
                    }
                    json.writeEndObject();
                    json.writeArrayFieldStart("flags");
                    for (LaunchPlan.Flag flag : plan.flags()) {
                        json.writeString(flag.text());
                    }
                    json.writeEndArray();
                });
    }

    static String of(RunReport report) {
        return write(
                json -> {
                    json.writeNumberField("exitCode", report.exitCode().code);
                    json.writeArrayFieldStart("jobs");
                    for (EndedJob job : report.jobs()) {
                        writeJob(json, job);
                    }
                    json.writeEndArray();
                    json.writeObjectFieldStart("memory");
                    json.writeNumberField("budgetBytes", report.budgetBytes());
                    json.writeNumberField("peakBytes", report.peakBytes());
                    json.writeObjectFieldStart("parts");
                    for (MemoryRow row : report.memory()) {
                        json.writeObjectFieldStart(key(row.part()));
                        json.writeNumberField("budgetBytes", row.budgetBytes());
                        json.writeNumberField("nowBytes", row.nowBytes());
                        json.writeNumberField("atPeakBytes", row.atPeakBytes());
                        json.writeNumberField("peakBytes", row.peakBytes());
                        json.writeEndObject();
                    }
                    json.writeEndObject();
                    json.writeEndObject();
                });
    }

    /// The part's name in camel case: `codeCache`.
    static String key(MemoryPart part) {
        String[] words = part.name().toLowerCase(Locale.ROOT).split("_", -1);
        StringBuilder key = new StringBuilder(words[0]);
        for (int word = 1; word < words.length; word++) {
            key.append(Character.toUpperCase(words[word].charAt(0)))
                    .append(words[word].substring(1));
        }
        return key.toString();
    }

    private static void writeJob(JsonGenerator json, EndedJob ended) throws IOException {
        JobReport job = ended.report();
        json.writeStartObject();
        json.writeStringField("name", job.last().job());
        json.writeStringField("state", job.state().name());
        json.writeNumberField("seconds", job.last().elapsed().toMillis() / 1e3);
        json.writeNumberField("rows", job.last().sourceRecords());
        json.writeNumberField("rejects", job.last().rejects());
        writeCounts(json, "rejectsByReason", job.last().rejectsByReason());
        writeCounts(json, "counters", job.last().counters());
        writeStart(json, ended.start());
        writeCheckpoints(json, job.last().checkpoints());
        json.writeNumberField("restarts", job.last().restarts());
        json.writeArrayFieldStart("operators");
        for (OperatorProgress operator : job.last().operators()) {
            json.writeStartObject();
            json.writeStringField("name", operator.name());
            json.writeStringField("location", operator.location());
            json.writeNumberField("parallelism", operator.parallelism());
            json.writeNumberField("recordsIn", operator.recordsIn());
            json.writeNumberField("recordsOut", operator.recordsOut());
            json.writeNumberField("stateBytes", operator.stateBytes());
            json.writeEndObject();
        }
        json.writeEndArray();
        Throwable failure = job.failure();
        if (failure == null) {
            json.writeNullField("failure");
        } else {
            json.writeStringField(
                    "failure",
                    failure.getMessage() == null
                            ? failure.getClass().getName()
                            : failure.getMessage());
        }
        json.writeArrayFieldStart("leaks");
        for (String leak : job.leaks()) {
            json.writeString(leak);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeStart(JsonGenerator json, JobStart start) throws IOException {
        json.writeObjectFieldStart("start");
        json.writeStringField("kind", start.kind().name());
        writeText(json, "stateDirectory", start.stateDirectory());
        json.writeNumberField("checkpoint", start.checkpoint());
        json.writeArrayFieldStart("positions");
        for (String position : start.positions()) {
            json.writeString(position);
        }
        json.writeEndArray();
        json.writeNumberField("sourceRecords", start.sourceRecords());
        json.writeNumberField("interval", start.interval().toMillis() / 1e3);
        Duration redone = start.redone();
        if (redone == null) {
            json.writeNullField("redone");
        } else {
            json.writeNumberField("redone", redone.toMillis() / 1e3);
        }
        json.writeEndObject();
    }

    private static void writeCheckpoints(JsonGenerator json, CheckpointProgress checkpoints)
            throws IOException {
        json.writeObjectFieldStart("checkpoints");
        json.writeNumberField("completed", checkpoints.completed());
        json.writeNumberField("failed", checkpoints.failed());
        writeText(json, "lastFailure", checkpoints.lastFailure());
        json.writeNumberField("lastId", checkpoints.lastId());
        json.writeNumberField("lastBytes", checkpoints.lastBytes());
        json.writeArrayFieldStart("lastPositions");
        for (String position : checkpoints.lastPositions()) {
            json.writeString(position);
        }
        json.writeEndArray();
        json.writeNumberField("lastSourceRecords", checkpoints.lastSourceRecords());
        json.writeNumberField("lastTook", checkpoints.lastTook().toMillis() / 1e3);
        json.writeNumberField("sinceLast", checkpoints.sinceLast().toMillis() / 1e3);
        json.writeEndObject();
    }

    /// Writes the text of `value`, or null for null.
    static void writeText(JsonGenerator json, String name, @Nullable Object value)
            throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeStringField(name, value.toString());
        }
    }

    static void writeCounts(JsonGenerator json, String name, Map<String, Long> counts)
            throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<String, Long> count : counts.entrySet()) {
            json.writeNumberField(count.getKey(), count.getValue());
        }
        json.writeEndObject();
    }

    /// One object with the fields that `body` writes.
    static String write(Body body) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.writeStartObject();
            body.write(json);
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString();
    }

    /// Writes fields.
    interface Body {
        void write(JsonGenerator json) throws IOException;
    }
}
