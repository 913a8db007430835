package io.aquifer.engine;

/// Carries a checked exception through a table's iteration, whose visitors throw none.
final class VisitFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Exception failure;

    private VisitFailure(Exception failure) {
        super(null, failure, false, false);
        this.failure = failure;
    }

    /// Something that may fail.
    interface Step {
        void run() throws Exception;
    }

    static void wrapping(Step step) {
        try {
            step.run();
        } catch (RuntimeException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new VisitFailure(failed);
        }
    }

    static void unwrapping(Runnable iteration) throws Exception {
        try {
            iteration.run();
        } catch (VisitFailure failed) {
            throw failed.failure;
        }
    }
}
