package io.aquifer.state.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// A file of [RunFiles]: written once by one thread, then read by any number, deleted when nobody
/// holds it any more.
///
/// **Holding.** [RunFiles#create] returns a file that is held once. Who needs it longer, such as a
/// checkpoint that names it, [retains][#retain] it while somebody else is known to hold it. Each
/// holder [releases][#release] once; the last release closes and deletes the file.
///
/// **Reading and writing** are those of a channel: one call may do less than was asked for.
public interface RunFile {
    /// The file as messages name it.
    String name();

    /// Bytes it has.
    long length() throws IOException;

    /// Writes some of what remains in `from`, at least one byte, at a position up to the file's
    /// end.
    ///
    /// @return how many bytes were written
    /// @throws IOException if the disk refuses; what was written of it is undefined
    int write(ByteBuffer from, long position) throws IOException;

    /// Reads some of what has room in `to`, at least one byte.
    ///
    /// @return how many bytes were read, or -1 at the file's end
    int read(ByteBuffer to, long position) throws IOException;

    /// Makes another file with the same content that nothing done here changes: by a hard link
    /// where the file systems allow it, else by a copy. Its content is durable then; its name is
    /// when its directory was forced. May be called while others read.
    ///
    /// @param target must not be there
    /// @throws IOException if the disk refuses; a part of a copy is removed
    void linkOrCopyTo(Path target) throws IOException;

    /// Holds the file once more. Any thread.
    ///
    /// @throws IllegalStateException if nobody holds it any more
    void retain();

    /// Gives up one hold. The last one closes the file and deletes it; what the disk does not let
    /// go then is removed with the directory. Any thread.
    ///
    /// @throws IllegalStateException if nobody holds it any more
    void release();
}
