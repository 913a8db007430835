package io.aquifer.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;

import io.aquifer.api.types.CorruptRecordException;
import io.aquifer.engine.checkpoint.StoredState;
import io.aquifer.state.file.StateEntry;
import io.aquifer.state.file.StateSection;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// Reads the entries of one state as rows of named cells. Bytes whose type is unknown, or that are
/// none of their type, become [Hex].
///
/// | kind         | cells                           |
/// |--------------|---------------------------------|
/// | value        | key, value                      |
/// | list         | key, index, value               |
/// | map          | key, mapKey, value              |
/// | windows      | window, and as above            |
/// | timers       | key, time                       |
/// | operator     | subtask, value                  |
///
/// **Threads.** One at a time.
final class StoredEntry {
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final JsonFactory JSON = new JsonFactory();

    private final StateSection.Kind kind;
    private final StoredType keyType;
    private final StoredType mapKeyType;
    private final StoredType valueType;
    private long undecoded;
    private byte[] listKey = new byte[0];
    private long listWindow;
    private long index = -1;

    /// Bytes that could not be read as a value.
    record Hex(String digits) {}

    StoredEntry(StoredState state) {
        this.kind = state.kind();
        this.keyType = StoredType.of(state.keyType());
        this.mapKeyType = StoredType.of(state.mapKeyType());
        this.valueType = StoredType.of(state.valueType());
    }

    /// The names of the cells.
    List<String> names() {
        List<String> names = new ArrayList<>();
        if (kind.hasWindow()) {
            names.add("window");
        }
        names.add(kind == StateSection.Kind.OPERATOR ? "subtask" : "key");
        switch (kind) {
            case LIST, WINDOW_LIST -> names.add("index");
            case MAP -> names.add("mapKey");
            default -> {}
        }
        names.add(isTimer() ? "time" : "value");
        return names;
    }

    private boolean isTimer() {
        return kind == StateSection.Kind.EVENT_TIMERS
                || kind == StateSection.Kind.PROCESSING_TIMERS;
    }

    /// Why values become hex whatever their bytes, a line each; nothing when they do not.
    List<String> unknownTypes() {
        List<String> unknown = new ArrayList<>();
        if (kind != StateSection.Kind.OPERATOR) {
            addUnknown(unknown, "keys", keyType);
        }
        if (kind == StateSection.Kind.MAP) {
            addUnknown(unknown, "map keys", mapKeyType);
        }
        if (!isTimer()) {
            addUnknown(unknown, "values", valueType);
        }
        return unknown;
    }

    private static void addUnknown(List<String> unknown, String what, StoredType type) {
        if (!type.unknown().isEmpty()) {
            unknown.add("the " + what + " are shown as hex: " + type.unknown());
        }
    }

    /// How many cells became hex although their type is known.
    long undecoded() {
        return undecoded;
    }

    /// The key of the entry at hand.
    @Nullable Object key(StateEntry entry) {
        return decoded(keyType, entry.buffer(), entry.keyOffset(), entry.keyLength());
    }

    /// What tells the entry at hand from others, as a line: key, map key, window, time.
    String identity(StateSection section, int subtask, StateEntry entry) {
        if (kind == StateSection.Kind.OPERATOR) {
            return "subtask " + subtask;
        }
        String text = text(key(entry));
        if (kind == StateSection.Kind.MAP) {
            text +=
                    " -> "
                            + text(
                                    decoded(
                                            mapKeyType,
                                            entry.buffer(),
                                            entry.mapKeyOffset(),
                                            entry.mapKeyLength()));
        }
        if (isTimer()) {
            text += " at " + time(entry);
        }
        return kind.hasWindow() ? text + " in window " + section.window() : text;
    }

    /// The cells of the entry at hand, in the order of [#names]. The entries of a list come one
    /// after another.
    List<@Nullable Object> cells(StateSection section, int subtask, StateEntry entry) {
        List<@Nullable Object> cells = new ArrayList<>();
        if (kind.hasWindow()) {
            cells.add(section.window());
        }
        cells.add(kind == StateSection.Kind.OPERATOR ? (Object) subtask : key(entry));
        byte[] bytes = entry.buffer();
        switch (kind) {
            case LIST, WINDOW_LIST -> cells.add(nextIndex(section.window(), entry));
            case MAP ->
                    cells.add(
                            decoded(mapKeyType, bytes, entry.mapKeyOffset(), entry.mapKeyLength()));
            default -> {}
        }
        cells.add(
                isTimer()
                        ? time(entry)
                        : decoded(valueType, bytes, entry.valueOffset(), entry.valueLength()));
        return cells;
    }

    private static Object time(StateEntry entry) {
        return entry.valueLength() == Long.BYTES
                ? (Object) (long) LONG.get(entry.buffer(), entry.valueOffset())
                : hex(entry.buffer(), entry.valueOffset(), entry.valueLength());
    }

    private long nextIndex(long window, StateEntry entry) {
        int from = entry.keyOffset();
        int to = from + entry.keyLength();
        if (index < 0
                || window != listWindow
                || !Arrays.equals(listKey, 0, listKey.length, entry.buffer(), from, to)) {
            listKey = Arrays.copyOfRange(entry.buffer(), from, to);
            listWindow = window;
            index = -1;
        }
        return ++index;
    }

    private @Nullable Object decoded(StoredType type, byte[] bytes, int offset, int length) {
        if (type.unknown().isEmpty()) {
            try {
                return type.read(bytes, offset, length);
            } catch (CorruptRecordException other) {
                undecoded++;
            }
        }
        return hex(bytes, offset, length);
    }

    private static Hex hex(byte[] bytes, int offset, int length) {
        return new Hex(HexFormat.of().formatHex(bytes, offset, offset + length));
    }

    /// A cell as text: a string as it is, hex behind `0x`, all else as JSON.
    static String text(@Nullable Object cell) {
        return switch (cell) {
            case String text -> text;
            case Hex hex -> "0x" + hex.digits();
            case Long number -> number.toString();
            case null, default -> {
                StringWriter text = new StringWriter();
                try (JsonGenerator json = JSON.createGenerator(text)) {
                    write(json, cell);
                } catch (IOException impossible) {
                    throw new UncheckedIOException(impossible);
                }
                yield text.toString();
            }
        };
    }

    /// A cell as JSON; hex as `{"$hex":"00ff"}`.
    static void write(JsonGenerator json, @Nullable Object cell) throws IOException {
        switch (cell) {
            case null -> json.writeNull();
            case Hex hex -> {
                json.writeStartObject();
                json.writeStringField("$hex", hex.digits());
                json.writeEndObject();
            }
            case byte[] bytes -> json.writeString("0x" + HexFormat.of().formatHex(bytes));
            case List<?> elements -> {
                json.writeStartArray();
                for (Object element : elements) {
                    write(json, element);
                }
                json.writeEndArray();
            }
            case Map<?, ?> fields -> {
                json.writeStartObject();
                for (Map.Entry<?, ?> field : fields.entrySet()) {
                    json.writeFieldName(String.valueOf(field.getKey()));
                    write(json, field.getValue());
                }
                json.writeEndObject();
            }
            case Boolean truth -> json.writeBoolean(truth);
            case Double number -> json.writeNumber(number);
            case Float number -> json.writeNumber(number);
            case Number number -> json.writeNumber(number.toString());
            default -> json.writeString(cell.toString());
        }
    }
}
