package io.aquifer.engine.checkpoint;

import java.io.IOException;

/// A manifest or run file that is damaged, cut off, or of an unknown version; the message names the
/// file and the line.
final class CorruptTextException extends IOException {
    private static final long serialVersionUID = 1L;

    CorruptTextException(String file, int line, String problem) {
        super(file + " line " + line + ": " + problem);
    }
}
