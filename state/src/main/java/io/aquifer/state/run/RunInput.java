package io.aquifer.state.run;

import io.aquifer.state.file.CorruptStateFileException;
import io.aquifer.state.file.layout.Input;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A run's file as its readers see it: reads all of a range or throws. Any thread.
final class RunInput implements Input {
    private final RunFile file;
    private final long length;

    RunInput(RunFile file) throws IOException {
        this.file = file;
        this.length = file.length();
    }

    @Override
    public String name() {
        return file.name();
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void read(long offset, byte[] to, int at, int count) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(to, at, count);
        try {
            for (int done = 0; done < count; ) {
                int part = file.read(rest, offset + done);
                if (part <= 0) {
                    throw CorruptStateFileException.damaged(
                            name(),
                            offset + done,
                            "the file had %,d bytes when it was opened and ends here now"
                                    .formatted(length));
                }
                done += part;
            }
        } catch (CorruptStateFileException damaged) {
            throw damaged;
        } catch (IOException refused) {
            throw new IOException(
                    "cannot read %,d bytes at byte %,d of run '%s': %s"
                            .formatted(count, offset, name(), text(refused)),
                    refused);
        }
    }

    static String text(IOException cause) {
        String message = cause.getMessage();
        return cause.getClass() == IOException.class && message != null
                ? message
                : cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
}
