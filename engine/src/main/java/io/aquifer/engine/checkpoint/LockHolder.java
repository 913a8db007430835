package io.aquifer.engine.checkpoint;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// Who holds a state directory, as its lock file says.
///
/// The file's content is for people and messages; that it is held is decided by the kernel's lock,
/// so what a killed process left in it does no harm.
///
/// @param pid the process; 0 when the lock file does not say
/// @param since when it took the directory, by its clock
record LockHolder(long pid, Instant since) {
    private static final String MAGIC = "aquifer-lock";
    private static final int VERSION = 1;
    static final int MAX_BYTES = 4096;
    static final LockHolder UNKNOWN = new LockHolder(0, Instant.EPOCH);

    byte[] toBytes() {
        return new TabbedText(MAGIC, VERSION)
                .line("pid", Long.toString(pid))
                .line("since", since.toString())
                .toBytes();
    }

    /// [#UNKNOWN] when the content is not whole: the holder may be writing it.
    static LockHolder of(byte[] content) {
        try {
            List<TextLine> lines = TabbedText.parse(content, MAGIC, VERSION, "lock");
            if (lines.size() != 2) {
                return UNKNOWN;
            }
            TextLine pid = lines.get(0).expect("pid", 1);
            TextLine since = lines.get(1).expect("since", 1);
            return new LockHolder(pid.number(1, 1, Long.MAX_VALUE), Instant.parse(since.text(1)));
        } catch (CorruptTextException | DateTimeException e) {
            return UNKNOWN;
        }
    }

    /// Whether a lock file may be written over: it is empty or a holder's.
    static boolean mayReplace(byte[] content) {
        byte[] magic = MAGIC.getBytes(StandardCharsets.US_ASCII);
        int common = Math.min(magic.length, content.length);
        for (int i = 0; i < common; i++) {
            if (content[i] != magic[i]) {
                return false;
            }
        }
        return true;
    }

    /// `process 4711 (since 2026-03-01T10:00:00Z)`.
    @Override
    public String toString() {
        if (pid == 0) {
            return "another process";
        }
        return "process " + pid + " (since " + since.truncatedTo(ChronoUnit.SECONDS) + ")";
    }
}
