package io.aquifer.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// Standard output as this command uses it: lines that stay, and on a terminal a block that is
/// drawn over.
///
/// What the job prints goes through [#jobOutput], which takes the block away first, so that lines
/// never mix. Off a terminal there is no block and no colour; `NO_COLOR` and `TERM=dumb` switch
/// colour off on one.
///
/// **Threads.** Any thread; calls are serialised.
final class Screen {
    private final PrintStream out;
    private final int columns;
    private final boolean colour;
    private int blockLines;

    /// @param columns the terminal's width, or 0 when the output is no terminal
    Screen(PrintStream out, int columns, boolean colour) {
        this.out = out;
        this.columns = columns;
        this.colour = colour && columns > 0;
    }

    /// The screen of this process, as the launcher saw the terminal.
    static Screen of(PrintStream out, Map<String, String> environment) {
        boolean plain =
                !environment.getOrDefault("NO_COLOR", "").isEmpty()
                        || "dumb".equals(environment.get("TERM"));
        return new Screen(out, Integer.getInteger("aquifer.terminal.columns", 0), !plain);
    }

    boolean isTerminal() {
        return columns > 0;
    }

    boolean hasColour() {
        return colour;
    }

    /// The terminal's width, or as much as a line may take when the output is no terminal.
    int columns() {
        return isTerminal() ? columns : Integer.MAX_VALUE;
    }

    /// Writes a line that stays.
    synchronized void line(String text) {
        erase();
        out.println(text);
        out.flush();
    }

    /// Draws the block anew; does nothing off a terminal.
    synchronized void block(List<String> lines) {
        if (!isTerminal()) {
            return;
        }
        StringBuilder text = new StringBuilder(eraseSequence());
        for (String line : lines) {
            text.append(cut(line)).append('\n');
        }
        blockLines = lines.size();
        out.print(text);
        out.flush();
    }

    /// Takes the block away.
    synchronized void erase() {
        if (blockLines > 0) {
            out.print(eraseSequence());
            blockLines = 0;
        }
    }

    String bold(String text) {
        return colour ? "\u001b[1m" + text + "\u001b[0m" : text;
    }

    String dim(String text) {
        return colour ? "\u001b[2m" + text + "\u001b[0m" : text;
    }

    String warn(String text) {
        return colour ? "\u001b[33m" + text + "\u001b[0m" : text;
    }

    /// A stream for the job's own lines.
    PrintStream jobOutput() {
        return new PrintStream(
                new OutputStream() {
                    @Override
                    public void write(int value) {
                        write(new byte[] {(byte) value}, 0, 1);
                    }

                    @Override
                    public void write(byte[] bytes, int offset, int length) {
                        synchronized (Screen.this) {
                            erase();
                            out.write(bytes, offset, length);
                        }
                    }

                    @Override
                    public void flush() {
                        out.flush();
                    }
                },
                false,
                StandardCharsets.UTF_8);
    }

    private String eraseSequence() {
        return blockLines == 0 ? "" : "\u001b[" + blockLines + "A\r\u001b[J";
    }

    /// Cuts to the terminal's width, not counting colour: a wrapped line could not be taken away.
    private String cut(String line) {
        int width = 0;
        for (int at = 0; at < line.length(); at++) {
            if (line.charAt(at) == '\u001b') {
                at = line.indexOf('m', at);
            } else if (++width >= columns) {
                return line.substring(0, at) + (colour ? "\u001b[0m" : "");
            }
        }
        return line;
    }
}
