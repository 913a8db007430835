package io.aquifer.engine.checkpoint;

import java.util.List;

/// A line of a [TabbedText]: a word that says what it is, and fields.
///
/// @param file what messages call the file
/// @param number from 1
/// @param fields unescaped; the first is the word
record TextLine(String file, int number, List<String> fields) {
    String word() {
        return fields.get(0);
    }

    String text(int field) {
        return fields.get(field);
    }

    /// This line, if it begins with `word` and has `count` fields after it.
    TextLine expect(String word, int count) throws CorruptTextException {
        if (!word().equals(word)) {
            throw corrupt("expected '" + word + "', found " + quoted(word()));
        }
        if (fields.size() != count + 1) {
            throw corrupt(
                    "expected "
                            + count
                            + " fields after '"
                            + word
                            + "', found "
                            + (fields.size() - 1));
        }
        return this;
    }

    /// A decimal number as [Long#toString(long)] writes it.
    long number(int field, long min, long max) throws CorruptTextException {
        String text = text(field);
        long value;
        try {
            value = Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw corrupt(quoted(text) + " is not a number");
        }
        if (!Long.toString(value).equals(text)) {
            throw corrupt(quoted(text) + " is not a number as it is written here");
        }
        if (value < min || value > max) {
            throw corrupt(text + " is not between " + min + " and " + max);
        }
        return value;
    }

    <E extends Enum<E>> E constant(int field, Class<E> type) throws CorruptTextException {
        try {
            return Enum.valueOf(type, text(field));
        } catch (IllegalArgumentException e) {
            throw corrupt(quoted(text(field)) + " is none of " + List.of(type.getEnumConstants()));
        }
    }

    CorruptTextException corrupt(String problem) {
        return new CorruptTextException(file, number, problem);
    }

    private static String quoted(String text) {
        return TabbedText.quote(text);
    }
}
