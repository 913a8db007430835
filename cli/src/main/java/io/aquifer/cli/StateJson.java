package io.aquifer.cli;

import com.fasterxml.jackson.core.JsonGenerator;

import io.aquifer.engine.checkpoint.CheckpointManifest;
import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.SplitPosition;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.engine.checkpoint.StateReport.CheckpointReport;
import io.aquifer.engine.checkpoint.StoredState;

import java.io.IOException;
import java.util.List;

/// The JSON of `aquifer state DIR --json`: everything the directory's manifests hold.
///
/// The fields are part of the command's contract and are described in `docs/cli.md`.
final class StateJson {
    private StateJson() {}

    static String of(StateText state) {
        return JsonText.write(
                json -> {
                    JsonText.writeText(json, "directory", state.report().directory());
                    json.writeStringField("job", state.report().jobName());
                    json.writeStringField("run", state.report().runId());
                    json.writeBooleanField("finished", state.report().finished());
                    JsonText.writeText(json, "heldBy", state.report().heldBy());
                    json.writeBooleanField("whole", state.isWhole());
                    json.writeNumberField(
                            "newestWhole",
                            state.newestWhole().map(CheckpointReport::id).orElse(0L));
                    writeTexts(json, "problems", state.report().problems());
                    json.writeArrayFieldStart("checkpoints");
                    for (CheckpointReport checkpoint : state.report().checkpoints()) {
                        writeCheckpoint(json, checkpoint);
                    }
                    json.writeEndArray();
                });
    }

    private static void writeCheckpoint(JsonGenerator json, CheckpointReport checkpoint)
            throws IOException {
        json.writeStartObject();
        json.writeNumberField("id", checkpoint.id());
        json.writeNumberField("bytes", checkpoint.bytes());
        json.writeNumberField("files", checkpoint.files());
        json.writeBooleanField("whole", StateText.isWhole(checkpoint));
        writeTexts(json, "problems", checkpoint.problems());
        json.writeArrayFieldStart("states");
        for (StoredState state : checkpoint.states()) {
            writeState(json, state);
        }
        json.writeEndArray();
        CheckpointManifest manifest = checkpoint.manifest();
        if (manifest == null) {
            json.writeNullField("manifest");
        } else {
            json.writeObjectFieldStart("manifest");
            writeManifest(json, manifest);
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void writeState(JsonGenerator json, StoredState state) throws IOException {
        json.writeStartObject();
        json.writeStringField("operator", state.operatorId());
        json.writeStringField("name", state.name());
        json.writeStringField("kind", state.kind().name());
        json.writeNumberField("entries", state.entries());
        json.writeBooleanField("exact", state.exact());
        json.writeNumberField("windows", state.windows());
        json.writeNumberField("bytes", state.bytes());
        json.writeNumberField("firstKeyGroup", state.firstKeyGroup());
        json.writeNumberField("lastKeyGroup", state.lastKeyGroup());
        json.writeNumberField("maxParallelism", state.maxParallelism());
        json.writeStringField("keyType", state.keyType());
        json.writeStringField("mapKeyType", state.mapKeyType());
        json.writeStringField("valueType", state.valueType());
        json.writeEndObject();
    }

    private static void writeManifest(JsonGenerator json, CheckpointManifest manifest)
            throws IOException {
        json.writeStringField("run", manifest.runId());
        json.writeStringField("kind", manifest.kind().name());
        json.writeStringField("started", manifest.started().toString());
        json.writeNumberField("took", manifest.took().toMillis() / 1e3);
        json.writeNumberField("rows", manifest.sourceRecords());
        JsonText.writeCounts(json, "rejectsByReason", manifest.rejects());
        JsonText.writeCounts(json, "counters", manifest.counters());
        json.writeArrayFieldStart("operators");
        for (OperatorState operator : manifest.operators()) {
            writeOperator(json, operator);
        }
        json.writeEndArray();
    }

    private static void writeOperator(JsonGenerator json, OperatorState operator)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("id", operator.id());
        json.writeStringField("name", operator.name());
        json.writeStringField("type", operator.type());
        json.writeNumberField("parallelism", operator.parallelism());
        json.writeNumberField("maxParallelism", operator.maxParallelism());
        json.writeNumberField("watermark", operator.watermark());
        json.writeArrayFieldStart("splits");
        for (SplitPosition split : operator.splits()) {
            json.writeStartObject();
            json.writeStringField("id", split.splitId());
            json.writeNumberField("start", split.start());
            json.writeNumberField("end", split.end());
            json.writeNumberField("position", split.position());
            json.writeStringField("status", split.status().name());
            json.writeStringField("description", split.description());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("files");
        for (StateFile file : operator.files()) {
            json.writeStartObject();
            json.writeStringField("path", file.path());
            json.writeNumberField("subtask", file.subtask());
            json.writeNumberField("bytes", file.bytes());
            json.writeEndObject();
        }
        json.writeEndArray();
        writeTexts(json, "committables", operator.committables());
        json.writeEndObject();
    }

    private static void writeTexts(JsonGenerator json, String name, List<String> texts)
            throws IOException {
        json.writeArrayFieldStart(name);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }
}
