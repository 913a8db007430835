package io.aquifer.state.run;

import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.file.layout.FileEnds;
import io.aquifer.state.file.layout.Layout;

import java.io.IOException;

/// What the ends of a run's file say of it.
///
/// @param entries of this run; newer runs may say otherwise of their keys
/// @param changes whether older runs have to be considered
public record RunSummary(
        StateFileHeader header, StateSection section, long entries, boolean changes) {
    /// Reads it, without taking a page.
    ///
    /// @throws io.aquifer.state.file.CorruptStateFileException if it is no whole run
    public static RunSummary of(RunFile file) throws IOException {
        RunInput in = new RunInput(file);
        FileEnds ends = new FileEnds(in, Layout.CHANGES_FILE);
        RunFooter footer = new RunFooter(in, ends);
        return new RunSummary(
                ends.header(), footer.section(), footer.entries(), footer.isChanges());
    }

    /// Reads all of a run's file and checks every checksum, without taking a page.
    public static void verify(RunFile file) throws IOException {
        RunInput in = new RunInput(file);
        new RunFooter(in, new FileEnds(in, Layout.CHANGES_FILE)).verifyBlocks();
    }
}
