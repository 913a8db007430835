package io.aquifer.cli;

/// The parts a process's memory is planned and reported in.
///
/// The first three are the words of the docs: managed and network memory, and the reserve they grow
/// into. The others up to [#SLACK] are together *operation memory*. Rows of a plan and rows of a
/// measurement carry the same part, so the two can be laid side by side.
enum MemoryPart {
    MANAGED("managed memory", "keyed state, off the heap"),
    NETWORK("network memory", "records between operators, off the heap"),
    RESERVE("reserve", "lent to managed and network memory when they need it"),
    HEAP("Java heap", "objects of the job's functions; a third may hold heap state"),
    METASPACE("metaspace", "loaded classes that are not in the class archive"),
    CODE_CACHE("code cache", "compiled code"),
    THREAD_STACKS("thread stacks", "all threads at their full size"),
    COMPILER("JIT compiler", "what compiling takes while it runs"),
    COLLECTOR("collector", "card tables and marks of the garbage collector"),
    BINARIES("JVM and libraries", "program code, libraries, class archive: mapped from files"),
    NATIVE("JVM internals", "symbols, monitors, modules, direct buffers: malloc"),
    MAPPED_FILES("mapped files", "input files read through a mapping, jars"),
    SLACK("unexplained", "what the allocator keeps after free, and rounding");

    final String label;
    final String meaning;

    MemoryPart(String label, String meaning) {
        this.label = label;
        this.meaning = meaning;
    }

    /// Whether the part belongs to what the engine and the virtual machine need to run.
    boolean isOperation() {
        return compareTo(RESERVE) > 0;
    }
}
