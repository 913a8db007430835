package io.aquifer.memory;

import java.nio.file.Path;
import java.util.Locale;

/// A file that is not a whole memory trace; the message names the line, the reason, and what to do.
public final class MemoryTraceException extends MemoryException {
    private static final long serialVersionUID = 1L;

    private MemoryTraceException(String message) {
        super(message);
    }

    static MemoryTraceException unreadable(Path file, String reason) {
        return new MemoryTraceException(
                "cannot read the memory trace '" + file + "': " + reason + ".");
    }

    static MemoryTraceException notATrace(Path file, String expected) {
        return new MemoryTraceException(
                "'"
                        + file
                        + "' is not a memory trace: its first line is not '"
                        + expected
                        + "'. Record one with -Daquifer.memory.trace=FILE.");
    }

    static MemoryTraceException wrongVersion(Path file, String found, int known) {
        return new MemoryTraceException(
                "'"
                        + file
                        + "' is a memory trace of version "
                        + found
                        + ", and this Aquifer reads version "
                        + known
                        + ". Replay it with the Aquifer that recorded it, or record it again.");
    }

    static MemoryTraceException corrupt(Path file, long line, String reason) {
        return new MemoryTraceException(at(file, line) + reason + ".");
    }

    /// The file ends too early.
    ///
    /// @param line the last one
    /// @param cutOff what is left of a line that is not whole, or empty
    /// @param nanos the time of the last whole event
    static MemoryTraceException truncated(Path file, long line, String cutOff, long nanos) {
        String remedy =
                "append the line '" + nanos + " end' to replay what is there, or record it again.";
        return new MemoryTraceException(
                at(file, line)
                        + (cutOff.isEmpty()
                                ? "the trace stops without its last line 'TIME end'; its process"
                                        + " was killed or the file was cut. A"
                                        + remedy.substring(1)
                                : "the trace stops in the middle of '"
                                        + cutOff
                                        + "'; its process was killed or the file was cut. Remove"
                                        + " that line and "
                                        + remedy));
    }

    private static String at(Path file, long line) {
        return String.format(Locale.ROOT, "'%s', line %,d: ", file, line);
    }
}
