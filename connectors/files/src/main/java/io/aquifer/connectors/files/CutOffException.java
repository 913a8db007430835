package io.aquifer.connectors.files;

import java.io.IOException;

/// The bytes of a compressed stream stop or do not decode; whoever reads rows from it adds the file
/// and the row.
final class CutOffException extends IOException {
    private static final long serialVersionUID = 1L;

    CutOffException(String message) {
        super(message);
    }
}
