package io.aquifer.connectors.files;

import java.io.IOException;
import java.nio.file.Path;

/// A file that is not what it should be: the wrong format, a missing column, cut off, damaged.
///
/// The message is complete for the user: what is wrong, in which file and where, and what to do.
public final class FileFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    private FileFormatException(String message, Throwable... causes) {
        super(message, causes.length == 0 ? null : causes[0]);
    }

    static FileFormatException of(Path file, String problem) {
        return new FileFormatException(file + " " + problem);
    }

    static FileFormatException unknownExtension(Path file) {
        return new FileFormatException(
                "cannot tell the format of "
                        + file
                        + " by its name: known endings are "
                        + FileFormat.ENDINGS
                        + ". Rename the file, or name the format with"
                        + " FileSource.as(FileFormat.CSV).");
    }

    static FileFormatException missingColumn(
            Path file, String component, Class<?> record, String near, String columns) {
        return new FileFormatException(
                file
                        + " has no column for '"
                        + component
                        + "', which record "
                        + record.getSimpleName()
                        + " needs"
                        + (near.isEmpty() ? "" : "; did you mean '" + near + "'?")
                        + (near.isEmpty() ? ". " : " ")
                        + "Its columns are: "
                        + columns
                        + ". Rename the column or the record's component, or call"
                        + " FileSource.optional(\""
                        + component
                        + "\").");
    }

    static FileFormatException notText(Path file, long at, int found) {
        if (found == 0) {
            return new FileFormatException(
                    file
                            + " is not text: there is a NUL at byte "
                            + grouped(at)
                            + ", so it is a binary file or UTF-16. Give the file its own ending, or"
                            + " save it as UTF-8.");
        }
        return new FileFormatException(
                file
                        + " is not text in UTF-8: byte "
                        + grouped(at)
                        + " is 0x"
                        + "%02X".formatted(found)
                        + ". If it is text in another character set, convert it first, such as with"
                        + " iconv -f ISO-8859-1 -t UTF-8; if it is a binary file, give it its own"
                        + " ending.");
    }

    static FileFormatException compressed(Path file) {
        return new FileFormatException(
                file
                        + " is compressed with gzip although its name does not say so. Rename it to"
                        + " "
                        + file.getFileName()
                        + ".gz.");
    }

    static FileFormatException rowTooLong(Path file, String place) {
        return new FileFormatException(
                file
                        + ": a field that starts in "
                        + place
                        + " is longer than 16 MiB. Most "
                        + "likely a quote that opens there is never closed: look at that row.");
    }

    /// A file that stops in the middle or cannot be decoded further.
    static FileFormatException damaged(Path file, String what, String readBefore, Throwable cause) {
        return new FileFormatException(
                file
                        + " "
                        + what
                        + ". "
                        + readBefore
                        + " Copy or download the file again, or take it out of the input.",
                cause);
    }

    /// A file in which reading cannot go on where it stopped.
    ///
    /// @param place where it stopped, such as `row 5`
    static FileFormatException changed(Path file, String place, String found) {
        return new FileFormatException(
                file
                        + " is not the file it was: reading is to go on behind "
                        + place
                        + ", but "
                        + found
                        + ". Bring the file back as it was, or start the job afresh.");
    }

    static String grouped(long number) {
        return String.format(java.util.Locale.ROOT, "%,d", number);
    }
}
