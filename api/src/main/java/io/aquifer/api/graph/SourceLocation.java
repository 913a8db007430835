package io.aquifer.api.graph;

/// The line of the user's source that declared an operator.
///
/// @param method the simple class name and method, `Flights.main`
/// @param file `Flights.java`, or `unknown` in classes compiled without debug information
/// @param line from 1, or 0 when unknown
public record SourceLocation(String method, String file, int line) {
    /// Declares operators on behalf of a test.
    private static final String HARNESS = "io.aquifer.testkit.OperatorHarness";

    private static final StackWalker WALKER = StackWalker.getInstance();

    /// The innermost caller outside the API.
    public static SourceLocation ofCaller() {
        return WALKER.walk(
                frames ->
                        frames.filter(frame -> !isApi(frame.getClassName()))
                                .findFirst()
                                .map(SourceLocation::of)
                                .orElse(new SourceLocation("unknown", "unknown", 0)));
    }

    private static boolean isApi(String className) {
        return (className.startsWith("io.aquifer.api.") && !className.endsWith("Test"))
                || className.equals(HARNESS);
    }

    private static SourceLocation of(StackWalker.StackFrame frame) {
        String name = frame.getClassName();
        String file = frame.getFileName();
        return new SourceLocation(
                name.substring(name.lastIndexOf('.') + 1) + "." + frame.getMethodName(),
                file == null ? "unknown" : file,
                Math.max(0, frame.getLineNumber()));
    }

    @Override
    public String toString() {
        return line == 0 ? method : file + ":" + line;
    }
}
