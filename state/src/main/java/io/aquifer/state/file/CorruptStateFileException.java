package io.aquifer.state.file;

import java.io.IOException;

/// A state file that is damaged, cut off, or of a format this version does not know; the message
/// names the file, the place, and what is wrong there.
public final class CorruptStateFileException extends IOException {
    private static final long serialVersionUID = 1L;

    CorruptStateFileException(String message) {
        super(message);
    }

    /// The bytes are not what was written.
    ///
    /// @param offset of the part that is wrong, from the start of the file
    public static CorruptStateFileException damaged(String file, long offset, String what) {
        return new CorruptStateFileException(
                "state file '%s' is damaged at byte %,d: %s".formatted(file, offset, what));
    }

    /// The bytes are as written, for another reader.
    static CorruptStateFileException orderedRun(String file, long offset, String block) {
        return new CorruptStateFileException(
                ("state file '%s' cannot be read from front to back: %s at byte %,d is part of an"
                                + " ordered run (body kind 2), which is opened as one.")
                        .formatted(file, block, offset));
    }

    /// The bytes are as written, by a version that knows more.
    public static CorruptStateFileException unknown(String file, long offset, String what) {
        return new CorruptStateFileException(
                ("state file '%s' needs a newer version of Aquifer: %s at byte %,d, which this"
                                + " version cannot read.")
                        .formatted(file, what, offset));
    }
}
