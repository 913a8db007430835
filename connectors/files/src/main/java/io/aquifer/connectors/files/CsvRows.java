package io.aquifer.connectors.files;

import de.siegmar.fastcsv.reader.CsvCallbackHandler;
import de.siegmar.fastcsv.reader.RecordType;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// Takes the fields of each row from the CSV parser: first the header, then rows that are bound to
/// a record.
///
/// The parser calls it while it fetches a row; afterwards [#outcome] tells what the row was.
final class CsvRows extends CsvCallbackHandler<CsvRows> {
    enum Outcome {
        HEADER,
        ROW,
        REJECTED,
        END,
        CUT_OFF
    }

    private final Utf8Reader input;
    private final List<String> header = new ArrayList<>();
    private RowRules.@Nullable Binding binding;
    private @Nullable BoundColumn[] bound = new BoundColumn[0];
    private boolean skipping;

    private RecordType type = RecordType.DATA;
    private int fields;
    private boolean endSeen;
    private @Nullable String faultReason;
    private String faultColumn = "";
    private String faultValue = "";
    private String firstValue = "";

    CsvRows(Utf8Reader input) {
        this.input = input;
    }

    List<String> header() {
        return header;
    }

    void bind(RowRules.Binding to) {
        binding = to;
        bound = to.byColumn();
    }

    /// Whether rows are only counted.
    void skip(boolean skip) {
        skipping = skip;
    }

    Outcome outcome() {
        if (endSeen) {
            if (input.failure() != null) {
                return Outcome.CUT_OFF;
            }
            return fields == 1 && firstValue.length() == 1 ? Outcome.END : Outcome.REJECTED;
        }
        if (binding == null) {
            return Outcome.HEADER;
        }
        return faultReason == null ? Outcome.ROW : Outcome.REJECTED;
    }

    /// Whether the end of the file stands inside this row: a quote is open.
    boolean isLast() {
        return endSeen;
    }

    String faultReason() {
        return faultReason == null ? "" : faultReason;
    }

    String faultColumn() {
        return faultColumn;
    }

    String faultValue() {
        return faultValue;
    }

    @Override
    protected RecordType getRecordType() {
        return type;
    }

    @Override
    protected int getFieldCount() {
        return fields;
    }

    @Override
    protected void beginRecord(long startingLineNumber) {
        type = RecordType.DATA;
        fields = 0;
        endSeen = false;
        faultReason = null;
    }

    @Override
    protected void setEmpty() {
        type = RecordType.EMPTY;
    }

    @Override
    protected void setComment(char[] text, int from, int length) {
        throw new IllegalStateException("comments are off");
    }

    @Override
    protected void addField(char[] text, int from, int length, boolean quoted) {
        int index = fields++;
        if (length > 0 && text[from + length - 1] == Utf8Reader.END) {
            endSeen = true;
            firstValue = new String(text, from, Math.min(length, 201));
            reject(index, "a quote is never closed", firstValue);
            return;
        }
        if (binding == null) {
            header.add(new String(text, from, length).strip());
            return;
        }
        if (faultReason != null || skipping) {
            return;
        }
        if (index >= bound.length) {
            return; // judged when the row is complete
        }
        BoundColumn column = bound[index];
        if (column == null) {
            return;
        }
        String reason =
                input.sawMalformed() && Utf8Reader.isDamaged(text, from, length)
                        ? FieldKind.NOT_UTF8
                        : column.acceptText(text, from, length);
        if (reason != null) {
            reject(index, reason, new String(text, from, Math.min(length, 201)));
        }
    }

    private void reject(int index, String reason, String value) {
        faultReason = reason;
        faultColumn = index < header.size() && binding != null ? header.get(index) : "";
        faultValue = value;
    }

    @Override
    protected CsvRows buildRecord() {
        if (binding == null || faultReason != null || skipping) {
            return this;
        }
        for (int i = fields; i < bound.length; i++) {
            BoundColumn column = bound[i];
            String reason = column == null ? null : column.acceptMissing();
            if (reason != null) {
                reject(i, reason, "");
                return this;
            }
        }
        if (fields > bound.length) {
            faultReason = "more fields than the header";
            faultColumn = "";
            faultValue = fields + " fields";
        }
        return this;
    }
}
