package io.aquifer.state.file;

import java.io.IOException;

/// A state file that is damaged, cut off, or of an unknown version; the message names the file and
/// the place.
public final class CorruptStateFileException extends IOException {
    private static final long serialVersionUID = 1L;

    CorruptStateFileException(String message) {
        super(message);
    }
}
